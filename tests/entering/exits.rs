//! Exits and goals are asked at entry too: a record that arrives cancelled starts nothing.

use super::{event_at, json, results};

fn booking(time: &str, data: serde_json::Value) -> String {
    let mut fields = json!({"id": "b1", "starts_at": "2026-03-10T11:00:00+01:00"});
    for (name, value) in data.as_object().unwrap() {
        fields[name] = value.clone();
    }
    event_at("booking", time).data(fields)
}

fn order(time: &str, data: serde_json::Value) -> String {
    event_at("order", time).data(data)
}

#[test]
fn a_record_that_arrives_cancelled_or_paid_starts_nothing() {
    let funnels = r#"
        funnel reminder {
          exit on booking.cancelled
          on booking -> wait until starts_at - 2h else stop -> send sms "See you at {{ starts_at | time }}"
        }
        funnel chase {
          exit on order.paid
          on order -> wait 1d -> send sms "Your order is not paid yet."
        }"#;
    let events = [
        booking("01T10:00", json!({"cancelled": true})),
        order("01T10:00", json!({"id": "o1", "amount": "10 EUR", "paid": true})),
    ];
    assert_eq!(
        results(funnels, &events),
        ["2026-03-01 10:00 no entry exit on booking.cancelled", "2026-03-01 10:00 no entry exit on order.paid"]
    );
    let open = [booking("01T10:00", json!({})), order("01T10:00", json!({"id": "o1", "paid": false}))];
    assert_eq!(
        results(funnels, &open),
        ["2026-03-02 10:00 send sms: Your order is not paid yet.", "2026-03-10 09:00 send sms: See you at 11:00"]
    );
}

#[test]
fn whoever_did_not_enter_may_enter_later() {
    let funnel = r#"funnel f {
        enter once
        exit on booking.cancelled
        on booking -> send sms "{{ id }}"
    }"#;
    let second = event_at("booking", "02T10:00").data(json!({"id": "b2", "starts_at": "2026-03-10T11:00:00+01:00"}));
    let events = [booking("01T10:00", json!({"cancelled": true})), second];
    assert_eq!(
        results(funnel, &events),
        ["2026-03-01 10:00 no entry exit on booking.cancelled", "2026-03-02 10:00 send sms: b2"]
    );
}

#[test]
fn a_later_trigger_on_a_cancelled_record_starts_nothing() {
    let funnel = r#"funnel f {
        exit on booking.cancelled
        on booking.starts_at or booking.updated -> send sms "New time: {{ starts_at | time }}"
    }"#;
    let events = [
        booking("01T10:00", json!({})),
        event_at("booking", "02T10:00").data(json!({"id": "b1", "starts_at": "2026-03-11T12:00:00+01:00"})),
        event_at("booking", "03T10:00").data(json!({"id": "b1", "cancelled": true})),
        event_at("booking", "04T10:00").data(json!({"id": "b1", "starts_at": "2026-03-12T13:00:00+01:00"})),
    ];
    assert_eq!(
        results(&funnel.replace("on booking.starts_at", "enter always  on booking.starts_at"), &events),
        [
            "2026-03-02 10:00 send sms: New time: 12:00",
            "2026-03-03 10:00 no entry exit on booking.cancelled",
            "2026-03-04 10:00 no entry exit on booking.cancelled"
        ]
    );
}

#[test]
fn a_filter_on_the_changed_field_is_asked() {
    let funnel = |exit: &str| {
        format!(
            r#"event deal {{ key id: text  status: "new" | "won" | "lost"  owner: text? }}
            funnel f {{ exit on {exit}  on deal as d -> wait 1d -> send sms "Any news?" }}"#
        )
    };
    let no_entry = |exit: &str, data: serde_json::Value| {
        let lines = results(&funnel(exit), &[event_at("deal", "02T10:00").data(data)]);
        lines.iter().any(|line| line.contains("no entry"))
    };
    let lost = || json!({"id": "d1", "status": "lost", "owner": "Eva"});
    assert!(no_entry(r#"deal.status where status == "lost""#, lost()));
    assert!(no_entry(r#"deal.status where d.status == "lost""#, lost()), "by the name in the chain");
    assert!(no_entry(r#"deal.updated where status == "lost""#, lost()));
    assert!(!no_entry(r#"deal.status where status == "won""#, lost()));
    assert!(!no_entry("deal.status", lost()), "that it has a status is no change");
    assert!(!no_entry("deal.updated", lost()));
    assert!(!no_entry(r#"deal.owner where status == "lost""#, lost()), "the filter says nothing about the owner");
    assert!(!no_entry("deal.owner where owner is missing", json!({"id": "d1", "status": "lost"})), "it had none");
    assert!(no_entry(r#"deal.owner where owner == "Eva""#, lost()));
}

#[test]
fn client_fields_are_asked_too() {
    let funnel = |exit: &str| {
        format!(
            r#"client {{ left: bool? }}
            funnel f {{ exit on {exit}  on visit -> wait 1d -> send sms "See you again" }}"#
        )
    };
    let run = |exit: &str, fields: serde_json::Value| {
        let events =
            [event_at("client", "01T10:00").data(fields), event_at("visit", "02T10:00").data(json!({"id": "v1"}))];
        results(&funnel(exit), &events)
    };
    let sent = ["2026-03-03 10:00 send sms: See you again"];
    assert_eq!(run("client.left", json!({"left": true})), ["2026-03-02 10:00 no entry exit on client.left"]);
    assert_eq!(run("client.left", json!({"left": false})), sent);
    let moved = r#"client.city where client.city == "Bonn""#;
    assert_eq!(run(moved, json!({"city": "Bonn"})), [format!("2026-03-02 10:00 no entry exit on {moved}")]);
    assert_eq!(run(moved, json!({"city": "Kiel"})), sent);
    assert_eq!(run("client.city", json!({"city": "Bonn"})), sent, "that a city is known is no change");
    assert_eq!(run(r#"client.updated where client.city == "Bonn""#, json!({"city": "Kiel"})), sent);
}

#[test]
fn what_is_no_state_of_the_run_is_not_asked() {
    let funnel =
        |exit: &str| format!(r#"funnel f {{ exit on {exit}  on booking -> wait 1d -> send sms "{{{{ id }}}}" }}"#);
    let events = [
        event_at("visit", "01T09:30").data(json!({"id": "v1"})),
        order("01T09:40", json!({"id": "o1", "paid": true})),
        booking("02T10:00", json!({"price": "20 EUR"})),
    ];
    for exit in ["visit", "booking", "order.paid", "booking.starts_at", "client", "order.updated where paid"] {
        assert_eq!(results(&funnel(exit), &events), ["2026-03-03 10:00 send sms: b1"], "{exit}");
    }
}

#[test]
fn an_exit_that_is_the_trigger_keeps_nobody_out() {
    let funnel = r#"funnel f {
        enter always
        exit on booking.cancelled
        on booking -> wait until starts_at - 2h else stop -> send sms "See you"
        on booking.cancelled -> send sms "Another time?"
    }"#;
    let events =
        [booking("01T10:00", json!({})), event_at("booking", "02T10:00").data(json!({"id": "b1", "cancelled": true}))];
    assert_eq!(
        results(funnel, &events),
        ["2026-03-02 10:00 exit exit on booking.cancelled", "2026-03-02 10:00 send sms: Another time?"]
    );
    let funnel = r#"event deal { key id: text  status: "new" | "won" | "lost" }
    funnel f {
        enter always
        exit on deal.status where status == "won"
        exit on deal.status where status == "lost"
        on deal -> wait 1d -> send sms "Any news?"
        on deal.status as d where d.status == "won" -> send sms "Thank you"
        on deal.status -> wait 1h -> send sms "We are at work"
    }"#;
    let deal = |time: &str, status: &str| event_at("deal", time).data(json!({"id": "d1", "status": status}));
    assert_eq!(
        results(funnel, &[deal("01T10:00", "new"), deal("01T12:00", "won"), deal("01T14:00", "lost")]),
        [
            "2026-03-01 12:00 exit exit on deal.status where status == \"won\"",
            "2026-03-01 12:00 send sms: Thank you",
            "2026-03-01 12:00 no entry exit on deal.status where status == \"won\"",
            "2026-03-01 14:00 no entry exit on deal.status where status == \"lost\"",
        ],
        "the third trigger names any status, so it is asked about the two"
    );
}

#[test]
fn runs_that_a_run_starts_are_asked_too() {
    let funnels = r#"
        funnel first { on booking -> wait 1d -> start second }
        funnel second {
          exit on booking.cancelled
          on booking.updated -> send sms "About {{ id }}"
        }"#;
    let cancelled = event_at("booking", "01T12:00").data(json!({"id": "b1", "cancelled": true}));
    let events = [booking("01T10:00", json!({})), cancelled];
    assert_eq!(
        results(funnels, &events),
        [
            "2026-03-01 12:00 no entry exit on booking.cancelled",
            "2026-03-02 10:00 start second",
            "2026-03-02 10:00 no entry exit on booking.cancelled"
        ]
    );
}

#[test]
fn a_goal_that_is_there_already_is_reached_at_entry() {
    let funnel = r#"event order { amount: money }
    funnel f {
        goal on order.paid where amount > 5 EUR within 14d worth order.amount
        on order -> wait 1d -> send sms "Thank you"
    }"#;
    let paid = |amount: &str| order("01T10:00", json!({"id": "o1", "amount": amount, "paid": true}));
    assert_eq!(
        results(
            funnel,
            &[
                paid("10 EUR"),
                order("01T11:00", json!({"id": "o1", "amount": "10 EUR", "paid": false})),
                order("01T12:00", json!({"id": "o1", "amount": "10 EUR", "paid": true}))
            ]
        ),
        ["2026-03-01 10:00 goal order worth \"10 EUR\"", "2026-03-02 10:00 send sms: Thank you"],
        "once only"
    );
    assert_eq!(results(funnel, &[paid("4 EUR")]), ["2026-03-02 10:00 send sms: Thank you"]);
    let events = [
        order("01T10:00", json!({"id": "o1", "amount": "10 EUR"})),
        order("01T10:30", json!({"id": "o1", "paid": true})),
    ];
    assert_eq!(results(funnel, &events)[0], "2026-03-01 10:30 goal order worth \"10 EUR\"");
    let client = r#"client { member: bool? }
        funnel f { goal on client.member  goal on client.city  on visit -> send sms "Hi" }"#;
    let events = [
        event_at("client", "01T10:00").data(json!({"member": true, "city": "Bonn"})),
        event_at("visit", "02T10:00").data(json!({"id": "v1"})),
    ];
    assert_eq!(results(client, &events), ["2026-03-02 10:00 goal client", "2026-03-02 10:00 send sms: Hi"]);
}
