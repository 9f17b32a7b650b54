//! A running `serve` on a store that outlives it: it is killed and started again, and events are posted to it.

use super::openapi;
use super::program::{funnelc, spawn};
use funnelc::store::Sqlite;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A running `serve` on a store that outlives it.
pub(crate) struct Service {
    folder: tempfile::TempDir,
    child: Child,
    address: String,
    /// What it has written to standard error.
    log: Arc<Mutex<String>>,
    environment: Vec<(String, String)>,
}

impl Service {
    /// Starts the program on a text of funnels.
    pub(crate) fn start(funnels: &str) -> Self {
        Self::start_in(&[("main.funnel", funnels)], &[])
    }

    /// Starts the program on files, which may include `funnel.toml`, with these variables in its environment.
    pub(crate) fn start_in(files: &[(&str, &str)], environment: &[(String, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let (child, address, log) = launch(&folder, environment, &[]);
        Self { folder, child, address, log, environment: environment.to_vec() }
    }

    /// Starts the program on a text of funnels by another command, such as `prlimit --nofile=64`.
    pub(crate) fn start_by(command: &[&str], funnels: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.funnel"), funnels).unwrap();
        let (child, address, log) = launch(&folder, &[], command);
        Self { folder, child, address, log, environment: Vec::new() }
    }

    /// The most memory that it has used, in MiB.
    pub(crate) fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
    }

    /// Kills the program.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Kills the program and starts it again.
    pub(crate) fn restart(&mut self) {
        self.kill();
        (self.child, self.address, self.log) = launch(&self.folder, &self.environment, &[]);
    }

    /// Kills the program and starts it again with other variables in its environment.
    pub(crate) fn restart_with(&mut self, environment: &[(String, String)]) {
        self.environment = environment.to_vec();
        self.restart();
    }

    /// Changes the funnels, for the next start.
    pub(crate) fn write(&self, funnels: &str) {
        std::fs::write(self.folder.path().join("main.funnel"), funnels).unwrap();
    }

    /// Posts events. Returns the status and the response.
    pub(crate) fn post(&self, body: &str) -> (u16, Value) {
        let (status, body) = self.request("POST /v1/events", body);
        (status, serde_json::from_str(&body).unwrap())
    }

    /// Sends a request. Returns the status and the body of the response, which is as described.
    pub(crate) fn request(&self, what: &str, body: &str) -> (u16, String) {
        self.request_with(what, "", body)
    }

    /// Sends a request with more headers, each of which ends in a line break.
    pub(crate) fn request_with(&self, what: &str, headers: &str, body: &str) -> (u16, String) {
        request(&self.address, what, headers, body.as_bytes())
    }

    /// The address and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The id of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard error.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until it has written something to standard error. Returns all of it.
    pub(crate) fn log_until(&self, text: &str) -> String {
        assert!(holds_within(Duration::from_secs(60), || self.log().contains(text)), "{}", self.log());
        self.log()
    }

    /// Waits until it ends by itself. Returns its exit code.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Asks it to shut down, which it does. Returns what it has written to standard error.
    pub(crate) fn stop(mut self) -> String {
        let killed = Command::new("kill").arg("-TERM").arg(self.pid().to_string()).status().unwrap();
        assert!(killed.success());
        assert!(self.child.wait().unwrap().success(), "{}", self.log());
        self.log_until("stopped")
    }

    /// Posts events that must be accepted.
    pub(crate) fn accepted(&self, body: &str) {
        let (status, response) = self.post(body);
        assert_eq!(status, 202, "{response}");
    }

    /// The code and the message of the one rejection.
    pub(crate) fn rejected(&self, body: &str) -> (String, String) {
        let (_, response) = self.post(body);
        assert_eq!(response["rejected"], 1, "{response}");
        let text = |name: &str| response["results"][0][name].as_str().unwrap().to_owned();
        (text("code"), text("message"))
    }

    /// The store.
    pub(crate) fn store_path(&self) -> PathBuf {
        store_path(&self.folder)
    }

    /// How many messages the store has, while the program runs.
    pub(crate) fn message_count(&self) -> i64 {
        let connection = rusqlite::Connection::open(self.store_path()).unwrap();
        connection.query_row("SELECT count(*) FROM messages", [], |row| row.get(0)).unwrap()
    }

    /// Ends the program and opens its store.
    pub(crate) fn store(mut self) -> (Sqlite, tempfile::TempDir) {
        self.kill();
        let store = Sqlite::open(&store_path(&self.folder)).unwrap();
        (store, std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap()))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The store of a service in its folder.
pub(crate) fn store_path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("store.db")
}

/// Starts the program and waits until it listens.
#[allow(clippy::zombie_processes, reason = "`Service` waits for it; one that does not start fails the test")]
fn launch(
    folder: &tempfile::TempDir,
    environment: &[(String, String)],
    by: &[&str],
) -> (Child, String, Arc<Mutex<String>>) {
    let mut command = match by.split_first() {
        Some((program, args)) => {
            let mut command = Command::new(program);
            command.args(args).arg(env!("CARGO_BIN_EXE_funnelc"));
            command
        }
        None => funnelc::<&str>([]),
    };
    command.args(["serve", "--listen", "127.0.0.1:0", "--store"]);
    let is_project = folder.path().join("funnel.toml").exists();
    let path = if is_project { folder.path().to_owned() } else { folder.path().join("main.funnel") };
    command.arg(store_path(folder)).arg(path).envs(environment.iter().cloned());
    let mut child = spawn(&mut command);
    let mut out = child.stdout.take().unwrap();
    std::thread::spawn(move || {
        let mut written = Vec::new();
        let _ = out.read_to_end(&mut written);
        assert!(written.is_empty(), "a service writes nothing to standard output");
    });
    let (address, log) = follow(child.stderr.take().unwrap());
    (child, address, log)
}

/// Waits until a service says where it listens, and goes on to read what it says.
pub(crate) fn follow(stderr: std::process::ChildStderr) -> (String, Arc<Mutex<String>>) {
    let log = Arc::new(Mutex::new(String::new()));
    let mut reader = BufReader::new(stderr);
    let mut read = {
        let log = Arc::clone(&log);
        move || {
            let mut line = String::new();
            let length = reader.read_line(&mut line).unwrap_or(0);
            *log.lock().unwrap() += &line;
            (length > 0).then_some(line)
        }
    };
    loop {
        let Some(line) = read() else { panic!("it does not start: {}", log.lock().unwrap()) };
        if let Some((_, rest)) = line.split_once("listening on http").and_then(|(_, rest)| rest.split_once("://")) {
            let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
            std::thread::spawn(move || while read().is_some() {});
            return (rest[..end].to_owned(), log);
        }
    }
}

/// Sends a request to a service. Returns the status and the body of the response, which is as its API describes it.
pub(crate) fn request(address: &str, what: &str, headers: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head =
        format!("{what} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // A server that rejects a long body may close before it has read all of it.
    let _ = stream.write_all(body);
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response);
    let response = String::from_utf8_lossy(&response);
    let (head, body) = response.split_once("\r\n\r\n").expect("a response");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    openapi::check(what, status, head, body);
    (status, body.to_owned())
}

/// Waits until something holds. Returns whether it does within this time.
pub(crate) fn holds_within(most: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < most {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    holds()
}

/// The environment in which libfaketime moves the wall clock of the program by an offset such as `-3d`; `None` with a
/// note on standard error where the library is not installed.
pub(crate) fn faked_wall_clock(offset: &str) -> Option<Vec<(String, String)>> {
    const PLACES: [&str; 3] = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];
    let library = PLACES.iter().map(|place| format!("{place}/faketime/libfaketimeMT.so.1"));
    let Some(library) = library.into_iter().find(|library| Path::new(library).exists()) else {
        assert!(std::env::var_os("FUNNELC_REQUIRE_PEERS").is_none(), "libfaketime is not installed");
        eprintln!("skipped: libfaketime is not installed (apt-get install libfaketime)");
        return None;
    };
    let variables = [("LD_PRELOAD", library.as_str()), ("FAKETIME", offset), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];
    Some(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
}
