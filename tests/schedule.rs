//! When schedules and anniversaries fire, as tables: schedule, zone, instant, and the firings after it.

use crate::support::findings;
use crate::support::table::rows;
use funnelc::value::{CivilDate, Duration, Schedule, TimeOfDay, Timestamp, Weekday, Zone, next_anniversary};
use proptest::prelude::*;

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap_or_else(|| panic!("zone {name}"))
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|| panic!("instant {text}"))
}

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap_or_else(|| panic!("time {text}"))
}

fn date(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap_or_else(|| panic!("date {text}"))
}

fn span(months: i32, days: i32, hours: i64) -> Duration {
    Duration { months, days, ms: hours * 3_600_000 }
}

/// Parses `30m`, `6h`, `14d`, `3mo`.
fn parse_span(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.find(char::is_alphabetic).expect("a unit"));
    let number: i32 = number.parse().expect("a number");
    match unit {
        "m" => Duration::exact(i64::from(number) * 60_000),
        "h" => span(0, 0, number.into()),
        "d" => span(0, number, 0),
        "mo" => span(number, 0, 0),
        other => panic!("unit {other}"),
    }
}

fn rule(text: &str) -> Schedule {
    Schedule::rule(text).unwrap_or_else(|fault| panic!("{fault:?} in {text}"))
}

/// The first firings after an instant.
fn firings(schedule: &Schedule, zone: Zone, after: Timestamp, count: usize) -> Vec<String> {
    let next = |after: &Timestamp| schedule.next(zone, *after);
    std::iter::successors(schedule.next(zone, after), next).take(count).map(|at| zone.rfc3339(at)).collect()
}

/// Asserts the local times of the firings after an instant, each with its offset from UTC.
fn assert_firings(schedule: &Schedule, name: &str, after: &str, expected: &str) {
    let count = expected.split(", ").count();
    let found = firings(schedule, zone(name), at(after), count)
        .join(", ")
        .replace('T', " ")
        .replace(":00+", " +")
        .replace(":00-", " -");
    assert_eq!(found.replace(":00Z", " Z"), expected, "{schedule:?} after {after} in {name}");
}

#[test]
fn weekdays_follow_the_zone() {
    let daily = Schedule::Days { days: vec![], at: time("10:00") };
    let twice = Schedule::Days { days: vec![Weekday::Thursday, Weekday::Monday], at: time("10:00") };
    let night = Schedule::Days { days: vec![], at: time("02:30") };
    let end = Schedule::Days { days: vec![Weekday::Friday], at: time("24:00") };
    let table: &[(&Schedule, &str, &str, &str)] = &[
        (&daily, "Asia/Vladivostok", "2026-03-01T23:00:00Z", "2026-03-02 10:00 +10:00, 2026-03-03 10:00 +10:00"),
        // Strictly after: at exactly ten, it is tomorrow's.
        (&daily, "Asia/Kathmandu", "2026-03-01T10:00:00+05:45", "2026-03-02 10:00 +05:45"),
        (&daily, "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29 10:00 +02:00, 2026-03-30 10:00 +02:00"),
        (&twice, "Europe/Berlin", "2026-03-02T10:00:00+01:00", "2026-03-05 10:00 +01:00, 2026-03-09 10:00 +01:00"),
        // Sunday evening in Greenwich is Monday morning in Vladivostok.
        (&twice, "Asia/Vladivostok", "2026-03-01T22:00:00Z", "2026-03-02 10:00 +10:00"),
        // A time in a gap is later by the gap; a time in an overlap fires once.
        (&night, "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29 03:30 +02:00, 2026-03-30 02:30 +02:00"),
        (&night, "Europe/Berlin", "2026-03-29T03:10:00+02:00", "2026-03-29 03:30 +02:00"),
        (&night, "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25 02:30 +02:00, 2026-10-26 02:30 +01:00"),
        (&end, "Europe/Berlin", "2026-03-06T12:00:00Z", "2026-03-07 00:00 +01:00, 2026-03-14 00:00 +01:00"),
        // Samoa skipped Friday 30 December 2011: its firing is a day later.
        (&daily, "Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-31 10:00 +14:00, 2012-01-01 10:00 +14:00"),
    ];
    for (schedule, name, after, expected) in table {
        assert_firings(schedule, name, after, expected);
    }
}

#[test]
fn intervals_are_counted_on_the_wall_clock_from_a_fixed_monday() {
    let table = "
        6h | Asia/Kathmandu | 2026-03-01T07:00:00+05:45 | 2026-03-01 12:00 +05:45, 2026-03-01 18:00 +05:45
        6h at 01:00 | Europe/Lisbon | 2026-03-01T07:00:00Z | 2026-03-01 13:00 Z, 2026-03-01 19:00 Z
        6h | Europe/Berlin | 2026-03-28T20:00:00Z | 2026-03-29 00:00 +01:00, 2026-03-29 06:00 +02:00
        # An exact interval stays exact when the clock changes: no firing is skipped, none is doubled.
        30m | Europe/Berlin | 2026-10-25T02:00:00+02:00 | 2026-10-25 02:30 +02:00, 2026-10-25 02:00 +01:00, 2026-10-25 02:30 +01:00, 2026-10-25 03:00 +01:00
        30m | Europe/Berlin | 2026-03-29T01:00:00+01:00 | 2026-03-29 01:30 +01:00, 2026-03-29 03:00 +02:00, 2026-03-29 03:30 +02:00, 2026-03-29 04:00 +02:00
        1h | Europe/Berlin | 2026-10-25T01:00:00+02:00 | 2026-10-25 02:00 +02:00, 2026-10-25 02:00 +01:00, 2026-10-25 03:00 +01:00
        # An interval that is longer than the repeated hour has not elapsed in it.
        2h | Europe/Berlin | 2026-10-25T00:00:00+02:00 | 2026-10-25 02:00 +02:00, 2026-10-25 04:00 +01:00
        2h | Europe/Berlin | 2026-10-25T02:30:00+02:00 | 2026-10-25 04:00 +01:00
        24h at 02:30 | Europe/Berlin | 2026-10-24T12:00:00Z | 2026-10-25 02:30 +02:00, 2026-10-26 02:30 +01:00
        90m at 01:00 | America/Los_Angeles | 2026-11-01T00:59:00-07:00 | 2026-11-01 01:00 -07:00, 2026-11-01 02:30 -08:00
        # Lord Howe changes its clock by half an hour.
        30m | Australia/Lord_Howe | 2026-04-05T01:00:00+11:00 | 2026-04-05 01:30 +11:00, 2026-04-05 01:30 +10:30, 2026-04-05 02:00 +10:30
        1h | Australia/Lord_Howe | 2026-10-04T01:00:00+10:30 | 2026-10-04 02:30 +11:00, 2026-10-04 03:00 +11:00
        1h | Australia/Lord_Howe | 2026-04-05T00:30:00+11:00 | 2026-04-05 01:00 +11:00, 2026-04-05 02:00 +10:30, 2026-04-05 03:00 +10:30
        # Days, weeks and months follow the calendar.
        1d | Europe/Berlin | 2026-03-28T12:00:00Z | 2026-03-29 00:00 +01:00, 2026-03-30 00:00 +02:00
        14d at 10:00 | Europe/Berlin | 2026-03-01T00:00:00Z | 2026-03-02 10:00 +01:00, 2026-03-16 10:00 +01:00, 2026-03-30 10:00 +02:00
        1mo at 10:00 | Europe/Berlin | 2026-03-01T10:00:00+01:00 | 2026-04-01 10:00 +02:00, 2026-05-01 10:00 +02:00
        3mo | Asia/Vladivostok | 2026-03-01T10:00:00Z | 2026-04-01 00:00 +10:00, 2026-07-01 00:00 +10:00
        12mo at 09:00 | America/Los_Angeles | 2026-03-01T10:00:00Z | 2027-01-01 09:00 -08:00
        1d at 02:30 | Europe/Berlin | 2026-10-24T12:00:00Z | 2026-10-25 02:30 +02:00, 2026-10-26 02:30 +01:00
        # Nothing fires before the first Monday.
        6h | Europe/Berlin | 1950-01-01T00:00:00Z | 1970-01-05 00:00 +01:00
    ";
    for [text, name, after, expected] in rows(table) {
        let (duration, at) = text.split_once(" at ").map_or((text, None), |(duration, at)| (duration, Some(time(at))));
        assert_firings(&Schedule::Interval { every: parse_span(duration), at }, name, after, expected);
    }
}

#[test]
fn a_non_positive_interval_never_fires() {
    let spans = [span(0, 0, 0), span(0, -1, 0), span(-1, 40, 0), span(1, 0, -1), span(0, 1, -24)];
    for every in spans.into_iter().chain([Duration { months: i32::MIN, days: i32::MIN, ms: i64::MIN }]) {
        let schedule = Schedule::Interval { every, at: None };
        assert_eq!(schedule.next(Zone::UTC, at("2026-03-01T00:00:00Z")), None, "{every:?}");
    }
    let far = Schedule::Interval { every: Duration { months: i32::MAX, days: i32::MAX, ms: i64::MAX }, at: None };
    assert_eq!(far.next(Zone::UTC, at("2026-03-01T00:00:00Z")), None);
    let daily = Schedule::Days { days: vec![], at: time("10:00") };
    assert_eq!(daily.next(zone("Europe/Berlin"), Timestamp::MAX), None);
}

#[test]
fn recurrence_rules_follow_the_wall_clock_of_the_zone() {
    let table = "
        # The defaults are midnight, Monday, and the first of the month.
        FREQ=DAILY | Europe/Berlin | 2026-03-28T12:00:00Z | 2026-03-29 00:00 +01:00, 2026-03-30 00:00 +02:00
        RRULE:FREQ=WEEKLY | Asia/Vladivostok | 2026-03-04T12:00:00Z | 2026-03-09 00:00 +10:00
        FREQ=MONTHLY;BYHOUR=10 | Asia/Kathmandu | 2026-03-04T12:00:00Z | 2026-04-01 10:00 +05:45
        FREQ=YEARLY | Asia/Kathmandu | 2026-03-04T12:00:00Z | 2027-01-01 00:00 +05:45
        FREQ=YEARLY;BYWEEKNO=20 | Europe/Berlin | 2026-03-04T12:00:00Z | 2026-05-11 00:00 +02:00
        FREQ=YEARLY;BYYEARDAY=-1;BYHOUR=18 | Europe/Berlin | 2026-03-04T12:00:00Z | 2026-12-31 18:00 +01:00

        FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=10;BYMINUTE=30 | America/Los_Angeles | 2026-03-05T20:00:00Z | 2026-03-09 10:30 -07:00, 2026-03-12 10:30 -07:00
        FREQ=WEEKLY;INTERVAL=2;BYHOUR=10 | Europe/Berlin | 2026-03-01T00:00:00Z | 2026-03-02 10:00 +01:00, 2026-03-16 10:00 +01:00
        FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO | Europe/Berlin | 2026-03-01T12:00:00Z | 2026-03-02 00:00 +01:00, 2026-03-15 00:00 +01:00, 2026-03-16 00:00 +01:00
        FREQ=HOURLY;INTERVAL=6 | Asia/Kathmandu | 2026-01-31T07:00:00+05:45 | 2026-01-31 12:00 +05:45, 2026-01-31 18:00 +05:45
        FREQ=HOURLY;BYHOUR=9,10;BYMINUTE=0,30 | Asia/Kathmandu | 2026-01-31T10:00:00+05:45 | 2026-01-31 10:30 +05:45, 2026-02-01 09:00 +05:45

        FREQ=MONTHLY;BYDAY=1MO;BYHOUR=9 | Europe/Berlin | 2026-03-02T09:00:00+01:00 | 2026-04-06 09:00 +02:00, 2026-05-04 09:00 +02:00
        FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9 | Europe/Berlin | 2026-03-02T09:00:00Z | 2026-03-27 09:00 +01:00
        FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=17 | Europe/Berlin | 2026-05-02T09:00:00Z | 2026-05-29 17:00 +02:00, 2026-06-30 17:00 +02:00
        FREQ=MONTHLY;INTERVAL=2;BYDAY=-1MO | Europe/London | 2026-01-31T00:00:00Z | 2026-03-30 00:00 +01:00, 2026-05-25 00:00 +01:00
        # A month without the day is skipped.
        FREQ=MONTHLY;BYMONTHDAY=31 | Asia/Kathmandu | 2026-01-31T00:00:00+05:45 | 2026-03-31 00:00 +05:45, 2026-05-31 00:00 +05:45
        FREQ=MONTHLY;BYMONTHDAY=-1 | Asia/Kathmandu | 2028-01-31T00:00:00+05:45 | 2028-02-29 00:00 +05:45
        FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29 | Asia/Kathmandu | 2026-01-31T00:00:00+05:45 | 2028-02-29 00:00 +05:45, 2032-02-29 00:00 +05:45

        # A time in a gap moves to one that follows it, and each instant fires once.
        FREQ=HOURLY;BYMINUTE=0,30 | Europe/Berlin | 2026-03-29T01:30:00+01:00 | 2026-03-29 03:00 +02:00, 2026-03-29 03:30 +02:00, 2026-03-29 04:00 +02:00
        FREQ=HOURLY;BYMINUTE=30 | Europe/Berlin | 2026-10-25T01:30:00+02:00 | 2026-10-25 02:30 +02:00, 2026-10-25 03:30 +01:00

        # `DTSTART` sets the defaults of a rule, and the start of its count.
        DTSTART:20260303T113000 RRULE:FREQ=WEEKLY;INTERVAL=2 | Europe/Berlin | 2026-03-10T00:00:00Z | 2026-03-17 11:30 +01:00, 2026-03-31 11:30 +02:00
        DTSTART:20260131T100000 RRULE:FREQ=MONTHLY | Europe/Berlin | 2020-03-10T00:00:00Z | 2026-01-31 10:00 +01:00, 2026-03-31 10:00 +02:00
        DTSTART:20260301T100000 FREQ=DAILY;COUNT=2 | Europe/Berlin | 2026-03-01T10:00:00+01:00 | 2026-03-02 10:00 +01:00
    ";
    for [text, name, after, expected] in rows(table) {
        assert_firings(&rule(text), name, after, expected);
    }
    let lines = rule("DTSTART:20260303T113000\nRRULE:FREQ=DAILY");
    assert_firings(&lines, "UTC", "2026-03-10T00:00:00Z", "2026-03-10 11:30 Z");
}

#[test]
fn recurrence_rules_end() {
    let table: &[(&str, &str, Option<&str>)] = &[
        ("DTSTART:20260301T100000 RRULE:FREQ=DAILY;COUNT=2", "2026-03-02T10:00:00+01:00", None),
        // `UNTIL` is a whole day, a local time of the zone, or a UTC time.
        ("FREQ=DAILY;BYHOUR=23;UNTIL=20260302", "2026-03-02T10:00:00+01:00", Some("2026-03-02T23:00:00+01:00")),
        ("FREQ=DAILY;BYHOUR=23;UNTIL=20260302", "2026-03-02T23:00:00+01:00", None),
        ("FREQ=DAILY;BYHOUR=23;UNTIL=20260302T230000", "2026-03-02T22:00:00+01:00", Some("2026-03-02T23:00:00+01:00")),
        ("FREQ=DAILY;BYHOUR=23;UNTIL=20260302T225959", "2026-03-02T22:00:00+01:00", None),
        ("FREQ=DAILY;BYHOUR=23;UNTIL=20260302T220000Z", "2026-03-02T22:00:00+01:00", Some("2026-03-02T23:00:00+01:00")),
        ("FREQ=DAILY;BYHOUR=23;UNTIL=20260302T215959Z", "2026-03-02T22:00:00+01:00", None),
    ];
    for (text, after, expected) in table {
        let berlin = zone("Europe/Berlin");
        let found = rule(text).next(berlin, at(after)).map(|at| berlin.rfc3339(at));
        assert_eq!(found.as_deref(), *expected, "{text} after {after}");
    }
}

#[test]
fn errors_in_recurrence_rules_are_explained() {
    let table = [
        ("", "missing a rule such as `FREQ=WEEKLY;BYDAY=MO`"),
        ("mondays", "`mondays` is not part of a recurrence rule such as `FREQ=WEEKLY;BYDAY=MO`"),
        ("BYDAY=MO", "missing frequency, such as `FREQ=WEEKLY`"),
        ("FREQ=OFTEN", "`FREQ=OFTEN` is not one of HOURLY, DAILY, WEEKLY, MONTHLY and YEARLY"),
        ("FREQ=MINUTELY", "`FREQ=MINUTELY` is too frequent; the most frequent is `HOURLY`"),
        ("FREQ=DAILY;FREQ=DAILY", "duplicate `FREQ`"),
        ("FREQ=DAILY;BYEASTER=1", "unknown part `BYEASTER` in the recurrence rule"),
        ("FREQ=DAILY;NOON", "`NOON` is not a `NAME=VALUE` pair"),
        ("FREQ=DAILY;INTERVAL=0", "`INTERVAL` must be a number from 1 to 65535, not `0`"),
        ("FREQ=DAILY;BYHOUR=24", "`24` is out of range for `BYHOUR`: expected 0 to 23"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "`0` is out of range for `BYMONTHDAY`: expected -31 to 31"),
        (
            "FREQ=WEEKLY;BYDAY=MON",
            "`MON` is not a valid day: `BYDAY` accepts MO, TU, WE, TH, FR, SA, SU, and with `FREQ=MONTHLY` also `1MO` or `-1FR`",
        ),
        ("FREQ=WEEKLY;BYDAY=1MO", "a numbered day is only allowed in a monthly or yearly rule"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "`BYMONTHDAY` is not allowed in a weekly rule"),
        ("FREQ=MONTHLY;BYSETPOS=1", "`BYSETPOS` needs another part to choose from, such as `BYDAY`"),
        ("FREQ=DAILY;COUNT=3", "`COUNT` needs a start: write `DTSTART:20260301T100000` before the rule"),
        ("FREQ=DAILY;UNTIL=soon", "`UNTIL` must be a date such as `20261231`, not `soon`"),
        ("FREQ=DAILY RRULE:FREQ=WEEKLY", "more than one rule: add a trigger for each"),
        (
            "FREQ=DAILY EXDATE:20260301",
            "`EXDATE:20260301` is not part of a recurrence rule such as `FREQ=WEEKLY;BYDAY=MO`",
        ),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "the rule never produces a date"),
        ("FREQ=HOURLY;INTERVAL=24;BYHOUR=5", "the rule never produces a date"),
        (
            "DTSTART;TZID=Europe/Berlin:20260301T100000 RRULE:FREQ=DAILY",
            "`DTSTART` must be a local time of the funnel such as `DTSTART:20260301T100000`, not `TZID=Europe/Berlin:20260301T100000`",
        ),
    ];
    for (text, expected) in table {
        let (_, found) = findings::of_bytes("rule.funnel", format!("every \"{text}\" -> send sms \"Hi\"").as_bytes());
        let messages: Vec<&str> = found.iter().map(|finding| &*finding.message).collect();
        assert_eq!((messages, Schedule::rule(text).is_err()), (vec![expected], true), "{text}");
    }
}

#[test]
fn anniversaries_fire_every_year() {
    let table: &[(&str, Duration, &str, &str, &str, &str)] = &[
        (
            "1990-03-08",
            span(0, 0, 0),
            "10:00",
            "Asia/Vladivostok",
            "2026-03-08T09:59:00+10:00",
            "2026-03-08T10:00:00+10:00",
        ),
        (
            "1990-03-08",
            span(0, 0, 0),
            "10:00",
            "Asia/Vladivostok",
            "2026-03-08T10:00:00+10:00",
            "2027-03-08T10:00:00+10:00",
        ),
        ("1990-03-08", span(0, -7, 0), "10:00", "Europe/Berlin", "2026-03-01T12:00:00Z", "2027-03-01T10:00:00+01:00"),
        // A week before New Year is in the year before.
        ("1990-01-02", span(0, -7, 0), "10:00", "Europe/Berlin", "2026-03-01T12:00:00Z", "2026-12-26T10:00:00+01:00"),
        ("1990-12-30", span(0, 7, 0), "10:00", "Europe/Berlin", "2026-01-01T12:00:00Z", "2026-01-06T10:00:00+01:00"),
        ("1992-02-29", span(0, 0, 0), "10:00", "Europe/Berlin", "2026-02-01T12:00:00Z", "2026-02-28T10:00:00+01:00"),
        ("1992-02-29", span(0, 0, 0), "10:00", "Europe/Berlin", "2028-02-28T12:00:00Z", "2028-02-29T10:00:00+01:00"),
        ("1992-02-29", span(0, 1, 0), "10:00", "Europe/Berlin", "2026-02-01T12:00:00Z", "2026-03-01T10:00:00+01:00"),
        ("1992-02-29", span(-1, 0, 0), "10:00", "Europe/Berlin", "2026-01-01T12:00:00Z", "2026-01-28T10:00:00+01:00"),
        ("1992-02-29", span(-1, 0, 0), "10:00", "Europe/Berlin", "2028-01-01T12:00:00Z", "2028-01-29T10:00:00+01:00"),
        ("1992-02-29", span(1, 0, 0), "10:00", "Europe/Berlin", "2026-01-01T12:00:00Z", "2026-03-28T10:00:00+01:00"),
        ("1992-02-29", span(-12, 0, 0), "10:00", "Europe/Berlin", "2027-03-01T12:00:00Z", "2028-02-28T10:00:00+01:00"),
        ("1990-03-31", span(-1, 0, 0), "10:00", "Europe/Berlin", "2026-01-01T12:00:00Z", "2026-02-28T10:00:00+01:00"),
        ("1990-03-29", span(0, 0, 0), "02:30", "Europe/Berlin", "2026-01-01T12:00:00Z", "2026-03-29T03:30:00+02:00"),
        // The first anniversary is the date itself; here, the end of a warranty of two years.
        ("2026-03-08", span(24, 0, 0), "10:00", "Europe/Berlin", "2026-03-08T12:00:00Z", "2028-03-08T10:00:00+01:00"),
        ("2026-03-08", span(0, 0, 0), "10:00", "Europe/Berlin", "2020-01-01T00:00:00Z", "2026-03-08T10:00:00+01:00"),
    ];
    for (date_text, offset, clock, name, after, expected) in table {
        let found = next_anniversary(date(date_text), *offset, time(clock), zone(name), at(after));
        assert_eq!(
            found.map(|at| zone(name).rfc3339(at)).as_deref(),
            Some(*expected),
            "{date_text} {offset} after {after}"
        );
    }
    let far = Duration { months: i32::MAX, days: i32::MAX, ms: i64::MAX };
    assert_eq!(next_anniversary(date("1990-03-08"), far, time("10:00"), Zone::UTC, at("2026-01-01T00:00:00Z")), None);
    assert_eq!(next_anniversary(date("1990-03-08"), span(0, 0, 0), time("10:00"), Zone::UTC, Timestamp::MAX), None);
}

fn zones() -> impl Strategy<Value = Zone> {
    let names = [
        "UTC",
        "Asia/Vladivostok",
        "Europe/Berlin",
        "America/Los_Angeles",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Casablanca",
        "Europe/Lisbon",
    ];
    prop::sample::select(names.map(zone).to_vec())
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let clock = || (0..24u32, 0..60u32).prop_map(|(hour, minute)| TimeOfDay::new(hour, minute, 0).expect("a time"));
    let days = prop::collection::vec(prop::sample::select(Weekday::ALL.to_vec()), 0..4);
    let span = prop_oneof![
        (1..2000i64).prop_map(|minutes| Duration::exact(minutes * 60_000)),
        (1..60i32).prop_map(|days| span(0, days, 0)),
        (1..40i32, 0..20i32, 0..30i64).prop_map(|(months, days, hours)| span(months, days, hours)),
    ];
    let rules = prop::sample::select(vec![
        "FREQ=HOURLY;INTERVAL=7;BYMINUTE=0,20,40",
        "FREQ=DAILY;INTERVAL=3;BYHOUR=2,9;BYMINUTE=30",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SA;BYHOUR=2",
        "FREQ=MONTHLY;BYMONTHDAY=29,31;BYHOUR=10",
        "FREQ=MONTHLY;INTERVAL=5;BYDAY=-1SU;BYHOUR=2;BYMINUTE=15",
        "FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=MO",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2,10;BYDAY=SU;BYSETPOS=-1,1",
        "DTSTART:20250131T023000 FREQ=MONTHLY;INTERVAL=2",
        "DTSTART:20260101T100000 FREQ=DAILY;COUNT=500",
    ]);
    prop_oneof![
        (days, clock()).prop_map(|(days, at)| Schedule::Days { days, at }),
        (span, prop::option::of(clock())).prop_map(|(every, at)| Schedule::Interval { every, at }),
        rules.prop_map(rule),
    ]
}

proptest! {
    /// The next firing is later than the instant asked about, and the same for every instant in between.
    #[test]
    fn the_next_firing_is_later_and_skips_none(
        schedule in schedules(), zone in zones(), from in 1_200_000_000_000i64..1_900_000_000_000, share in 0.0..1.0f64,
    ) {
        let after = Timestamp(from);
        if let Some(next) = schedule.next(zone, after) {
            prop_assert!(next > after);
            let between = Timestamp(from + ((next.0 - from - 1) as f64 * share) as i64);
            prop_assert_eq!(schedule.next(zone, between), Some(next), "asked at {}", zone.rfc3339(between));
            prop_assert!(schedule.next(zone, next).is_none_or(|second| second > next));
        }
    }
}
