//! Reading what the runtime asks for. JSON that does not read back means a damaged file.

use super::{DeadLetter, Queued, Start, TakenEvent, Timer};
use crate::diagnostic::Code;
use crate::engine::{Client, ClientId, Entered, Fingerprint, Line, Record, RecordId, Run, RunId};
use crate::graph::{ElementId, Graph};
use crate::value::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, params};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

pub(super) fn start(connection: &Connection) -> Result<Start> {
    let clock: Option<String> =
        connection.query_row("SELECT value FROM meta WHERE name = 'clock'", [], |row| row.get(0)).optional()?;
    Ok(Start {
        clock: clock.and_then(|text| text.parse().ok()).map(Timestamp),
        last_message: connection.query_row("SELECT coalesce(max(no), 0) FROM messages", [], |row| row.get(0))?,
        channels: all(
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
            |row| Ok((Fingerprint(row.get(0)?), json::<Graph>(row, 1)?)),
        )?,
    })
}

pub(super) fn client(connection: &Connection, id: &ClientId) -> Result<Option<Client>> {
    let fields = connection
        .prepare_cached("SELECT fields FROM clients WHERE id = ?1")?
        .query_row([&id.0], |row| json(row, 0))
        .optional()?;
    let Some(fields) = fields else { return Ok(None) };
    let records = all(
        connection,
        "SELECT event, key, fields, created_at, updated_at FROM records WHERE client = ?1",
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
    }))
}

fn record(row: &Row<'_>) -> Result<Record> {
    Ok(Record { fields: json(row, 2)?, created_at: Timestamp(row.get(3)?), updated_at: Timestamp(row.get(4)?) })
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

pub(super) fn event(connection: &Connection, source: &str, id: &str) -> Result<Option<TakenEvent>> {
    connection
        .prepare_cached("SELECT type, client, key, at, received_at, data FROM events WHERE source = ?1 AND id = ?2")?
        .query_row([source, id], |row| {
            Ok(TakenEvent {
                source: source.to_owned(),
                id: Some(id.to_owned()),
                name: row.get(0)?,
                client: ClientId(row.get(1)?),
                key: row.get(2)?,
                at: Timestamp(row.get(3)?),
                received_at: Timestamp(row.get(4)?),
                data: json(row, 5)?,
            })
        })
        .optional()
}

pub(super) fn timers(connection: &Connection, after: Option<&Timer>, limit: usize) -> Result<Vec<Timer>> {
    let (at, run) = after.map_or((i64::MIN, ""), |timer| (timer.wake_at.0, timer.run.0.as_str()));
    all(
        connection,
        "SELECT wake_at, id, client FROM runs WHERE wake_at IS NOT NULL AND (wake_at, id) > (?1, ?2)
         ORDER BY wake_at, id LIMIT ?3",
        params![at, run, count(limit)],
        |row| Ok(Timer { wake_at: Timestamp(row.get(0)?), run: RunId(row.get(1)?), client: ClientId(row.get(2)?) }),
    )
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
    // Without the hint the planner reads every message there ever was, to have them in order.
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
            code: Code::from_number(&code).ok_or_else(|| damaged(2, format!("`{code}` is not a code")))?,
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
    serde_json::from_str(text).map_err(|error| damaged(column, error.to_string()))
}

fn damaged(column: usize, what: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
