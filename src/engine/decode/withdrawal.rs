//! A withdrawal of consent is never lost because of something else in its event. In: an event that is rejected. Out: the
//! withdrawal alone.

use super::consent::{FIELD, ONLY, REVOKE_EVENT, review};
use super::limit::MAX_ID_BYTES;
use super::rejection::Rejection;
use super::{Received, happened_at, optional_id, required_id, required_text, source, take_key};
use crate::check::program::Catalog;
use crate::diagnostic::{Code, suggest};
use crate::engine::model::{ClientId, Event, Fields};
use crate::value::Timestamp;
use serde_json::{Value as Json, json};

/// The fields of a withdrawal that are kept.
const KEPT: [&str; 4] = ["channel", "topic", "text", "source"];

/// Takes the withdrawal from an event that was rejected.
///
/// # Errors
/// The rejection, when the event withdraws nothing or does not say whose consent.
pub(super) fn salvage(
    catalog: &Catalog,
    event: &Json,
    now: Timestamp,
    refusal: Rejection,
) -> Result<Received, Rejection> {
    let Some((name, client)) = event.as_object().and_then(|object| subject(catalog, object)) else {
        return Err(refusal);
    };
    let Json::Object(object) = event else { return Err(refusal) };
    let given = object.get("data").and_then(Json::as_object);
    let field = |name: &str| given.and_then(|data| data.get(name));
    let mut data = Fields::new();
    let mut key = None;
    if name == REVOKE_EVENT {
        let text = |name: &&str| field(name).and_then(Json::as_str).filter(|text| text.len() <= MAX_ID_BYTES);
        data.extend(KEPT.iter().filter_map(|name| Some(((*name).to_owned(), text(name)?.into()))));
        let key_field = catalog.events.get(&name).and_then(|declared| declared.key.as_deref());
        if let Some((field, value)) = key_field.and_then(|name| Some((name, field(name)?))) {
            data.insert(field.to_owned(), value.clone());
            key = take_key(catalog, &name, &mut data).ok().flatten();
            if key.is_none() {
                data.remove(field);
            }
        }
    } else {
        data.insert(FIELD.to_owned(), field(FIELD).cloned().unwrap_or_default());
    }
    let notes = review(catalog, &name, &mut data);
    let happened = happened_at(catalog, object.get("at"), now);
    let dated = happened.is_ok() && object.get("at").is_some_and(|at| !at.is_null());
    let at = happened.unwrap_or(now);
    let id = optional_id(object, "id").ok().flatten();
    let source = source(object).ok().flatten();
    let imported = object.get("import").and_then(Json::as_bool).unwrap_or(false);
    let event = Event { id, name, client, at, key, imported, data };
    let event = if event.name == REVOKE_EVENT { event } else { withdrawing(event) };
    let left_out = std::iter::once(refusal.except_withdrawal()).chain(notes).collect();
    Ok(Received { event, source, dated, left_out })
}

/// The type and the client of an event that may withdraw consent.
fn subject(catalog: &Catalog, object: &Fields) -> Option<(String, ClientId)> {
    let mut name = required_text(object, "type", Code::BadEvent).ok()?;
    let events = catalog.events.keys().map(String::as_str);
    if !catalog.events.contains_key(&name) && suggest::nearest(name.trim(), events) == Some(REVOKE_EVENT) {
        REVOKE_EVENT.clone_into(&mut name);
    }
    let lists = || object.get("data").is_some_and(|data| data.get(FIELD).is_some());
    let withdraws = name == REVOKE_EVENT || (name == "client" && lists());
    let client = required_id(object, "client", Code::MissingClient).ok()?;
    withdraws.then_some((name, ClientId(client)))
}

/// The event with its consent list as one that grants nothing.
fn withdrawing(mut event: Event) -> Event {
    let list = event.data.remove(FIELD).unwrap_or_default();
    let list = if list.get(ONLY).is_some() { list } else { json!({ ONLY: list }) };
    event.data = Fields::from_iter([(FIELD.to_owned(), list)]);
    event
}

impl Event {
    /// What is taken of an event whose id belongs to another event: the withdrawal in it, under an id of its own. `None`
    /// when it withdraws nothing.
    #[must_use]
    pub fn withdrawal(&self) -> Option<Self> {
        let mut event = self.withdrawal_alone()?;
        let id = event.id.as_deref()?;
        event.id = Some(event.client.withdrawal_id(id, &Json::Object(event.data.clone()).to_string()));
        Some(event)
    }

    /// The withdrawal in the event, without anything else; `None` when it withdraws nothing.
    pub(super) fn withdrawal_alone(&self) -> Option<Self> {
        let withdraws = self.name == REVOKE_EVENT;
        if !(withdraws || (self.name == "client" && self.data.contains_key(FIELD))) {
            return None;
        }
        Some(if withdraws { self.clone() } else { withdrawing(self.clone()) })
    }
}
