//! What funnels compute with: values, types, exact time, money. In: literals and JSON. Out: [`Value`].

pub mod json;
pub mod money;
pub mod phone;
mod rule;
mod rule_count;
mod rule_error;
mod schedule;
pub mod time;
mod r#type;

pub use money::Money;
pub use rule_error::RuleError;
pub use rust_decimal::Decimal;
pub use schedule::{Schedule, max_rule_occurrences, next_anniversary, rule_hours};
pub use time::{CivilDate, CivilDateTime, Duration, TimeOfDay, Timestamp, Weekday, Zone};
pub use r#type::Type;

use serde::{Deserialize, Serialize};

/// A value that is known. What may be missing is an `Option<Value>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// An exact decimal number.
    Number(Decimal),
    /// Text; also a literal of a union, a phone number (E.164), an email address, a URL.
    Text(String),
    /// An amount in one currency.
    Money(Money),
    /// A day of the calendar.
    Date(CivilDate),
    /// A time on the wall clock.
    Time(TimeOfDay),
    /// A wall-clock reading whose zone is that of the run: `2026-03-08 10:00`.
    Civil(CivilDateTime),
    /// An instant.
    DateTime(Timestamp),
    /// Exact and calendar parts.
    Duration(Duration),
    /// Values of one type.
    List(Vec<Value>),
}
