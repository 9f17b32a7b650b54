//! The longest duration of a run. In: a graph. Out: milliseconds, or unbounded.

use super::count::Count;
use super::elapsed::{DAY, MAX_SHIFT};
use super::min_delay::reads_later;
use super::path_weight::{Extreme, WeightedGraph};
use crate::check::program::{Moment, Over, UpTo};
use crate::graph::{Element, Graph, NodeIx, OnFailure};
use crate::value::Duration;

/// Returns the longest duration of a run from a start node. A provider is assumed to report the outcome of a message
/// within a week.
pub(super) fn max_duration(graph: &Graph, start: Option<NodeIx>) -> Count {
    let weigh = |ix: NodeIx, _: bool| graph.node(ix).map_or(Count::ZERO, |node| of(graph, &node.element));
    WeightedGraph { graph, weigh: &weigh }.path(start, None, Extreme::Heaviest).weight
}

fn of(graph: &Graph, element: &Element) -> Count {
    match element {
        Element::WaitDuration { duration, at, .. } => {
            let until = if at.is_some() { DAY } else { 0 };
            length(*duration) + Count::Finite(until.unsigned_abs())
        }
        Element::WaitUntil { moment: Moment::Time(_), .. } => ms(DAY + MAX_SHIFT),
        Element::WaitUntil { moment: Moment::Weekdays(..), .. } => ms(7 * DAY + MAX_SHIFT),
        Element::WaitUntil { moment: Moment::At(_), .. } => Count::Unbounded,
        Element::WaitEvent { wait, .. } => match &wait.up_to {
            Some(UpTo::Duration(up_to)) => length(*up_to),
            Some(UpTo::Moment(_)) | None => Count::Unbounded,
        },
        Element::If { condition, .. } if reads_later(condition) => Count::Unbounded,
        Element::Match { subject, .. } if reads_later(subject) => Count::Unbounded,
        Element::Send { on_not_sent, .. } => held(graph) + answered(*on_not_sent),
        Element::Call { on_failed: on_not_sent, .. } => answered(*on_not_sent),
        Element::If { .. }
        | Element::Match { .. }
        | Element::Split { .. }
        | Element::Fork { .. }
        | Element::Join { .. }
        | Element::Repeat { .. }
        | Element::Set { .. }
        | Element::Tag { .. }
        | Element::Task { .. }
        | Element::Emit { .. }
        | Element::Start { .. }
        | Element::StopFunnel { .. }
        | Element::Stop => Count::ZERO,
    }
}

/// How long `hours` and limits may hold back a message.
fn held(graph: &Graph) -> Count {
    let closed = if graph.settings.hours.is_empty() { Count::ZERO } else { ms(7 * DAY + MAX_SHIFT) };
    let deferred = graph.settings.limits.iter().map(|limit| match limit.over {
        Over::Skip => Count::ZERO,
        Over::Defer(up_to) => length(up_to),
    });
    closed + deferred.max().unwrap_or_default()
}

fn answered(on_not_sent: OnFailure) -> Count {
    match on_not_sent {
        OnFailure::Continue => Count::ZERO,
        OnFailure::Else(_) => ms(7 * DAY),
    }
}

fn length(duration: Duration) -> Count {
    let days = i64::from(duration.months.max(0)) * 31 + i64::from(duration.days.max(0));
    let moved = if duration.is_calendar() { MAX_SHIFT } else { 0 };
    ms(days * DAY + duration.ms.max(0) + moved)
}

fn ms(ms: i64) -> Count {
    Count::Finite(ms.max(0).unsigned_abs())
}
