//! Constant conditions. In: the program and its graphs. Out: diagnostics about conditions that are always or never
//! true, and about segments that are always empty.

mod assume;
mod client;
mod cube;
mod dataflow;
mod decide;
mod finding;
mod outside;
mod own_record;
mod question;
mod range;
mod state;
mod sum;
mod term;
mod text;

use crate::check::Program;
use crate::check::program::{Asked, Call, Catalog, Change, ConditionalText, Pattern, Trigger};
use crate::diagnostic::Diagnostic;
use crate::graph::{Element, Graph};
use crate::source::{Sources, Span};
pub(super) use client::ClientFacts;
use decide::ConditionSpans;
use finding::{ConditionChecker, ConditionKind};
use question::Question;
use state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
pub(super) use sum::{Sum, Unit};
use term::Names;
pub(super) use term::Term;
use text::TextChecker;

/// Checks the declared segments.
pub(super) fn check_segments(sources: &Sources, program: &Program) -> Vec<Diagnostic> {
    let names = Names { catalog: &program.catalog, bound: BTreeMap::new(), inside: None };
    program.segments.iter().flat_map(|segment| finding::segment(sources, &names, &program.asked, segment)).collect()
}

/// Checks every condition of a funnel; `asked` has the spans of conditions in its file.
pub(super) fn check_graph(sources: &Sources, catalog: &Catalog, asked: &Asked, graph: &Graph) -> Vec<Diagnostic> {
    let outside = Names { catalog, bound: bound(graph), inside: None };
    let names = Names { inside: Some(&graph.funnel), ..outside.clone() };
    let questions = dataflow::questions(&names, graph);
    let texts: Vec<bool> = graph.nodes.iter().map(|node| text::has_conditions(&node.element)).collect();
    let before = dataflow::states_before(&names, graph, &questions, &texts);
    let mut check = ConditionChecker { sources, names: &names, graph, questions: &questions, found: Vec::new() };
    for entry in &graph.entries {
        if let Some(filter) = &entry.filter {
            let written = ConditionSpans { asked, around: entry.span };
            let question = Question::of(&outside, filter);
            check.condition(&written, before_filter(&outside, &entry.trigger), filter, &question, ConditionKind::Entry);
        }
        if let Some(holds) = entry.trigger.holds() {
            let written = ConditionSpans { asked, around: entry.span };
            let question = Question::of(&names, holds);
            check.condition(&written, before_filter(&names, &entry.trigger), holds, &question, ConditionKind::While);
        }
    }
    check.found.extend(outside::settings(sources, &outside, asked, graph));
    check.found.extend(own_record::own_records(sources, asked, graph));
    for (at, node) in graph.nodes.iter().enumerate() {
        let Some(state) = before.get(at).filter(|state| !state.is_impossible()).cloned() else { continue };
        let written = ConditionSpans { asked, around: node.span };
        if texts.get(at) == Some(&true) {
            let mut texts = TextChecker::new(sources, &names, ConditionSpans { asked, around: node.span });
            node.element.expressions().into_iter().for_each(|expr| texts.expr(&state, expr));
            for (finding, decided) in texts.found {
                check.found.push(check.with_cause(finding, &decided, at));
            }
        }
        match &node.element {
            Element::If { condition, .. } => {
                let Some(question) = questions.get(at).and_then(|asked| asked.first()) else { continue };
                check.condition(&written, state, condition, question, ConditionKind::If(at));
            }
            Element::Match { subject, cases, .. } => {
                // A case is somewhere after the head of its `match`.
                let written = ConditionSpans { asked, around: Span { end: u32::MAX, ..node.span } };
                check.cases(&written, state, subject, cases, at);
            }
            Element::WaitEvent { wait, .. } => {
                if let Some(filter) = &wait.filter {
                    let state = dataflow::at_event(&names, State::anything(), &wait.patterns, wait.binding.as_deref());
                    check.condition(&written, state, filter, &Question::of(&names, filter), ConditionKind::Wait);
                }
            }
            _ => {}
        }
    }
    check.found
}

/// Checks the conditions of texts that are sent from several places, so that nothing is known there.
pub(super) fn check_texts(
    sources: &Sources,
    catalog: &Catalog,
    asked: &Asked,
    texts: &[Arc<ConditionalText>],
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for text in texts {
        let events = |(name, event): &(String, String)| (name.clone(), BTreeSet::from([event.clone()]));
        let names = Names { catalog, bound: text.bound.iter().map(events).collect(), inside: None };
        let mut check = TextChecker::new(sources, &names, ConditionSpans { asked, around: text.span });
        check.expr(&State::anything(), &text.text);
        found.extend(check.found.into_iter().map(|(finding, _)| finding));
    }
    found
}

/// The state in which the `where` of a trigger is evaluated.
fn before_filter(names: &Names<'_>, trigger: &Trigger) -> State {
    match trigger {
        Trigger::Happened { patterns, binding, .. } => {
            dataflow::at_event(names, State::anything(), patterns, binding.as_deref())
        }
        Trigger::Segment { .. }
        | Trigger::Silence { .. }
        | Trigger::Date(_)
        | Trigger::Started { .. }
        | Trigger::Every { .. } => State::anything(),
    }
}

/// The events that each name in a funnel may refer to.
fn bound(graph: &Graph) -> BTreeMap<String, BTreeSet<String>> {
    let mut bound: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut bind = |name: Option<&String>, patterns: &[Pattern]| {
        for pattern in patterns {
            bound.entry(name.unwrap_or(&pattern.event).clone()).or_default().insert(pattern.event.clone());
        }
    };
    for entry in &graph.entries {
        match &entry.trigger {
            Trigger::Happened { patterns, binding, .. } => bind(binding.as_ref(), patterns),
            Trigger::Silence { event, binding, .. } => {
                bind(Some(binding), &[Pattern { event: event.clone(), change: Change::Created, message: None }]);
            }
            Trigger::Started { event: Some(event), binding } => {
                bind(binding.as_ref(), &[Pattern { event: event.clone(), change: Change::Created, message: None }]);
            }
            Trigger::Started { event: None, .. }
            | Trigger::Segment { .. }
            | Trigger::Date(_)
            | Trigger::Every { .. } => {}
        }
    }
    for node in &graph.nodes {
        if let Element::WaitEvent { wait, .. } = &node.element {
            bind(wait.binding.as_ref(), &wait.patterns);
        }
        if let Element::Call { call: Call { answer: Some(event), .. }, .. } = &node.element {
            bind(None, &[Pattern { event: event.clone(), change: Change::Created, message: None }]);
        }
    }
    bound
}
