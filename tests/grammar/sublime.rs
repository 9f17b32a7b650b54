//! The colours of bat and Sublime Text, whose file is made of the TextMate grammar: the engine of bat colours the shared list.

use super::kind;
use super::position::{self, Row};
use crate::support::program::package;
use syntect::parsing::{ParseState, ScopeStack, SyntaxDefinition, SyntaxSet, SyntaxSetBuilder};

/// The syntax, with nothing for the languages inside.
fn syntax() -> SyntaxSet {
    let text = std::fs::read_to_string(package("editors/sublime/Funnel.sublime-syntax")).unwrap();
    let definition = SyntaxDefinition::load_from_str(&text, true, None).expect("the syntax can be read");
    let mut builder = SyntaxSetBuilder::new();
    builder.add_plain_text_syntax();
    builder.add(definition);
    builder.build()
}

/// Where the scopes of a text change, and what they are from there.
fn changes(text: &str, set: &SyntaxSet) -> Vec<(usize, String)> {
    let funnel = set.find_syntax_by_extension("funnel").expect("it is for these files");
    let (mut state, mut stack) = (ParseState::new(funnel), ScopeStack::new());
    let (mut changes, mut start) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        for (offset, change) in state.parse_line(line, set).expect("a line can be coloured") {
            stack.apply(&change).expect("what is closed was opened");
            changes.push((start + offset, stack.to_string()));
        }
        start += line.len();
    }
    changes
}

#[test]
fn bat_colours_the_list() {
    let set = syntax();
    let texts: Vec<_> = position::tables().into_iter().map(|(_, text, _)| (changes(&text, &set), text)).collect();
    position::judge("syntect", |text: &str, row: &Row| {
        let (changes, _) = texts.iter().find(|(_, other)| other == text).expect("it was coloured");
        let at = position::place(text, row).start;
        let scopes = changes.iter().rev().find(|(from, _)| *from <= at).map_or("", |(_, scopes)| scopes);
        vec![kind::of_scopes(scopes.split_whitespace()).to_owned()]
    });
}
