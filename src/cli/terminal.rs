//! Where words go: results to standard output, progress and failures to standard error, colour only where wanted.

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

/// Both streams of the command; clones write to the same ones.
#[derive(Clone)]
pub(super) struct Terminal(Rc<RefCell<Streams>>);

struct Streams {
    out: BufWriter<AutoStream<io::Stdout>>,
    err: AutoStream<io::Stderr>,
    language: Language,
}

impl Terminal {
    /// Opens both streams; `auto` colours each that is a terminal, unless `NO_COLOR` is set.
    pub(super) fn new(color: Color, language: Language) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let out = BufWriter::new(AutoStream::new(io::stdout(), choice));
        Self(Rc::new(RefCell::new(Streams { out, err: AutoStream::new(io::stderr(), choice), language })))
    }

    /// The language of what is said.
    pub(super) fn language(&self) -> Language {
        self.0.borrow().language
    }

    /// Whether results are coloured.
    pub(super) fn colored(&self) -> bool {
        self.0.borrow().out.get_ref().current_choice() != ColorChoice::Never
    }

    /// Whether what stands beside the results is coloured.
    pub(super) fn err_colored(&self) -> bool {
        self.0.borrow().err.current_choice() != ColorChoice::Never
    }

    /// Writes results as they are.
    pub(super) fn out(&self, text: &str) -> Result<(), Failure> {
        Ok(self.0.borrow_mut().out.write_all(text.as_bytes())?)
    }

    /// Lets results go now, for whoever is looking on.
    pub(super) fn flush(&self) -> Result<(), Failure> {
        Ok(self.0.borrow_mut().out.flush()?)
    }

    /// Writes beside the results, as it is. What was written before comes before it.
    pub(super) fn err(&self, text: &str) {
        let mut streams = self.0.borrow_mut();
        // Nothing is left to tell a fault of standard error to; one of standard output comes back at the next write.
        let _ = streams.out.flush();
        let _ = streams.err.write_all(text.as_bytes());
    }

    /// Says something beside the results: a summary, progress.
    pub(super) fn err_line(&self, line: &str) {
        self.err(&format!("{line}\n"));
    }

    /// Says a phrase beside the results, in the language of what is said.
    pub(super) fn say(&self, phrase: &Phrase) {
        self.err_line(&phrase.in_language(self.language()));
    }

    /// Says why the command could not do its work.
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
