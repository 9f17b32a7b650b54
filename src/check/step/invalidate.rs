//! Invalidation. In: what is known before a wait. Out: what is still known after it, when data may have changed.

use crate::check::checker::Checker;
use crate::check::program::{Expr, Source};
use crate::check::scope::{Fact, Facts, Lasting, Scope, known_fact};
use crate::source::Span;

impl Checker<'_> {
    /// The scope after a wait. Clients and records may change meanwhile; events without a key, and history, do not.
    pub(super) fn after_wait(&mut self, scope: &Scope, wait: Span) -> Scope {
        let (kept, lost): (Facts, Facts) =
            scope.facts.iter().cloned().partition(|fact| self.survives_wait(scope, fact));
        self.invalidated.extend(lost.into_iter().map(|fact| (fact, wait)));
        Scope { facts: kept, ..scope.clone() }
    }

    /// The scope after a condition, which may have waited for `later` fields.
    pub(super) fn after_condition(&mut self, scope: &Scope, condition: Option<&Expr>, wait: Span) -> Scope {
        let may_have_waited = |condition: &Expr| {
            condition.reads().into_iter().any(|read| read.later.is_some() && !scope.facts.contains(&known_fact(read)))
        };
        if condition.is_some_and(may_have_waited) { self.after_wait(scope, wait) } else { scope.clone() }
    }

    fn survives_wait(&self, scope: &Scope, fact: &Fact) -> bool {
        match fact {
            Fact::Known(Source::Client, _) | Fact::Excluded(Source::Client, ..) | Fact::NoTimePassed => false,
            Fact::Known(Source::Business, _)
            | Fact::Excluded(Source::Business, ..)
            | Fact::History(_, Lasting::Always) => true,
            Fact::History(_, Lasting::UntilNext(event, field)) => {
                let field = self.decl.catalog.events.get(event).and_then(|event| event.fields.get(field));
                field.is_some_and(|field| !field.optional && field.later.is_none())
            }
            Fact::Known(Source::Event(name), field) | Fact::Excluded(Source::Event(name), field, _) => {
                let event = scope.bound.iter().find(|bound| bound.name == *name).map_or(name, |bound| &bound.event);
                // Shared fields of several events may belong to one that changes.
                let declared = self.decl.catalog.events.get(event);
                declared.is_some_and(|event| event.key.as_ref().is_none_or(|key| key == field))
            }
        }
    }
}
