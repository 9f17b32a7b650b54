//! Foreign syntax: what people write from habit. Each production reports it with a fix and continues as if the fix
//! had been applied.

use super::error::{gap, is_suppressed, report_with};
use super::lookahead::{begins, begins_line, peek_nth, peek_second};
use super::recover::fail;
use super::{Cursor, P};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

/// Reports that the next `tokens` tokens should be `right`, and skips them.
pub(super) fn replace_with(inp: &mut Cursor<'_, '_>, tokens: usize, message: Phrase, label: Phrase, right: &str) {
    replace(inp, tokens, (message, label), right, true);
}

/// Like [`replace_with`], but something else may be meant, so the fix is unsafe.
pub(super) fn perhaps_replace_with(
    inp: &mut Cursor<'_, '_>,
    tokens: usize,
    message: Phrase,
    label: Phrase,
    right: &str,
) {
    replace(inp, tokens, (message, label), right, false);
}

fn replace(inp: &mut Cursor<'_, '_>, tokens: usize, (message, label): (Phrase, Phrase), right: &str, safe: bool) {
    let Some(span) = span_of_next(inp, tokens) else { return };
    // What is removed is removed with the blank after it.
    let is_apart = gap(inp).end < span.start;
    let after = peek_nth(inp, tokens).filter(|t| right.is_empty() && is_apart && !t.first).map(|t| t.span.start);
    let edited = Span { end: after.unwrap_or(span.end), ..span };
    report_with(inp, || {
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, span, message, label);
        let (help, title) = if right.is_empty() {
            (say!("remove this"), say!("remove this"))
        } else {
            let right = right.trim_start();
            (say!("write `{right}`", right), say!("change it to `{right}`", right))
        };
        let diagnostic = diagnostic.help(help);
        if safe { diagnostic.fix(title, edited, right) } else { diagnostic.guess(title, edited, right) }
    });
    (0..tokens).for_each(|_| inp.skip());
}

/// The span of the next `tokens` tokens.
pub(super) fn span_of_next(inp: &mut Cursor<'_, '_>, tokens: usize) -> Option<Span> {
    let first = inp.peek()?.span;
    Some(first.to(peek_nth(inp, tokens.saturating_sub(1))?.span))
}

/// Reports that a word is missing before the next token.
pub(super) fn report_missing_word(inp: &mut Cursor<'_, '_>, word: &'static str) {
    let Some(next) = inp.peek() else { return };
    let place = gap(inp);
    let text = next.text;
    report_with(inp, || {
        let message = say!("expected `{word}`, found `{text}`", word, text);
        Diagnostic::new(Code::Expected, next.span, message, say!("expected `{word}`", word))
            .help(say!("write `{word} {text}`", word, text))
            .fix(say!("add `{word}`", word), Span { end: next.span.start, ..place }, format!(" {word} "))
    });
}

/// The number of tokens that stand for `->`; an element must follow them.
pub(super) fn foreign_arrow_len(inp: &mut Cursor<'_, '_>) -> Option<usize> {
    let next = inp.peek()?;
    let joined = |t: Token<'_>| t.span.start == next.span.end && matches!(t.kind, Kind::Greater | Kind::Arrow);
    let two = peek_second(inp).is_some_and(joined);
    let count = match next.kind {
        Kind::Assign | Kind::Minus | Kind::Equal | Kind::Greater | Kind::GreaterEqual if two => 2,
        Kind::Assign | Kind::Minus | Kind::Greater | Kind::Comma | Kind::Colon | Kind::Bar | Kind::Dot => 1,
        Kind::Key(K::And | K::Do) => 1,
        Kind::Name if ["then", "next", "do"].contains(&next.text) => 1,
        _ => return None,
    };
    let step = peek_nth(inp, count)?;
    (begins(step, ELEMENTS) && (!begins(next, &[K::Do]) || !step.first)).then_some(count)
}

/// Skips what stands for an arrow, and reports it; returns whether there was one.
pub(super) fn arrow(inp: &mut Cursor<'_, '_>) -> bool {
    let Some(count) = foreign_arrow_len(inp) else { return false };
    let span = span_of_next(inp, count).unwrap_or_default();
    let wrong = inp.state().slice(span);
    let right = if gap(inp).end == span.start { " ->" } else { "->" };
    let message = say!("steps are joined with `->`, not `{wrong}`", wrong);
    replace_with(inp, count, message, say!("not an arrow"), right);
    true
}

/// `=`, or what people write for it.
pub(super) fn assign<'a>() -> P<'a, ()> {
    custom(|inp: &mut Cursor<'a, '_>| {
        let Some(next) = inp.peek() else { return fail() };
        match next.kind {
            Kind::Assign => inp.skip(),
            Kind::Equal | Kind::Colon | Kind::Key(K::To | K::Is) if !is_suppressed(inp) => {
                let wrong = next.text;
                let two = next.kind == Kind::Colon && peek_second(inp).is_some_and(|t| t.kind == Kind::Assign);
                let message = say!("use `=` to set a value, not `{wrong}`", wrong);
                replace_with(inp, if two { 2 } else { 1 }, message, say!("expected `=`"), "=");
            }
            _ => return fail(),
        }
        Ok(())
    })
    .boxed()
}

/// Skips a word without meaning here, and reports it; `before` decides by the token after it. A keyword that begins a line
/// begins a new construct.
pub(super) fn skip_redundant<'a>(words: &'static [&'static str], before: fn(Option<Token<'a>>) -> bool) -> P<'a, ()> {
    custom(move |inp: &mut Cursor<'a, '_>| {
        let redundant = |t: &Token<'_>| t.kind.is_word() && words.contains(&t.text) && !begins_line(*t);
        let Some(next) = inp.peek().filter(redundant) else { return Ok(()) };
        if before(peek_second(inp)) {
            let wrong = next.text;
            replace_with(inp, 1, say!("unexpected `{wrong}`", wrong), say!("not needed"), "");
        }
        Ok::<(), EmptyErr>(())
    })
    .boxed()
}

/// Skips a repeated keyword, and reports it.
pub(super) fn skip_repeated<'a>(keyword: Keyword) -> P<'a, ()> {
    custom(move |inp: &mut Cursor<'a, '_>| {
        if inp.peek().is_some_and(|t| t.kind == Kind::Key(keyword) && !t.first) {
            let word = keyword.text();
            replace_with(inp, 1, say!("duplicate `{word}`", word), say!("repeated here"), "");
        }
        Ok(())
    })
    .boxed()
}
