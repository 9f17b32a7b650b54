//! The checked program: names are resolved, types known, templates inlined. It has no error nodes, so later stages need
//! no error cases.

mod asked;
mod doubt;
mod element;
mod expr;
mod fixed;
mod history;
mod setting;
mod test;
mod trigger;
mod visit;

pub use asked::{Asked, fingerprint};
pub use doubt::Doubt;
pub use element::{
    Argument, Call, CallTarget, Case, Content, END, Element, Moment, NEXT, Past, Send, Share, Task, UpTo, WaitEvent,
};
pub use expr::{Arithmetic, Clock, Comparison, Day, Expr, FieldRead, Filter, Occurrence, Part, Source, TextBranch};
pub use history::{Function, History, Picked, Query, QueryId};
pub use setting::{Enter, Exit, Goal, Limit, Over, Purpose, Settings, Upgrade};
pub use test::{Expected, ExpectedKind, Given, GivenDoes, NothingElse, Test, TestEvent, When};
pub use trigger::{DateKind, DateTrigger, Entry, Segment, Trigger};

use crate::source::{Span, Spanned};
use crate::value::{Type, Zone, json::Locale};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// Marks `{{ unsubscribe_url }}` in an email until it is sent. Nobody can register a name under `.invalid` (RFC 6761).
pub const UNSUBSCRIBE_MARK: &str = "https://unsubscribe.invalid/";

/// A checked project, or a checked lone file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Program {
    /// The declared client fields and events, including those of the prelude.
    pub catalog: Catalog,
    /// The funnels, in source order.
    pub funnels: Vec<Arc<Funnel>>,
    /// The tests, in source order.
    pub tests: Vec<Arc<Test>>,
    /// The names of the declared actions.
    pub actions: BTreeSet<String>,
    /// The addresses of calls, as far as they are constant, with their spans.
    pub addresses: Vec<Spanned<String>>,
    /// The declared segments, used or not, with the spans of their names.
    pub segments: Vec<Spanned<Segment>>,
    /// The meaning of the conditions in declarations, by place.
    pub asked: Asked,
    /// The named declarations, in source order.
    pub declared: Vec<Declared>,
    /// What errors leave in doubt.
    pub doubt: Doubt,
    /// The SMS texts, wherever they are sent; a text that several files attach occurs once for each.
    pub words: Vec<Arc<Words>>,
    /// The texts of templates that have conditions.
    pub conditional: Vec<Arc<ConditionalText>>,
}

/// A text with conditions that is in a template or a file, so that it is sent from several places.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionalText {
    /// The checked text.
    pub text: Expr,
    /// The span of the string, or of the file.
    pub span: Span,
    /// The names of the events in scope, with the events.
    pub bound: Vec<(String, String)>,
}

/// The text of a message with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// The checked text.
    pub text: Expr,
    /// The span of the string with its quotes, or of the file.
    pub span: Span,
    /// The parts as written, one for each part of a text with placeholders.
    pub parts: Vec<Spanned<String>>,
    /// Its characters and placeholders as written, also those inside conditional parts.
    pub leaves: Vec<Spanned<String>>,
    /// Whether the text is a string literal rather than a file.
    pub quoted: bool,
}

/// A named declaration, and whether it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its kind.
    pub kind: Declares,
    /// Its name.
    pub name: String,
    /// The span of its name.
    pub span: Span,
    /// The span of the whole item.
    pub whole: Span,
    /// Whether it is used outside of itself.
    pub used: bool,
}

/// The kinds of named declarations.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declares {
    /// `const limit = 5000 RUB`
    Constant,
    /// `segment vip = ..`
    Segment,
    /// `template sms thanks = ".."`, by its channel
    Template(String),
    /// `action sync_crm(..)`
    Action,
}

/// The fields of clients, events and the business.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// The client's fields by name.
    pub client: BTreeMap<String, FieldType>,
    /// The events by name.
    pub events: BTreeMap<String, EventType>,
    /// The fields of `business` by name, from the project file.
    pub business: BTreeMap<String, FieldType>,
    /// The default currency of amounts (ISO 4217), from the project file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The default country of phone numbers (ISO 3166-1), from the project file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The IANA name of the time zone of dates and times without one, from the project file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The topics of marketing funnels.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub topics: BTreeSet<String>,
}

impl Catalog {
    /// The defaults for reading values.
    #[must_use]
    pub fn local(&self) -> Locale<'_> {
        let zone = self.zone.as_deref().and_then(Zone::named);
        Locale { currency: self.currency.as_deref(), country: self.country.as_deref(), zone }
    }
}

/// A declared event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EventType {
    /// The key field, which identifies the record; `None` for an event without a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its fields by name.
    pub fields: BTreeMap<String, FieldType>,
}

/// A declared field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldType {
    /// Its type.
    pub ty: Type,
    /// Whether it may be missing permanently (`T?`).
    #[serde(default)]
    pub optional: bool,
    /// Set if its value becomes known later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<Later>,
    /// The span of its declaration, for labels; not part of the program's meaning.
    #[serde(skip)]
    pub span: Span,
    /// The span of its type as written, for fixes.
    #[serde(skip)]
    pub type_span: Span,
}

/// A field whose value becomes known after its record is created.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Later {
    /// The earliest moment of an answer, as an expression over the same record (the [`Source::Event`] of the reader).
    /// A value received before it is only a default. `None` if any value is an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Box<Expr>>,
    /// The deadline, as an expression over the same record; `None` for no deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Box<Expr>>,
}

/// A checked funnel.
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// Its name; for the unnamed funnel of a file, the file stem.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// The span of its name, or of the first trigger of an unnamed funnel.
    pub span: Span,
    /// Its settings.
    pub settings: Settings,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
}

/// A change of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The event's name.
    pub event: String,
    /// The kind of change.
    pub change: Change,
    /// For the events of a message, such as `replied`, that a run waits for: the message; `None` for any message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<OfMessage>,
}

impl Pattern {
    /// What happens, in a few words: `booking`, `entering vip`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.change {
            Change::Crossed(crossing) => crossing.to_string(),
            Change::Created
            | Change::Updated
            | Change::TurnedTrue(_)
            | Change::FieldChanged(_)
            | Change::FieldBecame(_) => self.event.clone(),
        }
    }

    /// The segment that the client enters or leaves.
    #[must_use]
    pub fn segment(&self) -> Option<&Segment> {
        match &self.change {
            Change::Crossed(crossing) => Some(&crossing.segment),
            Change::Created
            | Change::Updated
            | Change::TurnedTrue(_)
            | Change::FieldChanged(_)
            | Change::FieldBecame(_) => None,
        }
    }
}

/// Which message an event such as `replied` is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfMessage {
    /// Any message that the run has sent; any message of the client if it has sent none: `replied`.
    Own,
    /// What the element with this label sends; in a graph, the element with this id: `ask.replied`.
    Sent(String),
}

/// A kind of change of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was created: `booking`.
    Created,
    /// Any change after that: `booking.updated`.
    Updated,
    /// A bool field became true: `booking.cancelled`.
    TurnedTrue(String),
    /// A field changed: `booking.status`.
    FieldChanged(String),
    /// A field changed to one of the values that the filter names, or the record was created with one:
    /// `booking.status where status == "paid"`.
    FieldBecame(String),
    /// The client entered or left a segment: `entering vip`.
    Crossed(Crossing),
}

/// Entering or leaving a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossing {
    /// The segment.
    pub segment: Box<Segment>,
    /// Whether the client enters it.
    pub entering: bool,
}

impl fmt::Display for Crossing {
    /// Writes it as in the source: `entering vip`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.entering { "entering" } else { "leaving" }, self.segment.name)
    }
}

impl Pattern {
    /// The pattern with its filter: whether it is about any change of a field, or about values that it may be created
    /// with. `binding` is the name of the event in the filter.
    #[must_use]
    pub fn with_filter(self, filter: Option<&Expr>, ty: Option<&Type>, binding: Option<&str>) -> Self {
        let Change::FieldChanged(field) = &self.change else { return self };
        let source = match binding {
            Some(binding) => Source::Event(binding.to_owned()),
            None => Source::Client,
        };
        let is_text = matches!(ty, Some(Type::Text | Type::Literals(_)));
        let is_field = |read: &FieldRead| read.name == *field && read.source == source;
        if is_text && filter.is_some_and(|filter| filter.names_values(&is_field)) {
            return Self { change: Change::FieldBecame(field.clone()), ..self };
        }
        self
    }
}

/// A checked step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its label.
    pub label: Option<String>,
    /// Its element.
    pub element: Element,
    /// Its head as written, on one line: `if attended`.
    pub text: String,
    /// The span of the head.
    pub span: Span,
    /// The whole span, with the label and all blocks.
    pub whole: Span,
}
