//! What is written in another notation changes nothing, and what is blank is missing.

use super::runtime::workshop::{HostOutput, forward};
use super::support::story::Story;
use funnelc::channel::fake::Fake;
use funnelc::store::MemoryStore;
use std::sync::Arc;

fn client(hour: u32, data: &str) -> String {
    format!(r#"{{"type":"client","client":"c1","at":"2026-03-01T{hour:02}:00:00Z","data":{{{data}}}}}"#)
}

fn booking(hour: u32, data: &str) -> String {
    format!(r#"{{"type":"booking","client":"c1","at":"2026-03-01T{hour:02}:00:00Z","data":{{"id":"b1",{data}}}}}"#)
}

/// The results, without when clients enter and leave.
fn results(funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let all = Story::new("UTC", funnel).results(&events);
    all.into_iter().filter(|line| !line.ends_with("enter") && !line.contains(" exit ")).collect()
}

const PHONE: &str = r#""phone":"+491700000001""#;

#[test]
fn a_record_in_another_notation_has_not_changed() {
    let funnel = r#"
        funnel moved {
          enter always
          on booking.starts_at -> send sms "moved"
        }
        funnel price {
          enter always
          on booking.price -> send sms "price"
        }"#;
    let events = |starts_at: &str, price: &str| {
        let first = booking(10, r#""starts_at":"2026-03-10T11:00:00+01:00","price":"25 EUR""#);
        let second = booking(11, &format!(r#""starts_at":"{starts_at}","price":{price}"#));
        [client(9, PHONE), first, second]
    };
    for (starts_at, price) in [
        ("2026-03-10T10:00:00Z", r#""25.00 EUR""#),
        ("2026-03-10T10:00:00.000Z", r#"{"amount":25.0,"currency":"EUR"}"#),
        ("2026-03-10T13:30:00+03:30", r#""25.0 EUR""#),
    ] {
        assert_eq!(results(funnel, &events(starts_at, price)), [""; 0], "{starts_at} {price}");
    }
    let moved = results(funnel, &events("2026-03-10T11:00:00Z", r#""25.01 EUR""#));
    assert_eq!(
        moved,
        ["2026-03-01 11:00 send sms +491700000001: moved", "2026-03-01 11:00 send sms +491700000001: price"]
    );
}

#[test]
fn a_client_field_in_another_notation_has_not_changed() {
    let funnel = r#"
        client {
          balance: money?
          score: number?
        }
        funnel balance {
          enter always
          on client.balance -> tag "balance"
        }
        funnel score {
          enter always
          on client.score -> tag "score"
        }
        funnel phone {
          enter always
          on client.phone -> tag "phone"
        }"#;
    let first = client(9, r#""balance":"1200 RUB","score":5,"phone":"+491700000001""#);
    let again = client(10, r#""balance":1200.00,"score":5.0,"phone":"+49 (0)170 0000001""#);
    let before = results(funnel, std::slice::from_ref(&first));
    assert_eq!(results(funnel, &[first, again]), before);
}

#[test]
fn the_same_event_in_another_notation_is_a_duplicate() {
    let event = |data: &str| {
        format!(
            r#"{{"type":"booking","id":"e1","client":"c1","at":"2026-03-01T10:00:00Z","data":{{"id":"b1",{data}}}}}"#
        ) + "\n"
    };
    let first = event(r#""starts_at":"2026-03-10T10:00:00Z","price":"25 EUR","room":7"#);
    let log = first.clone()
        + &event(r#""price":"25.00 EUR","starts_at":"2026-03-10T11:00:00+01:00","room":7.0"#)
        + &event(r#""starts_at":"2026-03-10T10:00:00.000Z","price":{"amount":"25","currency":"EUR"},"room":7"#)
            .replace("10:00:00Z\",\"data", "12:00:00+02:00\",\"data")
        + &event(r#""starts_at":"2026-03-10T10:00:00Z","price":"26 EUR","room":7"#);
    let (memory, fake) = (MemoryStore::new(), Arc::new(Fake::new([])));
    let summary = forward(memory.clone(), &fake, &log, &HostOutput::default()).unwrap().run().unwrap();
    assert_eq!((summary.events, summary.duplicates, summary.rejected), (1, 2, 1));
    let again = forward(memory, &fake, &log, &HostOutput::default()).unwrap().run().unwrap();
    assert_eq!((again.events, again.duplicates, again.rejected), (0, 3, 1), "also when it is read from the store");
}

#[test]
fn a_blank_text_of_a_client_is_missing() {
    let funnel = r#"on booking -> send sms "Hi {{ client.name | default("friend") }}!""#;
    for name in ["", " ", "\\n\\t", "\u{a0}"] {
        let events =
            [client(9, &format!(r#"{PHONE},"name":"{name}""#)), booking(10, r#""starts_at":"2026-03-10T10:00:00Z""#)];
        assert_eq!(results(funnel, &events), ["2026-03-01 10:00 send sms +491700000001: Hi friend!"], "{name:?}");
    }
}

#[test]
fn a_blank_field_of_any_optional_type_is_missing() {
    let funnel = r#"
        client {
          site: url?
          born: date?
          lasts: duration?
          visits: number?
        }
        on booking
          -> if client.site is missing and client.born is missing and client.lasts is missing and client.visits is missing
          -> if client.email is missing and booking.price is missing and booking.service is missing
          -> send sms "all missing""#;
    let blank = r#""site":"","born":" ","lasts":"","visits":"","email":"""#;
    let events = [
        client(9, &format!("{PHONE},{blank}")),
        booking(10, r#""starts_at":"2026-03-10T10:00:00Z","price":"","service":" ""#),
    ];
    assert_eq!(results(funnel, &events), ["2026-03-01 10:00 send sms +491700000001: all missing"]);
}
