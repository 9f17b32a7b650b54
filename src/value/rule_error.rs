//! Errors in recurrence rules, as data; `check` words the messages.

/// An error in a recurrence rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleError {
    /// The rule is valid but never occurs.
    NoOccurrence,
    /// The text contains no rule.
    NoRule,
    /// The text contains more than one rule.
    SeveralRules,
    /// A word that is not part of a rule.
    NotPart(String),
    /// A part that is not `NAME=VALUE`.
    NotPair(String),
    /// A part that RFC 5545 does not define.
    UnknownPart(String),
    /// A part that occurs twice.
    DuplicatePart(String),
    /// `FREQ` is missing.
    NoFrequency,
    /// A frequency higher than hourly.
    TooOften(String),
    /// An unknown frequency.
    UnknownFrequency(String),
    /// `COUNT` without a `DTSTART`.
    CountWithoutStart,
    /// Both `COUNT` and `UNTIL`.
    CountAndUntil,
    /// A malformed `DTSTART`.
    BadStart(String),
    /// A malformed `UNTIL`.
    BadUntil(String),
    /// A malformed number, or one out of range.
    BadNumber {
        /// The part.
        name: String,
        /// The largest number allowed.
        most: u32,
        /// The value as written.
        written: String,
    },
    /// A malformed list item, or one out of range.
    OutOfRange {
        /// The list.
        name: String,
        /// The item as written.
        item: String,
        /// The smallest number allowed.
        low: i32,
        /// The largest number allowed.
        high: i32,
    },
    /// An invalid weekday in `BYDAY`.
    BadWeekday(String),
    /// An invalid weekday in `WKST`.
    BadWeekStart(String),
    /// `BYMONTHDAY` in a weekly rule.
    MonthDayInWeek,
    /// `BYYEARDAY` in a rule that is not yearly.
    YearDayOutsideYear,
    /// `BYWEEKNO` in a rule that is not yearly.
    WeekNumberOutsideYear,
    /// `1MO` in a rule that is neither monthly nor yearly.
    NumberedDayInWeek,
    /// `1MO` together with `BYWEEKNO`.
    NumberedDayBesideWeekNumber,
    /// `BYSETPOS` without a part to select from.
    LonePosition,
}

impl RuleError {
    /// The weekdays as rules write them.
    pub const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
}
