//! Triggers that fire at a time: silences, dates, schedules. In: what changed for a client, or the time. Out: when each
//! fires next, and the runs that begin.

use crate::check::program::{DateTrigger, Trigger};
use crate::engine::client::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{Event, PlannedTrigger, RecordChange, RecordId, Subject, TriggerTimer};
use crate::value::{CivilDateTime, Timestamp, Type, Value, Zone, json, next_anniversary};
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
            let timer = self.next_timer(planned);
            let known = self.client.memory.timers.get(&planned.id);
            let by_date = matches!(planned.trigger, Trigger::Date(_));
            let stays = known.is_some_and(|known| if by_date { *known == timer } else { known.zone == timer.zone });
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
                Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Date(_) | Trigger::Every { .. } => {
                    self.next_timer(planned)
                }
            };
            self.client.memory.timers.insert(planned.id.clone(), timer);
            self.effects.memory = true;
            self.enter_by(|trigger| *trigger == planned.trigger, subject.as_ref());
        }
    }

    /// The timer of a trigger that is new to the client.
    pub(in crate::engine) fn first_timer(&self, planned: &PlannedTrigger, past: &[Event]) -> TriggerTimer {
        let Trigger::Silence { event, .. } = &planned.trigger else { return self.next_timer(planned) };
        let records = self.complete_records(event);
        let records = records.map(|(id, record)| (record.created_at, Subject::Record(RecordId::clone(id))));
        let events = past.iter().filter(|past| past.name == *event && past.key.is_none());
        let events = events.map(|past| (past.at, Subject::Event { event: event.clone(), fields: past.data.clone() }));
        match records.chain(events).max_by_key(|(at, _)| *at) {
            Some(last) => self.silence_timer(planned, last),
            None => TriggerTimer::default(),
        }
    }

    /// The next timer of a date or a schedule. Only an event sets that of a silence.
    fn next_timer(&self, planned: &PlannedTrigger) -> TriggerTimer {
        let zone = self.zone_of(planned);
        let due = match &planned.trigger {
            Trigger::Date(date) => {
                let ty = if date.yearly { Type::Date } else { Type::DateTime };
                let json = self.client.fields.get(&date.field);
                let value = json.and_then(|json| json::read(json, &ty, json::Locale::default()).ok());
                value.and_then(|value| next_moment(date, &value, zone, self.now))
            }
            Trigger::Every { schedule, .. } => schedule.next(zone, self.now),
            Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Silence { .. } => None,
        };
        let recurring =
            matches!(&planned.trigger, Trigger::Every { .. } | Trigger::Date(DateTrigger { yearly: true, .. }));
        TriggerTimer { due, recurring, zone: zone.name().to_owned(), last: None }
    }

    /// The timer of a silence that begins with an event. A silence that was already over is ignored.
    fn silence_timer(&self, planned: &PlannedTrigger, last: (Timestamp, Subject)) -> TriggerTimer {
        let Trigger::Silence { duration, .. } = &planned.trigger else { return TriggerTimer::default() };
        let zone = self.zone_of(planned);
        let due = Some(zone.plus(last.0, *duration)).filter(|due| *due > self.now);
        TriggerTimer { due, recurring: false, zone: zone.name().to_owned(), last: Some(last) }
    }

    fn zone_of(&self, planned: &PlannedTrigger) -> Zone {
        Scope::new(&self.world, &planned.graph, self.client, &BTreeMap::new(), self.now).zone
    }
}

/// The next moment of a date trigger after now.
fn next_moment(date: &DateTrigger, value: &Value, zone: Zone, now: Timestamp) -> Option<Timestamp> {
    let once = |at: Timestamp| {
        let day = zone.civil(zone.plus(at, date.offset)).date;
        Some(zone.resolve(CivilDateTime { date: day, time: date.at })).filter(|at| *at > now)
    };
    match value {
        Value::Date(day) => next_anniversary(*day, date.offset, date.at, zone, now),
        Value::DateTime(at) => once(*at),
        Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Money(_)
        | Value::Time(_)
        | Value::Civil(_)
        | Value::Duration(_)
        | Value::List(_) => None,
    }
}
