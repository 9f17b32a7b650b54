//! Literals with units: in, the characters of a number, duration, time or date; out, its value, or what is wrong with it.

use super::ast::{DurationLit, Unit};
use super::token::Kind;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::value::{CivilDate, Decimal, TimeOfDay};
use std::str::FromStr;

/// What a run of characters that begins with a digit is, judged by its suffix alone.
pub(super) fn kind_of_number(text: &str) -> Kind {
    if text.ends_with('%') {
        Kind::Percent
    } else if text.chars().all(|c| c.is_ascii_digit() || c == '_' || c == '.') {
        Kind::Number
    } else {
        Kind::Duration
    }
}

/// Reads `50_000`, `1.5`; `None` when it has more digits than a number can hold.
pub(super) fn number(text: &str) -> Option<Decimal> {
    Decimal::from_str(&text.replace('_', "")).ok().filter(|n| digits(text) <= 28 && n.scale() <= 28)
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Reads `50%`.
pub(super) fn percent(text: &str) -> Option<Decimal> {
    number(text.strip_suffix('%')?)
}

/// Reads `5000 RUB` into the amount and the currency.
pub(super) fn money(text: &str) -> Option<(Decimal, &str)> {
    let (amount, currency) = text.split_at_checked(text.len().checked_sub(3)?)?;
    Some((number(amount.trim_end())?, currency))
}

/// Whether a word is written as a currency is: three capital letters.
pub(super) fn is_currency(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase())
}

/// Reads `2026-03-08 10:00`.
pub(super) fn date_time(text: &str) -> Option<(CivilDate, TimeOfDay)> {
    let (date, time) = text.split_once(char::is_whitespace)?;
    Some((CivilDate::parse(date)?, TimeOfDay::parse(time.trim_start())?))
}

/// Reads `1h30m`, `3 days`; a part that cannot be read is left out.
pub(super) fn duration(text: &str, span: Span) -> DurationLit {
    let parts = parts(text).filter_map(|(count, unit)| Some((small(count)?, Unit::parse(unit)?)));
    DurationLit { parts: parts.collect(), span }
}

fn small(count: &str) -> Option<u32> {
    count.replace('_', "").parse().ok()
}

/// The pairs of digits and letters that a duration is made of.
fn parts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let letters = rest.find(|c: char| !(c.is_ascii_digit() || c == '_' || c == '.')).unwrap_or(rest.len());
        let (count, tail) = rest.split_at(letters);
        let tail = tail.trim_start();
        let end = tail.find(|c: char| c.is_ascii_digit() || c.is_whitespace()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        rest = tail;
        (!count.is_empty() || !unit.is_empty()).then_some((count, unit))
    })
}

/// What is wrong with a literal, if anything is.
pub(super) fn fault(kind: Kind, text: &str, span: Span) -> Option<Diagnostic> {
    match kind {
        Kind::Number if number(text).is_none() => Some(bad_number(text, span)),
        Kind::Percent if percent(text).is_none() => Some(bad_number(text, span)),
        Kind::Money if money(text).is_none() => Some(bad_number(text, span)),
        Kind::Duration => duration_fault(text, span),
        Kind::Time if TimeOfDay::parse(text).is_none() => Some(bad_time(text, span)),
        Kind::Date if CivilDate::parse(text).is_none() => Some(bad_date(text, span)),
        _ => None,
    }
}

fn bad_number(text: &str, span: Span) -> Diagnostic {
    if digits(text) <= 28 {
        return bad_unit(text, span);
    }
    Diagnostic::new(Code::BadNumber, span, "a number has at most 28 digits", format!("{} digits", digits(text)))
}

fn duration_fault(text: &str, span: Span) -> Option<Diagnostic> {
    for (count, unit) in parts(text) {
        if Unit::parse(unit).is_none() {
            return Some(bad_suffix(text, count, unit, span));
        }
        if count.contains('.') {
            let message = format!("`{text}` counts in fractions");
            let found = Diagnostic::new(Code::BadUnit, span, message, "not a whole number");
            return Some(found.help("use the next smaller unit: `1h30m` for one hour and a half"));
        }
        if small(count).is_none() {
            let message = format!("`{text}` is too long a time");
            let found = Diagnostic::new(Code::BadNumber, span, message, "too large");
            return Some(found.help("the largest count of a unit is 4294967295"));
        }
    }
    None
}

fn bad_suffix(text: &str, count: &str, unit: &str, span: Span) -> Diagnostic {
    if is_currency(unit) && text.len() == count.len() + unit.len() {
        let message = format!("`{text}` needs a blank before the currency");
        let fixed = format!("{count} {unit}");
        let found = Diagnostic::new(Code::BadUnit, span, message, "amount and currency in one");
        return found.help(format!("write `{fixed}`")).fix(format!("change `{text}` to `{fixed}`"), span, fixed);
    }
    let message = format!("unknown unit `{unit}`");
    let mut found = Diagnostic::new(Code::BadUnit, span, message, "not a unit of time");
    if let Some(near) = meant(unit) {
        let fixed = text.replacen(unit, near, 1);
        found = found.help(format!("did you mean `{near}`?")).fix(format!("change `{text}` to `{fixed}`"), span, fixed);
    } else {
        found = found.help("the units are `s`, `m`, `h`, `d`, `w`, `mo` and `y`");
    }
    found
}

fn bad_unit(text: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::BadUnit, span, format!("`{text}` is not a number"), "not a number")
}

/// The unit that a word which is none probably means.
fn meant(word: &str) -> Option<&'static str> {
    const SHORT: [(&str, &str); 10] = [
        ("hr", "h"),
        ("hrs", "h"),
        ("min", "m"),
        ("mins", "m"),
        ("sec", "s"),
        ("secs", "s"),
        ("mon", "mo"),
        ("wk", "w"),
        ("wks", "w"),
        ("yr", "y"),
    ];
    const LONG: [&str; 14] = [
        "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "month", "months",
        "year", "years",
    ];
    let short = SHORT.iter().find(|(wrong, _)| *wrong == word).map(|(_, right)| *right);
    short.or_else(|| nearest(word, LONG))
}

fn bad_time(text: &str, span: Span) -> Diagnostic {
    let found = Diagnostic::new(Code::BadMoment, span, format!("`{text}` is not a time of day"), "no such time");
    found.help("times run from `00:00` to `23:59` on the 24-hour clock")
}

fn bad_date(text: &str, span: Span) -> Diagnostic {
    let found = Diagnostic::new(Code::BadMoment, span, format!("`{text}` is not a date"), "no such date");
    if let Some((date, time)) = text.split_once('T')
        && let (Some(date), Some(time)) = (CivilDate::parse(date), TimeOfDay::parse(time))
    {
        let fixed = format!("{date} {time}");
        return found.help(format!("write `{fixed}`")).fix(format!("change `{text}` to `{fixed}`"), span, fixed);
    }
    let padded: Vec<String> = text.split('-').map(|part| format!("{part:0>2}")).collect();
    match CivilDate::parse(&padded.join("-")) {
        Some(date) => {
            found.help(format!("write `{date}`")).fix(format!("change `{text}` to `{date}`"), span, date.to_string())
        }
        None => found.help("dates are written year, month, day, and must be in the calendar: `2026-03-08`"),
    }
}
