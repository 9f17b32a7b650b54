//! `kill -9` at random moments, against a real HTTP gateway that records what reached it.

use crate::runtime::clinic::{ONE_LINE, simulate};
use crate::support::program::{funnelc, shared};
use crate::support::request_body::read_body;
use funnelc::engine::LineKind;
use funnelc::store::{Sqlite, Store};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// A gateway that accepts everything and counts how often each message id arrives.
#[derive(Clone)]
struct Gateway {
    address: SocketAddr,
    received: Arc<Mutex<BTreeMap<String, u32>>>,
}

impl Gateway {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gateway = Self { address: listener.local_addr().unwrap(), received: Arc::default() };
        let serving = gateway.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let serving = serving.clone();
                // Killing the program breaks its connections.
                std::thread::spawn(move || {
                    while let Some(id) = read_request(&stream) {
                        serving.count(id, &stream)
                    }
                });
            }
        });
        gateway
    }

    /// Counts a message, slowly enough that ten processes cannot deliver everything before they are killed.
    fn count(&self, id: String, mut stream: &TcpStream) {
        std::thread::sleep(Duration::from_millis(2));
        *self.received.lock().unwrap().entry(id).or_default() += 1;
        let _ = stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}");
    }

    fn received(&self) -> BTreeMap<String, u32> {
        self.received.lock().unwrap().clone()
    }
}

/// Reads one request and returns the first part of its body, the message id; `None` when the connection ends.
fn read_request(stream: &TcpStream) -> Option<String> {
    read_body(stream)?.split('&').next().map(str::to_owned)
}

/// A project whose SMS go to a gateway, with the event log of the clinic.
struct Scene {
    folder: tempfile::TempDir,
    log: PathBuf,
    gateway: Gateway,
    random: u64,
}

impl Scene {
    fn new(log: PathBuf, safety: &str) -> Self {
        let (folder, gateway) = (tempfile::tempdir().unwrap(), Gateway::start());
        let url = format!("http://{}/send", gateway.address);
        let project = format!(
            "name = \"Clinic\"\nlanguage = \"en\"\n\n[channels.sms]\nprovider = \"http\"\nurl = \"{url}\"\n\
             content_type = \"application/x-www-form-urlencoded\"\nbody = \"{{id}}&to={{to}}&text={{text}}\"\nallow_private = true\n{safety}\n"
        );
        std::fs::write(folder.path().join("funnel.toml"), project).unwrap();
        std::fs::write(folder.path().join("workshop.funnel"), format!("{ONE_LINE}\n")).unwrap();
        let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
        eprintln!("random seed of this run: {seed}");
        Self { folder, log, gateway, random: u64::try_from(seed % u128::from(u64::MAX)).unwrap() }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    fn start(&self) -> Child {
        let mut command = funnelc(["run", "--fast-forward"]);
        command.arg(self.folder.path()).arg("--events").arg(&self.log).arg("--store").arg(self.store());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// A number below `limit`.
    fn below(&mut self, limit: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % limit
    }

    /// Starts the program and kills it: early, after a short pause, or late, after some more messages have arrived.
    fn kill_once(&mut self, early: bool) {
        let mut child = self.start();
        let started = Instant::now();
        let pause = Duration::from_millis(self.below(60));
        let more = usize::try_from(self.below(150)).unwrap() + 1;
        let goal = self.gateway.received().len() + more;
        let due = || if early { started.elapsed() >= pause } else { self.gateway.received().len() >= goal };
        while !due() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        assert_eq!(child.try_wait().unwrap().map(|status| status.success()), None, "it exited before the kill");
        // On Unix this is SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn finish(&self) {
        let ended = self.start().wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
}

/// Asserts that the stored trace equals that of an undisturbed simulation.
fn check_trace(store: &Path, log: &Path) {
    let mut store = Sqlite::open(store).unwrap();
    let trace = store.trace(0, usize::MAX).unwrap();
    let expected = simulate(&std::fs::read_to_string(log).unwrap());
    let sends = trace.iter().filter(|line| matches!(line.kind, LineKind::Send { .. })).count();
    assert_eq!(sends, 2411);
    let lines = trace.iter().filter(|line| !matches!(line.kind, LineKind::Unknown { .. }));
    let differs = lines.zip(&expected).find(|(line, expected)| line != expected);
    assert_eq!(differs, None);
}

#[test]
fn after_ten_kills_every_message_reaches_the_gateway_under_one_id() {
    let Some(log) = shared("data/clinic/events.ndjson") else { return };
    let mut scene = Scene::new(log.clone(), "idempotency_header = \"Idempotency-Key\"");
    (0..10).for_each(|n| scene.kill_once(n % 2 == 0));
    scene.finish();
    check_trace(&scene.store(), &log);
    assert_eq!(scene.gateway.received().len(), 2411, "every message id reaches the gateway");
    let counts = Sqlite::open(&scene.store()).unwrap().message_counts().unwrap();
    assert_eq!(counts, [("sent".to_owned(), 2411)].into());
}

#[test]
fn after_five_kills_nothing_reaches_a_gateway_without_idempotency_twice() {
    let Some(log) = shared("data/clinic/events.ndjson") else { return };
    let mut scene = Scene::new(log.clone(), "on_unknown = \"skip\"");
    (0..5).for_each(|_| scene.kill_once(false));
    scene.finish();
    check_trace(&scene.store(), &log);
    let received = scene.gateway.received();
    let twice: Vec<_> = received.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let counts = Sqlite::open(&scene.store()).unwrap().message_counts().unwrap();
    let count = |state: &str| usize::try_from(counts.get(state).copied().unwrap_or(0)).unwrap();
    assert_eq!(count("sent") + count("unknown"), 2411, "{counts:?}");
    assert!((count("sent")..=2411).contains(&received.len()), "{counts:?}, {} reached", received.len());
}
