//! What the runtime writes to a store: everything that a number of inputs changed.

use super::SteadyClock;
use crate::diagnostic::Code;
use crate::engine::{
    ClientId, ClientMemory, ConsentEntry, Entered, EventDigest, Fields, Fingerprint, Line, Message, Record, RecordId,
    Rejection, Run, RunId,
};
use crate::graph::Graph;
use crate::source::hex;
use crate::value::{Timestamp, Zone};
use std::sync::Arc;

/// Everything that is written in one transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// The time of the virtual clock.
    pub clock: Option<Timestamp>,
    /// From where steady time is counted, when that changed.
    pub steady: Option<SteadyClock>,
    /// Graphs that may be new to the store.
    pub graphs: Vec<(Fingerprint, Arc<Graph>)>,
    /// Accepted events.
    pub events: Vec<AcceptedEvent>,
    /// The plan that every client's memory is synced with.
    pub plan: Option<Fingerprint>,
    /// Clients that are new, or whose fields or memory changed.
    pub clients: Vec<SavedClient>,
    /// New entries of the consent log, in order.
    pub consents: Vec<ConsentEntry>,
    /// Records that are new or changed.
    pub records: Vec<(ClientId, RecordId, Record)>,
    /// Records that are no longer a client's; another one may have them now.
    pub released: Vec<(ClientId, RecordId)>,
    /// Clients that are others from a moment on, in order. They have nothing of their own any more.
    pub merged: Vec<(ClientId, ClientId, Timestamp)>,
    /// Runs that are new, moved or ended.
    pub runs: Vec<SavedRun>,
    /// Changed entry counts: client, funnel, key.
    pub entered: Vec<(ClientId, String, String, Entered)>,
    /// New messages, in order of their numbers.
    pub messages: Vec<Queued>,
    /// State changes of messages, in order.
    pub changes: Vec<MessageChange>,
    /// Lines of the trace, in order.
    pub lines: Vec<Line>,
    /// Rejected input.
    pub dead_letters: Vec<DeadLetter>,
}

impl Batch {
    /// Takes out everything that concerns a client, except what became of messages that were sent.
    #[must_use]
    pub fn take_client(&mut self, client: &ClientId) -> Self {
        Self {
            events: self.events.extract_if(.., |event| event.client == *client).collect(),
            clients: self.clients.extract_if(.., |saved| saved.id == *client).collect(),
            consents: self.consents.extract_if(.., |entry| entry.client == *client).collect(),
            records: self.records.extract_if(.., |(id, ..)| *id == *client).collect(),
            runs: self.runs.extract_if(.., |saved| saved.run.client == *client).collect(),
            entered: self.entered.extract_if(.., |(id, ..)| *id == *client).collect(),
            messages: self.messages.extract_if(.., |queued| queued.message.client == *client).collect(),
            lines: self.lines.extract_if(.., |line| line.client == *client).collect(),
            ..Self::default()
        }
    }
}

/// An accepted event.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptedEvent {
    /// Where it came from; ids are unique within a source.
    pub source: String,
    /// Its own id, if the sender gave one.
    pub id: Option<String>,
    /// Its type.
    pub name: String,
    /// The client it is about.
    pub client: ClientId,
    /// The key of its record.
    pub key: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// Whether it was only read in; not stored, because it is decided when the event is processed.
    pub imported: bool,
    /// Its fields.
    pub data: Fields,
    /// Identifies what was received; `None` for an event of a funnel, or without an id.
    pub digest: Option<EventDigest>,
}

/// The source of events that funnels emit.
pub const EMITTED: &str = "funnelc:emit";

impl AcceptedEvent {
    /// Whether a funnel emitted it.
    #[must_use]
    pub fn is_emitted(&self) -> bool {
        self.source == EMITTED
    }

    /// The dead letter to write in its place when its source already has another event with its id.
    #[must_use]
    pub fn set_aside(&self) -> DeadLetter {
        let id = self.id.as_deref().unwrap_or_default();
        DeadLetter {
            source: self.source.clone(),
            line: None,
            code: Code::DuplicateId,
            message: Rejection::duplicate_id(id).message.to_string(),
            body: serde_json::json!({
                "type": self.name, "id": id, "client": self.client, "at": Zone::UTC.rfc3339(self.at), "data": self.data
            })
            .to_string(),
            received_at: self.received_at,
        }
    }
}

/// A client to write.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedClient {
    /// The id.
    pub id: ClientId,
    /// The client's fields, as JSON.
    pub fields: Fields,
    /// What the engine remembers of the client.
    pub memory: ClientMemory,
}

/// A run to write.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedRun {
    /// The run.
    pub run: Run,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
}

/// The timer of a run, or of a client. Timers are ordered by time; at one instant clients come first, then runs, each
/// by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// When it is due.
    pub wake_at: Timestamp,
    /// The run; `None` for the client's own timer.
    pub run: Option<RunId>,
    /// The client.
    pub client: ClientId,
}

/// A message in the outbox without a final outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its number: the order in which messages were decided.
    pub no: i64,
    /// The message.
    pub message: Message,
    /// How often it was tried without a final outcome.
    pub attempts: u32,
    /// When it was queued, in steady time.
    pub queued_at: Timestamp,
    /// When to retry, in steady time.
    pub retry_at: Option<Timestamp>,
}

/// A state change of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageChange {
    /// Its number.
    pub no: i64,
    /// Its new state.
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: u32,
    /// When the state changed.
    pub at: Timestamp,
}

/// The state of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageState {
    /// It waits to be sent, or to be retried at a steady time, for a reason.
    Queued {
        /// When it is retried.
        retry_at: Option<Timestamp>,
        /// Why the last attempt failed.
        reason: Option<String>,
    },
    /// It may be at the provider.
    Sending,
    /// It has a final outcome.
    Ended(Delivered),
}

/// The final outcome of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// The provider accepted it.
    Sent {
        /// The provider's own id.
        provider_id: Option<String>,
    },
    /// It was printed instead of sent, because its channel is not configured.
    Printed,
    /// It was not sent.
    NotSent {
        /// The reason.
        reason: String,
    },
    /// Whether it was sent cannot be known.
    Unknown {
        /// The reason.
        reason: String,
    },
}

impl MessageState {
    /// The name of the state in the store.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Queued { .. } => "queued",
            Self::Sending => "sending",
            Self::Ended(Delivered::Sent { .. }) => "sent",
            Self::Ended(Delivered::Printed) => "printed",
            Self::Ended(Delivered::NotSent { .. }) => "not_sent",
            Self::Ended(Delivered::Unknown { .. }) => "unknown",
        }
    }

    /// The reason for the state, if there is one.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Queued { reason, .. } => reason.as_deref(),
            Self::Ended(Delivered::NotSent { reason } | Delivered::Unknown { reason }) => Some(reason),
            Self::Sending | Self::Ended(Delivered::Sent { .. } | Delivered::Printed) => None,
        }
    }
}

/// Rejected input, kept so that a person can look at it and send it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Where it came from.
    pub source: String,
    /// Its line in the source, from 1.
    pub line: Option<u64>,
    /// The rule that it breaks.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// The input, truncated when it is very long.
    pub body: String,
    /// When it was received.
    pub received_at: Timestamp,
}

impl DeadLetter {
    /// The identity of the input: the same input rejected again for the same reason is not stored twice.
    #[must_use]
    pub fn digest(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        for part in [&self.source, self.code.number(), &self.body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hex(&hash.finalize(), 32)
    }
}
