//! What is kept of a client's past for one query. Plain data: `client::history` fills it, `eval::history` reads it.

use crate::value::{Timestamp, Value};
use serde::{Deserialize, Serialize};

/// What is remembered for one query.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// All that is too old for any stretch of time that is asked for, taken together.
    #[serde(default, skip_serializing_if = "Sum::is_empty")]
    pub(in crate::engine) past: Sum,
    /// What may still change or grow too old, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::engine) items: Vec<Item>,
}

/// One event that counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::engine) struct Item {
    pub(in crate::engine) at: Timestamp,
    /// The key of its record; an event without one never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::engine) key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::engine) value: Option<Value>,
}

/// Many events taken together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::engine) struct Sum {
    pub(in crate::engine) count: u64,
    /// How many of them have a value.
    pub(in crate::engine) valued: u64,
    /// The values added; `None` also where they do not add, as two currencies.
    pub(in crate::engine) total: Option<Value>,
    pub(in crate::engine) least: Option<Value>,
    pub(in crate::engine) most: Option<Value>,
    pub(in crate::engine) first: Option<(Timestamp, Option<Value>)>,
    pub(in crate::engine) last: Option<(Timestamp, Option<Value>)>,
}

impl Sum {
    fn is_empty(&self) -> bool {
        self.count == 0
    }
}
