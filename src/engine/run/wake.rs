//! Which runs something concerns, and a turn for each of them.

use super::turn::{RunTurn, Wake};
use crate::check::program::Exit;
use crate::engine::eval::Scope;
use crate::engine::model::{Client, Effects, EndReason, RecordChange, Run, RunId, Waiting, World};
use crate::graph::Graph;
use crate::value::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(in crate::engine) fn exit_runs(
    world: &World<'_>,
    client: &mut Client,
    change: &RecordChange<'_>,
    now: Timestamp,
    effects: &mut Effects,
) {
    let leaving = |run: &Run| {
        let graph = world.graphs.get(&run.graph)?;
        let exit = graph.settings.exits.iter().find(|exit| exits(world, graph, client, run, exit, change, now))?;
        Some((run.id.clone(), graph.clone(), exit.text.clone()))
    };
    for (id, graph, text) in client.runs.values().filter_map(leaving).collect::<Vec<_>>() {
        with_run(world, client, &id, &graph, now, effects, |turn, run| turn.end(run, EndReason::Exited(text)));
    }
}

fn exits(
    world: &World<'_>,
    graph: &Graph,
    client: &Client,
    run: &Run,
    exit: &Exit,
    change: &RecordChange<'_>,
    now: Timestamp,
) -> bool {
    if !change.matches(&exit.pattern) || !change.concerns(&run.subjects, &exit.pattern) {
        return false;
    }
    let Some(filter) = &exit.filter else { return true };
    let mut subjects = run.subjects.clone();
    subjects.insert(change.event.name.clone(), change.subject.clone());
    Scope::new(world, graph, client, &subjects, now).holds(filter)
}

/// Lets the runs that wait for such a thing look at what changed.
pub(in crate::engine) fn wake_all(
    world: &World<'_>,
    client: &mut Client,
    what: Wake<'_>,
    now: Timestamp,
    effects: &mut Effects,
) {
    let listening: Vec<_> = client.runs.values().filter(|run| listens(run, what)).map(|run| run.id.clone()).collect();
    for id in listening {
        wake(world, client, &id, what, now, effects);
    }
}

/// Whether a run may have to do something about a change. A client has few runs that do, and may have thousands that
/// only let time pass.
fn listens(run: &Run, what: Wake<'_>) -> bool {
    run.positions.iter().any(|position| match (&position.waiting, what) {
        (Waiting::Event, Wake::Event(_)) => true,
        (Waiting::Answer | Waiting::Moment, Wake::Event(change)) => {
            run.subjects.values().any(|subject| *subject == change.subject)
        }
        (Waiting::Answer | Waiting::Moment | Waiting::Event, Wake::FieldsChanged) => true,
        (Waiting::Duration | Waiting::Hours | Waiting::Limit | Waiting::Outcome(_), _)
        | (_, Wake::Enter(_) | Wake::Timer | Wake::Outcome(..)) => false,
    })
}

pub(in crate::engine) fn wake(
    world: &World<'_>,
    client: &mut Client,
    id: &RunId,
    wake: Wake<'_>,
    now: Timestamp,
    effects: &mut Effects,
) {
    let Some(run) = client.runs.get(id) else { return };
    let Some(graph) = world.graphs.get(&run.graph).cloned() else { return };
    with_run(world, client, id, &graph, now, effects, |turn, run| turn.advance(run, wake));
}

/// Takes a run out of the client, gives it a turn, and puts it back unless it ended.
fn with_run(
    world: &World<'_>,
    client: &mut Client,
    id: &RunId,
    graph: &Arc<Graph>,
    now: Timestamp,
    effects: &mut Effects,
    turn: impl FnOnce(&mut RunTurn<'_>, &mut Run),
) {
    let Some(mut run) = client.runs.remove(id) else { return };
    turn(&mut RunTurn { world: *world, graph, client, effects, now }, &mut run);
    store_run(client, run, effects);
}

/// Keeps a run that goes on with its client, and one that ended with the effects.
pub(in crate::engine) fn store_run(client: &mut Client, run: Run, effects: &mut Effects) {
    if run.ended.is_some() {
        effects.runs.remove(&run.id);
        effects.ended.push(run);
        if client.runs.is_empty() {
            // An emptied map would keep room for eleven runs, for each of many clients who have none.
            client.runs = BTreeMap::new();
        }
    } else {
        client.runs.insert(run.id.clone(), run);
    }
}
