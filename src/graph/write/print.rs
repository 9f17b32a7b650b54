//! Prints structured graphs, recording which element each part of the text belongs to.

use super::name::Names;
use super::setting;
use super::structured::{ChainItem, GotoTarget, OnPast, Path, Role, Step, Structured};
use crate::check::program::{END, NEXT};
use crate::graph::expr_text::{string_literal, write_expr};
use crate::graph::{Element, Graph};
use std::collections::BTreeSet;
use std::ops::Range;

/// The element that a part of the text belongs to; graphs by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A funnel as a whole, or one of its settings.
    Funnel(usize),
    /// A trigger.
    Entry(usize, usize),
    /// An element.
    Node(usize, usize),
}

/// A graph to be printed; the texts of its nodes and entries are their heads.
pub(super) struct FunnelDraft<'g> {
    /// The graph.
    pub(super) graph: &'g Graph,
    /// Its chains.
    pub(super) structured: &'g Structured,
    /// Its names.
    pub(super) names: &'g Names,
    /// The nodes whose `otherwise` is printed even when it does nothing.
    pub(super) explicit_otherwise: &'g BTreeSet<usize>,
    /// Whether its entries are at the top level, without a `funnel` block.
    pub(super) is_top_level: bool,
}

/// The printed text and the owners of its parts.
#[derive(Debug, Default)]
pub(super) struct Printer {
    pub(super) text: String,
    owners: Vec<(Range<usize>, Owner)>,
}

impl Printer {
    /// Returns the owner of the text at an offset.
    pub(super) fn owner(&self, offset: usize) -> Option<Owner> {
        let contains = |(range, _): &&(Range<usize>, Owner)| range.contains(&offset);
        self.owners.iter().filter(contains).min_by_key(|(range, _)| range.len()).map(|(_, owner)| *owner)
    }

    /// Appends text.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    fn push_owned(&mut self, owner: Owner, text: &str) -> &mut Self {
        let start = self.text.len();
        self.text.push_str(text);
        self.owners.push((start..self.text.len(), owner));
        self
    }

    /// Appends a funnel.
    pub(super) fn funnel(&mut self, number: usize, draft: &FunnelDraft<'_>) {
        let Graph { funnel, title, settings, entries, .. } = draft.graph;
        let start = self.text.len();
        if !draft.is_top_level {
            let title = title.as_deref().map(|title| format!(" {}", string_literal(title))).unwrap_or_default();
            self.push("funnel ").push_owned(Owner::Funnel(number), funnel).push(&title).push(" {\n");
            for line in setting::settings(settings) {
                self.push_owned(Owner::Funnel(number), &line).push("\n");
            }
        }
        for ((n, entry), chain) in entries.iter().enumerate().zip(&draft.structured.entries) {
            self.push_owned(Owner::Entry(number, n), &entry.text).push("\n-> ");
            if chain.is_empty() {
                self.push("goto ").push(END);
            }
            self.chain(number, draft, chain, true);
            self.push("\n");
        }
        if !draft.is_top_level {
            self.push("}\n");
        }
        self.owners.push((start..self.text.len(), Owner::Funnel(number)));
    }

    /// Appends a chain; outside of a block, it may end in an `if` without braces.
    fn chain(&mut self, number: usize, draft: &FunnelDraft<'_>, chain: &[ChainItem], unenclosed: bool) {
        for (n, item) in chain.iter().enumerate() {
            if n > 0 {
                self.push("\n-> ");
            }
            match item {
                ChainItem::Goto(GotoTarget::Next) => _ = self.push("goto ").push(NEXT),
                ChainItem::Goto(GotoTarget::End) => _ = self.push("goto ").push(END),
                ChainItem::Goto(GotoTarget::Node(node)) => {
                    let label = draft.names.labels.get(node).map_or("", String::as_str);
                    self.push_owned(Owner::Node(number, *node), &format!("goto {label}"));
                }
                ChainItem::Step(step) => self.step(number, draft, step, unenclosed && n + 1 == chain.len()),
            }
        }
    }

    fn step(&mut self, number: usize, draft: &FunnelDraft<'_>, step: &Step, last: bool) {
        let Some(node) = draft.graph.nodes.get(step.node) else { return };
        if let Some(label) = draft.names.labels.get(&step.node) {
            self.push_owned(Owner::Node(number, step.node), label).push(": ");
        }
        self.push_owned(Owner::Node(number, step.node), &node.text);
        match step.on_past {
            OnPast::Continue => {}
            OnPast::Skip => _ = self.push(" else skip"),
            OnPast::Stop(_) => _ = self.push(" else stop"),
        }
        match &node.element {
            Element::If { .. } => self.branch(number, draft, step, last),
            Element::Match { .. } | Element::Split { .. } | Element::Fork { .. } => {
                self.cases(number, draft, step, &node.element);
            }
            Element::WaitDuration { .. }
            | Element::WaitUntil { .. }
            | Element::WaitEvent { .. }
            | Element::Send { .. }
            | Element::Set { .. }
            | Element::Tag { .. }
            | Element::Stop
            | Element::Join { .. }
            | Element::Repeat { .. }
            | Element::Task { .. }
            | Element::Call { .. }
            | Element::Emit { .. }
            | Element::Start { .. }
            | Element::StopFunnel { .. } => {
                for path in &step.paths {
                    if path.role == Role::OnTimeout
                        && let Some(stop) = lone_stop(draft, path)
                    {
                        self.push(" else ").push_owned(Owner::Node(number, stop), "stop");
                        continue;
                    }
                    let needs_else = matches!(path.role, Role::OnPast | Role::OnTimeout | Role::OnFailure);
                    self.push(if needs_else { " else" } else { "" });
                    self.block(number, draft, path);
                }
            }
        }
    }

    fn block(&mut self, number: usize, draft: &FunnelDraft<'_>, path: &Path) {
        self.push(" {\n");
        self.chain(number, draft, &path.chain, false);
        self.push("\n}");
    }

    fn branch(&mut self, number: usize, draft: &FunnelDraft<'_>, step: &Step, last: bool) {
        match step.paths.as_slice() {
            [yes] if last && !matches!(yes.chain.as_slice(), [ChainItem::Goto(_), ..]) => {
                self.push("\n-> ");
                self.chain(number, draft, &yes.chain, true);
            }
            [yes] => self.block(number, draft, yes),
            [yes, no, ..] => {
                self.block(number, draft, yes);
                self.push(" else");
                match no.chain.as_slice() {
                    [ChainItem::Step(inner)] if self.is_else_if(draft, inner) => {
                        self.push(" ");
                        self.step(number, draft, inner, false);
                    }
                    _ => self.block(number, draft, no),
                }
            }
            [] => {}
        }
    }

    fn is_else_if(&self, draft: &FunnelDraft<'_>, inner: &Step) -> bool {
        let is_if = draft.graph.nodes.get(inner.node).is_some_and(|node| matches!(node.element, Element::If { .. }));
        is_if && !draft.names.labels.contains_key(&inner.node)
    }

    fn cases(&mut self, number: usize, draft: &FunnelDraft<'_>, step: &Step, element: &Element) {
        self.push(" {");
        for path in &step.paths {
            let head = match (path.role, element) {
                (Role::Case(n), Element::Match { cases, .. }) => {
                    let values = cases.get(n).map_or(&[][..], |case| &case.values);
                    format!("case {}", values.iter().map(write_expr).collect::<Vec<_>>().join(", "))
                }
                (Role::Case(n), Element::Split { shares, .. }) => {
                    format!("case {}%", shares.get(n).map(|share| share.percent.normalize()).unwrap_or_default())
                }
                (Role::Parallel(_), _) => "path".to_owned(),
                (_, _) => "otherwise".to_owned(),
            };
            self.push("\n").push_owned(Owner::Node(number, step.node), &head).push(" -> ");
            self.chain(number, draft, &path.chain, false);
        }
        if draft.explicit_otherwise.contains(&step.node) && step.paths.iter().all(|path| path.role != Role::Otherwise) {
            self.push("\notherwise -> goto ").push(NEXT);
        }
        self.push("\n}");
    }
}

/// The `stop` that is all of a path, and has no label.
fn lone_stop(draft: &FunnelDraft<'_>, path: &Path) -> Option<usize> {
    let [ChainItem::Step(Step { node, .. })] = path.chain.as_slice() else { return None };
    let is_stop = draft.graph.nodes.get(*node).is_some_and(|node| matches!(node.element, Element::Stop));
    (is_stop && !draft.names.labels.contains_key(node)).then_some(*node)
}
