//! The requests of Segment's libraries: `identify`, `track`, `batch`, `alias`. In: the body, and the time. Out: messages,
//! and their events.

use super::request::Request;
use super::source::{Mapped, Source, declared, fitting};
use crate::check::program::Catalog;
use crate::diagnostic::Phrase;
use crate::say;
use crate::value::json::{self as value_json};
use crate::value::{Timestamp, Type, Value, Zone};
use serde_json::{Map, Value as Json, json};

/// The name of the source whose rules decide about messages first: `[[sources.segment.events]]`.
pub const SEGMENT: &str = "segment";

/// How far the clock of the sender may differ before the times of its messages are corrected, in milliseconds. What is less
/// is how long the request took.
const SKEW_MS: i64 = 60_000;

/// The messages of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The messages.
    pub messages: Vec<Json>,
    /// How far the clock of the sender is behind, in milliseconds.
    pub behind_ms: i64,
    /// The key in the body, if it is not in a header.
    pub write_key: Option<String>,
}

/// Reads a request to `/v1/batch`, or to `/v1/identify` and the like, which has one message of that type.
///
/// # Errors
/// What is wrong with it.
pub fn batch(call: &str, body: Json, now: Timestamp) -> Result<Batch, Phrase> {
    let Json::Object(mut body) = body else { return Err(say!("the body must be a JSON object")) };
    let text = |name: &str| body.get(name).and_then(Json::as_str).map(str::to_owned);
    let write_key = text("writeKey");
    let sent_at = body.get("sentAt").and_then(moment);
    let behind_ms = sent_at.map_or(0, |sent_at| now.0.saturating_sub(sent_at.0));
    let behind_ms = if behind_ms.abs() > SKEW_MS { behind_ms } else { 0 };
    let messages = if call == "batch" {
        match body.remove("batch") {
            Some(Json::Array(messages)) => messages,
            Some(_) | None => return Err(say!("`batch` must be a list of messages")),
        }
    } else {
        body.insert("type".to_owned(), call.into());
        vec![Json::Object(body)]
    };
    Ok(Batch { messages, behind_ms, write_key })
}

/// The events of a message: by the rules of the source if one applies, else by the names in it.
#[must_use]
pub fn segment_events(source: Option<&Source>, message: &Json, behind_ms: i64, catalog: &Catalog) -> Vec<Mapped> {
    let text = |name: &str| message.get(name).and_then(super::path::text_of).filter(|text| !text.is_empty());
    let client = text("userId").or_else(|| text("anonymousId"));
    let at = message.get("timestamp").and_then(moment).map(|at| Zone::UTC.rfc3339(at.plus_ms(behind_ms)));
    let mut made: Vec<Mapped> = source.map_or_else(Vec::new, |source| {
        source.events(&Request { body: message.clone(), ..Request::default() }, catalog)
    });
    if made.is_empty() {
        made = by_name(message, catalog);
    }
    // What the rules do not say is what the message says.
    for event in &mut made {
        if let Mapped::Event(event) = event {
            let mut set = |name: &str, value: Option<String>| {
                if let (None, Some(value)) = (event.get(name), value) {
                    event[name] = value.into();
                }
            };
            set("client", client.clone());
            set("id", text("messageId"));
            set("at", at.clone());
        }
    }
    let has_client = |event: &Mapped| !matches!(event, Mapped::Event(event) if event.get("client").is_none());
    if made.iter().all(has_client) { made } else { vec![Mapped::Skipped(say!("the message has no `userId`"))] }
}

fn by_name(message: &Json, catalog: &Catalog) -> Vec<Mapped> {
    let event = |event: &str, data: Json| vec![Mapped::Event(json!({"type": event, "data": data}))];
    match message.get("type").and_then(Json::as_str) {
        Some("identify") => event("client", fields("client", message.get("traits"), catalog)),
        Some("track") => {
            let Some(name) = message.get("event").and_then(Json::as_str).map(snake_case) else {
                return vec![Mapped::Skipped(say!("the message has no `event`"))];
            };
            let data = fields(&name, message.get("properties"), catalog);
            event(&name, data)
        }
        Some("alias") => {
            let Some(previous) = message.get("previousId").and_then(Json::as_str) else {
                return vec![Mapped::Skipped(say!("the message has no `previousId`"))];
            };
            let into = message.get("userId").cloned().unwrap_or_default();
            vec![Mapped::Event(json!({"type": "merge", "client": previous, "data": {"into": into}}))]
        }
        // What was looked at, and of which company somebody is, is not about the client.
        Some("page" | "screen" | "group") => Vec::new(),
        Some(_) | None => vec![Mapped::Skipped(say!("the message has no known `type`"))],
    }
}

/// Properties or traits as fields: `firstName` is `first_name`, `booking_id` is the key `id` of a booking, and a price has
/// the currency beside it.
fn fields(event: &str, given: Option<&Json>, catalog: &Catalog) -> Json {
    let Some(Json::Object(given)) = given else { return json!({}) };
    let mut fields = Map::new();
    for (name, value) in given {
        if event == "client" && name == "address" && value.is_object() {
            for (name, value) in value.as_object().into_iter().flatten() {
                if declared(catalog, event, &snake_case(name)).is_some() {
                    fields.insert(snake_case(name), value.clone());
                }
            }
            continue;
        }
        fields.insert(snake_case(name), value.clone());
    }
    if let Some(key) = catalog.events.get(event).and_then(|event| event.key.as_deref())
        && !fields.contains_key(key)
        && let Some(value) = fields.remove(&format!("{event}_{key}"))
    {
        fields.insert(key.to_owned(), value);
    }
    let takes_name =
        event == "client" && !fields.contains_key("name") && declared(catalog, event, "first_name").is_none();
    if takes_name {
        let part = |name: &str| fields.get(name).and_then(Json::as_str).map(str::trim).filter(|part| !part.is_empty());
        let parts: Vec<&str> = ["first_name", "last_name"].into_iter().filter_map(part).collect();
        if !parts.is_empty() {
            let name = parts.join(" ");
            fields.retain(|name, _| !["first_name", "last_name"].contains(&name.as_str()));
            fields.insert("name".to_owned(), name.into());
        }
    }
    let currency = fields.get("currency").and_then(Json::as_str).map(str::to_ascii_uppercase);
    for (name, value) in &mut fields {
        let ty = declared(catalog, event, name);
        if let (Some(Type::Money), Json::Number(amount), Some(currency)) = (ty, &*value, &currency) {
            *value = format!("{amount} {currency}").into();
        }
        *value = fitting(value.take(), ty);
    }
    Json::Object(fields)
}

fn moment(json: &Json) -> Option<Timestamp> {
    match value_json::read(json, &Type::DateTime, value_json::Locale::default()) {
        Ok(Value::DateTime(at)) => Some(at),
        Ok(_) | Err(_) => None,
    }
}

/// `Booking Created`, `bookingCreated` and `booking-created` are `booking_created`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut before_is_lower = false;
    for c in name.trim().chars() {
        if c.is_alphanumeric() {
            if c.is_uppercase() && before_is_lower && !snake.ends_with('_') {
                snake.push('_');
            }
            before_is_lower = c.is_lowercase() || c.is_ascii_digit();
            snake.extend(c.to_lowercase());
        } else {
            before_is_lower = false;
            if !snake.ends_with('_') && !snake.is_empty() {
                snake.push('_');
            }
        }
    }
    snake.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_those_of_the_language() {
        for (given, expected) in [
            ("Booking Created", "booking_created"),
            ("firstName", "first_name"),
            ("booking_id", "booking_id"),
            ("URL", "url"),
            (" visit ", "visit"),
            ("Order-Completed!", "order_completed"),
        ] {
            assert_eq!(snake_case(given), expected);
        }
    }
}
