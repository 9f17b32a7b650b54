//! Moments that are waited for. In: a funnel, its graph and the distances at each wait. Out: diagnostics about moments that
//! are always past, and about those that may be past without an `else`.

use super::distance::{distances, moment, whole};
use crate::analysis::flow::steps::paths;
use crate::check::program::{
    Arithmetic, Asked, Day, Element as ProgramElement, Expr, Funnel, Moment, Past, Pattern, Step,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Element, Graph, Node, NodeIx};
use crate::say;
use crate::source::{Sources, Span};
use crate::value::{Decimal, Value};
use std::collections::BTreeSet;

/// Checks every `wait until` of a funnel; `asked` has the spans of expressions in its file.
pub(in crate::analysis) fn moments(
    sources: &Sources,
    asked: &Asked,
    funnel: &Funnel,
    graph: &Graph,
) -> Vec<Diagnostic> {
    let Decided { mut always_past, spans } = decided(sources, asked, graph);
    for entry in &funnel.entries {
        without_else(&entry.chain, &mut |step, moment, rest| {
            let span = asked.place(step.span, moment).filter(|span| !spans.contains(span) && can_be_past(moment));
            always_past.extend(span.map(|span| past_moment(sources, span, rest)));
        });
    }
    always_past
}

/// Visits every wait for a moment without an `else`, also in paths, with the steps that follow it there.
fn without_else<'p>(chain: &'p [Step], visit: &mut impl FnMut(&'p Step, &'p Expr, &'p [Step])) {
    for (at, step) in chain.iter().enumerate() {
        if let ProgramElement::WaitUntil { moment: Moment::At(moment), on_past: Past::GoOn } = &step.element {
            visit(step, moment, chain.get(at + 1..).unwrap_or_default());
        }
        for path in paths(&step.element) {
            without_else(path, visit);
        }
    }
}

/// Whether a moment depends on something that may lie in the past.
fn can_be_past(moment: &Expr) -> bool {
    match moment {
        Expr::Field(_) | Expr::Value(Value::Civil(_) | Value::Date(_)) => true,
        Expr::Day { day, .. } => *day == Day::Today,
        Expr::DateOf(moment, _) => can_be_past(moment),
        Expr::AtTime(of, _) => can_be_past(of) || !is_days_ahead(of),
        other => other.children().into_iter().any(can_be_past),
    }
}

/// Whether a moment is days after another one, so that a time of day on its date is, too.
fn is_days_ahead(moment: &Expr) -> bool {
    let is_days = |expr: &Expr| matches!(expr, Expr::Value(Value::Duration(length)) if length.is_calendar());
    matches!(moment, Expr::Arithmetic(Arithmetic::Add, a, b) if is_days(a) || is_days(b))
}

/// What to do if a moment is past.
enum Otherwise<'p> {
    /// To skip the next step; nothing else belongs to it.
    Skip(&'p Step),
    /// To end the run, because what follows belongs together.
    Stop(Option<&'p Step>),
    /// To skip several steps, up to the next wait for a moment.
    SkipUntil(&'p Step, &'p Step),
}

impl<'p> Otherwise<'p> {
    /// `else skip` skips only one step. What follows it up to the next wait for a moment, such as a task or a wait for
    /// the answer, belongs to it, too.
    fn of(rest: &'p [Step]) -> Self {
        let Some((next, behind)) = rest.split_first() else { return Self::Stop(None) };
        let is_wait = |step: &&Step| matches!(&step.element, ProgramElement::WaitUntil { .. });
        match (behind.first(), behind.iter().find(is_wait)) {
            (None, _) => Self::Skip(next),
            (Some(first), Some(_)) if is_wait(&first) => Self::Skip(next),
            (Some(_), Some(wait)) => Self::SkipUntil(next, wait),
            (Some(_), None) => Self::Stop(Some(next)),
        }
    }
}

fn past_moment(sources: &Sources, span: Span, rest: &[Step]) -> Diagnostic {
    let message = say!("`{written}` may be in the past, and no fallback is given", written = sources.slice(span));
    let found = Diagnostic::new(Code::PastMoment, span, message, say!("may already be past"));
    let stop = |found: Diagnostic| found.guess(say!("end the run if the moment is past"), span.after(), " else stop");
    match Otherwise::of(rest) {
        Otherwise::Skip(next) => {
            let step = shortened(&next.text);
            found
                .help(say!(
                    "if it is past, the run continues immediately: use `else skip` to skip `{step}`, or `else stop` to end the run",
                    step = &step
                ))
                .guess(say!("skip `{step}` if the moment is past", step), span.after(), " else skip")
        }
        Otherwise::Stop(None) => stop(found.help(say!(
            "if it is past, the run continues immediately: use `else stop` to end it"
        ))),
        Otherwise::Stop(Some(next)) => stop(found.help(say!(
            "if it is past, the run continues immediately: use `else stop` to end it; `else skip` would skip only `{step}`",
            step = shortened(&next.text)
        ))),
        Otherwise::SkipUntil(next, wait) => {
            let found = found.help(say!(
                "if it is past, the run continues immediately: use `else {{ goto .. }}` to go on at a label; `else skip` would skip only `{step}`",
                step = shortened(&next.text)
            ));
            match &wait.label {
                Some(label) => found.guess(
                    say!("go on at `{label}` if the moment is past", label),
                    span.after(),
                    format!(" else {{ goto {label} }}"),
                ),
                None => found,
            }
        }
    }
}

/// The head of a step, short enough for a sentence.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((cut, _)) => format!("{}..", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What is known about the moments of a graph.
#[derive(Debug, Default)]
struct Decided {
    /// Diagnostics about moments that are always past.
    always_past: Vec<Diagnostic>,
    /// Moments that are always ahead or always past.
    spans: BTreeSet<Span>,
}

/// Finds the moments that are always ahead or always past.
fn decided(sources: &Sources, asked: &Asked, graph: &Graph) -> Decided {
    let mut findings = Decided::default();
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
        // A time of day counts as past if it is not before the moment from which its date counts.
        let is_before = !matches!(expr, Expr::AtTime(..)) || high < Decimal::ZERO || low >= Decimal::ZERO;
        let is_ahead = |least: Option<Decimal>| is_before && least.is_some_and(|least| least >= Decimal::ZERO);
        if is_ahead(least(origin.clone(), low)) || is_ahead(least(whole(expr), Decimal::ZERO)) {
            findings.spans.insert(span);
        }
        let Some(distance) = known.get(&origin) else { continue };
        let Some((_, by)) = distance.max.filter(|(most, _)| *most + high < Decimal::ZERO) else { continue };
        findings.spans.insert(span);
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
        findings
            .always_past
            .push(finding.help(say!("to do both, run them in parallel: `parallel {{ path -> .. path -> .. }}`")));
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

/// Whether an element waits for a moment that certainly precedes another.
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
    // An `exit on replied` is about any message, so also about the one that the wait is for.
    let same = |exit: &Pattern, awaited: &Pattern| (&exit.event, &exit.change) == (&awaited.event, &awaited.change);
    let ends = |pattern: &Pattern| {
        graph.settings.exits.iter().find(|exit| exit.filter.is_none() && same(&exit.pattern, pattern))
    };
    let of_node = |node: &Node| {
        let Element::WaitEvent { wait, .. } = &node.element else { return None };
        // The other events of the wait may still occur.
        let exits: Vec<_> = wait.patterns.iter().map(ends).collect::<Option<_>>()?;
        let exit = &exits.first()?.text;
        let message = if wait.up_to.is_none() {
            say!("this wait never ends: `{exit}` ends the run first", exit)
        } else {
            say!("the event of this wait never arrives: `{exit}` ends the run first", exit)
        };
        let finding = Diagnostic::new(Code::EndlessWait, node.span, message, say!("never happens"));
        Some(finding.help(say!(
            "`{exit}` also ends the run in earlier waits: remove this wait, or the exit if only this wait is meant",
            exit
        )))
    };
    graph.nodes.iter().filter_map(of_node).collect()
}
