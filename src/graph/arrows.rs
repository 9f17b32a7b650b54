//! The arrows of a graph, in the form that drawings need.

use super::expr_text::write_expr;
use super::{Case, Element, Graph, NodeIx, OnFailure};
use crate::value::Decimal;
use std::borrow::Cow;

/// An arrow from an entry or a node to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrow {
    /// Where it starts.
    pub from: Origin,
    /// Its target; `None` is the end of the run.
    pub to: Option<NodeIx>,
    /// Its label: `yes`, `no`, `past`, `not sent`, a value or a share; empty when there is only one exit.
    pub label: Cow<'static, str>,
}

/// Where an arrow starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// An entry, as an index into [`Graph::entries`].
    Entry(usize),
    /// A node.
    Node(NodeIx),
}

impl Graph {
    /// Returns all arrows, ordered by their origin: entries first, then nodes.
    #[must_use]
    pub fn arrows(&self) -> Vec<Arrow> {
        let entries = self.entries.iter().enumerate().map(|(i, e)| Arrow {
            from: Origin::Entry(i),
            to: e.start,
            label: "".into(),
        });
        let nodes = self.nodes.iter().enumerate().flat_map(|(i, node)| {
            let from = Origin::Node(NodeIx(u32::try_from(i).unwrap_or(u32::MAX)));
            labeled_targets(&node.element).into_iter().map(move |(label, to)| Arrow { from, to, label })
        });
        entries.chain(nodes).collect()
    }
}

impl Element {
    /// Returns the nodes that this element can lead to; exits that end the run are omitted.
    #[must_use]
    pub fn targets(&self) -> Vec<NodeIx> {
        labeled_targets(self).into_iter().filter_map(|(_, to)| to).collect()
    }
}

fn labeled_targets(element: &Element) -> Vec<(Cow<'static, str>, Option<NodeIx>)> {
    let plain = Cow::Borrowed("");
    match element {
        Element::If { yes, no, .. } => vec![("yes".into(), *yes), ("no".into(), *no)],
        Element::WaitUntil { next, on_past: past, .. } if next != past => vec![(plain, *next), ("past".into(), *past)],
        Element::WaitEvent { wait, on_event, on_timeout } if wait.up_to.is_some() => {
            vec![("came".into(), *on_event), ("missed".into(), *on_timeout)]
        }
        Element::Send { next, on_not_sent: OnFailure::Else(path), .. } => {
            vec![(plain, *next), ("not sent".into(), *path)]
        }
        Element::Call { next, .. } if element.is_read_without_else() => vec![(plain, *next)],
        Element::Call { next, on_failed: OnFailure::Else(path), .. } => vec![(plain, *next), ("failed".into(), *path)],
        Element::Match { cases, otherwise, .. } => {
            let cases = cases.iter().map(|case| (case_label(case).into(), case.to));
            cases.chain([("otherwise".into(), *otherwise)]).collect()
        }
        Element::Split { shares, otherwise, .. } => {
            let total: Decimal = shares.iter().map(|share| share.percent).sum();
            let rest = (total < Decimal::ONE_HUNDRED).then(|| ("otherwise".into(), *otherwise));
            shares
                .iter()
                .map(|share| (format!("{}%", share.percent.normalize()).into(), share.to))
                .chain(rest)
                .collect()
        }
        Element::Fork { paths } => paths.iter().map(|path| (plain.clone(), *path)).collect(),
        Element::Repeat { times, body, next } => {
            vec![(format!("{times} times").into(), *body), ("then".into(), *next)]
        }
        Element::WaitDuration { next, .. }
        | Element::WaitUntil { next, .. }
        | Element::WaitEvent { on_event: next, .. }
        | Element::Send { next, .. }
        | Element::Call { next, .. }
        | Element::Set { next, .. }
        | Element::Tag { next, .. }
        | Element::Task { next, .. }
        | Element::Emit { next, .. }
        | Element::Start { next, .. }
        | Element::StopFunnel { next, .. }
        | Element::Join { next } => vec![(plain, *next)],
        Element::Stop => Vec::new(),
    }
}

/// The label of the arrow of a case.
pub(super) fn case_label(case: &Case) -> String {
    case.values.iter().map(write_expr).collect::<Vec<_>>().join(", ")
}
