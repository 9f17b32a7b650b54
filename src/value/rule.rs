//! Recurrence rules of RFC 5545: parses and checks a rule, and enumerates its occurrences on the wall clock.
//!
//! The only user of rrule. It gets the rule with all defaults written out, and a start near the moment in question.
//! It computes in UTC, so gaps and overlaps are left to [`Zone`](super::Zone).

use super::rule_error::RuleError;
use super::time::{DAY_MS, FIRST_MONDAY, HOUR_MS, month_start};
use super::{CivilDate, TimeOfDay, Timestamp, Weekday};
use std::fmt::Write;

/// The largest `COUNT`, since all its occurrences are enumerated.
const MAX_COUNT: u32 = 1000;

/// The parts that are lists of numbers, with their ranges; negative numbers count from the end.
const LIST_PARTS: [(&str, i32, i32); 8] = [
    ("BYSECOND", 0, 59),
    ("BYMINUTE", 0, 59),
    ("BYHOUR", 0, 23),
    ("BYMONTHDAY", -31, 31),
    ("BYYEARDAY", -366, 366),
    ("BYWEEKNO", -53, 53),
    ("BYMONTH", 1, 12),
    ("BYSETPOS", -366, 366),
];

const DAYS: [&str; 7] = RuleError::DAYS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Frequency {
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

enum Ending {
    /// A wall-clock time.
    Wall(i64),
    /// An instant, written in UTC.
    Utc(Timestamp),
}

/// A checked rule.
pub(super) struct Rule {
    frequency: Frequency,
    interval: i64,
    start: i64,
    until: Option<Ending>,
    has_count: bool,
    /// The rule as rrule gets it: without its end, with every default.
    text: String,
}

impl Rule {
    /// The weekdays as rules write them, Monday first.
    pub(super) const DAYS: [&str; 7] = DAYS;

    /// Parses and checks a rule.
    pub(super) fn parse(text: &str) -> Result<Self, RuleError> {
        let (start, rule) = split_lines(text)?;
        let mut parts = parts(rule)?;
        let frequency = frequency(&parts)?;
        let start = start.map(parse_start).transpose()?;
        let interval = number(&parts, "INTERVAL", u32::from(u16::MAX))?.unwrap_or(1);
        let count = number(&parts, "COUNT", MAX_COUNT)?;
        if count.is_some() && start.is_none() {
            return Err(RuleError::CountWithoutStart);
        }
        let until = value(&parts, "UNTIL").map(parse_until).transpose()?;
        if count.is_some() && until.is_some() {
            return Err(RuleError::CountAndUntil);
        }
        check_lists(&parts)?;
        check_combination(frequency, &parts)?;
        let start = start.unwrap_or(if frequency >= Frequency::Monthly { 0 } else { FIRST_MONDAY });
        parts.retain(|(name, _)| *name != "UNTIL");
        let text = with_defaults(frequency, &parts, start);
        Ok(Self { frequency, interval: i64::from(interval), start, until, has_count: count.is_some(), text })
    }

    /// The wall-clock time at which the rule begins.
    pub(super) fn start(&self) -> i64 {
        self.start
    }

    pub(super) fn frequency(&self) -> Frequency {
        self.frequency
    }

    pub(super) fn interval(&self) -> i64 {
        self.interval
    }

    /// The items of a list part, including those derived from the start.
    pub(super) fn list<'r>(&'r self, name: &str) -> impl Iterator<Item = &'r str> {
        let parts = self.text.trim_start_matches("RRULE:").split(';').filter_map(|part| part.split_once('='));
        let list = parts.into_iter().find(|(other, _)| *other == name).map(|(_, list)| list);
        list.into_iter().flat_map(|list| list.split(','))
    }

    /// Whether an instant is not after the rule's `UNTIL`, if that is an instant.
    pub(super) fn is_active_at(&self, at: Timestamp) -> bool {
        !matches!(self.until, Some(Ending::Utc(until)) if at > until)
    }

    /// The occurrences from a wall-clock time on, in order.
    pub(super) fn occurrences(&self, from: i64) -> impl Iterator<Item = i64> {
        let (start, last) = match self.until {
            Some(Ending::Wall(last)) => (self.start, last),
            // Every zone is within a day of UTC.
            Some(Ending::Utc(Timestamp(last))) => (self.start, last.saturating_add(DAY_MS)),
            None => (self.start, i64::MAX),
        };
        let set = if from > last { None } else { self.rule_set(from) };
        let found = set.map(|set| (&set).into_iter()).into_iter().flatten().map(|found| found.timestamp_millis());
        found.skip_while(move |found| *found < start.max(from)).take_while(move |found| *found <= last)
    }

    fn rule_set(&self, from: i64) -> Option<rrule::RRuleSet> {
        let begin = if self.has_count { self.start } else { self.period_start(from)? };
        let (year, month, day) = CivilDate::at_wall(begin)?.parts();
        let second = begin.rem_euclid(DAY_MS) / 1000;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let start = format!("DTSTART:{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z\n");
        // The limit ends the search for a date that does not exist.
        (start + &self.text).parse().ok().map(rrule::RRuleSet::limit)
    }

    /// The start of a period of the rule, more than one period before `from` if possible.
    fn period_start(&self, from: i64) -> Option<i64> {
        let months = |step: i64| {
            let month = |wall| CivilDate::at_wall(wall).map(|date| (date.parts().0, date.parts().1));
            let index = |(year, month): (i32, u32)| i64::from(year) * 12 + i64::from(month) - 1;
            let start = index(month(self.start)?).div_euclid(step.min(12)) * step.min(12);
            let step = step * self.interval;
            let passed = index(month(from.max(self.start))?) - start;
            month_start(start + (passed / step - 1).max(0) * step)
        };
        let exact = |period: i64, length: i64| {
            let start = self.start.div_euclid(period) * period;
            let step = length * self.interval;
            Some(start + ((from - start) / step - 1).max(0) * step)
        };
        match self.frequency {
            Frequency::Hourly => exact(HOUR_MS, HOUR_MS),
            Frequency::Daily => exact(DAY_MS, DAY_MS),
            Frequency::Weekly => exact(DAY_MS, 7 * DAY_MS),
            Frequency::Monthly => months(1),
            Frequency::Yearly => months(12),
        }
    }
}

/// Splits a text into the values of `DTSTART` and `RRULE`, which are separated by a line break or a blank.
fn split_lines(text: &str) -> Result<(Option<&str>, &str), RuleError> {
    let (mut start, mut rule) = (None, None);
    for line in text.split_whitespace() {
        let name = line.split([':', ';', '=']).next().unwrap_or_default();
        let place = match name {
            "DTSTART" => &mut start,
            "RRULE" => &mut rule,
            _ if !line.contains(':') && line.contains('=') => &mut rule,
            _ => return Err(RuleError::NotPart(line.to_owned())),
        };
        let content = match name {
            "DTSTART" | "RRULE" => line.get(name.len() + 1..).unwrap_or_default(),
            _ => line,
        };
        if place.replace(content).is_some() {
            return Err(RuleError::SeveralRules);
        }
    }
    Ok((start, rule.ok_or(RuleError::NoRule)?))
}

type Parts<'a> = Vec<(&'a str, &'a str)>;

fn parts(rule: &str) -> Result<Parts<'_>, RuleError> {
    let mut parts: Parts = Vec::new();
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let (name, content) = part.split_once('=').ok_or_else(|| RuleError::NotPair(part.to_owned()))?;
        let known = ["FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"].contains(&name);
        if !known && !LIST_PARTS.iter().any(|(list, ..)| *list == name) {
            return Err(RuleError::UnknownPart(name.to_owned()));
        }
        if value(&parts, name).is_some() {
            return Err(RuleError::DuplicatePart(name.to_owned()));
        }
        parts.push((name, content));
    }
    Ok(parts)
}

fn value<'a>(parts: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    parts.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
}

fn frequency(parts: &Parts) -> Result<Frequency, RuleError> {
    match value(parts, "FREQ") {
        Some("HOURLY") => Ok(Frequency::Hourly),
        Some("DAILY") => Ok(Frequency::Daily),
        Some("WEEKLY") => Ok(Frequency::Weekly),
        Some("MONTHLY") => Ok(Frequency::Monthly),
        Some("YEARLY") => Ok(Frequency::Yearly),
        Some(finer @ ("MINUTELY" | "SECONDLY")) => Err(RuleError::TooOften(finer.to_owned())),
        Some(other) => Err(RuleError::UnknownFrequency(other.to_owned())),
        None => Err(RuleError::NoFrequency),
    }
}

fn number(parts: &Parts, name: &str, most: u32) -> Result<Option<u32>, RuleError> {
    let Some(text) = value(parts, name) else { return Ok(None) };
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        _ => Err(RuleError::BadNumber { name: name.to_owned(), most, written: text.to_owned() }),
    }
}

fn parse_start(text: &str) -> Result<i64, RuleError> {
    let text = text.strip_prefix("VALUE=DATE:").unwrap_or(text);
    parse_wall(text).map(|(wall, _)| wall).ok_or_else(|| RuleError::BadStart(text.to_owned()))
}

fn parse_until(text: &str) -> Result<Ending, RuleError> {
    if let Some((wall, _)) = text.strip_suffix('Z').and_then(parse_wall) {
        return Ok(Ending::Utc(Timestamp(wall)));
    }
    let (wall, whole_day) = parse_wall(text).ok_or_else(|| RuleError::BadUntil(text.to_owned()))?;
    Ok(Ending::Wall(if whole_day { wall + DAY_MS - 1 } else { wall }))
}

/// Reads `20260301` or `20260301T100000`; returns whether it is a date without a time.
fn parse_wall(text: &str) -> Option<(i64, bool)> {
    let (date, time) = text.split_once('T').unwrap_or((text, "000000"));
    if date.len() != 8 || time.len() != 6 || !date.bytes().chain(time.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let date = CivilDate::new(date[..4].parse().ok()?, date[4..6].parse().ok()?, date[6..].parse().ok()?)?;
    let (hour, minute, second) = (time[..2].parse().ok()?, time[2..4].parse().ok()?, time[4..].parse().ok()?);
    TimeOfDay::new(hour, minute, second).filter(|time| *time < TimeOfDay::END)?;
    Some((date.wall() + i64::from(hour * 3600 + minute * 60 + second) * 1000, text.len() == 8))
}

fn check_lists(parts: &Parts) -> Result<(), RuleError> {
    for (name, low, high) in LIST_PARTS {
        for item in value(parts, name).into_iter().flat_map(|list| list.split(',')) {
            let fits = |number: i32| (low..=high).contains(&number) && (low >= 0 || number != 0);
            if !item.parse().is_ok_and(fits) {
                let (name, item) = (name.to_owned(), item.to_owned());
                return Err(RuleError::OutOfRange { name, item, low, high });
            }
        }
    }
    for item in value(parts, "BYDAY").into_iter().flat_map(|list| list.split(',')) {
        let (number, day) = item.split_at_checked(item.len().saturating_sub(2)).unwrap_or(("", item));
        let fits = |number: i32| number != 0 && (-53..=53).contains(&number);
        if !DAYS.contains(&day) || !(number.is_empty() || number.parse().is_ok_and(fits)) {
            return Err(RuleError::BadWeekday(item.to_owned()));
        }
    }
    match value(parts, "WKST") {
        Some(day) if !DAYS.contains(&day) => Err(RuleError::BadWeekStart(day.to_owned())),
        _ => Ok(()),
    }
}

/// Rejects combinations of parts that RFC 5545 forbids.
fn check_combination(frequency: Frequency, parts: &Parts) -> Result<(), RuleError> {
    use Frequency::{Daily, Hourly, Monthly, Weekly, Yearly};
    let has = |name| value(parts, name).is_some();
    let numbered = value(parts, "BYDAY").is_some_and(|days| days.bytes().any(|byte| byte.is_ascii_digit()));
    let faults = [
        (has("BYMONTHDAY") && frequency == Weekly, RuleError::MonthDayInWeek),
        (has("BYYEARDAY") && [Daily, Weekly, Monthly].contains(&frequency), RuleError::YearDayOutsideYear),
        (has("BYWEEKNO") && frequency != Yearly, RuleError::WeekNumberOutsideYear),
        (numbered && [Hourly, Daily, Weekly].contains(&frequency), RuleError::NumberedDayInWeek),
        (numbered && has("BYWEEKNO"), RuleError::NumberedDayBesideWeekNumber),
        (
            has("BYSETPOS") && !parts.iter().any(|(name, _)| name.starts_with("BY") && *name != "BYSETPOS"),
            RuleError::LonePosition,
        ),
    ];
    faults.into_iter().find(|(holds, _)| *holds).map_or(Ok(()), |(_, fault)| Err(fault))
}

/// The rule with the parts that it derives from its start written out, so that it is the same from any start.
fn with_defaults(frequency: Frequency, parts: &Parts, start: i64) -> String {
    let has = |name: &str| parts.iter().any(|(other, _)| *other == name);
    let mut text = "RRULE:".to_owned();
    for (name, value) in parts {
        let _ = write!(text, "{name}={value};");
    }
    let second = start.rem_euclid(DAY_MS) / 1000;
    let mut add = |wanted: bool, name: &str, value: &dyn std::fmt::Display| {
        if wanted && !has(name) {
            let _ = write!(text, "{name}={value};");
        }
    };
    add(true, "BYSECOND", &(second % 60));
    add(true, "BYMINUTE", &(second / 60 % 60));
    add(frequency >= Frequency::Daily, "BYHOUR", &(second / 3600));
    if let Some(date) = CivilDate::at_wall(start) {
        let (_, month, day) = date.parts();
        let by_date = has("BYMONTHDAY") || has("BYYEARDAY");
        let by_week = frequency == Frequency::Weekly || (has("BYWEEKNO") && !by_date);
        let by_day = by_date || has("BYDAY") || has("BYWEEKNO");
        let weekday = if start == 0 { Weekday::Monday } else { date.weekday() };
        add(by_week, "BYDAY", &DAYS[weekday as usize]);
        add(frequency >= Frequency::Monthly && !by_day, "BYMONTHDAY", &day);
        add(frequency == Frequency::Yearly && !by_day, "BYMONTH", &month);
    }
    text.trim_end_matches(';').to_owned()
}
