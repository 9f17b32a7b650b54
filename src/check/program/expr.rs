//! Checked expressions: names are resolved, constants inlined.

use super::{History, Later};
use crate::markup::EscapeContext;
use crate::value::{DateStyle, TimeOfDay, Type, Value, Weekday};
use serde::{Deserialize, Serialize};

/// A checked expression. Reading a missing field returns a missing value; the checker allows that only where it is
/// handled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Expr {
    /// A literal, or an inlined constant.
    Value(Value),
    /// A field of the client, the business or an event.
    Field(FieldRead),
    /// The time of evaluation.
    Now,
    /// A day relative to today in the time zone of the run: with a time, a civil date and time; without, a date.
    Day {
        /// The day.
        day: Day,
        /// The time of day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<TimeOfDay>,
    },
    /// `starts_at - 1d at 18:00`: a time of day on the date of a moment, in the time zone of the run
    AtTime(Box<Expr>, TimeOfDay),
    /// The date of a moment by a clock, or by that of the run. The checker adds it where a moment is used as a date.
    DateOf(Box<Expr>, Option<Box<Clock>>),
    /// A string with placeholders.
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
    /// `text matches "pattern"`: `*` matches any characters, `?` one; the whole text, ignoring case
    Matches(Box<Expr>, String),
    /// `a is known`
    IsKnown(Box<Expr>),
    /// `client is in reminder`: whether the client has a run in the funnel
    InFunnel(String),
    /// `count(booking in last 90d where attended)`
    History(Box<History>),
    /// `next(client.birthday)`, `last(client.birthday)`: a date of the client as it recurs every year
    Yearly(Occurrence, Box<Expr>),
    /// `9..10`, both ends included: only as a value of a `match` case, see [`case_condition`](Self::case_condition)
    Range(Box<Expr>, Box<Expr>),
}

/// Which occurrence of a date that recurs every year. Today is both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Occurrence {
    Next,
    Last,
}

impl Occurrence {
    /// The functions by name.
    pub const NAMES: [(&'static str, Self); 2] = [("next", Self::Next), ("last", Self::Last)];

    /// The name of the function.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Last => "last",
        }
    }
}

/// A read of a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldRead {
    /// The owner of the field.
    pub source: Source,
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Set if its value becomes known later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<Later>,
}

/// The owner of a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The client of the run.
    Client,
    /// The business.
    Business,
    /// The event with this name in scope.
    Event(String),
}

/// A day relative to today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Day {
    Today,
    Tomorrow,
    /// The next such day, including today.
    Weekday(Weekday),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl Comparison {
    /// The operator as it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }

    /// The comparison that is true where this one is false.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::Less => Self::GreaterEqual,
            Self::LessEqual => Self::Greater,
            Self::Greater => Self::LessEqual,
            Self::GreaterEqual => Self::Less,
        }
    }

    /// The comparison with its operands swapped, or both negated.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::Equal | Self::NotEqual => self,
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
        }
    }
}

/// An arithmetic operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// A part of a string with placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Literal text.
    Text(String),
    /// A value with its filters.
    Placeholder(Expr, Vec<Filter>),
    /// The first branch whose condition is true.
    If {
        /// The branches, at least one.
        branches: Vec<TextBranch>,
        /// What there is if no condition is true.
        otherwise: Vec<Part>,
    },
}

/// A branch of a conditional part of a string.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TextBranch {
    /// The condition, which does not wait.
    pub condition: Expr,
    /// The text if it is true.
    pub parts: Vec<Part>,
}

/// Whose clock shows a moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// That of the place where something happens: the time zone of its record, or else that of the business. The
    /// checker adds it.
    Place(Option<Expr>),
    /// That of a zone which is written: `time(client.timezone)`; that of the run if it is not known.
    Named(Expr),
}

impl Clock {
    /// The zone that it reads first.
    #[must_use]
    pub fn zone(&self) -> Option<&Expr> {
        match self {
            Self::Named(zone) | Self::Place(Some(zone)) => Some(zone),
            Self::Place(None) => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn zone_mut(&mut self) -> Option<&mut Expr> {
        match self {
            Self::Named(zone) | Self::Place(Some(zone)) => Some(zone),
            Self::Place(None) => None,
        }
    }
}

/// A filter of a placeholder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Replaces a missing value.
    Default(Expr),
    /// Reads a moment on a clock other than that of the run; the next filter formats it.
    Clock(Clock),
    /// Formats the time of day: `12:00`.
    Time,
    /// Formats the time of day by the 12-hour clock: `6:30 pm`.
    Time12,
    /// Formats the date: `2 March 2026`.
    Date(DateStyle),
    /// Formats an amount with its currency: `50 000 ₽`.
    Money,
    /// Rounds a number or an amount to digits after the point.
    Round(u32),
    /// Picks the word for a number by the rules of a language: one word for each plural form.
    Plural(String, Vec<Expr>),
    /// Joins a list; between its last items, with the last separator.
    Join(Vec<Expr>),
    /// Picks the first name of a full name.
    FirstName,
    /// Encodes a value for a web address.
    UrlEncode,
    /// Converts to upper case.
    Upper,
    /// Converts to lower case.
    Lower,
    /// Capitalizes the first letter.
    Capitalize,
    /// Escapes for a position in an HTML email. The checker adds it last; it cannot be written.
    Safe(EscapeContext),
}

impl Filter {
    /// The expressions in it.
    #[must_use]
    pub fn arguments(&self) -> Vec<&Expr> {
        match self {
            Self::Default(other) => vec![other],
            Self::Plural(_, words) | Self::Join(words) => words.iter().collect(),
            Self::Clock(clock) => clock.zone().into_iter().collect(),
            Self::Time
            | Self::Time12
            | Self::Date(_)
            | Self::Money
            | Self::Round(_)
            | Self::FirstName
            | Self::UrlEncode
            | Self::Upper
            | Self::Lower
            | Self::Capitalize
            | Self::Safe(_) => Vec::new(),
        }
    }

    /// The expressions in it, to be changed.
    pub(super) fn arguments_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Self::Default(other) => vec![other],
            Self::Plural(_, words) | Self::Join(words) => words.iter_mut().collect(),
            Self::Clock(clock) => clock.zone_mut().into_iter().collect(),
            Self::Time
            | Self::Time12
            | Self::Date(_)
            | Self::Money
            | Self::Round(_)
            | Self::FirstName
            | Self::UrlEncode
            | Self::Upper
            | Self::Lower
            | Self::Capitalize
            | Self::Safe(_) => Vec::new(),
        }
    }
}
