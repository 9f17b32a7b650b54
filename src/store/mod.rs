//! Durable state. In: a [`Batch`] of everything that some inputs changed, written as one transaction. Out: clients,
//! timers and messages when the runtime asks for them.

mod batch;
mod error;
pub mod memory;
pub mod sqlite;
mod sqlite_checkpoint;
mod sqlite_error;
mod sqlite_keys;
mod sqlite_lock;
mod sqlite_numbers;
mod sqlite_open;
mod sqlite_read;
mod sqlite_stored;
mod sqlite_write;

pub use batch::{
    AcceptedEvent, Batch, DeadLetter, Delivered, EMITTED, MessageChange, MessageState, Queued, SavedClient, SavedRun,
    Timer,
};
pub use error::Error;
pub use memory::MemoryStore;
pub use sqlite::Sqlite;

use crate::engine::{Client, ClientId, ConsentEntry, Fingerprint, Line, RecordId};
use crate::graph::Graph;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A durable state, written by one thread of one process. A [`commit`](Store::commit) is written completely or not at
/// all.
pub trait Store: Send {
    /// Writes a batch as one transaction. On success the batch is on disk; on failure nothing of it is.
    ///
    /// # Errors
    /// When the disk is full or fails, or the file is damaged.
    fn commit(&mut self, batch: &Batch) -> Result<(), Error>;

    /// Reads the virtual clock, the last message number, and what else a start needs.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn start(&mut self) -> Result<Start, Error>;

    /// Reads a client with their records, active runs and entry counts; `None` for an unknown client.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn client(&mut self, id: &ClientId) -> Result<Option<Client>, Error>;

    /// Reads the client of a record; `None` for an unknown record.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn owner(&mut self, record: &RecordId) -> Result<Option<ClientId>, Error>;

    /// Reads an event that was accepted earlier.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn event(&mut self, source: &str, id: &str) -> Result<Option<AcceptedEvent>, Error>;

    /// Reads the ids of clients in order of creation, from the `skip`th; at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn clients(&mut self, skip: usize, limit: usize) -> Result<Vec<ClientId>, Error>;

    /// Reads the events without a key of these types, in the order in which they were accepted.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn keyless_events(&mut self, types: &[&str]) -> Result<Vec<AcceptedEvent>, Error>;

    /// Reads a client's entries of the consent log, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn consents(&mut self, client: &ClientId) -> Result<Vec<ConsentEntry>, Error>;

    /// Reads the timers after `after`, in order; at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn timers(&mut self, after: Option<&Timer>, limit: usize) -> Result<Vec<Timer>, Error>;

    /// Reads queued messages of a lane with numbers above `after`, in order; at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn queued(&mut self, lane: &str, after: i64, limit: usize) -> Result<Vec<Queued>, Error>;

    /// Reads the messages that were being sent when the last process ended.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn sending(&mut self) -> Result<Vec<Queued>, Error>;

    /// Reads lines of the trace in order, from the `skip`th; at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn trace(&mut self, skip: usize, limit: usize) -> Result<Vec<Line>, Error>;

    /// Counts messages by state: `queued`, `sending`, `sent`, `printed`, `not_sent`, `unknown`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn message_counts(&mut self) -> Result<BTreeMap<String, u64>, Error>;

    /// Reads the rejected input, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, Error>;

    /// Cleans up before the process ends; what was committed is safe without it.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn close(&mut self) -> Result<(), Error>;
}

/// From where steady time is counted, which is the time that really passes: what the clocks showed at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SteadyClock {
    /// Steady time.
    pub steady: Timestamp,
    /// The wall clock.
    pub wall: Timestamp,
    /// The milliseconds since the machine started.
    pub uptime_ms: i64,
    /// Which start of the machine that was, where the system tells.
    pub boot: Option<String>,
    /// By how many milliseconds steady time was ahead of the wall clock when the ends of exact waits were last moved.
    pub waits_ahead_ms: i64,
}

impl SteadyClock {
    /// By how many milliseconds steady time is ahead of the wall clock.
    #[must_use]
    pub fn ahead_ms(&self) -> i64 {
        self.steady.0.saturating_sub(self.wall.0)
    }
}

/// What a host needs to start on a store.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Start {
    /// The time of the virtual clock.
    pub clock: Option<Timestamp>,
    /// From where steady time is counted.
    pub steady: Option<SteadyClock>,
    /// The plan that every client's memory is synced with.
    pub plan: Option<Fingerprint>,
    /// The clients that are other clients now, in the order of their merges.
    pub merged: Vec<(ClientId, ClientId)>,
    /// The highest message number; 0 when there is none.
    pub last_message: i64,
    /// The lanes with queued messages, named by [`crate::engine::Message::lane`].
    pub lanes: Vec<String>,
    /// The graphs of active runs.
    pub graphs: Vec<(Fingerprint, Graph)>,
}
