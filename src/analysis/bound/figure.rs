//! Bounds as data, for people and programs.

use super::count::Count;
use crate::source::Span;
use crate::value::{Duration, Money};
use serde::{Serialize, Serializer};

/// The most messages that one client can get.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// By funnel, in the order of the program.
    pub funnels: Vec<FunnelBound>,
    /// Over all funnels.
    pub project: Vec<Row>,
}

/// The most messages of one funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FunnelBound {
    /// The funnel's name.
    pub funnel: String,
    /// All channels together, then each channel that it sends on.
    pub rows: Vec<Row>,
    /// What a run costs, where prices are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// The most messages on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The channel; `None` for all together.
    pub channel: Option<String>,
    /// Of one run; `None` for the whole project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Figure>,
    /// Of one run and of the runs that it begins by `start`, `emit`, `set` and `tag`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_started: Option<Count>,
    /// Of all runs of a client, in any stretch of time.
    pub stretches: Vec<Stretch>,
}

/// The most messages in any stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// How long it is.
    #[serde(serialize_with = "as_written")]
    pub length: Duration,
    /// The most of all runs.
    pub figure: Figure,
}

/// A number with how it comes about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The most that one client can get; what comes for each of something counts once.
    pub most: Count,
    /// What it is the sum of.
    pub parts: Vec<Part>,
    /// The limits that make it less than the sum, as written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// The messages of the way that reaches it.
    pub path: Vec<Sent>,
}

/// A part of a sum: so many runs of a funnel, each with so many messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The funnel.
    pub funnel: String,
    /// What there is one run for, where a client can have any number: `booking`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// How many runs can send in the stretch.
    pub runs: Count,
    /// The most messages of each.
    pub messages: Count,
}

/// A message of a way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The funnel.
    pub funnel: String,
    /// The element's identity.
    pub element: String,
    /// The element as written.
    pub text: String,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
    /// How often.
    pub times: u64,
    /// How long after the first one it can leave, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<i64>,
}

/// What a run costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// The least of a run that comes to an end with every message sent.
    pub cheapest: Bill,
    /// The most.
    pub dearest: Bill,
}

/// An amount and what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// The amount; `None` where there is no end.
    #[serde(serialize_with = "as_amount")]
    pub amount: Option<Money>,
    /// What is paid for.
    pub path: Vec<Sent>,
}

impl Part {
    /// The most of all its runs; of one where there is one for each of something.
    #[must_use]
    pub fn most(&self) -> Count {
        match self.runs {
            Count::Endless if self.messages == Count::ZERO => Count::ZERO,
            Count::Endless => Count::Endless,
            Count::Most(runs) => self.messages.times(runs),
        }
    }
}

fn as_written<S: Serializer>(length: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(length)
}

#[allow(clippy::ref_option, reason = "serde asks for a reference")]
fn as_amount<S: Serializer>(amount: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
    match amount {
        Some(amount) => serializer.collect_str(&format_args!("{} {}", amount.amount.normalize(), amount.currency)),
        None => serializer.serialize_none(),
    }
}
