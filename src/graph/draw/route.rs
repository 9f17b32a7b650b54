//! The ways of arrows between boxes, and where labels stand. In: layers and the middles of vertices. Out: the tops and
//! bottoms of layers, and points.
//!
//! Arrows cross only in the gaps between layers. Within a layer an arrow is straight up and down at a bend of its own or at
//! its end, or straight across to the bend right beside its end; so none passes a box.

use super::Kind;
use super::layer::{Chain, Layers};
use super::layout::{MARGIN, Placed, Way};
use super::place::at;

/// The space between two layers, and more where so many labels stand above each other.
const GAP: f64 = 44.0;
/// The height of a label, and the space above and below all that stand in a gap.
const LABEL: f64 = 16.0;
const FREE: f64 = 6.0;
/// How far apart arrows are that leave or enter a box on the same side.
const STEP: f64 = 9.0;

/// What is known before anything has a height.
pub(super) struct Router<'a> {
    /// The layers.
    pub(super) layers: &'a Layers,
    /// The arrows, as pairs of vertices.
    pub(super) pairs: &'a [(usize, usize)],
    /// The middle of each vertex from left to right.
    pub(super) across: &'a [f64],
    /// The kinds of the boxes.
    pub(super) kinds: &'a [Kind],
}

/// A label in a gap.
struct Mark {
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
struct Leg {
    /// Where it stands on the side from top to bottom, in an order in which no lane passes the leg of another.
    order: (u8, i64),
    arrow: usize,
    leaves: bool,
    vertex: usize,
    bend: usize,
}

impl Router<'_> {
    /// Gives boxes their heights in the drawing, and arrows their points and labels; gives the layers' tops and bottoms.
    pub(super) fn route(&self, boxes: &mut [Placed], ways: &mut [Way]) -> Vec<(f64, f64)> {
        let mut gaps: Vec<(Vec<Mark>, f64)> = self.layers.rows.iter().map(|_| (Vec::new(), GAP)).collect();
        for (n, way) in ways.iter().enumerate().filter(|(_, way)| !way.label.is_empty()) {
            let Some((gap, mark)) = self.marked(n, way.width) else { continue };
            if let Some((marks, _)) = gaps.get_mut(gap) {
                marks.push(mark);
            }
        }
        for (marks, gap) in &mut gaps {
            *gap = stacked(marks);
        }
        let bands = self.bands(boxes, &gaps);
        for (row, band) in self.layers.rows.iter().zip(&bands) {
            for vertex in row {
                if let Some(placed) = boxes.get_mut(*vertex) {
                    placed.x = at(self.across, *vertex);
                    placed.y = f64::midpoint(band.0, band.1);
                }
            }
        }
        let sides = self.sides(boxes);
        for (n, (way, chain)) in ways.iter_mut().zip(&self.layers.chains).enumerate() {
            way.points = match chain.back {
                true => self.back(chain, &bands, sides.get(n).copied().unwrap_or_default()),
                false => self.down(n, chain, &bands, boxes),
            };
            way.points.dedup();
            // One that leads to where it begins has its label beside it; all others stand in gaps, below.
            if let [_, (x, top), (_, low), _] = way.points.as_slice() {
                way.middle = (*x, f64::midpoint(*top, *low));
            }
        }
        for ((marks, _), band) in gaps.iter().zip(&bands) {
            for mark in marks {
                if let Some(way) = ways.get_mut(mark.arrow) {
                    way.middle = (mark.middle.0, band.1 + mark.middle.1);
                }
            }
        }
        bands
    }

    /// In which gap the label of an arrow stands: below where it begins, or above where it leads back.
    fn marked(&self, arrow: usize, width: f64) -> Option<(usize, Mark)> {
        let (chain, pair) = (self.layers.chains.get(arrow)?, self.pairs.get(arrow)?);
        let (gap, upper, lower) = match (chain.back, chain.bends.as_slice()) {
            (true, [.., upper, lower]) => (self.layers.layer(*upper)?, *upper, *lower),
            (true, _) => return None,
            (false, bends) => (self.layers.layer(pair.0)?, pair.0, bends.first().copied().unwrap_or(pair.1)),
        };
        let ends = (at(self.across, upper), at(self.across, lower));
        Some((gap, Mark { arrow, ends, width, middle: (0.0, 0.0) }))
    }

    /// The top and the bottom of each layer.
    fn bands(&self, boxes: &[Placed], gaps: &[(Vec<Mark>, f64)]) -> Vec<(f64, f64)> {
        let mut top = MARGIN;
        let height = |vertex: &usize| boxes.get(*vertex).map_or(0.0, |placed| placed.height);
        let bands = self.layers.rows.iter().zip(gaps).map(|(row, (_, gap))| {
            let bottom = top + row.iter().map(height).fold(0.0, f64::max);
            let band = (top, bottom);
            top = bottom + gap;
            band
        });
        bands.collect()
    }

    /// Where each arrow that leads back leaves its first box and enters its last one.
    fn sides(&self, boxes: &[Placed]) -> Vec<[(f64, f64); 2]> {
        let mut legs: Vec<Leg> = Vec::new();
        for (arrow, (chain, pair)) in self.layers.chains.iter().zip(self.pairs).enumerate() {
            let Some((top, bottom)) = chain.ends().filter(|_| chain.back) else { continue };
            for (leaves, vertex, bend) in [(true, pair.0, bottom), (false, pair.1, top)] {
                // Lanes that go up from here leave above those that come up to here, so that neither passes a leg.
                let (own, out) = (top == bottom, self.outward(vertex, bend));
                let order = match (leaves, own) {
                    (true, false) => (0, out),
                    (false, true) => (1, -out),
                    (true, true) => (2, out),
                    (false, false) => (3, -out),
                };
                legs.push(Leg { order, arrow, leaves, vertex, bend });
            }
        }
        let mut sides = vec![[(0.0, 0.0); 2]; self.pairs.len()];
        let side = |leg: &Leg| (leg.vertex, at(self.across, leg.bend) < at(self.across, leg.vertex));
        legs.sort_by_key(|leg| (side(leg), leg.order));
        for legs in legs.chunk_by(|a, b| side(a) == side(b)) {
            for (n, leg) in legs.iter().enumerate() {
                let Some(placed) = boxes.get(leg.vertex) else { continue };
                #[allow(clippy::cast_precision_loss, reason = "a few arrows")]
                let (n, count) = (n as f64, legs.len() as f64);
                let step = STEP.min((placed.height - 10.0) / count);
                let by = (n - (count - 1.0) / 2.0) * step;
                let reach = self.reach(leg.vertex, placed, by);
                let x = if side(leg).1 { placed.x - reach } else { placed.x + reach };
                if let Some([start, end]) = sides.get_mut(leg.arrow) {
                    *if leg.leaves { start } else { end } = (x, placed.y + by);
                }
            }
        }
        sides
    }

    /// How far out a bend is from a box of its layer.
    fn outward(&self, vertex: usize, bend: usize) -> i64 {
        let row = self.layers.rows.iter().find(|row| row.contains(&vertex));
        let place = |vertex: usize| row.and_then(|row| row.iter().position(|other| *other == vertex)).unwrap_or(0);
        i64::try_from(place(vertex).abs_diff(place(bend))).unwrap_or(i64::MAX)
    }

    /// How far the outline of a box is from its middle, at a height above or below that.
    fn reach(&self, vertex: usize, placed: &Placed, by: f64) -> f64 {
        let (half, high) = (placed.width / 2.0, placed.height / 2.0);
        match self.kinds.get(vertex).copied().unwrap_or(Kind::Action) {
            Kind::Condition => half * (1.0 - by.abs() / high),
            Kind::Wait => half - 14.0 * by.abs() / high,
            Kind::Event => half - high + (high * high - by * by).max(0.0).sqrt(),
            Kind::Action => half,
        }
    }

    /// The points of an arrow from layer to layer.
    fn down(&self, arrow: usize, chain: &Chain, bands: &[(f64, f64)], boxes: &[Placed]) -> Vec<(f64, f64)> {
        let ends = self.pairs.get(arrow).and_then(|(from, to)| boxes.get(*from).zip(boxes.get(*to)));
        let Some((from, to)) = ends else { return Vec::new() };
        let bends = chain.bends.iter().flat_map(|bend| {
            let (x, band) = (at(self.across, *bend), self.band(*bend, bands));
            [(x, band.0), (x, band.1)]
        });
        let edge = |vertex: usize| self.band(vertex, bands);
        let (start, end) = self.pairs.get(arrow).map_or((0.0, 0.0), |(from, to)| (edge(*from).1, edge(*to).0));
        let first = [(from.x, from.y + from.height / 2.0), (from.x, start)];
        first.into_iter().chain(bends).chain([(to.x, end), (to.x, to.y - to.height / 2.0)]).collect()
    }

    /// The points of an arrow that leads back: out to its first bend, up in a lane, and in from its last one.
    fn back(&self, chain: &Chain, bands: &[(f64, f64)], [start, end]: [(f64, f64); 2]) -> Vec<(f64, f64)> {
        let mut points = vec![start];
        let last = chain.bends.len().saturating_sub(1);
        for (n, bend) in chain.bends.iter().rev().enumerate() {
            let (x, band) = (at(self.across, *bend), self.band(*bend, bands));
            points.push((x, if n == 0 { start.1 } else { band.1 }));
            points.push((x, if n == last { end.1 } else { band.0 }));
        }
        points.push(end);
        points
    }

    fn band(&self, vertex: usize, bands: &[(f64, f64)]) -> (f64, f64) {
        self.layers.layer(vertex).and_then(|layer| bands.get(layer)).copied().unwrap_or_default()
    }
}

/// Puts the labels of a gap on as few levels as there must be for none to touch another, and gives the gap's height.
fn stacked(marks: &mut [Mark]) -> f64 {
    marks.sort_by(|a, b| (a.ends.0 + a.ends.1).total_cmp(&(b.ends.0 + b.ends.1)));
    for levels in 1..=marks.len() {
        #[allow(clippy::cast_precision_loss, reason = "a few labels")]
        let gap = GAP.max(levels as f64 * LABEL + 2.0 * FREE);
        // Where the last label of each level ends.
        let mut ends = vec![f64::NEG_INFINITY; levels];
        let fits = marks.iter_mut().all(|mark| {
            let room = ends.iter_mut().enumerate().find_map(|(level, end)| {
                let down = middle(level, levels, gap);
                let x = along(mark.ends, down / gap);
                (x - mark.width / 2.0 >= *end).then_some(((x, down), end))
            });
            let Some((place, end)) = room else { return false };
            mark.middle = place;
            *end = place.0 + mark.width / 2.0;
            true
        });
        if fits {
            return gap;
        }
    }
    GAP
}

/// How far below the top of its gap the middle of a level is.
fn middle(level: usize, levels: usize, gap: f64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a few labels")]
    let (level, levels) = (level as f64, levels as f64);
    // A label alone stands where its arrow has left others that begin where it does.
    if levels < 2.0 { gap * 0.58 } else { gap / 2.0 + (level - (levels - 1.0) / 2.0) * LABEL }
}

/// Where a bent arrow is from left to right, at a part of its way down through a gap.
fn along((from, to): (f64, f64), down: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // Half the rest is left out each time, so it is known to a hundredth of a pixel.
    for _ in 0..20 {
        let t = f64::midpoint(low, high);
        if 1.5 * t * (1.0 - t) + t * t * t < down { low = t } else { high = t }
    }
    let t = f64::midpoint(low, high);
    from + (to - from) * t * t * (3.0 - 2.0 * t)
}
