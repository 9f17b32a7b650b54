//! Entering and leaving a segment ends runs, reaches goals and ends waits, whether something happened or only time passed.

use super::super::check::yields;
use super::{event_at, json, results};

fn purchase(id: &str, time: &str, amount: u32) -> String {
    event_at("purchase", time).data(json!({"id": id, "amount": format!("{amount} EUR")}))
}

fn visit(id: &str, time: &str) -> String {
    event_at("visit", time).data(json!({"id": id}))
}

fn course(funnel: &str, events: &[String]) -> Vec<String> {
    results(&format!("segment course = any(purchase in last 10d where amount >= 100 EUR)\n{funnel}"), events)
}

#[test]
fn time_alone_ends_a_run_by_its_segment() {
    let lessons = "funnel lessons { exit on leaving course
        on entering course -> repeat 5 times { send sms \"lesson\" -> wait 4d } }";
    assert_eq!(
        course(lessons, &[purchase("p1", "01T10:00", 100)]),
        [
            "2026-03-01 10:00 send sms: lesson",
            "2026-03-05 10:00 send sms: lesson",
            "2026-03-09 10:00 send sms: lesson",
            "2026-03-11 10:00 exit exit on leaving course",
        ]
    );
}

#[test]
fn a_client_outside_does_not_enter_and_one_inside_leaves_with_the_event() {
    let funnels = "segment blocked = client.city == \"Nowhere\"
        funnel members { exit on leaving course  on visit -> wait 1d -> send sms \"member\" }
        funnel open { exit on entering blocked or entering course  on visit -> wait 2d -> send sms \"open\" }";
    let events = [visit("v1", "01T10:00"), purchase("p1", "02T10:00", 100), visit("v2", "03T10:00")];
    assert_eq!(
        course(funnels, &events),
        [
            "2026-03-01 10:00 no entry exit on leaving course",
            "2026-03-02 10:00 exit exit on entering blocked or entering course",
            "2026-03-03 10:00 no entry exit on entering blocked or entering course",
            "2026-03-04 10:00 send sms: member",
        ]
    );
}

#[test]
fn the_trigger_itself_does_not_keep_a_client_out() {
    let funnel = "funnel f { enter always  exit on leaving course  on leaving course -> send sms \"Come back\" }";
    assert_eq!(course(funnel, &[purchase("p1", "01T10:00", 100)]), ["2026-03-11 10:00 send sms: Come back"]);
}

#[test]
fn the_condition_of_an_exit_is_asked_when_the_client_leaves() {
    let funnel = "funnel f { exit on entering course where client.city == \"Berlin\"
        on visit -> wait 3d -> send sms \"still here\" }";
    let events = [visit("v1", "01T10:00"), purchase("p1", "02T10:00", 100)];
    assert_eq!(course(funnel, &events), ["2026-03-04 10:00 send sms: still here"]);
    let berlin = event_at("client", "01T11:00").data(json!({"city": "Berlin"}));
    let events = [visit("v1", "01T10:00"), berlin, purchase("p1", "02T10:00", 100)];
    assert_eq!(
        course(funnel, &events),
        ["2026-03-02 10:00 exit exit on entering course where client.city == \"Berlin\""]
    );
}

#[test]
fn a_wait_ends_when_the_client_enters_or_leaves() {
    let funnel = "funnel f { on visit
        -> wait for entering course up to 5d { send sms \"in\" } else { send sms \"not in\" -> stop }
        -> wait for leaving course -> send sms \"out\" }";
    let events = [visit("v1", "01T10:00"), purchase("p1", "02T10:00", 50), purchase("p2", "03T10:00", 100)];
    assert_eq!(course(funnel, &events), ["2026-03-03 10:00 send sms: in", "2026-03-13 10:00 send sms: out"]);
    assert_eq!(course(funnel, &events[..2]), ["2026-03-06 10:00 send sms: not in", "2026-03-06 10:00 exit stop"]);
}

#[test]
fn only_entering_after_the_start_of_a_wait_counts_and_the_event_that_starts_the_run_is_seen() {
    let funnel = "funnel f { on visit -> wait for entering course up to 1d { send sms \"in\" } else { tag \"no\" } }
        funnel g { on purchase -> wait for entering course up to 1d { send sms \"at once\" } else { tag \"later\" } }";
    let events = [purchase("p1", "01T10:00", 100), visit("v1", "02T10:00")];
    assert_eq!(course(funnel, &events), ["2026-03-01 10:00 send sms: at once", "2026-03-03 10:00 tag no"]);
}

#[test]
fn what_a_run_sets_moves_others_in_and_out_at_the_same_instant() {
    let funnels = "segment berliners = client.city == \"Berlin\"
        funnel a { on visit -> wait for entering berliners -> send sms \"Hello {{ client.city }}\" }
        funnel b { exit on entering berliners  on visit -> wait 5d -> send sms \"late\" }
        funnel c { on purchase -> set client.city = \"Berlin\" }";
    assert_eq!(
        results(funnels, &[visit("v1", "01T10:00"), purchase("p1", "02T10:00", 5)]),
        [
            "2026-03-02 10:00 set city = \"Berlin\"",
            "2026-03-02 10:00 exit exit on entering berliners",
            "2026-03-02 10:00 send sms: Hello Berlin",
        ]
    );
}

#[test]
fn a_goal_is_reached_by_entering_a_segment() {
    let funnel = "funnel f { goal on entering course within 5d worth 20 EUR  on visit -> send sms \"hi\" }";
    let events = [visit("v1", "01T10:00"), purchase("p1", "03T10:00", 100), visit("v2", "04T10:00")];
    assert_eq!(
        course(funnel, &events),
        [
            "2026-03-01 10:00 send sms: hi",
            "2026-03-03 10:00 goal entering course worth \"20 EUR\"",
            "2026-03-04 10:00 goal entering course worth \"20 EUR\"",
            "2026-03-04 10:00 send sms: hi",
        ]
    );
}

#[test]
fn an_import_ends_runs_but_nothing_is_waited_for() {
    let funnels = "segment berliners = client.city == \"Berlin\"
        funnel a { exit on entering berliners  on visit -> wait 5d -> send sms \"late\" }
        funnel b { on visit -> wait for entering berliners up to 5d { send sms \"moved\" } else { send sms \"no\" } }";
    let imported = json!({"city": "Berlin", "phone": "+491700000001", "created_at": "2025-01-01T10:00:00+01:00"});
    let events = [
        event_at("visit", "02T10:00").client("old").data(json!({"id": "v1"})),
        event_at("client", "03T10:00").client("old").data(imported),
    ];
    assert_eq!(
        results(funnels, &events),
        ["2026-03-03 10:00 exit exit on entering berliners", "2026-03-07 10:00 send sms: no"]
    );
}

#[test]
fn segments_are_checked_where_they_end_runs() {
    let with = |text: &str| format!("segment local = client.city == \"Berlin\"\n{text}");
    let of = |text: &str, codes: &[&str]| yields(&with(text), codes);
    of("on booking -> wait for entering local -> send sms \"Hello {{ client.city }}\"", &[]);
    of("on booking -> wait for leaving local -> send sms \"Bye {{ client.city }}\"", &["F0302"]);
    of("on booking -> wait for entering local up to 1d { send sms \"{{ client.city }}\" } else { tag \"no\" }", &[]);
    of("on booking -> wait for entering local as x -> tag \"a\"", &["F0412"]);
    of("on booking -> wait for entering local or visit -> tag \"a\"", &["F0412"]);
    of("funnel f { exit on booking.cancelled or leaving local  on booking -> wait 2h -> tag \"a\" }", &[]);
    of("funnel f { goal on entering local or visit  on booking -> tag \"a\" }", &["F0412"]);
    of("funnel f { exit on leaving locals  on booking -> wait 2h -> tag \"a\" }", &["F0215"]);
    of("funnel f { exit on entering local  on booking -> wait for entering local -> tag \"a\" }", &["F0416"]);
    let help =
        yields("funnel f { exit on leaving visit  on booking -> wait 2h -> tag \"a\" }", &["F0215"]).remove(0).help;
    assert!(help.iter().any(|help| help.to_string().contains("segment had_visit = any(visit)")), "{help:?}");
}
