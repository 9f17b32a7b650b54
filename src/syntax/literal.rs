//! Literals with units: the value of a number, duration, time or date, and diagnostics for malformed ones.

use super::ast::{DurationLit, Unit};
use super::foreign_syntax;
use super::token::Kind;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::value::{CivilDate, Decimal, TimeOfDay};
use std::str::FromStr;

/// The kind of a token that begins with a digit, judging by its suffix.
pub(super) fn kind_of_number(text: &str) -> Kind {
    if text.ends_with('%') {
        Kind::Percent
    } else if text.chars().all(|c| c.is_ascii_digit() || c == '_' || c == '.') {
        Kind::Number
    } else if foreign_syntax::twelve_hours(text).is_some() {
        Kind::Time
    } else {
        Kind::Duration
    }
}

/// Reads `50_000`, `1.5`, and also `50 000` and `50,000`, which [`check`] reports; `None` if it has more digits than
/// a number can hold.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let plain: String = text.chars().filter(|c| !(matches!(c, '_' | ',') || c.is_whitespace())).collect();
    Decimal::from_str(&plain).ok().filter(|n| digits(text) <= 28 && n.scale() <= 28)
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Reads `50%`.
pub(super) fn percent(text: &str) -> Option<Decimal> {
    number(text.strip_suffix('%')?)
}

/// Reads `5000 RUB` into amount and currency, and also `€5`, `5 euros` and the like, which [`check`] reports.
pub(super) fn money(text: &str) -> Option<(Decimal, &str)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let word = if start > 0 { text.get(..start)? } else { text.get(end..)? }.trim();
    let currency = if is_currency(word) { word } else { foreign_syntax::currency(word)? };
    Some((number(text.get(start..end)?)?, currency))
}

/// Reads `10:00`, and also `10am`, which [`check`] reports.
pub(super) fn time(text: &str) -> Option<TimeOfDay> {
    TimeOfDay::parse(text).or_else(|| foreign_syntax::twelve_hours(text))
}

/// Reads `2026-03-08`, and also `08.03.2026`, which [`check`] reports.
pub(super) fn date(text: &str) -> Option<CivilDate> {
    CivilDate::parse(text).or_else(|| everyday_date(text))
}

/// Reads a date with dots or slashes, if the order of day and month is unambiguous.
fn everyday_date(text: &str) -> Option<CivilDate> {
    let parts: Vec<&str> = text.split(['.', '/', '-']).collect();
    let [a, b, c] = parts[..] else { return None };
    let (year, month, day) = if a.len() == 4 {
        (a, b, c)
    } else if text.contains('.') {
        (c, b, a)
    } else {
        let both_fit = |n: &str| n.parse::<u32>().is_ok_and(|n| n <= 12);
        match (both_fit(a), both_fit(b)) {
            (false, true) => (c, b, a),
            (true, false) => (c, a, b),
            _ => return None,
        }
    };
    CivilDate::parse(&format!("{year:0>4}-{month:0>2}-{day:0>2}"))
}

/// Whether a word has the form of a currency code: three capital letters.
pub(super) fn is_currency(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase())
}

/// Reads `2026-03-08 10:00`.
pub(super) fn date_time(text: &str) -> Option<(CivilDate, TimeOfDay)> {
    let (date, time) = text.split_once(char::is_whitespace)?;
    Some((self::date(date)?, self::time(time.trim_start())?))
}

/// Reads `1h30m`, `3 days`; malformed parts are left out.
pub(super) fn duration(text: &str, span: Span) -> DurationLit {
    let read = |unit: &str| Unit::parse(unit).or_else(|| Unit::parse(intended_unit(unit)?));
    let parts = parts(text).filter_map(|(count, unit)| Some((parse_count(count)?, read(unit)?)));
    DurationLit { parts: parts.collect(), span }
}

fn parse_count(count: &str) -> Option<u32> {
    count.replace('_', "").parse().ok()
}

/// Splits a duration into pairs of count and unit.
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

/// Reports a malformed literal.
pub(super) fn check(kind: Kind, text: &str, span: Span) -> Option<Diagnostic> {
    match kind {
        Kind::Number if number(text).is_none() => Some(bad_number(text, span)),
        Kind::Number if text.contains([' ', '\u{a0}', ',']) => Some(grouped_number(text, span)),
        Kind::Percent => percent_fault(text, span),
        Kind::Money => money_fault(text, span),
        Kind::Duration => duration_fault(text, span),
        Kind::Time if TimeOfDay::parse(text).is_none() => Some(bad_time(text, span)),
        Kind::Date if CivilDate::parse(text).is_none() => Some(bad_date(text, span)),
        _ => None,
    }
}

fn bad_number(text: &str, span: Span) -> Diagnostic {
    if digits(text) <= 28 {
        return Diagnostic::new(Code::BadUnit, span, say!("`{text}` is not a number", text), say!("not a number"));
    }
    Diagnostic::new(
        Code::BadNumber,
        span,
        say!("a number can have at most 28 digits"),
        say!("{count} digits", count = digits(text)),
    )
}

/// `50 000`, `50,000`
fn grouped_number(text: &str, span: Span) -> Diagnostic {
    let right = text.replace([' ', '\u{a0}', ','], "_");
    let found = Diagnostic::new(
        Code::BadNumber,
        span,
        say!("`{text}` is not a valid number", text),
        say!("invalid digit grouping"),
    )
    .help(say!("group digits with `_`: `{right}`", right));
    let title = say!("change it to `{right}`", right);
    // In many countries, a comma is the decimal sign.
    if text.contains(',') { found.guess(title, span, right) } else { found.fix(title, span, right) }
}

fn percent_fault(text: &str, span: Span) -> Option<Diagnostic> {
    let Some(amount) = percent(text) else { return Some(bad_number(text, span)) };
    text.contains(' ').then(|| {
        let right = format!("{amount}%");
        Diagnostic::new(Code::BadUnit, span, say!("`{text}` contains a space", text), say!("no spaces allowed"))
            .help(say!("write `{right}`", right))
            .fix(say!("change it to `{right}`", right), span, right)
    })
}

/// `€5`, `5 euros`, `1,000 EUR`, and `1.000 EUR`, which is one euro.
fn money_fault(text: &str, span: Span) -> Option<Diagnostic> {
    let Some((amount, currency)) = money(text) else { return Some(bad_number(text, span)) };
    let (count, _) = text.split_at_checked(text.len().saturating_sub(3)).unwrap_or_default();
    let count = count.trim_end();
    let plain = text.ends_with(currency) && count.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.'));
    if plain && count.rsplit_once('.').is_some_and(|(_, cents)| cents.len() == 3 && !has_three_decimals(currency)) {
        let (one, all) =
            (format!("{} {currency}", amount.normalize()), format!("{} {currency}", count.replace('.', "")));
        return Some(
            Diagnostic::new(Code::BadNumber, span, say!("`{text}` means `{one}`", text, one), say!("decimal point"))
                .help(say!("for thousands, write `{all}`", all))
                .guess(say!("change it to `{right}`", right = all), span, all),
        );
    }
    (!plain).then(|| {
        let right = format!("{amount} {currency}");
        Diagnostic::new(Code::BadUnit, span, say!("`{text}` is not a valid amount", text), say!("not an amount"))
            .help(say!("write `{right}`", right))
            .fix(say!("change it to `{right}`", right), span, right)
    })
}

/// Whether the currency has three decimals (ISO 4217).
fn has_three_decimals(currency: &str) -> bool {
    ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].contains(&currency)
}

fn duration_fault(text: &str, span: Span) -> Option<Diagnostic> {
    for (count, unit) in parts(text) {
        if Unit::parse(unit).is_none() {
            return Some(bad_suffix(text, count, unit, span));
        }
        if count.contains('.') {
            let diagnostic = Diagnostic::new(
                Code::BadUnit,
                span,
                say!("`{text}` has a fractional count", text),
                say!("not a whole number"),
            );
            return Some(match split_fraction(count, unit) {
                Some(right) => diagnostic.help(say!("use a smaller unit: `{right}`", right)).fix(
                    say!("change it to `{right}`", right),
                    span,
                    right,
                ),
                None => diagnostic.help(say!("use a smaller unit: `1h30m` for one and a half hours")),
            });
        }
        if parse_count(count).is_none() {
            let diagnostic =
                Diagnostic::new(Code::BadNumber, span, say!("`{text}` is too long", text), say!("too large"));
            return Some(diagnostic.help(say!("the maximum for one unit is 4294967295")));
        }
    }
    check_unit_order(text, span)
}

/// `1h 1h`, `30m1h`
fn check_unit_order(text: &str, span: Span) -> Option<Diagnostic> {
    let read: Vec<(u32, Unit)> = duration(text, span).parts;
    let twice = read.iter().enumerate().find(|(n, part)| read.iter().skip(n + 1).any(|other| other.1 == part.1));
    if let Some((_, (_, unit))) = twice {
        let diagnostic = Diagnostic::new(
            Code::BadUnit,
            span,
            say!("duplicate unit `{unit}` in `{text}`", text, unit = unit.text()),
            say!("duplicate unit"),
        );
        return Some(diagnostic.help(say!("write each unit once: `1h30m`")));
    }
    if read.is_sorted_by(|a, b| a.1 as usize > b.1 as usize) {
        return None;
    }
    let mut sorted = read;
    sorted.sort_by_key(|(_, unit)| std::cmp::Reverse(*unit as usize));
    let right: String = sorted.iter().map(|(count, unit)| format!("{count}{}", unit.text())).collect();
    let diagnostic = Diagnostic::new(
        Code::BadUnit,
        span,
        say!("`{text}` has a smaller unit before a larger one", text),
        say!("wrong order"),
    );
    Some(diagnostic.help(say!("write `{right}`", right)).fix(say!("change it to `{right}`", right), span, right))
}

/// `1.5h` as `1h30m`.
fn split_fraction(count: &str, unit: &str) -> Option<String> {
    let smaller = |unit: Unit| match unit {
        Unit::Minute => Some((Unit::Second, 60)),
        Unit::Hour => Some((Unit::Minute, 60)),
        Unit::Day => Some((Unit::Hour, 24)),
        Unit::Week => Some((Unit::Day, 7)),
        Unit::Year => Some((Unit::Month, 12)),
        Unit::Second | Unit::Month => None,
    };
    let (mut rest, mut unit, mut text) = (number(count)?, Unit::parse(unit)?, String::new());
    loop {
        let full = rest.trunc();
        if !full.is_zero() {
            text += &format!("{full}{}", unit.text());
        }
        rest -= full;
        if rest.is_zero() {
            return (!text.is_empty()).then_some(text);
        }
        let (next, count) = smaller(unit)?;
        (rest, unit) = (rest * Decimal::from(count), next);
    }
}

fn bad_suffix(text: &str, count: &str, unit: &str, span: Span) -> Diagnostic {
    if is_currency(unit) && text.len() == count.len() + unit.len() {
        let right = format!("{count} {unit}");
        return Diagnostic::new(
            Code::BadUnit,
            span,
            say!("missing space before the currency in `{text}`", text),
            say!("missing space"),
        )
        .help(say!("write `{right}`", right))
        .fix(say!("change it to `{right}`", right), span, right);
    }
    let diagnostic =
        Diagnostic::new(Code::BadUnit, span, say!("unknown unit `{unit}`", unit), say!("not a unit of time"));
    if ["M", "м", "М"].contains(&unit) {
        // In other systems, these letters mean months.
        let (minutes, months) = (format!("{count}m"), format!("{count}mo"));
        return diagnostic.help(say!("write `{minutes}` for minutes or `{months}` for months", minutes, months));
    }
    if ["st", "nd", "rd", "th"].contains(&unit) {
        let rule = format!("RRULE:FREQ=MONTHLY;BYMONTHDAY={count};BYHOUR=10;BYMINUTE=0;BYSECOND=0");
        return diagnostic.help(say!("for a day of each month, write `every \"{rule}\"`", rule));
    }
    match intended_unit(unit) {
        Some(near) => {
            let right = text.replacen(unit, near, 1);
            let right = if near.len() < 3 { right.replace(' ', "") } else { right };
            diagnostic.help(say!("write `{right}`", right)).fix(say!("change it to `{right}`", right), span, right)
        }
        None => diagnostic.help(say!("valid units: `s`, `m`, `h`, `d`, `w`, `mo` and `y`")),
    }
}

/// The unit that a misspelled or foreign word probably means.
fn intended_unit(word: &str) -> Option<&'static str> {
    const LONG: [&str; 14] = [
        "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "month", "months",
        "year", "years",
    ];
    foreign_syntax::unit(word).or_else(|| nearest(word, LONG))
}

fn bad_time(text: &str, span: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::BadMoment, span, say!("`{text}` is not a time of day", text), say!("no such time"));
    match time(text) {
        Some(right) => diagnostic.help(say!("write `{right}`", right = right.to_string())).fix(
            say!("change it to `{right}`", right = right.to_string()),
            span,
            right.to_string(),
        ),
        None => diagnostic.help(say!("times range from `00:00` to `23:59` on the 24-hour clock")),
    }
}

fn bad_date(text: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::BadMoment, span, say!("`{text}` is not a date", text), say!("no such date"));
    let joined = text.split_once('T').and_then(|(date, time)| {
        let (date, time) = (CivilDate::parse(date)?, TimeOfDay::parse(time)?);
        Some(format!("{date} {time}"))
    });
    match joined.or_else(|| everyday_date(text).map(|date| date.to_string())) {
        Some(right) => {
            diagnostic.help(say!("write `{right}`", right)).fix(say!("change it to `{right}`", right), span, right)
        }
        None => diagnostic.help(say!("write a date that exists as year, month, day: `2026-03-08`")),
    }
}
