//! Control flow of a graph: the targets of each element, and the post-dominators where its paths meet again.

use crate::graph::{Element, Graph, NodeIx, OnFailure};
use crate::value::Decimal;

/// The target of an arrow: a node, or `None` for the end of the run.
pub(super) type Target = Option<usize>;

/// The control flow of a graph.
pub(super) struct Flow {
    /// The targets of each node; a path that no run can take is omitted.
    pub(super) targets: Vec<Vec<Target>>,
    /// The immediate post-dominator of each node; the number of nodes stands for the end. `None` when the end cannot be
    /// reached.
    post_dominators: Vec<Option<usize>>,
}

/// Converts the target of an arrow.
pub(super) fn target(to: Option<NodeIx>) -> Target {
    to.map(|ix| ix.0 as usize)
}

/// The targets of an element in source order. A path that no run can take is omitted.
pub(super) fn targets(element: &Element) -> Vec<Target> {
    let list = |targets: &[Option<NodeIx>]| targets.iter().map(|to| target(*to)).collect();
    match element {
        Element::If { yes, no, .. } => list(&[*yes, *no]),
        Element::WaitUntil { next, on_past, .. } => list(&[*on_past, *next]),
        Element::WaitEvent { wait, on_event, on_timeout } => {
            if wait.up_to.is_some() {
                list(&[*on_event, *on_timeout])
            } else {
                list(&[*on_event])
            }
        }
        Element::Call { next, .. } if element.is_read_without_else() => list(&[*next]),
        Element::Send { next, on_not_sent: OnFailure::Else(path), .. }
        | Element::Call { next, on_failed: OnFailure::Else(path), .. } => list(&[*path, *next]),
        Element::Match { cases, otherwise, .. } => {
            cases.iter().map(|case| target(case.to)).chain([target(*otherwise)]).collect()
        }
        Element::Split { shares, otherwise, .. } => {
            let rest = has_remainder(element).then(|| target(*otherwise));
            shares.iter().map(|share| target(share.to)).chain(rest).collect()
        }
        Element::Fork { paths } => list(paths),
        Element::Repeat { body, next, .. } => list(&[*body, *next]),
        Element::WaitDuration { next, .. }
        | Element::Send { next, .. }
        | Element::Call { next, .. }
        | Element::Set { next, .. }
        | Element::Tag { next, .. }
        | Element::Task { next, .. }
        | Element::Emit { next, .. }
        | Element::Start { next, .. }
        | Element::StopFunnel { next, .. }
        | Element::Join { next } => list(&[*next]),
        Element::Stop => Vec::new(),
    }
}

/// Whether the shares of a split add up to less than 100%, so that its `otherwise` can be taken.
pub(super) fn has_remainder(element: &Element) -> bool {
    let Element::Split { shares, .. } = element else { return false };
    shares.iter().fold(Decimal::ZERO, |sum, share| sum.saturating_add(share.percent)) < Decimal::ONE_HUNDRED
}

impl Flow {
    /// Analyzes a graph. Invariant: all arrows lead to existing nodes.
    pub(super) fn of(graph: &Graph) -> Self {
        let targets: Vec<Vec<Target>> = graph.nodes.iter().map(|node| targets(&node.element)).collect();
        let post_dominators = post_dominators(&targets);
        Self { targets, post_dominators }
    }

    /// Returns the nearest node (or the end) that every path from a node passes; `None` when the end cannot be reached.
    pub(super) fn post_dominator(&self, node: usize) -> Option<Target> {
        let post_dominator = self.post_dominators.get(node).copied().flatten()?;
        Some((post_dominator < self.targets.len()).then_some(post_dominator))
    }
}

/// Immediate post-dominators by the algorithm of Cooper, Harvey and Kennedy.
fn post_dominators(targets: &[Vec<Target>]) -> Vec<Option<usize>> {
    let end = targets.len();
    let mut predecessors: Vec<Vec<usize>> = vec![Vec::new(); end + 1];
    for (node, targets) in targets.iter().enumerate() {
        for target in targets {
            if let Some(sources) = predecessors.get_mut(target.unwrap_or(end)) {
                sources.push(node);
            }
        }
    }
    let order = reverse_postorder(end, &predecessors);
    let mut rank = vec![usize::MAX; end + 1];
    for (n, node) in order.iter().enumerate() {
        if let Some(rank) = rank.get_mut(*node) {
            *rank = n;
        }
    }
    let at = |list: &[usize], n: usize| list.get(n).copied().unwrap_or(usize::MAX);
    let mut post_dominators: Vec<Option<usize>> = vec![None; end + 1];
    if let Some(post_dominator) = post_dominators.get_mut(end) {
        *post_dominator = Some(end);
    }
    let mut changed = true;
    while changed {
        changed = false;
        for node in order.iter().skip(1) {
            let mut candidate: Option<usize> = None;
            for target in targets.get(*node).into_iter().flatten() {
                let target = target.unwrap_or(end);
                if post_dominators.get(target).copied().flatten().is_none() {
                    continue;
                }
                candidate = Some(match candidate {
                    None => target,
                    Some(mut a) => {
                        let mut b = target;
                        while a != b {
                            if at(&rank, a) > at(&rank, b) {
                                a = post_dominators.get(a).copied().flatten().unwrap_or(end);
                            } else {
                                b = post_dominators.get(b).copied().flatten().unwrap_or(end);
                            }
                        }
                        a
                    }
                });
            }
            if let Some(post_dominator) =
                post_dominators.get_mut(*node).filter(|post_dominator| **post_dominator != candidate)
            {
                *post_dominator = candidate;
                changed = true;
            }
        }
    }
    post_dominators
}

/// The nodes that can reach the end, in reverse postorder of the reversed graph: the end first.
fn reverse_postorder(end: usize, predecessors: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; end + 1];
    let mut order = Vec::with_capacity(end + 1);
    let mut open = vec![(end, 0)];
    while let Some((node, next)) = open.pop() {
        if next == 0
            && let Some(seen) = seen.get_mut(node)
        {
            *seen = true;
        }
        let before = predecessors.get(node).map_or(&[][..], Vec::as_slice);
        match before.get(next) {
            Some(before) => {
                open.push((node, next + 1));
                if seen.get(*before) == Some(&false) {
                    open.push((*before, 0));
                }
            }
            None => order.push(node),
        }
    }
    order.reverse();
    order
}
