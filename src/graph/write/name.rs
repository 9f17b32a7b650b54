//! Labels. In: a structured graph. Out: the label of each node that needs one, to be led to or to keep its identity, and the
//! identities that the nodes then have.

use super::structured::{Flowing, Past, Structured, split_name};
use crate::check::program::{END, NEXT};
use crate::graph::ident::{Identities, keeping};
use crate::graph::{ElementId, Graph, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Labels and identities of a funnel as it will be written.
pub(super) struct Names {
    /// By node.
    pub(super) labels: BTreeMap<usize, String>,
    /// By node; that of a join or a `stop` without a step follows from its fork or its wait.
    pub(super) ids: BTreeMap<usize, ElementId>,
    /// By entry.
    pub(super) entries: Vec<ElementId>,
    /// The splits that need their name written.
    pub(super) named: BTreeMap<usize, String>,
}

struct Namer<'g> {
    graph: &'g Graph,
    structured: &'g Structured,
    names: Names,
    given: Identities,
    taken: BTreeSet<String>,
}

/// Names what a structured graph needs names for.
pub(super) fn name(graph: &Graph, structured: &Structured) -> Names {
    let names = Names { labels: BTreeMap::new(), ids: BTreeMap::new(), entries: Vec::new(), named: BTreeMap::new() };
    let taken = graph.nodes.iter().map(|node| node.id.0.clone()).filter(|id| is_name(id)).collect();
    let mut namer = Namer { graph, structured, names, given: Identities::default(), taken };
    for (entry, chain) in graph.entries.iter().zip(&structured.entries) {
        let id = namer.given.entry(&entry.trigger);
        namer.chain(chain, &id.0);
        namer.names.entries.push(id);
    }
    namer.names
}

impl Namer<'_> {
    fn chain(&mut self, chain: &[Flowing], place: &str) {
        for flowing in chain {
            let Flowing::Step(step) = flowing else { continue };
            let Some(node) = self.graph.nodes.get(step.node) else { continue };
            let id = self.named(step.node, node, place);
            if let Past::Stop(stop) = step.past {
                let stopped = self.given.stop(&id.0);
                self.names.ids.insert(stop, stopped);
            }
            for path in &step.paths {
                self.chain(&path.chain, &path.role.place(&id.0));
            }
            if matches!(node.element, crate::graph::Element::Fork { .. }) {
                let joined = self.given.join(&id.0);
                self.names.ids.extend(step.join.map(|join| (join, joined)));
            }
            self.names.ids.insert(step.node, id);
        }
    }

    fn named(&mut self, ix: usize, node: &Node, place: &str) -> ElementId {
        let written = split_name(node).map(str::to_owned);
        let led_to = self.structured.targets.contains(&ix);
        let made = self.given.peek(node, written.as_deref(), place);
        if !led_to && (node.id.0.is_empty() || node.id == made) {
            self.names.named.extend(written.clone().map(|name| (ix, name)));
            return self.given.unlabelled(node, written.as_deref(), place);
        }
        let label = self.label(node);
        let id = self.given.labelled(&label);
        self.names.labels.insert(ix, label);
        // An identity that could not be kept was the name of the split, too.
        if let crate::graph::Element::Split { name, .. } = &node.element
            && !name.is_empty()
            && *name != id.0
        {
            self.names.named.insert(ix, name.clone());
        }
        id
    }

    /// A label that keeps the identity of a node, if there is one.
    fn label(&mut self, node: &Node) -> String {
        let id = &node.id.0;
        if is_name(id) {
            return id.clone();
        }
        if let Some(label) = keeping(id) {
            return self.free(label);
        }
        let like = |c: char| if c.is_alphanumeric() { c } else { '_' };
        let label: String = id.chars().map(like).collect();
        let begun = format!("{}_{label}", node.kind.name());
        let fits = [label, begun].into_iter().find(|label| !label.trim_matches('_').is_empty() && is_name(label));
        self.free(fits.unwrap_or_else(|| node.kind.name().to_owned()))
    }

    fn free(&mut self, label: String) -> String {
        let mut free = label.clone();
        let mut n = 1_u32;
        while !is_name(&free) || !self.taken.insert(free.clone()) {
            n += 1;
            free = format!("{label}_{n}");
        }
        free
    }
}

/// Whether a word can be the label of an element as it is.
fn is_name(word: &str) -> bool {
    word != NEXT && word != END && crate::syntax::is_name(word)
}
