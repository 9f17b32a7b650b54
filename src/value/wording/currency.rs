//! Where a language writes the currency of an amount, and by which symbol.

use icu_locale_core::Locale;

/// One row per language, with tabs between its code, the form of an amount and the symbols of currencies. They are those
/// of CLDR, read with `icu_experimental`, whose data are thirty times as large.
const TABLE: &str = include_str!("currency.txt");

/// Adds the currency to a positive number: `€5`, `5 €`, `RUB 5`.
pub(super) fn with_currency(locale: &Locale, number: &str, currency: &str) -> String {
    let (form, symbols) = row(locale).unwrap_or(("n_S", ""));
    let symbol = symbol(symbols, currency);
    // A word needs a space where a sign does not.
    let is_word = symbol.chars().next_back().is_some_and(char::is_alphabetic);
    let form = if is_word { form.replace("Sn", "S_n").replace("nS", "n_S") } else { form.to_owned() };
    let mut text = String::new();
    for c in form.chars() {
        match c {
            'n' => text.push_str(number),
            'S' => text.push_str(symbol),
            '_' => text.push(' '),
            // The marks of scripts that are written from right to left.
            'R' => text.push('\u{200f}'),
            'L' => text.push('\u{200e}'),
            other => text.push(other),
        }
    }
    text
}

/// The form and the symbols of the language, with its script or country if there is such a row.
fn row(locale: &Locale) -> Option<(&'static str, &'static str)> {
    let id = &locale.id;
    let language = id.language.to_string();
    let with = |more: Option<String>| more.map(|more| format!("{language}-{more}"));
    let codes = [with(id.region.map(|region| region.to_string())), with(id.script.map(|script| script.to_string()))];
    codes.into_iter().flatten().chain([language.clone()]).find_map(|code| {
        TABLE.lines().find_map(|line| line.strip_prefix(code.as_str())?.strip_prefix('\t')?.split_once('\t'))
    })
}

fn symbol<'a>(symbols: &'a str, currency: &'a str) -> &'a str {
    let of = |pair: &'a str| pair.strip_prefix(currency)?.strip_prefix(' ');
    symbols.split('|').find_map(of).unwrap_or(currency)
}
