//! How often one client can enter. In: a funnel's triggers and its `enter`. Out: one run ever, runs with a minimum gap,
//! or one run per event.

use super::count::Count;
use super::elapsed::{HOUR, MAX_SHIFT, is_night, of_day};
use crate::check::program::{Catalog, Change, Enter, Expr, Pattern, Source, Trigger};
use crate::graph::{Entry, Graph, write_expr};
use crate::value::{Duration, Schedule, Weekday, max_rule_occurrences, rule_hours};
use std::collections::BTreeMap;

const DAY: i64 = 86_400_000;

/// How often runs start.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RunRate {
    /// One run per client, by any of these entries.
    Once,
    /// A minimum gap between starts; what causes the gap, and the gap.
    Spaced(String, Gap),
    /// One run at a time, started by a recurrence rule; the entry and the rule.
    Scheduled(String, String),
    /// One run for each of these: `booking`, `booking.starts_at`, `entering vip`.
    PerEvent(String),
}

/// The least time between the starts of two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gap {
    ms: i64,
    calendar: bool,
    /// Whether it is counted from a time at night: a clock change can bring two moments closer together.
    by_night: bool,
    /// How many starts there are per week, if all weeks are the same.
    weekly: Option<u64>,
    /// Whether a run may start while another one, about another record, is active.
    overlaps: bool,
}

impl Gap {
    fn of(duration: Duration) -> Self {
        let days = i64::from(duration.months.max(0)) * 28 + i64::from(duration.days.max(0));
        let (ms, calendar) = (days * DAY + duration.ms.max(0), duration.is_calendar());
        Self { ms, calendar, by_night: false, weekly: None, overlaps: false }
    }
}

/// Groups the entries of a funnel by what starts runs. Only one entry of a group starts a run.
pub(super) fn run_rates<'g>(catalog: &Catalog, graph: &'g Graph, started: bool) -> Vec<(RunRate, Vec<&'g Entry>)> {
    let mut found: BTreeMap<(RunRate, usize), Vec<&Entry>> = BTreeMap::new();
    for (n, entry) in graph.entries.iter().enumerate() {
        let (run_rates, shared) = of_entry(catalog, graph, entry);
        for rate in run_rates {
            let begun_by_start = started && !shared;
            if begun_by_start {
                let start = RunRate::PerEvent(format!("start {}", graph.funnel));
                found.entry((start, 0)).or_default().push(entry);
            }
            found.entry((rate, if shared { 0 } else { n })).or_default().push(entry);
        }
    }
    found.into_iter().map(|((rate, _), entries)| (rate, entries)).collect()
}

/// What starts runs by an entry, and whether entries with the same cause share one run.
fn of_entry(catalog: &Catalog, graph: &Graph, entry: &Entry) -> (Vec<RunRate>, bool) {
    let each = |name: &str| RunRate::PerEvent(name.to_owned());
    // A run that ended because the condition did not hold does not count for `enter`.
    if let (Trigger::Happened { patterns, .. }, Some(holds)) = (&entry.trigger, entry.trigger.holds()) {
        let mut events: Vec<&str> = patterns.iter().map(|pattern| pattern.event.as_str()).collect();
        events.dedup();
        let written = entry.written_while().map_or_else(|| format!("while {}", write_expr(holds)), str::to_owned);
        let text = format!("{} {written}", events.join(" or "));
        return (vec![each(&text)], false);
    }
    match &graph.settings.enter {
        Enter::Once => return (vec![RunRate::Once], true),
        Enter::Again(after) => {
            let overlaps = graph.entries.iter().any(|entry| entry.trigger.binding().is_some());
            return (vec![RunRate::Spaced("again".to_owned(), Gap { overlaps, ..Gap::of(*after) })], true);
        }
        Enter::OncePer(expr) => return (vec![each(&once_per(catalog, entry, expr))], true),
        Enter::OncePerRecord | Enter::Always => {}
    }
    let by_record = graph.settings.enter == Enter::OncePerRecord && !entry.trigger.is_change();
    let is_keyed = |event: &str| catalog.events.get(event).is_some_and(|declared| declared.key.is_some());
    match &entry.trigger {
        Trigger::Happened { patterns, binding, .. } => {
            let is_client = |pattern: &&Pattern| pattern.event == "client" && pattern.change == Change::Created;
            if by_record && binding.is_some() && patterns.iter().all(|pattern| is_keyed(&pattern.event)) {
                let mut events: Vec<_> = patterns.iter().map(|pattern| each(&pattern.event)).collect();
                events.dedup();
                return (events, true);
            }
            if patterns.iter().all(|pattern| is_client(&pattern)) {
                return (vec![RunRate::Once], false);
            }
            (patterns.iter().map(|pattern| each(&pattern_text(pattern))).collect(), false)
        }
        Trigger::Silence { event, .. } if by_record && is_keyed(event) => (vec![each(event)], true),
        Trigger::Silence { event, .. } => (vec![each(&format!("no {event}"))], false),
        Trigger::Segment { segment, entering } => {
            let how = if *entering { "entering" } else { "leaving" };
            (vec![each(&format!("{how} {}", segment.name))], false)
        }
        Trigger::Date(date) if date.kind.is_yearly() => {
            let year = Duration { days: 365, ..Duration::default() };
            (vec![RunRate::Spaced(entry.id.0.clone(), Gap::of(year))], false)
        }
        // The date may be moved, as when a passport is renewed.
        Trigger::Date(date) => (vec![each(&format!("client.{}", date.field))], false),
        Trigger::Started { event: Some(event), .. } if by_record && is_keyed(event) => (vec![each(event)], true),
        Trigger::Started { .. } => (vec![each("start")], false),
        Trigger::Every { schedule: Schedule::Rule(rule), .. } => {
            (vec![RunRate::Scheduled(entry.id.0.clone(), rule.clone())], false)
        }
        Trigger::Every { schedule: Schedule::Once(_), .. } => (vec![RunRate::Once], false),
        Trigger::Every { schedule, .. } => match min_gap(schedule) {
            Some(gap) => (vec![RunRate::Spaced(entry.id.0.clone(), gap)], false),
            None => (vec![each(&entry.text)], false),
        },
    }
}

/// What `enter once per` counts by.
fn once_per(catalog: &Catalog, entry: &Entry, expr: &Expr) -> String {
    if let (Expr::Field(read), Trigger::Happened { patterns, .. }) = (expr, &entry.trigger)
        && matches!(&read.source, Source::Event(_))
        && let [pattern] = patterns.as_slice()
        && catalog.events.get(&pattern.event).and_then(|event| event.key.as_ref()) == Some(&read.name)
    {
        return pattern.event.clone();
    }
    if let Expr::Field(read) = expr { read.name.clone() } else { "value of enter once per".to_owned() }
}

/// Formats a pattern as source text.
fn pattern_text(pattern: &Pattern) -> String {
    match &pattern.change {
        Change::Created => pattern.event.clone(),
        Change::Updated => format!("{}.updated", pattern.event),
        Change::TurnedTrue(field) | Change::FieldChanged(field) | Change::FieldBecame(field) => {
            format!("{}.{field}", pattern.event)
        }
        Change::Crossed(crossing) => crossing.to_string(),
    }
}

/// The least time between two moments of a schedule; `None` if its form does not determine it.
fn min_gap(schedule: &Schedule) -> Option<Gap> {
    match schedule {
        Schedule::Days { days, at } => {
            let mut on: Vec<i64> = days.iter().map(|day: &Weekday| *day as i64).collect();
            on.sort_unstable();
            on.dedup();
            let least = match on.as_slice() {
                [] => 1,
                [_] => 7,
                [first, .., last] => on.windows(2).map(|two| two[1] - two[0]).chain([first + 7 - last]).min()?,
            };
            let weekly = if on.is_empty() { 7 } else { on.len() as u64 };
            let by_night = is_night(of_day(*at));
            Some(Gap { ms: least * DAY, calendar: true, by_night, weekly: Some(weekly), overlaps: false })
        }
        Schedule::Interval { every, at } => {
            let by_night = is_night(at.map_or(0, of_day));
            Some(Gap { calendar: true, by_night, ..Gap::of(*every) }).filter(|gap| gap.ms > 0)
        }
        Schedule::Rule(_) | Schedule::Once(_) => None,
    }
}

/// Returns how many runs started by a recurrence rule can send in one time window, if a run takes at most `longest`
/// milliseconds and only one is active at a time.
pub(super) fn max_scheduled_runs(rule: &str, longest: Count, window: Duration) -> Count {
    let begun = |within: i64| max_rule_occurrences(rule, within).map_or(Count::Unbounded, Count::Finite);
    // A clock change makes a window longer on the clock, or brings a moment at night closer to others.
    let by_night = || rule_hours(rule).into_iter().any(|hour| is_night(hour * HOUR));
    let steady = window.is_calendar() && longest == Count::ZERO && !by_night();
    let length = length(window).saturating_add(if steady { 0 } else { MAX_SHIFT });
    let one_more = begun(length) + Count::Finite(1);
    let ending = longest.number().and_then(|longest| i64::try_from(longest).ok());
    ending.map_or(one_more, |longest| begun(length.saturating_add(longest)).min(one_more))
}

fn length(window: Duration) -> i64 {
    let months = i64::from(window.months.max(0)) * 31 * DAY;
    months + i64::from(window.days.max(0)) * DAY + window.ms.max(0)
}

/// Returns how many runs with a minimum gap between starts can send in one time window, if a run takes at most
/// `longest` milliseconds.
pub(super) fn max_runs(gap: Gap, longest: Count, window: Duration) -> Count {
    let alike = gap.calendar == window.is_calendar() && longest == Count::ZERO;
    let length = length(window) + if alike && gap.by_night { MAX_SHIFT } else { 0 };
    let apart = gap.ms - if alike { 0 } else { MAX_SHIFT };
    if apart <= 0 {
        return Count::Unbounded;
    }
    let begun = |within: i64| Count::Finite(within.saturating_add(apart - 1).div_euclid(apart).max(1).unsigned_abs());
    // The previous run may still be active. If runs end in time, only those that started late enough count.
    let one_more = begun(length) + Count::Finite(1);
    let ending = longest.number().and_then(|longest| i64::try_from(longest).ok());
    if let (true, Some(weekly)) = (alike, gap.weekly) {
        let weeks = (length + 7 * DAY - 1).div_euclid(7 * DAY).max(1).unsigned_abs();
        return begun(length).min(Count::Finite(weekly.saturating_mul(weeks)));
    }
    let active = ending.map_or(Count::Unbounded, |longest| begun(length.saturating_add(longest)));
    // A run about another record does not wait for the previous run to end.
    if gap.overlaps { active } else { active.min(one_more) }
}
