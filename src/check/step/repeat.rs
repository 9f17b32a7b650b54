//! `repeat`. In: the body as written. Out: the checked body, and what is known after the last time.

use super::parallel::without_inner_clock;
use super::{At, CheckedElement, Flow};
use crate::check::checker::Checker;
use crate::check::program::Element;
use crate::check::scope::{Fact, Facts};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Spanned;
use crate::syntax::ast;
use crate::value::Decimal;

/// The most rounds of a `repeat`.
const MOST_TIMES: u32 = 1000;

/// The most rounds of a `repeat` inside others, in all.
const MOST_ROUNDS: u32 = 10_000;

impl Checker<'_> {
    /// `repeat 3 times { .. }`
    pub(super) fn repeat(&mut self, at: At<'_>, times: &Spanned<Decimal>, body: &ast::Block) -> CheckedElement {
        let count = self.repeat_count(times);
        let around = self.rounds;
        self.rounds = around.saturating_mul(count.unwrap_or(1));
        let count = count.filter(|_| self.rounds_are_few(times, around));
        let start = at.scope.with_facts(Some(Facts::from_iter([Fact::NoTimePassed])));
        let before = at.labels.clone();
        let mut path = self.closed_path(&start, at.labels, &body.chain.steps);
        if path.end.as_ref().is_some_and(|end| !end.contains(&Fact::NoTimePassed)) {
            // The body takes time, so later rounds begin with what is known after a wait.
            at.labels.elements = before.elements;
            at.labels.splits = before.splits;
            let again = self.after_wait(at.scope, times.span);
            path = self.closed_path(&again, at.labels, &body.chain.steps);
        }
        let flow = Flow::to(path.end.map(|end| without_inner_clock(at.scope, end)));
        self.rounds = around;
        let element = count.map(|times| Element::Repeat { times, body: path.steps });
        (element, flow)
    }

    /// Whether the steps do not run too often in all.
    fn rounds_are_few(&mut self, times: &Spanned<Decimal>, around: u32) -> bool {
        let rounds = self.rounds;
        if around == 1 || rounds <= MOST_ROUNDS {
            return true;
        }
        let message = say!("these steps would run {rounds} times", rounds);
        let finding = Diagnostic::new(Code::TypeMismatch, times.span, message, say!("inside another `repeat`"));
        self.report(finding.help(say!("at most {most} rounds are allowed in all", most = MOST_ROUNDS)));
        false
    }

    fn repeat_count(&mut self, times: &Spanned<Decimal>) -> Option<u32> {
        let whole = times.node.fract().is_zero().then(|| u32::try_from(times.node).ok()).flatten();
        if let Some(times) = whole.filter(|times| (1..=MOST_TIMES).contains(times)) {
            return Some(times);
        }
        let message = say!("`repeat` expects a whole number from 1 to {most}", most = MOST_TIMES);
        self.fail(Diagnostic::new(Code::TypeMismatch, times.span, message, say!("not a valid count")))
    }
}
