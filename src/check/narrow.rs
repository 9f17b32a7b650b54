//! What a condition tells about values that may be missing. In: a checked condition and how it turned out.
//! Out: the fields that are known then.

use super::program::{Expr, FieldRead, History, Source};
use std::collections::{BTreeSet, btree_set};
use std::ops::Deref;
use std::sync::Arc;

/// Something that may be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A field by the thing it is of and its name.
    Field(Source, String),
    /// The answer to a question about the past, by all that makes it another question.
    Past(String),
    /// The present: that no time has passed since it was looked at.
    Present,
}

/// What is known at a place in a chain. It is handed on from step to step and from each expression to its parts, mostly
/// as it is, so they share it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts(Arc<BTreeSet<Place>>);

impl Facts {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn insert(&mut self, place: Place) {
        Arc::make_mut(&mut self.0).insert(place);
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&Place) -> bool) {
        if !self.0.iter().all(&keep) {
            Arc::make_mut(&mut self.0).retain(keep);
        }
    }

    /// What is known here and there.
    pub(super) fn both(self, other: &Self) -> Self {
        if Arc::ptr_eq(&self.0, &other.0) { self } else { self.0.intersection(&other.0).cloned().collect() }
    }
}

impl Deref for Facts {
    type Target = BTreeSet<Place>;

    fn deref(&self) -> &BTreeSet<Place> {
        &self.0
    }
}

impl FromIterator<Place> for Facts {
    fn from_iter<I: IntoIterator<Item = Place>>(places: I) -> Self {
        Self(Arc::new(places.into_iter().collect()))
    }
}

impl Extend<Place> for Facts {
    fn extend<I: IntoIterator<Item = Place>>(&mut self, places: I) {
        let mut new = places.into_iter().filter(|place| !self.0.contains(place)).collect::<Vec<_>>();
        if !new.is_empty() {
            Arc::make_mut(&mut self.0).extend(new.drain(..));
        }
    }
}

impl IntoIterator for Facts {
    type Item = Place;
    type IntoIter = btree_set::IntoIter<Place>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

/// The place that a read looks at.
pub(super) fn place(read: &FieldRead) -> Place {
    Place::Field(read.source.clone(), read.name.clone())
}

/// The place of an answer about the past. What is asked of a stretch of time has none: time alone can take it away.
pub(super) fn past(history: &History) -> Option<Place> {
    let question = || format!("{} {}", history.function.name(), history.query.id);
    history.last.is_none().then(|| Place::Past(question()))
}

/// What is known where a condition held.
pub(super) fn when_true(condition: &Expr) -> Facts {
    known(condition, true)
}

/// What is known where a condition did not hold. A `later` field may have passed its deadline untold, so it is not.
pub(super) fn when_false(condition: &Expr) -> Facts {
    let untold: Facts = condition.reads().into_iter().filter(|read| read.later.is_some()).map(place).collect();
    known(condition, false).difference(&untold).cloned().collect()
}

/// What is known where an expression has a value.
pub(super) fn when_known(expr: &Expr) -> Facts {
    known_fields(expr, true, |_| true)
}

fn known(condition: &Expr, truth: bool) -> Facts {
    match condition {
        Expr::Not(inner) => known(inner, !truth),
        Expr::And(a, b) | Expr::Or(a, b) => {
            let (a, b) = (known(a, truth), known(b, truth));
            let both = matches!(condition, Expr::And(..)) == truth;
            if both {
                let mut all = a;
                all.extend(b);
                all
            } else {
                a.both(&b)
            }
        }
        Expr::IsKnown(inner) => {
            if truth {
                when_known(inner)
            } else {
                Facts::new()
            }
        }
        // A question about a missing value never holds, and one about an untold value has no answer yet.
        other => known_fields(other, truth, |read| truth || read.later.is_some()),
    }
}

fn known_fields(expr: &Expr, pasts: bool, wanted: impl Fn(&FieldRead) -> bool) -> Facts {
    let mut facts = Facts::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::Field(read) if wanted(read) => {
                facts.insert(place(read));
            }
            Expr::History(history) if pasts => facts.extend(past(history)),
            // A text has a value even where its holes have none.
            Expr::Text(_) => {}
            other => open.extend(other.children()),
        }
    }
    facts
}
