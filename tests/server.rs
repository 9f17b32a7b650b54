//! Events over HTTP with a real socket: the responses, who may post, and that acknowledged events are on disk.

use crate::runtime::workshop::{HostOutput, host, visit};
use crate::support::service::request;
use funnelc::channel::OnUnknown;
use funnelc::channel::fake::Fake;
use funnelc::check::program::Catalog;
use funnelc::runtime::{Mode, Stopper, Summary};
use funnelc::server::{self, Listen, Options, Scope, Tokens};
use funnelc::store::MemoryStore;
use funnelc::value::Zone;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

/// A host that serves on its own port until it is stopped.
struct Served {
    address: SocketAddr,
    memory: MemoryStore,
    stopper: Stopper,
    thread: JoinHandle<Summary>,
}

impl Served {
    fn start(tokens: &[(Scope, &str)]) -> Self {
        let tokens: Tokens = tokens.iter().map(|(scope, token)| (*scope, (*token).to_owned())).collect();
        let memory = MemoryStore::new();
        let store = memory.clone();
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let fake = Arc::new(Fake::new([]).on_unknown(OnUnknown::Retry));
            let host = host(store, &fake, None, Mode::Service, &HostOutput::default()).unwrap();
            let options = Options {
                listen: Listen::At("127.0.0.1:0".parse().unwrap()),
                tokens,
                tls: None,
                store: PathBuf::from("."),
                sources: Vec::new(),
                catalog: Catalog::default(),
                unsubscribe: None,
                language: "en".to_owned(),
            };
            let address = server::start(host.tasks(), host.inbox(), options).unwrap();
            sender.send((address, host.stopper())).unwrap();
            host.run().unwrap()
        });
        let (address, stopper) = receiver.recv().unwrap();
        Self { address, memory, stopper, thread }
    }

    fn stop(mut self) -> Summary {
        self.stopper.stop();
        self.thread.join().unwrap()
    }

    fn post(&self, headers: &str, body: &str) -> (u16, Value) {
        let (status, body) = self.request("POST /v1/events", headers, body.as_bytes());
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    fn request(&self, what: &str, headers: &str, body: &[u8]) -> (u16, String) {
        request(&self.address.to_string(), what, headers, body)
    }
}

#[test]
fn events_are_accepted_as_an_object_an_array_or_lines() {
    let served = Served::start(&[]);
    let at = "2026-03-01T10:00:00Z";
    let (one, two, three) = (visit("1", "anna", at), visit("2", "anna", at), visit("3", "anna", at));
    let (status, response) = served.post("", &one);
    assert_eq!(status, 202);
    let results = json!([{"id": "v-1", "status": "accepted"}]);
    assert_eq!(response, json!({"accepted": 1, "duplicates": 0, "rejected": 0, "results": results}));
    let (status, response) = served.post("", &format!("[{one},{two}]"));
    assert_eq!((status, &response["accepted"], &response["duplicates"]), (202, &json!(1), &json!(1)));
    let (status, response) = served.post("", &format!("\u{feff}{two}\r\n{three}not json\n"));
    assert_eq!(
        (status, &response["accepted"], &response["duplicates"], &response["rejected"]),
        (207, &json!(1), &json!(1), &json!(1))
    );
    assert_eq!(response["results"][2]["code"], "F0701");
    assert_eq!(served.memory.events().len(), 3);
    let summary = served.stop();
    assert_eq!((summary.events, summary.duplicates, summary.rejected), (3, 2, 1));
}

#[test]
fn cloud_events_are_accepted_in_every_mode() {
    let served = Served::start(&[]);
    let cloud = |id: &str, key: &str| {
        json!({
            "specversion": "1.0", "type": "visit", "source": "/crm", "id": id, "subject": "Zoë", "traceparent": "x",
            "time": "2026-03-01T10:00:00Z", "datacontenttype": "application/json", "data": {"id": key},
        })
    };
    let structured = "content-type: application/cloudevents+json; charset=utf-8\r\n";
    let batched = "content-type: application/cloudevents-batch+json\r\n";
    let binary = "ce-specversion: 1.0\r\nce-type: visit\r\nce-source: /crm\r\nce-subject: Zo%C3%AB\r\n\
                  ce-time: 2026-03-01T10:00:00Z\r\ncontent-type: application/json\r\n";
    assert_eq!(served.post(structured, &cloud("1", "a").to_string()).0, 202);
    // The same event is recognized in every mode.
    let (status, response) = served.post(batched, &json!([cloud("1", "a"), cloud("2", "b")]).to_string());
    assert_eq!((status, &response["duplicates"], &response["accepted"]), (202, &json!(1), &json!(1)), "{response}");
    let (status, response) = served.post(&format!("{binary}ce-id: 2\r\n"), r#"{"id": "b"}"#);
    assert_eq!((status, &response["duplicates"]), (202, &json!(1)), "{response}");
    let (_, response) = served.post(&format!("{binary}ce-id: 3\r\n"), r#"{"id": "c"}"#);
    assert_eq!(response["results"], json!([{"id": "3", "status": "accepted"}]));
    let events = served.memory.events();
    let of = |n: usize| (events[n].source.as_str(), events[n].client.0.as_str(), events[n].key.as_deref());
    assert_eq!((of(0), of(1)), (("/crm", "Zoë", Some("a")), ("/crm", "Zoë", Some("b"))));
    assert_eq!((of(2), events[2].at, events.len()), (("/crm", "Zoë", Some("c")), events[0].at, 3));
    let mut wrong = Vec::new();
    for (name, value) in [("specversion", json!("0.3")), ("id", json!(null)), ("data_base64", json!("aGk="))] {
        let mut event = cloud("9", "x");
        event[name] = value;
        wrong.push((structured.to_owned(), event.to_string(), "F0701"));
    }
    let mut nobody = cloud("9", "x");
    nobody.as_object_mut().unwrap().remove("subject");
    wrong.push((structured.to_owned(), nobody.to_string(), "F0704"));
    wrong.push((structured.to_owned(), "7".to_owned(), "F0701"));
    wrong.push((format!("{binary}ce-id: 9\r\n"), String::new(), "F0705"));
    for (headers, body, code) in wrong {
        let (status, response) = served.post(&headers, &body);
        assert_eq!((status, &response["results"][0]["code"]), (400, &json!(code)), "{body}: {response}");
    }
    served.stop();
}

#[test]
fn rejected_requests_say_why() {
    let served = Served::start(&[]);
    let cases = [
        ("{", 400, "F0701"),
        (r#"{"type":"vist","client":"c"}"#, 400, "F0702"),
        (r#"{"type":"booking","client":"c","data":{"id":"b","starts_at":"soon"}}"#, 400, "F0703"),
        (r#"{"type":"visit","data":{"id":"v"}}"#, 400, "F0704"),
        (r#"{"type":"visit","client":"c"}"#, 400, "F0705"),
    ];
    for (body, status, code) in cases {
        let (got, response) = served.post("", body);
        assert_eq!((got, &response["results"][0]["code"]), (status, &json!(code)), "{body}: {response}");
    }
    assert_eq!(served.post("", " \n").0, 400);
    assert_eq!(served.request("POST /v1/events", "", &vec![b' '; 5 << 20]).0, 413);
    assert_eq!(served.request("GET /v1/events", "", b"").0, 405);
    assert_eq!(served.request("GET /nothing", "", b"").0, 404);
    assert_eq!(served.request("GET /healthz", "", b""), (200, "ok\n".to_owned()));
    let (status, report) = served.request("GET /readyz", "", b"");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (status, &report),
        (200, &json!({"status": "ready", "faults": [], "set_aside": 0, "time_zones": Zone::DATA}))
    );
    assert_eq!(served.stop().rejected, 5);
}

#[test]
fn a_configured_token_is_required() {
    let served = Served::start(&[(Scope::Ingest, "s3cret")]);
    let event = visit("1", "anna", "2026-03-01T10:00:00Z");
    assert_eq!(served.post("", &event).0, 401);
    assert_eq!(served.post("authorization: Bearer s3creT\r\n", &event).0, 401);
    assert_eq!(served.post("authorization: Basic s3cret\r\n", &event).0, 401);
    assert!(served.memory.events().is_empty());
    assert_eq!(served.post("authorization: bearer s3cret\r\n", &event).0, 202);
    served.stop();
}

#[test]
fn a_token_opens_what_it_is_listed_for() {
    let (ingest, read, operate) = (Scope::Ingest, Scope::Read, Scope::Operate);
    let served = Served::start(&[(ingest, "old"), (ingest, "new"), (read, "look"), (operate, "root"), (read, "root")]);
    let event = visit("1", "anna", "2026-03-01T10:00:00Z");
    let requests = [
        ("POST /v1/events", event.as_str(), &["old", "new"][..]),
        ("GET /v1/clients/anna", "", &["look", "root"]),
        ("GET /v1/status", "", &["look", "root"]),
        ("GET /metrics", "", &["look", "root"]),
        ("POST /v1/lanes/sms/retry", "", &["root"]),
    ];
    for (what, body, open) in requests {
        for token in ["old", "new", "look", "root", "other"] {
            let (status, response) =
                served.request(what, &format!("authorization: Bearer {token}\r\n"), body.as_bytes());
            let expected = match (open.contains(&token), token) {
                (true, _) => ![401, 403].contains(&status),
                (false, "other") => status == 401,
                (false, _) => status == 403,
            };
            assert!(expected, "{what} with {token}: {status} {response}");
        }
        assert_eq!(served.request(what, "", body.as_bytes()).0, 401, "{what}");
    }
    for what in ["GET /healthz", "GET /readyz", "GET /v1/openapi.json"] {
        assert_eq!(served.request(what, "", b"").0, 200, "{what}");
    }
    served.stop();
}

#[test]
fn without_tokens_a_name_that_leads_here_from_elsewhere_is_rejected() {
    let served = Served::start(&[]);
    // A second `host` would be ambiguous, so the request is written by hand.
    let mut stream = std::net::TcpStream::connect(served.address).unwrap();
    let request = "GET /v1/status HTTP/1.1\r\nhost: evil.example:8080\r\nconnection: close\r\n\r\n";
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut response = String::new();
    std::io::Read::read_to_string(&mut stream, &mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 403 "), "{response}");
    served.stop();
}

#[test]
fn without_a_token_web_pages_and_other_machines_are_rejected() {
    let served = Served::start(&[]);
    let event = visit("1", "anna", "2026-03-01T10:00:00Z");
    assert_eq!(served.post("origin: https://example.org\r\n", &event).0, 403);
    served.stop();
    let options = Options {
        listen: Listen::At("0.0.0.0:0".parse().unwrap()),
        tokens: Tokens::new(),
        tls: None,
        store: PathBuf::from("."),
        sources: Vec::new(),
        catalog: Catalog::default(),
        unsubscribe: None,
        language: "en".to_owned(),
    };
    let host = host(MemoryStore::new(), &Arc::new(Fake::new([])), None, Mode::Service, &HostOutput::default()).unwrap();
    let error = server::start(host.tasks(), host.inbox(), options).unwrap_err();
    assert_eq!(error.to_string(), "`0.0.0.0:0` is reachable from other machines and needs a token");
}

#[test]
fn concurrent_events_are_on_disk_when_acknowledged() {
    let served = Arc::new(Served::start(&[]));
    let senders: Vec<_> = (0..8)
        .map(|sender| {
            let served = Arc::clone(&served);
            std::thread::spawn(move || {
                for n in 0..25 {
                    let id = format!("{sender}-{n}");
                    let (status, _) = served.post("", &visit(&id, &format!("c{sender}"), "2026-03-01T10:00:00Z"));
                    assert_eq!(status, 202);
                    let on_disk = served.memory.events().iter().any(|e| e.key.as_deref() == Some(&id));
                    assert!(on_disk, "{id} was acknowledged before it was on disk");
                }
            })
        })
        .collect();
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    let served = Arc::into_inner(served).unwrap();
    assert_eq!(served.memory.events().len(), 200);
    assert_eq!(served.stop().events, 200);
}
