//! Paths to sends. In: the chain of an entry. Out: each send with the waits and conditions on a path to it; a run with
//! these outcomes certainly reaches it.

use crate::check::program::{Case, Element, Entry, Expr, Moment, Past, Send, Step, WaitEvent};
use crate::value::Decimal;

/// Limit: the most path elements that a `repeat` is unrolled to; a longer one is not followed.
const MAX_UNROLLED: usize = 24;

/// An element of a path: a wait, or the outcome of a condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PathElement<'p> {
    /// A wait.
    Wait(&'p Element),
    /// A wait until a moment that was ahead.
    Moment(&'p Moment),
    /// A wait for an event.
    Event(&'p WaitEvent),
    /// A wait for a `later` value.
    Answer(&'p Expr),
    /// A moment that was past.
    Past(&'p Moment),
    /// Whether the event of a wait arrived.
    Came(&'p WaitEvent, bool),
    /// The outcome of a condition that takes no time.
    Answered(&'p Expr, bool),
    /// Whether a value is one of these.
    Among(&'p Expr, &'p [Expr], bool),
}

impl PathElement<'_> {
    /// Whether it takes no time.
    pub(super) fn is_instant(&self) -> bool {
        match self {
            Self::Past(_) | Self::Came(..) | Self::Answered(..) | Self::Among(..) => true,
            Self::Wait(_) | Self::Moment(_) | Self::Event(_) | Self::Answer(_) => false,
        }
    }
}

/// Visits each send of an entry with a path to it, in source order.
pub(super) fn send_paths<'p>(entry: &'p Entry, visit: impl FnMut(&'p Step, &'p Send, &[PathElement<'p>])) {
    let mut walk = Walk { path: Vec::new(), visit };
    for filter in entry.filter.iter().chain(entry.trigger.holds()) {
        walk.push_answer(filter);
        walk.path.extend(outcome_elements(filter, true));
    }
    walk.chain(&entry.chain);
}

struct Walk<'p, V> {
    path: Vec<PathElement<'p>>,
    visit: V,
}

impl<'p, V: FnMut(&'p Step, &'p Send, &[PathElement<'p>])> Walk<'p, V> {
    /// Appends a chain to the path; returns whether the path continues after it.
    fn chain(&mut self, chain: &'p [Step]) -> bool {
        chain.iter().all(|step| self.step(step))
    }

    fn step(&mut self, step: &'p Step) -> bool {
        match &step.element {
            Element::Send { send, .. } => (self.visit)(step, send, &self.path),
            Element::WaitUntil { moment, on_past: Past::Block(late) } => {
                // If the moment is ahead, the path does not lead through the block.
                self.tail(vec![PathElement::Past(moment)], late);
                self.path.push(PathElement::Moment(moment));
            }
            wait @ (Element::WaitDuration { .. } | Element::WaitUntil { .. }) => {
                self.path.push(PathElement::Wait(wait))
            }
            Element::WaitEvent { wait, on_event, skips: true, .. } => {
                self.path.extend([PathElement::Event(wait), PathElement::Came(wait, true)]);
                return self.chain(on_event);
            }
            Element::WaitEvent { wait, on_event, on_timeout, .. } => return self.event(wait, on_event, on_timeout),
            Element::If { condition, then, otherwise } => {
                self.push_answer(condition);
                return self.one_of([
                    (outcome_elements(condition, true), then),
                    (outcome_elements(condition, false), otherwise),
                ]);
            }
            Element::Match { subject, cases, otherwise } => return self.case(subject, cases, otherwise),
            // Each funnel draws independently, so some clients take any given path of both.
            Element::Split { shares, otherwise, .. } => {
                let drawn = shares.iter().filter(|share| !share.percent.is_zero()).map(|share| share.chain.as_slice());
                let is_whole = shares.iter().map(|share| share.percent).sum::<Decimal>() >= Decimal::ONE_HUNDRED;
                let paths = drawn.chain((!is_whole).then_some(otherwise.as_slice()));
                return self.one_of(paths.map(|path| (Vec::new(), path)));
            }
            Element::Parallel { paths } => return self.all_of(paths),
            Element::Repeat { times, body } => return self.repeated(*times, body),
            Element::Set { .. }
            | Element::Tag { .. }
            | Element::Task(_)
            | Element::Emit { .. }
            | Element::Start { .. }
            | Element::StopFunnel { .. }
            | Element::Call { .. } => {}
            Element::Goto { .. } | Element::Stop => return false,
        }
        true
    }

    fn event(&mut self, wait: &'p WaitEvent, on_event: &'p [Step], on_timeout: &'p [Step]) -> bool {
        self.path.push(PathElement::Event(wait));
        if wait.up_to.is_none() {
            return self.chain(on_event);
        }
        self.one_of([
            (vec![PathElement::Came(wait, true)], on_event),
            (vec![PathElement::Came(wait, false)], on_timeout),
        ])
    }

    fn case(&mut self, subject: &'p Expr, cases: &'p [Case], otherwise: &'p [Step]) -> bool {
        self.push_answer(subject);
        let of_cases = cases.iter().map(|case| case.chain.as_slice());
        // Without `otherwise` the cases take every value.
        let paths = of_cases.chain((!otherwise.is_empty()).then_some(otherwise)).enumerate();
        // Distinct constants exclude each other.
        let is_plain = |case: &&Case| case.values.iter().all(|value| matches!(value, Expr::Value(_)));
        let plain = cases.iter().take_while(is_plain).count();
        self.one_of(paths.map(|(at, path)| {
            let earlier = cases.iter().take(if at < plain { 0 } else { at });
            let earlier = earlier.map(|case| PathElement::Among(subject, &case.values, false));
            let own = cases.get(at).map(|case| PathElement::Among(subject, &case.values, true));
            (earlier.chain(own).collect(), path)
        }))
    }

    /// Visits the sends of a branch that starts with these elements; returns its elements if the path continues after
    /// it.
    fn tail(&mut self, start: Vec<PathElement<'p>>, path: &'p [Step]) -> Option<Vec<PathElement<'p>>> {
        let before = self.path.len();
        self.path.extend(start);
        let leads_on = self.chain(path);
        let tail = self.path.split_off(before);
        leads_on.then_some(tail)
    }

    /// Branches of which a run takes one. If no branch adds more than its condition, every run continues; otherwise the
    /// path follows the first branch.
    fn one_of<P>(&mut self, paths: impl IntoIterator<Item = (Vec<PathElement<'p>>, &'p P)>) -> bool
    where
        P: AsRef<[Step]> + ?Sized + 'p,
    {
        let (mut first, mut differ) = (None, false);
        for (start, path) in paths {
            let length = start.len();
            let tail = self.tail(start, path.as_ref());
            differ |= tail.as_ref().is_none_or(|tail| tail.len() > length);
            first = first.or(tail);
        }
        let leads_on = first.is_some();
        self.path.extend(first.filter(|_| differ).into_iter().flatten());
        leads_on
    }

    /// Parallel paths. If several take time, which one ends last is not known.
    fn all_of(&mut self, paths: &'p [Vec<Step>]) -> bool {
        let tails: Vec<_> = paths.iter().map(|path| self.tail(Vec::new(), path)).collect();
        let Some(tails) = tails.into_iter().collect::<Option<Vec<_>>>() else { return false };
        if tails.iter().filter(|tail| !tail.iter().all(PathElement::is_instant)).count() > 1 {
            return false;
        }
        self.path.extend(tails.into_iter().flatten());
        true
    }

    fn repeated(&mut self, times: u32, body: &'p [Step]) -> bool {
        let before = self.path.len();
        if !self.chain(body) {
            return false;
        }
        let round = self.path.get(before..).unwrap_or_default().to_vec();
        let rest = usize::try_from(times).unwrap_or(usize::MAX).saturating_sub(1);
        if round.len().saturating_mul(rest) > MAX_UNROLLED {
            return false;
        }
        (0..rest).for_each(|_| self.path.extend(&round));
        true
    }

    /// Appends a wait if an expression reads a `later` field.
    fn push_answer(&mut self, question: &'p Expr) {
        if question.reads().iter().any(|read| read.later.is_some()) {
            self.path.push(PathElement::Answer(question));
        }
    }
}

/// The elements for the outcome of a condition; a true `and` gives one for each operand.
fn outcome_elements(question: &Expr, holds: bool) -> Vec<PathElement<'_>> {
    match (question, holds) {
        (Expr::And(a, b), true) => outcome_elements(a, true).into_iter().chain(outcome_elements(b, true)).collect(),
        (question, holds) => vec![PathElement::Answered(question, holds)],
    }
}
