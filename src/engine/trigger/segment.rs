//! Segments that something follows. In: a client whose fields, past or clock may have changed. Out: what they entered and
//! left, for goals, runs that it ends, runs that wait, and funnels that it starts.

use crate::check::program::{Crossing, Trigger};
use crate::engine::client::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{Event, Fields, FollowedSegment, Membership, RecordChange, Subject};
use crate::engine::run::Wake;
use std::collections::{BTreeMap, BTreeSet};

impl ClientTurn<'_> {
    /// Evaluates segments again: all of them when the client `changed`, otherwise those that time alone may have
    /// changed. Passes on which of them the client entered or left.
    pub(in crate::engine) fn reevaluate_segments(&mut self, changed: bool) {
        let crossings = self.crossings(changed);
        let event = self.nothing_but_client();
        let changes: Vec<_> = crossings.iter().map(|crossing| crossed(&event, crossing)).collect();
        changes.iter().for_each(|change| self.reach_goals(change));
        changes.iter().for_each(|change| self.exit_runs(change));
        changes.iter().for_each(|change| self.wake_all(Wake::Event(change, None)));
        for crossing in &crossings {
            let starts = |trigger: &Trigger| match trigger {
                Trigger::Segment { segment, entering } => {
                    *entering == crossing.entering && *segment == *crossing.segment
                }
                Trigger::Happened { .. }
                | Trigger::Silence { .. }
                | Trigger::Date(_)
                | Trigger::Started { .. }
                | Trigger::Every { .. } => false,
            };
            self.enter_by(starts, None);
        }
    }

    /// Evaluates all segments again when the client is imported: nothing has happened, but runs of a client who was
    /// known already follow the new values.
    pub(in crate::engine) fn follow_segments_silently(&mut self) {
        let crossings = self.crossings(true);
        let event = self.nothing_but_client();
        crossings.iter().for_each(|crossing| self.exit_runs(&crossed(&event, crossing)));
    }

    /// The segments that the client entered or left since they were last evaluated.
    fn crossings(&mut self, changed: bool) -> Vec<Crossing> {
        let graphs = self.world.graphs;
        let mut found = Vec::new();
        for followed in &graphs.plan().segments {
            let Some(before) = self.client.memory.segments.get(&followed.id) else { continue };
            if !changed && before.recheck.is_none_or(|recheck| recheck > self.now) {
                continue;
            }
            let before = before.inside;
            let Some(entering) = self.follow_segment(followed).filter(|inside| *inside != before) else { continue };
            found.push(Crossing { segment: Box::new(followed.segment.clone()), entering });
        }
        found
    }

    /// Evaluates a segment again; returns whether the client is in it, or nothing if nothing changed.
    fn follow_segment(&mut self, segment: &FollowedSegment) -> Option<bool> {
        let seen = self.membership(segment);
        if self.client.memory.segments.get(&segment.id) == Some(&seen) {
            return None;
        }
        let inside = seen.inside;
        self.client.memory.segments.insert(segment.id.clone(), seen);
        self.effects.memory = true;
        Some(inside)
    }

    /// Whether the client is in a segment now, and when time alone may change that.
    pub(in crate::engine) fn membership(&self, segment: &FollowedSegment) -> Membership {
        let (condition, nothing) = (&segment.segment.condition, BTreeMap::new());
        let scope = Scope::new(&self.world, &segment.graph, self.client, &nothing, self.now);
        let inside = scope.holds(condition);
        scope.changes_with_the_clock(condition);
        let pending = scope.pending.get();
        Membership { inside, recheck: scope.recheck.get().into_iter().chain(pending).min() }
    }

    /// An event about the client that says nothing.
    fn nothing_but_client(&self) -> Event {
        let (name, client) = ("client".to_owned(), self.client.id.clone());
        Event { id: None, name, client, at: self.now, key: None, imported: false, data: Fields::new() }
    }
}

/// The change that entering or leaving a segment is.
fn crossed<'e>(event: &'e Event, crossing: &'e Crossing) -> RecordChange<'e> {
    RecordChange {
        event,
        subject: Subject::Event { event: event.name.clone(), fields: Fields::new() },
        created: false,
        turned_true: BTreeSet::new(),
        changed: BTreeSet::new(),
        by_run: false,
        imported: false,
        crossing: Some(crossing),
    }
}
