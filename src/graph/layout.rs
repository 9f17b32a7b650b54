//! Where everything of a drawing is. In: a graph. Out: boxes and the ways of arrows, in pixels.

use super::arrows::{Arrow, End};
use super::draw::caption;
use super::layer::{Chain, Layers, layers};
use super::{Graph, Kind, NodeIx};

/// The space between two boxes of a layer, and between two layers.
const SPACE: (f64, f64) = (26.0, 44.0);
/// The height of a line of words, and about how wide a letter is.
const LINE: f64 = 17.0;
const LETTER: f64 = 7.3;
/// The margin around the whole drawing.
const MARGIN: f64 = 14.0;
/// The width of a lane in which an arrow passes a layer.
const LANE: f64 = 12.0;
/// How often boxes are moved towards their neighbours, from top to bottom and back.
const ROUNDS: usize = 24;

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
    /// The points that it passes, from its beginning to its head.
    pub points: Vec<(f64, f64)>,
    /// Whether it leads back up, from side to side, and not from top to bottom.
    pub back: bool,
}

/// Lays a graph out from top to bottom.
#[must_use]
pub fn layout(graph: &Graph) -> Layout {
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
    let layers = layers(boxes.len(), &pairs);
    let widths: Vec<f64> =
        (0..layers.count).map(|vertex| boxes.get(vertex).map_or(LANE, |placed| placed.width)).collect();
    let across = across(&layers, &pairs, &widths);
    let bands = bands(&layers, &boxes);
    for (row, band) in layers.rows.iter().zip(&bands) {
        for vertex in row {
            if let Some(placed) = boxes.get_mut(*vertex) {
                placed.x = at(&across, *vertex);
                placed.y = f64::midpoint(band.0, band.1);
            }
        }
    }
    let mut right: Vec<f64> = layers.rows.iter().map(|row| right_of(row, &across, &widths)).collect();
    let mut ways: Vec<Way> = Vec::with_capacity(arrows.len());
    for ((arrow, pair), chain) in arrows.iter().zip(&pairs).zip(&layers.chains) {
        let points = if chain.back {
            way_back(*pair, &boxes, &layers, &mut right)
        } else {
            way_down(*pair, chain, &boxes, &layers, &across, &bands)
        };
        ways.push(Way { label: arrow.label.to_string(), points, back: chain.back });
    }
    let width = right.iter().copied().fold(0.0, f64::max) + MARGIN;
    Layout { width, height: bands.last().map_or(0.0, |band| band.1) + MARGIN, boxes, ways }
}

/// Where a layer ends on the right.
fn right_of(row: &[usize], across: &[f64], widths: &[f64]) -> f64 {
    row.iter().map(|vertex| at(across, *vertex) + at(widths, *vertex) / 2.0).fold(0.0, f64::max)
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

/// The top and the bottom of each layer.
fn bands(layers: &Layers, boxes: &[Placed]) -> Vec<(f64, f64)> {
    let mut top = MARGIN;
    let height = |vertex: &usize| boxes.get(*vertex).map_or(0.0, |placed| placed.height);
    let bands = layers.rows.iter().map(|row| {
        let bottom = top + row.iter().map(height).fold(0.0, f64::max);
        let band = (top, bottom);
        top = bottom + SPACE.1;
        band
    });
    bands.collect()
}

/// The middle of each vertex from left to right: as near to its neighbours as the boxes beside it let it be.
fn across(layers: &Layers, pairs: &[(usize, usize)], widths: &[f64]) -> Vec<f64> {
    let links = layers.links(pairs);
    let mut across = vec![0.0; layers.count];
    for row in &layers.rows {
        settle(row, widths, &mut across, |_| None);
    }
    for round in 0..ROUNDS {
        let down = round % 2 == 0;
        let mut order: Vec<&Vec<usize>> = layers.rows.iter().collect();
        if !down {
            order.reverse();
        }
        for row in order {
            let before = across.clone();
            settle(row, widths, &mut across, |vertex| {
                let beside = links.iter().filter_map(|(up, low)| match down {
                    true if *low == vertex => Some(at(&before, *up)),
                    false if *up == vertex => Some(at(&before, *low)),
                    true | false => None,
                });
                let (sum, count) = beside.fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
                (count > 0.0).then(|| sum / count)
            });
        }
    }
    close_up(layers, &links, widths, &mut across);
    across
}

/// Moves parts that no arrow joins to each other, such as the chains of several entries, up to one another.
fn close_up(layers: &Layers, links: &[(usize, usize)], widths: &[f64], across: &mut [f64]) {
    let mut ends = vec![MARGIN; layers.rows.len()];
    let mut parts = parts(layers.count, links);
    let left = |vertex: usize, across: &[f64]| at(across, vertex) - at(widths, vertex) / 2.0;
    let first = |part: &[usize], across: &[f64]| part.iter().map(|v| left(*v, across)).fold(f64::INFINITY, f64::min);
    parts.sort_by(|a, b| first(a, across).total_cmp(&first(b, across)));
    for part in parts {
        let places: Vec<(usize, usize)> = part.iter().filter_map(|v| Some((*v, layer_of(layers, *v)?))).collect();
        let room = places.iter().map(|(vertex, layer)| left(*vertex, across) - at(&ends, *layer));
        let room = room.fold(f64::INFINITY, f64::min);
        for (vertex, layer) in places {
            if let (Some(x), Some(end)) = (across.get_mut(vertex), ends.get_mut(layer)) {
                *x -= room;
                *end = end.max(*x + at(widths, vertex) / 2.0 + SPACE.0);
            }
        }
    }
}

/// The vertices by what arrows join.
fn parts(count: usize, links: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut part: Vec<usize> = (0..count).collect();
    for (up, low) in links {
        let (Some(from), Some(to)) = (part.get(*up).copied(), part.get(*low).copied()) else { continue };
        part.iter_mut().filter(|part| **part == to).for_each(|part| *part = from);
    }
    let mut names: Vec<usize> = part.clone();
    names.sort_unstable();
    names.dedup();
    names.iter().map(|name| (0..count).filter(|vertex| part.get(*vertex) == Some(name)).collect()).collect()
}

/// Moves the vertices of a layer to where they want to be, in their order and without touching each other, so that
/// the squares of the distances that are left are least: neighbours that would touch move as one block.
fn settle(row: &[usize], widths: &[f64], across: &mut [f64], wanted: impl Fn(usize) -> Option<f64>) {
    // A block: the sum of what its vertices want of their common place, how many they are.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    let mut offsets = Vec::with_capacity(row.len());
    let mut offset = 0.0;
    for (n, vertex) in row.iter().enumerate() {
        if let Some(before) = n.checked_sub(1).and_then(|n| row.get(n)) {
            offset += f64::midpoint(at(widths, *before), at(widths, *vertex)) + SPACE.0;
        }
        offsets.push(offset);
        let want = wanted(*vertex).unwrap_or_else(|| at(across, *vertex)) - offset;
        blocks.push((want, 1.0, 1));
        while let [.., (left, left_weight, _), (right, weight, _)] = blocks.as_slice() {
            if left / left_weight <= right / weight {
                break;
            }
            let Some((sum, weight, count)) = blocks.pop() else { break };
            if let Some(last) = blocks.last_mut() {
                *last = (last.0 + sum, last.1 + weight, last.2 + count);
            }
        }
    }
    let places = blocks.iter().flat_map(|(sum, weight, count)| std::iter::repeat_n(sum / weight, *count));
    for ((vertex, offset), place) in row.iter().zip(offsets).zip(places) {
        if let Some(x) = across.get_mut(*vertex) {
            *x = place + offset;
        }
    }
}

/// The points of an arrow from layer to layer.
fn way_down(
    (from, to): (usize, usize),
    chain: &Chain,
    boxes: &[Placed],
    layers: &Layers,
    across: &[f64],
    bands: &[(f64, f64)],
) -> Vec<(f64, f64)> {
    let (Some(from), Some(to)) = (boxes.get(from), boxes.get(to)) else { return Vec::new() };
    let bends = chain.bends.iter().flat_map(|bend| {
        let band = layer_of(layers, *bend).and_then(|layer| bands.get(layer)).copied().unwrap_or_default();
        [(at(across, *bend), band.0), (at(across, *bend), band.1)]
    });
    let start = (from.x, from.y + from.height / 2.0);
    std::iter::once(start).chain(bends).chain([(to.x, to.y - to.height / 2.0)]).collect()
}

/// The points of an arrow that leads back: up on the right of everything that is beside it.
fn way_back((from, to): (usize, usize), boxes: &[Placed], layers: &Layers, right: &mut [f64]) -> Vec<(f64, f64)> {
    let passed = layer_of(layers, to).zip(layer_of(layers, from));
    let (Some(from), Some(to), Some((top, bottom))) = (boxes.get(from), boxes.get(to), passed) else {
        return Vec::new();
    };
    let Some(beside) = right.get_mut(top..=bottom) else { return Vec::new() };
    let lane = beside.iter().copied().fold(0.0, f64::max) + LANE * 2.0;
    beside.fill(lane);
    vec![(from.x + from.width / 2.0, from.y), (lane, from.y), (lane, to.y), (to.x + to.width / 2.0, to.y)]
}

fn layer_of(layers: &Layers, vertex: usize) -> Option<usize> {
    layers.rows.iter().position(|row| row.contains(&vertex))
}

fn at(list: &[f64], n: usize) -> f64 {
    list.get(n).copied().unwrap_or(0.0)
}
