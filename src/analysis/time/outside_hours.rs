//! Times outside of `hours`. In: a graph. Out: waits and schedules that wake when no message may leave, so that the
//! message is delayed.

use crate::check::program::{Expr, Moment, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Element, Graph, NodeIx};
use crate::say;
use crate::source::Span;
use crate::value::{Schedule, TimeOfDay, Weekday, time::Window};
use std::collections::BTreeSet;

/// Checks the times of day in a graph against its hours.
pub(in crate::analysis) fn outside_hours(graph: &Graph) -> Vec<Diagnostic> {
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
            Trigger::Every { schedule: Schedule::Once(at), .. } => vec![(vec![at.date.weekday()], at.time)],
            Trigger::Date(date) => vec![(Vec::new(), date.at)],
            Trigger::Every { .. }
            | Trigger::Started { .. }
            | Trigger::Happened { .. }
            | Trigger::Segment { .. }
            | Trigger::Silence { .. } => Vec::new(),
        };
        found.extend(times.iter().filter_map(|(days, at)| findings(graph, entry.start, days, *at, entry.span)));
    }
    for node in &graph.nodes {
        let (days, at, next) = match &node.element {
            Element::WaitDuration { at: Some(at), next, .. } => (Vec::new(), *at, *next),
            Element::WaitUntil { moment: Moment::Time(at), next, .. } => (Vec::new(), *at, *next),
            Element::WaitUntil { moment: Moment::At(Expr::AtTime(_, at)), next, on_past } if next != on_past => {
                (Vec::new(), *at, *next)
            }
            Element::WaitUntil { moment: Moment::Weekdays(days, at), next, .. } => (days.clone(), *at, *next),
            _ => continue,
        };
        found.extend(findings(graph, next, &days, at, node.span));
    }
    found
}

fn findings(graph: &Graph, next: Option<NodeIx>, named: &[Weekday], at: TimeOfDay, span: Span) -> Option<Diagnostic> {
    let hours = &graph.settings.hours;
    let days = if named.is_empty() { &Weekday::ALL[..] } else { named };
    if days.iter().any(|day| hours.iter().any(|window| holds(window, *day, at))) {
        return None;
    }
    let message = message_without_wait(graph, next)?;
    let (on, opens) = days.iter().find_map(|day| opening(hours, *day, at))?;
    let at = at.to_string();
    let days = named.iter().map(|day| day.name()).collect::<Vec<_>>().join(", ");
    let text = if named.is_empty() {
        say!("{at} is outside `hours`, so this message is held", at)
    } else {
        say!("no messages are sent on `{days}` at {at}: it is outside `hours`", days, at)
    };
    // If the day is named, the next opening day is named too.
    let opens = if named.is_empty() { opens.to_string() } else { format!("{} {opens}", on.name()) };
    let finding = Diagnostic::new(Code::OutsideHours, span, text, say!("the run resumes outside `hours`"));
    Some(
        finding
            .related(message, say!("held until {opens}", opens = &opens))
            .help(say!("use an allowed time such as `{opens}`, or extend `hours`", opens)),
    )
}

/// The first message that is reached without another wait.
fn message_without_wait(graph: &Graph, from: Option<NodeIx>) -> Option<Span> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<NodeIx> = from.into_iter().collect();
    while let Some(at) = open.pop() {
        let Some(node) = graph.node(at).filter(|_| seen.insert(at)) else { continue };
        match &node.element {
            Element::Send { .. } => return Some(node.span),
            Element::WaitDuration { .. } | Element::WaitUntil { .. } | Element::WaitEvent { .. } => {}
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

/// The day and time at which the next window opens.
fn opening(hours: &[Window], day: Weekday, at: TimeOfDay) -> Option<(Weekday, TimeOfDay)> {
    let days = Weekday::ALL.iter().copied().cycle().skip(day as usize).take(8);
    days.enumerate().find_map(|(later, day)| {
        let on = hours.iter().filter(|window| window.days.is_empty() || window.days.contains(&day));
        let opens = on.map(|window| window.from).filter(|from| later > 0 || *from > at).min();
        opens.map(|from| (day, from))
    })
}
