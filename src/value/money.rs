//! Amounts of money: an exact number and an ISO 4217 currency code; and numbers and amounts as people and spreadsheets
//! write them, where they have one meaning.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An amount in one currency. Amounts in different currencies are never added or compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// How much, in the currency's main unit.
    pub amount: Decimal,
    /// Three capital letters (ISO 4217): `RUB`.
    pub currency: String,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// Signs and words that mean one currency.
const SIGNS: [(&str, &str); 20] = [
    ("€", "EUR"),
    ("£", "GBP"),
    ("₽", "RUB"),
    ("₴", "UAH"),
    ("₸", "KZT"),
    ("₺", "TRY"),
    ("₹", "INR"),
    ("₪", "ILS"),
    ("₩", "KRW"),
    ("₫", "VND"),
    ("₦", "NGN"),
    ("₾", "GEL"),
    ("֏", "AMD"),
    ("us$", "USD"),
    ("zł", "PLN"),
    ("kč", "CZK"),
    ("euro", "EUR"),
    ("евро", "EUR"),
    ("лв", "BGN"),
    ("ft", "HUF"),
];

/// Signs of several currencies; the project's currency tells which one is meant.
const SHARED_SIGNS: [(&str, &[&str]); 5] = [
    ("$", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"]),
    ("¥", &["JPY", "CNY"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("руб", &["RUB", "BYN"]),
    ("р", &["RUB", "BYN"]),
];

/// Currencies with three decimal places, so that `1.250` is no thousand.
const IN_THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Reads a number: `12.5`, `12,50`, `1 234,50`, `1.234,50`. `None` for `1.234`, which may be a thousand or one.
pub(super) fn number(text: &str) -> Option<Decimal> {
    decimal(text, false)
}

/// Reads an amount with a currency before or after it, else in the `usual` one: `1200 RUB`, `€12.50`, `12,50 €`.
pub(super) fn amount(text: &str, usual: Option<&str>) -> Option<Money> {
    let text = text.trim();
    let is_digit = |c: char| c.is_ascii_digit();
    let (first, last) = (text.find(is_digit)?, text.rfind(is_digit)? + 1);
    let before = text.get(..first)?.trim();
    let after = text.get(last..)?.trim();
    // A sign may be on either side of the currency: `-€5`, `€-5`.
    let signs = ['-', '+', '\u{2212}'];
    let sign: String = before.chars().filter(|c| signs.contains(c)).collect();
    let before = before.trim_matches(|c: char| signs.contains(&c) || c.is_whitespace());
    let (word, digits) = match (before, after) {
        ("", "") => (None, text.get(first..last)?),
        (word, "") | ("", word) => (Some(word), text.get(first..last)?),
        _ => return None,
    };
    let currency = match word {
        None => usual?.to_owned(),
        Some(word) => currency(word, usual)?,
    };
    let amount = decimal(&format!("{sign}{digits}"), IN_THOUSANDTHS.contains(&currency.as_str()))?;
    Some(Money { amount, currency })
}

/// Whether a text would be a number or an amount if it were clear whether it means thousands: `1.234 EUR`.
pub(super) fn may_be_thousands(text: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    let digits = text.find(is_digit).zip(text.rfind(is_digit)).and_then(|(first, last)| text.get(first..=last));
    digits.is_some_and(|digits| decimal(digits, false).is_none() && decimal(digits, true).is_some())
}

/// Whether a text is the code of a currency.
pub(super) fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// The currency that a sign or a code means.
fn currency(word: &str, usual: Option<&str>) -> Option<String> {
    let upper = word.to_uppercase();
    if is_code(word) || (is_code(&upper) && upper.eq_ignore_ascii_case(word)) {
        return Some(upper);
    }
    let lower = word.trim_end_matches('.').to_lowercase();
    if let Some((_, code)) = SIGNS.iter().find(|(sign, _)| *sign == lower) {
        return Some((*code).to_owned());
    }
    let (_, codes) = SHARED_SIGNS.iter().find(|(sign, _)| *sign == lower)?;
    usual.filter(|usual| codes.contains(usual)).map(str::to_owned)
}

/// Reads a decimal number. Of one comma or point before three digits, nobody can say what it is, unless amounts are
/// `in_thousandths` or the digits before it are no group.
fn decimal(text: &str, in_thousandths: bool) -> Option<Decimal> {
    let text = text.trim();
    let (sign, digits) = match text.chars().next()? {
        '-' | '\u{2212}' => ("-", text.get(text.chars().next()?.len_utf8()..)?),
        '+' => ("", text.get(1..)?),
        _ => ("", text),
    };
    let is_mark = |c: char| c == '.' || c == ',';
    let last = digits.rfind(is_mark);
    let mark = last.and_then(|at| digits.get(at..)?.chars().next());
    let other = digits.chars().any(|c| is_mark(c) && Some(c) != mark);
    let times = mark.map_or(0, |mark| digits.matches(mark).count());
    let (whole, fraction) = match (last, mark) {
        // `1.234.567`: only groups are separated more than once.
        (Some(_), Some(_)) if times > 1 && other => return None,
        (Some(at), Some(_)) if times == 1 => (digits.get(..at)?, Some(digits.get(at + 1..)?)),
        _ => (digits, None),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if fraction.is_some_and(|fraction| !all_digits(fraction)) {
        return None;
    }
    let is_plain = all_digits(whole);
    if let Some(fraction) = fraction
        && fraction.len() == 3
        && is_plain
        && (1..=3).contains(&whole.len())
        && !whole.starts_with('0')
        && !in_thousandths
    {
        return None;
    }
    let whole = if is_plain { whole.to_owned() } else { grouped(whole)? };
    Decimal::from_str(&format!("{sign}{whole}.{}", fraction.unwrap_or("0"))).ok().map(|read| match fraction {
        Some(_) => read,
        None => read.trunc(),
    })
}

/// Digits in groups of three, without what separates them.
fn grouped(text: &str) -> Option<String> {
    let separators = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '\u{2019}', '_', '.', ','];
    let separator = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| separators.contains(c))?;
    let groups: Vec<&str> = text.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let is_group = |group: &&str| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit());
    let begins = (1..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_digit());
    (begins && rest.iter().all(is_group)).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_one_meaning_are_read() {
        let table = [
            ("12", "12"),
            ("12.5", "12.5"),
            ("12,50", "12.50"),
            ("-12,50", "-12.50"),
            ("\u{2212}7", "-7"),
            ("+7", "7"),
            ("1 234,50", "1234.50"),
            ("1\u{a0}234\u{a0}567", "1234567"),
            ("1.234,50", "1234.50"),
            ("1,234.50", "1234.50"),
            ("1.234.567", "1234567"),
            ("1'234.50", "1234.50"),
            ("1 234.567", "1234.567"),
            ("0.125", "0.125"),
            ("1234.567", "1234.567"),
            ("12.3456", "12.3456"),
        ];
        for (text, expected) in table {
            assert_eq!(number(text).map(|n| n.to_string()).as_deref(), Some(expected), "{text}");
        }
        let unclear = [
            "",
            "-",
            "1.234",
            "1,234",
            "123,456",
            "1.23.4",
            "12.",
            ".5",
            "1,2,3",
            "1 23",
            "12 34",
            "1.234,5,6",
            "1e5",
            "12%",
            "0x1",
            "--1",
            "1.234.56",
            "NaN",
            "1,234.567,8",
            "12 RUB",
        ];
        for text in unclear {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_read_with_their_currency_or_in_the_usual_one() {
        let table = [
            ("1200 RUB", None, "1200 RUB"),
            ("1 200.50 RUB", None, "1200.50 RUB"),
            ("€12.50", None, "12.50 EUR"),
            ("12,50 €", None, "12.50 EUR"),
            ("-€5", None, "-5 EUR"),
            ("EUR 12.50", None, "12.50 EUR"),
            ("12.50eur", None, "12.50 EUR"),
            ("1 234,50 zł", None, "1234.50 PLN"),
            ("12.50", Some("EUR"), "12.50 EUR"),
            ("1 234,50", Some("EUR"), "1234.50 EUR"),
            ("$12", Some("CAD"), "12 CAD"),
            ("US$ 12", None, "12 USD"),
            ("500 руб.", Some("RUB"), "500 RUB"),
            ("500 р.", Some("BYN"), "500 BYN"),
            ("1.250 KWD", None, "1.250 KWD"),
            ("1.2340 EUR", None, "1.2340 EUR"),
        ];
        for (text, usual, expected) in table {
            assert_eq!(amount(text, usual).map(|m| m.to_string()).as_deref(), Some(expected), "{text}");
        }
        let unclear = [
            ("12.50", None),
            ("$12", None),
            ("$12", Some("EUR")),
            ("1.234 EUR", None),
            ("EUR", None),
            ("5 apples", None),
            ("€5 EUR", None),
        ];
        for (text, usual) in unclear {
            assert_eq!(amount(text, usual), None, "{text}");
        }
    }
}
