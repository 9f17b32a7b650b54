//! What makes a client enter a funnel: events, segments, silences, dates, schedules; and what counts as its goal.

pub(super) mod enter;
pub(super) mod goal;
pub(super) mod segment;
pub(super) mod time_trigger;

use crate::engine::client::history;
use crate::engine::model::{Client, Effects, Event, Membership, World};
use crate::value::Timestamp;
use segment::membership;
use time_trigger::first_timer;

/// Brings a client's memory in line with what the present graphs ask for. What is new begins silently: a segment that
/// the client is in already is not entered, a moment that is past does not come. Of a client of whom nothing is known
/// yet, everything is still to come.
pub(in crate::engine) fn sync_plan(
    world: &World<'_>,
    client: &mut Client,
    past: &[Event],
    now: Timestamp,
    effects: &mut Effects,
) {
    let plan = world.graphs.plan();
    if client.memory.plan == plan.id {
        return;
    }
    let unknown = client.fields.is_empty() && client.records.is_empty() && client.memory.plan.is_none();
    client.memory.plan.clone_from(&plan.id);
    client.memory.tallies.retain(|query, _| plan.contains(query));
    for need in plan.needs() {
        if !client.memory.tallies.contains_key(&need.query.id) {
            let tally = history::backfill(world, client, need, past, now);
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
    client.memory.timers.retain(|id, _| plan.timers.iter().any(|timer| timer.id == *id));
    for planned in &plan.timers {
        if !client.memory.timers.contains_key(&planned.id) {
            let timer = first_timer(world, client, planned, past, now);
            client.memory.timers.insert(planned.id.clone(), timer);
        }
    }
    effects.memory = true;
}
