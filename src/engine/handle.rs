//! One input of one client. In: the client's state and what happened. Out: the new state and effects: runs that
//! end, move on or begin, in this order.

use super::client::{consent, history, limit, record};
use super::model::{
    Client, Effects, Event, Fields, FollowUp, Input, Line, LineKind, Message, Outcome, RecordChange, Subject, World,
};
use super::run::{Wake, exit_runs, wake, wake_all};
use super::trigger::{self, enter, goal, segment, time_trigger};
use crate::value::Timestamp;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Takes one input of one client at an instant.
///
/// It is deterministic: the same state, input and time give the same effects on every host. Runs are visited in the
/// order of their ids, entries in the order of the text.
pub fn handle(world: &World<'_>, client: &mut Client, input: Input, now: Timestamp) -> Effects {
    let mut effects = Effects::default();
    let past = if let Input::Backfill(past) = &input { past.as_slice() } else { &[] };
    trigger::sync_plan(world, client, past, now, &mut effects);
    match input {
        Input::Backfill(_) => {}
        Input::Event(event) => take_event(world, client, &event, now, &mut effects),
        Input::RunTimer(id) => wake(world, client, &id, Wake::Timer, now, &mut effects),
        Input::ClientTimer | Input::Drain => {
            time_trigger::fire_due(world, client, input == Input::Drain, now, &mut effects);
            segment::reevaluate_segments(world, client, false, now, &mut effects);
        }
        Input::Outcome(message, outcome) => {
            effects.lines.extend(outcome_line(&message, &outcome, now));
            if matches!(outcome, Outcome::NotSent { .. }) {
                limit::forget(client, &message.id, &mut effects);
            }
            wake(world, client, &message.run, Wake::Outcome(&message.id, &outcome), now, &mut effects);
        }
    }
    follow_ups(world, client, now, &mut effects);
    effects
}

/// Limit: so many emitted events and started funnels follow from one input; more would be funnels that start each
/// other for ever.
const MAX_FOLLOW_UPS: usize = 1000;

/// Takes what runs set off, in order, until nothing follows.
fn follow_ups(world: &World<'_>, client: &mut Client, now: Timestamp, effects: &mut Effects) {
    for _ in 0..MAX_FOLLOW_UPS {
        match effects.follow_ups.pop_front() {
            Some(FollowUp::Event(event)) => {
                take_event(world, client, &event, now, effects);
                effects.emitted.push(event);
            }
            Some(FollowUp::FieldChanged(field)) => field_changed(world, client, field, now, effects),
            Some(FollowUp::Start { funnel, subjects }) => {
                enter::enter_funnel(world, client, &funnel, &subjects, now, effects);
            }
            None => return,
        }
    }
    if !effects.follow_ups.is_empty() {
        effects.follow_ups.clear();
        halt(effects);
    }
}

/// Says why nothing more follows, where the last thing was set off.
fn halt(effects: &mut Effects) {
    let sets_off = |line: &&Line| {
        matches!(
            line.kind,
            LineKind::Emit { .. }
                | LineKind::Start { .. }
                | LineKind::Set { .. }
                | LineKind::Tag { .. }
                | LineKind::Untag { .. }
        )
    };
    let last = effects.lines.iter().rev().find(sets_off).cloned();
    let reason = format!("funnels set each other off {MAX_FOLLOW_UPS} times in one instant, the rest is left out");
    effects.lines.extend(last.map(|line| Line { kind: LineKind::Halt { reason }, ..line }));
}

fn take_event(world: &World<'_>, client: &mut Client, event: &Event, now: Timestamp, effects: &mut Effects) {
    let is_client = event.name == "client";
    let change =
        if is_client { record::merge_client(client, event, effects) } else { record::note(client, event, effects) };
    let mut past_changed = false;
    if is_client {
        client_changed(world, client, now, effects);
    } else {
        consent::record_event(client, event, effects);
        past_changed = history::remember(world, client, &change, now, effects);
        time_trigger::on_event(world, client, &change, now, effects);
    }
    happened(world, client, &change, past_changed, now, effects);
}

/// Lets everything take part that an event or a change concerns: goals, runs that it ends, runs that wait, funnels that
/// it starts, segments.
fn happened(
    world: &World<'_>,
    client: &mut Client,
    change: &RecordChange<'_>,
    past_changed: bool,
    now: Timestamp,
    effects: &mut Effects,
) {
    goal::reach(world, client, change, now, effects);
    exit_runs(world, client, change, now, effects);
    wake_all(world, client, Wake::Event(change), now, effects);
    if past_changed {
        wake_all(world, client, Wake::FieldsChanged, now, effects);
    }
    enter::enter_runs(world, client, change, now, effects);
    segment::reevaluate_segments(world, client, true, now, effects);
}

/// Lets a change that a run made to a field of the client's take effect.
fn field_changed(world: &World<'_>, client: &mut Client, field: String, now: Timestamp, effects: &mut Effects) {
    client_changed(world, client, now, effects);
    let turned_true = client.fields.get(&field) == Some(&Json::Bool(true));
    let (id, key) = (None, None);
    let event = Event { id, name: "client".to_owned(), client: client.id.clone(), at: now, key, data: Fields::new() };
    let subject = Subject::Event { event: event.name.clone(), fields: Fields::new() };
    let turned_true = turned_true.then(|| field.clone()).into_iter().collect();
    let changed = BTreeSet::from([field]);
    let change = RecordChange { event: &event, subject, created: false, turned_true, changed, by_run: true };
    happened(world, client, &change, false, now, effects);
}

/// Lets everything look anew that reads the client's own fields.
fn client_changed(world: &World<'_>, client: &mut Client, now: Timestamp, effects: &mut Effects) {
    time_trigger::reschedule(world, client, now, effects);
    wake_all(world, client, Wake::FieldsChanged, now, effects);
    segment::reevaluate_segments(world, client, true, now, effects);
}

fn outcome_line(message: &Message, outcome: &Outcome, now: Timestamp) -> Option<Line> {
    let (channel, to) = (message.channel.clone(), message.to.clone());
    let kind = match outcome {
        Outcome::Sent => return None,
        Outcome::NotSent { reason } => {
            LineKind::NotSent { message: Some(message.id.clone()), channel, to: Some(to), reason: reason.clone() }
        }
        Outcome::Unknown { reason } => {
            LineKind::Unknown { message: message.id.clone(), channel, to, reason: reason.clone() }
        }
    };
    Some(Line {
        at: now,
        zone: message.zone.clone(),
        client: message.client.clone(),
        run: message.run.clone(),
        funnel: message.funnel.clone(),
        element: message.element.clone(),
        kind,
    })
}
