//! The durable host: order, once-only, retries, restarts, unknown outcomes, failing disks.

pub(crate) mod clinic;
pub(crate) mod workshop;

use funnelc::channel::fake::{Act, Fake};
use funnelc::channel::{Failure, Limits, OnUnknown};
use funnelc::engine::{Line, LineKind, World, decode};
use funnelc::runtime::{Mode, Rejected};
use funnelc::simulate::Simulation;
use funnelc::store::{Delivered, Error, MemoryStore, MessageState, Sqlite, Store};
use funnelc::value::{Timestamp, Zone};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use workshop::{Heard, booking, client, forward, host, project, run, stream, visit};

fn taker() -> Arc<Fake> {
    Arc::new(Fake::new([]).on_unknown(OnUnknown::Retry))
}

fn show(lines: &[Line]) -> Vec<String> {
    let what = |line: &Line| match &line.kind {
        LineKind::Send { channel, text, .. } => Some(format!("{channel} {text}")),
        LineKind::NotSent { channel, reason, .. } => Some(format!("{channel} not sent: {reason}")),
        LineKind::Unknown { channel, reason, .. } => Some(format!("{channel} unknown: {reason}")),
        LineKind::Enter { .. }
        | LineKind::Exit { .. }
        | LineKind::Set { .. }
        | LineKind::Tag { .. }
        | LineKind::Untag { .. }
        | LineKind::Task { .. }
        | LineKind::Call { .. }
        | LineKind::Emit { .. }
        | LineKind::Start { .. }
        | LineKind::Goal { .. }
        | LineKind::Halt { .. }
        | LineKind::Decide { .. }
        | LineKind::Wait { .. } => None,
    };
    lines.iter().filter_map(|l| Some(format!("{} {} {}", Zone::UTC.civil(l.at), l.client, what(l)?))).collect()
}

/// Two clients whose bookings, visits and timers cross.
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

fn simulated(log: &str) -> Vec<Line> {
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
fn it_gives_the_lines_of_a_simulation() {
    let (memory, fake) = (MemoryStore::new(), taker());
    let (summary, lines) = run(memory.clone(), &fake, &story());
    assert_eq!(lines, simulated(&story()));
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
fn an_event_is_taken_once_and_other_content_under_its_id_is_refused() {
    let (memory, fake, heard) = (MemoryStore::new(), taker(), Heard::default());
    let first = client("anna", "2026-03-01T08:00:00Z") + &visit("1", "anna", "2026-03-01T10:00:00Z");
    let other = visit("1", "boris", "2026-03-01T10:00:00Z");
    let log = first.clone() + &first + &other;
    let summary = forward(memory.clone(), &fake, &log, &heard).unwrap().run().unwrap();
    assert_eq!((summary.events, summary.duplicates, summary.rejected, summary.sent), (2, 2, 1, 2));
    let again = forward(memory.clone(), &fake, &log, &heard).unwrap().run().unwrap();
    assert_eq!((again.events, again.duplicates, again.rejected, again.sent), (0, 4, 1, 0));
    assert_eq!(fake.arrived().len(), 2);
    assert_eq!(memory.clone().dead_letters().unwrap().len(), 1, "kept, and kept once");
    assert_eq!(heard.refused.borrow()[0].code.number(), "F0706");
}

#[test]
fn a_file_read_again_takes_events_without_an_id_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let line = r#"{"type":"visit","client":"anna","at":"2026-03-01T10:00:00Z","data":{"id":"1"}}"#;
    std::fs::write(&path, format!("{line}\n{line}\n")).unwrap();
    let memory = MemoryStore::new();
    for (events, repeats) in [(2, 0), (0, 2)] {
        let source = Some(funnelc::runtime::Source::File(path.clone()));
        let host = host(memory.clone(), &taker(), source, Mode::FastForward, &Heard::default()).unwrap();
        let summary = host.run().unwrap();
        assert_eq!((summary.events, summary.duplicates), (events, repeats), "two lines are two events");
    }
}

#[test]
fn a_message_that_a_run_waits_for_takes_the_other_path_when_it_is_not_sent() {
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
fn a_provider_that_is_busy_is_tried_again_with_the_same_id() {
    let busy = || Act::fail(Failure::Retry { reason: "busy".into(), after: Some(Duration::from_millis(3)) });
    let fake = Arc::new(Fake::new([busy(), busy()]).on_unknown(OnUnknown::Skip));
    let memory = MemoryStore::new();
    let log = client("anna", "2026-03-01T08:00:00Z") + &visit("1", "anna", "2026-03-01T10:00:00Z");
    let (summary, lines) = run(memory.clone(), &fake, &log);
    assert_eq!((summary.sent, summary.not_sent), (2, 0));
    let ids: BTreeSet<_> = fake.attempts().iter().map(|a| a.message.id.clone()).collect();
    assert_eq!((fake.attempts().len(), ids.len()), (4, 2));
    assert_eq!(memory.messages()[0].0.attempts, 3);
    assert_eq!(lines, simulated(&log), "trying again leaves no mark on the run");
}

#[test]
fn one_bad_recipient_holds_back_nobody() {
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
    assert_eq!(attempts[0].message.id, attempts[50].message.id, "the first is tried again after all others");
}

#[test]
fn many_more_messages_than_are_held_in_memory_all_leave_once() {
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
fn what_was_being_sent_when_the_process_ended_follows_the_channel() {
    let log = client("anna", "2026-03-01T08:00:00Z") + &booking("e1", "b1", "anna", "2026-03-01T09:00:00Z", Some(true));
    for (policy, arrivals, state) in
        [(OnUnknown::Skip, 1, "unknown"), (OnUnknown::Resend, 2, "sent"), (OnUnknown::Retry, 2, "sent")]
    {
        let memory = MemoryStore::new();
        let silent = Act { delay: Duration::ZERO, arrives: true, answer: None };
        let fake = Arc::new(Fake::new([silent]).on_unknown(policy));
        let first = forward(memory.clone(), &fake, &log, &Heard::default()).unwrap();
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

        let heard = Heard::default();
        let summary = forward(memory.clone(), &fake, &log, &heard).unwrap().run().unwrap();
        assert_eq!(fake.arrived().len(), arrivals, "{policy:?}");
        assert_eq!(memory.messages()[0].1.name(), state, "{policy:?}");
        assert_eq!(summary.duplicates, 2);
        let lines = show(&heard.lines.borrow());
        assert_eq!(lines.is_empty(), policy != OnUnknown::Skip, "an unknown outcome is said: {lines:?}");
    }
}

#[test]
fn an_unknown_outcome_of_a_living_provider_follows_the_channel_too() {
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
fn a_disk_that_fails_at_any_commit_loses_nothing_and_repeats_nothing() {
    let whole = simulated(&story());
    for commits in 0..20 {
        let (memory, fake, heard) = (MemoryStore::new(), taker(), Heard::default());
        memory.fail_after(commits, Error::Full { path: "store.db".into() });
        let failed = forward(memory.clone(), &fake, &story(), &heard).unwrap().run();
        memory.heal();
        if let Err(error) = &failed {
            assert_eq!(error.to_string(), "no room left to write the store `store.db`");
        }
        forward(memory.clone(), &fake, &story(), &heard).unwrap().run().unwrap();
        assert_eq!(memory.clone().trace(0, usize::MAX).unwrap(), whole, "after {commits} commits");
        assert_eq!(*heard.lines.borrow(), whole, "a line is shown only when it is on disk");
        let ids: BTreeSet<_> = fake.arrived().iter().map(|m| m.id.clone()).collect();
        assert_eq!(ids.len(), 5);
        let sent = |state: &MessageState| matches!(state, MessageState::Ended(Delivered::Sent { .. }));
        assert!(memory.messages().iter().all(|(_, state)| sent(state)));
    }
}

#[test]
fn bad_lines_are_refused_with_their_number_and_the_others_are_taken() {
    let (memory, heard) = (MemoryStore::new(), Heard::default());
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
    let summary = forward(memory.clone(), &taker(), &log, &heard).unwrap().run().unwrap();
    assert_eq!((summary.events, summary.rejected), (2, 3));
    let refused = heard.refused.borrow();
    let said: Vec<_> = refused.iter().map(|r| (r.line.unwrap(), r.code.number(), &*r.message)).collect();
    let bytes = long.len() + 1;
    assert_eq!(
        said,
        [
            (4, "F0701", "the line is not JSON: EOF while parsing a value at column 8"),
            (5, "F0701", &*format!("the line has {bytes} bytes, more than the 1048576 that an event may have")),
            (7, "F0702", "no event `vist` is declared"),
        ]
    );
    assert_eq!(memory.clone().dead_letters().unwrap().len(), 3);
}

#[test]
fn every_kind_of_bad_event_is_refused_as_its_page_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    for code in ["F0701", "F0702", "F0703", "F0704", "F0705", "F0706"] {
        let (memory, heard) = (MemoryStore::new(), Heard::default());
        let source = Some(funnelc::runtime::Source::File(folder.join(code).with_extension("ndjson")));
        let summary = host(memory.clone(), &taker(), source, Mode::FastForward, &heard).unwrap().run().unwrap();
        let said: String = heard.refused.borrow().iter().map(say).collect();
        let golden = folder.join(code).with_extension("txt");
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&golden, &said).unwrap();
        }
        assert_eq!(said, std::fs::read_to_string(golden).unwrap(), "{code}");
        assert!(heard.refused.borrow().iter().all(|refused| refused.code.number() == code), "{code}");
        assert_eq!(memory.clone().dead_letters().unwrap().len() as u64, summary.rejected, "{code}");
    }
}

fn say(refused: &Rejected) -> String {
    let Rejected { source, line, code, message, help, .. } = refused;
    let code = code.number();
    format!("{source}:{}: error[{code}]: {message}\n  help: {help}\n", line.unwrap_or(0))
}

#[test]
fn a_file_that_is_not_there_is_said() {
    let source = Some(funnelc::runtime::Source::File("no/such/file.ndjson".into()));
    let error =
        host(MemoryStore::new(), &taker(), source, Mode::FastForward, &Heard::default()).map(|_| ()).unwrap_err();
    assert!(error.to_string().starts_with("cannot read the events: "), "{error}");
}

#[test]
fn real_time_ends_when_nothing_more_can_happen() {
    // The visit's second message is an hour away, the booking is never answered: only the booking ends at once.
    let log =
        client("anna", "2026-03-01T08:00:00Z") + &booking("e1", "b1", "anna", "2026-03-01T09:00:00Z", Some(false));
    let heard = Heard::default();
    let host = host(MemoryStore::new(), &taker(), Some(stream(&log)), Mode::RealTime, &heard).unwrap();
    let summary = host.run().unwrap();
    assert_eq!((summary.events, summary.entered, summary.interrupted), (2, 1, false));
}

#[test]
fn real_time_sleeps_until_it_is_stopped_and_goes_on_after() {
    let (memory, fake) = (MemoryStore::new(), taker());
    let log = client("anna", "2026-03-01T08:00:00Z") + &visit("1", "anna", "2026-03-01T10:00:00Z");
    let first = host(memory.clone(), &fake, Some(stream(&log)), Mode::RealTime, &Heard::default()).unwrap();
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
    // The virtual clock starts before the real one would, and jumps to the timer that the first host left.
    let (summary, lines) = run(memory, &fake, "");
    assert_eq!(show(&lines).len(), 1, "{lines:?}");
    assert_eq!(summary.sent, 1);
}
