//! The kinds of words agree with what every editor colours alike, wherever both tell of a word.

use super::project::Project;
use crate::support::program::package;
use funnelc::ide::SemanticKind;
use std::collections::BTreeMap;

/// The kinds of the shared table that a kind of ours may be.
fn shared(kind: SemanticKind) -> &'static [&'static str] {
    match kind {
        SemanticKind::Keyword => &["keyword"],
        SemanticKind::String => &["text", "escape"],
        SemanticKind::Number => &["number"],
        SemanticKind::Comment => &["comment", "doc"],
        SemanticKind::Operator => &["operator"],
        SemanticKind::Event
        | SemanticKind::Property
        | SemanticKind::Variable
        | SemanticKind::Function
        | SemanticKind::Parameter
        | SemanticKind::Label
        | SemanticKind::EnumMember
        | SemanticKind::Type => &["name"],
    }
}

/// In `plain.funnel` every word is told of that is coloured; in `soft.funnel`, words of the language are names of all sorts.
#[test]
fn words_have_the_kinds_that_every_editor_shows() {
    for name in ["plain", "soft"] {
        let read = |ending: &str| {
            let path = package(&format!("tests/highlight/{name}.{ending}"));
            std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
        };
        let (text, table) = (read("funnel"), read("tokens"));
        let kinds: BTreeMap<&str, &str> = table
            .lines()
            .filter_map(|line| {
                let (place, rest) = line.split_once(' ')?;
                Some((place, rest.split(' ').next()?))
            })
            .collect();
        let project = Project::marked(&text);
        let (mut compared, mut faults) = (0, String::new());
        for token in project.view().semantic_tokens(project.files[0]) {
            let file = project.sources.get(token.span.file).expect("is there");
            let at = file.lines.position(&file.text, token.span.start as usize);
            let Some(kind) = kinds.get(format!("{}:{}", at.line, at.column).as_str()) else { continue };
            if !shared(token.kind).contains(kind) {
                faults += &format!("{} is {:?} and {kind}\n", project.told(token.span), token.kind);
            }
            compared += 1;
        }
        assert!(faults.is_empty(), "{name}:\n{faults}");
        assert!(compared > 100, "{name}: {compared} words were compared");
    }
}
