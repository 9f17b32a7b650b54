//! Why a command could not do its work; ends in exit code 2.

use crate::diagnostic::{Code, Phrase};
use crate::project::ReadError;
use crate::say;
use std::io;
use std::path::Path;

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) enum Failure {
    /// Whoever reads the output has closed it.
    Closed,
    /// It was told already, as findings.
    Reported,
    /// A fault that is told to the user.
    Error(Fault),
}

/// A fault in words.
#[derive(Debug)]
pub(super) struct Fault {
    /// The code, when it has a page.
    pub(super) code: Option<Code>,
    /// One line: lower-case start, no full stop.
    pub(super) message: Phrase,
    /// What to do about it, each a sentence.
    pub(super) help: Vec<Phrase>,
}

impl Failure {
    /// A fault in words.
    pub(super) fn new(message: Phrase) -> Self {
        Self::Error(Fault { code: None, message, help: Vec::new() })
    }

    /// A fault of the machine about something: ``cannot read `x`: no such file or folder``.
    pub(super) fn io(what: Phrase, fault: &io::Error) -> Self {
        let reason = match fault.kind() {
            io::ErrorKind::NotFound => say!("no such file or folder"),
            io::ErrorKind::PermissionDenied => say!("permission denied"),
            _ => Phrase::verbatim(fault.to_string()),
        };
        Self::new(say!("{what}: {reason}", what, reason))
    }

    /// A file or folder that cannot be read.
    pub(super) fn read(path: &Path, fault: &io::Error) -> Self {
        Self::io(say!("cannot read `{path}`", path = path.display().to_string()), fault)
    }

    /// A file of a workspace that cannot be read.
    pub(super) fn unread(unread: ReadError) -> Self {
        Self::read(&unread.path, &unread.fault)
    }

    /// A file that cannot be written.
    pub(super) fn write(path: &Path, fault: &io::Error) -> Self {
        Self::io(say!("cannot write `{path}`", path = path.display().to_string()), fault)
    }

    /// Gives it a code that has a page.
    pub(super) fn code(mut self, code: Option<Code>) -> Self {
        if let Self::Error(fault) = &mut self {
            fault.code = code;
        }
        self
    }

    /// Adds a way out.
    pub(super) fn help(mut self, sentence: Phrase) -> Self {
        if let Self::Error(fault) = &mut self {
            fault.help.push(sentence);
        }
        self
    }
}

/// A fault while writing results: a closed pipe is not told.
impl From<io::Error> for Failure {
    fn from(fault: io::Error) -> Self {
        if fault.kind() == io::ErrorKind::BrokenPipe {
            Self::Closed
        } else {
            Self::io(say!("cannot write the output"), &fault)
        }
    }
}
