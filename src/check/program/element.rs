//! Checked elements: what conditions, waits and actions do.

use super::{Expr, Pattern, Step};
use crate::value::{Decimal, Duration, TimeOfDay, Weekday};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The label that stands for what follows the block in which the `goto` stands.
pub const NEXT: &str = "next";

/// The label that stands for the end of the path: of the entry, of a path of a `parallel`, of a round of a `repeat`.
pub const END: &str = "end";

/// A checked element. What is large stands apart, and is the same thing in the funnel's graph.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Element {
    /// Two paths. A gate (`if c -> A -> B`) has the rest of its chain in `then` and nothing after it.
    If { condition: Expr, then: Vec<Step>, otherwise: Vec<Step> },
    /// `wait 24h`, `wait 1d at 10:00`
    WaitDuration { duration: Duration, at: Option<TimeOfDay> },
    /// `wait until moment else ..`
    WaitUntil { moment: Moment, on_past: Past },
    /// A message; `unsent` is the `else` path, `None` when none is written.
    Send { send: Arc<Send>, on_not_sent: Option<Vec<Step>> },
    /// A client field gets a value.
    Set { field: String, value: Expr },
    /// A tag is put on (`add`) or taken off the client.
    Tag { tag: Expr, add: bool },
    /// The run ends.
    Stop,
    /// One path of several, by the value of an expression; `later` fields are waited for.
    Match { subject: Expr, cases: Vec<Case>, otherwise: Vec<Step> },
    /// One path of several, by a hash of client, funnel and name: stable for the client.
    Split { name: Option<String>, shares: Vec<Share>, otherwise: Vec<Step> },
    /// All paths at once; what follows starts when all have ended.
    Parallel { paths: Vec<Vec<Step>> },
    /// The body so many times.
    Repeat { times: u32, body: Vec<Step> },
    /// `wait for event up to 2d`: `came` runs when the event arrives, `missed` when the time is up.
    WaitEvent { wait: Arc<WaitEvent>, on_event: Vec<Step>, on_timeout: Vec<Step> },
    /// A job for a person.
    Task(Arc<Task>),
    /// A request to another system; `failed` is the `else` path, `None` when none is written.
    Call { call: Call, on_failed: Option<Vec<Step>> },
    /// An event that this run makes happen.
    Emit { event: String, data: Vec<(String, Expr)> },
    /// Another funnel for the same client and the same record.
    Start { funnel: String },
    /// On to a labelled element, or to [`NEXT`] or [`END`].
    Goto { label: String },
}

/// A path of a `match`.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// It is taken when the subject equals one of these.
    pub values: Vec<Expr>,
    /// The path.
    pub chain: Vec<Step>,
}

/// A path of a `split`.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// How many of a hundred clients take it.
    pub percent: Decimal,
    /// The path.
    pub chain: Vec<Step>,
}

/// An event that is waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitEvent {
    /// Any of these.
    pub patterns: Vec<Pattern>,
    /// The name it has in what follows; its own when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<String>,
    /// Only when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// How long; `None` for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<UpTo>,
}

/// The end of a `wait for`. An event at this very instant still counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpTo {
    /// So long after the wait began.
    Duration(Duration),
    /// At this moment, computed anew when a record it reads changes.
    Moment(Expr),
}

/// A job for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What to do.
    pub text: Expr,
    /// Who does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Expr>,
    /// Until when, from the moment the task is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Duration>,
}

/// A request to another system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Where it goes.
    pub target: CallTarget,
    /// What it says, in order.
    pub body: Vec<Argument>,
}

/// A named value of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Argument {
    /// The name it has in the request.
    pub name: String,
    /// The value.
    pub value: Expr,
    /// Whether the request goes out without it, with `null` in its place.
    #[serde(default)]
    pub optional: bool,
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallTarget {
    /// `call "https://.."`
    Url(Expr),
    /// `do sync_crm(..)`: an action that the project file binds
    Action(String),
}

/// What a `wait until` waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// An expression of type datetime, of a civil date and time, or of a date (its midnight).
    At(Expr),
    /// The next time the wall clock shows this.
    Time(TimeOfDay),
    /// The next such day and time; midnight when no time is said.
    Weekday(Weekday, TimeOfDay),
}

/// What happens when the moment is past already.
#[derive(Debug, Clone, PartialEq)]
pub enum Past {
    /// Go on at once.
    GoOn,
    /// Leave out the next element.
    Skip,
    /// End the run.
    Stop,
    /// Take this path, then join.
    Block(Vec<Step>),
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Send {
    /// The channel: `sms`, `email`, `telegram`, ..
    pub channel: String,
    /// The template's name; `None` for a body written in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// What it says.
    pub content: Content,
    /// The recipient, a textual expression that may be missing: the client's address unless `to` is written.
    pub to: Expr,
}

/// What a message says, as text expressions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Text only.
    Text(Expr),
    /// An email. `text` is derived from `html` when it is not written, and there is one of the two.
    Email {
        /// The subject line.
        subject: Expr,
        /// The line that mail programs show beside the subject.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preheader: Option<Expr>,
        /// The plain part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Expr>,
        /// The HTML part; holes in it are escaped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        html: Option<Expr>,
    },
}
