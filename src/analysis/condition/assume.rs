//! Assuming that a condition has an outcome. In: a state, a condition and its outcome. Out: the state in which that
//! holds. Conditions follow the engine's three-valued logic (`engine/eval.rs`): with a missing value a condition is
//! neither true nor false, also under `not`, and a run then takes the path for false.

use super::cube::{Cube, TextSet};
use super::question::{Atom, Formula};
use super::state::State;
use super::term::Term;
use std::collections::BTreeSet;

/// The outcome of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is true.
    True,
    /// It is false.
    False,
    /// It is false or has a missing value.
    NotTrue,
    /// It is true or has a missing value.
    NotFalse,
}

impl Outcome {
    fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::NotTrue => Self::NotFalse,
            Self::NotFalse => Self::NotTrue,
        }
    }

    /// Whether a missing value can cause it.
    fn allows_missing(self) -> bool {
        match self {
            Self::NotTrue | Self::NotFalse => true,
            Self::True | Self::False => false,
        }
    }

    /// Whether the condition itself is true, if no value is missing.
    fn holds(self) -> bool {
        match self {
            Self::True | Self::NotFalse => true,
            Self::False | Self::NotTrue => false,
        }
    }
}

/// Narrows a state by the outcome of a condition.
pub(super) fn assume(state: State, condition: &Formula, outcome: Outcome) -> State {
    if state.is_impossible() {
        return state;
    }
    match condition {
        Formula::Not(inner) => assume(state, inner, outcome.negated()),
        Formula::And(a, b) => match outcome {
            Outcome::True | Outcome::NotFalse => assume(assume(state, a, outcome), b, outcome),
            Outcome::False | Outcome::NotTrue => {
                let left = assume(state.clone(), a, outcome);
                let held = if outcome == Outcome::False { Outcome::NotFalse } else { Outcome::True };
                left.or(assume(assume(state, a, held), b, outcome))
            }
        },
        Formula::Or(a, b) => match outcome {
            Outcome::False | Outcome::NotTrue => assume(assume(state, a, outcome), b, outcome),
            Outcome::True | Outcome::NotFalse => {
                let left = assume(state.clone(), a, outcome);
                let failed = if outcome == Outcome::True { Outcome::NotTrue } else { Outcome::False };
                left.or(assume(assume(state, a, failed), b, outcome))
            }
        },
        Formula::Always(answer) => state.only_if(*answer == outcome.holds()),
        Formula::Known(term) => state.with(|cube| cube.with_presence(term, outcome.holds())),
        Formula::AllKnown(terms) if outcome.holds() => present(state, terms),
        // Any of them may be missing.
        Formula::AllKnown(_) => state,
        Formula::Flag { term, open, false_if_missing } => {
            let may_be_missing = *open && (outcome.allows_missing() || (*false_if_missing && !outcome.holds()));
            let missing = if may_be_missing { lacking(&state, term) } else { State::nothing() };
            let after_waiting = if *open { state.with(|cube| cube.with_presence(term, true)) } else { state };
            after_waiting.with(|cube| cube.with_flag(term, outcome.holds())).or(missing)
        }
        Formula::Atom { open, answer } => {
            let without = if outcome.allows_missing() {
                open.iter().map(|term| lacking(&state, term)).fold(State::nothing(), State::or)
            } else {
                State::nothing()
            };
            answered(present(state, open), answer, outcome.holds()).or(without)
        }
    }
}

/// The states in which all of these terms have values.
fn present(state: State, terms: &[Term]) -> State {
    if terms.is_empty() {
        return state;
    }
    state.with(|cube| terms.iter().try_fold(cube, |cube, term| cube.with_presence(term, true)))
}

/// The states in which a term has no value.
fn lacking(state: &State, term: &Term) -> State {
    state.clone().with(|cube| cube.with_presence(term, false))
}

/// The states in which a comparison of known values is true or false.
fn answered(state: State, answer: &Atom, holds: bool) -> State {
    match answer {
        Atom::Constant { holds: can_hold, fails } => state.only_if(if holds { *can_hold } else { *fails }),
        Atom::Whole(term) => state.with(|cube| cube.with_flag(term, holds)),
        Atom::Flag(term, value) => state.with(|cube| cube.with_flag(term, *value == holds)),
        Atom::Text { term, all, these, among } => {
            state.with(|cube| text(cube, term, all.as_ref(), these, *among == holds))
        }
        Atom::Range { line, op, low, high, whole } => {
            let op = if holds { *op } else { op.opposite() };
            let state = state.with(|cube| cube.with_range(line, op, *low, *high));
            match whole {
                Some(term) => state.with(|cube| cube.with_flag(term, holds)),
                None => state,
            }
        }
        Atom::Any(answers) if holds => {
            let each = answers.iter().map(|answer| answered(state.clone(), answer, true));
            each.fold(State::nothing(), State::or)
        }
        Atom::Any(answers) => answers.iter().fold(state, |state, answer| answered(state, answer, false)),
    }
}

fn text(cube: Cube, term: &Term, all: Option<&TextSet>, these: &BTreeSet<String>, among: bool) -> Option<Cube> {
    let cube = match all {
        Some(all) => cube.with_text(term, all.clone())?,
        None => cube,
    };
    let these = these.clone();
    cube.with_text(term, if among { TextSet::Among(these) } else { TextSet::Not(these) })
}
