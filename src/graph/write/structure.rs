//! Arrows to nesting. In: a graph. Out: chains with blocks where paths part and meet again, and gotos for all other arrows.

use super::flow::{Flow, Goal, goal, leaves_some_out};
use super::region::Regions;
use super::structured::{Flowing, Jump, Past, Path, Role, Step, Structured, split_name};
use crate::graph::ident::{Identities, keeping};
use crate::graph::{Element, Graph, Node, NodeIx, Unsent};
use std::collections::BTreeSet;

/// How deep blocks stand one inside another before paths are written one after the other, with gotos between them.
const DEEPEST: usize = 14;

/// How many places where paths may meet are looked at.
const MOST_MEETS: usize = 64;

/// Weaves a graph without faults. Nodes of a graph that was compiled stand in the order of its text, which tells where a
/// `goto` was; where that does not help, the order is not asked.
pub(super) fn structure(graph: &Graph, flow: &Flow, regions: &Regions) -> Structured {
    let ordered = Structurer::new(graph, flow, regions, true).structured();
    if ordered.gotos == 0 {
        return ordered;
    }
    let free = Structurer::new(graph, flow, regions, false).structured();
    if free.gotos < ordered.gotos { free } else { ordered }
}

struct Structurer<'g> {
    graph: &'g Graph,
    flow: &'g Flow,
    regions: &'g Regions,
    /// Whether nodes are taken in their order.
    ordered: bool,
    placed: Vec<bool>,
    structured: Structured,
    /// What gotos of the path that is structured lead to and that has no place yet.
    pending: BTreeSet<usize>,
    ids: Identities,
}

/// What is around a chain.
#[derive(Clone)]
struct Around {
    /// Where the chain leads when it ends.
    follow: Goal,
    /// Where the path ends that the chain is part of.
    end: Goal,
    /// Its place, as identities have it.
    place: String,
    /// What has its place further out.
    kept: BTreeSet<usize>,
    depth: usize,
}

impl Around {
    /// What is around a path of an element of this chain.
    fn inner(&self, follow: Goal, role: Role, id: &str) -> Self {
        let mut kept = self.kept.clone();
        kept.extend(self.follow);
        Self { follow, end: self.end, place: role.place(id), kept, depth: self.depth + 1 }
    }
}

impl<'g> Structurer<'g> {
    fn new(graph: &'g Graph, flow: &'g Flow, regions: &'g Regions, ordered: bool) -> Self {
        let structured = Structured { entries: Vec::new(), targets: BTreeSet::new(), order: Vec::new(), gotos: 0 };
        let (placed, pending, ids) = (vec![false; graph.nodes.len()], BTreeSet::new(), Identities::default());
        Self { graph, flow, regions, ordered, placed, structured, pending, ids }
    }

    fn structured(mut self) -> Structured {
        for entry in &self.graph.entries {
            let id = self.ids.entry(&entry.trigger);
            let chain = self.closed(goal(entry.start), None, id.0, 0);
            self.structured.entries.push(chain);
        }
        self.structured
    }

    /// The chain of a path of its own, and behind it what gotos in it lead to and that had no place.
    fn closed(&mut self, start: Goal, end: Goal, place: String, depth: usize) -> Vec<Flowing> {
        let outside = std::mem::take(&mut self.pending);
        let around = Around { follow: end, end, place, kept: BTreeSet::new(), depth };
        let mut chain = self.chain(start, &around, false);
        while let Some(node) = self.pending.pop_first() {
            if self.is_placed(node) {
                continue;
            }
            if !self.ended(&chain) {
                chain.push(Flowing::Goto(Jump::Next));
            }
            self.structured.targets.insert(node);
            chain.extend(self.chain(Some(node), &around, true));
        }
        self.pending = outside;
        chain
    }

    fn node(&self, node: usize) -> Option<&'g Node> {
        self.graph.nodes.get(node)
    }

    fn is_placed(&self, node: usize) -> bool {
        self.placed.get(node).copied().unwrap_or(true)
    }

    fn place(&mut self, node: usize) {
        if let Some(placed) = self.placed.get_mut(node) {
            *placed = true;
        }
        self.structured.order.push(Some(node));
    }

    /// Steps from a goal on, up to where the chain leads. The first has its place here when that is `sure`.
    fn chain(&mut self, start: Goal, around: &Around, sure: bool) -> Vec<Flowing> {
        let mut out: Vec<Flowing> = Vec::new();
        let (mut at, mut sure) = (start, sure);
        // The wait before, when it leaves out the next element and goes on there.
        let mut skips: Option<Goal> = None;
        loop {
            if at == around.follow {
                return out;
            }
            let Some(node) = at.filter(|_| at != around.end) else {
                self.structured.gotos += 1;
                out.push(Flowing::Goto(Jump::End));
                return out;
            };
            if self.is_placed(node) || !sure && self.stands_elsewhere(node, around) {
                out.push(self.jump(node));
                return out;
            }
            sure = false;
            let before = skips.take();
            let (step, next) = self.step(node, around);
            if step.past == Past::Skip
                && let Some(Element::WaitUntil { on_past: past, .. }) = self.node(node).map(|node| &node.element)
            {
                skips = Some(goal(*past));
            }
            out.push(Flowing::Step(step));
            let Some(next) = next else {
                self.not_skipped(&mut out, before, None, around);
                return out;
            };
            self.not_skipped(&mut out, before, Some(next), around);
            at = next;
        }
    }

    /// Makes a block of an `else skip` that would not lead where it should, as what it leaves out leads elsewhere.
    fn not_skipped(&mut self, out: &mut [Flowing], skips: Option<Goal>, next: Option<Goal>, around: &Around) {
        let Some(past) = skips.filter(|past| next != Some(*past)) else { return };
        let jump = self.goto(past, around);
        if let [.., Flowing::Step(wait), _] = out {
            wait.past = Past::GoOn;
            wait.paths.push(Path { role: Role::Past, chain: vec![jump] });
        }
    }

    fn stands_elsewhere(&self, node: usize, around: &Around) -> bool {
        around.kept.contains(&node)
            || around.depth > DEEPEST
            || self.ordered && node != self.structured.order.len()
            || self.regions.of.get(node).copied().flatten().is_none()
    }

    fn jump(&mut self, node: usize) -> Flowing {
        self.structured.gotos += 1;
        self.structured.targets.insert(node);
        if !self.is_placed(node) {
            self.pending.insert(node);
        }
        Flowing::Goto(Jump::To(node))
    }

    fn goto(&mut self, to: Goal, around: &Around) -> Flowing {
        match to {
            Some(node) if to != around.end => self.jump(node),
            Some(_) | None => {
                self.structured.gotos += 1;
                Flowing::Goto(Jump::End)
            }
        }
    }

    /// A path that has to say something.
    fn path(&mut self, role: Role, start: Goal, around: &Around) -> Path {
        let mut chain = self.chain(start, around, false);
        if chain.is_empty() {
            chain.push(Flowing::Goto(Jump::Next));
        }
        Path { role, chain }
    }

    /// The same for a path of its own.
    fn closed_path(&mut self, role: Role, start: Goal, end: Goal, id: &str, depth: usize) -> Path {
        let mut chain = self.closed(start, end, role.place(id), depth);
        if chain.is_empty() {
            chain.push(Flowing::Goto(Jump::Next));
        }
        Path { role, chain }
    }

    /// A node with its paths, and where the chain goes on; `None` when it does not.
    fn step(&mut self, node: usize, around: &Around) -> (Step, Option<Goal>) {
        self.place(node);
        let mut step = Step { node, paths: Vec::new(), past: Past::GoOn, join: None };
        let Some(of) = self.node(node) else { return (step, None) };
        if keeping(&of.id.0).is_some() {
            self.ids.unlabelled(of, split_name(of), &around.place);
        }
        let id = &of.id.0;
        let next = match &of.element {
            Element::Stop => return (step, None),
            Element::If { yes, no, .. } => self.branch(&mut step, &[(Role::Yes, *yes), (Role::No, *no)], around),
            Element::WaitUntil { next, on_past: past, .. } => self.wait_until(&mut step, of, (*next, *past), around),
            Element::WaitEvent { wait, on_event, on_timeout } if wait.up_to.is_some() => {
                self.branch(&mut step, &[(Role::Came, *on_event), (Role::Missed, *on_timeout)], around)
            }
            Element::WaitEvent { on_event, on_timeout, .. } => {
                self.wait_event(&mut step, (*on_event, *on_timeout), around)
            }
            Element::Send { next, on_not_sent: Unsent::Else(path), .. }
            | Element::Call { next, on_failed: Unsent::Else(path), .. } => {
                let inner = self.aside(node, goal(*next), Role::Unsent, id, around);
                let path = self.path(Role::Unsent, goal(*path), &inner);
                step.paths.push(path);
                goal(*next)
            }
            Element::Match { cases, otherwise, .. } => {
                let cases = cases.iter().enumerate().map(|(n, case)| (Role::Case(n), case.to));
                let paths: Vec<_> = cases.chain([(Role::Otherwise, *otherwise)]).collect();
                self.branch(&mut step, &paths, around)
            }
            Element::Split { shares, otherwise, .. } => {
                let cases = shares.iter().enumerate().map(|(n, share)| (Role::Case(n), share.to));
                let rest = leaves_some_out(&of.element).then_some((Role::Otherwise, *otherwise));
                let paths: Vec<_> = cases.chain(rest).collect();
                self.branch(&mut step, &paths, around)
            }
            Element::Fork { paths } => {
                let join = self.regions.joins.get(&node).copied();
                for (n, path) in paths.iter().enumerate() {
                    // Paths of which none comes back end at a join that nothing leads to.
                    let end = Some(join.unwrap_or(usize::MAX));
                    let path = self.closed_path(Role::Parallel(n), goal(*path), end, id, around.depth + 1);
                    step.paths.push(path);
                }
                let Some(join) = join else {
                    self.structured.order.push(None);
                    return (step, None);
                };
                self.place(join);
                step.join = Some(join);
                self.node(join).and_then(|join| goal(join.element.next()))
            }
            Element::Repeat { body, next, .. } => {
                let path = self.closed_path(Role::Body, goal(*body), Some(node), id, around.depth + 1);
                step.paths.push(path);
                goal(*next)
            }
            Element::WaitDuration { next, .. }
            | Element::Send { next, .. }
            | Element::Call { next, .. }
            | Element::Set { next, .. }
            | Element::Tag { next, .. }
            | Element::Task { next, .. }
            | Element::Emit { next, .. }
            | Element::Start { next, .. }
            | Element::Join { next } => goal(*next),
        };
        (step, Some(next))
    }

    /// Paths that meet again. What leads there at once is left out where the text allows it.
    fn branch(&mut self, step: &mut Step, paths: &[(Role, Option<NodeIx>)], around: &Around) -> Goal {
        let Some(of) = self.node(step.node) else { return around.follow };
        let meet = self.meet(step.node, paths, around);
        for (role, to) in paths {
            let inner = around.inner(meet, *role, &of.id.0);
            let split = matches!(of.element, Element::Split { .. });
            let path = match role {
                Role::No | Role::Missed => Path { role: *role, chain: self.chain(goal(*to), &inner, false) },
                Role::Otherwise if !split => Path { role: *role, chain: self.chain(goal(*to), &inner, false) },
                Role::Yes
                | Role::Came
                | Role::Past
                | Role::Unsent
                | Role::Case(_)
                | Role::Otherwise
                | Role::Parallel(_)
                | Role::Body => self.path(*role, goal(*to), &inner),
            };
            if !path.chain.is_empty() {
                step.paths.push(path);
            }
        }
        // `wait for x` alone says that both its paths go on.
        let idle = |path: &Path| matches!(path.chain.as_slice(), [Flowing::Goto(Jump::Next)]);
        if let [only] = step.paths.as_slice()
            && only.role == Role::Came
            && idle(only)
        {
            step.paths.clear();
        }
        meet
    }

    /// A wait without an end, which is never missed.
    fn wait_event(
        &mut self,
        step: &mut Step,
        (on_event, on_timeout): (Option<NodeIx>, Option<NodeIx>),
        around: &Around,
    ) -> Goal {
        let Some(of) = self.node(step.node) else { return around.follow };
        let meant = on_event == on_timeout || self.is_met(goal(on_event), goal(on_timeout));
        let meet = goal(if meant { on_timeout } else { on_event });
        let inner = around.inner(meet, Role::Came, &of.id.0);
        let chain = self.chain(goal(on_event), &inner, false);
        if !chain.is_empty() {
            step.paths.push(Path { role: Role::Came, chain });
        }
        meet
    }

    /// Whether every way from one place to the end passes another.
    fn is_met(&self, from: Goal, place: Goal) -> bool {
        let mut at = from;
        for _ in 0..MOST_MEETS {
            let Some(node) = at else { return place.is_none() };
            if at == place {
                return true;
            }
            let Some(meet) = self.flow.meet(node) else { return false };
            at = meet;
        }
        false
    }

    fn wait_until(
        &mut self,
        step: &mut Step,
        of: &Node,
        (next, past): (Option<NodeIx>, Option<NodeIx>),
        around: &Around,
    ) -> Goal {
        let (next, past) = (goal(next), goal(past));
        if past == next {
            return next;
        }
        if let Some(stop) = past.filter(|stop| self.is_its_stop(of, *stop)) {
            self.place(stop);
            step.past = Past::Stop(stop);
            return next;
        }
        if next.is_some_and(|next| self.leads_past(next, past, around)) {
            step.past = Past::Skip;
            return next;
        }
        let inner = self.aside(step.node, next, Role::Past, &of.id.0, around);
        let path = self.path(Role::Past, past, &inner);
        step.paths.push(path);
        next
    }

    /// Whether a node is the `stop` that an `else stop` stands for.
    fn is_its_stop(&self, wait: &Node, stop: usize) -> bool {
        let Some(node) = self.node(stop) else { return false };
        let ways = self.flow.goals.iter().flatten().filter(|goal| **goal == Some(stop)).count();
        let starts = self.graph.entries.iter().filter(|entry| goal(entry.start) == Some(stop)).count();
        let made = Identities::default().stop(&wait.id.0);
        matches!(node.element, Element::Stop) && !self.is_placed(stop) && ways + starts == 1 && node.id == made
    }

    /// Whether an element stands next in this chain and goes on at a goal.
    fn leads_past(&self, next: usize, past: Goal, around: &Around) -> bool {
        if Some(next) == around.follow || self.is_placed(next) || self.stands_elsewhere(next, around) {
            return false;
        }
        let straight = self.flow.goals.get(next).is_some_and(|goals| goals.as_slice() == [past]);
        straight
            || self.flow.meet(next) == Some(past)
            || self.node(next).is_some_and(|node| goal(node.element.next()) == past)
    }

    /// What is around a block from which the run goes on with the next element.
    fn aside(&self, node: usize, next: Goal, role: Role, id: &str, around: &Around) -> Around {
        let mut inner = around.inner(next, role, id);
        inner.kept.extend(self.flow.meet(node).flatten());
        inner
    }

    /// Where the paths of an element meet again: the first place on all ways to the end that is not on one of the paths, as
    /// the identities of the nodes tell.
    fn meet(&self, node: usize, paths: &[(Role, Option<NodeIx>)], around: &Around) -> Goal {
        let region = self.regions.of.get(node);
        let (mut first, mut at) = (None, node);
        for _ in 0..MOST_MEETS {
            let Some(Some(meet)) = self.flow.meet(at) else { break };
            let outside = self.is_placed(meet) || around.kept.contains(&meet) || self.regions.of.get(meet) != region;
            if Some(meet) == around.follow || outside {
                break;
            }
            at = meet;
            // Nothing leads to a join but the paths of its fork.
            if self.node(meet).is_none_or(|node| matches!(node.element, Element::Join { .. })) {
                continue;
            }
            if self.fits(meet, &around.place) {
                return Some(meet);
            }
            first = first.or(Some(meet));
        }
        let Some(first) = first else { return around.follow };
        let id = self.node(node).map_or("", |node| node.id.0.as_str());
        let inside =
            |(role, to): &(Role, Option<NodeIx>)| goal(*to) == Some(first) && self.fits(first, &role.place(id));
        if paths.iter().any(inside) { around.follow } else { Some(first) }
    }

    /// Whether the identity of a node can be that of one which stands next in a place.
    fn fits(&self, node: usize, place: &str) -> bool {
        let Some(node) = self.node(node) else { return false };
        keeping(&node.id.0).is_none() || self.ids.peek(node, split_name(node), place) == node.id
    }

    /// Whether no run comes to the end of a chain.
    fn ended(&self, chain: &[Flowing]) -> bool {
        let step = match chain.last() {
            None => return false,
            Some(Flowing::Goto(_)) => return true,
            Some(Flowing::Step(step)) => step,
        };
        let all = |roles: &[Role]| {
            roles.iter().all(|role| {
                let path = step.paths.iter().find(|path| path.role == *role);
                path.is_some_and(|path| self.ended(&path.chain) && !is_open(&path.chain))
            })
        };
        match self.node(step.node).map(|node| &node.element) {
            Some(Element::Stop) => true,
            Some(Element::If { .. }) => all(&[Role::Yes, Role::No]),
            Some(Element::WaitEvent { wait, .. }) if wait.up_to.is_some() => all(&[Role::Came, Role::Missed]),
            Some(Element::Match { cases, .. }) => {
                let roles: Vec<_> = (0..cases.len()).map(Role::Case).chain([Role::Otherwise]).collect();
                all(&roles)
            }
            Some(Element::Split { shares, .. }) => {
                let full = step.paths.len() == shares.len();
                let rest = (!full).then_some(Role::Otherwise);
                let roles: Vec<_> = (0..shares.len()).map(Role::Case).chain(rest).collect();
                all(&roles)
            }
            Some(_) | None => false,
        }
    }
}

/// Whether a path ends in a `goto` to what follows it.
fn is_open(chain: &[Flowing]) -> bool {
    matches!(chain.last(), Some(Flowing::Goto(Jump::Next)))
}
