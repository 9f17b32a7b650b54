//! What is wrong with a recurrence rule, as data: `check` says it in words.

/// What is wrong with a recurrence rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleError {
    /// The rule is right and names no moment.
    NoOccurrence,
    /// There is no rule in the text.
    NoRule,
    /// There are two.
    SeveralRules,
    /// A word that is no part of a rule.
    NotPart(String),
    /// A part that is not `NAME=VALUE`.
    NotPair(String),
    /// A name that RFC 5545 does not have.
    UnknownPart(String),
    /// A name that stands twice.
    DuplicatePart(String),
    /// No `FREQ`.
    NoFrequency,
    /// A frequency finer than an hour.
    TooOften(String),
    /// A frequency that there is not.
    UnknownFrequency(String),
    /// `COUNT` without a `DTSTART`.
    CountWithoutStart,
    /// `COUNT` and `UNTIL` in one rule.
    CountAndUntil,
    /// A `DTSTART` that is no reading of a clock.
    BadStart(String),
    /// An `UNTIL` that is no day.
    BadUntil(String),
    /// A number that is none, or out of its range.
    BadNumber {
        /// The part.
        name: String,
        /// The largest that it may be.
        most: u32,
        /// What stands there.
        written: String,
    },
    /// A number out of the range of its list.
    OutOfRange {
        /// The list.
        name: String,
        /// What stands in it.
        item: String,
        /// The smallest that it may be.
        low: i32,
        /// The largest that it may be.
        high: i32,
    },
    /// What is no day in `BYDAY`.
    BadWeekday(String),
    /// What is no day in `WKST`.
    BadWeekStart(String),
    /// `BYMONTHDAY` in a weekly rule.
    MonthDayInWeek,
    /// `BYYEARDAY` in a rule that is not yearly.
    YearDayOutsideYear,
    /// `BYWEEKNO` in a rule that is not yearly.
    WeekNumberOutsideYear,
    /// `1MO` in a rule that is neither monthly nor yearly.
    NumberedDayInWeek,
    /// `1MO` beside `BYWEEKNO`.
    NumberedDayBesideWeekNumber,
    /// `BYSETPOS` with nothing to choose from.
    LonePosition,
}

impl RuleError {
    /// The days as rules write them.
    pub const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
}
