//! Bounds as data, for people and programs.

use super::count::Count;
use crate::source::Span;
use crate::value::{Duration, Money};
use serde::Serialize;

/// The most messages that one client can get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// By funnel, in the order of the program.
    pub funnels: Vec<FunnelBounds>,
    /// Over all funnels.
    pub project: Vec<ChannelBounds>,
}

/// The most messages of one funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelBounds {
    /// The funnel's name.
    pub funnel: String,
    /// All channels together, then each channel that it sends on.
    pub channels: Vec<ChannelBounds>,
    /// What a run costs, where prices are known.
    pub cost: Option<RunCost>,
}

/// The most messages on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelBounds {
    /// The channel; `None` for all together.
    pub channel: Option<String>,
    /// Of one run; `None` for the whole project.
    pub run: Option<Bound>,
    /// Of one run and of the runs that it begins by `start`, `emit`, `set` and `tag`.
    pub with_child_runs: Option<Count>,
    /// Of all runs of a client, in any stretch of time.
    pub windows: Vec<WindowBound>,
}

/// The most messages in any stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowBound {
    /// How long it is.
    pub window: Duration,
    /// The most of all runs.
    pub bound: Bound,
}

/// A number with how it comes about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    /// The most that one client can get; what comes for each of something counts once.
    pub most: Count,
    /// What it is the sum of.
    pub parts: Vec<Contribution>,
    /// The limits that make it less than the sum, as written.
    pub limits: Vec<String>,
    /// The messages of the way that reaches it.
    pub path: Vec<SentMessage>,
}

/// A part of a sum: so many runs of a funnel, each with so many messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contribution {
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The funnel.
    pub funnel: String,
    /// The element's identity.
    pub element: String,
    /// The element as written.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// How often.
    pub times: u64,
    /// How long after the first one it can leave, in milliseconds.
    pub after_ms: Option<i64>,
}

/// What a run costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCost {
    /// The least of a run that comes to an end with every message sent.
    pub lowest: PathCost,
    /// The most.
    pub highest: PathCost,
}

/// An amount and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathCost {
    /// The amount; `None` where there is no end.
    pub amount: Option<Money>,
    /// What is paid for.
    pub path: Vec<SentMessage>,
}

impl Contribution {
    /// The most of all its runs; of one where there is one for each of something.
    #[must_use]
    pub fn most(&self) -> Count {
        match self.runs {
            Count::Unbounded if self.messages == Count::ZERO => Count::ZERO,
            Count::Unbounded => Count::Unbounded,
            Count::Finite(runs) => self.messages.times(runs),
        }
    }
}
