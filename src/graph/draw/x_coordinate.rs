//! Where vertices of layers are from left to right. In: layers and widths. Out: the middle of each vertex.

use super::layer::Layers;
use super::layout::MARGIN;

/// The space between two boxes of a layer, between a box and a bend, and between two bends.
const SPACE: f64 = 26.0;
const BESIDE: f64 = 18.0;
const BETWEEN: f64 = 8.0;
/// How often boxes are moved towards their neighbours, from top to bottom and back.
const ROUNDS: usize = 24;
/// How much more than a box a bend draws the next bend of its arrow to itself, so that long arrows are straight.
const STRAIGHT: f64 = 4.0;

/// What stands beside each other.
pub(super) struct Beside<'a> {
    /// The layers.
    pub(super) layers: &'a Layers,
    /// How many of the vertices are boxes: the first ones.
    pub(super) boxes: usize,
    /// How wide each vertex is.
    pub(super) widths: &'a [f64],
}

/// The middle of each vertex from left to right: as near to its neighbours as the boxes beside it let it be.
pub(super) fn across(beside: &Beside, pairs: &[(usize, usize)]) -> Vec<f64> {
    let Beside { layers, boxes, .. } = beside;
    let links = layers.links(pairs);
    let weight = |a: usize, b: usize| if a.min(b) >= *boxes { STRAIGHT } else { 1.0 };
    let mut across = vec![0.0; layers.count];
    for row in &layers.rows {
        beside.settle(row, &mut across, |_| None);
    }
    for round in 0..ROUNDS {
        let down = round % 2 == 0;
        let mut order: Vec<&Vec<usize>> = layers.rows.iter().collect();
        if !down {
            order.reverse();
        }
        for row in order {
            let before = across.clone();
            beside.settle(row, &mut across, |vertex| {
                let next = links.iter().filter_map(|(up, low)| match down {
                    true if *low == vertex => Some((at(&before, *up), weight(*up, *low))),
                    false if *up == vertex => Some((at(&before, *low), weight(*up, *low))),
                    true | false => None,
                });
                let docked = beside.docked(vertex, &before).map(|x| (x, 1.0));
                let pulled = next.chain(docked).fold((0.0, 0.0), |(sum, all), (x, w)| (sum + x * w, all + w));
                (pulled.1 > 0.0).then(|| pulled.0 / pulled.1)
            });
        }
    }
    beside.close_up(&links, &mut across);
    across
}

impl Beside<'_> {
    /// How far apart the middles of two neighbours of a layer are at least.
    fn apart(&self, left: usize, right: usize) -> f64 {
        let space = match (left < self.boxes, right < self.boxes) {
            (true, true) => SPACE,
            (false, false) => BETWEEN,
            (true, false) | (false, true) => BESIDE,
        };
        f64::midpoint(at(self.widths, left), at(self.widths, right)) + space
    }

    /// Where a bend beside an end of its arrow wants to be.
    fn docked(&self, bend: usize, across: &[f64]) -> Option<f64> {
        let dock = self.layers.docks.get(&bend)?;
        let apart = self.apart(dock.at, bend);
        Some(at(across, dock.at) + if dock.left { -apart } else { apart })
    }

    /// Moves parts that no arrow joins to each other, such as the chains of several entries, up to one another.
    fn close_up(&self, links: &[(usize, usize)], across: &mut [f64]) {
        let Self { layers, widths, .. } = *self;
        let mut ends = vec![MARGIN; layers.rows.len()];
        let docked = layers.docks.iter().map(|(bend, dock)| (dock.at, *bend));
        let joined: Vec<(usize, usize)> = links.iter().copied().chain(docked).collect();
        let mut parts = parts(layers.count, &joined);
        let left = |vertex: usize, across: &[f64]| at(across, vertex) - at(widths, vertex) / 2.0;
        let first =
            |part: &[usize], across: &[f64]| part.iter().map(|v| left(*v, across)).fold(f64::INFINITY, f64::min);
        parts.sort_by(|a, b| first(a, across).total_cmp(&first(b, across)));
        for part in parts {
            let places: Vec<(usize, usize)> = part.iter().filter_map(|v| Some((*v, layers.layer(*v)?))).collect();
            let room = places.iter().map(|(vertex, layer)| left(*vertex, across) - at(&ends, *layer));
            let room = room.fold(f64::INFINITY, f64::min);
            for (vertex, layer) in places {
                if let (Some(x), Some(end)) = (across.get_mut(vertex), ends.get_mut(layer)) {
                    *x -= room;
                    *end = end.max(*x + at(widths, vertex) / 2.0 + SPACE);
                }
            }
        }
    }

    /// Moves the vertices of a layer to where they want to be, in their order and without touching each other, so that
    /// the squares of the distances that are left are least: neighbours that would touch move as one block.
    fn settle(&self, row: &[usize], across: &mut [f64], wanted: impl Fn(usize) -> Option<f64>) {
        // A block: the sum of what its vertices want of their common place, how many they are.
        let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
        let mut offsets = Vec::with_capacity(row.len());
        let mut offset = 0.0;
        for (n, vertex) in row.iter().enumerate() {
            if let Some(before) = n.checked_sub(1).and_then(|n| row.get(n)) {
                offset += self.apart(*before, *vertex);
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

/// A number of a list, 0 beyond its end.
pub(super) fn at(list: &[f64], n: usize) -> f64 {
    list.get(n).copied().unwrap_or(0.0)
}
