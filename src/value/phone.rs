//! Phone numbers: from everyday notation to E.164.

use phonenumber::Mode;
use phonenumber::country::Id;
use std::str::FromStr;

/// Whether this is a country code (ISO 3166-1, two capital letters) whose numbers are known.
#[must_use]
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && Id::from_str(code).is_ok()
}

/// Reads a phone number in any notation and returns it in E.164 (ITU-T): a plus and 7 to 15 digits.
///
/// A number with a plus is complete; only separators are dropped. Any other is a number as dialed in `country`, and
/// invalid without one.
pub(super) fn parse(text: &str, country: Option<&str>) -> Option<String> {
    if let Some(digits) = text.trim().strip_prefix('+') {
        let plain: String = digits.chars().filter(|c| !is_separator(*c)).collect();
        let fits = (7..=15).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_digit());
        return (fits && !plain.starts_with('0')).then(|| format!("+{plain}"));
    }
    // The library finds a number inside any text, so reject texts with anything else in them.
    if text.chars().any(|c| !c.is_ascii_digit() && !is_separator(c)) {
        return None;
    }
    let country = Id::from_str(country?).ok()?;
    let number = phonenumber::parse(Some(country), text).ok().filter(phonenumber::is_valid)?;
    Some(number.format().mode(Mode::E164).to_string())
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '(' | ')' | '.' | '/' | '\u{a0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_parsed_as_dialed_in_the_country() {
        let cases = [
            ("RU", "8 (999) 000-00-00", "+79990000000"),
            ("RU", "9990000000", "+79990000000"),
            ("DE", "030 901820", "+4930901820"),
            ("US", "(650) 253-0000", "+16502530000"),
            ("GB", "020 7031 3000", "+442070313000"),
            ("IT", "06 698 12345", "+390669812345"),
        ];
        for (country, text, number) in cases {
            assert_eq!(parse(text, Some(country)).as_deref(), Some(number), "{text} in {country}");
            assert_eq!(parse(text, None), None, "{text} nowhere");
            assert_eq!(parse(number, Some("BR")).as_deref(), Some(number), "a whole number is of no country");
        }
    }

    #[test]
    fn invalid_numbers_are_rejected() {
        for text in ["", "12", "8 (999) 000-00-0", "call 9990000000", "+7 999 x", "+0123456789", "99900000000000"] {
            assert_eq!(parse(text, Some("RU")), None, "{text}");
        }
        assert!(is_country("RU") && !is_country("ru") && !is_country("XX") && !is_country("Russia"));
    }
}
