//! Funnels that change over a store that stays: what new funnels ask about the past is known, and what is new does not
//! write to everybody at once. Each start is the real program.

use super::support::program::{ended, package};
use std::path::Path;

/// Runs a funnel over events on a store. Out: the results in text form, times in UTC.
fn start(folder: &Path, funnel: &str, events: &[&str]) -> Vec<String> {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    std::fs::write(path("funnel.toml"), "timezone = \"UTC\"\n").unwrap();
    std::fs::write(path("f.funnel"), funnel).unwrap();
    std::fs::write(path("events.ndjson"), events.join("\n") + "\n").unwrap();
    let (funnel, events, store) = (path("f.funnel"), path("events.ndjson"), path("store.db"));
    let ran = ended(["run", &funnel, "--events", &events, "--fast-forward", "--store", &store]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.out.lines().map(str::to_owned).collect()
}

fn event(kind: &str, id: &str, at: &str, data: &str) -> String {
    format!(r#"{{"type":"{kind}","id":"{id}","client":"c1","at":"2026-{at}:00Z","data":{{{data}}}}}"#)
}

fn visit(id: &str, at: &str) -> String {
    event("visit", id, at, &format!(r#""id":"{id}""#))
}

fn form(id: &str, at: &str) -> String {
    event("form", id, at, r#""name":"ask""#)
}

const QUIET: &str = "on purchase -> tag \"bought\"\n";

#[test]
fn a_new_funnel_knows_what_happened_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let before = [visit("v1", "03-02T10:00"), form("f1", "03-03T10:00"), visit("v2", "03-04T10:00")];
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    assert_eq!(start(folder.path(), QUIET, &before), Vec::<String>::new());

    let asks =
        "on form -> if count(visit) == 2 and count(form) == 2 and first(form).at < last(visit).at { tag \"known\" }\n";
    let asked = start(folder.path(), asks, &[&form("f2", "03-05T10:00")]);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].ends_with("known"), "{asked:?}");

    // The same funnel again: nothing is counted twice.
    let other = "on form -> if count(form) == 3 and count(visit) == 2 { tag \"third\" }\n";
    let asked = start(folder.path(), &(asks.to_owned() + other), &[&form("f3", "03-06T10:00")]);
    assert!(asked.iter().any(|line| line.ends_with("third")), "{asked:?}");
}

#[test]
fn who_is_in_a_new_segment_already_does_not_enter_it() {
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
fn a_new_silence_counts_from_the_last_event_and_leaves_old_ones_alone() {
    let silence = "on no form for 10d -> tag \"silent\"\non no visit for 10d -> tag \"away\"\n";
    let told = |before: &[String], next: &str| {
        let folder = tempfile::tempdir().unwrap();
        start(folder.path(), QUIET, &before.iter().map(String::as_str).collect::<Vec<_>>());
        start(folder.path(), silence, &[next])
    };
    let next = event("purchase", "p1", "03-06T10:00", r#""id":"p1","amount":"5 EUR""#);
    let fresh = told(&[form("f1", "03-02T10:00"), visit("v1", "03-03T10:00")], &next);
    assert_eq!(fresh.len(), 2, "{fresh:?}");
    assert!(fresh[0].starts_with("2026-03-12 10:00") && fresh[0].ends_with("silent"), "{fresh:?}");
    assert!(fresh[1].starts_with("2026-03-13 10:00") && fresh[1].ends_with("away"), "{fresh:?}");
    let old = [form("f1", "01-02T10:00"), visit("v1", "01-03T10:00"), form("f0", "03-01T10:00")];
    assert_eq!(told(&old, &next).len(), 1, "the visit is longer ago than the silence lasts");
}

#[test]
fn a_store_of_the_first_version_is_brought_forward() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    let schema = std::fs::read_to_string(package("src/store/schema/0001.sql")).unwrap();
    connection.execute_batch(&schema).unwrap();
    connection
        .execute_batch(
            r#"INSERT INTO clients (id, fields) VALUES ('c1', '{"name":"Anna"}');
               INSERT INTO records (client, event, key, fields, created_at, updated_at)
               VALUES ('c1', 'visit', 'v1', '{"id":"v1"}', 1772445600000, 1772445600000);
               PRAGMA application_id = 1718512739; PRAGMA user_version = 1;"#,
        )
        .unwrap();
    drop(connection);
    let lines =
        start(folder.path(), "on visit -> if count(visit) == 2 { tag \"second\" }\n", &[&visit("v2", "03-04T10:00")]);
    assert!(lines.len() == 1 && lines[0].ends_with("second"), "{lines:?}");
    assert!(folder.path().join("store.db.v1.backup").exists());
    let connection = rusqlite::Connection::open(&path).unwrap();
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 2);
}

#[test]
fn the_log_of_consent_is_kept_and_never_changed() {
    let folder = tempfile::tempdir().unwrap();
    let events = [
        event("client", "e1", "03-01T10:00", r#""phone":"+4930901820","consent":["email"]"#),
        event(
            "subscription",
            "e2",
            "03-02T10:00",
            r#""channel":"sms","topic":"news","text":"Yes, news","source":"site""#,
        ),
        visit("v1", "03-03T10:00"),
        event("unsubscribed", "e3", "03-04T10:00", ""),
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
    assert!(connection.execute("UPDATE consents SET granted = 1", []).is_err(), "a row of the log was changed");
}
