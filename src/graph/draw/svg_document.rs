//! Graphs as one standalone SVG document: the style sheet, a heading per funnel, a legend, and a text description for
//! screen readers.

use super::caption::caption;
use super::layout::layout;
use super::svg::{SVG_STYLE, draw_graph, draw_shape};
use crate::graph::{Graph, Kind, NodeIx, Origin};
use crate::source::escape_xml;
use std::fmt::Write;
use std::sync::Arc;

/// The outer margin, and the space between two funnels.
const MARGIN: f64 = 16.0;
/// The height of a heading.
const HEADING_HEIGHT: f64 = 34.0;
/// The height of the legend, and the width of each of its entries.
const LEGEND_HEIGHT: f64 = 44.0;
const LEGEND_WIDTH: f64 = 124.0;

/// Renders funnels below each other in one SVG document.
#[must_use]
pub fn svg_document(graphs: &[Arc<Graph>]) -> String {
    let layouts: Vec<_> = graphs.iter().map(|graph| layout(graph)).collect();
    let width = layouts.iter().map(|layout| layout.width).fold(4.0 * LEGEND_WIDTH, f64::max) + 2.0 * MARGIN;
    let height =
        layouts.iter().map(|layout| layout.height + HEADING_HEIGHT + MARGIN).sum::<f64>() + LEGEND_HEIGHT + MARGIN;
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" \
         role=\"img\" aria-labelledby=\"title desc\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\">\n<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n\
         <style>{SVG_STYLE}</style>\n<rect class=\"sheet\" width=\"100%\" height=\"100%\"/>\n",
        escape_xml(&graphs.iter().map(|graph| name(graph)).collect::<Vec<_>>().join(", ")),
        escape_xml(&graphs.iter().map(|graph| description(graph)).collect::<Vec<_>>().join("\n")),
    );
    let mut top = MARGIN;
    for (graph, layout) in graphs.iter().zip(&layouts) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<text class=\"heading\" x=\"{MARGIN:.0}\" y=\"{:.0}\">{}</text>\n\
             <g class=\"funnel\" transform=\"translate({MARGIN:.0} {:.0})\">",
            top + 17.0,
            escape_xml(name(graph)),
            top + HEADING_HEIGHT
        );
        draw_graph(&mut out, graph, layout, None);
        out.push_str("</g>\n");
        top += layout.height + HEADING_HEIGHT + MARGIN;
    }
    legend(&mut out, top);
    out + "</svg>\n"
}

fn name(graph: &Graph) -> &str {
    graph.title.as_deref().unwrap_or(&graph.funnel)
}

/// Draws the legend of shapes.
fn legend(out: &mut String, top: f64) {
    out.push_str("<g class=\"legend\">\n");
    let mut x = MARGIN;
    for kind in [Kind::Event, Kind::Condition, Kind::Wait, Kind::Action] {
        let y = top + LEGEND_HEIGHT / 2.0;
        let _ = write!(out, "<g class=\"{}\">", kind.name());
        draw_shape(out, kind, (x + 22.0, y), (40.0, 22.0));
        let _ = writeln!(out, "<text x=\"{:.0}\" y=\"{:.0}\">{}</text></g>", x + 50.0, y + 4.5, kind.name());
        x += LEGEND_WIDTH;
    }
    out.push_str("</g>\n");
}

/// Describes a graph in numbered sentences: entries first, then the nodes in their order.
fn description(graph: &Graph) -> String {
    let arrows = graph.arrows();
    let first = graph.entries.len() + 1;
    let number = |ix: NodeIx| first + ix.0 as usize;
    let leads = |from: Origin| {
        let targets = arrows.iter().filter(|arrow| arrow.from == from).map(|arrow| {
            let label = if arrow.label.is_empty() { String::new() } else { format!("{}: ", arrow.label) };
            arrow.to.map_or_else(|| format!("{label}ends"), |to| format!("{label}goes to {}", number(to)))
        });
        targets.collect::<Vec<_>>().join(", ")
    };
    let mut lines = vec![format!("Funnel {}.", name(graph))];
    for (n, entry) in graph.entries.iter().enumerate() {
        lines.push(format!("{}. {}: {}; {}.", n + 1, Kind::Event.name(), entry.text, leads(Origin::Entry(n))));
    }
    for (ix, node) in (0..).map(NodeIx).zip(&graph.nodes) {
        let text = caption(node).replace('\n', ", ");
        let leads = match leads(Origin::Node(ix)) {
            none if none.is_empty() => "ends".to_owned(),
            some => some,
        };
        lines.push(format!("{}. {}: {text}; {leads}.", number(ix), node.kind.name()));
    }
    lines.join("\n")
}
