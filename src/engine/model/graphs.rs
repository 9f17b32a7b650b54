//! The graphs that runs are on: those of the present source, and older ones with active runs.

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
    /// Creates the set from the graphs of the present source, in the order in which clients enter them.
    #[must_use]
    pub fn new(current: Vec<Arc<Graph>>) -> Self {
        let current: Vec<_> = current.into_iter().map(|graph| (fingerprint(&graph), graph)).collect();
        let mut plan = Plan::default();
        current.iter().for_each(|(_, graph)| plan.add(graph, true));
        Self { all: current.iter().cloned().collect(), current, plan }
    }

    /// Adds an older graph with active runs. Clients do not enter it.
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

    /// What the graphs need beside events.
    pub(in crate::engine) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The fingerprint of what the graphs need beside events. Clients whose memory has another one are to be
    /// backfilled.
    #[must_use]
    pub fn plan_id(&self) -> Option<&Fingerprint> {
        self.plan.id.as_ref()
    }

    /// The events that are queried in the past, or whose silence is a trigger.
    #[must_use]
    pub fn queried_events(&self) -> BTreeSet<&str> {
        let silences = self.plan.timers.iter().filter_map(|timer| match &timer.trigger {
            Trigger::Silence { event, .. } => Some(event.as_str()),
            Trigger::Happened { .. }
            | Trigger::Segment { .. }
            | Trigger::Date(_)
            | Trigger::Started { .. }
            | Trigger::Every { .. } => None,
        });
        self.plan.needs().map(|need| need.query.event.as_str()).chain(silences).collect()
    }

    /// The graphs that clients enter, in order.
    pub fn current(&self) -> impl Iterator<Item = (&Fingerprint, &Arc<Graph>)> {
        self.current.iter().map(|(fingerprint, graph)| (fingerprint, graph))
    }
}

/// The fingerprint of a graph: a hash of its meaning, without source positions.
#[must_use]
pub fn fingerprint(graph: &Graph) -> Fingerprint {
    // A graph is plain data with text keys, so serialization cannot fail.
    let text = serde_json::to_vec(graph).unwrap_or_default();
    Fingerprint(hex(&Sha256::digest(text), 16))
}
