//! Evaluates expressions. In: a checked expression and a scope. Out: a value or nothing; for conditions, one of four
//! truth values.
//!
//! Conditions follow Kleene's three-valued logic, with one more value for what is not known yet: `and` is false as soon
//! as one side is false, `or` is true as soon as one side is true, whatever the other side is.

mod history;
pub(super) mod operator;
mod recheck;
mod scope;
pub(super) mod text;

pub(super) use history::picked;
pub(super) use scope::Scope;

use crate::check::program::{Day, Expr, FieldRead, Moment, Occurrence};
use crate::value::{CivilDateTime, TimeOfDay, Timestamp, Type, Value, Zone, last_yearly, next_yearly};

/// The truth value of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It can never be known, because a value is missing for good. The condition then counts as false.
    Null,
    /// It depends on a `later` field that may still become known.
    Pending,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// A value, or why there is none.
pub(in crate::engine) enum Found {
    Value(Value),
    Missing,
    Pending,
}

impl Found {
    fn of(value: Option<Value>) -> Self {
        value.map_or(Self::Missing, Self::Value)
    }

    fn map(self, f: impl FnOnce(Value) -> Option<Value>) -> Self {
        match self {
            Self::Value(value) => Self::of(f(value)),
            Self::Missing => Self::Missing,
            Self::Pending => Self::Pending,
        }
    }

    fn and(self, other: Self, f: impl FnOnce(Value, Value) -> Option<Value>) -> Self {
        match (self, other) {
            (Self::Value(a), Self::Value(b)) => Self::of(f(a, b)),
            (Self::Pending, _) | (_, Self::Pending) => Self::Pending,
            (Self::Missing, _) | (_, Self::Missing) => Self::Missing,
        }
    }

    fn truth(self) -> Truth {
        match self {
            Self::Value(value) => Truth::from(value == Value::Bool(true)),
            Self::Missing => Truth::Null,
            Self::Pending => Truth::Pending,
        }
    }
}

impl Scope<'_> {
    /// The value of an expression; `None` when something it needs is missing or not known yet.
    pub(in crate::engine) fn value(&self, expr: &Expr) -> Option<Value> {
        match self.evaluate(expr) {
            Found::Value(value) => Some(value),
            Found::Missing | Found::Pending => None,
        }
    }

    /// The truth value of a condition. Sets `pending` to the earliest deadline when it is [`Truth::Pending`].
    pub(in crate::engine) fn truth(&self, condition: &Expr) -> Truth {
        match condition {
            Expr::Not(inner) => match self.truth(inner) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                Truth::Null => Truth::Null,
                Truth::Pending => Truth::Pending,
            },
            Expr::And(left, right) => match self.truth(left) {
                Truth::False => Truth::False,
                left => Self::both(left, self.truth(right), Truth::False),
            },
            Expr::Or(left, right) => match self.truth(left) {
                Truth::True => Truth::True,
                left => Self::both(left, self.truth(right), Truth::True),
            },
            // A missing `bool?` counts as false in a condition; a `later` field is waited for.
            Expr::Field(read) if read.ty == Type::Bool && read.later.is_none() => {
                Truth::from(self.field(read) == Some(Value::Bool(true)))
            }
            other => self.evaluate(other).truth(),
        }
    }

    /// Like [`Self::truth`], except that an `and` with one side missing for good does not wait for the other side,
    /// because it can no longer become true.
    pub(in crate::engine) fn answer(&self, condition: &Expr) -> Truth {
        match condition {
            Expr::And(left, right) => match (self.answer(left), self.answer(right)) {
                (never @ (Truth::False | Truth::Null), _) | (_, never @ (Truth::False | Truth::Null)) => never,
                (Truth::Pending, _) | (_, Truth::Pending) => Truth::Pending,
                (Truth::True, Truth::True) => Truth::True,
            },
            Expr::Or(left, right) => match (self.answer(left), self.answer(right)) {
                (Truth::True, _) | (_, Truth::True) => Truth::True,
                (Truth::Pending, _) | (_, Truth::Pending) => Truth::Pending,
                (Truth::Null, _) | (_, Truth::Null) => Truth::Null,
                (Truth::False, Truth::False) => Truth::False,
            },
            other => self.truth(other),
        }
    }

    /// Whether a condition holds now, without waiting for what is not known yet.
    pub(in crate::engine) fn holds(&self, condition: &Expr) -> bool {
        self.truth(condition) == Truth::True
    }

    fn both(left: Truth, right: Truth, decisive: Truth) -> Truth {
        match (left, right) {
            (_, right) if right == decisive => decisive,
            (Truth::Pending, _) | (_, Truth::Pending) => Truth::Pending,
            (Truth::Null, _) | (_, Truth::Null) => Truth::Null,
            (_, right) => right,
        }
    }

    /// The value of an expression, or why there is none.
    pub(in crate::engine) fn evaluate(&self, expr: &Expr) -> Found {
        match expr {
            Expr::Value(value) => Found::Value(value.clone()),
            Expr::Field(read) => self.evaluate_field(read),
            Expr::Now => Found::Value(Value::DateTime(self.now)),
            Expr::Day { day, at } => Found::Value(self.day(*day, *at)),
            Expr::Text(parts) => Found::of(text::interpolate(self, parts, text::Escape::None).ok().map(Value::Text)),
            Expr::List(items) => self.evaluate_list(items),
            Expr::Negate(inner) => self.evaluate(inner).map(operator::negate),
            Expr::Not(_) | Expr::And(..) | Expr::Or(..) => self.evaluate_truth(expr),
            Expr::Compare(op, left, right) => self
                .evaluate(left)
                .and(self.evaluate(right), |a, b| operator::compare(*op, &a, &b, self.zone).map(Value::Bool)),
            Expr::Arithmetic(op, left, right) => {
                self.evaluate(left).and(self.evaluate(right), |a, b| operator::arithmetic(*op, a, b, self.zone))
            }
            Expr::In(item, list) => self.evaluate(item).and(self.evaluate(list), |i, l| operator::contains(&l, &i)),
            Expr::Contains(whole, part) => {
                self.evaluate(whole).and(self.evaluate(part), |w, p| operator::contains(&w, &p))
            }
            Expr::StartsWith(whole, part) => {
                self.evaluate(whole).and(self.evaluate(part), |w, p| operator::starts_with(&w, &p))
            }
            Expr::Matches(whole, pattern) => self.evaluate(whole).map(|w| operator::matches(&w, pattern)),
            Expr::IsKnown(inner) => Found::Value(Value::Bool(self.value(inner).is_some())),
            Expr::InFunnel(funnel) => Found::Value(Value::Bool(self.is_in_funnel(funnel))),
            Expr::History(history) => self.evaluate_history(history),
            // A range is compared with, and has no value.
            Expr::Range(..) => Found::Missing,
            Expr::DateOf(moment, clock) => {
                self.date_of(moment, clock.as_ref().map_or(self.zone, |clock| self.clock(clock)))
            }
            Expr::AtTime(of, time) => self.evaluate(of).map(|moment| self.at_time(&moment, *time)),
            Expr::Yearly(which, date) => self.evaluate(date).map(|date| self.occurrence(*which, &date)),
        }
    }

    fn evaluate_truth(&self, condition: &Expr) -> Found {
        match self.truth(condition) {
            Truth::True => Found::Value(Value::Bool(true)),
            Truth::False => Found::Value(Value::Bool(false)),
            Truth::Null => Found::Missing,
            Truth::Pending => Found::Pending,
        }
    }

    fn evaluate_list(&self, items: &[Expr]) -> Found {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match self.evaluate(item) {
                Found::Value(value) => values.push(value),
                Found::Missing => return Found::Missing,
                Found::Pending => return Found::Pending,
            }
        }
        Found::Value(Value::List(values))
    }

    /// The value of a field, as far as it is known now. A default counts after the deadline.
    pub(super) fn value_of_field(&self, read: &FieldRead) -> Option<Value> {
        match self.evaluate_field(read) {
            Found::Value(value) => Some(value),
            Found::Missing | Found::Pending => None,
        }
    }

    fn evaluate_field(&self, read: &FieldRead) -> Found {
        let Some(later) = &read.later else { return Found::of(self.field(read)) };
        if let Some(answer) = self.known_answer(read) {
            return Found::Value(answer);
        }
        let Some(by) = &later.by else { return Found::Pending };
        // A deadline that cannot be computed never comes, so the field counts as missing for good.
        let Some(deadline) = self.value(by).and_then(|value| self.instant(&value)) else { return Found::Missing };
        if deadline <= self.asked_at {
            // What was received too early is the default.
            let default = self.field(read);
            if default.is_none() {
                self.unanswered.set(true);
            }
            return Found::of(default);
        }
        let earliest = self.pending.get().map_or(deadline, |known| known.min(deadline));
        self.pending.set(Some(earliest));
        Found::Pending
    }

    /// The value of a field, unless it was received before there could be an answer.
    pub(in crate::engine) fn known_answer(&self, read: &FieldRead) -> Option<Value> {
        let from = read.later.as_ref().and_then(|later| later.from.as_ref());
        let is_answer = from.is_none_or(|from| {
            let from = self.value(from).and_then(|value| self.instant(&value));
            from.zip(self.received_at(read)).is_some_and(|(from, at)| from <= at)
        });
        is_answer.then(|| self.field(read)).flatten()
    }

    /// The instant that a moment means when it is evaluated at `self.now`.
    pub(in crate::engine) fn moment(&self, moment: &Moment) -> Option<Timestamp> {
        match moment {
            Moment::At(expr) => self.value(expr).and_then(|value| self.instant(&value)),
            // The next one is after now: two consecutive waits until ten o'clock are a day apart.
            Moment::Time(time) => Some(self.zone.next_time(self.now.plus_ms(1), *time)),
            Moment::Weekdays(days, time) => {
                days.iter().map(|day| self.zone.next_weekday(self.now.plus_ms(1), *day, *time)).min()
            }
        }
    }

    /// The instant of a datetime, of a civil time in the run's zone, or of a date's midnight there.
    pub(in crate::engine) fn instant(&self, value: &Value) -> Option<Timestamp> {
        operator::instant(value, self.zone)
    }

    /// A time of day on the date of a moment, by the clock of the run.
    fn at_time(&self, moment: &Value, time: TimeOfDay) -> Option<Value> {
        let date = match moment {
            Value::Date(date) => *date,
            other => self.zone.civil(self.instant(other)?).date,
        };
        Some(Value::DateTime(self.zone.resolve(CivilDateTime { date, time })))
    }

    /// The date of a moment in a zone, in which its days are counted, too.
    fn date_of(&self, moment: &Expr, zone: Zone) -> Found {
        let date = |scope: &Self| {
            scope.evaluate(moment).map(|moment| Some(Value::Date(zone.civil(scope.instant(&moment)?).date)))
        };
        if zone == self.zone { date(self) } else { self.elsewhere(zone, date) }
    }

    /// An occurrence of a date that recurs every year, as of today.
    fn occurrence(&self, which: Occurrence, date: &Value) -> Option<Value> {
        let Value::Date(first) = date else { return None };
        let today = self.zone.civil(self.now).date;
        let occurrence = match which {
            Occurrence::Next => next_yearly(*first, today),
            Occurrence::Last => Some(last_yearly(*first, today)),
        };
        occurrence.map(Value::Date)
    }

    fn day(&self, day: Day, at: Option<TimeOfDay>) -> Value {
        let today = self.zone.civil(self.now).date;
        let date = match day {
            Day::Today => today,
            Day::Tomorrow => today.plus(0, 1),
            Day::Weekday(wanted) => {
                let ahead = (7 + wanted as i32 - today.weekday() as i32) % 7;
                today.plus(0, ahead)
            }
        };
        at.map_or(Value::Date(date), |time| Value::Civil(CivilDateTime { date, time }))
    }
}
