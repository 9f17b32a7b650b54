//! Evaluates queries about a client's past from the tallies that `client::history` maintains.

use super::scope::Scope;
use super::{Found, operator};
use crate::check::program::{Arithmetic, Comparison, Function, History, Picked, QueryId};
use crate::engine::model::{Item, Sum, Tally};
use crate::value::{Decimal, Duration, Money, Timestamp, Type, Value, Zone};

impl Tally {
    /// Sums up everything in the last window, or ever. Also returns when the oldest item leaves the window.
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
    /// Evaluates a query about the past.
    pub(in crate::engine) fn evaluate_history(&self, history: &History) -> Found {
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
