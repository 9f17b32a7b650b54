//! A store under another name, deleted or replaced while it is in use: the real program lets nobody else in, and never
//! acknowledges what the next start would not find.
#![cfg(unix)]

use crate::support::event::event;
use crate::support::program::funnelc;
use crate::support::service::{Service, holds_within};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

const FUNNEL: &str = "event form { name: text? }\non form -> stop\n";

fn form(client: &str) -> String {
    event("form").client(client).id(client).data(json!({"name": "Anna"}))
}

/// Posts an event and returns what comes back, which may be nothing.
fn post(service: &Service, body: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(service.address()) else { return String::new() };
    let head = format!("POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let _ = stream.write_all(head.as_bytes());
    let mut response = Vec::new();
    let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
    let _ = stream.read_to_end(&mut response);
    String::from_utf8_lossy(&response).into_owned()
}

#[test]
fn no_other_name_and_no_removed_file_lets_a_second_process_in() {
    let service = Service::start(FUNNEL);
    service.accepted(&form("c1"));
    let path = service.store_path();
    let folder = path.parent().unwrap();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().ends_with(".lock") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    let (hard, soft) = (folder.join("hard.db"), folder.join("soft.db"));
    std::fs::hard_link(&path, &hard).unwrap();
    std::os::unix::fs::symlink(&path, &soft).unwrap();
    for name in [&path, &hard, &soft] {
        let mut command = funnelc(["serve", "--listen", "127.0.0.1:0", "--store"]);
        let refused = command.arg(name).arg(folder.join("main.funnel")).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("error[F0708]"), "{}: {said}", name.display());
    }
    service.accepted(&form("c2"));
}

#[test]
fn a_store_that_is_taken_away_acknowledges_nothing_more() {
    let delete = |path: &Path| std::fs::remove_file(path).unwrap();
    let replace = |path: &Path| {
        let other = path.with_extension("other");
        std::fs::copy(path, &other).unwrap();
        std::fs::rename(other, path).unwrap();
    };
    let delete_log = |path: &Path| std::fs::remove_file(path.with_extension("db-wal")).unwrap();
    for take in [&delete as &dyn Fn(&Path), &replace, &delete_log] {
        let mut service = Service::start(FUNNEL);
        service.accepted(&form("c1"));
        take(&service.store_path());
        let response = post(&service, &form("c2"));
        assert!(!response.starts_with("HTTP/1.1 202 "), "{response}");
        assert_eq!(service.ended(), Some(2));
        assert!(
            holds_within(Duration::from_secs(5), || {
                service.log().contains("was deleted, moved or replaced while it was in use")
            }),
            "{}",
            service.log()
        );
    }
}

#[test]
fn every_file_of_a_store_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let service = Service::start(FUNNEL);
    service.accepted(&form("c1"));
    let folder = service.store_path().parent().unwrap().to_owned();
    let names = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let of_store: Vec<_> = names.filter(|entry| entry.file_name().to_string_lossy().starts_with("store.db")).collect();
    assert!(of_store.len() >= 3, "the store, its log and its index");
    for entry in of_store {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}
