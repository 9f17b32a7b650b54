//! Segments that triggers follow: who enters and who leaves one.

use crate::check::program::Trigger;
use crate::engine::client::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{FollowedSegment, Membership};
use std::collections::BTreeMap;

impl ClientTurn<'_> {
    /// Evaluates segments again: all of them when the client `changed`, otherwise those that time alone may have
    /// changed. Starts the funnels of those that the client entered or left.
    pub(in crate::engine) fn reevaluate_segments(&mut self, changed: bool) {
        let graphs = self.world.graphs;
        for segment in &graphs.plan().segments {
            let Some(before) = self.client.memory.segments.get(&segment.id) else { continue };
            if !changed && before.recheck.is_none_or(|recheck| recheck > self.now) {
                continue;
            }
            let before = before.inside;
            let Some(inside) = self.follow_segment(segment).filter(|inside| *inside != before) else { continue };
            let starts = |trigger: &Trigger| match trigger {
                Trigger::Segment { segment: own, entering } => *entering == inside && *own == segment.segment,
                Trigger::Happened { .. } | Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Every { .. } => false,
            };
            self.enter_by(starts, None);
        }
    }

    /// Evaluates all segments again without starting runs.
    pub(in crate::engine) fn follow_segments_silently(&mut self) {
        let graphs = self.world.graphs;
        for segment in &graphs.plan().segments {
            self.follow_segment(segment);
        }
    }

    /// Evaluates a segment again; returns whether the client is in it, or nothing if nothing changed.
    fn follow_segment(&mut self, segment: &FollowedSegment) -> Option<bool> {
        let seen = self.membership(segment);
        if self.client.memory.segments.get(&segment.id) == Some(&seen) {
            return None;
        }
        let inside = seen.inside;
        self.client.memory.segments.insert(segment.id.clone(), seen);
        self.effects.memory = true;
        Some(inside)
    }

    /// Whether the client is in a segment now, and when time alone may change that.
    pub(in crate::engine) fn membership(&self, segment: &FollowedSegment) -> Membership {
        let (condition, nothing) = (&segment.segment.condition, BTreeMap::new());
        let scope = Scope::new(&self.world, &segment.graph, self.client, &nothing, self.now);
        let inside = scope.holds(condition);
        scope.changes_with_the_clock(condition);
        let pending = scope.pending.get();
        Membership { inside, recheck: scope.recheck.get().into_iter().chain(pending).min() }
    }
}
