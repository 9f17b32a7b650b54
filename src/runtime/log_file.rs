//! Event files. In: a file. Out: its lines, on request in order of time; no line is skipped.
#![allow(clippy::disallowed_methods, reason = "event files are read here")]

use super::inbox::IncomingEvent;
use super::ingest::{BUFFER, FallbackIds, Lines, Place, Texts, parse};
use crate::value::json::{self, Locale};
use crate::value::{Timestamp, Zone};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

/// The lines of an event file.
pub struct LogFile(Order);

enum Order {
    AsWritten(Lines<BufReader<File>>),
    ByTime(Texts<BufReader<File>>, std::vec::IntoIter<DatedLine>),
}

/// A line with its time.
struct DatedLine {
    at: Timestamp,
    place: Place,
    fallback_id: Option<String>,
}

/// What decides the order of events.
#[derive(Deserialize)]
struct Dated {
    at: Option<Json>,
    id: Option<IgnoredAny>,
}

impl LogFile {
    /// Opens a file. With `sorts`, its events come in order of time; the time zone in it is that of dates without one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(path: &Path, sorts: Option<Option<Zone>>) -> io::Result<Self> {
        let file = File::open(path)?;
        // A pipe can be read only once.
        let sorts = sorts.filter(|_| file.metadata().is_ok_and(|metadata| metadata.is_file()));
        if let Some(zone) = sorts
            && let Some(lines) = sorted(Texts::new(BufReader::with_capacity(BUFFER, &file)), zone)?
        {
            let texts = Texts::new(BufReader::with_capacity(BUFFER, File::open(path)?));
            return Ok(Self(Order::ByTime(texts, lines.into_iter())));
        }
        let file = if sorts.is_some() { File::open(path)? } else { file };
        Ok(Self(Order::AsWritten(Lines::of_log(BufReader::with_capacity(BUFFER, file)))))
    }

    /// Whether the events had to be sorted.
    #[must_use]
    pub fn was_sorted(&self) -> bool {
        matches!(self.0, Order::ByTime(..))
    }

    /// Whether the next event may take long to arrive, because the file is a pipe.
    pub(super) fn may_pause(&self) -> bool {
        match &self.0 {
            Order::AsWritten(lines) => lines.may_pause(),
            Order::ByTime(..) => false,
        }
    }
}

impl Iterator for LogFile {
    type Item = io::Result<IncomingEvent>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Order::AsWritten(lines) => lines.next(),
            Order::ByTime(texts, lines) => {
                let DatedLine { place, fallback_id, .. } = lines.next()?;
                let read = texts.at(place).map(|()| place.event(place.parse(texts.text()), fallback_id));
                Some(read)
            }
        }
    }
}

/// The lines in order of time; `None` when they are in this order already. A line without a usable time follows the one
/// before it.
fn sorted(mut texts: Texts<BufReader<&File>>, zone: Option<Zone>) -> io::Result<Option<Vec<DatedLine>>> {
    let local = Locale { zone, ..Locale::default() };
    let (mut lines, mut ids) = (Vec::new(), FallbackIds::default());
    let mut at = Timestamp::MIN;
    while let Some(place) = texts.next()? {
        let (own, has_id) = dated(texts.text());
        at = own.and_then(|own| json::instant(&own, local)).unwrap_or(at);
        let fallback_id = if has_id { None } else { Some(ids.next(texts.text())) };
        lines.push(DatedLine { at, place, fallback_id });
    }
    if lines.is_sorted_by_key(|line| line.at) {
        return Ok(None);
    }
    lines.sort_by_key(|line| line.at);
    Ok(Some(lines))
}

/// When the event on a line happened, as written, and whether it has an id.
fn dated(text: &[u8]) -> (Option<Json>, bool) {
    if let Ok(Dated { at, id }) = serde_json::from_slice(text) {
        return (at, id.is_some());
    }
    match parse(text) {
        Ok(event) => (event.get("at").cloned(), event.get("id").is_some_and(|id| !id.is_null())),
        // A line that is not JSON is rejected, so it needs no id.
        Err(_) => (None, true),
    }
}
