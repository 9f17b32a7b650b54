//! Moments of a record as triggers: `on booking.starts_at - 1d at 18:00`.

use super::{event_at, json, results};
use crate::check::yields;
use crate::handover::hosted;
use crate::support::played::Played;
use funnelc::engine::LineKind;
use funnelc::store::{Sqlite, Store};
use serde_json::Value;

const EVENING: &str = r#"on booking.starts_at - 1d at 18:00 where not cancelled -> send sms "{{ starts_at | time }}""#;

/// The same as a wait.
const WAIT: &str = r#"on booking or booking.starts_at -> wait until starts_at - 1d at 18:00 else stop
    -> if not cancelled -> send sms "{{ starts_at | time }}""#;

fn booking(time: &str, mut data: Value) -> String {
    data["id"] = json!("b1");
    event_at("booking", time).data(data)
}

fn starts(time: &str, day: &str) -> String {
    booking(time, json!({"starts_at": format!("2026-03-{day}:00+01:00")}))
}

/// The messages about a booking, the same by the trigger and by the wait.
fn sent(events: &[String]) -> Vec<String> {
    let messages = |funnel: &str| {
        let lines = results(funnel, events).into_iter().filter(|line| line.contains(" send "));
        lines.map(|line| line.replace("send sms: ", "")).collect::<Vec<_>>()
    };
    let found = messages(EVENING);
    assert_eq!(found, messages(WAIT));
    found
}

#[test]
fn each_booking_has_one_timer_that_moves_with_it() {
    let made = || starts("01T10:00", "05T15:00");
    assert_eq!(sent(&[made()]), ["2026-03-04 18:00 15:00"]);
    assert_eq!(sent(&[made(), starts("02T10:00", "08T16:00")]), ["2026-03-07 18:00 16:00"]);
    assert_eq!(sent(&[made(), starts("02T10:00", "04T09:00")]), ["2026-03-03 18:00 09:00"]);
    // The same moment again, and other fields, change nothing.
    let same = [made(), starts("02T10:00", "05T15:00"), booking("03T10:00", json!({"service": "cut"}))];
    assert_eq!(sent(&same), ["2026-03-04 18:00 15:00"]);
    // Two bookings have two timers.
    let data = json!({"id": "b2", "starts_at": "2026-03-06T09:00:00+01:00"});
    let two = [made(), event_at("booking", "01T11:00").data(data)];
    assert_eq!(sent(&two), ["2026-03-04 18:00 15:00", "2026-03-05 18:00 09:00"]);
}

#[test]
fn a_booking_that_moves_after_it_fired_fires_again() {
    let made = || starts("01T10:00", "05T15:00");
    let moved = sent(&[made(), starts("04T20:00", "10T16:00")]);
    assert_eq!(moved, ["2026-03-04 18:00 15:00", "2026-03-09 18:00 16:00"]);
    // On the same day, the evening before is over.
    assert_eq!(sent(&[made(), starts("04T20:00", "05T16:00")]), ["2026-03-04 18:00 15:00"]);
}

#[test]
fn a_past_moment_does_nothing_until_the_booking_moves() {
    let late = || starts("04T19:00", "05T15:00");
    assert_eq!(sent(&[late()]), [] as [&str; 0]);
    assert_eq!(sent(&[late(), starts("04T20:00", "10T16:00")]), ["2026-03-09 18:00 16:00"]);
    assert_eq!(sent(&[starts("01T10:00", "05T15:00"), starts("02T10:00", "01T12:00")]), [] as [&str; 0]);
}

#[test]
fn the_condition_is_asked_at_the_moment() {
    let (made, cancelled) = (starts("01T10:00", "05T15:00"), booking("02T10:00", json!({"cancelled": true})));
    assert_eq!(sent(&[made.clone(), cancelled.clone()]), [] as [&str; 0]);
    let restored = booking("03T10:00", json!({"cancelled": false}));
    assert_eq!(sent(&[made.clone(), cancelled.clone(), restored]), ["2026-03-04 18:00 15:00"]);
    let exits = r#"funnel f { exit on booking.cancelled  on booking.starts_at - 2h -> send sms "soon" }"#;
    assert_eq!(results(exits, &[made, cancelled]), ["2026-03-02 10:00 exit exit on booking.cancelled"]);
}

#[test]
fn a_field_that_may_be_missing_is_waited_for_when_it_is_known() {
    let funnel = r#"event order { key id: text  due: date?  ready_at: datetime? }
        funnel due { on order.due - 1d at 10:00 as o -> tag "{{ o.due | default("?") }}" }
        funnel ready { on order.ready_at + 1h -> tag "ready" }"#;
    let order = |time: &str, mut data: Value| {
        data["id"] = json!("o1");
        event_at("order", time).data(data)
    };
    let none = [order("01T10:00", json!({}))];
    assert_eq!(results(funnel, &none), [] as [&str; 0]);
    let later = [
        order("01T10:00", json!({})),
        order("02T10:00", json!({"due": "2026-03-09", "ready_at": "2026-03-03T10:00:00+01:00"})),
    ];
    assert_eq!(results(funnel, &later), ["2026-03-03 11:00 tag ready", "2026-03-08 10:00 tag 9 March 2026"]);
    let both = [later[0].clone(), later[1].clone(), order("04T10:00", json!({"due": null}))];
    let tags: Vec<_> = results(funnel, &both).into_iter().filter(|line| line.contains(" tag ")).collect();
    assert_eq!(tags, ["2026-03-03 11:00 tag ready"]);
}

#[test]
fn hosts_and_restarts_agree() {
    let funnel = r#"funnel f { timezone "Europe/Berlin"
        on booking.starts_at - 1d at 18:00 where not cancelled -> task "{{ starts_at | time }}" }"#;
    let events = [starts("01T10:00", "05T15:00"), starts("02T10:00", "08T16:00"), starts("07T19:00", "20T17:00")];
    let client = event_at("client", "01T09:00").data(json!({"phone": "+4930901820"}));
    let log: Vec<String> = std::iter::once(client).chain(events.iter().cloned()).collect();
    let played = Played::new(funnel, "timezone = \"Europe/Berlin\"\ncountry = \"DE\"\n", &log).results();
    assert_eq!(played, ["2026-03-07 18:00 +01:00 c1 task \"16:00\"", "2026-03-19 18:00 +01:00 c1 task \"17:00\"",]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = || -> Box<dyn Store> { Box::new(Sqlite::open(&path).unwrap()) };
    let parts: Vec<&[String]> = vec![&log[..3], &log[3..]];
    let lines = hosted(funnel, store, &parts);
    let tasks = lines.iter().filter_map(|line| match &line.kind {
        LineKind::Task { text, .. } => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(tasks.collect::<Vec<_>>(), ["16:00", "17:00"]);
}

#[test]
fn a_trigger_names_a_moment() {
    yields("on booking.starts_at - 2h -> tag \"x\"", &[]);
    yields("on booking.starts_at at 08:00 -> tag \"x\"", &[]);
    yields("on booking - 2h -> tag \"x\"", &["F0412"]);
    yields("on booking.service - 2h -> tag \"x\"", &["F0412"]);
    yields("on booking.start - 2h -> tag \"x\"", &["F0202"]);
    yields("on bookings.starts_at - 2h -> tag \"x\"", &["F0203"]);
    yields("on booking.starts_at - 2h while not cancelled -> tag \"x\"", &["F0412"]);
    yields("on booking.starts_at - 2h where srvice == \"cut\" -> tag \"x\"", &["F0201"]);
    yields("event order { key id: text due: date } on order.due - 1d -> tag \"x\"", &["F0412"]);
    yields("event open_day { at: datetime } on open_day.at - 2h -> tag \"x\"", &[]);
    yields("on client.created_at + 1h -> tag \"x\"", &["F0412"]);
    // What the `where` says holds in the chain.
    yields("on booking.starts_at - 2h where service is known -> tag \"{{ service }}\"", &[]);
    yields("on booking.starts_at - 2h as b where b.service is known -> tag \"{{ b.service }}\"", &[]);
    yields("on booking.starts_at - 2h -> tag \"{{ service }}\"", &["F0302"]);
}

#[test]
fn a_trigger_that_another_one_forestalls_is_reported() {
    let both = |first: &str, second: &str| format!("{first} -> wait 1h -> tag \"a\"\n{second} -> wait 2h -> tag \"b\"");
    let moment = "on booking.starts_at - 2h";
    yields(&both(moment, "on booking.starts_at - 1d at 18:00"), &["F0402"]);
    yields(&both(moment, "on booking.ends_at + 2h"), &["F0402"]);
    yields(&both("on booking", moment), &["F0402"]);
    yields(&both("on booking", "on booking"), &["F0402"]);
    yields(&both("on booking or visit", "on visit where service is known"), &["F0402"]);
    yields(&both("on booking", "on visit"), &[]);
    yields(&both("on booking where service == \"cut\"", "on booking where service == \"spa\""), &[]);
    yields(&both("on form", "on form"), &[]);
    yields(&format!("on booking -> tag \"a\"\n{moment} -> tag \"b\""), &[]);
    yields(&format!("funnel f {{ enter always {} }}", both("on booking", "on booking")), &[]);
    // Each claim holds in a run.
    let tags = |first: &str, second: &str| {
        let lines = results(&both(first, second), &[starts("01T10:00", "05T15:00")]);
        lines.iter().filter(|line| line.contains(" tag ")).count()
    };
    assert_eq!(tags(moment, "on booking.starts_at - 1d at 18:00"), 1);
    assert_eq!(tags("on booking", moment), 1);
    let quick = format!("on booking -> tag \"a\"\n{moment} -> tag \"b\"");
    assert_eq!(results(&quick, &[starts("01T10:00", "05T15:00")]).len(), 2);
}
