//! Decodes events from JSON. In: one JSON object and the catalog. Out: an [`Event`] whose declared fields have their
//! types, with what was left out of it; or a rejection that says what to do.

pub(in crate::engine) mod consent;
mod field;
mod limit;
mod rejection;
mod undeclared;
mod withdrawal;

pub use limit::{MAX_EVENT_BYTES, MAX_EVENT_DEPTH, MAX_ID_BYTES};
pub use rejection::Rejection;
pub use undeclared::UndeclaredFields;

use super::model::{ClientId, Event, Fields, INTO, MERGE};
use crate::check::program::{Catalog, FieldType};
use crate::diagnostic::{Code, suggest};
use crate::say;
use crate::value::{Timestamp, Zone, json};
use limit::{check_field_names, check_length, check_size};
use rejection::{brief, form, shorten};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// How the names of sources begin that belong to the program.
const OWN_SOURCES: &str = "funnelc:";

/// Limit: how far the clock of a source may be ahead of ours, in milliseconds.
const MAX_SKEW_MS: i64 = 5 * 60_000;

/// An event that is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// The event.
    pub event: Event,
    /// The source that it names.
    pub source: Option<String>,
    /// Whether it says when it happened.
    pub dated: bool,
    /// What was left out of it or not understood, and why.
    pub left_out: Vec<Rejection>,
}

impl Received {
    /// Checks that the event is not from the future, as far as clocks agree. Its values would win over everything that
    /// happens until then. Only a withdrawal is taken, as of now.
    ///
    /// # Errors
    /// A [`Rejection`] with code F0711.
    pub fn happened_by(mut self, now: Timestamp) -> Result<Self, Rejection> {
        if self.event.at <= now.plus_ms(MAX_SKEW_MS) {
            return Ok(self);
        }
        let message = say!("`at` is in the future: {at}", at = Zone::UTC.rfc3339(self.event.at));
        let help = say!("send when it happened, with the right UTC offset, and check the sender's clock");
        let refusal = Rejection::new(Code::FutureEvent, message, help);
        let Some(withdrawal) = self.event.withdrawal_alone() else { return Err(refusal) };
        self.event = Event { at: now, ..withdrawal };
        self.dated = false;
        self.left_out.push(refusal.except_withdrawal());
        Ok(self)
    }
}

/// Decodes one event. `now` is used when the event does not say when it happened.
///
/// Undeclared fields are kept as they are; so are declared optional fields that are null. Blank ones become null, and
/// unusable ones are left out. A withdrawal of consent is taken from an event that is rejected otherwise.
///
/// # Errors
/// A [`Rejection`] with one of the codes F0701 to F0705.
pub fn receive(catalog: &Catalog, event: &Json, now: Timestamp) -> Result<Received, Rejection> {
    let whole = check_size(event).and_then(|()| read(catalog, event, now));
    whole.or_else(|refusal| withdrawal::salvage(catalog, event, now, refusal))
}

/// Takes the withdrawal of consent from what could be read of an event that is rejected.
///
/// # Errors
/// The rejection, if it withdraws nothing or does not say whose consent.
pub fn receive_withdrawal(
    catalog: &Catalog,
    event: &Json,
    now: Timestamp,
    refusal: Rejection,
) -> Result<Received, Rejection> {
    withdrawal::salvage(catalog, event, now, refusal)
}

/// Decodes one event as [`receive`] does, without saying what was left out.
///
/// # Errors
/// A [`Rejection`] with one of the codes F0701 to F0705.
pub fn decode(catalog: &Catalog, event: &Json, now: Timestamp) -> Result<Event, Rejection> {
    receive(catalog, event, now).map(|received| received.event)
}

/// Checks the data of an event that a run emits, as if it had come from outside, and returns them with the key of the
/// record.
///
/// # Errors
/// Why the event must not be emitted.
pub(in crate::engine) fn admit(
    catalog: &Catalog,
    event: &str,
    data: Fields,
) -> Result<(Option<String>, Fields), Rejection> {
    let data = Json::Object(data);
    check_size(&data)?;
    let Json::Object(mut data) = data else { return Ok((None, Fields::new())) };
    let key = take_key(catalog, event, &mut data)?;
    consent::review(catalog, event, &mut data);
    Ok((key, data))
}

/// The declared fields of an answer in canonical form, and those whose value has another type. Everything else in it is
/// dropped.
pub(in crate::engine) fn known_fields(catalog: &Catalog, event: &str, answer: &Fields) -> (Fields, Vec<String>) {
    let declared = catalog.events.get(event).map(|event| &event.fields);
    let (mut fields, mut left_out) = (Fields::new(), Vec::new());
    for (name, field) in declared.into_iter().flatten() {
        let Some(value) = answer.get(name) else { continue };
        let optional = BTreeMap::from([(name.clone(), FieldType { optional: true, ..field.clone() })]);
        let mut data = Fields::from_iter([(name.clone(), value.clone())]);
        match field::check(catalog, event, &optional, &mut data) {
            Ok(reasons) if reasons.is_empty() => fields.extend(data.into_iter().filter(|(_, value)| !value.is_null())),
            Ok(_) | Err(_) => left_out.push(name.clone()),
        }
    }
    (fields, left_out)
}

/// Checks the size of a value that a run sets.
///
/// # Errors
/// Why it must not be set, in English.
pub(in crate::engine) fn check_value(value: &Json) -> Result<(), String> {
    check_size(value).map_err(|_| format!("the value has more than {MAX_EVENT_BYTES} bytes"))
}

/// Checks the length of a tag.
///
/// # Errors
/// Why it must not be added, in English.
pub(in crate::engine) fn check_tag(tag: &str) -> Result<(), String> {
    if tag.len() <= MAX_ID_BYTES { Ok(()) } else { Err(format!("the tag has more than {MAX_ID_BYTES} bytes")) }
}

fn read(catalog: &Catalog, event: &Json, now: Timestamp) -> Result<Received, Rejection> {
    let Json::Object(object) = event else {
        return Err(Rejection::new(Code::BadEvent, say!("an event must be a JSON object"), form()));
    };
    if let Some(name) =
        object.keys().find(|key| !["type", "id", "client", "at", "data", "source", "import"].contains(&key.as_str()))
    {
        let message = say!("unknown event member `{name}`", name = brief(name));
        return Err(Rejection::new(Code::BadEvent, message, say!("put event fields inside \"data\"")));
    }
    let source = source(object)?;
    let name = required_text(object, "type", Code::BadEvent)?;
    let declared = declared_fields(catalog, &name)?;
    let client = ClientId(required_id(object, "client", Code::MissingClient)?);
    let at = happened_at(catalog, object.get("at"), now)?;
    let id = optional_id(object, "id")?;
    let imported = is_imported(object)?;
    let mut data = match object.get("data") {
        None | Some(Json::Null) => Fields::new(),
        Some(Json::Object(data)) => data.clone(),
        Some(_) => return Err(Rejection::new(Code::BadEvent, say!("`data` must be a JSON object"), form())),
    };
    check_field_names(&data)?;
    let key = take_key(catalog, &name, &mut data)?;
    let mut left_out = consent::review(catalog, &name, &mut data);
    left_out.extend(field::check(catalog, &name, declared, &mut data)?);
    if name == "client" && data.get("id").is_some_and(|own| own.as_str() != Some(&client.0)) {
        let message = say!("`data.id` does not match `{client}`, the client of the event", client = client.0);
        return Err(Rejection::new(Code::WrongFieldType, message, say!("remove `id` from \"data\"")));
    }
    if name == MERGE {
        let into = required_id(&data, INTO, Code::MissingKey)?;
        data.insert(INTO.to_owned(), Json::String(into));
    }
    let dated = object.get("at").is_some_and(|at| !at.is_null());
    Ok(Received { event: Event { id, name, client, at, key, imported, data }, source, dated, left_out })
}

type Declared<'a> = &'a BTreeMap<String, FieldType>;

fn declared_fields<'a>(catalog: &'a Catalog, name: &str) -> Result<Declared<'a>, Rejection> {
    static NOTHING: BTreeMap<String, FieldType> = BTreeMap::new();
    if name == "client" {
        return Ok(&catalog.client);
    }
    if name == MERGE {
        return Ok(&NOTHING);
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

/// Whether an event is only read in.
fn is_imported(object: &Fields) -> Result<bool, Rejection> {
    match object.get("import") {
        None | Some(Json::Null) => Ok(false),
        Some(Json::Bool(imported)) => Ok(*imported),
        Some(other) => {
            let message = say!("`import` must be true or false, not {found}", found = shorten(other));
            Err(Rejection::new(Code::BadEvent, message, form()))
        }
    }
}

/// The name of the source that an event gives itself.
fn source(object: &Fields) -> Result<Option<String>, Rejection> {
    let Some(source) = object.get("source").and_then(Json::as_str) else { return Ok(None) };
    check_length("source", source)?;
    if source.starts_with(OWN_SOURCES) {
        let message = say!("sources whose names begin with `{own}` are reserved", own = OWN_SOURCES);
        return Err(Rejection::new(Code::BadEvent, message, say!("name the system that the event comes from")));
    }
    Ok(Some(source.to_owned()))
}

/// Returns the key of the record as text; `None` for an event without one. Where the field is declared as text, a number
/// becomes one.
fn take_key(catalog: &Catalog, event: &str, data: &mut Fields) -> Result<Option<String>, Rejection> {
    let Some(declared) = catalog.events.get(event) else { return Ok(None) };
    let Some(field) = declared.key.as_deref() else { return Ok(None) };
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
    if declared.fields.get(field).is_some_and(|declared| declared.ty.is_textual()) {
        data.insert(field.to_owned(), Json::String(key.clone()));
    }
    Ok(Some(key))
}

fn happened_at(catalog: &Catalog, at: Option<&Json>, now: Timestamp) -> Result<Timestamp, Rejection> {
    match at {
        None | Some(Json::Null) => Ok(now),
        Some(at) => json::instant(at, catalog.local()).ok_or_else(|| {
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

/// The id of an event as it was received, if it has a usable one.
#[must_use]
pub fn received_id(event: &Json) -> Option<String> {
    event.as_object().and_then(|object| optional_id(object, "id").ok().flatten())
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
