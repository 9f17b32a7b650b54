//! Reads events from a file or standard input, one JSON object per line (NDJSON). Out: each line as JSON or as the
//! reason why it is malformed; no line is skipped.

use super::inbox::{Inbox, IncomingEvent, MalformedEvent, Submission};
use super::log_file::LogFile;
use crate::diagnostic::{Code, Phrase};
use crate::engine::MAX_EVENT_BYTES;
use crate::say;
use crate::source::hex;
use crate::value::Zone;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::PathBuf;
use std::thread;

/// Limit: the longest line, in bytes; a longer one is rejected without being held in memory.
pub const LONGEST_LINE: usize = MAX_EVENT_BYTES;

/// Limit: how many bytes of a rejected line are kept.
const KEPT_BYTES: usize = 4 << 10;

/// How many events are submitted together.
const CHUNK: usize = 128;

/// The source of events that do not name one.
pub const DEFAULT_SOURCE: &str = "events";

/// Describes the shape of a line, for help texts.
fn form() -> Phrase {
    const EVENT: &str = r#"{"type":"booking","id":"evt-1","client":"c1","at":"2026-03-01T10:00:00+03:00","data":{..}}"#;
    say!("write one object per line, such as {event}", event = EVENT)
}

/// Where a host's events come from.
pub enum Source {
    /// A file, read from the start. Reading it again accepts nothing twice.
    File(PathBuf),
    /// A stream such as standard input, read to its end.
    Stream(Box<dyn Read + Send>),
}

/// The lines of an event log.
pub struct Lines<R> {
    texts: Texts<R>,
    ids: Option<FallbackIds>,
}

impl<R: BufRead> Lines<R> {
    /// Reads a log. Events without an id are identified by their text and how often it occurred before, so that they
    /// are accepted once however often the log is read.
    pub fn of_log(reader: R) -> Self {
        Self { texts: Texts::new(reader), ids: Some(FallbackIds::default()) }
    }

    /// Reads a stream in which every event without an id is new.
    pub fn of_stream(reader: R) -> Self {
        Self { texts: Texts::new(reader), ids: None }
    }

    fn read(&mut self) -> io::Result<Option<IncomingEvent>> {
        let Some(place) = self.texts.next()? else { return Ok(None) };
        let body = place.parse(self.texts.text());
        let has_id = body.as_ref().map_or(true, |event| event.get("id").is_some_and(|id| !id.is_null()));
        let fallback_id = match &mut self.ids {
            Some(ids) if !has_id => Some(ids.next(self.texts.text())),
            Some(_) | None => None,
        };
        Ok(Some(place.event(body, fallback_id)))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<IncomingEvent>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
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

/// The texts of lines that are not empty.
pub(super) struct Texts<R> {
    reader: R,
    number: u64,
    offset: u64,
    line: Vec<u8>,
}

/// Where a line is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Where it begins, in bytes.
    pub(super) offset: u64,
    /// Its length with its line feed.
    pub(super) length: usize,
}

impl<R: BufRead> Texts<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, number: 0, offset: 0, line: Vec::new() }
    }

    /// Reads the next line that is not empty.
    pub(super) fn next(&mut self) -> io::Result<Option<Place>> {
        loop {
            self.line.clear();
            let length = read_line(&mut self.reader, &mut self.line)?;
            if length == 0 {
                return Ok(None);
            }
            self.number += 1;
            let offset = self.offset;
            self.offset += length as u64;
            if !self.text().is_empty() {
                return Ok(Some(Place { number: self.number, offset, length }));
            }
        }
    }

    /// The text of the last line.
    pub(super) fn text(&self) -> &[u8] {
        trim(&self.line, self.number == 1)
    }
}

impl<R: Read + Seek> Texts<BufReader<R>> {
    /// Reads the line at a place.
    pub(super) fn at(&mut self, place: Place) -> io::Result<()> {
        let distance = i128::from(place.offset) - i128::from(self.offset);
        self.reader.seek_relative(i64::try_from(distance).unwrap_or(i64::MAX))?;
        (self.number, self.offset) = (place.number, place.offset);
        self.line.clear();
        self.offset += read_line(&mut self.reader, &mut self.line)? as u64;
        Ok(())
    }
}

impl Place {
    /// Parses the text of the line.
    pub(super) fn parse(self, text: &[u8]) -> Result<Json, MalformedEvent> {
        if self.length > LONGEST_LINE { Err(too_long(text, self.length)) } else { parse(text) }
    }

    pub(super) fn event(self, body: Result<Json, MalformedEvent>, fallback_id: Option<String>) -> IncomingEvent {
        IncomingEvent { source: DEFAULT_SOURCE.to_owned(), line: Some(self.number), fallback_id, body }
    }
}

/// Reads up to the next line feed and returns the length of the line. Keeps no more of it than the longest allowed
/// line.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    loop {
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(chunk.len(), |at| at + 1);
        let room = LONGEST_LINE.saturating_sub(line.len()).min(used);
        line.extend_from_slice(&chunk[..room]);
        length += used;
        reader.consume(used);
        if end.is_some() || used == 0 {
            return Ok(length);
        }
    }
}

fn trim(line: &[u8], first: bool) -> &[u8] {
    let line = if first { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) } else { line };
    line.trim_ascii()
}

/// Parses one JSON text.
///
/// # Errors
/// Why it is malformed, with code F0701.
pub fn parse(text: &[u8]) -> Result<Json, MalformedEvent> {
    let reject = |message: Phrase| MalformedEvent {
        code: Code::BadEvent,
        message,
        help: form(),
        raw: String::from_utf8_lossy(&text[..text.len().min(KEPT_BYTES)]).into_owned(),
    };
    let text = str::from_utf8(text)
        .map_err(|error| reject(say!("invalid UTF-8 in the line at byte {at}", at = error.valid_up_to() + 1)))?;
    serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or(&said);
        reject(say!("invalid JSON: {said} at column {column}", said, column = error.column()))
    })
}

fn too_long(text: &[u8], length: usize) -> MalformedEvent {
    MalformedEvent {
        code: Code::BadEvent,
        message: say!("the line has {length} bytes, but an event may have at most {most}", length, most = LONGEST_LINE),
        help: form(),
        raw: String::from_utf8_lossy(&text[..text.len().min(KEPT_BYTES)]).into_owned(),
    }
}

/// Reads a source on a thread of its own and submits its events to the host; those of a file in order of time, if `zone`
/// is given: the time zone of dates without one.
pub(super) fn spawn(source: Source, sorts: Option<Option<Zone>>, inbox: Inbox) -> io::Result<()> {
    let (lines, sorted) = match source {
        Source::File(path) => {
            let log = LogFile::open(&path, sorts)?;
            let sorted = log.was_sorted();
            (Input::File(log), sorted)
        }
        Source::Stream(stream) => (Input::Stream(Lines::of_stream(BufReader::with_capacity(BUFFER, stream))), false),
    };
    thread::Builder::new().name("events".to_owned()).spawn(move || hand_over(lines, sorted, &inbox))?;
    Ok(())
}

/// The size of read buffers, in bytes.
pub(super) const BUFFER: usize = 1 << 16;

enum Input {
    File(LogFile),
    Stream(Lines<BufReader<Box<dyn Read + Send>>>),
}

impl Input {
    fn next(&mut self) -> Option<io::Result<IncomingEvent>> {
        match self {
            Self::File(log) => log.next(),
            Self::Stream(lines) => lines.next(),
        }
    }

    /// Whether the next event may take long to arrive.
    fn may_pause(&self) -> bool {
        match self {
            Self::File(log) => log.may_pause(),
            Self::Stream(lines) => lines.may_pause(),
        }
    }
}

impl<R: Read> Lines<BufReader<R>> {
    /// Whether nothing more was read ahead.
    pub(super) fn may_pause(&self) -> bool {
        self.texts.reader.buffer().is_empty()
    }
}

/// Ends when the source ends or the host accepts nothing more. Events are never held back to fill a chunk, because a
/// stream may be silent for hours.
fn hand_over(mut lines: Input, sorted: bool, inbox: &Inbox) {
    let mut chunk = Vec::new();
    let mut end = Ok(sorted);
    while let Some(line) = lines.next() {
        match line {
            Ok(incoming) => chunk.push(incoming),
            Err(error) => {
                end = Err(error.to_string());
                break;
            }
        }
        let full = chunk.len() == CHUNK || lines.may_pause();
        if full && inbox.push(Submission::Events(std::mem::take(&mut chunk), None)).is_err() {
            return;
        }
    }
    if inbox.push(Submission::Events(chunk, None)).is_ok() {
        let _ = inbox.push(Submission::Ended(end));
    }
}
