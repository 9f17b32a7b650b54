//! Terms of conditions. In: parts of checked expressions. Out: terms that are equal if they refer to the same value,
//! and whether time can change them.

use crate::check::program::{Catalog, Day, Expr, FieldRead, FieldType, Function, History, Source, fingerprint};
use crate::value::TimeOfDay;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Something that has one value at a time. It is cloned often, so clones are cheap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::analysis) enum Term {
    /// A field.
    Field(Arc<(Source, String)>),
    /// The number of matching events; `any`, `none` and `count` share one term.
    Count(Arc<str>),
    /// Another query of the history.
    Past(Arc<str>),
    /// Whether the client is in a funnel.
    Inside(Arc<str>),
    /// The current time.
    Now,
    /// A day relative to the current one.
    Day(Arc<str>),
    /// An opaque expression: its fingerprint and its terms.
    Whole(Arc<(u64, Vec<Term>)>),
}

/// What names refer to in a funnel.
#[derive(Debug, Clone)]
pub(super) struct Names<'a> {
    pub(super) catalog: &'a Catalog,
    /// The events that a bound name may refer to.
    pub(super) bound: BTreeMap<String, BTreeSet<String>>,
    /// The funnel that the client is certainly in.
    pub(super) inside: Option<&'a str>,
}

impl Names<'_> {
    /// Whether a field is always present according to its declaration.
    pub(in crate::analysis) fn is_required(&self, source: &Source, name: &str) -> bool {
        let always = |field: Option<&FieldType>| field.is_some_and(|field| !field.optional && field.later.is_none());
        match source {
            Source::Client => always(self.catalog.client.get(name)),
            Source::Business => always(self.catalog.business.get(name)),
            Source::Event(binding) => {
                let field = |event: &str| self.catalog.events.get(event)?.fields.get(name);
                self.events(binding).all(|event| always(field(event)))
            }
        }
    }

    /// The events that a name may refer to; the event of that name if it is not bound.
    fn events<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        let bound = self.bound.get(name);
        bound.into_iter().flatten().map(String::as_str).chain(bound.is_none().then_some(name))
    }

    /// Whether a term may be missing.
    pub(in crate::analysis) fn may_be_missing(&self, term: &Term) -> bool {
        match term {
            Term::Field(field) => !self.is_required(&field.0, &field.1),
            Term::Count(_) | Term::Inside(_) | Term::Now | Term::Day(_) => false,
            Term::Past(_) | Term::Whole(_) => true,
        }
    }

    /// Whether the value may change over time.
    pub(in crate::analysis) fn can_change(&self, term: &Term) -> bool {
        match term {
            Term::Field(field) => match &**field {
                (Source::Client, name) => name != "id",
                (Source::Business, _) => false,
                (Source::Event(binding), name) => self.events(binding).any(|event| {
                    let declared = self.catalog.events.get(event);
                    declared.is_none_or(|declared| declared.key.as_ref().is_some_and(|key| key != name))
                }),
            },
            Term::Count(_) | Term::Past(_) | Term::Inside(_) | Term::Now | Term::Day(_) => true,
            Term::Whole(whole) => whole.1.iter().any(|part| self.can_change(part)),
        }
    }
}

impl Term {
    pub(in crate::analysis) fn field(source: Source, name: &str) -> Self {
        Self::Field(Arc::new((source, name.to_owned())))
    }

    pub(in crate::analysis) fn of_field(read: &FieldRead) -> Self {
        Self::field(read.source.clone(), &read.name)
    }

    /// Returns the term of a history query.
    pub(in crate::analysis) fn of_history(history: &History) -> Self {
        let last = history.last.map(|last| last.to_string()).unwrap_or_default();
        let key = format!("{} {last}", history.query.id);
        match history.function {
            Function::Any | Function::None | Function::Count => Self::Count(key.into()),
            Function::Sum | Function::Avg | Function::Min | Function::Max | Function::First | Function::Last => {
                Self::Past(format!("{} {key}", history.function.name()).into())
            }
        }
    }

    pub(in crate::analysis) fn of_day(day: Day, at: Option<TimeOfDay>) -> Self {
        Self::Day(format!("{day:?} {at:?}").into())
    }

    /// Returns an opaque term for an expression.
    pub(in crate::analysis) fn whole(expr: &Expr) -> Self {
        Self::Whole(Arc::new((fingerprint(expr), terms_in(expr))))
    }

    /// Whether this is such a term or contains one.
    pub(in crate::analysis) fn involves(&self, wanted: &impl Fn(&Self) -> bool) -> bool {
        let inside =
            if let Self::Whole(whole) = self { whole.1.iter().any(|part| part.involves(wanted)) } else { false };
        inside || wanted(self)
    }
}

/// Returns all terms of an expression, sorted and without duplicates.
pub(in crate::analysis) fn terms_in(expr: &Expr) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::Field(read) => terms.push(Term::of_field(read)),
            Expr::Now => terms.push(Term::Now),
            Expr::InFunnel(funnel) => terms.push(Term::Inside(funnel.as_str().into())),
            Expr::Day { day, at } => terms.push(Term::of_day(*day, *at)),
            Expr::History(history) => terms.push(Term::of_history(history)),
            Expr::Yearly(_, date) => {
                terms.push(Term::of_day(Day::Today, None));
                open.push(date);
            }
            other => open.extend(other.children()),
        }
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// Builds `subject == value`, or that the subject is in the range of a case.
pub(super) fn equals(subject: &Expr, value: &Expr) -> Expr {
    Expr::case_condition(subject, value)
}
