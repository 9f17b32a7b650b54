//! What errors leave in doubt. In: the errors of a program and the texts that contain them. Out: whether what was left
//! out of the program may use a name or contain an element.

use super::{Declared, Declares};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::syntax::{self, token::Keyword};
use std::collections::BTreeSet;

/// The parts of a program that were left out because of errors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doubt {
    /// The codes of the errors.
    codes: BTreeSet<Code>,
    /// The words of the texts that contain the errors.
    words: BTreeSet<String>,
    /// Whether one of these texts may be a funnel.
    has_funnel: bool,
    /// Whether something is missing that no word stands for, so that it could be anything.
    is_open: bool,
}

impl Doubt {
    /// Adds an error.
    pub fn add_error(&mut self, error: &Diagnostic) {
        self.codes.insert(error.code);
        // A fix shows what is missing.
        let lacks = [Code::Expected, Code::MissingElement].contains(&error.code) && error.fixes.is_empty();
        self.is_open |= lacks || [Code::NotUtf8, Code::MissingFile, Code::WrongFile].contains(&error.code);
    }

    /// Adds a text that contains an error, which may be a funnel.
    pub fn add_text(&mut self, text: &str, is_funnel: bool) {
        self.has_funnel |= is_funnel;
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
        self.words.extend(words.map(str::to_owned));
    }

    /// Whether a funnel may have been left out.
    #[must_use]
    pub fn has_funnel(&self) -> bool {
        self.has_funnel
    }

    /// Whether a funnel that was left out may contain an element.
    #[must_use]
    pub fn may_contain(&self, element: Keyword) -> bool {
        self.has_funnel && (self.is_open || self.words.iter().any(|word| syntax::may_mean(word, element)))
    }

    /// Whether what was left out may use a declaration.
    #[must_use]
    pub fn may_use(&self, declared: &Declared) -> bool {
        let unknown = match declared.kind {
            Declares::Constant => &[Code::UnknownName][..],
            Declares::Segment => &[Code::UnknownSegment, Code::UnknownName],
            Declares::Template(_) => &[Code::UnknownTemplate],
            Declares::Action => &[Code::UnknownAction],
        };
        let name = declared.name.as_str();
        self.is_open
            || unknown.iter().any(|code| self.codes.contains(code))
            || self.words.iter().any(|word| word == name || suggest::nearest(word, [name]).is_some())
    }
}
