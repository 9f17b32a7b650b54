//! Checked entries: what starts a run.

use super::{Expr, Pattern, Step};
use crate::source::Span;
use crate::value::{Duration, Schedule, TimeOfDay};
use serde::{Deserialize, Serialize};

/// A trigger and its chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What starts a run.
    pub trigger: Trigger,
    /// Only when this holds.
    pub filter: Option<Expr>,
    /// What follows; may be empty.
    pub chain: Vec<Step>,
    /// The trigger as written, white space folded: `on booking where service == "massage"`.
    pub text: String,
    /// Where the trigger stands.
    pub span: Span,
}

/// What starts a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Trigger {
    /// `on booking or visit as x`; nothing is bound by what happens to the client.
    Happened { patterns: Vec<Pattern>, binding: Option<String> },
    /// `on entering vip`, `on leaving vip`
    Segment { segment: Segment, entering: bool },
    /// `on no visit for 60d`; the last such event is bound.
    Silence { event: String, duration: Duration, binding: String },
    /// `on client.birthday - 7d at 10:00`
    Date(DateTrigger),
    /// `every monday 10:00 for vip`
    Every { schedule: Schedule, segment: Option<Segment> },
}

/// A day of the client's that comes near.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateTrigger {
    /// The client's field.
    pub field: String,
    /// Whether it comes round every year, as a `date` does; a `datetime` comes once.
    pub yearly: bool,
    /// How far from that day.
    pub offset: Duration,
    /// When on the day.
    pub at: TimeOfDay,
}

/// A named condition over a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// Who belongs to it.
    pub condition: Expr,
}

impl Trigger {
    /// The name that what happened has in the chain.
    #[must_use]
    pub fn binding(&self) -> Option<&str> {
        match self {
            Self::Happened { binding, .. } => binding.as_deref(),
            Self::Silence { binding, .. } => Some(binding),
            Self::Segment { .. } | Self::Date(_) | Self::Every { .. } => None,
        }
    }

    /// Whether a run that begins by it may be about such an event.
    #[must_use]
    pub fn is_about(&self, event: &str) -> bool {
        match self {
            Self::Happened { patterns, .. } => patterns.iter().any(|pattern| pattern.event == event),
            Self::Silence { event: own, .. } => own == event,
            Self::Segment { .. } | Self::Date(_) | Self::Every { .. } => false,
        }
    }
}
