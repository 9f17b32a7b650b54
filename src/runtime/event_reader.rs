//! Events of any form: JSON values, or rows of a table. In: bytes. Out: events in the order in which they are written.

use super::inbox::{IncomingEvent, MalformedEvent};
use super::ingest::{BUFFER, DEFAULT_SOURCE, FallbackIds};
use super::texts::Texts;
use crate::check::program::Catalog;
use crate::diagnostic::Code;
use crate::import::{ColumnMap, Decoded, Form, Mapping, Row, Table, Unmapped, Unreadable, decode};
use crate::say;
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::io::{self, BufReader, Read};

/// What is needed to read tables as events.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// The declared fields.
    pub catalog: Catalog,
    /// What columns mean.
    pub maps: Vec<ColumnMap>,
}

/// The events of a file or a stream.
pub struct EventReader {
    body: Body,
    ids: Option<FallbackIds>,
}

enum Body {
    Json(Texts<BufReader<Box<dyn Read + Send>>>),
    Table(Box<TableEvents<Box<dyn Read + Send>>>),
}

impl EventReader {
    /// Reads a log. Events without an id are identified by their text and how often it occurred before, so that they
    /// are accepted once however often the log is read.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_log(bytes: impl Read + Send + 'static, name: Option<&str>, tables: Tables) -> io::Result<Self> {
        Self::of_decoded(decode(bytes, name)?, tables, Some(FallbackIds::default()))
    }

    /// Reads a stream in which every event without an id is new.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_stream(bytes: impl Read + Send + 'static, tables: Tables) -> io::Result<Self> {
        Self::of_decoded(decode(bytes, None)?, tables, None)
    }

    pub(super) fn of_decoded(decoded: Decoded, tables: Tables, ids: Option<FallbackIds>) -> io::Result<Self> {
        let Decoded { text, form, sample, .. } = decoded;
        let body = match form {
            Form::Json => Body::Json(Texts::new(BufReader::with_capacity(BUFFER, text))),
            Form::Table => Body::Table(Box::new(TableEvents::new(Table::new(text, &sample)?, tables)?)),
        };
        Ok(Self { body, ids })
    }

    /// Whether the next event may take long to arrive, because nothing more was read ahead.
    pub(super) fn may_pause(&self) -> bool {
        match &self.body {
            Body::Json(texts) => texts.reader.buffer().iter().all(|byte| b" \t\r\n,]".contains(byte)),
            Body::Table(events) => events.ready.is_empty(),
        }
    }

    fn read(&mut self) -> io::Result<Option<IncomingEvent>> {
        match &mut self.body {
            Body::Json(texts) => {
                let Some(place) = texts.next()? else { return Ok(None) };
                let body = place.parse(texts.text());
                let event = body.as_ref().map_or_else(|malformed| malformed.readable.as_ref(), Some);
                let has_id = event.is_none_or(has_id);
                let fallback_id = self.ids.as_mut().filter(|_| !has_id).map(|ids| ids.next(texts.text()));
                Ok(Some(place.event(body, fallback_id)))
            }
            Body::Table(events) => {
                let Some((line, body)) = events.next()? else { return Ok(None) };
                Ok(Some(table_event(line, body, self.ids.as_mut())))
            }
        }
    }
}

impl Iterator for EventReader {
    type Item = io::Result<IncomingEvent>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// Whether an event has an id of its own.
pub(super) fn has_id(event: &Json) -> bool {
    event.get("id").is_some_and(|id| !id.is_null())
}

/// An event of a row, or why the row has none.
pub(super) type RowEvent = Result<Json, MalformedEvent>;

pub(super) fn table_event(line: u64, body: RowEvent, ids: Option<&mut FallbackIds>) -> IncomingEvent {
    let own = body.as_ref().ok().filter(|event| !has_id(event));
    let fallback_id = ids.zip(own).map(|(ids, event)| ids.next(event.to_string().as_bytes()));
    IncomingEvent { source: DEFAULT_SOURCE.to_owned(), line: Some(line), fallback_id, body }
}

/// The events of a table.
pub(super) struct TableEvents<R> {
    pub(super) table: Table<R>,
    mapping: Mapping,
    tables: Tables,
    ready: VecDeque<(u64, RowEvent)>,
}

impl<R: Read> TableEvents<R> {
    pub(super) fn new(table: Table<R>, tables: Tables) -> io::Result<Self> {
        let mapping = Mapping::of_header(table.header(), &tables.maps).map_err(|unmapped| match unmapped {
            Unmapped::None => Unreadable::NoColumnMap,
            Unmapped::Several(names) => Unreadable::SeveralColumnMaps(names.join(", ")),
        })?;
        Ok(Self { table, mapping, tables, ready: VecDeque::new() })
    }

    fn next(&mut self) -> io::Result<Option<(u64, RowEvent)>> {
        while self.ready.is_empty() {
            let Some(row) = self.table.next_row()? else { return Ok(None) };
            let line = row.place.line();
            let events = self.events_of(&row);
            self.ready.extend(events.into_iter().map(|event| (line, event)));
        }
        Ok(self.ready.pop_front())
    }

    /// The events of a row.
    pub(super) fn events_of(&self, row: &Row) -> Vec<RowEvent> {
        if row.extra > 0 {
            return vec![Err(MalformedEvent {
                code: Code::BadEvent,
                message: say!("the row has more cells than the header"),
                help: say!("put quotes around a cell that contains the sign between the cells"),
                raw: row.cells.join("\t"),
                line: 0,
                readable: None,
            })];
        }
        self.mapping.events(row, &self.tables.catalog).0.into_iter().map(Ok).collect()
    }
}
