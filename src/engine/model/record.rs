//! What events leave behind: records, and the events without a key that runs refer to.

use crate::value::Timestamp;
use serde::{Deserialize, Serialize};

/// JSON fields as they came.
pub type Fields = serde_json::Map<String, serde_json::Value>;

/// The name of a record: event and key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordId {
    /// The event's name.
    pub event: String,
    /// The value of its key field, as text.
    pub key: String,
}

/// A record: an event with a key and what was told about it since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its fields, as JSON; later events overwrite the fields they name.
    pub fields: Fields,
    /// When its first event happened.
    pub created_at: Timestamp,
    /// When its last event happened.
    pub updated_at: Timestamp,
}

/// What an event name in a chain stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A record, read as it is now.
    Record(RecordId),
    /// An event without a key, as it came.
    Event {
        /// Its name.
        event: String,
        /// Its fields.
        fields: Fields,
    },
}

impl Subject {
    /// The name of its event.
    #[must_use]
    pub fn event(&self) -> &str {
        match self {
            Self::Record(id) => &id.event,
            Self::Event { event, .. } => event,
        }
    }
}
