//! Where everything of a drawing is. In: a graph. Out: boxes, the ways of arrows and their labels, in pixels.

use super::arrows::{Arrow, End};
use super::draw::caption;
use super::layer::layers;
use super::place::{Beside, across};
use super::route::Router;
use super::{Graph, Kind, NodeIx};

/// The height of a line of words, and about how wide a letter is.
const LINE: f64 = 17.0;
const LETTER: f64 = 7.3;
/// The margin around the whole drawing.
pub(super) const MARGIN: f64 = 14.0;
/// The width of a lane in which an arrow passes a layer.
const LANE: f64 = 12.0;
/// How wide a letter of a label is, and how many a label has at most.
const SMALL: f64 = 6.8;
const LETTERS: usize = 28;

/// A drawing's places.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
    /// The boxes: entries, nodes, then the ends of runs.
    pub boxes: Vec<Placed>,
    /// The ways of the arrows, in the order of [`Graph::arrows`].
    pub ways: Vec<Way>,
}

/// A box in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// What it shows.
    pub item: Item,
    /// The middle.
    pub x: f64,
    /// The middle.
    pub y: f64,
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
    /// Its words, line by line.
    pub lines: Vec<String>,
}

/// What a box shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// An entry, by its place in [`Graph::entries`].
    Entry(usize),
    /// A node.
    Node(NodeIx),
    /// The end of a run.
    End,
}

/// The way of an arrow.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// Its label, empty for a plain one.
    pub label: String,
    /// The middle of its label.
    pub middle: (f64, f64),
    /// How wide its label is.
    pub width: f64,
    /// The points that it passes, from its beginning to its head. Between two of them it is straight where these are
    /// above or beside each other; else it bends, and stays within the rectangle of both.
    pub points: Vec<(f64, f64)>,
    /// Whether it leads back up, from side to side, and not from top to bottom.
    pub back: bool,
}

/// Lays a graph out from top to bottom.
#[must_use]
pub fn layout(graph: &Graph) -> Layout {
    labelled(graph, |_, label| label.to_owned())
}

/// Lays a graph out with other labels: `label` is given the place of an arrow in [`Graph::arrows`] and what it says.
pub(super) fn labelled(graph: &Graph, label: impl Fn(usize, &str) -> String) -> Layout {
    let arrows = graph.arrows();
    let mut boxes = boxes(graph);
    let mut pairs = Vec::with_capacity(arrows.len());
    for arrow in &arrows {
        // Every arrow to the end of the run has an end of its own: one end for all would draw them across everything.
        let to = arrow.to.map(|ix| graph.entries.len() + ix.0 as usize).unwrap_or_else(|| {
            boxes.push(Placed { item: Item::End, x: 0.0, y: 0.0, width: 14.0, height: 14.0, lines: Vec::new() });
            boxes.len() - 1
        });
        pairs.push((begins(graph, arrow), to));
    }
    let mut ways: Vec<Way> = arrows.iter().enumerate().map(|(n, arrow)| way(label(n, &arrow.label))).collect();
    let layers = layers(boxes.len(), &pairs);
    let mut widths: Vec<f64> = boxes.iter().map(|placed| placed.width).collect();
    widths.resize(layers.count, LANE);
    for ((way, chain), pair) in ways.iter_mut().zip(&layers.chains).zip(&pairs) {
        way.back = chain.back;
        // The label of an arrow to where it begins stands on the one bend that this has.
        if let (true, Some(wide)) = (pair.0 == pair.1, chain.bends.first().and_then(|bend| widths.get_mut(*bend))) {
            *wide = wide.max(way.width);
        }
    }
    let across = across(&Beside { layers: &layers, boxes: boxes.len(), widths: &widths }, &pairs);
    let kinds: Vec<Kind> = boxes.iter().map(|placed| kind(graph, placed.item)).collect();
    let router = Router { layers: &layers, pairs: &pairs, across: &across, kinds: &kinds };
    let bands = router.route(&mut boxes, &mut ways);
    let mut layout = Layout { width: 0.0, height: bands.last().map_or(0.0, |band| band.1) + MARGIN, boxes, ways };
    layout.fit();
    layout
}

/// The way of an arrow of which only the words are known.
fn way(label: String) -> Way {
    let label = match label.chars().count() > LETTERS {
        true => label.chars().take(LETTERS - 1).chain(['…']).collect(),
        false => label,
    };
    #[allow(clippy::cast_precision_loss, reason = "a few dozen letters")]
    let width = if label.is_empty() { 0.0 } else { label.chars().count() as f64 * SMALL + 6.0 };
    Way { label, middle: (0.0, 0.0), width, points: Vec::new(), back: false }
}

impl Layout {
    /// Moves everything so that the margin on the left is as wide as it shall be, and measures.
    fn fit(&mut self) {
        let boxes = self.boxes.iter().map(|placed| (placed.x - placed.width / 2.0, placed.x + placed.width / 2.0));
        let labels = self.ways.iter().filter(|way| !way.label.is_empty());
        let labels = labels.map(|way| (way.middle.0 - way.width / 2.0, way.middle.0 + way.width / 2.0));
        let points = self.ways.iter().flat_map(|way| way.points.iter().map(|point| (point.0, point.0)));
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        let (left, right) =
            boxes.chain(labels).chain(points).fold(start, |sum, side| (sum.0.min(side.0), sum.1.max(side.1)));
        if left > right {
            return;
        }
        let by = MARGIN - left;
        self.boxes.iter_mut().for_each(|placed| placed.x += by);
        for way in &mut self.ways {
            way.middle.0 += by;
            way.points.iter_mut().for_each(|point| point.0 += by);
        }
        self.width = right + by + MARGIN;
    }
}

/// The kind of what a box shows, which gives it its shape.
fn kind(graph: &Graph, item: Item) -> Kind {
    match item {
        Item::Entry(_) => Kind::Event,
        Item::Node(ix) => graph.node(ix).map_or(Kind::Action, |node| node.kind),
        Item::End => Kind::Action,
    }
}

fn begins(graph: &Graph, arrow: &Arrow) -> usize {
    match arrow.from {
        End::Entry(n) => n,
        End::Node(ix) => graph.entries.len() + ix.0 as usize,
    }
}

/// Entries and nodes with their sizes.
fn boxes(graph: &Graph) -> Vec<Placed> {
    let entries =
        graph.entries.iter().enumerate().map(|(n, entry)| sized(Item::Entry(n), Kind::Event, entry.text.clone()));
    let nodes = (0..).map(NodeIx).zip(&graph.nodes);
    entries.chain(nodes.map(|(ix, node)| sized(Item::Node(ix), node.kind, caption(node)))).collect()
}

/// A box around words, in the shape of its kind.
fn sized(item: Item, kind: Kind, words: String) -> Placed {
    let (letters, most) = if kind == Kind::Condition { (19, 4) } else { (27, 3) };
    let lines = broken(&words, letters, most);
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    #[allow(clippy::cast_precision_loss, reason = "a few dozen letters")]
    let (wide, high) = (longest as f64 * LETTER, lines.len() as f64 * LINE);
    let (width, height) = match kind {
        // The corners of the words touch the sides of the diamond.
        Kind::Condition => (wide * 1.6 + 24.0, high * 2.0 + 26.0),
        Kind::Wait => (wide + 48.0, high + 18.0),
        Kind::Event => (wide + 36.0, high + 18.0),
        Kind::Action => (wide + 26.0, high + 18.0),
    };
    Placed { item, x: 0.0, y: 0.0, width: width.max(64.0), height, lines }
}

/// Words on lines of so many letters, and not more than so many lines.
fn broken(words: &str, letters: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for written in words.lines() {
        lines.push(String::new());
        for word in written.split_whitespace() {
            let Some(line) = lines.last_mut() else { break };
            let room = letters.saturating_sub(line.chars().count() + 1);
            if line.is_empty() || word.chars().count() <= room {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(word);
            } else {
                lines.push(word.to_owned());
            }
        }
    }
    let cut = lines.len() > most;
    lines.truncate(most);
    for line in &mut lines {
        if line.chars().count() > letters {
            *line = line.chars().take(letters - 1).chain(['…']).collect();
        }
    }
    if let Some(last) = lines.last_mut().filter(|last| cut && !last.ends_with('…')) {
        last.push('…');
    }
    lines
}
