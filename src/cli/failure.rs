//! Errors that keep a command from doing its work. They lead to exit code 2.

use crate::diagnostic::{Code, Phrase};
use crate::import::Unreadable;
use crate::project::ReadError;
use crate::say;
use std::io;
use std::path::Path;

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) enum Failure {
    /// The reader of the output has closed it.
    Closed,
    /// Already reported, as findings.
    Reported,
    /// An error that is still to be reported.
    Error(Fault),
}

/// An error message.
#[derive(Debug)]
pub(super) struct Fault {
    /// The code, if the error has a page in `funnelc explain`.
    pub(super) code: Option<Code>,
    /// One line: lower-case start, no full stop.
    pub(super) message: Phrase,
    /// What to do about it, one sentence each.
    pub(super) help: Vec<Phrase>,
}

impl Failure {
    /// Creates an error from its message.
    pub(super) fn new(message: Phrase) -> Self {
        Self::Error(Fault { code: None, message, help: Vec::new() })
    }

    /// Creates an error from an I/O error: ``cannot read `x`: no such file or folder``.
    pub(super) fn io(what: Phrase, fault: &io::Error) -> Self {
        if let Some(reason) = Unreadable::of(fault) {
            return Self::new(say!("{what}: {reason}", what, reason = reason.phrase())).help(reason.help());
        }
        let reason = match fault.kind() {
            io::ErrorKind::NotFound => say!("no such file or folder"),
            io::ErrorKind::PermissionDenied => say!("permission denied"),
            _ => Phrase::verbatim(fault.to_string()),
        };
        Self::new(say!("{what}: {reason}", what, reason))
    }

    /// A file or folder could not be read.
    pub(super) fn read(path: &Path, fault: &io::Error) -> Self {
        Self::io(say!("cannot read `{path}`", path = path.display().to_string()), fault)
    }

    /// A file of a workspace could not be read.
    pub(super) fn unread(unread: ReadError) -> Self {
        Self::read(&unread.path, &unread.fault)
    }

    /// A file could not be written.
    pub(super) fn write(path: &Path, fault: &io::Error) -> Self {
        Self::io(say!("cannot write `{path}`", path = path.display().to_string()), fault)
    }

    /// Sets the code.
    pub(super) fn code(mut self, code: Option<Code>) -> Self {
        if let Self::Error(fault) = &mut self {
            fault.code = code;
        }
        self
    }

    /// Adds a help message.
    pub(super) fn help(mut self, sentence: Phrase) -> Self {
        if let Self::Error(fault) = &mut self {
            fault.help.push(sentence);
        }
        self
    }
}

/// An error while writing results. A closed pipe is not reported.
impl From<io::Error> for Failure {
    fn from(fault: io::Error) -> Self {
        if fault.kind() == io::ErrorKind::BrokenPipe {
            Self::Closed
        } else {
            Self::io(say!("cannot write the output"), &fault)
        }
    }
}
