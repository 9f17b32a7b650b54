//! Braces and indentation: in, tokens whose braces do not pair up; out, the place where the indentation says that one is
//! missing or too many, which may be far from where the parser noticed.

use super::token::{Keyword, Kind, Token};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;

/// A brace that is open.
#[derive(Clone, Copy)]
struct Open {
    /// How far its line is indented.
    base: usize,
    /// The same, behind an arrow that begins the line.
    indent: usize,
    /// Its place among the tokens.
    index: usize,
}

/// Adds to what is wrong with braces the place that the indentation points to.
pub(super) fn explain(text: &str, tokens: &[Token<'_>], found: &mut [Diagnostic]) {
    let count = |kind: Kind| tokens.iter().filter(|t| t.kind == kind).count();
    if count(Kind::BraceOpen) == count(Kind::BraceClose) {
        return;
    }
    let Some((place, label)) = odd_one(text, tokens) else { return };
    let structural = |d: &Diagnostic| d.code == Code::Unclosed || *d.message == *super::stray_brace();
    let index = found.iter().position(structural).or_else(|| found.iter().position(|d| d.span.start >= place.start));
    let finding = index.and_then(|index| found.get_mut(index));
    if let Some(finding) = finding.filter(|found| found.related.iter().all(|label| label.span != place)) {
        *finding = finding.clone().related(place, label);
    }
}

/// Where braces and indentation part.
fn odd_one(text: &str, tokens: &[Token<'_>]) -> Option<(Span, crate::diagnostic::Phrase)> {
    let mut open: Vec<Open> = Vec::new();
    let (mut base, mut indent, mut line) = (0, 0, 0);
    for (index, token) in tokens.iter().enumerate() {
        if token.first {
            // What is in braces after an arrow is laid out from the element on.
            let element = tokens.get(index + 1).filter(|next| token.kind == Kind::Arrow && !next.first);
            (base, indent, line) = (column(text, *token), column(text, *element.unwrap_or(token)), index);
        }
        if token.kind == Kind::BraceOpen {
            open.push(Open { base, indent, index });
        } else if token.kind == Kind::BraceClose {
            let too_many = || Some((token.span, say!("by the indentation, this one is too many")));
            let Some(opener) = open.pop() else { return too_many() };
            if opener.index < line && base > opener.indent {
                return too_many();
            }
            if opener.index < line && base < opener.base {
                return missing(text, tokens, opener);
            }
        }
    }
    missing(text, tokens, open.pop()?)
}

/// The end of the line before the first one that is not indented deeper than the opener's.
fn missing(text: &str, tokens: &[Token<'_>], opener: Open) -> Option<(Span, crate::diagnostic::Phrase)> {
    let after = tokens.get(opener.index + 1..)?;
    // An `else` stands behind the brace that is missing.
    let ends = |t: &Token<'_>| {
        let deepest = if t.kind == Kind::Key(Keyword::Else) { opener.indent + 2 } else { opener.base };
        t.first && column(text, *t) <= deepest
    };
    let end = after.iter().position(ends).unwrap_or(after.len());
    let last = tokens.get(opener.index + end)?;
    Some((last.span.after(), say!("by the indentation, `}}` is missing here")))
}

fn column(text: &str, token: Token<'_>) -> usize {
    let start = token.span.start as usize;
    let line = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    start - line
}
