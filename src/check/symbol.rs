//! What names refer to: the data that the checker records for editors.

use crate::check::prelude::{CHANNELS, FILTERS, PARTS, UNSUBSCRIBE};
use crate::check::program::{END, ExpectedKind, Function, NEXT, Upgrade};
use crate::check::scope::BoundEvent;
use crate::source::Span;
use crate::value::Type;
use std::sync::Arc;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol {
    /// The client.
    Client,
    /// The business.
    Business,
    /// An event, by its name.
    Event(String),
    /// A field of an event, of `client` or of `business`.
    Field {
        /// What has it.
        of: String,
        /// Its name.
        name: String,
    },
    /// A constant.
    Constant(String),
    /// A segment.
    Segment(String),
    /// A template of a channel.
    Template {
        /// The channel.
        channel: String,
        /// Its name.
        name: String,
    },
    /// An action.
    Action(String),
    /// What an action is told.
    Param {
        /// The action.
        action: String,
        /// The name.
        name: String,
    },
    /// A funnel.
    Funnel(String),
    /// An element of a funnel.
    Label {
        /// Where the name of the funnel stands.
        funnel: Span,
        /// The label.
        name: String,
    },
    /// An event that has another name here, by the place of that name after `as`.
    Alias(Span),
    /// A word that the language gives.
    Builtin(BuiltinKind, String),
}

/// A kind of word that the language gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuiltinKind {
    /// `sms`
    Channel,
    /// `default`, after `|`
    Filter,
    /// `count`, about the past
    Function,
    /// `text`
    Type,
    /// `subject` of a message
    Part,
    /// `updated` of an event, `at` of one in the past, `next` and `end` of a `goto`, `unsubscribe_url` of a letter
    Special,
    /// `marketing`, `migrate`
    Choice,
    /// `send`, `exit` of a test's `expect`
    Expectation,
}

impl BuiltinKind {
    /// The words of a kind, as far as they can be listed.
    #[must_use]
    pub fn all(self) -> Vec<&'static str> {
        match self {
            Self::Channel => CHANNELS.iter().map(|(channel, _)| *channel).collect(),
            Self::Filter => FILTERS.to_vec(),
            Self::Function => Function::NAMES.iter().map(|(name, _)| *name).collect(),
            Self::Type => Type::NAMES.iter().map(|(name, _)| *name).collect(),
            Self::Part => PARTS.to_vec(),
            Self::Special => vec!["updated", "at", NEXT, END, UNSUBSCRIBE],
            Self::Choice => ["marketing", "service"].into_iter().chain(Upgrade::NAMES.map(|(name, _)| name)).collect(),
            Self::Expectation => ExpectedKind::NAMES.iter().map(|(name, _)| *name).collect(),
        }
    }
}

/// What a name does where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It says what the thing is.
    Declares,
    /// It changes the thing.
    Changes,
    /// It uses the thing.
    Uses,
}

/// A name where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Where it stands.
    pub span: Span,
    /// What it names. What stands in a text that several funnels send may name several things.
    pub symbol: Symbol,
    /// What it does.
    pub role: Role,
}

/// The type of an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct TypedAt {
    /// Where it stands.
    pub span: Span,
    /// Its type.
    pub ty: Type,
    /// Whether it may be missing there.
    pub missing: bool,
}

/// What can be named in a part of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeAt {
    /// The part.
    pub span: Span,
    /// The events that have a name there.
    pub events: Arc<[ScopeEvent]>,
    /// What does not stand there: the values of a run in what is the same in every run.
    pub fixed: bool,
    /// Whether it is in the words of a letter.
    pub in_email_body: bool,
}

/// An event that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeEvent {
    /// The name there.
    pub name: String,
    /// The event's own name; several have `or` between.
    pub event: String,
    /// Whether its fields can be named without it.
    pub bare: bool,
    /// Where it gets its name, when that is not its own.
    pub declared: Vec<Span>,
}

impl ScopeEvent {
    pub(super) fn of(bound: &BoundEvent) -> Self {
        let BoundEvent { name, event, bare, declared } = bound;
        Self { name: name.clone(), event: event.clone(), bare: *bare, declared: declared.clone() }
    }
}

/// What was noted of a file, and of the texts that it names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SymbolIndex {
    /// The names, in the order of their places.
    pub references: Vec<Reference>,
    /// The types of expressions, in the same order.
    pub types: Vec<TypedAt>,
    /// What can be named where.
    pub scopes: Vec<ScopeAt>,
    /// The name of the funnel that is checked.
    pub(super) funnel: Span,
}

impl SymbolIndex {
    pub(super) fn settled(mut self) -> Self {
        self.references.sort();
        self.references.dedup();
        self.types.sort_by_key(|typed| (typed.span.file, typed.span.start, typed.span.end));
        self.types.dedup_by_key(|typed| typed.span);
        self
    }
}
