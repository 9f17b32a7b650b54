//! Checked tests: events, and what is expected after them.

use crate::source::Span;
use crate::value::{Duration, TimeOfDay, Timestamp};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// A checked `test`.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Its title.
    pub title: String,
    /// The span of its title.
    pub span: Span,
    /// The IANA name of the zone in which its moments are written.
    pub zone: String,
    /// The events, in order of time.
    pub events: Vec<TestEvent>,
    /// What providers do, in source order.
    pub given: Vec<Given>,
    /// The expectations, in source order.
    pub expected: Vec<Expected>,
    /// Each `expect nothing else`.
    pub nothing_else: Vec<NothingElse>,
    /// The end of the test.
    pub until: Option<Timestamp>,
}

/// An event of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestEvent {
    /// Its time.
    pub at: Timestamp,
    /// The client.
    pub client: String,
    /// A declared event, or `client` for the client's own fields.
    pub event: String,
    /// Its fields, as JSON.
    pub data: Map<String, Json>,
    /// The span of the line.
    pub span: Span,
}

/// An `expect` of something, or of its absence.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The client.
    pub client: String,
    /// The moment; `None` for any time.
    pub when: Option<When>,
    /// Whether it must not happen.
    pub absent: bool,
    /// What is expected.
    pub kind: ExpectedKind,
    /// The channel, field, event, funnel, tag or action.
    pub target: Option<String>,
    /// The template of a message.
    pub template: Option<String>,
    /// The recipient of a message, the assignee of a task, the URL of a call, or the value of a field.
    pub to: Option<Json>,
    /// Its whole text.
    pub exact: Option<String>,
    /// Its values.
    pub data: Map<String, Json>,
    /// When a task is due.
    pub due: Option<(Duration, Option<TimeOfDay>)>,
    /// Substrings of its text.
    pub containing: Vec<String>,
    /// As written, without `expect` and the moment: `send sms containing "Anna"`.
    pub text: String,
    /// The span of the line.
    pub span: Span,
}

/// What a provider does with messages, or another system with requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The client whose messages it is about; `None` for all.
    pub client: Option<String>,
    /// Since when; `None` for always.
    pub from: Option<Timestamp>,
    /// The channel, `call` or `do`.
    pub channel: String,
    /// The URL or the action; `None` for all.
    pub to: Option<String>,
    /// What it does with them.
    pub does: GivenDoes,
    /// The span of the line.
    pub span: Span,
}

/// What a provider or another system does in a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenDoes {
    /// It refuses, with this reason if the test says it.
    Fails(Option<String>),
    /// It answers with these values.
    Answers(Map<String, Json>),
}

/// `expect nothing else`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NothingElse {
    /// The funnels that must do nothing else; `None` for all of the project.
    pub from: Option<BTreeSet<String>>,
    /// The span of the line.
    pub span: Span,
}

/// A moment with the precision in which it was written: a second, a minute or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Whether it has a time of day.
    pub timed: bool,
}

impl When {
    /// Whether it contains an instant.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        (self.from..self.to).contains(&at)
    }
}

/// The kinds of expectations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named like the line of a simulation that it is about")]
pub enum ExpectedKind {
    Send,
    NotSent,
    Task,
    Set,
    Tag,
    Untag,
    Call,
    Do,
    Emit,
    Start,
    Goal,
    Enter,
    Exit,
}

impl ExpectedKind {
    /// Every kind with its name in the language.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("send", Self::Send),
        ("not_sent", Self::NotSent),
        ("task", Self::Task),
        ("set", Self::Set),
        ("tag", Self::Tag),
        ("untag", Self::Untag),
        ("call", Self::Call),
        ("do", Self::Do),
        ("emit", Self::Emit),
        ("start", Self::Start),
        ("goal", Self::Goal),
        ("enter", Self::Enter),
        ("exit", Self::Exit),
    ];
}
