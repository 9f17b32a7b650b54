//! `[max_messages]`, `[sms]` and `[prices]`: ceilings for messages per client, the form of an SMS, and what messages
//! cost.

use super::limits::{self, nonzero_duration};
use super::table::{Entry, Table};
use crate::check::{BusinessIdentity, Ceiling, MessageSettings, SmsForm};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::Fields;
use crate::say;
use crate::value::{Duration, Money, Type, Value, json};
use std::collections::BTreeMap;
use toml::de::DeValue;

/// Reads the three tables.
pub(super) fn read(top: &Table<'_>, language: Option<&str>, business: &Fields) -> MessageSettings {
    let words = business.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    MessageSettings {
        language: language.map(str::to_owned),
        currency: None,
        business: words.collect(),
        identity: BusinessIdentity::default(),
        ceilings: top.table("max_messages").map(|table| ceilings(&table)).unwrap_or_default(),
        sms: top.table("sms").map(|table| sms(&table)).unwrap_or_default(),
        prices: top.table("prices").map(|table| prices(&table)).unwrap_or_default(),
    }
}

/// Reads ceilings; a value is one or a list of them: `sms = ["3 per run", "2 per 24h"]`.
fn ceilings(table: &Table<'_>) -> Vec<Ceiling> {
    let mut found = Vec::new();
    for key in limits::KEYS {
        let Some(value) = table.get(key) else { continue };
        let channel = (key != "messages").then(|| key.to_owned());
        match value.get_ref() {
            DeValue::Array(items) => {
                found.extend(items.iter().filter_map(|item| ceiling(table, key, item, channel.clone())));
            }
            _ => found.extend(ceiling(table, key, value, channel)),
        }
    }
    table.report_unknown_keys();
    found
}

fn ceiling(table: &Table<'_>, key: &str, value: &Entry<'_>, channel: Option<String>) -> Option<Ceiling> {
    let Some(text) = value.get_ref().as_str() else {
        return table.wrong_type(value, key, say!("a string such as \"3 per 24h\""));
    };
    let span = table.span_of(value);
    let Some((count, per)) = parse_ceiling(text) else {
        let message = say!("`{key}` must be a message limit such as \"3 per 24h\"", key);
        let finding = Diagnostic::new(Code::BadSetting, span, message, say!("not a rate such as \"3 per 24h\""));
        table.findings.push(
            finding
                .help(say!("for any period: `\"3 per 24h\"`, `\"8 per 7d\"`"))
                .help(say!("for each run: `\"3 per run\"`")),
        );
        return None;
    };
    Some(Ceiling { count, channel, per, span })
}

fn parse_ceiling(text: &str) -> Option<(u32, Option<Duration>)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [count, "per", per] = words.as_slice() else { return None };
    let per = if *per == "run" { None } else { Some(nonzero_duration(per)?) };
    Some((count.parse().ok()?, per))
}

fn sms(table: &Table<'_>) -> SmsForm {
    let default = SmsForm::default();
    let number = |key: &'static str, most: u64, default: u32| {
        table.number(key, 1..=most).and_then(|number| u32::try_from(number).ok()).unwrap_or(default)
    };
    let form = SmsForm {
        segments: number("segments", 255, default.segments),
        assume: number("assume", 1000, default.assume),
        assume_url: number("assume_url", 2000, default.assume_url),
    };
    table.report_unknown_keys();
    form
}

/// Reads prices such as `sms = "4.20 RUB"`, all in one currency.
fn prices(table: &Table<'_>) -> BTreeMap<String, Money> {
    let mut found: BTreeMap<String, Money> = BTreeMap::new();
    for key in limits::KEYS.into_iter().filter(|key| *key != "messages") {
        let Some(text) = table.text(key) else { continue };
        let Some(price) = amount(&text.node) else {
            let message = say!("`{key}` must be an amount with a currency, such as \"4.20 RUB\"", key);
            table.findings.bad_setting(text.span, message, say!("not an amount"));
            continue;
        };
        match found.values().next().filter(|other| other.currency != price.currency) {
            Some(other) => {
                let message = say!("all prices must be in one currency, {currency}", currency = &other.currency);
                table.findings.bad_setting(text.span, message, say!("different currency"));
            }
            None => _ = found.insert(key.to_owned(), price),
        }
    }
    table.report_unknown_keys();
    found
}

fn amount(text: &str) -> Option<Money> {
    match json::read(&text.into(), &Type::Money, json::Locale::default()) {
        Ok(Value::Money(price)) if !price.amount.is_sign_negative() => Some(price),
        Ok(_) | Err(_) => None,
    }
}
