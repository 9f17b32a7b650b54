//! What may be at a place of a run: one of several cubes. In: conditions that turned out so or so, and time that passes.
//! Out: what may be then; nothing where no run can come.

use super::cube::Cube;
use super::term::{Names, Term};

/// Limit: so many cubes are kept apart. More are joined into one, which knows less.
const MOST: usize = 12;

/// The cubes that are possible; none when no run comes here.
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

    /// The same, or nothing.
    pub(super) fn only_if(self, possible: bool) -> Self {
        if possible { self } else { Self::nothing() }
    }

    /// The same with each cube changed, or left out where it cannot be.
    pub(super) fn with(self, change: impl Fn(Cube) -> Option<Cube>) -> Self {
        Self::of(self.0.into_iter().filter_map(change).collect())
    }

    /// One or the other.
    pub(super) fn or(self, other: Self) -> Self {
        match (self.is_impossible(), other.is_impossible()) {
            (true, _) => other,
            (_, true) => self,
            (false, false) => Self::of(self.0.into_iter().chain(other.0).collect()),
        }
    }

    /// The same without what is known of some terms.
    pub(super) fn forgetting(mut self, forgotten: &impl Fn(&Term) -> bool) -> Self {
        self.0.iter_mut().for_each(|cube| cube.forget(forgotten));
        Self::of(self.0)
    }

    /// Some time later, when all may have changed that can.
    pub(super) fn later(self, names: &Names<'_>) -> Self {
        self.forgetting(&|term| names.can_change(term))
    }

    /// Whether a term is sure to have a value.
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
        if cubes.len() > MOST {
            let hull = cubes.iter().skip(1).fold(cubes[0].clone(), |hull, cube| hull.hull(cube));
            cubes = vec![hull];
        }
        Self(cubes)
    }
}
