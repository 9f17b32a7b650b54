//! A graph as SVG, optionally with the number of runs that took each path.
//!
//! The four kinds differ in shape: events are rounded, conditions diamonds, waits hexagons, actions boxes.

use super::geometry::{Item, Layout, PlacedBox, Route};
use super::layout::layout_with_labels;
use crate::diagnostic::Language;
use crate::graph::{Graph, Kind, Words};
use crate::say;
use crate::source::escape_xml;
use std::fmt::Write;

/// The number of runs at each entry, node and arrow, in the order of the graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// By entry.
    pub entries: Vec<u64>,
    /// By node.
    pub nodes: Vec<u64>,
    /// By arrow, in the order of [`Graph::arrows`].
    pub arrows: Vec<u64>,
}

/// The corner radius of back edges.
const CORNER_RADIUS: f64 = 8.0;

/// The style sheet of the drawings, for the head of a page that contains several.
pub const SVG_STYLE: &str = include_str!("svg.css");

/// Renders a graph for a page that includes [`SVG_STYLE`].
#[must_use]
pub fn svg(graph: &Graph, counts: Option<&Counts>, language: Language) -> String {
    let words = Words::new(graph, language);
    let layout = layout_with_labels(graph, &words, |n, label| match counts {
        None => label,
        Some(counts) => label_with_count(&label, counts.arrows.get(n).copied().unwrap_or(0)),
    });
    let Layout { width, height, .. } = layout;
    let name = escape_xml(graph.title.as_deref().unwrap_or(&graph.funnel));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" role=\"img\" aria-label=\"{name}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n"
    );
    draw_graph(&mut out, &Subject { graph, words: &words, counts }, &layout);
    out + "</svg>\n"
}

/// What is drawn.
pub(super) struct Subject<'a> {
    pub(super) graph: &'a Graph,
    pub(super) words: &'a Words<'a>,
    pub(super) counts: Option<&'a Counts>,
}

/// Draws a laid-out graph without the surrounding `svg` element.
pub(super) fn draw_graph(out: &mut String, subject: &Subject<'_>, layout: &Layout) {
    let count = |n: usize| subject.counts.map(|counts| counts.arrows.get(n).copied().unwrap_or(0));
    for (n, route) in layout.routes.iter().enumerate() {
        draw_arrow(out, route, count(n));
    }
    for placed in &layout.boxes {
        draw_box(out, subject, placed);
    }
    for (n, route) in layout.routes.iter().enumerate() {
        draw_label(out, route, count(n));
    }
}

/// The label of an arrow with the number of runs that took it.
fn label_with_count(label: &str, count: u64) -> String {
    match label {
        "" => group_digits(count),
        label => format!("{label} · {}", group_digits(count)),
    }
}

fn draw_arrow(out: &mut String, route: &Route, count: Option<u64>) {
    let ([first, ..], [.., before, last]) = (route.points.as_slice(), route.points.as_slice()) else { return };
    let unused = if count == Some(0) { " unused" } else { "" };
    let mut path = format!("M{:.1} {:.1}", first.0, first.1);
    for (n, pair) in route.points.windows(2).enumerate() {
        let [from, to] = pair else { continue };
        match (is_straight(*from, *to), route.points.get(n + 2).filter(|next| is_turn(*from, *to, **next))) {
            (true, Some(next)) => rounded_corner(&mut path, *from, *to, *next),
            // Writing to a string cannot fail.
            (true, None) => drop(write!(path, " L{:.1} {:.1}", to.0, to.1)),
            (false, _) => {
                let half = f64::midpoint(from.1, to.1);
                let _ = write!(path, " C{:.1} {half:.1} {:.1} {half:.1} {:.1} {:.1}", from.0, to.0, to.0, to.1);
            }
        }
    }
    let (x, y) = last;
    let head = match route.back {
        true if before.0 < *x => format!("M{x:.1} {y:.1} l-8 -4 v8 Z"),
        true => format!("M{x:.1} {y:.1} l8 -4 v8 Z"),
        false => format!("M{x:.1} {y:.1} l-4 -8 h8 Z"),
    };
    let _ = writeln!(out, "<path class=\"way{unused}\" d=\"{path}\"/><path class=\"head{unused}\" d=\"{head}\"/>");
}

/// Whether a segment is horizontal or vertical.
fn is_straight(from: (f64, f64), to: (f64, f64)) -> bool {
    (from.0 - to.0).abs() < 0.05 || (from.1 - to.1).abs() < 0.05
}

/// Whether a route turns at a point between two straight segments.
fn is_turn(from: (f64, f64), at: (f64, f64), next: (f64, f64)) -> bool {
    let across = |a: (f64, f64), b: (f64, f64)| (a.1 - b.1).abs() < 0.05;
    is_straight(from, at) && is_straight(at, next) && across(from, at) != across(at, next)
}

/// Draws a straight line to a point and a rounded corner towards the next one.
fn rounded_corner(path: &mut String, before: (f64, f64), (x, y): (f64, f64), after: (f64, f64)) {
    let towards = |(to_x, to_y): (f64, f64)| {
        let step = |from: f64, to: f64| from + ((to - from) / 2.0).clamp(-CORNER_RADIUS, CORNER_RADIUS);
        (step(x, to_x), step(y, to_y))
    };
    let ((in_x, in_y), (out_x, out_y)) = (towards(before), towards(after));
    let _ = write!(path, " L{in_x:.1} {in_y:.1} Q{x:.1} {y:.1} {out_x:.1} {out_y:.1}");
}

/// The height of the plate behind a label.
const PLATE_HEIGHT: f64 = 16.0;

/// Draws the label of an arrow above everything else, on a plate that interrupts the arrow: a line through a word looks
/// as if the word were struck out.
fn draw_label(out: &mut String, route: &Route, count: Option<u64>) {
    if route.label.is_empty() {
        return;
    }
    let Route { label, middle: (x, y), width, .. } = route;
    let unused = if count == Some(0) { " unused" } else { "" };
    let _ = writeln!(
        out,
        "<rect class=\"plate\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{PLATE_HEIGHT:.0}\" rx=\"4\"/>\
         <text class=\"label{unused}\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
        x - width / 2.0,
        y - PLATE_HEIGHT / 2.0,
        y + 4.0,
        escape_xml(label)
    );
}

/// Draws a box with its words; its tooltip is the source.
fn draw_box(out: &mut String, subject: &Subject<'_>, placed: &PlacedBox) {
    let Subject { graph, words, counts } = *subject;
    let PlacedBox { x, y, width, height, .. } = placed;
    let (kind, text, count) = match placed.item {
        Item::End => {
            let end = say!("end of the run");
            let end = escape_xml(&end.in_language(words.language()));
            let _ = writeln!(
                out,
                "<circle class=\"end\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\"><title>{end}</title></circle>"
            );
            return;
        }
        Item::Entry(n) => {
            let count = counts.map(|counts| counts.entries.get(n).copied().unwrap_or(0));
            (Kind::Event, graph.entries.get(n).map(|entry| entry.text.as_str()), count)
        }
        Item::Node(ix) => {
            let count = counts.map(|counts| counts.nodes.get(ix.0 as usize).copied().unwrap_or(0));
            let node = graph.node(ix);
            (node.map_or(Kind::Action, |node| node.kind), node.map(|node| node.text.as_str()), count)
        }
    };
    let unused = if count == Some(0) { " unused" } else { "" };
    let (name, said) = (kind.name(), escape_xml(&words.kind(kind)));
    let _ = write!(out, "<g class=\"{name}{unused}\"><title>{said}: {}", escape_xml(text.unwrap_or_default()));
    if let Some(count) = count {
        let _ = write!(out, ": {count}");
    }
    let _ = out.write_str("</title>");
    draw_shape(out, kind, (*x, *y), (*width, *height));
    #[allow(clippy::cast_precision_loss, reason = "a few lines")]
    let first = y - (placed.lines.len() as f64 - 1.0) * 17.0 / 2.0 + 4.5;
    for (n, line) in placed.lines.iter().enumerate() {
        #[allow(clippy::cast_precision_loss, reason = "a few lines")]
        let y = first + n as f64 * 17.0;
        let _ = write!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape_xml(line));
    }
    let _ = out.write_str("</g>\n");
}

/// Draws the outline of a kind around its center.
pub(super) fn draw_shape(out: &mut String, kind: Kind, (x, y): (f64, f64), (width, height): (f64, f64)) {
    let (l, r, t, b) = (x - width / 2.0, x + width / 2.0, y - height / 2.0, y + height / 2.0);
    let _ = match kind {
        Kind::Event => write!(
            out,
            "<rect x=\"{l:.1}\" y=\"{t:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{:.1}\"/>",
            height / 2.0
        ),
        Kind::Action => {
            write!(out, "<rect x=\"{l:.1}\" y=\"{t:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"3\"/>")
        }
        Kind::Condition => {
            write!(out, "<polygon points=\"{l:.1},{y:.1} {x:.1},{t:.1} {r:.1},{y:.1} {x:.1},{b:.1}\"/>")
        }
        Kind::Wait => {
            let (inner_l, inner_r) = (l + 14.0, r - 14.0);
            write!(
                out,
                "<polygon points=\"{l:.1},{y:.1} {inner_l:.1},{t:.1} {inner_r:.1},{t:.1} {r:.1},{y:.1} \
                 {inner_r:.1},{b:.1} {inner_l:.1},{b:.1}\"/>"
            )
        }
    };
}

/// Groups digits with narrow spaces: `12 345`.
fn group_digits(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + 4);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}
