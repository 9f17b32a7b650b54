//! Values, types, exact time and money. In: literals and JSON. Out: [`Value`].

mod first_name;
pub mod json;
pub mod money;
pub mod phone;
mod rule;
mod rule_count;
mod rule_error;
mod schedule;
pub mod time;
mod r#type;
mod wording;

pub use first_name::first_name;
pub use money::Money;
pub use rule_error::RuleError;
pub use rust_decimal::{Decimal, RoundingStrategy};
pub use schedule::{Schedule, last_yearly, max_rule_occurrences, next_anniversary, next_yearly, rule_hours};
pub use time::{CivilDate, CivilDateTime, Duration, TimeOfDay, Timestamp, Weekday, Zone};
pub use r#type::Type;
pub use wording::{DateStyle, Wording};

use serde::{Deserialize, Serialize};

/// A known value; one that may be missing is an `Option<Value>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// An exact decimal number.
    Number(Decimal),
    /// Text; also a literal of a union, a phone number (E.164), an email address or a URL.
    Text(String),
    /// An amount in one currency.
    Money(Money),
    /// A calendar date.
    Date(CivilDate),
    /// A time of day on the wall clock.
    Time(TimeOfDay),
    /// A date and a time of day in the time zone of the run: `2026-03-08 10:00`.
    Civil(CivilDateTime),
    /// An instant.
    DateTime(Timestamp),
    /// A duration with exact and calendar parts.
    Duration(Duration),
    /// Values of one type.
    List(Vec<Value>),
}
