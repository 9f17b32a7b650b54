//! The text of funnels. In: structured graphs with their names and heads. Out: text, and whose place in it is whose.

use super::name::Names;
use super::setting;
use super::structured::{Flowing, Jump, Past, Path, Role, Step, Structured};
use crate::check::program::{END, NEXT};
use crate::graph::text::{plain, write};
use crate::graph::{Element, Graph};
use std::collections::BTreeSet;
use std::ops::Range;

/// What a place in the text belongs to; graphs by their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A funnel as a whole, or one of its settings.
    Funnel(usize),
    /// A trigger.
    Entry(usize, usize),
    /// An element.
    Node(usize, usize),
}

/// A graph that is to be written; the texts of its nodes and entries are their heads.
pub(super) struct Part<'g> {
    /// The graph.
    pub(super) graph: &'g Graph,
    /// Its chains.
    pub(super) structured: &'g Structured,
    /// Its names.
    pub(super) names: &'g Names,
    /// The nodes of which even an `otherwise` that only goes on is written.
    pub(super) full: &'g BTreeSet<usize>,
    /// Whether its entries stand at the top level, as it is a file's own funnel.
    pub(super) own: bool,
}

/// Text and its places.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) text: String,
    places: Vec<(Range<usize>, Owner)>,
}

impl Page {
    /// Whose text stands at an offset.
    pub(super) fn owner(&self, offset: usize) -> Option<Owner> {
        let holds = |(place, _): &&(Range<usize>, Owner)| place.contains(&offset);
        self.places.iter().filter(holds).min_by_key(|(place, _)| place.len()).map(|(_, owner)| *owner)
    }

    /// Adds text as it is.
    pub(super) fn put(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    fn owned(&mut self, owner: Owner, text: &str) -> &mut Self {
        let start = self.text.len();
        self.text.push_str(text);
        self.places.push((start..self.text.len(), owner));
        self
    }

    /// Adds a funnel.
    pub(super) fn funnel(&mut self, number: usize, part: &Part<'_>) {
        let Graph { funnel, title, settings, entries, .. } = part.graph;
        let start = self.text.len();
        if !part.own {
            let title = title.as_deref().map(|title| format!(" {}", plain(title))).unwrap_or_default();
            self.put("funnel ").owned(Owner::Funnel(number), funnel).put(&title).put(" {\n");
            for line in setting::settings(settings) {
                self.owned(Owner::Funnel(number), &line).put("\n");
            }
        }
        for ((n, entry), chain) in entries.iter().enumerate().zip(&part.structured.entries) {
            self.owned(Owner::Entry(number, n), &entry.text).put("\n-> ");
            if chain.is_empty() {
                self.put("goto ").put(END);
            }
            self.chain(number, part, chain, true);
            self.put("\n");
        }
        if !part.own {
            self.put("}\n");
        }
        self.places.push((start..self.text.len(), Owner::Funnel(number)));
    }

    /// A chain; one that is not inside a block may end in an `if` without one.
    fn chain(&mut self, number: usize, part: &Part<'_>, chain: &[Flowing], outside: bool) {
        for (n, flowing) in chain.iter().enumerate() {
            if n > 0 {
                self.put("\n-> ");
            }
            match flowing {
                Flowing::Goto(Jump::Next) => _ = self.put("goto ").put(NEXT),
                Flowing::Goto(Jump::End) => _ = self.put("goto ").put(END),
                Flowing::Goto(Jump::To(node)) => {
                    let label = part.names.labels.get(node).map_or("", String::as_str);
                    self.owned(Owner::Node(number, *node), &format!("goto {label}"));
                }
                Flowing::Step(step) => self.step(number, part, step, outside && n + 1 == chain.len()),
            }
        }
    }

    fn step(&mut self, number: usize, part: &Part<'_>, step: &Step, last: bool) {
        let Some(node) = part.graph.nodes.get(step.node) else { return };
        if let Some(label) = part.names.labels.get(&step.node) {
            self.owned(Owner::Node(number, step.node), label).put(": ");
        }
        self.owned(Owner::Node(number, step.node), &node.text);
        match step.past {
            Past::GoOn => {}
            Past::Skip => _ = self.put(" else skip"),
            Past::Stop(_) => _ = self.put(" else stop"),
        }
        match &node.element {
            Element::If { .. } => self.branch(number, part, step, last),
            Element::Match { .. } | Element::Split { .. } | Element::Fork { .. } => {
                self.cases(number, part, step, &node.element);
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
            | Element::Start { .. } => {
                for path in &step.paths {
                    let other = matches!(path.role, Role::Past | Role::Missed | Role::Unsent);
                    self.put(if other { " else" } else { "" });
                    self.block(number, part, path);
                }
            }
        }
    }

    fn block(&mut self, number: usize, part: &Part<'_>, path: &Path) {
        self.put(" {\n");
        self.chain(number, part, &path.chain, false);
        self.put("\n}");
    }

    fn branch(&mut self, number: usize, part: &Part<'_>, step: &Step, last: bool) {
        match step.paths.as_slice() {
            [yes] if last && !matches!(yes.chain.as_slice(), [Flowing::Goto(_), ..]) => {
                self.put("\n-> ");
                self.chain(number, part, &yes.chain, true);
            }
            [yes] => self.block(number, part, yes),
            [yes, no, ..] => {
                self.block(number, part, yes);
                self.put(" else");
                match no.chain.as_slice() {
                    [Flowing::Step(inner)] if self.is_else_if(part, inner) => {
                        self.put(" ");
                        self.step(number, part, inner, false);
                    }
                    _ => self.block(number, part, no),
                }
            }
            [] => {}
        }
    }

    fn is_else_if(&self, part: &Part<'_>, inner: &Step) -> bool {
        let is_if = part.graph.nodes.get(inner.node).is_some_and(|node| matches!(node.element, Element::If { .. }));
        is_if && !part.names.labels.contains_key(&inner.node)
    }

    fn cases(&mut self, number: usize, part: &Part<'_>, step: &Step, element: &Element) {
        self.put(" {");
        for path in &step.paths {
            let head = match (path.role, element) {
                (Role::Case(n), Element::Match { cases, .. }) => {
                    let values = cases.get(n).map_or(&[][..], |case| &case.values);
                    format!("case {}", values.iter().map(write).collect::<Vec<_>>().join(", "))
                }
                (Role::Case(n), Element::Split { shares, .. }) => {
                    format!("case {}%", shares.get(n).map(|share| share.percent.normalize()).unwrap_or_default())
                }
                (Role::Parallel(_), _) => "path".to_owned(),
                (_, _) => "otherwise".to_owned(),
            };
            self.put("\n").owned(Owner::Node(number, step.node), &head).put(" -> ");
            self.chain(number, part, &path.chain, false);
        }
        if part.full.contains(&step.node) && step.paths.iter().all(|path| path.role != Role::Otherwise) {
            self.put("\notherwise -> goto ").put(NEXT);
        }
        self.put("\n}");
    }
}
