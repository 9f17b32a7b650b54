//! Loops without waits. In: the checked chains of a funnel. Out: a diagnostic for each loop that takes no time.

use crate::check::checker::Checker;
use crate::check::program::{Arithmetic, Day, END, Element, Expr, Moment, NEXT, Past, Step, UpTo};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::value::{Decimal, Duration, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A point of the flow: an element, or an end that several paths share.
struct FlowNode<'p> {
    step: Option<&'p Step>,
    /// Whether a run always spends time here.
    waits: bool,
    to: Vec<usize>,
}

/// The control flow of a funnel as a graph.
#[derive(Default)]
struct FlowGraph<'p> {
    nodes: Vec<FlowNode<'p>>,
    labels: BTreeMap<&'p str, usize>,
    gotos: Vec<(usize, &'p str)>,
    /// The end of the current path.
    end: usize,
}

impl Checker<'_> {
    /// Reports loops without a wait.
    pub(in crate::check) fn loops(&mut self, chains: &[&[Step]]) {
        let mut flow = FlowGraph::default();
        let end = flow.node(None, false, Vec::new());
        for chain in chains {
            flow.closed_path(chain, end);
        }
        let gotos = flow.gotos.clone();
        for (at, label) in &gotos {
            let target = flow.labels.get(label).copied();
            if let Some(node) = flow.nodes.get_mut(*at) {
                node.to.extend(target);
            }
        }
        let mut known = BTreeSet::new();
        for (at, label) in gotos {
            let Some(cycle) = flow.cycle(at) else { continue };
            if cycle.iter().all(|node| known.insert(*node)) {
                let finding = flow.finding(at, label, &cycle);
                self.report(finding);
            }
        }
    }
}

impl<'p> FlowGraph<'p> {
    fn node(&mut self, step: Option<&'p Step>, waits: bool, to: Vec<usize>) -> usize {
        self.nodes.push(FlowNode { step, waits, to });
        self.nodes.len() - 1
    }

    /// Adds a chain that leads to `end`, and returns its start.
    fn chain(&mut self, steps: &'p [Step], end: usize) -> usize {
        let (mut next, mut after_next) = (end, end);
        for step in steps.iter().rev() {
            let at = match &step.element {
                Element::Goto { label } if label == NEXT => end,
                Element::Goto { label } if label == END => self.end,
                other => self.step(step, other, next, after_next),
            };
            if let Some(label) = &step.label {
                self.labels.insert(label, at);
            }
            (next, after_next) = (at, next);
        }
        next
    }

    /// Adds a path of its own: `goto end` in it leads to its end.
    fn closed_path(&mut self, steps: &'p [Step], end: usize) -> usize {
        let outside = std::mem::replace(&mut self.end, end);
        let start = self.chain(steps, end);
        self.end = outside;
        start
    }

    fn step(&mut self, step: &'p Step, element: &'p Element, next: usize, after_next: usize) -> usize {
        let mut waits = false;
        let to = match element {
            Element::If { then, otherwise, .. } => vec![self.chain(then, next), self.chain(otherwise, next)],
            Element::WaitDuration { duration, .. } => {
                waits = *duration != Duration::default();
                vec![next]
            }
            Element::WaitUntil { moment, on_past: past } => {
                waits = takes_time(moment);
                match past {
                    Past::GoOn | Past::Stop => vec![next],
                    Past::Skip => vec![next, after_next],
                    Past::Block(steps) => vec![next, self.chain(steps, next)],
                }
            }
            Element::WaitEvent { wait, on_event, on_timeout, skips } => {
                let on_event = self.chain(on_event, next);
                // Waiting for an event takes time; a deadline that has passed already does not.
                let on_event = self.node(None, true, vec![on_event]);
                let ends_at_once = match &wait.up_to {
                    None => false,
                    Some(UpTo::Duration(duration)) => *duration == Duration::default(),
                    Some(UpTo::Moment(moment)) => !is_ahead(moment),
                };
                let on_timeout = self.chain(on_timeout, if *skips { after_next } else { next });
                vec![on_event, if ends_at_once { on_timeout } else { self.node(None, true, vec![on_timeout]) }]
            }
            Element::Send { on_not_sent: path, .. } | Element::Call { on_failed: path, .. } => {
                let other = path.as_deref().map(|path| self.chain(path, next));
                std::iter::once(next).chain(other).collect()
            }
            Element::Match { subject, cases, otherwise } => {
                let mut to: Vec<usize> = cases.iter().map(|case| self.chain(&case.chain, next)).collect();
                // Without `otherwise`, every value has a case, but a `later` value may never arrive.
                if !otherwise.is_empty() || subject.reads().iter().any(|read| read.later.is_some()) {
                    to.push(self.chain(otherwise, next));
                }
                to
            }
            Element::Split { shares, otherwise, .. } => {
                let mut to: Vec<usize> = shares.iter().map(|share| self.chain(&share.chain, next)).collect();
                let sum = shares.iter().fold(Decimal::ZERO, |sum, share| sum.saturating_add(share.percent));
                if sum < Decimal::ONE_HUNDRED {
                    to.push(self.chain(otherwise, next));
                }
                to
            }
            // All paths end before the next step, so in terms of time they run one after the other.
            Element::Parallel { paths } => {
                vec![paths.iter().rev().fold(next, |next, path| self.closed_path(path, next))]
            }
            Element::Repeat { body, .. } => vec![self.closed_path(body, next)],
            Element::Goto { label } => {
                self.gotos.push((self.nodes.len(), label));
                Vec::new()
            }
            Element::Stop => Vec::new(),
            Element::Set { .. }
            | Element::Tag { .. }
            | Element::Task(_)
            | Element::Emit { .. }
            | Element::Start { .. }
            | Element::StopFunnel { .. } => vec![next],
        };
        self.node(Some(step), waits, to)
    }

    /// The path from a point back to itself that takes no time, if there is one.
    fn cycle(&self, start: usize) -> Option<Vec<usize>> {
        let mut from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            let node = self.nodes.get(at)?;
            for next in node.to.iter().copied().filter(|next| self.nodes.get(*next).is_some_and(|node| !node.waits)) {
                if from.contains_key(&next) {
                    continue;
                }
                from.insert(next, at);
                if next != start {
                    open.push(next);
                    continue;
                }
                let mut path = vec![at];
                while let Some(last) = path.last().copied().filter(|last| *last != start) {
                    path.push(*from.get(&last)?);
                }
                return Some(path);
            }
        }
        None
    }

    fn finding(&self, at: usize, label: &str, cycle: &[usize]) -> Diagnostic {
        let step = |node: usize| self.nodes.get(node).and_then(|node| node.step);
        let span = step(at).map_or(Span::NOWHERE, |step| step.span);
        let message = say!("the loop from `{label}` to here contains no wait", label);
        let mut finding = Diagnostic::new(Code::LoopWithoutWait, span, message, say!("jumps back without a wait"));
        if let Some(first) = self.labels.get(label).and_then(|at| step(*at)) {
            finding = finding.related(first.span, say!("the loop begins here"));
        }
        let waits = cycle
            .iter()
            .filter_map(|node| step(*node))
            .find(|step| matches!(step.element, Element::WaitDuration { .. } | Element::WaitUntil { .. }));
        if let Some(wait) = waits {
            finding = finding.related(wait.span, say!("continues immediately if this is in the past"));
        }
        let before = Span { end: span.start, ..span };
        finding.help(say!("add a wait: `wait 24h -> goto {label}`", label)).guess(
            say!("wait a day first"),
            before,
            "wait 24h -> ",
        )
    }
}

/// Whether a wait until a moment takes time in every round. The moment of a record may have passed, and stays so.
fn takes_time(moment: &Moment) -> bool {
    match moment {
        Moment::Time(_) | Moment::Weekdays(..) => true,
        Moment::At(moment) => is_ahead(moment),
    }
}

/// Whether a moment is always in the future.
fn is_ahead(moment: &Expr) -> bool {
    let lasts = |expr: &Expr| matches!(expr, Expr::Value(Value::Duration(length)) if *length != Duration::default());
    let from = |expr: &Expr| *expr == Expr::Now || is_ahead(expr);
    if let Expr::Arithmetic(Arithmetic::Add, a, b) = moment {
        return (from(a) && lasts(b)) || (lasts(a) && from(b));
    }
    match moment {
        Expr::AtTime(of, _) => is_days_ahead(of),
        moment => matches!(moment, Expr::Day { day: Day::Tomorrow, .. }),
    }
}

/// Whether a moment is on a later date than now: `now + 1d`.
fn is_days_ahead(moment: &Expr) -> bool {
    let Expr::Arithmetic(Arithmetic::Add, a, b) = moment else { return false };
    let is_days = |expr: &Expr| matches!(expr, Expr::Value(Value::Duration(length)) if length.is_calendar());
    (**a == Expr::Now && is_days(b)) || (is_days(a) && **b == Expr::Now)
}
