//! Checked expressions back to words. In: an expression. Out: text in the language's own syntax, with no more parentheses
//! than it needs.

use crate::check::program::{
    Arithmetic, Comparison, Day, Expr, FieldRead, Filter, History, Part, Picked, Source, UNSUBSCRIBE_MARK,
};
use crate::value::Value;
use std::collections::BTreeSet;

/// The deadlines of the `later` fields that a question reads, each once.
pub(super) fn deadlines(question: &Expr) -> BTreeSet<String> {
    let later = question.reads().into_iter().filter_map(|read| read.later.as_ref()?.by.as_deref());
    later.map(write).collect()
}

/// How tightly the parts of an expression hold together, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Negation,
    Operand,
}

/// Writes an expression in the language's own syntax.
pub(super) fn write(expr: &Expr) -> String {
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
        Expr::Text(parts) => quoted(parts),
        Expr::List(items) => format!("[{}]", items.iter().map(write).collect::<Vec<_>>().join(", ")),
        Expr::Not(of) => match &**of {
            Expr::IsKnown(of) => format!("{} is missing", held(of, Hold::Sum)),
            other => format!("not {}", held(other, Hold::Not)),
        },
        Expr::Negate(of) => format!("-{}", held(of, Hold::Negation)),
        Expr::And(left, right) => two(left, Hold::And, "and", right, Hold::Not),
        Expr::Or(left, right) => two(left, Hold::Or, "or", right, Hold::And),
        Expr::Compare(op, left, right) => two(left, Hold::Sum, comparison(*op), right, Hold::Sum),
        Expr::Arithmetic(op, left, right) => match op {
            Arithmetic::Add | Arithmetic::Subtract => two(left, Hold::Sum, arithmetic(*op), right, Hold::Product),
            Arithmetic::Multiply | Arithmetic::Divide => {
                two(left, Hold::Product, arithmetic(*op), right, Hold::Negation)
            }
        },
        Expr::In(item, list) => two(item, Hold::Sum, "in", list, Hold::Sum),
        Expr::Contains(whole, part) => two(whole, Hold::Sum, "contains", part, Hold::Sum),
        Expr::StartsWith(whole, part) => two(whole, Hold::Sum, "starts with", part, Hold::Sum),
        Expr::Matches(whole, pattern) => format!("{} matches {}", held(whole, Hold::Sum), plain(pattern)),
        Expr::IsKnown(of) => format!("{} is known", held(of, Hold::Sum)),
        Expr::History(history) => past(history),
    }
}

/// Characters as a text in quotes.
pub(super) fn plain(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn two(left: &Expr, left_hold: Hold, op: &str, right: &Expr, right_hold: Hold) -> String {
    format!("{} {op} {}", held(left, left_hold), held(right, right_hold))
}

/// An operand: in parentheses when it holds together less tightly than its place asks for.
fn held(expr: &Expr, least: Hold) -> String {
    let text = write(expr);
    if hold(expr) < least { format!("({text})") } else { text }
}

fn hold(expr: &Expr) -> Hold {
    match expr {
        Expr::Or(..) => Hold::Or,
        Expr::And(..) => Hold::And,
        Expr::Not(of) if matches!(**of, Expr::IsKnown(_)) => Hold::Comparison,
        Expr::Not(_) => Hold::Not,
        Expr::Compare(..)
        | Expr::In(..)
        | Expr::Contains(..)
        | Expr::StartsWith(..)
        | Expr::Matches(..)
        | Expr::IsKnown(_) => Hold::Comparison,
        Expr::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, ..) => Hold::Sum,
        Expr::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide, ..) => Hold::Product,
        Expr::Negate(_) => Hold::Negation,
        Expr::Value(_)
        | Expr::Field(_)
        | Expr::Now
        | Expr::Day { .. }
        | Expr::Text(_)
        | Expr::List(_)
        | Expr::History(_) => Hold::Operand,
    }
}

/// A text with holes, in quotes.
fn quoted(parts: &[Part]) -> String {
    let parts = parts.iter().map(|part| match part {
        Part::Text(text) => escaped(text),
        Part::Hole(expr, filters) => {
            let filters: String = filters.iter().filter_map(filter).map(|filter| format!(" | {filter}")).collect();
            let is_mark = matches!(expr, Expr::Value(Value::Text(text)) if text == UNSUBSCRIBE_MARK);
            let value = if is_mark { "unsubscribe_url".to_owned() } else { write(expr) };
            format!("{{{{ {value}{filters} }}}}")
        }
    });
    format!("\"{}\"", parts.collect::<String>())
}

/// A filter as written; nobody writes what makes a value safe.
fn filter(filter: &Filter) -> Option<String> {
    let name = match filter {
        Filter::Default(other) => return Some(format!("default({})", write(other))),
        Filter::Time => "time",
        Filter::Date => "date",
        Filter::Money => "money",
        Filter::Upper => "upper",
        Filter::Lower => "lower",
        Filter::Capitalize => "capitalize",
        Filter::Safe(_) => return None,
    };
    Some(name.to_owned())
}

/// Characters between quotes. A brace before a brace, or before what may be a hole, is no hole itself.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '{' if chars.peek().is_none_or(|next| *next == '{') => out.push_str("\\{"),
            other => out.push(other),
        }
    }
    out
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

fn field(read: &FieldRead) -> String {
    match &read.source {
        Source::Client => format!("client.{}", read.name),
        Source::Business => format!("business.{}", read.name),
        // One of several events has no name of its own.
        Source::Event(binding) if binding.contains(' ') => read.name.clone(),
        Source::Event(binding) => format!("{binding}.{}", read.name),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::Text(text) => plain(text),
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
