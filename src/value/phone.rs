//! Phone numbers: from everyday notation to E.164.

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};
use std::str::FromStr;

/// Whether this is a country code (ISO 3166-1, two capital letters) whose numbers are known.
#[must_use]
pub fn is_country(code: &str) -> bool {
    region(code).is_some()
}

/// Reads a phone number in any notation and returns it in E.164 (ITU-T): a plus and 7 to 15 digits.
///
/// A number with a plus is complete, and its country must have numbers of that length. Any other is a number as dialed
/// in `country`, must be valid there, and is invalid without a country.
pub(super) fn parse(text: &str, country: Option<&str>) -> Option<String> {
    let text = plain(text)?;
    if !text.starts_with('+') {
        let region = region(country?)?;
        return Number::parse(&text, Some(region)).filter(|number| number.is_valid).map(|number| number.e164);
    }
    let Some((before, after)) = text.split_once("(0)") else {
        // The library drops a national prefix even where the result is no number, which makes another one of it.
        return Number::parse(&text, None)
            .filter(|number| number.is_valid || (number.is_possible && digits(&text) == digits(&number.e164)))
            .map(|number| number.e164);
    };
    // Most countries dial the zero only at home; in a few it is part of the number.
    let with = Number::parse(&text, None);
    let without = Number::parse(&format!("{before}{after}"), None);
    match (with, without) {
        (Some(with), Some(without)) if with.e164 == without.e164 => with.is_possible.then_some(with.e164),
        (with, without) => {
            let mut valid = with.into_iter().chain(without).filter(|number| number.is_valid);
            valid.next().filter(|_| valid.next().is_none()).map(|number| number.e164)
        }
    }
}

/// A number that the library could read.
struct Number {
    e164: String,
    /// Whether it is in a range that its country has assigned.
    is_valid: bool,
    /// Whether its country has numbers of this length that can be dialed from abroad.
    is_possible: bool,
}

impl Number {
    fn parse(text: &str, region: Option<Region>) -> Option<Self> {
        let number = PhoneNumber::parse(text, region).ok()?;
        let e164 = number.format_as(PhoneNumberFormat::E164).into_owned();
        let is_possible = number.is_possible_with_reason() == Ok(NumberLengthType::IsPossible);
        (7..=15).contains(&digits(&e164).len()).then(|| Self { e164, is_valid: number.is_valid(), is_possible })
    }
}

fn region(code: &str) -> Option<Region> {
    let region =
        Region::from_str(code).ok().filter(|_| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()))?;
    PHONE_NUMBER_UTIL.get_country_code_for_region(region).map(|_| region)
}

/// The number in ASCII: digits, separators and at most one plus, before the first digit. `None` if there is anything
/// else, because the library finds a number inside any text.
fn plain(text: &str) -> Option<String> {
    let text = text.trim();
    let scheme = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    let text = scheme.map_or(text, |scheme| &text[scheme.len()..]);
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        plain.push(match c {
            '0'..='9' | '(' | ')' | '.' | '/' => c,
            '+' | '\u{ff0b}' if !plain.contains(|c: char| c == '+' || c.is_ascii_digit()) => '+',
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' => '-',
            c if c.is_whitespace() => ' ',
            '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10)?,
            '\u{ff08}' => '(',
            '\u{ff09}' => ')',
            _ => return None,
        });
    }
    // A complete number in brackets, `(+49) 170 ..`, is complete, too.
    let start = plain.find('+').unwrap_or(0);
    Some(plain.get(start..)?.replace("( 0 )", "(0)"))
}

/// Characters that address books and web pages leave in a copied number: soft hyphens, joiners, directions of writing.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_parsed_as_dialed_in_the_country() {
        let cases = [
            ("RU", "8 (999) 000-00-00", "+79990000000"),
            ("RU", "8 (812) 309-12-34", "+78123091234"),
            ("RU", "9990000000", "+79990000000"),
            ("DE", "030 901820", "+4930901820"),
            ("US", "(650) 253-0000", "+16502530000"),
            ("US", "011 49 151 23456789", "+4915123456789"),
            ("GB", "020 7031 3000", "+442070313000"),
            ("IT", "06 698 12345", "+390669812345"),
            ("IT", "391 234 5678", "+393912345678"),
            ("IT", "390 306 3886", "+393903063886"),
        ];
        for (country, text, number) in cases {
            assert_eq!(parse(text, Some(country)).as_deref(), Some(number), "{text} in {country}");
            assert_eq!(parse(text, None), None, "{text} nowhere");
            assert_eq!(parse(number, Some("BR")).as_deref(), Some(number), "a whole number is of no country");
        }
    }

    #[test]
    fn a_zero_in_brackets_is_dialed_only_at_home() {
        let cases = [
            ("+49 (0)170 0000001", "+491700000001"),
            ("+49(0)30-901820", "+4930901820"),
            ("+44 ( 0 ) 20 7031 3000", "+442070313000"),
            ("+48 (0)512 345 678", "+48512345678"),
            ("+7 (0) 999 000-00-00", "+79990000000"),
            ("+39 (0)6 698 12345", "+390669812345"),
            ("+39 (0)06 698 12345", "+390669812345"),
        ];
        for (text, number) in cases {
            assert_eq!(parse(text, None).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn a_number_is_read_as_it_was_copied() {
        let number = Some("+491700000001");
        for text in [
            "tel:+49-170-0000001",
            "TEL:+491700000001",
            "\u{ff0b}49 170 0000001",
            "+49 170\u{2013}0000001",
            "+49\u{a0}170\u{2011}0000001",
            "\u{202a}+49 170 0000001\u{202c}",
            "(+49) 170 0000001",
            "+\u{ff14}\u{ff19} 170 0000001",
            " +49/170.0000001 ",
        ] {
            assert_eq!(parse(text, None).as_deref(), number, "{text:?}");
        }
    }

    #[test]
    fn invalid_numbers_are_rejected() {
        for text in ["", "12", "8 (999) 000-00-0", "call 9990000000", "+7 999 x", "+0123456789", "99900000000000"] {
            assert_eq!(parse(text, Some("RU")), None, "{text}");
        }
        assert!(is_country("RU") && !is_country("ru") && !is_country("XX") && !is_country("Russia"));
        assert!(!is_country("001") && !is_country("ZZ"));
    }

    #[test]
    fn a_number_that_no_country_has_is_rejected() {
        for text in [
            "+1 415 867 530",         // a digit is missing
            "+1 415 867 53099",       // a digit too many
            "+1 867 5309",            // it can only be dialed in its town
            "+123456789012345",       // longer than numbers of that country
            "+999 123 456 789",       // no country has this code
            "+7 8 123 091 23 40",     // `8` is not dropped to make a number of it
            "+8 999 000 00 00",       // no country has this code, and a plus is not a prefix to drop
            "+49 170 0000001 ext. 5", // the library would drop the extension
            "tel:+491700000001;ext=5",
            "+49 170 0000001 +49 170 0000002",
            "49+1700000001",
            "+39 (0)312 345 6789", // a mobile number without the zero, one in Como with it
        ] {
            for country in [None, Some("US"), Some("RU"), Some("DE")] {
                assert_eq!(parse(text, country), None, "{text} in {country:?}");
            }
        }
    }

    #[test]
    fn spellings_of_many_countries_are_read_as_one_number() {
        // Made with the Python port of Google's library, `phonenumbers` 9.0.43.
        let table = include_str!("../../tests/phones/numbers.tsv");
        let mut countries = std::collections::BTreeSet::new();
        for line in table.lines() {
            let [country, text, number] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            countries.insert(country);
            assert_eq!(parse(text, Some(country)).as_deref(), Some(number), "{text} in {country}");
        }
        assert!(countries.len() >= 30);
    }

    #[test]
    fn a_number_with_a_digit_more_or_less_is_not_another_number() {
        let table = include_str!("../../tests/phones/numbers.tsv");
        for number in table.lines().filter_map(|line| line.rsplit('\t').next()) {
            for wrong in [format!("{number}0"), number[..number.len() - 1].to_owned()] {
                assert!(parse(&wrong, None).is_none_or(|read| read == wrong), "{wrong}");
            }
        }
    }
}
