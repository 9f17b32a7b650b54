//! The least time that passes on a path. In: consecutive waits. Out: whether a point of the path is still inside a time
//! window that began at the first message.
//!
//! The wall clock is tracked as far as it is known, so that two waits until ten o'clock are a day apart.

use crate::value::{Duration, TimeOfDay, Weekday};

pub(super) const HOUR: i64 = 3_600_000;

/// Milliseconds of a day without a clock change.
pub(super) const DAY: i64 = 24 * HOUR;

const WEEK: i64 = 7 * DAY;

/// The largest single clock change, in milliseconds. Calendar days and weeks may be longer or shorter by this much.
/// Limit: Antarctica/Troll changes its clocks by two hours.
pub(super) const MAX_SHIFT: i64 = HOUR;

/// Clocks change at night: after the first time of day, or before the second.
const NIGHT: (i64, i64) = (22 * HOUR, 6 * HOUR);

/// The wall clock when a run last ended a wait for a time of day, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum WallTime {
    /// Not known.
    #[default]
    Unknown,
    /// The time of day.
    Day(i64),
    /// The time since Monday midnight.
    Week(i64),
}

/// A lower bound on the time that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Elapsed {
    /// Calendar time, and time between two known wall times.
    calendar: i64,
    /// Exact time, before the first known wall time and after the last one.
    exact: i64,
    /// Exact time since the last known wall time.
    since: i64,
    reading: WallTime,
    /// Exact time since the last known wall time, including time before the window began.
    drift: i64,
    /// Whether a clock change was already assumed.
    shift_used: bool,
}

impl Elapsed {
    /// What distinguishes paths that took the same time.
    pub(super) fn state(&self) -> (WallTime, i64, bool) {
        (self.reading, self.drift, self.shift_used)
    }

    /// Whether every component is no later than in the other.
    pub(super) fn is_no_later(&self, other: &Self) -> bool {
        self.calendar <= other.calendar && self.exact <= other.exact && self.since <= other.since
    }

    /// The elapsed time for display, in milliseconds.
    pub(super) fn nominal_ms(&self) -> i64 {
        self.calendar + self.exact + self.since
    }

    /// Starts a window here; the wall time stays known.
    pub(super) fn restarted(self) -> Self {
        let drift = if self.drift > WEEK { WEEK + self.drift % WEEK } else { self.drift };
        Self { reading: self.reading, drift, ..Self::default() }
    }

    /// Forgets the wall time.
    pub(super) fn with_unknown_time(self) -> Self {
        Self { reading: WallTime::Unknown, drift: 0, ..self }
    }

    /// Whether this point is inside a window of this length.
    pub(super) fn within(&self, window: Duration) -> bool {
        let months = i64::from(window.months);
        if months > 0 && self.nominal_ms() < 31 * DAY * months {
            return true;
        }
        let length = window.nominal_ms();
        let exact = self.exact + self.since;
        if window.is_calendar() {
            let shift_used = self.exact + if self.passed_a_night() { self.since } else { 0 };
            let by_clock = self.calendar + exact - shift_used.min(MAX_SHIFT);
            let left_out = self.calendar > 0 && self.time_of_day().is_some_and(is_night);
            by_clock - if left_out { MAX_SHIFT } else { 0 } < length
        } else {
            exact + (self.calendar - MAX_SHIFT).max(0) < length
        }
    }

    /// Whether clocks may have changed since the last known wall time.
    fn passed_a_night(&self) -> bool {
        match self.reading {
            WallTime::Unknown => true,
            WallTime::Day(at) | WallTime::Week(at) => {
                let from = at.rem_euclid(DAY);
                self.drift > 0 && (is_night(from) || from + self.drift >= NIGHT.0)
            }
        }
    }

    fn time_of_day(&self) -> Option<i64> {
        match self.reading {
            WallTime::Unknown => None,
            WallTime::Day(at) | WallTime::Week(at) => Some((at + self.drift).rem_euclid(DAY)),
        }
    }

    /// Advances by a duration.
    pub(super) fn advance(mut self, duration: Duration) -> Self {
        let days = i64::from(duration.days.max(0)) * DAY;
        let months = i64::from(duration.months.max(0)) * 28 * DAY;
        self.calendar += days + months;
        self.reading = match self.reading {
            WallTime::Week(at) if months > 0 => WallTime::Day(at.rem_euclid(DAY)),
            WallTime::Week(at) => WallTime::Week((at + days).rem_euclid(WEEK)),
            other => other,
        };
        let exact = duration.ms.max(0);
        if self.reading == WallTime::Unknown {
            self.exact += exact;
        } else {
            self.since += exact;
            self.drift += exact;
        }
        self
    }

    /// Advances to the next time that the wall clock shows a time of day; there may be two results, because clocks may
    /// have been put back.
    pub(super) fn at_time(self, at: TimeOfDay) -> Vec<Self> {
        let at = of_day(at);
        let Some(now) = self.time_of_day() else { return vec![self.arrive(1, WallTime::Day(at))] };
        let left = until(at - now, DAY);
        let week = |reading| match reading {
            WallTime::Week(from) => WallTime::Week((from + self.drift + left).rem_euclid(WEEK)),
            WallTime::Day(_) | WallTime::Unknown => WallTime::Day(at),
        };
        self.or_again(self.arrive(left, week(self.reading)), DAY - left, WallTime::Day(at))
    }

    /// Advances to the next of some weekdays, at a time; if the present day is not known, it may be before each of them.
    pub(super) fn at_weekdays(self, days: &[Weekday], at: TimeOfDay) -> Vec<Self> {
        let left = |from: i64, day: Weekday| until(day as i64 * DAY + of_day(at) - from - self.drift, WEEK);
        match self.reading {
            WallTime::Week(from) => {
                let nearest = days.iter().copied().min_by_key(|day| left(from, *day));
                nearest.map(|day| self.at_weekday(day, at)).unwrap_or_default()
            }
            WallTime::Unknown | WallTime::Day(_) => days.iter().flat_map(|day| self.at_weekday(*day, at)).collect(),
        }
    }

    /// Advances to the next such weekday and time.
    fn at_weekday(self, day: Weekday, at: TimeOfDay) -> Vec<Self> {
        let at = day as i64 * DAY + of_day(at);
        let left = match self.reading {
            WallTime::Unknown => 1,
            WallTime::Day(_) => until(at - self.time_of_day().unwrap_or(0), DAY),
            WallTime::Week(from) => until(at - from - self.drift, WEEK),
        };
        let cycle = if matches!(self.reading, WallTime::Week(_)) { WEEK } else { DAY };
        let known = self.reading != WallTime::Unknown;
        let arrived = self.arrive(left, WallTime::Week(at));
        if known { self.or_again(arrived, cycle - left, WallTime::Week(at)) } else { vec![arrived] }
    }

    /// Advances by some days, then to a time of day on that day.
    pub(super) fn days_at(self, duration: Duration, at: TimeOfDay) -> Vec<Self> {
        let at = of_day(at);
        let whole = (i64::from(duration.days) + 28 * i64::from(duration.months)) * DAY;
        let ms = duration.ms.max(0);
        let length = |from: i64| (from + ms).div_euclid(DAY) * DAY + whole + at - from;
        let Some(now) = self.time_of_day() else {
            // The wait is shortest from the last instant before a midnight.
            let late = [DAY - 1, (DAY - ms).rem_euclid(DAY) - 1];
            let left = late.iter().map(|from| length(from.rem_euclid(DAY))).min().unwrap_or(0);
            return vec![self.arrive(left.max(1), WallTime::Day(at))];
        };
        let left = length(now).max(1);
        let day = |left: i64| match self.reading {
            WallTime::Week(from) if duration.months == 0 => WallTime::Week((from + self.drift + left).rem_euclid(WEEK)),
            WallTime::Week(_) | WallTime::Day(_) | WallTime::Unknown => WallTime::Day(at),
        };
        let mut arrivals = vec![self.arrive(left, day(left))];
        if self.passed_a_night() && !self.shift_used && (now + ms).rem_euclid(DAY) < MAX_SHIFT {
            // A clock that was put back may show the previous day.
            let left = left - DAY;
            arrivals.push(Self { shift_used: true, ..self.arrive((left - MAX_SHIFT).max(1), day(left)) });
        }
        arrivals
    }

    /// Ends a wait for the wall clock, `left` milliseconds later by it.
    fn arrive(self, left: i64, reading: WallTime) -> Self {
        let known = self.reading != WallTime::Unknown;
        let since = if known { self.since } else { 0 };
        Self { calendar: self.calendar + since + left, since: self.since - since, reading, drift: 0, ..self }
    }

    /// Adds the result in which clocks were put back since the last known wall time, so that a past time of day occurs
    /// again.
    fn or_again(self, arrived: Self, remaining: i64, reading: WallTime) -> Vec<Self> {
        let mut arrivals = vec![arrived];
        if self.passed_a_night() && !self.shift_used && remaining <= MAX_SHIFT {
            let calendar = self.calendar + (self.since - MAX_SHIFT).max(0);
            arrivals.push(Self { calendar, since: 0, reading, drift: 0, shift_used: true, ..self });
        }
        arrivals
    }

    /// Whether the clock certainly shows a time inside a window that is open every day.
    pub(super) fn shows_between(&self, from: TimeOfDay, to: TimeOfDay) -> bool {
        self.drift == 0 && self.time_of_day().is_some_and(|now| of_day(from) <= now && now < of_day(to))
    }
}

/// Whether clocks may change around this time of day.
pub(super) fn is_night(time: i64) -> bool {
    time >= NIGHT.0 || time < NIGHT.1
}

/// The time until something periodic happens next; never zero.
fn until(apart: i64, cycle: i64) -> i64 {
    match apart.rem_euclid(cycle) {
        0 => cycle,
        left => left,
    }
}

/// Converts a time of day to milliseconds.
pub(super) fn of_day(time: TimeOfDay) -> i64 {
    let (hour, minute, second) = time.parts();
    i64::from(hour * 3600 + minute * 60 + second) * 1000
}
