//! Merges an event into the state of its client. In: an event. Out: what it changed.

use super::ClientTurn;
use crate::engine::decode::consent;
use crate::engine::model::{Event, Fields, Record, RecordChange, RecordId, Subject};
use crate::value::{Timestamp, Type, Zone, json};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The client field that holds when the client was created.
const CREATED_AT: &str = "created_at";

impl ClientTurn<'_> {
    /// Merges a `client` event into the client's fields; the first one creates them.
    pub(in crate::engine) fn merge_client_fields<'e>(&mut self, event: &'e Event) -> RecordChange<'e> {
        let created = !self.client.fields.contains_key(CREATED_AT) && !is_import(event);
        let (mut turned_true, mut changed) = (BTreeSet::new(), BTreeSet::new());
        for (name, value) in event.data.iter().filter(|(name, _)| *name != consent::FIELD) {
            let before = self.client.fields.get(name).filter(|value| !value.is_null());
            let ty = self.world.catalog.client.get(name).map(|field| &field.ty);
            if is_unchanged(before, value, ty) {
                continue;
            }
            if *value == Json::Bool(true) {
                turned_true.insert(name.clone());
            }
            changed.insert(name.clone());
            self.client.fields.insert(name.clone(), value.clone());
        }
        self.client.fields.entry(CREATED_AT).or_insert_with(|| Json::String(Zone::UTC.rfc3339(event.at)));
        self.record_consent_list(event);
        self.effects.client = true;
        let subject = Subject::Event { event: event.name.clone(), fields: Fields::new() };
        RecordChange { event, subject, created, turned_true, changed, by_run: false }
    }

    /// Merges an event into the client's records. An event that happened before the record's last one only fills in
    /// missing fields, so that late events do not undo newer ones.
    pub(in crate::engine) fn merge_record<'e>(&mut self, event: &'e Event) -> RecordChange<'e> {
        let is_true = |value: &Json| *value == Json::Bool(true);
        let Some(key) = &event.key else {
            let subject = Subject::Event { event: event.name.clone(), fields: event.data.clone() };
            let turned_true = event.data.iter().filter(|(_, v)| is_true(v)).map(|(name, _)| name.clone()).collect();
            return RecordChange {
                event,
                subject,
                created: true,
                turned_true,
                changed: BTreeSet::new(),
                by_run: false,
            };
        };
        let id = RecordId { event: event.name.clone(), key: key.clone() };
        let created = !self.client.records.contains_key(&id);
        let record = self.client.records.entry(id.clone()).or_insert_with(|| Record {
            fields: serde_json::Map::new(),
            created_at: event.at,
            updated_at: event.at,
        });
        let late = event.at < record.updated_at;
        let declared = self.world.catalog.events.get(&event.name).map(|declared| &declared.fields);
        let (mut turned_true, mut changed) = (BTreeSet::new(), BTreeSet::new());
        for (name, value) in &event.data {
            let before = record.fields.get(name).filter(|v| !v.is_null());
            let ty = declared.and_then(|declared| declared.get(name)).map(|field| &field.ty);
            if is_unchanged(before, value, ty) || (late && before.is_some()) {
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
        self.effects.records.insert(id.clone());
        RecordChange { event, subject: Subject::Record(id), created, turned_true, changed, by_run: false }
    }
}

/// Whether a field keeps its value, which may be written in another notation.
fn is_unchanged(before: Option<&Json>, value: &Json, ty: Option<&Type>) -> bool {
    before.map_or(value.is_null(), |before| json::is_same(before, value, ty))
}

/// Whether the first event about a client says that another system has known them for more than a day. Such a client is
/// imported, which does not count as a registration.
fn is_import(event: &Event) -> bool {
    let since = event.data.get(CREATED_AT).and_then(Json::as_str).and_then(Timestamp::parse);
    since.is_some_and(|since| since < event.at.plus_ms(-86_400_000))
}
