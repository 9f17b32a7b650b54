//! Records that change hands: the same booking under another client.

use super::runtime::workshop::{compiled, stream};
use super::support::event::event;
use super::support::story::Story;
use funnelc::channel::Channels;
use funnelc::engine::{ClientId, Line, LineKind, RecordId};
use funnelc::runtime::{Host, Mode, Retry, RunConfig};
use funnelc::store::{MemoryStore, Sqlite, Store};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

const REMINDER: &str = r#"
    funnel reminder { on booking -> wait until starts_at - 2h else stop -> task "{{ client.id }}" }
    funnel counts { on visit -> task "{{ count(booking) }} bookings" }
    funnel calls { on visit -> call "https://example.com/x" { n: count(booking) } -> task "called" }
    funnel silence { on no booking for 72h -> task "no booking" }"#;

fn booking(client: &str, hour: u32, mut data: Value) -> String {
    data["id"] = json!("b1");
    event("booking").client(client).at(&format!("2026-03-01T{hour:02}:00:00Z")).data(data)
}

fn made(client: &str, hour: u32) -> String {
    booking(client, hour, json!({"starts_at": "2026-03-10T12:00:00Z"}))
}

fn visit(client: &str, at: &str) -> String {
    event("visit").client(client).at(at).data(json!({"id": format!("{client} {at}")}))
}

/// The tasks, and how runs end if not by themselves: `day client what`.
fn shown(lines: &[Line]) -> Vec<String> {
    let day = |line: &Line| funnelc::value::Zone::UTC.civil(line.at).date.to_string();
    let what = |line: &Line| match &line.kind {
        LineKind::Task { text, .. } => Some(text.clone()),
        LineKind::Exit { reason } if reason != "finished" => Some(reason.clone()),
        _ => None,
    };
    lines.iter().filter_map(|line| Some(format!("{} {} {}", day(line), line.client, what(line)?))).collect()
}

fn simulated(funnels: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    shown(&Story::new("UTC", funnels).lines(&events))
}

/// The lines of a run in fast forward, which a new process continues after each of the `parts`.
pub(crate) fn hosted(funnels: &str, store: impl Fn() -> Box<dyn Store>, parts: &[&[String]]) -> Vec<Line> {
    let lines = Rc::new(RefCell::new(Vec::new()));
    for part in parts {
        let seen = Rc::clone(&lines);
        let host = Host::new(RunConfig {
            project: compiled(funnels),
            store: store(),
            channels: Channels::new(),
            retry: Retry::default(),
            source: Some(stream(&(part.join("\n") + "\n"))),
            mode: Mode::FastForward,
            signals: false,
            on_line: Box::new(move |line: &Line| seen.borrow_mut().push(line.clone())),
            on_rejected: Box::new(|rejected| panic!("{rejected:?}")),
        });
        host.unwrap().run().unwrap();
    }
    lines.take()
}

#[test]
fn the_old_clients_runs_end_and_the_new_clients_begin() {
    let funnel = r#"funnel reminder { on booking -> wait until starts_at - 2h else stop -> task "{{ client.id }}" }"#;
    let events = [made("guest", 9), booking("anna", 10, json!({"service": "cut"}))];
    assert_eq!(
        simulated(funnel, &events),
        ["2026-03-01 guest booking b1 now belongs to client anna", "2026-03-10 anna anna"]
    );
}

#[test]
fn the_new_client_has_everything_that_was_known() {
    let funnel =
        r#"funnel f { on booking where cancelled -> task "{{ service | default("-") }} {{ branch | default("-") }}" }"#;
    let first = booking("guest", 9, json!({"starts_at": "2026-03-10T12:00:00Z", "service": "cut", "cancelled": true}));
    let events = [first, booking("anna", 10, json!({"branch": "west"}))];
    assert_eq!(simulated(funnel, &events), ["2026-03-01 guest cut -", "2026-03-01 anna cut west"]);
}

#[test]
fn an_older_event_of_the_old_client_does_not_take_the_record_back() {
    let funnel = r#"funnel f { on booking -> wait until starts_at else stop -> task "{{ service | default("-") }}" }"#;
    let events =
        [made("anna", 10), booking("guest", 9, json!({"starts_at": "2026-03-05T12:00:00Z", "service": "cut"}))];
    assert_eq!(simulated(funnel, &events), ["2026-03-10 anna cut"]);
    let newer = [made("anna", 10), made("guest", 11), made("anna", 12)];
    assert_eq!(
        simulated(funnel, &newer),
        [
            "2026-03-01 anna booking b1 now belongs to client guest",
            "2026-03-01 guest booking b1 now belongs to client anna"
        ],
        "anna entered for this booking before"
    );
}

#[test]
fn the_past_moves_with_the_record() {
    let events = [
        made("guest", 9),
        made("anna", 10),
        visit("guest", "2026-03-02T09:00:00Z"),
        visit("anna", "2026-03-02T09:00:00Z"),
    ];
    let told = simulated(REMINDER, &events);
    let has = |line: &str| told.iter().any(|told| told == line);
    assert!(has("2026-03-02 guest 0 bookings") && has("2026-03-02 anna 1 bookings"), "{told:?}");
    // The silence of the old client began with the booking, which is gone.
    assert!(!has("2026-03-04 guest no booking") && has("2026-03-04 anna no booking"), "{told:?}");
}

#[test]
fn a_record_in_parts_changes_hands_too() {
    let funnel = r#"funnel f { on booking -> task "{{ service | default("-") }}" }"#;
    let events = [booking("guest", 9, json!({"service": "cut"})), made("anna", 10)];
    assert_eq!(simulated(funnel, &events), ["2026-03-01 anna cut"]);
}

#[test]
fn every_host_and_every_restart_agree() {
    let events = [
        made("guest", 9),
        visit("guest", "2026-03-01T09:30:00Z"),
        made("anna", 10),
        booking("guest", 9, json!({"service": "cut"})),
        visit("guest", "2026-03-02T09:00:00Z"),
        visit("anna", "2026-03-02T10:00:00Z"),
        event("client").client("anna").at("2026-03-03T09:00:00Z").data(json!({"name": "Anna"})),
    ];
    let story: Vec<&str> = events.iter().map(String::as_str).collect();
    let expected = Story::new("UTC", REMINDER).lines(&story);
    let memory = MemoryStore::new();
    let kept = memory.clone();
    let whole = hosted(REMINDER, || Box::new(kept.clone()), &[&events]);
    // The story has a project with a time zone and a currency, the host has none.
    assert_eq!(shown(&whole), shown(&expected));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    hosted(REMINDER, || Box::new(Sqlite::open(&path).unwrap()), &[&events]);
    let id = RecordId { event: "booking".into(), key: "b1".into() };
    let stores: [Box<dyn Store>; 2] = [Box::new(memory), Box::new(Sqlite::open(&path).unwrap())];
    for mut store in stores {
        assert_eq!(store.owner(&id).unwrap(), Some(ClientId("anna".into())));
        let records =
            |store: &mut Box<dyn Store>, client: &str| store.client(&ClientId(client.into())).unwrap().unwrap().records;
        assert_eq!(records(&mut store, "anna")[&id].fields["service"], json!("cut"));
        assert!(!records(&mut store, "guest").contains_key(&id));
    }
}

#[test]
fn a_record_is_found_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let funnel = r#"funnel f { on booking -> task "{{ client.id }} {{ service | default("-") }}" }"#;
    let parts = [[booking("guest", 9, json!({"service": "cut"}))], [made("anna", 10)]];
    let lines = hosted(funnel, || Box::new(Sqlite::open(&path).unwrap()), &[&parts[0], &parts[1]]);
    assert_eq!(shown(&lines), ["2026-03-01 anna anna cut"]);
}

#[test]
fn a_condition_that_must_last_is_asked_about_the_new_client() {
    let funnel = r#"funnel f { on booking while not cancelled -> wait until starts_at - 2h else stop -> task "{{ client.id }}" }"#;
    let mut events = vec![made("guest", 9), booking("guest", 10, json!({"cancelled": true}))];
    events.push(booking("anna", 11, json!({"service": "cut"})));
    let left = "2026-03-01 guest while not cancelled";
    assert_eq!(simulated(funnel, &events), [left], "it is still cancelled");
    events.push(booking("anna", 12, json!({"cancelled": false})));
    assert_eq!(simulated(funnel, &events), [left, "2026-03-10 anna anna"]);
    events.push(booking("guest", 13, json!({"service": "wash"})));
    assert_eq!(
        simulated(funnel, &events),
        [left, "2026-03-01 anna booking b1 now belongs to client guest", "2026-03-10 guest guest"]
    );
}
