//! The ways to messages. In: the chain of an entry. Out: each send with the waits and questions on a way to it: a run for which
//! these turn out so is sure to come there.

use crate::check::program::{Case, Element, Entry, Expr, Moment, Past, Send, Step, WaitEvent};
use crate::value::Decimal;

/// Limit: so many waits and questions of a `repeat` are laid on a way; behind more of them it is not followed.
const MOST_REPEATED: usize = 24;

/// What lies before a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PathElement<'p> {
    /// A wait.
    Wait(&'p Element),
    /// A wait for a moment that was not past.
    Moment(&'p Moment),
    /// A wait for an event.
    Event(&'p WaitEvent),
    /// An answer that is waited for.
    Answer(&'p Expr),
    /// A moment that was past.
    Past(&'p Moment),
    /// Whether the event of a wait came.
    Came(&'p WaitEvent, bool),
    /// A question that is answered at once, and how it turned out.
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

/// Each send of an entry with a way to it, in the order of the text.
pub(super) fn send_paths<'p>(entry: &'p Entry, visit: impl FnMut(&'p Step, &'p Send, &[PathElement<'p>])) {
    let mut walk = Walk { path: Vec::new(), visit };
    if let Some(filter) = &entry.filter {
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
    /// Lays a chain on the way; whether a way leads behind it.
    fn chain(&mut self, chain: &'p [Step]) -> bool {
        chain.iter().all(|step| self.step(step))
    }

    fn step(&mut self, step: &'p Step) -> bool {
        match &step.element {
            Element::Send { send, .. } => (self.visit)(step, send, &self.path),
            Element::WaitUntil { moment, on_past: Past::Block(late) } => {
                // Where the moment is ahead, the way does not lead through the block.
                self.tail(vec![PathElement::Past(moment)], late);
                self.path.push(PathElement::Moment(moment));
            }
            wait @ (Element::WaitDuration { .. } | Element::WaitUntil { .. }) => {
                self.path.push(PathElement::Wait(wait))
            }
            Element::WaitEvent { wait, on_event, on_timeout } => return self.event(wait, on_event, on_timeout),
            Element::If { condition, then, otherwise } => {
                self.push_answer(condition);
                return self.one_of([
                    (outcome_elements(condition, true), then),
                    (outcome_elements(condition, false), otherwise),
                ]);
            }
            Element::Match { subject, cases, otherwise } => return self.case(subject, cases, otherwise),
            // Each funnel draws by itself, so some clients come to any path of the one and to any path of the other.
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
        // A value that is written out rules the others out.
        let is_plain = |case: &&Case| case.values.iter().all(|value| matches!(value, Expr::Value(_)));
        let plain = cases.iter().take_while(is_plain).count();
        self.one_of(paths.map(|(at, path)| {
            let earlier = cases.iter().take(if at < plain { 0 } else { at });
            let earlier = earlier.map(|case| PathElement::Among(subject, &case.values, false));
            let own = cases.get(at).map(|case| PathElement::Among(subject, &case.values, true));
            (earlier.chain(own).collect(), path)
        }))
    }

    /// Comes to the sends of a path that begins with some marks: what is laid on the way to its end, where it leads behind itself.
    fn tail(&mut self, start: Vec<PathElement<'p>>, path: &'p [Step]) -> Option<Vec<PathElement<'p>>> {
        let before = self.path.len();
        self.path.extend(start);
        let leads_on = self.chain(path);
        let tail = self.path.split_off(before);
        leads_on.then_some(tail)
    }

    /// Paths of which a run takes one. Behind them every run comes at once where no path does more than begin; else the way leads by
    /// the first.
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

    /// Paths that a run takes all. Which of several ends last is not known.
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
        if round.len().saturating_mul(rest) > MOST_REPEATED {
            return false;
        }
        (0..rest).for_each(|_| self.path.extend(&round));
        true
    }

    /// Lays a wait on the way where a question is about what is told later.
    fn push_answer(&mut self, question: &'p Expr) {
        if question.reads().iter().any(|read| read.later.is_some()) {
            self.path.push(PathElement::Answer(question));
        }
    }
}

/// A question, and how it turned out; of one that holds, each of its parts that has to hold.
fn outcome_elements(question: &Expr, holds: bool) -> Vec<PathElement<'_>> {
    match (question, holds) {
        (Expr::And(a, b), true) => outcome_elements(a, true).into_iter().chain(outcome_elements(b, true)).collect(),
        (question, holds) => vec![PathElement::Answered(question, holds)],
    }
}
