//! What graphs need to be text again. In: graphs and the trees of their files. Out: for each graph the declarations that it
//! speaks of, as written.

use super::read::VERSION;
use super::{Element, Graph};
use crate::source::Sources;
use crate::syntax::ast::{File, ItemKind};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A graph with what it needs to be text again.
#[derive(Debug, Serialize)]
pub struct Carried<'g> {
    /// The version of this form.
    version: u32,
    /// The graph that the engine runs.
    #[serde(flatten)]
    graph: &'g Graph,
    /// Texts of declarations, in the order of their files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    declarations: Vec<String>,
}

/// A declaration: the name by which it is spoken of, none for the fields of the client, and its text.
struct Declared<'s> {
    name: Option<&'s str>,
    text: &'s str,
}

/// Adds to graphs what they speak of.
#[must_use]
pub fn carried<'g>(graphs: &'g [Arc<Graph>], files: &[&File], sources: &Sources) -> Vec<Carried<'g>> {
    let declared: Vec<Declared<'_>> = files.iter().flat_map(|file| declared(file, sources)).collect();
    graphs.iter().map(|graph| Carried { version: VERSION, graph, declarations: needed(graph, &declared) }).collect()
}

fn declared<'s>(file: &'s File, sources: &'s Sources) -> Vec<Declared<'s>> {
    let items = file.items.iter().filter_map(|item| {
        let name = match &item.kind {
            ItemKind::Const { name, .. }
            | ItemKind::Event { name, .. }
            | ItemKind::Segment { name, .. }
            | ItemKind::Template { name, .. }
            | ItemKind::Action { name, .. } => Some(name.node.as_str()),
            ItemKind::Client(_) => None,
            ItemKind::Use(_) | ItemKind::Funnel(_) | ItemKind::Test { .. } | ItemKind::Entry(_) | ItemKind::Error => {
                return None;
            }
        };
        Some(Declared { name, text: sources.slice(item.span) })
    });
    items.collect()
}

/// The declarations that a graph speaks of, and those that these speak of.
fn needed(graph: &Graph, declared: &[Declared<'_>]) -> Vec<String> {
    let mut wanted: BTreeSet<usize> = BTreeSet::new();
    let mut spoken: Vec<String> = words_of(graph);
    while let Some(text) = spoken.pop() {
        let words: BTreeSet<&str> = words(&text).collect();
        for (n, one) in declared.iter().enumerate() {
            if one.name.is_none_or(|name| words.contains(name)) && wanted.insert(n) {
                spoken.push(one.text.to_owned());
            }
        }
    }
    wanted.into_iter().filter_map(|n| declared.get(n)).map(|one| one.text.to_owned()).collect()
}

/// All words of a graph that may name a declaration.
fn words_of(graph: &Graph) -> Vec<String> {
    let mut spoken: Vec<String> = super::write::said_in(graph);
    spoken.extend(graph.entries.iter().map(|entry| entry.text.clone()));
    for node in &graph.nodes {
        spoken.push(node.text.clone());
        if let Element::Send { send, .. } = &node.element {
            spoken.extend(send.template.clone());
        }
    }
    // The fields of the client are wanted in any case.
    spoken.push(String::new());
    spoken
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
