//! Checked expressions: names resolved, constants in place.

use super::{History, Later};
use crate::markup::EscapeContext;
use crate::value::{TimeOfDay, Type, Value, Weekday};
use serde::{Deserialize, Serialize};

/// A checked expression. Reading a missing field gives a missing value; only what the checker allowed reads one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// `count(booking in last 90d where attended)`
    History(Box<History>),
}

/// A field that is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Day {
    Today,
    Tomorrow,
    /// The next such day, today included.
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
    /// The comparison that holds where this one does not.
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

    /// The comparison with its sides changed for one another, or both negated.
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

/// A part of a text with holes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Characters.
    Text(String),
    /// A value put in, after its filters.
    Hole(Expr, Vec<Filter>),
}

/// What is done to a value before it is put into a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Safe for where it stands in a letter. Nobody writes it: the checker puts it last.
    Safe(EscapeContext),
}
