//! Where the state of the world is kept. In: a [`Batch`] of all that some inputs changed, written as one transaction.
//! Out: clients, timers and messages when the runtime asks for them.

mod batch;
mod error;
pub mod memory;
pub mod sqlite;
mod sqlite_open;
mod sqlite_read;
mod sqlite_write;

pub use batch::{
    AcceptedEvent, Batch, DeadLetter, Delivered, MessageChange, MessageState, Queued, SavedClient, SavedRun, Timer,
};
pub use error::Error;
pub use memory::MemoryStore;
pub use sqlite::Sqlite;

use crate::engine::{Client, ClientId, ConsentEntry, Fingerprint, Line};
use crate::graph::Graph;
use crate::value::Timestamp;
use std::collections::BTreeMap;

/// A durable state. One process and one thread write it; what [`commit`](Store::commit) was told is kept whole or
/// not at all.
pub trait Store: Send {
    /// Writes a batch as one transaction. When it returns, the batch is on disk; when it fails, nothing of it is.
    ///
    /// # Errors
    /// When the disk is full or broken, or the file is damaged.
    fn commit(&mut self, batch: &Batch) -> Result<(), Error>;

    /// Reads the virtual clock, the last message number, and what else a start needs.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn start(&mut self) -> Result<Start, Error>;

    /// Reads a client with their records, live runs and entry memory; `None` when nothing is known of them.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn client(&mut self, id: &ClientId) -> Result<Option<Client>, Error>;

    /// Reads an event that was taken earlier.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn event(&mut self, source: &str, id: &str) -> Result<Option<AcceptedEvent>, Error>;

    /// Reads the ids of clients in the order in which they became known, from the `skip`th; at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn clients(&mut self, skip: usize, limit: usize) -> Result<Vec<ClientId>, Error>;

    /// Reads the events without a key of these types, in the order in which they were taken.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn keyless_events(&mut self, types: &[&str]) -> Result<Vec<AcceptedEvent>, Error>;

    /// Reads what a client said about being written to, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn consents(&mut self, client: &ClientId) -> Result<Vec<ConsentEntry>, Error>;

    /// Reads the next timers in order, after `after`; at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn timers(&mut self, after: Option<&Timer>, limit: usize) -> Result<Vec<Timer>, Error>;

    /// Reads queued messages of a lane in order of their numbers, those above `after`; at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn queued(&mut self, lane: &str, after: i64, limit: usize) -> Result<Vec<Queued>, Error>;

    /// Reads the messages that were being sent when the last process ended.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn sending(&mut self) -> Result<Vec<Queued>, Error>;

    /// Reads trace lines in order, from the `skip`th; at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn trace(&mut self, skip: usize, limit: usize) -> Result<Vec<Line>, Error>;

    /// Counts messages by state: `queued`, `sending`, `sent`, `not_sent`, `unknown`.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn message_counts(&mut self) -> Result<BTreeMap<String, u64>, Error>;

    /// Reads the refused input, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, Error>;

    /// Tidies up before the process ends; what was committed is safe without it.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn close(&mut self) -> Result<(), Error>;
}

/// What a host must know to start on a store.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Start {
    /// Where the virtual clock stood.
    pub clock: Option<Timestamp>,
    /// The plan that every client's memory is in line with.
    pub plan: Option<Fingerprint>,
    /// The highest message number; 0 when there is none.
    pub last_message: i64,
    /// The lanes that have queued messages; [`crate::engine::Message::lane`] names them.
    pub lanes: Vec<String>,
    /// The graphs that live runs are on.
    pub graphs: Vec<(Fingerprint, Graph)>,
}
