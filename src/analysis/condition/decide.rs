//! Conditions with a constant value. In: the state where a condition is evaluated. Out: the condition, or the part of
//! it, that is always true or never true.

use super::assume::{Outcome, assume};
use super::dataflow::after_waiting;
use super::question::{Formula, Question};
use super::state::State;
use super::term::Names;
use crate::check::program::{self, Expr, FieldRead};
use crate::source::Span;

/// A condition that always has the same outcome.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decided<'a> {
    pub(super) span: Span,
    pub(super) question: &'a Expr,
    /// Whether it is always true; otherwise it never is.
    pub(super) always: bool,
    /// Whether it is a part of a larger condition that is not constant.
    pub(super) part: bool,
    /// What to remove from the larger condition to drop this part.
    pub(super) drop: Option<Span>,
}

/// Returns whether a condition can be true, and whether it can be not true.
pub(super) fn answers(state: &State, question: &Formula) -> (bool, bool) {
    let outcome = |outcome| !assume(state.clone(), question, outcome).is_impossible();
    (outcome(Outcome::True), outcome(Outcome::NotTrue))
}

/// The spans of conditions at one place in the source.
pub(super) struct ConditionSpans<'a> {
    /// The source spans of all conditions and their parts.
    pub(super) asked: &'a program::Asked,
    /// The span around the condition that is checked.
    pub(super) around: Span,
}

impl ConditionSpans<'_> {
    /// Returns the span of a condition, including its parentheses.
    pub(super) fn place(&self, question: &Expr) -> Option<Span> {
        self.asked.place(self.around, question)
    }
}

/// Checks a condition and its parts in a state that is possible there.
pub(super) fn decide<'a>(
    names: &Names<'_>,
    written: &ConditionSpans<'_>,
    state: State,
    condition: &'a Expr,
    question: &Question,
) -> Vec<Decided<'a>> {
    let state = after_waiting(names, state, &question.later);
    let mut found = Vec::new();
    check(written, state, condition, &question.asked, &mut found);
    // A part that proves to the type checker that a value is known is useful, whatever else is known.
    found.retain(|part| part.question == condition || !tells_presence(names, part.question, part.always));
    if let [one] = found.as_mut_slice() {
        one.part = one.question != condition;
    }
    found
}

/// Whether the outcome of a condition proves that an optional field is known, which only a condition can.
fn tells_presence(names: &Names<'_>, question: &Expr, holds: bool) -> bool {
    let may_be_missing = |read: &FieldRead| !names.is_required(&read.source, &read.name);
    match question {
        Expr::Not(inner) => tells_presence(names, inner, !holds),
        Expr::IsKnown(inner) => {
            holds && (inner.reads().into_iter().any(may_be_missing) || !inner.histories().is_empty())
        }
        Expr::And(a, b) | Expr::Or(a, b) => tells_presence(names, a, holds) || tells_presence(names, b, holds),
        _ => false,
    }
}

fn check<'a>(
    written: &ConditionSpans<'_>,
    state: State,
    question: &'a Expr,
    asked: &Formula,
    found: &mut Vec<Decided<'a>>,
) {
    let Some(span) = written.place(question) else { return };
    let (yes, no) = answers(&state, asked);
    if yes != no {
        found.push(Decided { span, question, always: yes, part: true, drop: None });
        return;
    }
    let written = ConditionSpans { around: span, ..*written };
    let (a, b, asked_a, asked_b, held) = match (question, asked) {
        (Expr::Not(inner), Formula::Not(asked)) => return check(&written, state, inner, asked, found),
        (Expr::And(a, b), Formula::And(asked_a, asked_b)) => (a, b, asked_a, asked_b, Outcome::True),
        (Expr::Or(a, b), Formula::Or(asked_a, asked_b)) => (a, b, asked_a, asked_b, Outcome::NotTrue),
        _ => return,
    };
    let before = found.len();
    check(&written, state.clone(), a, asked_a, found);
    let Some(left) = written.place(a) else { return };
    // Both sides may be the same condition, so the right one is searched after the left one.
    let written = ConditionSpans { around: Span { start: left.end, ..span }, ..written };
    let other_side = assume(state, asked_a, held);
    if !other_side.is_impossible() {
        check(&written, other_side, b, asked_b, found);
    }
    let Some(right) = written.place(b) else { return };
    for part in found.iter_mut().skip(before).filter(|part| part.drop.is_none()) {
        // The neutral operand of `and` is always true, that of `or` never true.
        let changes_nothing = part.always == (held == Outcome::True);
        if changes_nothing && part.span == left {
            part.drop = Some(Span { end: right.start, ..left });
        } else if changes_nothing && part.span == right {
            part.drop = Some(Span { start: left.end, ..right });
        }
    }
}
