//! A set of facts that hold together. In: facts about terms. Out: the same set with another fact, or nothing if they
//! contradict each other.

use super::range::Range;
use super::sum::Unit;
use super::term::Term;
use crate::analysis::small_map::SmallMap;
use crate::check::program::Comparison;
use crate::value::Decimal;
use std::collections::BTreeSet;

/// A linear combination of terms, normalized so that the first coefficient is one.
pub(super) type LinearForm = (Unit, SmallMap<Term, Decimal>);

/// The possible values of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TextSet {
    /// One of these.
    Among(BTreeSet<String>),
    /// None of these.
    Not(BTreeSet<String>),
}

impl TextSet {
    fn both(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Among(a), Self::Among(b)) => Self::Among(a.intersection(b).cloned().collect()),
            (Self::Among(a), Self::Not(b)) | (Self::Not(b), Self::Among(a)) => {
                Self::Among(a.difference(b).cloned().collect())
            }
            (Self::Not(a), Self::Not(b)) => Self::Not(a.union(b).cloned().collect()),
        }
    }

    fn either(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Among(a), Self::Among(b)) => Self::Among(a.union(b).cloned().collect()),
            (Self::Among(a), Self::Not(b)) | (Self::Not(b), Self::Among(a)) => {
                Self::Not(b.difference(a).cloned().collect())
            }
            (Self::Not(a), Self::Not(b)) => Self::Not(a.intersection(b).cloned().collect()),
        }
    }
}

/// Facts that hold together. A term without facts may have any value.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cube {
    /// Whether a term has a value.
    present: SmallMap<Term, bool>,
    /// Whether a term is true.
    flags: SmallMap<Term, bool>,
    texts: SmallMap<Term, TextSet>,
    ranges: SmallMap<LinearForm, Range>,
}

impl Cube {
    /// Adds whether an optional term has a value.
    pub(super) fn with_presence(mut self, term: &Term, present: bool) -> Option<Self> {
        match self.present.get(term) {
            Some(known) if *known != present => return None,
            Some(_) => {}
            None => _ = self.present.insert(term.clone(), present),
        }
        Some(self)
    }

    /// Whether a term certainly has a value.
    pub(super) fn has(&self, term: &Term) -> bool {
        self.present.get(term) == Some(&true)
    }

    /// Adds whether a term is true.
    pub(super) fn with_flag(mut self, term: &Term, holds: bool) -> Option<Self> {
        match self.flags.insert(term.clone(), holds) {
            Some(known) if known != holds => None,
            Some(_) | None => Some(self),
        }
    }

    /// Adds the possible values of a text.
    pub(super) fn with_text(mut self, term: &Term, texts: TextSet) -> Option<Self> {
        let texts = self.texts.get(term).map_or_else(|| texts.clone(), |known| known.both(&texts));
        if texts == TextSet::Among(BTreeSet::new()) {
            return None;
        }
        self.texts.insert(term.clone(), texts);
        Some(self)
    }

    /// Adds how a linear form compares with a number between `low` and `high`.
    pub(super) fn with_range(mut self, line: &LinearForm, op: Comparison, low: Decimal, high: Decimal) -> Option<Self> {
        let range = match self.ranges.get(line) {
            Some(known) => known.narrowed(op, low, high),
            None => beginning(line).narrowed(op, low, high),
        };
        self.ranges.insert(line.clone(), range?);
        Some(self)
    }

    /// Removes the facts about some terms.
    pub(super) fn forget(&mut self, forgotten: &impl Fn(&Term) -> bool) {
        self.present.retain(|term, _| !term.involves(forgotten));
        self.flags.retain(|term, _| !term.involves(forgotten));
        self.texts.retain(|term, _| !term.involves(forgotten));
        self.ranges.retain(|(_, terms), _| !terms.keys().any(|term| term.involves(forgotten)));
    }

    /// Returns the facts that hold in both.
    pub(super) fn hull(&self, other: &Self) -> Self {
        let same = |a: &SmallMap<Term, bool>, b: &SmallMap<Term, bool>| {
            a.filter_map(|term, value| (b.get(term) == Some(value)).then_some(*value))
        };
        Self {
            present: same(&self.present, &other.present),
            flags: same(&self.flags, &other.flags),
            texts: self.texts.filter_map(|term, a| Some(a.either(other.texts.get(term)?))),
            ranges: self.ranges.filter_map(|line, a| Some(a.hull(other.ranges.get(line)?))),
        }
    }
}

fn beginning((_, terms): &LinearForm) -> Range {
    let mut terms = terms.iter();
    match (terms.next(), terms.next()) {
        (Some((Term::Count(_), count)), None) if *count == Decimal::ONE => Range::count(),
        _ => Range::default(),
    }
}
