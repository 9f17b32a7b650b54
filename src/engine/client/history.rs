//! The client's past, tallied as it happens. In: an event and the queries of the funnels. Out: tallies that answer each
//! query without reading the past again.

use super::ClientTurn;
use crate::check::program::Picked;
use crate::engine::eval::Scope;
use crate::engine::model::{Event, Item, Need, RecordChange, RecordId, Subject, Tally};
use crate::value::{Timestamp, Value, Zone, json};
use std::collections::BTreeMap;

/// How long items are kept beyond the queried window, in milliseconds. The same day can start up to a day apart in two
/// time zones, and each query counts in its own zone.
const ZONES_MS: i64 = 2 * 86_400_000;

impl ClientTurn<'_> {
    /// Adds an event to every tally that counts it, or updates the entry of its record. Returns whether any tally
    /// changed.
    pub(in crate::engine) fn update_tallies(&mut self, change: &RecordChange<'_>) -> bool {
        let mut any_changed = false;
        let graphs = self.world.graphs;
        for need in graphs.plan().needs_for(&change.event.name) {
            let at = match &change.subject {
                Subject::Record(id) => self.client.records.get(id).map_or(change.event.at, |record| record.created_at),
                Subject::Event { .. } => change.event.at,
            };
            let item = self.item_of(need, &change.subject, at);
            let tally = self.client.memory.tallies.entry(need.query.id.clone()).or_default();
            let before = tally.remove(change.event.key.as_deref());
            let changed = before != item;
            if let Some(item) = item {
                tally.insert(item);
            }
            let aged = tally.age(need, self.now);
            self.effects.memory |= changed || aged;
            any_changed |= changed;
        }
        any_changed
    }

    /// Computes the tally of a new query from the client's records and from past events without a key.
    pub(in crate::engine) fn backfill_tally(&self, need: &Need, past: &[Event]) -> Tally {
        let mut tally = Tally::default();
        for (id, record) in self.client.records.iter().filter(|(id, _)| id.event == need.query.event) {
            let item = self.item_of(need, &Subject::Record(RecordId::clone(id)), record.created_at);
            item.into_iter().for_each(|item| tally.insert(item));
        }
        for event in past.iter().filter(|event| event.name == need.query.event && event.key.is_none()) {
            let subject = Subject::Event { event: event.name.clone(), fields: event.data.clone() };
            let item = self.item_of(need, &subject, event.at);
            item.into_iter().for_each(|item| tally.insert(item));
        }
        tally.age(need, self.now);
        tally
    }

    /// The entry of an event in a tally; `None` when the query does not count it.
    fn item_of(&self, need: &Need, subject: &Subject, at: Timestamp) -> Option<Item> {
        let subjects = BTreeMap::from([(need.query.event.clone(), subject.clone())]);
        let scope = Scope::new(&self.world, &need.graph, self.client, &subjects, at);
        if need.query.filter.as_ref().is_some_and(|filter| !scope.holds(filter)) {
            return None;
        }
        let (key, fields) = match subject {
            Subject::Record(id) => (Some(id.key.clone()), self.client.records.get(id).map(|record| &record.fields)),
            Subject::Event { fields, .. } => (None, Some(fields)),
        };
        let value = match &need.query.field {
            None => None,
            Some(Picked::At) => Some(Value::DateTime(at)),
            Some(Picked::Field(name, ty)) => fields
                .and_then(|fields| fields.get(name))
                .and_then(|json| json::read(json, ty, json::Locale::default()).ok()),
        };
        Some(Item { at, key, value })
    }
}

impl Tally {
    fn remove(&mut self, key: Option<&str>) -> Option<Item> {
        let key = key?;
        let at = self.items.iter().position(|item| item.key.as_deref() == Some(key))?;
        Some(self.items.remove(at))
    }

    fn insert(&mut self, item: Item) {
        let at = self.items.partition_point(|other| other.at <= item.at);
        self.items.insert(at, item);
    }

    /// Merges or drops the items that no query can tell apart any more. Returns whether there were any.
    fn age(&mut self, need: &Need, now: Timestamp) -> bool {
        let zone = Zone::UTC;
        let end = |item: &Item, window| zone.plus(item.at, window).plus_ms(ZONES_MS);
        let old = |item: &Item| need.window.is_none_or(|window| end(item, window) <= now);
        // A record may still change, so it is only dropped once it is outside every window.
        let done = |item: &Item| old(item) && (item.key.is_none() || !need.all_time);
        if !self.items.iter().any(done) {
            return false;
        }
        for item in std::mem::take(&mut self.items) {
            if !done(&item) {
                self.items.push(item);
            } else if need.all_time {
                self.past.add(&item, zone);
            }
        }
        true
    }
}
