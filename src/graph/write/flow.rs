//! Where elements lead, and where their paths meet again. In: a graph. Out: goals, and the nearest common one.

use crate::graph::{Element, Graph, NodeIx, Unsent};
use crate::value::Decimal;

/// Where an arrow leads: a node, or `None` for the end of the run.
pub(super) type Goal = Option<usize>;

/// The goals of all elements.
pub(super) struct Flow {
    /// By node; what no run takes is left out.
    pub(super) goals: Vec<Vec<Goal>>,
    /// By node the next one that every way to the end passes; the number of nodes stands for the end. `None` where no way
    /// leads to the end.
    meets: Vec<Option<usize>>,
}

/// The node of an arrow.
pub(super) fn goal(to: Option<NodeIx>) -> Goal {
    to.map(|ix| ix.0 as usize)
}

/// Where an element leads, in the order of the text. A path that no run can take is left out.
pub(super) fn goals(element: &Element) -> Vec<Goal> {
    let list = |goals: &[Option<NodeIx>]| goals.iter().map(|to| goal(*to)).collect();
    match element {
        Element::If { yes, no, .. } => list(&[*yes, *no]),
        Element::WaitUntil { next, on_past: past, .. } => list(&[*past, *next]),
        Element::WaitEvent { wait, on_event, on_timeout } => {
            if wait.up_to.is_some() {
                list(&[*on_event, *on_timeout])
            } else {
                list(&[*on_event])
            }
        }
        Element::Send { next, on_not_sent: Unsent::Else(path), .. }
        | Element::Call { next, on_failed: Unsent::Else(path), .. } => list(&[*path, *next]),
        Element::Match { cases, otherwise, .. } => {
            cases.iter().map(|case| goal(case.to)).chain([goal(*otherwise)]).collect()
        }
        Element::Split { shares, otherwise, .. } => {
            let rest = leaves_some_out(element).then(|| goal(*otherwise));
            shares.iter().map(|share| goal(share.to)).chain(rest).collect()
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
        | Element::Join { next } => list(&[*next]),
        Element::Stop => Vec::new(),
    }
}

/// Whether the shares of a split take in less than all clients, so that its `otherwise` is taken.
pub(super) fn leaves_some_out(element: &Element) -> bool {
    let Element::Split { shares, .. } = element else { return false };
    shares.iter().fold(Decimal::ZERO, |sum, share| sum.saturating_add(share.percent)) < Decimal::ONE_HUNDRED
}

impl Flow {
    /// Looks at a graph whose arrows all lead to nodes that it has.
    pub(super) fn of(graph: &Graph) -> Self {
        let goals: Vec<Vec<Goal>> = graph.nodes.iter().map(|node| goals(&node.element)).collect();
        let meets = meets(&goals);
        Self { goals, meets }
    }

    /// The next place that every way from a node to the end of the run passes; `None` when no way leads to the end.
    pub(super) fn meet(&self, node: usize) -> Option<Goal> {
        let meet = self.meets.get(node).copied().flatten()?;
        Some((meet < self.goals.len()).then_some(meet))
    }
}

/// The immediate post-dominators, after Cooper, Harvey and Kennedy.
fn meets(goals: &[Vec<Goal>]) -> Vec<Option<usize>> {
    let end = goals.len();
    let mut from: Vec<Vec<usize>> = vec![Vec::new(); end + 1];
    for (node, goals) in goals.iter().enumerate() {
        for goal in goals {
            if let Some(from) = from.get_mut(goal.unwrap_or(end)) {
                from.push(node);
            }
        }
    }
    let order = backwards(end, &from);
    let mut rank = vec![usize::MAX; end + 1];
    for (n, node) in order.iter().enumerate() {
        if let Some(rank) = rank.get_mut(*node) {
            *rank = n;
        }
    }
    let at = |list: &[usize], n: usize| list.get(n).copied().unwrap_or(usize::MAX);
    let mut meets: Vec<Option<usize>> = vec![None; end + 1];
    if let Some(meet) = meets.get_mut(end) {
        *meet = Some(end);
    }
    let mut changed = true;
    while changed {
        changed = false;
        for node in order.iter().skip(1) {
            let mut met: Option<usize> = None;
            for goal in goals.get(*node).into_iter().flatten() {
                let goal = goal.unwrap_or(end);
                if meets.get(goal).copied().flatten().is_none() {
                    continue;
                }
                met = Some(match met {
                    None => goal,
                    Some(mut a) => {
                        let mut b = goal;
                        while a != b {
                            if at(&rank, a) > at(&rank, b) {
                                a = meets.get(a).copied().flatten().unwrap_or(end);
                            } else {
                                b = meets.get(b).copied().flatten().unwrap_or(end);
                            }
                        }
                        a
                    }
                });
            }
            if let Some(meet) = meets.get_mut(*node).filter(|meet| **meet != met) {
                *meet = met;
                changed = true;
            }
        }
    }
    meets
}

/// The nodes from which the end can be reached: the end first, each as late as its goals let it be.
fn backwards(end: usize, from: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; end + 1];
    let mut order = Vec::with_capacity(end + 1);
    let mut open = vec![(end, 0)];
    while let Some((node, next)) = open.pop() {
        if next == 0
            && let Some(seen) = seen.get_mut(node)
        {
            *seen = true;
        }
        let before = from.get(node).map_or(&[][..], Vec::as_slice);
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
