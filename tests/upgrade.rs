//! Funnels that change while the store stays: new funnels know the past, and new triggers do not fire for every client at
//! once. Each start runs the real program.

use super::support::event::{Event, event};
use super::support::program::run_funnelc;
use serde_json::json;
use std::path::Path;

/// Runs a funnel on events and a store; returns the results as text, with times in UTC.
fn start(folder: &Path, funnel: &str, events: &[&str]) -> Vec<String> {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    std::fs::write(path("funnel.toml"), "timezone = \"UTC\"\n").unwrap();
    std::fs::write(path("f.funnel"), funnel).unwrap();
    std::fs::write(path("events.ndjson"), events.join("\n") + "\n").unwrap();
    let (funnel, events, store) = (path("f.funnel"), path("events.ndjson"), path("store.db"));
    let ran = run_funnelc(["run", &funnel, "--events", &events, "--fast-forward", "--store", &store]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.out.lines().map(str::to_owned).collect()
}

/// An event in 2026, at a date and a time such as `03-02T10:00`.
fn event_at(kind: &str, id: &str, time: &str) -> Event {
    event(kind).id(id).at(&format!("2026-{time}:00Z"))
}

fn visit(id: &str, time: &str) -> String {
    event_at("visit", id, time).data(json!({"id": id}))
}

fn form(id: &str, time: &str) -> String {
    event_at("form", id, time).data(json!({"name": "ask"}))
}

const QUIET: &str = "on purchase -> tag \"bought\"\n";

#[test]
fn a_new_funnel_knows_what_happened_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let before = [visit("v1", "03-02T10:00"), form("f1", "03-03T10:00"), visit("v2", "03-04T10:00")];
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    assert_eq!(start(folder.path(), QUIET, &before), Vec::<String>::new());

    let funnel =
        "on form -> if count(visit) == 2 and count(form) == 2 and first(form).at < last(visit).at { tag \"known\" }\n";
    let results = start(folder.path(), funnel, &[&form("f2", "03-05T10:00")]);
    assert_eq!(results.len(), 1, "{results:?}");
    assert!(results[0].ends_with("known"), "{results:?}");

    // The same funnel again: nothing is counted twice.
    let other = "on form -> if count(form) == 3 and count(visit) == 2 { tag \"third\" }\n";
    let results = start(folder.path(), &(funnel.to_owned() + other), &[&form("f3", "03-06T10:00")]);
    assert!(results.iter().any(|line| line.ends_with("third")), "{results:?}");
}

#[test]
fn clients_already_in_a_new_segment_do_not_enter_it() {
    let folder = tempfile::tempdir().unwrap();
    let before = [visit("v1", "03-02T10:00"), visit("v2", "03-03T10:00")];
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    start(folder.path(), QUIET, &before);
    let funnel = "segment regular = count(visit in last 10d) >= 2\n\
        funnel in { on entering regular -> tag \"in\" }\nfunnel out { on leaving regular -> tag \"out\" }\n";
    let lines = start(folder.path(), funnel, &[&visit("v3", "03-05T10:00")]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("2026-03-13 10:00") && lines[0].ends_with("out"), "{lines:?}");
}

#[test]
fn a_new_absence_trigger_counts_from_the_last_event_and_ignores_older_absences() {
    let absence = "on no form for 10d -> tag \"silent\"\non no visit for 10d -> tag \"away\"\n";
    let results = |before: &[String], next: &str| {
        let folder = tempfile::tempdir().unwrap();
        start(folder.path(), QUIET, &before.iter().map(String::as_str).collect::<Vec<_>>());
        start(folder.path(), absence, &[next])
    };
    let next = event_at("purchase", "p1", "03-06T10:00").data(json!({"id": "p1", "amount": "5 EUR"}));
    let fresh = results(&[form("f1", "03-02T10:00"), visit("v1", "03-03T10:00")], &next);
    assert_eq!(fresh.len(), 2, "{fresh:?}");
    assert!(fresh[0].starts_with("2026-03-12 10:00") && fresh[0].ends_with("silent"), "{fresh:?}");
    assert!(fresh[1].starts_with("2026-03-13 10:00") && fresh[1].ends_with("away"), "{fresh:?}");
    let old = [form("f1", "01-02T10:00"), visit("v1", "01-03T10:00"), form("f0", "03-01T10:00")];
    assert_eq!(results(&old, &next).len(), 1, "the last visit is longer ago than the absence");
}

#[test]
fn the_consent_log_is_complete_and_cannot_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let events = [
        event_at("client", "e1", "03-01T10:00").data(json!({"phone": "+4930901820", "consent": ["email"]})),
        event_at("subscription", "e2", "03-02T10:00")
            .data(json!({"channel": "sms", "topic": "news", "text": "Yes, news", "source": "site"})),
        visit("v1", "03-03T10:00"),
        event_at("unsubscribed", "e3", "03-04T10:00").data(json!({})),
    ];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    start(folder.path(), "funnel f { purpose marketing news on visit -> send sms \"news\" }\n", &events);
    let connection = rusqlite::Connection::open(folder.path().join("store.db")).unwrap();
    let mut query = connection
        .prepare("SELECT said, channel, topic, coalesce(text, '-'), coalesce(source, '-') FROM consent")
        .unwrap();
    let rows = query.query_map([], |row| {
        let cell = |at: usize| row.get::<_, String>(at).unwrap();
        Ok((0..5).map(cell).collect::<Vec<_>>().join(" | "))
    });
    let log: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
    assert_eq!(
        log,
        [
            "given | email | every topic | - | -",
            "given | sms | news | Yes, news | site",
            "taken back | every channel | every topic | - | -"
        ]
    );
    let evidence =
        "SELECT count(*) FROM messages JOIN consents ON messages.evidence = consents.id WHERE consents.event = 'e2'";
    assert_eq!(connection.query_row(evidence, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    assert!(connection.execute("UPDATE consents SET granted = 1", []).is_err(), "a row of the consent log was changed");
}

#[test]
fn a_campaign_is_not_repeated_by_a_restart_or_an_edit() {
    let folder = tempfile::tempdir().unwrap();
    let campaign = |at: &str, tag: &str| format!("on {at} -> tag \"{tag}\"\n");
    let first = start(folder.path(), &campaign("2026-03-05 10:00", "one"), &[&visit("v1", "03-02T10:00")]);
    assert!(first.len() == 1 && first[0].starts_with("2026-03-05 10:00") && first[0].ends_with("one"), "{first:?}");
    // Neither the restart, nor other steps, nor another time on that day.
    for edited in
        [campaign("2026-03-05 10:00", "one"), campaign("2026-03-05 10:00", "two"), campaign("2026-03-05 12:00", "two")]
    {
        assert_eq!(start(folder.path(), &edited, &[]), Vec::<String>::new(), "{edited}");
    }
    // A campaign that is past when it is new reaches nobody; another date is another one.
    let past = campaign("2026-03-04 10:00", "late");
    assert_eq!(start(folder.path(), &past, &[&visit("v2", "03-06T10:00")]), Vec::<String>::new());
    let lines = start(folder.path(), &campaign("2026-03-08 10:00", "three"), &[]);
    assert!(lines.len() == 1 && lines[0].ends_with("three"), "{lines:?}");
}

#[test]
fn a_campaign_that_is_past_is_reported_by_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("funnel.toml"), "timezone = \"UTC\"\n").unwrap();
    std::fs::write(path("f.funnel"), "on 2020-12-25 10:00 -> tag \"late\"\n").unwrap();
    std::fs::write(path("events.ndjson"), visit("v1", "03-02T10:00") + "\n").unwrap();
    let ran = run_funnelc(["run", &path("f.funnel"), "--events", &path("events.ndjson"), "--store", &path("store.db")]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("2020-12-25 10:00 is past, so no further client enters"), "{ran:?}");
    assert_eq!(ran.out, "");
}
