//! A store in one SQLite file. In: batches. Out: rows. People may read its tables and views too.

use super::sqlite_checkpoint::Checkpoints;
use super::sqlite_lock::Lock;
use super::sqlite_numbers::Numbers;
use super::sqlite_read::Reader;
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
    /// Dropped first, because its thread uses the files.
    checkpoints: Checkpoints,
    connection: Connection,
    /// `None` after a failed commit, until they are read again.
    numbers: Option<Numbers>,
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
        let mut connection = sqlite_open::open(path)?;
        let checkpoints =
            Checkpoints::new(&mut connection, &real).map_err(|error| sqlite_error::explain(path, error))?;
        Ok(Self { checkpoints, connection, numbers: None, path: path.to_owned(), lock })
    }

    /// Limits the file to this many pages of 4 KiB, so that a test can fill the disk.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn limit_pages(&mut self, pages: u32) -> Result<(), Error> {
        self.map_error(self.connection.pragma_update(None, "max_page_count", pages))
    }

    /// Reads with numbers.
    fn read<T>(&mut self, read: impl FnOnce(&mut Reader<'_>) -> rusqlite::Result<T>) -> Result<T, Error> {
        let Self { connection, numbers, path, .. } = self;
        let run = || {
            let numbers = known(connection, numbers)?;
            read(&mut Reader { connection, numbers })
        };
        run().map_err(|error| sqlite_error::explain(path, error))
    }

    fn map_error<T>(&self, result: rusqlite::Result<T>) -> Result<T, Error> {
        result.map_err(|error| sqlite_error::explain(&self.path, error))
    }
}

impl Store for Sqlite {
    fn commit(&mut self, batch: &Batch) -> Result<(), Error> {
        let Self { checkpoints, connection, numbers, path, lock } = self;
        let written = match known(connection, numbers) {
            Ok(numbers) => sqlite_write::commit(connection, numbers, batch),
            Err(error) => Err(error.into()),
        };
        written.map_err(|Unwritten { error, client }| {
            // They may name rows that were not written.
            *numbers = None;
            match client {
                Some(client) if sqlite_error::is_about_a_row(&error) => {
                    Error::Unwritable { client, detail: error.to_string() }
                }
                Some(_) | None => sqlite_error::explain(path, error),
            }
        })?;
        checkpoints.after_commit(connection);
        lock.check()
    }

    fn start(&mut self) -> Result<Start, Error> {
        self.map_error(sqlite_read::start(&self.connection))
    }

    fn client(&mut self, id: &ClientId) -> Result<Option<Client>, Error> {
        self.read(|reader| reader.client(id))
    }

    fn owner(&mut self, record: &RecordId) -> Result<Option<ClientId>, Error> {
        self.read(|reader| reader.owner(record))
    }

    fn event(&mut self, source: &str, id: &str) -> Result<Option<AcceptedEvent>, Error> {
        self.read(|reader| reader.event(source, id))
    }

    fn clients(&mut self, skip: usize, limit: usize) -> Result<Vec<ClientId>, Error> {
        self.map_error(sqlite_read::clients(&self.connection, skip, limit))
    }

    fn keyless_events(&mut self, types: &[&str]) -> Result<Vec<AcceptedEvent>, Error> {
        self.read(|reader| reader.keyless_events(types))
    }

    fn consents(&mut self, client: &ClientId) -> Result<Vec<ConsentEntry>, Error> {
        self.map_error(sqlite_read::consents(&self.connection, client))
    }

    fn timers(&mut self, after: Option<&Timer>, limit: usize) -> Result<Vec<Timer>, Error> {
        self.map_error(sqlite_read::timers(&self.connection, after, limit))
    }

    fn queued(&mut self, channel: &str, after: i64, limit: usize) -> Result<Vec<Queued>, Error> {
        self.read(|reader| reader.queued(channel, after, limit))
    }

    fn sending(&mut self) -> Result<Vec<Queued>, Error> {
        self.read(|reader| reader.sending())
    }

    fn trace(&mut self, skip: usize, limit: usize) -> Result<Vec<Line>, Error> {
        self.read(|reader| reader.trace(skip, limit))
    }

    fn message_counts(&mut self) -> Result<BTreeMap<String, u64>, Error> {
        self.map_error(sqlite_read::message_counts(&self.connection))
    }

    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, Error> {
        self.map_error(sqlite_read::dead_letters(&self.connection))
    }

    fn close(&mut self) -> Result<(), Error> {
        self.checkpoints.finish();
        self.map_error(self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
    }
}

/// The numbers, read when they are not known.
fn known<'a>(connection: &Connection, numbers: &'a mut Option<Numbers>) -> rusqlite::Result<&'a mut Numbers> {
    match numbers {
        Some(numbers) => Ok(numbers),
        None => Ok(numbers.insert(Numbers::load(connection)?)),
    }
}
