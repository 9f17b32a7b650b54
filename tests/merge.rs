//! Two ids are one person: everything of one becomes the other's.

use super::runtime::workshop::{compiled, stream};
use super::support::event::event;
use super::support::story::Story;
use funnelc::channel::Channels;
use funnelc::engine::{ClientId, Line, LineKind};
use funnelc::runtime::{Host, Mode, Retry, RunConfig};
use funnelc::store::{MemoryStore, Sqlite, Store};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

fn at(day: u32) -> String {
    format!("2026-03-{day:02}T09:00:00Z")
}

fn of(client: &str, name: &str, day: u32, data: Value) -> String {
    event(name).client(client).at(&at(day)).data(data)
}

fn merge(from: &str, into: &str, day: u32) -> String {
    of(from, "merge", day, json!({"into": into}))
}

fn visit(client: &str, day: u32) -> String {
    of(client, "visit", day, json!({"id": format!("{client}-{day}")}))
}

fn purchase(client: &str, day: u32, amount: u32) -> String {
    let data = json!({"id": format!("{client}-{day}"), "amount": {"amount": amount, "currency": "RUB"}});
    of(client, "purchase", day, data)
}

/// The tasks and messages, and how runs end if not by themselves: `day client what`.
fn shown(lines: &[Line]) -> Vec<String> {
    let day = |line: &Line| funnelc::value::Zone::UTC.civil(line.at).date.to_string();
    let what = |line: &Line| match &line.kind {
        LineKind::Task { text, .. } => Some(text.clone()),
        LineKind::Send { to, .. } => Some(to.clone()),
        LineKind::NotSent { reason, .. } => Some(reason.clone()),
        LineKind::Exit { reason } if reason != "finished" => Some(reason.clone()),
        LineKind::Merge { from } => Some(format!("merge {from}")),
        _ => None,
    };
    lines.iter().filter_map(|line| Some(format!("{} {} {}", &day(line)[8..], line.client, what(line)?))).collect()
}

fn simulated(funnels: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    shown(&Story::new("UTC", funnels).lines(&events))
}

#[test]
fn fields_follow_their_times_and_later_events_the_new_id() {
    let funnel =
        r#"on visit -> task "{{ client.name | default("-") }} {{ client.city | default("-") }} {{ client.id }}""#;
    let events = [
        of("guest", "client", 3, json!({"name": "Anna", "city": "Ulm"})),
        of("c1", "client", 2, json!({"name": "Ann"})),
        of("c1", "client", 4, json!({"city": "Bonn"})),
        merge("guest", "c1", 5),
        visit("guest", 6),
        of("guest", "client", 7, json!({"city": "Kiel"})),
        visit("c1", 8),
    ];
    assert_eq!(simulated(funnel, &events), ["05 c1 merge guest", "06 c1 Anna Bonn c1", "08 c1 Anna Kiel c1"]);
}

#[test]
fn the_past_of_both_counts() {
    let funnel = r#"
        on visit -> task "{{ count(purchase) }} {{ sum(purchase.amount) }} {{ count(purchase in last 5d) }}""#;
    let events = [
        purchase("guest", 1, 10),
        purchase("c1", 2, 20),
        purchase("guest", 8, 30),
        merge("guest", "c1", 9),
        purchase("guest", 10, 40),
        visit("c1", 11),
    ];
    let alone = events.iter().filter(|event| !event.contains("merge")).map(|event| event.replace("guest", "c1"));
    let mut alone: Vec<String> = alone.collect();
    let expected = simulated(funnel, &alone);
    assert_eq!(simulated(funnel, &events)[1..], expected, "as if it had always been one id");
    alone.remove(0);
    assert_ne!(simulated(funnel, &alone), expected);
}

#[test]
fn runs_go_on_and_nobody_is_in_a_funnel_twice() {
    let funnel = r#"
        funnel records { on booking -> wait until starts_at -> task "record {{ booking.id }}" }
        funnel welcome { enter once on visit -> wait 10d -> task "welcome" }"#;
    let booking = |client: &str, id: &str| of(client, "booking", 1, json!({"id": id, "starts_at": at(20)}));
    let events = [
        booking("guest", "b1"),
        booking("c1", "b2"),
        visit("guest", 2),
        visit("c1", 3),
        merge("guest", "c1", 4),
        visit("guest", 5),
    ];
    let mut lines = simulated(funnel, &events);
    lines.sort();
    assert_eq!(
        lines,
        [
            "04 c1 merge guest",
            "04 c1 merged with a run of guest",
            "13 c1 welcome",
            "20 c1 record b1",
            "20 c1 record b2"
        ]
    );
}

#[test]
fn past_entries_of_both_count() {
    let funnel = r#"funnel welcome { enter once on visit -> task "welcome" }"#;
    let events = [visit("guest", 1), merge("guest", "c1", 2), visit("c1", 3)];
    assert_eq!(simulated(funnel, &events), ["01 guest welcome", "02 c1 merge guest"]);
}

#[test]
fn limits_count_the_messages_of_both() {
    let funnel = r#"funnel f { limit 1 sms per 7d enter always on visit -> send sms "Hi" }"#;
    let phone = |client: &str| of(client, "client", 1, json!({"phone": "+4930901820"}));
    let events = [phone("guest"), phone("c1"), visit("guest", 2), merge("guest", "c1", 3), visit("c1", 4)];
    assert_eq!(simulated(funnel, &events)[2..], ["04 c1 limit of 1 sms per 7d"]);
}

#[test]
fn a_withdrawal_under_one_id_counts_against_the_other() {
    let funnel = r#"funnel news { purpose marketing enter always on visit -> send sms "News" }"#;
    let phone = of("c1", "client", 1, json!({"phone": "+4930901820"}));
    let yes = |client: &str, day| of(client, "subscription", day, json!({"channel": "sms"}));
    let no = |client: &str, day| of(client, "unsubscribed", day, json!({}));
    let list = |client: &str, day, list: Value| of(client, "client", day, json!({"consent": list}));
    for (said, sent) in [
        (vec![yes("guest", 2)], true),
        (vec![yes("c1", 2)], true),
        (vec![yes("c1", 2), no("guest", 3)], false),
        (vec![yes("c1", 3), no("guest", 2)], false),
        (vec![no("c1", 2), yes("guest", 3)], false),
        (vec![no("guest", 2), yes("guest", 3), yes("c1", 2)], true),
        (vec![no("guest", 2), yes("guest", 3)], true),
        (vec![yes("guest", 3), no("guest", 4), yes("c1", 5)], false),
        (vec![yes("guest", 2), list("c1", 3, json!([]))], false),
        (vec![yes("guest", 2), list("c1", 3, json!(["sms"]))], true),
    ] {
        let tail = [merge("guest", "c1", 6), visit("c1", 7)];
        let events: Vec<String> = [phone.clone()].into_iter().chain(said.clone()).chain(tail.clone()).collect();
        let last = simulated(funnel, &events).pop().unwrap();
        assert_eq!(last == "07 c1 +4930901820", sent, "{said:?}: {last}");
        let events: Vec<String> =
            [phone.clone()].into_iter().chain(said.clone()).chain(tail).chain([yes("c1", 8), visit("c1", 9)]).collect();
        let last = simulated(funnel, &events).pop().unwrap();
        assert_eq!(last, "09 c1 +4930901820", "a new grant counts: {said:?}");
    }
}

#[test]
fn tags_of_funnels_are_kept_and_received_lists_follow_their_times() {
    let funnel = r#"
        funnel t { enter always on visit -> tag "came" }
        funnel says {
          enter always
          on purchase
            -> if "came" in client.tags { task "came" }
            -> if "old" in client.tags { task "old" }
            -> if "new" in client.tags { task "new" }
        }"#;
    let list = |client: &str, day, tag: &str| of(client, "client", day, json!({"tags": [tag]}));
    for (guest, c1) in [("old", "new"), ("new", "old")] {
        let day = |tag: &str| if tag == "old" { 1 } else { 2 };
        let events = [
            list("guest", day(guest), guest),
            list("c1", day(c1), c1),
            visit("guest", 3),
            merge("guest", "c1", 4),
            purchase("c1", 5, 1),
        ];
        assert_eq!(simulated(funnel, &events)[1..], ["05 c1 came", "05 c1 new"], "{guest} {c1}");
    }
}

#[test]
fn a_merge_triggers_nothing_but_what_both_make_together() {
    let funnel = r#"
        segment vip = sum(purchase.amount) >= 50 RUB
        funnel a { on entering vip -> task "vip" }
        funnel b { enter always on client.city or client -> task "changed" }
        funnel c { enter always on purchase -> task "bought" }"#;
    let alone = |client: &str, amount| purchase(client, 1, amount);
    let count =
        |events: &[String], what: &str| simulated(funnel, events).iter().filter(|line| line.ends_with(what)).count();
    let city = of("guest", "client", 1, json!({"city": "Ulm"}));
    let events = [city, alone("guest", 30), alone("c1", 30)];
    let merged: Vec<String> = events.iter().cloned().chain([merge("guest", "c1", 2)]).collect();
    assert_eq!(count(&merged, "changed"), count(&events, "changed"));
    assert_eq!(count(&merged, "bought"), 2);
    assert_eq!((count(&events, "vip"), count(&merged, "vip")), (0, 1));
    let rich = [alone("guest", 60), alone("c1", 30), merge("guest", "c1", 2)];
    assert_eq!(count(&rich, "vip"), 1, "the guest was in it already");
}

#[test]
fn merges_chain_and_do_not_turn_in_circles() {
    let funnel = r#"funnel f { enter always on visit -> task "{{ client.id }}" }"#;
    let events = [
        visit("a", 1),
        merge("a", "b", 2),
        merge("b", "c", 3),
        merge("c", "a", 4),
        merge("c", "c", 5),
        visit("a", 6),
        visit("b", 7),
    ];
    assert_eq!(simulated(funnel, &events), ["01 a a", "02 b merge a", "03 c merge b", "06 c c", "07 c c"]);
}

#[test]
fn a_merge_needs_the_other_id() {
    let funnel = "on visit -> stop";
    let project = compiled(funnel);
    for data in [json!({}), json!({"into": ""}), json!({"into": null}), json!({"into": ["c1"]})] {
        let json: Value = serde_json::from_str(&of("guest", "merge", 1, data.clone())).unwrap();
        let refused = funnelc::engine::decode(&project.catalog, &json, funnelc::value::Timestamp(0)).unwrap_err();
        assert!(["F0701", "F0705"].contains(&refused.code.number()), "{data}: {refused:?}");
    }
}

const TWICE: &str = r#"
    event form { name: text }
    funnel records { on booking -> wait until starts_at -> task "{{ client.city | default("-") }} {{ count(form) }}" }
    funnel waits { on visit -> wait 72h -> call "https://example.com/x" { n: count(booking) } -> task "called" }"#;

#[test]
fn every_host_and_every_restart_agree() {
    let booking = |client: &str, id: &str| of(client, "booking", 1, json!({"id": id, "starts_at": at(20)}));
    let events = [
        of("guest", "client", 1, json!({"city": "Ulm"})),
        booking("guest", "b1"),
        booking("c1", "b2"),
        of("guest", "form", 2, json!({"name": "x"})),
        visit("guest", 2),
        merge("guest", "c1", 4),
        of("guest", "form", 5, json!({"name": "y"})),
        of("guest", "booking", 6, json!({"id": "b1", "service": "cut"})),
    ];
    let story: Vec<&str> = events.iter().map(String::as_str).collect();
    let expected = shown(&Story::new("UTC", TWICE).lines(&story));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let memory = MemoryStore::new();
    let stores: [Box<dyn Fn() -> Box<dyn Store>>; 2] =
        [Box::new(|| Box::new(Sqlite::open(&path).unwrap())), Box::new(|| Box::new(memory.clone()))];
    for store in &stores {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&lines);
        let host = Host::new(RunConfig {
            project: compiled(TWICE),
            store: store(),
            channels: Channels::new(),
            retry: Retry::default(),
            source: Some(stream(&(events.join("\n") + "\n"))),
            mode: Mode::FastForward,
            signals: false,
            on_line: Box::new(move |line: &Line| seen.borrow_mut().push(line.clone())),
            on_rejected: Box::new(|rejected| panic!("{rejected:?}")),
        });
        host.unwrap().run().unwrap();
        assert_eq!(shown(&lines.borrow()), expected);
        let mut store = store();
        let guest = store.client(&ClientId("guest".into())).unwrap().unwrap();
        assert!(guest.fields.is_empty() && guest.records.is_empty() && guest.runs.is_empty(), "{guest:?}");
        let client = store.client(&ClientId("c1".into())).unwrap().unwrap();
        assert_eq!((client.records.len(), &client.fields["city"]), (3, &json!("Ulm")), "two bookings and a visit");
        assert_eq!(store.start().unwrap().merged, [(ClientId("guest".into()), ClientId("c1".into()))]);
        assert_eq!(store.timers(None, 9).unwrap(), [], "nothing is left to fire");
    }
}

#[test]
fn a_new_process_knows_who_is_who() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let funnel = r#"
        event form { name: text }
        funnel f { enter always on visit -> task "{{ client.id }} {{ count(form) }}" }"#;
    let first = [of("guest", "form", 1, json!({"name": "x"})), merge("guest", "c1", 2), visit("c1", 3)];
    let second = [visit("guest", 4)];
    let mut all = Vec::new();
    // The first process does not ask about forms, so the second one reads the past.
    for (funnels, events) in [(funnel.replace("{{ count(form) }}", "-"), &first[..]), (funnel.to_owned(), &second[..])]
    {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&lines);
        let host = Host::new(RunConfig {
            project: compiled(&funnels),
            store: Box::new(Sqlite::open(&path).unwrap()),
            channels: Channels::new(),
            retry: Retry::default(),
            source: Some(stream(&(events.join("\n") + "\n"))),
            mode: Mode::FastForward,
            signals: false,
            on_line: Box::new(move |line: &Line| seen.borrow_mut().push(line.clone())),
            on_rejected: Box::new(|rejected| panic!("{rejected:?}")),
        });
        host.unwrap().run().unwrap();
        all.extend(shown(&lines.borrow()));
    }
    assert_eq!(all, ["02 c1 merge guest", "03 c1 c1 -", "04 c1 c1 1"]);
}

#[test]
fn conditions_that_must_last_follow_both() {
    let cancelled =
        r#"on booking while not cancelled -> wait until starts_at - 1d else stop -> task "{{ booking.id }}""#;
    let booking = |client: &str, day: u32, mut data: Value| {
        data["id"] = json!("b1");
        of(client, "booking", day, data)
    };
    let events = [
        booking("guest", 1, json!({"starts_at": at(20)})),
        booking("guest", 2, json!({"cancelled": true})),
        merge("guest", "c1", 4),
        booking("c1", 5, json!({"cancelled": false})),
        booking("guest", 6, json!({"cancelled": true})),
        booking("c1", 7, json!({"cancelled": false})),
    ];
    let (left, left_again) = ("02 guest while not cancelled", "06 c1 while not cancelled");
    assert_eq!(simulated(cancelled, &events), [left, "04 c1 merge guest", left_again, "19 c1 b1"]);
    assert_eq!(simulated(cancelled, &events[..3]), [left, "04 c1 merge guest"]);

    let city = r#"on booking while client.city == "Bonn" -> wait 2d -> task "{{ booking.id }}""#;
    let lives = |client: &str, day: u32, city: &str| of(client, "client", day, json!({"city": city}));
    let events = [booking("guest", 1, json!({"starts_at": at(20)})), lives("c1", 2, "Bonn"), merge("guest", "c1", 4)];
    assert_eq!(simulated(city, &events), ["04 c1 merge guest", "06 c1 b1"]);
    let moves = [
        lives("guest", 1, "Bonn"),
        booking("guest", 2, json!({"starts_at": at(20)})),
        lives("c1", 3, "Kiel"),
        merge("guest", "c1", 3),
    ];
    assert_eq!(simulated(city, &moves), ["03 c1 merge guest", "03 c1 while client.city == \"Bonn\""]);
}
