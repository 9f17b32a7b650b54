//! Checked expressions with their types, how types are named in messages, and which types fit each other.

use crate::check::program::Expr;
use crate::diagnostic::Phrase;
use crate::say;
use crate::source::Span;
use crate::value::{Type, Value};

/// A checked expression with its type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Typed {
    /// What to compute.
    pub(super) expr: Expr,
    /// The type of its value. A civil date and time counts as a `datetime`.
    pub(super) ty: Type,
    /// Whether it may have no value.
    pub(super) missing: Missing,
    /// Whether it is the same in every run.
    pub(super) constant: bool,
}

/// Whether a value may be missing, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is there.
    Never,
    /// Its type says that it may be (`T?`).
    Optional,
    /// It is told later.
    NotYet,
}

impl Typed {
    /// A value that is the same in every run.
    pub(super) fn literal(value: Value, ty: Type) -> Self {
        Self { expr: Expr::Value(value), ty, missing: Missing::Never, constant: true }
    }

    /// A value made of another.
    pub(super) fn made(self, ty: Type, make: impl FnOnce(Box<Expr>) -> Expr) -> Self {
        Self { expr: make(Box::new(self.expr)), ty, missing: Missing::Never, constant: self.constant }
    }

    /// A value made of two.
    pub(super) fn joined(self, other: Self, ty: Type, make: impl FnOnce(Box<Expr>, Box<Expr>) -> Expr) -> Self {
        let constant = self.constant && other.constant;
        Self { expr: make(Box::new(self.expr), Box::new(other.expr)), ty, missing: Missing::Never, constant }
    }

    /// Its text when it is a literal text without holes.
    pub(super) fn literal_text(&self) -> Option<&str> {
        if let Expr::Value(Value::Text(text)) = &self.expr { Some(text) } else { None }
    }
}

/// The type with its article: "a `text`", "an `email`".
pub(super) fn a(ty: &Type) -> Phrase {
    if let Type::Literals(_) = ty {
        return say!("one of {texts}", texts = ty.to_string().replace(" | ", ", "));
    }
    let name = ty.to_string();
    if *ty == Type::Email { say!("an `{ty}`", ty = name) } else { say!("a `{ty}`", ty = name) }
}

/// How a value of a type is written in JSON, in words that follow "must be": "a date such as "2026-03-08"".
#[must_use]
pub fn written_form(ty: &Type) -> Phrase {
    match ty {
        Type::Text => say!("a text"),
        Type::Number => say!("a number"),
        Type::Bool => say!("true or false"),
        Type::Money => say!("an amount such as \"1200 RUB\""),
        Type::Date => say!("a date such as \"2026-03-08\""),
        Type::Time => say!("a time such as \"10:00\""),
        Type::DateTime => say!("a date and time with its offset, such as \"2026-03-01T10:00:00+03:00\""),
        Type::Duration => say!("a duration such as \"1h30m\""),
        Type::Phone => say!("a phone number with its country code, such as \"+79990000000\""),
        Type::Email => say!("an email address such as \"anna@example.com\""),
        Type::Url => say!("an address such as \"https://example.com\""),
        Type::Literals(_) => say!("one of {texts}", texts = ty.to_string()),
        Type::List(of) => say!("a list, each item {form}", form = written_form(of)),
    }
}

/// Whether a value of type `given` may stand where `wanted` is asked for. Texts of every kind may stand for `text`.
pub(super) fn fits(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (given, Type::Text) => given.is_textual(),
        (Type::Literals(some), Type::Literals(all)) => some.iter().all(|text| all.contains(text)),
        (Type::List(given), Type::List(wanted)) => fits(given, wanted),
        (given, wanted) => given == wanted,
    }
}

/// A construct that needs a time zone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ZoneUse {
    /// Where it stands.
    pub(super) span: Span,
    /// The thing that it means in a zone: "a step of days".
    pub(super) what: Phrase,
}
