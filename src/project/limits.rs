//! `[limits]`: how many marketing messages a client may get across all funnels: `sms = "2 per 7d else defer up to 1d"`.

use super::table::{Entry, Table};
use crate::check::program::{Limit, Over};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::value::{Duration, Type, Value, json};
use toml::de::DeValue;

/// The keys of the table: each channel, and all of them together.
pub(super) const KEYS: [&str; 5] = ["sms", "email", "telegram", "whatsapp", "messages"];

/// Reads the table; a value is one limit or a list of them.
pub(super) fn read(table: &Table<'_>) -> Vec<Limit> {
    let mut limits = Vec::new();
    for key in KEYS {
        let Some(value) = table.get(key) else { continue };
        let channel = (key != "messages").then(|| key.to_owned());
        match value.get_ref() {
            DeValue::Array(items) => {
                limits.extend(items.iter().filter_map(|item| limit(table, key, item, channel.clone())));
            }
            _ => limits.extend(limit(table, key, value, channel)),
        }
    }
    table.report_unknown_keys();
    limits
}

fn limit(table: &Table<'_>, key: &str, value: &Entry<'_>, channel: Option<String>) -> Option<Limit> {
    let Some(text) = value.get_ref().as_str() else {
        return table.wrong_type(value, key, say!("a string such as \"2 per 7d\""));
    };
    let Some((count, per, over)) = parse_limit(text) else { return not_a_limit(table, key, table.span_of(value)) };
    Some(Limit { count, channel, per, over, whole_project: true })
}

fn not_a_limit<T>(table: &Table<'_>, key: &str, span: Span) -> Option<T> {
    let message = say!("`{key}` must be a limit such as \"2 per 7d\"", key);
    let finding = Diagnostic::new(Code::BadSetting, span, message, say!("not a limit"));
    table.findings.push(
        finding
            .help(say!("to drop extra messages: `\"2 per 7d else skip\"`"))
            .help(say!("to send them later: `\"2 per 7d else defer up to 1d\"`")),
    );
    None
}

fn parse_limit(text: &str) -> Option<(u32, Duration, Over)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (count, per, over) = match words.as_slice() {
        [count, "per", per] | [count, "per", per, "else", "skip"] => (count, per, Over::Skip),
        [count, "per", per, "else", "defer", "up", "to", longest] => {
            (count, per, Over::Defer(nonzero_duration(longest)?))
        }
        _ => return None,
    };
    Some((count.parse().ok().filter(|count| *count > 0)?, nonzero_duration(per)?, over))
}

/// Parses a duration other than zero.
pub(super) fn nonzero_duration(text: &str) -> Option<Duration> {
    match json::read(&text.into(), &Type::Duration, json::Locale::default()) {
        Ok(Value::Duration(nonzero_duration)) if nonzero_duration != Duration::default() => Some(nonzero_duration),
        Ok(_) | Err(_) => None,
    }
}
