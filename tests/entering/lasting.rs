//! `on booking while not cancelled`: clients enter when the condition holds, leave when it does not, and enter again.

use super::{event_at, json, results};
use crate::support::findings;

const REMINDER: &str = r#"funnel reminder {
  on booking while not cancelled -> wait until starts_at - 2h else stop -> send sms "See you at {{ starts_at | time }}"
}"#;

fn booking(time: &str, data: serde_json::Value) -> String {
    let mut fields = json!({"id": "b1"});
    for (name, value) in data.as_object().unwrap() {
        fields[name] = value.clone();
    }
    event_at("booking", time).data(fields)
}

fn booked(time: &str) -> String {
    booking(time, json!({"starts_at": "2026-03-10T11:00:00+01:00"}))
}

fn cancelled(time: &str, cancelled: bool) -> String {
    booking(time, json!({"cancelled": cancelled}))
}

/// The results without the lines about leaving.
fn messages(funnel: &str, events: &[String]) -> Vec<String> {
    results(funnel, events).into_iter().filter(|line| !line.contains(" exit ")).collect()
}

#[test]
fn a_booking_that_was_cancelled_and_taken_up_again_gets_its_reminder() {
    let events = [booked("01T10:00"), cancelled("02T10:00", true), cancelled("02T10:05", false)];
    assert_eq!(
        results(REMINDER, &events),
        ["2026-03-02 10:00 exit while not cancelled", "2026-03-10 09:00 send sms: See you at 11:00"]
    );
    assert_eq!(results(REMINDER, &events[..2]), ["2026-03-02 10:00 exit while not cancelled"]);
    assert_eq!(results(REMINDER, &events[..1]), ["2026-03-10 09:00 send sms: See you at 11:00"]);
    let twice = [cancelled("03T10:00", true), cancelled("04T10:00", false)];
    assert_eq!(messages(REMINDER, &[events.to_vec(), twice.to_vec()].concat()).len(), 1, "one reminder");
    let arrives = booking("01T10:00", json!({"starts_at": "2026-03-10T11:00:00+01:00", "cancelled": true}));
    assert!(results(REMINDER, std::slice::from_ref(&arrives)).is_empty(), "it arrives cancelled");
    assert_eq!(messages(REMINDER, &[arrives, cancelled("02T10:00", false)]).len(), 1, "and is taken up");
}

#[test]
fn a_booking_that_is_confirmed_at_last_gets_its_reminder() {
    let funnel = r#"event booking { confirmed: bool? }
    funnel reminder {
      on booking while confirmed and not cancelled -> wait until starts_at - 2h else stop -> send sms "See you"
    }"#;
    let confirmed = |time: &str, confirmed: bool| booking(time, json!({"confirmed": confirmed}));
    assert!(results(funnel, &[booked("01T10:00")]).is_empty());
    let events = [booked("01T10:00"), confirmed("05T10:00", true)];
    assert_eq!(results(funnel, &events), ["2026-03-10 09:00 send sms: See you"]);
    let withdrawn = [events.to_vec(), vec![confirmed("06T10:00", false)]].concat();
    assert!(messages(funnel, &withdrawn).is_empty());
    let again = [withdrawn, vec![confirmed("07T10:00", true), cancelled("08T10:00", true)]].concat();
    assert!(messages(funnel, &again).is_empty());
}

#[test]
fn a_completed_chain_is_not_begun_again_by_default() {
    let funnel = |enter: &str| {
        format!(
            r#"funnel f {{ {enter}  on booking while not cancelled -> wait 1d -> send sms "{{{{ id }}}}" -> wait 1d -> tag "x" }}"#
        )
    };
    let sent = |enter: &str, changes: &[(&str, bool)]| {
        let changes = changes.iter().map(|(time, value)| cancelled(time, *value));
        let events: Vec<String> = std::iter::once(booked("01T10:00")).chain(changes).collect();
        let lines = messages(&funnel(enter), &events);
        lines.iter().filter(|line| line.contains("send")).map(|line| line[5..16].to_owned()).collect::<Vec<_>>()
    };
    let finished = [("05T10:00", true), ("06T10:00", false)];
    let interrupted = [("02T12:00", true), ("06T10:00", false)];
    for enter in ["", "enter once", "enter once per booking.id", "enter once per booking.starts_at"] {
        assert_eq!(sent(enter, &finished), ["03-02 10:00"], "{enter}");
        assert_eq!(sent(enter, &interrupted), ["03-02 10:00", "03-07 10:00"], "{enter}: it was not completed");
    }
    assert_eq!(sent("enter always", &finished), ["03-02 10:00", "03-07 10:00"]);
    assert_eq!(sent("enter always", &[("05T10:00", false), ("06T10:00", false)]), ["03-02 10:00"], "nothing began");
    assert_eq!(sent("enter again after 30d", &finished), ["03-02 10:00"]);
    assert_eq!(sent("enter again after 30d", &interrupted), ["03-02 10:00", "03-07 10:00"]);
    assert_eq!(sent("enter again after 2d", &finished), ["03-02 10:00", "03-07 10:00"]);
}

#[test]
fn an_interrupted_run_does_not_forget_the_one_before_it() {
    let funnel =
        r#"funnel f { enter again after 10d  on booking while not cancelled -> wait 1d -> send sms "{{ id }}" }"#;
    let other = |time: &str, cancelled: bool| {
        event_at("booking", time)
            .data(json!({"id": "b2", "starts_at": "2026-03-20T11:00:00+01:00", "cancelled": cancelled}))
    };
    let events = [booked("01T10:00"), other("12T10:00", false), other("12T11:00", true), other("12T12:00", false)];
    assert_eq!(messages(funnel, &events), ["2026-03-02 10:00 send sms: b1", "2026-03-13 12:00 send sms: b2"]);
    let within = [
        other("12T10:00", false),
        booked("12T10:30"),
        other("12T11:00", true),
        cancelled("12T11:30", true),
        cancelled("12T12:00", false),
    ];
    assert_eq!(messages(funnel, &within), ["2026-03-13 12:00 send sms: b1"], "b2 does not count, so b1 may enter");
}

#[test]
fn the_condition_may_read_the_client() {
    let funnel =
        r#"funnel f { on booking while client.city == "Bonn" -> wait 2d -> send sms "{{ id }} in {{ client.city }}" }"#;
    let lives = |city: &str, time: &str| event_at("client", time).data(json!({"city": city}));
    let other = event_at("booking", "01T10:00").data(json!({"id": "b2", "starts_at": "2026-03-20T11:00:00+01:00"}));
    let events =
        [booked("01T10:00"), other, lives("Bonn", "02T10:00"), lives("Kiel", "03T10:00"), lives("Bonn", "05T10:00")];
    assert_eq!(
        results(funnel, &events),
        [
            "2026-03-03 10:00 exit while client.city == \"Bonn\"",
            "2026-03-03 10:00 exit while client.city == \"Bonn\"",
            "2026-03-07 10:00 send sms: b1 in Bonn",
            "2026-03-07 10:00 send sms: b2 in Bonn"
        ]
    );
}

#[test]
fn clients_themselves_may_be_in_a_state() {
    let funnel = r#"client { trial: bool? }
    funnel trial { on client while client.trial -> wait 3d -> send sms "Do you like it?" }"#;
    let trial = |trial: bool, time: &str| event_at("client", time).data(json!({"trial": trial}));
    assert_eq!(results(funnel, &[trial(true, "02T10:00")]), ["2026-03-05 10:00 send sms: Do you like it?"]);
    let events = [trial(true, "02T10:00"), trial(false, "03T10:00"), trial(true, "04T10:00")];
    assert_eq!(
        results(funnel, &events),
        ["2026-03-03 10:00 exit while client.trial", "2026-03-07 10:00 send sms: Do you like it?"]
    );
    let imported = event_at("client", "02T10:00")
        .client("old")
        .data(json!({"trial": true, "phone": "+491700000001", "created_at": "2024-01-01T00:00:00Z"}));
    assert!(results(funnel, &[imported]).is_empty());
}

#[test]
fn the_condition_may_read_the_clock_and_the_past() {
    let ahead = r#"funnel f { on booking while starts_at > now -> wait 20d -> send sms "{{ id }}" }"#;
    assert_eq!(results(ahead, &[booked("01T10:00")]), ["2026-03-10 11:00 exit while starts_at > now"]);
    let moved = booking("05T10:00", json!({"starts_at": "2026-04-10T11:00:00+02:00"}));
    assert_eq!(messages(ahead, &[booked("01T10:00"), moved]), ["2026-03-21 10:00 send sms: b1"]);
    let past = r#"funnel f { on booking while none(visit in last 5d) -> wait 2d -> send sms "{{ id }}" }"#;
    let visit = event_at("visit", "02T10:00").data(json!({"id": "v1"}));
    assert_eq!(
        results(past, &[booked("01T10:00"), visit]),
        ["2026-03-02 10:00 exit while none(visit in last 5d)", "2026-03-09 10:00 send sms: b1"]
    );
}

#[test]
fn a_step_that_ends_the_state_is_the_last() {
    let funnel = r#"client { done: bool? }
    funnel f { on booking while not client.done -> set client.done = true -> send sms "never" }"#;
    assert_eq!(
        results(funnel, &[booked("02T10:00")]),
        ["2026-03-02 10:00 set done = true", "2026-03-02 10:00 exit while not client.done"]
    );
    let parallel = r#"client { done: bool? }
    funnel f { on booking while not client.done -> parallel {
        path -> wait 1d -> set client.done = true
        path -> wait 1d -> send sms "never"
    } }"#;
    assert!(!results(parallel, &[booked("02T10:00")]).iter().any(|line| line.contains("never")));
}

#[test]
fn several_events_and_a_filter_share_the_condition() {
    let funnel = r#"funnel f {
        on booking or order as it where branch == "north" while not it.cancelled -> wait 2d -> send sms "{{ it.id }}"
    }"#;
    let order = |time: &str, data: serde_json::Value| event_at("order", time).data(data);
    let events = [
        order("01T10:00", json!({"id": "o1", "branch": "north"})),
        order("01T11:00", json!({"id": "o2", "branch": "south"})),
        booking("01T12:00", json!({"branch": "north", "starts_at": "2026-03-10T11:00:00+01:00", "cancelled": true})),
        order("02T10:00", json!({"id": "o1", "cancelled": true})),
        cancelled("03T10:00", false),
        order("04T10:00", json!({"id": "o1", "cancelled": false})),
    ];
    assert_eq!(messages(funnel, &events), ["2026-03-05 10:00 send sms: b1", "2026-03-06 10:00 send sms: o1"]);
}

#[test]
fn what_the_condition_says_is_known_after_waits() {
    let found = |trigger: &str| {
        let text = format!(
            "on {trigger} -> wait 1d -> send sms \"{{{{ client.city }}}}\" -> if not cancelled {{ tag \"a\" }}"
        );
        let (_, found) = findings::of_bytes("f.funnel", text.as_bytes());
        found.iter().map(|finding| finding.code.number()).collect::<Vec<_>>()
    };
    assert_eq!(found("booking while client.city is known"), Vec::<&str>::new());
    assert_eq!(found("booking while client.city is known and not cancelled"), ["F0414"], "the `if` is always true");
    assert_eq!(found("booking where client.city is known"), ["F0302"], "a `where` is asked once");
}

#[test]
fn it_is_refused_where_nothing_could_hold_again() {
    let found = |text: &str| {
        let (_, found) = findings::of_bytes("f.funnel", text.as_bytes());
        found.iter().map(|finding| (finding.code.number(), finding.message.to_string())).collect::<Vec<_>>()
    };
    for trigger in
        ["booking.starts_at", "booking.updated", "client.city", "form", "no visit for 60d", "client.birthday at 10:00"]
    {
        let text = format!("on {trigger} while client.city == \"Bonn\" -> tag \"x\"");
        assert_eq!(found(&text), [("F0412", "`while` is not allowed after this trigger".to_owned())], "{trigger}");
    }
    for line in [
        "on visit -> wait for booking while not booking.cancelled -> tag \"x\"",
        "funnel f { exit on booking.cancelled while true  on visit -> wait 1d -> tag \"x\" }",
        "funnel f { goal on purchase while true  on visit -> wait 1d -> tag \"x\" }",
    ] {
        assert_eq!(found(line), [("F0108", "`while` is only allowed after a trigger".to_owned())], "{line}");
    }
}
