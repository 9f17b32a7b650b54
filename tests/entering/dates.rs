//! One occasion of a date, one run: also when the date, the time zone or the clock changes on its day.

use super::{event_at, json, results};

const BIRTHDAY: &str = r#"on client.birthday at 10:00 -> send sms "happy birthday""#;

fn client(time: &str, data: serde_json::Value) -> String {
    event_at("client", time).data(data)
}

fn later(at: &str) -> String {
    super::event("visit").at(at).data(json!({"id": "v1"}))
}

/// The moments of the messages, from March 2026 to the end of 2027.
fn fired(funnel: &str, mut events: Vec<String>) -> Vec<String> {
    events.push(later("2027-12-31T12:00:00+01:00"));
    results(funnel, &events).iter().map(|line| line[..16].to_owned()).collect()
}

fn birthdays(changes: &[(&str, serde_json::Value)]) -> Vec<String> {
    fired(BIRTHDAY, changes.iter().map(|(time, data)| client(time, data.clone())).collect())
}

#[test]
fn a_birthday_that_fired_does_not_fire_again_in_another_zone() {
    // At 10:30 in Berlin, it is 5:30 in New York, so 10:00 is ahead again.
    let moved = [
        ("01T10:00", json!({"birthday": "1990-03-10", "timezone": "Europe/Berlin"})),
        ("10T10:30", json!({"timezone": "America/New_York"})),
    ];
    assert_eq!(birthdays(&moved), ["2026-03-10 10:00", "2027-03-10 10:00"]);
    let back_and_forth = [
        moved[0].clone(),
        moved[1].clone(),
        ("10T11:00", json!({"timezone": "Asia/Tokyo"})),
        ("10T11:30", json!({"timezone": "Pacific/Honolulu"})),
    ];
    assert_eq!(birthdays(&back_and_forth), ["2026-03-10 10:00", "2027-03-10 10:00"]);
}

#[test]
fn a_birthday_that_a_change_of_the_zone_moves_into_the_past_fires_at_once() {
    // 9:30 in Berlin is 17:30 in Tokyo, on the same day.
    let moved = [
        ("01T10:00", json!({"birthday": "1990-03-10", "timezone": "Europe/Berlin"})),
        ("10T09:30", json!({"timezone": "Asia/Tokyo"})),
    ];
    assert_eq!(birthdays(&moved), ["2026-03-10 17:30", "2027-03-10 10:00"]);
    // 20:30 in Berlin is 9:30 in Honolulu, and 4:30 on the next day in Tokyo.
    let from_honolulu = [
        ("01T10:00", json!({"birthday": "1990-03-10", "timezone": "Pacific/Honolulu"})),
        ("10T20:30", json!({"timezone": "Asia/Tokyo"})),
    ];
    assert_eq!(birthdays(&from_honolulu), ["2026-03-11 04:30", "2027-03-10 10:00"]);
}

#[test]
fn a_birthday_that_is_corrected_on_its_day_fires_once() {
    let corrected = |first: &str, at: &str, second: &str| {
        birthdays(&[("01T10:00", json!({"birthday": first})), (at, json!({"birthday": second}))])
    };
    assert_eq!(corrected("1990-03-10", "10T12:00", "1990-03-11"), ["2026-03-10 10:00", "2027-03-11 10:00"]);
    assert_eq!(corrected("1990-03-10", "10T12:00", "1991-03-10"), ["2026-03-10 10:00", "2027-03-10 10:00"]);
    assert_eq!(corrected("1990-03-11", "10T12:00", "1990-03-10"), ["2026-03-10 12:00", "2027-03-10 10:00"]);
    assert_eq!(corrected("1990-03-11", "10T12:00", "1990-03-08"), ["2027-03-08 10:00"], "more than a day ago");
    assert_eq!(corrected("1990-03-10", "09T12:00", "1990-03-20"), ["2026-03-20 10:00", "2027-03-20 10:00"]);
    assert_eq!(
        corrected("1990-03-10", "10T12:00", "1990-10-10"),
        ["2026-03-10 10:00", "2026-10-10 10:00", "2027-10-10 10:00"]
    );
    let retracted = birthdays(&[
        ("01T10:00", json!({"birthday": "1990-03-10"})),
        ("10T10:30", json!({"birthday": null})),
        ("10T11:00", json!({"birthday": "1990-03-11"})),
    ]);
    assert_eq!(retracted, ["2026-03-10 10:00", "2027-03-11 10:00"]);
}

#[test]
fn a_birthday_across_the_new_year_fires_once() {
    let funnel = r#"on client.birthday at 10:00 -> send sms "happy birthday""#;
    let at = |at: &str, birthday: &str| super::event("client").at(at).data(json!({"birthday": birthday}));
    let events = vec![at("2026-03-02T10:00:00+01:00", "1990-12-31"), at("2026-12-31T12:00:00+01:00", "1990-01-02")];
    assert_eq!(fired(funnel, events), ["2026-12-31 10:00"], "two days later is the same birthday");
    let events = vec![at("2026-03-02T10:00:00+01:00", "1990-04-10"), at("2026-04-10T12:00:00+02:00", "1990-12-30")];
    assert_eq!(fired(funnel, events), ["2026-04-10 10:00", "2026-12-30 10:00", "2027-12-30 10:00"]);
}

#[test]
fn a_birthday_that_becomes_known_too_late_waits_for_the_next() {
    assert_eq!(birthdays(&[("10T12:00", json!({"birthday": "1990-03-10"}))]), ["2027-03-10 10:00"]);
    let zone_too = [("10T12:00", json!({"birthday": "1990-03-10"})), ("10T13:00", json!({"timezone": "Asia/Tokyo"}))];
    assert_eq!(birthdays(&zone_too), ["2027-03-10 10:00"], "a change of the zone does not make it fire");
}

#[test]
fn other_changes_on_the_day_neither_repeat_nor_lose_it() {
    let changes = [
        ("01T10:00", json!({"birthday": "1990-03-10"})),
        ("10T09:59", json!({"city": "Bonn"})),
        ("10T10:00", json!({"city": "Kiel"})),
        ("10T10:01", json!({"city": "Ulm"})),
    ];
    assert_eq!(birthdays(&changes), ["2026-03-10 10:00", "2027-03-10 10:00"]);
}

#[test]
fn a_date_without_recurrence_fires_once_per_day_it_names() {
    let funnel = r#"client { ends: datetime? }  on client.ends - 1d at 09:00 -> send sms "soon""#;
    let fired_after = |changes: &[(&str, serde_json::Value)]| {
        fired(funnel, changes.iter().map(|(time, data)| client(time, data.clone())).collect())
    };
    let ends = |at: &str| json!({"ends": at});
    let first = || ("01T10:00", json!({"ends": "2026-03-11T12:00:00+01:00", "timezone": "Europe/Berlin"}));
    assert_eq!(fired_after(&[first(), ("10T09:30", json!({"timezone": "America/New_York"}))]), ["2026-03-10 09:00"]);
    assert_eq!(fired_after(&[first(), ("10T09:30", ends("2026-03-11T15:00:00+01:00"))]), ["2026-03-10 09:00"]);
    assert_eq!(
        fired_after(&[first(), ("10T09:30", ends("2026-03-14T12:00:00+01:00"))]),
        ["2026-03-10 09:00", "2026-03-13 09:00"]
    );
    assert_eq!(fired_after(&[first(), ("10T08:30", json!({"timezone": "Asia/Tokyo"}))]), ["2026-03-10 16:30"]);
    assert_eq!(fired_after(&[first(), ("05T08:30", ends("2026-03-03T12:00:00+01:00"))]), Vec::<String>::new());
}

const PASSPORT: &str = r#"client { until: date? }
    on client.until - 30d at 10:00 -> send sms "ends {{ client.until | date }}""#;

fn passports(changes: &[(&str, serde_json::Value)]) -> Vec<String> {
    let mut events: Vec<_> = changes.iter().map(|(time, data)| client(time, data.clone())).collect();
    events.push(super::event("visit").at("2029-12-31T12:00:00+01:00").data(json!({"id": "v1"})));
    results(PASSPORT, &events).iter().map(|line| line.replace("send sms: ", "")).collect()
}

fn until(day: &str) -> serde_json::Value {
    json!({"until": day, "timezone": "Europe/Berlin"})
}

#[test]
fn a_plain_date_comes_once_with_its_own_year() {
    let first = || ("01T10:00", until("2026-04-10"));
    let told = "2026-03-11 10:00 ends 10 April 2026";
    assert_eq!(passports(&[first()]), [told]);
    // The same date again, another zone, and a renewed passport.
    assert_eq!(passports(&[first(), ("12T10:00", until("2026-04-10"))]), [told]);
    assert_eq!(passports(&[first(), ("11T10:30", json!({"timezone": "America/New_York"}))]), [told]);
    assert_eq!(passports(&[first(), ("20T10:00", until("2028-04-10"))]), [told, "2028-03-11 10:00 ends 10 April 2028"]);
    // Moved and taken back while it is ahead.
    assert_eq!(passports(&[first(), ("02T10:00", until("2026-05-10"))]), ["2026-04-10 10:00 ends 10 May 2026"]);
    assert_eq!(passports(&[first(), ("02T10:00", json!({"until": null}))]), [] as [&str; 0]);
    // The next day of the calendar is another date.
    assert_eq!(passports(&[first(), ("11T12:00", until("2026-04-11"))]), [told, "2026-03-12 10:00 ends 11 April 2026"]);
}

#[test]
fn a_plain_date_that_is_past_says_nothing() {
    assert_eq!(passports(&[("01T10:00", until("2026-02-01"))]), [] as [&str; 0]);
    assert_eq!(passports(&[("11T10:30", until("2026-04-10"))]), [] as [&str; 0], "half an hour too late");
    assert_eq!(passports(&[("01T10:00", until("1990-04-10"))]), [] as [&str; 0], "it does not return");
    // A zone that moves the occasion into the past does not make anybody miss it.
    let moved = [("01T10:00", until("2026-04-10")), ("11T09:30", json!({"timezone": "Asia/Tokyo"}))];
    assert_eq!(passports(&moved), ["2026-03-11 17:30 ends 10 April 2026"]);
}

#[test]
fn a_plain_date_on_29_february_is_that_day() {
    let funnel = r#"client { until: date? }  on client.until - 1y at 10:00 -> send sms "a year to go""#;
    let events = vec![client("01T10:00", until("2028-02-29"))];
    assert_eq!(fired(funnel, events), ["2027-02-28 10:00"]);
    let day = r#"client { until: date? }  on client.until at 10:00 -> send sms "today""#;
    let mut events = vec![client("01T10:00", until("2028-02-29"))];
    events.push(super::event("visit").at("2033-01-01T12:00:00+01:00").data(json!({"id": "v2"})));
    let lines = results(day, &events);
    assert_eq!(lines, ["2028-02-29 10:00 send sms: today"]);
}

#[test]
fn restarts_neither_repeat_nor_lose_a_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let funnel = r#"client { until: date?  wedding: anniversary? }
        funnel once { timezone "Europe/Berlin"  on client.until - 30d at 10:00 -> task "ends {{ client.until | date }}" }
        funnel yearly { timezone "Europe/Berlin"  on client.wedding at 10:00 -> task "congratulate" }"#;
    let data = |until: &str| json!({"until": until, "wedding": "2020-07-01"});
    let at = |at: &str, until: &str| super::event("client").at(at).data(data(until));
    let visit = |at: &str| super::event("visit").at(at).data(json!({"id": at}));
    let parts = [
        [at("2026-03-01T10:00:00Z", "2026-04-10"), visit("2026-03-05T10:00:00Z")],
        [at("2026-06-01T10:00:00Z", "2026-04-10"), visit("2026-08-01T10:00:00Z")],
        [at("2027-06-01T10:00:00Z", "2028-04-10"), visit("2028-08-01T10:00:00Z")],
    ];
    let store = || -> Box<dyn funnelc::store::Store> { Box::new(funnelc::store::Sqlite::open(&path).unwrap()) };
    let lines = crate::handover::hosted(funnel, store, &parts.each_ref().map(<[String; 2]>::as_slice));
    let shown = |line: &funnelc::engine::Line| match &line.kind {
        funnelc::engine::LineKind::Task { text, .. } => {
            Some(format!("{} {text}", funnelc::value::Zone::UTC.civil(line.at).date))
        }
        _ => None,
    };
    assert_eq!(
        lines.iter().filter_map(shown).collect::<Vec<_>>(),
        [
            "2026-03-11 ends 10 April 2026",
            "2026-07-01 congratulate",
            "2027-07-01 congratulate",
            "2028-03-11 ends 10 April 2028",
            "2028-07-01 congratulate",
        ]
    );
}
