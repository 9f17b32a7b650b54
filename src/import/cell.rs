//! Cells of tables as JSON. In: the text of a cell and the type of its field. Out: the value in a notation that events
//! have, where the text has one meaning; otherwise the text as it is, which is then reported like any unusable value.

use crate::value::Type;
use crate::value::json::Locale;
use serde_json::{Number, Value as Json};
use std::str::FromStr;

const TRUE: &[&str] = &["true", "yes", "y", "1", "x", "+", "✓", "✔", "да", "истина", "ja", "wahr"];
const FALSE: &[&str] = &["false", "no", "n", "0", "-", "–", "✗", "нет", "ложь", "nein", "falsch"];

/// How spreadsheets mark amounts, beside the codes of ISO 4217.
const CURRENCIES: &[(&str, &str)] = &[
    ("₽", "RUB"),
    ("руб.", "RUB"),
    ("руб", "RUB"),
    ("р.", "RUB"),
    ("р", "RUB"),
    ("€", "EUR"),
    ("euro", "EUR"),
    ("£", "GBP"),
    ("₸", "KZT"),
    ("тг", "KZT"),
    ("тенге", "KZT"),
    ("₴", "UAH"),
    ("грн", "UAH"),
    ("грн.", "UAH"),
    ("zł", "PLN"),
    ("₺", "TRY"),
    ("tl", "TRY"),
];

/// The currencies that `$` may mean.
const DOLLARS: &[&str] = &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"];

/// A cell as JSON.
pub(super) fn json(text: &str, ty: &Type, local: Locale<'_>) -> Json {
    let found = match ty {
        Type::Number => number(text),
        Type::Bool => truth(text).map(Json::Bool),
        Type::Money => money(text, local),
        Type::Phone => Some(Json::String(text.strip_suffix(".0").unwrap_or(text).to_owned())),
        Type::List(of) => {
            let items = text.split([',', ';', '\n']).map(str::trim).filter(|item| !item.is_empty());
            Some(Json::Array(items.map(|item| json(item, of, local)).collect()))
        }
        Type::Text
        | Type::Date
        | Type::Anniversary
        | Type::Time
        | Type::DateTime
        | Type::Duration
        | Type::Email
        | Type::Url
        | Type::Literals(_) => None,
    };
    found.unwrap_or_else(|| Json::String(text.to_owned()))
}

fn truth(text: &str) -> Option<bool> {
    let word = text.to_lowercase();
    let is = |words: &[&str]| words.contains(&word.as_str());
    if is(TRUE) { Some(true) } else { is(FALSE).then_some(false) }
}

fn number(text: &str) -> Option<Json> {
    Number::from_str(&digits(text)?).ok().map(Json::Number)
}

/// Reads `1 200,50 ₽`, `€12.50`, `1200 RUB`, `1200` in the project's currency.
fn money(text: &str, local: Locale<'_>) -> Option<Json> {
    let is_amount = |c: char| c.is_ascii_digit() || c == '-' || c == '−';
    let start = text.find(is_amount)?;
    let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let amount = digits(text.get(start..end)?)?;
    let sign = format!("{}{}", text.get(..start)?, text.get(end..)?);
    let sign = sign.trim();
    let is_code = sign.len() == 3 && sign.bytes().all(|byte| byte.is_ascii_uppercase());
    let known = CURRENCIES.iter().find(|(written, _)| *written == sign.to_lowercase()).map(|(_, code)| *code);
    let code = match sign {
        "" => return Number::from_str(&amount).ok().map(Json::Number),
        "$" => local.currency.filter(|own| DOLLARS.contains(own))?,
        _ if is_code => sign,
        _ => known?,
    };
    Some(Json::String(format!("{amount} {code}")))
}

/// The digits of a number with a point for its fraction: `1200.5` for `1 200,50`. `1,200` has two meanings, so none.
fn digits(text: &str) -> Option<String> {
    let (sign, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", text),
    };
    let is_space = |c: char| c.is_whitespace() || c == '\'' || c == '’';
    let has_space = text.contains(is_space);
    let last = text.rfind([',', '.']);
    let (whole, fraction) = match last {
        None => (text, ""),
        Some(at) => {
            let mark = text.get(at..=at)?;
            let (whole, fraction) = (text.get(..at)?, text.get(at + 1..)?);
            let is_repeated = whole.contains(mark);
            let mixed = whole.contains([',', '.']);
            if is_repeated {
                (text, "")
            } else if fraction.len() == 3 && !has_space && !mixed && whole.len() <= 3 && whole != "0" {
                return None;
            } else {
                (whole, fraction)
            }
        }
    };
    let groups: Vec<&str> = whole.split(|c: char| is_space(c) || c == ',' || c == '.').collect();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (first, rest) = groups.split_first()?;
    let grouped = rest.iter().all(|group| group.len() == 3 && is_number(group));
    if !is_number(first) || !grouped || (!rest.is_empty() && first.len() > 3) {
        return None;
    }
    if last.is_some() && !fraction.is_empty() && !is_number(fraction) {
        return None;
    }
    let whole = groups.concat();
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as value;

    #[test]
    fn numbers_are_read_where_they_have_one_meaning() {
        for (text, read) in [
            ("42", "42"),
            ("1 200,50", "1200.50"),
            ("1\u{a0}200", "1200"),
            ("1'200.50", "1200.50"),
            ("1,200.50", "1200.50"),
            ("1.200,50", "1200.50"),
            ("1,200,300", "1200300"),
            ("12,5", "12.5"),
            ("0,125", "0.125"),
            ("1 200,500", "1200.500"),
            ("-3", "-3"),
            ("007", "7"),
            ("1234,567", "1234.567"),
        ] {
            assert_eq!(digits(text).as_deref(), Some(read), "{text}");
        }
        for text in ["1,200", "1.200", "12,34,56", "1 20", "1,2,3", "x", "", "1.2.3", "5%", "--3", "1234 567"] {
            assert_eq!(digits(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_keep_their_currency() {
        let local = Locale { currency: Some("CAD"), ..Locale::default() };
        for (text, read) in [
            ("1 200 ₽", value!("1200 RUB")),
            ("1 200,50 руб.", value!("1200.50 RUB")),
            ("€12,50", value!("12.50 EUR")),
            ("12.50 EUR", value!("12.50 EUR")),
            ("$5", value!("5 CAD")),
            ("-5 CHF", value!("-5 CHF")),
            ("1200", value!(1200)),
            ("1,200 EUR", value!("1,200 EUR")),
            ("5 quid", value!("5 quid")),
        ] {
            assert_eq!(json(text, &Type::Money, local), read, "{text}");
        }
        assert_eq!(json("$5", &Type::Money, Locale::default()), value!("$5"));
    }

    #[test]
    fn words_and_lists_are_read() {
        assert_eq!(json("Да", &Type::Bool, Locale::default()), value!(true));
        assert_eq!(json("nein", &Type::Bool, Locale::default()), value!(false));
        assert_eq!(json("maybe", &Type::Bool, Locale::default()), value!("maybe"));
        let list = Type::List(Box::new(Type::Text));
        assert_eq!(json("vip, new;  ", &list, Locale::default()), value!(["vip", "new"]));
        assert_eq!(json("79990000001.0", &Type::Phone, Locale::default()), value!("79990000001"));
    }
}
