//! The ways through a graph as sums. In: a graph, and what each of its elements weighs. Out: the heaviest way that a run can
//! take, and the lightest one to an end.
//!
//! A `parallel` weighs what all its paths weigh together, a `repeat` so many times its body; what is left are arrows.

use super::count::Count;
use crate::graph::{Element, Graph, NodeIx, OnFailure};
use std::collections::{BTreeMap, BTreeSet};

/// An element that a way passes, and how often.
pub(super) type Passed = (NodeIx, u64);

/// A way and its weight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) weight: Count,
    /// The elements that weigh anything, in order.
    pub(super) passed: Vec<Passed>,
}

/// A step of a way: where to, what it weighs and what it passes.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) to: Option<NodeIx>,
    pub(super) way: Way,
}

/// The best weight so far of each element, and the step by which a way comes to it with that.
type Best = BTreeMap<NodeIx, (Count, Option<(NodeIx, usize)>)>;

/// A graph with the weight of each element. `weigh` tells what an element adds where a run leaves it: by its usual arrow, or
/// (`false`) by that of its `else`.
pub(super) struct Weighed<'a> {
    pub(super) graph: &'a Graph,
    pub(super) weigh: &'a dyn Fn(NodeIx, bool) -> Count,
}

/// Which way is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Heaviest,
    /// To an end, with every message sent.
    Lightest,
}

impl Weighed<'_> {
    /// The way from an element on, up to `end`.
    pub(super) fn way(&self, start: Option<NodeIx>, end: Option<NodeIx>, want: Want) -> Way {
        let Some(start) = start.filter(|start| Some(*start) != end) else { return Way::default() };
        let steps = self.steps_from(start, end, want);
        let mut best: Best = BTreeMap::from([(start, (Count::ZERO, None))]);
        let better = |new: Count, old: Count| if want == Want::Heaviest { new > old } else { new < old };
        for round in 0..=steps.len() {
            let mut changed = None;
            for (from, out) in &steps {
                let Some((so_far, _)) = best.get(from).copied() else { continue };
                for (at, step) in out.iter().enumerate() {
                    let Some(to) = step.to.filter(|to| Some(*to) != end) else { continue };
                    let weight = so_far + step.way.weight;
                    if best.get(&to).is_none_or(|(old, _)| better(weight, *old)) {
                        best.insert(to, (weight, Some((*from, at))));
                        changed = Some(to);
                    }
                }
            }
            match changed {
                None => break,
                // What still grows after as many rounds as there are elements lies on a loop.
                Some(on) if round == steps.len() => return endless(&steps, &best, on),
                Some(_) => {}
            }
        }
        finish(&steps, &best, end, want)
    }

    /// Every element from `start` on, up to `end`, with its steps.
    fn steps_from(&self, start: NodeIx, end: Option<NodeIx>, want: Want) -> BTreeMap<NodeIx, Vec<Step>> {
        let (mut found, mut open) = (BTreeMap::new(), vec![start]);
        while let Some(node) = open.pop() {
            if Some(node) == end || found.contains_key(&node) {
                continue;
            }
            let steps = self.steps(node, want);
            open.extend(steps.iter().filter_map(|step| step.to));
            found.insert(node, steps);
        }
        found
    }

    fn steps(&self, ix: NodeIx, want: Want) -> Vec<Step> {
        let Some(node) = self.graph.node(ix) else { return Vec::new() };
        let step = |to: Option<NodeIx>, usual: bool| {
            let weight = (self.weigh)(ix, usual);
            let passed = if weight == Count::ZERO { Vec::new() } else { vec![(ix, 1)] };
            Step { to, way: Way { weight, passed } }
        };
        match &node.element {
            Element::Fork { paths } => {
                let join = join_of(self.graph, ix);
                let ways: Vec<Way> = paths.iter().map(|path| self.way(*path, join, want)).collect();
                let weight = ways.iter().map(|way| way.weight).sum();
                let passed = ways.into_iter().flat_map(|way| way.passed).collect();
                vec![Step { to: join, way: Way { weight, passed } }]
            }
            Element::Repeat { times, body, next } => {
                let body = self.way(*body, Some(ix), want);
                let times = u64::from(*times);
                let passed = body.passed.into_iter().map(|(node, n)| (node, n.saturating_mul(times))).collect();
                vec![Step { to: *next, way: Way { weight: body.weight.times(times), passed } }]
            }
            Element::Send { next, on_not_sent, .. } | Element::Call { next, on_failed: on_not_sent, .. } => {
                let other = match on_not_sent {
                    OnFailure::Else(path) if want == Want::Heaviest => Some(step(*path, false)),
                    OnFailure::Else(_) | OnFailure::Continue => None,
                };
                std::iter::once(step(*next, true)).chain(other).collect()
            }
            element => targets(element).into_iter().map(|to| step(to, true)).collect(),
        }
    }
}

/// The weight of the best way: anywhere for the heaviest, as a run may end anywhere; at an end for the lightest.
fn finish(steps: &BTreeMap<NodeIx, Vec<Step>>, best: &Best, end: Option<NodeIx>, want: Want) -> Way {
    let mut found: Option<(Count, NodeIx, Option<usize>)> = None;
    for (from, (so_far, _)) in best {
        let out = steps.get(from).map_or(&[][..], Vec::as_slice);
        let ends = out.iter().enumerate().filter(|(_, step)| step.to.is_none() || step.to == end);
        let last = ends.map(|(at, step)| (*so_far + step.way.weight, *from, Some(at)));
        let stops = (out.is_empty() || want == Want::Heaviest).then_some((*so_far, *from, None));
        for (weight, from, at) in last.chain(stops) {
            let better = |(old, ..): &(Count, NodeIx, Option<usize>)| match want {
                Want::Heaviest => weight > *old,
                Want::Lightest => weight < *old,
            };
            if found.as_ref().is_none_or(better) {
                found = Some((weight, from, at));
            }
        }
    }
    let Some((weight, from, at)) = found else { return Way::default() };
    let mut passed = trail(steps, best, from, best.len());
    let last = at.and_then(|at| steps.get(&from)?.get(at));
    passed.extend(last.into_iter().flat_map(|step| step.way.passed.clone()));
    Way { weight, passed }
}

/// A loop that weighs something: what it passes.
fn endless(steps: &BTreeMap<NodeIx, Vec<Step>>, best: &Best, on: NodeIx) -> Way {
    let mut at = on;
    for _ in 0..steps.len() {
        at = best.get(&at).and_then(|(_, from)| *from).map_or(at, |(from, _)| from);
    }
    let mut seen = BTreeSet::new();
    let mut passed = Vec::new();
    while seen.insert(at) {
        let Some((from, step)) = best.get(&at).and_then(|(_, from)| *from) else { break };
        let way = steps.get(&from).and_then(|out| out.get(step)).map(|step| step.way.passed.clone());
        passed.splice(0..0, way.unwrap_or_default());
        at = from;
    }
    Way { weight: Count::Endless, passed }
}

/// What a best way passes on its way to an element.
fn trail(steps: &BTreeMap<NodeIx, Vec<Step>>, best: &Best, to: NodeIx, most: usize) -> Vec<Passed> {
    let (mut at, mut passed) = (to, Vec::new());
    for _ in 0..=most {
        let Some((from, step)) = best.get(&at).and_then(|(_, from)| *from) else { break };
        let way = steps.get(&from).and_then(|out| out.get(step)).map(|step| step.way.passed.clone());
        passed.splice(0..0, way.unwrap_or_default());
        at = from;
    }
    passed
}

/// The `Join` that a fork's paths lead to; `None` where none of them comes to its end.
pub(super) fn join_of(graph: &Graph, fork: NodeIx) -> Option<NodeIx> {
    let Element::Fork { paths } = &graph.node(fork)?.element else { return None };
    let (mut seen, mut open) = (BTreeSet::new(), paths.iter().flatten().copied().collect::<Vec<_>>());
    while let Some(ix) = open.pop() {
        if !seen.insert(ix) {
            continue;
        }
        match graph.node(ix).map(|node| &node.element) {
            Some(Element::Join { .. }) => return Some(ix),
            Some(Element::Fork { .. }) => {
                // The end of a `parallel` inside is not the end of this one.
                let inner = join_of(graph, ix).and_then(|join| graph.node(join)?.element.next());
                open.extend(inner);
            }
            Some(element) => open.extend(targets(element).into_iter().flatten()),
            None => {}
        }
    }
    None
}

/// Where an element leads, its `else` included; a `repeat` to its body and on, a fork to its paths.
pub(super) fn targets(element: &Element) -> Vec<Option<NodeIx>> {
    match element {
        Element::If { yes, no, .. } => vec![*yes, *no],
        Element::WaitUntil { next, on_past: past, .. } => vec![*next, *past],
        Element::WaitEvent { on_event, on_timeout, .. } => vec![*on_event, *on_timeout],
        Element::Match { cases, otherwise, .. } => cases.iter().map(|case| case.to).chain([*otherwise]).collect(),
        Element::Split { shares, otherwise, .. } => {
            // What is left after shares of a hundred percent is no path.
            let all: crate::value::Decimal = shares.iter().map(|share| share.percent).sum();
            let rest = (all < crate::value::Decimal::ONE_HUNDRED).then_some(*otherwise);
            shares.iter().map(|share| share.to).chain(rest).collect()
        }
        Element::Send { next, on_not_sent, .. } | Element::Call { next, on_failed: on_not_sent, .. } => {
            match on_not_sent {
                OnFailure::Continue => vec![*next],
                OnFailure::Else(path) => vec![*next, *path],
            }
        }
        Element::Repeat { body, next, .. } => vec![*body, *next],
        Element::Fork { paths } => paths.clone(),
        Element::WaitDuration { next, .. }
        | Element::Set { next, .. }
        | Element::Tag { next, .. }
        | Element::Join { next }
        | Element::Task { next, .. }
        | Element::Emit { next, .. }
        | Element::Start { next, .. } => vec![*next],
        Element::Stop => Vec::new(),
    }
}
