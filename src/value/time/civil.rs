//! Dates, times of day and weekdays, without a time zone.

use super::{HOUR_MS, Timestamp};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A date of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CivilDate(pub(super) NaiveDate);

impl CivilDate {
    /// Makes a date; `None` unless it exists and the year is 1 to 9999.
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
        let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !is_plain || (year.len(), month.len(), day.len()) != (4, 2, 2) {
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

    /// The start of the day, in milliseconds since 1970-01-01 00:00 on the wall clock.
    pub(in crate::value) fn wall(self) -> i64 {
        self.0.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
    }

    /// The date at a number of milliseconds since 1970-01-01 00:00 on the wall clock.
    pub(in crate::value) fn at_wall(wall: i64) -> Option<Self> {
        let date = DateTime::from_timestamp_millis(wall)?.date_naive();
        (1..=9999).contains(&date.year()).then_some(Self(date))
    }

    /// Adds months (clamped to the last day of the month), then days.
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

/// A time of day on the wall clock, to the second; `24:00` is the end of the day and only allowed in windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    pub(super) second: u32,
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
        let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b':');
        if !is_plain
            || parts.next().is_some()
            || !(1..=2).contains(&hour.len())
            || minute.len() != 2
            || second.len() != 2
        {
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

/// A date and a time of day, without a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CivilDateTime {
    /// The date.
    pub date: CivilDate,
    /// The time of day.
    pub time: TimeOfDay,
}

impl CivilDateTime {
    /// The first and the last instant at which a clock somewhere shows it: zones are at most 12 hours behind and 14 hours
    /// ahead of UTC.
    #[must_use]
    pub fn instants(self) -> (Timestamp, Timestamp) {
        let utc = self.naive().and_utc().timestamp_millis();
        (Timestamp(utc - 14 * HOUR_MS), Timestamp(utc + 12 * HOUR_MS))
    }

    pub(super) fn naive(self) -> NaiveDateTime {
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

pub(super) fn step(from: NaiveDateTime, months: i32, days: i32) -> NaiveDateTime {
    let count = Months::new(months.unsigned_abs());
    let by_months = if months < 0 { from.checked_sub_months(count) } else { from.checked_add_months(count) };
    let count = Days::new(u64::from(days.unsigned_abs()));
    by_months
        .and_then(|d| if days < 0 { d.checked_sub_days(count) } else { d.checked_add_days(count) })
        .filter(|d| (1..=9999).contains(&d.year()))
        .unwrap_or(from)
}

/// The wall-clock time at the start of a month, counted from January of the year 0.
pub(in crate::value) fn month_start(month: i64) -> Option<i64> {
    let year = i32::try_from(month.div_euclid(12)).ok()?;
    Some(CivilDate::new(year, month.rem_euclid(12) as u32 + 1, 1)?.wall())
}
