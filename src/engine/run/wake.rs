//! Finds the runs that a change concerns, and gives each of them a turn.

use super::turn::{RunTurn, Wake};
use crate::check::program::Exit;
use crate::engine::client::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{EndReason, FollowUp, RecordChange, Run, RunId, Waiting};
use crate::graph::Graph;
use std::collections::BTreeMap;

impl ClientTurn<'_> {
    /// Ends the runs whose funnel exits on this change.
    pub(in crate::engine) fn exit_runs(&mut self, change: &RecordChange<'_>) {
        let leaving = |run: &Run| {
            let graph = self.world.graphs.get(&run.graph)?;
            let exit = graph.settings.exits.iter().find(|exit| self.exits(graph, run, exit, change))?;
            Some((run.id.clone(), graph.clone(), exit.text.clone()))
        };
        for (id, graph, text) in self.client.runs.values().filter_map(|run| leaving(run)).collect::<Vec<_>>() {
            self.with_run(&id, &graph, |turn, run| turn.end(run, EndReason::Exited(text)));
        }
    }

    fn exits(&self, graph: &Graph, run: &Run, exit: &Exit, change: &RecordChange<'_>) -> bool {
        if !change.matches(&exit.pattern) || !change.concerns(&run.subjects, &exit.pattern) {
            return false;
        }
        let Some(filter) = &exit.filter else { return true };
        let mut subjects = run.subjects.clone();
        subjects.insert(change.event.name.clone(), change.subject.clone());
        Scope::new(&self.world, graph, self.client, &subjects, self.now).holds(filter)
    }

    /// Wakes every run that waits for something that may have changed.
    pub(in crate::engine) fn wake_all(&mut self, why: Wake<'_>) {
        let answered = if let Wake::Event(change, _) = why { self.run_answered_by(change) } else { None };
        let why = if let Wake::Event(change, _) = why { Wake::Event(change, answered.as_ref()) } else { why };
        let listening: Vec<_> =
            self.client.runs.values().filter(|run| listens(run, why)).map(|run| run.id.clone()).collect();
        for id in listening {
            self.wake(&id, why);
        }
    }

    /// Wakes a run.
    pub(in crate::engine) fn wake(&mut self, id: &RunId, why: Wake<'_>) {
        let Some(run) = self.client.runs.get(id) else { return };
        let Some(graph) = self.world.graphs.get(&run.graph).cloned() else { return };
        self.with_run(id, &graph, |turn, run| match turn.lapse(run) {
            Some(reason) => turn.end(run, reason),
            None => turn.advance(run, why),
        });
    }

    /// Ends the runs whose condition after `while` no longer holds.
    pub(in crate::engine) fn end_lapsed(&mut self) {
        let lasting = |run: &Run| {
            run.progress.lasting.as_ref()?;
            Some((run.id.clone(), self.world.graphs.get(&run.graph)?.clone()))
        };
        for (id, graph) in self.client.runs.values().filter_map(|run| lasting(run)).collect::<Vec<_>>() {
            self.with_run(&id, &graph, |turn, run| {
                if let Some(reason) = turn.lapse(run) {
                    turn.end(run, reason);
                }
            });
        }
    }

    /// Ends a run, wherever it is.
    pub(in crate::engine) fn end_run(&mut self, id: &RunId, reason: EndReason) {
        let Some(run) = self.client.runs.get(id) else { return };
        let Some(graph) = self.world.graphs.get(&run.graph).cloned() else { return };
        self.with_run(id, &graph, |turn, run| turn.end(run, reason));
    }

    /// Ends all runs of a funnel, whatever they are about.
    pub(in crate::engine) fn stop_funnel(&mut self, funnel: &str, by: &str) {
        let of_funnel = self.client.runs.values().filter(|run| run.funnel == funnel);
        for id in of_funnel.map(|run| run.id.clone()).collect::<Vec<_>>() {
            self.end_run(&id, EndReason::StoppedBy(by.to_owned()));
        }
    }

    /// Moves the ends of all exact waits on the wall clock, after it was set.
    pub(in crate::engine) fn move_exact_waits(&mut self) {
        for (id, run) in &mut self.client.runs {
            if run.move_exact_waits(self.ahead_ms) {
                self.effects.runs.insert(id.clone());
            }
        }
    }

    /// Takes a run out of the client, lets it work, and stores it again.
    fn with_run(&mut self, id: &RunId, graph: &Graph, work: impl FnOnce(&mut RunTurn<'_>, &mut Run)) {
        let Some(mut run) = self.client.runs.remove(id) else { return };
        work(&mut self.run_turn(graph), &mut run);
        self.store_run(*run);
    }

    /// Creates the context for one of the client's runs.
    pub(in crate::engine) fn run_turn<'t>(&'t mut self, graph: &'t Graph) -> RunTurn<'t> {
        let Self { now, ahead_ms, asked_at, .. } = *self;
        let (world, client, effects) = (self.world, &mut *self.client, &mut *self.effects);
        RunTurn { world, graph, client, effects, now, ahead_ms, asked_at, steps: 0 }
    }

    /// Notes that a run of a funnel began or ended, for conditions that ask whether the client is in it.
    pub(in crate::engine) fn runs_changed(&mut self, funnel: &str) {
        let is_asked = self.world.graphs.plan().asked_funnels.contains(funnel);
        if is_asked && self.effects.follow_ups.back() != Some(&FollowUp::RunsChanged) {
            self.effects.follow_ups.push_back(FollowUp::RunsChanged);
        }
    }

    /// Stores an active run with its client, and an ended one with the effects.
    pub(in crate::engine) fn store_run(&mut self, run: Run) {
        if run.ended.is_none() {
            self.client.runs.insert(run.id.clone(), Box::new(run));
            return;
        }
        self.effects.runs.remove(&run.id);
        self.runs_changed(&run.funnel);
        self.effects.ended.push(run);
        if self.client.runs.is_empty() {
            // An emptied map keeps room for eleven runs, and many clients have none.
            self.client.runs = BTreeMap::new();
        }
    }
}

/// Whether a run may react. Few runs of a client do; thousands may only wait for a time.
fn listens(run: &Run, why: Wake<'_>) -> bool {
    run.positions.iter().any(|position| match (&position.waiting, why) {
        (Waiting::Event, Wake::Event(..)) => true,
        (Waiting::Answer | Waiting::Moment | Waiting::Hours | Waiting::Limit, Wake::Event(change, _)) => {
            run.subjects.values().any(|subject| *subject == change.subject)
        }
        (Waiting::Answer | Waiting::Moment | Waiting::Event | Waiting::Hours | Waiting::Limit, Wake::FieldsChanged) => {
            true
        }
        (Waiting::Duration | Waiting::Hours | Waiting::Limit | Waiting::Outcome(_) | Waiting::Turn, _)
        | (_, Wake::Enter(_) | Wake::Timer | Wake::Outcome(..)) => false,
    })
}
