//! Cases that users of other tools reported, with the same result on every host: `simulate`, `run --fast-forward`, and
//! `run --listen` with the real clock where nothing has to be waited for.

use crate::support::case;
use crate::support::program::package;
use crate::support::service::{Service, holds_within};
use std::time::Duration;

#[test]
fn each_case_has_the_right_messages_in_virtual_time() {
    let cases: [(&str, &[&str]); 15] = [
        (
            "arrives-cancelled",
            &[
                "2026-03-01 10:00 +01:00 c1 no entry on booking.cancelled",
                "2026-03-01 10:00 +01:00 c1 no entry on order.paid",
            ],
        ),
        (
            "berlin-time",
            &["2026-03-01 10:00 +01:00 c1 send sms +491700000001 \"We expect you on 10 March 2026 at 18:00.\""],
        ),
        ("blank-name", &["2026-03-01 10:00 +01:00 c1 send sms +491700000001 \"Hi friend!\""]),
        ("default-answer", &[]),
        (
            "held-messages",
            &[
                "2026-03-10 08:00 +01:00 c1 not sent sms: too late, only allowed before 2026-03-10 08:00",
                "2026-03-12 23:30 +01:00 c1 not sent sms: too late, only allowed before 2026-03-12 23:30",
                "2026-03-23 13:00 +01:00 c1 send sms +491700000001 \"See you today at 15:00!\"",
            ],
        ),
        (
            "impossible-phone",
            &[
                "2026-03-01 10:00 +01:00 c1 send sms +491700000001 \"Hi\"",
                "2026-03-01 10:00 +01:00 c2 not sent sms: no address",
            ],
        ),
        ("incomplete", &["2026-03-10 09:00 +01:00 c1 send sms +491700000001 \"Today at 11:00\""]),
        ("late-change", &["2026-03-17 13:00 +01:00 c1 send sms +491700000001 \"17 March 2026 15:00\""]),
        ("late-phone", &["2026-03-04 09:00 +01:00 c1 send sms +491700000002 \"Thank you!\""]),
        ("no-booking-ahead", &["2026-03-05 13:00 +01:00 c1 send sms +491700000001 \"Shall we book the next visit?\""]),
        ("old-client", &[]),
        ("other-notation", &[]),
        ("tags-of-funnels", &["2026-03-03 09:00 +01:00 c1 send sms +491700000001 \"Welcome back\""]),
        ("taken-up-again", &["2026-03-10 09:00 +01:00 c1 send sms +491700000001 \"See you at 11:00\""]),
        ("unsubscribed", &["2026-03-03 09:00 +01:00 c1 not sent sms to +491700000001: no consent"]),
    ];
    for (name, expected) in cases {
        assert_eq!(about_messages(case::results(name)), expected, "{name}");
    }
}

/// The lines about messages.
fn about_messages(results: Vec<String>) -> Vec<String> {
    let is_shown = |line: &String| ["send", "not sent", "no entry"].iter().any(|kind| line.contains(kind));
    results.into_iter().filter(is_shown).collect()
}

/// An event of the client `c1` in March in Berlin, such as `02 10:00 booking`, with its data.
fn event(what: &str, data: &str) -> String {
    let (at, kind) = what.rsplit_once(' ').unwrap();
    let at = at.replace(' ', "T");
    let id = format!("{what} {data}").replace('"', "'");
    format!(r#"{{"type":"{kind}","id":"{id}","client":"c1","at":"2026-03-{at}:00+01:00","data":{{{data}}}}}"#)
}

const PHONE: &str = r#""phone":"+491700000001""#;
const MADE: &str = r#""id":"b1","starts_at":"2026-03-10T11:00:00+01:00""#;

/// The name of a reported case, other events for it, and the lines about messages without the month and the client.
type Sibling<'a> = (&'a str, Vec<(&'a str, String)>, &'a [&'a str]);

/// Other events of the same kind as in the reported cases, two for each.
#[allow(clippy::too_many_lines, reason = "a table of cases")]
fn siblings() -> Vec<Sibling<'static>> {
    let with = |more: &str| format!("{MADE},{more}");
    let b1 = |more: &str| format!(r#""id":"b1",{more}"#);
    let starts = |at: &str| b1(&format!(r#""starts_at":"2026-03-{at}:00+01:00""#));
    let own = |text: &str| text.to_owned();
    let (client, made) = (("01 09:00 client", own(PHONE)), ("01 10:00 booking", own(MADE)));
    let visit = |what| (what, own(r#""id":"v1""#));
    let consent = ("01 09:00 client", format!(r#"{PHONE},"consent":["sms","email"]"#));
    let priced = ("01 10:00 booking", with(r#""price":"25 EUR""#));
    vec![
        // A record that arrives in a state that ends the funnel.
        (
            "arrives-cancelled",
            vec![
                client.clone(),
                ("01 10:00 booking", with(r#""cancelled":true"#)),
                ("02 10:00 booking", b1(r#""cancelled":false"#)),
            ],
            &["01 10:00 no entry on booking.cancelled"],
        ),
        (
            "arrives-cancelled",
            vec![
                client.clone(),
                ("01 10:00 order", own(r#""id":"o1","paid":false"#)),
                ("01 11:00 order", own(r#""id":"o1","paid":true"#)),
            ],
            &[],
        ),
        // One zone for every client.
        (
            "berlin-time",
            vec![("01 09:00 client", format!(r#"{PHONE},"timezone":"America/New_York""#)), made.clone()],
            &["01 10:00 send sms +491700000001 \"We expect you on 10 March 2026 at 11:00.\""],
        ),
        (
            "berlin-time",
            vec![client.clone(), ("01 10:00 booking", own(r#""id":"b1","starts_at":"2026-03-10T23:30:00Z""#))],
            &["01 10:00 send sms +491700000001 \"We expect you on 11 March 2026 at 00:30.\""],
        ),
        // A name that is none.
        (
            "blank-name",
            vec![("01 09:00 client", format!("{PHONE},\"name\":\" \u{a0} \"")), made.clone()],
            &["01 10:00 send sms +491700000001 \"Hi friend!\""],
        ),
        (
            "blank-name",
            vec![
                ("01 09:00 client", format!(r#"{PHONE},"name":"Anna""#)),
                ("01 09:30 client", own(r#""name":"""#)),
                made.clone(),
            ],
            &["01 10:00 send sms +491700000001 \"Hi friend!\""],
        ),
        // A default is no answer.
        (
            "default-answer",
            vec![client.clone(), ("01 10:00 booking", with(r#""attended":false"#))],
            &["11 12:00 send sms +491700000001 \"We missed you on 10 March 2026.\""],
        ),
        (
            "default-answer",
            vec![
                client.clone(),
                ("01 10:00 booking", with(r#""attended":true"#)),
                ("10 11:20 booking", b1(r#""attended":false"#)),
            ],
            &["10 12:20 send sms +491700000001 \"We missed you on 10 March 2026.\""],
        ),
        // What is held follows its record.
        (
            "held-messages",
            vec![client.clone(), ("01 10:00 booking", starts("10T09:30"))],
            &["10 09:00 send sms +491700000001 \"See you today at 09:30!\""],
        ),
        (
            "held-messages",
            vec![client.clone(), ("01 10:00 booking", starts("10T10:30")), ("10 08:45 booking", starts("10T08:50"))],
            &["10 08:50 not sent sms: too late, only allowed before 10 08:50"],
        ),
        // A number that no country has.
        (
            "impossible-phone",
            vec![("01 09:00 client", own(r#""phone":"tel:+49-170-0000001""#)), made.clone()],
            &["01 10:00 send sms +491700000001 \"Hi\""],
        ),
        (
            "impossible-phone",
            vec![("01 09:00 client", own(r#""phone":"+999 1234567""#)), made.clone()],
            &["01 10:00 not sent sms: no address"],
        ),
        // A record that arrives in parts.
        (
            "incomplete",
            vec![
                client.clone(),
                ("02 10:00 booking", b1(r#""specialist":"Mia""#)),
                ("02 10:01 booking", b1(r#""price":"5 EUR""#)),
                ("02 10:02 booking", starts("10T11:00")),
            ],
            &["10 09:00 send sms +491700000001 \"Today at 11:00\""],
        ),
        (
            "incomplete",
            vec![
                client.clone(),
                ("02 10:00 booking", b1(r#""specialist":"Mia""#)),
                ("03 10:00 booking", b1(r#""cancelled":true"#)),
            ],
            &[],
        ),
        // Events that arrive in another order than they happened.
        (
            "late-change",
            vec![
                client.clone(),
                made.clone(),
                ("03 10:00 booking", starts("18T15:00")),
                ("02 10:00 booking", starts("17T15:00")),
            ],
            &["18 13:00 send sms +491700000001 \"18 March 2026 15:00\""],
        ),
        (
            "late-change",
            vec![
                client.clone(),
                made.clone(),
                ("05 10:00 booking", b1(r#""specialist":"Mia""#)),
                ("04 10:00 booking", b1(r#""cancelled":true"#)),
                ("03 10:00 booking", b1(r#""cancelled":false"#)),
            ],
            &[],
        ),
        (
            "late-phone",
            vec![
                ("03 09:00 client", own(r#""phone":"+491700000002""#)),
                ("01 09:00 client", own(r#""name":"Anna","phone":"+491700000001""#)),
                ("02 09:00 client", own(r#""phone":"+491700000003""#)),
                visit("04 09:00 visit"),
            ],
            &["04 09:00 send sms +491700000002 \"Thank you!\""],
        ),
        (
            "late-phone",
            vec![("03 09:00 client", own(r#""phone":null"#)), ("01 09:00 client", own(PHONE)), visit("04 09:00 visit")],
            &["04 09:00 not sent sms: no address"],
        ),
        // A question about the past is asked with the clock of its moment.
        (
            "no-booking-ahead",
            vec![client.clone(), ("01 10:00 booking", starts("05T13:00")), visit("05 11:00 visit")],
            &["05 13:00 send sms +491700000001 \"Shall we book the next visit?\""],
        ),
        (
            "no-booking-ahead",
            vec![
                client.clone(),
                ("01 10:00 booking", starts("05T11:00")),
                visit("05 11:00 visit"),
                ("05 12:00 booking", starts("20T11:00")),
            ],
            &[],
        ),
        // An old client who is read in.
        (
            "old-client",
            vec![
                ("01 09:00 client", format!(r#"{PHONE},"city":"Berlin","created_at":"2024-01-01""#)),
                ("02 09:00 client", own(r#""city":"Bonn""#)),
            ],
            &["02 09:00 send sms +491700000001 \"So you moved to Bonn!\""],
        ),
        (
            "old-client",
            vec![
                ("01 09:00 client", format!(r#"{PHONE},"city":"Berlin","created_at":"2024-01-01T00:00:00Z""#)),
                ("02 09:00 client", own(r#""city":"Berlin""#)),
            ],
            &[],
        ),
        // Another notation is no change.
        (
            "other-notation",
            vec![
                client.clone(),
                priced.clone(),
                (
                    "02 10:00 booking",
                    b1(r#""starts_at":"2026-03-10T11:00:00.000+0100","price":{"amount":"25.0","currency":"EUR"}"#),
                ),
            ],
            &[],
        ),
        (
            "other-notation",
            vec![client.clone(), priced, ("02 10:00 booking", b1(r#""starts_at":"10.03.2026 12:00","price":25"#))],
            &["02 10:00 send sms +491700000001 \"Your booking is now on 10 March 2026 at 12:00.\""],
        ),
        // A tag that is put on is on.
        (
            "tags-of-funnels",
            vec![
                client.clone(),
                visit("02 09:00 visit"),
                ("02 10:00 client", own(r#""tags":["vip"]"#)),
                ("03 09:00 purchase", own(r#""id":"p1","amount":"1 EUR""#)),
            ],
            &["03 09:00 send sms +491700000001 \"Welcome back\""],
        ),
        (
            "tags-of-funnels",
            vec![
                client.clone(),
                ("02 10:00 client", own(r#""tags":["vip"]"#)),
                ("03 09:00 purchase", own(r#""id":"p1","amount":"1 EUR""#)),
            ],
            &["03 09:00 send sms +491700000001 \"We have not met yet\""],
        ),
        // As long as the booking is not cancelled.
        (
            "taken-up-again",
            vec![
                client.clone(),
                made.clone(),
                ("02 10:00 booking", b1(r#""cancelled":true"#)),
                ("03 10:00 booking", b1(r#""cancelled":false"#)),
                ("04 10:00 booking", b1(r#""cancelled":true"#)),
            ],
            &[],
        ),
        (
            "taken-up-again",
            vec![
                client,
                made,
                ("02 10:00 booking", b1(r#""cancelled":true"#)),
                ("03 10:00 booking", starts("12T15:00")),
                ("04 10:00 booking", b1(r#""cancelled":false"#)),
            ],
            &["12 13:00 send sms +491700000001 \"See you at 15:00\""],
        ),
        // A withdrawal is understood, or withdraws more.
        (
            "unsubscribed",
            vec![consent.clone(), ("02 09:00 unsubscribed", own(r#""channel":"E-Mail""#)), visit("03 09:00 visit")],
            &["03 09:00 send sms +491700000001 \"News of the month\""],
        ),
        (
            "unsubscribed",
            vec![consent, ("02 09:00 unsubscribed", own(r#""channel":"fax""#)), visit("03 09:00 visit")],
            &["03 09:00 not sent sms to +491700000001: no consent"],
        ),
    ]
}

#[test]
fn each_case_has_two_of_its_kind() {
    let mut counts = std::collections::BTreeMap::<&str, u32>::new();
    for (name, events, expected) in siblings() {
        let lines: Vec<String> = events.iter().map(|(what, data)| event(what, data)).collect();
        let shown = about_messages(case::results_of(name, &(lines.join("\n") + "\n"))).into_iter();
        let shown = shown.map(|line| line.replace("2026-03-", "").replace(" +01:00 c1", ""));
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{name}: {lines:?}");
        *counts.entry(name).or_default() += 1;
    }
    assert!(counts.values().all(|count| *count >= 2), "{counts:?}");
    assert_eq!(counts.len(), 15);
}

/// The recipients and texts of a store's messages.
fn messages(service: &Service) -> Vec<(String, String)> {
    let store = rusqlite::Connection::open(service.store_path()).unwrap();
    let mut rows = store.prepare("SELECT recipient, message ->> '$.content.text' FROM messages ORDER BY no").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_service_sends_the_same_where_nothing_has_to_be_waited_for() {
    let cases: [(&str, &[(&str, &str)]); 8] = [
        ("berlin-time", &[("+491700000001", "We expect you on 10 March 2026 at 18:00.")]),
        ("blank-name", &[("+491700000001", "Hi friend!")]),
        ("impossible-phone", &[("+491700000001", "Hi")]),
        ("late-phone", &[("+491700000002", "Thank you!")]),
        ("old-client", &[]),
        ("other-notation", &[]),
        ("tags-of-funnels", &[("+491700000001", "Welcome back")]),
        ("unsubscribed", &[]),
    ];
    for (name, expected) in cases {
        let read = |file: &str| std::fs::read_to_string(package("tests/cases").join(name).join(file)).unwrap();
        let (funnel, project) = (read("a.funnel"), read("funnel.toml"));
        let service = Service::start_in(&[("a.funnel", &funnel), ("funnel.toml", &project)], &[]);
        for line in read("e.ndjson").lines() {
            let (status, response) = service.post(line);
            assert!(status == 202 || status == 207, "{name}: {response}");
            assert_eq!(response["accepted"], 1, "{name}: {response}");
        }
        let expected: Vec<_> = expected.iter().map(|(to, text)| ((*to).to_owned(), (*text).to_owned())).collect();
        // What is decided at once is in the transaction of its event.
        assert!(
            holds_within(Duration::from_secs(5), || messages(&service) == expected),
            "{name}: {:?}",
            messages(&service)
        );
    }
}
