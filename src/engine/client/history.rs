//! The client's past, tallied as it happens. In: an event and the queries of the funnels. Out: tallies that answer each
//! query without reading the past again.

use super::ClientTurn;
use crate::check::program::Expr;
use crate::engine::eval::{Scope, picked};
use crate::engine::model::{Event, Fields, Item, Need, RecordChange, RecordId, Subject, Tally};
use crate::value::{Timestamp, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// How long items are kept beyond the queried window, in milliseconds. The same day can start up to a day apart in two
/// time zones, and each query counts in its own zone.
const ZONES_MS: i64 = 2 * 86_400_000;

/// What becomes of an item.
#[derive(PartialEq, Eq)]
enum Fate {
    /// It may still change, enter or leave.
    Stays,
    /// It counts for good.
    Counts,
    /// It no longer counts, or never will.
    Goes,
}

impl ClientTurn<'_> {
    /// Adds an event to every tally that counts it, or updates the entry of its record. Returns whether the result of any
    /// query may have changed.
    pub(in crate::engine) fn update_tallies(&mut self, change: &RecordChange<'_>) -> bool {
        let mut any_changed = false;
        let graphs = self.world.graphs;
        for need in graphs.plan().needs_for(&change.event.name) {
            let at = self.happened_at(change);
            let item = self.item_of(need, &change.subject, at);
            let mut tally = self.client.memory.tallies.remove(&need.query.id).unwrap_or_else(|| Tally::of(need));
            let before = tally.remove(change.event.key.as_deref());
            let changed = before != item;
            if let Some(item) = item {
                tally.insert(item);
            }
            let aged = self.age(&mut tally, need);
            self.client.memory.tallies.insert(need.query.id.clone(), tally);
            self.effects.memory |= changed || aged;
            any_changed |= changed || need.live;
        }
        any_changed
    }

    /// Removes a record that the client no longer has from every tally.
    pub(in crate::engine) fn forget_in_tallies(&mut self, id: &RecordId) {
        let graphs = self.world.graphs;
        for need in graphs.plan().needs_for(&id.event) {
            if let Some(tally) = self.client.memory.tallies.get_mut(&need.query.id) {
                tally.remove(Some(&id.key));
            }
        }
    }

    /// Computes the tally of a query from the client's records and from past events without a key.
    pub(in crate::engine) fn backfill_tally(&self, need: &Need, past: &[Event]) -> Tally {
        let mut tally = Tally::of(need);
        for (id, record) in self.complete_records(&need.query.event) {
            let item = self.item_of(need, &Subject::Record(RecordId::clone(id)), record.created_at);
            item.into_iter().for_each(|item| tally.insert(item));
        }
        for event in past.iter().filter(|event| event.name == need.query.event && event.key.is_none()) {
            let subject = Subject::Event { event: event.name.clone(), fields: event.data.clone() };
            let item = self.item_of(need, &subject, event.at);
            item.into_iter().for_each(|item| tally.insert(item));
        }
        self.age(&mut tally, need);
        tally
    }

    /// The entry of an event in a tally; `None` when the query does not count it, or looks its record up.
    fn item_of(&self, need: &Need, subject: &Subject, at: Timestamp) -> Option<Item> {
        let (key, fields) = match subject {
            Subject::Record(_) if need.live => return None,
            Subject::Record(id) => (Some(id.key.clone()), &self.client.records.get(id)?.fields),
            Subject::Event { fields, .. } => (None, fields),
        };
        if !need.live && !self.matches(need, subject).0 {
            return None;
        }
        let kept = need.query.filter.as_ref().filter(|_| need.live).map(|filter| only_read(filter, fields));
        Some(Item { at, key, value: picked(&need.query, fields, at), fields: kept })
    }

    /// Whether an event matches the filter now, and whether that is so for good.
    fn matches(&self, need: &Need, subject: &Subject) -> (bool, bool) {
        let Some(filter) = &need.query.filter else { return (true, true) };
        let subjects = BTreeMap::from([(need.query.event.clone(), subject.clone())]);
        let scope = Scope::new(&self.world, &need.graph, self.client, &subjects, self.now);
        (scope.holds(filter), scope.is_settled(filter))
    }

    /// Merges or drops the items that no query can tell apart any more. Returns whether there were any.
    fn age(&self, tally: &mut Tally, need: &Need) -> bool {
        if tally.items.iter().all(|item| self.fate(need, item) == Fate::Stays) {
            return false;
        }
        for item in std::mem::take(&mut tally.items) {
            match self.fate(need, &item) {
                Fate::Stays => tally.items.push(item),
                Fate::Counts => tally.past.add(&item, Zone::UTC),
                Fate::Goes => {}
            }
        }
        true
    }

    fn fate(&self, need: &Need, item: &Item) -> Fate {
        let end = |window| Zone::UTC.plus(item.at, window).plus_ms(ZONES_MS);
        if need.reach.windows.iter().any(|window| end(*window) > self.now) {
            return Fate::Stays;
        }
        if !need.reach.all_time {
            return Fate::Goes;
        }
        // A record may still change.
        if item.key.is_some() {
            return Fate::Stays;
        }
        let Some(fields) = &item.fields else { return Fate::Counts };
        let subject = Subject::Event { event: need.query.event.clone(), fields: fields.clone() };
        match self.matches(need, &subject) {
            (_, false) => Fate::Stays,
            (true, true) => Fate::Counts,
            (false, true) => Fate::Goes,
        }
    }
}

/// The fields that a filter reads, also in the deadlines of `later` fields.
fn only_read(filter: &Expr, fields: &Fields) -> Fields {
    let mut names = BTreeSet::new();
    let mut open = vec![filter];
    while let Some(expr) = open.pop() {
        for read in expr.reads() {
            names.insert(read.name.as_str());
            open.extend(read.later.as_ref().and_then(|later| later.by.as_deref()));
        }
    }
    fields.iter().filter(|(name, _)| names.contains(name.as_str())).map(|(n, v)| (n.clone(), v.clone())).collect()
}

impl Tally {
    fn of(need: &Need) -> Self {
        Self { reach: need.reach.clone(), live: need.live, ..Self::default() }
    }

    fn remove(&mut self, key: Option<&str>) -> Option<Item> {
        let key = key?;
        let at = self.items.iter().position(|item| item.key.as_deref() == Some(key))?;
        Some(self.items.remove(at))
    }

    /// Whether a record counts on its own.
    pub(super) fn contains(&self, key: &str) -> bool {
        self.items.iter().any(|item| item.key.as_deref() == Some(key))
    }

    /// Inserts an item in order of time. Records of one moment are in the order of their keys, events in that of arrival.
    pub(super) fn insert(&mut self, item: Item) {
        let at = self.items.partition_point(|other| (other.at, &other.key) <= (item.at, &item.key));
        self.items.insert(at, item);
    }
}
