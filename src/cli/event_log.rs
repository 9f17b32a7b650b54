//! Event logs. In: a path, `-` for standard input. Out: a reader, and reports about rejected events.

use super::{Failure, Terminal};
use crate::diagnostic::Phrase;
use crate::engine::Rejection;
use crate::say;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// An open event log.
pub(super) struct EventLog {
    /// The name in messages.
    pub(super) name: String,
    /// The lines.
    pub(super) reader: Box<dyn BufRead>,
}

impl EventLog {
    /// Opens a log.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let name = name(path);
        if is_stdin(path) {
            return Ok(Self { name, reader: Box::new(io::stdin().lock()) });
        }
        let file = File::open(path).map_err(|fault| Failure::read(path, &fault))?;
        Ok(Self { name, reader: Box::new(BufReader::new(file)) })
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

/// Reports why an event was rejected, or with `partial` why a part of it was left out. An event without a line number
/// arrived over HTTP.
pub(super) fn report_rejected(refusal: &Rejection, partial: bool, log: &str, line: Option<u64>, terminal: &Terminal) {
    let place = line.map_or_else(|| "HTTP".to_owned(), |line| format!("{log}:{line}"));
    let Rejection { code, message, help } = refusal;
    let said = |phrase: &Phrase| phrase.in_language(terminal.language()).into_owned();
    let severity = if partial { said(&say!("warning")) } else { said(&say!("error")) };
    let first = format!("{severity}[{}]: {}", code.number(), said(message));
    terminal.err_line(&format!(
        "{first}\n  {}\n  {}: {}",
        said(&say!("at {place}", place)),
        said(&say!("help")),
        said(help)
    ));
}
