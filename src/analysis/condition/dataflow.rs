//! Forward dataflow analysis. In: a graph. Out: the state before each node, over all paths to it.

use super::assume::{Outcome, assume};
use super::cube::{Cube, TextSet};
use super::question::{Formula, Question, later_terms};
use super::state::State;
use super::term::{Names, Term, equals};
use crate::check::program::{Change, Expr, Over, Pattern, Source, Trigger};
use crate::graph::{Element, Entry, Graph, Node, NodeIx, OnFailure};
use crate::value::{Type, Value};
use std::collections::BTreeSet;

/// Limit: after this many visits of a node in a cycle, nothing is known there.
const MAX_VISITS: usize = 8;

/// Returns the questions of each node: the condition of an `if`, and an equality for each value of a `match`.
pub(super) fn questions(names: &Names<'_>, graph: &Graph) -> Vec<Vec<Question>> {
    let of_node = |node: &Node| match &node.element {
        Element::If { condition, .. } => vec![Question::of(names, condition)],
        Element::Match { subject, cases, .. } => {
            let values = cases.iter().flat_map(|case| &case.values);
            values.map(|value| Question::of(names, &equals(subject, value))).collect()
        }
        _ => Vec::new(),
    };
    graph.nodes.iter().map(of_node).collect()
}

/// Returns the state before each node that evaluates a condition or leads to one that does; impossible if the node is
/// unreachable. `texts` are the nodes with conditions in their texts.
pub(super) fn states_before(
    names: &Names<'_>,
    graph: &Graph,
    questions: &[Vec<Question>],
    texts: &[bool],
) -> Vec<State> {
    let mut before = vec![State::nothing(); graph.nodes.len()];
    let mut visits = vec![0_usize; graph.nodes.len()];
    let leading_to_questions = leading_to_questions(graph, questions, texts);
    let lasting = lasting(graph);
    let asks = |to: Option<NodeIx>| to.is_some_and(|to| leading_to_questions.get(to.0 as usize) == Some(&true));
    let mut open: Vec<(Option<NodeIx>, State)> = Vec::new();
    for entry in graph.entries.iter().filter(|entry| asks(entry.start)) {
        open.push((entry.start, at_entry(names, entry)));
    }
    while let Some((to, state)) = open.pop() {
        let Some(at) = to.map(|to| to.0 as usize).filter(|_| !state.is_impossible()) else { continue };
        let (Some(node), Some(asked)) = (graph.nodes.get(at), questions.get(at)) else { continue };
        let (Some(known), Some(visits)) = (before.get_mut(at), visits.get_mut(at)) else { continue };
        *visits += 1;
        // A run is left the moment its condition no longer holds, so it holds at every node.
        let state = match lasting.get(at) {
            Some(Some(conditions)) if !conditions.is_empty() => {
                let each = conditions.iter().map(|holds| holding(names, state.clone(), Some(holds)));
                each.fold(State::nothing(), State::or)
            }
            Some(_) | None => state,
        };
        if state.is_impossible() {
            continue;
        }
        let joined = if *visits > MAX_VISITS { State::anything() } else { known.clone().or(state) };
        if *known == joined {
            continue;
        }
        *known = joined.clone();
        if node.element.targets().into_iter().any(|to| asks(Some(to))) {
            open.extend(after(names, graph, node, asked, joined).into_iter().filter(|(to, _)| asks(*to)));
        }
    }
    before
}

/// Which nodes evaluate a condition or lead to one that does. The states of other nodes are not needed.
fn leading_to_questions(graph: &Graph, questions: &[Vec<Question>], texts: &[bool]) -> Vec<bool> {
    let waits = |node: &Node| matches!(&node.element, Element::WaitEvent { wait, .. } if wait.filter.is_some());
    let mut leading_to_questions: Vec<bool> = graph
        .nodes
        .iter()
        .zip(questions)
        .zip(texts)
        .map(|((node, asked), text)| *text || !asked.is_empty() || waits(node))
        .collect();
    // Most edges lead to later nodes, so one pass is usually enough.
    loop {
        let mut changed = false;
        for (at, node) in graph.nodes.iter().enumerate().rev() {
            let leads = |to: NodeIx| leading_to_questions.get(to.0 as usize) == Some(&true);
            if leading_to_questions.get(at) == Some(&false) && node.element.targets().into_iter().any(leads) {
                leading_to_questions.iter_mut().skip(at).take(1).for_each(|asks| *asks = true);
                changed = true;
            }
        }
        if !changed {
            return leading_to_questions;
        }
    }
}

/// Returns the state when a run starts.
pub(super) fn at_entry(names: &Names<'_>, entry: &Entry) -> State {
    at_trigger(names, &entry.trigger, entry.filter.as_ref())
}

/// Returns the state when a trigger fires and its filter holds.
pub(super) fn at_trigger(names: &Names<'_>, trigger: &Trigger, filter: Option<&Expr>) -> State {
    let state = match trigger {
        Trigger::Happened { patterns, binding, holds } => {
            let state = at_event(names, State::anything(), patterns, binding.as_deref());
            holding(names, state, holds.as_deref())
        }
        Trigger::Segment { segment, entering } => {
            let outcome = if *entering { Outcome::True } else { Outcome::NotTrue };
            assume(State::anything(), &Formula::of(names, &segment.condition), outcome)
        }
        Trigger::Every { segment: Some(segment), .. } => {
            assume(State::anything(), &Formula::of(names, &segment.condition), Outcome::True)
        }
        Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Started { .. } | Trigger::Every { segment: None, .. } => {
            State::anything()
        }
    };
    match filter {
        Some(filter) => assume(state, &Formula::of(names, filter), Outcome::True),
        None => state,
    }
}

/// Returns the state in which the condition after `while` holds.
fn holding(names: &Names<'_>, state: State, holds: Option<&Expr>) -> State {
    match holds {
        Some(holds) => assume(state, &Formula::of(names, holds), Outcome::True),
        None => state,
    }
}

/// The conditions after `while` under which runs reach each node: one for each trigger that leads there, or nothing if
/// one of them has none.
fn lasting(graph: &Graph) -> Vec<Option<Vec<&Expr>>> {
    let mut found: Vec<Option<Vec<&Expr>>> = vec![Some(Vec::new()); graph.nodes.len()];
    for entry in &graph.entries {
        let mut open: Vec<NodeIx> = entry.start.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop() {
            let (Some(node), Some(known)) = (graph.node(at), found.get_mut(at.0 as usize)) else { continue };
            if !seen.insert(at) {
                continue;
            }
            match entry.trigger.holds() {
                Some(holds) => known.iter_mut().for_each(|known| known.push(holds)),
                None => *known = None,
            }
            open.extend(node.element.targets());
        }
    }
    found
}

/// Returns the state when one of these events occurs in a known state.
pub(super) fn at_event(names: &Names<'_>, known: State, patterns: &[Pattern], binding: Option<&str>) -> State {
    let one = |pattern: &Pattern| {
        let source = if pattern.event == "client" {
            Source::Client
        } else {
            Source::Event(binding.unwrap_or(&pattern.event).to_owned())
        };
        let field = match &pattern.change {
            // A field may also have changed to missing.
            Change::Created | Change::Updated | Change::FieldChanged(_) | Change::FieldBecame(_) => {
                return known.clone();
            }
            Change::TurnedTrue(field) => field,
            Change::Crossed(crossing) => {
                let outcome = if crossing.entering { Outcome::True } else { Outcome::NotTrue };
                return assume(known.clone(), &Formula::of(names, &crossing.segment.condition), outcome);
            }
        };
        let term = Term::field(source, field);
        let after_waiting =
            |cube: Cube| if names.may_be_missing(&term) { cube.with_presence(&term, true) } else { Some(cube) };
        known.clone().with(|cube| after_waiting(cube)?.with_flag(&term, true))
    };
    patterns.iter().map(one).fold(State::nothing(), State::or)
}

/// The successors of a node, with their states.
fn after(
    names: &Names<'_>,
    graph: &Graph,
    node: &Node,
    questions: &[Question],
    state: State,
) -> Vec<(Option<NodeIx>, State)> {
    match &node.element {
        Element::If { yes, no, .. } => {
            let Some(question) = questions.first() else { return Vec::new() };
            let state = after_waiting(names, state, &question.later);
            let held = assume(state.clone(), &question.asked, Outcome::True);
            vec![(*yes, held), (*no, assume(state, &question.asked, Outcome::NotTrue))]
        }
        Element::Match { subject, cases, otherwise } => {
            let mut rest = after_waiting(names, state, &later_terms(subject));
            let (mut exits, mut questions) = (Vec::new(), questions);
            for case in cases {
                let (own, others) = questions.split_at(case.values.len().min(questions.len()));
                questions = others;
                let taken = own.iter().map(|value| assume(rest.clone(), &value.asked, Outcome::True));
                exits.push((case.to, taken.fold(State::nothing(), State::or)));
                rest = own.iter().fold(rest, |rest, value| assume(rest, &value.asked, Outcome::NotTrue));
            }
            exits.push((*otherwise, rest));
            exits
        }
        Element::WaitDuration { next, .. } => vec![(*next, state.later(names))],
        Element::WaitUntil { next, on_past: past, .. } => vec![(*next, state.clone().later(names)), (*past, state)],
        Element::WaitEvent { wait, on_event, on_timeout } => {
            let state = state.later(names);
            let named = |source: &Source| match source {
                Source::Event(name) => {
                    wait.binding.as_ref() == Some(name) || wait.patterns.iter().any(|pattern| pattern.event == *name)
                }
                Source::Client | Source::Business => false,
            };
            let rebound = |term: &Term| matches!(term, Term::Field(field) if named(&field.0));
            vec![(*on_event, state.clone().forgetting(&rebound)), (*on_timeout, state)]
        }
        Element::Send { next, on_not_sent, .. } => {
            let held = !graph.settings.hours.is_empty()
                || graph.settings.limits.iter().any(|limit| matches!(limit.over, Over::Defer(_)));
            after_send(names, state, *next, *on_not_sent, held)
        }
        Element::Call { call, next, on_failed } => {
            let is_answer =
                |source: &Source| matches!(source, Source::Event(name) if call.answer.as_ref() == Some(name));
            let state = state.forgetting(&|term| matches!(term, Term::Field(field) if is_answer(&field.0)));
            after_send(names, state, *next, *on_failed, false)
        }
        Element::Set { field, value, next, .. } => vec![(*next, after_set(state, field, value))],
        Element::Tag { tag, add, next } => vec![(*next, after_tag(state, tag, *add))],
        // Funnels that react may change the client before this run continues.
        Element::Emit { next, .. } | Element::Start { next, .. } | Element::StopFunnel { next, .. } => {
            vec![(*next, state.later(names))]
        }
        Element::Fork { paths } => {
            let state = without_parallel_writes(names, graph, paths, state);
            paths.iter().map(|path| (*path, state.clone())).collect()
        }
        Element::Join { next } | Element::Task { next, .. } => vec![(*next, state)],
        Element::Repeat { body, next, .. } => vec![(*body, state.clone()), (*next, state)],
        Element::Split { shares, otherwise, .. } => {
            shares.iter().map(|share| share.to).chain([*otherwise]).map(|to| (to, state.clone())).collect()
        }
        Element::Stop => Vec::new(),
    }
}

/// Returns the state in which a condition on these `later` terms is evaluated: the run may have waited for them.
pub(super) fn after_waiting(names: &Names<'_>, state: State, later: &[Term]) -> State {
    if later.iter().all(|term| state.has(term)) { state } else { state.later(names) }
}

/// A run waits after a send or call with an `else`, or if the message may be held back.
fn after_send(
    names: &Names<'_>,
    state: State,
    next: Option<NodeIx>,
    on_not_sent: OnFailure,
    held: bool,
) -> Vec<(Option<NodeIx>, State)> {
    match on_not_sent {
        OnFailure::Else(other) => {
            let state = state.later(names);
            vec![(next, state.clone()), (other, state)]
        }
        OnFailure::Continue if held => vec![(next, state.later(names))],
        OnFailure::Continue => vec![(next, state)],
    }
}

/// Returns the state after a field of the client is set.
pub(super) fn after_set(state: State, field: &str, value: &Expr) -> State {
    let term = Term::field(Source::Client, field);
    let state = state.forgetting(&|other| *other == term);
    state.with(|cube| match value {
        Expr::Value(Value::Text(text)) => cube.with_text(&term, TextSet::Among(BTreeSet::from([text.clone()]))),
        Expr::Value(Value::Bool(value)) => cube.with_flag(&term, *value),
        _ => Some(cube),
    })
}

/// Returns the state after a tag is added or removed.
pub(super) fn after_tag(state: State, tag: &Expr, add: bool) -> State {
    let tags = Term::field(Source::Client, "tags");
    let state = state.forgetting(&|other| *other == tags);
    let read = crate::check::program::FieldRead {
        source: Source::Client,
        name: "tags".to_owned(),
        ty: Type::List(Box::new(Type::Text)),
        later: None,
    };
    let question = Expr::Contains(Box::new(Expr::Field(read)), Box::new(tag.clone()));
    state.with(|cube| cube.with_flag(&Term::whole(&question), add))
}

/// Removes the facts that parallel paths may change.
fn without_parallel_writes(names: &Names<'_>, graph: &Graph, paths: &[Option<NodeIx>], state: State) -> State {
    let mut seen = BTreeSet::new();
    let mut open: Vec<NodeIx> = paths.iter().copied().flatten().collect();
    let mut changed: BTreeSet<String> = BTreeSet::new();
    let mut others = false;
    while let Some(at) = open.pop() {
        let Some(node) = graph.node(at).filter(|_| seen.insert(at)) else { continue };
        if let Element::Set { field, .. } = &node.element {
            changed.insert(field.clone());
        }
        if matches!(node.element, Element::Tag { .. }) {
            changed.insert("tags".to_owned());
        }
        others |= matches!(node.element, Element::Emit { .. } | Element::Start { .. } | Element::StopFunnel { .. });
        open.extend(node.element.targets());
    }
    if others {
        return state.later(names);
    }
    state.forgetting(
        &|term| matches!(term, Term::Field(field) if field.0 == Source::Client && changed.contains(&field.1)),
    )
}
