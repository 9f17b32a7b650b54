//! Distances of moments from now. In: a graph. Out: at each node, bounds on how far moments of records are from now,
//! according to the waits before it, if no record changes meanwhile.

use crate::analysis::condition::{Sum, Term, Unit};
use crate::analysis::small_map::SmallMap;
use crate::check::program::{Comparison, Expr, Moment};
use crate::graph::{Element, Entry, Graph, Node, NodeIx, OnFailure};
use crate::value::{Decimal, Duration};
use std::collections::BTreeMap;

/// Limit: after this many visits of a node in a cycle, nothing is known there.
const MAX_VISITS: usize = 6;

/// A `wait until` that wakes later than this takes its `else` (`engine/step.rs`).
const MAX_LATE_MS: i64 = 300_000;

/// A moment without its constant offset.
pub(super) type Origin = SmallMap<Term, Decimal>;

/// How many milliseconds an origin is ahead of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Distance {
    /// At least this many.
    pub(super) min: Option<Decimal>,
    /// At most this many, and the element that implies it.
    pub(super) max: Option<(Decimal, NodeIx)>,
}

/// What is known about origins; `None` if the node is unreachable.
pub(super) type Distances = BTreeMap<Origin, Distance>;

/// Splits a moment into its origin and the bounds of its offset.
pub(super) fn moment(expr: &Expr) -> Option<(Origin, Decimal, Decimal)> {
    let sum = Sum::of(expr)?;
    let is_moment = sum.unit == Unit::Moment && !sum.terms.is_empty() && !sum.terms.contains_key(&Term::Now);
    is_moment.then_some((sum.terms, sum.low, sum.high))
}

/// Returns what is known before each node.
pub(super) fn distances(graph: &Graph) -> Vec<Option<Distances>> {
    let mut before: Vec<Option<Distances>> = vec![None; graph.nodes.len()];
    let mut visits = vec![0_usize; graph.nodes.len()];
    let mut open: Vec<(Option<NodeIx>, Distances)> =
        graph.entries.iter().map(|entry| (entry.start, beginning(entry))).collect();
    while let Some((to, arriving)) = open.pop() {
        let Some(to) = to else { continue };
        let at = to.0 as usize;
        let (Some(node), Some(known), Some(visits)) = (graph.nodes.get(at), before.get_mut(at), visits.get_mut(at))
        else {
            continue;
        };
        *visits += 1;
        let joined = match known {
            _ if *visits > MAX_VISITS => Distances::new(),
            Some(known) => joined(known, &arriving),
            None => arriving,
        };
        if known.as_ref() == Some(&joined) {
            continue;
        }
        *known = Some(joined.clone());
        open.extend(transfer(graph, to, node, joined));
    }
    before
}

/// What the filter of an entry implies at the start of a run. Upper bounds are dropped, because the funnel itself has
/// to wait for them.
fn beginning(entry: &Entry) -> Distances {
    let mut known =
        entry.filter.as_ref().map_or_else(Distances::new, |filter| assuming(Distances::new(), filter, NodeIx(0)));
    known.values_mut().for_each(|distance| distance.max = None);
    known.retain(|_, distance| distance.min.is_some());
    known
}

/// What holds on both paths.
fn joined(one: &Distances, other: &Distances) -> Distances {
    let both = |(origin, a): (&Origin, &Distance)| {
        let b = other.get(origin)?;
        let min = a.min.zip(b.min).map(|(a, b)| a.min(b));
        let max = a.max.zip(b.max).map(|(a, b)| if a.0 >= b.0 { a } else { b });
        (min.is_some() || max.is_some()).then(|| (origin.clone(), Distance { min, max }))
    };
    one.iter().filter_map(both).collect()
}

/// Lets time pass, at least and at most this long; `None` for an unknown time.
fn advance(mut known: Distances, least: Decimal, most: Option<Decimal>) -> Distances {
    for distance in known.values_mut() {
        distance.min = distance.min.zip(most).and_then(|(bound, most)| bound.checked_sub(most));
        distance.max = distance.max.and_then(|(bound, by)| Some((bound.checked_sub(least)?, by)));
    }
    known.retain(|_, distance| distance.min.is_some() || distance.max.is_some());
    known
}

fn after_unknown_time(known: Distances) -> Distances {
    advance(known, Decimal::ZERO, None)
}

/// Adds bounds on an origin.
fn narrowed(
    mut known: Distances,
    origin: Origin,
    least: Option<Decimal>,
    most: Option<(Decimal, NodeIx)>,
) -> Distances {
    let distance = known.entry(origin).or_insert(Distance { min: None, max: None });
    distance.min = match (distance.min, least) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    };
    distance.max = match (distance.max, most) {
        (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
        (a, b) => a.or(b),
    };
    known
}

fn transfer(graph: &Graph, at: NodeIx, node: &Node, known: Distances) -> Vec<(Option<NodeIx>, Distances)> {
    match &node.element {
        Element::WaitDuration { duration, at: time, next } => {
            let (least, most) = length(*duration);
            let day = Decimal::from(86_400_000);
            let (least, most) = if time.is_some() { (least - day, most + day) } else { (least, most) };
            vec![(*next, advance(known, least.max(Decimal::ZERO), Some(most)))]
        }
        Element::WaitUntil { moment: Moment::At(expr), next, on_past: past } => {
            let Some((origin, low, high)) = moment(expr) else {
                let passed = after_unknown_time(known.clone());
                return vec![(*next, passed), (*past, known)];
            };
            // On either exit the moment is not ahead any more.
            let most = Some((-low, at));
            let on_time = Some(-high - Decimal::from(MAX_LATE_MS));
            let waited = narrowed(after_unknown_time(known.clone()), origin.clone(), on_time, most);
            vec![(*next, waited), (*past, narrowed(known, origin, None, most))]
        }
        Element::WaitUntil { next, on_past: past, .. } => {
            vec![(*next, after_unknown_time(known.clone())), (*past, known)]
        }
        Element::WaitEvent { on_event, on_timeout, .. } => {
            let known = after_unknown_time(known);
            vec![(*on_event, known.clone()), (*on_timeout, known)]
        }
        Element::If { condition, yes, no } => {
            let waits = condition.reads().iter().any(|read| read.later.is_some());
            let known = if waits { after_unknown_time(known) } else { known };
            vec![(*yes, assuming(known.clone(), condition, at)), (*no, known)]
        }
        Element::Send { next, on_not_sent: OnFailure::Else(other), .. }
        | Element::Call { next, on_failed: OnFailure::Else(other), .. } => {
            let known = after_unknown_time(known);
            vec![(*next, known.clone()), (*other, known)]
        }
        Element::Send { next, on_not_sent: OnFailure::Continue, .. } => {
            let held = !graph.settings.hours.is_empty() || !graph.settings.limits.is_empty();
            vec![(*next, if held { after_unknown_time(known) } else { known })]
        }
        other => other.targets().into_iter().map(|to| (Some(to), known.clone())).collect(),
    }
}

/// The shortest and longest duration of a wait.
fn length(duration: Duration) -> (Decimal, Decimal) {
    Sum::of(&Expr::Value(crate::value::Value::Duration(duration)))
        .map_or((Decimal::ZERO, Decimal::MAX), |sum| (sum.low - sum.slack, sum.high + sum.slack))
}

/// Adds what a true condition implies about moments.
fn assuming(known: Distances, condition: &Expr, at: NodeIx) -> Distances {
    match condition {
        Expr::And(a, b) => assuming(assuming(known, a, at), b, at),
        Expr::Compare(op, a, b) => {
            let known = match (op, &**a, &**b) {
                (Comparison::Greater | Comparison::GreaterEqual, moment, Expr::Now)
                | (Comparison::Less | Comparison::LessEqual, Expr::Now, moment) => {
                    narrowed(known, whole(moment), Some(Decimal::ZERO), None)
                }
                (_, _, _) => known,
            };
            compared(known, *op, a, b, at)
        }
        _ => known,
    }
}

/// Returns a moment as its own origin. More is known about a calendar moment, such as a day before another, than about
/// its parts.
pub(super) fn whole(moment: &Expr) -> Origin {
    SmallMap::one(Term::whole(moment), Decimal::ONE)
}

fn compared(known: Distances, op: Comparison, a: &Expr, b: &Expr, at: NodeIx) -> Distances {
    let difference = Sum::of(a).zip(Sum::of(b)).and_then(|(a, b)| a.difference(b));
    let Some(sum) = difference.filter(|sum| matches!(sum.unit, Unit::Moment | Unit::Length)) else { return known };
    let mut origin = sum.terms;
    // One side must be the current time, offset by durations only.
    let (op, low, high) = match origin.remove(&Term::Now) {
        Some(count) if count == Decimal::NEGATIVE_ONE => (op, sum.low, sum.high),
        Some(count) if count == Decimal::ONE => {
            origin.values_mut().for_each(|count| *count = -*count);
            (op.mirrored(), -sum.high, -sum.low)
        }
        Some(_) | None => return known,
    };
    if origin.is_empty() {
        return known;
    }
    match op {
        Comparison::Less | Comparison::LessEqual => narrowed(known, origin, None, Some((-low, at))),
        Comparison::Greater | Comparison::GreaterEqual => narrowed(known, origin, Some(-high), None),
        Comparison::Equal => narrowed(known, origin, Some(-high), Some((-low, at))),
        Comparison::NotEqual => known,
    }
}
