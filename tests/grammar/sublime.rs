//! Highlighting in bat and Sublime Text, whose syntax is generated from the TextMate grammar: the engine of bat matches the
//! shared list.

use super::kind;
use super::position::{self, Row};
use crate::support::program::package;
use syntect::parsing::{ParseState, ScopeStack, SyntaxDefinition, SyntaxSet, SyntaxSetBuilder};

/// The syntax, without the embedded languages.
fn syntax() -> SyntaxSet {
    let text = std::fs::read_to_string(package("editors/sublime/Funnel.sublime-syntax")).unwrap();
    let definition = SyntaxDefinition::load_from_str(&text, true, None).expect("the syntax can be read");
    let mut builder = SyntaxSetBuilder::new();
    builder.add_plain_text_syntax();
    builder.add(definition);
    builder.build()
}

/// The offsets at which the scopes of a text change, with the new scopes.
fn changes(text: &str, set: &SyntaxSet) -> Vec<(usize, String)> {
    let funnel = set.find_syntax_by_extension("funnel").expect("the syntax covers `.funnel` files");
    let (mut state, mut stack) = (ParseState::new(funnel), ScopeStack::new());
    let (mut changes, mut start) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        for (offset, change) in state.parse_line(line, set).expect("a line can be highlighted") {
            stack.apply(&change).expect("the scopes are balanced");
            changes.push((start + offset, stack.to_string()));
        }
        start += line.len();
    }
    changes
}

#[test]
fn bat_matches_the_list() {
    let set = syntax();
    let texts: Vec<_> = position::tables().into_iter().map(|(_, text, _)| (changes(&text, &set), text)).collect();
    position::check_list("syntect", |text: &str, row: &Row| {
        let (changes, _) = texts.iter().find(|(_, other)| other == text).expect("the text was highlighted");
        let at = position::place(text, row).start;
        let scopes = changes.iter().rev().find(|(from, _)| *from <= at).map_or("", |(_, scopes)| scopes);
        vec![kind::of_scopes(scopes.split_whitespace()).to_owned()]
    });
}
