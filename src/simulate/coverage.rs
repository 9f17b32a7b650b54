//! Test coverage of a funnel. In: a graph and how often its edges were passed. Out: counts, and what was not reached.

use crate::engine::FunnelEdgeCounts;
use crate::graph::{Arrow, Element, Graph, NodeIx, Origin};
use crate::source::Span;

/// How much of a funnel was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The funnel.
    pub funnel: String,
    /// The place of its first trigger.
    pub span: Span,
    /// Its elements.
    pub elements: Reached,
    /// The arrows between them.
    pub arrows: Reached,
    /// What was not reached, in source order.
    pub gaps: Vec<Gap>,
}

/// A part of a total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// How many were reached.
    pub reached: usize,
    /// How many there are.
    pub all: usize,
}

/// An element that was not reached, or an arrow from it that was not passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Its place.
    pub span: Span,
    /// The source text.
    pub text: String,
    /// The labels of the arrows that were not passed, empty for a plain one; no entries when the element itself was not
    /// reached.
    pub arrows: Vec<String>,
}

impl Reached {
    fn count(&mut self, reached: bool) {
        self.all += 1;
        self.reached += usize::from(reached);
    }
}

/// Computes the coverage of a graph. Elements without source text, such as the end of parallel paths, do not count.
#[must_use]
pub fn coverage(graph: &Graph, passed: &FunnelEdgeCounts) -> Coverage {
    let arrows = graph.arrows();
    let mut found = Coverage {
        funnel: graph.funnel.clone(),
        span: graph.entries.first().map_or(Span::NOWHERE, |entry| entry.span),
        elements: Reached::default(),
        arrows: Reached::default(),
        gaps: Vec::new(),
    };
    for (n, entry) in graph.entries.iter().enumerate() {
        found.element(graph, passed, &arrows, Origin::Entry(n), (entry.span, &entry.text));
    }
    for (ix, node) in (0..).map(NodeIx).zip(&graph.nodes) {
        if node.span != Span::default() && !matches!(node.element, Element::Join { .. }) {
            found.element(graph, passed, &arrows, Origin::Node(ix), (node.span, &node.text));
        }
    }
    found.gaps.sort_by_key(|gap| gap.span);
    found
}

impl Coverage {
    fn element(
        &mut self,
        graph: &Graph,
        passed: &FunnelEdgeCounts,
        arrows: &[Arrow],
        end: Origin,
        (span, text): (Span, &str),
    ) {
        let own: Vec<&Arrow> = arrows.iter().filter(|arrow| arrow.from == end).collect();
        let is_passed = |arrow: &&Arrow| passed.arrow(graph, arrow) > 0;
        let reached = match end {
            Origin::Entry(_) => own.iter().any(is_passed),
            Origin::Node(ix) => passed.node(graph, ix) > 0,
        };
        self.elements.count(reached);
        own.iter().for_each(|arrow| self.arrows.count(is_passed(arrow)));
        let on_timeout: Vec<String> =
            own.iter().filter(|arrow| reached && !is_passed(arrow)).map(|arrow| arrow.label.to_string()).collect();
        if !reached || !on_timeout.is_empty() {
            self.gaps.push(Gap { span, text: text.to_owned(), arrows: on_timeout });
        }
    }
}
