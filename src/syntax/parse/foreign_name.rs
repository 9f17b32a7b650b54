//! Names in quotes or with hyphens: `funnel "My funnel"`, `start my-funnel`. Each is reported with a fix and read as
//! the name that it would be.

use super::error::report_with;
use super::lookahead::{peek_nth, peek_second};
use super::{Cursor, named};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::Name;
use crate::syntax::token::{Kind, Token};

/// The name that a text would be: `my_funnel` for `"My funnel"`.
pub(super) fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let joined = words.join("_");
    if joined.starts_with(|c: char| c.is_numeric()) { format!("_{joined}") } else { joined }
}

/// A name in quotes. The text of a funnel stays as its title.
pub(super) fn quoted(inp: &mut Cursor<'_, '_>) -> Option<Name> {
    let open = inp.peek().filter(|t| t.kind == Kind::TextOpen && t.text == "\"" && !t.first)?;
    let (chunk, close) = (peek_second(inp)?, peek_nth(inp, 2)?);
    if chunk.kind != Kind::Chunk || close.kind != Kind::TextClose {
        return None;
    }
    let (name, whole) = (slug(chunk.text), open.span.to(close.span));
    if name.is_empty() {
        return None;
    }
    let names_funnel = inp.state().last_word(open.span.start) == Some("funnel");
    let right = if names_funnel { format!("{name} \"{}\"", chunk.text) } else { name.clone() };
    report_with(inp, || {
        let message = say!("a name is written without quotes");
        Diagnostic::new(Code::UnexpectedToken, whole, message, say!("expected a name"))
            .help(say!("write `{right}`", right = &right))
            .fix(say!("change it to `{right}`", right = &right), whole, right.as_str())
    });
    if names_funnel {
        return Some(Spanned::new(name, Span { end: open.span.start, ..open.span }));
    }
    (0..3).for_each(|_| inp.skip());
    Some(Spanned::new(name, whole))
}

/// The rest of a name with hyphens, after its first word.
pub(super) fn hyphenated<'a>(inp: &mut Cursor<'a, '_>, first: Token<'a>) -> Name {
    let mut span = first.span;
    while let Some(minus) = inp.peek().filter(|t| t.kind == Kind::Minus && t.span.start == span.end)
        && let Some(word) = peek_second(inp).filter(|t| t.span.start == minus.span.end)
        && (word.kind.is_word() || word.kind == Kind::Number)
    {
        inp.skip();
        inp.skip();
        span = span.to(word.span);
    }
    if span == first.span {
        return named(first);
    }
    let right = inp.state().slice(span).replace('-', "_");
    let diagnostic =
        Diagnostic::new(Code::UnexpectedToken, span, say!("a name cannot contain `-`"), say!("use `_` instead"))
            .help(say!("write `{right}`", right = &right))
            .fix(say!("change it to `{right}`", right = &right), span, right.as_str());
    inp.state().add(diagnostic);
    Spanned::new(right, span)
}
