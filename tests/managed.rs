//! `serve` under a service manager and with TLS: the socket that stays open while the service restarts, what systemd is
//! told, and certificates that are renewed. Real sockets, processes and signals.
#![cfg(target_os = "linux")]

use crate::support::event::event;
use crate::support::program::{funnelc, package, spawn};
use crate::support::service::{follow, holds_within, request};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const FUNNEL: &str = "event form { name: text? }\non form -> stop\n";

fn form(client: &str) -> String {
    event("form").client(client).id(client).data(json!({"name": "Anna"}))
}

fn folder(project: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.funnel"), FUNNEL).unwrap();
    std::fs::write(folder.path().join("funnel.toml"), format!("timezone = \"UTC\"\n{project}")).unwrap();
    folder
}

/// Starts the service with a socket, as systemd does: it is file 3, and two variables say so.
fn start_on(listener: &TcpListener, folder: &Path) -> (Child, Arc<Mutex<String>>) {
    let hand_over = "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", hand_over, "sh", env!("CARGO_BIN_EXE_funnelc"), "serve"]).arg(folder);
    command.stdin(Stdio::from(OwnedFd::from(listener.try_clone().unwrap())));
    let mut child = spawn(&mut command);
    let (address, log) = follow(child.stderr.take().unwrap());
    assert_eq!(address, listener.local_addr().unwrap().to_string());
    (child, log)
}

fn terminate(child: &Child) {
    assert!(Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap().success());
}

#[test]
fn nobody_is_turned_away_while_the_service_restarts() {
    let folder = folder("");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (mut child, _log) = start_on(&listener, folder.path());
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let (stop, address) = (Arc::clone(&stop), address.clone());
            std::thread::spawn(move || {
                let mut sent = 0;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    let body = form(&format!("{sender}-{sent}"));
                    let (status, answer) = request(&address, "POST /v1/events", "", body.as_bytes());
                    // What had been read already when the service was stopped is to be sent again.
                    assert!(status == 202 || status == 503, "{status} {answer}");
                    sent += u32::from(status == 202);
                }
                sent
            })
        })
        .collect();
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(300));
        terminate(&child);
        assert!(child.wait().unwrap().success());
        // Between two processes: a connection waits.
        let mut early = TcpStream::connect(&address).unwrap();
        early.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        child = start_on(&listener, folder.path()).0;
        let mut response = String::new();
        early.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let sent: u32 = senders.into_iter().map(|sender| sender.join().unwrap()).sum();
    terminate(&child);
    assert!(child.wait().unwrap().success());
    let store = rusqlite::Connection::open(folder.path().join("funnel.db")).unwrap();
    let stored: u32 = store.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap();
    assert!(stored >= sent && sent > 0, "{sent} were acknowledged, {stored} are stored");
}

#[test]
fn a_socket_that_others_can_reach_needs_a_token_too() {
    let folder = folder("");
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let mut command = Command::new("sh");
    let hand_over = "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$@\"";
    command.args(["-c", hand_over, "sh", env!("CARGO_BIN_EXE_funnelc"), "serve"]).arg(folder.path());
    command.stdin(Stdio::from(OwnedFd::from(listener)));
    let refused = command.output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("needs a token"));
}

#[test]
fn the_service_manager_hears_how_it_goes() {
    let folder = folder("[server]\nlisten = \"127.0.0.1:0\"\n");
    let socket = folder.path().join("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let hear = |wanted: &str| {
        let started = Instant::now();
        loop {
            let mut message = [0; 1024];
            let length = manager.recv(&mut message).unwrap_or_else(|_| panic!("`{wanted}` is never said"));
            if String::from_utf8_lossy(&message[..length]).lines().any(|line| line == wanted) {
                return started.elapsed();
            }
        }
    };
    let mut command = funnelc(["serve"]);
    command.arg(folder.path()).env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "6000000");
    let mut child = spawn(&mut command);
    let (address, _log) = follow(child.stderr.take().unwrap());
    hear("READY=1");
    assert_eq!(request(&address, "GET /readyz", "", b"").0, 200);
    for _ in 0..3 {
        assert!(hear("WATCHDOG=1") < Duration::from_secs(6));
    }
    terminate(&child);
    hear("STOPPING=1");
    assert!(child.wait().unwrap().success());
}

/// The units of the reference, with the paths of this test, are accepted by systemd's own check.
#[test]
fn the_units_of_the_reference_are_valid() {
    let page = std::fs::read_to_string(package("grammar/reference/service.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut units = Vec::new();
    for block in page.split("```ini ").skip(1) {
        let (name, rest) = block.split_once('\n').unwrap();
        let text = rest.split("```").next().unwrap();
        let text = text
            .replace("/usr/local/bin/funnelc", env!("CARGO_BIN_EXE_funnelc"))
            .replace("EnvironmentFile=", "EnvironmentFile=-");
        let path = folder.path().join(name.rsplit('/').next().unwrap());
        std::fs::write(&path, text).unwrap();
        units.push(path);
    }
    assert_eq!(units.len(), 2, "a service and its socket");
    let Ok(checked) = Command::new("systemd-analyze").arg("verify").args(&units).output() else {
        assert!(std::env::var_os("FUNNELC_REQUIRE_PEERS").is_none(), "systemd-analyze is not installed");
        return eprintln!("skipped: systemd-analyze is not installed");
    };
    let said = String::from_utf8(checked.stderr).unwrap();
    let about_ours: Vec<_> = said.lines().filter(|line| line.contains("funnelc.s")).collect();
    assert!(about_ours.is_empty(), "{said}");
}

fn certificate(folder: &Path, name: &str) -> String {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned(), "localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.pem()
}

/// Asks over TLS, trusting one certificate. Returns what `curl` prints, and whether it was satisfied.
fn ask(address: &str, trusted: &Path, path: &str) -> (bool, String) {
    let port = address.rsplit(':').next().unwrap();
    let mut command = Command::new("curl");
    command
        .arg("--silent")
        .arg("--show-error")
        .arg("--cacert")
        .arg(trusted)
        .arg(format!("https://localhost:{port}{path}"));
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn connections_are_encrypted_and_a_renewed_certificate_is_used_without_a_restart() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var_os("FUNNELC_REQUIRE_PEERS").is_none(), "curl is not installed");
        return eprintln!("skipped: curl is not installed");
    }
    let folder = folder("[server]\nlisten = \"127.0.0.1:0\"\ntls = { cert = \"cert.pem\", key = \"key.pem\" }\n");
    let trusted = tempfile::tempdir().unwrap();
    let (first, second) = (trusted.path().join("first.pem"), trusted.path().join("second.pem"));
    std::fs::write(&first, certificate(folder.path(), "first.example")).unwrap();
    let mut command = funnelc(["serve"]);
    let mut child = spawn(command.arg(folder.path()));
    let (address, log) = follow(child.stderr.take().unwrap());
    assert_eq!(ask(&address, &first, "/healthz"), (true, "ok\n".to_owned()), "{}", log.lock().unwrap());
    // Plain HTTP is not answered, and somebody who says nothing holds up nobody.
    let mut plain = TcpStream::connect(&address).unwrap();
    let _silent = TcpStream::connect(&address).unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    plain.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"), "{}", String::from_utf8_lossy(&answer));
    // Half of a renewal is not used; the whole one is.
    std::fs::write(folder.path().join("cert.pem"), "not a certificate").unwrap();
    assert!(holds_within(Duration::from_secs(30), || log.lock().unwrap().contains("the previous one stays")));
    assert!(ask(&address, &first, "/healthz").0);
    std::fs::write(&second, certificate(folder.path(), "second.example")).unwrap();
    assert!(holds_within(Duration::from_secs(40), || ask(&address, &second, "/healthz").0));
    assert!(!ask(&address, &first, "/healthz").0);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_certificate_that_cannot_be_used_is_said_at_the_start() {
    let folder = folder("[server]\nlisten = \"127.0.0.1:0\"\ntls = { cert = \"cert.pem\", key = \"key.pem\" }\n");
    let refused = |expected: &str| {
        let output = funnelc(["serve"]).arg(folder.path()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("cannot use the certificate for TLS") && said.contains(expected), "{said}");
    };
    refused("cert.pem");
    certificate(folder.path(), "one.example");
    let key = std::fs::read(folder.path().join("key.pem")).unwrap();
    certificate(folder.path(), "other.example");
    std::fs::write(folder.path().join("key.pem"), key).unwrap();
    refused("the key does not belong to the certificate");
    std::fs::write(folder.path().join("cert.pem"), "nothing").unwrap();
    refused("the file has no certificate");
}
