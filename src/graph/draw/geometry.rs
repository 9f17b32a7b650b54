//! The geometry of a drawing, in pixels: boxes, routes of arrows and their labels.

use crate::graph::NodeIx;

/// The margin around the whole drawing.
pub(super) const MARGIN: f64 = 14.0;

/// The layout of a drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// The width of the drawing.
    pub width: f64,
    /// The height of the drawing.
    pub height: f64,
    /// The boxes: entries, nodes, then the ends of runs.
    pub boxes: Vec<PlacedBox>,
    /// The routes of the arrows, in the order of [`Graph::arrows`](crate::graph::Graph::arrows).
    pub routes: Vec<Route>,
}

/// A box with its position.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedBox {
    /// What it shows.
    pub item: Item,
    /// The x coordinate of its center.
    pub x: f64,
    /// The y coordinate of its center.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Its text, line by line.
    pub lines: Vec<String>,
}

/// What a box shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// An entry, as an index into [`Graph::entries`](crate::graph::Graph::entries).
    Entry(usize),
    /// A node.
    Node(NodeIx),
    /// The end of a run.
    End,
}

/// The route of an arrow.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its label; may be empty.
    pub label: String,
    /// The center of its label.
    pub middle: (f64, f64),
    /// The width of its label.
    pub width: f64,
    /// The points of the route, from its start to its head. A segment between two points is straight when they are
    /// aligned; otherwise it is a curve inside the rectangle that they span.
    pub points: Vec<(f64, f64)>,
    /// Whether it leads back up, from side to side instead of from bottom to top.
    pub back: bool,
}

impl Layout {
    /// Shifts everything to the left margin and computes the width.
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

/// The approximate width of a text. Letters other than the Latin ones are wider.
pub(super) fn text_width(text: &str, char_width: f64) -> f64 {
    text.chars().map(|c| if c.is_ascii() { char_width } else { char_width * 1.1 }).sum()
}
