//! A run that comes far without a wait takes several turns, so that others go first; it means the same.

use crate::check::yields;
use crate::support::event::event;
use crate::support::program::run_funnelc;
use crate::support::service::{Service, holds_within};
use serde_json::json;
use std::time::{Duration, Instant};

const LONG: &str = "on visit -> repeat 100 times { repeat 100 times { parallel { path -> tag \"a\" path -> tag \"b\" } } } -> tag \"end\"";

#[test]
fn too_many_rounds_are_an_error() {
    let of = |times: &str| format!("on visit -> repeat 1000 times {{ repeat {times} times {{ tag \"a\" }} }}");
    yields(&of("10"), &[]);
    yields(&of("11"), &["F0301"]);
    let deep = "on visit -> repeat 100 times { wait 1d -> repeat 50 times { repeat 3 times { wait 1d } } }";
    yields(deep, &["F0301"]);
}

#[test]
fn a_long_run_means_the_same_in_several_turns() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(place("a.funnel"), LONG).unwrap();
    let log = event("visit").client("c").at("2026-03-01T10:00:00Z").data(json!({"id": "v"}));
    std::fs::write(place("e.ndjson"), format!("{log}\n")).unwrap();
    let simulated = run_funnelc(["simulate", &place("a.funnel"), "--events", &place("e.ndjson")]);
    assert_eq!(simulated.code, Some(0), "{}", simulated.err);
    let lines: Vec<&str> = simulated.out.lines().collect();
    assert_eq!(lines.len(), 20_001);
    assert!(lines.iter().all(|line| line.starts_with("2026-03-01 10:00 ")));
    assert!(lines[20_000].ends_with(" end"), "{}", lines[20_000]);
    let forward = run_funnelc(["run", &place("a.funnel"), "--events", &place("e.ndjson"), "--fast-forward"]);
    assert_eq!(forward.out, simulated.out);
}

#[test]
fn others_go_first_while_a_run_comes_far() {
    let long = LONG.replace("repeat 100", "repeat 500").replacen("repeat 500", "repeat 20", 1);
    let mut service = Service::start(&format!("{long}\non review -> send sms \"Thank you\""));
    service.accepted(&event("client").client("d").data(json!({"phone": "+4930901820"})));
    service.accepted(&event("visit").client("c").data(json!({"id": "v"})));
    let began = Instant::now();
    service.accepted(&event("review").client("d").data(json!({"id": "r"})));
    assert!(holds_within(Duration::from_secs(20), || service.message_count() == 1));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    // A crash in the middle loses nothing.
    service.restart();
    let ended = || service.request("GET /v1/clients/c", "").1.contains("\"end\"");
    assert!(holds_within(Duration::from_secs(120), ended), "{}", service.request("GET /v1/clients/c", "").1);
}
