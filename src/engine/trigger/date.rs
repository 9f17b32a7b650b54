//! The client's own dates. In: a date, the occasion that is known to be ahead, and the last one that fired. Out: when the
//! trigger fires next. Each occasion fires once, also if the date, the time zone or the clock changes on its day.

use crate::check::program::{DateKind, DateTrigger};
use crate::engine::client::ClientTurn;
use crate::engine::model::{Occasion, TriggerTimer};
use crate::value::{CivilDateTime, TimeOfDay, Timestamp, Type, Value, Zone, json, next_anniversary};

const DAY_MS: i64 = 86_400_000;

/// Two moments of a yearly date that are closer than half a year belong to the same occasion.
const SAME_YEARLY_MS: i64 = 183 * DAY_MS;

/// Two moments of a date without recurrence that are closer than half a day belong to the same occasion.
const SAME_ONCE_MS: i64 = DAY_MS / 2;

/// How late an occasion may be that a change has moved into the past: a day, which no change of the time zone exceeds.
const SLIPPED_MS: i64 = DAY_MS;

impl ClientTurn<'_> {
    /// The next timer of a date.
    pub(super) fn date_timer(&self, date: &DateTrigger, zone: Zone, known: Option<&TriggerTimer>) -> TriggerTimer {
        // What was received too early is only a default.
        let is_default = self.answers(None).get(&date.field).is_some_and(Option::is_none);
        let json = self.client.fields.get(&date.field).filter(|json| !json.is_null() && !is_default);
        let ty = match date.kind {
            DateKind::Anniversary | DateKind::Date => Type::Date,
            DateKind::DateTime => Type::DateTime,
        };
        let value = json.and_then(|json| json::read(json, &ty, json::Locale::default()).ok());
        let moments = Moments { date, zone, now: self.now };
        let done = known.and_then(|known| known.done.clone());
        let is_done = |occasion: &Occasion| json.is_some_and(|json| json::is_same(&occasion.date, json, Some(&ty)));
        let due = value.and_then(|value| {
            // A date without recurrence is over, however the time zone changes.
            if !date.kind.is_yearly() && done.as_ref().is_some_and(is_done) {
                return None;
            }
            moments.next(&value, done.as_ref().map(|done| done.due), known.and_then(|known| known.due))
        });
        let zone = zone.name().to_owned();
        TriggerTimer { due, recurring: date.kind.is_yearly(), zone, last: None, date: json.cloned(), done }
    }
}

/// The moments of a date trigger in a zone.
struct Moments<'a> {
    date: &'a DateTrigger,
    zone: Zone,
    now: Timestamp,
}

impl Moments<'_> {
    /// The next moment that is not the occasion that is `done`. If a change has moved the occasion that was `ahead` into
    /// the past, it fires now.
    fn next(&self, value: &Value, done: Option<Timestamp>, ahead: Option<Timestamp>) -> Option<Timestamp> {
        let same_ms = if self.date.kind.is_yearly() { SAME_YEARLY_MS } else { SAME_ONCE_MS };
        let is_other = |at: Timestamp| done.is_none_or(|done| at.0.abs_diff(done.0) >= same_ms.unsigned_abs());
        let slipped = self.after(value, self.now.plus_ms(-SLIPPED_MS)).filter(|at| *at <= self.now);
        let was_ahead = |at: &Timestamp| {
            ahead.is_some_and(|ahead| {
                !self.date.kind.is_yearly() || ahead.0.abs_diff(at.0) < SAME_YEARLY_MS.unsigned_abs()
            })
        };
        if slipped.filter(was_ahead).is_some_and(is_other) {
            return Some(self.now);
        }
        let next = self.after(value, self.now)?;
        if is_other(next) { Some(next) } else { self.after(value, next) }
    }

    /// The first moment after an instant.
    fn after(&self, value: &Value, after: Timestamp) -> Option<Timestamp> {
        let once = |at: Timestamp| {
            let day = self.zone.civil(self.zone.plus(at, self.date.offset)).date;
            Some(self.zone.resolve(CivilDateTime { date: day, time: self.date.at })).filter(|at| *at > after)
        };
        match value {
            Value::Date(day) if self.date.kind.is_yearly() => {
                next_anniversary(*day, self.date.offset, self.date.at, self.zone, after)
            }
            Value::Date(day) => once(self.zone.resolve(CivilDateTime { date: *day, time: TimeOfDay::MIDNIGHT })),
            Value::DateTime(at) => once(*at),
            Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::Money(_)
            | Value::Time(_)
            | Value::Civil(_)
            | Value::Duration(_)
            | Value::List(_) => None,
        }
    }
}
