//! Clients that are slow, large, many or hostile: they cost the real service little, and others nothing. Real sockets,
//! real limits of the system.
#![cfg(target_os = "linux")]

use crate::support::event::event;
use crate::support::service::{Service, holds_within, request};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const FUNNEL: &str = "event form { name: text? }\non form -> stop\n";

fn form(client: &str) -> String {
    event("form").client(client).data(json!({"name": "Anna"}))
}

/// Sends bytes and returns what comes back until the connection is closed, and how long that took.
fn exchange(service: &Service, bytes: &[u8], most: Duration) -> (String, Duration) {
    let mut stream = TcpStream::connect(service.address()).unwrap();
    stream.set_read_timeout(Some(most)).unwrap();
    let started = Instant::now();
    let _ = stream.write_all(bytes);
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response);
    (String::from_utf8_lossy(&response).into_owned(), started.elapsed())
}

#[test]
fn a_body_of_tiny_or_huge_parts_costs_little_memory_and_nobody_waits() {
    let service = Service::start(FUNNEL);
    service.accepted(&form("c1"));
    let before = service.peak_mib();
    let tiny = "1\n".repeat(2 << 20);
    let array = format!("[{}[]]", "[],".repeat((4 << 20) / 3 - 2));
    let list = format!("[{}1]", "1,".repeat(490_000));
    let numbers = format!(r#"{{"type":"form","client":"c1","data":{{"x":{list}}}}}"#);
    let numbers = format!("[{numbers},{numbers},{numbers},{numbers}]");
    let flat = format!("[{}]", vec!["{}"; 1000].join(","));
    let consents = format!("[{}\"x\"]", "\"x\",".repeat(250));
    let consents = format!(r#"{{"type":"client","client":"c1","data":{{"consent":{consents}}}}}"#);
    let consents = vec![consents; 1000].join("\n");
    let others = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    for (body, expected) in [(&tiny, &[413][..]), (&array, &[413]), (&numbers, &[202, 207, 400, 503])] {
                        let (status, answer) = service.request("POST /v1/events", body);
                        assert!(expected.contains(&status), "{status}: {}", &answer[..answer.len().min(300)]);
                        assert!(answer.len() < 1 << 20, "an answer of {} bytes", answer.len());
                    }
                })
            })
            .collect();
        let mut slowest = Duration::ZERO;
        while senders.iter().any(|sender| !sender.is_finished()) {
            let started = Instant::now();
            assert_eq!(service.request("GET /healthz", "").0, 200);
            slowest = slowest.max(started.elapsed());
            std::thread::sleep(Duration::from_millis(20));
        }
        slowest
    });
    for (body, expected) in [(&flat, &[400][..]), (&consents, &[202, 207])] {
        let (status, answer) = service.request("POST /v1/events", body);
        assert!(expected.contains(&status), "{status}: {}", &answer[..answer.len().min(300)]);
        assert!(answer.len() < 1 << 20, "an answer of {} bytes", answer.len());
    }
    let used = service.peak_mib() - before;
    assert!(used < 600, "{used} MiB");
    assert!(others < Duration::from_secs(5), "others waited {others:?}");
    let log = service.log();
    assert!(log.len() < 100_000, "a log of {} bytes", log.len());
    assert_eq!(service.request("POST /v1/events", &form("c2")).0, 202);
}

#[test]
fn rejections_are_counted_and_only_some_are_logged() {
    let service = Service::start(FUNNEL);
    for _ in 0..3 {
        let (status, body) = service.request("POST /v1/events", &vec!["{}"; 500].join("\n"));
        assert_eq!((status, body.matches("F0701").count() + body.matches("F0702").count()), (400, 500));
    }
    let metrics = service.request("GET /metrics", "").1;
    assert!(
        holds_within(Duration::from_secs(5), || {
            service.request("GET /metrics", "").1.contains("funnelc_events_total{verdict=\"rejected\"} 1500")
        }),
        "{metrics}"
    );
    let log = service.stop();
    let logged = log.matches("rejected an event").count();
    // One or two periods of ten seconds.
    assert!((10..=20).contains(&logged), "{logged} lines");
}

#[test]
fn a_length_that_is_too_large_and_a_wrong_token_are_refused_before_the_body() {
    let service = Service::start(FUNNEL);
    for length in ["100000000", "18446744073709551615", "4194305"] {
        let head = format!("POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n");
        let (response, took) = exchange(&service, head.as_bytes(), Duration::from_secs(20));
        assert!(
            ["413", "400", "431"].iter().any(|status| response.starts_with(&format!("HTTP/1.1 {status} "))),
            "{length}: {response}"
        );
        assert!(took < Duration::from_secs(5), "{length}: {took:?}");
    }
    let head =
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\norigin: http://a.example\r\ncontent-length: 1000\r\n\r\n";
    let (response, took) = exchange(&service, head.as_bytes(), Duration::from_secs(20));
    assert!(response.starts_with("HTTP/1.1 403 ") && took < Duration::from_secs(5), "{took:?}: {response}");
}

/// At 1024 files, 1100 connections that say nothing, and slow ones, keep nobody out; each is closed in time.
#[test]
fn idle_and_slow_connections_keep_nobody_out() {
    let service = Service::start_by(&["prlimit", "--nofile=1024:1024"], FUNNEL);
    let own = std::process::id().to_string();
    let raised = std::process::Command::new("prlimit").args(["--pid", &own, "--nofile=8192:"]).status();
    assert!(raised.is_ok_and(|status| status.success()), "this test needs 1200 files of its own");
    let started = Instant::now();
    let mut idle: Vec<TcpStream> = (0..1100).map(|_| TcpStream::connect(service.address()).unwrap()).collect();
    for n in 0..20 {
        let asked = Instant::now();
        assert_eq!(request(service.address(), "POST /v1/events", "", form(&format!("c{n}")).as_bytes()).0, 202);
        assert_eq!(service.request("GET /healthz", "").0, 200);
        assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    }
    let files = std::fs::read_dir(format!("/proc/{}/fd", service.pid())).unwrap().count();
    assert!(files < 700, "{files} open files");
    let mut slow_head = TcpStream::connect(service.address()).unwrap();
    let mut slow_body = TcpStream::connect(service.address()).unwrap();
    slow_head.write_all(b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\n").unwrap();
    slow_body.write_all(b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n").unwrap();
    let mut is_open = true;
    while is_open && started.elapsed() < Duration::from_secs(90) {
        std::thread::sleep(Duration::from_secs(2));
        is_open = slow_head.write_all(b"x: y\r\n").is_ok();
        let _ = slow_body.write_all(b" ");
    }
    let took = started.elapsed();
    assert!(!is_open && took < Duration::from_secs(60), "a head may take {took:?}");
    let mut response = String::new();
    slow_body.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let _ = slow_body.read_to_string(&mut response);
    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    for stream in &mut idle {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        assert!(!matches!(stream.read(&mut [0; 1]), Ok(1..)), "an answer to nothing");
    }
    let open: Value = serde_json::from_str(&service.request("GET /v1/status", "").1).unwrap();
    assert_eq!(open["events"]["accepted"], 20);
    let left = service.request("GET /metrics", "").1;
    assert!(left.contains("funnelc_connections 1\n"), "{left}");
}

/// A person who writes to the store with `sqlite3` holds the service up, and does not end it. While every connection waits
/// for the store, the health can still be asked.
#[test]
fn another_program_that_writes_to_the_store_is_waited_for() {
    let service = Service::start_by(&["prlimit", "--nofile=64:64"], FUNNEL);
    service.accepted(&form("c0"));
    let other = rusqlite::Connection::open(service.store_path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let head = |body: &str| {
        format!(
            "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let mut waiting: Vec<TcpStream> = (1..=32)
        .map(|n| {
            let mut stream = TcpStream::connect(service.address()).unwrap();
            stream.write_all(head(&form(&format!("c{n}"))).as_bytes()).unwrap();
            stream
        })
        .collect();
    // All of them are read, and wait for the store.
    std::thread::sleep(Duration::from_secs(1));
    assert!(holds_within(Duration::from_secs(20), || {
        let (status, body) = service.request("GET /readyz", "");
        status == 503 && body.contains("another program has held the store")
    }));
    assert_eq!(service.request("GET /healthz", "").0, 200);
    let (status, body) = service.request("GET /v1/status", "");
    assert!(status == 503 && body.contains("too many connections"), "{status} {body}");
    other.execute_batch("ROLLBACK").unwrap();
    for stream in &mut waiting {
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 202 "), "{response}");
    }
    assert!(holds_within(Duration::from_secs(5), || service.request("GET /readyz", "").0 == 200));
    let log = service.stop();
    assert!(
        log.contains("another program is writing to the store") && log.contains("the store is free again"),
        "{log}"
    );
}
