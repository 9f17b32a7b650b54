//! Reads and writes values as JSON, by their declared type.

use super::time::reading;
use super::{Decimal, Duration, Money, Timestamp, Type, Value, Zone, money, phone};
use serde_json::Value as Json;
use std::str::FromStr;

/// The defaults for values that leave out the currency, the country or the time zone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Locale<'a> {
    /// The currency of a bare number of type `money` (ISO 4217).
    pub currency: Option<&'a str>,
    /// The country of a phone number without a country code (ISO 3166-1).
    pub country: Option<&'a str>,
    /// The time zone of a date and time without a UTC offset.
    pub zone: Option<Zone>,
}

/// Reads a value of a declared type.
///
/// # Errors
/// The type that was expected; for a faulty item of a list, the type of the items.
pub fn read<'t>(json: &Json, ty: &'t Type, local: Locale<'_>) -> Result<Value, &'t Type> {
    let text = json.as_str();
    let found = match ty {
        Type::Text => text.map(|t| Value::Text(t.to_owned())),
        Type::Number => {
            let of_text = || text.map(clean).and_then(money::number);
            json.as_number().and_then(number).or_else(of_text).map(Value::Number)
        }
        Type::Bool => boolean(json).map(Value::Bool),
        Type::Money => amount(json, local.currency).map(Value::Money),
        Type::Date | Type::Anniversary => text.map(clean).and_then(reading::date).map(Value::Date),
        Type::Time => text.map(clean).and_then(reading::time).map(Value::Time),
        Type::DateTime => instant(json, local).map(Value::DateTime),
        Type::Duration => text.and_then(duration).map(Value::Duration),
        Type::Phone => text.and_then(|t| phone::parse(t, local.country)).map(Value::Text),
        Type::Email => text.map(clean).and_then(email).map(Value::Text),
        Type::Url => text.map(clean).filter(|t| is_url(t)).map(|t| Value::Text(t.to_owned())),
        Type::Literals(all) => {
            text.map(clean).filter(|t| all.iter().any(|l| l == t)).map(|t| Value::Text(t.to_owned()))
        }
        Type::List(of) => {
            let items = json.as_array().ok_or(ty)?;
            return items.iter().map(|item| read(item, of, local)).collect::<Result<_, _>>().map(Value::List);
        }
    };
    found.ok_or(ty)
}

/// Why a text that looks like a value of a type has no single meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It names no currency, and there is no usual one.
    Currency,
    /// `1.234` may be a thousand or one.
    Thousands,
}

/// Why a value cannot be read although it looks like one of the type; `None` if it does not.
#[must_use]
pub fn doubt(json: &Json, ty: &Type) -> Option<Doubt> {
    let text = json.as_str().map(clean);
    match ty {
        Type::Number | Type::Money if text.is_some_and(money::may_be_thousands) => Some(Doubt::Thousands),
        Type::Money => amount(json, Some("XXX")).map(|_| Doubt::Currency),
        Type::List(of) => json.as_array()?.iter().find_map(|item| doubt(item, of)),
        Type::Number
        | Type::Text
        | Type::Bool
        | Type::Date
        | Type::Anniversary
        | Type::Time
        | Type::DateTime
        | Type::Duration
        | Type::Phone
        | Type::Email
        | Type::Url
        | Type::Literals(_) => None,
    }
}

/// Reads an instant, as a field of type `datetime` is read.
#[must_use]
pub fn instant(json: &Json, local: Locale<'_>) -> Option<Timestamp> {
    json.as_str().map(clean).and_then(|text| reading::instant(text, local.zone))
}

/// Writes a value in the format that [`read`] accepts.
#[must_use]
pub fn write(value: &Value) -> Json {
    match value {
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) => serde_json::Number::from_str(&n.normalize().to_string()).map_or(Json::Null, Json::Number),
        Value::Text(t) => Json::String(t.clone()),
        Value::Money(m) => {
            let mut amount = m.amount.normalize();
            // With three decimal places, it could be read as thousands.
            if amount.scale() == 3 {
                amount.rescale(4);
            }
            Json::String(Money { amount, currency: m.currency.clone() }.to_string())
        }
        Value::Date(d) => Json::String(d.to_string()),
        Value::Time(t) => Json::String(t.to_string()),
        Value::Civil(c) => Json::String(c.to_string()),
        Value::DateTime(at) => Json::String(super::Zone::UTC.rfc3339(*at)),
        Value::Duration(d) => Json::String(d.to_string()),
        Value::List(items) => Json::Array(items.iter().map(write).collect()),
    }
}

/// A JSON value of a field in the one notation of its value, so that equal values are equal JSON. Without a declared
/// type, only numbers have notations.
#[must_use]
pub fn canonical(json: &Json, ty: Option<&Type>) -> Json {
    let typed = ty.and_then(|ty| read(json, ty, Locale::default()).ok());
    typed.map_or_else(|| canonical_untyped(json), |value| write(&value))
}

fn canonical_untyped(json: &Json) -> Json {
    match json {
        Json::Number(digits) => number(digits).map_or_else(|| json.clone(), |number| write(&Value::Number(number))),
        Json::Array(items) => Json::Array(items.iter().map(canonical_untyped).collect()),
        Json::Object(fields) => {
            Json::Object(fields.iter().map(|(name, value)| (name.clone(), canonical_untyped(value))).collect())
        }
        Json::Null | Json::Bool(_) | Json::String(_) => json.clone(),
    }
}

/// Whether two JSON values of a field are one value in whatever notation: `10:00Z` is `11:00+01:00`, `25.00 EUR` is
/// `25 EUR`. Without a declared type, only numbers have notations.
#[must_use]
pub fn is_same(one: &Json, other: &Json, ty: Option<&Type>) -> bool {
    let typed = |json| ty.and_then(|ty| read(json, ty, Locale::default()).ok());
    one == other
        || match (typed(one), typed(other)) {
            (Some(one), Some(other)) => one == other,
            _ => is_same_untyped(one, other),
        }
}

fn is_same_untyped(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one == other || canonical_number(one) == canonical_number(other),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same_untyped(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            let same =
                |(name, value): (&String, &Json)| other.get(name).is_some_and(|other| is_same_untyped(value, other));
            one.len() == other.len() && one.iter().all(same)
        }
        (one, other) => one == other,
    }
}

/// Writes a number in one notation, with all its digits: `15e-4` for `0.00150`.
#[must_use]
pub fn canonical_number(number: &serde_json::Number) -> String {
    let text = number.to_string().to_ascii_lowercase();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let zeros = i128::try_from(digits.len() - significant.len()).unwrap_or(0);
    let places = i128::try_from(fraction.len()).unwrap_or(0);
    match exponent.parse::<i128>() {
        Ok(exponent) => format!("{sign}{significant}e{}", exponent.saturating_add(zeros - places)),
        // An exponent of forty digits has no other notation that anybody would use.
        Err(_) => text,
    }
}

fn number(n: &serde_json::Number) -> Option<Decimal> {
    let text = n.to_string();
    Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// What other systems write for a value that is true or false.
const TRUE: [&str; 8] = ["true", "yes", "y", "on", "1", "да", "истина", "ja"];
const FALSE: [&str; 8] = ["false", "no", "n", "off", "0", "нет", "ложь", "nein"];

fn boolean(json: &Json) -> Option<bool> {
    match json {
        Json::Bool(value) => Some(*value),
        Json::Number(n) => {
            let number = number(n)?;
            let is_true = number == Decimal::ONE;
            (is_true || number == Decimal::ZERO).then_some(is_true)
        }
        Json::String(text) => {
            let word = clean(text).to_lowercase();
            let is_true = TRUE.contains(&word.as_str());
            (is_true || FALSE.contains(&word.as_str())).then_some(is_true)
        }
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn amount(json: &Json, currency: Option<&str>) -> Option<Money> {
    match json {
        Json::Number(n) => Some(Money { amount: number(n)?, currency: currency?.to_owned() }),
        Json::String(text) => money::amount(clean(text), currency),
        Json::Object(fields) => {
            let amount = match fields.get("amount")? {
                Json::Number(n) => number(n)?,
                Json::String(text) => Decimal::from_str(text).ok().or_else(|| money::number(clean(text)))?,
                Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => return None,
            };
            let code = fields.get("currency").map_or(currency, Json::as_str)?;
            money::is_code(code).then(|| Money { amount, currency: code.to_owned() })
        }
        Json::Null | Json::Bool(_) | Json::Array(_) => None,
    }
}

/// Reads `1h30m`, `7d`, `1mo`: the short units of the language.
fn duration(text: &str) -> Option<Duration> {
    let mut sum = Duration::default();
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: i32 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let part = match rest.get(..end)? {
            "s" => Duration::exact(i64::from(count) * 1000),
            "m" => Duration::exact(i64::from(count) * 60_000),
            "h" => Duration::exact(i64::from(count) * 3_600_000),
            "d" => Duration { days: count, ..Duration::default() },
            "w" => Duration { days: count.checked_mul(7)?, ..Duration::default() },
            "mo" => Duration { months: count, ..Duration::default() },
            "y" => Duration { months: count.checked_mul(12)?, ..Duration::default() },
            _ => return None,
        };
        sum = sum.plus(part);
        rest = rest.get(end..)?;
    }
    Some(sum)
}

/// A text without what is left around it by copying: spaces, line breaks, invisible characters.
fn clean(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || phone::is_invisible(c))
}

/// Reads an email address: one `@`, a local part, a domain with a dot inside, and nothing that could break out of a
/// header. The domain becomes lower case.
fn email(text: &str) -> Option<String> {
    let scheme = text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    let text = scheme.and_then(|scheme| text.get(scheme.len()..)).unwrap_or(text);
    let (local, domain) = text.rsplit_once('@')?;
    let is_clean = |s: &str| {
        !s.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '@' | '"'))
    };
    let dotted = domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty());
    let is_email = !local.is_empty() && text.len() <= 254 && dotted && is_clean(local) && is_clean(domain);
    is_email.then(|| format!("{local}@{}", domain.to_lowercase()))
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|r| {
        !r.is_empty() && !r.starts_with('/') && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_type_accepts_its_format_only() {
        let ok = [
            (json!("a"), Type::Text),
            (json!(1.5), Type::Number),
            (json!("1 200.50 RUB"), Type::Money),
            (json!({"amount": 3, "currency": "EUR"}), Type::Money),
            (json!("2026-02-28"), Type::Date),
            (json!("9:30"), Type::Time),
            (json!("2026-03-01T10:00:00+03:00"), Type::DateTime),
            (json!("1h30m"), Type::Duration),
            (json!("+7 (999) 000-00-00"), Type::Phone),
            (json!("anna@example.com"), Type::Email),
            (json!("20.03.1990"), Type::Date),
            (json!("12,50"), Type::Number),
            (json!("€12.50"), Type::Money),
            (json!({"amount": "1.234", "currency": "EUR"}), Type::Money),
            (json!("2026-03-01T10:00:00+0300"), Type::DateTime),
            (json!(["a", "b"]), Type::List(Box::new(Type::Text))),
        ];
        for (json, ty) in ok {
            assert!(read(&json, &ty, Locale::default()).is_ok(), "{json} as {ty}");
        }
        let bad = [
            (json!(1), Type::Text),
            (json!("1.234"), Type::Number),
            (json!("maybe"), Type::Bool),
            (json!(2), Type::Bool),
            (json!([true]), Type::Bool),
            (json!("12.50"), Type::Money),
            (json!("1.234 EUR"), Type::Money),
            (json!(5), Type::Money),
            (json!("2026-02-30"), Type::Date),
            (json!("24:00"), Type::Time),
            (json!("2026-03-01T10:00:00"), Type::DateTime),
            (json!("89990000000"), Type::Phone),
            (json!("a@b"), Type::Email),
            (json!("a@b.c\r\nBcc: x@y.z"), Type::Email),
            (json!("javascript:alert(1)"), Type::Url),
            (json!("x"), Type::Literals(vec!["new".to_owned()])),
        ];
        for (json, ty) in bad {
            assert!(read(&json, &ty, Locale::default()).is_err(), "{json} as {ty}");
        }
    }

    #[test]
    fn values_are_compared_and_not_their_notation() {
        let same = [
            (json!("2026-03-10T10:00:00Z"), json!("2026-03-10T11:00:00.000+01:00"), Some(Type::DateTime)),
            (json!("25 EUR"), json!("25.00 EUR"), Some(Type::Money)),
            (json!("25 EUR"), json!({"amount": "25.0", "currency": "EUR"}), Some(Type::Money)),
            (json!(5), json!(5.0), Some(Type::Number)),
            (json!("60m"), json!("1h"), Some(Type::Duration)),
            (json!("9:30"), json!("09:30"), Some(Type::Time)),
            (
                json!(["2026-03-10T10:00:00Z"]),
                json!(["2026-03-10T11:00:00+01:00"]),
                Some(Type::List(Box::new(Type::DateTime))),
            ),
            (json!({"a": [1, {"b": 2.50}]}), json!({"a": [1.0, {"b": 2.5}]}), None),
            // A value that no longer has its declared type.
            (json!(5), json!(5.0), Some(Type::Text)),
        ];
        for (one, other, ty) in same {
            assert!(is_same(&one, &other, ty.as_ref()), "{one} and {other}");
        }
        let different = [
            (json!("2026-03-10T10:00:00Z"), json!("2026-03-10T10:00:00+01:00"), Some(Type::DateTime)),
            (json!("25 EUR"), json!("25 USD"), Some(Type::Money)),
            (json!("5"), json!("5.0"), Some(Type::Text)),
            (json!(null), json!(false), Some(Type::Bool)),
            (json!("2026-03-10T10:00:00Z"), json!("2026-03-10T11:00:00+01:00"), None),
            (json!([1, 2]), json!([1]), None),
            (json!({"a": 1}), json!({"b": 1}), None),
        ];
        for (one, other, ty) in different {
            assert!(!is_same(&one, &other, ty.as_ref()), "{one} and {other}");
        }
    }

    #[test]
    fn what_copying_leaves_around_a_value_is_not_part_of_it() {
        let cases = [
            ("Anna@Mail.Ru ", Type::Email, "Anna@mail.ru"),
            ("\u{200b}anna@example.com\r\n", Type::Email, "anna@example.com"),
            ("mailto:anna@example.com", Type::Email, "anna@example.com"),
            (" https://example.com/A ", Type::Url, "https://example.com/A"),
            ("new\n", Type::Literals(vec!["new".to_owned()]), "new"),
            ("\u{feff}2026-02-28 ", Type::Date, "2026-02-28"),
            (" 9:30", Type::Time, "09:30"),
            // A text is what it is.
            (" a ", Type::Text, " a "),
        ];
        for (given, ty, canonical) in cases {
            let value = read(&json!(given), &ty, Locale::default()).unwrap();
            assert_eq!(write(&value), json!(canonical), "{given:?}");
        }
        for given in ["anna@example.com bob@example.com", "mailto:", "Anna <anna@example.com>", "a\n@example.com"] {
            assert!(read(&json!(given), &Type::Email, Locale::default()).is_err(), "{given:?}");
        }
    }

    #[test]
    fn words_for_true_and_false_are_read() {
        let read = |json: Json| read(&json, &Type::Bool, Locale::default()).ok();
        for json in
            [json!(true), json!(1), json!(1.0), json!("true"), json!(" TRUE "), json!("Yes"), json!("1"), json!("Да")]
        {
            assert_eq!(read(json.clone()), Some(Value::Bool(true)), "{json}");
        }
        for json in [json!(false), json!(0), json!("False"), json!("no"), json!("0"), json!("нет\n"), json!("off")] {
            assert_eq!(read(json.clone()), Some(Value::Bool(false)), "{json}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_amount_is_read_as_it_was_written(digits in -99_999_999_i64..99_999_999, places in 0_u32..6) {
            let value = Value::Money(Money { amount: Decimal::new(digits, places), currency: "EUR".to_owned() });
            let again = super::read(&write(&value), &Type::Money, Locale::default());
            proptest::prop_assert_eq!(again, Ok(value));
        }
    }

    #[test]
    fn money_defaults_to_the_project_currency_and_round_trips() {
        let value = read(&json!(1200), &Type::Money, Locale { currency: Some("RUB"), ..Locale::default() }).unwrap();
        assert_eq!(write(&value), json!("1200 RUB"));
        assert_eq!(read(&write(&value), &Type::Money, Locale::default()).unwrap(), value);
    }
}
