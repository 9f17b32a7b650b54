//! Records that arrive in parts: they exist for funnels when all required fields are known, in whatever order they come.

use super::runtime::workshop::{HostOutput, compiled, stream};
use super::support::case;
use super::support::event::event;
use super::support::program::run_funnelc;
use super::support::story::Story;
use funnelc::channel::Channels;
use funnelc::engine::{Line, LineKind};
use funnelc::runtime::{Host, Mode, Retry, RunConfig};
use funnelc::store::Sqlite;
use serde_json::{Value, json};

const DEAL: &str = "event deal {\n  key id: text\n  title: text\n  due: datetime\n  note: text?\n  won: bool?\n}\n";

fn deal(hour: u32, mut data: Value) -> String {
    data["id"] = json!("d1");
    event("deal").at(&format!("2026-03-01T{hour:02}:00:00Z")).data(data)
}

/// The results of funnels about deals, without when clients leave.
fn results(funnels: &str, events: &[&String]) -> Vec<String> {
    let events: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    let all = Story::new("UTC", &format!("{DEAL}{funnels}")).results(&events);
    all.into_iter().filter(|line| !line.contains(" exit ") && !line.contains(" enter")).collect()
}

#[test]
fn a_reminder_is_not_lost_because_a_part_came_first() {
    assert_eq!(
        case::results("incomplete"),
        [
            "2026-03-02 10:00 +01:00 c1 incomplete booking b1: waiting for starts_at",
            "2026-03-10 09:00 +01:00 c1 send sms +491700000001 \"Today at 11:00\"",
        ]
    );
}

#[test]
fn parts_in_any_order_create_one_record() {
    let funnels = r#"
        on deal -> wait until due - 1h else stop -> task "{{ title }} {{ note | default("-") }}"
        funnel updates { enter always on deal.updated -> task "updated" }"#;
    let parts = [
        deal(9, json!({"title": "Roof"})),
        deal(10, json!({"note": "red"})),
        deal(11, json!({"due": "2026-03-02T12:00:00Z"})),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let events = order.map(|n| &parts[n]);
        let shown = results(funnels, &events);
        let tasks: Vec<_> = shown.iter().filter(|line| line.contains(": Roof")).collect();
        assert_eq!(tasks, ["2026-03-02 11:00 task -: Roof red"], "{order:?}");
        // The note is an update only when it comes last.
        let updates = shown.iter().filter(|line| line.contains("updated")).count();
        assert_eq!(updates, usize::from(order[2] == 1), "{order:?} {shown:?}");
    }
}

#[test]
fn what_is_missing_is_said_each_time() {
    let funnels = "on deal -> stop";
    let parts = [deal(9, json!({})), deal(10, json!({"title": "Roof"})), deal(11, json!({"due": null, "won": true}))];
    let events = [&parts[0], &parts[1]];
    assert_eq!(
        results(funnels, &events),
        ["2026-03-01 09:00 incomplete deal d1: due, title", "2026-03-01 10:00 incomplete deal d1: due"]
    );
}

#[test]
fn nothing_reads_a_record_that_is_incomplete() {
    let funnels = r#"
        funnel created { on deal -> task "created" }
        funnel won { on deal.won -> task "won" }
        funnel waits { on visit -> wait for deal up to 2h { task "found" } else { task "not found" } }
        funnel counts { on visit -> wait 4h -> task "{{ count(deal) }} known" }
        funnel silence { on no deal for 5h -> task "silent" }"#;
    let came = event("visit").at("2026-03-01T08:00:00Z").data(json!({"id": "v1"}));
    let part = deal(9, json!({"title": "Roof", "won": true}));
    assert_eq!(
        results(funnels, &[&came, &part]),
        [
            "2026-03-01 09:00 incomplete deal d1: due",
            "2026-03-01 10:00 task -: not found",
            "2026-03-01 12:00 task -: 0 known"
        ]
    );
    let rest = deal(11, json!({"due": "2026-03-02T12:00:00Z"}));
    assert_eq!(
        results(funnels, &[&came, &part, &rest]),
        [
            "2026-03-01 09:00 incomplete deal d1: due",
            "2026-03-01 10:00 task -: not found",
            "2026-03-01 11:00 task -: created",
            "2026-03-01 11:00 task -: won",
            "2026-03-01 12:00 task -: 1 known",
            "2026-03-01 14:00 task -: silent",
        ],
        "it was created when its first part happened"
    );
}

#[test]
fn a_record_stays_created() {
    let funnels = r#"funnel f { enter always on deal -> task "created" }"#;
    let whole = deal(9, json!({"title": "Roof", "due": "2026-03-02T12:00:00Z"}));
    let again = deal(10, json!({"title": "Wall", "due": "2026-03-02T12:00:00Z"}));
    let older = deal(8, json!({"note": "red"}));
    assert_eq!(results(funnels, &[&whole, &again, &older]), ["2026-03-01 09:00 task -: created"]);
}

#[test]
fn parts_survive_a_restart_and_are_listed_until_then() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let listed = || {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let mut query = connection.prepare("SELECT client, event, key FROM incomplete").unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            Ok(format!("{} {} {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        };
        query.query_map([], row).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    let mut made = 0;
    for (part, left) in [
        (deal(9, json!({"title": "Roof"})), vec!["c1 deal d1"]),
        (deal(10, json!({"due": "2026-03-02T12:00:00Z"})), vec![]),
    ] {
        let output = HostOutput::default();
        let lines = output.lines.clone();
        let host = Host::new(RunConfig {
            project: compiled(&format!("{DEAL}on deal -> task \"{{{{ title }}}}\"")),
            store: Box::new(Sqlite::open(&path).unwrap()),
            channels: Channels::new(),
            retry: Retry::default(),
            source: Some(stream(&(part + "\n"))),
            mode: Mode::FastForward,
            signals: false,
            on_line: Box::new(move |line: &Line| lines.borrow_mut().push(line.clone())),
            on_rejected: Box::new(|rejected| panic!("{rejected:?}")),
        });
        host.unwrap().run().unwrap();
        assert_eq!(listed(), left);
        made += output.lines.borrow().iter().filter(|line| matches!(line.kind, LineKind::Task { .. })).count();
    }
    assert_eq!(made, 1);
}

#[test]
fn the_summary_counts_what_stays_incomplete() {
    let folder = tempfile::tempdir().unwrap();
    let (funnels, log) = (folder.path().join("main.funnel"), folder.path().join("e.ndjson"));
    std::fs::write(&funnels, format!("{DEAL}on deal -> stop\n")).unwrap();
    std::fs::write(&log, deal(9, json!({"title": "Roof"})) + "\n").unwrap();
    let done = run_funnelc(["simulate", &funnels.to_string_lossy(), "--events", &log.to_string_lossy()]);
    assert!(done.err.contains("1 incomplete record"), "{done:?}");
}

#[test]
fn a_condition_that_must_last_is_asked_when_the_record_is_complete() {
    let funnel = r#"on deal while not won -> wait until due - 1h else stop -> task "{{ title }}""#;
    let parts = [
        deal(9, json!({"title": "Roof"})),
        deal(10, json!({"won": true})),
        deal(11, json!({"due": "2026-03-02T12:00:00Z"})),
        deal(12, json!({"won": false})),
    ];
    let tasks = |events: &[&String]| {
        let all = results(funnel, events);
        all.into_iter().filter(|line| line.contains(": Roof")).map(|line| line[..16].to_owned()).collect::<Vec<_>>()
    };
    let [title, won, due, open] = parts.each_ref();
    assert_eq!(tasks(&[title, due]), ["2026-03-02 11:00"]);
    assert_eq!(tasks(&[title, won, due]), Vec::<String>::new());
    assert_eq!(tasks(&[title, won, due, open]), ["2026-03-02 11:00"]);
    assert_eq!(tasks(&[title, due, won, open]), ["2026-03-02 11:00"]);
}
