//! One run through its graph. In: a run, what happened to it, and the time. Out: where it stands now, and effects.

use super::effect::{Effects, Line, LineKind};
use super::input::Outcome;
use super::scope::{Scope, World};
use super::send::after_outcome;
use super::state::{Client, EndReason, MessageId, Position, Run, Waiting};
use super::step::moment_came;
use crate::graph::{Element, ElementId, Graph, Node, NodeIx};
use crate::value::Timestamp;

/// What happened to a run.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Nudge {
    /// It has just begun, at this node.
    Enter(Option<NodeIx>),
    /// Its wake-up time has come.
    Timer,
    /// A record, or the client, changed.
    Changed,
    /// A message of its got an outcome.
    Outcome(MessageId, Outcome),
}

/// What a node did with a run.
pub(super) enum Visit {
    /// It goes on there; to nowhere means that it has finished.
    Go(Option<NodeIx>),
    /// It stays and waits.
    Stay(Waiting, Option<Timestamp>),
    /// It ends.
    End(EndReason),
}

/// One turn of one run: the world around it and what comes out.
pub(super) struct Turn<'a> {
    pub(super) world: World<'a>,
    pub(super) graph: &'a Graph,
    pub(super) client: &'a mut Client,
    pub(super) effects: &'a mut Effects,
    pub(super) now: Timestamp,
}

impl Turn<'_> {
    /// Moves a run as far as it goes now.
    pub(super) fn advance(&mut self, run: &mut Run, nudge: Nudge) {
        let mut visit = match nudge {
            Nudge::Enter(start) => Visit::Go(start),
            Nudge::Timer | Nudge::Changed | Nudge::Outcome(..) => match self.resume(run, &nudge) {
                Some(visit) => visit,
                None => return,
            },
        };
        self.effects.runs.insert(run.id.clone());
        loop {
            visit = match visit {
                Visit::Go(Some(ix)) => match self.graph.node(ix) {
                    Some(node) => {
                        run.position = Some(Position {
                            element: node.id.clone(),
                            since: self.now,
                            waiting: Waiting::Duration,
                            wake_at: None,
                        });
                        self.visit(run, node)
                    }
                    None => Visit::End(EndReason::Lost("the graph has no such element".to_owned())),
                },
                Visit::Go(None) => Visit::End(EndReason::Finished),
                Visit::Stay(waiting, wake_at) => {
                    if let Some(position) = &mut run.position {
                        position.waiting = waiting;
                        position.wake_at = wake_at;
                    }
                    return;
                }
                Visit::End(reason) => return self.end(run, reason),
            };
        }
    }

    /// Ends a run, wherever it is.
    pub(super) fn end(&mut self, run: &mut Run, reason: EndReason) {
        let element = run.position.take().map(|position| position.element);
        let element = element.or_else(|| self.graph.entries.first().map(|entry| entry.id.clone()));
        let kind = LineKind::Exit { reason: reason.to_string() };
        self.line(run, &element.unwrap_or(ElementId(String::new())), kind);
        run.ended = Some(reason);
    }

    /// What a waiting run does about a nudge; `None` when it does not concern it.
    fn resume(&mut self, run: &mut Run, nudge: &Nudge) -> Option<Visit> {
        let position = run.position.clone()?;
        let graph = self.graph;
        let Some(node) = graph.nodes.iter().find(|node| node.id == position.element) else {
            return Some(Visit::End(EndReason::Lost(format!("element `{}` is gone", position.element))));
        };
        let due = position.wake_at.is_some_and(|at| at <= self.now);
        match (&position.waiting, nudge) {
            (Waiting::Duration, Nudge::Timer) if due => Some(Visit::Go(node.element.next())),
            (Waiting::Moment, Nudge::Timer) if due => Some(moment_came(node, &position, self.now)),
            (Waiting::Moment, Nudge::Changed) => self.moment_moved(run, node, &position),
            (Waiting::Answer, Nudge::Timer | Nudge::Changed) => self.ask_again(run, node, &position),
            (Waiting::Hours, Nudge::Timer) if due => Some(self.send(run, node)),
            (Waiting::Outcome(id), Nudge::Outcome(of, outcome)) if id == of => Some(after_outcome(node, outcome)),
            _ => None,
        }
    }

    fn visit(&mut self, run: &mut Run, node: &Node) -> Visit {
        match &node.element {
            Element::If { condition, yes, no } => self.decide(run, node, condition, *yes, *no),
            Element::WaitFor { duration, at, next } => self.wait_for(run, node, *duration, *at, *next),
            Element::WaitUntil { moment, next, past } => self.wait_until(run, node, moment, *next, *past),
            Element::Send { .. } => self.send(run, node),
            Element::Set { field, value, next } => {
                self.set(run, node, field, value);
                Visit::Go(*next)
            }
            Element::Tag { tag, add, next } => {
                self.tag(run, node, tag, *add);
                Visit::Go(*next)
            }
            Element::Stop => Visit::End(EndReason::Stopped),
        }
    }

    /// The run's view of the world at an instant.
    pub(super) fn scope<'s>(&'s self, run: &'s Run, now: Timestamp) -> Scope<'s> {
        Scope::new(&self.world, self.graph, self.client, &run.subjects, now)
    }

    /// Writes a line about an element of a run.
    pub(super) fn line(&mut self, run: &Run, element: &ElementId, kind: LineKind) {
        let line = Line {
            at: self.now,
            zone: self.scope(run, self.now).zone.name().to_owned(),
            client: run.client.clone(),
            run: run.id.clone(),
            funnel: run.funnel.clone(),
            element: element.clone(),
            kind,
        };
        self.effects.lines.push(line);
    }
}
