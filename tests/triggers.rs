//! Triggers other than a single event, as stories: several events, the client, segments, absence, dates and schedules; and
//! the history expressions that segments are made of.

use super::support::event::{Event, event};
use super::support::story::Story;
use serde_json::json;

const ANNA: &str =
    r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:00Z","data":{"name":"Anna","phone":"+79990000000"}}"#;

/// An event in 2026, at a date and a time such as `03-02T10:00`.
fn event_at(kind: &str, time: &str) -> Event {
    event(kind).at(&format!("2026-{time}:00Z"))
}

fn visit(id: &str, time: &str) -> String {
    event_at("visit", time).data(json!({"id": id}))
}

fn purchase(id: &str, time: &str, amount: &str) -> String {
    event_at("purchase", time).data(json!({"id": id, "amount": format!("{amount} RUB")}))
}

fn form(time: &str) -> String {
    event_at("form", time).data(json!({"name": "ask"}))
}

/// The results, without entries and exits.
fn results_in(zone: &str, funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let is_result = |line: &String| !line.contains(" enter") && !line.contains(" exit ");
    let lines = Story::new(zone, funnel).results(&events);
    lines.into_iter().filter(is_result).map(|line| line.replace(" +79990000000", "")).collect()
}

fn results(funnel: &str, events: &[String]) -> Vec<String> {
    results_in("UTC", funnel, events)
}

#[test]
fn either_of_two_events_starts_a_run_with_their_common_fields() {
    let funnel = r#"on booking or visit as it where service == "spa" -> send sms "{{ it.id }} {{ service }}""#;
    let booked = event_at("booking", "03-02T10:00")
        .data(json!({"id": "b1", "service": "spa", "starts_at": "2026-03-05T12:00:00Z"}));
    let visited = event_at("visit", "03-03T10:00").data(json!({"id": "v1", "service": "spa"}));
    let other = event_at("visit", "03-04T10:00").data(json!({"id": "v2", "service": "nails"}));
    assert_eq!(
        results(funnel, &[booked, visited, other]),
        ["2026-03-02 10:00 send sms: b1 spa", "2026-03-03 10:00 send sms: v1 spa"]
    );
}

#[test]
fn a_client_is_created_once_and_then_changes() {
    let funnel = r#"
        funnel hello { on client -> send sms "hello" }
        funnel city { on client.city where client.city == "Omsk" -> send sms "how is {{ client.city }}?" }
        funnel any { on client.updated -> tag "changed" }"#;
    let again = event_at("client", "03-02T00:00").data(json!({"city": "Omsk"}));
    assert_eq!(
        results(funnel, &[again.clone(), again]),
        ["2026-03-01 00:00 send sms: hello", "2026-03-02 00:00 send sms: how is Omsk?", "2026-03-02 00:00 tag changed"]
    );
}

#[test]
fn a_field_set_by_a_funnel_counts_as_a_change() {
    let funnel = r#"
        funnel moves { on visit -> set client.city = "Berlin" -> tag "moved" }
        funnel city { on client.city -> send sms "welcome to {{ client.city | default("town") }}" }
        funnel leaves { exit on client.updated  on visit -> wait 5d -> send sms "late" }"#;
    let lines = results(funnel, &[visit("v1", "03-02T10:00"), visit("v2", "03-03T10:00")]);
    let is_send = |line: &&String| line.contains("send");
    assert_eq!(
        lines.iter().filter(is_send).collect::<Vec<_>>(),
        [
            "2026-03-02 10:00 send sms: welcome to Berlin",
            "2026-03-07 10:00 send sms: late",
            "2026-03-08 10:00 send sms: late"
        ]
    );
}

#[test]
fn imported_clients_do_not_count_as_new() {
    let hello = r#"on client -> send sms "hello""#;
    let lines = |created_at: &str| {
        let created = event_at("client", "03-05T10:00")
            .client("c2")
            .data(json!({"phone": "+79990000001", "created_at": created_at}));
        Story::new("UTC", hello).results(&[&created]).len()
    };
    assert_eq!(lines("2025-01-01T00:00:00Z"), 0);
    assert_eq!(lines("2026-03-05T09:59:00Z"), 3, "an entry, a message and an exit");
}

#[test]
fn events_make_clients_enter_and_leave_segments() {
    let funnel = r#"
        segment vip = sum(purchase.amount) >= 1000 RUB
        funnel in { on entering vip -> send sms "welcome" }
        funnel out { on leaving vip -> send sms "bye" }"#;
    let refund = purchase("p2", "03-04T10:00", "0");
    let events = [purchase("p1", "03-02T10:00", "600"), purchase("p2", "03-03T10:00", "400"), refund];
    assert_eq!(results(funnel, &events), ["2026-03-03 10:00 send sms: welcome", "2026-03-04 10:00 send sms: bye"]);
}

#[test]
fn a_client_can_leave_a_segment_by_time_alone() {
    let funnel = r#"
        segment regular = count(visit in last 10d) >= 2
        on leaving regular -> send sms "we miss you""#;
    let events = [visit("v1", "03-02T10:00"), visit("v2", "03-05T11:00"), visit("v3", "03-08T09:00")];
    // On the 15th only the visit of the 8th is younger than ten days.
    assert_eq!(results(funnel, &events), ["2026-03-15 11:00 send sms: we miss you"]);
}

#[test]
fn a_segment_that_reads_the_clock_is_entered_on_time() {
    let funnel = r#"
        segment settled = client.created_at is known and client.created_at <= now - 30d
        on entering settled -> send sms "a month with us""#;
    assert_eq!(results(funnel, &[]), ["2026-03-31 00:00 send sms: a month with us"]);
}

#[test]
fn an_absence_counts_from_the_last_event_and_fires_once() {
    let funnel =
        r#"on no visit for 60d where client.name is known -> send sms "we have not seen you since {{ visit.id }}""#;
    let events = [visit("v1", "03-02T10:00"), visit("v2", "04-20T10:00")];
    assert_eq!(results(funnel, &events), ["2026-06-19 10:00 send sms: we have not seen you since v2"]);
    // A client without visits does not count as absent.
    assert_eq!(results(funnel, &[purchase("p1", "03-02T10:00", "5")]), Vec::<String>::new());
}

#[test]
fn an_absence_that_was_over_before_it_was_known_does_not_fire() {
    let funnel = r#"on no visit for 60d -> send sms "we miss you""#;
    let late = visit("v0", "01-02T10:00");
    assert_eq!(
        results(funnel, &[visit("v9", "06-01T10:00"), late.clone()]),
        ["2026-07-31 10:00 send sms: we miss you"]
    );
    let only_late = purchase("p1", "06-01T10:00", "5");
    assert_eq!(results(funnel, &[only_late, late]), Vec::<String>::new());
}

#[test]
fn a_birthday_fires_every_year_in_the_zone_of_the_client() {
    let funnel = r#"on client.birthday - 7d at 10:00 -> send sms "a week to go""#;
    let born =
        event_at("client", "03-01T00:00").data(json!({"birthday": "1990-03-20", "timezone": "Asia/Vladivostok"}));
    let last = visit("v1", "03-12T23:59");
    assert_eq!(results(funnel, &[born.clone(), last]), Vec::<String>::new(), "nothing fires after the last event");
    let years = event("visit").at("2028-04-01T00:00:00Z").data(json!({"id": "v1"}));
    assert_eq!(
        results(funnel, &[born.clone(), years.clone()]),
        [
            "2026-03-13 10:00 send sms: a week to go",
            "2027-03-13 10:00 send sms: a week to go",
            "2028-03-13 10:00 send sms: a week to go"
        ]
    );
    // It moves when the date changes.
    let moved = born.replace("1990-03-20", "1990-06-20").replace("2026-03-01", "2026-03-02");
    assert_eq!(results(funnel, &[born.clone(), moved, years])[0], "2026-06-13 10:00 send sms: a week to go");
}

#[test]
fn a_schedule_starts_a_run_for_every_client_in_its_segment() {
    let funnel = r#"
        segment buyers = any(purchase)
        every monday 10:00 for buyers -> send sms "news""#;
    // 2 March 2026 is a Monday; at ten nobody has bought anything.
    let events = [purchase("p1", "03-02T12:00", "5"), visit("v1", "03-16T11:00")];
    assert_eq!(results(funnel, &events), ["2026-03-09 10:00 send sms: news", "2026-03-16 10:00 send sms: news"]);
    let vladivostok = results_in("Asia/Vladivostok", funnel, &events);
    assert_eq!(vladivostok, ["2026-03-09 10:00 send sms: news", "2026-03-16 10:00 send sms: news"]);
}

#[test]
fn a_campaign_reaches_everybody_once_on_their_own_clock() {
    let funnel = r#"
        segment buyers = any(purchase)
        on 2026-03-29 10:00 for buyers -> send sms "sale"
        on 2026-03-29 at 11:00 where client.city is missing -> tag "all""#;
    let bought = purchase("p1", "03-02T12:00", "5");
    let after = visit("v1", "05-01T12:00");
    let sale =
        |time: &str, all: &str| [format!("2026-03-29 {time} send sms: sale"), format!("2026-03-29 {all} tag all")];
    assert_eq!(results(funnel, &[bought.clone(), after.clone()]), sale("10:00", "11:00"));
    // Nothing happens before the moment or after it, and the log may end before it.
    assert_eq!(results(funnel, std::slice::from_ref(&bought)), sale("10:00", "11:00"));
    // The morning on which clocks go forward.
    let berlin = results_in("Europe/Berlin", funnel, std::slice::from_ref(&bought));
    assert_eq!(berlin, sale("10:00", "11:00"));
    // A client who moves to another zone on that day is not greeted twice.
    let zone = |name: &str, time: &str| event_at("client", time).data(json!({"timezone": name}));
    let moved = [bought.clone(), zone("Asia/Tokyo", "03-02T13:00"), zone("America/New_York", "03-29T05:00")];
    assert_eq!(results_in("Europe/Berlin", funnel, &moved).len(), 2);
    let always = format!("funnel f {{ enter always {} }}", funnel.lines().nth(2).unwrap());
    let always = format!("segment buyers = any(purchase)\n{always}");
    assert_eq!(results_in("Europe/Berlin", &always, &moved).len(), 1);
    // Who buys afterwards is too late.
    let late = [purchase("p2", "03-29T10:01", "5")];
    assert_eq!(results(funnel, &late), ["2026-03-29 11:00 tag all"]);
}

#[test]
fn a_recurrence_rule_starts_runs() {
    let funnel =
        r#"every "RRULE:FREQ=MONTHLY;BYDAY=1MO;BYHOUR=10;BYMINUTE=0;BYSECOND=0" -> send sms "the first monday""#;
    assert_eq!(
        results(funnel, &[visit("v1", "05-05T11:00")]),
        [
            "2026-03-02 10:00 send sms: the first monday",
            "2026-04-06 10:00 send sms: the first monday",
            "2026-05-04 10:00 send sms: the first monday"
        ]
    );
}

#[test]
fn history_expressions_have_their_values() {
    let funnel = |condition: &str| format!(r#"on form -> if {condition} {{ tag "yes" }} else {{ tag "no" }}"#);
    let events = [
        purchase("p1", "03-02T10:00", "600"),
        purchase("p2", "03-03T10:00", "200"),
        event_at("purchase", "03-03T11:00").data(json!({"id": "p2", "status": "paid"})),
        visit("v1", "03-04T10:00"),
        form("03-20T12:00"),
    ];
    let yes = |condition: &str| {
        let lines = results(&funnel(condition), &events);
        assert_eq!(lines.len(), 1, "{condition}");
        lines[0].ends_with("yes")
    };
    for holds in [
        "any(visit)",
        "none(booking)",
        "count(purchase) == 2",
        "count(purchase where status == \"paid\") == 1",
        "count(purchase in last 18d) == 1",
        "sum(purchase.amount) == 800 RUB",
        "sum(purchase.amount in last 1d) == 0 RUB",
        "avg(purchase.amount) == 400 RUB",
        "min(purchase.amount) == 200 RUB",
        "max(purchase.amount) == 600 RUB",
        "first(purchase.id) == \"p1\"",
        "last(purchase.id) == \"p2\"",
        "last(visit).at < now - 14d",
        "count(form) == 1",
    ] {
        assert!(yes(holds), "{holds}");
    }
    for fails in ["last(booking).at < now", "avg(purchase.amount in last 1d) >= 0 RUB", "any(purchase in last 16d)"] {
        assert!(!yes(fails), "{fails}");
    }
}

#[test]
fn a_wait_until_a_moment_of_the_history_moves_with_new_events() {
    let funnel = r#"
        on form -> if last(visit).at is known { wait until last(visit).at + 10d } else { tag "never came" } -> tag "ten days after""#;
    let ask = form("03-03T10:00");
    let lines = results(funnel, &[visit("v1", "03-02T10:00"), ask.clone(), visit("v2", "03-05T10:00")]);
    assert_eq!(lines, ["2026-03-15 10:00 tag ten days after"]);
    assert_eq!(results(funnel, &[ask]), ["2026-03-03 10:00 tag never came", "2026-03-03 10:00 tag ten days after"]);
}

#[test]
fn a_changed_record_counts_with_its_current_values() {
    let funnel = r#"on form -> if count(booking where attended) == 1 { tag "once" } else { tag "else" }"#;
    let booked = event_at("booking", "03-02T10:00").data(json!({"id": "b1", "starts_at": "2026-03-05T12:00:00Z"}));
    let attended = event_at("booking", "03-06T10:00").data(json!({"id": "b1", "attended": true}));
    let lines = results(funnel, &[booked, form("03-03T10:00"), attended, form("03-07T10:00")]);
    assert_eq!(lines, ["2026-03-03 10:00 tag else", "2026-03-07 10:00 tag once"]);
}
