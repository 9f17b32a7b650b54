//! The graph of a funnel: self-contained, serializable, with stable element ids. Built from a checked
//! [`Program`](crate::check::Program); drawn, exported to JSON, and printed as source again.

mod arrows;
mod build;
mod deep_json;
mod draw;
mod export;
mod expr_text;
mod ident;
mod read;
mod walk;
mod words;
mod write;

pub use arrows::{Arrow, Origin};
pub use build::build;
pub use deep_json::parse;
pub use draw::{Counts, Item, Layout, PlacedBox, Route, SVG_STYLE, dot, layout, mermaid, svg, svg_document};
pub use export::{ExportedGraph, export};
pub use expr_text::write_expr;
pub use read::{FORMAT_VERSION, ReadResult, read};
pub use words::{SettingWords, Words};
pub use write::{WriteResult, write};

use crate::check::program::{Call, Expr, Moment, Send, Settings, Task, Trigger, WaitEvent};
use crate::source::Span;
use crate::value::{Decimal, Duration, TimeOfDay};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// One funnel as nodes connected by arrows. It is self-contained: templates and constants are inlined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// The funnel's name.
    pub funnel: String,
    /// The title shown to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Settings that apply to all runs.
    pub settings: Settings,
    /// The event elements that start runs.
    pub entries: Vec<Entry>,
    /// Conditions, waits and actions; a [`NodeIx`] is an index into this list.
    pub nodes: Vec<Node>,
}

impl Entry {
    /// `while not cancelled`, as it was written; `None` if the text does not say it.
    #[must_use]
    pub fn written_while(&self) -> Option<&str> {
        let (mut in_string, mut escaped, mut found) = (false, false, None);
        for (at, c) in self.text.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if in_string => escaped = true,
                '"' => in_string = !in_string,
                ' ' if !in_string && self.text.get(at..).is_some_and(|rest| rest.starts_with(" while ")) => {
                    found = Some(at + 1);
                }
                _ => {}
            }
        }
        found.and_then(|at| self.text.get(at..))
    }
}

/// The index of a node in [`Graph::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeIx(pub u32);

/// The stable id of an element: its label, or a kind and a hash of its place (`send-3f9a0c`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ElementId(pub String);

impl fmt::Display for ElementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An event element, which starts a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: ElementId,
    /// The event or schedule that starts a run.
    pub trigger: Trigger,
    /// The condition under which it starts one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// The first element; `None` when nothing follows.
    pub start: Option<NodeIx>,
    /// The source text.
    pub text: String,
    /// The place in the source; not part of the graph's meaning.
    #[serde(skip)]
    pub span: Span,
}

/// A condition, wait or action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its id.
    pub id: ElementId,
    /// Which of the four kinds it is.
    pub kind: Kind,
    /// What it does and where it leads.
    pub element: Element,
    /// The source text: `if attended`.
    pub text: String,
    /// The place in the source; not part of the graph's meaning.
    #[serde(skip)]
    pub span: Span,
}

/// What a node does. A target of `None` ends the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Element {
    /// Chooses between two paths; waits for `later` fields.
    If { condition: Expr, yes: Option<NodeIx>, no: Option<NodeIx> },
    /// Waits for a duration.
    WaitDuration { duration: Duration, at: Option<TimeOfDay>, next: Option<NodeIx> },
    /// Waits until a moment; `on_past` is the target when that moment is already past.
    WaitUntil { moment: Moment, next: Option<NodeIx>, on_past: Option<NodeIx> },
    /// Sends a message; `on_not_sent` is the path of its `else`.
    Send { send: Arc<Send>, next: Option<NodeIx>, on_not_sent: OnFailure },
    /// Sets a client field. With `from_zero`, `value` is a sum that starts with the field, and the field counts as 0
    /// while it is missing.
    Set {
        field: String,
        value: Expr,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        from_zero: bool,
        next: Option<NodeIx>,
    },
    /// Adds or removes a tag.
    Tag { tag: Expr, add: bool, next: Option<NodeIx> },
    /// Ends the run.
    Stop,
    /// Chooses a path by a value; waits for `later` fields.
    Match { subject: Expr, cases: Vec<Case>, otherwise: Option<NodeIx> },
    /// Chooses a path by a hash of client, funnel and `name`.
    Split { name: String, shares: Vec<Share>, otherwise: Option<NodeIx> },
    /// Starts all paths in parallel; each leads to the matching `Join`.
    Fork { paths: Vec<Option<NodeIx>> },
    /// Continues when all paths of its `Fork` have arrived.
    Join { next: Option<NodeIx> },
    /// Runs `body`, which leads back here, `times` times and then continues.
    Repeat { times: u32, body: Option<NodeIx>, next: Option<NodeIx> },
    /// Waits for an event, or until a timeout.
    WaitEvent { wait: Arc<WaitEvent>, on_event: Option<NodeIx>, on_timeout: Option<NodeIx> },
    /// Creates a task for a person.
    Task { task: Arc<Task>, next: Option<NodeIx> },
    /// Calls another system; `on_failed` is the path of its `else`.
    Call { call: Call, next: Option<NodeIx>, on_failed: OnFailure },
    /// Emits an event.
    Emit { event: String, data: Vec<(String, Expr)>, next: Option<NodeIx> },
    /// Starts another funnel.
    Start { funnel: String, next: Option<NodeIx> },
    /// Ends the client's runs of another funnel.
    StopFunnel { funnel: String, next: Option<NodeIx> },
}

/// A path of a `Match`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The path is taken when the subject equals one of these values.
    pub values: Vec<Expr>,
    /// Where it leads.
    pub to: Option<NodeIx>,
}

/// A path of a `Split`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The percentage of clients that take this path.
    pub percent: Decimal,
    /// Where it leads.
    pub to: Option<NodeIx>,
}

/// What happens when a send or a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// There is no `else`: the run continues without waiting for the outcome.
    Continue,
    /// The run waits for the outcome and takes this path on failure.
    Else(Option<NodeIx>),
}

/// The four kinds of elements.
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
    /// Returns the node at an index.
    #[must_use]
    pub fn node(&self, ix: NodeIx) -> Option<&Node> {
        self.nodes.get(ix.0 as usize)
    }
}

impl Kind {
    /// The English name.
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
    /// Whether this is a request whose answer is read, and the run goes on in the same way without one.
    #[must_use]
    pub(crate) fn is_read_without_else(&self) -> bool {
        matches!(self, Self::Call { call, next, on_failed: OnFailure::Else(path) } if call.answer.is_some() && next == path)
    }

    /// Returns the regular continuation: `yes` of a condition, `on_event` of a wait, `otherwise` of a choice.
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
            | Self::StopFunnel { next, .. }
            | Self::Match { otherwise: next, .. }
            | Self::Split { otherwise: next, .. } => *next,
            Self::Fork { paths } => paths.first().copied().flatten(),
            Self::Stop => None,
        }
    }
}
