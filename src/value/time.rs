//! Time: instants, wall-clock readings, durations with exact and calendar parts, zones and daylight saving.
//!
//! The only user of chrono. Rules: `h m s` are exact elapsed time; `d w mo y` are calendar steps in a zone
//! that keep the wall clock; a reading inside a gap moves forward by the gap, one inside an overlap is the first.

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, SecondsFormat, TimeDelta, TimeZone,
    Timelike, Utc,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The latest instant that can be written as a date of four-digit year.
    pub const MAX: Self = Self(253_402_300_799_999);
    /// The earliest one.
    pub const MIN: Self = Self(-62_135_596_800_000);

    /// Reads RFC 3339: `2026-03-01T10:00:00+03:00`. `None` when it is not one, or out of range.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let at = DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis();
        (Self::MIN.0..=Self::MAX.0).contains(&at).then_some(Self(at))
    }

    /// Adds exact milliseconds, clamped to the range.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms).clamp(Self::MIN.0, Self::MAX.0))
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.clamp(Self::MIN.0, Self::MAX.0)).unwrap_or_default()
    }
}

/// A day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CivilDate(NaiveDate);

impl CivilDate {
    /// Makes a date; `None` when the calendar has no such day, or the year is not 1 to 9999.
    #[must_use]
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) {
            return None;
        }
        NaiveDate::from_ymd_opt(year, month, day).map(Self)
    }

    /// Reads `2026-03-08`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// Year, month (1 to 12) and day (1 to 31).
    #[must_use]
    pub fn parts(self) -> (i32, u32, u32) {
        (self.0.year(), self.0.month(), self.0.day())
    }

    /// The day of the week.
    #[must_use]
    pub fn weekday(self) -> Weekday {
        Weekday::ALL[self.0.weekday().num_days_from_monday() as usize]
    }

    /// Milliseconds of a wall clock from its 1970-01-01 00:00 to the start of the day.
    pub(super) fn wall(self) -> i64 {
        self.0.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
    }

    /// The day on which a wall clock is so many milliseconds after its 1970-01-01 00:00.
    pub(super) fn at_wall(wall: i64) -> Option<Self> {
        let date = DateTime::from_timestamp_millis(wall)?.date_naive();
        (1..=9999).contains(&date.year()).then_some(Self(date))
    }

    /// The day a calendar step away: months first (clamped to the month's last day), then days.
    #[must_use]
    pub fn plus(self, months: i32, days: i32) -> Self {
        Self(step(self.0.and_time(NaiveTime::MIN), months, days).date())
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl TryFrom<String> for CivilDate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not a date"))
    }
}

impl From<CivilDate> for String {
    fn from(date: CivilDate) -> Self {
        date.to_string()
    }
}

/// A time on the wall clock, to the second; `24:00` is the end of the day and stands only in windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    second: u32,
}

impl TimeOfDay {
    /// Midnight at the start of the day.
    pub const MIDNIGHT: Self = Self { second: 0 };
    /// Midnight at the end of the day.
    pub const END: Self = Self { second: 86_400 };

    /// Makes a time; `None` past `24:00:00`.
    #[must_use]
    pub fn new(hour: u32, minute: u32, second: u32) -> Option<Self> {
        if hour > 24 || minute > 59 || second > 59 {
            return None;
        }
        let second = hour * 3600 + minute * 60 + second;
        (second <= 86_400).then_some(Self { second })
    }

    /// Reads `10:00`, `9:30` or `10:00:30`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (hour, minute) = (parts.next()?, parts.next()?);
        let second = parts.next().unwrap_or("00");
        if parts.next().is_some() || !(1..=2).contains(&hour.len()) || minute.len() != 2 || second.len() != 2 {
            return None;
        }
        Self::new(hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?)
    }

    /// Hour, minute and second.
    #[must_use]
    pub fn parts(self) -> (u32, u32, u32) {
        (self.second / 3600, self.second / 60 % 60, self.second % 60)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.parts();
        write!(f, "{hour:02}:{minute:02}")?;
        if second > 0 { write!(f, ":{second:02}") } else { Ok(()) }
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not a time of day"))
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

/// A date and a time on the wall clock of a zone not said here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CivilDateTime {
    /// The day.
    pub date: CivilDate,
    /// The reading on that day.
    pub time: TimeOfDay,
}

impl CivilDateTime {
    /// The first and the last moment at which a clock somewhere shows it: zones lie between twelve hours behind and fourteen
    /// hours ahead of UTC.
    #[must_use]
    pub fn instants(self) -> (Timestamp, Timestamp) {
        const HOUR_MS: i64 = 3_600_000;
        let utc = self.naive().and_utc().timestamp_millis();
        (Timestamp(utc - 14 * HOUR_MS), Timestamp(utc + 12 * HOUR_MS))
    }

    fn naive(self) -> NaiveDateTime {
        self.date.0.and_time(NaiveTime::MIN) + TimeDelta::seconds(i64::from(self.time.second))
    }
}

impl fmt::Display for CivilDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.date, self.time)
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// The week, Monday first.
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// The name in the language: `monday`.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"][self as usize]
    }

    /// Reads `monday`, in lower case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.name() == text)
    }
}

/// A length of time: calendar months and days, which depend on where they start, and exact milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Duration {
    /// Calendar months (`mo`, `y`).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub months: i32,
    /// Calendar days (`d`, `w`).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days: i32,
    /// Exact milliseconds (`h`, `m`, `s`).
    #[serde(default)]
    pub ms: i64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &i32) -> bool {
    *n == 0
}

impl Duration {
    /// A duration of exact milliseconds only.
    #[must_use]
    pub fn exact(ms: i64) -> Self {
        Self { ms, ..Self::default() }
    }

    /// Whether it has calendar parts, so that its length depends on a zone.
    #[must_use]
    pub fn is_calendar(self) -> bool {
        self.months != 0 || self.days != 0
    }

    /// The same length backwards.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { months: -self.months, days: -self.days, ms: -self.ms }
    }

    /// Both together, saturating.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            months: self.months.saturating_add(other.months),
            days: self.days.saturating_add(other.days),
            ms: self.ms.saturating_add(other.ms),
        }
    }

    /// Its length in milliseconds for comparing lengths: a day is 24 hours, a month 30 days.
    #[must_use]
    pub fn nominal_ms(self) -> i64 {
        let days = i64::from(self.months) * 30 + i64::from(self.days);
        self.ms.saturating_add(days.saturating_mul(86_400_000))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return f.write_str("0s");
        }
        let ms = self.ms.unsigned_abs();
        let negative = self.months < 0 || self.days < 0 || self.ms < 0;
        if negative {
            f.write_str("-")?;
        }
        let parts = [
            (u64::from(self.months.unsigned_abs()) / 12, "y"),
            (u64::from(self.months.unsigned_abs()) % 12, "mo"),
            (u64::from(self.days.unsigned_abs()), "d"),
            (ms / 3_600_000, "h"),
            (ms / 60_000 % 60, "m"),
            (ms / 1000 % 60, "s"),
            (ms % 1000, "ms"),
        ];
        parts.iter().filter(|(n, _)| *n > 0).try_for_each(|(n, unit)| write!(f, "{n}{unit}"))
    }
}

/// A time zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zone(chrono_tz::Tz);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

    /// Finds a zone by its IANA name, `Europe/Berlin`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        chrono_tz::Tz::from_str(name).ok().map(Self)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Every name of the database, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name())
    }

    /// What the wall clock shows at an instant, to the second.
    #[must_use]
    pub fn civil(self, at: Timestamp) -> CivilDateTime {
        let local = self.local(at);
        let second = local.time().num_seconds_from_midnight();
        CivilDateTime { date: CivilDate(local.date()), time: TimeOfDay { second } }
    }

    /// The instant at which the wall clock shows a reading: after a gap by its length, the first of an overlap.
    #[must_use]
    pub fn resolve(self, reading: CivilDateTime) -> Timestamp {
        self.instant(reading.naive())
    }

    /// The instant a duration after another: calendar parts on the wall clock, then exact time.
    #[must_use]
    pub fn plus(self, at: Timestamp, duration: Duration) -> Timestamp {
        let start = if duration.is_calendar() {
            self.instant(step(self.local(at), duration.months, duration.days))
        } else {
            at
        };
        start.plus_ms(duration.ms)
    }

    /// The first instant, not before `at`, at which the wall clock shows `time`.
    #[must_use]
    pub fn next_time(self, at: Timestamp, time: TimeOfDay) -> Timestamp {
        self.next_matching(at, time, |_| true)
    }

    /// The first instant, not before `at`, at which it is `time` on a `weekday`.
    #[must_use]
    pub fn next_weekday(self, at: Timestamp, weekday: Weekday, time: TimeOfDay) -> Timestamp {
        self.next_matching(at, time, |date| date.weekday() == weekday)
    }

    /// The first instant, not before `at`, that lies in one of the windows; `at` itself inside one.
    /// `None` only when there is no window.
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

    /// RFC 3339 with this zone's offset: `2026-03-01T10:00:00+03:00`; `Z` in UTC.
    #[must_use]
    pub fn rfc3339(self, at: Timestamp) -> String {
        let local = at.utc().with_timezone(&self.0);
        let form = if at.0 % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
        local.fixed_offset().to_rfc3339_opts(form, local.offset().fix().local_minus_utc() == 0)
    }

    /// What the wall clock shows at an instant, in milliseconds since its 1970-01-01 00:00.
    pub(super) fn wall(self, at: Timestamp) -> i64 {
        self.local(at).and_utc().timestamp_millis()
    }

    /// The first and the last instant at which the wall clock is so many milliseconds after its 1970-01-01 00:00. They
    /// differ in an overlap; a reading inside a gap is moved forward by the gap.
    pub(super) fn shown(self, wall: i64) -> Option<[Timestamp; 2]> {
        CivilDate::at_wall(wall)?;
        let reading = DateTime::from_timestamp_millis(wall)?.naive_utc();
        let first = self.instant(reading);
        let last = self.0.offset_from_local_datetime(&reading).latest();
        Some([first, last.map_or(first, |offset| Self::at_offset(reading, offset.fix().local_minus_utc()))])
    }

    fn local(self, at: Timestamp) -> NaiveDateTime {
        at.utc().with_timezone(&self.0).naive_local()
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
        // The reading is inside a gap: the offset from before the gap moves it forward by the gap's length.
        // Limit: no zone has skipped more than a day (Pacific/Apia, 2011), so two days back there is an offset.
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

/// Opening hours: days (none named means every day) and a span of the wall clock, overnight when `to` is not after `from`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The days on which it opens; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
    /// When it opens.
    pub from: TimeOfDay,
    /// When it closes; not itself inside.
    pub to: TimeOfDay,
}

fn step(from: NaiveDateTime, months: i32, days: i32) -> NaiveDateTime {
    let count = Months::new(months.unsigned_abs());
    let by_months = if months < 0 { from.checked_sub_months(count) } else { from.checked_add_months(count) };
    let count = Days::new(u64::from(days.unsigned_abs()));
    by_months
        .and_then(|d| if days < 0 { d.checked_sub_days(count) } else { d.checked_add_days(count) })
        .filter(|d| (1..=9999).contains(&d.year()))
        .unwrap_or(from)
}
