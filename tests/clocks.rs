//! Clocks that are set, machines that are suspended or restarted: how long messages are retried, and how long exact waits last.

use crate::runtime::workshop::{HostOutput, channels, client, compiled, project, stream, visit};
use crate::support::event::event;
use crate::support::gateway::Gateway;
use crate::support::service::{Service, faked_wall_clock, holds_within};
use funnelc::channel::fake::{Act, Fake};
use funnelc::channel::{Failure, OnUnknown};
use funnelc::engine::LineKind;
use funnelc::runtime::clock::FakeSystem;
use funnelc::runtime::{Host, Mode, Project, Retry, RunConfig};
use funnelc::store::{Delivered, MemoryStore, MessageState, Store};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

const HOUR_MS: i64 = 3_600_000;

fn busy() -> Act {
    Act::fail(Failure::Retry { reason: "busy".into(), after: None })
}

/// A service that keeps retrying for a day.
fn start(store: &MemoryStore, clocks: &FakeSystem, acts: Vec<Act>, log: &str, project: Project) -> Host {
    let fake = Arc::new(Fake::new(acts).on_unknown(OnUnknown::Retry));
    let output = HostOutput::default();
    let first = Duration::from_millis(200);
    let config = RunConfig {
        project,
        store: Box::new(store.clone()),
        channels: channels(&fake),
        retry: Retry { first, longest: first, ..Retry::default() },
        source: Some(stream(log)),
        mode: Mode::Service,
        signals: false,
        on_line: Box::new(move |line| output.lines.borrow_mut().push(line.clone())),
        on_rejected: Box::new(|_| {}),
    };
    Host::with_clocks(config, Box::new(clocks.clone())).unwrap()
}

/// Queues a message while the provider is busy, and ends the host.
fn leave_one_queued(store: &MemoryStore, clocks: &FakeSystem, before: impl FnOnce(&FakeSystem)) {
    let log = client("anna", "2026-03-01T08:00:00Z") + &visit("1", "anna", "2026-03-01T10:00:00Z");
    let host = start(store, clocks, vec![busy(); 1000], &log, project());
    before(clocks);
    let mut stopper = host.stopper();
    let seen = store.clone();
    let stopping = std::thread::spawn(move || {
        let tried = || seen.messages().iter().any(|(queued, _)| queued.attempts > 0);
        assert!(holds_within(Duration::from_secs(60), tried));
        stopper.stop();
    });
    host.run().unwrap();
    stopping.join().unwrap();
    assert!(matches!(store.messages()[0].1, MessageState::Queued { retry_at: Some(_), .. }));
}

/// Starts again while the provider is busy for two more attempts. Returns what became of the message.
fn finish(store: &MemoryStore, clocks: &FakeSystem) -> MessageState {
    let host = start(store, clocks, vec![busy(), busy()], "", project());
    let mut stopper = host.stopper();
    let seen = store.clone();
    let stopping = std::thread::spawn(move || {
        let ended = || matches!(seen.messages()[0].1, MessageState::Ended(_));
        let _ = holds_within(Duration::from_secs(20), ended);
        stopper.stop();
    });
    host.run().unwrap();
    stopping.join().unwrap();
    store.messages()[0].1.clone()
}

#[track_caller]
fn assert_sent(state: &MessageState) {
    assert!(matches!(state, MessageState::Ended(Delivered::Sent { .. })), "{state:?}");
}

#[test]
fn a_message_is_retried_after_a_restart_however_the_clock_was_set() {
    type Change = fn(&FakeSystem);
    let cases: [(&str, Change, Change); 6] = [
        ("suspended before", |clocks| clocks.pass(30 * HOUR_MS), |_| {}),
        ("set forward before", |clocks| clocks.set_forward(72 * HOUR_MS), |_| {}),
        ("set back before", |clocks| clocks.set_forward(-72 * HOUR_MS), |_| {}),
        ("set forward while nothing runs", |_| {}, |clocks| clocks.set_forward(72 * HOUR_MS)),
        ("set back while nothing runs", |_| {}, |clocks| clocks.set_forward(-72 * HOUR_MS)),
        ("restarted with an old date", |_| {}, |clocks| clocks.reboot(-10_000 * HOUR_MS)),
    ];
    for (name, before, between) in cases {
        eprintln!("{name}");
        let (store, clocks) = (MemoryStore::new(), FakeSystem::new());
        leave_one_queued(&store, &clocks, before);
        between(&clocks);
        assert_sent(&finish(&store, &clocks));
    }
}

#[test]
fn a_message_is_given_up_after_a_day_that_really_passed() {
    type Change = fn(&FakeSystem);
    let cases: [(&str, Change); 3] = [
        ("nothing ran", |clocks| clocks.pass(25 * HOUR_MS)),
        ("restarted", |clocks| clocks.reboot(25 * HOUR_MS)),
        ("set back meanwhile", |clocks| {
            clocks.pass(25 * HOUR_MS);
            clocks.set_forward(-25 * HOUR_MS);
        }),
    ];
    for (name, between) in cases {
        eprintln!("{name}");
        let (store, clocks) = (MemoryStore::new(), FakeSystem::new());
        leave_one_queued(&store, &clocks, |_| {});
        between(&clocks);
        let state = finish(&store, &clocks);
        assert!(
            matches!(&state, MessageState::Ended(Delivered::NotSent { reason }) if reason.starts_with("given up after")),
            "{state:?}"
        );
    }
}

const ANNA: &str = r#"{"type":"client","client":"c1","data":{"phone":"+79990000000"}}"#;

#[test]
fn the_program_retries_in_time_after_the_clock_was_set_and_it_was_killed() {
    for offset in ["+3d", "-3d"] {
        let Some(faked) = faked_wall_clock(offset) else { return };
        let gateway = Gateway::start();
        let funnel = "funnel f { on visit -> send sms \"hello\" }";
        let files = [("funnel.toml", gateway.project()), ("main.funnel", funnel.to_owned())];
        let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
        let mut service = Service::start_in(&files, &faked);
        service.accepted(ANNA);
        service.accepted(&event("visit").data(json!({"id": "v1"})));
        let refused = || gateway.refused();
        assert!(holds_within(Duration::from_secs(30), || refused() > 0), "{offset}: the message was not tried");
        // The right time again.
        service.restart_with(&[]);
        let before = refused();
        assert!(holds_within(Duration::from_secs(60), || refused() > before), "{offset}: the message is not retried");
        gateway.accept();
        assert!(holds_within(Duration::from_secs(120), || gateway.accepted() == 1), "{offset}: the message is lost");
    }
}

const PAUSE_MS: u64 = 3_000;

const WAITS: &str = r#"
funnel wait { on visit -> wait 3s -> send sms "waited" }
funnel event { on visit -> wait for booking up to 3s { stop } else { send sms "nothing came" } }
funnel both { timezone "UTC"  on visit -> parallel {
  path -> wait 3s -> tag "quick"
  path -> wait 7d -> tag "slow"
} -> stop }
"#;

/// What the waits of [`WAITS`] have led to.
fn over(store: &MemoryStore) -> usize {
    let lines = store.clone().trace(0, usize::MAX).unwrap();
    lines.iter().filter(|line| matches!(line.kind, LineKind::Send { .. } | LineKind::Tag { .. })).count()
}

/// Runs a service until it is asked to stop, while another thread looks at what happens.
fn serve(store: &MemoryStore, clocks: &FakeSystem, log: &str, watch: impl FnOnce() + Send) {
    let host = start(store, clocks, Vec::new(), log, compiled(WAITS));
    let mut stopper = host.stopper();
    std::thread::scope(|scope| {
        let watching = scope.spawn(watch);
        scope.spawn(move || {
            let ended = watching.join();
            stopper.stop();
            ended.unwrap();
        });
        host.run().unwrap();
    });
}

fn log_of_waits() -> String {
    event("client").data(json!({"phone": "+4930123456"})) + "\n" + &event("visit").data(json!({"id": "v1"})) + "\n"
}

#[test]
fn exact_waits_keep_their_length_when_the_clock_is_set() {
    for set_ms in [-HOUR_MS, HOUR_MS, 72 * HOUR_MS, -5_000] {
        let (store, clocks) = (MemoryStore::new(), FakeSystem::new());
        serve(&store, &clocks, &log_of_waits(), || {
            assert!(holds_within(Duration::from_secs(60), || !store.events().is_empty()));
            let started = Instant::now();
            clocks.set_forward(set_ms);
            assert!(holds_within(Duration::from_secs(60), || over(&store) == 3), "{set_ms}: {}", over(&store));
            let took = started.elapsed().as_millis();
            assert!(took >= u128::from(PAUSE_MS) - 1_000, "{set_ms}: over after {took} ms");
        });
    }
}

#[test]
fn exact_waits_keep_their_length_when_the_clock_is_set_before_a_restart() {
    for set_ms in [-HOUR_MS, HOUR_MS] {
        let (store, clocks) = (MemoryStore::new(), FakeSystem::new());
        serve(&store, &clocks, &log_of_waits(), || {
            assert!(holds_within(Duration::from_secs(60), || !store.events().is_empty()));
        });
        clocks.set_forward(set_ms);
        let started = Instant::now();
        serve(&store, &clocks, "", || {
            assert!(holds_within(Duration::from_secs(60), || over(&store) == 3), "{set_ms}: {}", over(&store));
        });
        assert!(started.elapsed() < Duration::from_secs(30), "{set_ms}: {:?}", started.elapsed());
    }
}

#[test]
fn the_trace_says_how_late_a_wait_ended() {
    let (store, clocks) = (MemoryStore::new(), FakeSystem::new());
    serve(&store, &clocks, &log_of_waits(), || {
        assert!(holds_within(Duration::from_secs(60), || !store.events().is_empty()));
    });
    clocks.pass(2 * HOUR_MS + 90_000);
    serve(&store, &clocks, "", || {
        assert!(holds_within(Duration::from_secs(60), || over(&store) == 3), "{}", over(&store));
    });
    let reasons: Vec<String> = store
        .clone()
        .trace(0, usize::MAX)
        .unwrap()
        .into_iter()
        .filter_map(|line| match line.kind {
            LineKind::Decide { reason, .. } => reason,
            _ => None,
        })
        .collect();
    let late = |text: &str| reasons.iter().filter(|reason| reason.contains(text)).count();
    assert_eq!((reasons.len(), late("2h1m"), late("because nothing ran")), (3, 3, 3), "{reasons:?}");
}

#[test]
fn the_program_keeps_the_length_of_exact_waits_when_the_clock_is_set() {
    for (offset, at_least) in [("-1h", 0), ("+1h", 3)] {
        let clock = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(clock.path(), "+0").unwrap();
        let Some(mut faked) = faked_wall_clock("+0") else { return };
        faked.retain(|(name, _)| name != "FAKETIME");
        faked.push(("FAKETIME_TIMESTAMP_FILE".to_owned(), clock.path().display().to_string()));
        faked.push(("FAKETIME_NO_CACHE".to_owned(), "1".to_owned()));
        let gateway = Gateway::start();
        gateway.accept();
        let funnel = "funnel f { on visit -> wait 4s -> send sms \"hello\" }";
        let files = [("funnel.toml", gateway.project()), ("main.funnel", funnel.to_owned())];
        let service = Service::start_in(&files.each_ref().map(|(name, text)| (*name, text.as_str())), &faked);
        service.accepted(ANNA);
        let started = Instant::now();
        service.accepted(&event("visit").data(json!({"id": "v1"})));
        std::fs::write(clock.path(), offset).unwrap();
        // Wakes the program, which sees the new time.
        service.accepted(ANNA);
        assert!(holds_within(Duration::from_secs(60), || gateway.accepted() == 1), "{offset}: the wait is not over");
        assert!(started.elapsed() >= Duration::from_secs(at_least), "{offset}: over after {:?}", started.elapsed());
    }
}
