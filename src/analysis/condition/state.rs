//! A disjunction of cubes: what may hold at a point of a run. In: outcomes of conditions, and time that passes. Out:
//! the new state; impossible if no run can get there.

use super::cube::Cube;
use super::term::{Names, Term};

/// Limit: the most cubes that are kept apart. More are joined into one, which loses precision.
const MAX_CUBES: usize = 12;

/// The possible cubes; none if no run gets here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State(Vec<Cube>);

impl State {
    /// Nothing is known.
    pub(super) fn anything() -> Self {
        Self(vec![Cube::default()])
    }

    pub(super) fn nothing() -> Self {
        Self(Vec::new())
    }

    pub(super) fn is_impossible(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the state, or makes it impossible.
    pub(super) fn only_if(self, possible: bool) -> Self {
        if possible { self } else { Self::nothing() }
    }

    /// Changes each cube, or drops it if it becomes impossible.
    pub(super) fn with(self, change: impl Fn(Cube) -> Option<Cube>) -> Self {
        Self::of(self.0.into_iter().filter_map(change).collect())
    }

    /// Either state.
    pub(super) fn or(self, other: Self) -> Self {
        match (self.is_impossible(), other.is_impossible()) {
            (true, _) => other,
            (_, true) => self,
            (false, false) => Self::of(self.0.into_iter().chain(other.0).collect()),
        }
    }

    /// Removes the facts about some terms.
    pub(super) fn forgetting(mut self, forgotten: &impl Fn(&Term) -> bool) -> Self {
        self.0.iter_mut().for_each(|cube| cube.forget(forgotten));
        Self::of(self.0)
    }

    /// Lets time pass, after which everything that can change may have changed.
    pub(super) fn later(self, names: &Names<'_>) -> Self {
        self.forgetting(&|term| names.can_change(term))
    }

    /// Whether a term certainly has a value.
    pub(super) fn has(&self, term: &Term) -> bool {
        self.0.iter().all(|cube| cube.has(term))
    }

    fn of(mut cubes: Vec<Cube>) -> Self {
        if cubes.len() < 2 {
            return Self(cubes);
        }
        cubes.sort_unstable();
        cubes.dedup();
        if cubes.contains(&Cube::default()) {
            return Self::anything();
        }
        if cubes.len() > MAX_CUBES {
            let hull = cubes.iter().skip(1).fold(cubes[0].clone(), |hull, cube| hull.hull(cube));
            cubes = vec![hull];
        }
        Self(cubes)
    }
}
