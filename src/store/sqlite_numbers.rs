//! The numbers by which rows refer to each other. In: names and ids. Out: their numbers; new ones are given out.

use super::sqlite_keys::{Key, Keys, Kind};
use crate::engine::{ClientId, RecordId, RunId};
use rusqlite::{Connection, OptionalExtension, Params, Result, params};
use std::collections::HashMap;
use std::hash::Hash;

/// Limit: names in memory. There are few, but events choose their sources and calls their hosts.
const MAX_NAMES: usize = 10_000;

/// Limit: numbers of clients and runs in memory (at most twice as many of each).
const MAX_RECENT: usize = 20_000;

/// The numbers of what a store refers to.
#[derive(Debug)]
pub(super) struct Numbers {
    names: HashMap<String, i64>,
    texts: HashMap<i64, String>,
    clients: Recent<ClientId>,
    runs: Recent<RunId>,
    pub(super) keys: Keys,
}

/// The recently used numbers, in two generations.
#[derive(Debug)]
struct Recent<T> {
    young: HashMap<T, i64>,
    old: HashMap<T, i64>,
}

impl<T: Clone + Eq + Hash> Recent<T> {
    fn new() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }

    fn get(&mut self, id: &T) -> Option<i64> {
        if let Some(no) = self.young.get(id) {
            return Some(*no);
        }
        let (id, no) = self.old.remove_entry(id)?;
        self.young.insert(id, no);
        Some(no)
    }

    fn insert(&mut self, id: &T, no: i64) {
        if self.young.len() >= MAX_RECENT {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id.clone(), no);
    }
}

impl Numbers {
    /// Reads what must be in memory.
    pub(super) fn load(connection: &Connection) -> Result<Self> {
        let keys = Keys::load(connection)?;
        let (names, texts) = <_>::default();
        Ok(Self { names, texts, clients: Recent::new(), runs: Recent::new(), keys })
    }

    /// The number of a name; a new one is added.
    pub(super) fn name(&mut self, connection: &Connection, name: &str) -> Result<i64> {
        if let Some(no) = self.find_name(connection, name)? {
            return Ok(no);
        }
        let no = insert(connection, "INSERT INTO names (name) VALUES (?1)", [name])?;
        self.names.insert(name.to_owned(), no);
        Ok(no)
    }

    /// The number of a name, if there is one.
    pub(super) fn find_name(&mut self, connection: &Connection, name: &str) -> Result<Option<i64>> {
        if let Some(no) = self.names.get(name) {
            return Ok(Some(*no));
        }
        let found = connection
            .prepare_cached("SELECT no FROM names WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        if let Some(no) = found {
            if self.names.len() >= MAX_NAMES {
                self.names.clear();
            }
            self.names.insert(name.to_owned(), no);
        }
        Ok(found)
    }

    /// The name with a number; empty for none.
    pub(super) fn text(&mut self, connection: &Connection, no: i64) -> Result<String> {
        if let Some(text) = self.texts.get(&no) {
            return Ok(text.clone());
        }
        let found: Option<String> = connection
            .prepare_cached("SELECT name FROM names WHERE no = ?1")?
            .query_row([no], |row| row.get(0))
            .optional()?;
        let text = found.unwrap_or_default();
        if self.texts.len() >= MAX_NAMES {
            self.texts.clear();
        }
        self.texts.insert(no, text.clone());
        Ok(text)
    }

    /// The number of a client, if it is known.
    pub(super) fn find_client(&mut self, connection: &Connection, id: &ClientId) -> Result<Option<i64>> {
        if let Some(no) = self.clients.get(id) {
            return Ok(Some(no));
        }
        let candidates = self.keys.find(connection, Key::new(Kind::Client, &[&id.0]))?;
        let found = first(candidates, |no| {
            connection.prepare_cached("SELECT 1 FROM clients WHERE no = ?1 AND id = ?2")?.exists(params![no, id.0])
        })?;
        if let Some(no) = found {
            self.clients.insert(id, no);
        }
        Ok(found)
    }

    /// Notes the number of a new client.
    pub(super) fn add_client(&mut self, id: &ClientId, no: i64) {
        self.keys.add(Kind::Client, Key::new(Kind::Client, &[&id.0]), no);
        self.clients.insert(id, no);
    }

    /// The number of a client; one that is only referred to gets a row without fields.
    pub(super) fn client(&mut self, connection: &Connection, id: &ClientId) -> Result<i64> {
        if let Some(no) = self.find_client(connection, id)? {
            return Ok(no);
        }
        let no = insert(connection, "INSERT INTO clients (id) VALUES (?1)", [&id.0])?;
        self.add_client(id, no);
        Ok(no)
    }

    /// The number of a run, if it is known.
    pub(super) fn find_run(&mut self, connection: &Connection, id: &RunId) -> Result<Option<i64>> {
        if let Some(no) = self.runs.get(id) {
            return Ok(Some(no));
        }
        let candidates = self.keys.find(connection, Key::new(Kind::Run, &[&id.0]))?;
        let found = first(candidates, |no| {
            connection.prepare_cached("SELECT 1 FROM runs WHERE no = ?1 AND id = ?2")?.exists(params![no, id.0])
        })?;
        if let Some(no) = found {
            self.runs.insert(id, no);
        }
        Ok(found)
    }

    /// Notes the number of a new run.
    pub(super) fn add_run(&mut self, id: &RunId, no: i64) {
        self.keys.add(Kind::Run, Key::new(Kind::Run, &[&id.0]), no);
        self.runs.insert(id, no);
    }

    /// Notes the number of a run that was read.
    pub(super) fn note_run(&mut self, id: &RunId, no: i64) {
        self.runs.insert(id, no);
    }

    /// The number of an event with an id of its source.
    pub(super) fn find_event(&mut self, connection: &Connection, source: &str, id: &str) -> Result<Option<i64>> {
        let candidates = self.keys.find(connection, Key::new(Kind::Event, &[source, id]))?;
        if candidates.is_empty() {
            return Ok(None);
        }
        let Some(source) = self.find_name(connection, source)? else { return Ok(None) };
        first(candidates, |no| {
            connection
                .prepare_cached("SELECT 1 FROM events WHERE no = ?1 AND id = ?2 AND source = ?3")?
                .exists(params![no, id, source])
        })
    }

    /// The numbers of the rows of a record, one for each client who has it.
    pub(super) fn find_records(&mut self, connection: &Connection, record: &RecordId) -> Result<Vec<i64>> {
        let candidates = self.keys.find(connection, record_key(record))?;
        if candidates.is_empty() {
            return Ok(candidates);
        }
        let Some(event) = self.find_name(connection, &record.event)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for no in candidates {
            let mut is_it =
                connection.prepare_cached("SELECT 1 FROM records WHERE no = ?1 AND key = ?2 AND event = ?3")?;
            if is_it.exists(params![no, record.key, event])? {
                found.push(no);
            }
        }
        Ok(found)
    }
}

/// The key of a record.
pub(super) fn record_key(record: &RecordId) -> Key {
    Key::new(Kind::Record, &[&record.event, &record.key])
}

/// The first number that passes a test.
fn first(candidates: Vec<i64>, test: impl Fn(i64) -> Result<bool>) -> Result<Option<i64>> {
    for no in candidates {
        if test(no)? {
            return Ok(Some(no));
        }
    }
    Ok(None)
}

/// Inserts a row and returns its number.
pub(super) fn insert(connection: &Connection, sql: &str, params: impl Params) -> Result<i64> {
    connection.prepare_cached(sql)?.execute(params)?;
    Ok(connection.last_insert_rowid())
}
