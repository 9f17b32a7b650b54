//! A record that changes hands. In: the record and its new client. Out: the old client without it, their runs about it
//! ended; or the new client with it.

use super::ClientTurn;
use crate::engine::model::{ClientId, EndReason, Event, Record, RecordId, Run, Subject, TriggerTimer};

impl ClientTurn<'_> {
    /// Takes a record away from the client, who then has no runs about it and never had it, as far as they are asked
    /// about the past.
    pub(in crate::engine) fn release_record(&mut self, id: &RecordId, to: &ClientId) {
        let Some(record) = self.client.records.remove(id) else { return };
        let subject = Subject::Record(id.clone());
        let is_about = |run: &Run| run.subjects.values().any(|known| *known == subject);
        let about: Vec<_> = self.client.runs.values().filter(|run| is_about(run)).map(|run| run.id.clone()).collect();
        for run in about {
            self.end_run(&run, EndReason::Moved { record: id.clone(), to: to.clone() });
        }
        self.client.memory.goals.retain(|_, goal| !goal.subjects.values().any(|known| *known == subject));
        self.effects.records.insert(id.clone());
        self.effects.released = Some(record);
        self.effects.memory = true;
        self.forget_timers_of(&subject);
        self.forget_in_tallies(id);
        for lapsed in self.client.memory.conditions.values_mut() {
            lapsed.records.remove(id);
        }
        self.history_changed();
    }

    /// Restarts the silences that the record had interrupted, from what was before it.
    fn forget_timers_of(&mut self, subject: &Subject) {
        let graphs = self.world.graphs;
        for planned in &graphs.plan().timers {
            let known = self.client.memory.timers.get(&planned.id);
            let is_of = |timer: &TriggerTimer| timer.last.as_ref().is_some_and(|(_, last)| last == subject);
            if known.is_some_and(is_of) {
                let timer = self.first_timer(planned, &[]);
                self.client.memory.timers.insert(planned.id.clone(), timer);
            }
        }
    }

    /// Adds a record that belonged to another client, and what an event says about it. It is new to this client.
    pub(in crate::engine) fn receive_record(&mut self, event: &Event, record: Record) {
        if let Some(key) = &event.key {
            let id = RecordId { event: event.name.clone(), key: key.clone() };
            self.client.records.insert(id, Record { complete: false, ..record });
        }
        self.event(event);
    }
}
