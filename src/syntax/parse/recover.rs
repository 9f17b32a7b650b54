//! Recovery: holes that are always filled, brackets that always close, and the places where reading can go on.

use super::error::{Expected, gap, is_suppressed, report, report_with};
use super::lookahead::{ELEMENTS, at_item, begins, begins_line, peek_second};
use super::{Cursor, Extra, Input, P};
use crate::diagnostic::{Code, Diagnostic, Label};
use crate::say;
use crate::source::Span;
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

/// A parser that fails at the next token.
pub(super) fn fail<T>() -> Result<T, EmptyErr> {
    Err(EmptyErr::default())
}

/// Reads a token of one kind.
pub(super) fn token<'a>(kind: Kind) -> impl Parser<'a, Input<'a>, Token<'a>, Extra<'a>> + Clone {
    any().filter(move |t: &Token<'a>| t.kind == kind)
}

/// Reads a keyword.
pub(super) fn key<'a>(keyword: Keyword) -> impl Parser<'a, Input<'a>, Token<'a>, Extra<'a>> + Clone {
    token(Kind::Key(keyword))
}

/// Reads one of several productions, by the keyword that comes next; where none of theirs does, the first that fits.
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

/// Reads `parser`, or reports what is wanted and fills the hole with `fallback`; reads nothing then.
pub(super) fn required<'a, O: 'a>(
    parser: impl Parser<'a, Input<'a>, O, Extra<'a>> + 'a,
    want: &'static Expected,
    fallback: impl Fn(Span) -> O + 'a,
) -> P<'a, O> {
    parser.or(custom(move |inp: &mut Cursor<'a, '_>| Ok(fallback(report(inp, want))))).boxed()
}

/// Reads a token that nothing hangs on, or reports that it is missing; passes over one token that stands in its way.
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

/// Reads `{ body }`, and `body }` where only the opening brace is missing; `fallback` where there is no body either.
///
/// `inside` says whether a token can begin the body.
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
        // `client` begins a declaration, and a line of a test.
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

/// Reports that a brace does not open here; before a step, how a path is written.
fn report_missing_brace(inp: &mut Cursor<'_, '_>, want: &Expected) -> Span {
    let Some(step) = inp.peek().filter(|t| begins(*t, ELEMENTS) && !t.first) else { return report(inp, want) };
    let place = gap(inp);
    report_with(inp, || {
        let word = step.text;
        Diagnostic::new(want.code, step.span, say!("expected `{{`, found `{word}`", word), say!("expected `{{`"))
            .help(say!("a path stands in braces: `{{ {word} .. }}`", word))
    });
    place
}

/// What the two ends of a body in braces ask for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delimiters {
    pub(super) open: &'static Expected,
    pub(super) close: &'static Expected,
}

/// Whether only a few stray tokens on this line stand before a brace.
fn brace_on_line(inp: &mut Cursor<'_, '_>) -> bool {
    let start = inp.save();
    let stops =
        |t: Token<'_>| t.first || matches!(t.kind, Kind::BraceOpen | Kind::Arrow | Kind::Colon | Kind::Key(K::Else));
    skip_until(inp, stops);
    let found = inp.peek().is_some_and(|t| t.kind == Kind::BraceOpen && !t.first);
    inp.rewind(start);
    found
}

/// Reads `open body close`; the closing one is reported, never missed.
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
        if let Some(last) = inp.state().found.last_mut().filter(|_| !suppressed_at) {
            let label = say!("inside of this `{mark}`", mark = opener.text);
            last.diagnostic.related.push(Label { span: opener.span, text: label });
        }
        skip_until(inp, |t| t.kind == close);
        inp.skip();
        return;
    }
    let place = gap(inp);
    let quote = closing_mark(close);
    report_with(inp, || {
        let message = say!("`{opener}` is not closed", opener = opener.text);
        let found = Diagnostic::new(Code::Unclosed, opener.span, message, say!("opened here"));
        // Where a path ends is told by the layout; where a parenthesis or a list ends, only the author knows.
        let found = if close == Kind::BraceClose {
            found.related(place, say!("`{quote}` is missing here", quote))
        } else {
            let inside = opener.span.after().to(place);
            found.related(inside, say!("no `{quote}` closes in this", quote))
        };
        found.fix(say!("add `{quote}`", quote), place, quote)
    });
}

fn closing_mark(kind: Kind) -> &'static str {
    match kind {
        Kind::ParenClose => ")",
        Kind::BracketClose => "]",
        _ => "}",
    }
}

/// Whether the closing token comes before anything that cannot stand inside.
fn closes_within_construct(inp: &mut Cursor<'_, '_>, close: Kind) -> bool {
    let start = inp.save();
    let ends = if close == Kind::BraceClose { begins_line } else { ends_brackets };
    skip_until(inp, |t| t.kind == close || ends(t));
    let found = inp.peek().is_some_and(|t| t.kind == close);
    inp.rewind(start);
    found
}

/// Whether a token cannot stand in parentheses or brackets.
fn ends_brackets(token: Token<'_>) -> bool {
    let joins = matches!(token.kind, Kind::Arrow | Kind::BraceOpen | Kind::Assign | Kind::Colon);
    joins || begins_line(token)
}

/// Skips tokens until one that `stop` accepts, an unmatched closer, a top-level item or the end; says how many.
///
/// What stands between brackets is skipped whole.
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

/// Whether an item begins here that never stands inside another.
fn at_declaration(inp: &mut Cursor<'_, '_>) -> bool {
    !inp.peek().is_some_and(|t| begins(t, &[K::On, K::Every, K::Client])) && at_item(inp)
}

fn closer(open: Kind) -> Kind {
    match open {
        Kind::TextOpen => Kind::TextClose,
        Kind::HoleOpen => Kind::HoleClose,
        Kind::ParenOpen => Kind::ParenClose,
        Kind::BracketOpen => Kind::BracketClose,
        _ => Kind::BraceClose,
    }
}

/// Reports the next token as stray, unless it was reported, and skips to where reading can go on.
///
/// Skips at least one token, so that every loop that calls it ends.
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
    skip_until(inp, stop);
}

/// Whether nothing more can follow in a loop over the inside of braces.
pub(super) fn at_end(inp: &mut Cursor<'_, '_>) -> bool {
    inp.peek().is_none_or(|t| t.kind == Kind::BraceClose) || at_item(inp)
}
