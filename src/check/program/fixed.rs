//! Which expressions depend only on the fields that they read. In: a checked expression. Out: whether the same fields
//! always give the same value, at every moment and in every time zone.

use super::{Expr, Part, Picked, Query};
use crate::value::{Type, Value};

impl Query {
    /// Whether the same events always match, with the same values: neither the clock nor the time zone is read.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.is_fixed()) && self.field.as_ref().is_none_or(Picked::is_fixed)
    }
}

impl Expr {
    /// Whether its value depends only on the fields that it reads.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        let of_fixed = || self.children().into_iter().all(Self::is_fixed);
        match self {
            Self::Value(_) => true,
            // Whether a value is only a default depends on when it was received.
            Self::Field(read) => read.later.as_ref().is_none_or(|later| later.from.is_none()),
            Self::Now
            | Self::Day { .. }
            | Self::Yearly(..)
            | Self::AtTime(..)
            | Self::DateOf(..)
            | Self::InFunnel(_)
            | Self::History(_) => false,
            // A placeholder writes dates and amounts as the client reads them.
            Self::Text(parts) => parts.iter().all(|part| matches!(part, Part::Text(_))),
            Self::Arithmetic(..) => of_fixed() && !Moments::of(self).date && !Moments::of(self).need_zone(),
            Self::Compare(..) | Self::In(..) | Self::Contains(..) => of_fixed() && !Moments::of(self).need_zone(),
            Self::List(_)
            | Self::Not(_)
            | Self::Negate(_)
            | Self::And(..)
            | Self::Or(..)
            | Self::StartsWith(..)
            | Self::Matches(..)
            | Self::IsKnown(_)
            | Self::Range(..) => of_fixed(),
        }
    }
}

/// The kinds of moments and durations in an expression.
#[derive(Default)]
struct Moments {
    instant: bool,
    civil: bool,
    date: bool,
    calendar_duration: bool,
}

impl Moments {
    fn of(expr: &Expr) -> Self {
        let mut seen = Self::default();
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            match expr {
                Expr::Value(value) => seen.add_value(value),
                Expr::Field(read) => seen.add_type(&read.ty),
                other => open.extend(other.children()),
            }
        }
        seen
    }

    fn add_value(&mut self, value: &Value) {
        match value {
            Value::DateTime(_) => self.instant = true,
            Value::Civil(_) => self.civil = true,
            Value::Date(_) => self.date = true,
            Value::Duration(duration) => self.calendar_duration |= duration.is_calendar(),
            Value::List(items) => items.iter().for_each(|item| self.add_value(item)),
            Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Money(_) | Value::Time(_) => {}
        }
    }

    fn add_type(&mut self, ty: &Type) {
        match ty {
            Type::DateTime => self.instant = true,
            Type::Date | Type::Anniversary => self.date = true,
            Type::Duration => self.calendar_duration = true,
            Type::List(items) => self.add_type(items),
            Type::Text
            | Type::Literals(_)
            | Type::Bool
            | Type::Number
            | Type::Money
            | Type::Time
            | Type::Phone
            | Type::Email
            | Type::Url => {}
        }
    }

    /// Whether they can be combined only in a time zone: a civil time, or an instant with dates or days.
    fn need_zone(&self) -> bool {
        self.civil || (self.instant && (self.date || self.calendar_duration))
    }
}
