//! Output streams: results go to standard output, summaries and errors to standard error, with color if wanted.

use super::Color;
use super::failure::{Failure, Fault};
use crate::diagnostic::{Language, Phrase};
use crate::say;
use anstream::{AutoStream, ColorChoice};
use std::cell::RefCell;
use std::io::{self, BufWriter, Write};
use std::rc::Rc;

const RED: &str = "\u{1b}[1;31m";
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Both output streams of a command; clones share them.
#[derive(Clone)]
pub(super) struct Terminal(Rc<RefCell<Streams>>);

struct Streams {
    out: BufWriter<AutoStream<io::Stdout>>,
    err: AutoStream<io::Stderr>,
    /// Whether something of standard output is not flushed. If not, it is left alone, because a thread that prints results
    /// may be waiting for its reader.
    is_pending: bool,
    language: Language,
}

impl Streams {
    fn flush(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_pending) { self.out.flush() } else { Ok(()) }
    }
}

impl Terminal {
    /// Opens both streams. `auto` colors those that are a terminal, unless `NO_COLOR` is set.
    pub(super) fn new(color: Color, language: Language) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let out = BufWriter::new(AutoStream::new(io::stdout(), choice));
        Self(Rc::new(RefCell::new(Streams {
            out,
            err: AutoStream::new(io::stderr(), choice),
            is_pending: false,
            language,
        })))
    }

    /// The language of the output.
    pub(super) fn language(&self) -> Language {
        self.0.borrow().language
    }

    /// Whether standard output is colored.
    pub(super) fn colored(&self) -> bool {
        self.0.borrow().out.get_ref().current_choice() != ColorChoice::Never
    }

    /// Whether standard error is colored.
    pub(super) fn err_colored(&self) -> bool {
        self.0.borrow().err.current_choice() != ColorChoice::Never
    }

    /// Writes results to standard output.
    pub(super) fn out(&self, text: &str) -> Result<(), Failure> {
        let mut streams = self.0.borrow_mut();
        streams.is_pending = true;
        Ok(streams.out.write_all(text.as_bytes())?)
    }

    /// Flushes standard output.
    pub(super) fn flush(&self) -> Result<(), Failure> {
        Ok(self.0.borrow_mut().flush()?)
    }

    /// Writes to standard error, after flushing standard output so that the order is kept.
    pub(super) fn err(&self, text: &str) {
        let mut streams = self.0.borrow_mut();
        // An error of standard error cannot be reported; one of standard output is returned by the next write.
        let _ = streams.flush();
        let _ = streams.err.write_all(text.as_bytes());
    }

    /// Writes a line to standard error.
    pub(super) fn err_line(&self, line: &str) {
        self.err(&format!("{line}\n"));
    }

    /// Writes a phrase to standard error in the language of the output.
    pub(super) fn say(&self, phrase: &Phrase) {
        self.err_line(&phrase.in_language(self.language()));
    }

    /// Reports why the command failed.
    pub(super) fn fail(&self, fault: &Fault) {
        let code = fault.code.map(|code| format!("[{}]", code.number())).unwrap_or_default();
        let said = |phrase: &Phrase| phrase.in_language(self.language()).into_owned();
        let (kind, help) = (said(&say!("error")), said(&say!("help")));
        self.err_line(&format!("{RED}{kind}{code}{PLAIN}{BOLD}: {}{PLAIN}", said(&fault.message)));
        for sentence in &fault.help {
            self.err_line(&format!("  {help}: {}", said(sentence)));
        }
    }
}
