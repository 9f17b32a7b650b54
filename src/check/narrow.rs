//! What a condition tells about values that may be missing. In: a checked condition and how it turned out.
//! Out: the fields that are known then.

use super::program::{Expr, FieldRead, Source};
use std::collections::BTreeSet;

/// A field by the thing it is of and its name.
pub(super) type Place = (Source, String);

/// The fields that are known at a place in a chain.
pub(super) type Facts = BTreeSet<Place>;

/// The place that a read looks at.
pub(super) fn place(read: &FieldRead) -> Place {
    (read.source.clone(), read.name.clone())
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
    known_fields(expr, |_| true)
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
        other => known_fields(other, |read| truth || read.later.is_some()),
    }
}

fn known_fields(expr: &Expr, wanted: impl Fn(&FieldRead) -> bool) -> Facts {
    let mut facts = Facts::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::Field(read) if wanted(read) => {
                facts.insert(place(read));
            }
            // A text has a value even where its holes have none.
            Expr::Text(_) => {}
            other => open.extend(other.children()),
        }
    }
    facts
}
