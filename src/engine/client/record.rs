//! Merges an event into the state of its client. In: an event. Out: what it changed. Each field keeps the value with the
//! latest time, in whatever order events arrive.

use super::{ClientTurn, tags};
use crate::check::program::FieldType;
use crate::engine::decode::consent;
use crate::engine::eval::Scope;
use crate::engine::model::{Event, FieldTimes, Fields, Line, LineKind, Record, RecordChange, RecordId, RunId, Subject};
use crate::graph::ElementId;
use crate::value::{Timestamp, Type, Zone, json};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// The client field that holds when the client was created.
pub(super) const CREATED_AT: &str = "created_at";

/// What became of a received value.
pub(super) enum Merged {
    /// It is the new value of its field.
    Changed,
    /// The field has this value already.
    Same,
    /// The field has a newer value.
    Older,
}

impl ClientTurn<'_> {
    /// Merges a `client` event into the client's fields; the first one creates them.
    pub(in crate::engine) fn merge_client_fields<'e>(&mut self, event: &'e Event) -> RecordChange<'e> {
        let answers = self.answers(None);
        let is_first = !self.is_registered();
        let imported = event.imported || (is_first && is_import(event));
        let created = is_first && !imported;
        let (mut turned_true, mut changed, mut older) = <(BTreeSet<_>, BTreeSet<_>, Fields)>::default();
        for (name, value) in event.data.iter().filter(|(name, _)| *name != consent::FIELD) {
            match self.merge_client_field(name, value, event.at) {
                Merged::Changed => {
                    if *value == Json::Bool(true) {
                        turned_true.insert(name.clone());
                    }
                    changed.insert(name.clone());
                }
                Merged::Same => {}
                Merged::Older => _ = older.insert(name.clone(), value.clone()),
            }
        }
        self.client.memory.field_times.compact(&self.client.fields, event.at);
        self.derive_created_at(event.at);
        if self.record_consent_list(event) {
            older.extend(event.data.get_key_value(consent::FIELD).map(|(name, list)| (name.clone(), list.clone())));
        }
        self.effects.client = true;
        self.log_older(event, older);
        let subject = Subject::Event { event: event.name.clone(), fields: Fields::new() };
        let mut change =
            RecordChange { event, subject, created, turned_true, changed, by_run: false, imported, crossing: None };
        change.count_answers(&answers, self.answers(None));
        change
    }

    /// Whether a `client` event has arrived.
    pub(in crate::engine) fn is_registered(&self) -> bool {
        self.client.fields.contains_key(CREATED_AT)
    }

    pub(super) fn merge_client_field(&mut self, name: &str, value: &Json, at: Timestamp) -> Merged {
        if name == tags::FIELD && self.client.memory.tags.is_some() {
            return self.merge_tags(value, at);
        }
        let memory = &mut self.client.memory;
        if name == CREATED_AT && !std::mem::replace(&mut memory.created_at_received, true) {
            // What was derived from the first event gives way to any value.
            self.client.fields.remove(CREATED_AT);
        }
        let ty = self.world.catalog.client.get(name).map(|field| &field.ty);
        merge_field(&mut self.client.fields, &mut memory.field_times, (name, value), at, ty)
    }

    fn merge_tags(&mut self, list: &Json, at: Timestamp) -> Merged {
        match self.receive_tags(list, at) {
            None => Merged::Older,
            Some(true) => Merged::Changed,
            Some(false) => Merged::Same,
        }
    }

    /// Sets a client field for a run, at this moment. Returns whether that changes it.
    pub(in crate::engine) fn set_client_field(&mut self, name: &str, value: &Json) -> bool {
        // A clock that is slightly ahead must not keep a run from setting a field.
        let known = self.client.memory.field_times.of(&self.client.fields, name);
        let at = known.map_or(self.now, |known| known.max(self.now));
        self.effects.client = true;
        matches!(self.merge_client_field(name, value, at), Merged::Changed)
    }

    /// Without a `created_at` from outside, a client was created when their earliest event happened.
    pub(super) fn derive_created_at(&mut self, at: Timestamp) {
        if self.client.memory.created_at_received {
            return;
        }
        let known = self.client.fields.get(CREATED_AT).and_then(Json::as_str).and_then(Timestamp::parse);
        if known.is_none_or(|known| at < known) {
            self.client.fields.insert(CREATED_AT.to_owned(), Json::String(Zone::UTC.rfc3339(at)));
        }
    }

    /// Merges an event into the client's records. Returns `None` while the record is incomplete, so that nothing reads
    /// it.
    pub(in crate::engine) fn merge_record<'e>(&mut self, event: &'e Event) -> Option<RecordChange<'e>> {
        let Some(key) = &event.key else {
            let subject = Subject::Event { event: event.name.clone(), fields: event.data.clone() };
            let (turned_true, changed) = (names_of_true(&event.data), BTreeSet::new());
            let imported = event.imported;
            return Some(RecordChange {
                event,
                subject,
                created: true,
                turned_true,
                changed,
                by_run: false,
                imported,
                crossing: None,
            });
        };
        let id = RecordId { event: event.name.clone(), key: key.clone() };
        let answers = self.answers(Some(&id));
        let kind = self.world.catalog.events.get(&event.name);
        let (declared, key_field) = (kind.map(|kind| &kind.fields), kind.and_then(|kind| kind.key.as_ref()));
        let record = self.client.records.entry(id.clone()).or_insert_with(|| Record::new(event.at));
        let (mut turned_true, mut changed, mut older) = <(BTreeSet<_>, BTreeSet<_>, Fields)>::default();
        // The key never changes, so it needs no time of its own.
        let is_known_key = |name: &String, record: &Record| key_field == Some(name) && record.fields.contains_key(name);
        for (name, value) in &event.data {
            if is_known_key(name, record) {
                continue;
            }
            let ty = declared.and_then(|declared| declared.get(name)).map(|field| &field.ty);
            match merge_field(&mut record.fields, &mut record.times, (name, value), event.at, ty) {
                Merged::Changed => {
                    if *value == Json::Bool(true) {
                        turned_true.insert(name.clone());
                    }
                    changed.insert(name.clone());
                }
                Merged::Same => {}
                Merged::Older => _ = older.insert(name.clone(), value.clone()),
            }
        }
        record.times.compact(&record.fields, event.at);
        record.updated_at = record.updated_at.max(event.at);
        record.created_at = record.created_at.min(event.at);
        let created = !record.complete;
        if created {
            // What was received while it was incomplete is new with it.
            turned_true = names_of_true(&record.fields);
            changed = record.fields.keys().cloned().collect();
        }
        let missing = if created { missing_fields(&record.fields, declared) } else { Vec::new() };
        record.complete = missing.is_empty();
        self.effects.records.insert(id.clone());
        self.log_older(event, older);
        if !missing.is_empty() {
            let (event, key) = (event.name.clone(), id.key);
            self.log_about_client(LineKind::Incomplete { event, key, missing });
            return None;
        }
        let known = self.answers(Some(&id));
        let subject = Subject::Record(id);
        let mut change = RecordChange {
            event,
            subject,
            created,
            turned_true,
            changed,
            by_run: false,
            imported: event.imported,
            crossing: None,
        };
        // Nobody has seen the answers of an incomplete record.
        change.count_answers(&if created { BTreeMap::new() } else { answers }, known);
        Some(change)
    }

    /// The records of one kind that exist for funnels.
    pub(in crate::engine) fn complete_records(&self, event: &str) -> impl Iterator<Item = (&RecordId, &Record)> {
        self.client.records.iter().filter(move |(id, record)| id.event == event && record.complete)
    }

    /// When what an event is about happened. A record may have come into being by several events.
    pub(in crate::engine) fn happened_at(&self, change: &RecordChange<'_>) -> Timestamp {
        match &change.subject {
            Subject::Record(id) => self.client.records.get(id).map_or(change.event.at, |record| record.created_at),
            Subject::Event { .. } => change.event.at,
        }
    }

    /// Logs the values of an event that were ignored because newer ones are known.
    fn log_older(&mut self, event: &Event, older: Fields) {
        if older.is_empty() {
            return;
        }
        let (name, key) = (event.name.clone(), event.key.clone());
        let happened = self.usual_zone().rfc3339(event.at);
        self.log_about_client(LineKind::Ignored { event: name, key, fields: older, happened });
    }

    /// Logs a line about the client that concerns no run.
    pub(super) fn log_about_client(&mut self, kind: LineKind) {
        let (zone, client) = (self.usual_zone().name().to_owned(), self.client.id.clone());
        let (run, funnel, element) = (RunId(String::new()), String::new(), ElementId(String::new()));
        self.effects.lines.push(Line { at: self.now, zone, client, run, funnel, element, kind });
    }

    /// The zone for lines about no run: that of the first funnel.
    fn usual_zone(&self) -> Zone {
        let zone = |graph| Scope::new(&self.world, graph, self.client, &BTreeMap::new(), self.now).zone;
        self.world.graphs.current().next().map_or(Zone::UTC, |(_, graph)| zone(graph))
    }
}

/// Gives a field a value that it had at a moment, unless a newer one is known.
pub(super) fn merge_field(
    fields: &mut Fields,
    times: &mut FieldTimes,
    (name, value): (&str, &Json),
    at: Timestamp,
    ty: Option<&Type>,
) -> Merged {
    let before = fields.get(name).filter(|value| !value.is_null());
    let same = is_unchanged(before, value, ty);
    if times.of(fields, name).is_some_and(|known| at < known) {
        return if same { Merged::Same } else { Merged::Older };
    }
    times.set(name, at);
    if fields.get(name) != Some(value) {
        fields.insert(name.to_owned(), value.clone());
    }
    if same { Merged::Same } else { Merged::Changed }
}

/// The names of the fields that are true.
fn names_of_true(fields: &Fields) -> BTreeSet<String> {
    fields.iter().filter(|(_, value)| **value == Json::Bool(true)).map(|(name, _)| name.clone()).collect()
}

/// The required fields that a record does not have yet.
fn missing_fields(fields: &Fields, declared: Option<&BTreeMap<String, FieldType>>) -> Vec<String> {
    let is_missing = |(name, field): &(&String, &FieldType)| {
        !field.optional && field.later.is_none() && fields.get(*name).is_none_or(Json::is_null)
    };
    declared.into_iter().flatten().filter(is_missing).map(|(name, _)| name.clone()).collect()
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
