//! Builds the graph of a checked funnel: steps become nodes, nesting becomes arrows, every element gets its id.

use super::ident::{self, Identities};
use super::{Case, Element, ElementId, Entry, Graph, Kind, Node, NodeIx, OnFailure, Share};
use crate::check::program::{self, END, Funnel, NEXT, Past, Step};
use crate::source::Span;
use std::collections::BTreeMap;

/// Builds the graph of a funnel.
#[must_use]
pub fn build(funnel: &Funnel) -> Graph {
    let nodes = funnel.entries.iter().flat_map(|entry| &entry.chain).map(node_count).sum();
    let mut builder =
        Builder { nodes: Vec::with_capacity(nodes), ids: Identities::default(), labels: BTreeMap::new(), end: None };
    builder.index_labels(funnel.entries.iter().flat_map(|entry| &entry.chain));
    let entries = funnel
        .entries
        .iter()
        .map(|entry| {
            let id = builder.ids.for_entry(&entry.trigger);
            let start = builder.chain(&entry.chain, &id.0, None);
            Entry {
                id,
                trigger: entry.trigger.clone(),
                filter: entry.filter.clone(),
                start,
                text: entry.text.clone(),
                span: entry.span,
            }
        })
        .collect();
    Graph {
        funnel: funnel.name.clone(),
        title: funnel.title.clone(),
        settings: funnel.settings.clone(),
        entries,
        nodes: builder.nodes,
    }
}

struct Builder {
    nodes: Vec<Node>,
    ids: Identities,
    /// The nodes of labeled elements, for `goto`.
    labels: BTreeMap<String, NodeIx>,
    /// Where the path being built leads when it ends.
    end: Option<NodeIx>,
}

impl Builder {
    /// Adds the steps of a chain in source order and returns its first node. `place` is the id path of the chain; `end`
    /// is its continuation.
    fn chain(&mut self, steps: &[Step], place: &str, end: Option<NodeIx>) -> Option<NodeIx> {
        // Invariant: a step adds exactly `node_count` nodes, so the indices of later steps are known in advance.
        let mut starts = Vec::with_capacity(steps.len() + 1);
        let mut next = self.nodes.len();
        for step in steps {
            starts.push(match &step.element {
                program::Element::Goto { label } if label == NEXT => end,
                program::Element::Goto { label } if label == END => self.end,
                program::Element::Goto { label } => self.labels.get(label).copied(),
                program::Element::If { .. }
                | program::Element::Match { .. }
                | program::Element::Split { .. }
                | program::Element::Parallel { .. }
                | program::Element::Repeat { .. }
                | program::Element::WaitDuration { .. }
                | program::Element::WaitUntil { .. }
                | program::Element::WaitEvent { .. }
                | program::Element::Send { .. }
                | program::Element::Set { .. }
                | program::Element::Tag { .. }
                | program::Element::Task(_)
                | program::Element::Call { .. }
                | program::Element::Emit { .. }
                | program::Element::Start { .. }
                | program::Element::StopFunnel { .. }
                | program::Element::Stop => Some(node_ix(next)),
            });
            next += node_count(step);
        }
        starts.push(end);
        for (i, step) in steps.iter().enumerate() {
            let target = |n: usize| starts.get(n).copied().unwrap_or(end);
            self.step(step, place, target(i + 1), target(i + 2));
        }
        starts.first().copied().flatten()
    }

    /// Adds the chain of a path with an end of its own, which `goto end` leads to.
    fn isolated_chain(&mut self, steps: &[Step], place: &str, end: Option<NodeIx>) -> Option<NodeIx> {
        let outer = std::mem::replace(&mut self.end, end);
        let start = self.chain(steps, place, end);
        self.end = outer;
        start
    }

    /// Records the index of every labeled element before anything is built, because a `goto` may lead forward.
    fn index_labels<'p>(&mut self, chain: impl Iterator<Item = &'p Step>) {
        let mut at = 0;
        for step in chain {
            self.index_label(step, at);
            at += node_count(step);
        }
    }

    fn index_label(&mut self, step: &Step, at: usize) {
        if let Some(label) = &step.label {
            self.labels.insert(label.clone(), node_ix(at));
        }
        let mut inside = at + 1;
        for chain in inner_chains(&step.element) {
            for step in chain {
                self.index_label(step, inside);
                inside += node_count(step);
            }
        }
    }

    /// Adds a step and everything inside it. `next` is the element after it, `after_next` the one after that.
    fn step(&mut self, step: &Step, place: &str, next: Option<NodeIx>, after_next: Option<NodeIx>) {
        if matches!(step.element, program::Element::Goto { .. }) {
            // A `goto` is an arrow, not an element.
            return;
        }
        let id = self.ids.for_step(step, place);
        let at = self.nodes.len();
        // The node is pushed before its paths, which follow it in the list, and completed once their starts are known.
        self.push(id.clone(), kind(&step.element), step.text.clone(), step.span);
        let element = self.element(&step.element, &id, next, after_next);
        if let Some(node) = self.nodes.get_mut(at) {
            node.element = element;
        }
    }

    /// Adds the paths of an element and returns the element itself.
    fn element(
        &mut self,
        element: &program::Element,
        id: &ElementId,
        next: Option<NodeIx>,
        after_next: Option<NodeIx>,
    ) -> Element {
        match element {
            program::Element::If { condition, then, otherwise } => {
                let yes = self.chain(then, &format!("{id}/yes"), next);
                let no = self.chain(otherwise, &format!("{id}/no"), next);
                Element::If { condition: condition.clone(), yes, no }
            }
            program::Element::WaitDuration { duration, at } => {
                Element::WaitDuration { duration: *duration, at: *at, next }
            }
            program::Element::WaitUntil { moment, on_past } => {
                let on_past = match on_past {
                    Past::GoOn => next,
                    Past::Skip => after_next,
                    Past::Stop => Some(self.stop(&id.0)),
                    Past::Block(steps) => self.chain(steps, &format!("{id}/past"), next),
                };
                Element::WaitUntil { moment: moment.clone(), next, on_past }
            }
            program::Element::WaitEvent { wait, on_event, on_timeout, skips } => {
                let on_event = self.chain(on_event, &format!("{id}/came"), next);
                let missed = if *skips { after_next } else { next };
                let on_timeout = self.chain(on_timeout, &format!("{id}/missed"), missed);
                let wait = wait.about_messages(|label| ident::id_of_label(label).0);
                Element::WaitEvent { wait, on_event, on_timeout }
            }
            program::Element::Send { send, on_not_sent } => {
                let on_not_sent = self.on_failure(on_not_sent.as_deref(), id, next);
                Element::Send { send: send.clone(), next, on_not_sent }
            }
            program::Element::Call { call, on_failed: path } => {
                // A run waits for an answer that is read, also where nothing else follows without one.
                let no_steps = call.answer.is_some().then_some(&[][..]);
                let on_failed = self.on_failure(path.as_deref().or(no_steps), id, next);
                Element::Call { call: call.clone(), next, on_failed }
            }
            program::Element::Match { subject, cases, otherwise } => {
                let case = |(i, case): (usize, &program::Case)| Case {
                    values: case.values.clone(),
                    to: self.chain(&case.chain, &format!("{id}/{i}"), next),
                };
                let cases = cases.iter().enumerate().map(case).collect();
                let otherwise = self.chain(otherwise, &format!("{id}/otherwise"), next);
                Element::Match { subject: subject.clone(), cases, otherwise }
            }
            program::Element::Split { name, shares, otherwise } => {
                let share = |(i, share): (usize, &program::Share)| Share {
                    percent: share.percent,
                    to: self.chain(&share.chain, &format!("{id}/{i}"), next),
                };
                let shares = shares.iter().enumerate().map(share).collect();
                let otherwise = self.chain(otherwise, &format!("{id}/otherwise"), next);
                Element::Split { name: name.clone().unwrap_or_else(|| id.0.clone()), shares, otherwise }
            }
            program::Element::Parallel { paths } => self.parallel(paths, id, next),
            program::Element::Repeat { times, body } => {
                let here = Some(node_ix(self.nodes.len() - 1));
                let body = self.isolated_chain(body, &format!("{id}/body"), here);
                Element::Repeat { times: *times, body, next }
            }
            program::Element::Set { field, value, from_zero } => {
                Element::Set { field: field.clone(), value: value.clone(), from_zero: *from_zero, next }
            }
            program::Element::Tag { tag, add } => Element::Tag { tag: tag.clone(), add: *add, next },
            program::Element::Task(task) => Element::Task { task: task.clone(), next },
            program::Element::Emit { event, data } => Element::Emit { event: event.clone(), data: data.clone(), next },
            program::Element::Start { funnel } => Element::Start { funnel: funnel.clone(), next },
            program::Element::StopFunnel { funnel } => Element::StopFunnel { funnel: funnel.clone(), next },
            program::Element::Stop | program::Element::Goto { .. } => Element::Stop,
        }
    }

    fn on_failure(&mut self, steps: Option<&[Step]>, id: &ElementId, next: Option<NodeIx>) -> OnFailure {
        steps.map_or(OnFailure::Continue, |steps| OnFailure::Else(self.chain(steps, &format!("{id}/unsent"), next)))
    }

    fn parallel(&mut self, paths: &[Vec<Step>], id: &ElementId, next: Option<NodeIx>) -> Element {
        let join = node_ix(self.nodes.len() + paths.iter().flatten().map(node_count).sum::<usize>());
        let paths = paths
            .iter()
            .enumerate()
            .map(|(i, path)| self.isolated_chain(path, &format!("{id}/{i}"), Some(join)))
            .collect();
        let join_id = self.ids.for_join(&id.0);
        self.push(join_id, Kind::Condition, "all paths".to_owned(), Span::default());
        if let Some(node) = self.nodes.last_mut() {
            node.element = Element::Join { next };
        }
        Element::Fork { paths }
    }

    fn push(&mut self, id: ElementId, kind: Kind, text: String, span: Span) {
        self.nodes.push(Node { id, kind, element: Element::Stop, text, span });
    }

    /// Adds the `stop` node that `else stop` stands for.
    fn stop(&mut self, of: &str) -> NodeIx {
        let ix = node_ix(self.nodes.len());
        let id = self.ids.for_past_stop(of);
        self.push(id, Kind::Action, "stop".to_owned(), Span::default());
        ix
    }
}

fn node_ix(n: usize) -> NodeIx {
    NodeIx(u32::try_from(n).unwrap_or(u32::MAX))
}

/// The number of nodes that a step adds, including its paths.
fn node_count(step: &Step) -> usize {
    let inside: usize = inner_chains(&step.element).into_iter().flatten().map(node_count).sum();
    inside
        + match &step.element {
            program::Element::Goto { .. } => 0,
            program::Element::Parallel { .. } | program::Element::WaitUntil { on_past: Past::Stop, .. } => 2,
            program::Element::If { .. }
            | program::Element::WaitDuration { .. }
            | program::Element::WaitUntil { .. }
            | program::Element::WaitEvent { .. }
            | program::Element::Send { .. }
            | program::Element::Call { .. }
            | program::Element::Match { .. }
            | program::Element::Split { .. }
            | program::Element::Repeat { .. }
            | program::Element::Set { .. }
            | program::Element::Tag { .. }
            | program::Element::Task(_)
            | program::Element::Emit { .. }
            | program::Element::Start { .. }
            | program::Element::StopFunnel { .. }
            | program::Element::Stop => 1,
        }
}

/// The chains inside an element, in the order in which [`Builder::element`] adds them.
fn inner_chains(element: &program::Element) -> Vec<&[Step]> {
    match element {
        program::Element::If { then, otherwise, .. } => vec![then, otherwise],
        program::Element::WaitUntil { on_past: Past::Block(steps), .. } => vec![steps],
        program::Element::WaitEvent { on_event, on_timeout, .. } => vec![on_event, on_timeout],
        program::Element::Send { on_not_sent: path, .. } | program::Element::Call { on_failed: path, .. } => {
            path.as_deref().into_iter().collect()
        }
        program::Element::Match { cases, otherwise, .. } => {
            cases.iter().map(|case| case.chain.as_slice()).chain([otherwise.as_slice()]).collect()
        }
        program::Element::Split { shares, otherwise, .. } => {
            shares.iter().map(|share| share.chain.as_slice()).chain([otherwise.as_slice()]).collect()
        }
        program::Element::Parallel { paths } => paths.iter().map(Vec::as_slice).collect(),
        program::Element::Repeat { body, .. } => vec![body],
        program::Element::WaitDuration { .. }
        | program::Element::WaitUntil { .. }
        | program::Element::Set { .. }
        | program::Element::Tag { .. }
        | program::Element::Task(_)
        | program::Element::Emit { .. }
        | program::Element::Start { .. }
        | program::Element::StopFunnel { .. }
        | program::Element::Goto { .. }
        | program::Element::Stop => Vec::new(),
    }
}

fn kind(element: &program::Element) -> Kind {
    match element {
        program::Element::If { .. }
        | program::Element::Match { .. }
        | program::Element::Split { .. }
        | program::Element::Parallel { .. }
        | program::Element::Repeat { .. } => Kind::Condition,
        program::Element::WaitDuration { .. }
        | program::Element::WaitUntil { .. }
        | program::Element::WaitEvent { .. } => Kind::Wait,
        program::Element::Send { .. }
        | program::Element::Set { .. }
        | program::Element::Tag { .. }
        | program::Element::Task(_)
        | program::Element::Call { .. }
        | program::Element::Emit { .. }
        | program::Element::Start { .. }
        | program::Element::StopFunnel { .. }
        | program::Element::Goto { .. }
        | program::Element::Stop => Kind::Action,
    }
}
