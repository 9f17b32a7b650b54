//! Entering: which funnels an event starts, and who may enter again. In: what happened. Out: new runs.

use super::advance::{Nudge, Turn};
use super::effect::{Effects, LineKind};
use super::handle::{Happening, put_back};
use super::ident;
use super::scope::{Scope, World};
use super::state::{Client, Entered, Fingerprint, Progress, Run, Subject};
use crate::check::program::Enter;
use crate::graph::{Entry, Graph};
use crate::value::{Timestamp, Value};
use std::collections::BTreeMap;

/// Starts a run in each funnel that the happening is a trigger of and that lets the client in.
pub(super) fn enter_runs(
    world: &World<'_>,
    client: &mut Client,
    happening: &Happening<'_>,
    now: Timestamp,
    effects: &mut Effects,
) {
    for (fingerprint, graph) in world.graphs.current() {
        for entry in graph.entries.iter().filter(|entry| happening.fits(&entry.pattern)) {
            let subjects = BTreeMap::from([(entry.binding.clone(), happening.subject.clone())]);
            if let Some(run) = admit(world, client, fingerprint, graph, entry, subjects, now) {
                effects.entered.insert((run.funnel.clone(), run.key.clone()));
                begin(world, client, graph, entry, run, now, effects);
            }
        }
    }
}

/// Starts a run in a named funnel about what another run is about, if it has an entry for such a thing.
pub(super) fn enter_funnel(
    world: &World<'_>,
    client: &mut Client,
    funnel: &str,
    subjects: &BTreeMap<String, Subject>,
    now: Timestamp,
    effects: &mut Effects,
) {
    for (fingerprint, graph) in world.graphs.current().filter(|(_, graph)| graph.funnel == funnel) {
        let entry = graph.entries.iter().find_map(|entry| {
            let about = |subject: &&Subject| subject.event() == entry.pattern.event;
            subjects.values().find(about).map(|subject| (entry, subject.clone()))
        });
        let Some((entry, subject)) = entry else { continue };
        let subjects = BTreeMap::from([(entry.binding.clone(), subject)]);
        if let Some(run) = admit(world, client, fingerprint, graph, entry, subjects, now) {
            effects.entered.insert((run.funnel.clone(), run.key.clone()));
            begin(world, client, graph, entry, run, now, effects);
        }
    }
}

fn begin(
    world: &World<'_>,
    client: &mut Client,
    graph: &Graph,
    entry: &Entry,
    mut run: Run,
    now: Timestamp,
    effects: &mut Effects,
) {
    let key = match run.subjects.get(&entry.binding) {
        Some(Subject::Record(record)) => Some(record.key.clone()),
        Some(Subject::Event { .. }) | None => None,
    };
    let mut turn = Turn { world: *world, graph, client, effects, now };
    turn.line(&run, &entry.id, LineKind::Enter { key });
    turn.advance(&mut run, Nudge::Enter(entry.start));
    put_back(client, run, effects);
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
    if entry.filter.as_ref().is_some_and(|filter| !scope.holds(filter)) {
        return None;
    }
    let record = match subjects.get(&entry.binding) {
        Some(Subject::Record(id)) => Some(format!("{}:{}", id.event, id.key)),
        Some(Subject::Event { .. }) | None => None,
    };
    let key = match &graph.settings.enter {
        Enter::OncePerRecord | Enter::Always => record.clone().unwrap_or_default(),
        Enter::Once | Enter::Again(_) => String::new(),
        Enter::OncePer(expr) => key_text(&scope.value(expr)?),
    };
    let memory = (graph.funnel.clone(), key.clone());
    let before = client.entered.get(&memory);
    let inside = client.runs.values().any(|run| run.funnel == graph.funnel && run.key == key);
    let allowed = match &graph.settings.enter {
        Enter::OncePerRecord => record.is_none() || before.is_none(),
        Enter::Always => record.is_none() || !inside,
        Enter::Once | Enter::OncePer(_) => before.is_none(),
        Enter::Again(after) => !inside && before.is_none_or(|b| scope.zone.plus(b.last_at, *after) <= now),
    };
    if !allowed {
        return None;
    }
    let count = before.map_or(0, |b| b.count) + 1;
    client.entered.insert(memory, Entered { count, last_at: now });
    Some(Run {
        id: ident::run(&graph.funnel, &client.id, &key, count),
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
