//! Writes an event into the state of its client. In: an event. Out: what it changed.

use super::consent;
use crate::engine::model::{Client, Effects, Event, Fields, Record, RecordChange, RecordId, Subject};
use crate::value::{Timestamp, Zone};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Writes what is told of the client into their fields, and says what it changed. The first time they are told of, they
/// come into being.
pub(in crate::engine) fn merge_client<'e>(
    client: &mut Client,
    event: &'e Event,
    effects: &mut Effects,
) -> RecordChange<'e> {
    let created = !client.fields.contains_key(CREATED_AT) && !is_old(event);
    let (mut turned_true, mut changed) = (BTreeSet::new(), BTreeSet::new());
    for (name, value) in event.data.iter().filter(|(name, _)| *name != consent::FIELD) {
        let before = client.fields.get(name).filter(|value| !value.is_null());
        if before == Some(value) || (before.is_none() && value.is_null()) {
            continue;
        }
        if *value == Json::Bool(true) {
            turned_true.insert(name.clone());
        }
        changed.insert(name.clone());
        client.fields.insert(name.clone(), value.clone());
    }
    client.fields.entry(CREATED_AT).or_insert_with(|| Json::String(Zone::UTC.rfc3339(event.at)));
    consent::record_list(client, event, effects);
    effects.client = true;
    let subject = Subject::Event { event: event.name.clone(), fields: Fields::new() };
    RecordChange { event, subject, created, turned_true, changed, by_run: false }
}

/// Whether a client who is told of for the first time has been known elsewhere for more than a day: they are read in from
/// another system, and nobody registers.
fn is_old(event: &Event) -> bool {
    let since = event.data.get(CREATED_AT).and_then(Json::as_str).and_then(Timestamp::parse);
    since.is_some_and(|since| since < event.at.plus_ms(-86_400_000))
}

/// The client's field that says since when they are known.
const CREATED_AT: &str = "created_at";

/// Writes an event into the client's records and says what it changed.
///
/// An event that happened before the record's last one only fills in what is missing: late news do not undo newer.
pub(in crate::engine) fn note<'e>(client: &mut Client, event: &'e Event, effects: &mut Effects) -> RecordChange<'e> {
    let is_true = |value: &Json| *value == Json::Bool(true);
    let Some(key) = &event.key else {
        let subject = Subject::Event { event: event.name.clone(), fields: event.data.clone() };
        let turned_true = event.data.iter().filter(|(_, v)| is_true(v)).map(|(name, _)| name.clone()).collect();
        return RecordChange { event, subject, created: true, turned_true, changed: BTreeSet::new(), by_run: false };
    };
    let id = RecordId { event: event.name.clone(), key: key.clone() };
    let created = !client.records.contains_key(&id);
    let record = client.records.entry(id.clone()).or_insert_with(|| Record {
        fields: serde_json::Map::new(),
        created_at: event.at,
        updated_at: event.at,
    });
    let late = event.at < record.updated_at;
    let (mut turned_true, mut changed) = (BTreeSet::new(), BTreeSet::new());
    for (name, value) in &event.data {
        let before = record.fields.get(name).filter(|v| !v.is_null());
        if before == Some(value) || (late && before.is_some()) || (before.is_none() && value.is_null()) {
            continue;
        }
        if is_true(value) {
            turned_true.insert(name.clone());
        }
        changed.insert(name.clone());
        record.fields.insert(name.clone(), value.clone());
    }
    record.updated_at = record.updated_at.max(event.at);
    record.created_at = record.created_at.min(event.at);
    effects.records.insert(id.clone());
    RecordChange { event, subject: Subject::Record(id), created, turned_true, changed, by_run: false }
}
