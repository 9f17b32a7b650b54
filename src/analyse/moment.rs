//! Moments that are waited for. In: a graph and how far moments are ahead at each wait. Out: waits whose moment is always
//! past, and those whose moment is sure to come, about which nothing has to be said.

use super::clock::{clocks, moment};
use crate::check::program::{Expr, Moment, Pattern};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Element, Graph, Node};
use crate::say;
use crate::source::{Sources, Span};
use crate::value::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What was found about moments.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) found: Vec<Diagnostic>,
    /// The places of moments that need no word on what happens when they are past: they never are, or always.
    pub(super) settled: BTreeSet<Span>,
}

/// Judges the `wait until`s of a graph; `asked` is what is asked in its file.
pub(super) fn moments(sources: &Sources, asked: &BTreeMap<Span, Expr>, graph: &Graph) -> Judged {
    let mut judged = Judged::default();
    for (clock, node) in clocks(graph).iter().zip(&graph.nodes) {
        let (Some(clock), Element::WaitUntil { moment: Moment::At(expr), .. }) = (clock, &node.element) else {
            continue;
        };
        let Some((origin, low, high)) = moment(expr) else { continue };
        let Some((span, ahead)) = place(asked, node.span, expr).zip(clock.get(&origin)) else { continue };
        if ahead.least.is_some_and(|least| least + low > Decimal::ZERO) {
            judged.settled.insert(span);
        }
        let Some((_, by)) = ahead.most.filter(|(most, _)| *most + high < Decimal::ZERO) else { continue };
        judged.settled.insert(span);
        let text = sources.slice(span);
        let finding = Diagnostic::new(
            Code::AlwaysPast,
            span,
            say!("`{text}` is always past here", text),
            say!("not later than what was before"),
        );
        let finding = match graph.node(by).filter(|before| before.span != node.span) {
            Some(before) if matches!(before.element, Element::WaitUntil { .. }) => {
                let (first, second) = (sources.slice(node.span), sources.slice(before.span));
                finding.related(before.span, say!("the run is here later")).help(say!(
                    "put the earlier moment first: `{first} .. {second}`",
                    first,
                    second
                ))
            }
            Some(before) => finding.related(before.span, say!("so it is not ahead any more")),
            None => finding,
        };
        judged.found.push(finding.help(say!("or do both at once: `parallel {{ path -> .. path -> .. }}`")));
    }
    judged
}

/// Waits for an event that ends the run before they see it.
pub(super) fn endless(graph: &Graph) -> Vec<Diagnostic> {
    let ends =
        |pattern: &Pattern| graph.settings.exits.iter().find(|exit| exit.filter.is_none() && exit.pattern == *pattern);
    let of_node = |node: &Node| {
        let Element::WaitEvent { wait, .. } = &node.element else { return None };
        // What else is waited for may still come.
        let exits: Vec<_> = wait.patterns.iter().map(ends).collect::<Option<_>>()?;
        let exit = &exits.first()?.text;
        let finding = Diagnostic::new(
            Code::EndlessWait,
            node.span,
            say!("what is waited for here ends the run before"),
            say!("never comes"),
        );
        Some(finding.help(say!("`{exit}` ends every run at that event: remove it, or this wait", exit)))
    };
    graph.nodes.iter().filter_map(of_node).collect()
}

/// Where a moment is written inside the head of its wait.
fn place(asked: &BTreeMap<Span, Expr>, head: Span, expr: &Expr) -> Option<Span> {
    let inside = asked.range(Span { end: head.start, ..head }..);
    let mut inside = inside.take_while(|(span, _)| span.file == head.file && span.start < head.end);
    inside.find(|(span, asked)| span.end <= head.end && *asked == expr).map(|(span, _)| *span)
}
