//! What can be named at a place, and what is known there.

mod facts;
mod narrow;

pub(super) use facts::{Fact, Facts, Lasting, join};
pub(super) use narrow::{
    enumerable_values, excluded, field_values, history_fact, known_fact, value_name, when_false, when_known, when_true,
};

use crate::check::program::Source;
use crate::diagnostic::{Phrase, suggest};
use crate::say;
use crate::source::Span;
use std::sync::Arc;

/// What can be named at a place, and what is known there.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// The events by the names they have here.
    pub(super) bound: Arc<Vec<BoundEvent>>,
    /// What kind of place it is.
    pub(super) context: ExprContext,
    /// The fields that are known to be there.
    pub(super) facts: Facts,
    /// Whether a condition is being read, which waits for `later` fields.
    pub(super) in_condition: bool,
    /// Whether more may be in scope than is known, because the trigger is wrong.
    pub(super) incomplete: bool,
    /// Whether every value counts as known, because the condition that would tell is wrong.
    pub(super) assume_known: bool,
    /// Whether no run comes here.
    pub(super) unreachable: bool,
    /// Whether messages are held back, for their hours or their turn.
    pub(super) sends_wait: bool,
    /// The names that wrong conditions were about: fields so called count as known, for they may have told of them.
    pub(super) assumed: Vec<String>,
    /// Whether it is in the words of a letter, where [`UNSUBSCRIBE`] has a meaning.
    pub(super) in_email_body: bool,
}

/// An event that has a name.
#[derive(Debug, Clone)]
pub(super) struct BoundEvent {
    /// The name here.
    pub(super) name: String,
    /// The event's own name.
    pub(super) event: String,
    /// Whether its fields can be named without it.
    pub(super) bare: bool,
    /// Where it gets a name that is not its own: more than one place where ways meet.
    pub(super) declared: Vec<Span>,
}

impl PartialEq for BoundEvent {
    /// Where a name comes from is no part of what it means.
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.event, self.bare) == (&other.name, &other.event, other.bare)
    }
}

/// A kind of place where expressions stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExprContext {
    /// A chain, or the filter of a trigger.
    Chain,
    /// The body of a template.
    Template,
    /// A setting of a funnel.
    Setting,
    /// The deadline of a `later` field.
    Deadline,
    /// The value of a constant.
    Constant,
    /// The condition of a segment.
    Segment,
    /// What is remembered of an event.
    History,
    /// A test.
    Test,
}

impl ExprContext {
    /// What must be the same in every run, where such a thing is written.
    pub(super) fn fixed(self) -> Option<Phrase> {
        match self {
            Self::Constant => Some(say!("a constant")),
            Self::Test => Some(say!("a test")),
            Self::Chain | Self::Template | Self::Setting | Self::Deadline | Self::Segment | Self::History => None,
        }
    }
}

impl Scope {
    /// Nothing but what is everywhere.
    pub(super) fn empty(context: ExprContext) -> Self {
        Self {
            bound: Arc::default(),
            context,
            facts: Facts::new(),
            in_condition: false,
            incomplete: false,
            assume_known: false,
            unreachable: false,
            sends_wait: false,
            assumed: Vec::new(),
            in_email_body: false,
        }
    }

    /// One event by name, its fields bare.
    pub(super) fn of_event(context: ExprContext, name: &str, event: &str) -> Self {
        Self::empty(context).with(name, event, true)
    }

    /// Adds an event.
    pub(super) fn with(mut self, name: &str, event: &str, bare: bool) -> Self {
        Arc::make_mut(&mut self.bound).push(BoundEvent {
            name: name.to_owned(),
            event: event.to_owned(),
            bare,
            declared: Vec::new(),
        });
        self
    }

    /// Says where the event that was added last gets its name.
    pub(super) fn named_at(mut self, declared: impl IntoIterator<Item = Span>) -> Self {
        if let Some(bound) = Arc::make_mut(&mut self.bound).last_mut() {
            bound.declared.extend(declared);
        }
        self
    }

    /// Adds an event that is in another scope; its fields are not bare.
    pub(super) fn with_bound(self, bound: &BoundEvent) -> Self {
        self.with(&bound.name, &bound.event, false).named_at(bound.declared.iter().copied())
    }

    /// The same place in a part of a message.
    pub(super) fn in_message(&self, channel: &str, part: &str) -> Self {
        Self { in_email_body: channel == "email" && matches!(part, "text" | "html"), ..self.clone() }
    }

    /// The same place inside a condition, or outside of one.
    pub(super) fn in_condition(&self, in_condition: bool) -> Self {
        Self { in_condition, ..self.clone() }
    }

    /// The same place where a condition told more; nothing tells what a wrong condition would have told.
    pub(super) fn with_facts(&self, facts: Option<Facts>) -> Self {
        let mut scope = self.clone();
        match facts {
            Some(facts) => scope.facts.extend(facts),
            None => scope.assume_known = true,
        }
        scope
    }

    /// Whether a field counts as known here; a name that a wrong condition misspells is the one that it is near to.
    pub(super) fn is_known(&self, source: &Source, name: &str) -> bool {
        self.assume_known
            || self.facts.iter().any(|place| matches!(place, Fact::Known(of, known) if of == source && known == name))
            || self.assumed.iter().any(|assumed| assumed == name || suggest::nearest(assumed, [name]).is_some())
    }
}
