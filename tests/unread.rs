//! Output that nobody reads: the real programs go on, or end when they are asked to.
#![cfg(target_os = "linux")]

use crate::support::event::event;
use crate::support::program::{funnelc, spawn};
use crate::support::service::{holds_within, request};
use serde_json::json;
use std::io::Read;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

const FUNNEL: &str =
    "event order { key id: text }\non order -> send sms \"Thank you for your order\" to \"+491700000001\"\n";

fn order(n: usize) -> String {
    event("order").client(&format!("c{n}")).id(&format!("o{n}")).data(json!({"id": format!("o{n}")}))
}

fn signal(child: &Child) {
    assert!(Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap().success());
}

fn ended_within(child: &mut Child, most: Duration) -> Option<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < most {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

/// A run whose results nobody reads; it has filled the pipe.
fn unread_run(folder: &tempfile::TempDir) -> Child {
    let (funnel, log) = (folder.path().join("main.funnel"), folder.path().join("e.ndjson"));
    std::fs::write(&funnel, FUNNEL).unwrap();
    std::fs::write(&log, (0..6_000).map(order).collect::<Vec<_>>().join("\n")).unwrap();
    let mut command = funnelc(["run", "--events"]);
    let child = spawn(command.arg(log).arg("--store").arg(folder.path().join("s.db")).arg(funnel));
    // Nothing is written any more once the pipe and the queue are full.
    let size = || std::fs::metadata(folder.path().join("s.db-wal")).map_or(0, |file| file.len());
    let mut before = 0;
    assert!(holds_within(Duration::from_secs(60), || {
        let now = size();
        std::thread::sleep(Duration::from_millis(700));
        std::mem::replace(&mut before, now) == now && now > 100_000
    }));
    child
}

#[test]
fn a_run_whose_results_nobody_reads_shuts_down_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = unread_run(&folder);
    assert!(child.try_wait().unwrap().is_none(), "it waits for its reader");
    signal(&child);
    let status = ended_within(&mut child, Duration::from_secs(40)).expect("it ends");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(2), "{said}");
    assert!(said.contains("standard output was not read"), "{said}");

    let mut child = unread_run(&folder);
    signal(&child);
    std::thread::sleep(Duration::from_millis(300));
    signal(&child);
    let asked = Instant::now();
    ended_within(&mut child, Duration::from_secs(30)).expect("it ends");
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
}

#[test]
fn a_service_whose_log_nobody_reads_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.funnel"), FUNNEL).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut command = funnelc(["serve", "--listen", &free, "--store"]);
    let mut child = spawn(command.arg(folder.path().join("s.db")).arg(folder.path().join("main.funnel")));
    assert!(holds_within(Duration::from_secs(20), || std::net::TcpStream::connect(&free).is_ok()));
    // Each of these messages is a line of the log: 600 KiB, where the pipe has 64.
    for part in 0..8 {
        let body: Vec<String> = (part * 500..(part + 1) * 500).map(order).collect();
        assert_eq!(request(&free, "POST /v1/events", "", body.join("\n").as_bytes()).0, 202);
    }
    assert_eq!(request(&free, "POST /v1/events", "", order(9_999).as_bytes()).0, 202);
    assert_eq!(request(&free, "GET /readyz", "", b"").0, 200);
    signal(&child);
    let status = ended_within(&mut child, Duration::from_secs(20)).expect("it ends");
    assert!(status.success(), "{status}");
}
