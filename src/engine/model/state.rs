//! The state of one client: fields, records, runs. Plain data that a store keeps.

use super::id::{ClientId, Fingerprint, MessageId, RunId};
use super::memory::ClientMemory;
use super::record::{Fields, Record, RecordId, Subject};
use crate::graph::ElementId;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The state of one client.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// The id.
    pub id: ClientId,
    /// The client's fields, as JSON.
    pub fields: Fields,
    /// The client's records.
    pub records: BTreeMap<RecordId, Record>,
    /// The active runs. A map has room for eleven values, so they are not in it themselves.
    pub runs: BTreeMap<RunId, Box<Run>>,
    /// How often and when the client entered, by funnel and entry key.
    pub entered: BTreeMap<(String, String), Entered>,
    /// What else the engine remembers.
    pub memory: ClientMemory,
}

/// Past entries under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// How many there were.
    pub count: u32,
    /// When the last one was.
    pub last_at: Timestamp,
}

/// One client in one funnel, from entry to end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The funnel's name.
    pub funnel: String,
    /// The version of the funnel it is on.
    pub graph: Fingerprint,
    /// The client.
    pub client: ClientId,
    /// The events and records that it refers to, by their names in the funnel.
    pub subjects: BTreeMap<String, Subject>,
    /// The entry key that it holds while it is active; see `enter`.
    pub key: String,
    /// When the client entered.
    pub entered_at: Timestamp,
    /// Where it is: one position, or one in each path of a `parallel`; empty after the end.
    pub positions: Vec<Position>,
    /// Its counters.
    pub progress: Progress,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndReason>,
}

impl Run {
    /// When its next timer is due; `None` when only an event or an outcome can wake it.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.positions.iter().filter_map(|position| position.wake_at).min()
    }

    /// Moves the ends of its exact waits on the wall clock, which real time is ahead of by `ahead_ms`. Returns whether
    /// one moved.
    pub(in crate::engine) fn move_exact_waits(&mut self, ahead_ms: i64) -> bool {
        let mut moved = false;
        for position in &mut self.positions {
            let wake_at = position.exact_at.map(|at| at.plus_ms(-ahead_ms));
            if wake_at.is_some() && wake_at != position.wake_at {
                position.wake_at = wake_at;
                moved = true;
            }
        }
        moved
    }
}

/// The counters of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How often each sending element was reached, for message ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub occurrences: BTreeMap<ElementId, u32>,
    /// How many passes each `repeat` around the run has had.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub passes: BTreeMap<ElementId, u32>,
    /// How many paths of each open `parallel` are still active, by fork number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub forks: BTreeMap<u32, u32>,
    /// How many forks there have been.
    #[serde(default)]
    pub forked: u32,
    /// For a trigger with `while`: its entry, and the client's entry that counted for `enter` before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasting: Option<LastingEntry>,
}

/// The entry of a run that exists only as long as a condition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastingEntry {
    /// The entry of the graph, which has the condition.
    pub entry: ElementId,
    /// When the client had entered last, as far as that counts for `enter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_before: Option<Timestamp>,
}

/// Where a run is and what it waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The element.
    pub element: ElementId,
    /// When the run reached it.
    pub since: Timestamp,
    /// What the run waits for.
    pub waiting: Waiting,
    /// When its timer is due on the wall clock; `None` when only an event or an outcome can wake it.
    pub wake_at: Option<Timestamp>,
    /// For an exact wait, when it ends in time that really passes. Setting the wall clock changes `wake_at`, but not
    /// this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact_at: Option<Timestamp>,
    /// The forks of `parallel` around it, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forks: Vec<u32>,
    /// The `wait until` for a moment of a record or the client that led here, and nothing else that happened since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
}

/// The `wait until` that led to a position. A message that is held follows its moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The wait.
    pub wait: ElementId,
    /// When the run reached it.
    pub since: Timestamp,
    /// Where the run continues after waiting again: behind what it has done since. `None` if it has done nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<ElementId>,
    /// Whether the moment that the wait counts from was still ahead, and the run has not waited for anything else since.
    /// Then messages must leave before that moment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
}

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// A duration.
    Duration,
    /// A moment, recomputed when a record that it reads changes.
    Moment,
    /// A `later` field, or its deadline.
    Answer,
    /// An event.
    Event,
    /// The hours in which messages may be sent.
    Hours,
    /// Room for one more message under a limit.
    Limit,
    /// The outcome of a message.
    Outcome(MessageId),
    /// Its next turn: it has come far without a wait, and lets others go first.
    Turn,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// It reached the end.
    Finished,
    /// `stop`.
    Stopped,
    /// `stop` with the name of its funnel, in a run of this one.
    StoppedBy(String),
    /// `exit on ..`, as written.
    Exited(String),
    /// The condition after `while` no longer holds.
    Lapsed(String),
    /// Its element or its graph no longer exists.
    Lost(String),
    /// Its client became another one, who is in the funnel already.
    Merged {
        /// The former client.
        from: ClientId,
    },
    /// Its record now belongs to another client.
    Moved {
        /// The record.
        record: RecordId,
        /// Its client.
        to: ClientId,
    },
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("finished"),
            Self::Stopped => f.write_str("stop"),
            Self::StoppedBy(funnel) => write!(f, "stopped by funnel {funnel}"),
            Self::Exited(why) | Self::Lapsed(why) | Self::Lost(why) => f.write_str(why),
            Self::Merged { from } => write!(f, "merged with a run of {from}"),
            Self::Moved { record: RecordId { event, key }, to } => {
                write!(f, "{event} {key} now belongs to client {to}")
            }
        }
    }
}

impl Client {
    /// Creates a client without any data.
    #[must_use]
    pub fn new(id: ClientId) -> Self {
        let (fields, records, runs, entered, memory) = <_>::default();
        Self { id, fields, records, runs, entered, memory }
    }
}
