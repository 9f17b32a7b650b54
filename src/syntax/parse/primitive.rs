//! The smallest productions: names, single literals, and the signs between constructs.

use super::error::{Expected, ParseError, gap, is_suppressed, report_habit, suppress};
use super::lookahead::{begins, begins_line, peek_second};
use super::recover::{expect, fail, required, token};
use super::{Cursor, P, empty_name, foreign, foreign_name, habit_setting, habit_table, named};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{DurationLit, Name};
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};
use crate::syntax::{foreign_syntax, literal};
use crate::value::{Decimal, TimeOfDay};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

pub(super) const NAME: Expected = Expected::new(|| say!("a name"), || say!("expected a name")).plain_name();
pub(super) const EVENT: Expected = Expected::new(|| say!("an event such as `booking`"), || say!("expected an event"))
    .plain_name()
    .habits(&[habit_table::EVENT_NAME]);
const DURATION: Expected =
    Expected::new(|| say!("a duration such as `24h`"), || say!("expected a duration")).habits(&[habit_table::DURATION]);
const TIME: Expected =
    Expected::new(|| say!("a time such as `10:00`"), || say!("expected a time")).habits(&[habit_setting::HOURS]);
const PERCENT: Expected =
    Expected::new(|| say!("a share such as `50%`"), || say!("expected a share")).habits(&[habit_table::SHARE]);
const NUMBER: Expected = Expected::new(|| say!("a whole number such as `3`"), || say!("expected a number"))
    .habits(&[habit_table::NUMBER, habit_table::REPEAT]);
const ASSIGN: Expected = Expected::new(|| say!("`=`"), || say!("expected `=`")).habits(&[habit_table::ASSIGN]);

/// A name, also one that is spelled like a keyword.
pub(super) fn name<'a>(want: &'static Expected) -> P<'a, Name> {
    let word = custom(move |inp: &mut Cursor<'a, '_>| {
        if want.is_plain_name
            && let Some(name) = foreign_name::quoted(inp)
        {
            return Ok(name);
        }
        // If something was already missing here, a keyword is not the name: it begins the next construct.
        let Some(t) = inp.peek().filter(|t| t.kind.is_word()) else { return fail() };
        if matches!(t.kind, Kind::Key(_)) && (is_suppressed(inp) || begins_construct(inp, t) || joins(inp, t)) {
            return fail();
        }
        inp.skip();
        Ok(if want.is_plain_name { foreign_name::hyphenated(inp, t) } else { named(t) })
    });
    required(word, want, empty_name)
}

/// An optional name; none of the `reserved` keywords.
pub(super) fn optional_name<'a>(reserved: &'static [&'static [Keyword]]) -> P<'a, Option<Name>> {
    any()
        .filter(move |t: &Token<'a>| {
            t.kind == Kind::Name || matches!(t.kind, Kind::Key(_)) && !reserved.iter().any(|set| begins(*t, set))
        })
        .map(named)
        .or_not()
        .boxed()
}

/// `24h`
pub(super) fn duration<'a>() -> P<'a, DurationLit> {
    let read = token(Kind::Duration).map(|t: Token<'a>| literal::duration(t.text, t.span));
    required(read, &DURATION, |span| DurationLit { parts: Vec::new(), span })
}

/// `10:00`
pub(super) fn time<'a>() -> P<'a, Spanned<TimeOfDay>> {
    required(time_of_day().or(bare_hour()), &TIME, |span| Spanned::new(TimeOfDay::MIDNIGHT, span))
}

pub(super) fn time_of_day<'a>() -> P<'a, Spanned<TimeOfDay>> {
    let value = |t: Token<'a>| Spanned::new(literal::time(t.text).unwrap_or(TimeOfDay::MIDNIGHT), t.span);
    token(Kind::Time).map(value).boxed()
}

/// `50%`
pub(super) fn percent<'a>() -> P<'a, Spanned<Decimal>> {
    let value = |t: Token<'a>| Spanned::new(literal::percent(t.text).unwrap_or_default(), t.span);
    required(token(Kind::Percent).map(value).or(bare_share()), &PERCENT, |span| Spanned::new(Decimal::ZERO, span))
}

/// `3`
pub(super) fn number<'a>() -> P<'a, Spanned<Decimal>> {
    let value = |t: Token<'a>| Spanned::new(literal::number(t.text).unwrap_or_default(), t.span);
    required(token(Kind::Number).map(value).or(spelled_number()), &NUMBER, |span| Spanned::new(Decimal::ZERO, span))
}

/// `=` in a declaration or in `set`.
pub(super) fn assign<'a>() -> P<'a, ()> {
    foreign::assign().or(expect(Kind::Assign, &ASSIGN)).boxed()
}

/// `..`
pub(super) fn dots<'a>(want: &'static Expected) -> P<'a, ()> {
    token(Kind::DotDot).ignored().or(custom(foreign_dots)).or(expect(Kind::DotDot, want)).boxed()
}

/// `->`
pub(super) fn arrow<'a>(want: &'static Expected) -> P<'a, ()> {
    token(Kind::Arrow).ignored().or(custom(foreign_or_missing_arrow)).or(expect(Kind::Arrow, want)).boxed()
}

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// Whether a keyword comes after a missing name, judging by the token after it.
fn joins(inp: &mut Cursor<'_, '_>, t: Token<'_>) -> bool {
    match t.kind {
        Kind::Key(K::For | K::Per | K::Within) => {
            peek_second(inp).is_some_and(|n| n.kind == Kind::Duration && !n.first)
        }
        Kind::Key(K::As | K::Where | K::While | K::Is) => {
            peek_second(inp).is_some_and(|n| n.kind.is_word() && !n.first)
        }
        _ => false,
    }
}

/// Whether a keyword at the beginning of a line begins a construct, judging by the token after it.
pub(super) fn begins_construct(inp: &mut Cursor<'_, '_>, t: Token<'_>) -> bool {
    let shows = |n: Token<'_>| matches!(n.kind, Kind::Name | Kind::TextOpen | Kind::BraceOpen) || begins_value(n);
    begins_line(t) && peek_second(inp).is_some_and(|n| !n.first && shows(n))
}

/// Whether a token after a keyword shows that the keyword is meant as one.
fn begins_value(t: Token<'_>) -> bool {
    let joins = begins(t, &[K::And, K::Or, K::In, K::Is, K::Contains, K::Starts, K::Matches]);
    matches!(t.kind, Kind::Duration | Kind::Time | Kind::Number) || (matches!(t.kind, Kind::Key(_)) && !joins)
}

/// `10` instead of `10:00`.
fn bare_hour<'a>() -> P<'a, Spanned<TimeOfDay>> {
    custom(|inp: &mut Cursor<'a, '_>| {
        let Some(t) = inp.peek().filter(|t| t.kind == Kind::Number) else { return fail() };
        let Ok(hour) = t.text.parse::<u32>() else { return fail() };
        let Some(time) = TimeOfDay::new(hour, 0, 0) else { return fail() };
        let message = say!("`{hour}` is not a time of day", hour = t.text);
        // In the morning or, as some people write, in the afternoon.
        if (1..12).contains(&hour) {
            foreign::perhaps_replace_with(inp, 1, message, say!("expected a time"), &time.to_string());
        } else {
            foreign::replace_with(inp, 1, message, say!("expected a time"), &time.to_string());
        }
        Ok(Spanned::new(time, t.span))
    })
    .boxed()
}

/// `two` instead of `2`.
fn spelled_number<'a>() -> P<'a, Spanned<Decimal>> {
    custom(|inp: &mut Cursor<'a, '_>| {
        let Some(t) = inp.peek().filter(|t| t.kind == Kind::Name && !t.first) else { return fail() };
        let Some(number) = foreign_syntax::spelled_number(t.text) else { return fail() };
        let message = say!("a number is written in digits");
        foreign::replace_with(inp, 1, message, say!("number in words"), &number.to_string());
        Ok(Spanned::new(Decimal::from(number), t.span))
    })
    .boxed()
}

/// `50`, `0.5` or `50 percent` instead of `50%`.
fn bare_share<'a>() -> P<'a, Spanned<Decimal>> {
    custom(|inp: &mut Cursor<'a, '_>| {
        let Some(t) = inp.peek().filter(|t| t.kind == Kind::Number) else { return fail() };
        let Some(amount) = literal::number(t.text) else { return fail() };
        let word = peek_second(inp).is_some_and(|t| ["percent", "pct", "per_cent", "процентов"].contains(&t.text));
        let fraction = t.text.contains('.') && amount < Decimal::ONE;
        let share = if fraction { (amount * Decimal::ONE_HUNDRED).normalize() } else { amount };
        let message = say!("a share is written with `%`");
        let (tokens, right) = (1 + usize::from(word), format!("{share}%"));
        if fraction {
            foreign::perhaps_replace_with(inp, tokens, message, say!("expected a share"), &right);
        } else {
            foreign::replace_with(inp, tokens, message, say!("expected a share"), &right);
        }
        Ok(Spanned::new(share, t.span))
    })
    .boxed()
}

/// `-`, `to` or `until` instead of `..`.
pub(super) fn foreign_dots(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(next) = inp.peek().filter(|t| matches!(t.kind, Kind::Minus | Kind::Key(K::To | K::Until))) else {
        return fail();
    };
    let wrong = next.text;
    let message = say!("use `..` for a range, not `{wrong}`", wrong);
    foreign::replace_with(inp, 1, message, say!("not a range"), "..");
    Ok(())
}

/// A foreign arrow, or none before an element.
fn foreign_or_missing_arrow(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(next) = inp.peek() else { return fail() };
    if foreign::arrow(inp) {
        return Ok(());
    }
    // A brace may open the path: that is another mistake.
    if !begins(next, ELEMENTS) {
        return fail();
    }
    missing_arrow(inp, next);
    Ok(())
}

/// Reports that an arrow is missing before an element.
pub(super) fn missing_arrow(inp: &mut Cursor<'_, '_>, next: Token<'_>) {
    if is_suppressed(inp) || report_habit(inp, &[habit_table::CONDITION, habit_table::AFTER_STEP]) {
        return;
    }
    suppress(inp);
    let place = gap(inp);
    let message = say!("expected `->` before `{next}`", next = next.text);
    let diagnostic = Diagnostic::new(Code::Expected, next.span, message, say!("a new element starts here"))
        .help(say!("join steps with `->`"));
    let (title, place) = (say!("add `->`"), Span { end: next.span.start, ..place });
    // `stop task` asks for something else than the end of the run and a task that is never created, and `send sms if ..`
    // for a condition before the message, not after it.
    let ends = inp.state().last_word(next.span.start).is_some_and(|word| word == "stop");
    let is_unsure = !next.first && (ends || begins(next, &[K::If]));
    let diagnostic =
        if is_unsure { diagnostic.guess(title, place, " -> ") } else { diagnostic.fix(title, place, " -> ") };
    inp.state().errors.push(ParseError { diagnostic, respell: None });
}
