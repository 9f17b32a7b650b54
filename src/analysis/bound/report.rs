//! Bounds as data, for reports.

use super::count::Count;
use crate::source::Span;
use crate::value::{Duration, Money};
use serde::Serialize;

/// The most messages that one client can get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounds {
    /// By funnel, in program order.
    pub funnels: Vec<FunnelBounds>,
    /// Over all funnels.
    pub project: Vec<ChannelBounds>,
}

/// The most messages of one funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelBounds {
    /// The name of the funnel.
    pub funnel: String,
    /// All channels together, then each channel.
    pub channels: Vec<ChannelBounds>,
    /// The cost of a run, if prices are known.
    pub cost: Option<RunCost>,
}

/// The most messages on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelBounds {
    /// The channel; `None` for all channels together.
    pub channel: Option<String>,
    /// In one run; `None` for the whole project.
    pub run: Option<Bound>,
    /// In one run and the runs that it starts by `start`, `emit`, `set` and `tag`.
    pub with_child_runs: Option<Count>,
    /// Over all runs of a client, by time window.
    pub windows: Vec<WindowBound>,
}

/// The most messages in a time window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowBound {
    /// The length of the window.
    pub window: Duration,
    /// The bound over all runs.
    pub bound: Bound,
}

/// A number of messages and how it is computed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    /// The most messages that one client can get; a run per event counts once.
    pub most: Count,
    /// What it is the sum of.
    pub parts: Vec<Contribution>,
    /// The limits that cap the sum, as source text.
    pub limits: Vec<String>,
    /// The messages of a path that reaches the bound.
    pub path: Vec<SentMessage>,
}

/// A term of the sum: runs of a funnel times messages per run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contribution {
    /// The funnel.
    pub funnel: String,
    /// The event that has one run each, if a client can have any number of them: `booking`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// How many runs can send in the window.
    pub runs: Count,
    /// The most messages of each run.
    pub messages: Count,
}

/// A message on a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The funnel.
    pub funnel: String,
    /// The id of the element.
    pub element: String,
    /// The source text of the element.
    pub text: String,
    /// The location of the element.
    pub span: Span,
    /// How often it is sent.
    pub times: u64,
    /// The earliest time after the first message, in milliseconds.
    pub after_ms: Option<i64>,
}

/// The cost of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCost {
    /// The lowest cost of a run that reaches its end with every message sent.
    pub lowest: PathCost,
    /// The highest cost.
    pub highest: PathCost,
}

/// An amount and the messages that it pays for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathCost {
    /// The amount; `None` if unbounded.
    pub amount: Option<Money>,
    /// The messages.
    pub path: Vec<SentMessage>,
}

impl Contribution {
    /// Returns the most messages of all its runs; of one run if there is one per event.
    #[must_use]
    pub fn most(&self) -> Count {
        match self.runs {
            Count::Unbounded if self.messages == Count::ZERO => Count::ZERO,
            Count::Unbounded => Count::Unbounded,
            Count::Finite(runs) => self.messages.times(runs),
        }
    }
}
