//! Checked expressions back to words, for captions. In: an expression. Out: text in the language's own syntax.

use crate::check::program::{Arithmetic, Comparison, Day, Expr, FieldRead, History, Part, Picked, Source};
use crate::value::Value;
use std::collections::BTreeSet;

/// The deadlines of the `later` fields that a question reads, each once.
pub(super) fn deadlines(question: &Expr) -> BTreeSet<String> {
    let later = question.reads().into_iter().filter_map(|read| read.later.as_ref()?.by.as_deref());
    later.map(write).collect()
}

/// Writes an expression in the language's own syntax.
pub(super) fn write(expr: &Expr) -> String {
    let two = |left: &Expr, op: &str, right: &Expr| format!("{} {op} {}", inner(left), inner(right));
    match expr {
        Expr::Value(value) => literal(value),
        Expr::Field(read) => field(read),
        Expr::Now => "now".to_owned(),
        Expr::Day { day, at } => {
            let name = match day {
                Day::Today => "today",
                Day::Tomorrow => "tomorrow",
                Day::Weekday(weekday) => weekday.name(),
            };
            at.map_or_else(|| name.to_owned(), |time| format!("{name} {time}"))
        }
        Expr::Text(parts) => {
            let parts = parts.iter().map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Hole(expr, _) => format!("{{{{ {} }}}}", write(expr)),
            });
            format!("\"{}\"", parts.collect::<String>())
        }
        Expr::List(items) => format!("[{}]", items.iter().map(write).collect::<Vec<_>>().join(", ")),
        Expr::Not(of) => format!("not {}", inner(of)),
        Expr::Negate(of) => format!("-{}", inner(of)),
        Expr::And(left, right) => two(left, "and", right),
        Expr::Or(left, right) => two(left, "or", right),
        Expr::Compare(op, left, right) => two(left, comparison(*op), right),
        Expr::Arithmetic(op, left, right) => two(left, arithmetic(*op), right),
        Expr::In(item, list) => two(item, "in", list),
        Expr::Contains(whole, part) => two(whole, "contains", part),
        Expr::StartsWith(whole, part) => two(whole, "starts with", part),
        Expr::Matches(whole, pattern) => format!("{} matches \"{pattern}\"", inner(whole)),
        Expr::IsKnown(of) => format!("{} is known", inner(of)),
        Expr::History(history) => past(history),
    }
}

/// A question about the past.
fn past(history: &History) -> String {
    let field = match &history.query.field {
        Some(Picked::At) => ".at",
        Some(Picked::Field(name, _)) => &format!(".{name}"),
        None => "",
    };
    let last = history.last.map(|last| format!(" in last {last}")).unwrap_or_default();
    let filter = history.query.filter.as_ref().map(|filter| format!(" where {}", write(filter))).unwrap_or_default();
    format!("{}({}{field}{last}{filter})", history.function.name(), history.query.event)
}

/// An operand: in parentheses when it has operators of its own.
fn inner(expr: &Expr) -> String {
    let text = write(expr);
    match expr {
        Expr::And(..)
        | Expr::Or(..)
        | Expr::Not(_)
        | Expr::Compare(..)
        | Expr::Arithmetic(..)
        | Expr::In(..)
        | Expr::Contains(..)
        | Expr::StartsWith(..)
        | Expr::Matches(..)
        | Expr::IsKnown(_) => format!("({text})"),
        Expr::Value(_)
        | Expr::Field(_)
        | Expr::Now
        | Expr::Day { .. }
        | Expr::Text(_)
        | Expr::List(_)
        | Expr::Negate(_)
        | Expr::History(_) => text,
    }
}

fn field(read: &FieldRead) -> String {
    match &read.source {
        Source::Client => format!("client.{}", read.name),
        Source::Business => format!("business.{}", read.name),
        Source::Event(binding) => format!("{binding}.{}", read.name),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::Text(text) => format!("\"{text}\""),
        Value::Money(amount) => amount.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Civil(reading) => reading.to_string(),
        Value::DateTime(at) => crate::value::Zone::UTC.rfc3339(*at),
        Value::Duration(duration) => duration.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
    }
}

fn comparison(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterEqual => ">=",
    }
}

fn arithmetic(op: Arithmetic) -> &'static str {
    match op {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
    }
}
