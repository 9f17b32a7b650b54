//! Bounds how often a recurrence rule occurs in any window of a given length. The bound may be too high, never too
//! low.
//!
//! A sample of 28 years contains every combination of weekday and month length. Week numbers and the `INTERVAL` of
//! months and years are ignored, which can only raise the bound.

use super::rule::{Frequency, Rule};
use super::time::{DAY_MS, HOUR_MS};
use super::{CivilDate, Weekday};

/// Years after which weekdays and leap years repeat, between changes of century.
const SAMPLE_YEARS: i32 = 28;

/// The longest window that is counted directly; a longer one is split.
const MAX_SAMPLE_MS: i64 = 366 * DAY_MS;

/// Limit: above this many times per day, only their number is kept.
const MAX_TIMES_PER_DAY: usize = 96;

/// The parts of a rule that select days and times.
struct Parts {
    months: Vec<i64>,
    month_days: Vec<i64>,
    year_days: Vec<i64>,
    /// Weekdays, each with its number in the month or year.
    days: Vec<(Option<i64>, Weekday)>,
    /// Times of day in milliseconds, in order.
    times: Vec<i64>,
    /// The positions of `BYSETPOS`; empty for all.
    positions: Vec<i64>,
    week_start: Weekday,
    by_week_number: bool,
}

/// A wall-clock time, and how many occurrences are there.
type OccurrenceCount = (i64, u64);

impl Rule {
    /// The most occurrences in any half-open window of this length.
    pub(super) fn max_within(&self, length: i64) -> u64 {
        if length <= 0 {
            return 0;
        }
        let parts = self.parts();
        let of_days = |within: i64| {
            let occurrences = self.sample(&parts);
            let slack = if parts.is_dense() { DAY_MS } else { 0 };
            max_in_window(&occurrences, within.saturating_add(slack))
        };
        let pieces = u64::try_from((length - 1).div_euclid(MAX_SAMPLE_MS) + 1).unwrap_or(u64::MAX);
        let by_days = of_days(length.min(MAX_SAMPLE_MS)).saturating_mul(pieces);
        by_days.min(self.max_by_interval(&parts, length))
    }

    /// The hours of the day in which the rule can occur.
    pub(super) fn hours(&self) -> Vec<i64> {
        let hours: Vec<i64> = self.list("BYHOUR").filter_map(|item| item.parse().ok()).collect();
        if hours.is_empty() { (0..24).collect() } else { hours }
    }

    /// The bound from the interval, for periods of fixed length: a maximum per period, and periods an interval apart.
    fn max_by_interval(&self, parts: &Parts, length: i64) -> u64 {
        let times = parts.times.len() as u64;
        let (period, of_period) = match self.frequency() {
            // The times within one hour.
            Frequency::Hourly => (HOUR_MS, parts.times_of_an_hour()),
            Frequency::Daily => (DAY_MS, times),
            Frequency::Weekly => (7 * DAY_MS, times.saturating_mul(parts.days.len().clamp(1, 7) as u64)),
            Frequency::Monthly | Frequency::Yearly => return u64::MAX,
        };
        let apart = period.saturating_mul(self.interval());
        let periods = u64::try_from((length - 1).div_euclid(apart) + 1).unwrap_or(u64::MAX);
        periods.saturating_mul(of_period)
    }

    /// The occurrences in the sampled years, in order.
    fn sample(&self, parts: &Parts) -> Vec<OccurrenceCount> {
        let first = CivilDate::new(2001, 1, 1).map_or(0, |date| date.wall());
        let last = CivilDate::new(2001 + SAMPLE_YEARS + 2, 1, 1).map_or(0, |date| date.wall());
        let days = (0..).map(|n| first + n * DAY_MS).take_while(|day| *day < last);
        let days = days.filter(|day| parts.matches_day(self.frequency(), *day));
        if parts.is_dense() {
            return days.map(|day| (day, parts.times.len() as u64)).collect();
        }
        let occurrences = days.flat_map(|day| parts.times.iter().map(move |time| day + time));
        if parts.positions.is_empty() || parts.by_week_number {
            return occurrences.map(|occurrence| (occurrence, 1)).collect();
        }
        let mut found = Vec::new();
        let mut together: Vec<i64> = Vec::new();
        for occurrence in occurrences {
            let same = |other: &i64| self.period(parts, *other) == self.period(parts, occurrence);
            if !together.last().is_none_or(same) {
                found.extend(parts.select(&together));
                together.clear();
            }
            together.push(occurrence);
        }
        found.extend(parts.select(&together));
        found
    }

    /// The index of the period that an occurrence is in.
    fn period(&self, parts: &Parts, occurrence: i64) -> i64 {
        let month = || CivilDate::at_wall(occurrence).map_or((0, 0), |date| (date.parts().0, date.parts().1));
        match self.frequency() {
            Frequency::Hourly => occurrence.div_euclid(HOUR_MS),
            Frequency::Daily => occurrence.div_euclid(DAY_MS),
            // 1970-01-01 was a Thursday.
            Frequency::Weekly => (occurrence.div_euclid(DAY_MS) + 3 - parts.week_start as i64).div_euclid(7),
            Frequency::Monthly => i64::from(month().0) * 12 + i64::from(month().1),
            Frequency::Yearly => i64::from(month().0),
        }
    }

    fn parts(&self) -> Parts {
        let numbers = |name: &str| -> Vec<i64> { self.list(name).filter_map(|item| item.parse().ok()).collect() };
        let weekday = |name: &str| {
            let at = Self::DAYS.iter().position(|day| *day == name);
            at.and_then(|at| Weekday::ALL.get(at)).copied().unwrap_or(Weekday::Monday)
        };
        let numbered = |item: &str| {
            let (number, day) = item.split_at_checked(item.len().saturating_sub(2)).unwrap_or(("", item));
            (number.parse().ok(), weekday(day))
        };
        let (minutes, seconds) = (numbers("BYMINUTE"), numbers("BYSECOND"));
        let mut times = Vec::new();
        for hour in self.hours() {
            for minute in &minutes {
                times.extend(seconds.iter().map(|second| ((hour * 60 + minute) * 60 + second) * 1000));
            }
        }
        times.sort_unstable();
        times.dedup();
        Parts {
            months: numbers("BYMONTH"),
            month_days: numbers("BYMONTHDAY"),
            year_days: numbers("BYYEARDAY"),
            days: self.list("BYDAY").map(numbered).collect(),
            times,
            positions: numbers("BYSETPOS"),
            week_start: self.list("WKST").next().map_or(Weekday::Monday, weekday),
            by_week_number: self.list("BYWEEKNO").next().is_some(),
        }
    }
}

impl Parts {
    /// Whether a day has too many times to keep each of them.
    fn is_dense(&self) -> bool {
        self.times.len() > MAX_TIMES_PER_DAY
    }

    fn times_of_an_hour(&self) -> u64 {
        let mut within: Vec<i64> = self.times.iter().map(|time| time % HOUR_MS).collect();
        within.sort_unstable();
        within.dedup();
        within.len() as u64
    }

    /// Whether the rule can occur on a day.
    fn matches_day(&self, frequency: Frequency, day: i64) -> bool {
        let Some(date) = CivilDate::at_wall(day) else { return false };
        let (year, month, of_month) = date.parts();
        let since =
            |year: i32, month: u32| CivilDate::new(year, month, 1).map_or(0, |date| (day - date.wall()) / DAY_MS);
        let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let of_month = i64::from(of_month);
        let month_length = of_month - 1 - since(next_year, next_month);
        let of_year = since(year, 1) + 1;
        let year_length = of_year - 1 - since(year + 1, 1);
        let counted = |list: &[i64], at: i64, length: i64| {
            list.is_empty() || list.iter().any(|wanted| *wanted == at || *wanted == at - length - 1)
        };
        let in_month = frequency == Frequency::Monthly || !self.months.is_empty();
        let (at, length) = if in_month { (of_month, month_length) } else { (of_year, year_length) };
        let is_nth = |nth: i64| nth == (at - 1) / 7 + 1 || nth == -((length - at) / 7 + 1);
        let fits = |(nth, weekday): &(Option<i64>, Weekday)| *weekday == date.weekday() && nth.is_none_or(is_nth);
        (self.months.is_empty() || self.months.contains(&i64::from(month)))
            && counted(&self.month_days, of_month, month_length)
            && counted(&self.year_days, of_year, year_length)
            && (self.days.is_empty() || self.days.iter().any(fits))
    }

    /// Selects occurrences of one period by their positions.
    fn select(&self, together: &[i64]) -> Vec<OccurrenceCount> {
        let length = together.len() as i64;
        let is_chosen = |at: i64| self.positions.iter().any(|nth| *nth == at + 1 || *nth == at - length);
        let all = together.iter().zip(0..);
        all.filter(|(_, at)| is_chosen(*at)).map(|(occurrence, _)| (*occurrence, 1)).collect()
    }
}

/// The most occurrences in a window that begins at one of them.
fn max_in_window(occurrences: &[OccurrenceCount], length: i64) -> u64 {
    let (mut best, mut sum, mut end) = (0_u64, 0_u64, 0_usize);
    for (start, count) in occurrences {
        while let Some((_, more)) =
            occurrences.get(end).filter(|(occurrence, _)| *occurrence < start.saturating_add(length))
        {
            sum += more;
            end += 1;
        }
        best = best.max(sum);
        sum -= count;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: i64 = 7 * DAY_MS;

    #[test]
    fn bounds_agree_with_counts_by_hand() {
        let cases = [
            ("FREQ=DAILY;BYHOUR=9,10,11", [3, 21]),
            ("FREQ=DAILY;BYHOUR=9,10,11;INTERVAL=2", [3, 12]),
            ("FREQ=HOURLY", [24, 168]),
            ("FREQ=HOURLY;INTERVAL=6", [4, 28]),
            ("FREQ=HOURLY;BYHOUR=9,10;BYMINUTE=0,30", [4, 28]),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE;BYHOUR=12", [1, 3]),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE;BYHOUR=12;INTERVAL=2", [1, 3]),
            ("FREQ=WEEKLY;BYDAY=SU,MO;BYSETPOS=1", [1, 1]),
            ("FREQ=MONTHLY;BYMONTHDAY=1,-1", [1, 2]),
            ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", [1, 1]),
            ("FREQ=MONTHLY;BYDAY=1MO,-1SU;BYHOUR=8,20", [2, 4]),
            ("FREQ=YEARLY;BYMONTH=12,1;BYMONTHDAY=31,1", [1, 2]),
            ("FREQ=YEARLY;BYDAY=1MO,53MO", [1, 1]),
            ("FREQ=YEARLY;BYYEARDAY=-1,1,2", [1, 3]),
            ("FREQ=DAILY;BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYHOUR=0,1,2,3,4,5,6,7,8,9", [100, 700]),
        ];
        for (text, expected) in cases {
            let rule = Rule::parse(text).unwrap();
            assert_eq!([DAY_MS, WEEK].map(|length| rule.max_within(length)), expected, "{text}");
        }
    }

    /// A pseudorandom rule.
    fn made_up(mut seed: u64) -> String {
        let mut pick = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        let frequency = pick(5) as usize;
        let mut text = format!("FREQ={}", ["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"][frequency]);
        let day = |n: u64| Rule::DAYS[(n % 7) as usize];
        let by_week = frequency == 4 && pick(5) == 0;
        let mut add = |part: String| text = format!("{text};{part}");
        if pick(3) == 0 {
            add(format!("INTERVAL={}", 1 + pick(5)));
        }
        if pick(2) == 0 {
            add(format!("BYHOUR={},{}", pick(24), pick(24)));
        }
        if pick(3) == 0 {
            add(format!("BYMINUTE={},{}", pick(60), pick(60)));
        }
        if pick(3) == 0 {
            add(format!("BYMONTH={},{}", 1 + pick(12), 1 + pick(12)));
        }
        if frequency != 2 && pick(3) == 0 {
            add(format!("BYMONTHDAY={},-{}", 1 + pick(28), 1 + pick(28)));
        }
        if by_week {
            add(format!("BYWEEKNO={},{}", 1 + pick(52), 1 + pick(52)));
        }
        if pick(2) == 0 {
            let number =
                if frequency >= 3 && !by_week && pick(2) == 0 { ["1", "-1", "2"][pick(3) as usize] } else { "" };
            add(format!("BYDAY={number}{},{}", day(pick(7)), day(pick(7))));
            if pick(2) == 0 {
                add(format!("BYSETPOS={}", ["1", "-1", "2,-2"][pick(3) as usize]));
            }
        }
        text
    }

    #[test]
    fn no_window_exceeds_the_bound() {
        let mut reached = 0;
        for seed in 0..400 {
            let text = made_up(seed);
            let rule = Rule::parse(&text).unwrap_or_else(|fault| panic!("{fault:?} in {text}"));
            // From 2027 on, across a leap year.
            let from = CivilDate::new(2027, 1, 1).unwrap().wall();
            let until = from + 500 * DAY_MS;
            let named: Vec<OccurrenceCount> =
                rule.occurrences(from).take_while(|at| *at < until).take(3000).map(|at| (at, 1)).collect();
            for length in [DAY_MS, DAY_MS + HOUR_MS, WEEK, 30 * DAY_MS] {
                let (real, bound) = (max_in_window(&named, length), rule.max_within(length));
                assert!(real <= bound, "{text} comes {real} times in {length} ms, and {bound} is the most");
                reached += u64::from(real == bound);
            }
        }
        assert!(reached > 1000, "only {reached} of 1600 are reached");
    }
}
