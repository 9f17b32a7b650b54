//! Input and output of commands: live streams are processed as they arrive, and output never overwrites its input.

use super::support::program::{funnelc, run_funnelc, run_with_stdin, spawn};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

const FUNNEL: &str = "on visit -> send sms \"Welcome\"\n";

const EVENTS: &str = r#"{"type":"client","id":"1","client":"c1","data":{"phone":"+79990000000"}}
{"type":"visit","id":"2","client":"c1","data":{"id":"v1"}}
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be created");
    fs::write(folder.path().join("welcome.funnel"), FUNNEL).expect("the folder is writable");
    fs::write(folder.path().join("log.ndjson"), EVENTS).expect("the folder is writable");
    folder
}

#[test]
fn an_event_of_a_live_stream_is_processed_before_the_stream_ends() {
    let folder = folder();
    let funnel = folder.path().join("welcome.funnel");
    let store = folder.path().join("store.db");
    let mut command = funnelc(["run", "--events", "-", "--store"]);
    let mut child = spawn(command.arg(&store).arg(&funnel).stdin(Stdio::piped()));
    let mut input = child.stdin.take().expect("standard input is a pipe");
    input.write_all(EVENTS.as_bytes()).expect("the program reads");
    input.flush().expect("the program reads");
    let output = child.stdout.take().expect("standard output is a pipe");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let _ = BufReader::new(output).read_line(&mut line);
        let _ = sender.send(line);
    });
    let line = receiver.recv_timeout(Duration::from_secs(60)).expect("a line arrives while the stream is open");
    assert!(line.contains("send sms") && line.contains("Welcome"), "{line}");
    drop(input);
    assert_eq!(child.wait().expect("the program ends").code(), Some(0));
}

#[test]
fn output_does_not_overwrite_its_input() {
    let folder = folder();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (funnel, log) = (place("welcome.funnel"), place("log.ndjson"));
    for out in [&log, &funnel] {
        let rejected = run_funnelc(["simulate", &funnel, "--events", &log, "--out", out]);
        assert_eq!(rejected.code, Some(2), "{}", rejected.err);
        assert!(rejected.err.contains("would be overwritten"), "{}", rejected.err);
    }
    assert_eq!(fs::read_to_string(&log).expect("the log is there"), EVENTS);
    assert_eq!(fs::read_to_string(&funnel).expect("the funnel is there"), FUNNEL);
    let out = place("results.txt");
    assert_eq!(run_funnelc(["simulate", &funnel, "--events", &log, "--out", &out]).code, Some(0));
    assert!(fs::read_to_string(&out).expect("the results are there").contains("Welcome"));
}

#[test]
fn standard_input_cannot_be_both_funnel_and_events() {
    for command in ["simulate", "run"] {
        let rejected = run_with_stdin([command, "-", "--events", "-"], FUNNEL.as_bytes());
        assert_eq!(rejected.code, Some(2), "{}", rejected.err);
        assert!(rejected.err.contains("cannot both be read from standard input"), "{}", rejected.err);
    }
}

#[test]
fn an_invalid_address_gets_an_example() {
    let rejected = run_funnelc(["serve", "--listen", "8080"]);
    assert_eq!(rejected.code, Some(2));
    assert!(rejected.err.contains("such as 127.0.0.1:8080"), "{}", rejected.err);
}
