//! Findings as plain data: in, what a stage found; out, text for a person or a document for a machine.

pub mod code;
mod excerpt;
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
pub use language::{Language, RUSSIAN};
pub use level::{Level, Levels};
pub use phrase::{Phrase, PhraseArg, ToPhraseArg};
pub use report::{Batch, PathBase};

use crate::source::Span;

/// One finding: a code, a message in language terms, and the places it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule was broken; gives slug and default severity.
    pub code: Code,
    /// How bad it is; [`Code::severity`] unless a setting changes it.
    pub severity: Severity,
    /// One line, lower-case start, no full stop, the user's text in backticks.
    pub message: Phrase,
    /// The exact place.
    pub span: Span,
    /// Two to six words shown at the place.
    pub label: Phrase,
    /// Other places that explain it, such as the declaration.
    pub related: Vec<Label>,
    /// What to do, each a sentence or a text that can be typed in.
    pub help: Vec<Phrase>,
    /// Edits that mend it.
    pub fixes: Vec<Fix>,
}

/// A second place of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen there.
    pub text: Phrase,
}

/// An edit that can be applied by a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: "change `snd` to `send`".
    pub title: Phrase,
    /// Replacements that do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it may not be what was meant: it takes something away, or decides what happens. A person looks at it
    /// before it is applied.
    pub guess: bool,
}

/// One replacement of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Diagnostic {
    /// Makes a finding of a code at a place, with the code's own severity.
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

    /// Adds a second place.
    #[must_use]
    pub fn related(mut self, span: Span, text: Phrase) -> Self {
        self.related.push(Label { span, text });
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn help(mut self, text: Phrase) -> Self {
        self.help.push(text);
        self
    }

    /// Adds an edit that replaces `span` by `text`.
    #[must_use]
    pub fn fix(mut self, title: Phrase, span: Span, text: impl Into<String>) -> Self {
        self.fixes.push(Fix { title, edits: vec![Edit { span, text: text.into() }], guess: false });
        self
    }

    /// Adds an edit that may not be what was meant.
    #[must_use]
    pub fn guess(mut self, title: Phrase, span: Span, text: impl Into<String>) -> Self {
        self.fixes.push(Fix { title, edits: vec![Edit { span, text: text.into() }], guess: true });
        self
    }

    /// Whether it stops the funnel from running.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
