//! Loops. In: a funnel's checked chains. Out: a finding for each loop that a run could go round without ever waiting.

use crate::check::checker::Checker;
use crate::check::program::{Arithmetic, Day, END, Element, Expr, Moment, NEXT, Past, Step, UpTo};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::value::{Duration, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A place in the flow: an element, or an end that several paths share.
struct Spot<'p> {
    step: Option<&'p Step>,
    /// Whether a run is sure to spend time here.
    holds: bool,
    to: Vec<usize>,
}

/// The flow of a funnel as places and arrows.
#[derive(Default)]
struct Flow<'p> {
    spots: Vec<Spot<'p>>,
    labels: BTreeMap<&'p str, usize>,
    gotos: Vec<(usize, &'p str)>,
    /// Where the path leads that is looked at.
    end: usize,
}

impl Checker<'_> {
    /// Reports the loops of a funnel's chains on which nothing waits.
    pub(in crate::check) fn loops(&mut self, chains: &[&[Step]]) {
        let mut flow = Flow::default();
        let end = flow.spot(None, false, Vec::new());
        for chain in chains {
            flow.closed_path(chain, end);
        }
        let gotos = flow.gotos.clone();
        for (at, label) in &gotos {
            let target = flow.labels.get(label).copied();
            if let Some(spot) = flow.spots.get_mut(*at) {
                spot.to.extend(target);
            }
        }
        let mut known = BTreeSet::new();
        for (at, label) in gotos {
            let Some(round) = flow.round(at) else { continue };
            if round.iter().all(|spot| known.insert(*spot)) {
                let finding = flow.finding(at, label, &round);
                self.report(finding);
            }
        }
    }
}

impl<'p> Flow<'p> {
    fn spot(&mut self, step: Option<&'p Step>, holds: bool, to: Vec<usize>) -> usize {
        self.spots.push(Spot { step, holds, to });
        self.spots.len() - 1
    }

    /// Adds a chain that leads to `end`, and gives its beginning.
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

    /// Adds the chain of a path of its own, in which `goto end` leads to its end.
    fn closed_path(&mut self, steps: &'p [Step], end: usize) -> usize {
        let outside = std::mem::replace(&mut self.end, end);
        let start = self.chain(steps, end);
        self.end = outside;
        start
    }

    fn step(&mut self, step: &'p Step, element: &'p Element, next: usize, after_next: usize) -> usize {
        let mut holds = false;
        let to = match element {
            Element::If { then, otherwise, .. } => vec![self.chain(then, next), self.chain(otherwise, next)],
            Element::WaitDuration { duration, .. } => {
                holds = *duration != Duration::default();
                vec![next]
            }
            Element::WaitUntil { moment, on_past: past } => {
                holds = takes_time(moment);
                match past {
                    Past::GoOn | Past::Stop => vec![next],
                    Past::Skip => vec![next, after_next],
                    Past::Block(steps) => vec![next, self.chain(steps, next)],
                }
            }
            Element::WaitEvent { wait, on_event, on_timeout } => {
                let on_event = self.chain(on_event, next);
                // An event that came takes its time; an end that is past already does not.
                let on_event = self.spot(None, true, vec![on_event]);
                let ends_at_once = match &wait.up_to {
                    None => false,
                    Some(UpTo::Duration(duration)) => *duration == Duration::default(),
                    Some(UpTo::Moment(moment)) => !is_ahead(moment),
                };
                let on_timeout = self.chain(on_timeout, next);
                vec![on_event, if ends_at_once { on_timeout } else { self.spot(None, true, vec![on_timeout]) }]
            }
            Element::Send { on_not_sent: path, .. } | Element::Call { on_failed: path, .. } => {
                let other = path.as_deref().map(|path| self.chain(path, next));
                std::iter::once(next).chain(other).collect()
            }
            Element::Match { cases, otherwise, .. } => {
                let mut to: Vec<usize> = cases.iter().map(|case| self.chain(&case.chain, next)).collect();
                to.push(self.chain(otherwise, next));
                to
            }
            Element::Split { shares, otherwise, .. } => {
                let mut to: Vec<usize> = shares.iter().map(|share| self.chain(&share.chain, next)).collect();
                to.push(self.chain(otherwise, next));
                to
            }
            // All paths are walked before what follows, so for the time they take it is as if one by one.
            Element::Parallel { paths } => {
                vec![paths.iter().rev().fold(next, |next, path| self.closed_path(path, next))]
            }
            Element::Repeat { body, .. } => vec![self.closed_path(body, next)],
            Element::Goto { label } => {
                self.gotos.push((self.spots.len(), label));
                Vec::new()
            }
            Element::Stop => Vec::new(),
            Element::Set { .. }
            | Element::Tag { .. }
            | Element::Task(_)
            | Element::Emit { .. }
            | Element::Start { .. } => vec![next],
        };
        self.spot(Some(step), holds, to)
    }

    /// The way from a place back to itself past nothing that takes time, if there is one.
    fn round(&self, start: usize) -> Option<Vec<usize>> {
        let mut from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            let spot = self.spots.get(at)?;
            for next in spot.to.iter().copied().filter(|next| self.spots.get(*next).is_some_and(|spot| !spot.holds)) {
                if from.contains_key(&next) {
                    continue;
                }
                from.insert(next, at);
                if next != start {
                    open.push(next);
                    continue;
                }
                let mut way = vec![at];
                while let Some(last) = way.last().copied().filter(|last| *last != start) {
                    way.push(*from.get(&last)?);
                }
                return Some(way);
            }
        }
        None
    }

    fn finding(&self, at: usize, label: &str, round: &[usize]) -> Diagnostic {
        let step = |spot: usize| self.spots.get(spot).and_then(|spot| spot.step);
        let span = step(at).map_or(Span::NOWHERE, |step| step.span);
        let message = say!("the loop from `{label}` to here never waits", label);
        let mut finding = Diagnostic::new(Code::LoopWithoutWait, span, message, say!("back without a wait"));
        if let Some(first) = self.labels.get(label).and_then(|at| step(*at)) {
            finding = finding.related(first.span, say!("the loop begins here"));
        }
        let waits = round
            .iter()
            .filter_map(|spot| step(*spot))
            .find(|step| matches!(step.element, Element::WaitDuration { .. } | Element::WaitUntil { .. }));
        if let Some(wait) = waits {
            finding = finding.related(wait.span, say!("goes on at once when this is past"));
        }
        let before = Span { end: span.start, ..span };
        finding.help(say!("let some time pass: `wait 24h -> goto {label}`", label)).guess(
            say!("wait a day first"),
            before,
            "wait 24h -> ",
        )
    }
}

/// Whether a wait until a moment takes time on every visit. The moment of a record may be past, and stays so.
fn takes_time(moment: &Moment) -> bool {
    match moment {
        Moment::Time(_) | Moment::Weekday(..) => true,
        Moment::At(moment) => is_ahead(moment),
    }
}

/// Whether a moment is always still to come.
fn is_ahead(moment: &Expr) -> bool {
    let lasts = |expr: &Expr| matches!(expr, Expr::Value(Value::Duration(length)) if *length != Duration::default());
    let from = |expr: &Expr| *expr == Expr::Now || is_ahead(expr);
    if let Expr::Arithmetic(Arithmetic::Add, a, b) = moment {
        return (from(a) && lasts(b)) || (lasts(a) && from(b));
    }
    matches!(moment, Expr::Day { day: Day::Tomorrow, .. })
}
