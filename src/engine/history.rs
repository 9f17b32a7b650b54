//! What a client did, kept up as it happens. In: an event and the questions that funnels ask. Out: tallies, from which
//! each question is answered without looking at the past again.

use super::effect::Effects;
use super::eval::Found;
use super::handle::Happening;
use super::input::Event;
use super::operate;
use super::plan::Need;
use super::scope::{Scope, World};
use super::state::{Client, RecordId, Subject};
use crate::check::program::{Arithmetic, Comparison, Function, History, Picked, QueryId};
use crate::value::{Decimal, Duration, Money, Timestamp, Type, Value, Zone, json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far apart the same day can be in two zones, in milliseconds, and more: so long things are kept beyond the time
/// that is asked about, which each question counts in a zone of its own.
const ZONES_MS: i64 = 2 * 86_400_000;

/// What is remembered for one query.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// All that is too old for any stretch of time that is asked for, taken together.
    #[serde(default, skip_serializing_if = "Sum::is_empty")]
    past: Sum,
    /// What may still change or grow too old, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<Item>,
}

/// One event that counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Item {
    at: Timestamp,
    /// The key of its record; an event without one never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
}

/// Many events taken together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Sum {
    count: u64,
    /// How many of them have a value.
    valued: u64,
    /// The values added; `None` also where they do not add, as two currencies.
    total: Option<Value>,
    least: Option<Value>,
    most: Option<Value>,
    first: Option<(Timestamp, Option<Value>)>,
    last: Option<(Timestamp, Option<Value>)>,
}

/// Takes an event into every tally that it belongs to, or out of it when its record changed; whether one is another now.
pub(super) fn remember(
    world: &World<'_>,
    client: &mut Client,
    happening: &Happening<'_>,
    now: Timestamp,
    effects: &mut Effects,
) -> bool {
    let mut told = false;
    let needs: Vec<&Need> = world.graphs.plan().asking(&happening.event.name).collect();
    for need in needs {
        let at = match &happening.subject {
            Subject::Record(id) => client.records.get(id).map_or(happening.event.at, |record| record.created_at),
            Subject::Event { .. } => happening.event.at,
        };
        let item = item_of(world, client, need, &happening.subject, at);
        let tally = client.memory.tallies.entry(need.query.id.clone()).or_default();
        let before = tally.take(happening.event.key.as_deref());
        let changed = before != item;
        if let Some(item) = item {
            tally.put(item);
        }
        let aged = tally.age(need, now);
        effects.memory |= changed || aged;
        told |= changed;
    }
    told
}

/// The tally of a query that is new, over the records that are known and the events without a key that are told again.
pub(super) fn recall(world: &World<'_>, client: &Client, need: &Need, past: &[Event], now: Timestamp) -> Tally {
    let mut tally = Tally::default();
    for (id, record) in client.records.iter().filter(|(id, _)| id.event == need.query.event) {
        let item = item_of(world, client, need, &Subject::Record(RecordId::clone(id)), record.created_at);
        item.into_iter().for_each(|item| tally.put(item));
    }
    for event in past.iter().filter(|event| event.name == need.query.event && event.key.is_none()) {
        let subject = Subject::Event { event: event.name.clone(), fields: event.data.clone() };
        let item = item_of(world, client, need, &subject, event.at);
        item.into_iter().for_each(|item| tally.put(item));
    }
    tally.age(need, now);
    tally
}

/// What an event is to a query; `None` when it does not count.
fn item_of(world: &World<'_>, client: &Client, need: &Need, subject: &Subject, at: Timestamp) -> Option<Item> {
    let subjects = BTreeMap::from([(need.query.event.clone(), subject.clone())]);
    let scope = Scope::new(world, &need.graph, client, &subjects, at);
    if need.query.filter.as_ref().is_some_and(|filter| !scope.holds(filter)) {
        return None;
    }
    let (key, fields) = match subject {
        Subject::Record(id) => (Some(id.key.clone()), client.records.get(id).map(|record| &record.fields)),
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

impl Tally {
    fn take(&mut self, key: Option<&str>) -> Option<Item> {
        let key = key?;
        let at = self.items.iter().position(|item| item.key.as_deref() == Some(key))?;
        Some(self.items.remove(at))
    }

    fn put(&mut self, item: Item) {
        let at = self.items.partition_point(|other| other.at <= item.at);
        self.items.insert(at, item);
    }

    /// Puts together, or forgets, what no question tells apart any more; whether there was any.
    fn age(&mut self, need: &Need, now: Timestamp) -> bool {
        let zone = Zone::UTC;
        let end = |item: &Item, window| zone.plus(item.at, window).plus_ms(ZONES_MS);
        let old = |item: &Item| need.window.is_none_or(|window| end(item, window) <= now);
        // A record may still change, so only what is out of every stretch of time is let go of.
        let done = |item: &Item| old(item) && (item.key.is_none() || !need.whole);
        if !self.items.iter().any(done) {
            return false;
        }
        for item in std::mem::take(&mut self.items) {
            if !done(&item) {
                self.items.push(item);
            } else if need.whole {
                self.past.add(&item, zone);
            }
        }
        true
    }

    /// Everything in the last stretch of time, or ever, taken together; and when the oldest of it will be too old.
    fn within(&self, last: Option<Duration>, now: Timestamp, zone: Zone) -> (Sum, Option<Timestamp>) {
        let mut sum = if last.is_none() { self.past.clone() } else { Sum::default() };
        let mut leaves: Option<Timestamp> = None;
        for item in &self.items {
            let end = last.map(|last| zone.plus(item.at, last));
            if end.is_some_and(|end| end <= now) {
                continue;
            }
            leaves = leaves.into_iter().chain(end).min();
            sum.add(item, zone);
        }
        (sum, leaves)
    }
}

impl Sum {
    fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn add(&mut self, item: &Item, zone: Zone) {
        self.count += 1;
        if self.first.as_ref().is_none_or(|(at, _)| item.at < *at) {
            self.first = Some((item.at, item.value.clone()));
        }
        if self.last.as_ref().is_none_or(|(at, _)| item.at >= *at) {
            self.last = Some((item.at, item.value.clone()));
        }
        let Some(value) = &item.value else { return };
        // Moments and texts are tallied too, and have no sum.
        let adds = matches!(value, Value::Number(_) | Value::Money(_) | Value::Duration(_));
        let before = |a: &Value, b: &Value| operate::compare(Comparison::Less, a, b, zone) == Some(true);
        if self.least.as_ref().is_none_or(|least| before(value, least)) {
            self.least = Some(value.clone());
        }
        if self.most.as_ref().is_none_or(|most| before(most, value)) {
            self.most = Some(value.clone());
        }
        self.total = match self.total.take() {
            None if self.valued == 0 => Some(value.clone()),
            total => total
                .filter(|_| adds)
                .and_then(|total| operate::arithmetic(Arithmetic::Add, total, value.clone(), zone)),
        };
        self.valued += 1;
    }

    fn average(self, zone: Zone) -> Option<Value> {
        let count = Decimal::from(self.valued);
        match self.total? {
            Value::Duration(length) => {
                let count = i64::try_from(self.valued).ok()?;
                Some(Value::Duration(Duration::exact(length.nominal_ms().checked_div(count)?)))
            }
            total => operate::arithmetic(Arithmetic::Divide, total, Value::Number(count), zone),
        }
    }

    /// The sum; over nothing it is a zero of the type.
    fn total(self, history: &History) -> Option<Value> {
        if self.valued > 0 {
            return self.total;
        }
        match &history.query.field {
            Some(Picked::Field(_, Type::Money)) => {
                let currency = history.currency.clone()?;
                Some(Value::Money(Money { amount: Decimal::ZERO, currency }))
            }
            Some(Picked::Field(_, Type::Duration)) => Some(Value::Duration(Duration::default())),
            _ => Some(Value::Number(Decimal::ZERO)),
        }
    }
}

impl Scope<'_> {
    /// The answer to a question about the past.
    pub(super) fn ask_history(&self, history: &History) -> Found {
        let nothing = Tally::default();
        let tally = self.tally(&history.query.id).unwrap_or(&nothing);
        let (sum, leaves) = tally.within(history.last, self.now, self.zone);
        self.changes_at(leaves);
        let number = |count: u64| Value::Number(Decimal::from(count));
        let value = match history.function {
            Function::Any => Some(Value::Bool(sum.count > 0)),
            Function::None => Some(Value::Bool(sum.count == 0)),
            Function::Count => Some(number(sum.count)),
            Function::Sum => sum.total(history),
            Function::Avg => sum.average(self.zone),
            Function::Min => sum.least,
            Function::Max => sum.most,
            Function::First => sum.first.and_then(|(_, value)| value),
            Function::Last => sum.last.and_then(|(_, value)| value),
        };
        value.map_or(Found::Missing, Found::Value)
    }

    fn tally(&self, id: &QueryId) -> Option<&Tally> {
        self.client.memory.tallies.get(id)
    }
}
