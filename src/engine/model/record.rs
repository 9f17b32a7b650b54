//! What events leave in the state: records, and the events without a key that runs refer to.

use super::field_times::FieldTimes;
use super::input::Event;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};

/// JSON fields as received.
pub type Fields = serde_json::Map<String, serde_json::Value>;

/// The identity of a record: event and key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordId {
    /// The event's name.
    pub event: String,
    /// The value of its key field, as text.
    pub key: String,
}

/// A record: what events with one key say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its fields, as JSON; each has the value with the latest time.
    pub fields: Fields,
    /// When its fields got their values.
    pub times: FieldTimes,
    /// When the earliest of its events happened.
    pub created_at: Timestamp,
    /// When the latest of its events happened.
    pub updated_at: Timestamp,
    /// Whether all required fields were received. Until then it does not exist for funnels.
    pub complete: bool,
}

impl Record {
    /// Whether an event of another client makes the record theirs: it happened after everything that is known.
    #[must_use]
    pub fn moves_with(&self, event: &Event) -> bool {
        event.at >= self.updated_at
    }

    /// A record without fields, created by an event at a moment.
    pub(in crate::engine) fn new(at: Timestamp) -> Self {
        let (fields, times) = <_>::default();
        Self { fields, times, created_at: at, updated_at: at, complete: false }
    }
}

/// What an event name in a funnel refers to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A record, read in its present state.
    Record(RecordId),
    /// An event without a key, as received.
    Event {
        /// Its name.
        event: String,
        /// Its fields.
        fields: Fields,
    },
}

impl Subject {
    /// The name of the event.
    #[must_use]
    pub fn event(&self) -> &str {
        match self {
            Self::Record(id) => &id.event,
            Self::Event { event, .. } => event,
        }
    }
}
