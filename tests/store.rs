//! The store: one contract for every implementation, and the faults that a store on disk must handle.

use funnelc::diagnostic::Code;
use funnelc::engine::{
    ClientId, ConsentEntry, EndReason, Entered, FieldTimes, Fingerprint, Line, LineKind, Message, MessageId, Origin,
    Position, Progress, Record, RecordId, Rendered, Run, RunId, TriggerTimer, Waiting,
};
use funnelc::graph::{ElementId, Graph};
use funnelc::store::{
    AcceptedEvent, Batch, DeadLetter, Delivered, Error, MemoryStore, MessageChange, MessageState, Queued, SavedClient,
    SavedRun, Sqlite, SteadyClock, Store, Timer,
};
use funnelc::value::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Runs a contract test on every store; the function it gets opens the store as the next process does.
fn on_every_store(test: impl Fn(&mut dyn FnMut() -> Box<dyn Store>)) {
    let memory = MemoryStore::new();
    test(&mut || Box::new(memory.clone()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    test(&mut || Box::new(Sqlite::open(&path).unwrap()));
}

fn fields(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    value.as_object().cloned().unwrap()
}

fn client() -> ClientId {
    ClientId("c1".into())
}

fn event(id: &str) -> AcceptedEvent {
    AcceptedEvent {
        source: "events".into(),
        id: Some(id.into()),
        name: "booking".into(),
        client: client(),
        key: Some("b1".into()),
        at: Timestamp(1_000),
        received_at: Timestamp(2_000),
        imported: false,
        data: fields(json!({"id": "b1", "é": [1, null]})),
        digest: Some([3; 16]),
    }
}

fn run(id: &str, wake_at: Option<i64>) -> Run {
    Run {
        id: RunId(id.into()),
        funnel: "welcome".into(),
        graph: Fingerprint("g1".into()),
        client: client(),
        subjects: BTreeMap::new(),
        key: id.into(),
        entered_at: Timestamp(1),
        positions: vec![Position {
            element: ElementId("wait-1".into()),
            since: Timestamp(1),
            waiting: Waiting::Outcome(MessageId("m".into())),
            wake_at: wake_at.map(Timestamp),
            exact_at: wake_at.map(|at| Timestamp(at + 5)),
            forks: Vec::new(),
            origin: Some(Box::new(Origin {
                wait: ElementId("until-1".into()),
                since: Timestamp(1),
                resume: Some(ElementId("send-1".into())),
                ahead: true,
            })),
        }],
        progress: Progress { occurrences: [(ElementId("send-1".into()), 2)].into(), ..Progress::default() },
        ended: None,
    }
}

fn saved_run(run: Run) -> SavedRun {
    SavedRun { run, ended_at: None }
}

fn queued(no: i64, channel: &str) -> Queued {
    let message = Message {
        id: MessageId(format!("msg-{no}")),
        run: RunId("r1".into()),
        zone: "UTC".into(),
        client: client(),
        funnel: "welcome".into(),
        element: ElementId("send-1".into()),
        channel: channel.into(),
        to: "+49".into(),
        content: Rendered::Text("hello".into()),
        marketing: false,
        topic: None,
        evidence: None,
        at: Timestamp(5),
        latest: Some(Timestamp(9_000)),
        outcome_expected: true,
        answer_expected: false,
    };
    Queued { no, message, attempts: 0, queued_at: Timestamp(7), retry_at: None }
}

fn graph() -> Graph {
    let text = json!({"funnel": "welcome", "settings": {"purpose": "service", "zones": [], "hours": [],
        "enter": "always", "exits": []}, "entries": [], "nodes": []});
    serde_json::from_value(text).unwrap()
}

/// A client with a time trigger due at 15.
fn saved_client() -> SavedClient {
    let alarm = TriggerTimer { due: Some(Timestamp(15)), ..TriggerTimer::default() };
    let memory = funnelc::engine::ClientMemory { timers: [("a1".to_owned(), alarm)].into(), ..Default::default() };
    SavedClient { id: client(), fields: fields(json!({"name": "Anna"})), memory }
}

fn consent() -> ConsentEntry {
    ConsentEntry {
        id: "consent-1".into(),
        client: client(),
        at: Timestamp(3),
        channel: Some("sms".into()),
        topic: None,
        granted: true,
        text: Some("News by SMS, at most two a month".into()),
        source: Some("front desk".into()),
        event: Some("e1".into()),
    }
}

fn dead_letter() -> DeadLetter {
    DeadLetter {
        source: "events".into(),
        line: Some(3),
        code: Code::BadEvent,
        message: "the line is not JSON".into(),
        body: "{".into(),
        received_at: Timestamp(9),
    }
}

#[test]
fn committed_data_survives_a_restart() {
    on_every_store(|open| {
        let times = FieldTimes { usual: Some(Timestamp(1)), others: [("attended".to_owned(), Timestamp(2))].into() };
        let fields = fields(json!({"attended": true, "service": null}));
        let record = Record { fields, times, created_at: Timestamp(1), updated_at: Timestamp(2), complete: true };
        let record_id = RecordId { event: "booking".into(), key: "b1".into() };
        let entered = Entered { count: 2, last_at: Timestamp(4) };
        let line = Line {
            at: Timestamp(5),
            zone: "Europe/Berlin".into(),
            client: client(),
            run: RunId("r1".into()),
            funnel: "welcome".into(),
            element: ElementId("on-1".into()),
            kind: LineKind::Exit { reason: "finished".into() },
        };
        let steady = SteadyClock {
            steady: Timestamp(70),
            wall: Timestamp(78),
            uptime_ms: 5,
            boot: Some("b".into()),
            waits_ahead_ms: -8,
        };
        let batch = Batch {
            clock: Some(Timestamp(77)),
            steady: Some(steady.clone()),
            graphs: vec![(Fingerprint("g1".into()), Arc::new(graph()))],
            events: vec![event("e1")],
            plan: Some(Fingerprint("p1".into())),
            clients: vec![saved_client()],
            consents: vec![consent(), consent()],
            records: vec![(client(), record_id.clone(), record.clone())],
            released: Vec::new(),
            merged: vec![(ClientId("guest".into()), client(), Timestamp(3))],
            runs: vec![saved_run(run("r1", Some(10))), saved_run(run("r2", None))],
            entered: vec![(client(), "welcome".into(), "r1".into(), entered)],
            messages: vec![queued(1, "sms"), queued(2, "email")],
            changes: Vec::new(),
            lines: vec![line.clone()],
            dead_letters: vec![dead_letter(), dead_letter()],
        };
        open().commit(&batch).unwrap();

        let mut store = open();
        let start = store.start().unwrap();
        assert_eq!((start.clock, start.last_message), (Some(Timestamp(77)), 2));
        assert_eq!((start.steady.clone(), start.steady.map(|steady| steady.ahead_ms())), (Some(steady), Some(-8)));
        assert_eq!(start.plan, Some(Fingerprint("p1".into())));
        assert_eq!(start.merged, [(ClientId("guest".into()), client())]);
        assert_eq!(start.lanes, ["email", "sms"]);
        assert_eq!(start.graphs, [(Fingerprint("g1".into()), graph())]);
        assert_eq!(store.event("events", "e1").unwrap(), Some(event("e1")));
        assert_eq!(store.event("elsewhere", "e1").unwrap(), None);
        let found = store.client(&client()).unwrap().unwrap();
        assert_eq!((found.fields, found.memory), (saved_client().fields, saved_client().memory));
        assert_eq!(store.clients(0, 9).unwrap(), [client()]);
        assert_eq!(store.consents(&client()).unwrap(), [consent()], "a repeated consent entry is stored once");
        assert_eq!(found.records, [(record_id, record)].into());
        let runs: Vec<_> = found.runs.into_values().map(|run| *run).collect();
        assert_eq!(runs, [run("r1", Some(10)), run("r2", None)]);
        assert_eq!(found.entered, [(("welcome".into(), "r1".into()), entered)].into());
        assert_eq!(store.trace(0, 10).unwrap(), [line]);
        assert_eq!(store.dead_letters().unwrap(), [dead_letter()], "a repeated dead letter is stored once");
        assert_eq!(store.client(&ClientId("nobody".into())).unwrap(), None);
    });
}

#[test]
fn timers_are_ordered_by_time_with_clients_before_runs() {
    on_every_store(|open| {
        let mut store = open();
        let runs = [("d", 10), ("a", 20), ("c", 10), ("b", 10)].map(|(id, at)| saved_run(run(id, Some(at))));
        store.commit(&Batch { clients: vec![saved_client()], runs: runs.into(), ..Batch::default() }).unwrap();
        let id = |timer: &Timer| timer.run.as_ref().map_or("client", |run| run.0.as_str()).to_owned();
        let ids = |timers: &[Timer]| timers.iter().map(id).collect::<Vec<_>>();
        let first = store.timers(None, 2).unwrap();
        assert_eq!(ids(&first), ["b", "c"]);
        let then = store.timers(first.last(), 2).unwrap();
        assert_eq!(ids(&then), ["d", "client"]);
        assert_eq!(ids(&store.timers(then.last(), 9).unwrap()), ["a"]);

        let ended = SavedRun {
            run: Run { ended: Some(EndReason::Stopped), positions: Vec::new(), ..run("b", None) },
            ended_at: Some(Timestamp(11)),
        };
        let moved = saved_run(run("c", Some(30)));
        store.commit(&Batch { runs: vec![ended, moved], ..Batch::default() }).unwrap();
        assert_eq!(ids(&store.timers(None, 9).unwrap()), ["d", "client", "a", "c"]);
        assert_eq!(store.client(&client()).unwrap().unwrap().runs.len(), 3, "ended runs are not loaded");
    });
}

#[test]
fn messages_move_through_the_outbox() {
    on_every_store(|open| {
        let mut store = open();
        store.commit(&Batch { messages: (1..=5).map(|no| queued(no, "sms")).collect(), ..Batch::default() }).unwrap();
        let change = |no, state| MessageChange { no, state, attempts: 1, at: Timestamp(8) };
        let later = MessageState::Queued { retry_at: Some(Timestamp(99)), reason: Some("busy".into()) };
        let changes = vec![
            change(1, MessageState::Ended(Delivered::Sent { provider_id: Some("p1".into()) })),
            change(2, MessageState::Sending),
            change(3, later),
            change(4, MessageState::Ended(Delivered::NotSent { reason: "no such number".into() })),
        ];
        store.commit(&Batch { changes, ..Batch::default() }).unwrap();
        drop(store);

        let mut store = open();
        let three = Queued { attempts: 1, retry_at: Some(Timestamp(99)), ..queued(3, "sms") };
        assert_eq!(store.queued("sms", 0, 9).unwrap(), [three, queued(5, "sms")]);
        assert_eq!(store.queued("sms", 3, 9).unwrap(), [queued(5, "sms")]);
        assert_eq!(store.queued("email", 0, 9).unwrap(), []);
        assert_eq!(store.sending().unwrap(), [Queued { attempts: 1, ..queued(2, "sms") }]);
        let counts = [("queued", 2), ("sending", 1), ("sent", 1), ("not_sent", 1)];
        assert_eq!(store.message_counts().unwrap(), counts.map(|(name, n)| (name.to_owned(), n)).into());
    });
}

#[test]
fn a_failed_commit_stores_nothing_of_its_batch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Sqlite::open(&path).unwrap();
    store.commit(&Batch { events: vec![event("e1")], ..Batch::default() }).unwrap();
    // Two messages with one number.
    let messages = vec![queued(1, "sms"), queued(1, "sms")];
    let twice = Batch { clock: Some(Timestamp(5)), events: vec![event("e2")], messages, ..Batch::default() };
    store.commit(&twice).unwrap_err();
    drop(store);
    let mut store = Sqlite::open(&path).unwrap();
    assert_eq!(store.start().unwrap().clock, None);
    assert_eq!(store.event("events", "e2").unwrap(), None);
    assert!(store.event("events", "e1").unwrap().is_some());
}

#[test]
fn a_full_disk_is_reported_and_keeps_committed_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Sqlite::open(&path).unwrap();
    store.limit_pages(60).unwrap();
    let mut committed = 0;
    let error = loop {
        let events = (0..100).map(|n| event(&format!("e{committed}-{n}"))).collect();
        match store.commit(&Batch { events, ..Batch::default() }) {
            Ok(()) => committed += 1,
            Err(error) => break error,
        }
        assert!(committed < 1000, "the disk never fills");
    };
    assert_eq!(error, Error::Full { path: path.clone() });
    assert!(committed > 0);
    drop(store);
    let mut store = Sqlite::open(&path).unwrap();
    assert!(store.event("events", &format!("e{}-99", committed - 1)).unwrap().is_some());
    assert_eq!(store.event("events", &format!("e{committed}-0")).unwrap(), None);
}

/// Makes the file that the golden input of a code describes, opens it, and returns the rendered error.
fn open_error(code: &str, prepare: impl FnOnce(&Path, &str)) -> String {
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors").join(code).with_extension("sql");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    prepare(&path, &std::fs::read_to_string(input).unwrap());
    let error = Sqlite::open(&path).unwrap_err();
    assert_eq!(error.code().map(Code::number), Some(code));
    let folder = format!("{}/", folder.path().display());
    format!("error[{code}]: {}\n  help: {}\n", error.to_string().replace(&folder, ""), error.help())
}

fn golden(code: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors").join(code).with_extension("txt");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_store_of_a_newer_version_is_rejected() {
    let rendered = open_error("F0707", |path, sql| {
        drop(Sqlite::open(path).unwrap());
        rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
    });
    assert_eq!(rendered, golden("F0707"));
}

#[test]
fn a_store_of_a_development_version_is_rejected_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    drop(Sqlite::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 7").unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Sqlite::open(&path).unwrap_err();
    assert_eq!(error.code(), Some(Code::StoreVersion));
    assert!(error.help().to_string().contains("another file"), "{}", error.help());
    assert!(std::fs::read(&path).unwrap() == before, "the file was changed");
}

#[test]
fn a_store_in_use_is_rejected() {
    let mut first = None;
    let rendered = open_error("F0708", |path, sql| {
        first = Some(Sqlite::open(path).unwrap());
        rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
    });
    assert_eq!(rendered, golden("F0708"));
}

#[cfg(unix)]
#[test]
fn a_store_is_private_to_its_owner_and_locked_under_every_path() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("store.db"), folder.path().join("other.db"));
    let mut store = Sqlite::open(&path).unwrap();
    store.commit(&Batch { clock: Some(Timestamp(1)), ..Batch::default() }).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name} has mode {mode:o}");
    }
    std::os::unix::fs::symlink(&path, &other).unwrap();
    assert_eq!(Sqlite::open(&other).unwrap_err().code(), Some(Code::StoreInUse));
}

#[test]
fn a_file_that_is_not_a_store_is_rejected() {
    let rendered = open_error("F0709", |path, text| std::fs::write(path, text).unwrap());
    assert_eq!(rendered, golden("F0709"));
}

#[test]
fn the_database_of_another_program_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE own (x)").unwrap();
    let error = Sqlite::open(&path).unwrap_err();
    assert_eq!(error.code(), Some(Code::StoreDamaged));
    assert!(error.to_string().contains("another program"), "{error}");
}

#[test]
fn a_truncated_store_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Sqlite::open(&path).unwrap();
    let events = (0..2_000).map(|n| event(&format!("e{n}"))).collect();
    store.commit(&Batch { events, ..Batch::default() }).unwrap();
    store.close().unwrap();
    drop(store);
    let whole = std::fs::metadata(&path).unwrap().len();
    for part in [whole / 2, 4096 * 3, 1000] {
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(part).unwrap();
        let error = Sqlite::open(&path).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), Some(Code::StoreDamaged), "{part} of {whole} bytes: {error}");
    }
}
