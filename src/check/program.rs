//! The checked program: names resolved, types known, templates in place. It has no error nodes, so what is built
//! from it has no error cases.

use crate::source::Span;
use crate::value::{Duration, TimeOfDay, Type, Value, Weekday, time::Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that was checked together: a project, or a lone file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Program {
    /// The declared client fields and events, the prelude's included.
    pub catalog: Catalog,
    /// The funnels, in the order of their files and places.
    pub funnels: Vec<Funnel>,
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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

/// What holds for a whole funnel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Why its messages are sent.
    pub purpose: Purpose,
    /// Text expressions that name a zone, tried in order: the client's, the funnel's, the project's.
    pub zones: Vec<Expr>,
    /// When messages may leave; empty for always.
    pub hours: Vec<Window>,
    /// Who may enter, and again when.
    pub enter: Enter,
    /// What ends a run from outside.
    pub exits: Vec<Exit>,
}

/// Why messages are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// They belong to a service the client asked for.
    #[default]
    Service,
    /// They need the client's consent for channel and topic.
    Marketing {
        /// The topic; `None` for any.
        topic: Option<String>,
    },
}

/// Who may enter, and again when.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enter {
    /// Once per record key; always for an event without a key.
    #[default]
    OncePerRecord,
    /// Always, but never twice inside with the same key.
    Always,
    /// Once per client.
    Once,
    /// Once per client and value of the expression.
    OncePer(Expr),
    /// Again when this long has passed since the client's last entry.
    Again(Duration),
}

/// An event that ends runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exit {
    /// What happens.
    pub pattern: Pattern,
    /// Only when this holds; the event is bound to its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// `exit on booking.cancelled`, as written.
    pub text: String,
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

/// A trigger and its chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What starts a run.
    pub pattern: Pattern,
    /// The name the event has in the chain: its own or its alias.
    pub binding: String,
    /// Only when this holds.
    pub filter: Option<Expr>,
    /// What follows; may be empty.
    pub chain: Vec<Step>,
    /// The trigger as written, white space folded: `on booking where service == "massage"`.
    pub text: String,
    /// Where the trigger stands.
    pub span: Span,
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
}

/// A checked element.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Element {
    /// Two paths. A gate (`if c -> A -> B`) has the rest of its chain in `then` and nothing after it.
    If { condition: Expr, then: Vec<Step>, otherwise: Vec<Step> },
    /// A time to pass.
    Wait(Wait),
    /// A message; `unsent` is the `else` path, `None` when none is written.
    Send { send: Send, unsent: Option<Vec<Step>> },
    /// A client field gets a value.
    Set { field: String, value: Expr },
    /// A tag is put on (`add`) or taken off the client.
    Tag { tag: Expr, add: bool },
    /// The run ends.
    Stop,
}

/// A time to pass.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Wait {
    /// `wait 24h`, `wait 1d at 10:00`
    For { duration: Duration, at: Option<TimeOfDay> },
    /// `wait until moment else ..`
    Until { moment: Moment, past: Past },
}

/// What a `wait until` waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// An expression of type datetime, of a civil date and time, or of a date (its midnight).
    At(Expr),
    /// The next time the wall clock shows this.
    Time(TimeOfDay),
    /// The next such day and time; midnight when no time is said.
    Weekday(Weekday, TimeOfDay),
}

/// What happens when the moment is past already.
#[derive(Debug, Clone, PartialEq)]
pub enum Past {
    /// Go on at once.
    GoOn,
    /// Leave out the next element.
    Skip,
    /// End the run.
    Stop,
    /// Take this path, then join.
    Block(Vec<Step>),
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Send {
    /// The channel: `sms`, `email`, `telegram`, ..
    pub channel: String,
    /// The template's name; `None` for a body written in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// What it says.
    pub content: Content,
    /// The recipient, a textual expression that may be missing: the client's address unless `to` is written.
    pub to: Expr,
}

/// What a message says, as text expressions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Text only.
    Text(Expr),
    /// An email. `text` is derived from `html` when it is not written, and there is one of the two.
    Email {
        /// The subject line.
        subject: Expr,
        /// The line that mail programs show beside the subject.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preheader: Option<Expr>,
        /// The plain part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Expr>,
        /// The HTML part; holes in it are escaped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        html: Option<Expr>,
    },
}

/// A checked expression. Reading a missing field gives a missing value; only what the checker allowed reads one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Expr {
    /// A literal, or a constant put in place.
    Value(Value),
    /// A field of the client, the business or an event.
    Field(FieldRead),
    /// The instant of evaluation.
    Now,
    /// A day relative to today in the run's zone, with a time: gives a civil reading; without: a date.
    Day {
        /// Which day.
        day: Day,
        /// The time on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<TimeOfDay>,
    },
    /// A text with holes.
    Text(Vec<Part>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `not a`
    Not(Box<Expr>),
    /// `-a`
    Negate(Box<Expr>),
    /// `a and b`
    And(Box<Expr>, Box<Expr>),
    /// `a or b`
    Or(Box<Expr>, Box<Expr>),
    /// `a == b`, `a < b`, ..
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `a + b`, ..
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// `item in list`
    In(Box<Expr>, Box<Expr>),
    /// `text contains part`, `list contains item`
    Contains(Box<Expr>, Box<Expr>),
    /// `text starts with part`
    StartsWith(Box<Expr>, Box<Expr>),
    /// `text matches "pattern"`: `*` any characters, `?` one; the whole text, case ignored
    Matches(Box<Expr>, String),
    /// `a is known`
    IsKnown(Box<Expr>),
}

/// A field that is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldRead {
    /// Of what.
    pub source: Source,
    /// Its name.
    pub name: String,
    /// Its type when known.
    pub ty: Type,
    /// Whether it is told later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<Later>,
}

/// What fields are read of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The client of the run.
    Client,
    /// The business of the project file.
    Business,
    /// The event bound to a name.
    Event(String),
}

/// A day relative to today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Day {
    Today,
    Tomorrow,
    /// The next such day, today included.
    Weekday(Weekday),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// An arithmetic operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// A part of a text with holes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Characters.
    Text(String),
    /// A value put in, after its filters.
    Hole(Expr, Vec<Filter>),
}

/// What is done to a value before it is put into a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// This instead of a missing value.
    Default(Expr),
    /// The wall-clock time: `12:00`.
    Time,
    /// The day: `2 March 2026`.
    Date,
    /// An amount with its currency: `50 000 ₽`.
    Money,
    /// In capitals.
    Upper,
    /// In small letters.
    Lower,
    /// With a capital first letter.
    Capitalize,
}
