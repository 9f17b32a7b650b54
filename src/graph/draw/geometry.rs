//! The shapes of a drawing, in pixels: boxes, routes of arrows and their labels.

use crate::graph::NodeIx;

/// The margin around the whole drawing.
pub(super) const MARGIN: f64 = 14.0;

/// A drawing's places.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
    /// The boxes: entries, nodes, then the ends of runs.
    pub boxes: Vec<PlacedBox>,
    /// The ways of the arrows, in the order of [`Graph::arrows`].
    pub routes: Vec<Route>,
}

/// A box in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedBox {
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
pub struct Route {
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

impl Layout {
    /// Moves everything so that the margin on the left is as wide as it shall be, and measures.
    pub(super) fn fit(&mut self) {
        let boxes = self.boxes.iter().map(|placed| (placed.x - placed.width / 2.0, placed.x + placed.width / 2.0));
        let labels = self.routes.iter().filter(|route| !route.label.is_empty());
        let labels = labels.map(|route| (route.middle.0 - route.width / 2.0, route.middle.0 + route.width / 2.0));
        let points = self.routes.iter().flat_map(|route| route.points.iter().map(|point| (point.0, point.0)));
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        let (left, right) =
            boxes.chain(labels).chain(points).fold(start, |sum, side| (sum.0.min(side.0), sum.1.max(side.1)));
        if left > right {
            return;
        }
        let shift = MARGIN - left;
        self.boxes.iter_mut().for_each(|placed| placed.x += shift);
        for route in &mut self.routes {
            route.middle.0 += shift;
            route.points.iter_mut().for_each(|point| point.0 += shift);
        }
        self.width = right + shift + MARGIN;
    }
}
