//! Coordinate assignment: the x coordinate of each vertex, given the layers and widths.

use super::geometry::MARGIN;
use super::layer::Layers;

/// The space between two boxes of a layer, between a box and a bend, and between two bends.
const BOX_TO_BOX: f64 = 26.0;
const BOX_TO_BEND: f64 = 18.0;
const BEND_TO_BEND: f64 = 8.0;
/// How many times boxes are moved towards their neighbors, alternating downward and upward.
const ROUNDS: usize = 24;
/// The weight of a link between two bends relative to one that touches a box; it straightens long arrows.
const BEND_PULL: f64 = 4.0;

/// The vertices to place, and their widths.
pub(super) struct Columns<'a> {
    /// The layers.
    pub(super) layers: &'a Layers,
    /// The number of boxes; these are the first vertices.
    pub(super) boxes: usize,
    /// The width of each vertex.
    pub(super) widths: &'a [f64],
}

/// Returns the x coordinate of the center of each vertex: as close to its neighbors as the rest of its layer permits.
pub(super) fn x_coordinates(columns: &Columns, pairs: &[(usize, usize)]) -> Vec<f64> {
    let Columns { layers, boxes, .. } = columns;
    let links = layers.links(pairs);
    let weight = |a: usize, b: usize| if a.min(b) >= *boxes { BEND_PULL } else { 1.0 };
    let mut xs = vec![0.0; layers.count];
    for row in &layers.rows {
        columns.place_row(row, &mut xs, |_| None);
    }
    for round in 0..ROUNDS {
        let downward = round % 2 == 0;
        let mut order: Vec<&Vec<usize>> = layers.rows.iter().collect();
        if !downward {
            order.reverse();
        }
        for row in order {
            let before = xs.clone();
            columns.place_row(row, &mut xs, |vertex| {
                let next = links.iter().filter_map(|(up, down)| match downward {
                    true if *down == vertex => Some((at(&before, *up), weight(*up, *down))),
                    false if *up == vertex => Some((at(&before, *down), weight(*up, *down))),
                    true | false => None,
                });
                let anchored_x = columns.anchored_x(vertex, &before).map(|x| (x, 1.0));
                let pulled = next.chain(anchored_x).fold((0.0, 0.0), |(sum, all), (x, w)| (sum + x * w, all + w));
                (pulled.1 > 0.0).then(|| pulled.0 / pulled.1)
            });
        }
    }
    columns.pack_components(&links, &mut xs);
    xs
}

impl Columns<'_> {
    /// The minimum distance between the centers of two adjacent vertices of a layer.
    fn min_distance(&self, left: usize, right: usize) -> f64 {
        let space = match (left < self.boxes, right < self.boxes) {
            (true, true) => BOX_TO_BOX,
            (false, false) => BEND_TO_BEND,
            (true, false) | (false, true) => BOX_TO_BEND,
        };
        f64::midpoint(at(self.widths, left), at(self.widths, right)) + space
    }

    /// The preferred x coordinate of a bend that is anchored beside a vertex.
    fn anchored_x(&self, bend: usize, xs: &[f64]) -> Option<f64> {
        let anchor = self.layers.anchors.get(&bend)?;
        let distance = self.min_distance(anchor.vertex, bend);
        Some(at(xs, anchor.vertex) + if anchor.left { -distance } else { distance })
    }

    /// Closes the space between connected components, such as the chains of several entries.
    fn pack_components(&self, links: &[(usize, usize)], xs: &mut [f64]) {
        let Self { layers, widths, .. } = *self;
        let mut ends = vec![MARGIN; layers.rows.len()];
        let anchored_x = layers.anchors.iter().map(|(bend, anchor)| (anchor.vertex, *bend));
        let joined: Vec<(usize, usize)> = links.iter().copied().chain(anchored_x).collect();
        let mut components = components(layers.count, &joined);
        let left = |vertex: usize, xs: &[f64]| at(xs, vertex) - at(widths, vertex) / 2.0;
        let first =
            |component: &[usize], xs: &[f64]| component.iter().map(|v| left(*v, xs)).fold(f64::INFINITY, f64::min);
        components.sort_by(|a, b| first(a, xs).total_cmp(&first(b, xs)));
        for component in components {
            let positions: Vec<(usize, usize)> =
                component.iter().filter_map(|v| Some((*v, layers.layer(*v)?))).collect();
            let slack = positions.iter().map(|(vertex, layer)| left(*vertex, xs) - at(&ends, *layer));
            let slack = slack.fold(f64::INFINITY, f64::min);
            for (vertex, layer) in positions {
                if let (Some(x), Some(end)) = (xs.get_mut(vertex), ends.get_mut(layer)) {
                    *x -= slack;
                    *end = end.max(*x + at(widths, vertex) / 2.0 + BOX_TO_BOX);
                }
            }
        }
    }

    /// Moves the vertices of a layer to where they want to be, keeping their order and minimum distances and minimizing
    /// the squared error: vertices that would overlap move as one block.
    fn place_row(&self, row: &[usize], xs: &mut [f64], preferred: impl Fn(usize) -> Option<f64>) {
        // A block: the sum of its vertices' preferred positions, its weight and its length.
        let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
        let mut offsets = Vec::with_capacity(row.len());
        let mut offset = 0.0;
        for (n, vertex) in row.iter().enumerate() {
            if let Some(before) = n.checked_sub(1).and_then(|n| row.get(n)) {
                offset += self.min_distance(*before, *vertex);
            }
            offsets.push(offset);
            let want = preferred(*vertex).unwrap_or_else(|| at(xs, *vertex)) - offset;
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
        let positions = blocks.iter().flat_map(|(sum, weight, count)| std::iter::repeat_n(sum / weight, *count));
        for ((vertex, offset), place) in row.iter().zip(offsets).zip(positions) {
            if let Some(x) = xs.get_mut(*vertex) {
                *x = place + offset;
            }
        }
    }
}

/// The connected components.
fn components(count: usize, links: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut component: Vec<usize> = (0..count).collect();
    for (up, down) in links {
        let (Some(from), Some(to)) = (component.get(*up).copied(), component.get(*down).copied()) else { continue };
        component.iter_mut().filter(|component| **component == to).for_each(|component| *component = from);
    }
    let mut names: Vec<usize> = component.clone();
    names.sort_unstable();
    names.dedup();
    names.iter().map(|name| (0..count).filter(|vertex| component.get(*vertex) == Some(name)).collect()).collect()
}

/// The element at an index, or 0 beyond the end.
pub(super) fn at(list: &[f64], n: usize) -> f64 {
    list.get(n).copied().unwrap_or(0.0)
}
