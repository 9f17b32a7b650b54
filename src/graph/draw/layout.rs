//! Where everything of a drawing is. In: a graph. Out: boxes, the ways of arrows and their labels, in pixels.

use super::caption::caption;
use super::geometry::{Item, Layout, MARGIN, PlacedBox, Route};
use super::layer::layers;
use super::route::Router;
use super::x_coordinate::{Columns, x_coordinates};
use crate::graph::{Arrow, Graph, Kind, NodeIx, Origin};

/// The height of a line of words, and about how wide a letter is.
const LINE_HEIGHT: f64 = 17.0;
const CHAR_WIDTH: f64 = 7.3;
/// The width of a lane in which an arrow passes a layer.
const LANE_WIDTH: f64 = 12.0;
/// How wide a letter of a label is, and how many a label has at most.
const LABEL_CHAR_WIDTH: f64 = 6.8;
const MAX_LABEL_CHARS: usize = 28;

/// Lays a graph out from top to bottom.
#[must_use]
pub fn layout(graph: &Graph) -> Layout {
    layout_with_labels(graph, |_, label| label.to_owned())
}

/// Lays a graph out with other labels: `label` is given the place of an arrow in [`Graph::arrows`] and what it says.
pub(super) fn layout_with_labels(graph: &Graph, label: impl Fn(usize, &str) -> String) -> Layout {
    let arrows = graph.arrows();
    let mut boxes = measure_boxes(graph);
    let mut pairs = Vec::with_capacity(arrows.len());
    for arrow in &arrows {
        // Every arrow to the end of the run has an end of its own: one end for all would draw them across everything.
        let to = arrow.to.map(|ix| graph.entries.len() + ix.0 as usize).unwrap_or_else(|| {
            boxes.push(PlacedBox { item: Item::End, x: 0.0, y: 0.0, width: 14.0, height: 14.0, lines: Vec::new() });
            boxes.len() - 1
        });
        pairs.push((origin_vertex(graph, arrow), to));
    }
    let mut routes: Vec<Route> = arrows.iter().enumerate().map(|(n, arrow)| unrouted(label(n, &arrow.label))).collect();
    let layers = layers(boxes.len(), &pairs);
    let mut widths: Vec<f64> = boxes.iter().map(|placed| placed.width).collect();
    widths.resize(layers.count, LANE_WIDTH);
    for ((route, chain), pair) in routes.iter_mut().zip(&layers.chains).zip(&pairs) {
        route.back = chain.back;
        // The label of an arrow to where it begins stands on the one bend that this has.
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

/// The way of an arrow of which only the words are known.
fn unrouted(label: String) -> Route {
    let label = match label.chars().count() > MAX_LABEL_CHARS {
        true => label.chars().take(MAX_LABEL_CHARS - 1).chain(['…']).collect(),
        false => label,
    };
    #[allow(clippy::cast_precision_loss, reason = "a few dozen letters")]
    let width = if label.is_empty() { 0.0 } else { label.chars().count() as f64 * LABEL_CHAR_WIDTH + 6.0 };
    Route { label, middle: (0.0, 0.0), width, points: Vec::new(), back: false }
}

/// The kind of what a box shows, which gives it its shape.
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

/// Entries and nodes with their sizes.
fn measure_boxes(graph: &Graph) -> Vec<PlacedBox> {
    let entries =
        graph.entries.iter().enumerate().map(|(n, entry)| measure(Item::Entry(n), Kind::Event, entry.text.clone()));
    let nodes = (0..).map(NodeIx).zip(&graph.nodes);
    entries.chain(nodes.map(|(ix, node)| measure(Item::Node(ix), node.kind, caption(node)))).collect()
}

/// A box around words, in the shape of its kind.
fn measure(item: Item, kind: Kind, words: String) -> PlacedBox {
    let (max_chars, max_lines) = if kind == Kind::Condition { (19, 4) } else { (27, 3) };
    let lines = wrap(&words, max_chars, max_lines);
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    #[allow(clippy::cast_precision_loss, reason = "a few dozen letters")]
    let (text_width, text_height) = (longest as f64 * CHAR_WIDTH, lines.len() as f64 * LINE_HEIGHT);
    let (width, height) = match kind {
        // The corners of the words touch the sides of the diamond.
        Kind::Condition => (text_width * 1.6 + 24.0, text_height * 2.0 + 26.0),
        Kind::Wait => (text_width + 48.0, text_height + 18.0),
        Kind::Event => (text_width + 36.0, text_height + 18.0),
        Kind::Action => (text_width + 26.0, text_height + 18.0),
    };
    PlacedBox { item, x: 0.0, y: 0.0, width: width.max(64.0), height, lines }
}

/// Words on lines of so many letters, and not more than so many lines.
fn wrap(words: &str, max_chars: usize, max_lines: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in words.lines() {
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
