//! The durable host of the engine on one machine. In: a project, a store, channels and events. Out: messages that left,
//! lines of what happened, all of it on disk before anyone is told.
//!
//! ```text
//! file, stdin, HTTP -> inbox -> writer (engine, one batch) -> commit -> lines, verdicts
//!                                  ^  timers                    |
//!                                  +---- outcomes <- dispatch <-+ outbox
//! ```
//!
//! The order is the same as in a simulation: inputs in order of time; at one instant an event comes before a timer;
//! timers in order of (time, run); events as they arrived; the outcome of a message that a run waits for comes
//! before anything else.

mod cache;
pub mod clock;
mod dispatch;
mod forward;
mod host;
mod inbox;
pub mod ingest;
mod lane;
mod live;
mod outcome_order;
mod pending;
mod processor;
mod retry;
mod timers;

pub use host::{Host, Stopper};
pub use inbox::{Closed, Inbox, IncomingEvent, MalformedEvent};
pub use ingest::Source;
pub use processor::Project;
pub use retry::Retry;

use crate::channel::Channels;
use crate::diagnostic::{Code, Phrase};
use crate::engine::Line;
use crate::say;
use crate::store::{self, Store};
use std::fmt;

use dispatch::Delivery;

/// Limit: inputs in one transaction, about.
const BATCH: usize = 512;

/// What a host runs, and with what.
pub struct RunConfig {
    /// What the engine must know.
    pub project: Project,
    /// Where its state is kept.
    pub store: Box<dyn Store>,
    /// How messages leave.
    pub channels: Channels,
    /// How deliveries that failed are tried again.
    pub retry: Retry,
    /// Where events come from, beside the [inbox](Host::inbox).
    pub source: Option<Source>,
    /// Which time it runs in.
    pub mode: Mode,
    /// Whether SIGINT and SIGTERM end it cleanly.
    pub signals: bool,
    /// Is told each line after it is on disk, in order.
    pub on_line: Box<dyn FnMut(&Line)>,
    /// Is told each refused event after it is on disk, in order.
    pub on_rejected: Box<dyn FnMut(&Rejected)>,
}

/// Which time a host runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A virtual clock that jumps to the next event or timer, and ends after the last.
    FastForward,
    /// Real time, until nothing more can happen.
    RealTime,
    /// Real time, until it is stopped: events may come through the [inbox](Host::inbox).
    Service,
}

/// An event that was not taken. It is kept among the dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where it came from.
    pub source: String,
    /// Its line there, from 1.
    pub line: Option<u64>,
    /// Its own id.
    pub id: Option<String>,
    /// Which rule it breaks.
    pub code: Code,
    /// How.
    pub message: Phrase,
    /// What to do.
    pub help: Phrase,
}

/// What became of an event; said when it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Accepted,
    /// It was taken before, and changed nothing now.
    Duplicate,
    /// It was not taken.
    Rejected(Rejected),
}

/// What a host did until it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Events that were taken.
    pub events: u64,
    /// Events that had been taken before.
    pub duplicates: u64,
    /// Events that were not taken.
    pub rejected: u64,
    /// Runs that began.
    pub entered: u64,
    /// Messages that their providers took.
    pub sent: u64,
    /// Messages that did not go out.
    pub not_sent: u64,
    /// Messages of which nobody can tell.
    pub unknown: u64,
    /// Transactions on disk.
    pub commits: u64,
    /// Whether it was asked to end before its work was done.
    pub interrupted: bool,
}

/// Why a host ended before its work was done. What is on disk is consistent; starting again goes on from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunError {
    /// The store refuses.
    Store(store::Error),
    /// The events cannot be read.
    Source(String),
    /// The system gives no threads or signals.
    System(String),
}

impl From<store::Error> for RunError {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl RunError {
    /// The code of the finding, when it has a page.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Store(error) => error.code(),
            Self::Source(_) | Self::System(_) => None,
        }
    }

    /// The fault in words.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::Store(error) => error.phrase(),
            Self::Source(detail) => say!("cannot read the events: {detail}", detail),
            Self::System(detail) => say!("the system refuses: {detail}", detail),
        }
    }

    /// What to do.
    #[must_use]
    pub fn help(&self) -> Phrase {
        match self {
            Self::Store(error) => error.help(),
            Self::Source(_) => {
                say!("check the path and the rights on the file, then start again: it goes on where it was")
            }
            Self::System(_) => say!("free some resources of the machine, then start again: it goes on where it was"),
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}

impl std::error::Error for RunError {}

/// Runs a project until its work is done or it is stopped.
///
/// # Errors
/// When the store or the source fails. What was acknowledged is on disk.
pub fn run(config: RunConfig) -> Result<Summary, RunError> {
    Host::new(config)?.run()
}
