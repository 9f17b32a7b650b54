//! What is asked again right before each attempt to deliver: `before`, consent and `hours`. A provider that is down, busy or
//! slow makes no message too late or unwanted.

use crate::runtime::workshop::{HostOutput, channels, compiled, stream};
use crate::support::event::event;
use crate::support::gateway::Gateway;
use crate::support::program::run_funnelc;
use crate::support::service::{Service, holds_within};
use funnelc::channel::fake::{Act, Fake};
use funnelc::channel::{Failure, Limits, OnUnknown};
use funnelc::runtime::clock::{Clock, Machine};
use funnelc::runtime::{Host, Mode, Retry, RunConfig};
use funnelc::store::{MemoryStore, MessageState, Store};
use funnelc::value::Zone;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const FUNNEL: &str = r#"
event offer { key id: text  until: datetime }
on offer -> send sms "hello" before until else { tag "late" }
"#;

const ANNA: &str = r#"{"type":"client","client":"c1","data":{"phone":"+79990000000"}}"#;

/// An offer that ends so many milliseconds from now.
fn offer(id: &str, ends_in_ms: i64) -> String {
    let until = Clock::real(Box::new(Machine::new()), None).now().plus_ms(ends_in_ms);
    event("offer").client("c1").data(json!({"id": id, "until": Zone::UTC.rfc3339(until)}))
}

/// The state and the reason of each message, and how many runs took their `else`.
fn ends(service: &Service) -> (Vec<(String, Option<String>)>, i64) {
    let store = rusqlite::Connection::open(service.store_path()).unwrap();
    let mut rows = store.prepare("SELECT state, reason FROM messages ORDER BY no").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let tags = store.query_row("SELECT count(*) FROM why WHERE kind = 'tag'", [], |row| row.get(0)).unwrap();
    (rows, tags)
}

fn is_too_late((messages, tags): &(Vec<(String, Option<String>)>, i64)) -> bool {
    let late = |(state, reason): &(String, Option<String>)| {
        state == "not_sent"
            && reason.as_ref().is_some_and(|reason| reason.starts_with("too late, only allowed before 20"))
    };
    !messages.is_empty() && messages.iter().all(late) && i64::try_from(messages.len()) == Ok(*tags)
}

fn service(gateway: &Gateway) -> Service {
    let service = Service::start_in(&[("funnel.toml", &gateway.project()), ("main.funnel", FUNNEL)], &[]);
    service.accepted(ANNA);
    service
}

#[test]
fn a_retry_does_not_deliver_a_message_after_its_last_moment() {
    let gateway = Gateway::start();
    let service = service(&gateway);
    service.accepted(&offer("o1", 3_000));
    assert!(holds_within(Duration::from_secs(20), || gateway.refused() > 0), "it was not tried");
    // The run takes its `else` at that moment, and does not wait for the next attempt.
    assert!(holds_within(Duration::from_secs(30), || is_too_late(&ends(&service))), "{:?}", ends(&service));
    gateway.accept();
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(gateway.accepted(), 0);
}

#[test]
fn a_retry_delivers_a_message_before_its_last_moment() {
    let gateway = Gateway::start();
    let service = service(&gateway);
    service.accepted(&offer("o1", 3_600_000));
    assert!(holds_within(Duration::from_secs(20), || gateway.refused() > 0), "it was not tried");
    gateway.accept();
    assert!(holds_within(Duration::from_secs(60), || gateway.accepted() == 1), "{:?}", ends(&service));
}

#[test]
fn the_last_moment_is_known_after_a_restart() {
    let gateway = Gateway::start();
    let mut service = service(&gateway);
    service.accepted(&offer("o1", 3_000));
    service.accepted(&offer("o2", 3_600_000));
    assert!(holds_within(Duration::from_secs(20), || gateway.refused() > 1), "they were not tried");
    service.kill();
    gateway.accept();
    std::thread::sleep(Duration::from_secs(4));
    service.restart();
    let ended = || {
        let (messages, tags) = ends(&service);
        let states: Vec<_> = messages.iter().map(|(state, _)| state.as_str()).collect();
        states == ["not_sent", "sent"] && tags == 1
    };
    assert!(holds_within(Duration::from_secs(60), ended), "{:?}", ends(&service));
    assert_eq!(gateway.accepted(), 1);
}

const NEWS: &str = r#"
funnel news {
  purpose marketing
  on visit -> send sms "news" else { tag "none" }
}
"#;

const AGREES: &str = r#"{"type":"client","client":"c1","data":{"phone":"+79990000000","consent":["sms"]}}"#;

/// A service with a message that the gateway has refused for now.
fn with_refused_news(gateway: &Gateway, funnels: &str) -> Service {
    let service = Service::start_in(&[("funnel.toml", &gateway.project()), ("main.funnel", funnels)], &[]);
    service.accepted(AGREES);
    service.accepted(&event("visit").client("c1").data(json!({"id": "v1"})));
    assert!(holds_within(Duration::from_secs(20), || gateway.refused() > 0), "it was not tried");
    let attempts = || {
        let store = rusqlite::Connection::open(service.store_path()).unwrap();
        store.query_row("SELECT attempts FROM messages", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert!(holds_within(Duration::from_secs(20), || attempts() > 0), "the attempt is not on disk");
    service
}

fn withdraw(service: &Service) {
    service.accepted(&event("unsubscribed").client("c1").data(json!({"channel": "sms"})));
}

/// Whether the message was not sent for want of consent, and its run took its `else`.
fn is_withdrawn(service: &Service) -> bool {
    ends(service) == (vec![("not_sent".to_owned(), Some("no consent".to_owned()))], 1)
}

#[test]
fn a_retry_does_not_deliver_what_the_client_no_longer_agrees_to() {
    let gateway = Gateway::start();
    let service = with_refused_news(&gateway, NEWS);
    withdraw(&service);
    gateway.accept();
    assert!(holds_within(Duration::from_secs(60), || is_withdrawn(&service)), "{:?}", ends(&service));
    assert_eq!(gateway.accepted(), 0);
}

#[test]
fn consent_withdrawn_before_a_restart_counts_after_it() {
    let gateway = Gateway::start();
    let mut service = with_refused_news(&gateway, NEWS);
    withdraw(&service);
    service.kill();
    gateway.accept();
    service.restart();
    assert!(holds_within(Duration::from_secs(60), || is_withdrawn(&service)), "{:?}", ends(&service));
    assert_eq!(gateway.accepted(), 0);
}

#[test]
fn what_is_not_marketing_needs_no_consent_at_a_retry() {
    let gateway = Gateway::start();
    let service = with_refused_news(&gateway, "on visit -> send sms \"Thank you\"");
    withdraw(&service);
    gateway.accept();
    assert!(holds_within(Duration::from_secs(60), || gateway.accepted() == 1), "{:?}", ends(&service));
}

#[test]
fn a_run_that_ended_takes_its_message_back() {
    let gateway = Gateway::start();
    let service = with_refused_news(&gateway, &NEWS.replace("purpose marketing", "exit on review"));
    service.accepted(&event("review").client("c1").data(json!({"id": "r1"})));
    gateway.accept();
    let ended = vec![("not_sent".to_owned(), Some("the run has ended".to_owned()))];
    assert!(holds_within(Duration::from_secs(60), || ends(&service).0 == ended), "{:?}", ends(&service));
    assert_eq!(gateway.accepted(), 0);
}

/// A setting with hours that begin in two hours.
fn closed_hours() -> String {
    let now = Clock::real(Box::new(Machine::new()), None).now();
    let time = |hours: i64| Zone::UTC.rfc3339(now.plus_ms(hours * 3_600_000))[11..16].to_owned();
    format!("hours {}..{}", time(2), time(4))
}

#[test]
fn a_retry_waits_for_the_hours_of_its_funnel() {
    let news = NEWS.replace(" else { tag \"none\" }", "");
    let gateway = Gateway::start();
    let mut service = with_refused_news(&gateway, &news);
    service.kill();
    service.write(&news.replace("purpose", &format!("{}\n  purpose", closed_hours())));
    gateway.accept();
    service.restart();
    let due_in_ms = || {
        let store = rusqlite::Connection::open(service.store_path()).unwrap();
        let mut rows = store.prepare("SELECT retry_at - queued_at FROM messages WHERE state = 'queued'").unwrap();
        rows.query_row([], |row| row.get::<_, i64>(0)).unwrap_or(0)
    };
    let two_hours = 7_100_000..7_300_000;
    assert!(holds_within(Duration::from_secs(60), || two_hours.contains(&due_in_ms())), "{}", due_in_ms());
    // To try it earlier does not help.
    let (status, answer) = service.request("POST /v1/lanes/sms/retry", "");
    assert_eq!(status, 200, "{answer}");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(gateway.accepted(), 0);
    assert!(two_hours.contains(&due_in_ms()), "{}", due_in_ms());
}

#[test]
fn a_message_that_waits_for_a_free_connection_is_not_late() {
    let slow = Act::accept().after(Duration::from_secs(4));
    let limits = Limits { concurrency: 1, per_second: None };
    let fake = Arc::new(Fake::new([slow]).on_unknown(OnUnknown::Retry).limits(limits));
    let log = [ANNA.to_owned(), offer("o1", 3_600_000), offer("o2", 3_000), offer("o3", 3_600_000)].join("\n");
    let store = MemoryStore::new();
    let config = RunConfig {
        project: compiled(FUNNEL),
        store: Box::new(store.clone()),
        channels: channels(&fake),
        retry: Retry::default(),
        source: Some(stream(&log)),
        mode: Mode::RealTime,
        signals: false,
        on_line: Box::new(|_| {}),
        on_rejected: Box::new(|_| {}),
    };
    let summary = Host::new(config).unwrap().run().unwrap();
    assert_eq!((summary.sent, summary.not_sent), (2, 1));
    assert_eq!(fake.attempts().len(), 2);
    let reason = store.messages()[1].1.reason().unwrap().to_owned();
    assert!(reason.starts_with("too late"), "{reason}");
}

/// Runs a log in virtual time while the provider fails once with this failure. Returns the results.
fn forward(failure: Failure, until: &str) -> (Vec<MessageState>, Vec<String>) {
    let fake = Arc::new(Fake::new([Act::fail(failure)]).on_unknown(OnUnknown::Retry));
    let offer = event("offer").client("c1").at("2026-03-01T10:00:00Z").data(json!({"id": "o1", "until": until}));
    let client = r#"{"type":"client","client":"c1","at":"2026-03-01T09:00:00Z","data":{"phone":"+79990000000"}}"#;
    let (store, output) = (MemoryStore::new(), HostOutput::default());
    let config = RunConfig {
        project: compiled(FUNNEL),
        store: Box::new(store.clone()),
        channels: channels(&fake),
        retry: Retry::default(),
        source: Some(stream(&[client, &offer].join("\n"))),
        mode: Mode::FastForward,
        signals: false,
        on_line: Box::new(move |line| output.lines.borrow_mut().push(line.clone())),
        on_rejected: Box::new(|_| {}),
    };
    Host::new(config).unwrap().run().unwrap();
    let trace = store.clone().trace(0, usize::MAX).unwrap();
    let lines =
        trace.iter().map(|line| format!("{:?}", line.kind)).filter(|line| line.starts_with("NotSent")).collect();
    (store.messages().into_iter().map(|(_, state)| state).collect(), lines)
}

#[test]
fn virtual_time_counts_what_a_failing_provider_costs() {
    let busy = |after| Failure::Retry { reason: "busy".into(), after: Some(Duration::from_secs(after)) };
    let (states, lines) = forward(busy(3), "2026-03-01T10:00:01Z");
    assert_eq!(states[0].reason(), Some("too late, only allowed before 2026-03-01 10:00:01"));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("too late, only allowed before 2026-03-01 10:00:01"), "{lines:?}");
    let (states, lines) = forward(busy(1), "2026-03-01T11:00:00Z");
    assert_eq!((states[0].name(), lines.len()), ("sent", 0));
}

#[test]
fn nobody_says_that_a_message_was_not_sent_if_the_last_attempt_may_have_succeeded() {
    let lost = Failure::Unknown { reason: "the connection broke".into() };
    let (states, lines) = forward(lost, "2026-03-01T10:00:00.001Z");
    assert_eq!((states[0].name(), states[0].reason()), ("unknown", Some("the connection broke")));
    assert_eq!(lines, [""; 0]);
}

#[test]
fn a_project_without_channels_prints_what_simulate_prints_however_close_the_moment_is() {
    let folder = tempfile::tempdir().unwrap();
    let (funnel, log) = (folder.path().join("main.funnel"), folder.path().join("log.ndjson"));
    std::fs::write(&funnel, FUNNEL).unwrap();
    let client = r#"{"type":"client","client":"c1","at":"2026-03-01T09:00:00Z","data":{"phone":"+79990000000"}}"#;
    let offer = |n: i32| {
        let until = format!("2026-03-01T10:00:00.00{}Z", n % 3);
        event("offer").client("c1").at("2026-03-01T10:00:00Z").data(json!({"id": n.to_string(), "until": until}))
    };
    let events: Vec<_> = std::iter::once(client.to_owned()).chain((0..200).map(offer)).collect();
    std::fs::write(&log, events.join("\n")).unwrap();
    let store = folder.path().join("store.db");
    let out = |command: &[&str]| {
        let args = command.iter().map(std::ffi::OsString::from);
        run_funnelc(args.chain([funnel.clone().into(), "--events".into(), log.clone().into()])).out
    };
    let simulated = out(&["simulate"]);
    assert_eq!(simulated.matches("too late").count(), 67, "{simulated}");
    assert_eq!(out(&["run", "--fast-forward", "--store", store.to_str().unwrap()]), simulated);
}
