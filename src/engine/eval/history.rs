//! Evaluates queries about a client's past from the tallies that `client::history` maintains. Where the filter depends
//! on the moment, it is evaluated now, for each record and for each event without a key that the tally keeps.

use super::scope::Scope;
use super::{Found, operator};
use crate::check::program::{Arithmetic, Comparison, Function, History, Picked, Query};
use crate::engine::model::{Fields, Item, RecordId, Subject, Sum, Tally};
use crate::value::{Decimal, Duration, Money, Timestamp, Type, Value, Zone, json};
use std::collections::BTreeMap;

impl Sum {
    /// Adds an item.
    pub(in crate::engine) fn add(&mut self, item: &Item, zone: Zone) {
        self.count += 1;
        if self.first.as_ref().is_none_or(|(at, _)| item.at < *at) {
            self.first = Some((item.at, item.value.clone()));
        }
        if self.last.as_ref().is_none_or(|(at, _)| item.at >= *at) {
            self.last = Some((item.at, item.value.clone()));
        }
        let Some(value) = &item.value else { return };
        // Moments and text are tallied too, but cannot be summed.
        let adds = matches!(value, Value::Number(_) | Value::Money(_) | Value::Duration(_));
        let before = |a: &Value, b: &Value| operator::compare(Comparison::Less, a, b, zone) == Some(true);
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
                .and_then(|total| operator::arithmetic(Arithmetic::Add, total, value.clone(), zone)),
        };
        self.valued += 1;
    }

    /// Adds another sum.
    pub(in crate::engine) fn absorb(&mut self, other: &Self, zone: Zone) {
        let before = |a: &Value, b: &Value| operator::compare(Comparison::Less, a, b, zone) == Some(true);
        self.total = match (self.total.take(), &other.total) {
            (total, _) if other.valued == 0 => total,
            (_, total) if self.valued == 0 => total.clone(),
            (Some(own), Some(total)) => operator::arithmetic(Arithmetic::Add, own, total.clone(), zone),
            (Some(_) | None, _) => None,
        };
        let wins = |own: &Option<Value>, new: &Value, less: bool| {
            own.as_ref().is_none_or(|own| if less { before(new, own) } else { before(own, new) })
        };
        if let Some(least) = other.least.as_ref().filter(|new| wins(&self.least, new, true)) {
            self.least = Some(least.clone());
        }
        if let Some(most) = other.most.as_ref().filter(|new| wins(&self.most, new, false)) {
            self.most = Some(most.clone());
        }
        if let Some(first) = &other.first
            && self.first.as_ref().is_none_or(|(at, _)| first.0 < *at)
        {
            self.first = Some(first.clone());
        }
        if let Some(last) = &other.last
            && self.last.as_ref().is_none_or(|(at, _)| last.0 >= *at)
        {
            self.last = Some(last.clone());
        }
        self.count += other.count;
        self.valued += other.valued;
    }

    fn average(self, zone: Zone) -> Option<Value> {
        let count = Decimal::from(self.valued);
        match self.total? {
            Value::Duration(length) => {
                let count = i64::try_from(self.valued).ok()?;
                Some(Value::Duration(Duration::exact(length.nominal_ms().checked_div(count)?)))
            }
            total => operator::arithmetic(Arithmetic::Divide, total, Value::Number(count), zone),
        }
    }

    /// The total; zero of the field's type when there are no values.
    fn total(self, history: &History) -> Option<Value> {
        if self.valued > 0 {
            return self.total;
        }
        match history.query.field.as_ref().map(Picked::ty) {
            Some(Type::Money) => {
                let currency = history.currency.clone()?;
                Some(Value::Money(Money { amount: Decimal::ZERO, currency }))
            }
            Some(Type::Duration) => Some(Value::Duration(Duration::default())),
            _ => Some(Value::Number(Decimal::ZERO)),
        }
    }
}

impl Scope<'_> {
    /// Evaluates a query about the past.
    pub(in crate::engine) fn evaluate_history(&self, history: &History) -> Found {
        let nothing = Tally::default();
        let tally = self.client.memory.tallies.get(&history.query.id).unwrap_or(&nothing);
        let mut sum = if history.last.is_none() { tally.past.clone() } else { Sum::default() };
        if tally.live {
            self.add_records(history, &mut sum);
        }
        for item in &tally.items {
            let counts = |fields: &Fields| {
                let fields = fields.clone();
                self.matches_now(&history.query, Subject::Event { event: history.query.event.clone(), fields })
            };
            if self.is_within(history.last, item.at) && item.fields.as_ref().is_none_or(counts) {
                sum.add(item, self.zone);
            }
        }
        self.result(history, sum)
    }

    fn result(&self, history: &History, sum: Sum) -> Found {
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

    /// Adds the records that match now.
    fn add_records(&self, history: &History, sum: &mut Sum) {
        let query = &history.query;
        let first = RecordId { event: query.event.clone(), key: String::new() };
        for (id, record) in self.client.records.range(first..).take_while(|(id, _)| id.event == query.event) {
            let at = record.created_at;
            let counts = record.complete && self.is_within(history.last, at);
            if counts && self.matches_now(query, Subject::Record(id.clone())) {
                let value = self.picked_now(query, id, at);
                sum.add(&Item { at, key: None, value, fields: None }, self.zone);
            }
        }
    }

    /// Whether a moment is in the window before now. Notes when it leaves the window.
    fn is_within(&self, last: Option<Duration>, at: Timestamp) -> bool {
        let end = last.map(|last| self.zone.plus(at, last)).filter(|end| *end > self.now);
        self.changes_at(end);
        last.is_none() || end.is_some()
    }

    /// The value that a query takes of a record now. Notes when time may change that.
    fn picked_now(&self, query: &Query, id: &RecordId, at: Timestamp) -> Option<Value> {
        let read = match query.field.as_ref()? {
            Picked::At => return Some(Value::DateTime(at)),
            Picked::Field(read) => read,
        };
        let subjects = BTreeMap::from([(query.event.clone(), Subject::Record(id.clone()))]);
        let scope = self.about(&subjects);
        let value = scope.value_of_field(read);
        self.changes_at(scope.pending.get());
        value
    }

    /// Whether an event matches the filter now. Notes when time may change that.
    fn matches_now(&self, query: &Query, subject: Subject) -> bool {
        let Some(filter) = &query.filter else { return true };
        let subjects = BTreeMap::from([(query.event.clone(), subject)]);
        let scope = self.about(&subjects);
        let holds = scope.holds(filter);
        scope.changes_with_the_clock(filter);
        self.changes_at(scope.recheck.get());
        self.changes_at(scope.pending.get());
        holds
    }
}

/// The value that a query takes of an event; `None` also when the event does not have it.
pub(in crate::engine) fn picked(query: &Query, fields: &Fields, at: Timestamp) -> Option<Value> {
    match query.field.as_ref()? {
        Picked::At => Some(Value::DateTime(at)),
        Picked::Field(read) => {
            fields.get(&read.name).and_then(|json| json::read(json, &read.ty, json::Locale::default()).ok())
        }
    }
}
