//! Answers by when they happened: an outage, or a file that is read late, changes nothing about what was known in time.

use crate::runtime::workshop::{HostOutput, channels, compiled};
use crate::support::event::event;
use crate::support::program::run_funnelc;
use crate::support::service::holds_within;
use crate::support::story::Story;
use funnelc::channel::OnUnknown;
use funnelc::channel::fake::Fake;
use funnelc::engine::LineKind;
use funnelc::runtime::clock::{Clock, FakeSystem};
use funnelc::runtime::{Host, Mode, Retry, RunConfig, Source};
use funnelc::store::{MemoryStore, Store};
use funnelc::value::{Timestamp, Zone};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const HOUR_MS: i64 = 3_600_000;

/// The answer is due a day after the booking begins.
const ASKS: &str = r#"funnel f { on booking -> if attended { send sms "came" } else { send sms "missed" } }"#;

fn at(start: Timestamp, hours: i64) -> String {
    Zone::UTC.rfc3339(start.plus_ms(hours * HOUR_MS))
}

fn client(start: Timestamp) -> String {
    event("client").id("c").at(&at(start, -1)).data(json!({"phone": "+79990000000"}))
}

/// A booking of the hour after the start; it is said at an hour.
fn booking(start: Timestamp, hours: i64, attended: Option<bool>) -> String {
    let mut data = json!({"id": "b1", "starts_at": at(start, 1)});
    if let Some(attended) = attended {
        data["attended"] = Value::Bool(attended);
    }
    event("booking").id(&format!("b-{hours}")).at(&at(start, hours)).data(data)
}

/// Runs a host on a file of events until nothing more can happen.
fn run(store: &MemoryStore, clocks: &FakeSystem, events: &[String]) {
    start(store, clocks, events, Mode::RealTime).run().unwrap();
}

/// Runs a host on a file of events until it has accepted them.
fn run_briefly(store: &MemoryStore, clocks: &FakeSystem, events: &[String]) {
    let host = start(store, clocks, events, Mode::Service);
    let mut stopper = host.stopper();
    let (seen, expected) = (store.clone(), events.len());
    let stopping = std::thread::spawn(move || {
        assert!(holds_within(Duration::from_secs(60), || seen.events().len() == expected));
        stopper.stop();
    });
    host.run().unwrap();
    stopping.join().unwrap();
}

fn start(store: &MemoryStore, clocks: &FakeSystem, events: &[String], mode: Mode) -> Host {
    let log = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(log.path(), events.join("\n")).unwrap();
    let fake = Arc::new(Fake::new([]).on_unknown(OnUnknown::Retry));
    let output = HostOutput::default();
    let config = RunConfig {
        project: compiled(ASKS),
        store: Box::new(store.clone()),
        channels: channels(&fake),
        retry: Retry::default(),
        source: Some(Source::File(log.path().to_owned())),
        mode,
        signals: false,
        on_line: Box::new(move |line| output.lines.borrow_mut().push(line.clone())),
        on_rejected: Box::new(|_| {}),
    };
    // The file is open from here on.
    Host::with_clocks(config, Box::new(clocks.clone())).unwrap()
}

fn messages(store: &MemoryStore) -> Vec<String> {
    let lines = store.clone().trace(0, usize::MAX).unwrap();
    let text = |kind: LineKind| if let LineKind::Send { text, .. } = kind { Some(text) } else { None };
    lines.into_iter().filter_map(|line| text(line.kind)).collect()
}

fn simulated(events: &[String]) -> Vec<String> {
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let results = Story::new("UTC", ASKS).results(&events);
    results.iter().filter_map(|line| line.split_once(": ").map(|(_, text)| text.to_owned())).collect()
}

/// When the answer is said, in hours after the start, what it is, and what is sent.
const ANSWERS: [(i64, bool, &str); 5] =
    [(2, true, "came"), (24, true, "came"), (26, true, "missed"), (2, false, "missed"), (25, true, "came")];

#[test]
fn an_answer_counts_by_its_moment_after_an_outage() {
    for (hours, attended, expected) in ANSWERS {
        let (store, clocks) = (MemoryStore::new(), FakeSystem::new());
        let now = Clock::real(Box::new(clocks.clone()), None).now();
        run_briefly(&store, &clocks, &[client(now), booking(now, 0, None)]);
        assert_eq!(messages(&store), [""; 0]);
        clocks.pass(30 * HOUR_MS);
        run(&store, &clocks, &[booking(now, hours, Some(attended))]);
        assert_eq!(messages(&store), [expected], "{hours} {attended}");
    }
}

#[test]
fn a_file_that_is_read_at_once_sends_what_simulate_shows() {
    for (hours, attended, expected) in ANSWERS {
        let (store, clocks) = (MemoryStore::new(), FakeSystem::new());
        let now = Clock::real(Box::new(clocks.clone()), None).now().plus_ms(-100 * HOUR_MS);
        let events = [client(now), booking(now, 0, None), booking(now, hours, Some(attended))];
        run(&store, &clocks, &events);
        assert_eq!(messages(&store), [expected], "{hours} {attended}");
        assert_eq!(simulated(&events), [expected], "{hours} {attended}");
    }
}

#[test]
fn the_trace_notes_an_answer_that_arrives_after_the_run_had_to_decide() {
    let (store, clocks) = (MemoryStore::new(), FakeSystem::new());
    let now = Clock::real(Box::new(clocks.clone()), None).now().plus_ms(-100 * HOUR_MS);
    run(&store, &clocks, &[client(now), booking(now, 0, None)]);
    assert_eq!(messages(&store), ["missed"]);
    // It happened in time, but nobody said so for four days.
    run(&store, &clocks, &[booking(now, 3, Some(true))]);
    assert_eq!(messages(&store), ["missed"]);
    let noted = || {
        let lines = store.clone().trace(0, usize::MAX).unwrap();
        lines.iter().filter(|line| format!("{:?}", line.kind).contains("arrived after the deadline")).count()
    };
    assert_eq!(noted(), 1);
    // An answer that is late itself is not worth a note.
    let (store, clocks) = (MemoryStore::new(), FakeSystem::new());
    run(&store, &clocks, &[client(now), booking(now, 0, None), booking(now, 30, Some(true))]);
    assert_eq!(messages(&store), ["missed"]);
    let lines = store.clone().trace(0, usize::MAX).unwrap();
    assert!(!format!("{lines:?}").contains("arrived after the deadline"));
}

#[test]
fn the_program_judges_answers_in_a_file_by_their_moment() {
    let folder = tempfile::tempdir().unwrap();
    let (funnel, log) = (folder.path().join("main.funnel"), folder.path().join("log.ndjson"));
    std::fs::write(&funnel, ASKS).unwrap();
    let start = Timestamp::parse("2026-03-01T10:00:00Z").unwrap();
    for (hours, attended, expected) in ANSWERS {
        let events = [client(start), booking(start, 0, None), booking(start, hours, Some(attended))];
        std::fs::write(&log, events.join("\n")).unwrap();
        let store = folder.path().join(format!("{hours}-{attended}.db"));
        let commands =
            [vec!["simulate"], vec!["run", "--fast-forward"], vec!["run", "--store", store.to_str().unwrap()]];
        for command in commands {
            let args = command.iter().map(PathBuf::from).chain([funnel.clone(), "--events".into(), log.clone()]);
            let finished = run_funnelc(args.map(PathBuf::into_os_string));
            assert!(finished.out.contains(&format!("\"{expected}\"")), "{command:?} {hours}: {}", finished.out);
        }
    }
}
