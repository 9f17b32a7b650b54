//! The ways of arrows between boxes, and where labels stand. In: layers and the middles of vertices. Out: the tops and
//! bottoms of layers, and points.
//!
//! Arrows cross only in the gaps between layers. Within a layer an arrow is straight up and down at a bend of its own or at
//! its end, or straight across to the bend right beside its end; so none passes a box.

use super::geometry::{MARGIN, PlacedBox, Route};
use super::layer::{Chain, Layers};
use super::x_coordinate::at;
use crate::graph::Kind;

/// The space between two layers, and more where so many labels stand above each other.
const GAP: f64 = 44.0;
/// The height of a label, and the space above and below all that stand in a gap.
const LABEL_HEIGHT: f64 = 16.0;
const LABEL_PADDING: f64 = 6.0;
/// How far apart arrows are that leave or enter a box on the same side.
const PORT_SPACING: f64 = 9.0;

/// What is known before anything has a height.
pub(super) struct Router<'a> {
    /// The layers.
    pub(super) layers: &'a Layers,
    /// The arrows, as pairs of vertices.
    pub(super) pairs: &'a [(usize, usize)],
    /// The middle of each vertex from left to right.
    pub(super) xs: &'a [f64],
    /// The kinds of the boxes.
    pub(super) kinds: &'a [Kind],
}

/// A label in a gap.
struct GapLabel {
    /// The place of its arrow.
    arrow: usize,
    /// Where the arrow enters the gap above and below.
    ends: (f64, f64),
    /// How wide it is.
    width: f64,
    /// Its middle, from the top of the gap.
    middle: (f64, f64),
}

/// An arrow on a side of a box that it leaves or enters there.
struct Port {
    /// Where it stands on the side from top to bottom, in an order in which no lane passes the leg of another.
    order: (u8, i64),
    arrow: usize,
    leaves: bool,
    vertex: usize,
    bend: usize,
}

impl Router<'_> {
    /// Gives boxes their heights in the drawing, and arrows their points and labels; gives the layers' tops and bottoms.
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
            // One that leads to where it begins has its label beside it; all others stand in gaps, below.
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

    /// In which gap the label of an arrow stands: below where it begins, or above where it leads back.
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

    /// The top and the bottom of each layer.
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

    /// Where each arrow that leads back leaves its first box and enters its last one.
    fn side_ends(&self, boxes: &[PlacedBox]) -> Vec<[(f64, f64); 2]> {
        let mut ports: Vec<Port> = Vec::new();
        for (arrow, (chain, pair)) in self.layers.chains.iter().zip(self.pairs).enumerate() {
            let Some((top, bottom)) = chain.ends().filter(|_| chain.back) else { continue };
            for (leaves, vertex, bend) in [(true, pair.0, bottom), (false, pair.1, top)] {
                // Lanes that go up from here leave above those that come up to here, so that neither passes a leg.
                let (own, out) = (top == bottom, self.distance_in_row(vertex, bend));
                let order = match (leaves, own) {
                    (true, false) => (0, out),
                    (false, true) => (1, -out),
                    (true, true) => (2, out),
                    (false, false) => (3, -out),
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

    /// How far out a bend is from a box of its layer.
    fn distance_in_row(&self, vertex: usize, bend: usize) -> i64 {
        let row = self.layers.rows.iter().find(|row| row.contains(&vertex));
        let place = |vertex: usize| row.and_then(|row| row.iter().position(|other| *other == vertex)).unwrap_or(0);
        i64::try_from(place(vertex).abs_diff(place(bend))).unwrap_or(i64::MAX)
    }

    /// How far the outline of a box is from its middle, at a height above or below that.
    fn half_width_at(&self, vertex: usize, placed: &PlacedBox, by: f64) -> f64 {
        let (half, high) = (placed.width / 2.0, placed.height / 2.0);
        match self.kinds.get(vertex).copied().unwrap_or(Kind::Action) {
            Kind::Condition => half * (1.0 - by.abs() / high),
            Kind::Wait => half - 14.0 * by.abs() / high,
            Kind::Event => half - high + (high * high - by * by).max(0.0).sqrt(),
            Kind::Action => half,
        }
    }

    /// The points of an arrow from layer to layer.
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

    /// The points of an arrow that leads back: out to its first bend, up in a lane, and in from its last one.
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

/// Puts the labels of a gap on as few levels as there must be for none to touch another, and gives the gap's height.
fn stack_labels(labels: &mut [GapLabel]) -> f64 {
    labels.sort_by(|a, b| (a.ends.0 + a.ends.1).total_cmp(&(b.ends.0 + b.ends.1)));
    for levels in 1..=labels.len() {
        #[allow(clippy::cast_precision_loss, reason = "a few labels")]
        let gap = GAP.max(levels as f64 * LABEL_HEIGHT + 2.0 * LABEL_PADDING);
        // Where the last label of each level ends.
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

/// How far below the top of its gap the middle of a level is.
fn level_center(level: usize, levels: usize, gap: f64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a few labels")]
    let (level, levels) = (level as f64, levels as f64);
    // A label alone stands where its arrow has left others that begin where it does.
    if levels < 2.0 { gap * 0.58 } else { gap / 2.0 + (level - (levels - 1.0) / 2.0) * LABEL_HEIGHT }
}

/// Where a bent arrow is from left to right, at a part of its way down through a gap.
fn curve_x((from, to): (f64, f64), fraction: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // Half the rest is left out each time, so it is known to a hundredth of a pixel.
    for _ in 0..20 {
        let t = f64::midpoint(low, high);
        if 1.5 * t * (1.0 - t) + t * t * t < fraction { low = t } else { high = t }
    }
    let t = f64::midpoint(low, high);
    from + (to - from) * t * t * (3.0 - 2.0 * t)
}
