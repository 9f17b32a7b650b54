//! Longest and shortest paths through a graph with weights. In: a graph and the weight of each element. Out: the
//! heaviest path of a run, and the lightest one that reaches an end. A `parallel` weighs as much as all its paths
//! together, a `repeat` as much as its body times the count; everything else is an edge.

use super::count::Count;
use crate::graph::{Element, Graph, NodeIx, OnFailure};
use std::collections::{BTreeMap, BTreeSet};

/// A node on a path, and how often the path visits it.
pub(super) type Visit = (NodeIx, u64);

/// A path and its weight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WeightedPath {
    pub(super) weight: Count,
    /// The visited nodes that have weight, in order.
    pub(super) visits: Vec<Visit>,
}

/// An edge with the weight of the nodes that it passes.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub(super) to: Option<NodeIx>,
    pub(super) path: WeightedPath,
}

/// The best weight so far of each node, and the edge by which the best path reaches it.
type BestEdges = BTreeMap<NodeIx, (Count, Option<(NodeIx, usize)>)>;

/// A graph with weights. `weigh` returns the weight of a node when a run leaves it by its usual exit or, with `false`,
/// by its `else`.
pub(super) struct WeightedGraph<'a> {
    pub(super) graph: &'a Graph,
    pub(super) weigh: &'a dyn Fn(NodeIx, bool) -> Count,
}

/// Which path is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extreme {
    Heaviest,
    /// To an end, with every message sent.
    Lightest,
}

impl WeightedGraph<'_> {
    /// Returns the best path from a node, up to `end`.
    pub(super) fn path(&self, start: Option<NodeIx>, end: Option<NodeIx>, extreme: Extreme) -> WeightedPath {
        let Some(start) = start.filter(|start| Some(*start) != end) else { return WeightedPath::default() };
        let edges = self.reachable_edges(start, end, extreme);
        let mut best: BestEdges = BTreeMap::from([(start, (Count::ZERO, None))]);
        let better = |new: Count, old: Count| if extreme == Extreme::Heaviest { new > old } else { new < old };
        for round in 0..=edges.len() {
            let mut changed = None;
            for (from, out) in &edges {
                let Some((so_far, _)) = best.get(from).copied() else { continue };
                for (at, edge) in out.iter().enumerate() {
                    let Some(to) = edge.to.filter(|to| Some(*to) != end) else { continue };
                    let weight = so_far + edge.path.weight;
                    if best.get(&to).is_none_or(|(old, _)| better(weight, *old)) {
                        best.insert(to, (weight, Some((*from, at))));
                        changed = Some(to);
                    }
                }
            }
            match changed {
                None => break,
                // A weight that still grows after as many rounds as there are nodes is on a cycle.
                Some(on) if round == edges.len() => return cycle(&edges, &best, on),
                Some(_) => {}
            }
        }
        finish(&edges, &best, end, extreme)
    }

    /// All nodes reachable from `start`, up to `end`, with their edges.
    fn reachable_edges(&self, start: NodeIx, end: Option<NodeIx>, extreme: Extreme) -> BTreeMap<NodeIx, Vec<Edge>> {
        let (mut found, mut open) = (BTreeMap::new(), vec![start]);
        while let Some(node) = open.pop() {
            if Some(node) == end || found.contains_key(&node) {
                continue;
            }
            let edges = self.edges(node, extreme);
            open.extend(edges.iter().filter_map(|edge| edge.to));
            found.insert(node, edges);
        }
        found
    }

    fn edges(&self, ix: NodeIx, extreme: Extreme) -> Vec<Edge> {
        let Some(node) = self.graph.node(ix) else { return Vec::new() };
        let edge = |to: Option<NodeIx>, usual: bool| {
            let weight = (self.weigh)(ix, usual);
            let visits = if weight == Count::ZERO { Vec::new() } else { vec![(ix, 1)] };
            Edge { to, path: WeightedPath { weight, visits } }
        };
        match &node.element {
            Element::Fork { paths } => {
                let join = join_of(self.graph, ix);
                let weighted: Vec<WeightedPath> = paths.iter().map(|path| self.path(*path, join, extreme)).collect();
                let weight = weighted.iter().map(|path| path.weight).sum();
                let visits = weighted.into_iter().flat_map(|path| path.visits).collect();
                vec![Edge { to: join, path: WeightedPath { weight, visits } }]
            }
            Element::Repeat { times, body, next } => {
                let body = self.path(*body, Some(ix), extreme);
                let times = u64::from(*times);
                let visits = body.visits.into_iter().map(|(node, n)| (node, n.saturating_mul(times))).collect();
                vec![Edge { to: *next, path: WeightedPath { weight: body.weight.times(times), visits } }]
            }
            Element::Send { next, on_not_sent, .. } | Element::Call { next, on_failed: on_not_sent, .. } => {
                let other = match on_not_sent {
                    OnFailure::Else(path) if extreme == Extreme::Heaviest => Some(edge(*path, false)),
                    OnFailure::Else(_) | OnFailure::Continue => None,
                };
                std::iter::once(edge(*next, true)).chain(other).collect()
            }
            element => successors(element).into_iter().map(|to| edge(to, true)).collect(),
        }
    }
}

/// The best path overall. A heaviest path may end anywhere because a run may; a lightest path ends at an end.
fn finish(
    edges: &BTreeMap<NodeIx, Vec<Edge>>,
    best: &BestEdges,
    end: Option<NodeIx>,
    extreme: Extreme,
) -> WeightedPath {
    let mut found: Option<(Count, NodeIx, Option<usize>)> = None;
    for (from, (so_far, _)) in best {
        let out = edges.get(from).map_or(&[][..], Vec::as_slice);
        let ends = out.iter().enumerate().filter(|(_, edge)| edge.to.is_none() || edge.to == end);
        let last = ends.map(|(at, edge)| (*so_far + edge.path.weight, *from, Some(at)));
        let stops = (out.is_empty() || extreme == Extreme::Heaviest).then_some((*so_far, *from, None));
        for (weight, from, at) in last.chain(stops) {
            let better = |(old, ..): &(Count, NodeIx, Option<usize>)| match extreme {
                Extreme::Heaviest => weight > *old,
                Extreme::Lightest => weight < *old,
            };
            if found.as_ref().is_none_or(better) {
                found = Some((weight, from, at));
            }
        }
    }
    let Some((weight, from, at)) = found else { return WeightedPath::default() };
    let mut visits = visits_to(edges, best, from, best.len());
    let last = at.and_then(|at| edges.get(&from)?.get(at));
    visits.extend(last.into_iter().flat_map(|edge| edge.path.visits.clone()));
    WeightedPath { weight, visits }
}

/// The visits of a cycle that has weight.
fn cycle(edges: &BTreeMap<NodeIx, Vec<Edge>>, best: &BestEdges, on: NodeIx) -> WeightedPath {
    let mut at = on;
    for _ in 0..edges.len() {
        at = best.get(&at).and_then(|(_, from)| *from).map_or(at, |(from, _)| from);
    }
    let mut seen = BTreeSet::new();
    let mut visits = Vec::new();
    while seen.insert(at) {
        let Some((from, edge)) = best.get(&at).and_then(|(_, from)| *from) else { break };
        let path = edges.get(&from).and_then(|out| out.get(edge)).map(|edge| edge.path.visits.clone());
        visits.splice(0..0, path.unwrap_or_default());
        at = from;
    }
    WeightedPath { weight: Count::Unbounded, visits }
}

/// The visits of the best path to a node.
fn visits_to(edges: &BTreeMap<NodeIx, Vec<Edge>>, best: &BestEdges, to: NodeIx, most: usize) -> Vec<Visit> {
    let (mut at, mut visits) = (to, Vec::new());
    for _ in 0..=most {
        let Some((from, edge)) = best.get(&at).and_then(|(_, from)| *from) else { break };
        let path = edges.get(&from).and_then(|out| out.get(edge)).map(|edge| edge.path.visits.clone());
        visits.splice(0..0, path.unwrap_or_default());
        at = from;
    }
    visits
}

/// Returns the `Join` where the paths of a fork meet; `None` if no path reaches its end.
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
                // The end of a nested `parallel` is not the end of this one.
                let inner = join_of(graph, ix).and_then(|join| graph.node(join)?.element.next());
                open.extend(inner);
            }
            Some(element) => open.extend(successors(element).into_iter().flatten()),
            None => {}
        }
    }
    None
}

/// Returns all successors of an element: both exits of an `else`, body and continuation of a `repeat`, the paths of a
/// fork.
pub(super) fn successors(element: &Element) -> Vec<Option<NodeIx>> {
    match element {
        Element::If { yes, no, .. } => vec![*yes, *no],
        Element::WaitUntil { next, on_past: past, .. } => vec![*next, *past],
        Element::WaitEvent { on_event, on_timeout, .. } => vec![*on_event, *on_timeout],
        Element::Match { cases, otherwise, .. } => cases.iter().map(|case| case.to).chain([*otherwise]).collect(),
        Element::Split { shares, otherwise, .. } => {
            // If the shares add up to 100%, there is no remaining path.
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
        | Element::Start { next, .. }
        | Element::StopFunnel { next, .. } => vec![*next],
        Element::Stop => Vec::new(),
    }
}
