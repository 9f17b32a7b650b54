//! Goals. In: a change, and the runs that may still reach their funnel's goal. Out: lines for those that reach it.

use super::at_entry::Entering;
use crate::check::program::Goal;
use crate::engine::client::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{Client, Line, LineKind, OpenGoal, RecordChange, Run, RunId, Subject, World};
use crate::graph::{ElementId, Entry, Graph};
use crate::value::{Timestamp, json};
use std::collections::BTreeMap;
use std::sync::Arc;

impl ClientTurn<'_> {
    /// Remembers that a run may reach its funnel's goal.
    pub(super) fn open_goal(&mut self, graph: &Graph, run: &Run) {
        if graph.settings.goals.is_empty() {
            return;
        }
        let goal = OpenGoal { funnel: run.funnel.clone(), subjects: run.subjects.clone(), entered_at: run.entered_at };
        self.client.memory.goals.insert(run.id.clone(), goal);
        self.effects.memory = true;
    }

    /// Logs that a run reaches its funnel's goal as it begins, because the goal's state is there already.
    pub(super) fn reach_goal_at_entry(&mut self, entry: &Entry, graph: &Arc<Graph>, run: &Run) {
        let entering = Entering { graph, entry, subjects: &run.subjects };
        let Some((wanted, pattern)) = self.goal_at_entry(&entering) else { return };
        let Some(goal) = self.client.memory.goals.remove(&run.id) else { return };
        let check = GoalCheck {
            world: &self.world,
            graph: graph.clone(),
            client: self.client,
            id: &run.id,
            goal: &goal,
            now: self.now,
        };
        let mut subjects = run.subjects.clone();
        let own = subjects.values().find(|subject| subject.event() == pattern.event).cloned();
        subjects.extend(own.map(|subject| (wanted.binding.clone(), subject)));
        let line = check.line(wanted, &check.scope(&subjects), &pattern.name());
        self.effects.lines.push(line);
    }

    /// Logs which runs reach their goal by a change; each does so once. The current goal of a funnel counts, even for
    /// runs that entered before it was edited.
    pub(in crate::engine) fn reach_goals(&mut self, change: &RecordChange<'_>) {
        let mut goals = std::mem::take(&mut self.client.memory.goals);
        let before = goals.len();
        goals.retain(|id, goal| {
            let graph = self.world.graphs.current().map(|(_, graph)| graph).find(|graph| graph.funnel == goal.funnel);
            let Some(graph) = graph.cloned() else { return false };
            let check = GoalCheck { world: &self.world, graph, client: self.client, id, goal, now: self.now };
            let reached = check.graph.settings.goals.iter().find_map(|wanted| check.reached(wanted, change));
            self.effects.lines.extend(reached.clone());
            reached.is_none() && check.graph.settings.goals.iter().any(|wanted| check.is_open(wanted))
        });
        self.effects.memory |= goals.len() != before;
        self.client.memory.goals = goals;
    }
}

/// A run and the goal that it may reach.
struct GoalCheck<'a> {
    world: &'a World<'a>,
    graph: Arc<Graph>,
    client: &'a Client,
    id: &'a RunId,
    goal: &'a OpenGoal,
    now: Timestamp,
}

impl GoalCheck<'_> {
    /// Whether there is time left.
    fn is_open(&self, wanted: &Goal) -> bool {
        let Some(within) = wanted.within else { return self.client.runs.contains_key(self.id) };
        self.scope(&self.goal.subjects).zone.plus(self.goal.entered_at, within) >= self.now
    }

    fn reached(&self, wanted: &Goal, change: &RecordChange<'_>) -> Option<Line> {
        let matches = |pattern| change.matches(pattern) && change.concerns(&self.goal.subjects, pattern);
        if !self.is_open(wanted) || !wanted.patterns.iter().any(matches) {
            return None;
        }
        let mut subjects = self.goal.subjects.clone();
        subjects.insert(wanted.binding.clone(), change.subject.clone());
        let scope = self.scope(&subjects);
        if wanted.filter.as_ref().is_some_and(|filter| !scope.holds(filter)) {
            return None;
        }
        Some(self.line(wanted, &scope, &change.name()))
    }

    /// The line about a goal that is reached.
    fn line(&self, wanted: &Goal, scope: &Scope<'_>, event: &str) -> Line {
        let worth = wanted.worth.as_ref().and_then(|worth| scope.value(worth)).map(|worth| json::write(&worth));
        let entry = self.graph.entries.first().map(|entry| entry.id.clone());
        Line {
            at: self.now,
            zone: scope.zone.name().to_owned(),
            client: self.client.id.clone(),
            run: self.id.clone(),
            funnel: self.goal.funnel.clone(),
            element: entry.unwrap_or_else(|| ElementId(String::new())),
            kind: LineKind::Goal { event: event.to_owned(), worth },
        }
    }

    fn scope<'s>(&'s self, subjects: &'s BTreeMap<String, Subject>) -> Scope<'s> {
        Scope::new(self.world, &self.graph, self.client, subjects, self.now)
    }
}
