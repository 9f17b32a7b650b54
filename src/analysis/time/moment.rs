//! Moments that are waited for. In: a graph and the distances at each wait. Out: waits whose moment is always past, and
//! those whose moment certainly comes, for which the checker's warning does not apply.

use super::distance::{distances, moment, whole};
use crate::check::program::{Asked, Moment, Pattern};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Element, Graph, Node, NodeIx};
use crate::say;
use crate::source::{Sources, Span};
use crate::value::Decimal;
use std::collections::BTreeSet;

/// What was found about moments.
#[derive(Debug, Default)]
pub(in crate::analysis) struct MomentFindings {
    pub(in crate::analysis) found: Vec<Diagnostic>,
    /// Moments that are known to be always ahead or always past.
    pub(in crate::analysis) settled: BTreeSet<Span>,
}

/// Checks every `wait until` of a graph; `asked` has the spans of expressions in its file.
pub(in crate::analysis) fn moments(sources: &Sources, asked: &Asked, graph: &Graph) -> MomentFindings {
    let mut findings = MomentFindings::default();
    let waits = |node: &Node| matches!(node.element, Element::WaitUntil { moment: Moment::At(_), .. });
    if !graph.nodes.iter().any(waits) {
        return findings;
    }
    for ((at, known), node) in (0..).zip(distances(graph).iter()).zip(&graph.nodes) {
        let (Some(known), Element::WaitUntil { moment: Moment::At(expr), .. }) = (known, &node.element) else {
            continue;
        };
        let Some((origin, low, high)) = moment(expr) else { continue };
        let Some(span) = asked.place(node.span, expr) else { continue };
        let least = |origin, offset| Some(known.get(&origin)?.min? + offset);
        // A moment that is exactly now is not past.
        let is_ahead = |least: Option<Decimal>| least.is_some_and(|least| least >= Decimal::ZERO);
        if is_ahead(least(origin.clone(), low)) || is_ahead(least(whole(expr), Decimal::ZERO)) {
            findings.settled.insert(span);
        }
        let Some(distance) = known.get(&origin) else { continue };
        let Some((_, by)) = distance.max.filter(|(most, _)| *most + high < Decimal::ZERO) else { continue };
        findings.settled.insert(span);
        let text = sources.slice(span);
        let finding = Diagnostic::new(
            Code::AlwaysPast,
            span,
            say!("`{text}` is always in the past here", text),
            say!("already past"),
        );
        let finding = match graph.node(by).filter(|before| before.span != node.span) {
            Some(before) => because(sources, graph, finding, (by, before), (NodeIx(at), node)),
            None => finding,
        };
        findings.found.push(finding.help(say!("or run both in parallel: `parallel {{ path -> .. path -> .. }}`")));
    }
    findings
}

/// Adds why a moment is past and what to do: the two moments are in the wrong order, or a wait between them takes too
/// long.
fn because(
    sources: &Sources,
    graph: &Graph,
    found: Diagnostic,
    (by, before): (NodeIx, &Node),
    (at, node): (NodeIx, &Node),
) -> Diagnostic {
    let Element::WaitUntil { moment: earlier, .. } = &before.element else {
        return found.related(before.span, say!("after this step, the moment is past"));
    };
    let found = found.related(before.span, say!("the run waits here for a later moment"));
    let (first, second) = (sources.slice(node.span), sources.slice(before.span));
    if is_before(&node.element, earlier) {
        return found.help(say!("put the earlier moment first: `{first} .. {second}`", first, second));
    }
    match longest_between(graph, by, at) {
        Some(wait) => {
            let text = sources.slice(wait.span);
            found
                .related(wait.span, say!("after this wait, the moment is past"))
                .help(say!("remove or shorten `{text}`", text))
        }
        None => found,
    }
}

/// Whether an element waits for a moment that certainly comes before another.
fn is_before(element: &Element, other: &Moment) -> bool {
    let (Element::WaitUntil { moment: Moment::At(one), .. }, Moment::At(other)) = (element, other) else {
        return false;
    };
    let (Some((origin, _, high)), Some((same, low, _))) = (moment(one), moment(other)) else { return false };
    origin == same && high < low
}

/// The longest wait between two elements.
fn longest_between(graph: &Graph, from: NodeIx, to: NodeIx) -> Option<&Node> {
    let reached = |from: NodeIx| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            let Some(node) = graph.node(at).filter(|_| at != to || at == from) else { continue };
            open.extend(node.element.targets().into_iter().filter(|next| seen.insert(*next)));
        }
        seen
    };
    let between = reached(from).into_iter().filter(|at| reached(*at).contains(&to));
    let length = |at: NodeIx| {
        let node = graph.node(at)?;
        let Element::WaitDuration { duration, .. } = &node.element else { return None };
        Some((duration.nominal_ms(), node))
    };
    between.filter_map(length).max_by_key(|(ms, _)| *ms).map(|(_, node)| node)
}

/// Finds waits for an event that ends the run.
pub(in crate::analysis) fn endless_waits(graph: &Graph) -> Vec<Diagnostic> {
    let ends =
        |pattern: &Pattern| graph.settings.exits.iter().find(|exit| exit.filter.is_none() && exit.pattern == *pattern);
    let of_node = |node: &Node| {
        let Element::WaitEvent { wait, .. } = &node.element else { return None };
        // The other events of the wait may still occur.
        let exits: Vec<_> = wait.patterns.iter().map(ends).collect::<Option<_>>()?;
        let exit = &exits.first()?.text;
        let finding = Diagnostic::new(
            Code::EndlessWait,
            node.span,
            say!("the event waited for here ends the run first"),
            say!("never happens"),
        );
        Some(finding.help(say!("`{exit}` ends every run on this event: remove it, or this wait", exit)))
    };
    graph.nodes.iter().filter_map(of_node).collect()
}
