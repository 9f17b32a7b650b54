//! Why an event, or a part of one, was not taken.

use crate::diagnostic::{Code, Phrase};
use crate::say;
use serde_json::Value as Json;

/// Why an event was rejected, or a part of it left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The rule that it breaks.
    pub code: Code,
    /// What is wrong.
    pub message: Phrase,
    /// What to do.
    pub help: Phrase,
}

impl Rejection {
    /// Creates a rejection.
    pub fn new(code: Code, message: Phrase, help: Phrase) -> Self {
        Self { code, message, help }
    }

    /// The rejection of an event whose id belongs to another event.
    #[must_use]
    pub fn duplicate_id(id: &str) -> Self {
        let message = say!("event id `{id}` is already used by another event", id);
        Self::new(
            Code::DuplicateId,
            message,
            say!("give every event a unique id; the same event may be sent again unchanged"),
        )
    }

    /// The same, where only the field is left out.
    #[must_use]
    pub(super) fn of_field(self) -> Self {
        let Self { code, message, help } = self;
        Self { code, message: say!("{why}; the field is left out", why = message), help }
    }

    /// The same, where the withdrawal of consent in the event is taken nevertheless.
    #[must_use]
    pub fn except_withdrawal(self) -> Self {
        let Self { code, message, help } = self;
        Self { code, message: say!("{why}; only the withdrawal of consent in it is taken", why = message), help }
    }
}

/// Describes the shape of an event, for help texts.
pub(super) fn form() -> Phrase {
    const EVENT: &str = r#"{"type":"booking","id":"evt-1","client":"c1","at":"2026-03-01T10:00:00+03:00","data":{..}}"#;
    say!("an example of an event: {event}", event = EVENT)
}

/// Shortens a JSON value for a message.
pub(super) fn shorten(value: &Json) -> String {
    format!("`{}`", brief(&value.to_string()))
}

/// Shortens a text for a message.
pub(super) fn brief(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
