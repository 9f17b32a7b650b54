//! What comes out of the engine: messages to send, lines to write, and which parts of the state changed.

use super::id::{ClientId, MessageId, RunId};
use super::input::Event;
use super::message::Message;
use super::record::{Fields, RecordId, Subject};
use super::state::Run;
use crate::graph::ElementId;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// All that one input did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    /// Messages to hand to their channels, in order.
    pub messages: Vec<Message>,
    /// What happened, in order.
    pub lines: Vec<Line>,
    /// Runs that are new, moved or ended. An ended one is no longer in the client's state: it is here.
    pub ended: Vec<Run>,
    /// Runs that are new or moved and still going.
    pub runs: BTreeSet<RunId>,
    /// Records that are new or changed.
    pub records: BTreeSet<RecordId>,
    /// Whether the client's own fields changed.
    pub client: bool,
    /// Whether what else is remembered of the client changed.
    pub memory: bool,
    /// What the client said about being written to, in order; a log that only grows.
    pub consents: Vec<ConsentEntry>,
    /// Entry memory that changed: (funnel, key).
    pub entered: BTreeSet<(String, String)>,
    /// Events that runs made happen, in order; they have been taken already.
    pub emitted: Vec<Event>,
    /// What is to follow within this input: emitted events and started funnels.
    pub(in crate::engine) follow_ups: VecDeque<FollowUp>,
}

/// What a run sets off for its client, taken in the same instant.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) enum FollowUp {
    /// An event.
    Event(Event),
    /// A field of the client's has another value, which other runs may wait for.
    FieldChanged(String),
    /// Another funnel, with what the run is about.
    Start { funnel: String, subjects: BTreeMap<String, Subject> },
}

/// One thing that a client said: who, when, about what, which text, from where. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEntry {
    /// Its id, the same on every host; messages name it.
    pub id: String,
    /// Who.
    pub client: ClientId,
    /// When it was said.
    pub at: Timestamp,
    /// About which channel; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// About which topic; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Whether messages are wanted.
    pub granted: bool,
    /// The text that was agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// From where: a form, a desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The id of the event that told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// One thing that happened in a run: a line of `simulate` and `run`, a row of the trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// The IANA name of the run's zone, `UTC` when it has none; `at` is shown in it.
    pub zone: String,
    /// Whose run.
    pub client: ClientId,
    /// Which run.
    pub run: RunId,
    /// The funnel.
    pub funnel: String,
    /// The element.
    pub element: ElementId,
    /// What happened.
    #[serde(flatten)]
    pub kind: LineKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[allow(missing_docs, reason = "the fields are those of the message or element the line is about")]
pub enum LineKind {
    /// A run began.
    Enter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// A run ended.
    Exit { reason: String },
    /// A message was handed to its channel.
    Send {
        message: MessageId,
        channel: String,
        to: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<String>,
    },
    /// A message was not sent; `message` is its id when it had left the engine.
    NotSent {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
        channel: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        reason: String,
    },
    /// Whether a message went out cannot be known.
    Unknown { message: MessageId, channel: String, to: String, reason: String },
    /// A client field got a value.
    Set { field: String, value: serde_json::Value },
    /// A tag was put on.
    Tag { tag: String },
    /// A tag was taken off.
    Untag { tag: String },
    /// A job for a person was made; `due` is RFC 3339.
    Task {
        message: MessageId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<String>,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<String>,
    },
    /// Another system was asked: `to` is the URL, or the action of a `do`.
    Call { message: MessageId, channel: String, to: String, body: Fields },
    /// The run made an event happen.
    Emit { event: String, data: Fields },
    /// The run started another funnel for its client.
    Start { started: String },
    /// The run reached what its funnel is for; `worth` is an amount or a number.
    Goal {
        event: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        worth: Option<serde_json::Value>,
    },
    /// So much followed from one thing at one instant that the rest was left out.
    Halt { reason: String },
    /// A condition was decided.
    Decide {
        result: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A wait began, or its end moved; `until` is RFC 3339, absent when only an event can end it.
    Wait {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<String>,
    },
}

impl LineKind {
    /// Whether people see it without asking: not a step on the way, such as a decision.
    #[must_use]
    pub fn is_result(&self) -> bool {
        !matches!(self, Self::Decide { .. } | Self::Wait { .. })
    }
}
