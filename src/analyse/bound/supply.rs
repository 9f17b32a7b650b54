//! How many runs one client can have. In: a funnel's triggers and its `enter`. Out: one run ever, runs some time apart, or a
//! run for each of what the client does.

use super::clock::{HOUR, SHIFT, is_night, of_day};
use super::count::Count;
use crate::check::program::{Catalog, Change, Enter, Expr, Pattern, Source, Trigger};
use crate::graph::{Entry, Graph};
use crate::value::{Duration, Schedule, Weekday, max_rule_occurrences, rule_hours};
use std::collections::BTreeMap;

const DAY: i64 = 86_400_000;

/// What brings runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Supply {
    /// One run in the client's life, by any of these entries.
    Once,
    /// One run at a time, each begun so long after the one before; the key of what spaces them, and the least length.
    Spaced(String, Gap),
    /// One run at a time, each begun at a moment of a recurrence rule; the entry, and the rule.
    Ruled(String, String),
    /// One run for each of these: `booking`, `booking.starts_at`, `entering vip`.
    Each(String),
}

/// The least time between the beginnings of two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gap {
    ms: i64,
    calendar: bool,
    /// Whether it is counted from a time of the night, at which clocks may be moved: they bring two moments nearer to each other.
    by_night: bool,
    /// How many there are in a week, where each week is like the other.
    weekly: Option<u64>,
}

impl Gap {
    fn of(duration: Duration) -> Self {
        let days = i64::from(duration.months.max(0)) * 28 + i64::from(duration.days.max(0));
        Self { ms: days * DAY + duration.ms.max(0), calendar: duration.is_calendar(), by_night: false, weekly: None }
    }
}

/// The entries of a funnel by what brings runs to them. Entries in one list share a run: only one of them begins.
pub(super) fn supplies<'g>(catalog: &Catalog, graph: &'g Graph, started: bool) -> Vec<(Supply, Vec<&'g Entry>)> {
    let mut found: BTreeMap<(Supply, usize), Vec<&Entry>> = BTreeMap::new();
    for (n, entry) in graph.entries.iter().enumerate() {
        let (supplies, shared) = of_entry(catalog, graph, entry);
        for supply in supplies {
            let begun_by_start = started && !shared;
            if begun_by_start {
                let start = Supply::Each(format!("start {}", graph.funnel));
                found.entry((start, 0)).or_default().push(entry);
            }
            found.entry((supply, if shared { 0 } else { n })).or_default().push(entry);
        }
    }
    found.into_iter().map(|((supply, _), entries)| (supply, entries)).collect()
}

/// What brings runs to an entry, and whether another entry that the same brings a run to has it in its place.
fn of_entry(catalog: &Catalog, graph: &Graph, entry: &Entry) -> (Vec<Supply>, bool) {
    let each = |name: &str| Supply::Each(name.to_owned());
    match &graph.settings.enter {
        Enter::Once => return (vec![Supply::Once], true),
        Enter::Again(after) => return (vec![Supply::Spaced("again".to_owned(), Gap::of(*after))], true),
        Enter::OncePer(expr) => return (vec![each(&once_per(catalog, entry, expr))], true),
        Enter::OncePerRecord | Enter::Always => {}
    }
    let by_record = graph.settings.enter == Enter::OncePerRecord;
    let is_keyed = |event: &str| catalog.events.get(event).is_some_and(|declared| declared.key.is_some());
    match &entry.trigger {
        Trigger::Happened { patterns, binding } => {
            let is_client = |pattern: &&Pattern| pattern.event == "client" && pattern.change == Change::Created;
            if by_record && binding.is_some() && patterns.iter().all(|pattern| is_keyed(&pattern.event)) {
                let mut events: Vec<_> = patterns.iter().map(|pattern| each(&pattern.event)).collect();
                events.dedup();
                return (events, true);
            }
            if patterns.iter().all(|pattern| is_client(&pattern)) {
                return (vec![Supply::Once], false);
            }
            (patterns.iter().map(|pattern| each(&written(pattern))).collect(), false)
        }
        Trigger::Silence { event, .. } if by_record && is_keyed(event) => (vec![each(event)], true),
        Trigger::Silence { event, .. } => (vec![each(&format!("no {event}"))], false),
        Trigger::Segment { segment, entering } => {
            let how = if *entering { "entering" } else { "leaving" };
            (vec![each(&format!("{how} {}", segment.name))], false)
        }
        Trigger::Date(date) if date.yearly => {
            let year = Duration { days: 365, ..Duration::default() };
            (vec![Supply::Spaced(entry.id.0.clone(), Gap::of(year))], false)
        }
        Trigger::Date(_) => (vec![Supply::Once], false),
        Trigger::Every { schedule: Schedule::Rule(rule), .. } => {
            (vec![Supply::Ruled(entry.id.0.clone(), rule.clone())], false)
        }
        Trigger::Every { schedule, .. } => match apart(schedule) {
            Some(gap) => (vec![Supply::Spaced(entry.id.0.clone(), gap)], false),
            None => (vec![each(&entry.text)], false),
        },
    }
}

/// What a run is begun once for.
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

/// A pattern as people write it.
fn written(pattern: &Pattern) -> String {
    match &pattern.change {
        Change::Created => pattern.event.clone(),
        Change::Updated => format!("{}.updated", pattern.event),
        Change::TurnedTrue(field) | Change::FieldChanged(field) => format!("{}.{field}", pattern.event),
    }
}

/// The least time between two moments of a schedule; `None` where it is not told by its form.
fn apart(schedule: &Schedule) -> Option<Gap> {
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
            Some(Gap { ms: least * DAY, calendar: true, by_night: is_night(of_day(*at)), weekly: Some(weekly) })
        }
        Schedule::Interval { every, at } => {
            let by_night = is_night(at.map_or(0, of_day));
            Some(Gap { calendar: true, by_night, ..Gap::of(*every) }).filter(|gap| gap.ms > 0)
        }
        Schedule::Rule(_) => None,
    }
}

/// How many runs, each begun at a moment of a recurrence rule, can send in one stretch of time, when a run takes at most `longest`
/// milliseconds and only one is inside at a time.
pub(super) fn ruled(rule: &str, longest: Count, stretch: Duration) -> Count {
    let begun = |within: i64| max_rule_occurrences(rule, within).map_or(Count::Endless, Count::Most);
    // Clocks that are moved meanwhile make a stretch longer by the clock, or bring a moment of the night nearer to others.
    let by_night = || rule_hours(rule).into_iter().any(|hour| is_night(hour * HOUR));
    let steady = stretch.is_calendar() && longest == Count::ZERO && !by_night();
    let length = length(stretch).saturating_add(if steady { 0 } else { SHIFT });
    let one_more = begun(length) + Count::Most(1);
    let ending = longest.number().and_then(|longest| i64::try_from(longest).ok());
    ending.map_or(one_more, |longest| begun(length.saturating_add(longest)).min(one_more))
}

fn length(stretch: Duration) -> i64 {
    let months = i64::from(stretch.months.max(0)) * 31 * DAY;
    months + i64::from(stretch.days.max(0)) * DAY + stretch.ms.max(0)
}

/// How many runs, each begun so long after the one before, can send in one stretch of time, when a run takes at most
/// `longest` milliseconds and only one is inside at a time.
pub(super) fn runs(gap: Gap, longest: Count, stretch: Duration) -> Count {
    let alike = gap.calendar == stretch.is_calendar() && longest == Count::ZERO;
    let length = length(stretch) + if alike && gap.by_night { SHIFT } else { 0 };
    let apart = gap.ms - if alike { 0 } else { SHIFT };
    if apart <= 0 {
        return Count::Endless;
    }
    let begun = |within: i64| Count::Most(within.saturating_add(apart - 1).div_euclid(apart).max(1).unsigned_abs());
    // The run before may be inside still; if runs end in time, only those count that began late enough.
    let one_more = begun(length) + Count::Most(1);
    let ending = longest.number().and_then(|longest| i64::try_from(longest).ok());
    if let (true, Some(weekly)) = (alike, gap.weekly) {
        let weeks = (length + 7 * DAY - 1).div_euclid(7 * DAY).max(1).unsigned_abs();
        return begun(length).min(Count::Most(weekly.saturating_mul(weeks)));
    }
    ending.map_or(one_more, |longest| begun(length.saturating_add(longest)).min(one_more))
}
