//! The rules of time, as tables: zone, start, step, and the instant that a marketer expects.
//!
//! Changes of the clock in 2026 (IANA tz database): Berlin 29 March 02:00 -> 03:00 and 25 October 03:00 -> 02:00;
//! Los Angeles 8 March and 1 November; Lord Howe 5 April 02:00 -> 01:30 and 4 October 02:00 -> 02:30.

use funnelc::value::time::Window;
use funnelc::value::{CivilDate, CivilDateTime, Duration, TimeOfDay, Timestamp, Weekday, Zone};

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap_or_else(|| panic!("zone {name}"))
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|| panic!("instant {text}"))
}

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap_or_else(|| panic!("time {text}"))
}

fn days(days: i32) -> Duration {
    Duration { days, ..Duration::default() }
}

fn months(months: i32) -> Duration {
    Duration { months, ..Duration::default() }
}

fn hours(hours: i64) -> Duration {
    Duration::exact(hours * 3_600_000)
}

#[test]
fn steps_of_the_calendar_keep_the_wall_clock_and_exact_time_does_not() {
    let table = [
        // Over the change to summer time a day has 23 hours; over the change back, 25.
        ("Europe/Berlin", "2026-03-28T10:00:00+01:00", days(1), "2026-03-29T10:00:00+02:00"),
        ("Europe/Berlin", "2026-03-28T10:00:00+01:00", hours(24), "2026-03-29T11:00:00+02:00"),
        ("Europe/Berlin", "2026-10-24T10:00:00+02:00", days(1), "2026-10-25T10:00:00+01:00"),
        ("Europe/Berlin", "2026-10-24T10:00:00+02:00", hours(24), "2026-10-25T09:00:00+01:00"),
        ("Asia/Vladivostok", "2026-03-28T10:00:00+10:00", days(1), "2026-03-29T10:00:00+10:00"),
        ("Asia/Vladivostok", "2026-03-28T10:00:00+10:00", hours(24), "2026-03-29T10:00:00+10:00"),
        ("America/Los_Angeles", "2026-03-07T18:00:00-08:00", days(1), "2026-03-08T18:00:00-07:00"),
        ("America/Los_Angeles", "2026-10-31T18:00:00-07:00", hours(24), "2026-11-01T17:00:00-08:00"),
        ("Asia/Kathmandu", "2026-01-31T10:00:00+05:45", days(1), "2026-02-01T10:00:00+05:45"),
        // A step into a gap moves forward by the gap: an hour in Berlin, half an hour on Lord Howe.
        ("Europe/Berlin", "2026-03-28T02:30:00+01:00", days(1), "2026-03-29T03:30:00+02:00"),
        ("Australia/Lord_Howe", "2026-10-03T02:15:00+10:30", days(1), "2026-10-04T02:45:00+11:00"),
        // A step into an overlap takes the first.
        ("Europe/Berlin", "2026-10-24T02:30:00+02:00", days(1), "2026-10-25T02:30:00+02:00"),
        ("Australia/Lord_Howe", "2026-04-04T01:45:00+11:00", days(1), "2026-04-05T01:45:00+11:00"),
        // Months end where they end, and the leap day is a day.
        ("Europe/Berlin", "2026-01-31T10:00:00+01:00", months(1), "2026-02-28T10:00:00+01:00"),
        ("Europe/Berlin", "2028-01-31T10:00:00+01:00", months(1), "2028-02-29T10:00:00+01:00"),
        ("Europe/Berlin", "2028-02-29T10:00:00+01:00", months(12), "2029-02-28T10:00:00+01:00"),
        ("Europe/Berlin", "2026-03-31T10:00:00+02:00", months(-1), "2026-02-28T10:00:00+01:00"),
        ("Europe/Berlin", "2026-03-29T10:00:00+02:00", days(-1), "2026-03-28T10:00:00+01:00"),
        // The calendar part is stepped first, then the exact one.
        ("Europe/Berlin", "2026-03-28T01:30:00+01:00", days(1).plus(hours(1)), "2026-03-29T03:30:00+02:00"),
        // A day that a zone left out (Samoa, 30 December 2011) is a gap too.
        ("Pacific/Apia", "2011-12-29T10:00:00-10:00", days(1), "2011-12-31T10:00:00+14:00"),
    ];
    for (name, start, step, expected) in table {
        let found = zone(name).plus(at(start), step);
        assert_eq!(zone(name).rfc3339(found), expected, "{start} plus {step} in {name}");
    }
}

#[test]
fn the_next_time_is_that_of_the_wall_clock() {
    let table = [
        ("Asia/Vladivostok", "2026-03-01T09:59:00+10:00", "10:00", "2026-03-01T10:00:00+10:00"),
        ("Asia/Vladivostok", "2026-03-01T10:00:00+10:00", "10:00", "2026-03-01T10:00:00+10:00"),
        ("Asia/Vladivostok", "2026-03-01T10:00:01+10:00", "10:00", "2026-03-02T10:00:00+10:00"),
        // 23:00 UTC is the next morning in Vladivostok.
        ("Asia/Vladivostok", "2026-03-01T23:00:00Z", "10:00", "2026-03-02T10:00:00+10:00"),
        // A reading in the gap comes after it; the one in an overlap is the first, and comes once that day.
        ("Europe/Berlin", "2026-03-28T12:00:00+01:00", "02:30", "2026-03-29T03:30:00+02:00"),
        ("Europe/Berlin", "2026-10-25T01:00:00+02:00", "02:30", "2026-10-25T02:30:00+02:00"),
        ("Europe/Berlin", "2026-10-25T02:45:00+02:00", "02:30", "2026-10-26T02:30:00+01:00"),
    ];
    for (name, start, wanted, expected) in table {
        let found = zone(name).next_time(at(start), time(wanted));
        assert_eq!(zone(name).rfc3339(found), expected, "{wanted} after {start} in {name}");
    }
}

#[test]
fn a_weekday_is_the_clients_weekday() {
    let table = [
        // Sunday evening in Greenwich is Monday morning in Vladivostok, before nine.
        ("Asia/Vladivostok", "2026-03-01T22:00:00Z", "09:00", "2026-03-02T09:00:00+10:00"),
        // An hour and a bit later Monday nine has passed there, so it is the Monday after.
        ("Asia/Vladivostok", "2026-03-01T23:30:00Z", "09:00", "2026-03-09T09:00:00+10:00"),
        ("America/Los_Angeles", "2026-03-09T05:00:00Z", "10:00", "2026-03-09T10:00:00-07:00"),
        ("Europe/Berlin", "2026-03-23T09:00:00+01:00", "10:00", "2026-03-23T10:00:00+01:00"),
        ("Europe/Berlin", "2026-03-23T11:00:00+01:00", "10:00", "2026-03-30T10:00:00+02:00"),
    ];
    for (name, start, wanted, expected) in table {
        let found = zone(name).next_weekday(at(start), Weekday::Monday, time(wanted));
        assert_eq!(zone(name).rfc3339(found), expected, "monday {wanted} after {start} in {name}");
    }
}

#[test]
fn windows_open_when_the_wall_clock_says_so() {
    let window =
        |days: &[Weekday], from: &str, to: &str| Window { days: days.to_vec(), from: time(from), to: time(to) };
    let daily = vec![window(&[], "09:00", "21:00")];
    let night = vec![window(&[], "22:00", "06:00")];
    let week = vec![window(&Weekday::ALL[..5], "09:00", "18:00"), window(&[Weekday::Saturday], "10:00", "14:00")];
    let friday_night = vec![window(&[Weekday::Friday], "22:00", "06:00")];
    let always = vec![window(&[], "00:00", "24:00")];
    let table = [
        (&daily, "Europe/Berlin", "2026-03-01T12:00:00+01:00", "2026-03-01T12:00:00+01:00"),
        (&daily, "Europe/Berlin", "2026-03-01T08:59:59+01:00", "2026-03-01T09:00:00+01:00"),
        // The end is not inside any more.
        (&daily, "Europe/Berlin", "2026-03-01T21:00:00+01:00", "2026-03-02T09:00:00+01:00"),
        (&daily, "Europe/Berlin", "2026-03-28T22:00:00+01:00", "2026-03-29T09:00:00+02:00"),
        (&daily, "Asia/Vladivostok", "2026-03-01T23:30:00Z", "2026-03-02T09:30:00+10:00"),
        (&night, "Asia/Kathmandu", "2026-03-01T23:00:00+05:45", "2026-03-01T23:00:00+05:45"),
        (&night, "Asia/Kathmandu", "2026-03-01T05:59:00+05:45", "2026-03-01T05:59:00+05:45"),
        (&night, "Asia/Kathmandu", "2026-03-01T06:00:00+05:45", "2026-03-01T22:00:00+05:45"),
        // Friday 18:00 to Saturday 10:00, Saturday 14:00 to Monday 09:00.
        (&week, "Europe/Berlin", "2026-03-06T18:00:00+01:00", "2026-03-07T10:00:00+01:00"),
        (&week, "Europe/Berlin", "2026-03-07T14:30:00+01:00", "2026-03-09T09:00:00+01:00"),
        // An overnight window belongs to the day on which it opens.
        (&friday_night, "Europe/Berlin", "2026-03-07T05:00:00+01:00", "2026-03-07T05:00:00+01:00"),
        (&friday_night, "Europe/Berlin", "2026-03-06T05:00:00+01:00", "2026-03-06T22:00:00+01:00"),
        (&friday_night, "Europe/Berlin", "2026-03-07T06:00:00+01:00", "2026-03-13T22:00:00+01:00"),
        (&always, "Europe/Berlin", "2026-03-07T23:59:59+01:00", "2026-03-07T23:59:59+01:00"),
    ];
    for (windows, name, start, expected) in table {
        let found = zone(name).next_open(at(start), windows).map(|found| zone(name).rfc3339(found));
        assert_eq!(found.as_deref(), Some(expected), "{start} in {name}");
    }
    assert_eq!(zone("Europe/Berlin").next_open(at("2026-03-01T12:00:00Z"), &[]), None);
}

#[test]
fn a_reading_means_one_instant() {
    let reading = |date: &str, clock: &str| CivilDateTime {
        date: CivilDate::parse(date).unwrap_or_else(|| panic!("date {date}")),
        time: time(clock),
    };
    let berlin = zone("Europe/Berlin");
    assert_eq!(berlin.resolve(reading("2026-03-29", "02:30")), at("2026-03-29T03:30:00+02:00"));
    assert_eq!(berlin.resolve(reading("2026-10-25", "02:30")), at("2026-10-25T02:30:00+02:00"));
    assert_eq!(berlin.resolve(reading("2026-03-08", "24:00")), at("2026-03-09T00:00:00+01:00"));
    assert_eq!(berlin.civil(at("2026-10-25T02:30:00+01:00")), reading("2026-10-25", "02:30"));
}

#[test]
fn the_ends_of_time_hold() {
    let far = Duration { months: i32::MAX, days: i32::MAX, ms: i64::MAX };
    assert_eq!(zone("Europe/Berlin").plus(Timestamp::MAX, far), Timestamp::MAX);
    assert_eq!(zone("Europe/Berlin").next_time(Timestamp::MAX, time("10:00")), Timestamp::MAX);
    assert_eq!(Timestamp::parse("10000-01-01T00:00:00Z"), None);
    assert_eq!(CivilDate::new(2026, 2, 30), None);
    assert_eq!(TimeOfDay::parse("24:01"), None);
}
