//! Messages about wrong recurrence rules.

use crate::diagnostic::Phrase;
use crate::say;
use crate::value::RuleError;

/// The message about a wrong rule.
pub(super) fn rule_error(fault: &RuleError) -> Phrase {
    match fault {
        RuleError::NoOccurrence => say!("the rule names no moment at all"),
        RuleError::NoRule => say!("there is no rule such as `FREQ=WEEKLY;BYDAY=MO`"),
        RuleError::SeveralRules => say!("there is more than one rule; write a trigger for each"),
        RuleError::NotPart(word) => say!("`{word}` is not part of a rule such as `FREQ=WEEKLY;BYDAY=MO`", word),
        RuleError::NotPair(part) => say!("`{part}` is not written as `NAME=VALUE`", part),
        RuleError::UnknownPart(name) => say!("a recurrence rule has no part `{name}`", name),
        RuleError::DuplicatePart(name) => say!("`{name}` is said twice", name),
        RuleError::NoFrequency => say!("a rule says how often: `FREQ=WEEKLY`"),
        RuleError::TooOften(finer) => say!("`FREQ={finer}` is too often; the finest is `HOURLY`", finer),
        RuleError::UnknownFrequency(other) => {
            say!("`FREQ={other}` is none of HOURLY, DAILY, WEEKLY, MONTHLY and YEARLY", other)
        }
        RuleError::CountWithoutStart => {
            say!("`COUNT` needs to know where to begin: write `DTSTART:20260301T100000` before the rule")
        }
        RuleError::CountAndUntil => say!("a rule ends by `COUNT` or by `UNTIL`, not by both"),
        RuleError::BadStart(written) => say!(
            "`DTSTART` is a time on the clock of the funnel, such as `DTSTART:20260301T100000`, and not `{written}`",
            written
        ),
        RuleError::BadUntil(written) => say!("`UNTIL` is a day such as `20261231`, and not `{written}`", written),
        RuleError::BadNumber { name, most, written } => {
            say!("`{name}` is a number from 1 to {most}, and not `{written}`", name, most, written)
        }
        RuleError::OutOfRange { name, item, low, high } => {
            say!("`{item}` cannot stand in `{name}`, where numbers go from {low} to {high}", item, name, low, high)
        }
        RuleError::BadWeekday(item) => {
            say!("`{item}` is no day: `BYDAY` has {days}, and `1MO` or `-1FR` in a month", item, days = days())
        }
        RuleError::BadWeekStart(day) => say!("`WKST` is one of {days}, and not `{day}`", days = days(), day),
        RuleError::MonthDayInWeek => say!("`BYMONTHDAY` has no meaning in a weekly rule"),
        RuleError::YearDayOutsideYear => say!("`BYYEARDAY` belongs in a yearly rule"),
        RuleError::WeekNumberOutsideYear => say!("`BYWEEKNO` belongs in a yearly rule"),
        RuleError::NumberedDayInWeek => say!("a day with a number belongs in a monthly or yearly rule"),
        RuleError::NumberedDayBesideWeekNumber => say!("a day with a number cannot stand beside `BYWEEKNO`"),
        RuleError::LonePosition => say!("`BYSETPOS` chooses among what other parts name, such as `BYDAY`"),
    }
}

fn days() -> String {
    RuleError::DAYS.join(", ")
}
