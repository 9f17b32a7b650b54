//! What the runtime hands to a store: everything that some inputs changed.

use crate::diagnostic::Code;
use crate::engine::{
    ClientId, ClientMemory, ConsentEntry, Entered, Fields, Fingerprint, Line, Message, Record, RecordId, Run, RunId,
};
use crate::graph::Graph;
use crate::source::hex;
use crate::value::Timestamp;
use std::sync::Arc;

/// All that is written in one transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Where the virtual clock stands now.
    pub clock: Option<Timestamp>,
    /// Graphs that may be new to the store.
    pub graphs: Vec<(Fingerprint, Arc<Graph>)>,
    /// Events that were taken.
    pub events: Vec<AcceptedEvent>,
    /// The plan that every client's memory is in line with.
    pub plan: Option<Fingerprint>,
    /// Clients that are new, or whose fields or memory changed.
    pub clients: Vec<SavedClient>,
    /// What clients said about being written to, in order.
    pub consents: Vec<ConsentEntry>,
    /// Records that are new or changed.
    pub records: Vec<(ClientId, RecordId, Record)>,
    /// Runs that are new, moved or ended.
    pub runs: Vec<SavedRun>,
    /// Entry memory that changed: client, funnel, key.
    pub entered: Vec<(ClientId, String, String, Entered)>,
    /// Messages that are new, in order of their numbers.
    pub messages: Vec<Queued>,
    /// What became of messages, in order.
    pub changes: Vec<MessageChange>,
    /// What happened, in order.
    pub lines: Vec<Line>,
    /// What was refused.
    pub dead_letters: Vec<DeadLetter>,
}

/// An event as it was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptedEvent {
    /// Where it came from; ids are unique within it.
    pub source: String,
    /// Its own id, if the sender gave one.
    pub id: Option<String>,
    /// Its type.
    pub name: String,
    /// Whom it is about.
    pub client: ClientId,
    /// The key of its record.
    pub key: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// When it was taken.
    pub received_at: Timestamp,
    /// Its fields.
    pub data: Fields,
}

/// A client to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedClient {
    /// Who.
    pub id: ClientId,
    /// Their fields, as JSON.
    pub fields: Fields,
    /// What is remembered of them.
    pub memory: ClientMemory,
}

/// A run to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedRun {
    /// The run.
    pub run: Run,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
}

/// A run that sleeps until a time, or something that comes with time for a client. Timers are ordered by time; at one
/// instant clients come first, then runs, each by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// When it wakes.
    pub wake_at: Timestamp,
    /// Which run; `None` for what comes with time for the client.
    pub run: Option<RunId>,
    /// Whose.
    pub client: ClientId,
}

/// A message in the outbox that has not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its number: the order in which messages were decided.
    pub no: i64,
    /// The message.
    pub message: Message,
    /// How often it was tried and refused for the time being.
    pub attempts: u32,
    /// When it was put here, in real time.
    pub queued_at: Timestamp,
    /// When to try again, in real time.
    pub retry_at: Option<Timestamp>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageChange {
    /// Its number.
    pub no: i64,
    /// Its state now.
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: u32,
    /// When that was.
    pub at: Timestamp,
}

/// Where a message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageState {
    /// It waits for its turn, or to be tried again at a real time, for a reason.
    Queued {
        /// When it is tried again.
        retry_at: Option<Timestamp>,
        /// Why it was not taken.
        reason: Option<String>,
    },
    /// It may be at the provider.
    Sending,
    /// It came to its end.
    Ended(Delivered),
}

/// How a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// The provider took it.
    Sent {
        /// The provider's own id.
        provider_id: Option<String>,
    },
    /// It did not go out.
    NotSent {
        /// Why.
        reason: String,
    },
    /// Whether it went out cannot be known.
    Unknown {
        /// Why.
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
            Self::Ended(Delivered::NotSent { .. }) => "not_sent",
            Self::Ended(Delivered::Unknown { .. }) => "unknown",
        }
    }

    /// Why it is there, when there is a reason.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Queued { reason, .. } => reason.as_deref(),
            Self::Ended(Delivered::NotSent { reason } | Delivered::Unknown { reason }) => Some(reason),
            Self::Sending | Self::Ended(Delivered::Sent { .. }) => None,
        }
    }
}

/// Something that came in and was refused; kept, so that a person can look at it and send it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Where it came from.
    pub source: String,
    /// Its line there, from 1.
    pub line: Option<u64>,
    /// Which rule it breaks.
    pub code: Code,
    /// How.
    pub message: String,
    /// What came, cut when it is very long.
    pub body: String,
    /// When it came.
    pub received_at: Timestamp,
}

impl DeadLetter {
    /// What tells it from others: the same input refused again for the same reason is not kept twice.
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
