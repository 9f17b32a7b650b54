//! Scopes: what can be named at a place, and what is known there.

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
    /// The events in scope.
    pub(super) bound: Arc<Vec<BoundEvent>>,
    /// The events that were waited for and have no name here.
    pub(super) awaited: Arc<Vec<Awaited>>,
    /// The kind of place.
    pub(super) context: ExprContext,
    /// What is known here.
    pub(super) facts: Facts,
    /// What is known throughout the chain, because its trigger says `while`.
    pub(super) lasting: Facts,
    /// Whether this is inside a condition, which waits for `later` fields.
    pub(super) in_condition: bool,
    /// Whether this is inside a string, which shows what is known when it is sent and never waits.
    pub(super) in_text: bool,
    /// Whether the trigger has an error, so that more may be in scope than is listed.
    pub(super) incomplete: bool,
    /// Whether all values count as known because a condition has an error.
    pub(super) assume_known: bool,
    /// Whether no run reaches this place.
    pub(super) unreachable: bool,
    /// Whether messages may be delayed, by `hours` or a limit.
    pub(super) sends_wait: bool,
    /// The field names in wrong conditions: these fields count as known.
    pub(super) assumed: Vec<String>,
    /// Whether this is an email body, where [`UNSUBSCRIBE`] is defined.
    pub(super) in_email_body: bool,
}

/// An event in scope.
#[derive(Debug, Clone)]
pub(super) struct BoundEvent {
    /// Its name in this scope.
    pub(super) name: String,
    /// The declared name of the event.
    pub(super) event: String,
    /// Whether its fields can be used without a prefix.
    pub(super) bare: bool,
    /// The spans of its alias; several where paths with the same alias meet.
    pub(super) declared: Vec<Span>,
}

impl PartialEq for BoundEvent {
    /// The spans are not part of the meaning.
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.event, self.bare) == (&other.name, &other.event, other.bare)
    }
}

/// An event that was waited for, where it has no name.
#[derive(Debug, Clone)]
pub(super) struct Awaited {
    /// The declared name of the event.
    pub(super) event: String,
    /// Its name where it is certain to have happened.
    pub(super) alias: Option<String>,
    /// What is waited for.
    pub(super) span: Span,
    /// Whether it is certain to have happened.
    pub(super) certain: bool,
}

/// The kinds of places where expressions occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExprContext {
    /// A chain or the filter of a trigger.
    Chain,
    /// The body of a template.
    Template,
    /// A setting of a funnel.
    Setting,
    /// A moment of a `later` field.
    Later,
    /// The value of a constant.
    Constant,
    /// The condition of a segment.
    Segment,
    /// The filter of a history expression.
    History,
    /// A test.
    Test,
}

impl ExprContext {
    /// The name of a place whose expressions must be constant.
    pub(super) fn fixed(self) -> Option<Phrase> {
        match self {
            Self::Constant => Some(say!("a constant")),
            Self::Test => Some(say!("a test")),
            Self::Chain | Self::Template | Self::Setting | Self::Later | Self::Segment | Self::History => None,
        }
    }
}

impl Scope {
    /// A scope without events.
    pub(super) fn empty(context: ExprContext) -> Self {
        Self {
            bound: Arc::default(),
            awaited: Arc::default(),
            context,
            facts: Facts::new(),
            lasting: Facts::new(),
            in_condition: false,
            in_text: false,
            incomplete: false,
            assume_known: false,
            unreachable: false,
            sends_wait: false,
            assumed: Vec::new(),
            in_email_body: false,
        }
    }

    /// A scope with one event, whose fields need no prefix.
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

    /// Adds the spans of the alias of the last event.
    pub(super) fn named_at(mut self, declared: impl IntoIterator<Item = Span>) -> Self {
        if let Some(bound) = Arc::make_mut(&mut self.bound).last_mut() {
            bound.declared.extend(declared);
        }
        self
    }

    /// Adds an event of another scope; its fields need the prefix.
    pub(super) fn with_bound(self, bound: &BoundEvent) -> Self {
        self.with(&bound.name, &bound.event, false).named_at(bound.declared.iter().copied())
    }

    /// Adds an event that was waited for, unless it has its name here.
    pub(super) fn after_awaiting(&mut self, awaited: Option<Awaited>) {
        if let Some(awaited) = awaited {
            Arc::make_mut(&mut self.awaited).push(awaited);
        }
    }

    /// The same scope in a part of a message.
    pub(super) fn in_message(&self, channel: &str, part: &str) -> Self {
        Self { in_email_body: channel == "email" && matches!(part, "text" | "html"), ..self.clone() }
    }

    /// The same scope inside or outside of a condition.
    pub(super) fn in_condition(&self, in_condition: bool) -> Self {
        Self { in_condition, ..self.clone() }
    }

    /// The same scope inside a string.
    pub(super) fn in_text(&self) -> Self {
        Self { in_condition: false, in_text: true, ..self.clone() }
    }

    /// The same scope with more facts; `None`, the result of a wrong condition, makes everything count as known.
    pub(super) fn with_facts(&self, facts: Option<Facts>) -> Self {
        let mut scope = self.clone();
        match facts {
            Some(facts) => scope.facts.extend(facts),
            None => scope.assume_known = true,
        }
        scope
    }

    /// Whether a field counts as known here, also under a misspelling of its name in a wrong condition.
    pub(super) fn is_known(&self, source: &Source, name: &str) -> bool {
        self.assume_known
            || self.facts.iter().any(|fact| matches!(fact, Fact::Known(of, known) if of == source && known == name))
            || self.assumed.iter().any(|assumed| assumed == name || suggest::nearest(assumed, [name]).is_some())
    }
}
