//! Assigns labels to the nodes that need one, as the target of a `goto` or to keep their id, and computes the resulting
//! ids.

use super::structured::{ChainItem, OnPast, Structured, split_name};
use crate::check::program::{END, NEXT, OfMessage};
use crate::graph::ident::{Identities, label_for_generated};
use crate::graph::{Element, ElementId, Graph, Node};
use std::collections::{BTreeMap, BTreeSet};

/// The labels and ids of a funnel that is being printed.
pub(super) struct Names {
    /// By node.
    pub(super) labels: BTreeMap<usize, String>,
    /// By node; the id of a join, or of a `stop` without a step, is derived from its fork or wait.
    pub(super) ids: BTreeMap<usize, ElementId>,
    /// By entry.
    pub(super) entries: Vec<ElementId>,
    /// The splits whose name must be printed.
    pub(super) split_names: BTreeMap<usize, String>,
}

impl Names {
    /// An element with the labels of the messages that it waits for instead of their ids.
    pub(super) fn by_label(&self, graph: &Graph, element: &Element) -> Element {
        about_messages(graph, element, |ix| self.labels.get(&ix).cloned())
    }

    /// An element with the resulting ids of the messages that it waits for.
    pub(super) fn by_id(&self, graph: &Graph, element: &Element) -> Element {
        about_messages(graph, element, |ix| self.ids.get(&ix).map(|id| id.0.clone()))
    }
}

fn about_messages(graph: &Graph, element: &Element, name: impl Fn(usize) -> Option<String>) -> Element {
    let mut element = element.clone();
    if let Element::WaitEvent { wait, .. } = &mut element {
        let node = |id: &str| graph.nodes.iter().position(|node| node.id.0 == id);
        *wait = wait.about_messages(|id| node(id).and_then(&name).unwrap_or_else(|| id.to_owned()));
    }
    element
}

struct Namer<'g> {
    graph: &'g Graph,
    structured: &'g Structured,
    names: Names,
    ids: Identities,
    used: BTreeSet<String>,
    /// The ids of the elements whose messages are waited for.
    awaited: BTreeSet<&'g str>,
}

/// Assigns names to a structured graph.
pub(super) fn assign_names(graph: &Graph, structured: &Structured) -> Names {
    let names =
        Names { labels: BTreeMap::new(), ids: BTreeMap::new(), entries: Vec::new(), split_names: BTreeMap::new() };
    let used = graph.nodes.iter().map(|node| node.id.0.clone()).filter(|id| is_name(id)).collect();
    let mut namer = Namer { graph, structured, names, ids: Identities::default(), used, awaited: awaited(graph) };
    for (entry, chain) in graph.entries.iter().zip(&structured.entries) {
        let id = namer.ids.for_entry(&entry.trigger);
        namer.chain(chain, &id.0);
        namer.names.entries.push(id);
    }
    namer.names
}

impl Namer<'_> {
    fn chain(&mut self, chain: &[ChainItem], place: &str) {
        for item in chain {
            let ChainItem::Step(step) = item else { continue };
            let Some(node) = self.graph.nodes.get(step.node) else { continue };
            let id = self.name_node(step.node, node, place);
            if let OnPast::Stop(stop) = step.on_past {
                let stopped = self.ids.for_past_stop(&id.0);
                self.names.ids.insert(stop, stopped);
            }
            for path in &step.paths {
                self.chain(&path.chain, &path.role.id_path(&id.0));
            }
            if matches!(node.element, Element::Fork { .. }) {
                let joined = self.ids.for_join(&id.0);
                self.names.ids.extend(step.join.map(|join| (join, joined)));
            }
            self.names.ids.insert(step.node, id);
        }
    }

    fn name_node(&mut self, ix: usize, node: &Node, place: &str) -> ElementId {
        let split = split_name(node).map(str::to_owned);
        let is_target = self.structured.goto_targets.contains(&ix) || self.awaited.contains(node.id.0.as_str());
        let generated = self.ids.peek_for_node(node, split.as_deref(), place);
        if !is_target && (node.id.0.is_empty() || node.id == generated) {
            self.names.split_names.extend(split.clone().map(|name| (ix, name)));
            return self.ids.for_node(node, split.as_deref(), place);
        }
        let label = self.label(node);
        let id = self.ids.for_label(&label);
        self.names.labels.insert(ix, label);
        // The default name of a split is its id; when the id changes, the name must be printed.
        if let Element::Split { name, .. } = &node.element
            && !name.is_empty()
            && *name != id.0
        {
            self.names.split_names.insert(ix, name.clone());
        }
        id
    }

    /// Returns a label that preserves the id of a node, if possible.
    fn label(&mut self, node: &Node) -> String {
        let id = &node.id.0;
        if is_name(id) {
            return id.clone();
        }
        if let Some(label) = label_for_generated(id) {
            return self.unused(label);
        }
        let to_word_char = |c: char| if c.is_alphanumeric() { c } else { '_' };
        let label: String = id.chars().map(to_word_char).collect();
        let prefixed = format!("{}_{label}", node.kind.name());
        let valid = [label, prefixed].into_iter().find(|label| !label.trim_matches('_').is_empty() && is_name(label));
        self.unused(valid.unwrap_or_else(|| node.kind.name().to_owned()))
    }

    fn unused(&mut self, label: String) -> String {
        let mut free = label.clone();
        let mut n = 1_u32;
        while !is_name(&free) || !self.used.insert(free.clone()) {
            n += 1;
            free = format!("{label}_{n}");
        }
        free
    }
}

/// The ids of the elements whose messages a `wait for` is about.
fn awaited(graph: &Graph) -> BTreeSet<&str> {
    let mut ids = BTreeSet::new();
    for node in &graph.nodes {
        let Element::WaitEvent { wait, .. } = &node.element else { continue };
        for pattern in &wait.patterns {
            if let Some(OfMessage::Sent(id)) = &pattern.message {
                ids.insert(id.as_str());
            }
        }
    }
    ids
}

/// Whether a word is valid as a label.
fn is_name(word: &str) -> bool {
    word != NEXT && word != END && crate::syntax::is_name(word)
}
