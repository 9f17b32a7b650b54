//! Error recovery: missing parts are filled in, brackets are always closed, and skipping stops where parsing can
//! resume.

use super::error::{Expected, gap, is_suppressed, report, report_with, skip_habit};
use super::lookahead::{at_item, begins, begins_line, peek_second};
use super::{Cursor, Extra, Input, P};
use crate::diagnostic::{Code, Diagnostic, Label};
use crate::say;
use crate::source::Span;
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

/// Fails at the next token.
pub(super) fn fail<T>() -> Result<T, EmptyErr> {
    Err(EmptyErr::default())
}

/// A token of one kind.
pub(super) fn token<'a>(kind: Kind) -> impl Parser<'a, Input<'a>, Token<'a>, Extra<'a>> + Clone {
    any().filter(move |t: &Token<'a>| t.kind == kind)
}

/// A keyword.
pub(super) fn key<'a>(keyword: Keyword) -> impl Parser<'a, Input<'a>, Token<'a>, Extra<'a>> + Clone {
    token(Kind::Key(keyword))
}

/// Chooses among productions by the next keyword; if none has it, tries them in order.
pub(super) fn by_keyword<'a, O: 'a, const N: usize>(productions: [(&'static [Keyword], P<'a, O>); N]) -> P<'a, O> {
    let first = custom({
        let productions = productions.clone();
        move |inp: &mut Cursor<'a, '_>| {
            for (_, production) in &productions {
                if let Some(read) = inp.parse(production.clone().or_not())? {
                    return Ok(read);
                }
            }
            fail()
        }
    })
    .boxed();
    custom(move |inp: &mut Cursor<'a, '_>| {
        let next = inp.peek();
        match productions.iter().find(|(keywords, _)| next.is_some_and(|t| begins(t, keywords))) {
            Some((_, production)) => inp.parse(production),
            None => inp.parse(&first),
        }
    })
    .boxed()
}

/// `parser`, or else an error at the next token and `fallback` without consuming anything.
pub(super) fn required<'a, O: 'a>(
    parser: impl Parser<'a, Input<'a>, O, Extra<'a>> + 'a,
    want: &'static Expected,
    fallback: impl Fn(Span) -> O + 'a,
) -> P<'a, O> {
    parser.or(custom(move |inp: &mut Cursor<'a, '_>| Ok(fallback(report(inp, want))))).boxed()
}

/// A required token without a value. If it is missing, that is reported, and one unexpected token before it is
/// skipped.
pub(super) fn expect<'a>(kind: Kind, want: &'static Expected) -> P<'a, ()> {
    let missing = custom(move |inp: &mut Cursor<'a, '_>| {
        report(inp, want);
        if peek_second(inp).is_some_and(|t| t.kind == kind) && inp.peek().is_some_and(|t| !t.kind.closes()) {
            inp.skip();
            inp.skip();
        }
        Ok(())
    });
    token(kind).ignored().or(missing).boxed()
}

/// `{ body }`; also `body }` if only the opening brace is missing, and `fallback` if there is no body either.
///
/// `inside` is whether a token can begin the body.
pub(super) fn braces<'a, O: 'a>(
    body: P<'a, O>,
    want: Delimiters,
    inside: impl Fn(Token<'a>) -> bool + 'a,
    fallback: impl Fn(Span) -> O + 'a,
) -> P<'a, O> {
    let whole = enclosed(Kind::BraceOpen, body.clone(), Kind::BraceClose, want.close);
    custom(move |inp: &mut Cursor<'a, '_>| {
        if inp.peek().is_some_and(|t| t.kind == Kind::BraceOpen) {
            return inp.parse(&whole);
        }
        let place = report_missing_brace(inp, want.open);
        if brace_on_line(inp) {
            skip_until(inp, |t| t.kind == Kind::BraceOpen);
            return inp.parse(&whole);
        }
        // `client` begins a declaration, but also a line of a test.
        let item = at_item(inp) && !inp.peek().is_some_and(|t| begins(t, &[K::Client]));
        if !inp.peek().is_some_and(&inside) || item {
            return Ok(fallback(place));
        }
        let out = inp.parse(&body)?;
        if inp.peek().is_some_and(|t| t.kind == Kind::BraceClose) {
            inp.skip();
        }
        Ok(out)
    })
    .boxed()
}

/// Reports a missing `{`; before an element, the help shows how a path is written.
fn report_missing_brace(inp: &mut Cursor<'_, '_>, want: &Expected) -> Span {
    let Some(step) = inp.peek().filter(|t| begins(*t, ELEMENTS) && !t.first) else { return report(inp, want) };
    let place = gap(inp);
    report_with(inp, || {
        let word = step.text;
        Diagnostic::new(want.code, step.span, say!("expected `{{`, found `{word}`", word), say!("expected `{{`"))
            .help(say!("put the path in braces: `{{ {word} .. }}`", word))
    });
    place
}

/// What is expected at the two ends of a body in braces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delimiters {
    pub(super) open: &'static Expected,
    pub(super) close: &'static Expected,
}

/// Whether only a few unexpected tokens on this line precede a brace.
fn brace_on_line(inp: &mut Cursor<'_, '_>) -> bool {
    let start = inp.save();
    let stops =
        |t: Token<'_>| t.first || matches!(t.kind, Kind::BraceOpen | Kind::Arrow | Kind::Colon | Kind::Key(K::Else));
    skip_until(inp, stops);
    let found = inp.peek().is_some_and(|t| t.kind == Kind::BraceOpen && !t.first);
    inp.rewind(start);
    found
}

/// `open body close`; a missing closer is reported and assumed.
pub(super) fn enclosed<'a, O: 'a>(open: Kind, body: P<'a, O>, close: Kind, want: &'static Expected) -> P<'a, O> {
    custom(move |inp: &mut Cursor<'a, '_>| {
        let Some(opener) = inp.peek().filter(|t| t.kind == open) else { return fail() };
        inp.skip();
        let out = inp.parse(&body)?;
        close_or_report(inp, opener, close, want);
        Ok(out)
    })
    .boxed()
}

fn close_or_report(inp: &mut Cursor<'_, '_>, opener: Token<'_>, close: Kind, want: &Expected) {
    if inp.peek().is_some_and(|t| t.kind == close) {
        inp.skip();
        return;
    }
    if closes_within_construct(inp, close) {
        let suppressed_at = is_suppressed(inp);
        report(inp, want);
        if let Some(last) = inp.state().errors.last_mut().filter(|_| !suppressed_at) {
            let label = say!("inside this `{mark}`", mark = opener.text);
            last.diagnostic.related.push(Label { span: opener.span, text: label });
        }
        skip_until(inp, |t| t.kind == close);
        inp.skip();
        return;
    }
    let place = gap(inp);
    let quote = closing_mark(close);
    report_with(inp, || {
        let message = say!("unclosed `{opener}`", opener = opener.text);
        let diagnostic = Diagnostic::new(Code::Unclosed, opener.span, message, say!("opened here"));
        // Indentation shows where a path ends; where parentheses or a list end, only the author knows.
        let diagnostic = if close == Kind::BraceClose {
            diagnostic.related(place, say!("missing `{quote}` here", quote))
        } else {
            let inside = opener.span.after().to(place);
            diagnostic.related(inside, say!("no closing `{quote}` here", quote))
        };
        diagnostic.guess(say!("add `{quote}`", quote), place, quote)
    });
}

fn closing_mark(kind: Kind) -> &'static str {
    match kind {
        Kind::ParenClose => ")",
        Kind::BracketClose => "]",
        _ => "}",
    }
}

/// Whether the closing token comes before anything that is not allowed inside.
fn closes_within_construct(inp: &mut Cursor<'_, '_>, close: Kind) -> bool {
    let start = inp.save();
    let ends = if close == Kind::BraceClose { begins_line } else { ends_brackets };
    skip_until(inp, |t| t.kind == close || ends(t));
    let found = inp.peek().is_some_and(|t| t.kind == close);
    inp.rewind(start);
    found
}

/// Whether a token is not allowed in parentheses or brackets.
fn ends_brackets(token: Token<'_>) -> bool {
    let joins = matches!(token.kind, Kind::Arrow | Kind::BraceOpen | Kind::Assign | Kind::Colon);
    let adds = matches!(token.kind, Kind::PlusAssign | Kind::MinusAssign);
    joins || adds || begins_line(token)
}

/// Skips tokens up to one that `stop` accepts, an unmatched closer, a top-level item or the end; returns how many.
///
/// Brackets are skipped with their content.
pub(super) fn skip_until<'a>(inp: &mut Cursor<'a, '_>, stop: impl Fn(Token<'a>) -> bool) -> usize {
    let mut open: Vec<Kind> = Vec::new();
    let mut count = 0;
    while let Some(token) = inp.peek() {
        if (open.is_empty() && stop(token)) || at_declaration(inp) {
            break;
        }
        if token.kind.opens() {
            open.push(token.kind);
        } else if token.kind.closes() {
            match open.iter().rposition(|kind| closer(*kind) == token.kind) {
                Some(depth) => open.truncate(depth),
                None if matches!(token.kind, Kind::ParenClose | Kind::BracketClose) => {}
                None => break,
            }
        }
        inp.skip();
        count += 1;
    }
    count
}

/// Whether an item begins here that cannot be inside another.
fn at_declaration(inp: &mut Cursor<'_, '_>) -> bool {
    !inp.peek().is_some_and(|t| begins(t, &[K::On, K::Every, K::Client])) && at_item(inp)
}

fn closer(open: Kind) -> Kind {
    match open {
        Kind::TextOpen => Kind::TextClose,
        Kind::PlaceholderOpen => Kind::PlaceholderClose,
        Kind::ParenOpen => Kind::ParenClose,
        Kind::BracketOpen => Kind::BracketClose,
        _ => Kind::BraceClose,
    }
}

/// Reports the next token as unexpected, unless errors there are suppressed, and skips to where parsing can resume.
///
/// Skips at least one token, so that loops calling it terminate.
pub(super) fn skip_unexpected<'a>(inp: &mut Cursor<'a, '_>, want: &Expected, stop: impl Fn(Token<'a>) -> bool) {
    if !is_suppressed(inp) {
        report(inp, want);
    }
    let reported = inp.peek();
    inp.skip();
    if reported.is_some_and(|t| t.kind.opens()) {
        skip_until(inp, |_| false);
        if inp.peek().is_some_and(|t| reported.is_some_and(|r| closer(r.kind) == t.kind)) {
            inp.skip();
        }
    }
    skip_habit(inp);
    skip_until(inp, stop);
}

/// Whether a loop over the content of braces must end here.
pub(super) fn at_end(inp: &mut Cursor<'_, '_>) -> bool {
    inp.peek().is_none_or(|t| t.kind == Kind::BraceClose) || at_item(inp)
}
