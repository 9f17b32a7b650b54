//! CloudEvents 1.0 over HTTP, in the structured, batched and binary content modes. In: the headers of a request, and its
//! JSON. Out: events in our own form.

use crate::diagnostic::{Code, Phrase};
use crate::runtime::MalformedEvent;
use crate::say;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value as Json};

/// The prefix of the headers of the binary mode.
const PREFIX: &str = "ce-";

/// The attributes that are taken, and what they are called in our own form. All others are left out.
const ATTRIBUTES: &[(&str, &str)] =
    &[("type", "type"), ("id", "id"), ("source", "source"), ("subject", "client"), ("time", "at")];

/// Limit: how many bytes of a rejected event are kept.
const KEPT_BYTES: usize = 4 << 10;

/// How the events of a request are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// In our own form.
    Own,
    /// Each is an object with attributes and data.
    Structured,
    /// The attributes are in the headers, and the body is the data.
    Binary(Map<String, Json>),
}

impl Form {
    /// The form that the headers of a request name.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let media = media.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        if matches!(media.as_str(), "application/cloudevents+json" | "application/cloudevents-batch+json") {
            return Self::Structured;
        }
        let attribute = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
            let name = name.as_str().strip_prefix(PREFIX)?;
            Some((name.to_owned(), Json::String(percent_decoded(value.as_bytes()))))
        };
        let attributes: Map<String, Json> = headers.iter().filter_map(attribute).collect();
        if attributes.contains_key("specversion") { Self::Binary(attributes) } else { Self::Own }
    }

    /// Turns one JSON value of the body into an event in our own form.
    ///
    /// # Errors
    /// It is not a CloudEvent.
    pub(super) fn read(&self, body: Json) -> Result<Json, MalformedEvent> {
        match self {
            Self::Own => Ok(body),
            Self::Structured => match body {
                Json::Object(mut attributes) => {
                    let data = attributes.remove("data");
                    event(&attributes, data).map_err(|message| malformed(message, &Json::Object(attributes)))
                }
                other => Err(malformed(say!("a CloudEvent must be a JSON object"), &other)),
            },
            Self::Binary(attributes) => {
                event(attributes, Some(body)).map_err(|message| malformed(message, &Json::Object(attributes.clone())))
            }
        }
    }
}

fn event(attributes: &Map<String, Json>, data: Option<Json>) -> Result<Json, Phrase> {
    if attributes.get("specversion").and_then(Json::as_str) != Some("1.0") {
        return Err(say!("a CloudEvent needs the `specversion` 1.0"));
    }
    if attributes.contains_key("data_base64") {
        return Err(say!("the data of a CloudEvent must be JSON, not `data_base64`"));
    }
    if attributes.get("id").is_none_or(Json::is_null) || attributes.get("source").is_none_or(Json::is_null) {
        return Err(say!("a CloudEvent needs `id` and `source`"));
    }
    let mut event = Map::new();
    for (name, own) in ATTRIBUTES {
        if let Some(value) = attributes.get(*name) {
            event.insert((*own).to_owned(), value.clone());
        }
    }
    event.extend(data.map(|data| ("data".to_owned(), data)));
    Ok(Json::Object(event))
}

fn malformed(message: Phrase, body: &Json) -> MalformedEvent {
    let mut raw = body.to_string();
    let mut end = raw.len().min(KEPT_BYTES);
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    raw.truncate(end);
    let help = say!("`type` is a declared event, `subject` is the client, and `data` has the fields");
    MalformedEvent { code: Code::BadEvent, message, help, raw, line: 0, readable: None }
}

/// The value of a header, in which characters other than ASCII are percent-encoded.
fn percent_decoded(value: &[u8]) -> String {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = code.and_then(|code| str::from_utf8(code).ok()).and_then(|code| u8::from_str_radix(code, 16).ok());
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn headers_and_bodies_become_events() {
        let mut headers = HeaderMap::new();
        assert_eq!(Form::of(&headers), Form::Own);
        for (name, value) in [("ce-specversion", "1.0"), ("ce-type", "visit"), ("ce-id", "e1"), ("ce-source", "/crm")] {
            headers.insert(name, value.parse().unwrap());
        }
        headers.insert("ce-subject", "Zo%C3%AB 100%25 %".parse().unwrap());
        let expected =
            json!({"type": "visit", "id": "e1", "source": "/crm", "client": "Zoë 100% %", "data": {"id": "v"}});
        assert_eq!(Form::of(&headers).read(json!({"id": "v"})).unwrap(), expected);
        headers.insert(header::CONTENT_TYPE, "Application/CloudEvents+JSON; charset=utf-8".parse().unwrap());
        let whole = json!({
            "specversion": "1.0", "type": "visit", "id": "e1", "source": "/crm", "subject": "Zoë 100% %",
            "traceparent": "x", "data": {"id": "v"},
        });
        assert_eq!(Form::of(&headers).read(whole).unwrap(), expected);
    }
}
