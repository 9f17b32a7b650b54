//! What is stored of a client's past for one query. Plain data: `client::history` writes it, `eval::history` reads it.

use super::record::Fields;
use crate::value::{Duration, Timestamp, Value};
use serde::{Deserialize, Serialize};

/// What is stored for one query.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// How far back it has everything.
    #[serde(default)]
    pub(in crate::engine) reach: Reach,
    /// Whether the filter is evaluated when the query is asked. Then records are looked up, and only events without a
    /// key are here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::engine) live: bool,
    /// Everything that is older than every window, summed up.
    #[serde(default, skip_serializing_if = "Sum::is_empty")]
    pub(in crate::engine) past: Sum,
    /// What may still change or leave a window, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::engine) items: Vec<Item>,
}

/// How far back a query looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::engine) struct Reach {
    /// The windows before now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::engine) windows: Vec<Duration>,
    /// Whether the whole past is queried.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::engine) all_time: bool,
}

/// One event that counts, or that may come to count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::engine) struct Item {
    pub(in crate::engine) at: Timestamp,
    /// The key of its record; an event without one never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::engine) key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::engine) value: Option<Value>,
    /// What the filter reads, where it is evaluated whenever the query is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::engine) fields: Option<Fields>,
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

impl Reach {
    /// Adds a window, or the whole past.
    pub(in crate::engine) fn add(&mut self, last: Option<Duration>) {
        match last {
            None => self.all_time = true,
            Some(last) if self.windows.contains(&last) => {}
            Some(last) => {
                self.windows.push(last);
                self.windows.sort_unstable_by_key(|window| (window.months, window.days, window.ms));
            }
        }
    }

    /// Whether what is kept for this reach is enough for another one.
    pub(in crate::engine) fn covers(&self, other: &Self) -> bool {
        let longer = |a: &Duration, b: &Duration| a.months >= b.months && a.days >= b.days && a.ms >= b.ms;
        let kept = |window: &Duration| self.windows.iter().any(|own| longer(own, window));
        (self.all_time || !other.all_time) && other.windows.iter().all(kept)
    }
}

impl Sum {
    fn is_empty(&self) -> bool {
        self.count == 0
    }
}
