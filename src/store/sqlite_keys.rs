//! The index of rows that are found by their own ids. In: ids and numbers of new rows. Out: the numbers of the rows that
//! may have an id.
//!
//! Ids come in no order, so an index on disk would rewrite a page for each of them. Instead, the newest keys are only in
//! memory. When there are many, they are written in the order of their hashes, a few with each commit, so that each page
//! receives several at once. After a restart, the rows that are not indexed on disk are read again.

use rusqlite::{Connection, OptionalExtension, Result, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashSet};

/// Limit: how many keys are collected in memory before they are written (at most twice as many are there).
const COLLECTED: usize = 100_000;

/// Limit: how many hashes are remembered that are not on disk.
const MAX_ABSENT: usize = 10_000;

/// What an id belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Event,
    Client,
    Record,
    Run,
}

/// A hash of a kind and the parts of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key(i64);

impl Key {
    pub(super) fn new(kind: Kind, parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        hash.update([match kind {
            Kind::Event => 0,
            Kind::Client => 1,
            Kind::Record => 2,
            Kind::Run => 3,
        }]);
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hash.finalize()[..8]);
        Self(i64::from_be_bytes(first))
    }
}

/// The highest number of each kind.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Highest {
    event: i64,
    client: i64,
    record: i64,
    run: i64,
}

impl Highest {
    fn get(&self, kind: Kind) -> i64 {
        match kind {
            Kind::Event => self.event,
            Kind::Client => self.client,
            Kind::Record => self.record,
            Kind::Run => self.run,
        }
    }

    fn of(&mut self, kind: Kind) -> &mut i64 {
        match kind {
            Kind::Event => &mut self.event,
            Kind::Client => &mut self.client,
            Kind::Record => &mut self.record,
            Kind::Run => &mut self.run,
        }
    }
}

/// The keys in memory, and how far those on disk reach.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Keys that are collected, with their numbers.
    young: BTreeSet<(i64, i64)>,
    /// Keys that are being written, in order.
    old: BTreeSet<(i64, i64)>,
    /// The highest numbers in memory.
    highest: Highest,
    /// The highest numbers that are on disk once `old` is.
    reached: Highest,
    /// Whether any key is on disk.
    on_disk: bool,
    /// How many keys were added since the last sweep.
    added: usize,
    /// Hashes that are not on disk, as was seen since the last sweep: what is new is looked up several times.
    absent: HashSet<i64>,
}

impl Keys {
    /// Reads the keys that are not on disk.
    pub(super) fn load(connection: &Connection) -> Result<Self> {
        let reached: Option<String> =
            connection.query_row("SELECT value FROM meta WHERE name = 'keys'", [], |row| row.get(0)).optional()?;
        let reached: Highest = match &reached {
            Some(text) => serde_json::from_str(text).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
            })?,
            None => Highest::default(),
        };
        let on_disk = connection.query_row("SELECT EXISTS (SELECT 1 FROM keys)", [], |row| row.get(0))?;
        let mut keys = Self { highest: reached, on_disk, ..Self::default() };
        let mut read = |kind, after: i64, sql: &str| -> Result<()> {
            let mut rows = connection.prepare(sql)?;
            let mut rows = rows.query([after])?;
            while let Some(row) = rows.next()? {
                let (first, second) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
                let parts = if second.is_empty() { vec![first] } else { vec![first, second] };
                keys.add(kind, Key::new(kind, &parts), row.get(0)?);
            }
            Ok(())
        };
        read(
            Kind::Event,
            reached.event,
            "SELECT events.no, names.name, id FROM events JOIN names ON names.no = source
             WHERE events.no > ?1 AND id IS NOT NULL ORDER BY events.no",
        )?;
        read(Kind::Client, reached.client, "SELECT no, id, '' FROM clients WHERE no > ?1 ORDER BY no")?;
        read(
            Kind::Record,
            reached.record,
            "SELECT records.no, names.name, key FROM records JOIN names ON names.no = event
             WHERE records.no > ?1 ORDER BY records.no",
        )?;
        read(Kind::Run, reached.run, "SELECT no, id, '' FROM runs WHERE no > ?1 ORDER BY no")?;
        keys.added = 0;
        Ok(keys)
    }

    /// The numbers of the rows that may have an id. The caller compares the ids.
    pub(super) fn find(&mut self, connection: &Connection, Key(hash): Key) -> Result<Vec<i64>> {
        let of_hash = (hash, i64::MIN)..=(hash, i64::MAX);
        let mut found: Vec<i64> =
            self.young.range(of_hash.clone()).chain(self.old.range(of_hash)).map(|(_, no)| *no).collect();
        if self.on_disk && !self.absent.contains(&hash) {
            let on_disk = Self::find_on_disk(connection, hash)?;
            if on_disk.is_empty() && self.absent.len() < MAX_ABSENT {
                self.absent.insert(hash);
            }
            let new: Vec<i64> = on_disk.into_iter().filter(|no| !found.contains(no)).collect();
            found.extend(new);
        }
        Ok(found)
    }

    fn find_on_disk(connection: &Connection, hash: i64) -> Result<Vec<i64>> {
        let mut rows = connection.prepare_cached("SELECT no FROM keys WHERE hash = ?1")?;
        rows.query_map([hash], |row| row.get(0))?.collect()
    }

    /// The number of the next row of a kind. It is never that of a deleted one, because the index may be complete up to
    /// there.
    pub(super) fn next(&self, kind: Kind) -> i64 {
        self.highest.get(kind) + 1
    }

    /// Adds the key of a new row.
    pub(super) fn add(&mut self, kind: Kind, Key(hash): Key, no: i64) {
        self.young.insert((hash, no));
        let highest = self.highest.of(kind);
        *highest = no.max(*highest);
        self.added += 1;
    }

    /// Removes the key of a deleted row.
    pub(super) fn remove(&mut self, connection: &Connection, Key(hash): Key, no: i64) -> Result<()> {
        self.young.remove(&(hash, no));
        self.old.remove(&(hash, no));
        if self.on_disk {
            connection.prepare_cached("DELETE FROM keys WHERE hash = ?1 AND no = ?2")?.execute(params![hash, no])?;
        }
        Ok(())
    }

    /// Writes a few keys when there are many: twice as many as were added, so that writing always keeps up.
    pub(super) fn sweep(&mut self, connection: &Connection) -> Result<()> {
        self.sweep_from(connection, COLLECTED)
    }

    fn sweep_from(&mut self, connection: &Connection, collected: usize) -> Result<()> {
        self.absent.clear();
        let count = std::mem::take(&mut self.added) * 2;
        if self.old.is_empty() && self.young.len() >= collected {
            self.old = std::mem::take(&mut self.young);
            self.reached = self.highest;
        }
        if self.old.is_empty() || count == 0 {
            return Ok(());
        }
        let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO keys (hash, no) VALUES (?1, ?2)")?;
        for _ in 0..count {
            let Some((hash, no)) = self.old.pop_first() else { break };
            insert.execute([hash, no])?;
        }
        self.on_disk = true;
        if self.old.is_empty() {
            let reached = serde_json::to_string(&self.reached)
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            connection
                .prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES ('keys', ?1)")?
                .execute([reached])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_memory_and_on_disk_and_after_a_restart() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("schema/0009.sql")).unwrap();
        let key = |no: i64| Key::new(Kind::Client, &[&format!("c{no}")]);
        let mut keys = Keys::load(&connection).unwrap();
        for no in 1..=1_000 {
            connection.execute("INSERT INTO clients (no, id) VALUES (?1, 'c' || ?1)", [no]).unwrap();
            keys.add(Kind::Client, key(no), no);
            if no % 7 == 0 {
                keys.sweep_from(&connection, 100).unwrap();
            }
            // What was absent is found once it is there.
            assert_eq!(keys.find(&connection, key(no + 1)).unwrap(), [] as [i64; 0]);
            assert_eq!(keys.find(&connection, key(no / 2 + 1)).unwrap(), [no / 2 + 1]);
        }
        let on_disk: i64 = connection.query_row("SELECT count(*) FROM keys", [], |row| row.get(0)).unwrap();
        assert!((600..1_000).contains(&on_disk), "{on_disk}");
        assert!(keys.young.len() + keys.old.len() <= 220, "{} and {}", keys.young.len(), keys.old.len());
        keys.remove(&connection, key(3), 3).unwrap();
        connection.execute("DELETE FROM clients WHERE no = 3", []).unwrap();
        let mut again = Keys::load(&connection).unwrap();
        assert!(again.young.len() < 250, "{}", again.young.len());
        for no in 1..=1_000 {
            let expected: &[i64] = if no == 3 { &[] } else { &[no] };
            assert_eq!(keys.find(&connection, key(no)).unwrap(), expected);
            assert_eq!(again.find(&connection, key(no)).unwrap(), expected);
        }
        assert!(again.find(&connection, Key::new(Kind::Run, &["c1"])).unwrap().is_empty());
    }

    #[test]
    fn the_number_of_a_deleted_record_is_not_given_out_again() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("schema/0009.sql")).unwrap();
        let mut keys = Keys::load(&connection).unwrap();
        for (no, id) in [(1, "a"), (2, "b"), (3, "c")] {
            assert_eq!(keys.next(Kind::Record), no);
            keys.add(Kind::Record, Key::new(Kind::Record, &["visit", id]), no);
            keys.sweep_from(&connection, 1).unwrap();
        }
        let last = Key::new(Kind::Record, &["visit", "c"]);
        keys.remove(&connection, last, 3).unwrap();
        assert!(keys.find(&connection, last).unwrap().is_empty());
        // Neither now nor after a restart.
        assert_eq!((keys.next(Kind::Record), Keys::load(&connection).unwrap().next(Kind::Record)), (4, 4));
    }
}
