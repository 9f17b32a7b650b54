//! What each element does to a client: paths that are chosen, drawn, parallel or repeated, waits for events, and
//! funnels that start each other.

use super::support::story::Story;
use std::collections::BTreeSet;

const ANNA: &str =
    r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:00Z","data":{"name":"Anna","phone":"+79990000000"}}"#;

fn event(kind: &str, at: &str, data: &str) -> String {
    format!(r#"{{"type":"{kind}","client":"c1","at":"2026-03-{at}:00Z","data":{{{data}}}}}"#)
}

fn booking(at: &str, data: &str) -> String {
    event("booking", at, &format!(r#""id":"b1","starts_at":"2026-03-05T12:00:00Z"{data}"#))
}

fn results(funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    Story::new("UTC", funnel).results(&events)
}

/// The results without entries and exits.
fn actions(funnel: &str, events: &[String]) -> Vec<String> {
    let is_action = |line: &String| !line.contains(" enter") && !line.contains(" exit ");
    results(funnel, events).into_iter().filter(is_action).map(|line| line.replace(" +79990000000", "")).collect()
}

const ORDER: &str =
    r#"event order { key id: text  status: "new" | "paid" | "void" later by made_at + 1d  made_at: datetime }"#;

#[test]
fn match_takes_the_path_of_the_value_and_joins_after_it() {
    let funnel = r#"on visit -> match visit.service {
        case "massage", "spa" -> send sms "relaxed?"
        case "dentist" -> send sms "brave!"
        otherwise -> tag "other"
      } -> send sms "bye""#;
    let visit = |service: &str| actions(funnel, &[event("visit", "02T10:00", &format!(r#""id":"v1"{service}"#))]);
    assert_eq!(visit(r#","service":"spa""#), ["2026-03-02 10:00 send sms: relaxed?", "2026-03-02 10:00 send sms: bye"]);
    assert_eq!(visit(r#","service":"dentist""#)[0], "2026-03-02 10:00 send sms: brave!");
    assert_eq!(visit(r#","service":"nails""#), ["2026-03-02 10:00 tag other", "2026-03-02 10:00 send sms: bye"]);
    // The service is missing.
    assert_eq!(visit("")[0], "2026-03-02 10:00 tag other");
}

#[test]
fn both_ends_belong_to_a_range() {
    let funnel = r#"on review -> match review.rating {
        case 9..10 -> tag "promoter"
        case 7..8, 8.5 -> tag "passive"
        case 0..6 -> tag "detractor"
        otherwise -> tag "other"
      }"#;
    let rated = |rating: &str| actions(funnel, &[event("review", "02T10:00", &format!(r#""id":"r1"{rating}"#))]);
    for (rating, tag) in [
        (r#","rating":10"#, "promoter"),
        (r#","rating":9"#, "promoter"),
        (r#","rating":8.5"#, "passive"),
        (r#","rating":8"#, "passive"),
        (r#","rating":8.7"#, "other"),
        (r#","rating":6"#, "detractor"),
        (r#","rating":0"#, "detractor"),
        (r#","rating":-1"#, "other"),
        ("", "other"),
    ] {
        assert_eq!(rated(rating), [format!("2026-03-02 10:00 tag {tag}")], "{rating}");
    }
}

#[test]
fn match_waits_for_a_later_value_until_its_deadline() {
    let funnel = format!(
        r#"{ORDER} on order -> match order.status {{
             case "new" -> send sms "new" case "paid" -> send sms "thanks" case "void" -> stop
           }} -> send sms "bye""#
    );
    let made = event("order", "02T10:00", r#""id":"o1","made_at":"2026-03-02T10:00:00Z""#);
    let paid = event("order", "02T15:00", r#""id":"o1","status":"paid""#);
    assert_eq!(
        actions(&funnel, &[made.clone(), paid]),
        ["2026-03-02 15:00 send sms: thanks", "2026-03-02 15:00 send sms: bye"]
    );
    // A missing status matches no case.
    assert_eq!(actions(&funnel, &[made]), ["2026-03-03 10:00 send sms: bye"]);
}

#[test]
fn split_is_stable_for_a_client_and_follows_its_shares() {
    let funnel = r#"on purchase -> split "words" { case 50% -> tag "a" case 50% -> tag "b" }"#;
    let bought = |client: usize, id: usize| {
        format!(
            r#"{{"type":"purchase","client":"c{client}","at":"2026-03-02T10:00:00Z","data":{{"id":"p{client}-{id}","amount":"5 RUB"}}}}"#
        )
    };
    let events: Vec<String> = (0..1000).flat_map(|client| [bought(client, 1), bought(client, 2)]).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let lines = Story::new("UTC", funnel).results(&events);
    let tags: Vec<char> = lines.iter().filter(|line| line.contains(" tag ")).filter_map(|l| l.chars().last()).collect();
    assert_eq!(tags.len(), 2000);
    assert!(tags.chunks(2).all(|pair| pair[0] == pair[1]), "a client took two different paths");
    let first = tags.iter().filter(|tag| **tag == 'a').count() / 2;
    assert!((450..=550).contains(&first), "{first} of 1000 took the first path");
}

#[test]
fn split_sends_the_rest_to_otherwise() {
    let funnel = r#"on purchase -> split { case 0.01% -> tag "few" otherwise -> tag "most" }"#;
    let bought = event("purchase", "02T10:00", r#""id":"p1","amount":"5 RUB""#);
    assert_eq!(actions(funnel, &[bought]), ["2026-03-02 10:00 tag most"]);
}

#[test]
fn parallel_paths_run_concurrently_and_join_once() {
    let funnel = r#"on visit -> parallel {
        path -> send sms "one" -> wait 2h -> send sms "two"
        path -> wait 1h -> send sms "three" -> parallel { path -> wait 4h path -> send sms "four" }
      } -> send sms "after""#;
    assert_eq!(
        results(funnel, &[event("visit", "02T10:00", r#""id":"v1""#)]),
        [
            "2026-03-02 10:00 enter",
            "2026-03-02 10:00 send sms +79990000000: one",
            "2026-03-02 11:00 send sms +79990000000: three",
            "2026-03-02 11:00 send sms +79990000000: four",
            "2026-03-02 12:00 send sms +79990000000: two",
            "2026-03-02 15:00 send sms +79990000000: after",
            "2026-03-02 15:00 exit finished",
        ]
    );
}

#[test]
fn stop_in_one_path_ends_the_whole_run() {
    let funnel = r#"on visit -> parallel {
        path -> wait 1h -> if visit.rating is known and visit.rating > 3 { stop } -> tag "low"
        path -> wait 2h -> send sms "two"
      }"#;
    let visit = |rating: u8| results(funnel, &[event("visit", "02T10:00", &format!(r#""id":"v1","rating":{rating}"#))]);
    assert_eq!(visit(2).last().map(String::as_str), Some("2026-03-02 12:00 exit finished"));
    assert_eq!(visit(5), ["2026-03-02 10:00 enter", "2026-03-02 11:00 exit stop"]);
}

#[test]
fn repeat_gives_each_message_its_own_id() {
    let funnel = r#"on visit -> repeat 3 times { send sms "again" -> wait 1d } -> send sms "last""#;
    let visit = event("visit", "02T10:00", r#""id":"v1""#);
    assert_eq!(
        actions(funnel, std::slice::from_ref(&visit)),
        [
            "2026-03-02 10:00 send sms: again",
            "2026-03-03 10:00 send sms: again",
            "2026-03-04 10:00 send sms: again",
            "2026-03-05 10:00 send sms: last",
        ]
    );
    assert_eq!(message_ids(funnel, &visit).len(), 4);
}

#[test]
fn nested_repeats_count_separately() {
    let funnel = r#"on visit -> repeat 2 times { repeat 3 times { send sms "x" } -> wait 1d }"#;
    let sent = actions(funnel, &[event("visit", "02T10:00", r#""id":"v1""#)]);
    assert_eq!(sent.len(), 6, "{sent:?}");
    assert_eq!(sent.iter().filter(|line| line.starts_with("2026-03-03")).count(), 3);
}

#[test]
fn a_time_of_day_in_a_repeat_is_a_day_later_each_time() {
    let funnel = r#"on visit -> repeat 3 times { wait until 10:00 -> send sms "good morning" }"#;
    assert_eq!(
        actions(funnel, &[event("visit", "02T08:00", r#""id":"v1""#)]),
        [
            "2026-03-02 10:00 send sms: good morning",
            "2026-03-03 10:00 send sms: good morning",
            "2026-03-04 10:00 send sms: good morning",
        ]
    );
}

fn message_ids(funnel: &str, visit: &str) -> BTreeSet<String> {
    let lines = Story::new("UTC", funnel).lines(&[ANNA, visit]);
    let id = |line: &funnelc::engine::Line| match &line.kind {
        funnelc::engine::LineKind::Send { message, .. } => Some(message.0.clone()),
        _ => None,
    };
    lines.iter().filter_map(id).collect()
}

#[test]
fn a_task_is_due_at_a_time_of_day_in_the_zone_of_the_run() {
    let due = |zone: &str, written: &str| {
        let funnel = format!("on visit -> task \"Call\" due {written}");
        let events = [ANNA, r#"{"type":"visit","client":"c1","at":"2026-03-27T20:30:00Z","data":{"id":"v1"}}"#];
        let lines = Story::new(zone, &funnel).lines(&events);
        let due = lines.into_iter().find_map(|line| match line.kind {
            funnelc::engine::LineKind::Task { due, .. } => due,
            _ => None,
        });
        due.unwrap_or_default()
    };
    // The clocks change on 29 March.
    assert_eq!(due("Europe/Berlin", "1d at 10:00"), "2026-03-28T10:00:00+01:00");
    assert_eq!(due("Europe/Berlin", "2d at 10:00"), "2026-03-29T10:00:00+02:00");
    assert_eq!(due("Asia/Vladivostok", "1d at 10:00"), "2026-03-29T10:00:00+10:00");
    // Hours are a minimum: the next 10:00 after them.
    assert_eq!(due("Europe/Berlin", "4h at 10:00"), "2026-03-28T10:00:00+01:00");
    assert_eq!(due("Europe/Berlin", "15h at 10:00"), "2026-03-29T10:00:00+02:00");
}

#[test]
fn task_has_an_assignee_and_a_due_time() {
    let funnel = r#"on visit -> wait 1h -> task "Call {{ client.name | default("them") }}" for "manager" due 4h -> task "Note it""#;
    let visit = event("visit", "02T10:00", r#""id":"v1""#);
    let did = actions(funnel, std::slice::from_ref(&visit));
    assert_eq!(did, ["2026-03-02 11:00 task manager: Call Anna", "2026-03-02 11:00 task -: Note it"]);
    let lines = Story::new("UTC", funnel).lines(&[ANNA, &visit]);
    let dues: Vec<Option<String>> = lines
        .into_iter()
        .filter_map(|line| match line.kind {
            funnelc::engine::LineKind::Task { due, .. } => Some(due),
            _ => None,
        })
        .collect();
    assert_eq!(dues, [Some("2026-03-02T15:00:00Z".to_owned()), None]);
}

#[test]
fn emit_starts_another_funnel_at_the_same_moment() {
    let funnel = r#"
      event won_back { key id: text  by: text?  rating: number? }
      funnel asks { on visit -> wait 1h -> emit won_back { id: visit.id, by: "sms", rating: visit.rating } -> tag "asked" }
      funnel thanks { on won_back where won_back.by == "sms" -> send sms "Back by {{ won_back.id }}" }"#;
    assert_eq!(
        results(funnel, &[event("visit", "02T10:00", r#""id":"v1""#)]),
        [
            "2026-03-02 10:00 enter",
            "2026-03-02 11:00 emit won_back",
            "2026-03-02 11:00 tag asked",
            "2026-03-02 11:00 exit finished",
            "2026-03-02 11:00 enter",
            "2026-03-02 11:00 send sms +79990000000: Back by v1",
            "2026-03-02 11:00 exit finished",
        ]
    );
}

#[test]
fn an_emitted_event_with_a_numeric_key_updates_its_record() {
    let funnel = r#"
      event ticket { key no: number  closed: bool? }
      on visit -> emit ticket { no: 7 } -> wait 1h -> emit ticket { no: 7, closed: true }
      on ticket.closed -> send sms "closed""#;
    assert_eq!(
        actions(funnel, &[event("visit", "02T10:00", r#""id":"v1""#)]),
        ["2026-03-02 10:00 emit ticket", "2026-03-02 11:00 emit ticket", "2026-03-02 11:00 send sms: closed"]
    );
}

#[test]
fn start_enters_another_funnel_about_the_same_record() {
    let funnel = r#"
      funnel first { on booking -> wait 1h -> start second -> tag "done" }
      funnel second { on booking.cancelled as b -> send sms "About {{ b.id }}" }"#;
    assert_eq!(
        results(funnel, &[booking("02T10:00", "")]),
        [
            "2026-03-02 10:00 enter",
            "2026-03-02 11:00 start second",
            "2026-03-02 11:00 tag done",
            "2026-03-02 11:00 exit finished",
            "2026-03-02 11:00 enter",
            "2026-03-02 11:00 send sms +79990000000: About b1",
            "2026-03-02 11:00 exit finished",
        ]
    );
}

#[test]
fn events_before_a_wait_do_not_end_it() {
    let funnel = r#"on booking -> wait 2h -> wait for visit as v up to 1d { send sms "came {{ v.id }}" } else { send sms "missed" }"#;
    let early = event("visit", "02T11:00", r#""id":"v1""#);
    let late = event("visit", "02T13:00", r#""id":"v2""#);
    assert_eq!(
        actions(funnel, &[booking("02T10:00", ""), early.clone(), late]),
        ["2026-03-02 13:00 send sms: came v2"]
    );
    assert_eq!(actions(funnel, &[booking("02T10:00", ""), early]), ["2026-03-03 12:00 send sms: missed"]);
}

#[test]
fn an_event_at_the_exact_timeout_counts() {
    let funnel = r#"on booking -> wait for visit up to 3h { send sms "came" } else { send sms "missed" }"#;
    let visit = |at: &str| actions(funnel, &[booking("02T10:00", ""), event("visit", at, r#""id":"v1""#)]);
    assert_eq!(visit("02T13:00"), ["2026-03-02 13:00 send sms: came"]);
    assert_eq!(visit("02T13:01"), ["2026-03-02 13:00 send sms: missed"]);
}

#[test]
fn a_timeout_moves_with_its_record() {
    let funnel = r#"on booking -> wait for visit up to booking.starts_at { stop } else { send sms "missed" }"#;
    let moved = event("booking", "02T11:00", r#""id":"b1","starts_at":"2026-03-09T12:00:00Z""#);
    assert_eq!(actions(funnel, &[booking("02T10:00", ""), moved]), ["2026-03-09 12:00 send sms: missed"]);
    // A time in the past ends the wait immediately.
    assert_eq!(actions(funnel, &[booking("06T10:00", "")]), ["2026-03-06 10:00 send sms: missed"]);
}

#[test]
fn a_wait_applies_its_filter_to_the_new_event() {
    let funnel = r#"on booking -> wait for booking where booking.service == "spa" and booking.id != client.id -> send sms "{{ booking.id }}""#;
    let next = |id: &str, service: &str| {
        event(
            "booking",
            "02T12:00",
            &format!(r#""id":"{id}","starts_at":"2026-03-09T12:00:00Z","service":"{service}""#),
        )
    };
    let limited = format!("funnel one {{ enter once {funnel} }}");
    let sent = actions(&limited, &[booking("02T10:00", ""), next("b2", "nails"), next("b3", "spa")]);
    // Without an alias the awaited event is not kept, and `booking` is the one that started the run.
    assert_eq!(sent, ["2026-03-02 12:00 send sms: b1"]);
}

#[test]
fn a_wait_for_one_of_several_events_ends_with_the_first() {
    let funnel =
        r#"on booking -> wait for visit or purchase as came where branch == "north" -> send sms "{{ came.id }}""#;
    let bought = |id: &str, branch: &str| {
        event("purchase", "02T12:00", &format!(r#""id":"{id}","amount":"5 RUB","branch":"{branch}""#))
    };
    let visit = event("visit", "02T13:00", r#""id":"v1","branch":"north""#);
    let events = [booking("02T10:00", ""), bought("p1", "south"), bought("p2", "north"), visit];
    assert_eq!(actions(funnel, &events), ["2026-03-02 12:00 send sms: p2"]);
    let unnamed = funnel.replace(" as came", "").replace("{{ came.id }}", "came");
    assert_eq!(actions(&unnamed, &events), ["2026-03-02 12:00 send sms: came"]);
}

#[test]
fn a_goto_loop_repeats_until_it_is_left() {
    let funnel = r#"on booking -> ask: send sms "Will you come?" -> wait 1d
        -> if booking.cancelled { goto out } -> goto ask -> out: tag "cancelled""#;
    let cancelled = event("booking", "04T09:00", r#""id":"b1","cancelled":true"#);
    assert_eq!(
        actions(funnel, &[booking("02T10:00", ""), cancelled]),
        [
            "2026-03-02 10:00 send sms: Will you come?",
            "2026-03-03 10:00 send sms: Will you come?",
            "2026-03-04 10:00 tag cancelled",
        ]
    );
}

#[test]
fn a_loop_with_a_time_of_day_runs_once_a_day() {
    let funnel = r#"funnel daily { exit on booking.cancelled on booking -> a: wait until 10:00 -> send sms "x" else { tag "no" } -> goto a }"#;
    let cancelled = event("booking", "04T11:00", r#""id":"b1","cancelled":true"#);
    let touched = event("booking", "03T12:00", r#""id":"b1","service":"spa""#);
    assert_eq!(
        actions(funnel, &[booking("02T10:00", ""), touched, cancelled]),
        ["2026-03-03 10:00 send sms: x", "2026-03-04 10:00 send sms: x"]
    );
}

#[test]
fn a_wait_past_the_end_of_the_calendar_does_not_end() {
    let visit = event("visit", "02T10:00", r#""id":"v1""#);
    for wait in ["wait 9000y", "wait for purchase up to 9000y"] {
        let sent =
            actions(&format!(r#"on visit -> a: send sms "x" -> {wait} -> goto a"#), std::slice::from_ref(&visit));
        assert_eq!(sent.len(), 1, "{wait}: {sent:?}");
    }
}

#[test]
fn funnels_that_trigger_each_other_endlessly_are_halted() {
    // The condition is always true, but the checker cannot know that.
    let funnel = r#"
        event ping { note: text? }
        event pong { note: text? }
        funnel a { on ping -> if client.phone is known { emit pong } }
        funnel b { on pong -> if client.phone is known { emit ping } }"#;
    let lines = actions(funnel, &[event("ping", "02T10:00", "")]);
    let last = lines.last().map(String::as_str);
    let halted = "2026-03-02 10:00 halt funnels triggered each other 1000 times at one instant; the rest was dropped";
    assert_eq!(last, Some(halted));
    assert_eq!(lines.iter().filter(|line| line.contains("emit")).count(), 1001);
}

#[test]
fn the_deadline_of_a_wait_for_an_event_stops_the_run_or_skips_an_element() {
    let purchase = |at: &str| event("purchase", at, r#""id":"p1","amount":"5 EUR""#);
    let visit = || event("visit", "02T10:00", r#""id":"v1""#);
    let stop = "on visit -> wait for purchase up to 2d else stop -> tag \"bought\"";
    assert_eq!(actions(stop, &[visit(), purchase("03T10:00")]), ["2026-03-03 10:00 tag bought"]);
    assert_eq!(results(stop, &[visit()]), ["2026-03-02 10:00 enter", "2026-03-04 10:00 exit stop"]);
    let skip = "on visit -> wait for purchase as p up to 2d else skip -> tag \"{{ p.id }}\" -> tag \"end\"";
    assert_eq!(
        actions(skip, &[visit(), purchase("03T10:00")]),
        ["2026-03-03 10:00 tag p1", "2026-03-03 10:00 tag end"]
    );
    assert_eq!(actions(skip, &[visit()]), ["2026-03-04 10:00 tag end"]);
    let both = "on visit -> wait for purchase up to 2d { tag \"in time\" } else { tag \"late\" } -> tag \"end\"";
    assert_eq!(actions(both, &[visit()]), ["2026-03-04 10:00 tag late", "2026-03-04 10:00 tag end"]);
    let other = "on visit -> wait for purchase up to 2d else { tag \"late\" } -> tag \"end\"";
    assert_eq!(actions(other, &[visit(), purchase("03T10:00")]), ["2026-03-03 10:00 tag end"]);
}

#[test]
fn a_counter_starts_at_0_and_counts_each_event_once() {
    let funnel = "client { bonus: number?  spent: money? }
        on purchase -> set client.bonus += 500 -> set client.spent += amount -> if client.bonus > 900 { tag \"loyal\" }
        on review where rating is known -> set client.bonus -= rating";
    let purchase = |at: &str, data: &str| event("purchase", at, &format!(r#""id":"{at}"{data}"#));
    let rub = r#","amount":"1200 RUB""#;
    let events = [
        purchase("02T10:00", rub),
        purchase("02T10:00", rub),
        purchase("03T10:00", rub),
        event("review", "04T10:00", r#""id":"r","rating":5"#),
    ];
    assert_eq!(
        actions(funnel, &events),
        [
            "2026-03-02 10:00 set bonus = 500",
            "2026-03-02 10:00 set spent = \"1200 RUB\"",
            "2026-03-03 10:00 set bonus = 1000",
            "2026-03-03 10:00 set spent = \"2400 RUB\"",
            "2026-03-03 10:00 tag loyal",
            "2026-03-04 10:00 set bonus = 995",
        ]
    );
    // A missing value counts as 0, so less than nothing is negative.
    let review = event("review", "04T10:00", r#""id":"r","rating":5"#);
    assert_eq!(actions(funnel, &[review]), ["2026-03-04 10:00 set bonus = -5"]);
}

#[test]
fn a_sum_that_does_not_exist_leaves_a_counter_as_it_is() {
    let funnel = "client { spent: money? }
        on purchase -> set client.spent += amount -> if client.spent == 10 EUR { tag \"kept\" }";
    let purchase = |at: &str, amount: &str| event("purchase", at, &format!(r#""id":"{at}","amount":"{amount}""#));
    assert_eq!(
        actions(funnel, &[purchase("02T10:00", "10 EUR"), purchase("03T10:00", "5 USD")]),
        [
            "2026-03-02 10:00 set spent = \"10 EUR\"",
            "2026-03-02 10:00 tag kept",
            "2026-03-03 10:00 not sent set: cannot compute 10 EUR + 5 USD",
            "2026-03-03 10:00 tag kept",
        ]
    );
}
