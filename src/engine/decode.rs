//! Decodes events from JSON. In: one JSON object and the catalog. Out: an [`Event`] whose declared fields have their
//! types, or a rejection that says what to do.

use super::model::{ClientId, Event, Fields};
use crate::check::program::{Catalog, FieldType};
use crate::check::written_form;
use crate::diagnostic::{Code, Phrase, suggest};
use crate::say;
use crate::value::{Timestamp, Zone, json};
use serde_json::Value as Json;

/// Why an event was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The rule that it breaks.
    pub code: Code,
    /// What is wrong.
    pub message: Phrase,
    /// What to do.
    pub help: Phrase,
}

impl Rejection {
    /// Creates a rejection.
    pub fn new(code: Code, message: Phrase, help: Phrase) -> Self {
        Self { code, message, help }
    }

    /// The rejection of an event whose id belongs to another event.
    #[must_use]
    pub fn duplicate_id(id: &str) -> Self {
        let message = say!("event id `{id}` is already used by another event", id);
        Self::new(
            Code::DuplicateId,
            message,
            say!("give every event a unique id; the same event may be sent again unchanged"),
        )
    }
}

/// Limit: the size of an event, in bytes.
pub const MAX_EVENT_BYTES: usize = 1 << 20;

/// Limit: how deep the values of an event nest. What is made of an event nests a few levels deeper, which is far from
/// what the reader of the store allows.
pub const MAX_EVENT_DEPTH: usize = 32;

/// Limit: the length of a name, an id or a key, in bytes. These are stored many times.
pub const MAX_ID_BYTES: usize = 256;

/// How the names of sources begin that belong to the program.
const OWN_SOURCES: &str = "funnelc:";

/// Describes the shape of an event, for help texts.
fn form() -> Phrase {
    const EVENT: &str = r#"{"type":"booking","id":"evt-1","client":"c1","at":"2026-03-01T10:00:00+03:00","data":{..}}"#;
    say!("an example of an event: {event}", event = EVENT)
}

/// Decodes one event. `now` is used when the event does not say when it happened.
///
/// Undeclared fields are kept as they are; so are declared optional fields that are null. Blank ones become null.
///
/// # Errors
/// A [`Rejection`] with one of the codes F0701 to F0705.
pub fn decode(catalog: &Catalog, event: &Json, now: Timestamp) -> Result<Event, Rejection> {
    let Json::Object(object) = event else {
        return Err(Rejection::new(Code::BadEvent, say!("an event must be a JSON object"), form()));
    };
    check_size(event)?;
    if let Some(name) =
        object.keys().find(|key| !["type", "id", "client", "at", "data", "source"].contains(&key.as_str()))
    {
        let message = say!("unknown event member `{name}`", name = brief(name));
        return Err(Rejection::new(Code::BadEvent, message, say!("put event fields inside \"data\"")));
    }
    check_source(object.get("source"))?;
    let name = required_text(object, "type", Code::BadEvent)?;
    let declared = declared_fields(catalog, &name)?;
    let client = ClientId(required_id(object, "client", Code::MissingClient)?);
    let at = happened_at(object.get("at"), now)?;
    let id = optional_id(object, "id")?;
    let mut data = match object.get("data") {
        None | Some(Json::Null) => Fields::new(),
        Some(Json::Object(data)) => data.clone(),
        Some(_) => return Err(Rejection::new(Code::BadEvent, say!("`data` must be a JSON object"), form())),
    };
    let key_field = catalog.events.get(&name).and_then(|event| event.key.as_deref());
    let is_text = |field: &str| declared.get(field).is_some_and(|declared| declared.ty.is_textual());
    let key = key_field.map(|field| take_key(&mut data, &name, field, is_text(field))).transpose()?;
    check_fields(&mut data, &name, declared, catalog.local())?;
    if name == "client" && data.get("id").is_some_and(|own| own.as_str() != Some(&client.0)) {
        let message = say!("`data.id` does not match `{client}`, the client of the event", client = client.0);
        return Err(Rejection::new(Code::WrongFieldType, message, say!("remove `id` from \"data\"")));
    }
    Ok(Event { id, name, client, at, key, data })
}

type Declared<'a> = &'a std::collections::BTreeMap<String, FieldType>;

fn declared_fields<'a>(catalog: &'a Catalog, name: &str) -> Result<Declared<'a>, Rejection> {
    if name == "client" {
        return Ok(&catalog.client);
    }
    catalog.events.get(name).map(|event| &event.fields).ok_or_else(|| {
        let known = catalog.events.keys().map(String::as_str).chain(["client"]);
        let help = suggest::nearest(name, known).map_or_else(
            || say!("declare it in a funnel file: event {name} {{ .. }}", name),
            |near| say!("did you mean `{near}`?", near),
        );
        Rejection::new(Code::UnknownEventType, say!("unknown event `{name}`", name), help)
    })
}

/// Checks the size and the depth of an event, so that everything that is accepted can be stored and read back.
fn check_size(event: &Json) -> Result<(), Rejection> {
    let mut bytes = 0;
    let mut open = vec![(event, 1)];
    while let Some((value, depth)) = open.pop() {
        if depth > MAX_EVENT_DEPTH {
            return Err(Rejection::new(
                Code::BadEvent,
                say!("the event is nested more than {most} levels deep", most = MAX_EVENT_DEPTH),
                say!("send only what funnels need, or the inner part as a string"),
            ));
        }
        bytes += match value {
            Json::Null | Json::Bool(_) | Json::Number(_) => 1,
            Json::String(text) => text.len(),
            Json::Array(items) => {
                open.extend(items.iter().map(|item| (item, depth + 1)));
                items.len()
            }
            Json::Object(fields) => {
                open.extend(fields.values().map(|field| (field, depth + 1)));
                fields.keys().map(String::len).sum()
            }
        };
    }
    if bytes > MAX_EVENT_BYTES {
        let message = say!("the event has more than {most} bytes", most = MAX_EVENT_BYTES);
        return Err(Rejection::new(Code::BadEvent, message, say!("send only what funnels need, or a link to it")));
    }
    Ok(())
}

/// Checks the name of the source that an event gives itself.
fn check_source(source: Option<&Json>) -> Result<(), Rejection> {
    let Some(source) = source.and_then(Json::as_str) else { return Ok(()) };
    check_length("source", source)?;
    if source.starts_with(OWN_SOURCES) {
        let message = say!("sources whose names begin with `{own}` are reserved", own = OWN_SOURCES);
        return Err(Rejection::new(Code::BadEvent, message, say!("name the system that the event comes from")));
    }
    Ok(())
}

/// Checks the length of a name, an id or a key.
fn check_length(name: &str, text: &str) -> Result<(), Rejection> {
    if text.len() <= MAX_ID_BYTES {
        return Ok(());
    }
    let message = say!(
        "`{name}` has {length} bytes, but at most {most} are allowed",
        name,
        length = text.len(),
        most = MAX_ID_BYTES
    );
    Err(Rejection::new(Code::BadEvent, message, say!("use a short id, such as the one in your own system")))
}

/// Checks the declared fields and rewrites them in canonical form, so that equal values are stored alike.
fn check_fields(
    data: &mut Fields,
    event: &str,
    declared: Declared<'_>,
    local: json::Locale<'_>,
) -> Result<(), Rejection> {
    for (name, value) in data.iter_mut() {
        let Some(field) = declared.get(name) else { continue };
        let may_be_missing = field.optional || field.later.is_some();
        // An empty box of a form is a text, too.
        if may_be_missing && value.as_str().is_some_and(|text| text.trim().is_empty()) {
            *value = Json::Null;
        }
        if value.is_null() {
            if may_be_missing {
                continue;
            }
            let help = say!(
                "the field is declared as `{name}: {ty}`, without `?`: omit it if nothing changed",
                name,
                ty = field.ty.to_string()
            );
            return Err(Rejection::new(
                Code::WrongFieldType,
                say!("`{event}.{name}` must not be null", event, name),
                help,
            ));
        }
        match json::read(value, &field.ty, local) {
            // A datetime keeps its offset; every other value has one canonical form.
            Ok(crate::value::Value::DateTime(_)) => {}
            Ok(read) => *value = json::write(&read),
            Err(expected) => {
                let message = say!(
                    "`{event}.{name}` must be {expected}, not {found}",
                    event,
                    name,
                    expected = written_form(expected),
                    found = shorten(value)
                );
                return Err(Rejection::new(
                    Code::WrongFieldType,
                    message,
                    say!("the field is declared as `{name}: {ty}`", name, ty = field.ty.to_string()),
                ));
            }
        }
        if event == "client" && name == "timezone" && value.as_str().and_then(Zone::named).is_none() {
            let message = say!("`client.timezone` must be a time zone, not {found}", found = shorten(value));
            return Err(Rejection::new(
                Code::WrongFieldType,
                message,
                say!("use an IANA name such as \"Europe/Berlin\""),
            ));
        }
    }
    Ok(())
}

/// Returns the key as text. Where the field is declared as text, a number becomes one.
fn take_key(data: &mut Fields, event: &str, field: &str, is_text: bool) -> Result<String, Rejection> {
    let key = match data.get(field) {
        Some(Json::String(key)) if !key.is_empty() => key.clone(),
        Some(Json::Number(key)) => key.to_string(),
        Some(_) | None => {
            let message = say!("`{event}` needs its key `{field}`", event, field);
            let help = say!("add \"{field}\" to \"data\": it identifies the record that later events update", field);
            return Err(Rejection::new(Code::MissingKey, message, help));
        }
    };
    check_length(field, &key)?;
    if is_text {
        data.insert(field.to_owned(), Json::String(key.clone()));
    }
    Ok(key)
}

fn happened_at(at: Option<&Json>, now: Timestamp) -> Result<Timestamp, Rejection> {
    match at {
        None | Some(Json::Null) => Ok(now),
        Some(at) => at.as_str().and_then(Timestamp::parse).ok_or_else(|| {
            let message = say!("`at` must be a date and time with a UTC offset, not {found}", found = shorten(at));
            Rejection::new(Code::BadEvent, message, say!("write it as RFC 3339: \"2026-03-01T10:00:00+03:00\""))
        }),
    }
}

fn required_text(object: &Fields, name: &str, code: Code) -> Result<String, Rejection> {
    match object.get(name) {
        Some(Json::String(text)) if !text.is_empty() => check_length(name, text).map(|()| text.clone()),
        Some(Json::Null) | None => Err(Rejection::new(code, say!("missing `{name}` in the event", name), form())),
        Some(other) => Err(Rejection::new(
            code,
            say!("`{name}` must be a string, not {found}", name, found = shorten(other)),
            form(),
        )),
    }
}

fn required_id(object: &Fields, name: &str, code: Code) -> Result<String, Rejection> {
    if object.get(name).is_some_and(|id| id.as_str() == Some("")) {
        return Err(Rejection::new(code, say!("the event's `{name}` is empty", name), form()));
    }
    optional_id(object, name)?.map_or_else(|| required_text(object, name, code), Ok)
}

/// Reads an id: a string, or a number as its digits.
fn optional_id(object: &Fields, name: &str) -> Result<Option<String>, Rejection> {
    match object.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) if !text.is_empty() => check_length(name, text).map(|()| Some(text.clone())),
        Some(Json::Number(number)) => {
            let digits = number.to_string();
            check_length(name, &digits).map(|()| Some(digits))
        }
        Some(other) => Err(Rejection::new(
            Code::BadEvent,
            say!("`{name}` must be a string, not {found}", name, found = shorten(other)),
            form(),
        )),
    }
}

/// Shortens a JSON value for a message.
fn shorten(value: &Json) -> String {
    format!("`{}`", brief(&value.to_string()))
}

fn brief(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
