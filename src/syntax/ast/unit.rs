//! Duration literals and units of time.

use crate::source::Span;
use crate::value::Duration;

/// A duration literal as written: `1h30m`, `3 days`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DurationLit {
    /// Its parts in order; at least one, except where the text is damaged.
    pub parts: Vec<(u32, Unit)>,
    /// The whole literal.
    pub span: Span,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    /// Every unit, shortest first.
    pub const ALL: [Self; 7] = [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// The short form: `h`.
    #[must_use]
    pub fn text(self) -> &'static str {
        ["s", "m", "h", "d", "w", "mo", "y"][self as usize]
    }

    /// Reads a short or a long form: `h`, `hour`, `hours`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const LONG: [&str; 7] = ["second", "minute", "hour", "day", "week", "month", "year"];
        let singular = text.strip_suffix('s').filter(|s| s.len() > 2).unwrap_or(text);
        Self::ALL.into_iter().find(|unit| unit.text() == text || LONG[*unit as usize] == singular)
    }

    /// Returns `count` of this unit, saturating.
    #[must_use]
    pub fn times(self, count: u32) -> Duration {
        let n = i64::from(count);
        let whole = i32::try_from(count).unwrap_or(i32::MAX);
        let calendar = |months: i32, days: i32| Duration { months, days, ms: 0 };
        match self {
            Self::Second => Duration::exact(n * 1000),
            Self::Minute => Duration::exact(n * 60_000),
            Self::Hour => Duration::exact(n * 3_600_000),
            Self::Day => calendar(0, whole),
            Self::Week => calendar(0, whole.saturating_mul(7)),
            Self::Month => calendar(whole, 0),
            Self::Year => calendar(whole.saturating_mul(12), 0),
        }
    }
}

impl DurationLit {
    /// The duration that it stands for.
    #[must_use]
    pub fn value(&self) -> Duration {
        self.parts.iter().fold(Duration::default(), |sum, (n, unit)| sum.plus(unit.times(*n)))
    }
}
