//! Time: instants, wall-clock times, durations with exact and calendar parts, zones and daylight saving.
//!
//! The only user of chrono. Rules: `h m s` are exact elapsed time; `d w mo y` are calendar steps in a zone that keep
//! the time of day; a wall-clock time inside a gap moves forward by the gap, one inside an overlap is the first of
//! the two.

mod civil;
mod duration;
mod posix_rule;
pub(super) mod reading;
mod tzif;
mod zone;

pub(super) use civil::month_start;
pub use civil::{CivilDate, CivilDateTime, TimeOfDay, Weekday};
pub use duration::Duration;
pub use zone::{Window, Zone};

use chrono::DateTime;
use serde::{Deserialize, Serialize};

/// Milliseconds in an hour.
pub(super) const HOUR_MS: i64 = 3_600_000;

/// Milliseconds in a day of 24 hours.
pub(super) const DAY_MS: i64 = 86_400_000;

/// Monday 1970-01-05 00:00 on a wall clock, the origin of schedules; months count from 1970-01-01.
pub(super) const FIRST_MONDAY: i64 = 4 * DAY_MS;

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The latest instant, in the year 9999.
    pub const MAX: Self = Self(253_402_300_799_999);
    /// The earliest instant, in the year 1.
    pub const MIN: Self = Self(-62_135_596_800_000);

    /// Reads RFC 3339: `2026-03-01T10:00:00+03:00`; `None` if malformed or out of range.
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
}
