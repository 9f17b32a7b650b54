//! Typed expressions, the names of types in messages, and which types fit each other.

use crate::check::program::Expr;
use crate::diagnostic::Phrase;
use crate::say;
use crate::source::Span;
use crate::value::{Type, Value};

/// A checked expression with its type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Typed {
    /// The expression.
    pub(super) expr: Expr,
    /// Its type. A civil date and time counts as `datetime`.
    pub(super) ty: Type,
    /// Whether its value may be missing.
    pub(super) missing: Missing,
    /// Whether its value is the same in every run.
    pub(super) constant: bool,
}

/// Whether a value may be missing, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is known.
    Never,
    /// Its type is optional (`T?`).
    Optional,
    /// It becomes known later.
    NotYet,
}

impl Typed {
    /// A constant.
    pub(super) fn literal(value: Value, ty: Type) -> Self {
        Self { expr: Expr::Value(value), ty, missing: Missing::Never, constant: true }
    }

    /// A value computed from another.
    pub(super) fn made(self, ty: Type, make: impl FnOnce(Box<Expr>) -> Expr) -> Self {
        Self { expr: make(Box::new(self.expr)), ty, missing: Missing::Never, constant: self.constant }
    }

    /// A value computed from two others.
    pub(super) fn joined(self, other: Self, ty: Type, make: impl FnOnce(Box<Expr>, Box<Expr>) -> Expr) -> Self {
        let constant = self.constant && other.constant;
        Self { expr: make(Box::new(self.expr), Box::new(other.expr)), ty, missing: Missing::Never, constant }
    }

    /// The text of a string literal without placeholders.
    pub(super) fn literal_text(&self) -> Option<&str> {
        if let Expr::Value(Value::Text(text)) = &self.expr { Some(text) } else { None }
    }
}

/// A type as messages show it: "`text`", "one of "new", "old"".
pub(super) fn type_name(ty: &Type) -> Phrase {
    if let Type::Literals(_) = ty {
        return say!("one of {texts}", texts = ty.to_string().replace(" | ", ", "));
    }
    Phrase::verbatim(format!("`{ty}`"))
}

/// How a value of a type is written in JSON, to follow "must be": "a date such as "2026-03-08"".
#[must_use]
pub fn written_form(ty: &Type) -> Phrase {
    match ty {
        Type::Text => say!("a string"),
        Type::Number => say!("a number"),
        Type::Bool => say!("true or false"),
        Type::Money => say!("an amount such as \"1200 RUB\""),
        Type::Date | Type::Anniversary => say!("a date such as \"2026-03-08\""),
        Type::Time => say!("a time such as \"10:00\""),
        Type::DateTime => say!("a date and time with a UTC offset, such as \"2026-03-01T10:00:00+03:00\""),
        Type::Duration => say!("a duration such as \"1h30m\""),
        Type::Phone => say!("a phone number with its country code, such as \"+79990000000\""),
        Type::Email => say!("an email address such as \"anna@example.com\""),
        Type::Url => say!("a web address such as \"https://example.com\""),
        Type::Literals(_) => say!("one of {texts}", texts = ty.to_string()),
        Type::List(of) => say!("a list where each item is {form}", form = written_form(of)),
    }
}

/// Whether a value of type `given` fits where `wanted` is required. Every kind of text fits `text`.
pub(super) fn fits(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (given, Type::Text) => given.is_textual(),
        (Type::Literals(some), Type::Literals(all)) => some.iter().all(|text| all.contains(text)),
        (Type::List(given), Type::List(wanted)) => fits(given, wanted),
        (given, wanted) => given == wanted,
    }
}

/// A use of a time zone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ZoneUse {
    /// Its span.
    pub(super) span: Span,
    /// What depends on the zone: "a step of days".
    pub(super) what: Phrase,
}
