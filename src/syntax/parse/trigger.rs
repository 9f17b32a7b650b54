//! Entries: a trigger, an arrow and a chain.

use super::P;
use super::error::Want;
use super::expr::{EVENT, Exprs, NAME, duration, filter, name, time};
use super::recover::{expect, key, required, token};
use crate::source::Spanned;
use crate::syntax::ast::{
    BinaryOp, Chain, DayRange, DurationLit, Entry, EventPath, Expr, ExprKind, Name, Schedule, Trigger, TriggerKind,
};
use crate::syntax::token::{Keyword, Kind, Token};
use crate::value::Weekday;
use chumsky::prelude::*;

use Keyword as K;

const FIELD: Want = Want::new("a field, or `updated`", "expected a field");
const ARROW: Want = Want::new("`->`", "expected `->`").keywords(&[K::Where, K::As, K::Or, K::At, K::For, K::And]);
const FOR: Want = Want::new("`for`", "expected `for`").keywords(&[K::For]);
const AT: Want = Want::new("`at`", "expected `at`").keywords(&[K::At]);
const DAYS: &[Keyword] = &[K::Day, K::Monday, K::Tuesday, K::Wednesday, K::Thursday, K::Friday, K::Saturday, K::Sunday];
const SCHEDULE: Want =
    Want::new("a schedule such as `day 10:00`, `monday 10:00` or `2w`", "expected a schedule").keywords(DAYS);
const WEEKDAY: Want = Want::new("a day such as `monday`", "expected a day").keywords(DAYS);

/// `trigger -> chain`; fails where no trigger begins.
pub(super) fn entry<'a>(exprs: &Exprs<'a>, chain: &P<'a, Chain>) -> P<'a, Entry> {
    trigger(exprs)
        .then_ignore(expect(Kind::Arrow, &ARROW))
        .then(chain.clone())
        .map_with(|(trigger, chain), e| Entry { trigger, chain, span: e.span() })
        .boxed()
}

fn trigger<'a>(exprs: &Exprs<'a>) -> P<'a, Trigger> {
    let entering = key(K::Entering).to(true).or(key(K::Leaving).to(false));
    let segment = entering.then(name(&NAME)).map(|(entering, name)| TriggerKind::Segment { entering, name });
    let silence = key(K::No)
        .ignore_then(name(&EVENT))
        .then_ignore(expect(Kind::Key(K::For), &FOR))
        .then(duration())
        .map(|(event, duration)| TriggerKind::Silence { event, duration });
    let on = key(K::On).ignore_then(choice((segment, silence, happening())));
    let every = key(K::Every)
        .ignore_then(schedule(exprs))
        .then(key(K::For).ignore_then(name(&NAME)).or_not())
        .map(|(schedule, segment)| TriggerKind::Every { schedule, segment });
    on.or(every)
        .then(alias())
        .then(filter(&exprs.expr))
        .map_with(|((kind, alias), filter), e| Trigger { kind, alias, filter, span: e.span() })
        .boxed()
}

/// What follows the first path of a trigger.
enum Tail {
    More(Vec<EventPath>),
    Date { shift: Option<(Spanned<BinaryOp>, DurationLit)>, at: Spanned<crate::value::TimeOfDay> },
}

/// `booking or visit`, or `client.birthday - 7d at 10:00`
fn happening<'a>() -> P<'a, TriggerKind> {
    let more = key(K::Or).ignore_then(event()).repeated().collect().map(Tail::More);
    let sign = choice((token(Kind::Minus).to(BinaryOp::Subtract), token(Kind::Plus).to(BinaryOp::Add)));
    let shift = sign.map_with(|op, e| Spanned::new(op, e.span())).then(duration());
    let at = expect(Kind::Key(K::At), &AT).ignore_then(time()).boxed();
    let shifted = shift.then(at).map(|(shift, at)| Tail::Date { shift: Some(shift), at });
    let dated = key(K::At).ignore_then(time()).map(|at| Tail::Date { shift: None, at });
    event()
        .then(choice((shifted, dated, more)))
        .map(|(path, tail)| match tail {
            Tail::More(rest) => TriggerKind::Events(std::iter::once(path).chain(rest).collect()),
            Tail::Date { shift, at } => TriggerKind::Date { moment: moment(path, shift), at },
        })
        .boxed()
}

fn moment(path: EventPath, shift: Option<(Spanned<BinaryOp>, DurationLit)>) -> Expr {
    let span = path.span();
    let mut expr = Expr { span: path.event.span, kind: ExprKind::Name(path.event.node) };
    if let Some(name) = path.member {
        expr = Expr { kind: ExprKind::Field { of: Box::new(expr), name }, span };
    }
    let Some((op, duration)) = shift else { return expr };
    let right = Expr { span: duration.span, kind: ExprKind::Duration(duration) };
    let span = span.to(right.span);
    Expr { kind: ExprKind::Binary { op, left: Box::new(expr), right: Box::new(right) }, span }
}

/// `booking.updated`
fn event<'a>() -> P<'a, EventPath> {
    let member = token(Kind::Dot).ignore_then(name(&FIELD)).or_not();
    name(&EVENT).then(member).map(|(event, member)| EventPath { event, member }).boxed()
}

/// `booking or visit.updated`
pub(super) fn events<'a>() -> P<'a, Vec<EventPath>> {
    event().separated_by(key(K::Or)).at_least(1).collect().boxed()
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
    required(choice((day, weekdays, interval, rule)).boxed(), &SCHEDULE, Schedule::Error)
}

/// `monday..friday, sunday`; fails where no day stands.
pub(super) fn days<'a>() -> P<'a, Vec<DayRange>> {
    let day = weekday();
    let range = |from: P<'a, Spanned<Weekday>>| {
        let missing = |span| Spanned::new(Weekday::Sunday, span);
        let to = token(Kind::DotDot).ignore_then(required(weekday(), &WEEKDAY, missing)).or_not();
        from.then(to).map(|(from, to)| DayRange { from, to })
    };
    let missing = |span| Spanned::new(Weekday::Monday, span);
    let more = token(Kind::Comma).ignore_then(range(required(weekday(), &WEEKDAY, missing))).repeated().collect();
    range(day).then(more).map(|(first, rest): (_, Vec<_>)| std::iter::once(first).chain(rest).collect()).boxed()
}

fn weekday<'a>() -> P<'a, Spanned<Weekday>> {
    any()
        .try_map(|t: Token<'a>, _| match t.kind {
            Kind::Key(k) => {
                Weekday::parse(k.text()).map_or_else(super::recover::fail, |day| Ok(Spanned::new(day, t.span)))
            }
            _ => super::recover::fail(),
        })
        .boxed()
}
