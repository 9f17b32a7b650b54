//! Goals. In: what happened, and the runs that may still reach their funnel's goal. Out: lines that say which did.

use crate::check::program::Goal;
use crate::engine::eval::Scope;
use crate::engine::model::{Client, Effects, Line, LineKind, OpenGoal, RecordChange, Run, RunId, Subject, World};
use crate::graph::{ElementId, Graph};
use crate::value::{Timestamp, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Remembers that a run may reach its funnel's goal.
pub(in crate::engine) fn open(graph: &Graph, client: &mut Client, run: &Run, effects: &mut Effects) {
    if graph.settings.goals.is_empty() {
        return;
    }
    let goal = OpenGoal { funnel: run.funnel.clone(), subjects: run.subjects.clone(), entered_at: run.entered_at };
    client.memory.goals.insert(run.id.clone(), goal);
    effects.memory = true;
}

/// Says which runs reach their goal by what happened; each does so once. A funnel's present goal counts, also for runs
/// that entered before it was changed.
pub(in crate::engine) fn reach(
    world: &World<'_>,
    client: &mut Client,
    change: &RecordChange<'_>,
    now: Timestamp,
    effects: &mut Effects,
) {
    let mut goals = std::mem::take(&mut client.memory.goals);
    let before = goals.len();
    goals.retain(|id, goal| {
        let graph = world.graphs.current().map(|(_, graph)| graph).find(|graph| graph.funnel == goal.funnel);
        let Some(graph) = graph.cloned() else { return false };
        let check = GoalCheck { world, graph, client, id, goal };
        let reached = check.graph.settings.goals.iter().find_map(|wanted| check.reached(wanted, change, now));
        effects.lines.extend(reached.clone());
        reached.is_none() && check.graph.settings.goals.iter().any(|wanted| check.is_open(wanted, now))
    });
    effects.memory |= goals.len() != before;
    client.memory.goals = goals;
}

/// A run and the goal it may reach.
struct GoalCheck<'a> {
    world: &'a World<'a>,
    graph: Arc<Graph>,
    client: &'a Client,
    id: &'a RunId,
    goal: &'a OpenGoal,
}

impl GoalCheck<'_> {
    /// Whether there is time left.
    fn is_open(&self, wanted: &Goal, now: Timestamp) -> bool {
        let Some(within) = wanted.within else { return self.client.runs.contains_key(self.id) };
        self.scope(&self.goal.subjects, now).zone.plus(self.goal.entered_at, within) >= now
    }

    fn reached(&self, wanted: &Goal, change: &RecordChange<'_>, now: Timestamp) -> Option<Line> {
        let matches = |pattern| change.matches(pattern) && change.concerns(&self.goal.subjects, pattern);
        if !self.is_open(wanted, now) || !wanted.patterns.iter().any(matches) {
            return None;
        }
        let mut subjects = self.goal.subjects.clone();
        subjects.insert(wanted.binding.clone(), change.subject.clone());
        let scope = self.scope(&subjects, now);
        if wanted.filter.as_ref().is_some_and(|filter| !scope.holds(filter)) {
            return None;
        }
        let worth = wanted.worth.as_ref().and_then(|worth| scope.value(worth)).map(|worth| json::write(&worth));
        let entry = self.graph.entries.first().map(|entry| entry.id.clone());
        Some(Line {
            at: now,
            zone: scope.zone.name().to_owned(),
            client: self.client.id.clone(),
            run: self.id.clone(),
            funnel: self.goal.funnel.clone(),
            element: entry.unwrap_or_else(|| ElementId(String::new())),
            kind: LineKind::Goal { event: change.event.name.clone(), worth },
        })
    }

    fn scope<'s>(&'s self, subjects: &'s BTreeMap<String, Subject>, now: Timestamp) -> Scope<'s> {
        Scope::new(self.world, &self.graph, self.client, subjects, now)
    }
}
