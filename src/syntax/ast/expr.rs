//! Expressions as written.

use super::{DurationLit, Name, Text, TextFile};
use crate::source::{Span, Spanned};
use crate::value::{CivilDate, Decimal, TimeOfDay, Weekday};

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// The kind.
    pub kind: ExprKind,
    /// The whole expression, with its own parentheses if it has them.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum ExprKind {
    /// `true`, `false`
    Bool(bool),
    /// `50_000`, `1.5`
    Number(Decimal),
    /// `50%`
    Percent(Decimal),
    /// `5000 RUB`
    Money { amount: Decimal, currency: Name },
    /// `24h`
    Duration(DurationLit),
    /// `10:00`
    Time(TimeOfDay),
    /// `2026-03-08`
    Date(CivilDate),
    /// `2026-03-08 10:00`
    DateTime(CivilDate, TimeOfDay),
    /// `now`
    Now,
    /// `today`, `tomorrow 10:00`, `monday 10:00`
    Day { day: Day, at: Option<Spanned<TimeOfDay>> },
    /// `starts_at - 1d at 18:00`: the date of a moment, and a time on it; after `until`, `up to` and `before`
    AtTime { of: Box<Expr>, at: Spanned<TimeOfDay> },
    /// `"text with {{ placeholders }}"`
    Text(Text),
    /// `file "emails/welcome.mjml"`, as the value of a record entry
    File(TextFile),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `attended`
    Name(String),
    /// `booking.starts_at`
    Field { of: Box<Expr>, name: Name },
    /// `count(booking in last 90d where attended)`
    History(Box<History>),
    /// `not a`, `-a`
    Unary { op: UnaryOp, expr: Box<Expr> },
    /// `a and b`
    Binary { op: Spanned<BinaryOp>, left: Box<Expr>, right: Box<Expr> },
    /// `client is in reminder`, `client is not in reminder`
    InFunnel { expr: Box<Expr>, negated: bool, funnel: Name },
    /// `a is known`, `a is missing`
    Is { expr: Box<Expr>, known: bool },
    /// `( a )`
    Paren(Box<Expr>),
    /// `9..10`, as a value of a `case`
    Range { from: Box<Expr>, to: Box<Expr> },
    /// Something that could not be read.
    Error,
}

/// A day by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Day {
    Today,
    Tomorrow,
    Weekday(Weekday),
    /// `weekday`, `weekend`: allowed after `wait until`
    Several(DayWord),
}

/// A word for several days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum DayWord {
    Weekday,
    Weekend,
}

impl DayWord {
    /// All words.
    pub const ALL: [Self; 2] = [Self::Weekday, Self::Weekend];

    /// The word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Weekday => "weekday",
            Self::Weekend => "weekend",
        }
    }

    /// Its days.
    #[must_use]
    pub fn days(self) -> &'static [Weekday] {
        let (weekdays, weekend) = Weekday::ALL.split_at(5);
        match self {
            Self::Weekday => weekdays,
            Self::Weekend => weekend,
        }
    }
}

/// `sum(purchase.amount in last 1y where ..)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// `count`, `sum`, ..; any name, checked later.
    pub function: Name,
    /// The event.
    pub event: Name,
    /// The field after the dot.
    pub field: Option<Name>,
    /// `in last 90d`
    pub last: Option<DurationLit>,
    /// `where expr`
    pub filter: Option<Expr>,
}

/// A prefix operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum UnaryOp {
    Not,
    Minus,
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Contains,
    StartsWith,
    Matches,
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl BinaryOp {
    /// Every operator, loosest binding first.
    pub const ALL: [Self; 16] = [
        Self::Or,
        Self::And,
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessEqual,
        Self::Greater,
        Self::GreaterEqual,
        Self::In,
        Self::Contains,
        Self::StartsWith,
        Self::Matches,
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
    ];

    /// The operator as it is written.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::Contains => "contains",
            Self::StartsWith => "starts with",
            Self::Matches => "matches",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }
}
