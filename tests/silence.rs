//! What the summary says about messages that were not sent, and the state of those that were only printed.

use super::support::event::event;
use super::support::played::{BERLIN, Played, project_folder};
use super::support::program::run_funnelc;
use funnelc::store::{Sqlite, Store};
use serde_json::{Value, json};

fn at(kind: &str, at: &str, data: Value) -> String {
    event(kind).at(at).data(data)
}

/// What each command says after the number of events.
fn summary(funnel: &str, events: &[String]) -> [String; 2] {
    let played = Played::new(funnel, BERLIN, events);
    [&played.simulated, &played.run].map(|finished| {
        let line = finished.err.lines().find(|line| line.contains(" events, ")).unwrap_or_default();
        line.split_once(" events, ").map(|(_, rest)| rest.to_owned()).unwrap_or_default()
    })
}

const PHONE: &str = "+491700000001";

#[test]
fn the_summary_counts_why_a_run_sent_nothing() {
    let client = |data: Value| at("client", "2026-03-01T09:00:00Z", data);
    let soon = at("booking", "2026-03-02T09:00:00Z", json!({"id": "b1", "starts_at": "2026-03-02T10:00:00Z"}));
    let visit = |n: u32| at("visit", &format!("2026-03-0{n}T09:00:00Z"), json!({"id": format!("v{n}")}));
    let phone = client(json!({"phone": PHONE}));
    let reminder = "funnel soon {\n  on booking -> wait until starts_at - 2h else stop -> send sms \"Soon\"\n}";
    let hello = "funnel hello {\n  on visit -> send sms \"Hello\"\n}";
    let cases = [
        (reminder, vec![phone.clone(), soon.clone()], "no messages, 1 moment past"),
        (hello, vec![client(json!({"name": "Anna"})), visit(1), visit(2)], "no messages, 2 without address"),
        (
            "funnel f {\n  purpose marketing\n  on visit -> send sms \"Hello\"\n}",
            vec![phone.clone(), visit(1)],
            "no messages, 1 without consent",
        ),
        (
            "funnel f {\n  limit 1 sms per 7d else skip\n  on visit -> send sms \"Hello\"\n}",
            vec![phone.clone(), visit(1), visit(2), visit(3)],
            "1 message, 2 over a limit",
        ),
        (
            "on booking -> if attended -> send sms \"Hello\"",
            vec![phone.clone(), soon.clone()],
            "no messages, 1 never answered",
        ),
        (
            "on booking -> match attended {\n  case true -> send sms \"Hello\"\n  otherwise -> stop\n}",
            vec![phone.clone(), soon.clone()],
            "no messages, 1 never answered",
        ),
        // An answer that is no is an answer, and so is a condition about a value that is missing.
        (
            "on booking -> if attended -> send sms \"Hello\"",
            vec![
                phone.clone(),
                soon.clone(),
                at("booking", "2026-03-02T12:00:00Z", json!({"id": "b1", "attended": false})),
            ],
            "no messages",
        ),
        (
            "on visit -> if client.city == \"Berlin\" -> send sms \"Hello\"",
            vec![phone.clone(), visit(1)],
            "no messages",
        ),
    ];
    for (funnel, events, expected) in cases {
        let [simulated, run] = summary(funnel, &events);
        assert_eq!(simulated, expected, "{funnel}");
        assert_eq!(run.replace("1 message printed", "1 message"), expected, "{funnel}");
    }
    let both = format!("{reminder}\n{hello}");
    let [simulated, _] = summary(&both, &[client(json!({"name": "Anna"})), soon, visit(3)]);
    assert_eq!(simulated, "no messages, 1 moment past, 1 without address");
}

#[test]
fn a_message_without_a_configured_channel_is_printed_everywhere() {
    let events = [
        at("client", "2026-03-01T09:00:00Z", json!({"phone": PHONE})),
        at("visit", "2026-03-02T09:00:00Z", json!({"id": "v1"})),
    ];
    let cases = [
        ("on visit -> send sms \"Hello\"", "1 message printed", 1),
        ("on visit -> send sms \"Hello\" else { tag \"failed\" } -> task \"Call\"", "1 message printed, 1 task", 2),
    ];
    for (funnel, said, number) in cases {
        for configured in ["", "\n[channels.sms]\nprovider = \"console\"\n"] {
            let folder = project_folder(funnel, &format!("{BERLIN}{configured}"), &events);
            let place = |name: &str| folder.path().join(name).display().to_string();
            let (log, store) = (place("e.ndjson"), place("s.db"));
            let project = folder.path().display().to_string();
            let finished = run_funnelc(["run", &project, "--events", &log, "--fast-forward", "--store", &store]);
            assert!(finished.err.contains(&format!("2 events, {said}\n")), "{}", finished.err);
            assert!(!finished.out.contains("failed"), "{}", finished.out);
            let counts = Sqlite::open(folder.path().join("s.db").as_path()).unwrap().message_counts().unwrap();
            assert_eq!(counts, [("printed".to_owned(), number)].into(), "{funnel}");
        }
    }
}
