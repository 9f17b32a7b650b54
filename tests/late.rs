//! Events that arrive late: each field keeps the value with the latest time, and what is older changes nothing.

use super::runtime::workshop::{compiled, stream};
use super::support::case;
use super::support::event::event;
use super::support::story::Story;
use funnelc::channel::Channels;
use funnelc::diagnostic::Code;
use funnelc::engine::{ClientId, Line, LineKind};
use funnelc::runtime::{Host, Mode, Rejected, Retry, RunConfig, Summary};
use funnelc::store::{Sqlite, Store};
use funnelc::value::{Timestamp, Zone};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

fn at(day: u32, hour: u32) -> String {
    format!("2026-03-{day:02}T{hour:02}:00:00Z")
}

fn client(at: &str, data: Value) -> String {
    event("client").at(at).data(data)
}

fn booking(at: &str, mut data: Value) -> String {
    data["id"] = json!("b1");
    event("booking").at(at).data(data)
}

fn visit(at: &str) -> String {
    event("visit").at(at).data(json!({"id": at}))
}

/// The results, without when clients enter and leave.
fn results(funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let all = Story::new("UTC", funnel).results(&events);
    all.into_iter().filter(|line| !line.ends_with("enter") && !line.contains(" exit ")).collect()
}

#[test]
fn a_late_change_of_another_field_counts() {
    let results = case::results("late-change");
    assert_eq!(results.len(), 2, "{results:?}");
    assert!(results[0].starts_with("2026-03-02 13:00 +01:00 c1 exit on booking.cancelled"), "{results:?}");
    assert!(results[1].starts_with("2026-03-17 13:00 +01:00 c1 send sms +491700000001"), "{results:?}");
}

#[test]
fn an_older_field_of_a_client_is_ignored_and_shown() {
    assert_eq!(
        case::results("late-phone"),
        [
            "2026-03-03 09:00 +01:00 c1 ignored client: {\"phone\":\"+491700000001\"}, said at 2026-03-01 09:00 +01:00, \
             older than what is known",
            "2026-03-04 09:00 +01:00 c1 send sms +491700000002 \"Thank you!\""
        ]
    );
}

#[test]
fn null_is_a_value_with_a_time() {
    let funnel = r#"on visit -> task "{{ client.city | default("none") }}""#;
    let known = client(&at(1, 9), json!({"city": "Bonn"}));
    let gone = client(&at(3, 9), json!({"city": null}));
    let between = client(&at(2, 9), json!({"city": "Ulm"}));
    let after = client(&at(4, 9), json!({"city": "Ulm"}));
    let asked = visit(&at(5, 9));
    for (events, city) in [
        (vec![&known, &gone, &between, &asked], "none"),
        (vec![&gone, &known, &between, &asked], "none"),
        (vec![&gone, &asked, &known], "none"),
        (vec![&after, &gone, &known, &asked], "Ulm"),
        (vec![&between, &known, &asked], "Ulm"),
    ] {
        let events: Vec<String> = events.into_iter().cloned().collect();
        let tasks = results(funnel, &events);
        let task = tasks.iter().find(|line| line.contains("task")).unwrap();
        assert!(task.ends_with(&format!(": {city}")), "{events:?}: {tasks:?}");
    }
}

#[test]
fn a_record_keeps_null_too() {
    let funnel = r#"on booking -> wait until starts_at else skip -> task "{{ service | default("none") }}""#;
    let first = booking(&at(1, 9), json!({"starts_at": at(10, 9), "service": "cut"}));
    let gone = booking(&at(3, 9), json!({"service": null}));
    let late = booking(&at(2, 9), json!({"service": "color"}));
    assert_eq!(
        results(funnel, &[first, gone, late]),
        [r#"2026-03-03 09:00 ignored booking {"service":"color"}"#, "2026-03-10 09:00 task -: none"]
    );
}

#[test]
fn the_same_value_said_again_is_newer() {
    let funnel = r#"on visit -> task "{{ client.city | default("none") }}""#;
    let events = [
        client(&at(1, 9), json!({"city": "Bonn"})),
        client(&at(3, 9), json!({"city": "Bonn"})),
        client(&at(2, 9), json!({"city": "Ulm"})),
        visit(&at(4, 9)),
    ];
    assert_eq!(
        results(funnel, &events),
        [r#"2026-03-03 09:00 ignored client {"city":"Ulm"}"#, "2026-03-04 09:00 task -: Bonn"]
    );
}

#[test]
fn of_two_values_with_one_time_the_last_counts() {
    let funnel = r#"on visit -> task "{{ client.city | default("none") }}""#;
    let bonn = client(&at(1, 9), json!({"city": "Bonn"}));
    let ulm = client(&at(1, 9), json!({"city": "Ulm"}));
    let asked = visit(&at(2, 9));
    assert_eq!(results(funnel, &[bonn.clone(), ulm.clone(), asked.clone()]), ["2026-03-02 09:00 task -: Ulm"]);
    assert_eq!(results(funnel, &[ulm, bonn, asked]), ["2026-03-02 09:00 task -: Bonn"]);
}

#[test]
fn an_older_value_triggers_nothing_and_wakes_nobody() {
    let funnel = r#"
        funnel moved {
          enter always
          on booking.starts_at or booking.cancelled or booking.updated -> task "changed"
        }
        funnel city {
          enter always
          on client.city -> task "changed"
        }
        funnel waits { on booking -> wait for booking.starts_at up to 2d { task "moved" } else { task "stayed" } }
        funnel ends {
          exit on booking.cancelled
          on booking -> wait 2d -> task "still here"
        }"#;
    let events = [
        client(&at(1, 9), json!({"city": "Bonn"})),
        booking(&at(1, 10), json!({"starts_at": at(10, 9), "cancelled": false})),
        booking(&at(1, 8), json!({"starts_at": at(11, 9), "cancelled": true})),
        client(&at(1, 7), json!({"city": "Ulm"})),
    ];
    // Runs that wake at one time do so in the order of their ids.
    let mut shown = results(funnel, &events);
    shown.sort();
    assert_eq!(
        shown,
        [
            r#"2026-03-01 10:00 ignored booking {"cancelled":true,"starts_at":"2026-03-11T09:00:00Z"}"#,
            r#"2026-03-01 10:00 ignored client {"city":"Ulm"}"#,
            "2026-03-03 10:00 task -: stayed",
            "2026-03-03 10:00 task -: still here",
        ]
    );
}

#[test]
fn what_a_funnel_sets_has_the_time_of_that_moment() {
    let funnel = r#"
        on visit -> set client.city = "Berlin"
        on purchase -> task "{{ client.city | default("none") }}""#;
    let bought = event("purchase").at(&at(9, 9)).data(json!({"id": "p1", "amount": "1 RUB"}));
    let before = client(&at(1, 9), json!({"city": "Bonn"}));
    let after = client(&at(3, 9), json!({"city": "Ulm"}));
    let came = visit(&at(2, 9));
    let task = |events: &[&String]| {
        let events: Vec<String> = events.iter().copied().cloned().collect();
        results(funnel, &events).pop().unwrap()
    };
    assert_eq!(task(&[&came, &before, &bought]), "2026-03-09 09:00 task -: Berlin");
    assert_eq!(task(&[&before, &came, &after, &bought]), "2026-03-09 09:00 task -: Ulm");
}

#[test]
fn what_a_funnel_removes_stays_removed() {
    let funnel = r#"
        client { town: text }
        on visit -> set client.city = client.town
        on purchase -> task "{{ client.city | default("none") }}""#;
    let events = [
        client(&at(1, 9), json!({"city": "Bonn"})),
        visit(&at(3, 9)),
        client(&at(2, 9), json!({"city": "Ulm"})),
        event("purchase").at(&at(4, 9)).data(json!({"id": "p1", "amount": "1 RUB"})),
    ];
    let tasks = results(funnel, &events);
    assert_eq!(tasks.last().unwrap(), "2026-03-04 09:00 task -: none", "{tasks:?}");
}

#[test]
fn an_older_list_of_consents_grants_nothing() {
    let funnel = r#"funnel news { purpose marketing on visit -> send sms "News" }"#;
    let list = |at: &str, list: Value| client(at, json!({"phone": "+4930901820", "consent": list}));
    let subscription = event("subscription").at(&at(2, 9)).data(json!({"channel": "sms"}));
    let none = list(&at(3, 9), json!([]));
    let old = list(&at(1, 9), json!(["sms"]));
    let new = list(&at(4, 9), json!(["sms"]));
    let asked = visit(&at(5, 9));
    for (events, sent) in [
        (vec![&none, &old, &asked], false),
        (vec![&none, &subscription, &asked], false),
        (vec![&old, &none, &asked], false),
        (vec![&none, &old, &new, &asked], true),
        (vec![&old, &subscription, &asked], true),
    ] {
        let events: Vec<String> = events.into_iter().cloned().collect();
        let shown = results(funnel, &events);
        assert_eq!(shown.iter().any(|line| line.contains("send sms")), sent, "{events:?}: {shown:?}");
    }
}

#[test]
fn a_client_was_created_by_the_earliest_event_unless_another_system_knows_better() {
    let funnel = r#"on visit -> if client.created_at is known -> task "{{ client.created_at | date }}""#;
    let (early, late) = (client(&at(2, 9), json!({"city": "Bonn"})), client(&at(3, 9), json!({"city": "Ulm"})));
    let given = client(&at(1, 9), json!({"created_at": "2026-02-05T09:00:00Z"}));
    let asked = visit(&at(9, 9));
    let task = |events: &[&String]| {
        let events: Vec<String> = events.iter().copied().cloned().collect();
        results(funnel, &events).pop().unwrap()
    };
    let created = task(&[&early, &late, &asked]);
    assert_eq!(task(&[&late, &early, &asked]), created);
    let known = task(&[&given, &early, &late, &asked]);
    assert_ne!(known, created);
    for order in [[&early, &late, &given], [&late, &given, &early], [&given, &late, &early]] {
        assert_eq!(task(&[order[0], order[1], order[2], &asked]), known);
    }
}

const SERVED: &str = r#"
    on booking -> wait until starts_at else skip -> task "{{ service | default("none") }}"
    on visit -> task "{{ client.city | default("none") }}""#;

/// Runs a log on a store file. Returns the summary, the texts of tasks, and what was rejected.
fn hosted(path: &Path, funnels: &str, log: &[String], mode: Mode) -> (Summary, Vec<String>, Vec<Rejected>) {
    let (lines, rejected) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(Vec::new())));
    let (seen, refused) = (Rc::clone(&lines), Rc::clone(&rejected));
    let host = Host::new(RunConfig {
        project: compiled(funnels),
        store: Box::new(Sqlite::open(path).unwrap()),
        channels: Channels::new(),
        retry: Retry::default(),
        source: Some(stream(&(log.join("\n") + "\n"))),
        mode,
        signals: false,
        on_line: Box::new(move |line: &Line| seen.borrow_mut().push(line.clone())),
        on_rejected: Box::new(move |one| refused.borrow_mut().push(one.clone())),
    });
    let summary = host.unwrap().run().unwrap();
    let task = |line: Line| match line.kind {
        LineKind::Task { text, .. } => Some(text),
        _ => None,
    };
    (summary, lines.take().into_iter().filter_map(task).collect(), rejected.take())
}

fn forwarded(path: &Path, log: &[String]) -> Vec<String> {
    hosted(path, SERVED, log, Mode::FastForward).1
}

#[test]
fn times_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let first = [
        client(&at(1, 9), json!({"city": "Bonn", "name": "Anna"})),
        client(&at(3, 9), json!({"city": null})),
        booking(&at(1, 9), json!({"starts_at": at(10, 9), "service": "cut", "branch": "west"})),
        booking(&at(3, 9), json!({"service": "color"})),
    ];
    // The booking is served within this run, which then waits for nothing.
    assert_eq!(forwarded(&path, &first[..3]), ["cut"]);
    let rest = [
        first[3].clone(),
        client(&at(2, 9), json!({"city": "Ulm"})),
        booking(&at(2, 9), json!({"service": "shave", "branch": "east"})),
        visit(&at(12, 9)),
    ];
    assert_eq!(forwarded(&path, &rest), ["none"]);
    let mut store = Sqlite::open(&path).unwrap();
    let client = store.client(&ClientId("c1".into())).unwrap().unwrap();
    let record = client.records.values().find(|record| record.fields["id"] == "b1").unwrap();
    assert_eq!((&record.fields["service"], &record.fields["branch"]), (&json!("color"), &json!("east")));
    assert_eq!(record.times.others.len(), 2, "only what differs is stored: {:?}", record.times);
    assert_eq!(client.memory.field_times.others.len(), 1, "{:?}", client.memory.field_times);
}

/// A moment relative to the real clock.
fn from_now(minutes: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Zone::UTC.rfc3339(Timestamp(i64::try_from(now.as_millis()).unwrap() + minutes * 60_000))
}

#[test]
fn only_the_real_clock_refuses_the_future_and_a_little_skew_is_no_future() {
    let log = [from_now(4), from_now(-60), from_now(30), "2999-01-01T00:00:00Z".to_owned()].map(|at| visit(&at));
    for (mode, accepted) in [(Mode::RealTime, 2), (Mode::FastForward, 4)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let (summary, _, rejected) = hosted(&path, "on visit -> tag \"came\"", &log, mode);
        assert_eq!((summary.events, summary.rejected), (accepted, 4 - accepted));
        assert!(rejected.iter().all(|rejected| rejected.code == Code::FutureEvent), "{rejected:?}");
    }
}

#[test]
fn a_withdrawal_from_the_future_is_taken_as_of_now() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let agreed = event("subscription").at(&from_now(-60)).data(json!({"channel": "sms"}));
    let gone = event("unsubscribed").at("2999-01-01T00:00:00Z").data(json!({"channel": "sms"}));
    hosted(&path, "on visit -> tag \"came\"", &[agreed.clone(), gone], Mode::RealTime);
    let consent = || {
        let mut store = Sqlite::open(&path).unwrap();
        store.client(&ClientId("c1".into())).unwrap().unwrap().fields["consent"].clone()
    };
    assert_eq!(consent(), json!([]));
    let again = event("subscription").at(&from_now(3)).data(json!({"channel": "sms"}));
    hosted(&path, "on visit -> tag \"came\"", &[again], Mode::RealTime);
    assert_eq!(consent(), json!(["sms"]), "a date in the future does not keep consent away for ever");
}

#[test]
fn what_is_refused_stays_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    for _ in 0..2 {
        hosted(&path, "on visit -> tag \"came\"", &[visit("2999-01-01T00:00:00Z")], Mode::RealTime);
    }
    let connection = rusqlite::Connection::open(&path).unwrap();
    let row = connection.query_row("SELECT code, message, times, body FROM rejected", [], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, row.get::<_, String>(3)?))
    });
    let (code, message, times, body) = row.unwrap();
    assert_eq!((code.as_str(), message.as_str(), times), ("F0711", "`at` is in the future: 2999-01-01T00:00:00Z", 2));
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["type"], "visit");
}
