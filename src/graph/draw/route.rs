//! Edge routing and label placement, once the layers and x coordinates are known.
//!
//! Arrows cross only in the gaps between layers. Within a layer an arrow is vertical at a bend or an end, or horizontal
//! to the bend directly beside its end; so no arrow crosses a box.

use super::geometry::{MARGIN, PlacedBox, Route};
use super::layer::{Chain, Layers};
use super::x_coordinate::at;
use crate::graph::Kind;

/// The height of a gap between two layers; more when many labels are stacked in it.
const GAP: f64 = 44.0;
/// The height of a label, and the padding above and below the stack.
const LABEL_HEIGHT: f64 = 17.0;
const LABEL_PADDING: f64 = 12.0;
/// The distance between arrows that enter or leave a box on the same side.
const PORT_SPACING: f64 = 9.0;

/// The input of routing.
pub(super) struct Router<'a> {
    /// The layers.
    pub(super) layers: &'a Layers,
    /// The arrows, as pairs of vertices.
    pub(super) pairs: &'a [(usize, usize)],
    /// The x coordinate of each vertex.
    pub(super) xs: &'a [f64],
    /// The kinds of the boxes.
    pub(super) kinds: &'a [Kind],
}

/// A label in a gap.
struct GapLabel {
    /// The index of its arrow.
    arrow: usize,
    /// The x coordinates at which the arrow enters and leaves the gap.
    ends: (f64, f64),
    /// Its width.
    width: f64,
    /// Its center, relative to the top of the gap.
    middle: (f64, f64),
}

/// The place where an arrow enters or leaves the side of a box.
struct Port {
    /// The vertical order on the side, chosen so that no lane crosses the port of another arrow.
    order: (u8, i64),
    arrow: usize,
    leaves: bool,
    vertex: usize,
    bend: usize,
}

impl Router<'_> {
    /// Computes the y coordinates of the boxes and the points and labels of the routes. Returns the top and bottom of
    /// each layer.
    pub(super) fn route(&self, boxes: &mut [PlacedBox], routes: &mut [Route]) -> Vec<(f64, f64)> {
        let mut gaps: Vec<(Vec<GapLabel>, f64)> = self.layers.rows.iter().map(|_| (Vec::new(), GAP)).collect();
        for (n, route) in routes.iter().enumerate().filter(|(_, route)| !route.label.is_empty()) {
            let Some((gap, label)) = self.gap_label(n, route.width) else { continue };
            if let Some((labels, _)) = gaps.get_mut(gap) {
                labels.push(label);
            }
        }
        for (labels, gap) in &mut gaps {
            *gap = stack_labels(labels);
        }
        let layer_bounds = self.layer_bounds(boxes, &gaps);
        for (row, bounds) in self.layers.rows.iter().zip(&layer_bounds) {
            for vertex in row {
                if let Some(placed) = boxes.get_mut(*vertex) {
                    placed.x = at(self.xs, *vertex);
                    placed.y = f64::midpoint(bounds.0, bounds.1);
                }
            }
        }
        let sides = self.side_ends(boxes);
        for (n, (route, chain)) in routes.iter_mut().zip(&self.layers.chains).enumerate() {
            route.points = match chain.back {
                true => self.back_points(chain, &layer_bounds, sides.get(n).copied().unwrap_or_default()),
                false => self.forward_points(n, chain, &layer_bounds, boxes),
            };
            route.points.dedup();
            // A self-loop has its label beside it; all other labels are placed in gaps, below.
            if let [_, (x, top), (_, low), _] = route.points.as_slice() {
                route.middle = (*x, f64::midpoint(*top, *low));
            }
        }
        for ((labels, _), bounds) in gaps.iter().zip(&layer_bounds) {
            for label in labels {
                if let Some(route) = routes.get_mut(label.arrow) {
                    route.middle = (label.middle.0, bounds.1 + label.middle.1);
                }
            }
        }
        layer_bounds
    }

    /// The gap of an arrow's label: below its origin, or above it for a back edge.
    fn gap_label(&self, arrow: usize, width: f64) -> Option<(usize, GapLabel)> {
        let (chain, pair) = (self.layers.chains.get(arrow)?, self.pairs.get(arrow)?);
        let (gap, upper, lower) = match (chain.back, chain.bends.as_slice()) {
            (true, [.., upper, lower]) => (self.layers.layer(*upper)?, *upper, *lower),
            (true, _) => return None,
            (false, bends) => (self.layers.layer(pair.0)?, pair.0, bends.first().copied().unwrap_or(pair.1)),
        };
        let ends = (at(self.xs, upper), at(self.xs, lower));
        Some((gap, GapLabel { arrow, ends, width, middle: (0.0, 0.0) }))
    }

    /// The top and bottom of each layer.
    fn layer_bounds(&self, boxes: &[PlacedBox], gaps: &[(Vec<GapLabel>, f64)]) -> Vec<(f64, f64)> {
        let mut top = MARGIN;
        let height = |vertex: &usize| boxes.get(*vertex).map_or(0.0, |placed| placed.height);
        let layer_bounds = self.layers.rows.iter().zip(gaps).map(|(row, (_, gap))| {
            let bottom = top + row.iter().map(height).fold(0.0, f64::max);
            let bounds = (top, bottom);
            top = bottom + gap;
            bounds
        });
        layer_bounds.collect()
    }

    /// The points where each back edge leaves its origin and enters its target.
    fn side_ends(&self, boxes: &[PlacedBox]) -> Vec<[(f64, f64); 2]> {
        let mut ports: Vec<Port> = Vec::new();
        for (arrow, (chain, pair)) in self.layers.chains.iter().zip(self.pairs).enumerate() {
            let Some((top, bottom)) = chain.ends().filter(|_| chain.back) else { continue };
            for (leaves, vertex, bend) in [(true, pair.0, bottom), (false, pair.1, top)] {
                // Lanes that go up from here leave above those that arrive from below, so that neither crosses a port.
                let (is_loop, distance) = (top == bottom, self.distance_in_row(vertex, bend));
                let order = match (leaves, is_loop) {
                    (true, false) => (0, distance),
                    (false, true) => (1, -distance),
                    (true, true) => (2, distance),
                    (false, false) => (3, -distance),
                };
                ports.push(Port { order, arrow, leaves, vertex, bend });
            }
        }
        let mut sides = vec![[(0.0, 0.0); 2]; self.pairs.len()];
        let side = |port: &Port| (port.vertex, at(self.xs, port.bend) < at(self.xs, port.vertex));
        ports.sort_by_key(|port| (side(port), port.order));
        for ports in ports.chunk_by(|a, b| side(a) == side(b)) {
            for (n, port) in ports.iter().enumerate() {
                let Some(placed) = boxes.get(port.vertex) else { continue };
                #[allow(clippy::cast_precision_loss, reason = "a few arrows")]
                let (n, count) = (n as f64, ports.len() as f64);
                let step = PORT_SPACING.min((placed.height - 10.0) / count);
                let by = (n - (count - 1.0) / 2.0) * step;
                let half_width = self.half_width_at(port.vertex, placed, by);
                let x = if side(port).1 { placed.x - half_width } else { placed.x + half_width };
                if let Some([start, end]) = sides.get_mut(port.arrow) {
                    *if port.leaves { start } else { end } = (x, placed.y + by);
                }
            }
        }
        sides
    }

    /// The distance in a row between a bend and a box.
    fn distance_in_row(&self, vertex: usize, bend: usize) -> i64 {
        let row = self.layers.rows.iter().find(|row| row.contains(&vertex));
        let place = |vertex: usize| row.and_then(|row| row.iter().position(|other| *other == vertex)).unwrap_or(0);
        i64::try_from(place(vertex).abs_diff(place(bend))).unwrap_or(i64::MAX)
    }

    /// The distance from the center of a box to its outline, at a vertical offset.
    fn half_width_at(&self, vertex: usize, placed: &PlacedBox, by: f64) -> f64 {
        let (half, high) = (placed.width / 2.0, placed.height / 2.0);
        match self.kinds.get(vertex).copied().unwrap_or(Kind::Action) {
            Kind::Condition => half * (1.0 - by.abs() / high),
            Kind::Wait => half - 14.0 * by.abs() / high,
            Kind::Event => half - high + (high * high - by * by).max(0.0).sqrt(),
            Kind::Action => half,
        }
    }

    /// The points of a forward arrow.
    fn forward_points(
        &self,
        arrow: usize,
        chain: &Chain,
        layer_bounds: &[(f64, f64)],
        boxes: &[PlacedBox],
    ) -> Vec<(f64, f64)> {
        let ends = self.pairs.get(arrow).and_then(|(from, to)| boxes.get(*from).zip(boxes.get(*to)));
        let Some((from, to)) = ends else { return Vec::new() };
        let bends = chain.bends.iter().flat_map(|bend| {
            let (x, bounds) = (at(self.xs, *bend), self.bounds_of(*bend, layer_bounds));
            [(x, bounds.0), (x, bounds.1)]
        });
        let edge = |vertex: usize| self.bounds_of(vertex, layer_bounds);
        let (start, end) = self.pairs.get(arrow).map_or((0.0, 0.0), |(from, to)| (edge(*from).1, edge(*to).0));
        let first = [(from.x, from.y + from.height / 2.0), (from.x, start)];
        first.into_iter().chain(bends).chain([(to.x, end), (to.x, to.y - to.height / 2.0)]).collect()
    }

    /// The points of a back edge: out to its first bend, up along a lane, and in from its last bend.
    fn back_points(
        &self,
        chain: &Chain,
        layer_bounds: &[(f64, f64)],
        [start, end]: [(f64, f64); 2],
    ) -> Vec<(f64, f64)> {
        let mut points = vec![start];
        let last = chain.bends.len().saturating_sub(1);
        for (n, bend) in chain.bends.iter().rev().enumerate() {
            let (x, bounds) = (at(self.xs, *bend), self.bounds_of(*bend, layer_bounds));
            points.push((x, if n == 0 { start.1 } else { bounds.1 }));
            points.push((x, if n == last { end.1 } else { bounds.0 }));
        }
        points.push(end);
        points
    }

    fn bounds_of(&self, vertex: usize, layer_bounds: &[(f64, f64)]) -> (f64, f64) {
        self.layers.layer(vertex).and_then(|layer| layer_bounds.get(layer)).copied().unwrap_or_default()
    }
}

/// Stacks the labels of a gap on as few levels as possible without overlap, and returns the height of the gap.
fn stack_labels(labels: &mut [GapLabel]) -> f64 {
    labels.sort_by(|a, b| (a.ends.0 + a.ends.1).total_cmp(&(b.ends.0 + b.ends.1)));
    for levels in 1..=labels.len() {
        #[allow(clippy::cast_precision_loss, reason = "a few labels")]
        let gap = GAP.max(levels as f64 * LABEL_HEIGHT + 2.0 * LABEL_PADDING);
        // The right end of the last label on each level.
        let mut ends = vec![f64::NEG_INFINITY; levels];
        let fits = labels.iter_mut().all(|label| {
            let free = ends.iter_mut().enumerate().find_map(|(level, end)| {
                let offset = level_center(level, levels, gap);
                let x = curve_x(label.ends, offset / gap);
                (x - label.width / 2.0 >= *end).then_some(((x, offset), end))
            });
            let Some((place, end)) = free else { return false };
            label.middle = place;
            *end = place.0 + label.width / 2.0;
            true
        });
        if fits {
            return gap;
        }
    }
    GAP
}

/// The distance from the top of a gap to the center of a level.
fn level_center(level: usize, levels: usize, gap: f64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a few labels")]
    let (level, levels) = (level as f64, levels as f64);
    // A single label sits where its arrow has separated from others with the same origin.
    if levels < 2.0 { gap * 0.58 } else { gap / 2.0 + (level - (levels - 1.0) / 2.0) * LABEL_HEIGHT }
}

/// The x coordinate of a curved arrow at a fraction of the height of a gap.
fn curve_x((from, to): (f64, f64), fraction: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // Bisection: 20 halvings are exact to a hundredth of a pixel.
    for _ in 0..20 {
        let t = f64::midpoint(low, high);
        if 1.5 * t * (1.0 - t) + t * t * t < fraction { low = t } else { high = t }
    }
    let t = f64::midpoint(low, high);
    from + (to - from) * t * t * (3.0 - 2.0 * t)
}
