//! The input of the engine: events, timers, outcomes of messages.

use super::id::{ClientId, RunId};
use super::message::Message;
use super::record::{Record, RecordId};
use super::state::Client;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};

/// The present, on both clocks of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, which people read and which can be set. Events, moments and calendar durations are judged by it.
    pub wall: Timestamp,
    /// By how many milliseconds time that really passes is ahead of the wall clock; that changes when the wall clock is
    /// set. Exact waits are judged by it. 0 in virtual time.
    pub ahead_ms: i64,
}

impl From<Timestamp> for Now {
    fn from(wall: Timestamp) -> Self {
        Self { wall, ahead_ms: 0 }
    }
}

/// An event decoded against the catalog: its type is declared and its declared fields have their types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The event's own id, unique within its source. `None` when the sender gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A declared event, or `client` for the client's own fields.
    #[serde(rename = "type")]
    pub name: String,
    /// The client it is about.
    pub client: ClientId,
    /// When it happened.
    pub at: Timestamp,
    /// The record's key, for an event that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether it is only read in from another system and sets nothing off.
    #[serde(default, rename = "import", skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// Its fields, as JSON, including undeclared ones.
    pub data: serde_json::Map<String, serde_json::Value>,
}

/// The event that says that two clients are one, and its field with the other id.
pub(in crate::engine) const MERGE: &str = "merge";
pub(in crate::engine) const INTO: &str = "into";

impl Event {
    /// The client that the event's client really is, for a `merge`.
    #[must_use]
    pub fn merges_into(&self) -> Option<ClientId> {
        let into = (self.name == MERGE).then(|| self.data.get(INTO)).flatten()?;
        into.as_str().map(|into| ClientId(into.to_owned()))
    }

    /// The record that it is about, for an event with a key.
    #[must_use]
    pub fn record(&self) -> Option<RecordId> {
        self.key.as_ref().map(|key| RecordId { event: self.name.clone(), key: key.clone() })
    }
}

/// What the engine handles.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// An event of the client.
    Event(Event),
    /// A record of the client now belongs to another one.
    Release(RecordId, ClientId),
    /// An event about a record that belonged to another client until now.
    Receive(Event, Record),
    /// The client is another one from now on.
    Leave,
    /// A former client is this one, by an event.
    Merge(Box<Client>, Event),
    /// The timer of a run is due.
    RunTimer(RunId),
    /// A timer of the client's own is due: a time trigger, or a segment to evaluate again.
    ClientTimer,
    /// Like [`Self::ClientTimer`], in virtual time after the last event: recurring triggers no longer fire.
    Drain,
    /// The wall clock was set: the ends of exact waits move on it.
    ClockSet,
    /// The graphs need more history than before. Contains the client's past events without a key, in order.
    Backfill(Vec<Event>),
    /// The final outcome of a message, whether or not its run waits for it.
    Outcome(Message, Outcome),
}

/// The outcome of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// The provider accepted it.
    Sent,
    /// Another system accepted it and answered.
    Answered {
        /// The answer as it came.
        answer: serde_json::Map<String, serde_json::Value>,
    },
    /// It was not sent.
    NotSent {
        /// The reason, for people.
        reason: String,
    },
    /// Whether it was sent cannot be known.
    Unknown {
        /// The reason, for people.
        reason: String,
    },
}
