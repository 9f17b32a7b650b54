//! Reads what the runtime asks for. Unreadable JSON means a damaged file.

use super::sqlite_numbers::Numbers;
use super::sqlite_stored::{StoredMessage, parse_lines};
use super::{AcceptedEvent, DeadLetter, Queued, Start, Timer};
use crate::diagnostic::Code;
use crate::engine::{
    Client, ClientId, ConsentEntry, Entered, Fingerprint, Line, LineKind, Message, MessageId, Record, RecordId, Run,
    RunId,
};
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
            "SELECT name FROM names WHERE no IN (SELECT lane FROM messages WHERE state IN ('queued', 'sending'))
             ORDER BY name",
            [],
            |row| row.get(0),
        )?,
        graphs: all(
            connection,
            "SELECT fingerprint, graph FROM graphs
             WHERE fingerprint IN (SELECT name FROM names WHERE no IN (SELECT graph FROM active_runs))
             ORDER BY fingerprint",
            [],
            |row| Ok((Fingerprint(row.get(0)?), graph(row, 1)?)),
        )?,
    })
}

/// The columns of an event, read by [`event`].
const EVENT: &str = "SELECT type, clients.id, key, at, received_at, data, digest, source, events.id FROM events
                     JOIN clients ON clients.no = events.client";

/// Reads rows that refer to others by number.
pub(super) struct Reader<'a> {
    pub(super) connection: &'a Connection,
    pub(super) numbers: &'a mut Numbers,
}

impl Reader<'_> {
    fn text(&mut self, no: i64) -> Result<String> {
        self.numbers.text(self.connection, no)
    }

    pub(super) fn client(&mut self, id: &ClientId) -> Result<Option<Client>> {
        let Some(no) = self.numbers.find_client(self.connection, id)? else { return Ok(None) };
        let known = self
            .connection
            .prepare_cached("SELECT fields, memory FROM clients WHERE no = ?1 AND fields IS NOT NULL")?
            .query_row([no], |row| Ok((json(row, 0)?, json(row, 1)?)))
            .optional()?;
        let Some((fields, memory)) = known else { return Ok(None) };
        let mut client = Client { fields, memory, ..Client::new(id.clone()) };
        self.read_records(no, &mut client)?;
        self.read_runs(no, &mut client)?;
        let entered =
            all(self.connection, "SELECT funnel, key, count, last_at FROM entered WHERE client = ?1", [no], |row| {
                let entered = Entered { count: row.get(2)?, last_at: Timestamp(row.get(3)?) };
                Ok((row.get(0)?, row.get(1)?, entered))
            })?;
        for (funnel, key, entered) in entered {
            client.entered.insert((self.text(funnel)?, key), entered);
        }
        Ok(Some(client))
    }

    fn read_records(&mut self, no: i64, client: &mut Client) -> Result<()> {
        let sql = "SELECT event, key, fields, times, created_at, updated_at, complete FROM records WHERE client = ?1";
        let records: Vec<(i64, String, Record)> =
            all(self.connection, sql, [no], |row| Ok((row.get(0)?, row.get(1)?, record(row)?)))?;
        for (event, key, record) in records {
            client.records.insert(RecordId { event: self.text(event)?, key }, record);
        }
        Ok(())
    }

    fn read_runs(&mut self, no: i64, client: &mut Client) -> Result<()> {
        let sql = "SELECT no, id, funnel, graph, key, entered_at, positions, subjects, progress
                   FROM active_runs WHERE client = ?1";
        let runs = all(self.connection, sql, [no], |row| {
            let run = Run {
                id: RunId(row.get(1)?),
                funnel: String::new(),
                graph: Fingerprint(String::new()),
                client: client.id.clone(),
                subjects: json(row, 7)?,
                key: row.get(4)?,
                entered_at: Timestamp(row.get(5)?),
                positions: json(row, 6)?,
                progress: json(row, 8)?,
                ended: None,
            };
            Ok((row.get(0)?, row.get(2)?, row.get(3)?, run))
        })?;
        for (no, funnel, graph, mut run) in runs {
            run.funnel = self.text(funnel)?;
            run.graph = Fingerprint(self.text(graph)?);
            self.numbers.note_run(&run.id, no);
            client.runs.insert(run.id.clone(), Box::new(run));
        }
        Ok(())
    }

    pub(super) fn owner(&mut self, record: &RecordId) -> Result<Option<ClientId>> {
        let mut latest: Option<(i64, ClientId)> = None;
        for no in self.numbers.find_records(self.connection, record)? {
            let (updated_at, client) = self
                .connection
                .prepare_cached(
                    "SELECT updated_at, clients.id FROM records JOIN clients ON clients.no = records.client
                     WHERE records.no = ?1",
                )?
                .query_row([no], |row| Ok((row.get(0)?, ClientId(row.get(1)?))))?;
            if latest.as_ref().is_none_or(|(at, _)| *at < updated_at) {
                latest = Some((updated_at, client));
            }
        }
        Ok(latest.map(|(_, client)| client))
    }

    pub(super) fn event(&mut self, source: &str, id: &str) -> Result<Option<AcceptedEvent>> {
        let Some(no) = self.numbers.find_event(self.connection, source, id)? else { return Ok(None) };
        Ok(self.events(&format!("{EVENT} WHERE events.no = ?1"), [no])?.pop())
    }

    pub(super) fn keyless_events(&mut self, types: &[&str]) -> Result<Vec<AcceptedEvent>> {
        let types = serde_json::to_string(types).unwrap_or_default();
        let of_types = "WHERE key IS NULL
                        AND type IN (SELECT no FROM names WHERE name IN (SELECT value FROM json_each(?1)))
                        ORDER BY events.no";
        self.events(&format!("{EVENT} {of_types}"), [types])
    }

    fn events(&mut self, sql: &str, params: impl Params) -> Result<Vec<AcceptedEvent>> {
        let rows = all(self.connection, sql, params, |row| {
            let event = AcceptedEvent {
                source: String::new(),
                id: row.get(8)?,
                name: String::new(),
                client: ClientId(row.get(1)?),
                key: row.get(2)?,
                at: Timestamp(row.get(3)?),
                received_at: Timestamp(row.get(4)?),
                imported: false,
                data: json(row, 5)?,
                digest: row.get(6)?,
            };
            Ok((event, row.get(0)?, row.get(7)?))
        })?;
        let mut events = Vec::with_capacity(rows.len());
        for (mut event, name, source) in rows {
            event.name = self.text(name)?;
            event.source = self.text(source)?;
            events.push(event);
        }
        Ok(events)
    }

    pub(super) fn queued(&mut self, lane: &str, after: i64, limit: usize) -> Result<Vec<Queued>> {
        let Some(lane) = self.numbers.find_name(self.connection, lane)? else { return Ok(Vec::new()) };
        let open =
            "messages WHERE state IN ('queued', 'sending') AND state = 'queued' AND lane = ?1 AND messages.no > ?2
                    ORDER BY messages.no LIMIT ?3";
        self.messages(&format!("{MESSAGE} {open}"), params![lane, after, count(limit)])
    }

    pub(super) fn sending(&mut self) -> Result<Vec<Queued>> {
        // Without the hint the planner reads every message ever written, to get them in order.
        let open = "messages INDEXED BY messages_open WHERE state IN ('queued', 'sending') AND state = 'sending'";
        let mut found = self.messages(&format!("{MESSAGE} {open}"), [])?;
        found.sort_by_key(|queued| queued.no);
        Ok(found)
    }

    fn messages(&mut self, sql: &str, params: impl Params) -> Result<Vec<Queued>> {
        let rows = all(self.connection, sql, params, |row| Ok((message(row)?, row.get(11)?, row.get(12)?)))?;
        let mut found = Vec::with_capacity(rows.len());
        for (mut queued, funnel, element) in rows {
            queued.message.funnel = self.text(funnel)?;
            queued.message.element = ElementId(self.text(element)?);
            found.push(queued);
        }
        Ok(found)
    }

    pub(super) fn trace(&mut self, skip: usize, limit: usize) -> Result<Vec<Line>> {
        let sql =
            "SELECT at, zone, clients.id, coalesce((SELECT id FROM runs WHERE runs.no = trace.run), trace.run, ''),
                       funnel, lines FROM trace JOIN clients ON clients.no = trace.client ORDER BY trace.no";
        let mut rows = self.connection.prepare_cached(sql)?;
        let mut rows = rows.query([])?;
        let (mut passed, mut found) = (0, Vec::new());
        while let Some(row) = rows.next()?
            && found.len() < limit
        {
            let of_row = Line {
                at: Timestamp(row.get(0)?),
                zone: self.numbers.text(self.connection, row.get(1)?)?,
                client: ClientId(row.get(2)?),
                run: RunId(row.get(3)?),
                funnel: self.numbers.text(self.connection, row.get(4)?)?,
                element: ElementId(String::new()),
                kind: LineKind::Wait { until: None },
            };
            let text = row.get_ref(5)?.as_str().map_err(|error| damaged(5, error.to_string()))?;
            for line in parse_lines(text, &of_row).map_err(|error| damaged(5, error.to_string()))? {
                if passed >= skip && found.len() < limit {
                    found.push(line);
                }
                passed += 1;
            }
        }
        Ok(found)
    }
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

/// The columns of a message, read by [`message`], and its funnel and element.
const MESSAGE: &str = "SELECT messages.no, messages.id, (SELECT id FROM clients WHERE no = client),
                           coalesce((SELECT id FROM runs WHERE runs.no = messages.run), messages.run, ''),
                           recipient, message, at, attempts, queued_at, retry_at, evidence, funnel, element FROM";

/// Reads a message, without its funnel and element.
fn message(row: &Row<'_>) -> Result<Queued> {
    let StoredMessage { zone, channel, content, marketing, topic, latest, outcome_expected, answer_expected } =
        json(row, 5)?;
    let message = Message {
        id: MessageId(row.get(1)?),
        run: RunId(row.get(3)?),
        zone: zone.into_owned(),
        client: ClientId(row.get(2)?),
        funnel: String::new(),
        element: ElementId(String::new()),
        channel: channel.into_owned(),
        to: row.get(4)?,
        content: content.into_owned(),
        marketing,
        topic: topic.map(std::borrow::Cow::into_owned),
        evidence: row.get(10)?,
        at: Timestamp(row.get(6)?),
        latest,
        outcome_expected,
        answer_expected,
    };
    Ok(Queued {
        no: row.get(0)?,
        message,
        attempts: row.get(7)?,
        queued_at: Timestamp(row.get(8)?),
        retry_at: row.get::<_, Option<i64>>(9)?.map(Timestamp),
    })
}

pub(super) fn clients(connection: &Connection, skip: usize, limit: usize) -> Result<Vec<ClientId>> {
    let sql = "SELECT id FROM clients WHERE fields IS NOT NULL ORDER BY no LIMIT ?2 OFFSET ?1";
    all(connection, sql, [count(skip), count(limit)], |row| row.get(0).map(ClientId))
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
        "SELECT wake_at, id, (SELECT id FROM clients WHERE no = client) FROM active_runs
         WHERE wake_at IS NOT NULL AND (wake_at, id) > (?1, ?2) ORDER BY wake_at, id LIMIT ?3",
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
