//! The files that a source refers to with `use` and `file`. They are found in the tokens, before the files are
//! loaded.

use super::token::{Keyword, Kind, Token};
use crate::source::Span;

/// A reference to another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// What the file is used for.
    pub kind: IncludeKind,
    /// The path as written between the quotes.
    pub path: String,
    /// The path with its quotes.
    pub span: Span,
}

/// What an included file is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncludeKind {
    /// `use "common.funnel"`: its declarations
    Declarations,
    /// `file "emails/welcome.mjml"`: the body of a message
    Text,
}

/// The formats of a message body in a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// `.mjml`, compiled to HTML for mail programs
    Mjml,
    /// `.html`, `.htm`
    Html,
    /// `.txt`
    Plain,
}

impl TextFormat {
    /// The format of a path, by its extension.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        match extension(path).as_str() {
            "mjml" => Some(Self::Mjml),
            "html" | "htm" => Some(Self::Html),
            "txt" => Some(Self::Plain),
            _ => None,
        }
    }
}

impl IncludeKind {
    /// Whether a path has an extension of this kind.
    #[must_use]
    pub fn accepts(self, path: &str) -> bool {
        match self {
            Self::Declarations => extension(path) == "funnel",
            Self::Text => TextFormat::of(path).is_some(),
        }
    }
}

fn extension(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase())
}

/// Finds the references; a path with a placeholder is skipped.
pub(super) fn find(tokens: &[Token<'_>]) -> Vec<Include> {
    let named = tokens.windows(4).filter_map(|window| {
        let [keyword, open, path, close] = window else { return None };
        let kind = match keyword.kind {
            Kind::Key(Keyword::Use) => IncludeKind::Declarations,
            Kind::Key(Keyword::File) => IncludeKind::Text,
            _ => return None,
        };
        let plain = (open.kind, path.kind, close.kind) == (Kind::TextOpen, Kind::Chunk, Kind::TextClose);
        plain.then(|| Include { kind, path: path.text.to_owned(), span: open.span.to(close.span) })
    });
    named.collect()
}
