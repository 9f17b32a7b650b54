//! Messages that are held too long. In: a graph. Out: messages behind a wait such as `wait until booking.starts_at - 2h`
//! that `hours` or a limit can hold until the booking has started.

use crate::check::program::{Arithmetic, Asked, Expr, Moment, Over, Purpose, Send};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Element, Graph, NodeIx};
use crate::say;
use crate::source::{Sources, Span};
use crate::value::{TimeOfDay, Value, Weekday, time::Window};
use std::collections::BTreeSet;

const DAY_MS: i64 = 86_400_000;

/// How late a `wait until` may wake (`engine/run/wait.rs`), in milliseconds.
const MAX_LATE_MS: i64 = 300_000;

/// Checks the messages behind each wait for a moment before another one.
pub(in crate::analysis) fn held_messages(sources: &Sources, asked: &Asked, graph: &Graph) -> Vec<Diagnostic> {
    let closed_ms = longest_closed_ms(&graph.settings.hours);
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for node in &graph.nodes {
        let Element::WaitUntil { moment: Moment::At(moment), next, on_past } = &node.element else { continue };
        let Some(ahead) = ahead(moment) else { continue };
        let Some(written) = asked.place(node.span, moment) else { continue };
        let base = base_text(sources.slice(written), ahead.steps);
        // Behind the `else`, less time is left, however little.
        let otherwise = (on_past != next).then_some((*on_past, 0));
        for (start, left_ms) in [(*next, ahead.ms - MAX_LATE_MS)].into_iter().chain(otherwise) {
            for ix in sends_without_wait(graph, start) {
                let Some(send) = graph.node(ix).filter(|_| !seen.contains(&ix)) else { continue };
                let Element::Send { send: message, .. } = &send.element else { continue };
                let deferred_ms = longest_deferred_ms(graph, message);
                if message.before.is_none() && closed_ms + deferred_ms > left_ms.max(0) {
                    seen.insert(ix);
                    found.push(finding(send.span, written, base, closed_ms > 0));
                }
            }
        }
    }
    found
}

/// How far a moment is before what it counts from.
struct Ahead {
    ms: i64,
    /// How many durations are subtracted.
    steps: usize,
}

fn ahead(moment: &Expr) -> Option<Ahead> {
    if let Expr::AtTime(of, at) = moment {
        // At the beginning of a day, this much of it is still left.
        let ahead = ahead(of)?;
        return Some(Ahead { ms: ahead.ms.saturating_sub(of_day(*at)), ..ahead });
    }
    let moment = if let Expr::DateOf(of, _) = moment { of } else { moment };
    let Expr::Arithmetic(Arithmetic::Subtract, base, step) = moment else { return None };
    let Expr::Value(Value::Duration(step)) = &**step else { return None };
    let reads_record = !base.reads().is_empty();
    let before = ahead(base).unwrap_or(Ahead { ms: 0, steps: 0 });
    reads_record.then(|| Ahead { ms: before.ms.saturating_add(step.nominal_ms()), steps: before.steps + 1 })
}

/// The `starts_at` of `starts_at - 2h`.
fn base_text(written: &str, steps: usize) -> &str {
    (0..steps).fold(written, |text, _| text.rsplit_once('-').map_or(text, |(base, _)| base.trim_end()))
}

fn finding(send: Span, moment: Span, base: &str, by_hours: bool) -> Diagnostic {
    let message = if by_hours {
        say!("`hours` can hold this message past `{base}`; then it is not sent", base)
    } else {
        say!("the limit can hold this message past `{base}`; then it is not sent", base)
    };
    Diagnostic::new(Code::PastMoment, send, message, say!("may be too late"))
        .related(moment, say!("the run waits for this moment"))
        .help(say!("write `before {base}`, with an `else` if there is something to do instead", base))
        .guess(say!("send it only before `{base}`", base), send.after(), format!(" before {base}"))
}

/// The messages that are reached without another wait.
fn sends_without_wait(graph: &Graph, from: Option<NodeIx>) -> Vec<NodeIx> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    let mut open: Vec<NodeIx> = from.into_iter().collect();
    while let Some(at) = open.pop() {
        let Some(node) = graph.node(at).filter(|_| seen.insert(at)) else { continue };
        match &node.element {
            Element::WaitDuration { .. } | Element::WaitUntil { .. } | Element::WaitEvent { .. } => {}
            Element::If { condition: asked, .. } | Element::Match { subject: asked, .. }
                if asked.reads().iter().any(|read| read.later.is_some()) => {}
            other => {
                found.extend(matches!(other, Element::Send { .. }).then_some(at));
                open.extend(other.targets().into_iter().rev());
            }
        }
    }
    found
}

/// The longest time for which a limit can hold a message.
fn longest_deferred_ms(graph: &Graph, send: &Send) -> i64 {
    let marketing = matches!(graph.settings.purpose, Purpose::Marketing { .. });
    let limits = graph.settings.limits.iter().filter(|limit| {
        (marketing || !limit.whole_project) && limit.channel.as_ref().is_none_or(|channel| *channel == send.channel)
    });
    let held = limits.map(|limit| match limit.over {
        Over::Skip => 0,
        Over::Defer(up_to) => up_to.nominal_ms(),
    });
    held.max().unwrap_or_default()
}

/// The longest time for which `hours` are closed at a stretch.
fn longest_closed_ms(hours: &[Window]) -> i64 {
    let mut open: Vec<(i64, i64)> = Vec::new();
    // Two weeks, so that the night between them is seen, too.
    for (n, day) in (0..).zip(Weekday::ALL.iter().cycle().take(14)) {
        for window in hours.iter().filter(|window| window.days.is_empty() || window.days.contains(day)) {
            let (from, to) = (n * DAY_MS + of_day(window.from), n * DAY_MS + of_day(window.to));
            open.push((from, if to > from { to } else { to + DAY_MS }));
        }
    }
    open.sort_unstable();
    let mut longest = 0;
    let mut end = open.first().map_or(0, |(from, _)| *from);
    for (from, to) in open {
        longest = longest.max(from - end);
        end = end.max(to);
    }
    longest
}

/// The milliseconds since midnight.
fn of_day(time: TimeOfDay) -> i64 {
    let (hour, minute, second) = time.parts();
    i64::from((hour * 60 + minute) * 60 + second) * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_night_counts_days_and_midnights() {
        let at = |text: &str| TimeOfDay::parse(text).unwrap();
        let window =
            |days: &[Weekday], from: &str, to: &str| Window { days: days.to_vec(), from: at(from), to: at(to) };
        let hours = |hours: &[Window]| longest_closed_ms(hours) / 3_600_000;
        assert_eq!(hours(&[]), 0);
        assert_eq!(hours(&[window(&[], "09:00", "21:00")]), 12);
        assert_eq!(hours(&[window(&[], "09:00", "12:00"), window(&[], "14:00", "21:00")]), 12);
        assert_eq!(hours(&[window(&[], "22:00", "06:00")]), 16);
        assert_eq!(hours(&[window(&[], "00:00", "24:00")]), 0);
        assert_eq!(hours(&[window(&Weekday::ALL[..5], "09:00", "21:00")]), 60);
        assert_eq!(hours(&[window(&Weekday::ALL[..1], "09:00", "21:00")]), 156);
    }
}
