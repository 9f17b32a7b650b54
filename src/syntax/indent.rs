//! Braces and indentation: in, tokens whose braces do not pair up; out, the place where the indentation says that one is
//! missing or too many, which may be far from where the parser noticed.

use super::token::{Keyword, Kind, Token};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;

/// A brace that is open.
#[derive(Clone, Copy)]
struct OpenBrace {
    /// How far its line is indented.
    line_column: usize,
    /// The same, behind an arrow that begins the line.
    element_column: usize,
    /// Its place among the tokens.
    index: usize,
    /// How far the first line after it is indented.
    body_column: Option<usize>,
}

/// Adds to what is wrong with braces the place that the indentation points to.
pub(super) fn add_hint(text: &str, tokens: &[Token<'_>], found: &mut [Diagnostic]) {
    let count = |kind: Kind| tokens.iter().filter(|t| t.kind == kind).count();
    if count(Kind::BraceOpen) == count(Kind::BraceClose) {
        return;
    }
    let Some((place, label)) = find_mismatch(text, tokens) else { return };
    let structural = |d: &Diagnostic| d.code == Code::Unclosed || *d.message == *super::stray_brace();
    let index = found.iter().position(structural).or_else(|| found.iter().position(|d| d.span.start >= place.start));
    let finding = index.and_then(|index| found.get_mut(index));
    if let Some(finding) = finding.filter(|found| found.related.iter().all(|label| label.span != place)) {
        *finding = finding.clone().related(place, label);
    }
}

/// Where braces and indentation part.
fn find_mismatch(text: &str, tokens: &[Token<'_>]) -> Option<(Span, Phrase)> {
    let mut open: Vec<OpenBrace> = Vec::new();
    let (mut line_column, mut element_column, mut line) = (0, 0, 0);
    for (index, token) in tokens.iter().enumerate() {
        if token.first {
            // What is in braces after an arrow is laid out from the element on.
            let element = tokens.get(index + 1).filter(|next| token.kind == Kind::Arrow && !next.first);
            (line_column, element_column, line) =
                (column(text, *token), column(text, *element.unwrap_or(token)), index);
            if let Some(opener) = open.last_mut().filter(|_| token.kind != Kind::BraceClose) {
                let on_own_lines = tokens.get(opener.index + 1).is_some_and(|t| t.first);
                let body_column = *opener.body_column.get_or_insert(line_column);
                // A body that is not indented tells nothing.
                let leaves = if on_own_lines {
                    line_column < body_column && body_column > opener.line_column
                } else {
                    line_column <= opener.line_column
                };
                if leaves {
                    return missing_before(tokens, *opener, index);
                }
            }
        }
        if token.kind == Kind::BraceOpen {
            open.push(OpenBrace { line_column, element_column, index, body_column: None });
        } else if token.kind == Kind::BraceClose {
            let too_many = || Some((token.span, say!("by the indentation, this one is too many")));
            let Some(opener) = open.pop() else { return too_many() };
            if opener.index < line && line_column > opener.element_column {
                return too_many();
            }
            if opener.index < line && line_column < opener.line_column {
                return missing_before(tokens, opener, line);
            }
        }
    }
    missing_before(tokens, open.pop()?, tokens.len())
}

/// The end of what stands before a token that begins a line, where the opener has its partner on an earlier one. When nothing
/// but the opener's own line can hold it, that is the end of this line, or some place from its `else` on.
fn missing_before(tokens: &[Token<'_>], opener: OpenBrace, index: usize) -> Option<(Span, Phrase)> {
    let inside = tokens.get(opener.index + 1..index)?;
    let rows = inside.iter().position(|t| t.first).unwrap_or(inside.len());
    let row = inside.get(..rows)?;
    if row.is_empty() || rows < inside.len() {
        return Some((
            tokens.get(index.checked_sub(1)?)?.span.after(),
            say!("by the indentation, `}}` is missing here"),
        ));
    }
    let last = row.last()?.span.after();
    let mut pairs = row.iter().zip(row.get(1..)?);
    let other = pairs.rfind(|(before, t)| before.kind != Kind::BraceClose && t.kind == Kind::Key(Keyword::Else));
    Some(match other {
        Some((before, _)) => (before.span.after().to(last), say!("a `}}` is missing in this")),
        None => (last, say!("by the indentation, `}}` is missing here")),
    })
}

fn column(text: &str, token: Token<'_>) -> usize {
    let start = token.span.start as usize;
    let line = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    start - line
}
