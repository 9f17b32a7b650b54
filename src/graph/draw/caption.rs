//! The text inside a box.

use crate::check::program::Expr;
use crate::graph::expr_text::write_expr;
use crate::graph::{Element, Node};
use std::collections::BTreeSet;

/// The text of a node; for one that waits for `later` fields, also their deadlines.
pub(super) fn caption(node: &Node) -> String {
    let until = match &node.element {
        Element::If { condition, .. } | Element::Match { subject: condition, .. } => deadlines(condition),
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
        | Element::Stop => BTreeSet::new(),
    };
    if until.is_empty() {
        node.text.clone()
    } else {
        format!("{}\nknown by {}", node.text, Vec::from_iter(until).join(", "))
    }
}

/// The distinct deadlines of the `later` fields that a condition reads.
fn deadlines(condition: &Expr) -> BTreeSet<String> {
    let later = condition.reads().into_iter().filter_map(|read| read.later.as_ref()?.by.as_deref());
    later.map(write_expr).collect()
}
