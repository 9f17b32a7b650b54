//! What comes into the engine: events, timers, outcomes of messages.

use super::id::{ClientId, RunId};
use super::message::Message;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};

/// An event that was decoded against the catalog: its type is declared and its declared fields have their types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The event's own id; makes it once-only within its source. `None` when the sender gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A declared event, or `client` for the client's own fields.
    #[serde(rename = "type")]
    pub name: String,
    /// Whom it is about.
    pub client: ClientId,
    /// When it happened.
    pub at: Timestamp,
    /// The record's key, for an event that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its fields, as JSON; also those that are not declared.
    pub data: serde_json::Map<String, serde_json::Value>,
}

/// What the engine acts on.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Something happened to the client.
    Event(Event),
    /// A run's wake-up time has come.
    RunTimer(RunId),
    /// Something that comes with time is due for the client.
    ClientTimer,
    /// The same in virtual time after the last event: what comes round without end does not come any more.
    Drain,
    /// The graphs ask for more than before: here is what the client did of the kinds that have no key, in order.
    Backfill(Vec<Event>),
    /// A message got its final outcome, whether or not its run waits for it.
    Outcome(Message, Outcome),
}

/// How a message ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// The provider took it.
    Sent,
    /// It did not go out.
    NotSent {
        /// Why, in words for people.
        reason: String,
    },
    /// Whether it went out cannot be known.
    Unknown {
        /// Why, in words for people.
        reason: String,
    },
}
