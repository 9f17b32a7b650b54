//! Triggers that fire at a time: silences, dates, schedules. In: what changed for a client, or the time. Out: when each
//! fires next, and the runs that begin.

use crate::check::program::Trigger;
use crate::engine::client::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{Event, Occasion, PlannedTrigger, RecordChange, RecordId, Subject, TriggerTimer};
use crate::value::{Timestamp, Zone};
use std::collections::BTreeMap;

impl ClientTurn<'_> {
    /// Restarts the silences that an event interrupts.
    pub(in crate::engine) fn on_event(&mut self, change: &RecordChange<'_>) {
        if !change.created {
            return;
        }
        let (graphs, at) = (self.world.graphs, self.happened_at(change));
        for planned in &graphs.plan().timers {
            let interrupts = matches!(&planned.trigger, Trigger::Silence { event, .. } if *event == change.event.name);
            let known = self.client.memory.timers.get(&planned.id).and_then(|timer| timer.last.as_ref());
            if !interrupts || known.is_some_and(|(known, _)| *known > at) {
                continue;
            }
            let timer = self.silence_timer(planned, (at, change.subject.clone()));
            self.client.memory.timers.insert(planned.id.clone(), timer);
            self.effects.memory = true;
        }
    }

    /// Recomputes what depends on the client's own fields: dates, and schedules when the time zone changed.
    pub(in crate::engine) fn reschedule(&mut self) {
        let graphs = self.world.graphs;
        for planned in &graphs.plan().timers {
            if matches!(planned.trigger, Trigger::Silence { .. }) {
                continue;
            }
            let known = self.client.memory.timers.get(&planned.id);
            let timer = self.next_timer(planned, known);
            let stays = known.is_some_and(|known| known.zone == timer.zone && known.date == timer.date);
            if !stays {
                self.client.memory.timers.insert(planned.id.clone(), timer);
                self.effects.memory = true;
            }
        }
    }

    /// Fires the timers that are due, in source order, each once however overdue it is; with `draining` only those that
    /// do not recur.
    pub(in crate::engine) fn fire_due(&mut self, draining: bool) {
        let graphs = self.world.graphs;
        for planned in &graphs.plan().timers {
            let Some(timer) = self.client.memory.timers.get(&planned.id) else { continue };
            if timer.due.is_none_or(|due| due > self.now) || (draining && timer.recurring) {
                continue;
            }
            let subject = timer.last.as_ref().map(|(_, subject)| subject.clone());
            let timer = match &planned.trigger {
                Trigger::Silence { .. } => TriggerTimer { due: None, ..timer.clone() },
                Trigger::Happened { .. }
                | Trigger::Segment { .. }
                | Trigger::Date(_)
                | Trigger::Started { .. }
                | Trigger::Every { .. } => {
                    let done = timer.due.zip(timer.date.clone()).map(|(due, date)| Occasion { due, date });
                    self.next_timer(planned, Some(&TriggerTimer { due: None, done, ..timer.clone() }))
                }
            };
            self.client.memory.timers.insert(planned.id.clone(), timer);
            self.effects.memory = true;
            self.enter_by(|trigger| *trigger == planned.trigger, subject.as_ref());
        }
    }

    /// The timer of a trigger that is new to the client.
    pub(in crate::engine) fn first_timer(&self, planned: &PlannedTrigger, past: &[Event]) -> TriggerTimer {
        let Trigger::Silence { event, .. } = &planned.trigger else { return self.next_timer(planned, None) };
        let records = self.complete_records(event);
        let records = records.map(|(id, record)| (record.created_at, Subject::Record(RecordId::clone(id))));
        let events = past.iter().filter(|past| past.name == *event && past.key.is_none());
        let events = events.map(|past| (past.at, Subject::Event { event: event.clone(), fields: past.data.clone() }));
        match records.chain(events).max_by_key(|(at, _)| *at) {
            Some(last) => self.silence_timer(planned, last),
            None => TriggerTimer::default(),
        }
    }

    /// The next timer of a date or a schedule, after the known one. Only an event sets that of a silence.
    fn next_timer(&self, planned: &PlannedTrigger, known: Option<&TriggerTimer>) -> TriggerTimer {
        let zone = self.zone_of(planned);
        let timer = TriggerTimer { zone: zone.name().to_owned(), ..TriggerTimer::default() };
        match &planned.trigger {
            Trigger::Date(date) => self.date_timer(date, zone, known),
            Trigger::Every { schedule, .. } => {
                let recurring = schedule.once().is_none();
                TriggerTimer { due: schedule.next(zone, self.now), recurring, ..timer }
            }
            Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Silence { .. } | Trigger::Started { .. } => {
                timer
            }
        }
    }

    /// The timer of a silence that begins with an event. A silence that was already over is ignored.
    fn silence_timer(&self, planned: &PlannedTrigger, last: (Timestamp, Subject)) -> TriggerTimer {
        let Trigger::Silence { duration, .. } = &planned.trigger else { return TriggerTimer::default() };
        let zone = self.zone_of(planned);
        let due = Some(zone.plus(last.0, *duration)).filter(|due| *due > self.now);
        TriggerTimer { due, zone: zone.name().to_owned(), last: Some(last), ..TriggerTimer::default() }
    }

    fn zone_of(&self, planned: &PlannedTrigger) -> Zone {
        Scope::new(&self.world, &planned.graph, self.client, &BTreeMap::new(), self.now).zone
    }
}
