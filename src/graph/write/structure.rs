//! Control-flow structuring: turns arrows into chains with nested blocks, and into `goto` where that is impossible.

use super::flow::{Flow, Target, has_remainder, target};
use super::region::Regions;
use super::structured::{ChainItem, GotoTarget, OnPast, Path, Role, Step, Structured, split_name};
use crate::graph::ident::{Identities, label_for_generated};
use crate::graph::{Element, Graph, Node, NodeIx, OnFailure};
use std::collections::BTreeSet;

/// The nesting depth from which paths are written one after the other, connected by gotos.
const MAX_NESTING: usize = 14;

/// The maximum number of candidates for a merge point.
const MAX_MERGE_CANDIDATES: usize = 64;

/// Structures a graph without faults. The nodes of a compiled graph are in source order, which shows where a `goto`
/// was; when that does not help, the order is ignored.
pub(super) fn structure(graph: &Graph, flow: &Flow, regions: &Regions) -> Structured {
    let ordered = Structurer::new(graph, flow, regions, true).run();
    if ordered.gotos == 0 {
        return ordered;
    }
    let free = Structurer::new(graph, flow, regions, false).run();
    if free.gotos < ordered.gotos { free } else { ordered }
}

struct Structurer<'g> {
    graph: &'g Graph,
    flow: &'g Flow,
    regions: &'g Regions,
    /// Whether the order of the nodes is respected.
    ordered: bool,
    placed: Vec<bool>,
    structured: Structured,
    /// Targets of gotos in the current path that have not been placed yet.
    pending: BTreeSet<usize>,
    ids: Identities,
}

/// The context of a chain.
#[derive(Clone)]
struct Enclosing {
    /// Where the chain leads when it ends.
    continuation: Target,
    /// The end of the path that the chain is part of.
    path_end: Target,
    /// The id path of the chain.
    id_path: String,
    /// Nodes that are placed further out.
    reserved: BTreeSet<usize>,
    depth: usize,
}

impl Enclosing {
    /// The context of a path of an element in this chain.
    fn inner(&self, continuation: Target, role: Role, id: &str) -> Self {
        let mut reserved = self.reserved.clone();
        reserved.extend(self.continuation);
        Self { continuation, path_end: self.path_end, id_path: role.id_path(id), reserved, depth: self.depth + 1 }
    }
}

impl<'g> Structurer<'g> {
    fn new(graph: &'g Graph, flow: &'g Flow, regions: &'g Regions, ordered: bool) -> Self {
        let structured = Structured { entries: Vec::new(), goto_targets: BTreeSet::new(), order: Vec::new(), gotos: 0 };
        let (placed, pending, ids) = (vec![false; graph.nodes.len()], BTreeSet::new(), Identities::default());
        Self { graph, flow, regions, ordered, placed, structured, pending, ids }
    }

    fn run(mut self) -> Structured {
        for entry in &self.graph.entries {
            let id = self.ids.for_entry(&entry.trigger);
            let chain = self.isolated_chain(target(entry.start), None, id.0, 0);
            self.structured.entries.push(chain);
        }
        self.structured
    }

    /// Structures a path with an end of its own, and appends the targets of its gotos that have no place yet.
    fn isolated_chain(&mut self, start: Target, end: Target, id_path: String, depth: usize) -> Vec<ChainItem> {
        let outer = std::mem::take(&mut self.pending);
        let enclosing = Enclosing { continuation: end, path_end: end, id_path, reserved: BTreeSet::new(), depth };
        let mut chain = self.chain(start, &enclosing, false);
        while let Some(node) = self.pending.pop_first() {
            if self.is_placed(node) {
                continue;
            }
            if !self.is_terminated(&chain) {
                chain.push(ChainItem::Goto(GotoTarget::Next));
            }
            self.structured.goto_targets.insert(node);
            chain.extend(self.chain(Some(node), &enclosing, true));
        }
        self.pending = outer;
        chain
    }

    fn node(&self, node: usize) -> Option<&'g Node> {
        self.graph.nodes.get(node)
    }

    fn is_placed(&self, node: usize) -> bool {
        self.placed.get(node).copied().unwrap_or(true)
    }

    fn place_node(&mut self, node: usize) {
        if let Some(placed) = self.placed.get_mut(node) {
            *placed = true;
        }
        self.structured.order.push(Some(node));
    }

    /// Structures the steps from `start` to the continuation of the chain. With `fixed`, the first node is placed here
    /// in any case.
    fn chain(&mut self, start: Target, enclosing: &Enclosing, fixed: bool) -> Vec<ChainItem> {
        let mut out: Vec<ChainItem> = Vec::new();
        let (mut at, mut fixed) = (start, fixed);
        // The `on_past` target of the previous wait, if it skips the next element.
        let mut skips: Option<Target> = None;
        loop {
            if at == enclosing.continuation {
                return out;
            }
            let Some(node) = at.filter(|_| at != enclosing.path_end) else {
                self.structured.gotos += 1;
                out.push(ChainItem::Goto(GotoTarget::End));
                return out;
            };
            if self.is_placed(node) || !fixed && self.belongs_elsewhere(node, enclosing) {
                out.push(self.jump(node));
                return out;
            }
            fixed = false;
            let before = skips.take();
            let (step, next) = self.step(node, enclosing);
            if step.on_past == OnPast::Skip {
                skips = self.node(node).and_then(|node| skipped_to(&node.element));
            }
            out.push(ChainItem::Step(step));
            let Some(next) = next else {
                self.replace_wrong_skip(&mut out, before, None, enclosing);
                return out;
            };
            self.replace_wrong_skip(&mut out, before, Some(next), enclosing);
            at = next;
        }
    }

    /// Turns an `else skip` into a block when the element that it skips does not lead to the right place.
    fn replace_wrong_skip(
        &mut self,
        out: &mut [ChainItem],
        skips: Option<Target>,
        next: Option<Target>,
        enclosing: &Enclosing,
    ) {
        let Some(past) = skips.filter(|past| next != Some(*past)) else { return };
        let jump = self.goto(past, enclosing);
        if let [.., ChainItem::Step(wait), _] = out {
            wait.on_past = OnPast::Continue;
            let of_event = self.node(wait.node).is_some_and(|node| matches!(node.element, Element::WaitEvent { .. }));
            let role = if of_event { Role::OnTimeout } else { Role::OnPast };
            wait.paths.push(Path { role, chain: vec![jump] });
        }
    }

    fn belongs_elsewhere(&self, node: usize, enclosing: &Enclosing) -> bool {
        enclosing.reserved.contains(&node)
            || enclosing.depth > MAX_NESTING
            || self.ordered && node != self.structured.order.len()
            || self.regions.of.get(node).copied().flatten().is_none()
    }

    fn jump(&mut self, node: usize) -> ChainItem {
        self.structured.gotos += 1;
        self.structured.goto_targets.insert(node);
        if !self.is_placed(node) {
            self.pending.insert(node);
        }
        ChainItem::Goto(GotoTarget::Node(node))
    }

    fn goto(&mut self, to: Target, enclosing: &Enclosing) -> ChainItem {
        match to {
            Some(node) if to != enclosing.path_end => self.jump(node),
            Some(_) | None => {
                self.structured.gotos += 1;
                ChainItem::Goto(GotoTarget::End)
            }
        }
    }

    /// Structures a path that must not be empty.
    fn path(&mut self, role: Role, start: Target, enclosing: &Enclosing) -> Path {
        let mut chain = self.chain(start, enclosing, false);
        if chain.is_empty() {
            chain.push(ChainItem::Goto(GotoTarget::Next));
        }
        Path { role, chain }
    }

    /// Structures a path with an end of its own that must not be empty.
    fn isolated_path(&mut self, role: Role, start: Target, end: Target, id: &str, depth: usize) -> Path {
        let mut chain = self.isolated_chain(start, end, role.id_path(id), depth);
        if chain.is_empty() {
            chain.push(ChainItem::Goto(GotoTarget::Next));
        }
        Path { role, chain }
    }

    /// Structures a node with its paths and returns where the chain continues; `None` when it does not.
    fn step(&mut self, node: usize, enclosing: &Enclosing) -> (Step, Option<Target>) {
        self.place_node(node);
        let mut step = Step { node, paths: Vec::new(), on_past: OnPast::Continue, join: None };
        let Some(of) = self.node(node) else { return (step, None) };
        if label_for_generated(&of.id.0).is_some() {
            self.ids.for_node(of, split_name(of), &enclosing.id_path);
        }
        let id = &of.id.0;
        let next = match &of.element {
            Element::Stop => return (step, None),
            Element::If { yes, no, .. } => self.branch(&mut step, &[(Role::Yes, *yes), (Role::No, *no)], enclosing),
            Element::WaitUntil { next, on_past: past, .. } => self.wait_until(&mut step, of, (*next, *past), enclosing),
            Element::WaitEvent { wait, on_event, on_timeout } if wait.up_to.is_some() => {
                self.wait_up_to(&mut step, (*on_event, *on_timeout), enclosing)
            }
            Element::WaitEvent { on_event, on_timeout, .. } => {
                self.wait_event(&mut step, (*on_event, *on_timeout), enclosing)
            }
            Element::Call { next, .. } if of.element.is_read_without_else() => target(*next),
            Element::Send { next, on_not_sent: OnFailure::Else(path), .. }
            | Element::Call { next, on_failed: OnFailure::Else(path), .. } => {
                let inner = self.enclosing_else(node, target(*next), Role::OnFailure, id, enclosing);
                let path = self.path(Role::OnFailure, target(*path), &inner);
                step.paths.push(path);
                target(*next)
            }
            Element::Match { cases, otherwise, .. } => {
                let cases = cases.iter().enumerate().map(|(n, case)| (Role::Case(n), case.to));
                let paths: Vec<_> = cases.chain([(Role::Otherwise, *otherwise)]).collect();
                self.branch(&mut step, &paths, enclosing)
            }
            Element::Split { shares, otherwise, .. } => {
                let cases = shares.iter().enumerate().map(|(n, share)| (Role::Case(n), share.to));
                let rest = has_remainder(&of.element).then_some((Role::Otherwise, *otherwise));
                let paths: Vec<_> = cases.chain(rest).collect();
                self.branch(&mut step, &paths, enclosing)
            }
            Element::Fork { paths } => {
                let join = self.regions.joins.get(&node).copied();
                for (n, path) in paths.iter().enumerate() {
                    // When no path returns, they end at a join that nothing leads to.
                    let end = Some(join.unwrap_or(usize::MAX));
                    let path = self.isolated_path(Role::Parallel(n), target(*path), end, id, enclosing.depth + 1);
                    step.paths.push(path);
                }
                let Some(join) = join else {
                    self.structured.order.push(None);
                    return (step, None);
                };
                self.place_node(join);
                step.join = Some(join);
                self.node(join).and_then(|join| target(join.element.next()))
            }
            Element::Repeat { body, next, .. } => {
                let path = self.isolated_path(Role::Body, target(*body), Some(node), id, enclosing.depth + 1);
                step.paths.push(path);
                target(*next)
            }
            Element::WaitDuration { next, .. }
            | Element::Send { next, .. }
            | Element::Call { next, .. }
            | Element::Set { next, .. }
            | Element::Tag { next, .. }
            | Element::Task { next, .. }
            | Element::Emit { next, .. }
            | Element::Start { next, .. }
            | Element::StopFunnel { next, .. }
            | Element::Join { next } => target(*next),
        };
        (step, Some(next))
    }

    /// Structures a wait for an event with a deadline.
    fn wait_up_to(
        &mut self,
        step: &mut Step,
        (on_event, on_timeout): (Option<NodeIx>, Option<NodeIx>),
        enclosing: &Enclosing,
    ) -> Target {
        let (next, missed) = (target(on_event), target(on_timeout));
        if next.is_some_and(|next| self.would_be_skipped(next, missed, enclosing)) {
            step.on_past = OnPast::Skip;
            return next;
        }
        self.branch(step, &[(Role::OnEvent, on_event), (Role::OnTimeout, on_timeout)], enclosing)
    }

    /// Structures paths that meet again. Empty paths are omitted where the syntax allows it.
    fn branch(&mut self, step: &mut Step, paths: &[(Role, Option<NodeIx>)], enclosing: &Enclosing) -> Target {
        let Some(of) = self.node(step.node) else { return enclosing.continuation };
        let merge = self.merge_point(step.node, paths, enclosing);
        for (role, to) in paths {
            let inner = enclosing.inner(merge, *role, &of.id.0);
            let split = matches!(of.element, Element::Split { .. });
            let path = match role {
                Role::No | Role::OnEvent | Role::OnTimeout => {
                    Path { role: *role, chain: self.chain(target(*to), &inner, false) }
                }
                Role::Otherwise if !split => Path { role: *role, chain: self.chain(target(*to), &inner, false) },
                Role::Yes
                | Role::OnPast
                | Role::OnFailure
                | Role::Case(_)
                | Role::Otherwise
                | Role::Parallel(_)
                | Role::Body => self.path(*role, target(*to), &inner),
            };
            if !path.chain.is_empty() {
                step.paths.push(path);
            }
        }
        merge
    }

    /// A wait without a timeout.
    fn wait_event(
        &mut self,
        step: &mut Step,
        (on_event, on_timeout): (Option<NodeIx>, Option<NodeIx>),
        enclosing: &Enclosing,
    ) -> Target {
        let Some(of) = self.node(step.node) else { return enclosing.continuation };
        let merges_at_timeout = on_event == on_timeout || self.always_reaches(target(on_event), target(on_timeout));
        let merge = target(if merges_at_timeout { on_timeout } else { on_event });
        let inner = enclosing.inner(merge, Role::OnEvent, &of.id.0);
        let chain = self.chain(target(on_event), &inner, false);
        if !chain.is_empty() {
            step.paths.push(Path { role: Role::OnEvent, chain });
        }
        merge
    }

    /// Whether every path from one place to the end passes another.
    fn always_reaches(&self, from: Target, place: Target) -> bool {
        let mut at = from;
        for _ in 0..MAX_MERGE_CANDIDATES {
            let Some(node) = at else { return place.is_none() };
            if at == place {
                return true;
            }
            let Some(merge) = self.flow.post_dominator(node) else { return false };
            at = merge;
        }
        false
    }

    fn wait_until(
        &mut self,
        step: &mut Step,
        of: &Node,
        (next, past): (Option<NodeIx>, Option<NodeIx>),
        enclosing: &Enclosing,
    ) -> Target {
        let (next, past) = (target(next), target(past));
        if past == next {
            return next;
        }
        if let Some(stop) = past.filter(|stop| self.is_generated_stop(of, *stop)) {
            self.place_node(stop);
            step.on_past = OnPast::Stop(stop);
            return next;
        }
        if next.is_some_and(|next| self.can_skip(next, past, enclosing)) {
            step.on_past = OnPast::Skip;
            return next;
        }
        let inner = self.enclosing_else(step.node, next, Role::OnPast, &of.id.0, enclosing);
        let path = self.path(Role::OnPast, past, &inner);
        step.paths.push(path);
        next
    }

    /// Whether a node is the `stop` of an `else stop`.
    fn is_generated_stop(&self, wait: &Node, stop: usize) -> bool {
        let Some(node) = self.node(stop) else { return false };
        let incoming = self.flow.targets.iter().flatten().filter(|target| **target == Some(stop)).count();
        let starts = self.graph.entries.iter().filter(|entry| target(entry.start) == Some(stop)).count();
        let generated = Identities::default().for_past_stop(&wait.id.0);
        matches!(node.element, Element::Stop) && !self.is_placed(stop) && incoming + starts == 1 && node.id == generated
    }

    /// Whether `next` is an element of this chain that the `else skip` of a `wait for` skips. Only its id tells this from
    /// an element in the block of the wait.
    fn would_be_skipped(&self, next: usize, missed: Target, enclosing: &Enclosing) -> bool {
        let Some(node) = self.node(next).filter(|_| Some(next) != missed) else { return false };
        let id = self.ids.clone().for_node(node, split_name(node), &enclosing.id_path);
        label_for_generated(&node.id.0).is_some() && id == node.id && self.can_skip(next, missed, enclosing)
    }

    /// Whether `next` is the next element of this chain and continues at `past`.
    fn can_skip(&self, next: usize, past: Target, enclosing: &Enclosing) -> bool {
        if Some(next) == enclosing.continuation || self.is_placed(next) || self.belongs_elsewhere(next, enclosing) {
            return false;
        }
        let straight = self.flow.targets.get(next).is_some_and(|targets| targets.as_slice() == [past]);
        straight
            || self.flow.post_dominator(next) == Some(past)
            || self.node(next).is_some_and(|node| target(node.element.next()) == past)
    }

    /// The context of an `else` block after which the run continues with the next element.
    fn enclosing_else(&self, node: usize, next: Target, role: Role, id: &str, enclosing: &Enclosing) -> Enclosing {
        let mut inner = enclosing.inner(next, role, id);
        inner.reserved.extend(self.flow.post_dominator(node).flatten());
        inner
    }

    /// The merge point of an element's paths: the nearest post-dominator that, according to the ids, is not part of one
    /// of the paths.
    fn merge_point(&self, node: usize, paths: &[(Role, Option<NodeIx>)], enclosing: &Enclosing) -> Target {
        let region = self.regions.of.get(node);
        let (mut first, mut at) = (None, node);
        for _ in 0..MAX_MERGE_CANDIDATES {
            let Some(Some(merge)) = self.flow.post_dominator(at) else { break };
            let outer =
                self.is_placed(merge) || enclosing.reserved.contains(&merge) || self.regions.of.get(merge) != region;
            if Some(merge) == enclosing.continuation || outer {
                break;
            }
            at = merge;
            // Only the paths of a fork lead to its join.
            if self.node(merge).is_none_or(|node| matches!(node.element, Element::Join { .. })) {
                continue;
            }
            if self.id_fits(merge, &enclosing.id_path) {
                return Some(merge);
            }
            first = first.or(Some(merge));
        }
        let Some(first) = first else { return enclosing.continuation };
        let id = self.node(node).map_or("", |node| node.id.0.as_str());
        let inside =
            |(role, to): &(Role, Option<NodeIx>)| target(*to) == Some(first) && self.id_fits(first, &role.id_path(id));
        if paths.iter().any(inside) { enclosing.continuation } else { Some(first) }
    }

    /// Whether the id of a node is one that an element at this place can have.
    fn id_fits(&self, node: usize, place: &str) -> bool {
        let Some(node) = self.node(node) else { return false };
        label_for_generated(&node.id.0).is_none() || self.ids.peek_for_node(node, split_name(node), place) == node.id
    }

    /// Whether no run reaches the end of a chain.
    fn is_terminated(&self, chain: &[ChainItem]) -> bool {
        let step = match chain.last() {
            None => return false,
            Some(ChainItem::Goto(_)) => return true,
            Some(ChainItem::Step(step)) => step,
        };
        let all = |roles: &[Role]| {
            roles.iter().all(|role| {
                let path = step.paths.iter().find(|path| path.role == *role);
                path.is_some_and(|path| self.is_terminated(&path.chain) && !ends_in_goto_next(&path.chain))
            })
        };
        match self.node(step.node).map(|node| &node.element) {
            Some(Element::Stop) => true,
            Some(Element::If { .. }) => all(&[Role::Yes, Role::No]),
            Some(Element::WaitEvent { wait, .. }) if wait.up_to.is_some() => all(&[Role::OnEvent, Role::OnTimeout]),
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

/// Whether a path ends in `goto next`.
fn ends_in_goto_next(chain: &[ChainItem]) -> bool {
    matches!(chain.last(), Some(ChainItem::Goto(GotoTarget::Next)))
}

/// Where a wait leads that skips the next element.
fn skipped_to(element: &Element) -> Option<Target> {
    let (Element::WaitUntil { on_past: to, .. } | Element::WaitEvent { on_timeout: to, .. }) = element else {
        return None;
    };
    Some(target(*to))
}
