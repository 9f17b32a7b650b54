//! The durable host: order, deduplication, retries, restarts, unknown outcomes and failing disks.

pub(crate) mod clinic;
pub(crate) mod workshop;

use funnelc::channel::fake::{Act, Fake};
use funnelc::channel::{Channel, Channels, Delivery, Failure, Limits, OnUnknown};
use funnelc::engine::{Line, LineKind, Message, World, decode};
use funnelc::runtime::{Host, Mode, Rejected, Retry, RunConfig};
use funnelc::simulate::Simulation;
use funnelc::store::{Delivered, Error, MemoryStore, MessageState, Sqlite, Store};
use funnelc::value::{Timestamp, Zone};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use workshop::{HostOutput, booking, client, forward, host, project, run, stream, visit};

fn accepting() -> Arc<Fake> {
    Arc::new(Fake::new([]).on_unknown(OnUnknown::Retry))
}

fn show(lines: &[Line]) -> Vec<String> {
    let what = |line: &Line| match &line.kind {
        LineKind::Send { channel, text, .. } => Some(format!("{channel} {text}")),
        LineKind::NotSent { channel, reason, .. } => Some(format!("{channel} not sent: {reason}")),
        LineKind::Unknown { channel, reason, .. } => Some(format!("{channel} unknown: {reason}")),
        LineKind::Enter { .. }
        | LineKind::NotEntered { .. }
        | LineKind::Exit { .. }
        | LineKind::Set { .. }
        | LineKind::Tag { .. }
        | LineKind::Untag { .. }
        | LineKind::Task { .. }
        | LineKind::Call { .. }
        | LineKind::Emit { .. }
        | LineKind::Start { .. }
        | LineKind::Goal { .. }
        | LineKind::Ignored { .. }
        | LineKind::Incomplete { .. }
        | LineKind::Merge { .. }
        | LineKind::Answer { .. }
        | LineKind::Halt { .. }
        | LineKind::Decide { .. }
        | LineKind::Wait { .. } => None,
    };
    lines.iter().filter_map(|l| Some(format!("{} {} {}", Zone::UTC.civil(l.at), l.client, what(l)?))).collect()
}

/// Two clients whose bookings, visits and timers interleave.
fn story() -> String {
    client("anna", "2026-03-01T08:00:00Z")
        + &client("boris", "2026-03-01T08:00:00Z")
        + &booking("e1", "b1", "anna", "2026-03-01T09:00:00Z", None)
        + &booking("e2", "b2", "boris", "2026-03-01T09:00:00Z", None)
        + &visit("1", "anna", "2026-03-01T10:00:00Z")
        + &visit("2", "boris", "2026-03-01T11:00:00Z")
        + &booking("e3", "b1", "anna", "2026-03-02T11:00:00Z", Some(true))
        + &booking("e4", "b2", "boris", "2026-03-02T11:00:00Z", Some(false))
}

fn simulate(log: &str) -> Vec<Line> {
    let project = project();
    let (catalog, graphs, business) = (&project.catalog, &project.graphs, &project.business);
    let world = World { catalog, graphs, business, language: "en", edge_counts: None };
    let mut lines = Vec::new();
    let mut simulation = Simulation::new(world, None, |line: &Line| lines.push(line.clone()));
    for line in log.lines() {
        let event = decode(catalog, &serde_json::from_str(line).unwrap(), Timestamp(0)).unwrap();
        simulation.event(event).unwrap();
    }
    simulation.finish();
    lines
}

#[test]
fn a_host_gives_the_lines_of_a_simulation() {
    let (memory, fake) = (MemoryStore::new(), accepting());
    let (summary, lines) = run(memory.clone(), &fake, &story());
    assert_eq!(lines, simulate(&story()));
    assert_eq!(
        show(&lines),
        [
            "2026-03-01 10:00 anna sms now",
            "2026-03-01 11:00 boris sms now",
            "2026-03-01 11:00 anna whatsapp later",
            "2026-03-01 12:00 boris whatsapp later",
            "2026-03-03 11:00 anna sms thanks",
        ]
    );
    assert_eq!(memory.clone().trace(0, usize::MAX).unwrap(), lines);
    assert_eq!((summary.events, summary.sent, summary.entered, summary.interrupted), (8, 5, 4, false));
    assert_eq!(fake.arrived().len(), 5);
}

#[test]
fn a_duplicate_event_is_ignored_and_a_reused_id_is_rejected() {
    let (memory, fake, output) = (MemoryStore::new(), accepting(), HostOutput::default());
    let first = client("anna", "2026-03-01T08:00:00Z") + &visit("1", "anna", "2026-03-01T10:00:00Z");
    let other = visit("1", "boris", "2026-03-01T10:00:00Z");
    let log = first.clone() + &first + &other;
    let summary = forward(memory.clone(), &fake, &log, &output).unwrap().run().unwrap();
    assert_eq!((summary.events, summary.duplicates, summary.rejected, summary.sent), (2, 2, 1, 2));
    let again = forward(memory.clone(), &fake, &log, &output).unwrap().run().unwrap();
    assert_eq!((again.events, again.duplicates, again.rejected, again.sent), (0, 4, 1, 0));
    assert_eq!(fake.arrived().len(), 2);
    assert_eq!(memory.clone().dead_letters().unwrap().len(), 1, "the dead letter is stored once");
    assert_eq!(output.rejected.borrow()[0].code.number(), "F0706");
}

#[test]
fn events_without_an_id_are_not_repeated_when_a_file_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let line = r#"{"type":"visit","client":"anna","at":"2026-03-01T10:00:00Z","data":{"id":"1"}}"#;
    std::fs::write(&path, format!("{line}\n{line}\n")).unwrap();
    let memory = MemoryStore::new();
    for (events, repeats) in [(2, 0), (0, 2)] {
        let source = Some(funnelc::runtime::Source::File(path.clone()));
        let host = host(memory.clone(), &accepting(), source, Mode::FastForward, &HostOutput::default()).unwrap();
        let summary = host.run().unwrap();
        assert_eq!((summary.events, summary.duplicates), (events, repeats), "two lines are two events");
    }
}

#[test]
fn a_run_takes_the_else_path_when_its_message_is_not_sent() {
    let refuse = Act::fail(Failure::Permanent { reason: "no such number".into() });
    let fake = Arc::new(Fake::new([refuse]).on_unknown(OnUnknown::Retry));
    let log = client("anna", "2026-03-01T08:00:00Z") + &visit("1", "anna", "2026-03-01T10:00:00Z");
    let (summary, lines) = run(MemoryStore::new(), &fake, &log);
    assert_eq!(
        show(&lines),
        [
            "2026-03-01 10:00 anna sms now",
            "2026-03-01 10:00 anna sms not sent: no such number",
            "2026-03-01 10:00 anna whatsapp instead",
            "2026-03-01 11:00 anna whatsapp later",
        ]
    );
    assert_eq!((summary.sent, summary.not_sent), (2, 1));
}

#[test]
fn a_busy_provider_is_retried_with_the_same_message_id() {
    let busy = || Act::fail(Failure::Retry { reason: "busy".into(), after: Some(Duration::from_millis(3)) });
    let fake = Arc::new(Fake::new([busy(), busy()]).on_unknown(OnUnknown::Skip));
    let memory = MemoryStore::new();
    let log = client("anna", "2026-03-01T08:00:00Z") + &visit("1", "anna", "2026-03-01T10:00:00Z");
    let (summary, lines) = run(memory.clone(), &fake, &log);
    assert_eq!((summary.sent, summary.not_sent), (2, 0));
    let ids: BTreeSet<_> = fake.attempts().iter().map(|a| a.message.id.clone()).collect();
    assert_eq!((fake.attempts().len(), ids.len()), (4, 2));
    assert_eq!(memory.messages()[0].0.attempts, 3);
    assert_eq!(lines, simulate(&log), "retries do not show in the run");
}

#[test]
fn one_bad_recipient_does_not_block_the_others() {
    let clients: String = (0..50).map(|n| client(&format!("c{n}"), "2026-03-01T08:00:00Z")).collect();
    let bookings: String = (0..50)
        .map(|n| booking(&format!("e{n}"), &format!("b{n}"), &format!("c{n}"), "2026-03-01T09:00:00Z", Some(true)))
        .collect();
    let busy = Act::fail(Failure::Retry { reason: "busy".into(), after: Some(Duration::from_millis(300)) });
    let fake =
        Arc::new(Fake::new([busy]).on_unknown(OnUnknown::Skip).limits(Limits { concurrency: 1, per_second: None }));
    let (summary, _) = run(MemoryStore::new(), &fake, &(clients + &bookings));
    assert_eq!(summary.sent, 50);
    let attempts = fake.attempts();
    assert_eq!(attempts.len(), 51);
    assert_eq!(attempts[0].message.id, attempts[50].message.id, "the first message is retried after all others");
}

#[test]
fn more_messages_than_fit_in_memory_are_each_sent_once() {
    let many = 3_000;
    let log: String = (0..many)
        .map(|n| {
            let who = format!("c{n}");
            client(&who, "2026-03-01T08:00:00Z")
                + &booking(&format!("e{n}"), &format!("b{n}"), &who, "2026-03-01T08:00:00Z", Some(true))
        })
        .collect();
    let limits = Limits { concurrency: 64, per_second: None };
    let fake = Arc::new(Fake::new([]).on_unknown(OnUnknown::Skip).limits(limits));
    let folder = tempfile::tempdir().unwrap();
    let (summary, lines) = run(Sqlite::open(&folder.path().join("s.db")).unwrap(), &fake, &log);
    assert_eq!(summary.sent, many);
    let decided: BTreeSet<_> = lines
        .iter()
        .filter_map(|line| if let LineKind::Send { message, .. } = &line.kind { Some(message.clone()) } else { None })
        .collect();
    let arrived = fake.arrived();
    assert_eq!(arrived.len(), decided.len());
    assert_eq!(arrived.into_iter().map(|m| m.id).collect::<BTreeSet<_>>(), decided);
}

#[test]
fn messages_in_flight_at_a_stop_follow_the_policy_of_the_channel() {
    let log = client("anna", "2026-03-01T08:00:00Z") + &booking("e1", "b1", "anna", "2026-03-01T09:00:00Z", Some(true));
    for (policy, arrivals, state) in
        [(OnUnknown::Skip, 1, "unknown"), (OnUnknown::Resend, 2, "sent"), (OnUnknown::Retry, 2, "sent")]
    {
        let memory = MemoryStore::new();
        let silent = Act { delay: Duration::ZERO, arrives: true, answer: None };
        let fake = Arc::new(Fake::new([silent]).on_unknown(policy));
        let first = forward(memory.clone(), &fake, &log, &HostOutput::default()).unwrap();
        let mut stopper = first.stopper();
        let watched = Arc::clone(&fake);
        let killer = std::thread::spawn(move || {
            while watched.attempts().is_empty() {
                std::thread::yield_now();
            }
            stopper.stop();
            stopper.stop();
        });
        assert!(first.run().unwrap().interrupted);
        killer.join().unwrap();

        let output = HostOutput::default();
        let summary = forward(memory.clone(), &fake, &log, &output).unwrap().run().unwrap();
        assert_eq!(fake.arrived().len(), arrivals, "{policy:?}");
        assert_eq!(memory.messages()[0].1.name(), state, "{policy:?}");
        assert_eq!(summary.duplicates, 2);
        let lines = show(&output.lines.borrow());
        assert_eq!(lines.is_empty(), policy != OnUnknown::Skip, "an unknown outcome is reported: {lines:?}");
    }
}

#[test]
fn an_unknown_outcome_follows_the_policy_of_the_channel() {
    let log = client("anna", "2026-03-01T08:00:00Z") + &booking("e1", "b1", "anna", "2026-03-01T09:00:00Z", Some(true));
    for (policy, attempts) in [(OnUnknown::Skip, 1), (OnUnknown::Resend, 2), (OnUnknown::Retry, 2)] {
        let broken = Act { arrives: true, ..Act::fail(Failure::Unknown { reason: "no answer".into() }) };
        let fake = Arc::new(Fake::new([broken]).on_unknown(policy));
        let (summary, _) = run(MemoryStore::new(), &fake, &log);
        assert_eq!(fake.attempts().len(), attempts, "{policy:?}");
        assert_eq!((summary.unknown, summary.sent), if attempts == 1 { (1, 0) } else { (0, 1) });
    }
}

#[test]
fn a_disk_failure_at_any_commit_loses_and_repeats_nothing() {
    let whole = simulate(&story());
    for commits in 0..20 {
        let (memory, fake, output) = (MemoryStore::new(), accepting(), HostOutput::default());
        memory.fail_after(commits, Error::Full { path: "store.db".into() });
        let failed = forward(memory.clone(), &fake, &story(), &output).unwrap().run();
        memory.heal();
        if let Err(error) = &failed {
            assert_eq!(error.to_string(), "no disk space left for the store `store.db`");
        }
        forward(memory.clone(), &fake, &story(), &output).unwrap().run().unwrap();
        assert_eq!(memory.clone().trace(0, usize::MAX).unwrap(), whole, "after {commits} commits");
        assert_eq!(*output.lines.borrow(), whole, "a line is shown only when it is on disk");
        let ids: BTreeSet<_> = fake.arrived().iter().map(|m| m.id.clone()).collect();
        assert_eq!(ids.len(), 5);
        let sent = |state: &MessageState| matches!(state, MessageState::Ended(Delivered::Sent { .. }));
        assert!(memory.messages().iter().all(|(_, state)| sent(state)));
    }
}

#[test]
fn bad_lines_are_rejected_by_number_and_the_others_are_accepted() {
    let (memory, output) = (MemoryStore::new(), HostOutput::default());
    let long = format!(r#"{{"type":"visit","client":"c","data":{{"id":"{}"}}}}"#, "x".repeat(2 << 20));
    let log = [
        "\u{feff}",
        &client("anna", "2026-03-01T08:00:00Z").replace('\n', "\r\n"),
        "\r\n   \n",
        "{\"type\":\n",
        &long,
        "\n",
        &visit("1", "anna", "2026-03-01T10:00:00Z"),
        r#"{"type":"vist","client":"anna","data":{}}"#,
    ]
    .concat();
    let summary = forward(memory.clone(), &accepting(), &log, &output).unwrap().run().unwrap();
    assert_eq!((summary.events, summary.rejected), (2, 3));
    let rejected = output.rejected.borrow();
    let messages: Vec<_> = rejected.iter().map(|r| (r.line.unwrap(), r.code.number(), &*r.message)).collect();
    let bytes = long.len();
    assert_eq!(
        messages,
        [
            (4, "F0701", "invalid JSON: EOF while parsing a value at column 8"),
            (5, "F0701", &*format!("the event has {bytes} bytes, but at most 1048576 are allowed")),
            (7, "F0702", "unknown event `vist`"),
        ]
    );
    assert_eq!(memory.clone().dead_letters().unwrap().len(), 3);
}

#[test]
fn every_kind_of_bad_event_matches_its_golden_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    for code in ["F0701", "F0702", "F0703", "F0704", "F0705", "F0706", "F0711"] {
        // Only the real clock knows what is in the future.
        let mode = if code == "F0711" { Mode::RealTime } else { Mode::FastForward };
        let (memory, output) = (MemoryStore::new(), HostOutput::default());
        let source = Some(funnelc::runtime::Source::File(folder.join(code).with_extension("ndjson")));
        let summary = host(memory.clone(), &accepting(), source, mode, &output).unwrap().run().unwrap();
        let messages: String = output.rejected.borrow().iter().map(rendered).collect();
        let golden = folder.join(code).with_extension("txt");
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&golden, &messages).unwrap();
        }
        assert_eq!(messages, std::fs::read_to_string(golden).unwrap(), "{code}");
        assert!(output.rejected.borrow().iter().all(|rejected| rejected.code.number() == code), "{code}");
        let letters = summary.rejected + summary.left_out;
        assert_eq!(memory.clone().dead_letters().unwrap().len() as u64, letters, "{code}");
    }
}

fn rendered(rejected: &Rejected) -> String {
    let Rejected { source, line, code, message, help, partial, .. } = rejected;
    let (severity, code) = (if *partial { "warning" } else { "error" }, code.number());
    format!("{source}:{}: {severity}[{code}]: {message}\n  help: {help}\n", line.unwrap_or(0))
}

#[test]
fn a_missing_event_file_is_reported() {
    let source = Some(funnelc::runtime::Source::File("no/such/file.ndjson".into()));
    let error = host(MemoryStore::new(), &accepting(), source, Mode::FastForward, &HostOutput::default())
        .map(|_| ())
        .unwrap_err();
    assert!(error.to_string().starts_with("cannot read the events: "), "{error}");
}

#[test]
fn a_real_time_host_ends_when_nothing_more_can_happen() {
    // The booking was not attended, so its run ends at once and leaves no timer.
    let log =
        client("anna", "2026-03-01T08:00:00Z") + &booking("e1", "b1", "anna", "2026-03-01T09:00:00Z", Some(false));
    let output = HostOutput::default();
    let host = host(MemoryStore::new(), &accepting(), Some(stream(&log)), Mode::RealTime, &output).unwrap();
    let summary = host.run().unwrap();
    assert_eq!((summary.events, summary.entered, summary.interrupted), (2, 1, false));
}

#[test]
fn a_stopped_real_time_host_can_be_continued() {
    let (memory, fake) = (MemoryStore::new(), accepting());
    let log = client("anna", "2026-03-01T08:00:00Z") + &visit("1", "anna", "2026-03-01T10:00:00Z");
    let first = host(memory.clone(), &fake, Some(stream(&log)), Mode::RealTime, &HostOutput::default()).unwrap();
    let mut stopper = first.stopper();
    let watched = memory.clone();
    let stop = std::thread::spawn(move || {
        let sent = |m: &MemoryStore| m.clone().message_counts().unwrap().contains_key("sent");
        while !sent(&watched) {
            std::thread::yield_now();
        }
        stopper.stop();
    });
    assert!(first.run().unwrap().interrupted);
    stop.join().unwrap();
    assert_eq!(fake.arrived().len(), 1);
    // The virtual clock starts earlier than the real one and jumps to the timer that the first host left.
    let (summary, lines) = run(memory, &fake, "");
    assert_eq!(show(&lines).len(), 1, "{lines:?}");
    assert_eq!(summary.sent, 1);
}

/// A channel whose code fails at its first message.
struct CrashesOnce(AtomicBool, Arc<Fake>);

impl Channel for CrashesOnce {
    fn name(&self) -> &'static str {
        "crashes-once"
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        assert!(!self.0.swap(false, Ordering::Relaxed), "a fault in the channel");
        self.1.deliver(message)
    }

    fn on_unknown(&self) -> OnUnknown {
        OnUnknown::Skip
    }
}

#[test]
fn a_panic_in_a_channel_costs_one_message() {
    let (lines, fake) = (Rc::new(RefCell::new(Vec::new())), accepting());
    let mut channels = Channels::new();
    channels.insert("sms", Arc::new(CrashesOnce(AtomicBool::new(true), fake.clone())));
    let noted = Rc::clone(&lines);
    let summary = Host::new(RunConfig {
        project: project(),
        store: Box::new(MemoryStore::new()),
        channels,
        retry: Retry::default(),
        source: Some(stream(&story())),
        mode: Mode::FastForward,
        signals: false,
        on_line: Box::new(move |line| noted.borrow_mut().push(line.clone())),
        on_rejected: Box::new(|_| {}),
    });
    let summary = summary.unwrap().run().unwrap();
    let shown = show(&lines.borrow());
    let unknown: Vec<_> = shown.iter().filter(|line| line.contains("unknown:")).collect();
    assert!(unknown.len() == 1 && unknown[0].ends_with("the channel crashed while sending"), "{shown:#?}");
    assert_eq!((summary.unknown, summary.sent), (1, fake.attempts().len() as u64));
    assert!(summary.sent > 0, "{summary:?}");
}
