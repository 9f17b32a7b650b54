//! Builds the JSON lines of events.

use serde_json::{Value, json};

/// An event that still lacks its data.
pub(crate) struct Event(Value);

/// An event of the client `c1`.
pub(crate) fn event(kind: &str) -> Event {
    Event(json!({"type": kind, "client": "c1"}))
}

impl Event {
    /// Sets the id of the event.
    pub(crate) fn id(self, id: &str) -> Self {
        self.with("id", json!(id))
    }

    /// Sets another client.
    pub(crate) fn client(self, client: &str) -> Self {
        self.with("client", json!(client))
    }

    /// Sets the time of the event, in RFC 3339.
    pub(crate) fn at(self, at: &str) -> Self {
        self.with("at", json!(at))
    }

    /// Adds the data and returns the event as a line of JSON.
    pub(crate) fn data(self, data: Value) -> String {
        self.with("data", data).0.to_string()
    }

    fn with(mut self, key: &str, value: Value) -> Self {
        self.0[key] = value;
        self
    }
}
