//! All hosts produce the same lines: generated funnels and event logs, simulated, run in memory and in SQLite, and run
//! by hosts that fail at some commit and restart.
//!
//! `FUNNELC_CASES` sets the number of cases.

use super::support::choices::cases;
use super::support::funnels::funnels;
use super::support::lives::life;
use funnelc::channel::fake::{Act, Fake};
use funnelc::channel::{Channels, OnUnknown};
use funnelc::check::Context;
use funnelc::engine::{
    Client, ClientId, ConsentEntry, DRAIN_HORIZON_MS, Fields, Graphs, Line, LineKind, MessageId, RecordId, Waiting,
    World, decode,
};
use funnelc::runtime::{Host, Mode, Project, Retry, RunConfig, RunError, Source, Summary};
use funnelc::simulate::Simulation;
use funnelc::source::Sources;
use funnelc::store::{AcceptedEvent, Batch, DeadLetter, Error, MemoryStore, Queued, Sqlite, Start, Store, Timer};
use funnelc::value::Timestamp;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

fn config(usual: u32) -> ProptestConfig {
    ProptestConfig {
        cases: cases(usual),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    }
}

/// Compiles a text; an error in it is a fault of the generator.
fn project(text: &str) -> Result<Project, String> {
    let mut sources = Sources::new();
    let file = sources.add("made-up.funnel", text);
    let context =
        Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("RUB".to_owned()), ..Context::default() };
    let compiled = funnelc::compile(&mut sources, &[file], &context);
    let error = |d: &funnelc::diagnostic::Diagnostic| format!("{} {}", d.code.number(), d.message);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error()).map(error).collect();
    if !errors.is_empty() {
        return Err(format!("{errors:?} in\n{text}"));
    }
    let graphs = Graphs::new(compiled.graphs);
    Ok(Project { catalog: compiled.program.catalog, graphs, business: Fields::new(), language: "en".into() })
}

fn simulated(project: &Project, log: &[String]) -> Vec<Line> {
    let Project { catalog, graphs, business, language } = project;
    let mut lines = Vec::new();
    let world = World { catalog, graphs, business, language, edge_counts: None };
    let mut simulation = Simulation::new(world, None, |line: &Line| lines.push(line.clone()));
    for event in log {
        let json = serde_json::from_str(event).unwrap();
        let event = decode(catalog, &json, Timestamp(0)).unwrap_or_else(|e| panic!("{} in {event}", e.message));
        // An event that reuses an id is rejected, and the rest continues.
        let _ = simulation.event(event);
    }
    simulation.finish();
    lines
}

/// Runs a log in fast forward on a store.
fn hosted(project: &Project, store: Box<dyn Store>, log: &[String]) -> (Result<Summary, RunError>, Vec<Line>) {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let received = Rc::clone(&lines);
    let mut channels = Channels::new();
    let pauses = [
        ("sms", [0, 2, 0, 1]),
        ("whatsapp", [1, 0, 0, 0]),
        ("email", [0; 4]),
        ("call", [2, 0, 1, 0]),
        ("do", [0, 3, 0, 1]),
    ];
    for (name, pauses) in pauses {
        // Some outcomes are delayed, so they arrive out of order.
        let script = pauses.map(|ms| Act::accept().after(Duration::from_millis(ms)));
        channels.insert(name, Arc::new(Fake::new(script).on_unknown(OnUnknown::Retry)));
    }
    let host = Host::new(RunConfig {
        project: project.clone(),
        store,
        channels,
        retry: Retry::default(),
        source: Some(Source::Stream(Box::new(OneByOne { lines: log.to_vec(), next: 0 }))),
        mode: Mode::FastForward,
        signals: false,
        on_line: Box::new(move |line| received.borrow_mut().push(line.clone())),
        on_rejected: Box::new(|_| {}),
    });
    let ended = host.and_then(Host::run);
    (ended, lines.take())
}

/// A stream that returns one line at a time, so that a host may commit after each.
struct OneByOne {
    lines: Vec<String>,
    next: usize,
}

impl std::io::Read for OneByOne {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some(line) = self.lines.get(self.next) else { return Ok(0) };
        self.next += 1;
        let line = format!("{line}\n");
        buffer[..line.len()].copy_from_slice(line.as_bytes());
        Ok(line.len())
    }
}

/// Checks that the lines and the stored clients are consistent.
fn check_lines(lines: &[Line], left: &[Client]) -> Result<(), String> {
    let mut active = BTreeSet::new();
    let mut messages: BTreeSet<&MessageId> = BTreeSet::new();
    for (before, line) in lines.iter().zip(lines.iter().skip(1)) {
        if line.at < before.at {
            return Err(format!("time goes back at {line:?}"));
        }
    }
    for line in lines {
        match &line.kind {
            LineKind::Enter { .. } if !active.insert(&line.run) => return Err(format!("{} begins twice", line.run)),
            LineKind::Exit { reason } if !active.remove(&line.run) || reason.contains("gone") => {
                return Err(format!("{} ends with {reason}", line.run));
            }
            LineKind::Send { message, .. } | LineKind::Task { message, .. } | LineKind::Call { message, .. }
                if !messages.insert(message) =>
            {
                return Err(format!("{message} is sent twice"));
            }
            // A goal may be reached after the end of the run, and so may a halt. What is ignored concerns no run.
            LineKind::Enter { .. }
            | LineKind::NotEntered { .. }
            | LineKind::Exit { .. }
            | LineKind::Goal { .. }
            | LineKind::Halt { .. }
            | LineKind::Ignored { .. }
            | LineKind::Incomplete { .. }
            | LineKind::Merge { .. } => {}
            _ if !active.contains(&line.run) => return Err(format!("an inactive run does {line:?}")),
            _ => {}
        }
    }
    let end = lines.last().map_or(Timestamp(0), |line| line.at);
    let kept: BTreeSet<_> = left.iter().flat_map(|client| client.runs.keys()).collect();
    if kept != active {
        return Err(format!("{active:?} are active, but the store has {kept:?}"));
    }
    for run in left.iter().flat_map(|client| client.runs.values()) {
        let waits = |position: &funnelc::engine::Position| match (&position.waiting, position.wake_at) {
            (Waiting::Outcome(_), _) => false,
            // Timers after the end of virtual time may remain, and so may waits for events that never arrived.
            (_, Some(at)) => at > end.plus_ms(DRAIN_HORIZON_MS / 2),
            (Waiting::Event | Waiting::Answer, None) => true,
            (Waiting::Duration | Waiting::Moment | Waiting::Hours | Waiting::Limit | Waiting::Turn, None) => false,
        };
        if run.positions.is_empty() || !run.positions.iter().all(waits) {
            return Err(format!("{} has an invalid wait: {:?}", run.id, run.positions));
        }
    }
    Ok(())
}

fn left_in(store: &mut dyn Store) -> Vec<Client> {
    (0..2).filter_map(|no| store.client(&ClientId(format!("c{no}"))).unwrap()).collect()
}

fn difference(a: &[Line], b: &[Line]) -> String {
    let place = a.iter().zip(b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
    let from = place.saturating_sub(3);
    let show = |lines: &[Line]| {
        let rows = lines.iter().skip(from).take(6).map(|line| format!("  {line:?}\n"));
        rows.collect::<String>()
    };
    format!("{} and {} lines, from line {place}:\n{}--\n{}", a.len(), b.len(), show(a), show(b))
}

/// A SQLite store that fails at a commit, either before it is on disk or after that but before it is reported.
struct FailingStore {
    store: Sqlite,
    commits: usize,
    written: bool,
}

impl Store for FailingStore {
    fn commit(&mut self, batch: &Batch) -> Result<(), Error> {
        if self.commits > 0 {
            self.commits -= 1;
            return self.store.commit(batch);
        }
        if self.written {
            self.written = false;
            self.store.commit(batch)?;
        }
        Err(Error::Full { path: "store.db".into() })
    }

    fn start(&mut self) -> Result<Start, Error> {
        self.store.start()
    }

    fn client(&mut self, id: &ClientId) -> Result<Option<Client>, Error> {
        self.store.client(id)
    }

    fn clients(&mut self, skip: usize, limit: usize) -> Result<Vec<ClientId>, Error> {
        self.store.clients(skip, limit)
    }

    fn keyless_events(&mut self, events: &[&str]) -> Result<Vec<AcceptedEvent>, Error> {
        self.store.keyless_events(events)
    }

    fn consents(&mut self, client: &ClientId) -> Result<Vec<ConsentEntry>, Error> {
        self.store.consents(client)
    }

    fn owner(&mut self, record: &RecordId) -> Result<Option<ClientId>, Error> {
        self.store.owner(record)
    }

    fn event(&mut self, source: &str, id: &str) -> Result<Option<AcceptedEvent>, Error> {
        self.store.event(source, id)
    }

    fn timers(&mut self, after: Option<&Timer>, limit: usize) -> Result<Vec<Timer>, Error> {
        self.store.timers(after, limit)
    }

    fn queued(&mut self, channel: &str, after: i64, limit: usize) -> Result<Vec<Queued>, Error> {
        self.store.queued(channel, after, limit)
    }

    fn sending(&mut self) -> Result<Vec<Queued>, Error> {
        self.store.sending()
    }

    fn trace(&mut self, skip: usize, limit: usize) -> Result<Vec<Line>, Error> {
        self.store.trace(skip, limit)
    }

    fn message_counts(&mut self) -> Result<BTreeMap<String, u64>, Error> {
        self.store.message_counts()
    }

    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, Error> {
        self.store.dead_letters()
    }

    fn close(&mut self) -> Result<(), Error> {
        self.store.close()
    }
}

/// Opens a store that a host in this process has closed.
fn open(path: &Path) -> Sqlite {
    for _ in 0..500 {
        match Sqlite::open(path) {
            // A child process of another test holds this process's files and locks until it calls `exec`.
            Err(Error::InUse { .. }) => std::thread::sleep(Duration::from_millis(10)),
            opened => return opened.unwrap(),
        }
    }
    panic!("{} is in use", path.display());
}

/// Runs a log on one store with hosts that each fail after some commits, until one finishes.
fn run_with_failures(project: &Project, path: &Path, log: &[String], failures: &[(usize, bool)]) -> Vec<Line> {
    for (commits, written) in failures {
        let store = FailingStore { store: open(path), commits: *commits, written: *written };
        if hosted(project, Box::new(store), log).0.is_ok() {
            break;
        }
    }
    let (ended, _) = hosted(project, Box::new(open(path)), log);
    ended.unwrap();
    open(path).trace(0, usize::MAX).unwrap()
}

/// A generated project with its event log and simulated lines.
struct Story {
    text: String,
    project: Project,
    log: Vec<String>,
    lines: Vec<Line>,
}

impl Story {
    fn new(program: &[u8], log: &[u8]) -> Result<Self, String> {
        let (text, log) = (funnels(program), life(log));
        let project = project(&text)?;
        let lines = simulated(&project, &log);
        Ok(Self { text, project, log, lines })
    }

    fn expect(&self, who: &str, lines: &[Line]) -> Result<(), String> {
        if lines == self.lines {
            return Ok(());
        }
        let words = format!("{who} differs from the simulation: {}", difference(&self.lines, lines));
        Err(self.fault(&words))
    }

    fn fault(&self, words: &str) -> String {
        format!("{words}\n{}\n{}", self.text, self.log.join("\n"))
    }

    /// Checks that a second simulation and a host in memory produce the same lines, and that no run is lost.
    fn matches_in_memory(&self) -> Result<(), String> {
        self.expect("a second simulation", &simulated(&self.project, &self.log))?;
        let mut memory = MemoryStore::new();
        let (ended, lines) = hosted(&self.project, Box::new(memory.clone()), &self.log);
        ended.map_err(|error| self.fault(&error.to_string()))?;
        self.expect("a host in memory", &lines)?;
        check_lines(&lines, &left_in(&mut memory)).map_err(|words| self.fault(&words))
    }

    /// Checks that hosts in SQLite produce the same lines, with and without failures.
    fn matches_on_disk(&self, failures: &[(usize, bool)]) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let (ended, lines) = hosted(&self.project, Box::new(open(&path)), &self.log);
        ended.map_err(|error| self.fault(&error.to_string()))?;
        self.expect("a host in SQLite", &lines)?;
        let path = folder.path().join("broken.db");
        self.expect("a host that failed and restarted", &run_with_failures(&self.project, &path, &self.log, failures))?;
        let left = left_in(&mut open(&path));
        check_lines(&self.lines, &left).map_err(|words| self.fault(&words))
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400)
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn a_simulation_and_a_run_produce_the_same_lines(program in bytes(), log in bytes()) {
        let result = Story::new(&program, &log).and_then(|story| story.matches_in_memory());
        prop_assert!(result.is_ok(), "{}", result.unwrap_err());
    }

    #[test]
    fn a_host_that_fails_and_restarts_produces_the_same_lines(
        program in bytes(), log in bytes(), failures in prop::collection::vec((0..12_usize, any::<bool>()), 1..4),
    ) {
        let result = Story::new(&program, &log).and_then(|story| story.matches_on_disk(&failures));
        prop_assert!(result.is_ok(), "{}", result.unwrap_err());
    }
}
