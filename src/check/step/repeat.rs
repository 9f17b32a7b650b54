//! `repeat`. In: the body as written. Out: the checked body, and what is known after the last time.

use super::Done;
use super::goto::Labels;
use super::parallel::as_before;
use crate::check::checker::Checker;
use crate::check::program::Element;
use crate::check::scope::{Fact, Facts, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Spanned;
use crate::syntax::ast;
use crate::value::Decimal;

/// How often a `repeat` may go round.
const MOST_TIMES: u32 = 1000;

impl Checker<'_> {
    /// `repeat 3 times { .. }`
    pub(super) fn repeat(
        &mut self,
        scope: &Scope,
        labels: &mut Labels,
        times: &Spanned<Decimal>,
        body: &ast::Block,
        done: &mut Done,
    ) -> Option<Element> {
        let at_once = scope.with_facts(Some(Facts::from_iter([Fact::NoTimePassed])));
        let before = labels.clone();
        let mut path = self.closed_path(&at_once, labels, &body.chain.steps);
        if path.end.as_ref().is_some_and(|end| !end.contains(&Fact::NoTimePassed)) {
            // It takes time, so from the second round on no more is known at its beginning than at its end.
            labels.elements = before.elements;
            labels.splits = before.splits;
            let again = self.after_wait(scope, times.span);
            path = self.closed_path(&again, labels, &body.chain.steps);
        }
        done.end = path.end.map(|end| as_before(scope, end));
        let whole = times.node.fract().is_zero().then(|| u32::try_from(times.node).ok()).flatten();
        let Some(times) = whole.filter(|times| (1..=MOST_TIMES).contains(times)) else {
            let message = say!("`repeat` takes a whole number from 1 to {most}", most = MOST_TIMES);
            return self.fail(Diagnostic::new(Code::TypeMismatch, times.span, message, say!("cannot be counted")));
        };
        Some(Element::Repeat { times, body: path.steps })
    }
}
