//! When the fields of a record or a client got their values, so that an older value never replaces a newer one.

use super::record::Fields;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// When fields got their values. Most fields of a record arrive together, so only the times that differ from the usual
/// one are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldTimes {
    /// The time of every field that is not listed; `None` while there are no fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<Timestamp>,
    /// The other times, by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, Timestamp>,
}

impl FieldTimes {
    /// Whether nothing is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.usual.is_none() && self.others.is_empty()
    }

    /// When a known field got its value. It may be null since then.
    pub(in crate::engine) fn of(&self, fields: &Fields, name: &str) -> Option<Timestamp> {
        let usual = || fields.contains_key(name).then_some(self.usual).flatten();
        self.others.get(name).copied().or_else(usual)
    }

    /// Sets when a field got its value.
    pub(in crate::engine) fn set(&mut self, name: &str, at: Timestamp) {
        if *self.usual.get_or_insert(at) == at {
            self.others.remove(name);
        } else if let Some(known) = self.others.get_mut(name) {
            *known = at;
        } else {
            self.others.insert(name.to_owned(), at);
        }
    }

    /// Makes a time the usual one when most fields have it.
    pub(in crate::engine) fn compact(&mut self, fields: &Fields, at: Timestamp) {
        let Some(usual) = self.usual.filter(|usual| *usual != at) else { return };
        if self.others.len() * 2 <= fields.len()
            || self.others.values().filter(|other| **other == at).count() * 2 <= fields.len()
        {
            return;
        }
        for name in fields.keys().filter(|name| !self.others.contains_key(*name)).cloned().collect::<Vec<_>>() {
            self.others.insert(name, usual);
        }
        self.others.retain(|_, other| *other != at);
        self.usual = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_listed_and_every_time_is_kept() {
        let mut fields = Fields::new();
        let mut times = FieldTimes::default();
        for name in ["a", "b", "c"] {
            fields.insert(name.to_owned(), json!(1));
            times.set(name, Timestamp(10));
        }
        times.compact(&fields, Timestamp(10));
        assert!(times.others.is_empty());
        times.set("a", Timestamp(20));
        times.compact(&fields, Timestamp(20));
        assert_eq!(times.others.len(), 1);
        times.set("b", Timestamp(20));
        times.compact(&fields, Timestamp(20));
        assert_eq!((times.usual, times.others.len()), (Some(Timestamp(20)), 1));
        let of = |name: &str| times.of(&fields, name).map(|at| at.0);
        assert_eq!([of("a"), of("b"), of("c"), of("d")], [Some(20), Some(20), Some(10), None]);
    }
}
