//! Moves one run through its graph. In: a run, why it wakes, and the time. Out: its new positions, and effects.

mod action;
mod answer;
mod choose;
mod origin;
mod read_answer;
mod send;
mod turn;
mod wait;
mod wake;

pub use wait::LATE_MS;

pub(super) use turn::Wake;

use crate::engine::model::{EndReason, Origin, Position, Run, Waiting};
use crate::graph::{Element, ElementId, Node, NodeIx};
use turn::{RunTurn, Visit};
use wait::is_exact;

/// Limit: how many elements a run passes in one turn.
const MAX_STEPS: u32 = 250;

impl RunTurn<'_> {
    /// Moves a run as far as it can go now.
    pub(in crate::engine) fn advance(&mut self, run: &mut Run, wake: Wake<'_>) {
        if let Wake::Enter(start) = wake {
            self.effects.runs.insert(run.id.clone());
            let entry = self.graph.entries.first().map(|entry| entry.id.clone());
            let here = self.position_at(entry.unwrap_or_else(|| ElementId(String::new())), Vec::new(), None);
            return self.walk(run, here, Visit::Go(start));
        }
        if run.move_exact_waits(self.ahead_ms) {
            self.effects.runs.insert(run.id.clone());
        }
        for here in std::mem::take(&mut run.positions) {
            match self.resume(run, &here, wake) {
                Some(visit) => {
                    self.effects.runs.insert(run.id.clone());
                    self.walk(run, here, visit);
                }
                None => run.positions.push(here),
            }
            if run.ended.is_some() {
                return;
            }
        }
    }

    /// Walks one path from `here` until it waits, joins others or ends.
    fn walk(&mut self, run: &mut Run, mut here: Position, mut visit: Visit) {
        loop {
            if let (Visit::Go(next), Some(edge_counts)) = (&visit, self.world.edge_counts) {
                edge_counts.step(self.graph, &here.element, *next);
            }
            visit = match visit {
                Visit::Go(Some(ix)) if self.steps >= MAX_STEPS => return self.pause(run, here, ix),
                Visit::Go(Some(ix)) => {
                    self.steps += 1;
                    let origin = self.graph.node(ix).and_then(|next| self.origin_at(run, &mut here, next));
                    self.arrive(run, &mut here, ix, origin)
                }
                Visit::Again(ix, origin) => self.arrive(run, &mut here, ix, origin),
                Visit::Go(None) => Visit::End(EndReason::Finished),
                Visit::Fork(paths) => return self.fork(run, &here, paths),
                Visit::Join(next) => match join(run, &mut here) {
                    true => Visit::Go(next),
                    false => return,
                },
                Visit::Stay(waiting, wake_at) => {
                    let exact = self.graph.nodes.iter().any(|node| node.id == here.element && is_exact(&node.element));
                    let exact_at = wake_at.filter(|_| exact).map(|at| at.plus_ms(self.ahead_ms));
                    run.positions.push(Position { waiting, wake_at, exact_at, ..here });
                    return;
                }
                Visit::End(reason) => {
                    run.positions.insert(0, here);
                    return self.end(run, reason);
                }
            };
        }
    }

    /// Lets others go first; the run goes on to an element in its next turn.
    fn pause(&mut self, run: &mut Run, mut here: Position, ix: NodeIx) {
        let Some(node) = self.graph.node(ix) else { return };
        let origin = self.origin_at(run, &mut here, node);
        let next = self.position_at(node.id.clone(), here.forks, origin);
        run.positions.push(Position { waiting: Waiting::Turn, wake_at: Some(self.now), ..next });
    }

    fn arrive(&mut self, run: &mut Run, here: &mut Position, ix: NodeIx, origin: Option<Box<Origin>>) -> Visit {
        let Some(node) = self.graph.node(ix) else {
            return Visit::End(EndReason::Lost("element not found in the graph".to_owned()));
        };
        if let Some(reason) = self.lapse(run) {
            return Visit::End(reason);
        }
        *here = self.position_at(node.id.clone(), std::mem::take(&mut here.forks), origin);
        self.visit(run, node, here)
    }

    fn fork(&mut self, run: &mut Run, here: &Position, paths: Vec<Option<NodeIx>>) {
        run.progress.forked += 1;
        let fork = run.progress.forked;
        run.progress.forks.insert(fork, u32::try_from(paths.len()).unwrap_or(u32::MAX));
        for path in paths {
            if run.ended.is_some() {
                return;
            }
            let mut forks = here.forks.clone();
            forks.push(fork);
            let here = self.position_at(here.element.clone(), forks, here.origin.clone());
            self.walk(run, here, Visit::Go(path));
        }
    }

    fn position_at(&self, element: ElementId, forks: Vec<u32>, origin: Option<Box<Origin>>) -> Position {
        Position { element, since: self.now, waiting: Waiting::Duration, wake_at: None, exact_at: None, forks, origin }
    }

    /// What a waiting run does when it wakes; `None` when the reason does not concern it.
    fn resume(&mut self, run: &mut Run, position: &Position, wake: Wake<'_>) -> Option<Visit> {
        let graph = self.graph;
        let Some(node) = graph.nodes.iter().find(|node| node.id == position.element) else {
            return Some(Visit::End(EndReason::Lost(format!("element `{}` no longer exists", position.element))));
        };
        let due = position.wake_at.is_some_and(|at| at <= self.now);
        match (&position.waiting, wake) {
            (Waiting::Duration, Wake::Timer) if due => Some(self.duration_over(run, node, position)),
            (Waiting::Moment, Wake::Timer) if due => {
                let visit = self.moment_due(run, node, position);
                Some(self.after_waiting_again(run, position, visit))
            }
            (Waiting::Moment, Wake::FieldsChanged | Wake::Event(..)) => {
                let visit = self.recompute_moment(run, node, position)?;
                Some(self.after_waiting_again(run, position, visit))
            }
            (Waiting::Answer, Wake::Timer | Wake::FieldsChanged | Wake::Event(..)) => {
                self.reevaluate(run, node, position)
            }
            (Waiting::Event, Wake::Event(change, answered)) => {
                self.match_event(run, node, (change, answered)).or_else(|| self.recompute_timeout(run, node, position))
            }
            (Waiting::Event, Wake::FieldsChanged) => self.recompute_timeout(run, node, position),
            (Waiting::Event, Wake::Timer) if due => Some(self.event_timed_out(run, node, position)),
            (Waiting::Hours | Waiting::Limit, Wake::Timer) if due => Some(self.send(run, node, position)),
            (Waiting::Hours | Waiting::Limit, Wake::FieldsChanged | Wake::Event(..)) => {
                self.follow(run, node, position)
            }
            (Waiting::Turn, Wake::Timer) => {
                let (ix, _) = self.find(|node| node.id == position.element)?;
                Some(Visit::Again(ix, position.origin.clone()))
            }
            (Waiting::Outcome(id), Wake::Outcome(of, outcome)) if id == of => {
                Some(self.outcome_known(run, node, outcome))
            }
            (
                Waiting::Duration
                | Waiting::Moment
                | Waiting::Answer
                | Waiting::Event
                | Waiting::Hours
                | Waiting::Limit
                | Waiting::Outcome(_)
                | Waiting::Turn,
                Wake::Enter(_) | Wake::Timer | Wake::FieldsChanged | Wake::Event(..) | Wake::Outcome(..),
            ) => None,
        }
    }

    fn visit(&mut self, run: &mut Run, node: &Node, here: &Position) -> Visit {
        match &node.element {
            Element::If { condition, yes, no } => self.decide(run, node, condition, *yes, *no),
            Element::Match { subject, cases, otherwise } => self.choose_case(run, node, subject, cases, *otherwise),
            Element::Split { name, shares, otherwise } => self.choose_share(run, node, name, shares, *otherwise),
            Element::Fork { paths } => Visit::Fork(paths.clone()),
            Element::Join { next } => Visit::Join(*next),
            Element::Repeat { times, body, next } => Visit::Go(next_pass(run, node, *times, *body, *next)),
            Element::WaitDuration { duration, at, next } => self.wait_duration(run, node, *duration, *at, *next),
            Element::WaitUntil { moment, next, on_past: past } => self.wait_until(run, node, moment, *next, *past),
            Element::WaitEvent { wait, on_timeout, .. } => self.wait_event(run, node, wait, *on_timeout),
            Element::Send { .. } => self.send(run, node, here),
            Element::Set { field, value, from_zero, next } => self.set(run, node, field, (value, *from_zero), *next),
            Element::Tag { tag, add, next } => self.tag(run, node, tag, *add, *next),
            Element::Task { task, next } => self.task(run, node, task, *next),
            Element::Call { call, next, on_failed: on_not_sent } => self.call(run, node, call, *next, *on_not_sent),
            Element::Emit { event, data, next } => self.emit(run, node, event, data, *next),
            Element::Start { funnel, next } => self.start(run, node, funnel, *next),
            Element::StopFunnel { funnel, next } => self.stop_funnel(run, node, funnel, *next),
            Element::Stop => Visit::End(EndReason::Stopped),
        }
    }
}

/// Ends a path of a fork. Returns whether it was the last one.
fn join(run: &mut Run, here: &mut Position) -> bool {
    let Some(fork) = here.forks.pop() else { return true };
    let open = run.progress.forks.get(&fork).map_or(0, |open| open.saturating_sub(1));
    if open > 0 {
        run.progress.forks.insert(fork, open);
    } else {
        run.progress.forks.remove(&fork);
    }
    open == 0
}

/// Where a `repeat` leads this time.
fn next_pass(run: &mut Run, node: &Node, times: u32, body: Option<NodeIx>, next: Option<NodeIx>) -> Option<NodeIx> {
    let passes = run.progress.passes.entry(node.id.clone()).or_insert(0);
    if *passes < times {
        *passes += 1;
        return body;
    }
    run.progress.passes.remove(&node.id);
    next
}
