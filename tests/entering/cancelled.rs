//! No message about a record that is cancelled, whatever happens in whatever order.

use super::ANNA;
use crate::support::story::Story;
use funnelc::engine::LineKind;
use funnelc::value::{Timestamp, Zone};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// Every message names its booking.
const FUNNELS: [&str; 9] = [
    r#"funnel f { exit on booking.cancelled  on booking -> send sms "{{ id }}" -> wait 1d -> send sms "{{ id }}" }"#,
    r#"funnel f { enter always  exit on booking.cancelled  on booking or booking.updated -> send sms "{{ id }}" -> wait 1h -> send sms "{{ id }}" }"#,
    r#"funnel f { enter always  exit on booking.cancelled  on booking.starts_at -> wait until starts_at - 2h else skip -> send sms "{{ id }}" }"#,
    r#"funnel f { enter always  exit on booking.updated where cancelled  on booking or booking.starts_at -> wait 30m -> send sms "{{ id }}" }"#,
    r#"funnel g { enter always  on booking or booking.updated -> start f }
       funnel f { enter always  exit on booking.cancelled  on booking.ends_at -> send sms "{{ id }}" -> wait 1h -> send sms "{{ id }}" }"#,
    r#"funnel f { on booking while not cancelled -> send sms "{{ id }}" -> wait until starts_at - 2h else skip -> send sms "{{ id }}" }"#,
    r#"funnel f { enter always  hours 09:00..12:00  on booking while not cancelled -> send sms "{{ id }}" -> wait 1d -> send sms "{{ id }}" }"#,
    r#"funnel f { enter again after 2h  on booking as b where b.price is missing while not b.cancelled and not client.quiet
       -> parallel { path -> wait 1h -> send sms "{{ b.id }}" path -> if b.attended { send sms "{{ b.id }}" } } -> wait for visit up to 2d -> send sms "{{ b.id }}" }"#,
    r#"funnel g { enter always  on booking.updated -> start f }
       funnel f { enter always  on booking while not cancelled -> wait 10m -> send sms "{{ id }}" -> wait 1h -> send sms "{{ id }}" }"#,
];

/// Events in order of time, no two of which differ by whole minutes, so that it is clear what is known at a message.
fn events(bytes: &[(u8, u16)]) -> Vec<Json> {
    let mut minutes = 0;
    let one = |(n, (kind, gap)): (usize, &(u8, u16))| {
        minutes += 1 + i64::from(gap % 1500);
        let at = Timestamp::parse("2026-03-02T09:00:00Z").unwrap().plus_ms((minutes * 60 + n as i64 + 1) * 1000);
        let moment = |hours: i64| Zone::UTC.rfc3339(at.plus_ms(hours * 3_600_000));
        let id = ["b1", "b2"][usize::from(kind % 2)];
        let (name, data) = match kind / 2 % 9 {
            0 | 1 => ("booking", json!({"id": id, "starts_at": moment(30)})),
            2 => ("booking", json!({"id": id, "starts_at": moment(5), "cancelled": true})),
            3 => ("booking", json!({"id": id, "starts_at": moment(4), "cancelled": false})),
            4 => ("booking", json!({"id": id, "starts_at": moment(48), "attended": true})),
            5 => ("booking", json!({"id": id, "starts_at": moment(3), "cancelled": null, "price": null})),
            6 => ("booking", json!({"id": id, "starts_at": moment(60), "cancelled": true, "price": "5 RUB"})),
            7 => ("visit", json!({"id": format!("v{n}")})),
            _ => ("client", json!({"quiet": kind % 4 == 0})),
        };
        json!({"type": name, "client": "c1", "at": Zone::UTC.rfc3339(at), "data": data})
    };
    bytes.iter().enumerate().map(one).collect()
}

/// The messages, and the first one about a booking that is cancelled at that moment.
fn wrong_message(funnel: &str, events: &[Json]) -> (usize, Option<String>) {
    let text = format!("client {{ quiet: bool? }}\n{funnel}");
    let log: Vec<String> = std::iter::once(ANNA.to_owned()).chain(events.iter().map(Json::to_string)).collect();
    let lines = Story::new("UTC", &text).lines(&log.iter().map(String::as_str).collect::<Vec<_>>());
    let sent: Vec<_> = lines.iter().filter(|line| matches!(line.kind, LineKind::Send { .. })).collect();
    let is_wrong = |line: &&&funnelc::engine::Line| {
        let LineKind::Send { text, .. } = &line.kind else { return false };
        let known = events.iter().filter(|event| {
            event["data"]["id"] == json!(text) && Timestamp::parse(event["at"].as_str().unwrap()).unwrap() <= line.at
        });
        let mut values = known.filter_map(|event| event["data"].get("cancelled"));
        values.next_back() == Some(&json!(true))
    };
    (sent.len(), sent.iter().find(is_wrong).map(|line| format!("{line:?}")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_message_is_about_a_cancelled_booking(bytes in proptest::collection::vec(any::<(u8, u16)>(), 1..40)) {
        let events = events(&bytes);
        for funnel in FUNNELS {
            let (_, wrong) = wrong_message(funnel, &events);
            prop_assert!(wrong.is_none(), "{wrong:?} in {funnel}\n{events:#?}");
        }
    }
}

#[test]
fn every_funnel_sends_and_a_funnel_without_a_condition_is_caught() {
    let bytes: Vec<(u8, u16)> = (0..36_u16).map(|n| ((n * 37 % 251) as u8, n * 131 % 700)).collect();
    let events = events(&bytes);
    for funnel in FUNNELS {
        assert!(wrong_message(funnel, &events).0 > 0, "{funnel}");
    }
    let careless = r#"funnel f { enter always  on booking or booking.updated -> wait 1h -> send sms "{{ id }}" }"#;
    assert!(wrong_message(careless, &events).1.is_some());
}
