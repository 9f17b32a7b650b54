//! What the engine knows about one client: fields, records, runs. Plain data that a store keeps.

use super::id::{ClientId, Fingerprint, MessageId, RunId};
use super::memory::ClientMemory;
use super::record::{Fields, Record, RecordId, Subject};
use crate::graph::ElementId;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One client and all that belongs to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// Who.
    pub id: ClientId,
    /// Their fields, as JSON.
    pub fields: Fields,
    /// Their records.
    pub records: BTreeMap<RecordId, Record>,
    /// The runs that have not ended.
    pub runs: BTreeMap<RunId, Run>,
    /// How often and when they entered, by funnel and entry key.
    pub entered: BTreeMap<(String, String), Entered>,
    /// What else is remembered.
    pub memory: ClientMemory,
}

/// Past entries under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// How many.
    pub count: u32,
    /// The last one.
    pub last_at: Timestamp,
}

/// One passage of one client, and one record, through one funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The funnel's name.
    pub funnel: String,
    /// The version of the funnel it is on.
    pub graph: Fingerprint,
    /// Whose.
    pub client: ClientId,
    /// The event that started it, by the name it has in the chain.
    pub subjects: BTreeMap<String, Subject>,
    /// The entry key it holds while inside; see `enter`.
    pub key: String,
    /// When it entered.
    pub entered_at: Timestamp,
    /// Where it is: one place, or one in each path of a `parallel`; none once it has ended.
    pub positions: Vec<Position>,
    /// What it counts on its way.
    pub progress: Progress,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndReason>,
}

impl Run {
    /// When it wakes by itself next; `None` when only an event or an outcome can wake it.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.positions.iter().filter_map(|position| position.wake_at).min()
    }
}

/// What a run counts on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How often each sending element was reached, for message ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub occurrences: BTreeMap<ElementId, u32>,
    /// How often each `repeat` it is inside was passed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub passes: BTreeMap<ElementId, u32>,
    /// How many paths of each open `parallel` have not ended yet, by the number of the fork.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub forks: BTreeMap<u32, u32>,
    /// How many forks there have been.
    #[serde(default)]
    pub forked: u32,
}

/// Where a run stands and what it waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The element.
    pub element: ElementId,
    /// When it came there.
    pub since: Timestamp,
    /// What it waits for.
    pub waiting: Waiting,
    /// When it wakes by itself; `None` when only an event or an outcome can wake it.
    pub wake_at: Option<Timestamp>,
    /// The forks of `parallel` that it is inside, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forks: Vec<u32>,
}

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// A duration to pass.
    Duration,
    /// A moment, computed anew when a record it reads changes.
    Moment,
    /// A `later` field to be told, or its deadline.
    Answer,
    /// An event.
    Event,
    /// The window in which messages may leave.
    Hours,
    /// Room for one more message under a limit.
    Limit,
    /// The outcome of a message.
    Outcome(MessageId),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// It came to its end.
    Finished,
    /// `stop`.
    Stopped,
    /// `exit on ..`, as written.
    Exited(String),
    /// Its element is gone, or its graph is.
    Lost(String),
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("finished"),
            Self::Stopped => f.write_str("stop"),
            Self::Exited(why) | Self::Lost(why) => f.write_str(why),
        }
    }
}

impl Client {
    /// A client of whom nothing is known yet.
    #[must_use]
    pub fn new(id: ClientId) -> Self {
        let (fields, records, runs, entered, memory) = <_>::default();
        Self { id, fields, records, runs, entered, memory }
    }
}
