//! Moves what was committed from the log of a store into its file, so that the log stays short and commits do not wait.
//! In: how long the log is after each commit. Out: a file that has everything but the newest commits.
//!
//! The log starts over only when all of it is in the file. A thread with a connection of its own moves what is there when
//! it starts; meanwhile commits go on. The writer then moves the few pages that came after, between two commits.

use super::sqlite_open;
use rusqlite::{Connection, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::{Builder, JoinHandle};

/// When pages are moved.
const LIMITS: Limits = Limits { long: 8_000, short: 2_000 };

/// When pages are moved, in pages of the log.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// From how many on a thread moves them.
    long: i32,
    /// How many the writer moves itself.
    short: i32,
}

/// Keeps the log of a store short.
#[derive(Debug)]
pub(super) struct Checkpoints {
    path: PathBuf,
    /// How many pages the log has.
    pages: Arc<AtomicI32>,
    running: Option<Running>,
    /// From how many pages on to start the next time; more than usual after a failure.
    next: i32,
    limits: Limits,
}

/// The thread that moves pages.
#[derive(Debug)]
struct Running {
    thread: JoinHandle<Result<bool>>,
    /// How many pages the log had when it started.
    from: i32,
}

impl Checkpoints {
    /// Takes over from SQLite, which would let some commits wait.
    pub(super) fn new(connection: &mut Connection, path: &Path) -> Result<Self> {
        let pages = Arc::new(AtomicI32::new(0));
        let noted = Arc::clone(&pages);
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
            noted.store(count, Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self { path: path.to_owned(), pages, running: None, next: LIMITS.long, limits: LIMITS })
    }

    /// To be called after each commit. A failure is no reason to stop: everything is safe in the log.
    pub(super) fn after_commit(&mut self, connection: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        match self.running.take_if(|running| running.thread.is_finished()) {
            Some(Running { thread, from }) => {
                let is_moved = thread.join().is_ok_and(|moved| moved.is_ok());
                let rest = pages.saturating_sub(from);
                self.next = match is_moved {
                    // A long rest is left to another thread.
                    true if rest > self.limits.short => pages,
                    true if run(connection) == Ok(true) => self.limits.long,
                    // Another program reads what is in the log, or the disk is full.
                    true | false => pages.saturating_add(self.limits.long),
                };
            }
            None if self.running.is_none() && pages >= self.next => self.start(pages),
            None => {}
        }
    }

    fn start(&mut self, pages: i32) {
        let path = self.path.clone();
        let work = move || run(&sqlite_open::connect(&path)?);
        match Builder::new().name("checkpoint".to_owned()).spawn(work) {
            Ok(thread) => self.running = Some(Running { thread, from: pages }),
            Err(_) => self.next = pages.saturating_add(self.limits.long),
        }
    }

    /// Waits until no thread moves pages.
    pub(super) fn finish(&mut self) {
        if let Some(Running { thread, .. }) = self.running.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Moves the pages that no reader needs in the log. Returns whether these are all.
fn run(connection: &Connection) -> Result<bool> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let (pages, moved): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(pages == moved)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commits rows until a thousand pages have been through the log. Returns the length of the log in pages.
    fn pages_left(path: &Path) -> u64 {
        let mut connection = Connection::open(path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (x TEXT)").unwrap();
        let mut checkpoints = Checkpoints::new(&mut connection, path).unwrap();
        (checkpoints.limits, checkpoints.next) = (Limits { long: 50, short: 20 }, 50);
        for _ in 0..500 {
            connection.execute("INSERT INTO t VALUES (hex(zeroblob(2000)))", []).unwrap();
            checkpoints.after_commit(&connection);
            // Threads are slow to start where many tests run.
            if let Some(running) = &checkpoints.running {
                while !running.thread.is_finished() {
                    std::thread::yield_now();
                }
            }
        }
        checkpoints.finish();
        std::fs::metadata(path.with_extension("db-wal")).unwrap().len() / 4096
    }

    #[test]
    fn the_log_stays_short_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let pages = pages_left(&path);
        assert!((50..150).contains(&pages), "{pages}");
        let connection = Connection::open(&path).unwrap();
        let rows: i64 = connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 500);
    }

    #[test]
    fn a_reader_that_stays_keeps_the_log_and_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        pages_left(&path);
        let reader = Connection::open(&path).unwrap();
        let count = || reader.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).unwrap();
        reader.execute_batch("BEGIN").unwrap();
        assert_eq!(count(), 500);
        assert!(pages_left(&path) > 500);
        assert_eq!(count(), 500);
        reader.execute_batch("COMMIT").unwrap();
        assert_eq!(count(), 1_000);
    }
}
