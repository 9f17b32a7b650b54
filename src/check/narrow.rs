//! What a condition tells about values that may be missing. In: a checked condition and how it turned out.
//! Out: the fields that are known then.

use super::program::{Expr, FieldRead, History, Source};
use std::collections::BTreeSet;

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

/// What is known at a place in a chain.
pub(super) type Facts = BTreeSet<Place>;

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
            if both { a.union(&b).cloned().collect() } else { a.intersection(&b).cloned().collect() }
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
