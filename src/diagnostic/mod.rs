//! Diagnostics as plain data, and their output formats.

pub mod code;
mod excerpt;
mod findings;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
mod language;
pub mod level;
mod phrase;
pub mod render;
mod report;
pub mod sarif;
pub mod suggest;

pub use code::{Code, Severity};
pub use findings::Findings;
pub use language::{Language, RUSSIAN};
pub use level::{Level, Levels};
pub use phrase::{Phrase, PhraseArg, ToPhraseArg};
pub use report::{Batch, PathBase};

use crate::source::Span;

/// A diagnostic: a code, a message in terms of the language, and the places it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The code, which determines the slug and the default severity.
    pub code: Code,
    /// The severity; [`Code::severity`] unless a level changes it.
    pub severity: Severity,
    /// One line, lower-case start, no full stop, the user's text in backticks.
    pub message: Phrase,
    /// The primary place.
    pub span: Span,
    /// Two to six words for the primary place.
    pub label: Phrase,
    /// Secondary places, such as a declaration.
    pub related: Vec<Label>,
    /// What to do, each a sentence or source text to type.
    pub help: Vec<Phrase>,
    /// Edits that fix it.
    pub fixes: Vec<Fix>,
}

/// A secondary place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there.
    pub text: Phrase,
}

/// An edit that a tool can apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative: "change `snd` to `send`".
    pub title: Phrase,
    /// The replacements, which do not overlap.
    pub edits: Vec<Edit>,
    /// Whether the fix is unsafe: it may change behavior, so a person should review it before it is applied.
    pub guess: bool,
}

/// One replacement of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// The replacement.
    pub text: String,
}

impl Diagnostic {
    /// Makes a diagnostic with the default severity of its code.
    pub fn new(code: Code, span: Span, message: Phrase, label: Phrase) -> Self {
        Self {
            code,
            severity: code.severity(),
            message,
            span,
            label,
            related: Vec::new(),
            help: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Adds a secondary place.
    #[must_use]
    pub fn related(mut self, span: Span, text: Phrase) -> Self {
        self.related.push(Label { span, text });
        self
    }

    /// Adds a help.
    #[must_use]
    pub fn help(mut self, text: Phrase) -> Self {
        self.help.push(text);
        self
    }

    /// Adds a safe fix that replaces `span` by `text`.
    #[must_use]
    pub fn fix(mut self, title: Phrase, span: Span, text: impl Into<String>) -> Self {
        self.fixes.push(Fix { title, edits: vec![Edit { span, text: text.into() }], guess: false });
        self
    }

    /// Adds an unsafe fix that replaces `span` by `text`.
    #[must_use]
    pub fn guess(mut self, title: Phrase, span: Span, text: impl Into<String>) -> Self {
        self.fixes.push(Fix { title, edits: vec![Edit { span, text: text.into() }], guess: true });
        self
    }

    /// Adds a fix that replaces `wrong` at `span` by a similar name, written as `text`. It is safe if `wrong` can only be
    /// a misspelling of `near`.
    #[must_use]
    pub fn respell(self, title: Phrase, (wrong, near): (&str, &str), span: Span, text: impl Into<String>) -> Self {
        if suggest::is_misspelling(wrong, near) { self.fix(title, span, text) } else { self.guess(title, span, text) }
    }

    /// Whether it prevents the funnel from running.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
