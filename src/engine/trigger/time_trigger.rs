//! Triggers that are not events: segments, silences, dates, schedules. In: what changed for a client, or the time.
//! Out: when each comes next, and the runs that begin.

use super::enter;
use crate::check::program::{DateTrigger, Trigger};
use crate::engine::eval::Scope;
use crate::engine::model::{
    Client, Effects, Event, PlannedTrigger, RecordChange, RecordId, Subject, TriggerTimer, World,
};
use crate::value::{CivilDateTime, Timestamp, Type, Value, json, next_anniversary};
use std::collections::BTreeMap;

/// When a trigger comes first.
pub(super) fn first_timer(
    world: &World<'_>,
    client: &Client,
    planned: &PlannedTrigger,
    past: &[Event],
    now: Timestamp,
) -> TriggerTimer {
    let Trigger::Silence { event, .. } = &planned.trigger else { return next_timer(world, client, planned, now) };
    let records = client.records.iter().filter(|(id, _)| id.event == *event);
    let records = records.map(|(id, record)| (record.created_at, Subject::Record(RecordId::clone(id))));
    let events = past.iter().filter(|past| past.name == *event && past.key.is_none());
    let events = events.map(|past| (past.at, Subject::Event { event: event.clone(), fields: past.data.clone() }));
    match records.chain(events).max_by_key(|(at, _)| *at) {
        Some(last) => silence_timer(world, client, planned, last, now),
        None => TriggerTimer::default(),
    }
}

/// When a date or a schedule comes next; a silence comes by an event only.
fn next_timer(world: &World<'_>, client: &Client, planned: &PlannedTrigger, now: Timestamp) -> TriggerTimer {
    let nothing = BTreeMap::new();
    let zone = Scope::new(world, &planned.graph, client, &nothing, now).zone;
    let due = match &planned.trigger {
        Trigger::Date(date) => {
            let ty = if date.yearly { Type::Date } else { Type::DateTime };
            let value =
                client.fields.get(&date.field).and_then(|json| json::read(json, &ty, json::Local::default()).ok());
            value.and_then(|value| moment_of(date, &value, zone, now))
        }
        Trigger::Every { schedule, .. } => schedule.next(zone, now),
        Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Silence { .. } => None,
    };
    let recurring = matches!(&planned.trigger, Trigger::Every { .. } | Trigger::Date(DateTrigger { yearly: true, .. }));
    TriggerTimer { due, recurring, zone: zone.name().to_owned(), last: None }
}

/// The next moment of a date trigger after now.
fn moment_of(date: &DateTrigger, value: &Value, zone: crate::value::Zone, now: Timestamp) -> Option<Timestamp> {
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

/// The silence after an event. One that was over before anybody knew of it is not noticed any more.
fn silence_timer(
    world: &World<'_>,
    client: &Client,
    planned: &PlannedTrigger,
    last: (Timestamp, Subject),
    now: Timestamp,
) -> TriggerTimer {
    let Trigger::Silence { duration, .. } = &planned.trigger else { return TriggerTimer::default() };
    let nothing = BTreeMap::new();
    let zone = Scope::new(world, &planned.graph, client, &nothing, now).zone;
    let due = Some(zone.plus(last.0, *duration)).filter(|due| *due > now);
    TriggerTimer { due, recurring: false, zone: zone.name().to_owned(), last: Some(last) }
}

/// Starts the silences anew that an event breaks.
pub(in crate::engine) fn on_event(
    world: &World<'_>,
    client: &mut Client,
    change: &RecordChange<'_>,
    now: Timestamp,
    effects: &mut Effects,
) {
    if !change.created {
        return;
    }
    for planned in &world.graphs.plan().timers {
        let breaks = matches!(&planned.trigger, Trigger::Silence { event, .. } if *event == change.event.name);
        let known = client.memory.timers.get(&planned.id).and_then(|timer| timer.last.as_ref());
        if !breaks || known.is_some_and(|(at, _)| *at > change.event.at) {
            continue;
        }
        let last = (change.event.at, change.subject.clone());
        let timer = silence_timer(world, client, planned, last, now);
        client.memory.timers.insert(planned.id.clone(), timer);
        effects.memory = true;
    }
}

/// Computes anew what hangs on the client's own fields: dates, and schedules where the zone is another.
pub(in crate::engine) fn reschedule(world: &World<'_>, client: &mut Client, now: Timestamp, effects: &mut Effects) {
    for planned in &world.graphs.plan().timers {
        if matches!(planned.trigger, Trigger::Silence { .. }) {
            continue;
        }
        let timer = next_timer(world, client, planned, now);
        let known = client.memory.timers.get(&planned.id);
        let by_date = matches!(planned.trigger, Trigger::Date(_));
        let stays = known.is_some_and(|known| if by_date { *known == timer } else { known.zone == timer.zone });
        if !stays {
            client.memory.timers.insert(planned.id.clone(), timer);
            effects.memory = true;
        }
    }
}

/// Starts what is due, each once however long it has been due, in the order of the text; with `echo`, only what does not
/// come round again.
pub(in crate::engine) fn fire_due(
    world: &World<'_>,
    client: &mut Client,
    draining: bool,
    now: Timestamp,
    effects: &mut Effects,
) {
    for planned in &world.graphs.plan().timers {
        let Some(timer) = client.memory.timers.get(&planned.id) else { continue };
        if timer.due.is_none_or(|due| due > now) || (draining && timer.recurring) {
            continue;
        }
        let subject = timer.last.as_ref().map(|(_, subject)| subject.clone());
        let timer = match &planned.trigger {
            Trigger::Silence { .. } => TriggerTimer { due: None, ..timer.clone() },
            Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Date(_) | Trigger::Every { .. } => {
                next_timer(world, client, planned, now)
            }
        };
        client.memory.timers.insert(planned.id.clone(), timer);
        effects.memory = true;
        enter::enter_by(world, client, |trigger| *trigger == planned.trigger, subject.as_ref(), now, effects);
    }
}
