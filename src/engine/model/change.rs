//! What one event changed in the state of its client, and whether a pattern is about such a change.

use super::input::Event;
use super::record::Subject;
use crate::check::program::{Change, Pattern};
use std::collections::{BTreeMap, BTreeSet};

/// What an event did to the client's state.
pub(in crate::engine) struct RecordChange<'e> {
    pub(in crate::engine) event: &'e Event,
    /// The event as expressions see it.
    pub(in crate::engine) subject: Subject,
    /// Whether a record was created, or an event without a key happened.
    pub(in crate::engine) created: bool,
    pub(in crate::engine) turned_true: BTreeSet<String>,
    pub(in crate::engine) changed: BTreeSet<String>,
    /// Whether a run did it: that changes a field, and is no news of the record or the client.
    pub(in crate::engine) by_run: bool,
}

impl RecordChange<'_> {
    /// Whether this is what a trigger or an `exit` is about.
    pub(in crate::engine) fn matches(&self, pattern: &Pattern) -> bool {
        self.event.name == pattern.event
            && match &pattern.change {
                Change::Created => self.created,
                Change::Updated => !self.created && !self.changed.is_empty() && !self.by_run,
                Change::TurnedTrue(field) => self.turned_true.contains(field),
                Change::FieldChanged(field) => !self.created && self.changed.contains(field),
            }
    }

    /// Whether what a pattern asks for, and that it fits, concerns a run: any event of the client does, but of changes
    /// to the run's own kind of record only those to its own. `exit on booking` in a run about one booking is the next.
    pub(in crate::engine) fn concerns(&self, subjects: &BTreeMap<String, Subject>, pattern: &Pattern) -> bool {
        let Subject::Record(happened) = &self.subject else { return true };
        if pattern.change == Change::Created {
            return true;
        }
        let of_kind = subjects.values().filter_map(|subject| match subject {
            Subject::Record(id) if id.event == happened.event => Some(id),
            Subject::Record(_) | Subject::Event { .. } => None,
        });
        let mut own = of_kind.peekable();
        own.peek().is_none() || own.any(|id| id == happened)
    }
}
