//! Semantic tokens agree with the shared list of highlighted tokens, wherever both have a token.

use super::project::Project;
use crate::support::program::package;
use funnelc::ide::SemanticKind;
use std::collections::BTreeMap;

/// The kinds of the shared list that a semantic kind may have there.
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

/// `plain.funnel` has every kind of token; in `soft.funnel`, keywords are used as names.
#[test]
fn semantic_tokens_agree_with_the_highlighting_of_editors() {
    for name in ["plain", "soft"] {
        let read = |extension: &str| {
            let path = package(&format!("tests/highlight/{name}.{extension}"));
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
                faults += &format!("{} is {:?} and {kind}\n", project.show(token.span), token.kind);
            }
            compared += 1;
        }
        assert!(faults.is_empty(), "{name}:\n{faults}");
        assert!(compared > 100, "{name}: only {compared} tokens were compared");
    }
}
