//! What makes a client enter a funnel: events, segments, silences, dates, schedules; and what counts as its goal.

mod at_entry;
mod condition;
mod date;
mod enter;
mod goal;
mod segment;
mod time_trigger;

use super::client::ClientTurn;
use super::model::{Event, Membership};

impl ClientTurn<'_> {
    /// Syncs the client's memory with the plan of the current graphs. New items start silently: a client who is already
    /// in a new segment does not enter it, and a moment in the past does not fire. For a new client, everything is
    /// still to come.
    pub(in crate::engine) fn sync_plan(&mut self, past: &[Event]) {
        let graphs = self.world.graphs;
        let plan = graphs.plan();
        if self.client.memory.plan == plan.id {
            return;
        }
        let is_new =
            self.client.fields.is_empty() && self.client.records.is_empty() && self.client.memory.plan.is_none();
        self.client.memory.plan.clone_from(&plan.id);
        self.client.memory.tallies.retain(|query, _| plan.contains(query));
        for need in plan.needs() {
            let known = self.client.memory.tallies.get_mut(&need.query.id);
            match known.filter(|tally| tally.live == need.live && tally.reach.covers(&need.reach)) {
                // What is older than the new reach is dropped from now on.
                Some(tally) => tally.reach.clone_from(&need.reach),
                None => {
                    let tally = self.backfill_tally(need, past);
                    self.client.memory.tallies.insert(need.query.id.clone(), tally);
                }
            }
        }
        self.client.memory.segments.retain(|id, _| plan.segments.iter().any(|segment| segment.id == *id));
        for segment in &plan.segments {
            if self.client.memory.segments.contains_key(&segment.id) {
                continue;
            }
            let seen = self.membership(segment);
            let membership = if is_new { Membership { inside: false, ..seen } } else { seen };
            self.client.memory.segments.insert(segment.id.clone(), membership);
        }
        self.client.memory.conditions.retain(|id, _| plan.conditions.iter().any(|condition| condition.id == *id));
        for condition in &plan.conditions {
            if !self.client.memory.conditions.contains_key(&condition.id) {
                self.follow_new_condition(condition);
            }
        }
        self.client.memory.timers.retain(|id, _| plan.timers.iter().any(|timer| timer.id == *id));
        for planned in &plan.timers {
            if !self.client.memory.timers.contains_key(&planned.id) {
                let timer = self.first_timer(planned, past);
                self.client.memory.timers.insert(planned.id.clone(), timer);
            }
        }
        self.effects.memory = true;
    }
}
