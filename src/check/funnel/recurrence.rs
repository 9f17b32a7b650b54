//! Messages about wrong recurrence rules.

use crate::diagnostic::Phrase;
use crate::say;
use crate::value::RuleError;

/// The message about a wrong rule.
pub(super) fn rule_error(fault: &RuleError) -> Phrase {
    match fault {
        RuleError::NoOccurrence => say!("the rule never produces a date"),
        RuleError::NoRule => say!("missing a rule such as `FREQ=WEEKLY;BYDAY=MO`"),
        RuleError::SeveralRules => say!("more than one rule: add a trigger for each"),
        RuleError::NotPart(word) => {
            say!("`{word}` is not part of a recurrence rule such as `FREQ=WEEKLY;BYDAY=MO`", word)
        }
        RuleError::NotPair(part) => say!("`{part}` is not a `NAME=VALUE` pair", part),
        RuleError::UnknownPart(name) => say!("unknown part `{name}` in the recurrence rule", name),
        RuleError::DuplicatePart(name) => say!("duplicate `{name}`", name),
        RuleError::NoFrequency => say!("missing frequency, such as `FREQ=WEEKLY`"),
        RuleError::TooOften(finer) => say!("`FREQ={finer}` is too frequent; the most frequent is `HOURLY`", finer),
        RuleError::UnknownFrequency(other) => {
            say!("`FREQ={other}` is not one of HOURLY, DAILY, WEEKLY, MONTHLY and YEARLY", other)
        }
        RuleError::CountWithoutStart => {
            say!("`COUNT` needs a start: write `DTSTART:20260301T100000` before the rule")
        }
        RuleError::CountAndUntil => say!("`COUNT` and `UNTIL` are mutually exclusive"),
        RuleError::BadStart(written) => say!(
            "`DTSTART` must be a local time of the funnel such as `DTSTART:20260301T100000`, not `{written}`",
            written
        ),
        RuleError::BadUntil(written) => say!("`UNTIL` must be a date such as `20261231`, not `{written}`", written),
        RuleError::BadNumber { name, most, written } => {
            say!("`{name}` must be a number from 1 to {most}, not `{written}`", name, most, written)
        }
        RuleError::OutOfRange { name, item, low, high } => {
            say!("`{item}` is out of range for `{name}`: expected {low} to {high}", item, name, low, high)
        }
        RuleError::BadWeekday(item) => {
            say!(
                "`{item}` is not a valid day: `BYDAY` accepts {days}, and with `FREQ=MONTHLY` also `1MO` or `-1FR`",
                item,
                days = days()
            )
        }
        RuleError::BadWeekStart(day) => say!("`WKST` must be one of {days}, not `{day}`", days = days(), day),
        RuleError::MonthDayInWeek => say!("`BYMONTHDAY` is not allowed in a weekly rule"),
        RuleError::YearDayOutsideYear => say!("`BYYEARDAY` is only allowed in a yearly rule"),
        RuleError::WeekNumberOutsideYear => say!("`BYWEEKNO` is only allowed in a yearly rule"),
        RuleError::NumberedDayInWeek => say!("a numbered day is only allowed in a monthly or yearly rule"),
        RuleError::NumberedDayBesideWeekNumber => say!("a numbered day is not allowed together with `BYWEEKNO`"),
        RuleError::LonePosition => say!("`BYSETPOS` needs another part to choose from, such as `BYDAY`"),
    }
}

fn days() -> String {
    RuleError::DAYS.join(", ")
}
