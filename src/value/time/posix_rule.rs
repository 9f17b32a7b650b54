//! The rule by which a zone goes on after its last listed transition. In: a POSIX rule such as
//! `CET-1CEST,M3.5.0,M10.5.0/3`. Out: transitions.

use chrono::{DateTime, Datelike, NaiveDate};

const DAY_S: i64 = 86_400;

/// A standard offset and, where clocks change, a second offset and when it applies. Offsets are seconds ahead of UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PosixRule {
    standard: i32,
    summer: Option<Summer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Summer {
    offset: i32,
    from: YearlyTime,
    to: YearlyTime,
}

/// A time of a day in each year.
#[derive(Debug, Clone, PartialEq, Eq)]
struct YearlyTime {
    day: YearlyDay,
    /// Seconds since midnight, which may be negative or more than a day.
    second: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum YearlyDay {
    /// `M3.5.0`: month, week from 1, where 5 is the last, and weekday from Sunday, 0.
    Week { month: u32, week: u32, weekday: u32 },
    /// `J60`: the day from 1 to 365, without 29 February.
    WithoutLeap(u32),
    /// `59`: the day from 0, with 29 February.
    WithLeap(u32),
}

impl PosixRule {
    /// Reads a rule; `None` if it is malformed.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        take_name(&mut rest)?;
        let standard = -take_time(&mut rest)?;
        if rest.is_empty() {
            return Some(Self { standard: i32::try_from(standard).ok()?, summer: None });
        }
        take_name(&mut rest)?;
        let offset = if rest.starts_with(',') { standard + 3_600 } else { -take_time(&mut rest)? };
        let mut parts = rest.strip_prefix(',')?.split(',');
        let (from, to) = (YearlyTime::parse(parts.next()?)?, YearlyTime::parse(parts.next()?)?);
        if parts.next().is_some() {
            return None;
        }
        let summer = Some(Summer { offset: i32::try_from(offset).ok()?, from, to });
        Some(Self { standard: i32::try_from(standard).ok()?, summer })
    }

    /// When which offset begins, from the year of one instant to that of another, in order and once per instant.
    pub(super) fn transitions(&self, from: i64, to: i64) -> Vec<(i64, i32)> {
        let Some(summer) = &self.summer else { return vec![(from, self.standard)] };
        let year = |second: i64| DateTime::from_timestamp(second, 0).map_or(1970, |at| at.year());
        let mut found = Vec::new();
        for year in year(from)..=year(to) {
            let start = summer.from.in_year(year).map(|local| local - i64::from(self.standard));
            let end = summer.to.in_year(year).map(|local| local - i64::from(summer.offset));
            found.extend(start.map(|start| (start, 1, summer.offset)));
            found.extend(end.map(|end| (end, 0, self.standard)));
        }
        // Summer that lasts all year ends at the instant at which it begins again.
        found.sort_unstable();
        let mut transitions: Vec<(i64, i32)> = Vec::with_capacity(found.len());
        for (at, _, offset) in found {
            match transitions.last_mut() {
                Some(last) if last.0 == at => last.1 = offset,
                Some(_) | None => transitions.push((at, offset)),
            }
        }
        transitions
    }
}

impl YearlyTime {
    /// Reads `M3.5.0/3`, `J60`, `59/-1:30`. Without a time it is 02:00.
    fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.split_once('/').map_or((text, None), |(day, time)| (day, Some(time)));
        let second = match time {
            None => 2 * 3_600,
            Some(mut time) => take_time(&mut time).filter(|_| time.is_empty())?,
        };
        let day = if let Some(day) = day.strip_prefix('M') {
            let mut parts = day.split('.').map(|part| part.parse::<u32>().ok());
            let (month, week, weekday) = (parts.next()??, parts.next()??, parts.next()??);
            let is_valid = (1..=12).contains(&month) && (1..=5).contains(&week) && weekday < 7;
            is_valid.then_some(YearlyDay::Week { month, week, weekday })?
        } else if let Some(day) = day.strip_prefix('J') {
            YearlyDay::WithoutLeap(day.parse().ok()?)
        } else {
            YearlyDay::WithLeap(day.parse().ok()?)
        };
        Some(Self { day, second })
    }

    /// The time in a year on the wall clock, in seconds since 1970-01-01 00:00.
    fn in_year(&self, year: i32) -> Option<i64> {
        let date = match self.day {
            YearlyDay::Week { month, week, weekday } => {
                let first = NaiveDate::from_ymd_opt(year, month, 1)?;
                let ahead = (weekday + 7 - first.weekday().num_days_from_sunday()) % 7;
                let of_month = |week: u32| NaiveDate::from_ymd_opt(year, month, 1 + ahead + (week - 1) * 7);
                of_month(week).or_else(|| of_month(week - 1))?
            }
            YearlyDay::WithoutLeap(day) => {
                let skipped = u32::from(day > 59 && NaiveDate::from_ymd_opt(year, 2, 29).is_some());
                NaiveDate::from_yo_opt(year, day + skipped)?
            }
            YearlyDay::WithLeap(day) => NaiveDate::from_yo_opt(year, day + 1)?,
        };
        let days = date.signed_duration_since(NaiveDate::from_ymd_opt(1970, 1, 1)?).num_days();
        Some(days * DAY_S + self.second)
    }
}

/// Takes a name such as `CET` or `<+03>`.
fn take_name(rest: &mut &str) -> Option<()> {
    let end = if rest.starts_with('<') {
        rest.find('>')? + 1
    } else {
        rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())
    };
    let (name, after) = rest.split_at_checked(end)?;
    *rest = after;
    (!name.is_empty()).then_some(())
}

/// Takes `-1`, `+5:30` or `12:45:30` as seconds.
fn take_time(rest: &mut &str) -> Option<i64> {
    let end = rest.find(|c: char| !matches!(c, '0'..='9' | ':' | '+' | '-')).unwrap_or(rest.len());
    let (time, after) = rest.split_at_checked(end)?;
    *rest = after;
    let (sign, digits) = match time.as_bytes().first()? {
        b'-' => (-1, time.get(1..)?),
        b'+' => (1, time.get(1..)?),
        _ => (1, time),
    };
    let mut seconds = 0;
    for (part, unit) in digits.split(':').zip([3_600, 60, 1]) {
        seconds += part.parse::<u32>().ok().map(i64::from)? * unit;
    }
    Some(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transitions(rule: &str, year: i32) -> Vec<(String, i32)> {
        let start = NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
        let rule = PosixRule::parse(rule).unwrap_or_else(|| panic!("{rule}"));
        let shown = |at: i64| DateTime::from_timestamp(at, 0).unwrap().format("%m-%dT%H:%M:%S").to_string();
        rule.transitions(start, start).into_iter().map(|(at, offset)| (shown(at), offset)).collect()
    }

    #[test]
    fn rules_say_when_clocks_change() {
        let cases = [
            ("CET-1CEST,M3.5.0,M10.5.0/3", 2026, vec![("03-29T01:00:00", 7_200), ("10-25T01:00:00", 3_600)]),
            ("EST5EDT,M3.2.0,M11.1.0", 2026, vec![("03-08T07:00:00", -14_400), ("11-01T06:00:00", -18_000)]),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", 2026, vec![("04-04T16:00:00", 36_000), ("10-03T16:00:00", 39_600)]),
            (
                "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
                2026,
                vec![("04-04T15:00:00", 37_800), ("10-03T15:30:00", 39_600)],
            ),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026, vec![("03-29T01:00:00", -3_600), ("10-25T01:00:00", -7_200)]),
            ("EET-2EEST,M3.4.4/50,M10.4.4/50", 2026, vec![("03-28T00:00:00", 10_800), ("10-23T23:00:00", 7_200)]),
            ("A0B,J60/0,J300/0", 2028, vec![("03-01T00:00:00", 3_600), ("10-26T23:00:00", 0)]),
            ("A0B,59/0,300/0", 2028, vec![("02-29T00:00:00", 3_600), ("10-26T23:00:00", 0)]),
            ("IST-5:30", 2026, vec![("01-01T00:00:00", 19_800)]),
        ];
        for (rule, year, expected) in cases {
            let expected: Vec<_> = expected.into_iter().map(|(at, offset)| (at.to_owned(), offset)).collect();
            assert_eq!(transitions(rule, year), expected, "{rule}");
        }
    }

    #[test]
    fn summer_may_last_all_year() {
        let rule = PosixRule::parse("EST5EDT,0/0,J365/25").unwrap();
        let mut transitions = rule.transitions(0, 10 * 365 * DAY_S);
        // The end of the last year, at which the next one begins.
        assert_eq!(transitions.pop().map(|(_, offset)| offset), Some(-18_000));
        assert!(transitions.iter().all(|(_, offset)| *offset == -14_400));
    }

    #[test]
    fn malformed_rules_are_not_read() {
        for rule in
            ["", "CET", "-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M1.1.0", "CET-1CEST,M3.5.0,1,2"]
        {
            assert_eq!(PosixRule::parse(rule), None, "{rule}");
        }
    }
}
