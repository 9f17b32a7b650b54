//! Checked history: what a client did.

use super::{Expr, FieldRead};
use crate::value::{Duration, Type};
use serde::{Deserialize, Serialize};
use std::fmt;

/// `count(booking in last 90d where attended)`
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct History {
    /// What is remembered for it.
    pub query: Query,
    /// How that is combined.
    pub function: Function,
    /// Only events in this period before now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Duration>,
    /// The currency of an empty sum (ISO 4217).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// What is remembered of the events of a kind. Expressions that differ only in function and period share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    /// A name derived from its meaning.
    pub id: QueryId,
    /// The event.
    pub event: String,
    /// The value that is kept of each event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Picked>,
    /// The filter; the event is bound to its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Box<Expr>>,
}

/// A value that is kept of an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picked {
    /// The time of the event.
    At,
    /// A field of the event.
    Field(Box<FieldRead>),
}

impl Picked {
    /// The type of the value.
    #[must_use]
    pub fn ty(&self) -> &Type {
        match self {
            Self::At => &Type::DateTime,
            Self::Field(read) => &read.ty,
        }
    }

    /// Whether it is the same at every moment. Whether a value is only a default depends on when it was received.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        match self {
            Self::At => true,
            Self::Field(read) => read.later.as_ref().is_none_or(|later| later.from.is_none()),
        }
    }
}

/// The name of a query: a hash of its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QueryId(pub String);

impl fmt::Display for QueryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A function over remembered events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Function {
    Any,
    None,
    Count,
    Sum,
    Avg,
    Min,
    Max,
    First,
    Last,
}

impl Function {
    /// Every function with its name.
    pub const NAMES: [(&'static str, Self); 9] = [
        ("any", Self::Any),
        ("none", Self::None),
        ("count", Self::Count),
        ("sum", Self::Sum),
        ("avg", Self::Avg),
        ("min", Self::Min),
        ("max", Self::Max),
        ("first", Self::First),
        ("last", Self::Last),
    ];

    /// Its name in the language.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, function)| *function == self).map_or("", |(name, _)| name)
    }
}
