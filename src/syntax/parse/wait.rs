//! Waits: for a duration, until a moment, for an event.

use super::block::{ElementWithHead, Productions, required_block};
use super::error::{Expected, report_with};
use super::expr::{filter_only, moment};
use super::lookahead::{begins, peek_nth, peek_second};
use super::primitive::{duration, time};
use super::recover::{expect, fail, key, required};
use super::trigger::{alias, happenings};
use super::{Cursor, Extent, P, foreign, habit_table};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{DurationLit, Element, Expr, WaitElse, WaitEvent};
use crate::syntax::token::{Keyword, Kind, Token};
use crate::syntax::{foreign_syntax, literal};
use crate::value::TimeOfDay;
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

const PAST: Expected =
    Expected::new(|| say!("`skip`, `stop` or `{{`"), || say!("expected a fallback")).keywords(&[K::Skip, K::Stop]);
const TO: Expected = Expected::new(|| say!("`to`"), || say!("expected `to`")).keywords(&[K::To]);
const WAIT: Expected = Expected::new(
    || say!("`until`, `for`, or a duration such as `24h`"),
    || say!("expected a duration, `until` or `for`"),
)
.keywords(&[K::Until, K::For])
.habits(&[habit_table::WAIT]);

/// A wait whose blocks are not read yet.
enum WaitKind {
    Duration((DurationLit, Option<Spanned<TimeOfDay>>)),
    Until(Expr),
    Event(WaitEvent),
    Error,
}

/// `wait 2h`, `wait until booking.starts_at`, `wait for visit { .. }`
pub(super) fn wait<'a>(p: &Productions<'a>) -> P<'a, ElementWithHead> {
    let expr = &p.exprs.expr;
    let at = key(K::At).ignore_then(time()).or_not();
    let lasting = custom(duration_ahead)
        .ignore_then(custom(spelled_duration).or(duration()))
        .then(at)
        .then(shifted_moment(expr))
        .map(|((duration, at), moment)| if moment { WaitKind::Error } else { WaitKind::Duration((duration, at)) });
    let until = key(K::Until).ignored().or(custom(missing_until)).ignore_then(moment(expr)).map(WaitKind::Until);
    let up_to = key(K::Up)
        .ignore_then(expect(Kind::Key(K::To), &TO))
        .ignore_then(moment(expr))
        .map_with(|expr, e: &mut Extent<'a, '_>| (expr, e.span()))
        .or_not()
        .boxed();
    let awaited = key(K::For).ignore_then(happenings()).then(alias()).then(filter_only(expr)).then(up_to);
    let late = alias().then(filter_only(expr)).map_with(|late, e: &mut Extent<'a, '_>| (late, e.span())).boxed();
    let event = custom(move |inp: &mut Cursor<'a, '_>| {
        let (((events, mut alias), mut filter), up_to) = inp.parse(&awaited)?;
        if let Some((_, limit)) = &up_to
            && let Some(word) = inp.peek().filter(|t| begins(*t, &[K::As, K::Where]))
        {
            let ((late_alias, late_filter), late) = inp.parse(&late)?;
            report_after_up_to(inp, word.text, *limit, late, filter.is_none());
            (alias, filter) = (alias.or(late_alias), filter.or(late_filter));
        }
        let up_to = up_to.map(|(expr, _)| expr);
        Ok(WaitKind::Event(WaitEvent { events, alias, filter, up_to, then: None, otherwise: None }))
    });
    let unitless = custom(number_without_unit).map(|()| WaitKind::Error);
    let event = event.or(unitless);
    let kind = required(choice((lasting, until, event)).boxed(), &WAIT, |_| WaitKind::Error);
    let past = choice((
        key(K::Skip).map_with(|_, e| WaitElse::Skip(e.span())),
        key(K::Stop).map_with(|_, e| WaitElse::Stop(e.span())),
        required_block(p, &PAST).map(WaitElse::Block),
    ));
    let past = key(K::Else).ignore_then(past).or_not().boxed();
    let blocks = p.block.clone().or_not().then(past.clone()).boxed();
    let head = key(K::Wait).ignore_then(kind).map_with(|kind, e| (kind, e.span())).boxed();
    custom(move |inp: &mut Cursor<'a, '_>| {
        let (kind, head) = inp.parse(&head)?;
        let element = match kind {
            WaitKind::Duration((duration, at)) => Element::WaitDuration { duration, at },
            WaitKind::Until(moment) => Element::WaitUntil { moment, otherwise: inp.parse(&past)? },
            WaitKind::Event(wait) => {
                let (then, otherwise) = inp.parse(&blocks)?;
                Element::WaitEvent(Box::new(WaitEvent { then, otherwise, ..wait }))
            }
            WaitKind::Error => Element::Error,
        };
        Ok((element, head))
    })
    .boxed()
}

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// Reports `as` and `where` after `up to`, which they must precede.
fn report_after_up_to(inp: &mut Cursor<'_, '_>, word: &str, limit: Span, late: Span, movable: bool) {
    let (first, second) = (inp.state().slice(late), inp.state().slice(limit));
    let right = format!("{first} {second}");
    let message = say!("`{word}` must come before `up to`", word);
    let diagnostic = Diagnostic::new(Code::UnexpectedToken, late, message, say!("must precede `up to`"));
    let diagnostic = diagnostic.help(say!("write `{right}`", right = &right));
    inp.state().add(if movable {
        diagnostic.fix(say!("change it to `{right}`", right = &right), limit.to(late), right)
    } else {
        diagnostic
    });
}

/// Succeeds at a duration, also at one after `for` or one in words.
fn duration_ahead(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    if inp.peek().is_some_and(|t| t.kind == Kind::Key(K::For)) {
        let spelled = peek_second(inp).is_some_and(|t| foreign_syntax::spelled_number(t.text).is_some())
            && peek_nth(inp, 2).is_some_and(|t| foreign_syntax::unit(t.text).is_some());
        let next = peek_second(inp).filter(|t| t.kind == Kind::Duration || spelled);
        let Some(next) = next else { return fail() };
        let unit = peek_nth(inp, 2).filter(|_| spelled).map(|t| t.text);
        let right = unit.map_or_else(|| format!("wait {}", next.text), |unit| format!("wait {} {unit}", next.text));
        let span = foreign::span_of_next(inp, 1).unwrap_or(next.span);
        report_with(inp, || {
            Diagnostic::new(
                Code::UnexpectedToken,
                span,
                say!("`wait for` expects an event"),
                say!("not allowed before a duration"),
            )
            .help(say!("write `{right}`", right))
            .fix(say!("remove `for`"), Span { end: next.span.start, ..span }, "")
        });
        inp.skip();
        return Ok(());
    }
    let spelt = inp.peek().is_some_and(|t| t.kind == Kind::Name) && spelled_duration_len(inp).is_some();
    if spelt || inp.peek().is_some_and(|t| t.kind == Kind::Duration) { Ok(()) } else { fail() }
}

/// A duration in words.
fn spelled_duration(inp: &mut Cursor<'_, '_>) -> Result<DurationLit, EmptyErr> {
    let Some((right, count)) = spelled_duration_len(inp) else { return fail() };
    let span = foreign::span_of_next(inp, count).unwrap_or_default();
    let wrong = inp.state().slice(span);
    let message = say!("`{wrong}` is not a valid duration", wrong);
    foreign::replace_with(inp, count, message, say!("duration in words"), &right);
    Ok(literal::duration(&right, span))
}

/// `a day`, `two hours`: the duration, and its length in tokens.
fn spelled_duration_len(inp: &mut Cursor<'_, '_>) -> Option<(String, usize)> {
    let (first, second, third) = (inp.peek()?.text, peek_second(inp)?.text, peek_nth(inp, 2).map(|t| t.text));
    match (first, second, third) {
        ("half", "an" | "a", Some("hour")) => Some(("30m".to_owned(), 3)),
        ("half", "a", Some("day")) => Some(("12h".to_owned(), 3)),
        (count, unit, _) => {
            let count = foreign_syntax::spelled_number(count)?;
            let short = foreign_syntax::unit(unit).filter(|_| unit.chars().count() > 1)?;
            Some((format!("{count}{short}"), 2))
        }
    }
}

/// `wait 2h before booking.starts_at`: reports that this is a moment; returns whether it was found.
fn shifted_moment<'a>(expr: &P<'a, Expr>) -> P<'a, bool> {
    let word = any().filter(|t: &Token<'a>| ["before", "after"].contains(&t.text));
    let moment = word.then(expr.clone()).map_with(|(word, moment), e: &mut Extent<'a, '_>| {
        let sign = if word.text == "before" { "-" } else { "+" };
        let until = format!("wait until {} {sign} ..", e.state().slice(moment.span));
        let message = say!("`{word}` cannot shift a moment", word = word.text);
        let diagnostic =
            Diagnostic::new(Code::UnexpectedToken, word.span, message, say!("use `+` or `-` with a moment"));
        e.state().add(diagnostic.help(say!("write `{until} else skip`", until)));
        true
    });
    moment.or_not().map(Option::unwrap_or_default).boxed()
}

/// `wait 24`: a number without a unit.
fn number_without_unit(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(number) = inp.peek().filter(|t| t.kind == Kind::Number) else { return fail() };
    let count = number.text;
    report_with(inp, || {
        Diagnostic::new(Code::Expected, number.span, say!("missing unit after `{count}`", count), say!("missing unit"))
            .help(say!("write `{count}h` for hours, `{count}m` for minutes, `{count}d` for days", count))
    });
    inp.skip();
    Ok(())
}

/// A moment without `until` before it.
fn missing_until(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let moment = |t: Token<'_>| {
        matches!(t.kind, Kind::Time | Kind::Date | Kind::DateTime) || begins(t, &[K::Tomorrow, K::Today, K::Monday])
    };
    if inp.peek().is_some_and(moment) {
        foreign::report_missing_word(inp, "until");
        Ok(())
    } else {
        fail()
    }
}
