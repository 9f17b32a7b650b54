//! Drawings of graphs as text for other programs. In: a [`Graph`]. Out: Mermaid or Graphviz source.
//!
//! The four kinds are told apart by shape, not only by colour: events are rounded, conditions diamonds, waits
//! hexagons, actions boxes.

use super::arrows::End;
use super::{Element, Graph, Kind, Node, NodeIx};
use crate::graph::text::deadlines;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Draws a graph as a Mermaid flowchart.
#[must_use]
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart TD\n");
    if let Some(title) = &graph.title {
        out = format!("---\ntitle: {}\n---\n{out}", quoted(title));
    }
    // Writing to a string cannot fail.
    for (i, entry) in graph.entries.iter().enumerate() {
        let _ = writeln!(out, "  e{i}([\"{}\"]):::event", entity(&entry.text));
    }
    for (i, node) in graph.nodes.iter().enumerate() {
        let text = entity(&caption(node));
        let shape = match node.kind {
            Kind::Event => format!("([\"{text}\"])"),
            Kind::Condition => format!("{{\"{text}\"}}"),
            Kind::Wait => format!("{{{{\"{text}\"}}}}"),
            Kind::Action => format!("[\"{text}\"]"),
        };
        let _ = writeln!(out, "  n{i}{shape}:::{}", node.kind.name());
    }
    let arrows = graph.arrows();
    if arrows.iter().any(|arrow| arrow.to.is_none()) {
        out.push_str("  done(((end)))\n");
    }
    for arrow in &arrows {
        let label = if arrow.label.is_empty() { String::new() } else { format!("|\"{}\"|", entity(&arrow.label)) };
        let _ = writeln!(out, "  {} -->{label} {}", name(arrow.from), target(arrow.to));
    }
    out.push_str(
        "  classDef event fill:#e7f5ff,stroke:#1971c2\n  classDef condition fill:#fff3bf,stroke:#e67700\n  \
         classDef wait fill:#f3f0ff,stroke:#6741d9\n  classDef action fill:#ebfbee,stroke:#2f9e44\n",
    );
    out
}

/// Draws a graph for Graphviz.
#[must_use]
pub fn dot(graph: &Graph) -> String {
    let mut out = format!("digraph {} {{\n  node [fontname=\"Helvetica\"];\n", quoted(&graph.funnel));
    for (i, entry) in graph.entries.iter().enumerate() {
        let _ = writeln!(out, "  e{i} [shape=box, style=rounded, label={}];", quoted(&entry.text));
    }
    for (i, node) in graph.nodes.iter().enumerate() {
        let shape = match node.kind {
            Kind::Event => "box, style=rounded",
            Kind::Condition => "diamond",
            Kind::Wait => "hexagon",
            Kind::Action => "box",
        };
        let _ = writeln!(out, "  n{i} [shape={shape}, label={}];", quoted(&caption(node)));
    }
    let arrows = graph.arrows();
    if arrows.iter().any(|arrow| arrow.to.is_none()) {
        out.push_str("  done [shape=doublecircle, label=\"end\"];\n");
    }
    for arrow in &arrows {
        let label = if arrow.label.is_empty() { String::new() } else { format!(" [label={}]", quoted(&arrow.label)) };
        let _ = writeln!(out, "  {} -> {}{label};", name(arrow.from), target(arrow.to));
    }
    out.push_str("}\n");
    out
}

/// What stands in a node: its text, and for one that waits for an answer, until when.
pub(super) fn caption(node: &Node) -> String {
    let until = match &node.element {
        Element::If { condition: question, .. } | Element::Match { subject: question, .. } => deadlines(question),
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

fn name(end: End) -> String {
    match end {
        End::Entry(i) => format!("e{i}"),
        End::Node(ix) => format!("n{}", ix.0),
    }
}

fn target(to: Option<NodeIx>) -> String {
    to.map_or_else(|| "done".to_owned(), |ix| name(End::Node(ix)))
}

/// Text for a Mermaid label, whose syntax characters are written as entities.
fn entity(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '`' => out.push_str("#96;"),
            '\n' => out.push_str("<br>"),
            other => out.push(other),
        }
    }
    out
}

/// A string in double quotes, for Graphviz and YAML.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
