//! Conditions that turned out so or so. In: what may be, a condition, and how it turned out. Out: what may be then.
//!
//! Conditions follow the engine's logic (`engine/eval.rs`): one about a missing value neither holds nor fails, also
//! under `not`; whoever asks then takes the way of one that does not hold.

use super::cube::Texts;
use super::state::State;
use crate::analyse::few::Few;
use crate::analyse::sum::{Sum, Unit};
use crate::analyse::term::{Names, Term, terms_in};
use crate::check::program::{Comparison, Expr, FieldRead, Function};
use crate::value::{Decimal, Type, Value};
use std::collections::BTreeSet;

/// Limit: a list of so many numbers, amounts or days is looked into.
const MOST_ITEMS: usize = 8;

/// How a condition turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It holds.
    True,
    /// It fails.
    False,
    /// It fails, or is about something missing: it is not true.
    NotTrue,
    /// It holds, or is about something missing.
    NotFalse,
}

impl Turn {
    fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::NotTrue => Self::NotFalse,
            Self::NotFalse => Self::NotTrue,
        }
    }

    /// Whether it may be so for want of a value.
    fn takes_missing(self) -> bool {
        match self {
            Self::NotTrue | Self::NotFalse => true,
            Self::True | Self::False => false,
        }
    }

    /// Whether it means that what was asked holds.
    fn holds(self) -> bool {
        match self {
            Self::True | Self::NotFalse => true,
            Self::False | Self::NotTrue => false,
        }
    }
}

/// What may be where a condition turned out so.
pub(super) fn assume(names: &Names<'_>, state: State, condition: &Expr, turn: Turn) -> State {
    if state.is_impossible() {
        return state;
    }
    match condition {
        Expr::Not(inner) => assume(names, state, inner, turn.negated()),
        Expr::And(a, b) => match turn {
            Turn::True | Turn::NotFalse => assume(names, assume(names, state, a, turn), b, turn),
            Turn::False | Turn::NotTrue => {
                let left = assume(names, state.clone(), a, turn);
                let held = if turn == Turn::False { Turn::NotFalse } else { Turn::True };
                left.or(assume(names, assume(names, state, a, held), b, turn))
            }
        },
        Expr::Or(a, b) => match turn {
            Turn::False | Turn::NotTrue => assume(names, assume(names, state, a, turn), b, turn),
            Turn::True | Turn::NotFalse => {
                let left = assume(names, state.clone(), a, turn);
                let failed = if turn == Turn::True { Turn::NotTrue } else { Turn::False };
                left.or(assume(names, assume(names, state, a, failed), b, turn))
            }
        },
        Expr::Value(Value::Bool(value)) => {
            if turn.holds() == *value {
                state
            } else {
                State::nothing()
            }
        }
        Expr::IsKnown(inner) => known(names, state, inner, turn.holds()),
        Expr::Field(read) if read.ty == Type::Bool => flag(names, state, read, turn),
        other => asked(names, state, other, turn),
    }
}

/// `a is known`, which itself is never missing.
fn known(names: &Names<'_>, state: State, inner: &Expr, known: bool) -> State {
    match inner {
        Expr::Field(read) => state.with(|cube| cube.with_presence(names, &Term::of_field(read), known)),
        Expr::History(history) => match history.function {
            Function::Any | Function::None | Function::Count => {
                if known {
                    state
                } else {
                    State::nothing()
                }
            }
            Function::Sum | Function::Avg | Function::Min | Function::Max | Function::First | Function::Last => {
                state.with(|cube| cube.with_presence(names, &Term::of_history(history), known))
            }
        },
        Expr::Value(_) | Expr::Now | Expr::Day { .. } => {
            if known {
                state
            } else {
                State::nothing()
            }
        }
        other if known => present(names, state, other),
        // Which of its parts is missing cannot be said.
        _ => state,
    }
}

/// Where every term of an expression has a value.
fn present(names: &Names<'_>, state: State, expr: &Expr) -> State {
    let terms = terms_in(expr);
    state.with(|cube| terms.iter().try_fold(cube, |cube, term| cube.with_presence(names, term, true)))
}

/// Where one of the terms of an expression has none.
fn lacking(names: &Names<'_>, state: &State, expr: &Expr) -> State {
    let lacks = |term: &Term| state.clone().with(|cube| cube.with_presence(names, term, false));
    terms_in(expr).iter().map(lacks).fold(State::nothing(), State::or)
}

/// A `bool` field by itself. One that was never told counts as false, unless it is told later.
fn flag(names: &Names<'_>, state: State, read: &FieldRead, turn: Turn) -> State {
    let term = Term::of_field(read);
    let told =
        |state: State, holds: bool| state.with(|cube| cube.with_presence(names, &term, true)?.with_flag(&term, holds));
    let missing = |state: State| state.with(|cube| cube.with_presence(names, &term, false));
    let counts_as_false = read.later.is_none() && !turn.holds();
    let by_value = told(state.clone(), turn.holds());
    if turn.takes_missing() || counts_as_false { by_value.or(missing(state)) } else { by_value }
}

/// Any other question about values.
fn asked(names: &Names<'_>, state: State, question: &Expr, turn: Turn) -> State {
    let without = if turn.takes_missing() { lacking(names, &state, question) } else { State::nothing() };
    let there = present(names, state, question);
    let answered = match question {
        Expr::Compare(op, a, b) => compared(there, *op, a, b, question, turn.holds()),
        Expr::In(item, list) => member(there, item, list, question, turn.holds()),
        Expr::History(history) if matches!(history.function, Function::Any | Function::None) => {
            let wanted = turn.holds() == (history.function == Function::Any);
            let op = if wanted { Comparison::Greater } else { Comparison::Equal };
            let line = (Unit::Number, Few::one(Term::of_history(history), Decimal::ONE));
            there.with(|cube| cube.with_range(line.clone(), op, Decimal::ZERO, Decimal::ZERO))
        }
        whole => as_a_whole(there, whole, turn.holds()),
    };
    answered.or(without)
}

/// A question that is not looked into.
fn as_a_whole(state: State, question: &Expr, holds: bool) -> State {
    let term = Term::whole(question);
    state.with(|cube| cube.with_flag(&term, holds))
}

fn compared(state: State, op: Comparison, a: &Expr, b: &Expr, question: &Expr, holds: bool) -> State {
    let op = if holds { op } else { op.opposite() };
    if let Some(found) = text_compared(&state, op, a, b) {
        return found;
    }
    let difference = Sum::of(a).zip(Sum::of(b)).and_then(|(a, b)| a.difference(b));
    let Some(sum) = difference else { return as_a_whole(state, question, holds) };
    let exact = sum.low == sum.high;
    let (low, high) = (-sum.high, -sum.low);
    let Some(first) = sum.terms.values().next().copied() else {
        return if can_be(op, low, high) { state } else { State::nothing() };
    };
    let Some((terms, low, high)) = scaled(sum.terms, low, high, first) else {
        return as_a_whole(state, question, holds);
    };
    let op = if first.is_sign_negative() { op.mirrored() } else { op };
    let line = (sum.unit, terms);
    let state = state.with(|cube| cube.with_range(line.clone(), op, low, high));
    // Where the calendar leaves room between the bounds, the same question still has the same answer.
    if exact { state } else { as_a_whole(state, question, holds) }
}

/// The terms and bounds divided by a number.
fn scaled(
    terms: Few<Term, Decimal>,
    low: Decimal,
    high: Decimal,
    by: Decimal,
) -> Option<(Few<Term, Decimal>, Decimal, Decimal)> {
    let terms = terms.try_map(|count| count.checked_div(by))?;
    let (a, b) = (low.checked_div(by)?, high.checked_div(by)?);
    Some((terms, a.min(b), a.max(b)))
}

/// Whether nothing can compare so with a number between two bounds.
fn can_be(op: Comparison, low: Decimal, high: Decimal) -> bool {
    match op {
        Comparison::Less => Decimal::ZERO < high,
        Comparison::LessEqual => Decimal::ZERO <= high,
        Comparison::Greater => Decimal::ZERO > low,
        Comparison::GreaterEqual => Decimal::ZERO >= low,
        Comparison::Equal => low <= Decimal::ZERO && Decimal::ZERO <= high,
        Comparison::NotEqual => low != high || !low.is_zero(),
    }
}

/// Equality of a text or a `bool` with a constant; `None` for all else.
fn text_compared(state: &State, op: Comparison, a: &Expr, b: &Expr) -> Option<State> {
    let equal = match op {
        Comparison::Equal => true,
        Comparison::NotEqual => false,
        Comparison::Less | Comparison::LessEqual | Comparison::Greater | Comparison::GreaterEqual => return None,
    };
    match (a, b) {
        (Expr::Value(Value::Text(a)), Expr::Value(Value::Text(b))) => {
            Some(if (a == b) == equal { state.clone() } else { State::nothing() })
        }
        (Expr::Value(Value::Bool(a)), Expr::Value(Value::Bool(b))) => {
            Some(if (a == b) == equal { state.clone() } else { State::nothing() })
        }
        (other, Expr::Value(value)) | (Expr::Value(value), other) => {
            let (term, ty) = term_of(other)?;
            match value {
                Value::Bool(value) => Some(state.clone().with(|cube| cube.with_flag(&term, *value == equal))),
                Value::Text(text) => {
                    let one = BTreeSet::from([text.clone()]);
                    Some(texts(state.clone(), &term, ty, if equal { Texts::Among(one) } else { Texts::Not(one) }))
                }
                Value::Number(_)
                | Value::Money(_)
                | Value::Date(_)
                | Value::Time(_)
                | Value::Civil(_)
                | Value::DateTime(_)
                | Value::Duration(_)
                | Value::List(_) => None,
            }
        }
        _ => None,
    }
}

/// A field or an answer as a term, with its type where that says what it can be.
fn term_of(expr: &Expr) -> Option<(Term, Option<&Type>)> {
    match expr {
        Expr::Field(read) => Some((Term::of_field(read), Some(&read.ty))),
        Expr::History(history) => match &history.query.field {
            Some(crate::check::program::Picked::Field(_, ty)) => Some((Term::of_history(history), Some(ty))),
            Some(crate::check::program::Picked::At) | None => None,
        },
        Expr::Value(_)
        | Expr::Now
        | Expr::Day { .. }
        | Expr::Text(_)
        | Expr::List(_)
        | Expr::Not(_)
        | Expr::Negate(_)
        | Expr::And(..)
        | Expr::Or(..)
        | Expr::Compare(..)
        | Expr::Arithmetic(..)
        | Expr::In(..)
        | Expr::Contains(..)
        | Expr::StartsWith(..)
        | Expr::Matches(..)
        | Expr::IsKnown(_) => None,
    }
}

fn texts(state: State, term: &Term, ty: Option<&Type>, wanted: Texts) -> State {
    state.with(|cube| {
        let cube = match ty {
            Some(Type::Literals(all)) => cube.with_text(term, Texts::Among(all.iter().cloned().collect()))?,
            Some(_) | None => cube,
        };
        cube.with_text(term, wanted.clone())
    })
}

/// `city in ["Berlin", "Hamburg"]`
fn member(state: State, item: &Expr, list: &Expr, question: &Expr, holds: bool) -> State {
    let written = |list: &Expr| match list {
        Expr::List(items) => items.iter().map(literal).collect::<Option<BTreeSet<String>>>(),
        Expr::Value(Value::List(items)) => items.iter().map(text).collect(),
        _ => None,
    };
    match (term_of(item), written(list)) {
        (Some((term, ty)), Some(all)) if ty.is_some_and(Type::is_textual) => {
            texts(state, &term, ty, if holds { Texts::Among(all) } else { Texts::Not(all) })
        }
        _ => match one_by_one(item, list) {
            Some(questions) if holds => {
                let each =
                    questions.iter().map(|(a, b, whole)| compared(state.clone(), Comparison::Equal, a, b, whole, true));
                each.fold(State::nothing(), State::or)
            }
            Some(questions) => questions
                .iter()
                .fold(state, |state, (a, b, whole)| compared(state, Comparison::Equal, a, b, whole, false)),
            None => as_a_whole(state, question, holds),
        },
    }
}

/// An item and each of the constants in a list, with the question whether the two are equal; `None` for lists that hold
/// something else, or very many.
fn one_by_one(item: &Expr, list: &Expr) -> Option<Vec<(Expr, Expr, Expr)>> {
    let constants: Vec<Expr> = match list {
        Expr::List(items) => items.clone(),
        Expr::Value(Value::List(items)) => items.iter().cloned().map(Expr::Value).collect(),
        _ => return None,
    };
    let sound = constants.len() <= MOST_ITEMS && constants.iter().all(|one| matches!(one, Expr::Value(_)));
    let ask = |one: Expr| {
        let question = Expr::Compare(Comparison::Equal, Box::new(item.clone()), Box::new(one.clone()));
        (item.clone(), one, question)
    };
    sound.then(|| constants.into_iter().map(ask).collect())
}

fn literal(expr: &Expr) -> Option<String> {
    if let Expr::Value(value) = expr { text(value) } else { None }
}

fn text(value: &Value) -> Option<String> {
    if let Value::Text(text) = value { Some(text.clone()) } else { None }
}
