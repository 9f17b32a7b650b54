//! The text inside a box.

use crate::check::program::{Expr, Later};
use crate::graph::expr_text::write_expr;
use crate::graph::{Element, Node};
use std::collections::BTreeSet;

/// The text of a node; for one that waits for `later` fields, also when these become known.
pub(super) fn caption(node: &Node) -> String {
    let moments = match &node.element {
        Element::If { condition, .. } | Element::Match { subject: condition, .. } => later_moments(condition),
        Element::Fork { .. }
        | Element::Join { .. }
        | Element::Split { .. }
        | Element::Repeat { .. }
        | Element::WaitDuration { .. }
        | Element::WaitUntil { .. }
        | Element::WaitEvent { .. }
        | Element::Send { .. }
        | Element::Set { .. }
        | Element::Tag { .. }
        | Element::Task { .. }
        | Element::Call { .. }
        | Element::Emit { .. }
        | Element::Start { .. }
        | Element::StopFunnel { .. }
        | Element::Stop => BTreeSet::new(),
    };
    if moments.is_empty() {
        node.text.clone()
    } else {
        format!("{}\nknown {}", node.text, Vec::from_iter(moments).join(", "))
    }
}

/// From when, and by when, the `later` fields are known that a condition reads.
fn later_moments(condition: &Expr) -> BTreeSet<String> {
    let of = |later: &Later| {
        let from = later.from.as_deref().map(|from| format!("from {}", write_expr(from)));
        let by = later.by.as_deref().map(|by| format!("by {}", write_expr(by)));
        let moments: Vec<_> = from.into_iter().chain(by).collect();
        (!moments.is_empty()).then(|| moments.join(" "))
    };
    condition.reads().into_iter().filter_map(|read| of(read.later.as_ref()?)).collect()
}
