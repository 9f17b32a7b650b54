//! Entries: a trigger, an arrow and a chain.

use super::error::{Expected, ParseError, gap, is_misspelling, is_suppressed, report_habit, report_with};
use super::expr::{Exprs, filter, holds};
use super::lookahead::{begins, peek_nth, peek_second};
use super::primitive::{EVENT, NAME, arrow, dots, duration, name, time};
use super::recover::{expect, fail, key, required, token};
use super::{Cursor, Extent, P, foreign, habit_table};
use crate::diagnostic::{Code, Diagnostic, Label};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{
    BinaryOp, Chain, DayRange, DayWord, DurationLit, Entry, EventPath, Happening, Name, Schedule, Trigger, TriggerKind,
};
use crate::syntax::foreign_syntax;
use crate::syntax::literal;
use crate::syntax::token::{Keyword, Kind, Token};
use crate::value::{CivilDateTime, TimeOfDay, Weekday};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

const FIELD: Expected = Expected::new(|| say!("a field, or `updated`"), || say!("expected a field"));
const ARROW: Expected = Expected::new(|| say!("`->`"), || say!("expected `->`"))
    .keywords(&[K::Where, K::While, K::As, K::Or, K::At, K::For, K::And])
    .habits(&[habit_table::AFTER_TRIGGER, habit_table::CONDITION]);
/// Keywords that may follow an event.
const AFTER_EVENT: &[Keyword] =
    &[K::Where, K::While, K::As, K::Or, K::And, K::At, K::For, K::Up, K::To, K::Within, K::Worth, K::Else, K::In];
const DOTS: Expected = Expected::new(|| say!("`..`"), || say!("expected `..`"));
const FOR: Expected =
    Expected::new(|| say!("`for`"), || say!("expected `for`")).keywords(&[K::For]).habits(&[habit_table::SILENCE]);
const AT: Expected =
    Expected::new(|| say!("`at`"), || say!("expected `at`")).keywords(&[K::At]).habits(&[habit_table::AFTER_TRIGGER]);
pub(super) const DAYS: &[Keyword] = &[
    K::Day,
    K::Monday,
    K::Tuesday,
    K::Wednesday,
    K::Thursday,
    K::Friday,
    K::Saturday,
    K::Sunday,
    K::Weekday,
    K::Weekend,
];
const SCHEDULE: Expected =
    Expected::new(|| say!("a schedule such as `day 10:00`, `monday 10:00` or `2w`"), || say!("expected a schedule"))
        .keywords(DAYS)
        .habits(&[habit_table::SCHEDULE]);
const WEEKDAY: Expected = Expected::new(|| say!("a day such as `monday`"), || say!("expected a day")).keywords(DAYS);

/// `trigger -> chain`; fails if no trigger begins here.
pub(super) fn entry<'a>(exprs: &Exprs<'a>, chain: &P<'a, Chain>) -> P<'a, Entry> {
    trigger(exprs)
        .then_ignore(arrow(&ARROW))
        .map_with(|trigger, e: &mut Extent<'a, '_>| {
            let lacks = |error: &&mut ParseError| {
                let diagnostic = &error.diagnostic;
                diagnostic.span.start >= trigger.span.end
                    && *diagnostic.label == *(ARROW.label)()
                    && diagnostic.related.is_empty()
            };
            if let Some(last) = e.state().errors.last_mut().filter(lacks) {
                last.diagnostic.related.push(Label { span: trigger.span, text: say!("the entry begins here") });
            }
            trigger
        })
        .then(chain.clone())
        .map_with(|(trigger, chain), e| Entry { trigger, chain, span: e.span() })
        .boxed()
}

fn trigger<'a>(exprs: &Exprs<'a>) -> P<'a, Trigger> {
    let segment = segment().map(|(entering, name)| TriggerKind::Segment { entering, name });
    let silence = key(K::No)
        .ignore_then(name(&EVENT))
        .then_ignore(expect(Kind::Key(K::For), &FOR))
        .then(duration())
        .map(|(event, duration)| TriggerKind::Silence { event, duration });
    let start = key(K::Start)
        .ignore_then(key(K::With).ignore_then(name(&EVENT)).or_not())
        .map(|event| TriggerKind::Start { event });
    let members = key(K::For).ignore_then(name(&NAME)).or_not().boxed();
    let once = once().then(members.clone()).map(|(schedule, segment)| TriggerKind::Every { schedule, segment });
    let on = key(K::On).ignore_then(choice((segment, silence, start, once, events_or_date())));
    let every = custom(on_every)
        .or(key(K::Every).ignored())
        .ignore_then(schedule(exprs))
        .then(members)
        .map(|(schedule, segment)| TriggerKind::Every { schedule, segment });
    every
        .or(on)
        .then(alias())
        .then(filter(&exprs.expr))
        .then(holds(&exprs.expr))
        .map_with(|(((kind, alias), filter), holds), e| Trigger { kind, alias, filter, holds, span: e.span() })
        .boxed()
}

/// What follows the first event path of a trigger.
enum TriggerTail {
    More(Vec<EventPath>),
    Date { shift: Option<(Spanned<BinaryOp>, DurationLit)>, at: Option<Spanned<TimeOfDay>> },
}

/// `booking or visit`, `client.birthday - 7d at 10:00` or `booking.starts_at - 2h`
fn events_or_date<'a>() -> P<'a, TriggerKind> {
    let more = key(K::Or).ignore_then(event()).repeated().collect().map(TriggerTail::More);
    let sign = choice((token(Kind::Minus).to(BinaryOp::Subtract), token(Kind::Plus).to(BinaryOp::Add)));
    let no_arrow =
        custom(|inp: &mut Cursor<'a, '_>| if foreign::foreign_arrow_len(inp).is_some() { fail() } else { Ok(()) });
    let shift = no_arrow.ignore_then(sign.map_with(|op, e| Spanned::new(op, e.span()))).then(duration());
    let at = expect(Kind::Key(K::At), &AT).ignore_then(time()).boxed();
    let no_time = custom(|inp: &mut Cursor<'a, '_>| {
        let ends = |kind: &Kind| matches!(kind, Kind::Arrow | Kind::Key(K::Where | K::While | K::As));
        let ends = foreign::foreign_arrow_len(inp).is_some() || inp.peek().is_some_and(|next| ends(&next.kind));
        if ends { Ok(()) } else { fail() }
    });
    let at = no_time.to(None).or(at.map(Some));
    let shifted = shift.then(at).map(|(shift, at)| TriggerTail::Date { shift: Some(shift), at });
    let dated = key(K::At).ignore_then(time()).map(|at| TriggerTail::Date { shift: None, at: Some(at) });
    event()
        .then(choice((shifted, dated, more)))
        .map(|(path, tail)| match tail {
            TriggerTail::More(rest) => TriggerKind::Events(std::iter::once(path).chain(rest).collect()),
            TriggerTail::Date { shift, at } => TriggerKind::Date { path, shift, at },
        })
        .boxed()
}

/// `booking.updated`
fn event<'a>() -> P<'a, EventPath> {
    let (event, field) = (name(&EVENT), name(&FIELD));
    custom(move |inp: &mut Cursor<'a, '_>| {
        qualifier(inp);
        let named = inp.peek().is_some_and(|t| t.kind == Kind::Name);
        let event = inp.parse(&event)?;
        let dot = inp.peek().is_some_and(|t| t.kind == Kind::Dot);
        if dot {
            inp.skip();
        }
        let member = if dot || (named && missing_dot(inp)) { Some(inp.parse(&field)?) } else { None };
        Ok(EventPath { event, member })
    })
    .boxed()
}

/// `entering vip`, `leaving vip`
fn segment<'a>() -> P<'a, (bool, Name)> {
    key(K::Entering).to(true).or(key(K::Leaving).to(false)).then(name(&NAME)).boxed()
}

/// `booking or visit.updated or leaving vip`
pub(super) fn happenings<'a>() -> P<'a, Vec<Happening>> {
    let segment = segment().map_with(|(entering, name), e: &mut Extent<'a, '_>| Happening::Segment {
        entering,
        name,
        span: e.span(),
    });
    segment.or(event().map(Happening::Event)).separated_by(key(K::Or)).at_least(1).collect().boxed()
}

/// `as b`
pub(super) fn alias<'a>() -> P<'a, Option<Name>> {
    key(K::As).ignore_then(name(&NAME)).or_not().boxed()
}

fn schedule<'a>(exprs: &Exprs<'a>) -> P<'a, Schedule> {
    let at = key(K::At).or_not().ignore_then(time()).boxed();
    let day = key(K::Day).ignore_then(at.clone()).map(|at| Schedule::Day { at });
    let weekdays = days().then(at).map(|(days, at)| Schedule::Weekdays { days, at });
    let interval = token(Kind::Duration)
        .rewind()
        .ignore_then(duration())
        .then(key(K::At).ignore_then(time()).or_not())
        .map(|(every, at)| Schedule::Interval { every, at });
    let rule = exprs.texts.text.clone().map(Schedule::Rule);
    let monthly = custom(monthly).then_ignore(key(K::At).or_not()).then_ignore(time().or_not()).map(Schedule::Error);
    required(choice((monthly, day, weekdays, interval, rule)).boxed(), &SCHEDULE, Schedule::Error)
}

/// `2026-12-25 10:00`; fails if no date comes next.
fn once<'a>() -> P<'a, Schedule> {
    let at_midnight = |date| CivilDateTime { date, time: TimeOfDay::MIDNIGHT };
    let whole = any().filter(|t: &Token<'a>| t.kind == Kind::DateTime).map(|t: Token<'a>| {
        literal::date_time(t.text)
            .map_or(Schedule::Error(t.span), |(date, time)| Schedule::Once(CivilDateTime { date, time }))
    });
    let at = key(K::At).ignore_then(time()).or_not();
    let day = any().filter(|t: &Token<'a>| t.kind == Kind::Date).then(at).map_with(
        move |(day, at), e: &mut Extent<'a, '_>| match (literal::date(day.text), at) {
            (Some(date), Some(at)) => Schedule::Once(CivilDateTime { date, time: at.node }),
            (Some(date), None) => {
                missing_time(e, day);
                Schedule::Once(at_midnight(date))
            }
            (None, _) => Schedule::Error(day.span),
        },
    );
    whole.or(day).boxed()
}

/// `monday..friday, sunday`; fails if no day comes next.
pub(super) fn days<'a>() -> P<'a, Vec<DayRange>> {
    let day = weekday();
    let range = |from: P<'a, Spanned<Weekday>>| {
        let missing = |span| Spanned::new(Weekday::Sunday, span);
        let minus = token(Kind::Minus).rewind().ignore_then(dots(&DOTS));
        let dots = token(Kind::DotDot).ignored().or(minus);
        let to = dots.ignore_then(required(weekday(), &WEEKDAY, missing)).or_not();
        let word = day_word().or(custom(several_days)).map(DayRange::Word);
        word.or(from.then(to).map(|(from, to)| DayRange::Days(from, to)))
    };
    let missing = |span| Spanned::new(Weekday::Monday, span);
    let more = token(Kind::Comma).ignore_then(range(required(weekday(), &WEEKDAY, missing))).repeated().collect();
    range(day).then(more).map(|(first, rest): (_, Vec<_>)| std::iter::once(first).chain(rest).collect()).boxed()
}

/// `weekday`, `weekend`
pub(super) fn day_word<'a>() -> P<'a, DayWord> {
    key(K::Weekday).to(DayWord::Weekday).or(key(K::Weekend).to(DayWord::Weekend)).boxed()
}

fn weekday<'a>() -> P<'a, Spanned<Weekday>> {
    any()
        .try_map(|t: Token<'a>, _| match t.kind {
            Kind::Key(k) => Weekday::parse(k.text()).map_or_else(fail, |day| Ok(Spanned::new(day, t.span))),
            _ => fail(),
        })
        .or(custom(short_day))
        .boxed()
}

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// `on 2026-12-25` without a time of day.
fn missing_time<'a>(e: &mut Extent<'a, '_>, day: Token<'a>) {
    let date = day.text;
    let finding = Diagnostic::new(Code::Expected, day.span, say!("missing time of day"), say!("at what time?"));
    e.state().add(finding.help(say!("add a time of day: `on {date} 10:00`", date)).guess(
        say!("add `10:00`"),
        day.span.after(),
        " 10:00",
    ));
}

/// `every` with a superfluous `on`.
fn on_every(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let on = inp.peek().is_some_and(|t| t.kind == Kind::Key(K::On));
    // `on every purchase` is no schedule.
    let is_schedule = |t: Token<'_>| {
        begins(t, DAYS)
            || matches!(t.kind, Kind::Duration | Kind::TextOpen)
            || foreign_syntax::days(&t.text.to_lowercase()).is_some()
    };
    if !on || !peek_second(inp).is_some_and(|t| begins(t, &[K::Every])) || !peek_nth(inp, 2).is_some_and(is_schedule) {
        return fail();
    }
    foreign::replace_with(inp, 1, say!("`every` is written without `on`"), say!("not needed"), "");
    inp.skip();
    Ok(())
}

/// Reports `first`, `every` and the like before the name of an event, and skips it.
fn qualifier(inp: &mut Cursor<'_, '_>) {
    let is_event = |t: Token<'_>| t.kind == Kind::Name && !t.first && !is_misspelling(t.text, AFTER_EVENT);
    if peek_second(inp).is_some_and(is_event) && !is_suppressed(inp) && report_habit(inp, &[habit_table::EVENT]) {
        inp.skip();
    }
}

/// The field of an event without its dot; no other name may follow an event.
fn missing_dot(inp: &mut Cursor<'_, '_>) -> bool {
    let Some(field) = inp.peek().filter(|t| t.kind == Kind::Name && !t.first) else { return false };
    if is_misspelling(field.text, AFTER_EVENT) || foreign::foreign_arrow_len(inp).is_some() {
        return false;
    }
    let (place, word) = (gap(inp), field.text);
    if report_habit(inp, &[habit_table::AFTER_TRIGGER, habit_table::AFTER_STEP]) {
        return false;
    }
    report_with(inp, || {
        let message = say!("expected `.` before `{word}`", word);
        Diagnostic::new(Code::Expected, field.span, message, say!("missing dot"))
            .help(say!("write an event field after a dot: `.{word}`", word))
            // `on first purchase` asks for something else than a field of `first`.
            .guess(say!("add `.`"), Span { end: field.span.start, ..place }, ".")
    });
    true
}

/// `every month`, `every hour`: a period without a time.
fn monthly(inp: &mut Cursor<'_, '_>) -> Result<Span, EmptyErr> {
    let Some(word) = inp.peek().filter(|t| t.kind == Kind::Name) else { return fail() };
    let right = match word.text {
        "month" => "\"RRULE:FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=10;BYMINUTE=0;BYSECOND=0\"",
        "year" => "\"RRULE:FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYHOUR=10;BYMINUTE=0;BYSECOND=0\"",
        "week" => "monday 10:00",
        "hour" => "1h",
        "minute" => "1m",
        _ => return fail(),
    };
    let wrong = word.text;
    report_with(inp, || {
        Diagnostic::new(
            Code::Expected,
            word.span,
            say!("`every {wrong}` is not a valid schedule", wrong),
            say!("not a schedule"),
        )
        .help(say!("write `every {right}`", right))
    });
    inp.skip();
    Ok(word.span)
}

/// `mon`, `Friday`: another spelling of a day.
fn short_day(inp: &mut Cursor<'_, '_>) -> Result<Spanned<Weekday>, EmptyErr> {
    let Some(word) = inp.peek().filter(|t| t.kind == Kind::Name) else { return fail() };
    let lower = word.text.to_lowercase();
    let right = foreign_syntax::days(word.text).unwrap_or(&lower);
    let Some(day) = Weekday::parse(right) else { return fail() };
    let message = say!("`{day}` is not a valid day", day = word.text);
    foreign::replace_with(inp, 1, message, say!("expected a day"), right);
    Ok(Spanned::new(day, word.span))
}

/// `workdays`: another word for several days.
fn several_days(inp: &mut Cursor<'_, '_>) -> Result<DayWord, EmptyErr> {
    let Some(word) = inp.peek().filter(|t| t.kind == Kind::Name) else { return fail() };
    let right = match foreign_syntax::days(word.text) {
        Some("weekday") => DayWord::Weekday,
        Some("weekend") => DayWord::Weekend,
        Some(_) | None => return fail(),
    };
    let message = say!("`{days}` is not a valid range of days", days = word.text);
    foreign::replace_with(inp, 1, message, say!("expected days"), right.name());
    Ok(right)
}
