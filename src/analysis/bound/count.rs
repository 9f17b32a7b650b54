//! Counts that may have no end.

use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Add;

/// How many, or without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// So many.
    Most(u64),
    /// More than any number.
    Endless,
}

impl Count {
    /// None at all.
    pub const ZERO: Self = Self::Most(0);

    /// So many times as much; nothing so many times is nothing.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        match self {
            Self::Most(count) => Self::Most(count.saturating_mul(times)),
            Self::Endless if times == 0 => Self::ZERO,
            Self::Endless => Self::Endless,
        }
    }

    /// The number, unless there is no end.
    #[must_use]
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Most(count) => Some(count),
            Self::Endless => None,
        }
    }
}

impl Default for Count {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        match (self, other) {
            (Self::Most(one), Self::Most(other)) => Self::Most(one.saturating_add(other)),
            (Self::Endless, _) | (_, Self::Endless) => Self::Endless,
        }
    }
}

impl std::iter::Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Most(count) => count.fmt(f),
            Self::Endless => f.write_str("∞"),
        }
    }
}

/// As a number; `null` where there is no end.
impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.number().serialize(serializer)
    }
}
