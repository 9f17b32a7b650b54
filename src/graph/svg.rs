//! A graph as a picture. In: a graph, and how often runs came by, if that is known. Out: SVG.
//!
//! The four kinds are told apart by shape: events are rounded, conditions diamonds, waits hexagons, actions boxes.

use super::layout::{Item, Layout, Placed, Way, labelled};
use super::{Graph, Kind};
use crate::source::escape_xml;
use std::fmt::Write;

/// How often runs came by, in the order of the graph's entries, nodes and arrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// By entry.
    pub entries: Vec<u64>,
    /// By node.
    pub nodes: Vec<u64>,
    /// By arrow, in the order of [`Graph::arrows`].
    pub arrows: Vec<u64>,
}

/// How round the corners of an arrow are that leads back.
const ROUND: f64 = 8.0;

/// The style of the pictures, for the head of a page that holds several.
pub const SVG_STYLE: &str = include_str!("svg.css");

/// Draws a graph for a page that has [`SVG_STYLE`].
#[must_use]
pub fn svg(graph: &Graph, counts: Option<&Counts>) -> String {
    let layout = labelled(graph, |n, label| match counts {
        None => label.to_owned(),
        Some(counts) => counted(label, counts.arrows.get(n).copied().unwrap_or(0)),
    });
    let Layout { width, height, .. } = layout;
    let name = escape_xml(graph.title.as_deref().unwrap_or(&graph.funnel));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" role=\"img\" aria-label=\"{name}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n"
    );
    drawing(&mut out, graph, &layout, counts);
    out + "</svg>\n"
}

/// Draws what a layout has put in place, without the frame around it.
pub(super) fn drawing(out: &mut String, graph: &Graph, layout: &Layout, counts: Option<&Counts>) {
    for (n, way) in layout.ways.iter().enumerate() {
        arrow(out, way, counts.map(|counts| counts.arrows.get(n).copied().unwrap_or(0)));
    }
    for placed in &layout.boxes {
        element(out, graph, placed, counts);
    }
    for (n, way) in layout.ways.iter().enumerate() {
        label(out, way, counts.map(|counts| counts.arrows.get(n).copied().unwrap_or(0)));
    }
}

/// What stands on an arrow that so many runs took.
fn counted(label: &str, count: u64) -> String {
    match label {
        "" => grouped(count),
        label => format!("{label} · {}", grouped(count)),
    }
}

fn arrow(out: &mut String, way: &Way, count: Option<u64>) {
    let ([first, ..], [.., before, last]) = (way.points.as_slice(), way.points.as_slice()) else { return };
    let unused = if count == Some(0) { " unused" } else { "" };
    let mut path = format!("M{:.1} {:.1}", first.0, first.1);
    for (n, pair) in way.points.windows(2).enumerate() {
        let [from, to] = pair else { continue };
        match (straight(*from, *to), way.points.get(n + 2).filter(|next| turns(*from, *to, **next))) {
            (true, Some(next)) => corner(&mut path, *from, *to, *next),
            // Writing to a string cannot fail.
            (true, None) => drop(write!(path, " L{:.1} {:.1}", to.0, to.1)),
            (false, _) => {
                let half = f64::midpoint(from.1, to.1);
                let _ = write!(path, " C{:.1} {half:.1} {:.1} {half:.1} {:.1} {:.1}", from.0, to.0, to.0, to.1);
            }
        }
    }
    let (x, y) = last;
    let head = match way.back {
        true if before.0 < *x => format!("M{x:.1} {y:.1} l-8 -4 v8 Z"),
        true => format!("M{x:.1} {y:.1} l8 -4 v8 Z"),
        false => format!("M{x:.1} {y:.1} l-4 -8 h8 Z"),
    };
    let _ = writeln!(out, "<path class=\"way{unused}\" d=\"{path}\"/><path class=\"head{unused}\" d=\"{head}\"/>");
}

/// Whether a part of a way leads straight on, across or down.
fn straight(from: (f64, f64), to: (f64, f64)) -> bool {
    (from.0 - to.0).abs() < 0.05 || (from.1 - to.1).abs() < 0.05
}

/// Whether a way turns at a point between two straight parts.
fn turns(from: (f64, f64), at: (f64, f64), next: (f64, f64)) -> bool {
    let across = |a: (f64, f64), b: (f64, f64)| (a.1 - b.1).abs() < 0.05;
    straight(from, at) && straight(at, next) && across(from, at) != across(at, next)
}

/// A straight line to a point, and round it towards the next one.
fn corner(path: &mut String, before: (f64, f64), (x, y): (f64, f64), after: (f64, f64)) {
    let towards = |(to_x, to_y): (f64, f64)| {
        let step = |from: f64, to: f64| from + ((to - from) / 2.0).clamp(-ROUND, ROUND);
        (step(x, to_x), step(y, to_y))
    };
    let ((in_x, in_y), (out_x, out_y)) = (towards(before), towards(after));
    let _ = write!(path, " L{in_x:.1} {in_y:.1} Q{x:.1} {y:.1} {out_x:.1} {out_y:.1}");
}

/// What stands on an arrow, over everything else.
fn label(out: &mut String, way: &Way, count: Option<u64>) {
    if way.label.is_empty() {
        return;
    }
    let (x, y) = (way.middle.0, way.middle.1 + 4.0);
    let unused = if count == Some(0) { " unused" } else { "" };
    let _ = writeln!(out, "<text class=\"label{unused}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape_xml(&way.label));
}

fn element(out: &mut String, graph: &Graph, placed: &Placed, counts: Option<&Counts>) {
    let Placed { x, y, width, height, .. } = placed;
    let (kind, words, count) = match placed.item {
        Item::End => {
            let _ =
                writeln!(out, "<circle class=\"end\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\"><title>end</title></circle>");
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
    let name = kind.name();
    let _ = write!(out, "<g class=\"{name}{unused}\"><title>{name}: {}", escape_xml(words.unwrap_or_default()));
    if let Some(count) = count {
        let _ = write!(out, ": {count}");
    }
    let _ = out.write_str("</title>");
    shape(out, kind, (*x, *y), (*width, *height));
    #[allow(clippy::cast_precision_loss, reason = "a few lines")]
    let first = y - (placed.lines.len() as f64 - 1.0) * 17.0 / 2.0 + 4.5;
    for (n, line) in placed.lines.iter().enumerate() {
        #[allow(clippy::cast_precision_loss, reason = "a few lines")]
        let y = first + n as f64 * 17.0;
        let _ = write!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape_xml(line));
    }
    let _ = out.write_str("</g>\n");
}

/// The outline of a kind around a middle.
pub(super) fn shape(out: &mut String, kind: Kind, (x, y): (f64, f64), (width, height): (f64, f64)) {
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

/// `12 345`, with narrow spaces.
fn grouped(count: u64) -> String {
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
