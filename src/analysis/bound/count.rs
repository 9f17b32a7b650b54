//! Counts that may be unbounded.

use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Add;

/// A number of messages, runs or milliseconds, or unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// At most this many.
    Finite(u64),
    /// No finite bound exists.
    Unbounded,
}

impl Count {
    /// None.
    pub const ZERO: Self = Self::Finite(0);

    /// Multiplies the count; zero times unbounded is zero.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        match self {
            Self::Finite(count) => Self::Finite(count.saturating_mul(times)),
            Self::Unbounded if times == 0 => Self::ZERO,
            Self::Unbounded => Self::Unbounded,
        }
    }

    /// Returns the number unless it is unbounded.
    #[must_use]
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Finite(count) => Some(count),
            Self::Unbounded => None,
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
            (Self::Finite(one), Self::Finite(other)) => Self::Finite(one.saturating_add(other)),
            (Self::Unbounded, _) | (_, Self::Unbounded) => Self::Unbounded,
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
            Self::Finite(count) => count.fmt(f),
            Self::Unbounded => f.write_str("∞"),
        }
    }
}

/// A number, or `null` if unbounded.
impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.number().serialize(serializer)
    }
}
