//! What a report is made of. In: lines, messages and names as they come. Out: counts of everything, and the timelines of
//! the first clients.

use crate::diagnostic::Phrase;
use crate::engine::{Line, LineKind, Message, MessageId, Rendered};
use crate::say;
use crate::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Limit: so many clients are shown, those to whom something happened first.
pub(super) const MOST_CLIENTS: usize = 100;

/// Limit: so many lines of one client are shown.
pub(super) const MOST_LINES: usize = 200;

/// Everything that is shown.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// The first clients, in the order in which something happened to them.
    pub(super) shown: Vec<Shown>,
    /// How many messages went out, by channel.
    pub(super) sent: BTreeMap<String, u64>,
    /// How many did not, by channel and reason.
    pub(super) not_sent: BTreeMap<(String, String), u64>,
    /// How many other results there were, by kind.
    pub(super) done: BTreeMap<Done, u64>,
    /// The first and the last moment.
    pub(super) period: Option<(Timestamp, Timestamp)>,
    clients: BTreeSet<String>,
    places: BTreeMap<String, usize>,
    names: BTreeMap<String, String>,
    html: BTreeMap<MessageId, String>,
}

/// A kind of result other than a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Done {
    Call,
    Emit,
    Set,
    Goal,
    Halt,
    Tag,
    Untag,
    Task,
    Unknown,
}

impl Done {
    /// The label of the number of such results.
    pub(super) fn phrase(self) -> Phrase {
        match self {
            Self::Call => say!("calls"),
            Self::Emit => say!("events emitted"),
            Self::Set => say!("fields set"),
            Self::Goal => say!("goals reached"),
            Self::Halt => say!("endless loops stopped"),
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
    /// Who.
    pub(super) client: String,
    /// What happened.
    pub(super) lines: Vec<Line>,
    /// How many lines more there are.
    pub(super) more: u64,
}

impl Report {
    /// Remembers what a client is called.
    pub(super) fn set_name(&mut self, client: &str, name: &str) {
        self.names.insert(client.to_owned(), name.to_owned());
    }

    /// What a client is called, if anyone told.
    pub(super) fn name_of(&self, client: &str) -> Option<&str> {
        self.names.get(client).map(String::as_str)
    }

    /// How many clients something happened to.
    pub(super) fn clients(&self) -> usize {
        self.clients.len()
    }

    /// The HTML part of an email that is shown.
    pub(super) fn html_of(&self, message: &MessageId) -> Option<&str> {
        self.html.get(message).map(String::as_str)
    }

    /// Takes in a line.
    pub(super) fn add_line(&mut self, line: &Line) {
        self.count(&line.kind);
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

    /// Takes in a message, for the parts of it that its line does not have.
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
            LineKind::Start { .. }
            | LineKind::Enter { .. }
            | LineKind::Exit { .. }
            | LineKind::Decide { .. }
            | LineKind::Wait { .. } => {}
        }
    }
}

/// Whether a line has a place in a client's timeline; the drawn graph shows the steps on the way.
fn is_shown(kind: &LineKind) -> bool {
    kind.is_result()
}
