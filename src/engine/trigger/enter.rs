//! Entering: which funnels something starts, and who may enter again. In: what happened. Out: new runs.

use super::goal;
use crate::check::program::{Enter, Trigger};
use crate::engine::eval::Scope;
use crate::engine::model::{
    Client, Effects, Entered, Fingerprint, LineKind, Progress, RecordChange, RecordId, Run, RunId, Subject, World,
};
use crate::engine::run::{RunTurn, Wake, store_run};
use crate::graph::{Entry, Graph};
use crate::value::{Timestamp, Value};
use std::collections::BTreeMap;

/// Starts a run in each funnel that the happening is a trigger of and that lets the client in.
pub(in crate::engine) fn enter_runs(
    world: &World<'_>,
    client: &mut Client,
    change: &RecordChange<'_>,
    now: Timestamp,
    effects: &mut Effects,
) {
    let starts = |trigger: &Trigger| match trigger {
        Trigger::Happened { patterns, .. } => patterns.iter().any(|pattern| change.matches(pattern)),
        Trigger::Segment { .. } | Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Every { .. } => false,
    };
    enter_by(world, client, starts, Some(&change.subject), now, effects);
}

/// Starts a run by each trigger that comes now, in the order of the text.
pub(in crate::engine) fn enter_by(
    world: &World<'_>,
    client: &mut Client,
    starts: impl Fn(&Trigger) -> bool,
    subject: Option<&Subject>,
    now: Timestamp,
    effects: &mut Effects,
) {
    for (fingerprint, graph) in world.graphs.current() {
        for entry in graph.entries.iter().filter(|entry| starts(&entry.trigger)) {
            enter(world, client, (fingerprint, graph, entry), subject, now, effects);
        }
    }
}

/// Starts a run in a named funnel about what another run is about, if it has an entry for such a thing, or one that is
/// about the client alone.
pub(in crate::engine) fn enter_funnel(
    world: &World<'_>,
    client: &mut Client,
    funnel: &str,
    subjects: &BTreeMap<String, Subject>,
    now: Timestamp,
    effects: &mut Effects,
) {
    for (fingerprint, graph) in world.graphs.current().filter(|(_, graph)| graph.funnel == funnel) {
        let about = graph.entries.iter().find_map(|entry| {
            let subject = subjects.values().find(|subject| entry.trigger.is_about(subject.event()))?;
            Some((entry, Some(subject)))
        });
        let alone = || graph.entries.iter().find(|entry| entry.trigger.binding().is_none()).map(|entry| (entry, None));
        if let Some((entry, subject)) = about.or_else(alone) {
            enter(world, client, (fingerprint, graph, entry), subject, now, effects);
        }
    }
}

/// Starts a run by an entry, if it lets the client in.
fn enter(
    world: &World<'_>,
    client: &mut Client,
    (fingerprint, graph, entry): (&Fingerprint, &Graph, &Entry),
    subject: Option<&Subject>,
    now: Timestamp,
    effects: &mut Effects,
) {
    let bound = entry.trigger.binding().zip(subject);
    let subjects = bound.map(|(name, subject)| (name.to_owned(), subject.clone())).into_iter().collect();
    let Some(mut run) = admit(world, client, fingerprint, graph, entry, subjects, now) else { return };
    effects.entered.insert((run.funnel.clone(), run.key.clone()));
    goal::open(graph, client, &run, effects);
    let key = record(entry, &run.subjects).map(|record| record.key.clone());
    let mut turn = RunTurn { world: *world, graph, client, effects, now };
    turn.log(&run, &entry.id, LineKind::Enter { key });
    turn.advance(&mut run, Wake::Enter(entry.start));
    store_run(client, run, effects);
}

/// The record that a run by an entry is about.
fn record<'s>(entry: &Entry, subjects: &'s BTreeMap<String, Subject>) -> Option<&'s RecordId> {
    match subjects.get(entry.trigger.binding()?) {
        Some(Subject::Record(record)) => Some(record),
        Some(Subject::Event { .. }) | None => None,
    }
}

/// Whether an entry's filter holds, and the client is in the segment that a schedule is for.
fn wanted(scope: &Scope<'_>, entry: &Entry) -> bool {
    let segment = match &entry.trigger {
        Trigger::Every { segment, .. } => segment.as_ref().map(|segment| &segment.condition),
        Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Silence { .. } | Trigger::Date(_) => None,
    };
    segment.into_iter().chain(&entry.filter).all(|condition| scope.holds(condition))
}

/// Makes a run when the entry's filter holds and `enter` allows it, and remembers that it entered.
fn admit(
    world: &World<'_>,
    client: &mut Client,
    fingerprint: &Fingerprint,
    graph: &Graph,
    entry: &Entry,
    subjects: BTreeMap<String, Subject>,
    now: Timestamp,
) -> Option<Run> {
    let scope = Scope::new(world, graph, client, &subjects, now);
    if !wanted(&scope, entry) {
        return None;
    }
    let record = record(entry, &subjects).map(|id| format!("{}:{}", id.event, id.key));
    // Where no event happens, there is nothing that could tell two runs of the client apart.
    let may_double = record.is_none() && entry.trigger.binding().is_some();
    let key = match &graph.settings.enter {
        Enter::OncePerRecord | Enter::Always => record.clone().unwrap_or_default(),
        Enter::Once | Enter::Again(_) => String::new(),
        Enter::OncePer(expr) => key_text(&scope.value(expr)?),
    };
    let memory = (graph.funnel.clone(), key.clone());
    let before = client.entered.get(&memory);
    let inside = client.runs.values().any(|run| run.funnel == graph.funnel && run.key == key);
    let allowed = match &graph.settings.enter {
        Enter::OncePerRecord if record.is_some() => before.is_none(),
        Enter::OncePerRecord | Enter::Always => may_double || !inside,
        Enter::Once | Enter::OncePer(_) => before.is_none(),
        Enter::Again(after) => !inside && before.is_none_or(|b| scope.zone.plus(b.last_at, *after) <= now),
    };
    if !allowed {
        return None;
    }
    let count = before.map_or(0, |b| b.count) + 1;
    client.entered.insert(memory, Entered { count, last_at: now });
    Some(Run {
        id: RunId::derive(&graph.funnel, &client.id, &key, count),
        funnel: graph.funnel.clone(),
        graph: fingerprint.clone(),
        client: client.id.clone(),
        subjects,
        key,
        entered_at: now,
        positions: Vec::new(),
        progress: Progress::default(),
        ended: None,
    })
}

/// A value as an entry key: its JSON, a text without quotes.
fn key_text(value: &Value) -> String {
    match crate::value::json::write(value) {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}
