//! Checked entries: triggers with their chains.

use super::{Change, Expr, Pattern, Step};
use crate::source::Span;
use crate::value::{CivilDateTime, Duration, Schedule, TimeOfDay};
use serde::{Deserialize, Serialize};

/// A trigger and its chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The trigger.
    pub trigger: Trigger,
    /// The filter.
    pub filter: Option<Expr>,
    /// The steps; may be empty.
    pub chain: Vec<Step>,
    /// The trigger as written, on one line: `on booking where service == "massage"`.
    pub text: String,
    /// The span of the trigger.
    pub span: Span,
}

/// What starts a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Trigger {
    /// `on booking or visit as x while not x.cancelled`; changes of the client bind nothing.
    Happened {
        patterns: Vec<Pattern>,
        binding: Option<String>,
        /// The condition after `while`: runs exist only as long as it holds.
        #[serde(default, rename = "while", skip_serializing_if = "Option::is_none")]
        holds: Option<Box<Expr>>,
    },
    /// `on entering vip`, `on leaving vip`
    Segment { segment: Segment, entering: bool },
    /// `on no visit for 60d`; the last such event is bound.
    Silence { event: String, duration: Duration, binding: String },
    /// `on client.birthday - 7d at 10:00`
    Date(DateTrigger),
    /// `on start`, `on start with booking as b`: another funnel starts this one
    Started {
        /// The event whose record the run that starts it is about.
        event: Option<String>,
        /// Its name.
        binding: Option<String>,
    },
    /// `every monday 10:00 for vip`, `on 2026-12-25 10:00 for vip`
    Every { schedule: Schedule, segment: Option<Segment> },
}

/// A date of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateTrigger {
    /// The client field.
    pub field: String,
    /// The type of the field.
    #[serde(rename = "type")]
    pub kind: DateKind,
    /// The offset from the date.
    pub offset: Duration,
    /// The time of day.
    pub at: TimeOfDay,
}

/// The types of the client's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateKind {
    /// A day that returns every year.
    Anniversary,
    /// A day, once.
    Date,
    /// A moment, once.
    DateTime,
}

impl DateKind {
    /// Whether it returns every year.
    #[must_use]
    pub fn is_yearly(self) -> bool {
        self == Self::Anniversary
    }
}

/// A named condition on a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// The condition of membership.
    pub condition: Expr,
}

impl Trigger {
    /// The condition after `while`.
    #[must_use]
    pub fn holds(&self) -> Option<&Expr> {
        match self {
            Self::Happened { holds, .. } => holds.as_deref(),
            Self::Segment { .. } | Self::Silence { .. } | Self::Date(_) | Self::Started { .. } | Self::Every { .. } => {
                None
            }
        }
    }

    /// Whether it is about a change, each of which is news: a new time, a new status. A bool that became true is a state,
    /// in which a record is once.
    #[must_use]
    pub fn is_change(&self) -> bool {
        let is_change = |pattern: &Pattern| match pattern.change {
            Change::Updated | Change::FieldChanged(_) | Change::FieldBecame(_) => true,
            Change::Created | Change::TurnedTrue(_) | Change::Crossed(_) => false,
        };
        match self {
            Self::Happened { patterns, holds, .. } => holds.is_none() && patterns.iter().any(is_change),
            Self::Segment { .. } | Self::Silence { .. } | Self::Date(_) | Self::Started { .. } | Self::Every { .. } => {
                false
            }
        }
    }

    /// The moment of a trigger that fires once for everybody.
    #[must_use]
    pub fn once(&self) -> Option<CivilDateTime> {
        match self {
            Self::Every { schedule, .. } => schedule.once(),
            Self::Happened { .. }
            | Self::Segment { .. }
            | Self::Silence { .. }
            | Self::Started { .. }
            | Self::Date(_) => None,
        }
    }

    /// The name of the event in the chain.
    #[must_use]
    pub fn binding(&self) -> Option<&str> {
        match self {
            Self::Happened { binding, .. } | Self::Started { binding, .. } => binding.as_deref(),
            Self::Silence { binding, .. } => Some(binding),
            Self::Segment { .. } | Self::Date(_) | Self::Every { .. } => None,
        }
    }

    /// Whether a run that it starts may be about an event.
    #[must_use]
    pub fn is_about(&self, event: &str) -> bool {
        match self {
            Self::Happened { patterns, .. } => patterns.iter().any(|pattern| pattern.event == event),
            Self::Silence { event: own, .. } => own == event,
            Self::Started { event: own, .. } => own.as_deref() == Some(event),
            Self::Segment { .. } | Self::Date(_) | Self::Every { .. } => false,
        }
    }
}
