//! Exports graphs as JSON together with the source of every declaration that they refer to, so that they can be turned
//! back into source.

use super::read::FORMAT_VERSION;
use super::{Element, Graph};
use crate::source::Sources;
use crate::syntax::ast::{File, ItemKind};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A graph with the declarations that it refers to.
#[derive(Debug, Serialize)]
pub struct ExportedGraph<'g> {
    /// The version of the JSON format.
    version: u32,
    /// The graph, as the engine runs it.
    #[serde(flatten)]
    graph: &'g Graph,
    /// The source of the declarations, in the order of their files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    declarations: Vec<String>,
}

/// A declaration: its name (`None` for the fields of the client) and its source.
struct Declaration<'s> {
    name: Option<&'s str>,
    text: &'s str,
}

/// Exports graphs; `files` are the trees that their declarations are taken from.
#[must_use]
pub fn export<'g>(graphs: &'g [Arc<Graph>], files: &[&File], sources: &Sources) -> Vec<ExportedGraph<'g>> {
    let declarations: Vec<Declaration<'_>> = files.iter().flat_map(|file| file_declarations(file, sources)).collect();
    graphs
        .iter()
        .map(|graph| ExportedGraph {
            version: FORMAT_VERSION,
            graph,
            declarations: needed_declarations(graph, &declarations),
        })
        .collect()
}

fn file_declarations<'s>(file: &'s File, sources: &'s Sources) -> Vec<Declaration<'s>> {
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
        Some(Declaration { name, text: sources.slice(item.span) })
    });
    items.collect()
}

/// The declarations that a graph refers to, directly or through other declarations.
fn needed_declarations(graph: &Graph, declarations: &[Declaration<'_>]) -> Vec<String> {
    let mut needed: BTreeSet<usize> = BTreeSet::new();
    let mut pending: Vec<String> = mentioned_words(graph);
    while let Some(text) = pending.pop() {
        let words: BTreeSet<&str> = words(&text).collect();
        for (n, declaration) in declarations.iter().enumerate() {
            if declaration.name.is_none_or(|name| words.contains(name)) && needed.insert(n) {
                pending.push(declaration.text.to_owned());
            }
        }
    }
    needed.into_iter().filter_map(|n| declarations.get(n)).map(|declaration| declaration.text.to_owned()).collect()
}

/// All texts of a graph that may name a declaration.
fn mentioned_words(graph: &Graph) -> Vec<String> {
    let mut pending: Vec<String> = super::write::generated_text(graph);
    pending.extend(graph.entries.iter().map(|entry| entry.text.clone()));
    for node in &graph.nodes {
        pending.push(node.text.clone());
        if let Element::Send { send, .. } = &node.element {
            pending.extend(send.template.clone());
        }
    }
    // The fields of the client are always included.
    pending.push(String::new());
    pending
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
