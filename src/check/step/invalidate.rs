//! What time takes away. In: what is known before a run waits. Out: what is still known afterwards, when what could
//! change may have changed.

use crate::check::checker::Checker;
use crate::check::program::{Expr, Source};
use crate::check::scope::{Facts, Lasting, Place, Scope, place};
use crate::source::Span;

impl Checker<'_> {
    /// The same place after a wait. Clients and records change meanwhile; what has no key, and what was done, stays.
    pub(super) fn elapsed(&mut self, scope: &Scope, wait: Span) -> Scope {
        let (kept, lost): (Facts, Facts) = scope.facts.iter().cloned().partition(|place| self.stays(scope, place));
        self.lost.extend(lost.into_iter().map(|place| (place, wait)));
        Scope { facts: kept, ..scope.clone() }
    }

    /// The same place when the answer to a condition is there: one about what is told later may have waited for it.
    pub(super) fn answered(&mut self, scope: &Scope, condition: Option<&Expr>, wait: Span) -> Scope {
        let untold = |condition: &Expr| {
            condition.reads().into_iter().any(|read| read.later.is_some() && !scope.facts.contains(&place(read)))
        };
        if condition.is_some_and(untold) { self.elapsed(scope, wait) } else { scope.clone() }
    }

    fn stays(&self, scope: &Scope, place: &Place) -> bool {
        match place {
            Place::Field(Source::Client, _) | Place::Except(Source::Client, ..) | Place::Present => false,
            Place::Field(Source::Business, _)
            | Place::Except(Source::Business, ..)
            | Place::Past(_, Lasting::Always) => true,
            Place::Past(_, Lasting::UntilNext(event, field)) => {
                let field = self.catalog.events.get(event).and_then(|event| event.fields.get(field));
                field.is_some_and(|field| !field.optional && field.later.is_none())
            }
            Place::Field(Source::Event(name), field) | Place::Except(Source::Event(name), field, _) => {
                let event = scope.bound.iter().find(|bound| bound.name == *name).map_or(name, |bound| &bound.event);
                // What several events have in common may be of one that changes.
                let declared = self.catalog.events.get(event);
                declared.is_some_and(|event| event.key.as_ref().is_none_or(|key| key == field))
            }
        }
    }
}
