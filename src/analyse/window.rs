//! Times of day against `hours`. In: a graph. Out: waits and schedules that wake when no message may leave, so that what
//! they were for leaves at another time.

use crate::check::program::{Moment, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Element, Graph, NodeIx};
use crate::say;
use crate::source::Span;
use crate::value::{Schedule, TimeOfDay, Weekday, time::Window};
use std::collections::BTreeSet;

/// Judges the times that a graph names against its hours.
pub(super) fn windows(graph: &Graph) -> Vec<Diagnostic> {
    let hours = &graph.settings.hours;
    if hours.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for entry in &graph.entries {
        let times = match &entry.trigger {
            Trigger::Every { schedule: Schedule::Days { days, at }, .. } => vec![(days.clone(), *at)],
            Trigger::Every { schedule: Schedule::Interval { every, at: Some(at) }, .. } if every.ms == 0 => {
                vec![(Vec::new(), *at)]
            }
            Trigger::Date(date) => vec![(Vec::new(), date.at)],
            Trigger::Every { .. } | Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Silence { .. } => {
                Vec::new()
            }
        };
        found.extend(times.iter().filter_map(|(days, at)| judged(graph, entry.start, days, *at, entry.span)));
    }
    for node in &graph.nodes {
        let (days, at, next) = match &node.element {
            Element::WaitFor { at: Some(at), next, .. } => (Vec::new(), *at, *next),
            Element::WaitUntil { moment: Moment::Time(at), next, .. } => (Vec::new(), *at, *next),
            Element::WaitUntil { moment: Moment::Weekday(day, at), next, .. } => (vec![*day], *at, *next),
            _ => continue,
        };
        found.extend(judged(graph, next, &days, at, node.span));
    }
    found
}

fn judged(graph: &Graph, next: Option<NodeIx>, days: &[Weekday], at: TimeOfDay, span: Span) -> Option<Diagnostic> {
    let hours = &graph.settings.hours;
    let days = if days.is_empty() { &Weekday::ALL[..] } else { days };
    if days.iter().any(|day| hours.iter().any(|window| holds(window, *day, at))) {
        return None;
    }
    let message = message_without_wait(graph, next)?;
    let opens = opening(hours, at)?;
    let finding = Diagnostic::new(
        Code::OutsideHours,
        span,
        say!("no message may leave at {at}: it is outside `hours`", at = at.to_string()),
        say!("wakes outside `hours`"),
    );
    Some(
        finding
            .related(message, say!("held until {opens}", opens = opens.to_string()))
            .help(say!("name a time inside, such as `{opens}`, or widen `hours`", opens = opens.to_string())),
    )
}

/// The first message that is reached without a further wait.
fn message_without_wait(graph: &Graph, from: Option<NodeIx>) -> Option<Span> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<NodeIx> = from.into_iter().collect();
    while let Some(at) = open.pop() {
        let Some(node) = graph.node(at).filter(|_| seen.insert(at)) else { continue };
        match &node.element {
            Element::Send { .. } => return Some(node.span),
            Element::WaitFor { .. } | Element::WaitUntil { .. } | Element::WaitEvent { .. } => {}
            other => open.extend(other.targets().into_iter().rev()),
        }
    }
    None
}

/// Whether a window is open on a day at a time.
fn holds(window: &Window, day: Weekday, at: TimeOfDay) -> bool {
    let on = |day: Weekday| window.days.is_empty() || window.days.contains(&day);
    if window.from < window.to {
        return on(day) && window.from <= at && at < window.to;
    }
    let before = Weekday::ALL.iter().copied().cycle().nth(day as usize + 6).unwrap_or(day);
    (on(day) && at >= window.from) || (on(before) && at < window.to)
}

/// When the first window after a time of day opens.
fn opening(hours: &[Window], at: TimeOfDay) -> Option<TimeOfDay> {
    let later = hours.iter().map(|window| window.from).filter(|from| *from > at).min();
    later.or_else(|| hours.iter().map(|window| window.from).min())
}
