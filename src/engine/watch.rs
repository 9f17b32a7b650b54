//! Triggers that are not events: segments, silences, dates, schedules. In: what changed for a client, or the time.
//! Out: when each comes next, and the runs that begin.

use super::effect::Effects;
use super::enter;
use super::handle::Happening;
use super::history;
use super::input::Event;
use super::memory::{Alarm, Membership};
use super::plan::Planned;
use super::scope::{Scope, World};
use super::state::{Client, RecordId, Subject};
use crate::check::program::{DateTrigger, Expr, Trigger};
use crate::graph::Graph;
use crate::value::{CivilDateTime, TimeOfDay, Timestamp, Type, Value, json, next_anniversary};
use std::collections::BTreeMap;

/// Brings a client's memory in line with what the present graphs ask for. What is new begins silently: a segment that
/// the client is in already is not entered, a moment that is past does not come. Of a client of whom nothing is known
/// yet, everything is still to come.
pub(super) fn arm(world: &World<'_>, client: &mut Client, past: &[Event], now: Timestamp, effects: &mut Effects) {
    let plan = world.graphs.plan();
    if client.memory.plan == plan.id {
        return;
    }
    let unknown = client.fields.is_empty() && client.records.is_empty() && client.memory.plan.is_none();
    client.memory.plan.clone_from(&plan.id);
    client.memory.tallies.retain(|query, _| plan.has(query));
    for need in plan.needs() {
        if !client.memory.tallies.contains_key(&need.query.id) {
            let tally = history::recall(world, client, need, past, now);
            client.memory.tallies.insert(need.query.id.clone(), tally);
        }
    }
    client.memory.segments.retain(|id, _| plan.segments.iter().any(|segment| segment.id == *id));
    for segment in &plan.segments {
        if client.memory.segments.contains_key(&segment.id) {
            continue;
        }
        let seen = membership(world, client, &segment.graph, &segment.segment.condition, now);
        let membership = if unknown { Membership { inside: false, ..seen } } else { seen };
        client.memory.segments.insert(segment.id.clone(), membership);
    }
    client.memory.alarms.retain(|id, _| plan.alarms.iter().any(|alarm| alarm.id == *id));
    for planned in &plan.alarms {
        if !client.memory.alarms.contains_key(&planned.id) {
            let alarm = first(world, client, planned, past, now);
            client.memory.alarms.insert(planned.id.clone(), alarm);
        }
    }
    effects.memory = true;
}

/// When a trigger comes first.
fn first(world: &World<'_>, client: &Client, planned: &Planned, past: &[Event], now: Timestamp) -> Alarm {
    let Trigger::Silence { event, .. } = &planned.trigger else { return next(world, client, planned, now) };
    let records = client.records.iter().filter(|(id, _)| id.event == *event);
    let records = records.map(|(id, record)| (record.created_at, Subject::Record(RecordId::clone(id))));
    let events = past.iter().filter(|past| past.name == *event && past.key.is_none());
    let events = events.map(|past| (past.at, Subject::Event { event: event.clone(), fields: past.data.clone() }));
    match records.chain(events).max_by_key(|(at, _)| *at) {
        Some(last) => silence(world, client, planned, last, now),
        None => Alarm::default(),
    }
}

/// When a date or a schedule comes next; a silence comes by an event only.
fn next(world: &World<'_>, client: &Client, planned: &Planned, now: Timestamp) -> Alarm {
    let nothing = BTreeMap::new();
    let zone = Scope::new(world, &planned.graph, client, &nothing, now).zone;
    let due = match &planned.trigger {
        Trigger::Date(date) => {
            let ty = if date.yearly { Type::Date } else { Type::DateTime };
            let value =
                client.fields.get(&date.field).and_then(|json| json::read(json, &ty, json::Locale::default()).ok());
            value.and_then(|value| moment_of(date, &value, zone, now))
        }
        Trigger::Every { schedule, .. } => schedule.next(zone, now),
        Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Silence { .. } => None,
    };
    let again = matches!(&planned.trigger, Trigger::Every { .. } | Trigger::Date(DateTrigger { yearly: true, .. }));
    Alarm { due, again, zone: zone.name().to_owned(), last: None }
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
fn silence(world: &World<'_>, client: &Client, planned: &Planned, last: (Timestamp, Subject), now: Timestamp) -> Alarm {
    let Trigger::Silence { duration, .. } = &planned.trigger else { return Alarm::default() };
    let nothing = BTreeMap::new();
    let zone = Scope::new(world, &planned.graph, client, &nothing, now).zone;
    let due = Some(zone.plus(last.0, *duration)).filter(|due| *due > now);
    Alarm { due, again: false, zone: zone.name().to_owned(), last: Some(last) }
}

/// Starts the silences anew that an event breaks.
pub(super) fn heard(
    world: &World<'_>,
    client: &mut Client,
    happening: &Happening<'_>,
    now: Timestamp,
    effects: &mut Effects,
) {
    if !happening.created() {
        return;
    }
    for planned in &world.graphs.plan().alarms {
        let breaks = matches!(&planned.trigger, Trigger::Silence { event, .. } if *event == happening.event.name);
        let known = client.memory.alarms.get(&planned.id).and_then(|alarm| alarm.last.as_ref());
        if !breaks || known.is_some_and(|(at, _)| *at > happening.event.at) {
            continue;
        }
        let last = (happening.event.at, happening.subject.clone());
        let alarm = silence(world, client, planned, last, now);
        client.memory.alarms.insert(planned.id.clone(), alarm);
        effects.memory = true;
    }
}

/// Computes anew what hangs on the client's own fields: dates, and schedules where the zone is another.
pub(super) fn moved(world: &World<'_>, client: &mut Client, now: Timestamp, effects: &mut Effects) {
    for planned in &world.graphs.plan().alarms {
        if matches!(planned.trigger, Trigger::Silence { .. }) {
            continue;
        }
        let alarm = next(world, client, planned, now);
        let known = client.memory.alarms.get(&planned.id);
        let by_date = matches!(planned.trigger, Trigger::Date(_));
        let stays = known.is_some_and(|known| if by_date { *known == alarm } else { known.zone == alarm.zone });
        if !stays {
            client.memory.alarms.insert(planned.id.clone(), alarm);
            effects.memory = true;
        }
    }
}

/// Starts what is due, each once however long it has been due, in the order of the text; with `echo`, only what does not
/// come round again.
pub(super) fn ring(world: &World<'_>, client: &mut Client, echo: bool, now: Timestamp, effects: &mut Effects) {
    for planned in &world.graphs.plan().alarms {
        let Some(alarm) = client.memory.alarms.get(&planned.id) else { continue };
        if alarm.due.is_none_or(|due| due > now) || (echo && alarm.again) {
            continue;
        }
        let subject = alarm.last.as_ref().map(|(_, subject)| subject.clone());
        let alarm = match &planned.trigger {
            Trigger::Silence { .. } => Alarm { due: None, ..alarm.clone() },
            Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Date(_) | Trigger::Every { .. } => {
                next(world, client, planned, now)
            }
        };
        client.memory.alarms.insert(planned.id.clone(), alarm);
        effects.memory = true;
        enter::enter_by(world, client, |trigger| *trigger == planned.trigger, subject.as_ref(), now, effects);
    }
}

/// Sees who entered or left a segment, where something changed or time may have changed it, and starts what follows.
pub(super) fn look(world: &World<'_>, client: &mut Client, changed: bool, now: Timestamp, effects: &mut Effects) {
    for segment in &world.graphs.plan().segments {
        let Some(before) = client.memory.segments.get(&segment.id) else { continue };
        if !changed && before.recheck.is_none_or(|recheck| recheck > now) {
            continue;
        }
        let seen = membership(world, client, &segment.graph, &segment.segment.condition, now);
        if seen == *before {
            continue;
        }
        let turned = (seen.inside != before.inside).then_some(seen.inside);
        client.memory.segments.insert(segment.id.clone(), seen);
        effects.memory = true;
        let Some(inside) = turned else { continue };
        let fits = |trigger: &Trigger| match trigger {
            Trigger::Segment { segment: own, entering } => *entering == inside && *own == segment.segment,
            Trigger::Happened { .. } | Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Every { .. } => false,
        };
        enter::enter_by(world, client, fits, None, now, effects);
    }
}

/// Whether a condition over the client holds now, and when time alone may change that.
fn membership(world: &World<'_>, client: &Client, graph: &Graph, condition: &Expr, now: Timestamp) -> Membership {
    let nothing = BTreeMap::new();
    let scope = Scope::new(world, graph, client, &nothing, now);
    let inside = scope.holds(condition);
    scope.changes_with_the_clock(condition);
    let pending = scope.pending.get();
    Membership { inside, recheck: scope.recheck.get().into_iter().chain(pending).min() }
}

const DAY_MS: i64 = 86_400_000;

/// How near a change must be, in milliseconds, to be looked for at each midnight: five days.
const NEAR_MS: i64 = 5 * DAY_MS;

impl Scope<'_> {
    /// Notes that what is computed may change at a moment.
    pub(super) fn changes_at(&self, moment: Option<Timestamp>) {
        self.recheck.set(self.recheck.get().into_iter().chain(moment).min());
    }

    /// Notes when a condition that reads the clock may change.
    fn changes_with_the_clock(&self, condition: &Expr) {
        if let Expr::Compare(_, left, right) = condition
            && (reads_clock(left) || reads_clock(right))
        {
            return self.changes_at(self.crossing(left, right));
        }
        if matches!(condition, Expr::Now | Expr::Day { .. }) {
            return self.changes_at(Some(self.midnight()));
        }
        condition.children().into_iter().for_each(|part| self.changes_with_the_clock(part));
    }

    /// When two sides may next compare otherwise: as far from now as they are from each other. Steps of the calendar make
    /// that inexact by up to three days, so it is asked again some days before, and then at each midnight.
    fn crossing(&self, left: &Expr, right: &Expr) -> Option<Timestamp> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        let apart = match (&left, &right) {
            (Value::Duration(a), Value::Duration(b)) => a.nominal_ms().abs_diff(b.nominal_ms()),
            (a, b) => {
                let (a, b) = (super::operate::instant(a, self.zone)?, super::operate::instant(b, self.zone)?);
                a.0.abs_diff(b.0)
            }
        };
        let apart = i64::try_from(apart.max(1)).unwrap_or(i64::MAX);
        if apart > NEAR_MS {
            return Some(self.now.plus_ms(apart - NEAR_MS + DAY_MS));
        }
        Some(self.now.plus_ms(apart).min(self.midnight()))
    }

    fn midnight(&self) -> Timestamp {
        let tomorrow = self.zone.civil(self.now).date.plus(0, 1);
        self.zone.resolve(CivilDateTime { date: tomorrow, time: TimeOfDay::MIDNIGHT }).max(self.now.plus_ms(1))
    }
}

fn reads_clock(expr: &Expr) -> bool {
    matches!(expr, Expr::Now | Expr::Day { .. }) || expr.children().into_iter().any(reads_clock)
}
