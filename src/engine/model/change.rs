//! What one event changed in the state of its client, and whether a pattern matches that change.

use super::input::Event;
use super::record::Subject;
use crate::check::program::{Change, Crossing, Pattern};
use std::collections::{BTreeMap, BTreeSet};

/// What one event changed: a record, the client's own fields, or nothing but that it happened.
pub(in crate::engine) struct RecordChange<'e> {
    pub(in crate::engine) event: &'e Event,
    /// The event as expressions see it.
    pub(in crate::engine) subject: Subject,
    /// Whether a record was created, or an event without a key happened.
    pub(in crate::engine) created: bool,
    pub(in crate::engine) turned_true: BTreeSet<String>,
    pub(in crate::engine) changed: BTreeSet<String>,
    /// Whether a run made the change. Then it is the change of a field, but not an update of the record or the client.
    pub(in crate::engine) by_run: bool,
    /// Whether the event is imported. Then nothing happened: the values are only read in.
    pub(in crate::engine) imported: bool,
    /// The segment that the client entered or left; then nothing else has changed.
    pub(in crate::engine) crossing: Option<&'e Crossing>,
}

impl RecordChange<'_> {
    /// What happened, in a few words: `booking`, `entering vip`.
    pub(in crate::engine) fn name(&self) -> String {
        self.crossing.map_or_else(|| self.event.name.clone(), ToString::to_string)
    }

    /// Whether a trigger or an `exit` with this pattern reacts to the change.
    pub(in crate::engine) fn matches(&self, pattern: &Pattern) -> bool {
        self.event.name == pattern.event
            && match &pattern.change {
                Change::Created => self.created && !self.imported,
                Change::Updated => !self.created && !self.changed.is_empty() && !self.by_run,
                Change::TurnedTrue(field) => self.turned_true.contains(field),
                Change::FieldChanged(field) => !self.created && self.changed.contains(field),
                Change::Crossed(crossing) => self.crossing == Some(crossing),
            }
    }

    /// Whether a change that matches a pattern concerns a run. Any event of the client does, except changes of another
    /// record of the same kind as the run's own. `exit on booking` in a run about one booking means the next booking.
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
