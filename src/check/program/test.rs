//! Checked tests: what happens to whom, and what is expected of it.

use crate::source::Span;
use crate::value::Timestamp;
use serde_json::{Map, Value as Json};

/// A checked `test`.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What it is called.
    pub title: String,
    /// Where its title stands.
    pub span: Span,
    /// The IANA name of the zone in which its moments are written.
    pub zone: String,
    /// What happens, in order of time.
    pub events: Vec<TestEvent>,
    /// What is expected, in the order of the text.
    pub expected: Vec<Expected>,
    /// Where it says `expect nothing else`.
    pub nothing_else: Option<Span>,
    /// The last moment that it looks at.
    pub until: Option<Timestamp>,
}

/// Something that happens in a test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestEvent {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub client: String,
    /// A declared event, or `client` for the client's own fields.
    pub event: String,
    /// Its fields, as JSON.
    pub data: Map<String, Json>,
    /// The line.
    pub span: Span,
}

/// An `expect` of something, or of its absence.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Of whom.
    pub client: String,
    /// When; `None` for any time.
    pub when: Option<When>,
    /// Whether it is not to happen.
    pub absent: bool,
    /// What.
    pub kind: ExpectedKind,
    /// The channel, field, event, funnel, tag or action that it names.
    pub target: Option<String>,
    /// The template of a message.
    pub template: Option<String>,
    /// The address of a message, the person of a task, the URL of a call, the value of a field.
    pub to: Option<Json>,
    /// What its words hold.
    pub containing: Vec<String>,
    /// As written, without `expect` and the moment: `send sms containing "Anna"`.
    pub text: String,
    /// The line.
    pub span: Span,
}

/// A moment as exact as it was written: a second, a minute or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Whether a time of day was written.
    pub timed: bool,
}

impl When {
    /// Whether an instant is in it.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        (self.from..self.to).contains(&at)
    }
}

/// The kinds of thing that can be expected.
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
