//! The checked program: names resolved, types known, templates in place. It has no error nodes, so what is built
//! from it has no error cases.

mod asked;
mod element;
mod expr;
mod history;
mod setting;
mod test;
mod trigger;

pub use asked::{Asked, fingerprint};
pub use element::{
    Argument, Call, CallTarget, Case, Content, END, Element, Moment, NEXT, Past, Send, Share, Task, UpTo, WaitEvent,
};
pub use expr::{Arithmetic, Comparison, Day, Expr, FieldRead, Filter, Part, Source};
pub use history::{Function, History, Picked, Query, QueryId};
pub use setting::{Enter, Exit, Goal, Limit, Over, Purpose, Settings, Upgrade};
pub use test::{Expected, Test, Thing, Told, When};
pub use trigger::{DateTrigger, Entry, Segment, Trigger};

use crate::source::{Span, Spanned};
use crate::value::{Type, json::Locale};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What stands in the words of a letter where `{{ unsubscribe_url }}` is written, until the letter leaves. No one can own
/// a name that ends so (RFC 6761).
pub const UNSUBSCRIBE_MARK: &str = "https://unsubscribe.invalid/";

/// Everything that was checked together: a project, or a lone file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Program {
    /// The declared client fields and events, the prelude's included.
    pub catalog: Catalog,
    /// The funnels, in the order of their files and places.
    pub funnels: Vec<Arc<Funnel>>,
    /// The tests, in the same order.
    pub tests: Vec<Arc<Test>>,
    /// The names of the declared actions.
    pub actions: BTreeSet<String>,
    /// Where calls go, as far as the text says it, with the places of these texts.
    pub addresses: Vec<Spanned<String>>,
    /// The declared segments, used or not, with the places of their names.
    pub segments: Vec<Spanned<Segment>>,
    /// What each part of a declared condition asks, by where it is written.
    pub asked: Asked,
    /// What the files declare by name, in the order of files and places.
    pub declared: Vec<Declared>,
    /// Whether no file has an error, so that nothing is left out of all this.
    pub complete: bool,
    /// The words of messages by SMS, wherever they are sent; those of a text that several files name are there for each.
    pub words: Vec<Arc<Words>>,
}

/// The words of a message with their place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// What they say.
    pub text: Expr,
    /// Where they stand: a text with its quotes, or a file.
    pub span: Span,
    /// Their parts as written; of a text with holes, one for each of its parts.
    pub parts: Vec<Spanned<String>>,
    /// Whether they stand in quotes, and not in a file of their own.
    pub quoted: bool,
}

/// A declaration, and whether anything uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// What it declares.
    pub kind: Declares,
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// From its keyword to its end.
    pub whole: Span,
    /// Whether anything names it outside of itself.
    pub used: bool,
}

/// What is declared to be used by name.
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

/// What events and clients look like.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// The client's fields by name.
    pub client: BTreeMap<String, FieldType>,
    /// The events by name.
    pub events: BTreeMap<String, EventType>,
    /// The fields of `business` by name, from the project file.
    pub business: BTreeMap<String, FieldType>,
    /// The currency of amounts that come without one (ISO 4217), from the project file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The country of phone numbers that come without one (ISO 3166-1), from the project file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl Catalog {
    /// What goes without saying in the project.
    #[must_use]
    pub fn local(&self) -> Locale<'_> {
        Locale { currency: self.currency.as_deref(), country: self.country.as_deref() }
    }
}

/// A declared event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EventType {
    /// The field that names the record; `None` for an event that stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its fields by name.
    pub fields: BTreeMap<String, FieldType>,
}

/// A declared field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldType {
    /// Its type when known.
    pub ty: Type,
    /// Whether it may be missing for good (`T?`).
    #[serde(default)]
    pub optional: bool,
    /// Whether it is told later, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<Later>,
    /// Where it is declared, for labels; not part of the program's meaning.
    #[serde(skip)]
    pub span: Span,
}

/// A field that is told after its record was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Later {
    /// The deadline as an expression over the same record (bound to [`Source::Event`] of the reader's binding);
    /// `None` to wait without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Box<Expr>>,
}

/// A checked funnel.
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// Its name; for the file's own funnel, the file's stem.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// Where its name stands, or the first trigger of a file's own funnel.
    pub span: Span,
    /// Its settings.
    pub settings: Settings,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
}

/// What must happen to an event's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The event's name.
    pub event: String,
    /// What about it.
    pub change: Change,
}

/// A kind of change of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It came into being: `booking`.
    Created,
    /// Any change after that: `booking.updated`.
    Updated,
    /// A bool field turned true: `booking.cancelled`.
    TurnedTrue(String),
    /// A field changed: `booking.status`.
    FieldChanged(String),
}

/// A checked step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its label.
    pub label: Option<String>,
    /// What it does.
    pub element: Element,
    /// Its head as written, white space folded: `if attended`.
    pub text: String,
    /// Where the head stands.
    pub span: Span,
    /// Where all of it stands, with its label and its paths in braces.
    pub whole: Span,
}
