//! Symbols and references: what the checker records for editors.

use crate::check::prelude::{ANY_MESSAGE, CHANNELS, FILTERS, PARTS, UNSUBSCRIBE};
use crate::check::program::{END, ExpectedKind, Function, NEXT, Occurrence, Upgrade};
use crate::check::scope::BoundEvent;
use crate::source::Span;
use crate::value::Type;
use std::sync::Arc;

/// What a name refers to.
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
        /// Its owner.
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
    /// A parameter of an action.
    Param {
        /// The action.
        action: String,
        /// Its name.
        name: String,
    },
    /// A funnel.
    Funnel(String),
    /// A labeled element of a funnel.
    Label {
        /// The span of the name of the funnel.
        funnel: Span,
        /// The label.
        name: String,
    },
    /// An alias of an event, by the span of the name after `as`.
    Alias(Span),
    /// A built-in name.
    Builtin(BuiltinKind, String),
}

/// The kinds of built-in names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuiltinKind {
    /// `sms`
    Channel,
    /// `default`, after `|`
    Filter,
    /// `count`, of history
    Function,
    /// `text`
    Type,
    /// `subject` of a message
    Part,
    /// `updated` of an event, `at` of a past event, `next` and `end` of a `goto`, `unsubscribe_url` of an email
    Special,
    /// `marketing`, `migrate`
    Choice,
    /// `send`, `exit` of a test's `expect`
    Expectation,
}

impl BuiltinKind {
    /// The names of a kind, as far as they can be listed.
    #[must_use]
    pub fn all(self) -> Vec<&'static str> {
        match self {
            Self::Channel => CHANNELS.iter().map(|(channel, _)| *channel).collect(),
            Self::Filter => FILTERS.to_vec(),
            Self::Function => Function::NAMES.iter().map(|(name, _)| *name).chain([Occurrence::Next.name()]).collect(),
            Self::Type => Type::NAMES.iter().map(|(name, _)| *name).collect(),
            Self::Part => PARTS.to_vec(),
            Self::Special => vec!["updated", "at", NEXT, END, UNSUBSCRIBE, ANY_MESSAGE],
            Self::Choice => ["marketing", "service"].into_iter().chain(Upgrade::NAMES.map(|(name, _)| name)).collect(),
            Self::Expectation => ExpectedKind::NAMES.iter().map(|(name, _)| *name).collect(),
        }
    }
}

/// What a reference does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It declares the symbol.
    Declares,
    /// It changes the symbol.
    Changes,
    /// It uses the symbol.
    Uses,
}

/// A name in the source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Its span.
    pub span: Span,
    /// What it refers to. A name in a text that several funnels send may refer to several symbols.
    pub symbol: Symbol,
    /// What it does with the symbol.
    pub role: Role,
}

/// The type of an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct TypedAt {
    /// Its span.
    pub span: Span,
    /// Its type.
    pub ty: Type,
    /// Whether it may be missing.
    pub missing: bool,
}

/// What is in scope in a part of the source.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeAt {
    /// The part.
    pub span: Span,
    /// The events in scope.
    pub events: Arc<[ScopeEvent]>,
    /// Whether expressions must be constant here, so that values of a run are not allowed.
    pub fixed: bool,
    /// Whether it is in an email body.
    pub in_email_body: bool,
}

/// An event in scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeEvent {
    /// Its name in the scope.
    pub name: String,
    /// The declared name of the event; several are joined with `or`.
    pub event: String,
    /// Whether its fields can be used without a prefix.
    pub bare: bool,
    /// The spans of its alias.
    pub declared: Vec<Span>,
}

impl ScopeEvent {
    pub(super) fn of(bound: &BoundEvent) -> Self {
        let BoundEvent { name, event, bare, declared } = bound;
        Self { name: name.clone(), event: event.clone(), bare: *bare, declared: declared.clone() }
    }
}

/// The symbols of a file and of the texts that it attaches.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SymbolIndex {
    /// The references, in source order.
    pub references: Vec<Reference>,
    /// The types of expressions, in source order.
    pub types: Vec<TypedAt>,
    /// The scopes.
    pub scopes: Vec<ScopeAt>,
    /// The span of the name of the current funnel.
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
