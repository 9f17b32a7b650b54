//! Text literals, their holes and filters as written.

use super::{Expr, Name};
use crate::source::{Span, Spanned};

/// A text literal: a template with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its parts in order; none for `""`.
    pub parts: Vec<TextPart>,
    /// Whether it was written between `"""`.
    pub block: bool,
    /// With the quotes.
    pub span: Span,
}

impl Text {
    /// The text when it has no holes.
    #[must_use]
    pub fn plain(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                TextPart::Text(text) => Some(text.node.as_str()),
                TextPart::Hole(_) => None,
            })
            .collect()
    }
}

/// `file "emails/welcome.mjml"`: a text that stands in a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Where the file is, from the file that says so.
    pub path: Text,
    /// With the keyword.
    pub span: Span,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPart {
    /// Characters, escapes resolved.
    Text(Spanned<String>),
    /// `{{ expr | filter }}`
    Hole(Hole),
}

/// `{{ expr | filter | filter(arg) }}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// The value.
    pub expr: Expr,
    /// What is done to it, in order.
    pub filters: Vec<Filter>,
    /// With the braces.
    pub span: Span,
}

/// `default("friend")`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Its name.
    pub name: Name,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// With the arguments.
    pub span: Span,
}
