//! Event logs. In: a path, `-` for standard input. Out: a reader, and reports about rejected events.

use super::{Failure, Terminal};
use crate::diagnostic::Phrase;
use crate::engine::Rejection;
use crate::runtime::{EventReader, IncomingEvent, LogFile, Tables};
use crate::say;
use std::io;
use std::path::Path;

/// An open event log.
pub(super) struct EventLog {
    /// The name in messages.
    pub(super) name: String,
    /// Whether the events had to be sorted.
    pub(super) sorted: bool,
    /// The events: those of a file in order of time, those of standard input as they arrive.
    pub(super) events: Box<dyn Iterator<Item = io::Result<IncomingEvent>>>,
}

impl EventLog {
    /// Opens a log; the zone of the catalog is that of dates without one.
    pub(super) fn open(path: &Path, tables: Tables) -> Result<Self, Failure> {
        let name = name(path);
        if is_stdin(path) {
            let events = EventReader::of_log(io::stdin(), None, tables);
            let events = events.map_err(|fault| Failure::io(say!("cannot read standard input"), &fault))?;
            return Ok(Self { name, sorted: false, events: Box::new(events) });
        }
        let zone = tables.catalog.local().zone;
        let log = LogFile::open(path, Some(zone), tables).map_err(|fault| Failure::read(path, &fault))?;
        Ok(Self { name, sorted: log.was_sorted(), events: Box::new(log) })
    }
}

/// Fails if both funnels and events are to be read from standard input.
pub(super) fn ensure_one_stdin(funnels: Option<&Path>, events: Option<&Path>) -> Result<(), Failure> {
    if funnels.is_some_and(is_stdin) && events.is_some_and(is_stdin) {
        return Err(Failure::new(say!("funnels and events cannot both be read from standard input"))
            .help(say!("use a file for one of them")));
    }
    Ok(())
}

/// Whether a path means standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Returns the name of a log in messages.
pub(super) fn name(path: &Path) -> String {
    if is_stdin(path) { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// Reports why an event was rejected, or with `partial` why a part of it was left out.
pub(super) fn report_rejected(refusal: &Rejection, partial: bool, log: &str, line: Option<u64>, terminal: &Terminal) {
    terminal.err(&rejection_text(refusal, partial, log, line, terminal));
}

/// Says why an event was rejected, or with `partial` why a part of it was left out.
pub(super) fn rejection_text(
    refusal: &Rejection,
    partial: bool,
    log: &str,
    line: Option<u64>,
    terminal: &Terminal,
) -> String {
    let place = line.map_or_else(|| log.to_owned(), |line| format!("{log}:{line}"));
    let Rejection { code, message, help } = refusal;
    let said = |phrase: &Phrase| phrase.in_language(terminal.language()).into_owned();
    let severity = if partial { said(&say!("warning")) } else { said(&say!("error")) };
    let first = format!("{severity}[{}]: {}", code.number(), said(message));
    format!("{first}\n  {}\n  {}: {}\n", said(&say!("at {place}", place)), said(&say!("help")), said(help))
}
