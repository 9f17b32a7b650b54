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

#[test]
fn bat_colours_the_list() {
    let set = syntax();
    let funnel = set.find_syntax_by_extension("funnel").expect("it is for these files");
    let scopes_of = |text: &str, row: &Row| {
        let (mut state, mut stack) = (ParseState::new(funnel), ScopeStack::new());
        let (mut scopes, mut at) = (String::new(), position::place(text, row).start);
        for line in text.split_inclusive('\n') {
            for (offset, change) in state.parse_line(line, &set).expect("a line can be coloured") {
                if offset > at {
                    break;
                }
                stack.apply(&change).expect("what is closed was opened");
            }
            if at < line.len() {
                scopes = stack.to_string();
                break;
            }
            at -= line.len();
        }
        vec![kind::of_scopes(scopes.split_whitespace()).to_owned()]
    };
    position::judge("syntect", scopes_of);
}
