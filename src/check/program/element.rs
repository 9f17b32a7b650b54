//! Checked elements: conditions, waits and actions.

use super::{Expr, OfMessage, Pattern, Step};
use crate::value::{Decimal, Duration, TimeOfDay, Weekday};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The label of the step after the block that contains the `goto`.
pub const NEXT: &str = "next";

/// The label of the end of the path: of the entry, of a `parallel` path, or of a round of a `repeat`.
pub const END: &str = "end";

/// A checked element. Large parts are shared with the graph of the funnel.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Element {
    /// Two paths. In `if c -> A -> B`, `then` contains the rest of the chain, and nothing follows the element.
    If { condition: Expr, then: Vec<Step>, otherwise: Vec<Step> },
    /// `wait 24h`, `wait 1d at 10:00`
    WaitDuration { duration: Duration, at: Option<TimeOfDay> },
    /// `wait until moment else ..`
    WaitUntil { moment: Moment, on_past: Past },
    /// `send sms thanks`; `on_not_sent` is the `else` path, `None` if there is none.
    Send { send: Arc<Send>, on_not_sent: Option<Vec<Step>> },
    /// `set client.city = "Berlin"`; for `set client.bonus += 500`, `value` is `client.bonus + 500`, and `from_zero` says
    /// that a missing `client.bonus` counts as 0.
    Set { field: String, value: Expr, from_zero: bool },
    /// `tag ".."` (`add`), `untag ".."`
    Tag { tag: Expr, add: bool },
    /// `stop`
    Stop,
    /// One of several paths, by the value of an expression; `later` fields are waited for.
    Match { subject: Expr, cases: Vec<Case>, otherwise: Vec<Step> },
    /// One of several paths, by a hash of client, funnel and name: the same client always takes the same path.
    Split { name: Option<String>, shares: Vec<Share>, otherwise: Vec<Step> },
    /// All paths in parallel; the next step starts when all have ended.
    Parallel { paths: Vec<Vec<Step>> },
    /// The body, `times` times.
    Repeat { times: u32, body: Vec<Step> },
    /// `wait for event up to 2d`: `on_event` runs when the event arrives, `on_timeout` when the time is up. With
    /// `else skip` (`skips`), the next element is skipped then.
    WaitEvent { wait: Arc<WaitEvent>, on_event: Vec<Step>, on_timeout: Vec<Step>, skips: bool },
    /// `task "Call back"`: a task for a person.
    Task(Arc<Task>),
    /// `call ".."`, `do sync_crm(..)`; `on_failed` is the `else` path, `None` if there is none.
    Call { call: Call, on_failed: Option<Vec<Step>> },
    /// `emit won_back { .. }`
    Emit { event: String, data: Vec<(String, Expr)> },
    /// `start other`: another funnel for the same client and record.
    Start { funnel: String },
    /// `stop other`: ends the client's runs of another funnel.
    StopFunnel { funnel: String },
    /// `goto label`, or to [`NEXT`] or [`END`]
    Goto { label: String },
}

/// A path of a `match`.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The values of the subject that take this path.
    pub values: Vec<Expr>,
    /// Its steps.
    pub chain: Vec<Step>,
}

/// A path of a `split`.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The share of clients that take it, in percent.
    pub percent: Decimal,
    /// Its steps.
    pub chain: Vec<Step>,
}

/// An awaited event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitEvent {
    /// The alternatives.
    pub patterns: Vec<Pattern>,
    /// The name of the event in the following steps; its own by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<String>,
    /// The filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// The deadline; `None` to wait forever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<UpTo>,
}

impl WaitEvent {
    /// The same wait with other names of the messages that it is about.
    #[must_use]
    pub fn about_messages(self: &Arc<Self>, name: impl Fn(&str) -> String) -> Arc<Self> {
        let is_named = |pattern: &Pattern| matches!(pattern.message, Some(OfMessage::Sent(_)));
        if !self.patterns.iter().any(is_named) {
            return Arc::clone(self);
        }
        let mut wait = Self::clone(self);
        for pattern in &mut wait.patterns {
            if let Some(OfMessage::Sent(message)) = &mut pattern.message {
                *message = name(message);
            }
        }
        Arc::new(wait)
    }
}

/// The deadline of a `wait for`. An event exactly at the deadline still counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpTo {
    /// This long after the start of the wait.
    Duration(Duration),
    /// At this moment, recomputed when a record that it reads changes.
    Moment(Expr),
}

/// A task for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What to do.
    pub text: Expr,
    /// The assignee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Expr>,
    /// When it is due, counted from its creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Duration>,
    /// The time of day at which it is due, as of `wait 1d at 10:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<TimeOfDay>,
}

/// A request to another system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The target.
    pub target: CallTarget,
    /// The arguments, in order.
    pub body: Vec<Argument>,
    /// The event whose fields the answer has, and the name under which what follows reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// An argument of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Expr,
    /// Whether it may be missing; it is sent as `null` then.
    #[serde(default)]
    pub optional: bool,
}

/// The target of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallTarget {
    /// `call "https://.."`
    Url(Expr),
    /// `do sync_crm(..)`: an action that the project file binds
    Action(String),
}

/// The moment of a `wait until`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// An expression of type datetime, of a civil date and time, or of a date (its midnight).
    At(Expr),
    /// The next occurrence of a time of day.
    Time(TimeOfDay),
    /// The next occurrence of one of some weekdays, in the order of the week, at a time of day; midnight if no time is
    /// given.
    Weekdays(Vec<Weekday>, TimeOfDay),
}

/// What happens if the moment has passed already.
#[derive(Debug, Clone, PartialEq)]
pub enum Past {
    /// Continue immediately.
    GoOn,
    /// Skip the next element.
    Skip,
    /// End the run.
    Stop,
    /// Take this path, then continue.
    Block(Vec<Step>),
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Send {
    /// The channel: `sms`, `email`, `telegram`, ..
    pub channel: String,
    /// The name of the template; `None` for an inline body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The content.
    pub content: Content,
    /// The recipient, a text that may be missing: the client's address unless `to` is given.
    pub to: Expr,
    /// The moment before which it must be sent, if it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Expr>,
}

/// The content of a message, as text expressions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Text only.
    Text(Expr),
    /// An email with `text`, `html`, or both. A missing `text` is derived from `html`.
    Email {
        /// The subject line.
        subject: Expr,
        /// The preview line that mail programs show beside the subject.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preheader: Option<Expr>,
        /// The plain text part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Expr>,
        /// The HTML part; its placeholders are escaped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        html: Option<Expr>,
    },
}
