//! A store in one SQLite file. In: batches. Out: rows. People may read its tables and views too.

use super::sqlite_lock::Lock;
use super::sqlite_write::Unwritten;
use super::{
    AcceptedEvent, Batch, DeadLetter, Error, Queued, Start, Store, Timer, sqlite_error, sqlite_open, sqlite_read,
    sqlite_write,
};
use crate::engine::{Client, ClientId, ConsentEntry, Line, RecordId};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A store in one SQLite file, locked by this process until it is dropped.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
    /// Dropped after the connection, because closing a file releases all locks of SQLite on it.
    lock: Lock,
}

impl Sqlite {
    /// Opens the store at a path. Creates it when it does not exist, and migrates an older one to the newest version.
    ///
    /// # Errors
    /// When another process has it open, it is newer than this program or damaged, or the disk fails.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let real = sqlite_open::make(path)?;
        let lock = Lock::take(path, &real)?;
        let connection = sqlite_open::open(path)?;
        Ok(Self { connection, path: path.to_owned(), lock })
    }

    /// Limits the file to this many pages of 4 KiB, so that a test can fill the disk.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn limit_pages(&mut self, pages: u32) -> Result<(), Error> {
        self.map_error(self.connection.pragma_update(None, "max_page_count", pages))
    }

    fn map_error<T>(&self, result: rusqlite::Result<T>) -> Result<T, Error> {
        result.map_err(|error| sqlite_error::explain(&self.path, error))
    }
}

impl Store for Sqlite {
    fn commit(&mut self, batch: &Batch) -> Result<(), Error> {
        sqlite_write::commit(&mut self.connection, batch).map_err(|Unwritten { error, client }| match client {
            Some(client) if sqlite_error::is_about_a_row(&error) => {
                Error::Unwritable { client, detail: error.to_string() }
            }
            Some(_) | None => sqlite_error::explain(&self.path, error),
        })?;
        self.lock.check()
    }

    fn start(&mut self) -> Result<Start, Error> {
        self.map_error(sqlite_read::start(&self.connection))
    }

    fn client(&mut self, id: &ClientId) -> Result<Option<Client>, Error> {
        self.map_error(sqlite_read::client(&self.connection, id))
    }

    fn owner(&mut self, record: &RecordId) -> Result<Option<ClientId>, Error> {
        self.map_error(sqlite_read::owner(&self.connection, record))
    }

    fn event(&mut self, source: &str, id: &str) -> Result<Option<AcceptedEvent>, Error> {
        self.map_error(sqlite_read::event(&self.connection, source, id))
    }

    fn clients(&mut self, skip: usize, limit: usize) -> Result<Vec<ClientId>, Error> {
        self.map_error(sqlite_read::clients(&self.connection, skip, limit))
    }

    fn keyless_events(&mut self, types: &[&str]) -> Result<Vec<AcceptedEvent>, Error> {
        self.map_error(sqlite_read::keyless_events(&self.connection, types))
    }

    fn consents(&mut self, client: &ClientId) -> Result<Vec<ConsentEntry>, Error> {
        self.map_error(sqlite_read::consents(&self.connection, client))
    }

    fn timers(&mut self, after: Option<&Timer>, limit: usize) -> Result<Vec<Timer>, Error> {
        self.map_error(sqlite_read::timers(&self.connection, after, limit))
    }

    fn queued(&mut self, channel: &str, after: i64, limit: usize) -> Result<Vec<Queued>, Error> {
        self.map_error(sqlite_read::queued(&self.connection, channel, after, limit))
    }

    fn sending(&mut self) -> Result<Vec<Queued>, Error> {
        self.map_error(sqlite_read::sending(&self.connection))
    }

    fn trace(&mut self, skip: usize, limit: usize) -> Result<Vec<Line>, Error> {
        self.map_error(sqlite_read::trace(&self.connection, skip, limit))
    }

    fn message_counts(&mut self) -> Result<BTreeMap<String, u64>, Error> {
        self.map_error(sqlite_read::message_counts(&self.connection))
    }

    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, Error> {
        self.map_error(sqlite_read::dead_letters(&self.connection))
    }

    fn close(&mut self) -> Result<(), Error> {
        self.map_error(self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
    }
}
