//! The data of the HTML report. In: lines, messages and client names during the replay. Out: totals, and the timelines of
//! the first clients.

use crate::diagnostic::Phrase;
use crate::engine::{Line, LineKind, Message, MessageId, Rendered};
use crate::say;
use crate::simulate::Variants;
use crate::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Limit: the number of clients whose timelines are shown, in the order of their first results.
pub(super) const MOST_CLIENTS: usize = 100;

/// Limit: the number of lines that are shown of one client.
pub(super) const MOST_LINES: usize = 200;

/// The collected data.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// The first clients, in the order of their first results.
    pub(super) shown: Vec<Shown>,
    /// The number of sent messages by channel.
    pub(super) sent: BTreeMap<String, u64>,
    /// The number of messages that were not sent, by channel and reason.
    pub(super) not_sent: BTreeMap<(String, String), u64>,
    /// The number of other results by kind.
    pub(super) done: BTreeMap<Done, u64>,
    /// The first and the last moment.
    pub(super) period: Option<(Timestamp, Timestamp)>,
    /// The first events that were rejected, and values that were left out.
    pub(super) faults: Vec<Fault>,
    /// The number of those that are not shown.
    pub(super) more_faults: u64,
    clients: BTreeSet<String>,
    places: BTreeMap<String, usize>,
    names: BTreeMap<String, String>,
    html: BTreeMap<MessageId, String>,
    /// The results of splits.
    pub(super) variants: Variants,
}

/// Limit: the number of rejected events and of values left out that are shown.
pub(super) const MOST_FAULTS: usize = 200;

/// An event that was rejected, or a value that was left out of one.
#[derive(Debug)]
pub(super) struct Fault {
    /// The line of the event.
    pub(super) line: Option<u64>,
    /// Whether the rest of the event was taken.
    pub(super) partial: bool,
    /// What is wrong.
    pub(super) message: Phrase,
}

/// A kind of result other than a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Done {
    Call,
    Emit,
    Set,
    Goal,
    Halt,
    Ignored,
    Tag,
    Untag,
    Task,
    Unknown,
}

impl Done {
    /// The label of the total.
    pub(super) fn phrase(self) -> Phrase {
        match self {
            Self::Call => say!("calls"),
            Self::Emit => say!("events emitted"),
            Self::Set => say!("fields set"),
            Self::Goal => say!("goals reached"),
            Self::Halt => say!("endless loops stopped"),
            Self::Ignored => say!("older values ignored"),
            Self::Tag => say!("tags added"),
            Self::Untag => say!("tags removed"),
            Self::Task => say!("tasks"),
            Self::Unknown => say!("unknown"),
        }
    }
}

/// A client whose timeline is shown.
#[derive(Debug)]
pub(super) struct Shown {
    /// The id of the client.
    pub(super) client: String,
    /// The first lines.
    pub(super) lines: Vec<Line>,
    /// The number of lines that are not shown.
    pub(super) more: u64,
}

impl Report {
    /// A report of nothing yet.
    pub(super) fn new(variants: Variants) -> Self {
        Self { variants, ..Self::default() }
    }

    /// Stores the name of a client.
    pub(super) fn set_name(&mut self, client: &str, name: &str) {
        self.names.insert(client.to_owned(), name.to_owned());
    }

    /// The name of a client, if it is known.
    pub(super) fn name_of(&self, client: &str) -> Option<&str> {
        self.names.get(client).map(String::as_str)
    }

    /// The number of clients with lines.
    pub(super) fn clients(&self) -> usize {
        self.clients.len()
    }

    /// The HTML body of an email that is shown.
    pub(super) fn html_of(&self, message: &MessageId) -> Option<&str> {
        self.html.get(message).map(String::as_str)
    }

    /// Adds a rejected event, or a value that was left out.
    pub(super) fn add_fault(&mut self, fault: Fault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        } else {
            self.more_faults += 1;
        }
    }

    /// Adds a line to the totals and to its client's timeline.
    pub(super) fn add_line(&mut self, line: &Line) {
        self.count(&line.kind);
        self.variants.add(line);
        let (from, to) = self.period.unwrap_or((line.at, line.at));
        self.period = Some((from.min(line.at), to.max(line.at)));
        let client = &line.client.0;
        self.clients.insert(client.clone());
        if !is_shown(&line.kind) {
            return;
        }
        let room = self.shown.len() < MOST_CLIENTS;
        if !self.places.contains_key(client) && room {
            self.places.insert(client.clone(), self.shown.len());
            self.shown.push(Shown { client: client.clone(), lines: Vec::new(), more: 0 });
        }
        let Some(shown) = self.places.get(client).and_then(|place| self.shown.get_mut(*place)) else { return };
        if shown.lines.len() < MOST_LINES {
            shown.lines.push(line.clone());
        } else {
            shown.more += 1;
        }
    }

    /// Stores the HTML body of a message, which its line does not contain.
    pub(super) fn add_message(&mut self, message: &Message) {
        if let Rendered::Email { html: Some(html), .. } = &message.content
            && self.places.contains_key(&message.client.0)
        {
            self.html.insert(message.id.clone(), html.clone());
        }
    }

    fn count(&mut self, kind: &LineKind) {
        let mut done = |what| *self.done.entry(what).or_insert(0) += 1;
        match kind {
            LineKind::Send { channel, .. } => *self.sent.entry(channel.clone()).or_insert(0) += 1,
            LineKind::NotSent { channel, reason, .. } => {
                *self.not_sent.entry((channel.clone(), reason.clone())).or_insert(0) += 1;
            }
            LineKind::Unknown { .. } => done(Done::Unknown),
            LineKind::Set { .. } => done(Done::Set),
            LineKind::Tag { .. } => done(Done::Tag),
            LineKind::Untag { .. } => done(Done::Untag),
            LineKind::Task { .. } => done(Done::Task),
            LineKind::Call { .. } => done(Done::Call),
            LineKind::Emit { .. } => done(Done::Emit),
            LineKind::Goal { .. } => done(Done::Goal),
            LineKind::Halt { .. } => done(Done::Halt),
            LineKind::Ignored { .. } => done(Done::Ignored),
            LineKind::Start { .. }
            | LineKind::Enter { .. }
            | LineKind::NotEntered { .. }
            | LineKind::Incomplete { .. }
            | LineKind::Merge { .. }
            | LineKind::Answer { .. }
            | LineKind::Exit { .. }
            | LineKind::Decide { .. }
            | LineKind::Wait { .. } => {}
        }
    }
}

/// Whether a line appears in the timeline; intermediate steps are shown as counts in the graph.
fn is_shown(kind: &LineKind) -> bool {
    kind.is_result()
}
