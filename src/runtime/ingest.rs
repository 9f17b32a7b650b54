//! Reads events from a file or standard input, one JSON object per line (NDJSON). Out: each line as JSON or as the
//! reason why it is malformed; no line is skipped.
#![allow(clippy::disallowed_methods, reason = "event files are read here")]

use super::inbox::{Inbox, IncomingEvent, MalformedEvent, Submission};
use crate::diagnostic::{Code, Phrase};
use crate::engine::MAX_EVENT_BYTES;
use crate::say;
use crate::source::hex;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
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
    reader: R,
    number: u64,
    /// How often each text was seen; `None` when events without an id stay without one.
    seen: Option<HashMap<[u8; 16], u32>>,
}

impl<R: BufRead> Lines<R> {
    /// Reads a log. Events without an id are identified by their text and how often it occurred before, so that they
    /// are accepted once however often the log is read.
    pub fn of_log(reader: R) -> Self {
        Self { reader, number: 0, seen: Some(HashMap::new()) }
    }

    /// Reads a stream in which every event without an id is new.
    pub fn of_stream(reader: R) -> Self {
        Self { reader, number: 0, seen: None }
    }

    fn read(&mut self) -> io::Result<Option<IncomingEvent>> {
        let mut line = Vec::new();
        loop {
            let length = read_line(&mut self.reader, &mut line)?;
            if length == 0 {
                return Ok(None);
            }
            self.number += 1;
            let text = trim(&line, self.number == 1);
            if !text.is_empty() {
                let body = if length > LONGEST_LINE { Err(too_long(text, length)) } else { parse(text) };
                let has_id = body.as_ref().map_or(true, |event| event.get("id").is_some_and(|id| !id.is_null()));
                let fallback_id = if has_id { None } else { self.fallback_id(text) };
                let source = DEFAULT_SOURCE.to_owned();
                return Ok(Some(IncomingEvent { source, line: Some(self.number), fallback_id, body }));
            }
            line.clear();
        }
    }

    fn fallback_id(&mut self, text: &[u8]) -> Option<String> {
        let seen = self.seen.as_mut()?;
        let mut digest = [0; 16];
        digest.copy_from_slice(&Sha256::digest(text)[..16]);
        let times = seen.entry(digest).or_insert(0);
        *times += 1;
        Some(format!("line-{}-{times}", hex(&digest, 32)))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<IncomingEvent>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
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

/// Reads a source on a thread of its own and submits its events to the host.
pub(super) fn spawn(source: Source, inbox: Inbox) -> io::Result<()> {
    let lines = match source {
        Source::File(path) => Lines::of_log(buffered(Box::new(File::open(path)?))),
        Source::Stream(stream) => Lines::of_stream(buffered(stream)),
    };
    thread::Builder::new().name("events".to_owned()).spawn(move || hand_over(lines, &inbox))?;
    Ok(())
}

type Input = BufReader<Box<dyn Read + Send>>;

fn buffered(input: Box<dyn Read + Send>) -> Input {
    BufReader::with_capacity(1 << 16, input)
}

/// Ends when the source ends or the host accepts nothing more. Events are never held back to fill a chunk, because a
/// stream may be silent for hours.
fn hand_over(mut lines: Lines<Input>, inbox: &Inbox) {
    let mut chunk = Vec::new();
    let mut end = Ok(());
    while let Some(line) = lines.next() {
        match line {
            Ok(incoming) => chunk.push(incoming),
            Err(error) => {
                end = Err(error.to_string());
                break;
            }
        }
        let full = chunk.len() == CHUNK || lines.reader.buffer().is_empty();
        if full && inbox.push(Submission::Events(std::mem::take(&mut chunk), None)).is_err() {
            return;
        }
    }
    if inbox.push(Submission::Events(chunk, None)).is_ok() {
        let _ = inbox.push(Submission::Ended(end));
    }
}
