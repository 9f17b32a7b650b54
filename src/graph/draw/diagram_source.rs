//! Graphs as Mermaid or Graphviz source.
//!
//! The four kinds differ in shape, not only in color: events are rounded, conditions diamonds, waits hexagons, actions
//! boxes.

use super::caption::caption;
use crate::graph::{Graph, Kind, NodeIx, Origin};
use std::fmt::Write;

/// Renders a graph as a Mermaid flowchart.
#[must_use]
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart TD\n");
    if let Some(title) = &graph.title {
        out = format!("---\ntitle: {}\n---\n{out}", quote(title));
    }
    // Writing to a string cannot fail.
    for (i, entry) in graph.entries.iter().enumerate() {
        let _ = writeln!(out, "  e{i}([\"{}\"]):::event", mermaid_escape(&entry.text));
    }
    for (i, node) in graph.nodes.iter().enumerate() {
        let text = mermaid_escape(&caption(node));
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
        let label =
            if arrow.label.is_empty() { String::new() } else { format!("|\"{}\"|", mermaid_escape(&arrow.label)) };
        let _ = writeln!(out, "  {} -->{label} {}", name(arrow.from), target(arrow.to));
    }
    out.push_str(
        "  classDef event fill:#e7f5ff,stroke:#1971c2\n  classDef condition fill:#fff3bf,stroke:#e67700\n  \
         classDef wait fill:#f3f0ff,stroke:#6741d9\n  classDef action fill:#ebfbee,stroke:#2f9e44\n",
    );
    out
}

/// Renders a graph as a Graphviz digraph.
#[must_use]
pub fn dot(graph: &Graph) -> String {
    let mut out = format!("digraph {} {{\n  node [fontname=\"Helvetica\"];\n", quote(&graph.funnel));
    for (i, entry) in graph.entries.iter().enumerate() {
        let _ = writeln!(out, "  e{i} [shape=box, style=rounded, label={}];", quote(&entry.text));
    }
    for (i, node) in graph.nodes.iter().enumerate() {
        let shape = match node.kind {
            Kind::Event => "box, style=rounded",
            Kind::Condition => "diamond",
            Kind::Wait => "hexagon",
            Kind::Action => "box",
        };
        let _ = writeln!(out, "  n{i} [shape={shape}, label={}];", quote(&caption(node)));
    }
    let arrows = graph.arrows();
    if arrows.iter().any(|arrow| arrow.to.is_none()) {
        out.push_str("  done [shape=doublecircle, label=\"end\"];\n");
    }
    for arrow in &arrows {
        let label = if arrow.label.is_empty() { String::new() } else { format!(" [label={}]", quote(&arrow.label)) };
        let _ = writeln!(out, "  {} -> {}{label};", name(arrow.from), target(arrow.to));
    }
    out.push_str("}\n");
    out
}

fn name(end: Origin) -> String {
    match end {
        Origin::Entry(i) => format!("e{i}"),
        Origin::Node(ix) => format!("n{}", ix.0),
    }
}

fn target(to: Option<NodeIx>) -> String {
    to.map_or_else(|| "done".to_owned(), |ix| name(Origin::Node(ix)))
}

/// Escapes the syntax characters of a Mermaid label as entities.
fn mermaid_escape(text: &str) -> String {
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

/// Quotes a string for Graphviz and YAML.
fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
