//! The least delay of each element. In: an element and the elapsed time. Out: the elapsed time at each exit. Delays of
//! unknown length count as zero: waiting for a later field, for an event, for `hours` to open or for room under a
//! limit. Arriving later at a wait never means leaving it earlier, so the minimum of each wait gives the minimum of the
//! path.

use super::elapsed::Elapsed;
use super::path_weight::successors;
use crate::check::program::{Arithmetic, Day, Expr, Moment, Over, UpTo};
use crate::graph::{Element, Graph, Node, NodeIx, OnFailure};
use crate::value::{Duration, TimeOfDay, Value};

/// An exit of an element and the time at which it is taken.
pub(super) type Exit = (Option<NodeIx>, Elapsed);

/// Returns the exits of an element. With `sure`, the wall time counts as known only if it certainly is; otherwise the
/// earliest possible time is assumed. A fork, a join and a `repeat` take no time.
pub(super) fn exits(graph: &Graph, node: &Node, elapsed: Elapsed, sure: bool) -> Vec<Exit> {
    let unknown = |elapsed: Elapsed| if sure { elapsed.with_unknown_time() } else { elapsed };
    match &node.element {
        Element::WaitDuration { duration, at, next } => {
            wait_duration(*duration, *at, elapsed).into_iter().map(|elapsed| (*next, elapsed)).collect()
        }
        Element::WaitUntil { moment, next, on_past: past } => {
            let (ends, timed) = wait_until(moment, elapsed);
            let end = |end: Elapsed| if timed { end } else { unknown(end) };
            ends.into_iter().map(end).flat_map(|end| [(*next, end), (*past, end)]).collect()
        }
        Element::WaitEvent { wait, on_event, on_timeout } => {
            let missed_at = match &wait.up_to {
                Some(UpTo::Duration(duration)) => elapsed.advance(*duration),
                Some(UpTo::Moment(_)) | None => unknown(elapsed),
            };
            vec![(*on_event, unknown(elapsed)), (*on_timeout, missed_at)]
        }
        Element::If { condition, .. } if reads_later(condition) => all(node, unknown(elapsed)),
        Element::Match { subject, .. } if reads_later(subject) => all(node, unknown(elapsed)),
        Element::Send { on_not_sent, .. } => {
            let elapsed = if sure { after_send_delay(graph, elapsed) } else { elapsed };
            let answered = if *on_not_sent == OnFailure::Continue { elapsed } else { unknown(elapsed) };
            all(node, answered)
        }
        Element::Call { on_failed: on_not_sent, .. } => {
            all(node, if *on_not_sent == OnFailure::Continue { elapsed } else { unknown(elapsed) })
        }
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
        | Element::Stop => all(node, elapsed),
    }
}

/// The wall time that is still known when a message is sent, which may have been held back.
pub(super) fn after_send_delay(graph: &Graph, elapsed: Elapsed) -> Elapsed {
    let settings = &graph.settings;
    let open =
        |window: &crate::value::time::Window| window.days.is_empty() && elapsed.shows_between(window.from, window.to);
    let held = !settings.hours.is_empty() && !settings.hours.iter().any(open);
    let deferred = settings.limits.iter().any(|limit| matches!(limit.over, Over::Defer(_)));
    if held || deferred { elapsed.with_unknown_time() } else { elapsed }
}

fn all(node: &Node, elapsed: Elapsed) -> Vec<Exit> {
    successors(&node.element).into_iter().map(|to| (to, elapsed)).collect()
}

fn wait_duration(duration: Duration, at: Option<TimeOfDay>, elapsed: Elapsed) -> Vec<Elapsed> {
    match at {
        None => vec![elapsed.advance(duration)],
        Some(at) if duration.is_calendar() => elapsed.days_at(duration, at),
        // An exact duration is a minimum, and a time of day that is reached at that very instant counts.
        Some(at) => {
            let just_before = Duration { ms: duration.ms - 1, ..duration };
            elapsed.advance(just_before).at_time(at)
        }
    }
}

/// When a moment is reached, and whether the time until then is known.
fn wait_until(moment: &Moment, elapsed: Elapsed) -> (Vec<Elapsed>, bool) {
    match moment {
        Moment::Time(at) => (elapsed.at_time(*at), true),
        Moment::Weekdays(days, at) => (elapsed.at_weekdays(days, *at), true),
        Moment::At(Expr::Day { day: Day::Tomorrow, at }) => {
            let tomorrow = Duration { days: 1, ..Duration::default() };
            (elapsed.days_at(tomorrow, at.unwrap_or(TimeOfDay::MIDNIGHT)), true)
        }
        Moment::At(Expr::AtTime(of, at)) => match from_now(of) {
            Some(length) if length.is_calendar() => (elapsed.days_at(length, *at), true),
            Some(_) | None => (vec![elapsed], false),
        },
        Moment::At(expr) => match from_now(expr) {
            Some(length) => (vec![elapsed.advance(length)], true),
            None => (vec![elapsed], false),
        },
    }
}

/// The duration of `now + 2h`.
fn from_now(expr: &Expr) -> Option<Duration> {
    let Expr::Arithmetic(Arithmetic::Add, now, length) = expr else { return None };
    let Expr::Value(Value::Duration(length)) = &**length else { return None };
    (**now == Expr::Now).then_some(*length)
}

/// Whether an expression may have to wait for a `later` field.
pub(super) fn reads_later(expr: &Expr) -> bool {
    expr.reads().iter().any(|read| read.later.is_some())
}
