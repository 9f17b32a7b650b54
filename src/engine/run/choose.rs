//! Elements that choose a path: `if`, `match`, `split`. In: an element and the run's scope. Out: the path.

use super::turn::{RunTurn, Visit};
use crate::check::program::{Comparison, Expr};
use crate::engine::eval::{Found, Truth, operator};
use crate::engine::model::{LineKind, Position, Run, Waiting, reason};
use crate::graph::{Case, Element, Node, NodeIx, Share};
use crate::value::{Decimal, Value};
use sha2::{Digest, Sha256};

impl RunTurn<'_> {
    /// `if`: takes the path of the condition, or waits while the condition is pending.
    pub(super) fn decide(
        &mut self,
        run: &Run,
        node: &Node,
        condition: &Expr,
        yes: Option<NodeIx>,
        no: Option<NodeIx>,
    ) -> Visit {
        let scope = self.scope(run, self.now);
        let (truth, deadline) = (scope.answer(condition), scope.pending.get());
        let (result, reason) = match truth {
            Truth::True => (true, None),
            Truth::False => (false, None),
            Truth::Null if scope.unanswered.get() => (false, Some(reason::NEVER_ANSWERED.to_owned())),
            Truth::Null => (false, Some("a value is missing".to_owned())),
            Truth::Pending => {
                self.log_wait(run, node, deadline);
                return Visit::Stay(Waiting::Answer, deadline);
            }
        };
        self.log(run, &node.id, LineKind::Decide { result, reason });
        Visit::Go(if result { yes } else { no })
    }

    /// Evaluates a pending condition again. Returns nothing when it is still pending with the same deadline.
    pub(super) fn reevaluate(&mut self, run: &Run, node: &Node, position: &Position) -> Option<Visit> {
        let scope = self.scope(run, self.now);
        let open = |pending: bool| pending && scope.pending.get() == position.wake_at;
        match &node.element {
            Element::If { condition, yes, no } => {
                let pending = scope.answer(condition) == Truth::Pending;
                if open(pending) { None } else { Some(self.decide(run, node, condition, *yes, *no)) }
            }
            Element::Match { subject, cases, otherwise } => {
                let pending = matches!(scope.evaluate(subject), Found::Pending);
                if open(pending) { None } else { Some(self.choose_case(run, node, subject, cases, *otherwise)) }
            }
            Element::Fork { .. }
            | Element::Join { .. }
            | Element::Split { .. }
            | Element::Repeat { .. }
            | Element::WaitDuration { .. }
            | Element::WaitUntil { .. }
            | Element::WaitEvent { .. }
            | Element::Send { .. }
            | Element::Set { .. }
            | Element::Tag { .. }
            | Element::Task { .. }
            | Element::Call { .. }
            | Element::Emit { .. }
            | Element::Start { .. }
            | Element::StopFunnel { .. }
            | Element::Stop => None,
        }
    }

    /// `match`: takes the first case that has the value. A missing value takes `otherwise`.
    pub(super) fn choose_case(
        &mut self,
        run: &Run,
        node: &Node,
        subject: &Expr,
        cases: &[Case],
        otherwise: Option<NodeIx>,
    ) -> Visit {
        let scope = self.scope(run, self.now);
        let value = match scope.evaluate(subject) {
            Found::Value(value) => Some(value),
            Found::Missing => None,
            Found::Pending => {
                let deadline = scope.pending.get();
                self.log_wait(run, node, deadline);
                return Visit::Stay(Waiting::Answer, deadline);
            }
        };
        let holds = |op: Comparison, value: &Value, known: &Expr| {
            scope.value(known).is_some_and(|known| operator::compare(op, value, &known, scope.zone) == Some(true))
        };
        let fits = |value: &Value, known: &Expr| match known {
            Expr::Range(from, to) => {
                holds(Comparison::GreaterEqual, value, from) && holds(Comparison::LessEqual, value, to)
            }
            known => holds(Comparison::Equal, value, known),
        };
        let has = |case: &&Case, value: &Value| case.values.iter().any(|known| fits(value, known));
        let case = value.as_ref().and_then(|value| cases.iter().find(|case| has(case, value)));
        let (result, to) = (case.is_some(), case.map_or(otherwise, |case| case.to));
        let missing = if scope.unanswered.get() { reason::NEVER_ANSWERED } else { "a value is missing" };
        let reason = value.is_none().then(|| missing.to_owned());
        self.log(run, &node.id, LineKind::Decide { result, reason });
        Visit::Go(to)
    }

    /// `split`: takes the path of the client's bucket, which is the same on every host and never changes.
    pub(super) fn choose_share(
        &mut self,
        run: &Run,
        node: &Node,
        name: &str,
        shares: &[Share],
        otherwise: Option<NodeIx>,
    ) -> Visit {
        let place = Decimal::from(bucket(&run.client.0, &run.funnel, name));
        let mut end = Decimal::ZERO;
        let taken = shares.iter().position(|share| {
            end += share.percent * Decimal::ONE_HUNDRED;
            place < end
        });
        let reason = Some(taken.map_or_else(|| "otherwise".to_owned(), |i| format!("path {}", i + 1)));
        self.log(run, &node.id, LineKind::Decide { result: taken.is_some(), reason });
        Visit::Go(taken.and_then(|i| shares.get(i)).map_or(otherwise, |share| share.to))
    }
}

/// A number from 0 to 9999 for a client in a named split of a funnel, evenly distributed.
fn bucket(client: &str, funnel: &str, split: &str) -> u64 {
    let hash = Sha256::digest(format!("{funnel}\n{split}\n{client}"));
    let head = hash.iter().take(8).fold(0_u64, |n, byte| (n << 8) | u64::from(*byte));
    head % 10_000
}
