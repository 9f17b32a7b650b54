//! What events leave in the state: records, and the events without a key that runs refer to.

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

/// A record: an event with a key, and the later events that updated it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its fields, as JSON; later events overwrite the fields they name.
    pub fields: Fields,
    /// When its first event happened.
    pub created_at: Timestamp,
    /// When its last event happened.
    pub updated_at: Timestamp,
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
