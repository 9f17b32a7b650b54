//! The order of events in virtual time: that of a file is sorted, that of a stream is kept.

use super::support::event::event;
use super::support::played::{BERLIN, Played, project_folder};
use super::support::program::{run_funnelc, run_with_stdin};
use serde_json::{Value, json};

const REMINDER: &str = "funnel remind {\n  exit on booking.cancelled\n  on booking -> wait until starts_at - 1d else stop -> send sms \"Soon\"\n}";

/// A log that is grouped by client.
fn grouped() -> Vec<String> {
    let phone = |client: &str, number: u32| {
        let data = json!({"phone": format!("+49170000000{number}")});
        event("client").client(client).at("2026-03-01T09:00:00Z").data(data)
    };
    let booked = |client: &str, at: &str, data: Value| event("booking").client(client).at(at).data(data);
    vec![
        phone("c1", 1),
        booked("c1", "2026-03-02T09:00:00Z", json!({"id": "b1", "starts_at": "2026-03-20T12:00:00Z"})),
        booked("c1", "2026-03-25T09:00:00Z", json!({"id": "b1", "attended": true})),
        "not JSON".to_owned(),
        phone("c2", 2),
        booked("c2", "2026-03-03T09:00:00Z", json!({"id": "b2", "starts_at": "2026-03-10T12:00:00Z"})),
        String::new(),
        booked("c2", "2026-03-26T09:00:00Z", json!({"id": "b3", "starts_at": "2026-03-28T12:00:00Z"})),
        // Without a time, it follows the line before.
        json!({"type": "booking", "client": "c2", "data": {"id": "b3", "cancelled": true}}).to_string(),
        phone("c3", 3),
        booked("c3", "2026-03-04 10:00", json!({"id": "b4", "starts_at": "2026-03-10T11:00:00Z"})),
    ]
}

#[test]
fn a_log_that_is_grouped_by_client_is_played_in_order_of_time() {
    let played = Played::new(REMINDER, BERLIN, &grouped());
    let results: Vec<_> = played.results().into_iter().filter(|line| line.contains("send")).collect();
    assert_eq!(
        results,
        [
            "2026-03-09 12:00 +01:00 c3 send sms +491700000003 \"Soon\"",
            "2026-03-09 13:00 +01:00 c2 send sms +491700000002 \"Soon\"",
            "2026-03-19 13:00 +01:00 c1 send sms +491700000001 \"Soon\"",
        ]
    );
    played.report("sorted by time");
    // Lines keep their numbers.
    played.report("e.ndjson:4");
    let mut in_order = grouped();
    in_order.remove(3);
    in_order.sort_by_key(|line| {
        let event: Value = serde_json::from_str(line).unwrap_or_default();
        event["at"].as_str().map_or_else(|| "2026-03-26T09:00:01".to_owned(), |at| at.replace(' ', "T"))
    });
    let again = Played::new(REMINDER, BERLIN, &in_order);
    assert_eq!(again.results(), played.results());
    for finished in [&again.simulated, &again.run] {
        assert!(!finished.err.contains("sorted") && !finished.err.contains("late"), "{}", finished.err);
    }
}

#[test]
fn a_sorted_file_is_accepted_once_however_often_it_is_read() {
    let mut events = grouped();
    // The same line twice, without an id: two events.
    events.push(events[1].clone());
    let folder = project_folder(REMINDER, BERLIN, &events);
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (project, log, store) = (folder.path().display().to_string(), place("e.ndjson"), place("s.db"));
    let args = ["run", &project, "--events", &log, "--fast-forward", "--dry-run", "--store", &store];
    let first = run_funnelc(args);
    assert!(first.err.contains("10 events"), "{}", first.err);
    let second = run_funnelc(args);
    assert!(second.err.contains("no events") && second.err.contains("10 duplicate events"), "{}", second.err);
    assert_eq!(second.out, "");
}

#[test]
fn a_stream_is_played_as_it_arrives_and_the_late_events_are_counted() {
    let mut events = grouped();
    events.remove(3);
    let folder = project_folder(REMINDER, BERLIN, &[]);
    let project = folder.path().display().to_string();
    let input = events.join("\n");
    for args in [
        vec!["simulate", &project, "--events", "-"],
        vec!["run", &project, "--events", "-", "--fast-forward", "--dry-run"],
    ] {
        let finished = run_with_stdin(args, input.as_bytes());
        assert!(finished.err.contains("4 late events"), "{}", finished.err);
        assert!(!finished.err.contains("sorted"), "{}", finished.err);
    }
}
