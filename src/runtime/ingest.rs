//! Reads events from a file or standard input on a thread of its own. Out: each event as JSON or as the reason why it is
//! malformed.

use super::RunError;
use super::event_reader::{EventReader, Tables};
use super::inbox::{Inbox, IncomingEvent, MalformedEvent, Submission};
use super::log_file::{self, LogFile};
use super::texts::Place;
use super::torn_event::beginning;
use crate::diagnostic::{Code, Phrase};
use crate::engine::MAX_EVENT_BYTES;
use crate::import::ColumnMap;
use crate::say;
use crate::source::hex;
use crate::value::Zone;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::thread;

/// Limit: the longest event, in bytes; a longer one is rejected without being held in memory.
pub const LONGEST_EVENT: usize = MAX_EVENT_BYTES;

/// Limit: how many bytes of a rejected line are kept.
const KEPT_BYTES: usize = 4 << 10;

/// How many events are submitted together.
const CHUNK: usize = 128;

/// The source of events that do not name one.
pub const DEFAULT_SOURCE: &str = "events";

/// Describes the shape of a line, for help texts.
fn form() -> Phrase {
    const EVENT: &str = r#"{"type":"booking","id":"evt-1","client":"c1","at":"2026-03-01T10:00:00+03:00","data":{..}}"#;
    say!("write each event as one object, such as {event}", event = EVENT)
}

/// Where a host's events come from.
pub enum Source {
    /// A file, read from the start. Reading it again accepts nothing twice.
    File(PathBuf),
    /// A stream such as standard input, read to its end.
    Stream(Box<dyn Read + Send>),
    /// A source whose tables are read by these column maps.
    Mapped(Box<Source>, Vec<ColumnMap>),
}

impl Source {
    /// Whether it is a file with an end, which can be read again.
    pub(super) fn is_file(&self) -> bool {
        match self {
            Self::File(path) => path.is_file(),
            Self::Stream(_) => false,
            Self::Mapped(source, _) => source.is_file(),
        }
    }
}

/// The ids of events that have none of their own.
#[derive(Default)]
pub(super) struct FallbackIds {
    /// How often each text was seen.
    seen: HashMap<[u8; 16], u32>,
}

impl FallbackIds {
    pub(super) fn next(&mut self, text: &[u8]) -> String {
        let mut digest = [0; 16];
        digest.copy_from_slice(&Sha256::digest(text)[..16]);
        let times = self.seen.entry(digest).or_insert(0);
        *times += 1;
        format!("line-{}-{times}", hex(&digest, 32))
    }
}

impl Place {
    /// Parses the text of the value.
    pub(super) fn parse(self, text: &[u8]) -> Result<Json, MalformedEvent> {
        if self.length > LONGEST_EVENT { Err(too_long(text, self.length)) } else { parse_at(text, self.column - 1) }
    }

    pub(super) fn event(self, body: Result<Json, MalformedEvent>, fallback_id: Option<String>) -> IncomingEvent {
        let line = self.line + body.as_ref().map_or_else(|malformed| malformed.line, |_| 0);
        IncomingEvent { source: DEFAULT_SOURCE.to_owned(), line: Some(line), fallback_id, body }
    }
}

/// Parses one JSON text.
///
/// # Errors
/// Why it is malformed, with code F0701.
pub fn parse(text: &[u8]) -> Result<Json, MalformedEvent> {
    parse_at(text, 0)
}

/// Parses a JSON text that begins after `before` bytes of its line.
fn parse_at(text: &[u8], before: usize) -> Result<Json, MalformedEvent> {
    let reject = |line: usize, message: Phrase| MalformedEvent {
        code: Code::BadEvent,
        message,
        help: form(),
        raw: String::from_utf8_lossy(&text[..text.len().min(KEPT_BYTES)]).into_owned(),
        line: line as u64,
        readable: None,
    };
    let text = str::from_utf8(text).map_err(|error| {
        let valid = &text[..error.valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count();
        let start = valid.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let before = if line == 0 { before } else { 0 };
        reject(line, say!("invalid UTF-8 in the line at byte {at}", at = before + valid.len() - start + 1))
    })?;
    serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or(&said);
        let line = error.line().saturating_sub(1);
        let column = error.column() + if line == 0 { before } else { 0 };
        reject(line, say!("invalid JSON: {said} at column {column}", said, column))
    })
}

fn too_long(text: &[u8], length: usize) -> MalformedEvent {
    MalformedEvent {
        code: Code::BadEvent,
        message: say!("the event has {length} bytes, but at most {most} are allowed", length, most = LONGEST_EVENT),
        help: form(),
        raw: String::from_utf8_lossy(&text[..text.len().min(KEPT_BYTES)]).into_owned(),
        line: 0,
        readable: beginning(text),
    }
}

/// Reads a source on a thread of its own and submits its events to the host; those of a file in order of time, if `zone`
/// is given: the time zone of dates without one.
pub(super) fn spawn(source: Source, sorts: Option<Option<Zone>>, tables: Tables, inbox: Inbox) -> io::Result<()> {
    let opened = match source {
        Source::Mapped(source, maps) => return spawn(*source, sorts, Tables { maps, ..tables }, inbox),
        Source::File(path) if path.is_file() || !path.exists() => Opened::File(LogFile::open(&path, sorts, tables)?),
        Source::File(path) => Opened::Pipe(path, tables),
        Source::Stream(stream) => Opened::Stream(stream, tables),
    };
    thread::Builder::new().name("events".to_owned()).spawn(move || {
        let end = hand_over(opened, &inbox);
        end.map(|end| inbox.push(Submission::Ended(end.map_err(|error| RunError::of_source(&error)))))
    })?;
    Ok(())
}

/// The size of read buffers, in bytes.
pub(super) const BUFFER: usize = 1 << 16;

/// A source. The beginning of a stream may take long to arrive, so it is read later.
enum Opened {
    File(LogFile),
    Pipe(PathBuf, Tables),
    Stream(Box<dyn Read + Send>, Tables),
}

impl Opened {
    fn events(self) -> io::Result<(Input, bool)> {
        Ok(match self {
            Self::File(log) => {
                let sorted = log.was_sorted();
                (Input::File(log), sorted)
            }
            Self::Pipe(path, tables) => (Input::Stream(log_file::open_pipe(&path, tables)?), false),
            Self::Stream(stream, tables) => (Input::Stream(EventReader::of_stream(stream, tables)?), false),
        })
    }
}

enum Input {
    File(LogFile),
    Stream(EventReader),
}

impl Input {
    fn next(&mut self) -> Option<io::Result<IncomingEvent>> {
        match self {
            Self::File(log) => log.next(),
            Self::Stream(events) => events.next(),
        }
    }

    /// Whether the next event may take long to arrive.
    fn may_pause(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Stream(events) => events.may_pause(),
        }
    }
}

/// Ends when the source ends, and returns whether its events were sorted; or `None` when the host accepts nothing more.
/// Events are never held back to fill a chunk, because a stream may be silent for hours.
fn hand_over(source: Opened, inbox: &Inbox) -> Option<io::Result<bool>> {
    let mut chunk = Vec::new();
    let (mut events, sorted) = match source.events() {
        Ok(opened) => opened,
        Err(error) => return Some(Err(error)),
    };
    let mut end = Ok(sorted);
    while let Some(event) = events.next() {
        match event {
            Ok(incoming) => chunk.push(incoming),
            Err(error) => {
                end = Err(error);
                break;
            }
        }
        let full = chunk.len() == CHUNK || events.may_pause();
        if full && inbox.push(Submission::Events(std::mem::take(&mut chunk), None)).is_err() {
            return None;
        }
    }
    inbox.push(Submission::Events(chunk, None)).ok().map(|()| end)
}
