//! Segments that triggers follow: who enters and who leaves one.

use super::enter;
use crate::check::program::{Expr, Trigger};
use crate::engine::eval::Scope;
use crate::engine::model::{Client, Effects, Membership, World};
use crate::graph::Graph;
use crate::value::Timestamp;
use std::collections::BTreeMap;

/// Sees who entered or left a segment, where something changed or time may have changed it, and starts what follows.
pub(in crate::engine) fn reevaluate_segments(
    world: &World<'_>,
    client: &mut Client,
    changed: bool,
    now: Timestamp,
    effects: &mut Effects,
) {
    for segment in &world.graphs.plan().segments {
        let Some(before) = client.memory.segments.get(&segment.id) else { continue };
        if !changed && before.recheck.is_none_or(|recheck| recheck > now) {
            continue;
        }
        let seen = membership(world, client, &segment.graph, &segment.segment.condition, now);
        if seen == *before {
            continue;
        }
        let turned = (seen.inside != before.inside).then_some(seen.inside);
        client.memory.segments.insert(segment.id.clone(), seen);
        effects.memory = true;
        let Some(inside) = turned else { continue };
        let fits = |trigger: &Trigger| match trigger {
            Trigger::Segment { segment: own, entering } => *entering == inside && *own == segment.segment,
            Trigger::Happened { .. } | Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Every { .. } => false,
        };
        enter::enter_by(world, client, fits, None, now, effects);
    }
}

/// Whether a condition over the client holds now, and when time alone may change that.
pub(super) fn membership(
    world: &World<'_>,
    client: &Client,
    graph: &Graph,
    condition: &Expr,
    now: Timestamp,
) -> Membership {
    let nothing = BTreeMap::new();
    let scope = Scope::new(world, graph, client, &nothing, now);
    let inside = scope.holds(condition);
    scope.changes_with_the_clock(condition);
    let pending = scope.pending.get();
    Membership { inside, recheck: scope.recheck.get().into_iter().chain(pending).min() }
}
