//! Renders templates for people. In: parts with placeholders, and a scope. Out: text, escaped for HTML where asked.

use super::scope::Scope;
use crate::check::program::{Expr, FieldRead, Filter, Part, Source};
use crate::markup;
use crate::value::{DateStyle, Decimal, Money, RoundingStrategy, TimeOfDay, Value, Wording, first_name, json};

/// How inserted values are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Escape {
    /// Not at all: plain text.
    None,
    /// For HTML content and quoted attributes.
    Html,
    /// For a path segment or a query value of a URL: everything but letters, digits and `-._~` becomes `%XX` (RFC
    /// 3986).
    Percent,
}

/// Fills the placeholders of a template.
///
/// # Errors
/// The name of the first value that is missing and has no `default`.
pub(in crate::engine) fn interpolate(scope: &Scope<'_>, parts: &[Part], escape: Escape) -> Result<String, String> {
    let mut out = String::new();
    add_parts(&mut out, scope, parts, escape)?;
    if matches!(parts.last(), Some(Part::If { .. })) {
        // A branch that is the last lines of a text ends with a line break, or leaves the one before it.
        out.truncate(out.trim_end().len());
    }
    Ok(out)
}

fn add_parts(out: &mut String, scope: &Scope<'_>, parts: &[Part], escape: Escape) -> Result<(), String> {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::If { branches, otherwise } => {
                let holds = branches.iter().find(|branch| scope.holds(&branch.condition));
                add_parts(out, scope, holds.map_or(otherwise, |branch| &branch.parts), escape)?;
            }
            Part::Placeholder(expr, filters) => {
                let value = filters.iter().fold(scope.value(expr), |value, f| apply(scope, value, f));
                let value = value.ok_or_else(|| name(expr))?;
                let shown = if escape == Escape::Percent { exact(&value) } else { display(scope, &value) };
                match escape {
                    Escape::None => out.push_str(&shown),
                    Escape::Html => markup::escape(out, &shown),
                    Escape::Percent => out.push_str(&markup::encode(markup::EscapeContext::LinkQuery, &shown)),
                }
            }
        }
    }
    Ok(())
}

/// The name of a missing value, for messages.
pub(in crate::engine) fn name(expr: &Expr) -> String {
    match expr.reads().first() {
        Some(FieldRead { source: Source::Client, name, .. }) => format!("client.{name}"),
        Some(FieldRead { source: Source::Business, name, .. }) => format!("business.{name}"),
        Some(FieldRead { source: Source::Event(binding), name, .. }) => format!("{binding}.{name}"),
        None => "a value".to_owned(),
    }
}

fn apply(scope: &Scope<'_>, value: Option<Value>, filter: &Filter) -> Option<Value> {
    let Filter::Default(other) = filter else { return value.and_then(|value| formatted(scope, value, filter)) };
    value.or_else(|| scope.value(other))
}

/// A known value after a filter.
fn formatted(scope: &Scope<'_>, value: Value, filter: &Filter) -> Option<Value> {
    let text = || display(scope, &value);
    Some(Value::Text(match filter {
        Filter::Default(_) => return Some(value),
        Filter::Clock(clock) => {
            let Value::DateTime(at) = value else { return Some(value) };
            return Some(Value::Civil(scope.clock(clock).civil(at)));
        }
        Filter::Round(digits) => return Some(rounded(value, *digits)),
        Filter::Time => time(scope, &value).map(hours_and_minutes).unwrap_or_default(),
        Filter::Time12 => time(scope, &value).map(|at| scope.wording().time12(at)).unwrap_or_default(),
        Filter::Date(style) => date(scope, &value, *style),
        Filter::Plural(language, words) => plural(scope, &value, language, words)?,
        Filter::Join(separators) => join(scope, &value, separators)?,
        Filter::FirstName => first_name(&text()).to_owned(),
        Filter::UrlEncode => markup::encode(markup::EscapeContext::LinkQuery, &exact(&value)),
        Filter::Money => text(),
        Filter::Upper => text().to_uppercase(),
        Filter::Lower => text().to_lowercase(),
        Filter::Capitalize => capitalize(&text()),
        Filter::Safe(place) => markup::encode(*place, &exact(&value)),
    }))
}

/// A value without a filter, as people write it.
fn display(scope: &Scope<'_>, value: &Value) -> String {
    match value {
        Value::Bool(b) => (if *b { "yes" } else { "no" }).to_owned(),
        Value::Number(n) => scope.wording().number(*n),
        Value::Text(text) => text.clone(),
        Value::Money(amount) => scope.wording().money(amount),
        Value::Date(_) => date(scope, value, DateStyle::Date),
        Value::Time(t) => t.to_string(),
        Value::Civil(_) | Value::DateTime(_) => {
            let time = time(scope, value).map(hours_and_minutes).unwrap_or_default();
            format!("{} {time}", date(scope, value, DateStyle::Date))
        }
        Value::Duration(d) => d.to_string(),
        Value::List(items) => items.iter().map(|v| display(scope, v)).collect::<Vec<_>>().join(", "),
    }
}

/// A value as programs read it: `12500.5`, `2026-03-02`.
fn exact(value: &Value) -> String {
    match json::write(value) {
        serde_json::Value::String(text) => text,
        serde_json::Value::Array(items) => {
            let texts = items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            texts.collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

/// The time of day of a value.
fn time(scope: &Scope<'_>, value: &Value) -> Option<TimeOfDay> {
    match value {
        Value::Time(t) => Some(*t),
        Value::Civil(reading) => Some(reading.time),
        other => super::operator::instant(other, scope.zone).map(|at| scope.zone.civil(at).time),
    }
}

fn hours_and_minutes(time: TimeOfDay) -> String {
    let (hour, minute, _) = time.parts();
    format!("{hour:02}:{minute:02}")
}

fn date(scope: &Scope<'_>, value: &Value, style: DateStyle) -> String {
    let date = match value {
        Value::Date(d) => Some(*d),
        Value::Civil(reading) => Some(reading.date),
        other => super::operator::instant(other, scope.zone).map(|at| scope.zone.civil(at).date),
    };
    date.map(|date| scope.wording().date(style, date)).unwrap_or_default()
}

/// Rounds a number or an amount; a half is rounded away from zero, as people do.
fn rounded(value: Value, digits: u32) -> Value {
    let round = |n: Decimal| n.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero).normalize();
    match value {
        Value::Number(n) => Value::Number(round(n)),
        Value::Money(money) => Value::Money(Money { amount: round(money.amount), currency: money.currency }),
        other => other,
    }
}

/// The word for a number. The language is that of the words.
fn plural(scope: &Scope<'_>, value: &Value, language: &str, words: &[Expr]) -> Option<String> {
    let Value::Number(number) = value else { return None };
    let word = words.get(Wording::of(language).plural_form(*number)).or_else(|| words.last())?;
    Some(display(scope, &scope.value(word)?))
}

fn join(scope: &Scope<'_>, value: &Value, separators: &[Expr]) -> Option<String> {
    let Value::List(items) = value else { return None };
    let mut texts: Vec<String> = Vec::new();
    for separator in separators {
        texts.push(display(scope, &scope.value(separator)?));
    }
    let between = texts.first().map_or(", ", String::as_str);
    let last = texts.get(1).map_or(between, String::as_str);
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(if at + 1 == items.len() { last } else { between });
        }
        out.push_str(&display(scope, item));
    }
    Some(out)
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_escaped() {
        let mut out = String::new();
        markup::escape(&mut out, "<a href=\"x\">&'");
        assert_eq!(out, "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    }
}
