//! The geometry of drawings: no arrow crosses a box that is not its end, and nothing overlaps, in the examples and in
//! generated funnels and graphs with loops.

use crate::support::choices::cases;
use crate::support::{drawn, funnels};
use funnelc::check::Context;
use funnelc::diagnostic::Language;
use funnelc::graph::{Arrow, Graph, Item, Layout, Origin, PlacedBox, Route, layout};
use funnelc::source::Sources;
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A rectangle: left, top, right, bottom.
type Area = (f64, f64, f64, f64);

/// Areas that overlap by less only touch.
const TOUCH: f64 = 0.01;

fn graphs(name: &str, text: String) -> Vec<Arc<Graph>> {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let context = Context { zone: Some("Europe/Moscow".to_owned()), ..Context::default() };
    funnelc::compile(&mut sources, &[file], &context).graphs
}

fn area(placed: &PlacedBox) -> Area {
    let (w, h) = (placed.width / 2.0, placed.height / 2.0);
    (placed.x - w, placed.y - h, placed.x + w, placed.y + h)
}

fn label(route: &Route) -> Area {
    let ((x, y), w) = (route.middle, route.width / 2.0);
    (x - w, y - 7.0, x + w, y + 7.0)
}

fn overlap(a: Area, b: Area) -> bool {
    a.0 + TOUCH < b.2 && b.0 + TOUCH < a.2 && a.1 + TOUCH < b.3 && b.1 + TOUCH < a.3
}

/// The indices of the boxes where an arrow starts and ends.
fn ends(graph: &Graph, drawing: &Layout, arrows: &[Arrow], n: usize) -> (usize, usize) {
    let find = |item: Item| drawing.boxes.iter().position(|placed| placed.item == item).unwrap();
    let from = match arrows[n].from {
        Origin::Entry(entry) => Item::Entry(entry),
        Origin::Node(ix) => Item::Node(ix),
    };
    let own = || {
        // The ends of runs are in the order of the arrows that lead to them.
        let before = arrows[..n].iter().filter(|arrow| arrow.to.is_none()).count();
        graph.entries.len() + graph.nodes.len() + before
    };
    (find(from), arrows[n].to.map_or_else(own, |ix| find(Item::Node(ix))))
}

/// The faults of a drawing.
fn faults(graph: &Graph) -> Vec<String> {
    Language::CODES.iter().flat_map(|(_, language)| faults_in(graph, *language)).collect()
}

/// The faults of a drawing with words in a language.
fn faults_in(graph: &Graph, language: Language) -> Vec<String> {
    let (drawing, arrows) = (layout(graph, language), graph.arrows());
    let mut faults = Vec::new();
    let sheet = (0.0, 0.0, drawing.width, drawing.height);
    let inside = |a: Area| a.0 >= sheet.0 && a.1 >= sheet.1 && a.2 <= sheet.2 && a.3 <= sheet.3;
    let labels: Vec<&Route> = drawing.routes.iter().filter(|route| !route.label.is_empty()).collect();
    let areas = drawing.boxes.iter().map(|placed| (area(placed), format!("{:?} {:?}", placed.item, placed.lines)));
    let areas: Vec<_> = areas.chain(labels.iter().map(|route| (label(route), route.label.clone()))).collect();
    for (n, (one, name)) in areas.iter().enumerate() {
        if !inside(*one) {
            faults.push(format!("{name} is outside"));
        }
        for (_, other) in areas.iter().skip(n + 1).filter(|(other, _)| overlap(*one, *other)) {
            faults.push(format!("{name} and {other} overlap"));
        }
    }
    assert_eq!(drawing.routes.len(), arrows.len());
    for (n, route) in drawing.routes.iter().enumerate() {
        let (from, to) = ends(graph, &drawing, &arrows, n);
        let crossed = |part: Area| {
            let others = drawing.boxes.iter().enumerate().filter(|(n, _)| *n != from && *n != to);
            others.filter(|(_, placed)| overlap(part, area(placed))).map(|(_, placed)| placed.item).next()
        };
        for pair in route.points.windows(2) {
            // A curve stays within the rectangle of its end points.
            let [(x, y), (to_x, to_y)] = pair else { unreachable!() };
            let part = (x.min(*to_x), y.min(*to_y), x.max(*to_x), y.max(*to_y));
            if !inside(part) {
                faults.push(format!("{route:?} leaves the drawing"));
            }
            if let Some(item) = crossed(part) {
                faults.push(format!("{route:?} crosses {item:?}"));
            }
        }
        // An arrow starts and ends at its boxes, and runs only down, or only up if it leads back.
        let touches =
            |n: usize, (x, y): (f64, f64)| overlap(area(&drawing.boxes[n]), (x - 0.1, y - 0.1, x + 0.1, y + 0.1));
        let (first, last) = (route.points[0], route.points[route.points.len() - 1]);
        if !touches(from, first) || !touches(to, last) {
            faults.push(format!("{route:?} does not connect its boxes"));
        }
        if route.points.windows(2).any(|pair| if route.back { pair[0].1 < pair[1].1 } else { pair[0].1 > pair[1].1 }) {
            faults.push(format!("{route:?} changes direction"));
        }
    }
    if layout(graph, language) != drawing {
        faults.push("the layout is not deterministic".to_owned());
    }
    faults
}

fn collect_funnels(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_funnels(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "funnel") {
            files.push(path);
        }
    }
}

#[test]
fn nothing_overlaps_in_a_drawing() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![package.join("tests/test_blocks/coverage.funnel")];
    collect_funnels(&package.join("examples"), &mut files);
    collect_funnels(&package.join("tests/page"), &mut files);
    collect_funnels(&package.join("tests/zoo"), &mut files);
    let mut drawn = 0;
    for path in files {
        for graph in graphs(&path.display().to_string(), std::fs::read_to_string(&path).unwrap()) {
            let faults = faults(&graph);
            assert!(faults.is_empty(), "{}, {}: {faults:#?}", path.display(), graph.funnel);
            drawn += graph.nodes.len();
        }
    }
    assert!(drawn > 200, "only {drawn} elements were drawn");
}

#[test]
fn arrows_that_lead_back_cross_no_box() {
    for text in [
        r#"on booking -> if client.city == "x" { repeat 3 times { wait 1d -> send sms "rep" } } else { send sms "two" -> wait 2h -> tag "q" }"#,
        r#"on booking -> a: wait 1d -> if client.city == "x" { send sms "one" -> goto a } else { send sms "two" -> tag "z" }"#,
        r#"on booking -> a: wait 1d -> if client.city == "x" { goto a } else if client.city == "y" { wait 2d -> goto a } else { repeat 2 times { wait 1d -> if client.city == "z" { tag "z" } } -> goto a }"#,
        r#"on booking -> a: wait for visit up to 3d { tag "came" -> goto a } else { goto a }"#,
    ] {
        let graphs = graphs("a.funnel", text.to_owned());
        let (graph, faults) = (&graphs[0], faults(&graphs[0]));
        assert!(
            layout(graph, Language::English).routes.iter().any(|route| route.back),
            "{text} has no arrow that leads back"
        );
        assert!(faults.is_empty(), "{text}: {faults:#?}");
    }
}

#[test]
fn long_labels_have_room() {
    let case = |n: usize| format!("case \"a rather long case, number {n}\" -> tag \"t{n}\"\n");
    let cases: String = (0..7).map(case).collect();
    let text = format!(
        "on booking -> match client.city {{\n{cases}otherwise -> tag \"z\"\n}} -> if client.city == \"x\" {{ tag \"y\" }} -> tag \"w\""
    );
    let graph = &graphs("a.funnel", text)[0];
    let faults = faults(graph);
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(layout(graph, Language::English).width < 1200.0, "labels make the drawing too wide");
}

#[test]
fn a_drawing_of_sixty_elements_is_readable() {
    let text = include_str!("page/sixty.funnel").to_owned();
    let graph = &graphs("sixty.funnel", text)[0];
    assert_eq!(graph.entries.len() + graph.nodes.len(), 60);
    let drawing = layout(graph, Language::English);
    let mut crossings = 0;
    for (n, one) in drawing.routes.iter().enumerate() {
        for other in drawing.routes.iter().skip(n + 1) {
            let pairs = one.points.windows(2).flat_map(|a| other.points.windows(2).map(move |b| (a, b)));
            crossings += pairs.filter(|(a, b)| cross(a[0], a[1], b[0], b[1])).count();
        }
    }
    assert_eq!(crossings, 0, "arrows cross");
    assert!(drawing.width < 1100.0, "{} is too wide to read", drawing.width);
}

/// Whether two straight lines cross between their ends.
fn cross(a: (f64, f64), b: (f64, f64), c: (f64, f64), d: (f64, f64)) -> bool {
    let side = |p: (f64, f64), q: (f64, f64), r: (f64, f64)| (q.0 - p.0) * (r.1 - p.1) - (q.1 - p.1) * (r.0 - p.0);
    side(a, b, c) * side(a, b, d) < -1e-6 && side(c, d, a) * side(c, d, b) < -1e-6
}

/// Texts of several lengths, so that boxes have several sizes.
fn words(n: usize) -> String {
    let words = ["wait 1h", "if client.city == \"Saint Petersburg\" or count(visit) > 3", "send sms hello", "stop"];
    words[n % words.len()].to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(200), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_in_a_generated_funnel(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        for graph in graphs("made.funnel", funnels::funnels(&bytes)) {
            let faults = faults(&graph);
            prop_assert!(faults.is_empty(), "{faults:#?}");
        }
    }

    #[test]
    fn nothing_overlaps_in_a_random_graph(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let mut graph = drawn::random(&bytes);
        for (n, node) in graph.nodes.iter_mut().enumerate() {
            node.text = words(n);
        }
        let faults = faults(&graph);
        prop_assert!(faults.is_empty(), "{faults:#?}");
    }
}
