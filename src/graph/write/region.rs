//! Regions: the paths of `parallel` and the bodies of `repeat`, which control flow may only enter and leave at their
//! ends. Finds the region of each node, the join of each fork, and arrows that cross a border.

use super::flow::{Target, target, targets};
use crate::graph::{Element, Graph};
use std::collections::BTreeMap;

/// The index of a region; 0 is the funnel itself.
pub(super) type RegionId = usize;

/// The regions of a graph.
pub(super) struct Regions {
    /// By node; `None` for an unreachable one.
    pub(super) of: Vec<Option<RegionId>>,
    /// The join of each fork that has one.
    pub(super) joins: BTreeMap<usize, usize>,
    /// The parent of each region, and the fork or repeat that owns it.
    parents: Vec<(RegionId, usize)>,
    /// The violations found.
    pub(super) faults: Vec<Fault>,
}

/// A graph structure that the language cannot express.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A node is reachable from both inside and outside of a region.
    Crossed(usize),
    /// A path of a fork or a body ends the run after this node instead of returning.
    NoReturn(usize),
    /// A join that belongs to no fork, or to more than one.
    StrayJoin(usize),
}

impl Regions {
    /// Finds the regions of a graph, starting from its entries.
    pub(super) fn of(graph: &Graph) -> Self {
        let of = vec![None; graph.nodes.len()];
        let mut regions = Self { of, joins: BTreeMap::new(), parents: vec![(0, usize::MAX)], faults: Vec::new() };
        let mut worklist = Vec::new();
        for entry in &graph.entries {
            regions.visit(graph, target(entry.start), 0, None, &mut worklist);
        }
        while let Some(node) = worklist.pop() {
            let (Some(Some(region)), Some(at)) = (regions.of.get(node).copied(), graph.nodes.get(node)) else {
                continue;
            };
            match &at.element {
                Element::Fork { paths } => {
                    for path in paths {
                        let inside = regions.new_region(region, node);
                        regions.visit(graph, target(*path), inside, Some(node), &mut worklist);
                    }
                }
                Element::Repeat { body, next, .. } => {
                    let inside = regions.new_region(region, node);
                    regions.visit(graph, target(*body), inside, Some(node), &mut worklist);
                    regions.visit(graph, target(*next), region, Some(node), &mut worklist);
                }
                other => {
                    for target in targets(other) {
                        regions.visit(graph, target, region, Some(node), &mut worklist);
                    }
                }
            }
        }
        regions.faults.dedup();
        regions
    }

    fn new_region(&mut self, region: RegionId, owner: usize) -> RegionId {
        self.parents.push((region, owner));
        self.parents.len() - 1
    }

    fn visit(&mut self, graph: &Graph, to: Target, region: RegionId, from: Option<usize>, worklist: &mut Vec<usize>) {
        let (parent, owner) = self.parents.get(region).copied().unwrap_or((0, usize::MAX));
        let Some(to) = to else {
            self.faults.extend(from.filter(|_| region != 0).map(Fault::NoReturn));
            return;
        };
        let mut region = region;
        match graph.nodes.get(to).map(|node| &node.element) {
            None => return,
            Some(Element::Repeat { .. }) if owner == to => return,
            Some(Element::Join { .. }) => {
                let forked = matches!(graph.nodes.get(owner).map(|node| &node.element), Some(Element::Fork { .. }));
                let ambiguous = self.joins.iter().any(|(fork, join)| *fork != owner && *join == to)
                    || self.joins.get(&owner).is_some_and(|join| *join != to);
                if !forked || ambiguous {
                    return self.faults.push(Fault::StrayJoin(to));
                }
                self.joins.insert(owner, to);
                region = parent;
            }
            Some(_) => {}
        }
        let Some(known) = self.of.get_mut(to) else { return };
        match *known {
            None => {
                *known = Some(region);
                worklist.push(to);
            }
            Some(other) if other != region => self.faults.push(Fault::Crossed(to)),
            Some(_) => {}
        }
    }
}
