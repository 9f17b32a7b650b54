//! Prints checked expressions as source, with no more parentheses than necessary.

use crate::check::program::{
    Arithmetic, Clock, Day, Expr, FieldRead, Filter, History, Part, Picked, Source, UNSUBSCRIBE_MARK,
};
use crate::value::{DateStyle, Value};

/// Operator precedence, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precedence {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Negation,
    Operand,
}

/// Prints an expression as source.
#[must_use]
pub fn write_expr(expr: &Expr) -> String {
    match expr {
        Expr::Value(value) => value_literal(value),
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
        Expr::Text(parts) => template_literal(parts),
        Expr::List(items) => format!("[{}]", list(items)),
        Expr::Not(of) => match &**of {
            Expr::IsKnown(of) => format!("{} is missing", operand(of, Precedence::Sum)),
            Expr::InFunnel(funnel) => format!("client is not in {funnel}"),
            other => format!("not {}", operand(other, Precedence::Not)),
        },
        Expr::Negate(of) => format!("-{}", operand(of, Precedence::Negation)),
        Expr::And(left, right) => binary(left, Precedence::And, "and", right, Precedence::Not),
        Expr::Or(left, right) => binary(left, Precedence::Or, "or", right, Precedence::And),
        Expr::Compare(op, left, right) => binary(left, Precedence::Sum, op.sign(), right, Precedence::Sum),
        Expr::Arithmetic(op, left, right) => match op {
            Arithmetic::Add | Arithmetic::Subtract => {
                binary(left, Precedence::Sum, arithmetic(*op), right, Precedence::Product)
            }
            Arithmetic::Multiply | Arithmetic::Divide => {
                binary(left, Precedence::Product, arithmetic(*op), right, Precedence::Negation)
            }
        },
        Expr::In(item, list) => binary(item, Precedence::Sum, "in", list, Precedence::Sum),
        Expr::Contains(whole, part) => binary(whole, Precedence::Sum, "contains", part, Precedence::Sum),
        Expr::StartsWith(whole, part) => binary(whole, Precedence::Sum, "starts with", part, Precedence::Sum),
        Expr::Matches(whole, pattern) => {
            format!("{} matches {}", operand(whole, Precedence::Sum), string_literal(pattern))
        }
        Expr::IsKnown(of) => format!("{} is known", operand(of, Precedence::Sum)),
        Expr::InFunnel(funnel) => format!("client is in {funnel}"),
        Expr::History(history) => history_call(history),
        // Where a date is asked of a moment, the moment is written.
        Expr::DateOf(moment, _) => write_expr(moment),
        Expr::AtTime(of, at) => format!("{} at {at}", operand(of, Precedence::Sum)),
        Expr::Yearly(which, date) => format!("{}({})", which.name(), write_expr(date)),
        Expr::Range(from, to) => format!("{}..{}", write_expr(from), write_expr(to)),
    }
}

/// Prints expressions with commas.
fn list(items: &[Expr]) -> String {
    items.iter().map(write_expr).collect::<Vec<_>>().join(", ")
}

/// Prints a string literal.
pub(super) fn string_literal(text: &str) -> String {
    format!("\"{}\"", escape(text))
}

fn binary(left: &Expr, left_min: Precedence, op: &str, right: &Expr, right_min: Precedence) -> String {
    format!("{} {op} {}", operand(left, left_min), operand(right, right_min))
}

/// Prints an operand, in parentheses when its precedence is lower than `minimum`.
fn operand(expr: &Expr, minimum: Precedence) -> String {
    let text = write_expr(expr);
    if precedence(expr) < minimum { format!("({text})") } else { text }
}

fn precedence(expr: &Expr) -> Precedence {
    match expr {
        Expr::Or(..) | Expr::AtTime(..) => Precedence::Or,
        Expr::DateOf(moment, _) => precedence(moment),
        Expr::And(..) => Precedence::And,
        Expr::Not(of) if matches!(**of, Expr::IsKnown(_) | Expr::InFunnel(_)) => Precedence::Comparison,
        Expr::Not(_) => Precedence::Not,
        Expr::Compare(..)
        | Expr::In(..)
        | Expr::Contains(..)
        | Expr::StartsWith(..)
        | Expr::Matches(..)
        | Expr::IsKnown(_)
        | Expr::InFunnel(_) => Precedence::Comparison,
        Expr::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, ..) => Precedence::Sum,
        Expr::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide, ..) => Precedence::Product,
        Expr::Negate(_) => Precedence::Negation,
        Expr::Value(_)
        | Expr::Field(_)
        | Expr::Now
        | Expr::Day { .. }
        | Expr::Text(_)
        | Expr::List(_)
        | Expr::History(_)
        | Expr::Yearly(..)
        | Expr::Range(..) => Precedence::Operand,
    }
}

/// Prints a string with placeholders.
fn template_literal(parts: &[Part]) -> String {
    let mut out = String::from("\"");
    add_parts(&mut out, parts);
    out.push('"');
    out
}

fn add_parts(out: &mut String, parts: &[Part]) {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(&escape(text)),
            Part::Placeholder(expr, filters) => {
                let filters = written_filters(filters);
                let is_mark = matches!(expr, Expr::Value(Value::Text(text)) if text == UNSUBSCRIBE_MARK);
                let value = if is_mark { "unsubscribe_url".to_owned() } else { write_expr(expr) };
                out.push_str(&format!("{{{{ {value}{filters} }}}}"));
            }
            Part::If { branches, otherwise } => {
                for (at, branch) in branches.iter().enumerate() {
                    let word = if at == 0 { "if" } else { "else if" };
                    out.push_str(&format!("{{{{ {word} {} }}}}", write_expr(&branch.condition)));
                    add_parts(out, &branch.parts);
                }
                if !otherwise.is_empty() {
                    out.push_str("{{ else }}");
                    add_parts(out, otherwise);
                }
                out.push_str("{{ end }}");
            }
        }
    }
}

/// Prints filters; a clock is the argument of the next one.
fn written_filters(filters: &[Filter]) -> String {
    let mut out = String::new();
    let mut zone = None;
    for one in filters {
        if let Filter::Clock(Clock::Named(named)) = one {
            zone = Some(write_expr(named));
        } else if let Some(name) = filter(one) {
            let zone = zone.take().map_or_else(String::new, |zone| format!("({zone})"));
            out.push_str(&format!(" | {name}{zone}"));
        }
    }
    out
}

/// Prints a filter; `None` for what the checker adds.
fn filter(filter: &Filter) -> Option<String> {
    let name = match filter {
        Filter::Default(other) => return Some(format!("default({})", write_expr(other))),
        Filter::Plural(_, words) => return Some(format!("plural({})", list(words))),
        Filter::Join(separators) if separators.is_empty() => "join",
        Filter::Join(separators) => return Some(format!("join({})", list(separators))),
        Filter::Round(0) => "round",
        Filter::Round(digits) => return Some(format!("round({digits})")),
        Filter::Time => "time",
        Filter::Time12 => "time12",
        Filter::Date(DateStyle::Date) => "date",
        Filter::Date(DateStyle::Short) => "short_date",
        Filter::Date(DateStyle::Long) => "long_date",
        Filter::Date(DateStyle::Day) => "day",
        Filter::Date(DateStyle::Weekday) => "weekday",
        Filter::Money => "money",
        Filter::FirstName => "first_name",
        Filter::UrlEncode => "urlencode",
        Filter::Upper => "upper",
        Filter::Lower => "lower",
        Filter::Capitalize => "capitalize",
        Filter::Clock(_) | Filter::Safe(_) => return None,
    };
    Some(name.to_owned())
}

/// Escapes the characters of a string literal. A brace before another brace, or before a placeholder, is escaped so
/// that it does not start a placeholder.
fn escape(text: &str) -> String {
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

/// Prints a history query, such as `count(visit in last 90d)`.
fn history_call(history: &History) -> String {
    let field = match &history.query.field {
        Some(Picked::At) => ".at",
        Some(Picked::Field(read)) => &format!(".{}", read.name),
        None => "",
    };
    let last = history.last.map(|last| format!(" in last {last}")).unwrap_or_default();
    let filter =
        history.query.filter.as_ref().map(|filter| format!(" where {}", write_expr(filter))).unwrap_or_default();
    format!("{}({}{field}{last}{filter})", history.function.name(), history.query.event)
}

fn field(read: &FieldRead) -> String {
    match &read.source {
        Source::Client => format!("client.{}", read.name),
        Source::Business => format!("business.{}", read.name),
        // A binding of several events has no name of its own.
        Source::Event(binding) if binding.contains(' ') => read.name.clone(),
        Source::Event(binding) => format!("{binding}.{}", read.name),
    }
}

fn value_literal(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::Text(text) => string_literal(text),
        Value::Money(amount) => amount.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Civil(reading) => reading.to_string(),
        Value::DateTime(at) => crate::value::Zone::UTC.rfc3339(*at),
        Value::Duration(duration) => duration.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(value_literal).collect::<Vec<_>>().join(", ")),
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
