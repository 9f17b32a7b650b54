//! How far moments are ahead. In: a graph. Out: at each element, between which bounds the moments of records lie from the
//! present, as far as the waits before it tell, if no record changes meanwhile.

use super::few::Few;
use super::sum::{Sum, Unit};
use super::term::Term;
use crate::check::program::{Comparison, Expr, Moment};
use crate::graph::{Element, Entry, Graph, Node, NodeIx, OnFailure};
use crate::value::{Decimal, Duration};
use std::collections::BTreeMap;

/// Limit: an element in a loop is looked at so often before nothing counts as known there.
const MOST_LOOKS: usize = 6;

/// A `wait until` that wakes later than this takes its `else` (`engine/step.rs`).
const LATE_MS: i64 = 300_000;

/// What a moment is made of, but for a length of time.
pub(super) type Origin = Few<Term, Decimal>;

/// How many milliseconds an origin is ahead of the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ahead {
    /// At least so many.
    pub(super) least: Option<Decimal>,
    /// At most so many, and the element that says so.
    pub(super) most: Option<(Decimal, NodeIx)>,
}

/// What is known of origins; `None` where no run comes.
pub(super) type Clock = BTreeMap<Origin, Ahead>;

/// A moment as its origin and how much later it is, between two bounds.
pub(super) fn moment(expr: &Expr) -> Option<(Origin, Decimal, Decimal)> {
    let sum = Sum::of(expr)?;
    let is_moment = sum.unit == Unit::Moment && !sum.terms.is_empty() && !sum.terms.contains_key(&Term::Now);
    is_moment.then_some((sum.terms, sum.low, sum.high))
}

/// The clock before each node.
pub(super) fn clocks(graph: &Graph) -> Vec<Option<Clock>> {
    let mut before: Vec<Option<Clock>> = vec![None; graph.nodes.len()];
    let mut looks = vec![0_usize; graph.nodes.len()];
    let mut open: Vec<(Option<NodeIx>, Clock)> =
        graph.entries.iter().map(|entry| (entry.start, beginning(entry))).collect();
    while let Some((to, clock)) = open.pop() {
        let Some(to) = to else { continue };
        let at = to.0 as usize;
        let (Some(node), Some(known), Some(look)) = (graph.nodes.get(at), before.get_mut(at), looks.get_mut(at)) else {
            continue;
        };
        *look += 1;
        let joined = match known {
            _ if *look > MOST_LOOKS => Clock::new(),
            Some(known) => either(known, &clock),
            None => clock,
        };
        if known.as_ref() == Some(&joined) {
            continue;
        }
        *known = Some(joined.clone());
        open.extend(after(graph, to, node, joined));
    }
    before
}

/// What the filter of an entry tells when a run begins; what it says is near is told where the funnel waits for it.
fn beginning(entry: &Entry) -> Clock {
    let mut clock = entry.filter.as_ref().map_or_else(Clock::new, |filter| held(Clock::new(), filter, NodeIx(0)));
    clock.values_mut().for_each(|ahead| ahead.most = None);
    clock.retain(|_, ahead| ahead.least.is_some());
    clock
}

/// What holds on both ways.
fn either(one: &Clock, other: &Clock) -> Clock {
    let both = |(origin, a): (&Origin, &Ahead)| {
        let b = other.get(origin)?;
        let least = a.least.zip(b.least).map(|(a, b)| a.min(b));
        let most = a.most.zip(b.most).map(|(a, b)| if a.0 >= b.0 { a } else { b });
        (least.is_some() || most.is_some()).then(|| (origin.clone(), Ahead { least, most }))
    };
    one.iter().filter_map(both).collect()
}

/// So much time passes, at least and at most; `None` for nobody knows how much.
fn pass(mut clock: Clock, least: Decimal, most: Option<Decimal>) -> Clock {
    for ahead in clock.values_mut() {
        ahead.least = ahead.least.zip(most).and_then(|(bound, most)| bound.checked_sub(most));
        ahead.most = ahead.most.and_then(|(bound, by)| Some((bound.checked_sub(least)?, by)));
    }
    clock.retain(|_, ahead| ahead.least.is_some() || ahead.most.is_some());
    clock
}

fn some_time(clock: Clock) -> Clock {
    pass(clock, Decimal::ZERO, None)
}

/// Takes in that an origin is at most, or at least, so far ahead.
fn bounded(mut clock: Clock, origin: Origin, least: Option<Decimal>, most: Option<(Decimal, NodeIx)>) -> Clock {
    let ahead = clock.entry(origin).or_insert(Ahead { least: None, most: None });
    ahead.least = match (ahead.least, least) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    };
    ahead.most = match (ahead.most, most) {
        (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
        (a, b) => a.or(b),
    };
    clock
}

fn after(graph: &Graph, at: NodeIx, node: &Node, clock: Clock) -> Vec<(Option<NodeIx>, Clock)> {
    match &node.element {
        Element::WaitDuration { duration, at: time, next } => {
            let (least, most) = length(*duration);
            let day = Decimal::from(86_400_000);
            let (least, most) = if time.is_some() { (least - day, most + day) } else { (least, most) };
            vec![(*next, pass(clock, least.max(Decimal::ZERO), Some(most)))]
        }
        Element::WaitUntil { moment: Moment::At(expr), next, on_past: past } => {
            let Some((origin, low, high)) = moment(expr) else {
                let passed = some_time(clock.clone());
                return vec![(*next, passed), (*past, clock)];
            };
            // Whichever way it goes on, the moment is not ahead any more.
            let most = Some((-low, at));
            let on_time = Some(-high - Decimal::from(LATE_MS));
            let waited = bounded(some_time(clock.clone()), origin.clone(), on_time, most);
            vec![(*next, waited), (*past, bounded(clock, origin, None, most))]
        }
        Element::WaitUntil { next, on_past: past, .. } => vec![(*next, some_time(clock.clone())), (*past, clock)],
        Element::WaitEvent { on_event, on_timeout, .. } => {
            let clock = some_time(clock);
            vec![(*on_event, clock.clone()), (*on_timeout, clock)]
        }
        Element::If { condition, yes, no } => {
            let waits = condition.reads().iter().any(|read| read.later.is_some());
            let clock = if waits { some_time(clock) } else { clock };
            vec![(*yes, held(clock.clone(), condition, at)), (*no, clock)]
        }
        Element::Send { next, on_not_sent: OnFailure::Else(other), .. }
        | Element::Call { next, on_failed: OnFailure::Else(other), .. } => {
            let clock = some_time(clock);
            vec![(*next, clock.clone()), (*other, clock)]
        }
        Element::Send { next, on_not_sent: OnFailure::Continue, .. } => {
            let held = !graph.settings.hours.is_empty() || !graph.settings.limits.is_empty();
            vec![(*next, if held { some_time(clock) } else { clock })]
        }
        other => other.targets().into_iter().map(|to| (Some(to), clock.clone())).collect(),
    }
}

/// How long a wait is, at least and at most.
fn length(duration: Duration) -> (Decimal, Decimal) {
    Sum::of(&Expr::Value(crate::value::Value::Duration(duration)))
        .map_or((Decimal::ZERO, Decimal::MAX), |sum| (sum.low - sum.slack, sum.high + sum.slack))
}

/// What a condition that holds tells of how far moments are ahead.
fn held(clock: Clock, condition: &Expr, at: NodeIx) -> Clock {
    match condition {
        Expr::And(a, b) => held(held(clock, a, at), b, at),
        Expr::Compare(op, a, b) => {
            let clock = match (op, &**a, &**b) {
                (Comparison::Greater | Comparison::GreaterEqual, moment, Expr::Now)
                | (Comparison::Less | Comparison::LessEqual, Expr::Now, moment) => {
                    bounded(clock, whole(moment), Some(Decimal::ZERO), None)
                }
                (_, _, _) => clock,
            };
            compared(clock, *op, a, b, at)
        }
        _ => clock,
    }
}

/// A moment as its own origin: of one on the calendar, such as a day before another, more is known so than of what it is made of.
pub(super) fn whole(moment: &Expr) -> Origin {
    Few::one(Term::whole(moment), Decimal::ONE)
}

fn compared(clock: Clock, op: Comparison, a: &Expr, b: &Expr, at: NodeIx) -> Clock {
    let difference = Sum::of(a).zip(Sum::of(b)).and_then(|(a, b)| a.difference(b));
    let Some(sum) = difference.filter(|sum| matches!(sum.unit, Unit::Moment | Unit::Length)) else { return clock };
    let mut origin = sum.terms;
    // The present stands once on one side and nothing else there but lengths of time.
    let (op, low, high) = match origin.remove(&Term::Now) {
        Some(count) if count == Decimal::NEGATIVE_ONE => (op, sum.low, sum.high),
        Some(count) if count == Decimal::ONE => {
            origin.values_mut().for_each(|count| *count = -*count);
            (op.mirrored(), -sum.high, -sum.low)
        }
        Some(_) | None => return clock,
    };
    if origin.is_empty() {
        return clock;
    }
    match op {
        Comparison::Less | Comparison::LessEqual => bounded(clock, origin, None, Some((-low, at))),
        Comparison::Greater | Comparison::GreaterEqual => bounded(clock, origin, Some(-high), None),
        Comparison::Equal => bounded(clock, origin, Some(-high), Some((-low, at))),
        Comparison::NotEqual => clock,
    }
}
