//! The output of the engine: messages to send, lines of the trace, and which parts of the state changed.

use super::id::{ClientId, MessageId, RunId};
use super::input::Event;
use super::message::Message;
use super::record::{Fields, Record, RecordId, Subject};
use super::state::{Client, Run};
use crate::graph::ElementId;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The effects of one input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    /// Messages to send, in order.
    pub messages: Vec<Message>,
    /// The lines of the trace, in order.
    pub lines: Vec<Line>,
    /// Runs that ended. They are no longer in the client's state.
    pub ended: Vec<Run>,
    /// Active runs that are new or moved.
    pub runs: BTreeSet<RunId>,
    /// Records that are new, changed, or no longer the client's.
    pub records: BTreeSet<RecordId>,
    /// The record that was taken away from the client.
    pub released: Option<Record>,
    /// Everything of a client who is now another one.
    pub left: Option<Box<Client>>,
    /// Whether the client's own fields changed.
    pub client: bool,
    /// Whether the client's memory changed.
    pub memory: bool,
    /// New entries of the append-only consent log, in order.
    pub consents: Vec<ConsentEntry>,
    /// Changed entry counts, by funnel and key.
    pub entered: BTreeSet<(String, String)>,
    /// Events that runs emitted, in order. They have been handled already.
    pub emitted: Vec<Event>,
    /// What still has to be handled within this input.
    pub(in crate::engine) follow_ups: VecDeque<FollowUp>,
}

/// Something that a run sets off for its client, handled at the same instant.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) enum FollowUp {
    /// An emitted event.
    Event(Event),
    /// A client field with a new value, which other runs may wait for.
    FieldChanged(String),
    /// A funnel whose runs are to end, and the funnel of the run that ends them.
    StopFunnel { funnel: String, by: String },
    /// A run began or ended in a funnel that conditions ask about.
    RunsChanged,
    /// Another funnel to start, with the subjects of the run.
    Start { funnel: String, subjects: BTreeMap<String, Subject> },
}

/// One statement of consent: who, when, about what, which text, from where. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEntry {
    /// The id, the same on every host; messages refer to it.
    pub id: String,
    /// Who made the statement.
    pub client: ClientId,
    /// When it was made.
    pub at: Timestamp,
    /// The channel; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The topic; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Whether consent was granted or revoked.
    pub granted: bool,
    /// The text that the client agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where it was given: a form, a front desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The id of the event that reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// One thing that happened in a run: a line of `simulate` and `run`, a row of the trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it happened.
    pub at: Timestamp,
    /// The IANA name of the run's zone, or `UTC`; `at` is displayed in it.
    pub zone: String,
    /// The client of the run.
    pub client: ClientId,
    /// The run; empty, as are funnel and element, in a line about the client alone.
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
    /// The client did not enter, because an exit of the funnel applied already.
    NotEntered {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        reason: String,
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
    /// Whether a message was sent cannot be known.
    Unknown { message: MessageId, channel: String, to: String, reason: String },
    /// A client field was set.
    Set { field: String, value: serde_json::Value },
    /// A tag was added.
    Tag { tag: String },
    /// A tag was removed.
    Untag { tag: String },
    /// A task for a person was created; `due` is RFC 3339.
    Task {
        message: MessageId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<String>,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<String>,
    },
    /// A request was sent to another system: `to` is the URL, or the action of a `do`.
    Call { message: MessageId, channel: String, to: String, body: Fields },
    /// Another system answered: the declared fields that are known now, and those whose value has another type. The
    /// values stay with the run.
    Answer {
        event: String,
        known: Vec<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left_out: Vec<String>,
    },
    /// The run emitted an event.
    Emit { event: String, data: Fields },
    /// The run started another funnel for its client.
    Start { started: String },
    /// The run reached the goal of its funnel; `worth` is an amount or a number.
    Goal {
        event: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        worth: Option<serde_json::Value>,
    },
    /// Too much followed from one input, and the rest was dropped.
    Halt { reason: String },
    /// An event contained values older than those that are known; `fields` are those values, `happened` is RFC 3339. The
    /// line concerns no run, so it has no `run`, `funnel` and `element`.
    Ignored {
        event: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        fields: Fields,
        happened: String,
    },
    /// An event of a record was stored that does not have all required fields yet; concerns no run.
    Incomplete { event: String, key: String, missing: Vec<String> },
    /// Everything of another client became this client's; concerns no run.
    Merge { from: ClientId },
    /// A condition was decided.
    Decide {
        result: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A wait began, or its end moved; `until` is RFC 3339, absent when only an event can end the wait.
    Wait {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<String>,
    },
}

impl LineKind {
    /// Whether the line is shown by default, unlike intermediate steps such as a decision.
    #[must_use]
    pub fn is_result(&self) -> bool {
        !matches!(self, Self::Decide { .. } | Self::Wait { .. })
    }
}
