//! Counts how often runs pass the edges of their graphs, for reports. In: steps of runs. Out: counts by funnel.

use crate::graph::{Arrow, Counts, ElementId, Entry, Graph, NodeIx, Origin};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Counts by funnel.
#[derive(Debug, Default)]
pub struct EdgeCounts(RefCell<BTreeMap<String, FunnelEdgeCounts>>);

/// The counts of one funnel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunnelEdgeCounts {
    entered: BTreeMap<ElementId, u64>,
    steps: BTreeMap<(NodeIx, Option<NodeIx>), u64>,
}

impl EdgeCounts {
    /// Counts a run that began at an entry.
    pub fn enter(&self, funnel: &str, entry: &ElementId) {
        self.change(funnel, |passed| *passed.entered.entry(entry.clone()).or_insert(0) += 1);
    }

    /// Counts a step from an element to another, or to the end of the run. The start of a run is not an element.
    pub(in crate::engine) fn step(&self, graph: &Graph, from: &ElementId, to: Option<NodeIx>) {
        let Some(from) = graph.nodes.iter().position(|node| node.id == *from) else { return };
        let from = NodeIx(u32::try_from(from).unwrap_or(u32::MAX));
        self.change(&graph.funnel, |passed| *passed.steps.entry((from, to)).or_insert(0) += 1);
    }

    /// The counts of a funnel; empty when no run reached it.
    #[must_use]
    pub fn of(&self, funnel: &str) -> FunnelEdgeCounts {
        self.0.borrow().get(funnel).cloned().unwrap_or_default()
    }

    fn change(&self, funnel: &str, change: impl FnOnce(&mut FunnelEdgeCounts)) {
        let mut all = self.0.borrow_mut();
        match all.get_mut(funnel) {
            Some(passed) => change(passed),
            None => change(all.entry(funnel.to_owned()).or_default()),
        }
    }
}

impl FunnelEdgeCounts {
    /// How often an edge was passed. Limit: parallel edges between the same two elements are counted together.
    #[must_use]
    pub fn arrow(&self, graph: &Graph, arrow: &Arrow) -> u64 {
        match arrow.from {
            Origin::Entry(n) => {
                graph.entries.get(n).and_then(|entry| self.entered.get(&entry.id)).copied().unwrap_or(0)
            }
            Origin::Node(from) => self.steps.get(&(from, arrow.to)).copied().unwrap_or(0),
        }
    }

    /// All counts, in the order of the graph.
    #[must_use]
    pub fn counts(&self, graph: &Graph) -> Counts {
        let entered = |entry: &Entry| self.entered.get(&entry.id).copied().unwrap_or(0);
        Counts {
            entries: graph.entries.iter().map(entered).collect(),
            nodes: (0..).map(NodeIx).zip(&graph.nodes).map(|(ix, _)| self.node(graph, ix)).collect(),
            arrows: graph.arrows().iter().map(|arrow| self.arrow(graph, arrow)).collect(),
        }
    }

    /// How often an element was reached.
    #[must_use]
    pub fn node(&self, graph: &Graph, node: NodeIx) -> u64 {
        let steps = self.steps.iter().filter(|((_, to), _)| *to == Some(node)).map(|(_, count)| count);
        let entries = graph.entries.iter().filter(|entry| entry.start == Some(node));
        let entered = entries.filter_map(|entry| self.entered.get(&entry.id));
        steps.chain(entered).sum()
    }
}
