//! Facts: what is known at a point of a chain, such as the fields that have a value.

use crate::check::program::Source;
use std::collections::{BTreeSet, btree_set};
use std::ops::Deref;
use std::sync::Arc;

/// Something that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::check) enum Fact {
    /// That a field has a value.
    Known(Source, String),
    /// That a field does not have one of its few possible values: a string, `true` or `false`.
    Excluded(Source, String, String),
    /// That a history expression has a value; the string identifies the expression.
    History(String, Lasting),
    /// That no time has passed since the fact was added.
    NoTimePassed,
}

impl Fact {
    /// Whether it is about a field.
    pub(in crate::check) fn is_about(&self, of: &Source, field: &str) -> bool {
        match self {
            Self::Known(source, name) | Self::Excluded(source, name, _) => source == of && name == field,
            Self::History(..) | Self::NoTimePassed => false,
        }
    }

    /// Whether it excludes a value. Other runs can invalidate such a fact without a wait.
    pub(in crate::check) fn is_exclusion(&self) -> bool {
        matches!(self, Self::Excluded(..))
    }
}

/// What a history expression looks at, which decides what can remove its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::check) struct Lasting {
    /// The event.
    pub(in crate::check) event: String,
    /// The field of which it has a value.
    pub(in crate::check) field: Option<String>,
    /// Whether it is of one event, the first or the last.
    pub(in crate::check) of_one: bool,
    /// Whether it has a filter.
    pub(in crate::check) filtered: bool,
    /// Whether time alone can change what its filter lets through.
    pub(in crate::check) live: bool,
}

/// A set of facts. It is passed on from step to step and from an expression to its parts, mostly unchanged, so it is
/// shared.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::check) struct Facts(Arc<BTreeSet<Fact>>);

impl Facts {
    pub(in crate::check) fn new() -> Self {
        Self::default()
    }

    pub(in crate::check) fn insert(&mut self, fact: Fact) {
        Arc::make_mut(&mut self.0).insert(fact);
    }

    pub(in crate::check) fn retain(&mut self, keep: impl Fn(&Fact) -> bool) {
        if !self.0.iter().all(&keep) {
            Arc::make_mut(&mut self.0).retain(keep);
        }
    }

    /// The facts that are in both sets.
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
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        Self(Arc::new(facts.into_iter().collect()))
    }
}

impl Extend<Fact> for Facts {
    fn extend<I: IntoIterator<Item = Fact>>(&mut self, facts: I) {
        let mut new = facts.into_iter().filter(|fact| !self.0.contains(fact)).collect::<Vec<_>>();
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

/// What is known where two paths meet; a path that ends (`None`) does not count.
pub(in crate::check) fn join(one: Option<Facts>, other: Option<Facts>) -> Option<Facts> {
    match (one, other) {
        (Some(a), Some(b)) => Some(a.common(&b)),
        (one, other) => one.or(other),
    }
}
