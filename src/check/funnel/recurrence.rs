//! Messages about wrong recurrence rules.

use crate::diagnostic::Phrase;
use crate::say;
use crate::value::RuleFault;

/// The message about a wrong rule.
pub(super) fn rule_error(fault: &RuleFault) -> Phrase {
    match fault {
        RuleFault::NoMoment => say!("the rule names no moment at all"),
        RuleFault::NoRule => say!("there is no rule such as `FREQ=WEEKLY;BYDAY=MO`"),
        RuleFault::SeveralRules => say!("there is more than one rule; write a trigger for each"),
        RuleFault::NotPart(word) => say!("`{word}` is not part of a rule such as `FREQ=WEEKLY;BYDAY=MO`", word),
        RuleFault::NotPair(part) => say!("`{part}` is not written as `NAME=VALUE`", part),
        RuleFault::UnknownPart(name) => say!("a recurrence rule has no part `{name}`", name),
        RuleFault::Twice(name) => say!("`{name}` is said twice", name),
        RuleFault::NoFrequency => say!("a rule says how often: `FREQ=WEEKLY`"),
        RuleFault::TooOften(finer) => say!("`FREQ={finer}` is too often; the finest is `HOURLY`", finer),
        RuleFault::UnknownFrequency(other) => {
            say!("`FREQ={other}` is none of HOURLY, DAILY, WEEKLY, MONTHLY and YEARLY", other)
        }
        RuleFault::CountWithoutStart => {
            say!("`COUNT` needs to know where to begin: write `DTSTART:20260301T100000` before the rule")
        }
        RuleFault::TwoEnds => say!("a rule ends by `COUNT` or by `UNTIL`, not by both"),
        RuleFault::BadStart(written) => say!(
            "`DTSTART` is a time on the clock of the funnel, such as `DTSTART:20260301T100000`, and not `{written}`",
            written
        ),
        RuleFault::BadUntil(written) => say!("`UNTIL` is a day such as `20261231`, and not `{written}`", written),
        RuleFault::BadNumber { name, most, written } => {
            say!("`{name}` is a number from 1 to {most}, and not `{written}`", name, most, written)
        }
        RuleFault::OutOfList { name, item, low, high } => {
            say!("`{item}` cannot stand in `{name}`, where numbers go from {low} to {high}", item, name, low, high)
        }
        RuleFault::NoDay(item) => {
            say!("`{item}` is no day: `BYDAY` has {days}, and `1MO` or `-1FR` in a month", item, days = days())
        }
        RuleFault::BadWeekStart(day) => say!("`WKST` is one of {days}, and not `{day}`", days = days(), day),
        RuleFault::MonthDayInWeek => say!("`BYMONTHDAY` has no meaning in a weekly rule"),
        RuleFault::YearDayOutsideYear => say!("`BYYEARDAY` belongs in a yearly rule"),
        RuleFault::WeekNumberOutsideYear => say!("`BYWEEKNO` belongs in a yearly rule"),
        RuleFault::NumberedDayInWeek => say!("a day with a number belongs in a monthly or yearly rule"),
        RuleFault::NumberedDayBesideWeekNumber => say!("a day with a number cannot stand beside `BYWEEKNO`"),
        RuleFault::NothingToChooseFrom => say!("`BYSETPOS` chooses among what other parts name, such as `BYDAY`"),
    }
}

fn days() -> String {
    RuleFault::DAYS.join(", ")
}
