//! Checked settings: what holds for a whole funnel.

use super::{Expr, Pattern};
use crate::source::Span;
use crate::value::{Duration, time::Window};
use serde::{Deserialize, Serialize};

/// What holds for a whole funnel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Why its messages are sent.
    pub purpose: Purpose,
    /// Text expressions that name a zone, tried in order: the client's, the funnel's, the project's.
    pub zones: Vec<Expr>,
    /// When messages may leave; empty for always.
    pub hours: Vec<Window>,
    /// Who may enter, and again when.
    pub enter: Enter,
    /// What ends a run from outside.
    pub exits: Vec<Exit>,
    /// How many messages a client may get, the project's limits included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// What the funnel is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<Goal>,
    /// What becomes of people inside when the funnel changes.
    #[serde(default)]
    pub upgrade: Upgrade,
}

/// Why messages are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// They belong to a service the client asked for.
    #[default]
    Service,
    /// They need the client's consent for channel and topic.
    Marketing {
        /// The topic; `None` for any.
        topic: Option<String>,
    },
}

/// Who may enter, and again when.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enter {
    /// Once per record key; always for an event without a key.
    #[default]
    OncePerRecord,
    /// Always, but never twice inside with the same key.
    Always,
    /// Once per client.
    Once,
    /// Once per client and value of the expression.
    OncePer(Expr),
    /// Again when this long has passed since the client's last entry.
    Again(Duration),
}

/// An event that ends runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exit {
    /// What happens.
    pub pattern: Pattern,
    /// Only when this holds; the event is bound to its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// `exit on booking.cancelled`, as written.
    pub text: String,
    /// Where the setting stands; not part of its meaning. Settings that name several events make an exit of each.
    #[serde(skip)]
    pub span: Span,
}

/// How many messages a client may get in any stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// So many.
    pub count: u32,
    /// On this channel; `None` for all together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// In any stretch so long.
    pub per: Duration,
    /// What happens to one more.
    pub over: Over,
    /// Whether it counts, and holds back, the marketing messages of every funnel; else all those of its own.
    #[serde(default)]
    pub whole_project: bool,
}

/// What happens to a message that would be one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// It is not sent.
    Skip,
    /// It is sent when there is room again, or not at all where that takes longer.
    Defer(Duration),
}

/// What a funnel is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Any of these.
    pub patterns: Vec<Pattern>,
    /// The name that what happened has in `filter` and `worth`.
    pub binding: String,
    /// Only when this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// So long after the client entered, also when the run has ended; `None` while the run lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// What reaching it is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Expr>,
    /// Where the setting stands; not part of its meaning.
    #[serde(skip)]
    pub span: Span,
}

/// What becomes of people inside when the funnel changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upgrade {
    /// They go on in the new version where their element is still there, else in the old one.
    #[default]
    Migrate,
    /// They finish in the version that they entered.
    Finish,
    /// They begin anew.
    Restart,
    /// Their runs end.
    Stop,
}

impl Upgrade {
    /// Every choice with its name.
    pub const NAMES: [(&'static str, Self); 4] =
        [("migrate", Self::Migrate), ("finish", Self::Finish), ("restart", Self::Restart), ("stop", Self::Stop)];
}
