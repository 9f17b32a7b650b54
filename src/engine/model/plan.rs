//! What the graphs need beside events: history, segments, time triggers. In: graphs. Out: one plan for all clients.

use super::id::Fingerprint;
use super::tally::Reach;
use crate::check::program::{Expr, FieldRead, Query, QueryId, Segment, Source, Trigger};
use crate::graph::Graph;
use crate::source::hex;
use crate::value::Duration;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What to track for each client.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Plan {
    /// A fingerprint of everything in the plan.
    pub(in crate::engine) id: Option<Fingerprint>,
    /// The queries about the past.
    needs: BTreeMap<QueryId, Need>,
    /// The segments that triggers, exits, goals and waits follow.
    pub(in crate::engine) segments: Vec<FollowedSegment>,
    /// The conditions after `while`.
    pub(in crate::engine) conditions: Vec<FollowedCondition>,
    /// The time triggers.
    pub(in crate::engine) timers: Vec<PlannedTrigger>,
    /// The funnels of which conditions ask whether the client is in them.
    pub(in crate::engine) asked_funnels: BTreeSet<String>,
    /// The longest period of any limit.
    pub(in crate::engine) limits: Option<Duration>,
}

/// A query and how far back it looks.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Need {
    /// The query.
    pub(in crate::engine) query: Query,
    /// How far back it looks.
    pub(in crate::engine) reach: Reach,
    /// Whether the filter depends on when it is asked. Then records are looked up when it is asked, and of an event
    /// without a key, what the filter reads is kept.
    pub(in crate::engine) live: bool,
    /// A graph with the query.
    pub(in crate::engine) graph: Arc<Graph>,
}

/// A segment that something follows.
#[derive(Debug, Clone)]
pub(in crate::engine) struct FollowedSegment {
    /// An id derived from its name and meaning.
    pub(in crate::engine) id: String,
    /// The segment.
    pub(in crate::engine) segment: Segment,
    /// A graph that follows it.
    pub(in crate::engine) graph: Arc<Graph>,
}

/// A condition after `while`.
#[derive(Debug, Clone)]
pub(in crate::engine) struct FollowedCondition {
    /// An id derived from its meaning.
    pub(in crate::engine) id: String,
    /// The trigger that has it.
    pub(in crate::engine) trigger: Trigger,
    /// A graph that has the trigger.
    pub(in crate::engine) graph: Arc<Graph>,
    /// Whether nothing but a change of the record itself can change it.
    pub(in crate::engine) of_record: bool,
}

/// A time trigger.
#[derive(Debug, Clone)]
pub(in crate::engine) struct PlannedTrigger {
    /// An id derived from its meaning.
    pub(in crate::engine) id: String,
    /// The trigger.
    pub(in crate::engine) trigger: Trigger,
    /// A graph that has it.
    pub(in crate::engine) graph: Arc<Graph>,
}

impl Plan {
    /// Adds what a graph needs. Clients do not enter an older graph, so its triggers do not count.
    pub(in crate::engine) fn add(&mut self, graph: &Arc<Graph>, current: bool) {
        for history in graph.expressions().into_iter().flat_map(Expr::histories) {
            let need = self.needs.entry(history.query.id.clone()).or_insert_with(|| Need {
                query: history.query.clone(),
                reach: Reach::default(),
                live: !history.query.is_fixed(),
                graph: graph.clone(),
            });
            need.reach.add(history.last);
        }
        for limit in &graph.settings.limits {
            if self.limits.is_none_or(|known| known.nominal_ms() < limit.per.nominal_ms()) {
                self.limits = Some(limit.per);
            }
        }
        self.asked_funnels.extend(graph.expressions().into_iter().flat_map(Expr::funnels).map(str::to_owned));
        graph.crossed_segments().for_each(|segment| self.add_segment(segment, graph));
        if current {
            graph.entries.iter().for_each(|entry| self.add_trigger(&entry.trigger, graph));
        }
        self.id = Some(self.fingerprint());
    }

    fn add_segment(&mut self, segment: &Segment, graph: &Arc<Graph>) {
        if !self.segments.iter().any(|known| known.segment == *segment) {
            let id = format!("{}-{}", segment.name, digest(&segment.condition));
            self.segments.push(FollowedSegment { id, segment: segment.clone(), graph: graph.clone() });
        }
    }

    fn add_trigger(&mut self, trigger: &Trigger, graph: &Arc<Graph>) {
        match trigger {
            Trigger::Happened { holds: None, .. } | Trigger::Started { .. } => {}
            Trigger::Happened { holds: Some(holds), .. } => {
                if !self.conditions.iter().any(|known| known.trigger == *trigger) {
                    let (id, trigger, graph) = (digest(trigger), trigger.clone(), graph.clone());
                    self.conditions.push(FollowedCondition { id, trigger, graph, of_record: is_of_record(holds) });
                }
            }
            Trigger::Segment { segment, .. } => self.add_segment(segment, graph),
            Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Every { .. } => {
                if !self.timers.iter().any(|known| known.trigger == *trigger) {
                    let id = digest(trigger);
                    self.timers.push(PlannedTrigger { id, trigger: trigger.clone(), graph: graph.clone() });
                }
            }
        }
    }

    /// The queries about an event.
    pub(in crate::engine) fn needs_for(&self, event: &str) -> impl Iterator<Item = &Need> {
        self.needs.values().filter(move |need| need.query.event == event)
    }

    /// All queries.
    pub(in crate::engine) fn needs(&self) -> impl Iterator<Item = &Need> {
        self.needs.values()
    }

    /// Whether the plan has a query.
    pub(in crate::engine) fn contains(&self, query: &QueryId) -> bool {
        self.needs.contains_key(query)
    }

    fn fingerprint(&self) -> Fingerprint {
        let needs: Vec<_> = self.needs.values().map(|need| (&need.query.id, &need.reach, need.live)).collect();
        let segments: Vec<_> = self.segments.iter().map(|segment| &segment.id).collect();
        let timers: Vec<_> = self.timers.iter().map(|timer| &timer.id).collect();
        if self.conditions.is_empty() {
            return Fingerprint(digest(&(needs, segments, timers)));
        }
        let conditions: Vec<_> = self.conditions.iter().map(|condition| &condition.id).collect();
        Fingerprint(digest(&(needs, segments, timers, conditions)))
    }
}

/// Whether a condition reads nothing but its record and the business: no field of the client, no past, no clock.
fn is_of_record(condition: &Expr) -> bool {
    let own = |read: &&FieldRead| read.source != Source::Client && read.later.is_none();
    condition.histories().is_empty()
        && condition.funnels().is_empty()
        && condition.reads().iter().all(own)
        && !condition.reads_clock()
}

fn digest(data: &impl Serialize) -> String {
    // Plain data with text keys always serializes.
    hex(&Sha256::digest(serde_json::to_vec(data).unwrap_or_default()), 12)
}
