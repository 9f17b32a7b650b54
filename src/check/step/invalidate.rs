//! Invalidation. In: what is known before a wait. Out: what is still known after it, when data may have changed.

use crate::check::checker::Checker;
use crate::check::program::{Expr, Source};
use crate::check::scope::{Fact, Facts, Lasting, Scope, known_fact};
use crate::source::Span;

impl Checker<'_> {
    /// The scope after a wait. Clients and records may change meanwhile, and what is asked of them;
    /// events without a key do not.
    pub(super) fn after_wait(&mut self, scope: &Scope, wait: Span) -> Scope {
        let (kept, lost): (Facts, Facts) =
            scope.facts.iter().cloned().partition(|fact| self.survives_wait(scope, fact));
        let mut kept = kept;
        kept.extend(scope.lasting.clone());
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
            Fact::Known(Source::Business, _) | Fact::Excluded(Source::Business, ..) => true,
            Fact::History(_, lasting) => self.lasts(lasting),
            Fact::Known(Source::Event(name), field) | Fact::Excluded(Source::Event(name), field, _) => {
                let event = scope.bound.iter().find(|bound| bound.name == *name).map_or(name, |bound| &bound.event);
                // Shared fields of several events may belong to one that changes.
                let declared = self.decl.catalog.events.get(event);
                declared.is_some_and(|event| event.key.as_ref().is_none_or(|key| key == field))
            }
        }
    }

    /// Whether a history expression keeps a value. A record may stop matching the filter or lose the field, time may do
    /// the same, and the next or a late event may be without the field.
    fn lasts(&self, lasting: &Lasting) -> bool {
        let Some(declared) = self.decl.catalog.events.get(&lasting.event) else { return false };
        let always =
            |name: &String| declared.fields.get(name).is_some_and(|field| !field.optional && field.later.is_none());
        let is_record = declared.key.is_some();
        let still_matches = !(lasting.live || is_record && lasting.filtered);
        let still_has_value = lasting.field.as_ref().is_none_or(always) || !(is_record || lasting.of_one);
        still_matches && still_has_value
    }
}
