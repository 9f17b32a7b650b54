//! Renders templates for people. In: parts with placeholders, and a scope. Out: text, escaped for HTML where asked.

use super::scope::Scope;
use crate::check::program::{Expr, FieldRead, Filter, Part, Source};
use crate::markup;
use crate::value::{CivilDate, Money, Timestamp, Value};

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
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Placeholder(expr, filters) => {
                let value = filters.iter().fold(scope.value(expr), |value, f| apply(scope, value, f));
                let shown = display(scope, &value.ok_or_else(|| name(expr))?);
                match escape {
                    Escape::None => out.push_str(&shown),
                    Escape::Html => markup::escape(&mut out, &shown),
                    Escape::Percent => out.push_str(&markup::encode(markup::EscapeContext::LinkQuery, &shown)),
                }
            }
        }
    }
    Ok(out)
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
    let on_text = |f: fn(&str) -> String| value.as_ref().map(|v| Value::Text(f(&display(scope, v))));
    match filter {
        Filter::Default(other) => value.or_else(|| scope.value(other)),
        Filter::Time => value.map(|v| Value::Text(time(scope, &v))),
        Filter::Date => value.map(|v| Value::Text(date(scope, &v))),
        Filter::Money => value.map(|v| Value::Text(display(scope, &v))),
        Filter::Upper => on_text(str::to_uppercase),
        Filter::Lower => on_text(str::to_lowercase),
        Filter::Capitalize => on_text(capitalize),
        Filter::Safe(place) => value.map(|v| Value::Text(markup::encode(*place, &display(scope, &v)))),
    }
}

/// A value without a filter, as people write it.
fn display(scope: &Scope<'_>, value: &Value) -> String {
    match value {
        Value::Bool(b) => (if *b { "yes" } else { "no" }).to_owned(),
        Value::Number(n) => n.normalize().to_string(),
        Value::Text(text) => text.clone(),
        Value::Money(amount) => money(amount, scope.language()),
        Value::Date(_) => date(scope, value),
        Value::Time(t) => t.to_string(),
        Value::Civil(_) | Value::DateTime(_) => format!("{} {}", date(scope, value), time(scope, value)),
        Value::Duration(d) => d.to_string(),
        Value::List(items) => items.iter().map(|v| display(scope, v)).collect::<Vec<_>>().join(", "),
    }
}

fn time(scope: &Scope<'_>, value: &Value) -> String {
    let minutes = |at: Timestamp| {
        let (hour, minute, _) = scope.zone.civil(at).time.parts();
        format!("{hour:02}:{minute:02}")
    };
    match value {
        Value::Time(t) => t.to_string(),
        Value::Civil(reading) => reading.time.to_string(),
        other => super::operator::instant(other, scope.zone).map(minutes).unwrap_or_default(),
    }
}

fn date(scope: &Scope<'_>, value: &Value) -> String {
    match value {
        Value::Date(d) => day(*d, scope.language()),
        Value::Civil(reading) => day(reading.date, scope.language()),
        other => {
            let at = super::operator::instant(other, scope.zone);
            at.map(|at| day(scope.zone.civil(at).date, scope.language())).unwrap_or_default()
        }
    }
}

/// `2 March 2026`, or `2 марта 2026` in Russian.
fn day(date: CivilDate, language: &str) -> String {
    const ENGLISH: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const RUSSIAN: [&str; 12] = [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ];
    let (year, month, day) = date.parts();
    let months = if is_russian(language) { RUSSIAN } else { ENGLISH };
    let name = months.get(month as usize - 1).copied().unwrap_or_default();
    format!("{day} {name} {year}")
}

/// `50,000 RUB`; in Russian `50 000 ₽`. Fractions have two digits.
fn money(money: &Money, language: &str) -> String {
    let russian = is_russian(language);
    let amount = money.amount.round_dp(2);
    let plain = if amount.is_integer() { amount.trunc().to_string() } else { format!("{amount:.2}") };
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(w, f)| (w, Some(f)));
    let mut text = group(whole, if russian { ' ' } else { ',' });
    if let Some(fraction) = fraction {
        text.push(if russian { ',' } else { '.' });
        text.push_str(fraction);
    }
    let unit = match (russian, money.currency.as_str()) {
        (true, "RUB") => "₽",
        (_, code) => code,
    };
    format!("{text} {unit}")
}

fn group(digits: &str, separator: char) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut out = sign.to_owned();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// Whether a language is Russian, in the spelling of any system: `ru`, `RU`, `ru-RU`, `ru_RU`.
fn is_russian(language: &str) -> bool {
    language.split(['-', '_']).next().is_some_and(|code| code.trim().eq_ignore_ascii_case("ru"))
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Decimal;

    #[test]
    fn amounts_follow_the_language() {
        let amount = |n: Decimal| Money { amount: n, currency: "RUB".to_owned() };
        assert_eq!(money(&amount(Decimal::from(50_000)), "en"), "50,000 RUB");
        assert_eq!(money(&amount(Decimal::new(123_456_750, 2)), "ru"), "1 234 567,50 ₽");
        assert_eq!(money(&amount(Decimal::from(-999)), "ru"), "-999 ₽");
    }

    #[test]
    fn days_follow_the_language() {
        let date = CivilDate::new(2026, 3, 2).unwrap();
        assert_eq!((day(date, "en"), day(date, "ru")), ("2 March 2026".to_owned(), "2 марта 2026".to_owned()));
        for russian in ["ru-RU", "RU", "ru_RU", "Ru", " ru "] {
            assert_eq!(day(date, russian), "2 марта 2026", "{russian}");
        }
        for other in ["rum", "en-RU", "", "русский"] {
            assert_eq!(day(date, other), "2 March 2026", "{other}");
        }
    }

    #[test]
    fn html_is_escaped() {
        let mut out = String::new();
        markup::escape(&mut out, "<a href=\"x\">&'");
        assert_eq!(out, "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    }
}
