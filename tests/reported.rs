//! Cases that users of other tools reported, with the same result on every host: `simulate`, `run --fast-forward`, and
//! `run --listen` with the real clock where nothing has to be waited for.

use crate::support::case;
use crate::support::program::package;
use crate::support::service::{Service, holds_within};
use std::time::Duration;

#[test]
fn each_case_has_the_right_messages_in_virtual_time() {
    let cases: [(&str, &[&str]); 14] = [
        (
            "arrives-cancelled",
            &[
                "2026-03-01 10:00 +01:00 c1 no entry reminder: on booking.cancelled",
                "2026-03-01 10:00 +01:00 c1 no entry chase: on order.paid",
            ],
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
        ("unsubscribed", &["2026-03-03 09:00 +01:00 c1 not sent sms to +491700000001: no consent"]),
        (
            "whose-clock",
            &["2026-03-01 10:00 +01:00 c1 send sms +491700000001 \"We expect you on 10 March 2026 at 18:00.\""],
        ),
    ];
    for (name, expected) in cases {
        let about_messages = |line: &&String| ["send", "not sent", "no entry"].iter().any(|kind| line.contains(kind));
        let results = case::results(name);
        let shown: Vec<&String> = results.iter().filter(about_messages).collect();
        assert_eq!(shown, expected, "{name}");
    }
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
        ("blank-name", &[("+491700000001", "Hi friend!")]),
        ("impossible-phone", &[("+491700000001", "Hi")]),
        ("late-phone", &[("+491700000002", "Thank you!")]),
        ("old-client", &[]),
        ("other-notation", &[]),
        ("tags-of-funnels", &[("+491700000001", "Welcome back")]),
        ("unsubscribed", &[]),
        ("whose-clock", &[("+491700000001", "We expect you on 10 March 2026 at 18:00.")]),
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
