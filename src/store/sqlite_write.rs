//! Writes a batch as one transaction. Every statement is prepared once.

use super::sqlite_keys::{Key, Kind};
use super::sqlite_numbers::{Numbers, record_key};
use super::sqlite_stored::{StoredLineRef, StoredMessage};
use super::{AcceptedEvent, Batch, DeadLetter, Delivered, MessageChange, MessageState, Queued, SavedClient, SavedRun};
use crate::engine::{ClientId, ConsentEntry, Entered, Line, Record, RecordId, Run, RunId};
use crate::value::Timestamp;
use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, Params, Result, Transaction, TransactionBehavior, params};
use serde::Serialize;

/// Why a batch was not written, and what could not be.
pub(super) struct Unwritten {
    pub(super) error: rusqlite::Error,
    /// The client whose row it is.
    pub(super) client: Option<ClientId>,
}

impl From<rusqlite::Error> for Unwritten {
    fn from(error: rusqlite::Error) -> Self {
        Self { error, client: None }
    }
}

/// Writes rows, each of a client.
fn write_all<T>(
    rows: &[T],
    client: impl Fn(&T) -> &ClientId,
    mut write: impl FnMut(&T) -> Result<()>,
) -> std::result::Result<(), Unwritten> {
    rows.iter().try_for_each(|row| write(row).map_err(|error| Unwritten { error, client: Some(client(row).clone()) }))
}

/// Writes a batch. The numbers must be read again after a failure.
pub(super) fn commit(
    connection: &mut Connection,
    numbers: &mut Numbers,
    batch: &Batch,
) -> std::result::Result<(), Unwritten> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(clock) = batch.clock {
        write_meta(&tx, "clock", &clock.0.to_string())?;
    }
    if let Some(steady) = &batch.steady {
        write_meta(&tx, "steady", &json(steady)?)?;
    }
    if let Some(plan) = &batch.plan {
        write_meta(&tx, "plan", &plan.0)?;
    }
    for (fingerprint, graph) in &batch.graphs {
        tx.prepare_cached("INSERT OR IGNORE INTO graphs (fingerprint, funnel, graph) VALUES (?1, ?2, ?3)")?
            .execute(params![fingerprint.0, graph.funnel, json(graph.as_ref())?])?;
    }
    let mut writer = Writer { tx: &tx, numbers, statements: Vec::new() };
    // Clients first: everything else refers to them.
    write_all(&batch.clients, |saved| &saved.id, |saved| writer.client(saved))?;
    write_all(&batch.events, |event| &event.client, |event| writer.event(event))?;
    write_all(&batch.consents, |entry| &entry.client, |entry| write_consent(&tx, entry))?;
    write_all(&batch.merged, |row| &row.0, |row| writer.merged(row))?;
    write_all(&batch.released, |row| &row.0, |(client, record)| writer.release(client, record))?;
    write_all(&batch.records, |row| &row.0, |(client, id, record)| writer.record(client, id, record))?;
    write_all(&batch.runs, |saved| &saved.run.client, |saved| writer.run(saved))?;
    write_all(&batch.entered, |row| &row.0, |row| writer.entered(row))?;
    write_all(&batch.messages, |queued| &queued.message.client, |queued| writer.message(queued))?;
    batch.changes.iter().try_for_each(|change| writer.change(change))?;
    let together = batch.lines.chunk_by(|a, b| {
        a.at == b.at && a.run == b.run && a.client == b.client && a.funnel == b.funnel && a.zone == b.zone
    });
    for lines in together {
        let client = || lines.first().map(|line| line.client.clone());
        writer.lines(lines).map_err(|error| Unwritten { error, client: client() })?;
    }
    batch.dead_letters.iter().try_for_each(|letter| write_dead_letter(&tx, letter))?;
    drop(writer);
    numbers.keys.sweep(&tx)?;
    Ok(tx.commit()?)
}

/// Writes rows that refer to others by number.
struct Writer<'a> {
    tx: &'a Transaction<'a>,
    numbers: &'a mut Numbers,
    /// The statements of this batch. The cache of the connection looks them up by their whole text each time.
    statements: Vec<(&'static str, CachedStatement<'a>)>,
}

impl<'a> Writer<'a> {
    /// A statement; two with the same text in different places are two.
    fn prepared(&mut self, sql: &'static str) -> Result<&mut CachedStatement<'a>> {
        let place = match self.statements.iter().position(|(known, _)| std::ptr::eq(*known, sql)) {
            Some(place) => place,
            None => {
                self.statements.push((sql, self.tx.prepare_cached(sql)?));
                self.statements.len() - 1
            }
        };
        self.statements.get_mut(place).map(|(_, statement)| statement).ok_or(rusqlite::Error::InvalidQuery)
    }

    /// Inserts a row and returns its number.
    fn insert(&mut self, sql: &'static str, params: impl Params) -> Result<i64> {
        self.prepared(sql)?.execute(params)?;
        Ok(self.tx.last_insert_rowid())
    }

    fn name(&mut self, name: &str) -> Result<i64> {
        self.numbers.name(self.tx, name)
    }

    fn client(&mut self, client: &SavedClient) -> Result<()> {
        let (fields, memory) = (json(&client.fields)?, json(&client.memory)?);
        let wake_at = client.memory.wake_at().map(|at| at.0);
        match self.numbers.find_client(self.tx, &client.id)? {
            Some(no) => {
                self.prepared("UPDATE clients SET fields = ?2, memory = ?3, wake_at = ?4 WHERE no = ?1")?
                    .execute(params![no, fields, memory, wake_at])?;
            }
            None => {
                let sql = "INSERT INTO clients (id, fields, memory, wake_at) VALUES (?1, ?2, ?3, ?4)";
                let no = self.insert(sql, params![client.id.0, fields, memory, wake_at])?;
                self.numbers.add_client(&client.id, no);
            }
        }
        Ok(())
    }

    fn event(&mut self, event: &AcceptedEvent) -> Result<()> {
        if let Some(id) = &event.id
            && self.numbers.find_event(self.tx, &event.source, id)?.is_some()
        {
            // One event that cannot be written must not hold up the others.
            return write_dead_letter(self.tx, &event.set_aside());
        }
        let (source, name) = (self.name(&event.source)?, self.name(&event.name)?);
        let client = self.numbers.client(self.tx, &event.client)?;
        let no = self.insert(
            "INSERT INTO events (source, id, type, client, key, at, received_at, data, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                source,
                event.id,
                name,
                client,
                event.key,
                event.at.0,
                event.received_at.0,
                json(&event.data)?,
                event.digest
            ],
        )?;
        if let Some(id) = &event.id {
            self.numbers.keys.add(Kind::Event, Key::new(Kind::Event, &[&event.source, id]), no);
        }
        Ok(())
    }

    fn merged(&mut self, (from, into, at): &(ClientId, ClientId, Timestamp)) -> Result<()> {
        self.prepared("INSERT INTO merged (client, present, at) VALUES (?1, ?2, ?3)")?
            .execute(params![from.0, into.0, at.0])?;
        if let Some(client) = self.numbers.find_client(self.tx, from)? {
            self.prepared("DELETE FROM entered WHERE client = ?1")?.execute([client])?;
        }
        Ok(())
    }

    /// The number of a client's row of a record.
    fn record_of(&mut self, client: i64, id: &RecordId) -> Result<Option<i64>> {
        for no in self.numbers.find_records(self.tx, id)? {
            let is_it = self.prepared("SELECT 1 FROM records WHERE no = ?1 AND client = ?2")?;
            if is_it.exists([no, client])? {
                return Ok(Some(no));
            }
        }
        Ok(None)
    }

    fn release(&mut self, client: &ClientId, id: &RecordId) -> Result<()> {
        let Some(client) = self.numbers.find_client(self.tx, client)? else { return Ok(()) };
        if let Some(no) = self.record_of(client, id)? {
            self.prepared("DELETE FROM records WHERE no = ?1")?.execute([no])?;
            self.numbers.keys.remove(self.tx, record_key(id), no)?;
        }
        Ok(())
    }

    fn record(&mut self, client: &ClientId, id: &RecordId, record: &Record) -> Result<()> {
        let client = self.numbers.client(self.tx, client)?;
        let (fields, times) = (json(&record.fields)?, json(&record.times)?);
        if let Some(no) = self.record_of(client, id)? {
            self.prepared(
                "UPDATE records SET fields = ?2, times = ?3, created_at = ?4, updated_at = ?5, complete = ?6
                     WHERE no = ?1",
            )?
            .execute(params![
                no,
                fields,
                times,
                record.created_at.0,
                record.updated_at.0,
                record.complete
            ])?;
            return Ok(());
        }
        let event = self.name(&id.event)?;
        let no = self.numbers.keys.next(Kind::Record);
        self.prepared(
            "INSERT INTO records (no, client, event, key, fields, times, created_at, updated_at, complete)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            no,
            client,
            event,
            id.key,
            fields,
            times,
            record.created_at.0,
            record.updated_at.0,
            record.complete
        ])?;
        self.numbers.keys.add(Kind::Record, record_key(id), no);
        Ok(())
    }

    fn run(&mut self, SavedRun { run, ended_at }: &SavedRun) -> Result<()> {
        let known = self.numbers.find_run(self.tx, &run.id)?;
        let no = known.unwrap_or_else(|| self.numbers.keys.next(Kind::Run));
        let (client, graph) = (self.numbers.client(self.tx, &run.client)?, self.name(&run.graph.0)?);
        match &run.ended {
            Some(ended) => {
                if known.is_some() {
                    self.prepared("DELETE FROM active_runs WHERE no = ?1")?.execute([no])?;
                }
                let (funnel, ended, ended_at) = (self.name(&run.funnel)?, ended.to_string(), ended_at.map(|at| at.0));
                self.prepared(
                        "INSERT OR REPLACE INTO ended_runs (no, id, funnel, client, graph, key, entered_at, ended, ended_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )?
                    .execute(params![
                        no, run.id.0, funnel, client, graph, run.key, run.entered_at.0, ended, ended_at
                    ])?;
            }
            None => self.active_run(run, no, known.is_some(), (client, graph))?,
        }
        if known.is_none() {
            self.numbers.add_run(&run.id, no);
        }
        Ok(())
    }

    fn active_run(&mut self, run: &Run, no: i64, is_known: bool, (client, graph): (i64, i64)) -> Result<()> {
        let first = run.positions.first();
        let element = first.map(|position| self.name(&position.element.0)).transpose()?;
        let (since, wake_at) = (first.map(|position| position.since.0), run.wake_at().map(|at| at.0));
        let (positions, subjects, progress) = (json(&run.positions)?, json(&run.subjects)?, json(&run.progress)?);
        if is_known {
            self.prepared(
                "UPDATE active_runs SET client = ?2, graph = ?3, element = ?4, since = ?5, wake_at = ?6,
                         positions = ?7, subjects = ?8, progress = ?9 WHERE no = ?1",
            )?
            .execute(params![no, client, graph, element, since, wake_at, positions, subjects, progress])?;
            return Ok(());
        }
        let funnel = self.name(&run.funnel)?;
        self.prepared(
            "INSERT INTO active_runs (no, id, funnel, client, graph, key, entered_at, element, since, wake_at,
                     positions, subjects, progress)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            no,
            run.id.0,
            funnel,
            client,
            graph,
            run.key,
            run.entered_at.0,
            element,
            since,
            wake_at,
            positions,
            subjects,
            progress
        ])?;
        Ok(())
    }

    /// What a row says of a run: its number, or its id if it never began.
    fn run_value(&mut self, id: &RunId) -> Result<Value> {
        if id.0.is_empty() {
            return Ok(Value::Null);
        }
        let found = self.numbers.find_run(self.tx, id)?;
        Ok(found.map_or_else(|| Value::Text(id.0.clone()), Value::Integer))
    }

    fn entered(&mut self, (client, funnel, key, entered): &(ClientId, String, String, Entered)) -> Result<()> {
        let (client, funnel) = (self.numbers.client(self.tx, client)?, self.name(funnel)?);
        self.prepared(
            "INSERT INTO entered (client, funnel, key, count, last_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (client, funnel, key) DO UPDATE SET count = excluded.count, last_at = excluded.last_at",
        )?
        .execute(params![client, funnel, key, entered.count, entered.last_at.0])?;
        Ok(())
    }

    fn message(&mut self, queued: &Queued) -> Result<()> {
        let message = &queued.message;
        let (client, run) = (self.numbers.client(self.tx, &message.client)?, self.run_value(&message.run)?);
        let (funnel, element) = (self.name(&message.funnel)?, self.name(&message.element.0)?);
        let lane = self.name(&message.lane())?;
        self.prepared(
            "INSERT INTO messages (no, id, client, funnel, run, element, lane, recipient, message, at, state,
                     attempts, queued_at, changed_at, evidence)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'queued', ?11, ?12, ?10, ?13)",
        )?
        .execute(params![
            queued.no,
            message.id.0,
            client,
            funnel,
            run,
            element,
            lane,
            message.to,
            json(&StoredMessage::of(message))?,
            message.at.0,
            queued.attempts,
            queued.queued_at.0,
            message.evidence
        ])?;
        Ok(())
    }

    fn change(&mut self, change: &MessageChange) -> Result<()> {
        let retry_at = match &change.state {
            MessageState::Queued { retry_at, .. } => retry_at.map(|at| at.0),
            MessageState::Sending | MessageState::Ended(_) => None,
        };
        let provider_id = match &change.state {
            MessageState::Ended(Delivered::Sent { provider_id }) => provider_id.as_deref(),
            MessageState::Queued { .. } | MessageState::Sending | MessageState::Ended(_) => None,
        };
        self.prepared(
            "UPDATE messages SET state = ?2, reason = ?3, provider_id = ?4, attempts = ?5, retry_at = ?6, changed_at = ?7
             WHERE no = ?1",
        )?
        .execute(params![
            change.no,
            change.state.name(),
            change.state.reason(),
            provider_id,
            change.attempts,
            retry_at,
            change.at.0
        ])?;
        Ok(())
    }

    /// Writes lines of one run at one instant.
    fn lines(&mut self, lines: &[Line]) -> Result<()> {
        let Some(first) = lines.first() else { return Ok(()) };
        let (client, run) = (self.numbers.client(self.tx, &first.client)?, self.run_value(&first.run)?);
        let (zone, funnel) = (self.name(&first.zone)?, self.name(&first.funnel)?);
        let stored: Vec<_> =
            lines.iter().map(|line| StoredLineRef { element: &line.element.0, kind: &line.kind }).collect();
        self.prepared("INSERT INTO trace (at, zone, client, run, funnel, lines) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![first.at.0, zone, client, run, funnel, json(&stored)?])?;
        Ok(())
    }
}

fn write_meta(tx: &Transaction<'_>, name: &str, value: &str) -> Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")?.execute([name, value])?;
    Ok(())
}

fn write_consent(tx: &Transaction<'_>, entry: &ConsentEntry) -> Result<()> {
    // The same statement reported twice is one entry.
    tx.prepare_cached(
        "INSERT OR IGNORE INTO consents (id, client, at, channel, topic, granted, text, source, event)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        entry.id,
        entry.client.0,
        entry.at.0,
        entry.channel,
        entry.topic,
        entry.granted,
        entry.text,
        entry.source,
        entry.event
    ])?;
    Ok(())
}

fn write_dead_letter(tx: &Transaction<'_>, letter: &DeadLetter) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO dead_letters (digest, source, line, code, message, body, received_at, times)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1) ON CONFLICT (digest) DO UPDATE SET times = times + 1",
    )?
    .execute(params![
        letter.digest(),
        letter.source,
        letter.line.map(|line| i64::try_from(line).unwrap_or(i64::MAX)),
        letter.code.number(),
        letter.message,
        letter.body,
        letter.received_at.0
    ])?;
    Ok(())
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}
