//! What exits and goals find when a client enters: a state that is already there does not happen again. In: the change
//! that an exit or a goal names. Out: whether it holds already.

use crate::check::program::{Change, Exit, Expr, Goal, Pattern, Source, Trigger};
use crate::engine::client::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{Fields, RecordId, Subject};
use crate::graph::{Entry, Graph};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A client who is about to enter, or has just entered.
pub(super) struct Entering<'e> {
    pub(super) graph: &'e Graph,
    pub(super) entry: &'e Entry,
    pub(super) subjects: &'e BTreeMap<String, Subject>,
}

/// The change that an exit or a goal names.
struct Asked<'a> {
    pattern: &'a Pattern,
    /// The name of the event in the filter.
    binding: &'a str,
    filter: Option<&'a Expr>,
}

impl ClientTurn<'_> {
    /// The first exit whose state is there already.
    pub(super) fn exit_at_entry<'e>(&self, entering: &Entering<'e>) -> Option<&'e Exit> {
        entering.graph.settings.exits.iter().find(|exit| {
            let asked = Asked { pattern: &exit.pattern, binding: &exit.pattern.event, filter: exit.filter.as_ref() };
            self.holds_already(entering, &asked)
        })
    }

    /// The first goal whose state is there already, and what happened.
    pub(super) fn goal_at_entry<'e>(&self, entering: &Entering<'e>) -> Option<(&'e Goal, &'e Pattern)> {
        entering.graph.settings.goals.iter().find_map(|goal| {
            let reached = |pattern: &&Pattern| {
                let asked = Asked { pattern, binding: &goal.binding, filter: goal.filter.as_ref() };
                self.holds_already(entering, &asked)
            };
            goal.patterns.iter().find(reached).map(|pattern| (goal, pattern))
        })
    }

    fn holds_already(&self, entering: &Entering<'_>, asked: &Asked<'_>) -> bool {
        let own = own_record(entering.subjects, asked.pattern);
        let Some(fields) = self.fields_of(asked.pattern, own) else { return false };
        let mut subjects = entering.subjects.clone();
        subjects.extend(own.map(|id| (asked.binding.to_owned(), Subject::Record(id.clone()))));
        let is_own = |source: &Source| is_own(&subjects, own, source);
        if is_trigger(entering.entry, asked, &is_own) {
            return false;
        }
        let reads = |wanted: Option<&str>| {
            let reads = asked.filter.map(Expr::reads).unwrap_or_default();
            reads.iter().any(|read| is_own(&read.source) && wanted.is_none_or(|wanted| wanted == read.name))
        };
        // What was received too early is only a default.
        let answers = self.answers(own);
        let counts = |field: &str| answers.get(field).is_none_or(Option::is_some);
        let scope = Scope::new(&self.world, entering.graph, self.client, &subjects, self.now);
        let is_state = match &asked.pattern.change {
            Change::Created => false,
            Change::TurnedTrue(field) => fields.get(field) == Some(&Json::Bool(true)) && counts(field),
            Change::FieldChanged(field) | Change::FieldBecame(field) => {
                fields.get(field).is_some_and(|value| !value.is_null()) && counts(field) && reads(Some(field))
            }
            Change::Updated => reads(None),
            Change::Crossed(crossing) => scope.holds(&crossing.segment.condition) == crossing.entering,
        };
        is_state && asked.filter.is_none_or(|filter| scope.holds(filter))
    }

    /// The fields that a pattern is about: those of the client, or of the run's own record.
    fn fields_of(&self, pattern: &Pattern, own: Option<&RecordId>) -> Option<&Fields> {
        match own {
            Some(id) => self.client.records.get(id).map(|record| &record.fields),
            None => (pattern.event == "client").then_some(&self.client.fields),
        }
    }
}

/// The run's own record of the kind that a pattern names.
fn own_record<'s>(subjects: &'s BTreeMap<String, Subject>, pattern: &Pattern) -> Option<&'s RecordId> {
    subjects.values().find_map(|subject| match subject {
        Subject::Record(id) if id.event == pattern.event => Some(id),
        Subject::Record(_) | Subject::Event { .. } => None,
    })
}

/// Whether a source is what the pattern is about: the own record, or the client if there is none.
fn is_own(subjects: &BTreeMap<String, Subject>, own: Option<&RecordId>, source: &Source) -> bool {
    match (source, own) {
        (Source::Client, None) => true,
        (Source::Event(name), Some(own)) => matches!(subjects.get(name), Some(Subject::Record(id)) if id == own),
        (Source::Client | Source::Business | Source::Event(_), _) => false,
    }
}

/// Whether the trigger of the entry itself names the change, with the same conditions. Then the client enters because
/// of it, and must not be kept out by it.
fn is_trigger(entry: &Entry, asked: &Asked<'_>, is_own: &impl Fn(&Source) -> bool) -> bool {
    let is_same = match (&entry.trigger, &asked.pattern.change) {
        (Trigger::Happened { patterns, .. }, _) => patterns.contains(asked.pattern),
        (Trigger::Segment { segment, entering }, Change::Crossed(crossing)) => {
            *segment == *crossing.segment && *entering == crossing.entering
        }
        (
            Trigger::Segment { .. }
            | Trigger::Silence { .. }
            | Trigger::Date(_)
            | Trigger::Started { .. }
            | Trigger::Every { .. },
            _,
        ) => false,
    };
    let conditions = |filter: Option<&Expr>| -> Vec<Expr> {
        let parts = filter.map(Expr::conjuncts).unwrap_or_default().into_iter().cloned();
        // The same record may have several names.
        let renamed = parts.map(|mut part| {
            part.change_reads(&|read| {
                if is_own(&read.source) {
                    read.source = Source::Event(String::new());
                }
            });
            part
        });
        renamed.collect()
    };
    let own = conditions(entry.filter.as_ref());
    is_same && conditions(asked.filter).iter().all(|condition| own.contains(condition))
}
