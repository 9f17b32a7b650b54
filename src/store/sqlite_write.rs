//! Writes a batch as one transaction. Every statement is prepared once.

use super::{AcceptedEvent, Batch, DeadLetter, Delivered, MessageChange, MessageState, Queued, SavedClient, SavedRun};
use crate::engine::{ClientId, ConsentEntry, Entered, Line, Record, RecordId};
use crate::value::Timestamp;
use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};
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
    write: impl Fn(&T) -> Result<()>,
) -> std::result::Result<(), Unwritten> {
    let of_client = |row, error| Unwritten { error, client: Some(client(row).clone()) };
    rows.iter().try_for_each(|row| write(row).map_err(|error| of_client(row, error)))
}

pub(super) fn commit(connection: &mut Connection, batch: &Batch) -> std::result::Result<(), Unwritten> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(clock) = batch.clock {
        tx.prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES ('clock', ?1)")?
            .execute([clock.0.to_string()])?;
    }
    if let Some(steady) = &batch.steady {
        tx.prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES ('steady', ?1)")?
            .execute([json(steady)?])?;
    }
    for (fingerprint, graph) in &batch.graphs {
        tx.prepare_cached("INSERT OR IGNORE INTO graphs (fingerprint, funnel, graph) VALUES (?1, ?2, ?3)")?
            .execute(params![fingerprint.0, graph.funnel, json(graph.as_ref())?])?;
    }
    write_all(&batch.events, |event| &event.client, |event| write_event(&tx, event))?;
    if let Some(plan) = &batch.plan {
        tx.prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES ('plan', ?1)")?.execute([&plan.0])?;
    }
    write_all(&batch.clients, |saved| &saved.id, |saved| write_client(&tx, saved))?;
    write_all(&batch.consents, |entry| &entry.client, |entry| write_consent(&tx, entry))?;
    write_all(&batch.merged, |row| &row.0, |row| write_merged(&tx, row))?;
    write_all(&batch.released, |row| &row.0, |row| delete_record(&tx, row))?;
    write_all(&batch.records, |row| &row.0, |(client, id, record)| write_record(&tx, client, id, record))?;
    write_all(&batch.runs, |saved| &saved.run.client, |saved| write_run(&tx, saved))?;
    write_all(&batch.entered, |row| &row.0, |row| write_entered(&tx, row))?;
    write_all(&batch.messages, |queued| &queued.message.client, |queued| write_message(&tx, queued))?;
    batch.changes.iter().try_for_each(|change| write_change(&tx, change))?;
    write_all(&batch.lines, |line| &line.client, |line| write_line(&tx, line))?;
    batch.dead_letters.iter().try_for_each(|letter| write_dead_letter(&tx, letter))?;
    Ok(tx.commit()?)
}

fn write_merged(tx: &Transaction<'_>, (from, into, at): &(ClientId, ClientId, Timestamp)) -> Result<()> {
    tx.prepare_cached("INSERT INTO merged (client, present, at) VALUES (?1, ?2, ?3)")?
        .execute(params![from.0, into.0, at.0])?;
    tx.prepare_cached("DELETE FROM entered WHERE client = ?1")?.execute([&from.0])?;
    Ok(())
}

fn delete_record(tx: &Transaction<'_>, (client, record): &(ClientId, RecordId)) -> Result<()> {
    tx.prepare_cached("DELETE FROM records WHERE client = ?1 AND event = ?2 AND key = ?3")?.execute(params![
        client.0,
        record.event,
        record.key
    ])?;
    Ok(())
}

fn write_entered(
    tx: &Transaction<'_>,
    (client, funnel, key, entered): &(ClientId, String, String, Entered),
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO entered (client, funnel, key, count, last_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (client, funnel, key) DO UPDATE SET count = excluded.count, last_at = excluded.last_at",
    )?
    .execute(params![client.0, funnel, key, entered.count, entered.last_at.0])?;
    Ok(())
}

fn write_client(tx: &Transaction<'_>, client: &SavedClient) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO clients (id, fields, memory, wake_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE
         SET fields = excluded.fields, memory = excluded.memory, wake_at = excluded.wake_at",
    )?
    .execute(params![
        client.id.0,
        json(&client.fields)?,
        json(&client.memory)?,
        client.memory.wake_at().map(|at| at.0)
    ])?;
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

fn write_event(tx: &Transaction<'_>, event: &AcceptedEvent) -> Result<()> {
    let inserted = tx
        .prepare_cached(
            "INSERT INTO events (source, id, type, client, key, at, received_at, data, digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (source, id) DO NOTHING",
        )?
        .execute(params![
            event.source,
            event.id,
            event.name,
            event.client.0,
            event.key,
            event.at.0,
            event.received_at.0,
            json(&event.data)?,
            event.digest
        ])?;
    // One event that cannot be written must not hold up the others.
    if inserted == 0 { write_dead_letter(tx, &event.set_aside()) } else { Ok(()) }
}

fn write_record(tx: &Transaction<'_>, client: &ClientId, id: &RecordId, record: &Record) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO records (client, event, key, fields, times, created_at, updated_at, complete)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (client, event, key) DO UPDATE
         SET fields = excluded.fields, times = excluded.times, created_at = excluded.created_at,
             updated_at = excluded.updated_at, complete = excluded.complete",
    )?
    .execute(params![
        client.0,
        id.event,
        id.key,
        json(&record.fields)?,
        json(&record.times)?,
        record.created_at.0,
        record.updated_at.0,
        record.complete
    ])?;
    Ok(())
}

fn write_run(tx: &Transaction<'_>, SavedRun { run, ended_at }: &SavedRun) -> Result<()> {
    let ended = run.ended.as_ref().map(ToString::to_string);
    let first = run.positions.first();
    tx.prepare_cached(
        "INSERT INTO runs (id, funnel, client, graph, key, entered_at, element, since, wake_at, positions, subjects,
             progress, ended, ended_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT (id) DO UPDATE SET client = excluded.client, graph = excluded.graph, element = excluded.element, since = excluded.since,
             wake_at = excluded.wake_at, positions = excluded.positions, subjects = excluded.subjects,
             progress = excluded.progress, ended = excluded.ended, ended_at = excluded.ended_at",
    )?
    .execute(params![
        run.id.0,
        run.funnel,
        run.client.0,
        run.graph.0,
        run.key,
        run.entered_at.0,
        first.map(|position| &position.element.0),
        first.map(|position| position.since.0),
        run.wake_at().map(|at| at.0),
        json(&run.positions)?,
        json(&run.subjects)?,
        json(&run.progress)?,
        ended,
        ended_at.map(|at| at.0)
    ])?;
    Ok(())
}

fn write_message(tx: &Transaction<'_>, queued: &Queued) -> Result<()> {
    let message = &queued.message;
    tx.prepare_cached(
        "INSERT INTO messages (no, id, client, funnel, run, element, channel, recipient, message, at, state, attempts,
             queued_at, changed_at, evidence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'queued', ?11, ?12, ?10, ?13)",
    )?
    .execute(params![
        queued.no,
        message.id.0,
        message.client.0,
        message.funnel,
        message.run.0,
        message.element.0,
        message.lane(),
        message.to,
        json(message)?,
        message.at.0,
        queued.attempts,
        queued.queued_at.0,
        message.evidence
    ])?;
    Ok(())
}

fn write_change(tx: &Transaction<'_>, change: &MessageChange) -> Result<()> {
    let retry_at = match &change.state {
        MessageState::Queued { retry_at, .. } => retry_at.map(|at| at.0),
        MessageState::Sending | MessageState::Ended(_) => None,
    };
    let provider_id = match &change.state {
        MessageState::Ended(Delivered::Sent { provider_id }) => provider_id.as_deref(),
        MessageState::Queued { .. } | MessageState::Sending | MessageState::Ended(_) => None,
    };
    tx.prepare_cached(
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

fn write_line(tx: &Transaction<'_>, line: &Line) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO trace (at, zone, client, run, funnel, element, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        line.at.0,
        line.zone,
        line.client.0,
        line.run.0,
        line.funnel,
        line.element.0,
        json(&line.kind)?
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
