//! The longest that a text with holes can be. In: a text and what is assumed. Out: its pieces, each at its longest.

use crate::check::Reach;
use crate::check::program::{Arithmetic, Expr, FieldRead, Filter, Function, Part, Source};
use crate::value::{Type, Value};

/// A piece of a text at its longest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Whether it is a hole.
    pub(super) hole: bool,
    /// Whether its length is assumed, as it has none by itself.
    pub(super) assumed: bool,
}

/// The pieces of a text, one for each of its parts.
pub(super) fn pieces(reach: &Reach, text: &Expr) -> Vec<Piece> {
    match text {
        Expr::Text(parts) => parts.iter().map(|part| piece(reach, part)).collect(),
        Expr::Value(Value::Text(text)) => vec![Piece { text: text.clone(), hole: false, assumed: false }],
        other => vec![piece(reach, &Part::Hole(other.clone(), Vec::new()))],
    }
}

fn piece(reach: &Reach, part: &Part) -> Piece {
    match part {
        Part::Text(text) => Piece { text: text.clone(), hole: false, assumed: false },
        Part::Hole(expr, filters) => {
            let (mut text, mut assumed) = of_expr(reach, expr);
            for filter in filters {
                match filter {
                    Filter::Default(other) => {
                        let (other, guess) = of_expr(reach, other);
                        if units(&other) > units(&text) {
                            (text, assumed) = (other, guess);
                        }
                    }
                    Filter::Time => text = TIME.to_owned(),
                    Filter::Date => text = date(reach).to_owned(),
                    Filter::Upper => text = text.to_uppercase(),
                    Filter::Lower => text = text.to_lowercase(),
                    Filter::Money | Filter::Capitalize | Filter::Safe(_) => {}
                }
            }
            Piece { text, hole: true, assumed }
        }
    }
}

/// How much of an SMS a text takes, so that the longest of several can be told.
fn units(text: &str) -> (bool, usize) {
    let coding = super::alphabet::coding(text);
    (coding == super::alphabet::Coding::Ucs2, super::alphabet::length(text, coding))
}

const TIME: &str = "23:59";

fn is_russian(reach: &Reach) -> bool {
    reach.language.as_deref().is_some_and(|language| language == "ru" || language.starts_with("ru-"))
}

fn date(reach: &Reach) -> &'static str {
    if is_russian(reach) { "30 сентября 2026" } else { "30 September 2026" }
}

fn money(reach: &Reach) -> &'static str {
    if is_russian(reach) { "-9 999 999,99 ₽" } else { "-9,999,999.99 EUR" }
}

/// The longest text of a value, and whether that is a guess.
fn of_expr(reach: &Reach, expr: &Expr) -> (String, bool) {
    match expr {
        Expr::Value(value) => (of_value(reach, value), false),
        Expr::Text(parts) => {
            let pieces: Vec<Piece> = parts.iter().map(|part| piece(reach, part)).collect();
            let assumed = pieces.iter().any(|piece| piece.assumed);
            (pieces.into_iter().map(|piece| piece.text).collect(), assumed)
        }
        Expr::Field(read) => of_field(reach, read),
        Expr::Arithmetic(Arithmetic::Add, left, right) if is_text(left) || is_text(right) => {
            let (left, right) = (of_expr(reach, left), of_expr(reach, right));
            (left.0 + &right.0, left.1 || right.1)
        }
        other => match kind(other) {
            Some(ty) => of_type(reach, &ty),
            None => (filler(reach.sms.assume), true),
        },
    }
}

fn of_field(reach: &Reach, read: &FieldRead) -> (String, bool) {
    match (&read.source, reach.business.get(&read.name)) {
        (Source::Business, Some(words)) => (words.clone(), false),
        (Source::Business | Source::Client | Source::Event(_), _) => of_type(reach, &read.ty),
    }
}

fn of_value(reach: &Reach, value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(_) => "yes".to_owned(),
        Value::Number(number) => number.normalize().to_string(),
        Value::Money(_) => money(reach).to_owned(),
        Value::Date(_) => date(reach).to_owned(),
        Value::Time(time) => time.to_string(),
        Value::Civil(_) | Value::DateTime(_) => format!("{} {TIME}", date(reach)),
        Value::Duration(duration) => duration.to_string(),
        Value::List(items) => items.iter().map(|item| of_value(reach, item)).collect::<Vec<_>>().join(", "),
    }
}

fn of_type(reach: &Reach, ty: &Type) -> (String, bool) {
    let known = |text: &str| (text.to_owned(), false);
    match ty {
        Type::Text | Type::Email => (filler(reach.sms.assume), true),
        Type::Url => (filler(reach.sms.assume_url), true),
        // E.164: a plus and fifteen digits.
        Type::Phone => known("+123456789012345"),
        Type::Number => known("-9999999.99"),
        Type::Bool => known("yes"),
        Type::Money => known(money(reach)),
        Type::Date => known(date(reach)),
        Type::Time => known(TIME),
        Type::DateTime => (format!("{} {TIME}", date(reach)), false),
        Type::Duration => known("99d23h59m59s"),
        Type::List(of) => (format!("{}, {}", of_type(reach, of).0, of_type(reach, of).0), true),
        Type::Literals(texts) => (texts.iter().max_by_key(|text| units(text)).cloned().unwrap_or_default(), false),
    }
}

/// Characters of the alphabet of SMS that stand for what nobody knows.
fn filler(length: u32) -> String {
    "x".repeat(usize::try_from(length).unwrap_or(0).min(10_000))
}

fn is_text(expr: &Expr) -> bool {
    kind(expr).is_some_and(|ty| ty.is_textual())
}

/// The type of an expression, as far as it shows how long its value is.
fn kind(expr: &Expr) -> Option<Type> {
    match expr {
        Expr::Field(read) => Some(read.ty.clone()),
        Expr::Text(_) | Expr::Value(Value::Text(_)) => Some(Type::Text),
        Expr::Value(Value::Number(_)) => Some(Type::Number),
        Expr::Value(Value::Money(_)) => Some(Type::Money),
        Expr::Value(Value::Duration(_)) => Some(Type::Duration),
        Expr::Now => Some(Type::DateTime),
        Expr::Day { at: Some(_), .. } => Some(Type::DateTime),
        Expr::Day { at: None, .. } => Some(Type::Date),
        Expr::Negate(of) => kind(of),
        Expr::Arithmetic(op, left, right) => sum(*op, kind(left), kind(right)),
        Expr::History(history) => match (history.function, &history.query.field) {
            (Function::Any | Function::None, _) => Some(Type::Bool),
            (Function::Count, _) => Some(Type::Number),
            (_, Some(crate::check::program::Picked::Field(_, ty))) => Some(ty.clone()),
            (_, Some(crate::check::program::Picked::At)) => Some(Type::DateTime),
            (_, None) => None,
        },
        Expr::Not(_)
        | Expr::And(..)
        | Expr::Or(..)
        | Expr::Compare(..)
        | Expr::In(..)
        | Expr::Contains(..)
        | Expr::StartsWith(..)
        | Expr::Matches(..)
        | Expr::IsKnown(_) => Some(Type::Bool),
        Expr::Value(_) | Expr::List(_) => None,
    }
}

/// The type of a sum, difference, product or quotient.
fn sum(op: Arithmetic, left: Option<Type>, right: Option<Type>) -> Option<Type> {
    let (left, right) = (left?, right?);
    Some(match (op, left, right) {
        (Arithmetic::Divide, Type::Money, Type::Money) => Type::Number,
        (Arithmetic::Subtract, Type::DateTime, Type::DateTime) => Type::Duration,
        (_, Type::Duration, other) | (_, other, Type::Duration) if other != Type::Number => other,
        (_, Type::Money, _) | (_, _, Type::Money) => Type::Money,
        (_, left, _) => left,
    })
}
