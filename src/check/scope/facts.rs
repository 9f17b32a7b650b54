//! What is known at a place in a chain: the fields that have a value, and the values that are ruled out.

use crate::check::program::Source;
use std::collections::{BTreeSet, btree_set};
use std::ops::Deref;
use std::sync::Arc;

/// Something that may be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::check) enum Fact {
    /// A field by the thing it is of and its name.
    Known(Source, String),
    /// That a field, if it has a value, does not have this one of the few that it can have: a text, `true` or `false`.
    Excluded(Source, String, String),
    /// The answer to a question about the past, by all that makes it another question.
    History(String, Lasting),
    /// The present: that no time has passed since it was looked at.
    NoTimePassed,
}

impl Fact {
    /// Whether it tells of a field.
    pub(in crate::check) fn is_about(&self, of: &Source, field: &str) -> bool {
        match self {
            Self::Known(source, name) | Self::Excluded(source, name, _) => source == of && name == field,
            Self::History(..) | Self::NoTimePassed => false,
        }
    }

    /// Whether it tells what a value is not, which others can change at the same moment.
    pub(in crate::check) fn is_exclusion(&self) -> bool {
        matches!(self, Self::Excluded(..))
    }
}

/// What can take the answer to a question about the past away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::check) enum Lasting {
    /// Nothing.
    Always,
    /// Another such event that comes without the field.
    UntilNext(String, String),
}

/// What is known at a place in a chain. It is handed on from step to step and from each expression to its parts, mostly
/// as it is, so they share it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::check) struct Facts(Arc<BTreeSet<Fact>>);

impl Facts {
    pub(in crate::check) fn new() -> Self {
        Self::default()
    }

    pub(in crate::check) fn insert(&mut self, place: Fact) {
        Arc::make_mut(&mut self.0).insert(place);
    }

    pub(in crate::check) fn retain(&mut self, keep: impl Fn(&Fact) -> bool) {
        if !self.0.iter().all(&keep) {
            Arc::make_mut(&mut self.0).retain(keep);
        }
    }

    /// What is known here and there.
    pub(in crate::check) fn common(self, other: &Self) -> Self {
        if Arc::ptr_eq(&self.0, &other.0) { self } else { self.0.intersection(&other.0).cloned().collect() }
    }
}

impl Deref for Facts {
    type Target = BTreeSet<Fact>;

    fn deref(&self) -> &BTreeSet<Fact> {
        &self.0
    }
}

impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(places: I) -> Self {
        Self(Arc::new(places.into_iter().collect()))
    }
}

impl Extend<Fact> for Facts {
    fn extend<I: IntoIterator<Item = Fact>>(&mut self, places: I) {
        let mut new = places.into_iter().filter(|place| !self.0.contains(place)).collect::<Vec<_>>();
        if !new.is_empty() {
            Arc::make_mut(&mut self.0).extend(new.drain(..));
        }
    }
}

impl IntoIterator for Facts {
    type Item = Fact;
    type IntoIter = btree_set::IntoIter<Fact>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

/// What is known where two paths meet; a path that has ended does not come there.
pub(in crate::check) fn join(one: Option<Facts>, other: Option<Facts>) -> Option<Facts> {
    match (one, other) {
        (Some(a), Some(b)) => Some(a.common(&b)),
        (one, other) => one.or(other),
    }
}
