//! The durable host of the engine on one machine. In: a project, a store, channels and events. Out: sent messages and
//! lines of what happened, all of it on disk before it is reported.
//!
//! ```text
//! file, stdin, HTTP -> inbox -> processor (engine, one batch) -> commit -> lines, verdicts
//!                                  ^  timers                       |
//!                                  +---- outcomes <--- dispatch <--+ outbox
//! ```
//!
//! The order is the same as in a simulation: inputs in order of time; at one instant events before timers; timers in
//! order of (time, run); events in order of arrival; the outcome of a message that a run waits for before anything
//! else.

mod cache;
mod clearance;
pub mod clock;
mod completion;
mod dispatch;
mod duplicate;
mod event_reader;
mod forward;
mod health;
mod host;
mod inbox;
pub mod ingest;
mod lane;
mod live;
mod log_file;
mod opt_out;
mod outcome_order;
mod pending;
mod processor;
mod question;
mod retry;
mod set_aside;
mod signals;
mod texts;
mod timers;
pub(crate) mod torn_event;

pub use event_reader::{EventReader, Tables};
pub use health::{Counts, Health, LaneReport, OpenRequest};
pub use host::{Host, Stopper};
pub use inbox::{Closed, Inbox, IncomingEvent, MalformedEvent};
pub use ingest::Source;
pub use log_file::LogFile;
pub use processor::Project;
pub use retry::Retry;

use crate::channel::Channels;
use crate::diagnostic::{Code, Phrase};
use crate::engine::{Line, Silences, UndeclaredFields};
use crate::import::Unreadable;
use crate::say;
use crate::store::{self, Store};
use std::fmt;

use dispatch::Delivery;

/// Limit: inputs in one transaction, approximately.
const BATCH: usize = 512;

/// Limit: timers in memory (at most twice as many).
const MAX_TIMERS: usize = 100_000;

/// What a host runs, and with what.
pub struct RunConfig {
    /// The project.
    pub project: Project,
    /// Where the state is kept.
    pub store: Box<dyn Store>,
    /// The channels that deliver messages.
    pub channels: Channels,
    /// How failed deliveries are retried.
    pub retry: Retry,
    /// Where events come from, in addition to the [inbox](Host::inbox).
    pub source: Option<Source>,
    /// Which time the host runs in.
    pub mode: Mode,
    /// Whether SIGINT and SIGTERM shut it down.
    pub signals: bool,
    /// Called with each line after it is on disk, in order.
    pub on_line: Box<dyn FnMut(&Line)>,
    /// Called with each rejected event, and with each part that was left out of an accepted one, after it is on disk, in
    /// order.
    pub on_rejected: Box<dyn FnMut(&Rejected)>,
}

/// Which time a host runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A virtual clock that jumps to the next event or timer, and ends after the last.
    FastForward,
    /// Real time, until nothing more can happen.
    RealTime,
    /// Real time, until the host is stopped: events may arrive through the [inbox](Host::inbox).
    Service,
}

/// A rejected event, or a part that was left out of an accepted one. It is kept among the dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where it came from.
    pub source: String,
    /// Its line in the source, from 1.
    pub line: Option<u64>,
    /// Its own id.
    pub id: Option<String>,
    /// The rule that it breaks.
    pub code: Code,
    /// What is wrong.
    pub message: Phrase,
    /// What to do.
    pub help: Phrase,
    /// Whether the rest of the event was accepted.
    pub partial: bool,
}

/// The verdict on an event, returned when it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was accepted, without these parts.
    Accepted(Vec<Rejected>),
    /// It was accepted before, and changes nothing now.
    Duplicate,
    /// It was rejected.
    Rejected(Rejected),
}

/// What a host did until it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Accepted events.
    pub events: u64,
    /// Duplicate events.
    pub duplicates: u64,
    /// Rejected events.
    pub rejected: u64,
    /// Events that happened before one that was handled earlier, in virtual time.
    pub late: u64,
    /// Whether the events of the file were sorted.
    pub sorted: bool,
    /// Values that were left out of accepted events.
    pub left_out: u64,
    /// Fields of accepted events that no declaration knows.
    pub undeclared: UndeclaredFields,
    /// Runs that began.
    pub entered: u64,
    /// Messages that their providers accepted.
    pub sent: u64,
    /// Messages that were printed instead of sent.
    pub printed: u64,
    /// Tasks for people.
    pub tasks: u64,
    /// Requests to other systems, performed or printed.
    pub calls: u64,
    /// Messages that were not sent.
    pub not_sent: u64,
    /// Why messages were not sent.
    pub silences: Silences,
    /// Messages whose outcome is unknown.
    pub unknown: u64,
    /// Committed transactions.
    pub commits: u64,
    /// Whether it was asked to stop before its work was done.
    pub interrupted: bool,
}

/// Why a host ended before its work was done. The state on disk is consistent, and the next start continues from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunError {
    /// The store failed.
    Store(store::Error),
    /// The events cannot be read.
    Source(String),
    /// The events are in a file that has another form.
    Form(Unreadable),
    /// The system provides no threads or signals.
    System(String),
}

impl From<store::Error> for RunError {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl RunError {
    /// The events could not be read.
    fn of_source(error: &std::io::Error) -> Self {
        Unreadable::of(error).map_or_else(|| Self::Source(error.to_string()), Self::Form)
    }

    /// The code of the error, when it has a page.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Store(error) => error.code(),
            Self::Source(_) | Self::Form(_) | Self::System(_) => None,
        }
    }

    /// The error, for people.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::Store(error) => error.phrase(),
            Self::Source(detail) => say!("cannot read the events: {detail}", detail),
            Self::Form(reason) => say!("cannot read the events: {detail}", detail = reason.phrase()),
            Self::System(detail) => say!("system error: {detail}", detail),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Phrase {
        match self {
            Self::Store(error) => error.help(),
            Self::Source(_) => {
                say!("check the path and the file permissions, then start again: work resumes where it stopped")
            }
            Self::Form(reason) => reason.help(),
            Self::System(_) => {
                say!("free some resources of the machine, then start again: work resumes where it stopped")
            }
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
