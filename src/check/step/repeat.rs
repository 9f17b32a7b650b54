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

impl Checker<'_> {
    /// `repeat 3 times { .. }`
    pub(super) fn repeat(&mut self, at: At<'_>, times: &Spanned<Decimal>, body: &ast::Block) -> CheckedElement {
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
        let element = self.repeat_count(times).map(|times| Element::Repeat { times, body: path.steps });
        (element, flow)
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
