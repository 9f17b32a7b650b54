//! `goto`. In: the labels and gotos of a funnel. Out: whether a label can be reached, and what is known there on every
//! path.

use super::{At, CheckedElement, Flow};
use crate::check::checker::{Checker, listed, unknown};
use crate::check::program::{END, Element, NEXT};
use crate::check::scope::{BoundEvent, Facts, Scope, join};
use crate::check::symbol::{BuiltinKind, Role};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The labels and split names of a funnel, with their places.
#[derive(Debug, Clone, Default)]
pub(in crate::check) struct Labels {
    /// The labels of its elements.
    pub(super) elements: BTreeMap<String, Span>,
    /// The names of its splits.
    pub(super) splits: BTreeMap<String, Span>,
    /// The targets of its gotos.
    pub(in crate::check) jumps: Jumps,
    /// What is known at each `goto end` of the current path; `None` before the first.
    pub(in crate::check) end: Option<Facts>,
}

impl Labels {
    /// No labels yet, with the gotos of the funnel.
    pub(in crate::check) fn with_jumps(jumps: Jumps) -> Self {
        Self { jumps, ..Self::default() }
    }
}

/// The gotos of a funnel and their targets.
#[derive(Debug, Clone, Default)]
pub(in crate::check) struct Jumps {
    /// The `parallel` paths and `repeat` bodies around each labeled element, outermost first.
    pub(super) places: BTreeMap<String, Vec<Span>>,
    /// The same around each `goto`, by the span of the name in it.
    gotos: BTreeMap<Span, Vec<Span>>,
    /// The labels of elements that send a message.
    pub(super) sends: BTreeSet<String>,
    /// The labels that a reachable `goto` names.
    reached: BTreeSet<String>,
    /// What is known at each label on every `goto` to it.
    arrivals: BTreeMap<String, Arrival>,
}

/// What is known at every `goto` to a label.
#[derive(Debug, Clone, PartialEq)]
struct Arrival {
    facts: Facts,
    bound: Arc<Vec<BoundEvent>>,
}

impl Jumps {
    /// Collects the labels and gotos in the chains of a funnel.
    pub(in crate::check) fn of<'a>(chains: impl Iterator<Item = &'a [ast::Step]>) -> Self {
        let mut jumps = Self::default();
        chains.for_each(|steps| jumps.survey(steps, &mut Vec::new()));
        jumps
    }

    fn survey(&mut self, steps: &[ast::Step], around: &mut Vec<Span>) {
        for step in steps {
            if let Some(label) = &step.label {
                self.places.entry(label.node.clone()).or_insert_with(|| around.clone());
                if matches!(step.element, ast::Element::Send(_)) {
                    self.sends.insert(label.node.clone());
                }
            }
            if let ast::Element::Goto(name) = &step.element {
                self.gotos.insert(name.span, around.clone());
            }
            let closed = matches!(step.element, ast::Element::Parallel { .. } | ast::Element::Repeat { .. });
            for path in paths(&step.element) {
                if closed {
                    around.push(path.span);
                }
                self.survey(&path.steps, around);
                if closed {
                    around.pop();
                }
            }
        }
    }

    /// Whether a reachable `goto` leads to a step or into it.
    pub(super) fn reach_into(&self, step: &ast::Step) -> bool {
        // Most funnels have no `goto`; their steps need no search.
        if self.reached.is_empty() {
            return false;
        }
        self.reach(step) || paths(&step.element).iter().any(|path| path.steps.iter().any(|s| self.reach_into(s)))
    }

    /// Whether a reachable `goto` leads to a step itself.
    fn reach(&self, step: &ast::Step) -> bool {
        step.label.as_ref().is_some_and(|label| self.reached.contains(&label.node))
    }

    /// Limits what is known before a step to what is known on every `goto` to it as well.
    pub(super) fn merge_arrivals(&self, scope: &mut Scope, step: &ast::Step, assume_known: bool) {
        let unreachable = scope.unreachable;
        scope.unreachable &= !self.reach_into(step);
        let Some(label) = step.label.as_ref().filter(|_| self.reach(step)) else { return };
        match (self.arrivals.get(&label.node), unreachable) {
            (Some(arrival), true) => {
                scope.assume_known = assume_known;
                scope.facts = arrival.facts.clone();
                scope.bound = arrival.bound.clone();
            }
            (Some(arrival), false) => {
                scope.facts.retain(|fact| arrival.facts.contains(fact));
                retain(&mut scope.bound, &arrival.bound);
            }
            // Only gotos under wrong conditions lead here; they restrict nothing.
            (None, true | false) => {}
        }
    }

    fn record_arrival(&mut self, label: &str, scope: &Scope) {
        if scope.unreachable {
            return;
        }
        self.reached.insert(label.to_owned());
        if scope.assume_known {
            return;
        }
        match self.arrivals.get_mut(label) {
            Some(arrival) => {
                arrival.facts.retain(|fact| scope.facts.contains(fact));
                retain(&mut arrival.bound, &scope.bound);
            }
            None => {
                let arrival = Arrival { facts: scope.facts.clone(), bound: scope.bound.clone() };
                self.arrivals.insert(label.to_owned(), arrival);
            }
        }
    }

    /// Whether the same labels are reached with the same knowledge as in an earlier pass.
    pub(in crate::check) fn same_as(&self, before: &Self) -> bool {
        self.reached == before.reached && self.arrivals == before.arrivals
    }
}

impl Checker<'_> {
    /// `goto label`
    pub(super) fn goto(&mut self, at: At<'_>, to: &ast::Name, label: Option<&ast::Name>) -> CheckedElement {
        let scope = at.scope;
        let jump = self.jump(at, to, label);
        // A wrong `goto` has no known target, so what follows counts as reachable.
        let end = jump.is_none().then(|| scope.facts.clone());
        (jump, Flow::to(end))
    }

    fn jump(&mut self, At { scope, labels, .. }: At<'_>, to: &ast::Name, label: Option<&ast::Name>) -> Option<Element> {
        if let Some(label) = label {
            let message = say!("a `goto` cannot have a label");
            let finding = Diagnostic::new(Code::NothingToDo, label.span, message, say!("name not allowed here"));
            self.report(finding.help(say!("put the label on an element")));
        }
        let name = &to.node;
        if [NEXT, END].contains(&name.as_str()) {
            self.record_builtin(BuiltinKind::Special, to);
        }
        if name == NEXT {
            return Some(Element::Goto { label: name.clone() });
        }
        if name == END {
            labels.end = join(labels.end.take(), (!scope.unreachable).then(|| scope.facts.clone()));
            return Some(Element::Goto { label: name.clone() });
        }
        let Some(place) = labels.jumps.places.get(name) else {
            let message = say!("unknown label `{name}`", name);
            let known = || labels.jumps.places.keys().map(String::as_str);
            let mut finding = unknown(Code::UnknownLabel, to.span, name, message, known());
            if finding.help.is_empty() {
                finding = match known().next() {
                    Some(_) => finding.help(say!("available labels: {names}", names = listed(known()))),
                    None => finding.help(say!("add the label to an element: `{name}: wait 1d`", name)),
                };
            }
            return self.fail(finding);
        };
        self.record_label(to, Role::Uses);
        if labels.jumps.gotos.get(&to.span) != Some(place) {
            let message = say!("cannot jump to `{name}` from here", name);
            let finding = Diagnostic::new(Code::UnknownLabel, to.span, message, say!("on another path"));
            return self
                .fail(finding.help(say!(
                    "a `goto` cannot jump into or out of a path of a `parallel` or the body of a `repeat`"
                )));
        }
        labels.jumps.record_arrival(name, scope);
        Some(Element::Goto { label: name.clone() })
    }
}

/// Keeps the events that are in both, and collects where they are named.
fn retain(names: &mut Arc<Vec<BoundEvent>>, others: &Arc<Vec<BoundEvent>>) {
    if Arc::ptr_eq(names, others) {
        return;
    }
    let names = Arc::make_mut(names);
    names.retain(|bound| others.contains(bound));
    for bound in names {
        let places = others.iter().filter(|other| *other == bound).flat_map(|other| &other.declared);
        let new: Vec<Span> = places.filter(|place| !bound.declared.contains(place)).copied().collect();
        bound.declared.extend(new);
    }
}

fn of(block: &Option<ast::Block>) -> Option<&ast::Chain> {
    block.as_ref().map(|block| &block.chain)
}

/// The paths inside an element.
pub(super) fn paths(element: &ast::Element) -> Vec<&ast::Chain> {
    match element {
        ast::Element::If(written) => branches(written),
        ast::Element::Match { cases, otherwise, .. } => cases.iter().map(|case| &case.chain).chain(otherwise).collect(),
        ast::Element::Split { cases, otherwise, .. } => cases.iter().map(|case| &case.chain).chain(otherwise).collect(),
        ast::Element::Parallel { paths } => paths.iter().collect(),
        ast::Element::Repeat { body, .. } => vec![&body.chain],
        ast::Element::WaitUntil { otherwise: Some(ast::WaitElse::Block(block)), .. } => vec![&block.chain],
        ast::Element::WaitEvent(wait) => {
            let late = wait.otherwise.as_ref().and_then(|otherwise| match otherwise {
                ast::WaitElse::Block(block) => Some(&block.chain),
                ast::WaitElse::Skip(_) | ast::WaitElse::Stop(_) => None,
            });
            of(&wait.then).into_iter().chain(late).collect()
        }
        ast::Element::Send(send) => of(&send.otherwise).into_iter().collect(),
        ast::Element::Call { otherwise, .. } | ast::Element::Do { otherwise, .. } => {
            of(otherwise).into_iter().collect()
        }
        ast::Element::WaitDuration { .. }
        | ast::Element::WaitUntil { .. }
        | ast::Element::Set { .. }
        | ast::Element::Tag(_)
        | ast::Element::Untag(_)
        | ast::Element::Task { .. }
        | ast::Element::Emit { .. }
        | ast::Element::Start(_)
        | ast::Element::StopFunnel(_)
        | ast::Element::Stop
        | ast::Element::Goto(_)
        | ast::Element::Error => Vec::new(),
    }
}

/// The blocks of an `if` and of its `else if`s.
fn branches(written: &ast::If) -> Vec<&ast::Chain> {
    let mut chains = Vec::new();
    let mut open = Some(written);
    while let Some(branch) = open.take() {
        chains.extend(branch.then.as_ref().map(|block| &block.chain));
        match &branch.otherwise {
            Some(ast::Otherwise::Block(block)) => chains.push(&block.chain),
            Some(ast::Otherwise::If(inner, _)) => open = Some(inner),
            None => {}
        }
    }
    chains
}
