//! Event files. In: a file. Out: its events, on request in order of time; nothing is skipped. A file may be larger than
//! the memory: sorting keeps only the place and the time of each event.
#![allow(clippy::disallowed_methods, reason = "event files are read here")]

use super::event_reader::{EventReader, TableEvents, Tables, has_id, table_event};
use super::inbox::{IncomingEvent, MalformedEvent};
use super::ingest::{BUFFER, FallbackIds};
use super::texts::{self, Texts};
use crate::import::{self, Form, Table, decode};
use crate::value::json::{self, Locale};
use crate::value::{Timestamp, Zone};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::vec::IntoIter;

/// The events of an event file.
pub struct LogFile {
    order: Order,
    /// Decoded text that is needed while the file is read.
    _spool: Option<Spool>,
}

enum Order {
    AsWritten(EventReader),
    JsonByTime(Texts<BufReader<File>>, IntoIter<Dated<texts::Place>>),
    TableByTime(Box<TableEvents<File>>, SortedRows),
}

/// The place of an event in a table: its row, and which of its events.
type RowPlace = (import::Place, usize);

/// The rows of a table in order of time.
struct SortedRows {
    places: IntoIter<Dated<RowPlace>>,
    /// The time of the first event that has one; also that of the events before it.
    start: Option<Timestamp>,
    /// Whether the rows were in another order.
    moved: bool,
}

/// An event with its time.
struct Dated<P> {
    at: Timestamp,
    place: P,
    fallback_id: Option<String>,
}

/// What decides the order of events.
#[derive(Deserialize)]
struct Members {
    at: Option<Json>,
    id: Option<IgnoredAny>,
}

impl LogFile {
    /// Opens a file. With `sorts`, its events come in order of time; the time zone in it is that of dates without one.
    ///
    /// # Errors
    /// When the file cannot be read, or nobody knows what its columns mean.
    pub fn open(path: &Path, sorts: Option<Option<Zone>>, tables: Tables) -> io::Result<Self> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let decode = || decode(File::open(path)?, name.as_deref());
        let decoded = decode()?;
        // A pipe can be read only once.
        let Some(zone) = sorts.filter(|_| path.is_file()) else { return Self::as_written(decoded, tables) };
        let (form, sample) = (decoded.form, decoded.sample.clone());
        let spool = if decoded.verbatim { None } else { Some(Spool::fill(decoded.text)?) };
        let open = || File::open(spool.as_ref().map_or(path, |spool| &spool.path));
        let local = Locale { zone, ..Locale::default() };
        let order = match form {
            Form::Json => sorted_json(Texts::new(BufReader::with_capacity(BUFFER, open()?)), local)?.map(|places| {
                open().map(|file| {
                    Order::JsonByTime(Texts::new(BufReader::with_capacity(BUFFER, file)), places.into_iter())
                })
            }),
            Form::Table => {
                let rows = |tables| TableEvents::new(Table::new(open()?, &sample)?, tables);
                sorted_rows(rows(tables.clone())?, local)?
                    .map(|sorted| Ok(Order::TableByTime(Box::new(rows(tables.clone())?), sorted)))
            }
        };
        match order {
            Some(order) => Ok(Self { order: order?, _spool: spool }),
            None => Self::as_written(decode()?, tables),
        }
    }

    fn as_written(decoded: import::Decoded, tables: Tables) -> io::Result<Self> {
        let events = EventReader::of_decoded(decoded, tables, Some(FallbackIds::default()))?;
        Ok(Self { order: Order::AsWritten(events), _spool: None })
    }

    /// Whether the events had to be sorted.
    #[must_use]
    pub fn was_sorted(&self) -> bool {
        match &self.order {
            Order::AsWritten(_) => false,
            Order::JsonByTime(..) => true,
            Order::TableByTime(_, sorted) => sorted.moved,
        }
    }
}

/// Opens a pipe that has a name.
pub(super) fn open_pipe(path: &Path, tables: Tables) -> io::Result<EventReader> {
    EventReader::of_log(File::open(path)?, path.file_name().and_then(|name| name.to_str()), tables)
}

impl Iterator for LogFile {
    type Item = io::Result<IncomingEvent>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.order {
            Order::AsWritten(events) => events.next(),
            Order::JsonByTime(texts, places) => {
                let Dated { place, fallback_id, .. } = places.next()?;
                Some(texts.at(place).map(|()| place.event(place.parse(texts.text()), fallback_id)))
            }
            Order::TableByTime(rows, sorted) => {
                let Dated { at, place: (place, number), fallback_id } = sorted.places.next()?;
                let row = match rows.table.row_at(&place) {
                    Ok(row) => row,
                    Err(error) => return Some(Err(error)),
                };
                let event = row.and_then(|row| rows.events_of(&row).into_iter().nth(number));
                let mut event = event.unwrap_or_else(|| Err(MalformedEvent::changed()));
                if let (Timestamp::MIN, Some(start), Ok(Json::Object(event))) = (at, sorted.start, &mut event) {
                    event.insert("at".to_owned(), Json::String(Zone::UTC.rfc3339(start)));
                }
                Some(Ok(IncomingEvent { fallback_id, ..table_event(place.line(), event, None) }))
            }
        }
    }
}

/// The events in order of time; `None` when they are in this order already. An event without a usable time follows the
/// one before it.
fn in_order<P>(mut events: Vec<Dated<P>>) -> Option<Vec<Dated<P>>> {
    if events.is_sorted_by_key(|event| event.at) {
        return None;
    }
    events.sort_by_key(|event| event.at);
    Some(events)
}

fn sorted_json(mut texts: Texts<BufReader<File>>, local: Locale<'_>) -> io::Result<Option<Vec<Dated<texts::Place>>>> {
    let (mut events, mut ids, mut at) = (Vec::new(), FallbackIds::default(), Timestamp::MIN);
    while let Some(place) = texts.next()? {
        let (own, has_id) = members(place, texts.text());
        at = own.and_then(|own| json::instant(&own, local)).unwrap_or(at);
        let fallback_id = if has_id { None } else { Some(ids.next(texts.text())) };
        events.push(Dated { at, place, fallback_id });
    }
    Ok(in_order(events))
}

fn sorted_rows(mut rows: TableEvents<File>, local: Locale<'_>) -> io::Result<Option<SortedRows>> {
    let (mut events, mut ids, mut at) = (Vec::new(), FallbackIds::default(), Timestamp::MIN);
    while let Some(row) = rows.table.next_row()? {
        for (number, event) in rows.events_of(&row).into_iter().enumerate() {
            let own = event.as_ref().ok().and_then(|event| event.get("at"));
            at = own.and_then(|own| json::instant(own, local)).unwrap_or(at);
            let place = row.place.clone();
            let fallback_id = table_event(place.line(), event, Some(&mut ids)).fallback_id;
            events.push(Dated { at, place: (place, number), fallback_id });
        }
    }
    let start = events.iter().map(|event| event.at).find(|at| *at != Timestamp::MIN);
    let is_undated_first = start.is_some() && events.first().is_some_and(|event| event.at == Timestamp::MIN);
    let moved = !events.is_sorted_by_key(|event| event.at);
    events.sort_by_key(|event| event.at);
    Ok((moved || is_undated_first).then(|| SortedRows { places: events.into_iter(), start, moved }))
}

/// When an event happened, as written, and whether it has an id.
fn members(place: texts::Place, text: &[u8]) -> (Option<Json>, bool) {
    if let Ok(Members { at, id }) = serde_json::from_slice(text) {
        return (at, id.is_some());
    }
    let parsed = place.parse(text);
    match parsed.as_ref().map_or_else(|malformed| malformed.readable.as_ref(), Some) {
        Some(event) => (event.get("at").cloned(), has_id(event)),
        // A text of which nothing is taken needs no id.
        None => (None, true),
    }
}

/// A temporary file with the decoded text of a file, removed on drop.
struct Spool {
    path: PathBuf,
}

impl Spool {
    fn fill(mut text: impl Read) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("funnelc-{}-events-{number}", std::process::id()));
            let mut file = match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made?,
            };
            let spool = Self { path };
            io::copy(&mut text, &mut file)?;
            return Ok(spool);
        }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // What stays in the temporary folder does no harm.
        let _ = fs::remove_file(&self.path);
    }
}
