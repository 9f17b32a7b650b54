//! What may be at each element. In: a graph. Out: the state before each of its nodes, whichever way a run comes there.

use super::assume::{Turn, assume};
use super::cube::{Cube, Texts};
use super::question::{Ask, Question, told_later};
use super::state::State;
use crate::analyse::term::{Names, Term};
use crate::check::program::{Change, Expr, Over, Pattern, Source, Trigger};
use crate::graph::{Element, Entry, Graph, Node, NodeIx, OnFailure};
use crate::value::{Type, Value};
use std::collections::BTreeSet;

/// Limit: a node in a loop is looked at so often before nothing counts as known there.
const MOST_LOOKS: usize = 8;

/// The questions of each node: the condition of an `if`, for each value of a `match` whether it is that. Their order is that
/// of the nodes.
pub(super) fn questions(names: &Names<'_>, graph: &Graph) -> Vec<Vec<Question>> {
    let of_node = |node: &Node| match &node.element {
        Element::If { condition, .. } => vec![Question::of(names, condition)],
        Element::Match { subject, cases, .. } => {
            let values = cases.iter().flat_map(|case| &case.values);
            values.map(|value| Question::of(names, &equals(subject, value))).collect()
        }
        Element::Send { .. }
        | Element::Call { .. }
        | Element::Set { .. }
        | Element::Tag { .. }
        | Element::Task { .. }
        | Element::Emit { .. }
        | Element::Start { .. }
        | Element::WaitDuration { .. }
        | Element::WaitUntil { .. }
        | Element::WaitEvent { .. }
        | Element::Fork { .. }
        | Element::Join { .. }
        | Element::Repeat { .. }
        | Element::Split { .. }
        | Element::Stop => Vec::new(),
    };
    graph.nodes.iter().map(of_node).collect()
}

/// The state before each node that asks something, or leads to one that does; impossible where no run comes. The questions are
/// those of the nodes.
pub(super) fn flow(names: &Names<'_>, graph: &Graph, questions: &[Vec<Question>]) -> Vec<State> {
    let mut before = vec![State::nothing(); graph.nodes.len()];
    let mut looks = vec![0_usize; graph.nodes.len()];
    let asking = asking(graph, questions);
    let asks = |to: Option<NodeIx>| to.is_some_and(|to| asking.get(to.0 as usize) == Some(&true));
    let mut open: Vec<(Option<NodeIx>, State)> = Vec::new();
    for entry in graph.entries.iter().filter(|entry| asks(entry.start)) {
        open.push((entry.start, beginning(names, entry)));
    }
    while let Some((to, state)) = open.pop() {
        let Some(at) = to.map(|to| to.0 as usize).filter(|_| !state.is_impossible()) else { continue };
        let (Some(node), Some(asked)) = (graph.nodes.get(at), questions.get(at)) else { continue };
        let (Some(known), Some(look)) = (before.get_mut(at), looks.get_mut(at)) else { continue };
        *look += 1;
        let joined = if *look > MOST_LOOKS { State::anything() } else { known.clone().or(state) };
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

/// Which nodes ask something, or lead to one that does. What is known at the others is of no use.
fn asking(graph: &Graph, questions: &[Vec<Question>]) -> Vec<bool> {
    let waits = |node: &Node| matches!(&node.element, Element::WaitEvent { wait, .. } if wait.filter.is_some());
    let mut asking: Vec<bool> =
        graph.nodes.iter().zip(questions).map(|(node, asked)| !asked.is_empty() || waits(node)).collect();
    // Most arrows lead to later nodes, so that mostly one look is enough.
    loop {
        let mut changed = false;
        for (at, node) in graph.nodes.iter().enumerate().rev() {
            let leads = |to: NodeIx| asking.get(to.0 as usize) == Some(&true);
            if asking.get(at) == Some(&false) && node.element.targets().into_iter().any(leads) {
                asking.iter_mut().skip(at).take(1).for_each(|asks| *asks = true);
                changed = true;
            }
        }
        if !changed {
            return asking;
        }
    }
}

/// What is known when a run begins.
pub(super) fn beginning(names: &Names<'_>, entry: &Entry) -> State {
    happening(names, &entry.trigger, entry.filter.as_ref())
}

/// What is known when a trigger comes and its filter holds.
pub(super) fn happening(names: &Names<'_>, trigger: &Trigger, filter: Option<&Expr>) -> State {
    let state = match trigger {
        Trigger::Happened { patterns, binding } => happened(names, State::anything(), patterns, binding.as_deref()),
        Trigger::Segment { segment, entering } => {
            let turn = if *entering { Turn::True } else { Turn::NotTrue };
            assume(State::anything(), &Ask::of(names, &segment.condition), turn)
        }
        Trigger::Every { segment: Some(segment), .. } => {
            assume(State::anything(), &Ask::of(names, &segment.condition), Turn::True)
        }
        Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Every { segment: None, .. } => State::anything(),
    };
    match filter {
        Some(filter) => assume(state, &Ask::of(names, filter), Turn::True),
        None => state,
    }
}

/// What is known when one of these has happened, of what was known without it.
pub(super) fn happened(names: &Names<'_>, known: State, patterns: &[Pattern], binding: Option<&str>) -> State {
    let one = |pattern: &Pattern| {
        let source = if pattern.event == "client" {
            Source::Client
        } else {
            Source::Event(binding.unwrap_or(&pattern.event).to_owned())
        };
        let field = match &pattern.change {
            // A field may also have changed by going missing.
            Change::Created | Change::Updated | Change::FieldChanged(_) => return known.clone(),
            Change::TurnedTrue(field) => field,
        };
        let term = Term::field(source, field);
        let told = |cube: Cube| if names.may_be_missing(&term) { cube.with_presence(&term, true) } else { Some(cube) };
        known.clone().with(|cube| told(cube)?.with_flag(&term, true))
    };
    patterns.iter().map(one).fold(State::nothing(), State::or)
}

/// Where a node leads, and what is known there.
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
            let state = told(names, state, &question.later);
            let held = assume(state.clone(), &question.asked, Turn::True);
            vec![(*yes, held), (*no, assume(state, &question.asked, Turn::NotTrue))]
        }
        Element::Match { subject, cases, otherwise } => {
            let mut rest = told(names, state, &told_later(subject));
            let (mut ways, mut questions) = (Vec::new(), questions);
            for case in cases {
                let (own, others) = questions.split_at(case.values.len().min(questions.len()));
                questions = others;
                let taken = own.iter().map(|value| assume(rest.clone(), &value.asked, Turn::True));
                ways.push((case.to, taken.fold(State::nothing(), State::or)));
                rest = own.iter().fold(rest, |rest, value| assume(rest, &value.asked, Turn::NotTrue));
            }
            ways.push((*otherwise, rest));
            ways
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
            let anew = |term: &Term| matches!(term, Term::Field(field) if named(&field.0));
            vec![(*on_event, state.clone().forgetting(&anew)), (*on_timeout, state)]
        }
        Element::Send { next, on_not_sent, .. } => {
            let held = !graph.settings.hours.is_empty()
                || graph.settings.limits.iter().any(|limit| matches!(limit.over, Over::Defer(_)));
            went_out(names, state, *next, *on_not_sent, held)
        }
        Element::Call { next, on_failed: on_not_sent, .. } => went_out(names, state, *next, *on_not_sent, false),
        Element::Set { field, value, next } => vec![(*next, set(state, field, value))],
        Element::Tag { tag, add, next } => vec![(*next, tagged(state, tag, *add))],
        // What others do about it may change the client before this run goes on.
        Element::Emit { next, .. } | Element::Start { next, .. } => vec![(*next, state.later(names))],
        Element::Fork { paths } => {
            let state = beside(names, graph, paths, state);
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

/// The state when a question about these is answered, which are told later: it may have waited for them.
pub(super) fn told(names: &Names<'_>, state: State, later: &[Term]) -> State {
    if later.iter().all(|term| state.has(term)) { state } else { state.later(names) }
}

/// `subject == value`
pub(super) fn equals(subject: &Expr, value: &Expr) -> Expr {
    let (subject, value) = (Box::new(subject.clone()), Box::new(value.clone()));
    Expr::Compare(crate::check::program::Comparison::Equal, subject, value)
}

/// After what goes out: with an `else`, and where it may be held back, the run waits.
fn went_out(
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

/// A field of the client gets a value.
pub(super) fn set(state: State, field: &str, value: &Expr) -> State {
    let term = Term::field(Source::Client, field);
    let state = state.forgetting(&|other| *other == term);
    state.with(|cube| match value {
        Expr::Value(Value::Text(text)) => cube.with_text(&term, Texts::Among(BTreeSet::from([text.clone()]))),
        Expr::Value(Value::Bool(value)) => cube.with_flag(&term, *value),
        _ => Some(cube),
    })
}

/// The client's tags changed; the one that the text names is there now, or is not.
pub(super) fn tagged(state: State, tag: &Expr, add: bool) -> State {
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

/// What no path that runs at the same time may change.
fn beside(names: &Names<'_>, graph: &Graph, paths: &[Option<NodeIx>], state: State) -> State {
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
        others |= matches!(node.element, Element::Emit { .. } | Element::Start { .. });
        open.extend(node.element.targets());
    }
    if others {
        return state.later(names);
    }
    state.forgetting(
        &|term| matches!(term, Term::Field(field) if field.0 == Source::Client && changed.contains(&field.1)),
    )
}
