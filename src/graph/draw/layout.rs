//! The layout of a graph: measures the boxes, then assigns layers, x coordinates and routes.

use super::geometry::{Item, Layout, MARGIN, PlacedBox, Route, text_width};
use super::layer::layers;
use super::route::Router;
use super::x_coordinate::{Columns, x_coordinates};
use crate::diagnostic::Language;
use crate::graph::{Arrow, Graph, Kind, NodeIx, Origin, Words};

/// The height of a line of text, and the approximate width of a character.
const LINE_HEIGHT: f64 = 17.0;
const CHAR_WIDTH: f64 = 7.3;
/// The width reserved where an arrow crosses a layer.
const LANE_WIDTH: f64 = 12.0;
/// The width of a character in a label, and the maximum length of a label.
const LABEL_CHAR_WIDTH: f64 = 6.8;
const MAX_LABEL_CHARS: usize = 28;

/// Lays out a graph from top to bottom, with its words in a language.
#[must_use]
pub fn layout(graph: &Graph, language: Language) -> Layout {
    layout_with_labels(graph, &Words::new(graph, language), |_, label| label)
}

/// Lays out a graph with changed labels: `label` maps the index of an arrow in [`Graph::arrows`] and its label to a new
/// label.
pub(super) fn layout_with_labels(graph: &Graph, words: &Words<'_>, label: impl Fn(usize, String) -> String) -> Layout {
    let arrows = graph.arrows();
    let mut boxes = measure_boxes(graph, words);
    let mut pairs = Vec::with_capacity(arrows.len());
    for arrow in &arrows {
        // Every arrow to the end of the run gets an end of its own: arrows to a shared one would cross the whole
        // drawing.
        let to = arrow.to.map(|ix| graph.entries.len() + ix.0 as usize).unwrap_or_else(|| {
            boxes.push(PlacedBox { item: Item::End, x: 0.0, y: 0.0, width: 14.0, height: 14.0, lines: Vec::new() });
            boxes.len() - 1
        });
        pairs.push((origin_vertex(graph, arrow), to));
    }
    let mut routes: Vec<Route> =
        arrows.iter().enumerate().map(|(n, arrow)| unrouted(label(n, words.label(arrow)))).collect();
    let layers = layers(boxes.len(), &pairs);
    let mut widths: Vec<f64> = boxes.iter().map(|placed| placed.width).collect();
    widths.resize(layers.count, LANE_WIDTH);
    for ((route, chain), pair) in routes.iter_mut().zip(&layers.chains).zip(&pairs) {
        route.back = chain.back;
        // The label of a self-loop sits on its only bend, which must be wide enough.
        if let (true, Some(width)) = (pair.0 == pair.1, chain.bends.first().and_then(|bend| widths.get_mut(*bend))) {
            *width = width.max(route.width);
        }
    }
    let xs = x_coordinates(&Columns { layers: &layers, boxes: boxes.len(), widths: &widths }, &pairs);
    let kinds: Vec<Kind> = boxes.iter().map(|placed| kind_of(graph, placed.item)).collect();
    let router = Router { layers: &layers, pairs: &pairs, xs: &xs, kinds: &kinds };
    let bounds = router.route(&mut boxes, &mut routes);
    let mut layout = Layout { width: 0.0, height: bounds.last().map_or(0.0, |layer| layer.1) + MARGIN, boxes, routes };
    layout.fit();
    layout
}

/// A route of which only the label is known.
fn unrouted(label: String) -> Route {
    let label = match label.chars().count() > MAX_LABEL_CHARS {
        true => label.chars().take(MAX_LABEL_CHARS - 1).chain(['…']).collect(),
        false => label,
    };
    let width = if label.is_empty() { 0.0 } else { text_width(&label, LABEL_CHAR_WIDTH) + 6.0 };
    Route { label, middle: (0.0, 0.0), width, points: Vec::new(), back: false }
}

/// The kind that determines the shape of a box.
fn kind_of(graph: &Graph, item: Item) -> Kind {
    match item {
        Item::Entry(_) => Kind::Event,
        Item::Node(ix) => graph.node(ix).map_or(Kind::Action, |node| node.kind),
        Item::End => Kind::Action,
    }
}

fn origin_vertex(graph: &Graph, arrow: &Arrow) -> usize {
    match arrow.from {
        Origin::Entry(n) => n,
        Origin::Node(ix) => graph.entries.len() + ix.0 as usize,
    }
}

/// The boxes of entries and nodes, with their sizes.
fn measure_boxes(graph: &Graph, words: &Words<'_>) -> Vec<PlacedBox> {
    let entries = graph.entries.iter().enumerate();
    let entries = entries.map(|(n, entry)| measure(Item::Entry(n), Kind::Event, &words.entry(entry)));
    let nodes = (0..).map(NodeIx).zip(&graph.nodes);
    entries.chain(nodes.map(|(ix, node)| measure(Item::Node(ix), node.kind, &words.node(ix)))).collect()
}

/// A box that fits its text, in the shape of its kind.
fn measure(item: Item, kind: Kind, text: &str) -> PlacedBox {
    let (max_chars, max_lines) = match kind {
        Kind::Condition => (19, 4),
        Kind::Event => (27, 6),
        Kind::Wait | Kind::Action => (27, 4),
    };
    let lines = wrap(text, max_chars, max_lines);
    let text_width = lines.iter().map(|line| text_width(line, CHAR_WIDTH)).fold(0.0, f64::max);
    #[allow(clippy::cast_precision_loss, reason = "a few lines")]
    let text_height = lines.len() as f64 * LINE_HEIGHT;
    let (width, height) = match kind {
        // The corners of the text touch the sides of the diamond.
        Kind::Condition => (text_width * 1.6 + 24.0, text_height * 2.0 + 26.0),
        Kind::Wait => (text_width + 48.0, text_height + 18.0),
        Kind::Event => (text_width + 36.0, text_height + 18.0),
        Kind::Action => (text_width + 26.0, text_height + 18.0),
    };
    PlacedBox { item, x: 0.0, y: 0.0, width: width.max(64.0), height, lines }
}

/// Wraps text to `max_chars` a line and truncates it to `max_lines`.
pub(super) fn wrap(text: &str, max_chars: usize, max_lines: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        lines.push(String::new());
        for word in paragraph.split_whitespace() {
            let Some(line) = lines.last_mut() else { break };
            let space = max_chars.saturating_sub(line.chars().count() + 1);
            if line.is_empty() || word.chars().count() <= space {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(word);
            } else {
                lines.push(word.to_owned());
            }
        }
    }
    let truncated = lines.len() > max_lines;
    lines.truncate(max_lines);
    for line in &mut lines {
        if line.chars().count() > max_chars {
            *line = line.chars().take(max_chars - 1).chain(['…']).collect();
        }
    }
    if let Some(last) = lines.last_mut().filter(|last| truncated && !last.ends_with('…')) {
        last.push('…');
    }
    lines
}
