//! Schedules: the next instant at which a scheduled trigger fires.
//!
//! Schedules are computed on the wall clock and converted to instants only here. Wall-clock times are milliseconds
//! since 1970-01-01 00:00 on that clock, without a zone.

use super::rule::Rule;
use super::rule_error::RuleError;
use super::time::{DAY_MS, FIRST_MONDAY, HOUR_MS, month_start};
use super::{CivilDate, CivilDateTime, Duration, TimeOfDay, Timestamp, Weekday, Zone};
use serde::{Deserialize, Serialize};

/// Milliseconds of the average calendar year.
const YEAR_MS: i64 = 31_556_952_000;

/// When a scheduled trigger fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// At a time of day on some weekdays: `every day 10:00`, `every monday, thursday 10:00`.
    Days {
        /// The weekdays; empty for every day.
        days: Vec<Weekday>,
        /// The time of day.
        at: TimeOfDay,
    },
    /// At an interval: `every 2w at 10:00`, `every 6h`. Counted on the wall clock from Monday 1970-01-05 (months from
    /// 1970-01-01), so it is the same on every machine and after every restart.
    Interval {
        /// The interval; the schedule never fires unless it is positive.
        every: Duration,
        /// The time of day to count from; midnight by default.
        at: Option<TimeOfDay>,
    },
    /// By an RFC 5545 recurrence rule.
    Rule(String),
    /// Once, at a date and time: `on 2026-12-25 10:00`.
    Once(CivilDateTime),
}

impl Schedule {
    /// Checks a recurrence rule, with or without `RRULE:` and a `DTSTART:` before it.
    ///
    /// Without `DTSTART`, a rule begins on Monday 1970-01-05 00:00 (monthly and yearly rules on 1970-01-01 00:00),
    /// from which its defaults are derived. `COUNT` requires a `DTSTART`.
    pub fn rule(text: &str) -> Result<Self, RuleError> {
        let rule = Rule::parse(text)?;
        if rule.occurrences(rule.start()).next().is_none() {
            return Err(RuleError::NoOccurrence);
        }
        Ok(Self::Rule(text.trim().to_owned()))
    }

    /// The moment at which it occurs, if it occurs only once.
    #[must_use]
    pub fn once(&self) -> Option<CivilDateTime> {
        match self {
            Self::Once(at) => Some(*at),
            Self::Days { .. } | Self::Interval { .. } | Self::Rule(_) => None,
        }
    }

    /// The first instant strictly after `after`; `None` if there is none.
    #[must_use]
    pub fn next(&self, zone: Zone, after: Timestamp) -> Option<Timestamp> {
        let from = earliest_wall(zone, after);
        match self {
            Self::Days { days, at } => first_after(zone, after, Overlap::First, on_days(days, *at, from)),
            Self::Interval { every, at } => {
                let at = at.map_or(0, since_midnight);
                let overlap = if every.is_calendar() { Overlap::First } else { Overlap::Longer(every.ms) };
                first_after(zone, after, overlap, multiples(*every, at, from))
            }
            Self::Rule(text) => {
                let rule = Rule::parse(text).ok()?;
                first_after(zone, after, Overlap::First, rule.occurrences(from)).filter(|at| rule.is_active_at(*at))
            }
            Self::Once(at) => Some(zone.resolve(*at)).filter(|at| *at > after),
        }
    }
}

/// An upper bound on the occurrences of a recurrence rule in any window of this length on the wall clock; `None` if
/// the rule is invalid.
#[must_use]
pub fn max_rule_occurrences(text: &str, length_ms: i64) -> Option<u64> {
    Rule::parse(text).ok().map(|rule| rule.max_within(length_ms))
}

/// The hours of the day in which a recurrence rule can occur; empty if the rule is invalid.
#[must_use]
pub fn rule_hours(text: &str) -> Vec<i64> {
    Rule::parse(text).map(|rule| rule.hours()).unwrap_or_default()
}

/// The first instant strictly after `after` that is `offset` from an anniversary of `date`, at `at` on the wall
/// clock, counting from the year of the date itself. 29 February becomes 28 February in common years, before the offset
/// is added. `None` past the year 9999.
#[must_use]
pub fn next_anniversary(
    date: CivilDate,
    offset: Duration,
    at: TimeOfDay,
    zone: Zone,
    after: Timestamp,
) -> Option<Timestamp> {
    let (born, month, day) = date.parts();
    let reading = |year: i64| {
        let in_month = |months: i64, day: u32| {
            let (year, month, _) = CivilDate::at_wall(month_start(months)?)?.parts();
            (1..=day).rev().find_map(|day| CivilDate::new(year, month, day))
        };
        let months = year * 12 + i64::from(month) - 1;
        let (_, _, day) = in_month(months, day)?.parts();
        let date = in_month(months + i64::from(offset.months), day)?;
        Some(date.wall() + i64::from(offset.days) * DAY_MS + since_midnight(at))
    };
    let instant = |wall| Some(zone.instants(wall)?[0].plus_ms(offset.ms));
    let away = i64::from(offset.months) * (YEAR_MS / 12) + i64::from(offset.days) * DAY_MS;
    let about = zone.wall(after).saturating_sub(away).saturating_sub(offset.ms).div_euclid(YEAR_MS) + 1970;
    // Calendar years differ in length, so the estimate may be off by one.
    let first = (about - 2).max(i64::from(born));
    (first..first + 6).find_map(|year| instant(reading(year)?).filter(|found| *found > after))
}

/// The next day on which a date recurs, today included. It recurs every year from its own on; 29 February becomes 28
/// February in common years. `None` past the year 9999.
#[must_use]
pub fn next_yearly(date: CivilDate, today: CivilDate) -> Option<CivilDate> {
    let (first, year) = (date.parts().0, today.parts().0);
    (first.max(year)..=first.max(year) + 1).find_map(|year| in_year(date, year).filter(|day| *day >= today))
}

/// The last day on which a date recurred, today included; the date itself if it is still ahead.
#[must_use]
pub fn last_yearly(date: CivilDate, today: CivilDate) -> CivilDate {
    let (first, year) = (date.parts().0, today.parts().0);
    let past = (first.max(year - 1)..=first.max(year)).rev();
    past.into_iter().find_map(|year| in_year(date, year).filter(|day| *day <= today)).unwrap_or(date)
}

fn in_year(date: CivilDate, year: i32) -> Option<CivilDate> {
    let (_, month, day) = date.parts();
    (1..=day).rev().find_map(|day| CivilDate::new(year, month, day))
}

/// How often a wall-clock time counts that occurs twice.
#[derive(Clone, Copy)]
enum Overlap {
    /// The first time only.
    First,
    /// Both times, if they are at least this many milliseconds apart: an exact interval that elapses within the
    /// repeated time. A longer one has not elapsed.
    Longer(i64),
}

/// The first instant strictly after `after` among wall-clock times in ascending order.
fn first_after(
    zone: Zone,
    after: Timestamp,
    overlap: Overlap,
    readings: impl Iterator<Item = i64>,
) -> Option<Timestamp> {
    let mut best: Option<Timestamp> = None;
    for reading in readings {
        let Some([first, last]) = zone.instants(reading) else { break };
        // A time inside a gap moves forward, possibly past its successors, but not past its own new time.
        if best.is_some_and(|best| first > best && reading > zone.wall(best)) {
            break;
        }
        let repeats = match overlap {
            Overlap::First => false,
            Overlap::Longer(ms) => last.0 - first.0 >= ms,
        };
        let found = if first > after || !repeats { first } else { last };
        if found > after && best.is_none_or(|best| found < best) {
            best = Some(found);
        }
    }
    best
}

/// The earliest wall-clock time that can be an instant after `after`, considering a gap just before it and an overlap
/// near it.
fn earliest_wall(zone: Zone, after: Timestamp) -> i64 {
    // Limit: no zone has moved its clock by more than a day.
    const NEAR_MS: i64 = DAY_MS + 2 * HOUR_MS;
    let (before, behind) = (after.plus_ms(-NEAR_MS), after.plus_ms(NEAR_MS));
    let steady = |other: Timestamp| zone.wall(other) + (after.0 - other.0);
    zone.wall(after).min(steady(before)).min(steady(behind))
}

fn on_days(days: &[Weekday], at: TimeOfDay, from: i64) -> impl Iterator<Item = i64> {
    // Yesterday's 24:00 is today.
    let first = from.div_euclid(DAY_MS) - 1;
    // 1970-01-01 was a Thursday.
    let weekday = |day: i64| Weekday::ALL[(day + 3).rem_euclid(7) as usize];
    let wanted = move |day: &i64| days.is_empty() || days.contains(&weekday(*day));
    (first..).filter(wanted).map(move |day| day * DAY_MS + since_midnight(at)).filter(move |reading| *reading >= from)
}

/// The multiples of an interval on the wall clock, from `from` on.
fn multiples(every: Duration, at: i64, from: i64) -> impl Iterator<Item = i64> {
    let first = if every.months == 0 { FIRST_MONDAY } else { 0 };
    let nth = move |n: i64| {
        let months = month_start(1970 * 12 + i64::from(every.months).checked_mul(n)?)?;
        let exact = every.ms.checked_add(i64::from(every.days) * DAY_MS)?.checked_mul(n)?;
        months.checked_add(exact)?.checked_add(first + at)
    };
    // Binary search for the first multiple not before `from`; a month has at least 28 days.
    let least = every.ms.saturating_add((i64::from(every.days) + i64::from(every.months) * 28) * DAY_MS);
    let positive = every.months >= 0 && every.days >= 0 && every.ms >= 0 && least > 0;
    let (mut low, mut high) = (0, if positive { from.max(0) / least + 1 } else { 0 });
    while low < high {
        let middle = low + (high - low) / 2;
        if nth(middle).is_some_and(|reading| reading < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    (low..).map_while(nth).take_while(move |_| positive)
}

fn since_midnight(time: TimeOfDay) -> i64 {
    let (hour, minute, second) = time.parts();
    i64::from(hour * 3600 + minute * 60 + second) * 1000
}
