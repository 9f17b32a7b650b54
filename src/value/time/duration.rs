//! Durations with exact and calendar parts.

use super::{DAY_MS, HOUR_MS};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A duration: calendar months and days, whose length depends on where they start, and exact milliseconds.
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

    /// The duration in the opposite direction.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { months: -self.months, days: -self.days, ms: -self.ms }
    }

    /// The sum, saturating.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            months: self.months.saturating_add(other.months),
            days: self.days.saturating_add(other.days),
            ms: self.ms.saturating_add(other.ms),
        }
    }

    /// A nominal length in milliseconds, for comparisons: a day is 24 hours, a month 30 days.
    #[must_use]
    pub fn nominal_ms(self) -> i64 {
        let days = i64::from(self.months) * 30 + i64::from(self.days);
        self.ms.saturating_add(days.saturating_mul(DAY_MS))
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
            (ms / HOUR_MS.unsigned_abs(), "h"),
            (ms / 60_000 % 60, "m"),
            (ms / 1000 % 60, "s"),
            (ms % 1000, "ms"),
        ];
        parts.iter().filter(|(n, _)| *n > 0).try_for_each(|(n, unit)| write!(f, "{n}{unit}"))
    }
}
