//! Conditions outside of chains: `exit on .. where` and `goal on .. where`. In: the settings and entries of a graph.
//! Out: diagnostics about constant conditions.

use super::dataflow::{after_waiting, at_entry, at_event};
use super::decide::{ConditionSpans, answers};
use super::finding::{ConditionChecker, ConditionKind};
use super::question::Question;
use super::state::State;
use super::term::{Names, Term};
use crate::check::program::{Asked, Exit, Expr, Pattern, Source};
use crate::diagnostic::Diagnostic;
use crate::graph::{Element, Graph};
use crate::source::{Sources, Span};
use std::collections::BTreeSet;

/// Checks the conditions of a funnel's settings; `names` are the names of its chains.
pub(super) fn settings(sources: &Sources, names: &Names<'_>, asked: &Asked, graph: &Graph) -> Vec<Diagnostic> {
    let mut checker = SettingsChecker { sources, names, asked, graph, found: Vec::new() };
    for exits in graph.settings.exits.chunk_by(|a, b| a.span == b.span) {
        checker.exit(exits);
    }
    for goal in &graph.settings.goals {
        if let Some(filter) = &goal.filter {
            let when = checker.context_of(&[(goal.binding.clone(), goal.patterns.clone())]);
            checker.check(when, filter, goal.span, ConditionKind::Goal);
        }
    }
    checker.found
}

struct SettingsChecker<'a> {
    sources: &'a Sources,
    names: &'a Names<'a>,
    asked: &'a Asked,
    graph: &'a Graph,
    found: Vec<Diagnostic>,
}

impl<'a> SettingsChecker<'a> {
    /// Checks one setting, which has an exit for each event that it names.
    fn exit(&mut self, exits: &[Exit]) {
        let Some(last) = exits.last() else { return };
        let Some(filter) = &last.filter else { return };
        let (alike, others): (Vec<&Exit>, Vec<&Exit>) = exits.iter().partition(|exit| exit.filter == last.filter);
        let when = self.context_of(&each(&alike));
        // A field that several events share is checked for each event, but has only one place in the source: the result
        // for the last event is reported only if it is the same for the others.
        let whole = answer(&when, filter);
        let same = |other: &&Exit| {
            let filter = other.filter.as_ref();
            filter.is_some_and(|filter| answer(&self.context_of(&each(&[other])), filter) == whole)
        };
        if others.is_empty() || (whole != (true, true) && others.iter().all(same)) {
            self.check(when, filter, last.span, ConditionKind::Exit);
        }
    }

    fn check(
        &mut self,
        (names, state): (Names<'_>, State),
        filter: &Expr,
        span: Span,
        leading_to_questions: ConditionKind,
    ) {
        let written = ConditionSpans { asked: self.asked, around: span };
        let mut check = ConditionChecker {
            sources: self.sources,
            names: &names,
            graph: self.graph,
            questions: &[],
            found: Vec::new(),
        };
        check.condition(&written, state, filter, &Question::of(&names, filter), leading_to_questions);
        self.found.extend(check.found);
    }

    /// The names, and the state, when one of these events occurs to a client in the funnel.
    fn context_of(&self, checker: &[(String, Vec<Pattern>)]) -> (Names<'a>, State) {
        let mut names = self.names.clone();
        let waited = self.graph.nodes.iter().filter_map(|node| {
            let Element::WaitEvent { wait, .. } = &node.element else { return None };
            Some(wait)
        });
        // A wait may rebind the name of the trigger.
        let mut rebound: BTreeSet<&str> = waited
            .flat_map(|wait| {
                wait.binding.as_deref().into_iter().chain(wait.patterns.iter().map(|one| one.event.as_str()))
            })
            .collect();
        for (binding, patterns) in checker {
            names.bound.insert(binding.clone(), patterns.iter().map(|pattern| pattern.event.clone()).collect());
            rebound.insert(binding);
        }
        let is_rebound = |term: &Term| matches!(term, Term::Field(field) if matches!(&field.0, Source::Event(name) if rebound.contains(name.as_str())));
        let began = self.graph.entries.iter().map(|entry| at_entry(self.names, entry).later(self.names));
        let began = began.fold(State::nothing(), State::or).forgetting(&is_rebound);
        let one = |(binding, patterns): &(String, Vec<Pattern>)| {
            at_event(&names, began.clone(), patterns, Some(binding.as_str()))
        };
        let state = checker.iter().map(one).fold(State::nothing(), State::or);
        (names, state)
    }
}

/// The event of each exit, by its name.
fn each(exits: &[&Exit]) -> Vec<(String, Vec<Pattern>)> {
    exits.iter().map(|exit| (exit.pattern.event.clone(), vec![exit.pattern.clone()])).collect()
}

/// The possible outcomes of a whole condition.
fn answer((names, state): &(Names<'_>, State), filter: &Expr) -> (bool, bool) {
    let question = Question::of(names, filter);
    answers(&after_waiting(names, state.clone(), &question.later), &question.asked)
}
