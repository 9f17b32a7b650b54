//! The least time that each element takes. In: an element and a clock. Out: the clock where the element is left, by arrow.
//!
//! What nobody knows the length of takes no time: an answer, an event, the opening of `hours`, room under a limit. Later is
//! never sooner: whoever comes later to a wait leaves it no earlier, so the least of each wait gives the least of all.

use super::elapsed::Elapsed;
use super::path_weight::successors;
use crate::check::program::{Arithmetic, Day, Expr, Moment, Over, UpTo};
use crate::graph::{Element, Graph, Node, NodeIx, Unsent};
use crate::value::{Duration, TimeOfDay, Value};

/// Where a run goes and when.
pub(super) type Exit = (Option<NodeIx>, Elapsed);

/// How an element is left. With `sure`, what the wall clock shows counts as known only where it is; otherwise as the
/// earliest that it may be. A fork, a join and a `repeat` take no time.
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
            let answered = if *on_not_sent == Unsent::GoOn { elapsed } else { unknown(elapsed) };
            all(node, answered)
        }
        Element::Call { on_failed: on_not_sent, .. } => {
            all(node, if *on_not_sent == Unsent::GoOn { elapsed } else { unknown(elapsed) })
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
        | Element::Stop => all(node, elapsed),
    }
}

/// What is known of the wall clock when a message leaves that came to its element by this clock.
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
        // Exact time is the least to pass, and a time that is reached at that very instant counts.
        Some(at) => {
            let just_before = Duration { ms: duration.ms - 1, ..duration };
            elapsed.advance(just_before).at_time(at)
        }
    }
}

/// When a moment comes, and whether it lets a known time pass.
fn wait_until(moment: &Moment, elapsed: Elapsed) -> (Vec<Elapsed>, bool) {
    match moment {
        Moment::Time(at) => (elapsed.at_time(*at), true),
        Moment::Weekday(day, at) => (elapsed.at_weekday(*day, *at), true),
        Moment::At(Expr::Day { day: Day::Tomorrow, at }) => {
            let tomorrow = Duration { days: 1, ..Duration::default() };
            (elapsed.days_at(tomorrow, at.unwrap_or(TimeOfDay::MIDNIGHT)), true)
        }
        Moment::At(expr) => match from_now(expr) {
            Some(length) => (vec![elapsed.advance(length)], true),
            None => (vec![elapsed], false),
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
