//! The least time that each element takes. In: an element and a clock. Out: the clock where the element is left, by arrow.
//!
//! What nobody knows the length of takes no time: an answer, an event, the opening of `hours`, room under a limit. Later is
//! never sooner: whoever comes later to a wait leaves it no earlier, so the least of each wait gives the least of all.

use super::clock::Clock;
use super::way::targets;
use crate::check::program::{Arithmetic, Day, Expr, Moment, Over, UpTo};
use crate::graph::{Element, Graph, Node, NodeIx, OnFailure};
use crate::value::{Duration, TimeOfDay, Value};

/// Where a run goes and when.
pub(super) type Left = (Option<NodeIx>, Clock);

/// How an element is left. With `sure`, what the wall clock shows counts as known only where it is; otherwise as the
/// earliest that it may be. A fork, a join and a `repeat` take no time.
pub(super) fn leave(graph: &Graph, node: &Node, clock: Clock, sure: bool) -> Vec<Left> {
    let unknown = |clock: Clock| if sure { clock.lost() } else { clock };
    match &node.element {
        Element::WaitDuration { duration, at, next } => {
            wait_duration(*duration, *at, clock).into_iter().map(|clock| (*next, clock)).collect()
        }
        Element::WaitUntil { moment, next, on_past: past } => {
            let (ends, timed) = wait_until(moment, clock);
            let end = |end: Clock| if timed { end } else { unknown(end) };
            ends.into_iter().map(end).flat_map(|end| [(*next, end), (*past, end)]).collect()
        }
        Element::WaitEvent { wait, on_event, on_timeout } => {
            let missed_at = match &wait.up_to {
                Some(UpTo::Duration(duration)) => clock.pass(*duration),
                Some(UpTo::Moment(_)) | None => unknown(clock),
            };
            vec![(*on_event, unknown(clock)), (*on_timeout, missed_at)]
        }
        Element::If { condition, .. } if reads_later(condition) => all(node, unknown(clock)),
        Element::Match { subject, .. } if reads_later(subject) => all(node, unknown(clock)),
        Element::Send { on_not_sent, .. } => {
            let clock = if sure { leaving(graph, clock) } else { clock };
            let answered = if *on_not_sent == OnFailure::Continue { clock } else { unknown(clock) };
            all(node, answered)
        }
        Element::Call { on_failed: on_not_sent, .. } => {
            all(node, if *on_not_sent == OnFailure::Continue { clock } else { unknown(clock) })
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
        | Element::Stop => all(node, clock),
    }
}

/// What is known of the wall clock when a message leaves that came to its element by this clock.
pub(super) fn leaving(graph: &Graph, clock: Clock) -> Clock {
    let settings = &graph.settings;
    let open =
        |window: &crate::value::time::Window| window.days.is_empty() && clock.shows_between(window.from, window.to);
    let held = !settings.hours.is_empty() && !settings.hours.iter().any(open);
    let deferred = settings.limits.iter().any(|limit| matches!(limit.over, Over::Defer(_)));
    if held || deferred { clock.lost() } else { clock }
}

fn all(node: &Node, clock: Clock) -> Vec<Left> {
    targets(&node.element).into_iter().map(|to| (to, clock)).collect()
}

fn wait_duration(duration: Duration, at: Option<TimeOfDay>, clock: Clock) -> Vec<Clock> {
    match at {
        None => vec![clock.pass(duration)],
        Some(at) if duration.is_calendar() => clock.days_at(duration, at),
        // Exact time is the least to pass, and a time that is reached at that very instant counts.
        Some(at) => {
            let just_before = Duration { ms: duration.ms - 1, ..duration };
            clock.pass(just_before).until_time(at)
        }
    }
}

/// When a moment comes, and whether it lets a known time pass.
fn wait_until(moment: &Moment, clock: Clock) -> (Vec<Clock>, bool) {
    match moment {
        Moment::Time(at) => (clock.until_time(*at), true),
        Moment::Weekday(day, at) => (clock.until_weekday(*day, *at), true),
        Moment::At(Expr::Day { day: Day::Tomorrow, at }) => {
            let tomorrow = Duration { days: 1, ..Duration::default() };
            (clock.days_at(tomorrow, at.unwrap_or(TimeOfDay::MIDNIGHT)), true)
        }
        Moment::At(expr) => match from_now(expr) {
            Some(length) => (vec![clock.pass(length)], true),
            None => (vec![clock], false),
        },
    }
}

/// The length of `now + 2h`.
fn from_now(expr: &Expr) -> Option<Duration> {
    let Expr::Arithmetic(Arithmetic::Add, now, length) = expr else { return None };
    let Expr::Value(Value::Duration(length)) = &**length else { return None };
    (**now == Expr::Now).then_some(*length)
}

/// Whether a question may have to wait for what is told later.
pub(super) fn reads_later(expr: &Expr) -> bool {
    expr.reads().iter().any(|read| read.later.is_some())
}
