//! Files that a text names. In: its tokens. Out: the paths after `use` and `file`, for whoever may read files.

use super::token::{Keyword, Kind, Token};
use crate::source::Span;

/// A file that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// What it is named for.
    pub of: Mentioned,
    /// The path as written between the quotes.
    pub path: String,
    /// Where it stands, with the quotes.
    pub span: Span,
}

/// What a file is named for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mentioned {
    /// `use "common.funnel"`: its declarations
    Declarations,
    /// `file "emails/welcome.mjml"`: the words of a message
    Text,
}

/// The kinds of file that hold the words of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// `.mjml`: HTML for mail programs, in short
    Mjml,
    /// `.html`, `.htm`
    Html,
    /// `.txt`
    Plain,
}

impl TextKind {
    /// The kind of a path, by its ending.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        match ending(path).as_str() {
            "mjml" => Some(Self::Mjml),
            "html" | "htm" => Some(Self::Html),
            "txt" => Some(Self::Plain),
            _ => None,
        }
    }
}

/// Whether a path is one of a file that may hold what is named.
#[must_use]
pub fn suits(path: &str, of: Mentioned) -> bool {
    match of {
        Mentioned::Declarations => ending(path) == "funnel",
        Mentioned::Text => TextKind::of(path).is_some(),
    }
}

fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase())
}

/// Finds the paths; one with a hole in it names nothing.
pub(super) fn mentions(tokens: &[Token<'_>]) -> Vec<Mention> {
    let named = tokens.windows(4).filter_map(|window| {
        let [keyword, open, path, close] = window else { return None };
        let of = match keyword.kind {
            Kind::Key(Keyword::Use) => Mentioned::Declarations,
            Kind::Key(Keyword::File) => Mentioned::Text,
            _ => return None,
        };
        let plain = (open.kind, path.kind, close.kind) == (Kind::TextOpen, Kind::Chunk, Kind::TextClose);
        plain.then(|| Mention { of, path: path.text.to_owned(), span: open.span.to(close.span) })
    });
    named.collect()
}
