//! Reads what the runtime asks for. Unreadable JSON means a damaged file.

use super::{AcceptedEvent, DeadLetter, Queued, Start, Timer};
use crate::diagnostic::Code;
use crate::engine::{Client, ClientId, ConsentEntry, Entered, Fingerprint, Line, Record, RecordId, Run, RunId};
use crate::graph::{self, ElementId, Graph};
use crate::parallel::on_deep_stack;
use crate::value::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, params};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

pub(super) fn start(connection: &Connection) -> Result<Start> {
    let meta = |name: &str| -> Result<Option<String>> {
        connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)).optional()
    };
    let clock = meta("clock")?;
    Ok(Start {
        clock: clock.and_then(|text| text.parse().ok()).map(Timestamp),
        steady: meta("steady")?.map(|text| parse(&text, 0)).transpose()?,
        plan: meta("plan")?.map(Fingerprint),
        merged: all(connection, "SELECT client, present FROM merged ORDER BY no", [], |row| {
            Ok((ClientId(row.get(0)?), ClientId(row.get(1)?)))
        })?,
        last_message: connection.query_row("SELECT coalesce(max(no), 0) FROM messages", [], |row| row.get(0))?,
        lanes: all(
            connection,
            "SELECT DISTINCT channel FROM messages WHERE state IN ('queued', 'sending') ORDER BY channel",
            [],
            |row| row.get(0),
        )?,
        graphs: all(
            connection,
            "SELECT fingerprint, graph FROM graphs
             WHERE fingerprint IN (SELECT graph FROM runs WHERE ended IS NULL) ORDER BY fingerprint",
            [],
            |row| Ok((Fingerprint(row.get(0)?), graph(row, 1)?)),
        )?,
    })
}

pub(super) fn client(connection: &Connection, id: &ClientId) -> Result<Option<Client>> {
    let known = connection
        .prepare_cached("SELECT fields, memory FROM clients WHERE id = ?1")?
        .query_row([&id.0], |row| Ok((json(row, 0)?, json(row, 1)?)))
        .optional()?;
    let Some((fields, memory)) = known else { return Ok(None) };
    let records = all(
        connection,
        "SELECT event, key, fields, times, created_at, updated_at, complete FROM records WHERE client = ?1",
        [&id.0],
        |row| Ok((RecordId { event: row.get(0)?, key: row.get(1)? }, record(row)?)),
    )?;
    let runs = all(
        connection,
        "SELECT id, funnel, graph, key, entered_at, positions, subjects, progress
         FROM runs WHERE client = ?1 AND ended IS NULL",
        [&id.0],
        |row| run(row, id),
    )?;
    let entered =
        all(connection, "SELECT funnel, key, count, last_at FROM entered WHERE client = ?1", [&id.0], |row| {
            let entered = Entered { count: row.get(2)?, last_at: Timestamp(row.get(3)?) };
            Ok(((row.get(0)?, row.get(1)?), entered))
        })?;
    Ok(Some(Client {
        id: id.clone(),
        fields,
        records: records.into_iter().collect(),
        runs: runs.into_iter().map(|run| (run.id.clone(), run)).collect(),
        entered: entered.into_iter().collect(),
        memory,
    }))
}

fn record(row: &Row<'_>) -> Result<Record> {
    Ok(Record {
        fields: json(row, 2)?,
        times: json(row, 3)?,
        created_at: Timestamp(row.get(4)?),
        updated_at: Timestamp(row.get(5)?),
        complete: row.get(6)?,
    })
}

fn run(row: &Row<'_>, client: &ClientId) -> Result<Run> {
    Ok(Run {
        id: RunId(row.get(0)?),
        funnel: row.get(1)?,
        graph: Fingerprint(row.get(2)?),
        client: client.clone(),
        subjects: json(row, 6)?,
        key: row.get(3)?,
        entered_at: Timestamp(row.get(4)?),
        positions: json(row, 5)?,
        progress: json(row, 7)?,
        ended: None,
    })
}

pub(super) fn owner(connection: &Connection, record: &RecordId) -> Result<Option<ClientId>> {
    connection
        .prepare_cached("SELECT client FROM records WHERE event = ?1 AND key = ?2 ORDER BY updated_at DESC LIMIT 1")?
        .query_row([&record.event, &record.key], |row| row.get(0).map(ClientId))
        .optional()
}

pub(super) fn event(connection: &Connection, source: &str, id: &str) -> Result<Option<AcceptedEvent>> {
    connection
        .prepare_cached(
            "SELECT type, client, key, at, received_at, data, digest FROM events WHERE source = ?1 AND id = ?2",
        )?
        .query_row([source, id], |row| accepted_event(row, source.to_owned(), Some(id.to_owned())))
        .optional()
}

/// Reads an event from the columns type, client, key, at, received_at, data, digest.
fn accepted_event(row: &Row<'_>, source: String, id: Option<String>) -> Result<AcceptedEvent> {
    Ok(AcceptedEvent {
        source,
        id,
        name: row.get(0)?,
        client: ClientId(row.get(1)?),
        key: row.get(2)?,
        at: Timestamp(row.get(3)?),
        received_at: Timestamp(row.get(4)?),
        imported: false,
        data: json(row, 5)?,
        digest: row.get(6)?,
    })
}

pub(super) fn clients(connection: &Connection, skip: usize, limit: usize) -> Result<Vec<ClientId>> {
    let sql = "SELECT id FROM clients ORDER BY no LIMIT ?2 OFFSET ?1";
    all(connection, sql, [count(skip), count(limit)], |row| row.get(0).map(ClientId))
}

pub(super) fn keyless_events(connection: &Connection, types: &[&str]) -> Result<Vec<AcceptedEvent>> {
    let sql = "SELECT type, client, key, at, received_at, data, digest, source, id FROM events
               WHERE key IS NULL AND type IN (SELECT value FROM json_each(?1)) ORDER BY seq";
    let types = serde_json::to_string(types).unwrap_or_default();
    all(connection, sql, [types], |row| accepted_event(row, row.get(7)?, row.get(8)?))
}

pub(super) fn consents(connection: &Connection, client: &ClientId) -> Result<Vec<ConsentEntry>> {
    let sql = "SELECT id, at, channel, topic, granted, text, source, event FROM consents WHERE client = ?1 ORDER BY no";
    all(connection, sql, [&client.0], |row| {
        Ok(ConsentEntry {
            id: row.get(0)?,
            client: client.clone(),
            at: Timestamp(row.get(1)?),
            channel: row.get(2)?,
            topic: row.get(3)?,
            granted: row.get(4)?,
            text: row.get(5)?,
            source: row.get(6)?,
            event: row.get(7)?,
        })
    })
}

pub(super) fn timers(connection: &Connection, after: Option<&Timer>, limit: usize) -> Result<Vec<Timer>> {
    let at = after.map_or(i64::MIN, |timer| timer.wake_at.0);
    // At one instant clients come before runs. After a client follow the other clients and all runs, after a run the
    // remaining runs.
    let (run, client) = match after {
        None => (None, None),
        Some(Timer { run: Some(run), .. }) => (Some(run.0.as_str()), None),
        Some(Timer { run: None, client, .. }) => (None, Some(client.0.as_str())),
    };
    let clients_from = if run.is_some() { at.saturating_add(1) } else { at };
    let mut found = all(
        connection,
        "SELECT wake_at, id FROM clients WHERE wake_at IS NOT NULL AND (wake_at, id) > (?1, ?2)
         ORDER BY wake_at, id LIMIT ?3",
        params![clients_from, client.unwrap_or_default(), count(limit)],
        |row| Ok(Timer { wake_at: Timestamp(row.get(0)?), run: None, client: ClientId(row.get(1)?) }),
    )?;
    found.extend(all(
        connection,
        "SELECT wake_at, id, client FROM runs WHERE wake_at IS NOT NULL AND (wake_at, id) > (?1, ?2)
         ORDER BY wake_at, id LIMIT ?3",
        params![at, run.unwrap_or_default(), count(limit)],
        |row| {
            let (run, client) = (Some(RunId(row.get(1)?)), ClientId(row.get(2)?));
            Ok(Timer { wake_at: Timestamp(row.get(0)?), run, client })
        },
    )?);
    found.sort_unstable();
    found.truncate(limit);
    Ok(found)
}

pub(super) fn queued(connection: &Connection, channel: &str, after: i64, limit: usize) -> Result<Vec<Queued>> {
    all(
        connection,
        "SELECT no, message, attempts, queued_at, retry_at FROM messages
         WHERE state IN ('queued', 'sending') AND state = 'queued' AND channel = ?1 AND no > ?2 ORDER BY no LIMIT ?3",
        params![channel, after, count(limit)],
        message,
    )
}

pub(super) fn sending(connection: &Connection) -> Result<Vec<Queued>> {
    // Without the hint the planner reads every message ever written, to get them in order.
    let mut found = all(
        connection,
        "SELECT no, message, attempts, queued_at, retry_at FROM messages INDEXED BY messages_open
         WHERE state IN ('queued', 'sending') AND state = 'sending'",
        [],
        message,
    )?;
    found.sort_by_key(|queued| queued.no);
    Ok(found)
}

fn message(row: &Row<'_>) -> Result<Queued> {
    Ok(Queued {
        no: row.get(0)?,
        message: json(row, 1)?,
        attempts: row.get(2)?,
        queued_at: Timestamp(row.get(3)?),
        retry_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
    })
}

pub(super) fn trace(connection: &Connection, skip: usize, limit: usize) -> Result<Vec<Line>> {
    all(
        connection,
        "SELECT at, zone, client, run, funnel, element, detail FROM trace ORDER BY no LIMIT ?2 OFFSET ?1",
        [count(skip), count(limit)],
        |row| {
            Ok(Line {
                at: Timestamp(row.get(0)?),
                zone: row.get(1)?,
                client: ClientId(row.get(2)?),
                run: RunId(row.get(3)?),
                funnel: row.get(4)?,
                element: ElementId(row.get(5)?),
                kind: json(row, 6)?,
            })
        },
    )
}

pub(super) fn message_counts(connection: &Connection) -> Result<BTreeMap<String, u64>> {
    let counts = all(connection, "SELECT state, count(*) FROM messages GROUP BY state", [], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
    })?;
    Ok(counts.into_iter().collect())
}

pub(super) fn dead_letters(connection: &Connection) -> Result<Vec<DeadLetter>> {
    all(connection, "SELECT source, line, code, message, body, received_at FROM dead_letters ORDER BY no", [], |row| {
        let code: String = row.get(2)?;
        Ok(DeadLetter {
            source: row.get(0)?,
            line: row.get::<_, Option<i64>>(1)?.map(i64::unsigned_abs),
            code: Code::from_number(&code).ok_or_else(|| damaged(2, format!("unknown code `{code}`")))?,
            message: row.get(3)?,
            body: row.get(4)?,
            received_at: Timestamp(row.get(5)?),
        })
    })
}

fn all<T, P: Params>(
    connection: &Connection,
    sql: &str,
    params: P,
    read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(params, read)?.collect()
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T> {
    let text = row.get_ref(column)?.as_str().map_err(|error| damaged(column, error.to_string()))?;
    parse(text, column)
}

fn parse<T: DeserializeOwned>(text: &str, column: usize) -> Result<T> {
    serde_json::from_str(text).map_err(|error| damaged(column, error.to_string()))
}

/// Reads a graph.
fn graph(row: &Row<'_>, column: usize) -> Result<Graph> {
    let text = row.get_ref(column)?.as_str().map_err(|error| damaged(column, error.to_string()))?;
    let read = on_deep_stack(|| graph::parse(text).map_err(|error| error.to_string()));
    read.unwrap_or_else(|| Err("the graph cannot be read".to_owned())).map_err(|error| damaged(column, error))
}

fn damaged(column: usize, what: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
