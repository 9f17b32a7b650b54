//! From program to graph: one self-contained, serialisable graph a funnel, with stable element identities.
//! In: a [`Program`](crate::check::Program). Out: [`Graph`]s, and their drawings.

mod arrows;
mod build;
mod draw;
mod export;
mod expr_text;
mod ident;
mod read;
mod walk;
mod write;

pub use arrows::{Arrow, Origin};
pub use build::build;
pub use draw::{Counts, Item, Layout, PlacedBox, Route, SVG_STYLE, dot, layout, mermaid, svg, svg_document};
pub use export::{ExportedGraph, export};
pub use read::{FORMAT_VERSION, ReadResult, read};
pub use write::{WriteResult, write};

use crate::check::program::{Call, Expr, Moment, Send, Settings, Task, Trigger, WaitEvent};
use crate::source::Span;
use crate::value::{Decimal, Duration, TimeOfDay};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// One funnel as nodes joined by arrows. It needs nothing else to run: templates and constants are inside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// The funnel's name.
    pub funnel: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What holds for all its runs.
    pub settings: Settings,
    /// Where runs start; event elements.
    pub entries: Vec<Entry>,
    /// Conditions, waits and actions; a [`NodeIx`] is an index into it.
    pub nodes: Vec<Node>,
}

/// The place of a node in [`Graph::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeIx(pub u32);

/// An element's stable identity: its label, or a kind and a hash of its place (`send-3f9a0c`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ElementId(pub String);

impl fmt::Display for ElementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An event element: what starts a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its identity.
    pub id: ElementId,
    /// What starts it.
    pub trigger: Trigger,
    /// Only when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// The first element; `None` when nothing follows.
    pub start: Option<NodeIx>,
    /// As written.
    pub text: String,
    /// Where it stands; not part of the graph's meaning.
    #[serde(skip)]
    pub span: Span,
}

/// A condition, wait or action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its identity.
    pub id: ElementId,
    /// Which of the four kinds it is.
    pub kind: Kind,
    /// What it does, and where it leads.
    pub element: Element,
    /// As written: `if attended`.
    pub text: String,
    /// Where it stands; not part of the graph's meaning.
    #[serde(skip)]
    pub span: Span,
}

/// What a node does. A target of `None` ends the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Element {
    /// Decides between two paths; waits for `later` fields.
    If { condition: Expr, yes: Option<NodeIx>, no: Option<NodeIx> },
    /// Lets a duration pass.
    WaitDuration { duration: Duration, at: Option<TimeOfDay>, next: Option<NodeIx> },
    /// Waits for a moment; `past` is where it goes when that is past already.
    WaitUntil { moment: Moment, next: Option<NodeIx>, on_past: Option<NodeIx> },
    /// Sends; `unsent` is the path of its `else`, absent when none is written.
    Send { send: Arc<Send>, next: Option<NodeIx>, on_not_sent: OnFailure },
    /// Gives a client field a value.
    Set { field: String, value: Expr, next: Option<NodeIx> },
    /// Puts a tag on, or takes it off.
    Tag { tag: Expr, add: bool, next: Option<NodeIx> },
    /// Ends the run.
    Stop,
    /// Decides between paths by a value; waits for `later` fields.
    Match { subject: Expr, cases: Vec<Case>, otherwise: Option<NodeIx> },
    /// Decides between paths by a hash of client, funnel and `name`.
    Split { name: String, shares: Vec<Share>, otherwise: Option<NodeIx> },
    /// Begins all paths at once; each leads to the `Join` that belongs to it.
    Fork { paths: Vec<Option<NodeIx>> },
    /// Goes on when all paths of its `Fork` have come.
    Join { next: Option<NodeIx> },
    /// Goes to `body` so many times, which leads back here, then on.
    Repeat { times: u32, body: Option<NodeIx>, next: Option<NodeIx> },
    /// Waits for an event.
    WaitEvent { wait: Arc<WaitEvent>, on_event: Option<NodeIx>, on_timeout: Option<NodeIx> },
    /// Makes a job for a person.
    Task { task: Arc<Task>, next: Option<NodeIx> },
    /// Asks another system; `unsent` is the path of its `else`.
    Call { call: Call, next: Option<NodeIx>, on_failed: OnFailure },
    /// Makes an event happen.
    Emit { event: String, data: Vec<(String, Expr)>, next: Option<NodeIx> },
    /// Starts another funnel.
    Start { funnel: String, next: Option<NodeIx> },
}

/// A path of a `Match`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// It is taken when the subject equals one of these.
    pub values: Vec<Expr>,
    /// Where it leads.
    pub to: Option<NodeIx>,
}

/// A path of a `Split`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// How many of a hundred clients take it.
    pub percent: Decimal,
    /// Where it leads.
    pub to: Option<NodeIx>,
}

/// Where a send that did not go out leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// No `else` is written: the run does not wait for the outcome and goes on.
    Continue,
    /// The run waits for the outcome and takes this path when it was not sent.
    Else(Option<NodeIx>),
}

/// The four kinds of element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
    Event,
    Condition,
    Wait,
    Action,
}

impl Graph {
    /// The node at an index.
    #[must_use]
    pub fn node(&self, ix: NodeIx) -> Option<&Node> {
        self.nodes.get(ix.0 as usize)
    }
}

impl Kind {
    /// Its name in the language of the documentation.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Condition => "condition",
            Self::Wait => "wait",
            Self::Action => "action",
        }
    }
}

impl Element {
    /// Where it leads when nothing special happens; the `yes` path of a condition, what came of a wait.
    #[must_use]
    pub fn next(&self) -> Option<NodeIx> {
        match self {
            Self::If { yes: next, .. }
            | Self::WaitDuration { next, .. }
            | Self::WaitUntil { next, .. }
            | Self::WaitEvent { on_event: next, .. }
            | Self::Send { next, .. }
            | Self::Set { next, .. }
            | Self::Tag { next, .. }
            | Self::Join { next }
            | Self::Repeat { next, .. }
            | Self::Task { next, .. }
            | Self::Call { next, .. }
            | Self::Emit { next, .. }
            | Self::Start { next, .. }
            | Self::Match { otherwise: next, .. }
            | Self::Split { otherwise: next, .. } => *next,
            Self::Fork { paths } => paths.first().copied().flatten(),
            Self::Stop => None,
        }
    }
}
