//! What is stored of a client's past for one query. Plain data: `client::history` writes it, `eval::history` reads it.

use crate::value::{Timestamp, Value};
use serde::{Deserialize, Serialize};

/// What is stored for one query.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Everything that is older than every window, summed up.
    #[serde(default, skip_serializing_if = "Sum::is_empty")]
    pub(in crate::engine) past: Sum,
    /// What may still change or leave a window, in order of time.
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

/// Several events, summed up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::engine) struct Sum {
    pub(in crate::engine) count: u64,
    /// How many of them have a value.
    pub(in crate::engine) valued: u64,
    /// The total of the values; `None` also when they cannot be added, such as two currencies.
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
