//! One-sentence docs for built-in names that are not keywords. They are in `builtin.md`.

use super::item;
use crate::check::BuiltinKind;
use crate::diagnostic::{Language, Phrase};
use crate::say;

/// Returns the docs of a built-in name; empty if there are none.
pub(in crate::ide) fn meaning(word: BuiltinKind, name: &str, language: Language) -> &'static str {
    item(page(language), section(word), name).unwrap_or("")
}

fn page(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("builtin.md"),
        Language::Russian => include_str!("ru/builtin.md"),
    }
}

fn section(word: BuiltinKind) -> &'static str {
    match word {
        BuiltinKind::Channel => "channel",
        BuiltinKind::Filter => "filter",
        BuiltinKind::Function => "function",
        BuiltinKind::Type => "type",
        BuiltinKind::Part => "part",
        BuiltinKind::Special => "special",
        BuiltinKind::Choice => "choice",
        BuiltinKind::Expectation => "expectation",
    }
}

/// Returns what a kind of built-in name is called.
pub(in crate::ide) fn kind_name(word: BuiltinKind) -> Phrase {
    match word {
        BuiltinKind::Channel => say!("channel"),
        BuiltinKind::Filter => say!("filter"),
        BuiltinKind::Function => say!("history function"),
        BuiltinKind::Type => say!("type"),
        BuiltinKind::Part => say!("part of a message"),
        BuiltinKind::Special => say!("built-in name"),
        BuiltinKind::Choice => say!("setting"),
        BuiltinKind::Expectation => say!("test expectation"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ide::docs::{code_in, item_of};

    const WORDS: [BuiltinKind; 8] = [
        BuiltinKind::Channel,
        BuiltinKind::Filter,
        BuiltinKind::Function,
        BuiltinKind::Type,
        BuiltinKind::Part,
        BuiltinKind::Special,
        BuiltinKind::Choice,
        BuiltinKind::Expectation,
    ];

    #[test]
    fn every_built_in_name_has_docs_with_the_same_code_in_both_languages() {
        for word in WORDS {
            for name in word.all() {
                let [english, russian] = [Language::English, Language::Russian].map(|own| meaning(word, name, own));
                assert!(!english.is_empty(), "{word:?} `{name}` has no docs");
                assert_eq!(code_in(english), code_in(russian), "{word:?} `{name}`");
                let prose = russian.split('`').step_by(2).collect::<String>();
                assert!(prose.chars().any(|c| matches!(c, 'а'..='я')), "{word:?} `{name}`: {russian}");
            }
        }
    }

    #[test]
    fn every_entry_of_the_pages_is_a_built_in_name() {
        let count = WORDS.iter().map(|word| word.all().len()).sum::<usize>();
        for language in [Language::English, Language::Russian] {
            assert_eq!(page(language).lines().filter_map(item_of).count(), count, "{language:?}");
        }
    }
}
