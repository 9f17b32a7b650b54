//! The graphs that runs are on: those of the present text, and older ones that live runs have not left.

use super::id::Fingerprint;
use super::plan::Plan;
use crate::check::program::Trigger;
use crate::graph::Graph;
use crate::source::hex;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Graphs by fingerprint. New runs enter the current ones only.
#[derive(Debug, Clone, Default)]
pub struct Graphs {
    all: BTreeMap<Fingerprint, Arc<Graph>>,
    current: Vec<(Fingerprint, Arc<Graph>)>,
    plan: Plan,
}

impl Graphs {
    /// Takes the graphs of the present text, in the order in which they are to be entered.
    #[must_use]
    pub fn new(current: Vec<Arc<Graph>>) -> Self {
        let current: Vec<_> = current.into_iter().map(|graph| (fingerprint(&graph), graph)).collect();
        let mut plan = Plan::default();
        current.iter().for_each(|(_, graph)| plan.add(graph, true));
        Self { all: current.iter().cloned().collect(), current, plan }
    }

    /// Adds an older graph that some run is still on. It is not entered anew.
    pub fn add(&mut self, fingerprint: Fingerprint, graph: Graph) {
        let graph = Arc::new(graph);
        self.plan.add(&graph, false);
        self.all.entry(fingerprint).or_insert(graph);
    }

    /// The graph of a fingerprint.
    #[must_use]
    pub fn get(&self, fingerprint: &Fingerprint) -> Option<&Arc<Graph>> {
        self.all.get(fingerprint)
    }

    /// What they ask for beside events.
    pub(in crate::engine) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The name of what they ask for beside events: clients whose memory is of another plan are to be brought in line.
    #[must_use]
    pub fn plan_id(&self) -> Option<&Fingerprint> {
        self.plan.id.as_ref()
    }

    /// The events whose past is asked about, or whose silence is waited for.
    #[must_use]
    pub fn queried_events(&self) -> BTreeSet<&str> {
        let silences = self.plan.timers.iter().filter_map(|timer| match &timer.trigger {
            Trigger::Silence { event, .. } => Some(event.as_str()),
            Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Date(_) | Trigger::Every { .. } => None,
        });
        self.plan.needs().map(|need| need.query.event.as_str()).chain(silences).collect()
    }

    /// The graphs that are entered, in order.
    pub fn current(&self) -> impl Iterator<Item = (&Fingerprint, &Arc<Graph>)> {
        self.current.iter().map(|(fingerprint, graph)| (fingerprint, graph))
    }
}

/// The fingerprint of a graph: a hash of all that it means, its places in the text left out.
#[must_use]
pub fn fingerprint(graph: &Graph) -> Fingerprint {
    // A graph is plain data with text keys, so writing it cannot fail.
    let text = serde_json::to_vec(graph).unwrap_or_default();
    Fingerprint(hex(&Sha256::digest(text), 16))
}
