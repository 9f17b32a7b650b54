//! The most messages of one run in any time window. In: a graph, what counts, and the length of the window. Out: their
//! number, and the messages with the least time between them. Paths are followed from each message that could be the
//! first, as long as the least elapsed time is inside the window. A path that reaches the same position later and with
//! no more messages is dropped.

use super::count::Count;
use super::elapsed::Elapsed;
use super::min_delay::{after_send_delay, exits};
use super::path_weight::{Extreme, WeightedGraph, join_of};
use crate::graph::{Element, Graph, NodeIx, OnFailure};
use crate::value::Duration;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Limit: the most paths that are followed for one window; beyond that, the bound of a whole run applies.
const MAX_PATHS: usize = 50_000;

/// Limit: the most wall times that are distinguished at a node.
const MAX_READINGS: usize = 40;

/// A message on a path, and the earliest time after the first one (milliseconds).
pub(super) type Timed = (NodeIx, i64);

/// The most messages in a window.
#[derive(Debug, Clone, Default)]
pub(super) struct WindowMax {
    pub(super) count: Count,
    pub(super) sent: Vec<Timed>,
}

/// A construct around a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Enclosing {
    /// A path of a fork.
    Path(NodeIx, usize),
    /// The body of a `repeat`, with its count.
    Body(NodeIx, u32),
}

/// A search for the most messages.
pub(super) struct Search<'a> {
    graph: &'a Graph,
    counts: &'a dyn Fn(NodeIx) -> bool,
    window: Duration,
    enclosing: BTreeMap<NodeIx, Vec<Enclosing>>,
    readings: BTreeMap<NodeIx, BTreeSet<Elapsed>>,
    paths: RefCell<BTreeMap<(NodeIx, usize), WindowMax>>,
}

/// The next node of a path, if it goes on, and the iterations left of each enclosing `repeat`.
type Position = (Option<NodeIx>, Vec<Iterations>);

/// The iterations of a `repeat` that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Iterations {
    repeat: NodeIx,
    /// The most that are left.
    left: u32,
    /// Whether there may be fewer, because the path may have begun in any iteration.
    may_be_fewer: bool,
}

/// A partial path: its position and its messages.
#[derive(Debug, Clone)]
struct Label {
    position: Position,
    elapsed: Elapsed,
    count: u64,
    before: Option<usize>,
    sent: Vec<Timed>,
}

impl<'a> Search<'a> {
    /// Prepares a search from one start node.
    pub(super) fn new(
        graph: &'a Graph,
        start: Option<NodeIx>,
        window: Duration,
        counts: &'a dyn Fn(NodeIx) -> bool,
    ) -> Self {
        let (enclosing, readings, paths) = <_>::default();
        let mut search = Self { graph, counts, window, enclosing, readings, paths };
        search.record_enclosing(start, None, &[]);
        search.record_readings(start);
        search
    }

    /// Returns the most messages that one run sends in any such window.
    pub(super) fn most(&self) -> WindowMax {
        self.most_in(&self.enclosing.keys().copied().collect::<Vec<_>>(), 0, None)
    }

    /// Records the constructs around each node from `start` to `end`.
    fn record_enclosing(&mut self, start: Option<NodeIx>, end: Option<NodeIx>, enclosing: &[Enclosing]) {
        let mut open: Vec<NodeIx> = start.into_iter().collect();
        let graph = self.graph;
        while let Some(ix) = open.pop() {
            let Some(node) = graph.node(ix).filter(|_| Some(ix) != end && !self.enclosing.contains_key(&ix)) else {
                continue;
            };
            self.enclosing.insert(ix, enclosing.to_vec());
            match &node.element {
                Element::Fork { paths } => {
                    let join = join_of(graph, ix);
                    for (n, path) in paths.iter().enumerate() {
                        self.record_enclosing(*path, join, &[enclosing, &[Enclosing::Path(ix, n)]].concat());
                    }
                    open.extend(join);
                }
                Element::Repeat { times, body, next } => {
                    self.record_enclosing(*body, Some(ix), &[enclosing, &[Enclosing::Body(ix, *times)]].concat());
                    open.extend(*next);
                }
                element => open.extend(super::path_weight::successors(element).into_iter().flatten()),
            }
        }
    }

    /// Records the wall times at which each node can be reached.
    fn record_readings(&mut self, start: Option<NodeIx>) {
        let mut open: Vec<(NodeIx, Elapsed)> = start.map(|start| (start, Elapsed::default())).into_iter().collect();
        let graph = self.graph;
        while let Some((ix, elapsed)) = open.pop() {
            let known = self.readings.entry(ix).or_default();
            // Too many to distinguish: treat the time as unknown.
            let elapsed = if known.len() >= MAX_READINGS { Elapsed::default() } else { elapsed.restarted() };
            let Some(node) = graph.node(ix).filter(|_| known.insert(elapsed)) else { continue };
            // The time after a join is that of whichever path ended last.
            let left = exits(graph, node, elapsed, true);
            open.extend(left.into_iter().filter_map(|(to, elapsed)| Some((to?, elapsed))));
        }
    }

    /// The most messages from any of these nodes on, up to `end`; `depth` is the number of enclosing constructs that
    /// are already handled.
    fn most_in(&self, among: &[NodeIx], depth: usize, end: Option<NodeIx>) -> WindowMax {
        let mut best = WindowMax::default();
        for ix in among.iter().copied().filter(|ix| (self.counts)(*ix)) {
            let readings = self.readings.get(&ix).into_iter().flatten();
            let readings: BTreeSet<Elapsed> = readings.map(|elapsed| after_send_delay(self.graph, *elapsed)).collect();
            // An unknown wall time covers the worst case.
            let unknown = readings.iter().copied().find(|elapsed| *elapsed == Elapsed::default());
            for elapsed in unknown.map_or(readings, |unknown| BTreeSet::from([unknown])) {
                let found = self.since_message(ix, elapsed, depth, end);
                if found.count > best.count {
                    best = found;
                }
            }
        }
        best
    }

    /// The most messages from one message on.
    fn since_message(&self, ix: NodeIx, elapsed: Elapsed, depth: usize, end: Option<NodeIx>) -> WindowMax {
        let enclosing = self.enclosing.get(&ix).map_or(&[][..], Vec::as_slice).get(depth..).unwrap_or_default();
        let mut iterations = Vec::new();
        let mut parallel = WindowMax::default();
        for position in enclosing {
            match position {
                Enclosing::Body(repeat, times) => {
                    iterations.push(Iterations { repeat: *repeat, left: times.saturating_sub(1), may_be_fewer: true });
                }
                Enclosing::Path(fork, own) => {
                    let Some(Element::Fork { paths }) = self.graph.node(*fork).map(|node| &node.element) else {
                        continue;
                    };
                    for other in (0..paths.len()).filter(|other| other != own) {
                        let most = self.path(*fork, other);
                        parallel.count = parallel.count + most.count;
                        parallel.sent.extend(most.sent);
                    }
                }
            }
        }
        let Some(extra) = parallel.count.number() else { return parallel };
        let first = Label {
            position: (Some(ix), iterations),
            elapsed: elapsed.restarted(),
            count: extra,
            before: None,
            sent: parallel.sent,
        };
        self.follow(first, true, end)
    }

    /// The most messages of one path of a fork, in any window.
    fn path(&self, fork: NodeIx, path: usize) -> WindowMax {
        if let Some(known) = self.paths.borrow().get(&(fork, path)) {
            return known.clone();
        }
        let position = Enclosing::Path(fork, path);
        let inside = |enclosing: &Vec<Enclosing>| enclosing.contains(&position);
        let among: Vec<NodeIx> =
            self.enclosing.iter().filter(|(_, enclosing)| inside(enclosing)).map(|(ix, _)| *ix).collect();
        let depth = self.enclosing.get(&fork).map_or(0, Vec::len) + 1;
        let most = self.most_in(&among, depth, join_of(self.graph, fork));
        self.paths.borrow_mut().insert((fork, path), most.clone());
        most
    }

    /// Follows paths from a label; with `sending`, the first node is the message that opens the window.
    fn follow(&self, first: Label, sending: bool, end: Option<NodeIx>) -> WindowMax {
        let mut best = (first.count, 0);
        let mut labels = vec![first];
        let mut known: BTreeMap<Position, Vec<(Elapsed, u64)>> = BTreeMap::new();
        let mut at = 0;
        while let Some(label) = labels.get(at).cloned() {
            let nexts = match self.next(&label, at, sending && at == 0, end) {
                Ok(nexts) => nexts,
                Err(sent) => return WindowMax { count: Count::Unbounded, sent },
            };
            for next in nexts {
                if next.count > best.0 {
                    best = (next.count, labels.len());
                } else if next.position.0.is_none() {
                    continue;
                }
                let others = known.entry(next.position.clone()).or_default();
                if others.iter().any(|other| dominates(*other, (next.elapsed, next.count))) {
                    continue;
                }
                let rises = others.iter().any(|(elapsed, _)| *elapsed == next.elapsed);
                others.retain(|other| !dominates((next.elapsed, next.count), *other));
                others.push((next.elapsed, next.count));
                labels.push(next);
                let last = labels.len() - 1;
                if labels.len() > MAX_PATHS || (rises && is_growing_cycle(&labels, last)) {
                    return WindowMax { count: Count::Unbounded, sent: messages_of(&labels, last) };
                }
            }
            at += 1;
        }
        WindowMax { count: Count::Finite(best.0), sent: messages_of(&labels, best.1) }
    }

    /// The continuations of a path inside the window; an unbounded number of messages is an error.
    fn next(&self, label: &Label, at: usize, sending: bool, end: Option<NodeIx>) -> Result<Vec<Label>, Vec<Timed>> {
        let Some((ix, node)) = label.position.0.and_then(|ix| Some((ix, self.graph.node(ix)?))) else {
            return Ok(Vec::new());
        };
        let on = |to: Option<NodeIx>, elapsed: Elapsed| Label {
            position: (to.filter(|to| Some(*to) != end), label.position.1.clone()),
            elapsed,
            count: label.count,
            before: Some(at),
            sent: Vec::new(),
        };
        let mut nexts: Vec<Label> = if let Element::Repeat { times, body, next } = &node.element {
            next_iterations(&on(None, label.elapsed), ix, *times, *body, *next)
        } else if let Element::Fork { paths } = &node.element {
            vec![self.fork(on(None, label.elapsed), paths, join_of(self.graph, ix))?]
        } else if let (Element::Send { next, on_not_sent, .. }, true) = (&node.element, (self.counts)(ix)) {
            let mut sent = on(*next, label.elapsed);
            sent.count += 1;
            sent.sent.push((ix, label.elapsed.nominal_ms()));
            let other = match on_not_sent {
                OnFailure::Else(path) if !sending => Some(on(*path, label.elapsed)),
                OnFailure::Else(_) | OnFailure::Continue => None,
            };
            std::iter::once(sent).chain(other).collect()
        } else {
            exits(self.graph, node, label.elapsed, false).into_iter().map(|(to, elapsed)| on(to, elapsed)).collect()
        };
        nexts.retain(|next| next.elapsed.within(self.window));
        Ok(nexts)
    }

    /// Starts all paths of a fork: one is followed, and the others add the most that they can send from here.
    fn fork(&self, mut label: Label, paths: &[Option<NodeIx>], join: Option<NodeIx>) -> Result<Label, Vec<Timed>> {
        let least = |ix: NodeIx, _: bool| {
            let element = self.graph.node(ix).map(|node| &node.element);
            let Some(Element::WaitDuration { duration, .. }) = element else { return Count::ZERO };
            Count::Finite(duration.nominal_ms().max(0).unsigned_abs())
        };
        let weighed = WeightedGraph { graph: self.graph, weigh: &least };
        let length = |path: &Option<NodeIx>| weighed.path(*path, join, Extreme::Lightest).weight;
        // What follows the join follows every path, so any can be followed; the longest gives the tightest bound.
        let main = (0..paths.len()).max_by_key(|n| paths.get(*n).map(length));
        for (n, path) in paths.iter().enumerate() {
            let start = path.filter(|path| Some(*path) != join);
            if Some(n) == main {
                label.position.0 = *path;
            } else if start.is_some() {
                let position = (start, label.position.1.clone());
                let first = Label { position, count: 0, before: None, sent: Vec::new(), ..label.clone() };
                let most = self.follow(first, false, join);
                let Some(count) = most.count.number() else { return Err(most.sent) };
                label.count += count;
                label.sent.extend(most.sent);
            }
        }
        Ok(label)
    }
}

/// Another iteration of a `repeat`, or its continuation; both if the path may have begun in any iteration.
fn next_iterations(
    label: &Label,
    repeat: NodeIx,
    times: u32,
    body: Option<NodeIx>,
    next: Option<NodeIx>,
) -> Vec<Label> {
    let outside = label.position.1.iter().copied().filter(|iterations| iterations.repeat != repeat);
    let outside: Vec<Iterations> = outside.collect();
    let inside = label.position.1.iter().copied().find(|iterations| iterations.repeat == repeat);
    let iterations = inside.unwrap_or(Iterations { repeat, left: times, may_be_fewer: false });
    let again = (iterations.left > 0).then(|| {
        let iterations = Iterations { left: iterations.left - 1, ..iterations };
        (body, outside.iter().copied().chain([iterations]).collect())
    });
    let on = (iterations.left == 0 || iterations.may_be_fewer).then(|| (next, outside.clone()));
    again.into_iter().chain(on).map(|position| Label { position, ..label.clone() }).collect()
}

/// Whether a path is at the same position no later than another, with no fewer messages.
fn dominates(one: (Elapsed, u64), other: (Elapsed, u64)) -> bool {
    one.0.state() == other.0.state() && one.0.is_no_later(&other.0) && one.1 >= other.1
}

/// Whether a path visited its position before, at the same time and with fewer messages.
fn is_growing_cycle(labels: &[Label], last: usize) -> bool {
    let Some(label) = labels.get(last) else { return false };
    let mut before = label.before;
    while let Some(other) = before.and_then(|at| labels.get(at)) {
        if other.position == label.position && other.elapsed == label.elapsed && other.count < label.count {
            return true;
        }
        before = other.before;
    }
    false
}

/// The messages of a path, in order.
fn messages_of(labels: &[Label], last: usize) -> Vec<Timed> {
    let (mut sent, mut at) = (Vec::new(), Some(last));
    while let Some(label) = at.and_then(|at| labels.get(at)) {
        sent.splice(0..0, label.sent.iter().copied());
        at = label.before;
    }
    sent
}
