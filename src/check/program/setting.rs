//! Checked settings of a funnel.

use super::{Expr, Pattern};
use crate::source::Span;
use crate::value::{Duration, time::Window};
use serde::{Deserialize, Serialize};

/// The settings of a funnel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The purpose of its messages.
    pub purpose: Purpose,
    /// Text expressions that name a time zone, tried in order: the client's, the funnel's, the project's.
    pub zones: Vec<Expr>,
    /// When messages may be sent; empty for any time.
    pub hours: Vec<Window>,
    /// Whether these are the hours of the project.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub project_hours: bool,
    /// Who may enter, and how often.
    pub enter: Enter,
    /// The events that end runs.
    pub exits: Vec<Exit>,
    /// The message limits, including those of the project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// The goals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<Goal>,
    /// What happens to active runs when the funnel changes.
    #[serde(default)]
    pub upgrade: Upgrade,
}

/// The purpose of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// They are part of a service that the client requested.
    #[default]
    Service,
    /// They need the client's consent for the channel and topic.
    Marketing {
        /// The topic; `None` for any.
        topic: Option<String>,
    },
}

impl Purpose {
    /// The topic of marketing messages, if they have one.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        match self {
            Self::Service => None,
            Self::Marketing { topic } => topic.as_deref(),
        }
    }
}

/// Who may enter, and how often.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enter {
    /// Once per record key; always for an event without a key.
    #[default]
    OncePerRecord,
    /// Always, but with one active run per key.
    Always,
    /// Once per client.
    Once,
    /// Once per client and value of the expression.
    OncePer(Expr),
    /// Again after this long since the client's last entry.
    Again(Duration),
}

/// An event that ends runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exit {
    /// The event.
    pub pattern: Pattern,
    /// The filter; the event is bound to its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// `exit on booking.cancelled`, as written.
    pub text: String,
    /// The span of the setting; not part of its meaning. A setting that names several events produces one exit for
    /// each.
    #[serde(skip)]
    pub span: Span,
}

/// A limit on the messages that a client can receive in any period of a certain length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// The number of messages.
    pub count: u32,
    /// The channel; `None` for all channels together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The length of the period.
    pub per: Duration,
    /// What happens to further messages.
    pub over: Over,
    /// Whether it applies to the marketing messages of all funnels; otherwise to all messages of its own.
    #[serde(default)]
    pub whole_project: bool,
}

/// What happens to a message over the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// It is not sent.
    Skip,
    /// It is sent once the limit allows it, or dropped if that takes longer than this.
    Defer(Duration),
}

/// A goal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// The events that reach it.
    pub patterns: Vec<Pattern>,
    /// The name of the event in `filter` and `worth`.
    pub binding: String,
    /// The filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// The period after entry in which it can be reached, even if the run has ended; `None` for the duration of the
    /// run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// Its worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Expr>,
    /// The span of the setting; not part of its meaning.
    #[serde(skip)]
    pub span: Span,
}

/// What happens to active runs when the funnel changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upgrade {
    /// They continue in the new version if their element still exists, otherwise in the old one.
    #[default]
    Migrate,
    /// They finish in the version in which they started.
    Finish,
    /// They restart.
    Restart,
    /// They end.
    Stop,
}

impl Upgrade {
    /// Every choice with its name.
    pub const NAMES: [(&'static str, Self); 4] =
        [("migrate", Self::Migrate), ("finish", Self::Finish), ("restart", Self::Restart), ("stop", Self::Stop)];
}
