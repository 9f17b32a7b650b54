//! Logic that other engines get wrong, as stories: exact deadlines, duplicate and late events, one run per record, and the
//! same bytes on every machine.

use super::support::event::{Event, event};
use super::support::program::funnelc;
use super::support::story::Story;
use funnelc::check::Context;
use funnelc::engine::{Client, ClientId, Fields, Graphs, Input, Line, LineKind, RunId, World, decode, handle};
use funnelc::source::Sources;
use funnelc::value::Timestamp;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

const ANNA: &str =
    r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:00Z","data":{"name":"Anna","phone":"+79990000000"}}"#;

/// An event in March 2026, at a day and a time such as `02T10:00:00`.
fn event_at(kind: &str, time: &str) -> Event {
    event(kind).at(&format!("2026-03-{time}Z"))
}

fn visit(time: &str, id: &str) -> String {
    event_at("visit", time).data(json!({"id": id}))
}

/// A booking for 12:00 on 5 March.
fn booking(time: &str) -> String {
    event_at("booking", time).data(json!({"id": "b1", "starts_at": "2026-03-05T12:00:00Z"}))
}

/// The same booking, attended or cancelled.
fn booking_with(time: &str, field: &str) -> String {
    event_at("booking", time).data(json!({"id": "b1", "starts_at": "2026-03-05T12:00:00Z", field: true}))
}

fn trace(funnel: &str, events: &[String]) -> Vec<Line> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    Story::new("UTC", funnel).lines(&events)
}

/// The results without entries and exits, such as `02 10:00 send sms: text`.
fn results(funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let lines = Story::new("UTC", funnel).results(&events);
    let moved = |line: &String| !line.contains(" enter") && !line.contains(" exit ");
    let short = |line: String| line.replace(" +79990000000", "").replace("2026-03-", "");
    lines.into_iter().filter(moved).map(short).collect()
}

fn count(lines: &[Line], wanted: impl Fn(&LineKind) -> bool) -> usize {
    lines.iter().filter(|line| wanted(&line.kind)).count()
}

fn runs(lines: &[Line]) -> usize {
    count(lines, |kind| matches!(kind, LineKind::Enter { .. }))
}

#[test]
fn an_event_at_the_exact_timeout_counts_and_takes_one_branch() {
    let funnel =
        r#"on booking -> wait for visit up to 3h { send sms "came" } else { send sms "missed" } -> tag "after""#;
    for (at, branch, hour) in [
        ("02T12:59:59.999", "came", "12:59:59"),
        ("02T13:00:00", "came", "13:00"),
        ("02T13:00:00.001", "missed", "13:00"),
    ] {
        let events = [booking("02T10:00:00"), visit(at, "v1"), visit("02T13:00:00.002", "v2")];
        assert_eq!(
            results(funnel, &events),
            [format!("02 {hour} send sms: {branch}"), format!("02 {hour} tag after")],
            "{at}"
        );
        let lines = trace(funnel, &events);
        assert_eq!(count(&lines, |kind| matches!(kind, LineKind::Decide { .. })), 1, "{at}");
        assert_eq!(count(&lines, |kind| matches!(kind, LineKind::Exit { .. })), 1, "{at}");
    }
}

#[test]
fn an_answer_at_the_exact_deadline_is_in_time() {
    let funnel = r#"on booking -> if attended { send sms "came" } else { send sms "never told" }"#;
    let answer = |at: &str| results(funnel, &[booking("02T10:00:00"), booking_with(at, "attended")]);
    assert_eq!(answer("06T12:00:00"), ["06 12:00 send sms: came"]);
    assert_eq!(answer("06T12:00:00.001"), ["06 12:00 send sms: never told"]);
}

#[test]
fn paths_that_end_at_the_same_instant_join_once() {
    let funnels = [
        r#"on visit -> parallel { path -> wait 1h path -> wait 60m path -> wait until 11:00 } -> send sms "after""#,
        r#"on visit -> parallel { path -> tag "a" path -> tag "b" path -> untag "b" } -> wait 1h -> send sms "after""#,
        r#"on visit -> parallel {
             path -> wait for purchase up to 1h
             path -> wait for purchase up to 1h
             path -> parallel { path -> wait 30m path -> wait 30m } -> wait 30m
           } -> send sms "after""#,
    ];
    for funnel in funnels {
        let lines = trace(funnel, &[visit("02T10:00:00", "v1")]);
        assert_eq!(count(&lines, |kind| matches!(kind, LineKind::Send { .. })), 1, "{funnel}");
        assert_eq!(results(funnel, &[visit("02T10:00:00", "v1")]).last().unwrap(), "02 11:00 send sms: after");
    }
}

#[test]
fn one_event_ends_the_waits_of_two_paths_and_they_join_once() {
    let funnel = r#"on visit -> parallel { path -> wait for purchase path -> wait for purchase as p -> tag "{{ p.id }}" } -> send sms "after""#;
    let bought = event_at("purchase", "02T11:00:00").data(json!({"id": "p1", "amount": "5 RUB"}));
    let again = event_at("purchase", "02T12:00:00").data(json!({"id": "p2", "amount": "5 RUB"}));
    assert_eq!(
        results(funnel, &[visit("02T10:00:00", "v1"), bought, again]),
        ["02 11:00 tag p1", "02 11:00 send sms: after"]
    );
}

#[test]
fn an_event_before_a_wait_does_not_end_it() {
    let funnel = r#"on booking -> wait for visit up to 1d { send sms "came" } else { send sms "missed" }"#;
    let early = results(funnel, &[visit("02T09:59:59", "v1"), booking("02T10:00:00")]);
    assert_eq!(early, ["03 10:00 send sms: missed"]);
    // At the same instant, the order of the events decides.
    let before = results(funnel, &[visit("02T10:00:00", "v1"), booking("02T10:00:00")]);
    assert_eq!(before, ["03 10:00 send sms: missed"]);
    let after = results(funnel, &[booking("02T10:00:00"), visit("02T10:00:00", "v1")]);
    assert_eq!(after, ["02 10:00 send sms: came"]);
    // The event that started the run does not end the wait, and neither does a change of that visit.
    let same_event = r#"on visit -> wait for visit up to 1d { send sms "again" } else { send sms "once" }"#;
    let changed = event_at("visit", "02T11:00:00").data(json!({"id": "v1", "rating": 5}));
    assert_eq!(results(same_event, &[visit("02T10:00:00", "v1"), changed]), ["03 10:00 send sms: once"]);
}

const REMINDERS: &str = r#"funnel reminders {
  timezone "UTC"
  on booking
    -> wait until starts_at - 7d else skip -> send sms "in a week"
    -> wait until starts_at - 1d else skip -> send sms "tomorrow"
    -> wait until starts_at - 2h else skip -> send sms "today"
}"#;

#[test]
fn a_late_booking_does_not_get_every_overdue_reminder_at_once() {
    let booked = |at: &str| results(REMINDERS, &[booking(at)]);
    assert_eq!(booked("01T10:00:00"), ["04 12:00 send sms: tomorrow", "05 10:00 send sms: today"]);
    assert_eq!(booked("05T09:00:00"), ["05 10:00 send sms: today"]);
    assert_eq!(booked("05T10:00:01"), [""; 0]);
    assert_eq!(booked("09T10:00:00"), [""; 0]);
    let lines = trace(REMINDERS, &[booking("09T10:00:00")]);
    assert_eq!(count(&lines, |kind| *kind == LineKind::Exit { reason: "finished".into() }), 1);
}

#[test]
fn a_reminder_without_an_else_for_past_moments_gives_a_warning() {
    let funnel = REMINDERS.replace(" else skip", "");
    let mut sources = Sources::new();
    let file = sources.add("late.funnel", funnel);
    let compiled = funnelc::compile(&mut sources, &[file], &Context::default());
    let warnings = compiled.diagnostics.iter().filter(|found| found.code.number() == "F0403").count();
    assert_eq!(warnings, 3);
}

/// One client and one funnel, driven by hand like a host that may be late.
struct ManualHost {
    compiled: funnelc::Compiled,
    client: Client,
    lines: Vec<Line>,
}

impl ManualHost {
    fn new(funnel: &str) -> Self {
        let mut sources = Sources::new();
        let file = sources.add("late.funnel", funnel);
        let compiled = funnelc::compile(&mut sources, &[file], &Context::default());
        assert!(!compiled.diagnostics.iter().any(|found| found.is_error()));
        Self { compiled, client: Client::new(ClientId("c1".to_owned())), lines: Vec::new() }
    }

    fn input(&mut self, input: Input, now: Timestamp) {
        let (graphs, business) = (Graphs::new(self.compiled.graphs.clone()), Fields::new());
        let catalog = &self.compiled.program.catalog;
        let world = World { catalog, graphs: &graphs, business: &business, language: "en", edge_counts: None };
        self.lines.extend(handle(&world, &mut self.client, input, now).lines);
    }

    fn event(&mut self, json: &str) {
        let json = serde_json::from_str(json).unwrap();
        let event = decode(&self.compiled.program.catalog, &json, Timestamp(0)).unwrap();
        let at = event.at;
        self.input(Input::Event(event), at);
    }

    /// Wakes runs until none is due, as a host does after an outage.
    fn wake(&mut self, now: &str) {
        let now = Timestamp::parse(now).unwrap();
        let due = |client: &Client| -> Option<RunId> {
            client.runs.values().find(|run| run.wake_at().is_some_and(|at| at <= now)).map(|run| run.id.clone())
        };
        while let Some(run) = due(&self.client) {
            self.input(Input::RunTimer(run), now);
        }
    }
}

#[test]
fn overdue_reminders_are_skipped_after_an_outage() {
    let mut host = ManualHost::new(REMINDERS);
    host.event(ANNA);
    host.event(&booking("02T10:00:00").replace("2026-03-02", "2026-02-02"));
    // The host was down from February until an hour before the appointment.
    host.wake("2026-03-05T11:00:00Z");
    assert_eq!(count(&host.lines, |kind| matches!(kind, LineKind::Send { .. })), 0);
    assert!(host.client.runs.is_empty(), "the run finished");
    // The host was down only for the reminder a week before.
    let mut host = ManualHost::new(REMINDERS);
    host.event(ANNA);
    host.event(&booking("02T10:00:00").replace("2026-03-02", "2026-02-02"));
    host.wake("2026-03-01T11:00:00Z");
    host.wake("2026-03-04T12:00:01Z");
    let sent: Vec<_> = host.lines.iter().filter(|line| matches!(line.kind, LineKind::Send { .. })).collect();
    assert!(matches!(sent[..], [Line { kind: LineKind::Send { text, .. }, .. }] if text == "tomorrow"), "{sent:?}");
}

#[test]
fn an_exit_ends_a_run_during_every_kind_of_wait() {
    let waits = [
        "wait 30d",
        "wait 1mo at 10:00",
        "wait until monday 10:00",
        "wait until booking.starts_at + 3d else skip",
        "wait for visit",
        "wait for visit up to 30d { tag \"came\" } else { tag \"missed\" }",
        "if attended",
        "match attended { case true, false -> tag \"told\" otherwise -> tag \"open\" }",
        "parallel { path -> wait 30d path -> wait for visit path -> if attended { tag \"x\" } }",
        "repeat 3 times { wait 1d }",
    ];
    for wait in waits {
        let funnel = format!("funnel f {{ exit on booking.cancelled on booking -> {wait} -> send sms \"x\" }}");
        let cancelled = booking_with("02T11:00:00", "cancelled");
        let later = [visit("02T12:00:00", "v1"), booking_with("02T13:00:00", "attended")];
        let lines = trace(&funnel, &[&[booking("02T10:00:00"), cancelled][..], &later].concat());
        let last = lines.last().unwrap();
        assert_eq!(last.kind, LineKind::Exit { reason: "exit on booking.cancelled".to_owned() }, "{wait}");
        assert_eq!(last.at, Timestamp::parse("2026-03-02T11:00:00Z").unwrap(), "{wait}");
    }
    let held = r#"funnel f { hours 20:00..21:00 exit on booking.cancelled on booking -> send sms "x" }"#;
    let cancelled = booking_with("02T11:00:00", "cancelled");
    assert_eq!(results(held, &[booking("02T10:00:00"), cancelled]), [""; 0]);
}

#[test]
fn simultaneous_triggers_for_one_record_start_one_run() {
    let chain = r#"wait 1h -> send sms "once""#;
    let (b, twice) = (booking("02T10:00:00"), [booking("02T10:00:00"), booking("02T10:00:00")]);
    // Two systems send the same booking.
    let funnel = format!("on booking -> {chain}");
    assert_eq!(runs(&trace(&funnel, &twice)), 1);
    // Two triggers of one funnel match the same event: the first in the source wins.
    let funnel =
        format!("funnel f {{ on booking -> {chain} on booking as b where b.id == \"b1\" -> send sms \"other\" }}");
    assert_eq!(results(&funnel, std::slice::from_ref(&b)), ["02 11:00 send sms: once"]);
    for enter in ["enter always", "enter once", "enter once per booking.id", "enter again after 1s", ""] {
        let funnel = format!("funnel f {{ {enter} on booking -> {chain} on booking.updated -> {chain} }}");
        assert_eq!(runs(&trace(&funnel, &twice)), 1, "{enter}");
    }
    // Two funnels start the third one, and one of them does so twice.
    let funnel = format!(
        "funnel a {{ on booking -> start c -> start c }} funnel b {{ on booking -> start c }} funnel c {{ on booking.cancelled -> {chain} }}"
    );
    let lines = trace(&funnel, &[b]);
    let of_c = lines.iter().filter(|line| line.funnel == "c").cloned().collect::<Vec<_>>();
    assert_eq!((runs(&lines), runs(&of_c)), (3, 1));
    assert_eq!(count(&of_c, |kind| matches!(kind, LineKind::Send { .. })), 1);
}

/// The events of three clients, each with an id: bookings made, moved twice, cancelled and kept, visits and purchases.
fn life() -> Vec<String> {
    let mut events = Vec::new();
    for client in ["c1", "c2", "c3"] {
        let mut add = |kind: &str, at: &str, data: &str| {
            let id = events.len();
            let who = format!(r#""id":"e{id}","client":"{client}","at":"2026-03-{at}:00Z""#);
            events.push((
                at.to_owned(),
                format!(r#"{{"type":"{kind}",{who},"data":{{{}}}}}"#, data.replace("ID", client)),
            ));
        };
        add("client", "01T09:00", r#""phone":"+79990000000","name":"ID""#);
        add("booking", "01T10:00", r#""id":"b-ID","starts_at":"2026-03-05T12:00:00Z","service":"spa""#);
        add("booking", "02T10:00", r#""id":"b-ID","starts_at":"2026-03-06T12:00:00Z""#);
        add("booking", "03T10:00", r#""id":"b-ID","starts_at":"2026-03-07T12:00:00Z""#);
        add("visit", "07T12:00", r#""id":"v-ID","rating":5"#);
        match client {
            "c1" => add("booking", "07T13:00", r#""id":"b-ID","attended":true"#),
            "c2" => add("booking", "06T09:00", r#""id":"b-ID","cancelled":true"#),
            _ => {}
        }
        add("purchase", "08T10:00", r#""id":"p-ID","amount":"100 RUB""#);
    }
    events.sort();
    events.into_iter().map(|(_, event)| event).collect()
}

const LIFE: &str = r#"funnel life {
  exit on booking.cancelled
  on booking
    -> wait until starts_at - 2h else skip
    -> send sms "Soon, {{ client.name | default("friend") }}"
    -> if attended { wait 1h -> send sms "Thanks" } else { task "Call {{ client.name | default("them") }}" }
    -> wait for purchase as p up to 3d { send sms "Paid {{ p.amount | money }}" } else { stop }
}"#;

fn simulate_life(events: &[String]) -> Vec<Line> {
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    Story::new("UTC", LIFE).lines(&events)
}

#[test]
fn duplicate_events_change_nothing() {
    let events = life();
    let once = simulate_life(&events);
    assert_eq!(count(&once, |kind| matches!(kind, LineKind::Send { .. })), 4);
    let doubled: Vec<String> = events.iter().flat_map(|event| [event.clone(), event.clone()]).collect();
    assert_eq!(simulate_life(&doubled), once);
    let all_again: Vec<String> = events.iter().chain(&events).cloned().collect();
    assert_eq!(simulate_life(&all_again), once);
}

#[test]
fn events_in_any_order_send_nothing_twice_and_the_newest_values_win() {
    let events = life();
    for seed in 0..40_usize {
        let mut shuffled = events.clone();
        shuffled.sort_by_key(|event| {
            (event.len() * 7919 + event.bytes().map(usize::from).sum::<usize>() * (seed + 3)) % 1009
        });
        let lines = simulate_life(&shuffled);
        let mut sent = BTreeMap::new();
        for line in &lines {
            if let LineKind::Send { message, text, .. } = &line.kind {
                *sent.entry(message.clone()).or_insert(0) += 1;
                assert!(!text.is_empty());
            }
        }
        assert!(sent.values().all(|times| *times == 1), "seed {seed}: {sent:?}");
        let of_runs = lines.iter().filter(|line| !line.run.0.is_empty());
        let runs: BTreeSet<_> = of_runs.map(|line| &line.run).collect();
        assert_eq!(runs.len(), 3, "seed {seed}: one run per booking");
        let ends = count(&lines, |kind| matches!(kind, LineKind::Exit { .. } | LineKind::NotEntered { .. }));
        assert_eq!(ends, 3, "seed {seed}: every run ends once, or does not begin");
    }
    // A booking that is moved twice keeps its newest time when the events are out of order.
    let moved = |at: &str, day: &str| booking(at).replace("2026-03-05", &format!("2026-03-{day}"));
    let moves = [moved("01T10:00:00", "10"), moved("03T10:00:00", "12"), moved("02T10:00:00", "11")];
    let reminder = r#"on booking -> wait until starts_at - 2h else skip -> send sms "Soon""#;
    assert_eq!(
        results(reminder, &moves),
        [r#"03 10:00 ignored booking {"starts_at":"11T12:00:00Z"}"#, "12 10:00 send sms: Soon"]
    );
}

/// The same event with the members of its objects in reverse order.
fn reversed(event: &str) -> String {
    fn write(value: &serde_json::Value) -> String {
        match value.as_object() {
            Some(members) => {
                let members = members.iter().rev().map(|(name, value)| format!("\"{name}\" : {}", write(value)));
                format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
            }
            None => value.to_string(),
        }
    }
    write(&serde_json::from_str(event).unwrap())
}

#[test]
fn the_output_is_the_same_on_every_machine() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).into_os_string();
    std::fs::write(path("life.funnel"), LIFE).unwrap();
    std::fs::write(path("funnel.toml"), "name = \"Salon\"\ntimezone = \"Europe/Berlin\"\ncurrency = \"RUB\"\n")
        .unwrap();
    let events = life();
    std::fs::write(path("plain.ndjson"), events.join("\n")).unwrap();
    std::fs::write(path("reversed.ndjson"), events.iter().map(|event| reversed(event)).collect::<Vec<_>>().join("\n"))
        .unwrap();
    let mut outputs: BTreeMap<Vec<u8>, Vec<String>> = BTreeMap::new();
    let machines = [
        ("UTC", "C", "plain"),
        ("UTC", "C", "reversed"),
        ("Asia/Tokyo", "ja_JP.UTF-8", "plain"),
        ("America/New_York", "tr_TR", "reversed"),
    ];
    for (no, (zone, language, log)) in machines.into_iter().enumerate() {
        let store: [OsString; 3] = ["--fast-forward".into(), "--store".into(), path(&format!("{no}.db"))];
        for (command, more) in [("simulate", &store[..0]), ("run", &store[..])] {
            let log = path(&format!("{log}.ndjson"));
            let args = [command.into(), path("life.funnel"), "--format".into(), "json".into(), "--events".into(), log];
            let mut program = funnelc(args.iter().chain(more));
            program
                .envs([("TZ", zone), ("LANG", language), ("LC_ALL", language)])
                .env("HOME", path(&format!("home{no}")));
            let output = program.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            outputs.entry(output.stdout).or_default().push(format!("{command} in {zone}, {language}"));
        }
    }
    assert_eq!(outputs.len(), 1, "{:?}", outputs.values());
    assert!(outputs.keys().all(|bytes| bytes.len() > 1000));
}
