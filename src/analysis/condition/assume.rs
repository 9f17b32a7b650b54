//! Conditions that turned out so or so. In: what may be, a condition, and how it turned out. Out: what may be then.
//!
//! Conditions follow the engine's logic (`engine/eval.rs`): one about a missing value neither holds nor fails, also
//! under `not`; whoever asks then takes the way of one that does not hold.

use super::cube::{Cube, Texts};
use super::question::{Answer, Ask};
use super::state::State;
use super::term::Term;
use std::collections::BTreeSet;

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
pub(super) fn assume(state: State, condition: &Ask, turn: Turn) -> State {
    if state.is_impossible() {
        return state;
    }
    match condition {
        Ask::Not(inner) => assume(state, inner, turn.negated()),
        Ask::And(a, b) => match turn {
            Turn::True | Turn::NotFalse => assume(assume(state, a, turn), b, turn),
            Turn::False | Turn::NotTrue => {
                let left = assume(state.clone(), a, turn);
                let held = if turn == Turn::False { Turn::NotFalse } else { Turn::True };
                left.or(assume(assume(state, a, held), b, turn))
            }
        },
        Ask::Or(a, b) => match turn {
            Turn::False | Turn::NotTrue => assume(assume(state, a, turn), b, turn),
            Turn::True | Turn::NotFalse => {
                let left = assume(state.clone(), a, turn);
                let failed = if turn == Turn::True { Turn::NotTrue } else { Turn::False };
                left.or(assume(assume(state, a, failed), b, turn))
            }
        },
        Ask::Always(answer) => state.only_if(*answer == turn.holds()),
        Ask::Known(term) => state.with(|cube| cube.with_presence(term, turn.holds())),
        Ask::AllKnown(terms) if turn.holds() => present(state, terms),
        // Which of them is missing cannot be said.
        Ask::AllKnown(_) => state,
        Ask::Flag { term, open, false_if_missing } => {
            let may_be_missing = *open && (turn.takes_missing() || (*false_if_missing && !turn.holds()));
            let missing = if may_be_missing { lacking(&state, term) } else { State::nothing() };
            let told = if *open { state.with(|cube| cube.with_presence(term, true)) } else { state };
            told.with(|cube| cube.with_flag(term, turn.holds())).or(missing)
        }
        Ask::About { open, answer } => {
            let without = if turn.takes_missing() {
                open.iter().map(|term| lacking(&state, term)).fold(State::nothing(), State::or)
            } else {
                State::nothing()
            };
            answered(present(state, open), answer, turn.holds()).or(without)
        }
    }
}

/// Where every one of these has a value.
fn present(state: State, terms: &[Term]) -> State {
    if terms.is_empty() {
        return state;
    }
    state.with(|cube| terms.iter().try_fold(cube, |cube, term| cube.with_presence(term, true)))
}

/// Where a term has none.
fn lacking(state: &State, term: &Term) -> State {
    state.clone().with(|cube| cube.with_presence(term, false))
}

/// Where a question about values that are there holds, or fails.
fn answered(state: State, answer: &Answer, holds: bool) -> State {
    match answer {
        Answer::Constant { holds: can_hold, fails } => state.only_if(if holds { *can_hold } else { *fails }),
        Answer::Whole(term) => state.with(|cube| cube.with_flag(term, holds)),
        Answer::Flag(term, value) => state.with(|cube| cube.with_flag(term, *value == holds)),
        Answer::Text { term, all, these, among } => {
            state.with(|cube| text(cube, term, all.as_ref(), these, *among == holds))
        }
        Answer::Range { line, op, low, high, whole } => {
            let op = if holds { *op } else { op.opposite() };
            let state = state.with(|cube| cube.with_range(line, op, *low, *high));
            match whole {
                Some(term) => state.with(|cube| cube.with_flag(term, holds)),
                None => state,
            }
        }
        Answer::Any(answers) if holds => {
            let each = answers.iter().map(|answer| answered(state.clone(), answer, true));
            each.fold(State::nothing(), State::or)
        }
        Answer::Any(answers) => answers.iter().fold(state, |state, answer| answered(state, answer, false)),
    }
}

fn text(cube: Cube, term: &Term, all: Option<&Texts>, these: &BTreeSet<String>, among: bool) -> Option<Cube> {
    let cube = match all {
        Some(all) => cube.with_text(term, all.clone())?,
        None => cube,
    };
    let these = these.clone();
    cube.with_text(term, if among { Texts::Among(these) } else { Texts::Not(these) })
}
