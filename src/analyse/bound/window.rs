//! The most messages of one run in any stretch of time. In: a graph, what counts and how long the stretch is. Out: how
//! many, and the messages with the least time between them.
//!
//! Ways are followed from each message that could be the first, as long as the least time that passed lies in the stretch.
//! Of two ways to one place the later one with no more messages is given up.

use super::clock::Clock;
use super::count::Count;
use super::least::{leave, leaving};
use super::way::{Want, Weighed, join_of};
use crate::graph::{Element, Graph, NodeIx, OnFailure};
use crate::value::Duration;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Limit: the most ways that are followed for one stretch; where there are more, what a whole run sends is the bound.
const MOST_WAYS: usize = 50_000;

/// Limit: so many readings of the clock are told apart at an element.
const MOST_READINGS: usize = 40;

/// A message of a way, and how long after the first one it can leave (milliseconds).
pub(super) type Timed = (NodeIx, i64);

/// The most messages in a stretch.
#[derive(Debug, Clone, Default)]
pub(super) struct Most {
    pub(super) count: Count,
    pub(super) sent: Vec<Timed>,
}

/// What an element stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// A path of a fork.
    Path(NodeIx, usize),
    /// The body of a `repeat` of so many times.
    Body(NodeIx, u32),
}

/// A look for the most messages.
pub(super) struct Search<'a> {
    graph: &'a Graph,
    counts: &'a dyn Fn(NodeIx) -> bool,
    stretch: Duration,
    around: BTreeMap<NodeIx, Vec<Around>>,
    readings: BTreeMap<NodeIx, BTreeSet<Clock>>,
    paths: RefCell<BTreeMap<(NodeIx, usize), Most>>,
}

/// Where a way is, if it goes on, and the rounds of each `repeat` around.
type Place = (Option<NodeIx>, Vec<Rounds>);

/// The rounds of a `repeat` that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rounds {
    repeat: NodeIx,
    /// The most that are left.
    left: u32,
    /// Whether there may be fewer: in which round a way begins is not said.
    or_fewer: bool,
}

/// A way so far: where it comes to, and what it has.
#[derive(Debug, Clone)]
struct Label {
    place: Place,
    clock: Clock,
    count: u64,
    before: Option<usize>,
    sent: Vec<Timed>,
}

impl<'a> Search<'a> {
    /// Prepares the look from one place where runs start.
    pub(super) fn new(
        graph: &'a Graph,
        start: Option<NodeIx>,
        stretch: Duration,
        counts: &'a dyn Fn(NodeIx) -> bool,
    ) -> Self {
        let (around, readings, paths) = <_>::default();
        let mut search = Self { graph, counts, stretch, around, readings, paths };
        search.survey(start, None, &[]);
        search.read(start);
        search
    }

    /// The most that one run sends in any such stretch.
    pub(super) fn most(&self) -> Most {
        self.most_in(&self.around.keys().copied().collect::<Vec<_>>(), 0, None)
    }

    /// Notes what each element from `start` to `end` stands in.
    fn survey(&mut self, start: Option<NodeIx>, end: Option<NodeIx>, around: &[Around]) {
        let mut open: Vec<NodeIx> = start.into_iter().collect();
        let graph = self.graph;
        while let Some(ix) = open.pop() {
            let Some(node) = graph.node(ix).filter(|_| Some(ix) != end && !self.around.contains_key(&ix)) else {
                continue;
            };
            self.around.insert(ix, around.to_vec());
            match &node.element {
                Element::Fork { paths } => {
                    let join = join_of(graph, ix);
                    for (n, path) in paths.iter().enumerate() {
                        self.survey(*path, join, &[around, &[Around::Path(ix, n)]].concat());
                    }
                    open.extend(join);
                }
                Element::Repeat { times, body, next } => {
                    self.survey(*body, Some(ix), &[around, &[Around::Body(ix, *times)]].concat());
                    open.extend(*next);
                }
                element => open.extend(super::way::targets(element).into_iter().flatten()),
            }
        }
    }

    /// Notes what the wall clock can show where an element is reached.
    fn read(&mut self, start: Option<NodeIx>) {
        let mut open: Vec<(NodeIx, Clock)> = start.map(|start| (start, Clock::default())).into_iter().collect();
        let graph = self.graph;
        while let Some((ix, clock)) = open.pop() {
            let known = self.readings.entry(ix).or_default();
            // Too many to tell apart: nobody knows.
            let clock = if known.len() >= MOST_READINGS { Clock::default() } else { clock.begin() };
            let Some(node) = graph.node(ix).filter(|_| known.insert(clock)) else { continue };
            // What follows a join follows whichever path came last.
            let left = leave(graph, node, clock, true);
            open.extend(left.into_iter().filter_map(|(to, clock)| Some((to?, clock))));
        }
    }

    /// The most from any message among some elements on, up to `end`; `depth` is how many things around count as given.
    fn most_in(&self, among: &[NodeIx], depth: usize, end: Option<NodeIx>) -> Most {
        let mut best = Most::default();
        for ix in among.iter().copied().filter(|ix| (self.counts)(*ix)) {
            let clocks = self.readings.get(&ix).into_iter().flatten();
            let clocks: BTreeSet<Clock> = clocks.map(|clock| leaving(self.graph, *clock)).collect();
            // Where nobody knows the clock it may show what is best.
            let unknown = clocks.iter().copied().find(|clock| *clock == Clock::default());
            for clock in unknown.map_or(clocks, |unknown| BTreeSet::from([unknown])) {
                let found = self.since_message(ix, clock, depth, end);
                if found.count > best.count {
                    best = found;
                }
            }
        }
        best
    }

    /// The most from one message on.
    fn since_message(&self, ix: NodeIx, clock: Clock, depth: usize, end: Option<NodeIx>) -> Most {
        let around = self.around.get(&ix).map_or(&[][..], Vec::as_slice).get(depth..).unwrap_or_default();
        let mut rounds = Vec::new();
        let mut beside = Most::default();
        for place in around {
            match place {
                Around::Body(repeat, times) => {
                    rounds.push(Rounds { repeat: *repeat, left: times.saturating_sub(1), or_fewer: true });
                }
                Around::Path(fork, own) => {
                    let Some(Element::Fork { paths }) = self.graph.node(*fork).map(|node| &node.element) else {
                        continue;
                    };
                    for other in (0..paths.len()).filter(|other| other != own) {
                        let most = self.path(*fork, other);
                        beside.count = beside.count + most.count;
                        beside.sent.extend(most.sent);
                    }
                }
            }
        }
        let Some(extra) = beside.count.number() else { return beside };
        let first =
            Label { place: (Some(ix), rounds), clock: clock.begin(), count: extra, before: None, sent: beside.sent };
        self.follow(first, true, end)
    }

    /// The most of one path of a fork, in any stretch.
    fn path(&self, fork: NodeIx, path: usize) -> Most {
        if let Some(known) = self.paths.borrow().get(&(fork, path)) {
            return known.clone();
        }
        let place = Around::Path(fork, path);
        let inside = |around: &Vec<Around>| around.contains(&place);
        let among: Vec<NodeIx> = self.around.iter().filter(|(_, around)| inside(around)).map(|(ix, _)| *ix).collect();
        let depth = self.around.get(&fork).map_or(0, Vec::len) + 1;
        let most = self.most_in(&among, depth, join_of(self.graph, fork));
        self.paths.borrow_mut().insert((fork, path), most.clone());
        most
    }

    /// Follows ways from a label; `sending` says that its own message leaves.
    fn follow(&self, first: Label, sending: bool, end: Option<NodeIx>) -> Most {
        let mut best = (first.count, 0);
        let mut labels = vec![first];
        let mut known: BTreeMap<Place, Vec<(Clock, u64)>> = BTreeMap::new();
        let mut at = 0;
        while let Some(label) = labels.get(at).cloned() {
            let nexts = match self.next(&label, at, sending && at == 0, end) {
                Ok(nexts) => nexts,
                Err(sent) => return Most { count: Count::Endless, sent },
            };
            for next in nexts {
                if next.count > best.0 {
                    best = (next.count, labels.len());
                } else if next.place.0.is_none() {
                    continue;
                }
                let others = known.entry(next.place.clone()).or_default();
                if others.iter().any(|other| beats(*other, (next.clock, next.count))) {
                    continue;
                }
                let rises = others.iter().any(|(clock, _)| *clock == next.clock);
                others.retain(|other| !beats((next.clock, next.count), *other));
                others.push((next.clock, next.count));
                labels.push(next);
                let last = labels.len() - 1;
                if labels.len() > MOST_WAYS || (rises && grows(&labels, last)) {
                    return Most { count: Count::Endless, sent: trail(&labels, last) };
                }
            }
            at += 1;
        }
        Most { count: Count::Most(best.0), sent: trail(&labels, best.1) }
    }

    /// Where a way goes on to within the stretch; what is sent without end is an error.
    fn next(&self, label: &Label, at: usize, sending: bool, end: Option<NodeIx>) -> Result<Vec<Label>, Vec<Timed>> {
        let Some((ix, node)) = label.place.0.and_then(|ix| Some((ix, self.graph.node(ix)?))) else {
            return Ok(Vec::new());
        };
        let on = |to: Option<NodeIx>, clock: Clock| Label {
            place: (to.filter(|to| Some(*to) != end), label.place.1.clone()),
            clock,
            count: label.count,
            before: Some(at),
            sent: Vec::new(),
        };
        let mut nexts: Vec<Label> = if let Element::Repeat { times, body, next } = &node.element {
            round(&on(None, label.clock), ix, *times, *body, *next)
        } else if let Element::Fork { paths } = &node.element {
            vec![self.fork(on(None, label.clock), paths, join_of(self.graph, ix))?]
        } else if let (Element::Send { next, on_not_sent, .. }, true) = (&node.element, (self.counts)(ix)) {
            let mut sent = on(*next, label.clock);
            sent.count += 1;
            sent.sent.push((ix, label.clock.shown()));
            let other = match on_not_sent {
                OnFailure::Else(path) if !sending => Some(on(*path, label.clock)),
                OnFailure::Else(_) | OnFailure::Continue => None,
            };
            std::iter::once(sent).chain(other).collect()
        } else {
            leave(self.graph, node, label.clock, false).into_iter().map(|(to, clock)| on(to, clock)).collect()
        };
        nexts.retain(|next| next.clock.within(self.stretch));
        Ok(nexts)
    }

    /// All paths begin: one is followed on, and the others add what they can send from here.
    fn fork(&self, mut label: Label, paths: &[Option<NodeIx>], join: Option<NodeIx>) -> Result<Label, Vec<Timed>> {
        let least = |ix: NodeIx, _: bool| {
            let element = self.graph.node(ix).map(|node| &node.element);
            let Some(Element::WaitDuration { duration, .. }) = element else { return Count::ZERO };
            Count::Most(duration.nominal_ms().max(0).unsigned_abs())
        };
        let weighed = Weighed { graph: self.graph, weigh: &least };
        let length = |path: &Option<NodeIx>| weighed.way(*path, join, Want::Lightest).weight;
        // What comes after the join comes after each of the paths, so any can be followed; the longest says most.
        let main = (0..paths.len()).max_by_key(|n| paths.get(*n).map(length));
        for (n, path) in paths.iter().enumerate() {
            let start = path.filter(|path| Some(*path) != join);
            if Some(n) == main {
                label.place.0 = *path;
            } else if start.is_some() {
                let place = (start, label.place.1.clone());
                let first = Label { place, count: 0, before: None, sent: Vec::new(), ..label.clone() };
                let most = self.follow(first, false, join);
                let Some(count) = most.count.number() else { return Err(most.sent) };
                label.count += count;
                label.sent.extend(most.sent);
            }
        }
        Ok(label)
    }
}

/// One more round of a `repeat`, or on; both where a way may have begun in any round.
fn round(label: &Label, repeat: NodeIx, times: u32, body: Option<NodeIx>, next: Option<NodeIx>) -> Vec<Label> {
    let outside = label.place.1.iter().copied().filter(|rounds| rounds.repeat != repeat);
    let outside: Vec<Rounds> = outside.collect();
    let inside = label.place.1.iter().copied().find(|rounds| rounds.repeat == repeat);
    let rounds = inside.unwrap_or(Rounds { repeat, left: times, or_fewer: false });
    let again = (rounds.left > 0).then(|| {
        let rounds = Rounds { left: rounds.left - 1, ..rounds };
        (body, outside.iter().copied().chain([rounds]).collect())
    });
    let on = (rounds.left == 0 || rounds.or_fewer).then(|| (next, outside.clone()));
    again.into_iter().chain(on).map(|place| Label { place, ..label.clone() }).collect()
}

/// Whether a way is at the same place no later than another, with no fewer messages.
fn beats(one: (Clock, u64), other: (Clock, u64)) -> bool {
    one.0.state() == other.0.state() && one.0.is_no_later(&other.0) && one.1 >= other.1
}

/// Whether a way came by its place before, at the same time and with fewer messages.
fn grows(labels: &[Label], last: usize) -> bool {
    let Some(label) = labels.get(last) else { return false };
    let mut before = label.before;
    while let Some(other) = before.and_then(|at| labels.get(at)) {
        if other.place == label.place && other.clock == label.clock && other.count < label.count {
            return true;
        }
        before = other.before;
    }
    false
}

/// The messages of a way, in order.
fn trail(labels: &[Label], last: usize) -> Vec<Timed> {
    let (mut sent, mut at) = (Vec::new(), Some(last));
    while let Some(label) = at.and_then(|at| labels.get(at)) {
        sent.splice(0..0, label.sent.iter().copied());
        at = label.before;
    }
    sent
}
