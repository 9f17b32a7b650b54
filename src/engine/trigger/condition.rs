//! `on booking while not cancelled`: who enters when the condition begins to hold, and who is left when it no longer
//! does. In: what changed for a client, or the time. Out: runs that begin and end.

use crate::check::program::Trigger;
use crate::engine::client::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{FollowedCondition, Lapsed, RecordChange, RecordId, Subject};
use crate::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The event of the client's own fields.
const CLIENT: &str = "client";

impl ClientTurn<'_> {
    /// Evaluates the conditions again that a change may concern, and starts the funnels of those that begin to hold.
    pub(in crate::engine) fn enter_by_conditions(&mut self, change: &RecordChange<'_>) {
        let graphs = self.world.graphs;
        for condition in &graphs.plan().conditions {
            let own = self.subject_of(condition, change);
            let records = match &own {
                Some(own) if condition.of_record => BTreeSet::from([own.clone()]),
                None if condition.of_record => continue,
                Some(_) | None => self.records_of(condition),
            };
            let created = own.filter(|_| change.created);
            for begins in self.follow_condition(condition, records, created.as_ref()) {
                if !change.imported {
                    self.enter_while(condition, &begins);
                }
            }
        }
    }

    /// Evaluates the conditions again that time alone may have changed.
    pub(in crate::engine) fn enter_by_due_conditions(&mut self) {
        let now = self.now;
        self.enter_by_each(|lapsed| lapsed.recheck.is_some_and(|recheck| recheck <= now));
    }

    /// Evaluates all conditions again, after records came from another client or went to one.
    pub(in crate::engine) fn enter_by_all_conditions(&mut self) {
        self.enter_by_each(|_| true);
    }

    fn enter_by_each(&mut self, is_due: impl Fn(&Lapsed) -> bool) {
        let graphs = self.world.graphs;
        for condition in &graphs.plan().conditions {
            if self.client.memory.conditions.get(&condition.id).is_some_and(&is_due) {
                for begins in self.follow_condition(condition, self.records_of(condition), None) {
                    self.enter_while(condition, &begins);
                }
            }
        }
    }

    /// Evaluates a condition for all records without starting runs.
    pub(super) fn follow_new_condition(&mut self, condition: &FollowedCondition) {
        self.client.memory.conditions.insert(condition.id.clone(), Lapsed::default());
        self.follow_condition(condition, self.records_of(condition), None);
    }

    /// Evaluates a condition for some records. Returns those for which it begins to hold, the `created` one included if
    /// it holds.
    fn follow_condition(
        &mut self,
        condition: &FollowedCondition,
        records: BTreeSet<RecordId>,
        created: Option<&RecordId>,
    ) -> Vec<RecordId> {
        let Some(before) = self.client.memory.conditions.get(&condition.id) else { return Vec::new() };
        let mut lapsed = before.clone();
        if !condition.of_record {
            lapsed.recheck = None;
        }
        let mut begins = Vec::new();
        for id in records {
            let (holds, recheck) = self.holds_for(condition, &id);
            lapsed.recheck = lapsed.recheck.into_iter().chain(recheck).min();
            let held = !lapsed.records.contains(&id) && created != Some(&id);
            if holds {
                lapsed.records.remove(&id);
            } else {
                lapsed.records.insert(id.clone());
            }
            if holds && !held {
                begins.push(id);
            }
        }
        if lapsed != *before {
            self.client.memory.conditions.insert(condition.id.clone(), lapsed);
            self.effects.memory = true;
        }
        begins
    }

    /// Whether a condition holds for a record, and when time alone may change that.
    fn holds_for(&self, condition: &FollowedCondition, id: &RecordId) -> (bool, Option<Timestamp>) {
        let Some(holds) = condition.trigger.holds() else { return (true, None) };
        let bound = condition.trigger.binding().map(|name| (name.to_owned(), Subject::Record(id.clone())));
        let subjects: BTreeMap<String, Subject> = bound.into_iter().collect();
        let scope = Scope::new(&self.world, &condition.graph, self.client, &subjects, self.now);
        let is_true = scope.holds(holds);
        scope.changes_with_the_clock(holds);
        (is_true, scope.recheck.get().into_iter().chain(scope.pending.get()).min())
    }

    fn enter_while(&mut self, condition: &FollowedCondition, id: &RecordId) {
        let subject = (id.event != CLIENT).then(|| Subject::Record(id.clone()));
        self.enter_by(|trigger| *trigger == condition.trigger, subject.as_ref());
    }

    /// The record that a change is about, if the condition follows such records.
    fn subject_of(&self, condition: &FollowedCondition, change: &RecordChange<'_>) -> Option<RecordId> {
        if !follows(condition, &change.event.name) {
            return None;
        }
        match &change.subject {
            Subject::Record(id) => Some(id.clone()),
            Subject::Event { event, .. } => (event == CLIENT).then(client_record),
        }
    }

    /// The client's records that a condition follows; the client itself as a record without a key.
    fn records_of(&self, condition: &FollowedCondition) -> BTreeSet<RecordId> {
        let records =
            self.client.records.iter().filter(|(id, record)| record.complete && follows(condition, &id.event));
        let is_known = follows(condition, CLIENT) && self.is_registered();
        records.map(|(id, _)| id.clone()).chain(is_known.then(client_record)).collect()
    }
}

fn client_record() -> RecordId {
    RecordId { event: CLIENT.to_owned(), key: String::new() }
}

/// Whether a condition is about records of an event.
fn follows(condition: &FollowedCondition, event: &str) -> bool {
    match &condition.trigger {
        Trigger::Happened { patterns, .. } => patterns.iter().any(|pattern| pattern.event == event),
        Trigger::Segment { .. }
        | Trigger::Silence { .. }
        | Trigger::Date(_)
        | Trigger::Started { .. }
        | Trigger::Every { .. } => false,
    }
}
