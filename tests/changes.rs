//! Changes of a field: which ones a trigger tells, and a record that arrives with the value.

use crate::support::event::event;
use crate::support::played::{BERLIN, Played};
use crate::support::service::{Service, holds_within};
use crate::support::story::Story;
use serde_json::{Value, json};
use std::time::Duration;

const ORDER: &str = r#"event order { key id: text  status: "new" | "shipped" | "delivered"  note: text?  due: datetime?  cancelled: bool? }"#;

/// An event of Anna's on a day in March.
fn at(kind: &str, day: u32, data: &Value) -> String {
    event(kind).id(&format!("{kind}-{day}-{data}")).at(&format!("2026-03-{day:02}T10:00:00Z")).data(data.clone())
}

fn anna() -> String {
    at("client", 1, &json!({"phone": "+79990000000"}))
}

/// The days and texts of what happens without entries and exits.
fn told(funnel: &str, events: &[String]) -> Vec<String> {
    let (funnel, anna) = (format!("{ORDER}\n{funnel}"), anna());
    let events: Vec<&str> = std::iter::once(anna.as_str()).chain(events.iter().map(String::as_str)).collect();
    let results = Story::new("UTC", &funnel).results(&events).into_iter();
    let shown = results.filter(|line| !line.contains(" enter") && !line.contains(" exit "));
    shown.map(|line| line.replace("2026-03-", "").replace(" 10:00", "").replace("tag ", "")).collect()
}

fn order(day: u32, status: &str) -> String {
    at("order", day, &json!({"id": "o1", "status": status}))
}

#[test]
fn a_record_that_arrives_with_the_value_has_changed_to_it() {
    let told =
        |filter: &str, events: &[String]| told(&format!("on order.status where {filter} -> tag \"told\""), events);
    for filter in [
        r#"status == "shipped""#,
        r#""shipped" == order.status"#,
        r#"status in ["shipped", "delivered"]"#,
        r#"status == "shipped" or status == "delivered""#,
        r#"status == "shipped" and client.phone is known"#,
    ] {
        assert_eq!(told(filter, &[order(2, "shipped")]), ["02 told"], "{filter}");
        assert_eq!(told(filter, &[order(2, "new"), order(3, "shipped")]), ["03 told"], "{filter}");
        assert_eq!(told(filter, &[order(2, "shipped"), order(3, "shipped")]), ["02 told"], "{filter}");
        assert_eq!(told(filter, &[order(2, "new")]), [""; 0], "{filter}");
    }
    // These are about a move, not about a state.
    for filter in [r#"status != "new""#, r#"not (status == "new")"#, r#"status == "shipped" or client.phone is known"#]
    {
        assert_eq!(told(filter, &[order(2, "shipped")]), [""; 0], "{filter}");
        assert_eq!(told(filter, &[order(2, "new"), order(3, "shipped")]), ["03 told"], "{filter}");
    }
}

#[test]
fn other_fields_of_a_new_record_have_not_changed() {
    let due = at("order", 2, &json!({"id": "o1", "status": "new", "due": "2026-03-05T10:00:00Z", "note": "gift"}));
    assert_eq!(told("on order.due where due == 2026-03-05 10:00 -> tag \"told\"", std::slice::from_ref(&due)), [""; 0]);
    assert_eq!(told("on order.status -> tag \"told\"", std::slice::from_ref(&due)), [""; 0]);
    assert_eq!(told("on order.updated where status == \"new\" -> tag \"told\"", std::slice::from_ref(&due)), [""; 0]);
    assert_eq!(told("on order.due where status == \"new\" -> tag \"told\"", std::slice::from_ref(&due)), [""; 0]);
    assert_eq!(told("on order.note where note == \"gift\" -> tag \"told\"", &[due]), ["02 told"]);
}

#[test]
fn a_record_that_arrives_in_parts_has_changed_when_it_exists() {
    let part = at("order", 2, &json!({"id": "o1", "note": "gift"}));
    let funnel = "on order.note where note == \"gift\" -> tag \"told\"";
    assert_eq!(told(funnel, &[part, order(3, "new")]), ["02 incomplete order o1: status", "03 told"]);
}

#[test]
fn a_client_who_arrives_with_the_value_has_changed_to_it() {
    let funnel = "on client.city where client.city == \"Bonn\" -> tag \"Bonn\"\non client.city -> tag \"moved\"";
    let city = |day: u32, city: &str| at("client", day, &json!({"city": city}));
    let story = |events: &[String]| {
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let results = Story::new("UTC", funnel).results(&events).into_iter();
        results
            .filter(|line| line.contains(" tag "))
            .map(|line| line["2026-03-".len()..].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(story(&[city(2, "Bonn")]), ["02 10:00 tag Bonn"]);
    assert_eq!(story(&[city(2, "Köln"), city(3, "Bonn")]), ["03 10:00 tag Bonn", "03 10:00 tag moved"]);
    // An import starts nothing.
    let old = at("client", 2, &json!({"city": "Bonn", "created_at": "2024-01-01T00:00:00Z"}));
    assert_eq!(story(&[old]), [""; 0]);
}

#[test]
fn waits_exits_and_goals_see_a_record_that_arrives_with_the_value() {
    let visit = at("visit", 2, &json!({"id": "v1"}));
    let wait =
        r#"on visit -> wait for order.status where status == "shipped" up to 20d { tag "yes" } else { tag "no" }"#;
    assert_eq!(told(wait, &[visit.clone(), order(3, "shipped")]), ["03 yes"]);
    assert_eq!(told(wait, &[visit.clone(), order(3, "new")]), ["22 no"]);
    let exit = r#"funnel f { exit on order.status where status == "shipped" on visit -> wait 9d -> tag "stayed" }"#;
    assert_eq!(told(exit, &[visit.clone(), order(3, "shipped")]), [""; 0]);
    assert_eq!(told(exit, &[visit.clone(), order(3, "new")]), ["11 stayed"]);
    let goal = r#"funnel f { goal on order.status where status == "shipped" on visit -> wait 9d }"#;
    assert_eq!(told(goal, &[visit.clone(), order(3, "shipped")]), ["03 goal order"]);
    assert_eq!(told(goal, &[visit, order(3, "new")]), [""; 0]);
}

fn booking(day: u32, data: &str) -> String {
    let mut fields: Value = serde_json::from_str(&format!("{{{data}}}")).unwrap();
    fields["id"] = json!("b1");
    at("booking", day, &fields)
}

fn starts(day: u32, at: u32) -> String {
    booking(day, &format!(r#""starts_at":"2026-03-{at}T12:00:00Z""#))
}

#[test]
fn each_change_of_a_record_is_told() {
    let moved = [starts(2, 20), starts(3, 21), starts(4, 22), starts(5, 22)];
    let funnel = |rest: &str| format!("funnel f {{ {rest} }}");
    let tells = |rest: &str| told(&funnel(rest), &moved);
    assert_eq!(tells(r#"on booking.starts_at -> tag "told""#), ["03 told", "04 told"]);
    assert_eq!(tells(r#"on booking.updated -> tag "told""#), ["03 told", "04 told"]);
    assert_eq!(
        tells(r#"on booking -> tag "made" on booking.starts_at -> tag "told""#),
        ["02 made", "03 told", "04 told"]
    );
    assert_eq!(tells(r#"on booking or booking.starts_at -> tag "told""#), ["02 told", "03 told", "04 told"]);
    assert_eq!(tells(r#"enter once per booking.id on booking.starts_at -> tag "told""#), ["03 told"]);
    assert_eq!(tells(r#"enter once on booking.starts_at -> tag "told""#), ["03 told"]);
    assert_eq!(tells(r#"enter again after 30d on booking.starts_at -> tag "told""#), ["03 told"]);
    assert_eq!(tells(r#"enter always on booking.starts_at -> tag "told""#), ["03 told", "04 told"]);
    // Nobody is in a funnel twice about the same record.
    assert_eq!(tells(r#"on booking.starts_at -> wait 3d -> tag "told""#), ["06 told"]);
    let cities = ["Bonn", "Köln", "Ulm"].iter().zip(2..).map(|(city, day)| at("client", day, &json!({"city": city})));
    let cities: Vec<String> = cities.collect();
    assert_eq!(told(r#"on client.city -> tag "told""#, &cities), ["02 told", "03 told", "04 told"]);
    let statuses = [order(2, "new"), order(3, "shipped"), order(4, "delivered"), order(5, "shipped")];
    assert_eq!(
        told(r#"on order.status where status == "shipped" -> tag "told""#, &statuses),
        ["03 told", "05 told"],
        "it was sent twice"
    );
}

#[test]
fn a_bool_is_a_state_in_which_a_record_is_once() {
    let states = [
        starts(2, 20),
        booking(3, r#""cancelled":true"#),
        booking(4, r#""cancelled":false"#),
        booking(5, r#""cancelled":true"#),
    ];
    assert_eq!(told(r#"on booking.cancelled -> tag "told""#, &states), ["03 told"]);
    assert_eq!(
        told(r#"funnel f { enter always on booking.cancelled -> tag "told" }"#, &states),
        ["03 told", "05 told"]
    );
    // A change that was told before does not count for it.
    let moved = [starts(2, 20), starts(3, 21), booking(4, r#""cancelled":true"#)];
    let both = r#"funnel f { on booking.starts_at -> tag "moved" on booking.cancelled -> tag "cancelled" }"#;
    assert_eq!(told(both, &moved), ["03 moved", "04 cancelled"]);
}

const EACH: &str = r#"
funnel shipped { on order.status where status == "shipped" -> send sms "Your order is on its way." }
funnel moved { timezone "Europe/Berlin" on booking.starts_at -> send sms "Moved to {{ booking.starts_at | date }}." }
"#;

fn events_of_each() -> Vec<String> {
    vec![anna(), order(2, "shipped"), starts(3, 20), starts(4, 21), starts(5, 22)]
}

#[test]
fn every_command_tells_the_same() {
    let played = Played::new(&format!("{ORDER}{EACH}"), BERLIN, &events_of_each());
    let expected = [
        "2026-03-02 11:00 +01:00 c1 send sms +79990000000 \"Your order is on its way.\"",
        "2026-03-04 11:00 +01:00 c1 send sms +79990000000 \"Moved to 21 March 2026.\"",
        "2026-03-05 11:00 +01:00 c1 send sms +79990000000 \"Moved to 22 March 2026.\"",
    ];
    assert_eq!(played.results(), expected);
}

#[test]
fn a_service_tells_the_same_also_after_a_restart() {
    let mut service = Service::start(&format!("{ORDER}{EACH}"));
    for event in events_of_each() {
        service.accepted(&event);
        service.restart();
    }
    assert!(holds_within(Duration::from_secs(10), || service.message_count() == 3), "{}", service.message_count());
}
