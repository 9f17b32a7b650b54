//! Time zones: conversion between instants and wall-clock times.

use super::civil::step;
use super::{CivilDate, CivilDateTime, Duration, TimeOfDay, Timestamp, Weekday};
use chrono::{DateTime, NaiveDateTime, Offset, SecondsFormat, TimeDelta, TimeZone, Timelike, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A time zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(chrono_tz::Tz);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

    /// Finds a zone by its IANA name, such as `Europe/Berlin`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        chrono_tz::Tz::from_str(name).ok().map(Self)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// All names of the database, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name())
    }

    /// The wall-clock time at an instant, to the second.
    #[must_use]
    pub fn civil(self, at: Timestamp) -> CivilDateTime {
        let local = self.local(at);
        let second = local.time().num_seconds_from_midnight();
        CivilDateTime { date: CivilDate(local.date()), time: TimeOfDay { second } }
    }

    /// The instant of a wall-clock time: moved forward inside a gap, the first of two inside an overlap.
    #[must_use]
    pub fn resolve(self, reading: CivilDateTime) -> Timestamp {
        self.instant(reading.naive())
    }

    /// Adds a duration to an instant: calendar parts on the wall clock, then exact time.
    #[must_use]
    pub fn plus(self, at: Timestamp, duration: Duration) -> Timestamp {
        let start = if duration.is_calendar() {
            self.instant(step(self.local(at), duration.months, duration.days))
        } else {
            at
        };
        start.plus_ms(duration.ms)
    }

    /// The first instant, not before `at`, with this time of day.
    #[must_use]
    pub fn next_time(self, at: Timestamp, time: TimeOfDay) -> Timestamp {
        self.next_matching(at, time, |_| true)
    }

    /// The first instant, not before `at`, with this weekday and time of day.
    #[must_use]
    pub fn next_weekday(self, at: Timestamp, weekday: Weekday, time: TimeOfDay) -> Timestamp {
        self.next_matching(at, time, |date| date.weekday() == weekday)
    }

    /// The first instant, not before `at`, inside one of the windows; `None` only if there is no window.
    #[must_use]
    pub fn next_open(self, at: Timestamp, windows: &[Window]) -> Option<Timestamp> {
        let today = self.civil(at).date;
        let mut best: Option<Timestamp> = None;
        for offset in -1..=8 {
            let date = today.plus(0, offset);
            for window in windows.iter().filter(|w| w.days.is_empty() || w.days.contains(&date.weekday())) {
                let last = if window.from < window.to { date } else { date.plus(0, 1) };
                let open = self.resolve(CivilDateTime { date, time: window.from });
                let close = self.resolve(CivilDateTime { date: last, time: window.to });
                if at < close && open < close {
                    let candidate = open.max(at);
                    best = Some(best.map_or(candidate, |b| b.min(candidate)));
                }
            }
        }
        best
    }

    /// Formats an instant as RFC 3339 with this zone's offset: `2026-03-01T10:00:00+03:00`; `Z` in UTC.
    #[must_use]
    pub fn rfc3339(self, at: Timestamp) -> String {
        let local = utc(at).with_timezone(&self.0);
        let form = if at.0 % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
        local.fixed_offset().to_rfc3339_opts(form, local.offset().fix().local_minus_utc() == 0)
    }

    /// The wall-clock time at an instant, in milliseconds since 1970-01-01 00:00.
    pub(in crate::value) fn wall(self, at: Timestamp) -> i64 {
        self.local(at).and_utc().timestamp_millis()
    }

    /// The first and last instant with this wall-clock time. They differ in an overlap; a time inside a gap moves
    /// forward by the gap.
    pub(in crate::value) fn instants(self, wall: i64) -> Option<[Timestamp; 2]> {
        CivilDate::at_wall(wall)?;
        let reading = DateTime::from_timestamp_millis(wall)?.naive_utc();
        let first = self.instant(reading);
        let last = self.0.offset_from_local_datetime(&reading).latest();
        Some([first, last.map_or(first, |offset| Self::at_offset(reading, offset.fix().local_minus_utc()))])
    }

    fn local(self, at: Timestamp) -> NaiveDateTime {
        utc(at).with_timezone(&self.0).naive_local()
    }

    fn next_matching(self, at: Timestamp, time: TimeOfDay, wanted: impl Fn(CivilDate) -> bool) -> Timestamp {
        let mut date = self.civil(at).date.plus(0, -1);
        loop {
            let candidate = self.resolve(CivilDateTime { date, time });
            if wanted(date) && candidate >= at {
                return candidate;
            }
            let next = date.plus(0, 1);
            if next == date {
                return Timestamp::MAX;
            }
            date = next;
        }
    }

    fn instant(self, reading: NaiveDateTime) -> Timestamp {
        let found = |r: &NaiveDateTime| self.0.offset_from_local_datetime(r);
        if let Some(offset) = found(&reading).earliest() {
            return Self::at_offset(reading, offset.fix().local_minus_utc());
        }
        // Inside a gap: the offset from before the gap moves the time forward by the length of the gap.
        // Limit: no zone has skipped more than a day (Pacific/Apia, 2011), so an offset exists two days earlier.
        let mut before = reading;
        for _ in 0..192 {
            before -= TimeDelta::minutes(15);
            if let Some(offset) = found(&before).latest() {
                return Self::at_offset(reading, offset.fix().local_minus_utc());
            }
        }
        Self::at_offset(reading, 0)
    }

    fn at_offset(reading: NaiveDateTime, offset_s: i32) -> Timestamp {
        Timestamp(reading.and_utc().timestamp_millis()).plus_ms(-i64::from(offset_s) * 1000)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Opening hours: weekdays and a range of the wall clock, overnight unless `to` is after `from`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The days on which it opens; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
    /// When it opens.
    pub from: TimeOfDay,
    /// When it closes, exclusive.
    pub to: TimeOfDay,
}

fn utc(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.0.clamp(Timestamp::MIN.0, Timestamp::MAX.0)).unwrap_or_default()
}
