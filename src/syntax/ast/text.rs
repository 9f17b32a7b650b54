//! String literals with placeholders and filters.

use super::{Expr, Name};
use crate::source::{Span, Spanned};

/// A string literal; with placeholders it is a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The parts, in order; none for `""`.
    pub parts: Vec<TextPart>,
    /// Whether it is a block string, between `"""`.
    pub block: bool,
    /// With the quotes.
    pub span: Span,
}

impl Text {
    /// The content, if there are no placeholders.
    #[must_use]
    pub fn plain(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                TextPart::Text(text) => Some(text.node.as_str()),
                TextPart::Placeholder(_) => None,
            })
            .collect()
    }
}

/// `file "emails/welcome.mjml"`: a string in a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// The path, relative to the file that contains it.
    pub path: Text,
    /// With the keyword.
    pub span: Span,
}

/// A part of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPart {
    /// Characters, escapes resolved.
    Text(Spanned<String>),
    /// `{{ expr | filter }}`
    Placeholder(Placeholder),
}

/// `{{ expr | filter | filter(arg) }}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// The value.
    pub expr: Expr,
    /// The filters, in order.
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
