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

/// Keywords that are names stand in `soft.funnel` too, where nothing declares them, so that the checker knows nothing of them;
/// `plain.funnel` is a text of which all is known.
#[test]
fn words_have_the_kinds_that_every_editor_shows() {
    let read = |ending: &str| {
        let path = package(&format!("tests/highlight/plain.{ending}"));
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
    let mut compared = 0;
    for token in project.view().semantic_tokens(project.files[0]) {
        let file = project.sources.get(token.span.file).expect("is there");
        let at = file.lines.position(&file.text, token.span.start as usize);
        let Some(kind) = kinds.get(format!("{}:{}", at.line, at.column).as_str()) else { continue };
        assert!(shared(token.kind).contains(kind), "{} is {:?} and {kind}", project.told(token.span), token.kind);
        compared += 1;
    }
    assert!(compared > 100, "{compared} words were compared");
}
