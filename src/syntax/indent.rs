//! Uses the indentation to locate a missing or extra brace, which may be far from where the parser noticed it.

use super::token::{Keyword, Kind, Token};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;

/// An open brace.
#[derive(Clone, Copy)]
struct OpenBrace {
    /// The column of the first token on its line.
    line_column: usize,
    /// The column of the first element on its line, after a leading arrow.
    element_column: usize,
    /// The index of its token.
    index: usize,
    /// The column of the first line after it.
    body_column: Option<usize>,
}

/// Relates the diagnostic about braces to the place where the indentation disagrees with them.
pub(super) fn add_hint(text: &str, tokens: &[Token<'_>], diagnostics: &mut [Diagnostic]) {
    let count = |kind: Kind| tokens.iter().filter(|t| t.kind == kind).count();
    if count(Kind::BraceOpen) == count(Kind::BraceClose) {
        return;
    }
    let Some((place, label)) = find_mismatch(text, tokens) else { return };
    let structural = |d: &Diagnostic| d.code == Code::Unclosed || *d.message == *super::stray_brace();
    let index = diagnostics
        .iter()
        .position(structural)
        .or_else(|| diagnostics.iter().position(|d| d.span.start >= place.start));
    let target = index.and_then(|index| diagnostics.get_mut(index));
    if let Some(target) = target.filter(|diagnostic| diagnostic.related.iter().all(|label| label.span != place)) {
        *target = target.clone().related(place, label);
    }
}

/// Where braces and indentation disagree.
fn find_mismatch(text: &str, tokens: &[Token<'_>]) -> Option<(Span, Phrase)> {
    let mut open: Vec<OpenBrace> = Vec::new();
    let (mut line_column, mut element_column, mut line) = (0, 0, 0);
    for (index, token) in tokens.iter().enumerate() {
        if token.first {
            // A body in braces after an arrow is indented relative to the element, not to the arrow.
            let element = tokens.get(index + 1).filter(|next| token.kind == Kind::Arrow && !next.first);
            (line_column, element_column, line) =
                (column(text, *token), column(text, *element.unwrap_or(token)), index);
            if let Some(opener) = open.last_mut().filter(|_| token.kind != Kind::BraceClose) {
                let on_own_lines = tokens.get(opener.index + 1).is_some_and(|t| t.first);
                let body_column = *opener.body_column.get_or_insert(line_column);
                // A body that is not indented proves nothing.
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
            let too_many = || Some((token.span, say!("the indentation suggests that this one is extra")));
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

/// Reports a missing brace before the token that begins a line. If only the opener's own line can hold it, the place
/// is the end of that line, or anywhere after its `else`.
fn missing_before(tokens: &[Token<'_>], opener: OpenBrace, index: usize) -> Option<(Span, Phrase)> {
    let inside = tokens.get(opener.index + 1..index)?;
    let rows = inside.iter().position(|t| t.first).unwrap_or(inside.len());
    let row = inside.get(..rows)?;
    if row.is_empty() || rows < inside.len() {
        return Some((
            tokens.get(index.checked_sub(1)?)?.span.after(),
            say!("the indentation suggests a missing `}}` here"),
        ));
    }
    let last = row.last()?.span.after();
    let mut pairs = row.iter().zip(row.get(1..)?);
    let other = pairs.rfind(|(before, t)| before.kind != Kind::BraceClose && t.kind == Kind::Key(Keyword::Else));
    Some(match other {
        Some((before, _)) => (before.span.after().to(last), say!("missing `}}` here")),
        None => (last, say!("the indentation suggests a missing `}}` here")),
    })
}

fn column(text: &str, token: Token<'_>) -> usize {
    let start = token.span.start as usize;
    let line = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    start - line
}
