//! Settings of a whole funnel, as stories: limits, goals and consent.

use super::support::event::{Event, event};
use super::support::story::Story;
use serde_json::json;

const ANNA: &str = r#"{"type":"client","id":"e0","client":"c1","at":"2026-03-01T00:00:00Z","data":{"name":"Anna","phone":"+79990000000","email":"anna@example.com","consent":["sms"]}}"#;

/// An event in March 2026, at a day and a time such as `02T10:00`.
fn event_at(kind: &str, time: &str) -> Event {
    event(kind).at(&format!("2026-03-{time}:00Z"))
}

fn visit(id: &str, time: &str) -> String {
    event_at("visit", time).data(json!({"id": id}))
}

fn story(funnel: &str) -> Story {
    Story::new("UTC", funnel)
}

/// The results of a story, without entries and exits.
fn results_of(story: &Story, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let is_result = |line: &String| !line.contains(" enter") && !line.contains(" exit ");
    let lines = story.results(&events);
    lines.into_iter().filter(is_result).map(|line| line.replace(" +79990000000", "")).collect()
}

fn results(funnel: &str, events: &[String]) -> Vec<String> {
    results_of(&story(funnel), events)
}

#[test]
fn a_reached_limit_skips_the_message_with_a_reason() {
    let funnel = r#"funnel f { limit 2 sms per 7d else skip  on visit -> send sms "{{ id }}" else { tag "quiet" } }"#;
    let events = [visit("v1", "02T10:00"), visit("v2", "03T10:00"), visit("v3", "04T10:00"), visit("v4", "09T10:00")];
    assert_eq!(
        results(funnel, &events),
        [
            "2026-03-02 10:00 send sms: v1",
            "2026-03-03 10:00 send sms: v2",
            "2026-03-04 10:00 not sent sms: limit of 2 sms per 7d",
            "2026-03-04 10:00 tag quiet",
            "2026-03-09 10:00 send sms: v4"
        ],
        "on the ninth the first message is seven days old"
    );
}

#[test]
fn a_reached_limit_defers_the_message_until_there_is_room() {
    let funnel = |up_to: &str| {
        format!(r#"funnel f {{ limit 1 sms per 7d else defer up to {up_to}  on visit -> send sms "{{{{ id }}}}" }}"#)
    };
    let events = [visit("v1", "02T10:00"), visit("v2", "03T10:00"), visit("v3", "04T10:00")];
    assert_eq!(
        results(&funnel("10d"), &events),
        [
            "2026-03-02 10:00 send sms: v1",
            "2026-03-04 10:00 not sent sms: limit of 1 sms per 7d, no free slot within 10d",
            "2026-03-09 10:00 send sms: v2"
        ],
        "two messages wait for one slot, and the second one would wait too long"
    );
    assert_eq!(
        results(&funnel("2d"), &events[..2])[1],
        "2026-03-03 10:00 not sent sms: limit of 1 sms per 7d, no free slot within 2d"
    );
}

#[test]
fn deferred_messages_are_sent_in_order_and_use_every_slot() {
    let funnel = r#"funnel f { limit 1 sms per 1d else defer up to 3d  on visit -> send sms "{{ id }}" }"#;
    let events: Vec<String> = (1..=5).map(|n| visit(&format!("v{n}"), &format!("02T{:02}:00", 7 + n))).collect();
    assert_eq!(
        results(funnel, &events),
        [
            "2026-03-02 08:00 send sms: v1",
            "2026-03-02 12:00 not sent sms: limit of 1 sms per 1d, no free slot within 3d",
            "2026-03-03 08:00 send sms: v2",
            "2026-03-04 08:00 send sms: v3",
            "2026-03-05 08:00 send sms: v4"
        ]
    );
    let two = funnel.replace("limit 1", "limit 2");
    let at = |n: usize| results(&two, &events)[n].clone();
    assert_eq!(
        (at(2), at(3)),
        ("2026-03-03 08:00 send sms: v3".to_owned(), "2026-03-03 09:00 send sms: v4".to_owned())
    );
}

#[test]
fn a_deferred_message_respects_the_hours_and_is_not_overtaken() {
    let funnel = r#"funnel f { hours 09:00..21:00  limit 1 sms per 12h else defer up to 3d
        on visit -> send sms "{{ id }}" -> tag "{{ id }}" }"#;
    let events = [visit("v1", "02T12:00"), visit("v2", "02T13:00")];
    assert_eq!(
        results(funnel, &events),
        [
            "2026-03-02 12:00 send sms: v1",
            "2026-03-02 12:00 tag v1",
            "2026-03-03 09:00 send sms: v2",
            "2026-03-03 09:00 tag v2"
        ]
    );
}

#[test]
fn limits_count_each_funnel_and_channel_separately() {
    let funnel = r#"
        funnel a { limit 1 sms per 7d  on visit -> send sms "a" -> send email { subject: "s" text: "t" } }
        funnel b { limit 1 messages per 7d  on visit -> send sms "b" -> send email { subject: "s" text: "t" } }"#;
    assert_eq!(
        results(funnel, &[visit("v1", "02T10:00")]),
        [
            "2026-03-02 10:00 send sms: a",
            "2026-03-02 10:00 send email anna@example.com: s / t",
            "2026-03-02 10:00 send sms: b",
            "2026-03-02 10:00 not sent email: limit of 1 messages per 7d"
        ]
    );
}

#[test]
fn a_project_limit_counts_the_marketing_messages_of_every_funnel() {
    let funnel = r#"
        funnel a { purpose marketing  on visit -> send sms "a" }
        funnel b { purpose marketing  on visit -> send sms "b" }
        funnel c { on visit -> send sms "c" }"#;
    let story = story(funnel).limited("1 sms per 7d");
    assert_eq!(
        results_of(&story, &[visit("v1", "02T10:00")]),
        [
            "2026-03-02 10:00 send sms: a",
            "2026-03-02 10:00 not sent sms: limit of 1 sms per 7d",
            "2026-03-02 10:00 send sms: c"
        ],
        "it never holds back a service message"
    );
}

#[test]
fn a_goal_is_reached_once_within_its_time_even_after_the_run() {
    let funnel = r#"funnel f { goal on purchase where purchase.items is missing within 14d worth purchase.amount
        on visit -> send sms "come again" }"#;
    let bought = |id: &str, time: &str| event_at("purchase", time).data(json!({"id": id, "amount": "500 RUB"}));
    let soap = event_at("purchase", "03T10:00").data(json!({"id": "p0", "amount": "500 RUB", "items": ["soap"]}));
    let goal = |events: &[String]| {
        results(funnel, events).into_iter().filter(|line| line.contains("goal")).collect::<Vec<_>>()
    };
    let first = visit("v1", "02T10:00");
    assert_eq!(
        goal(&[first.clone(), soap, bought("p1", "04T10:00"), bought("p2", "05T10:00")]),
        [r#"2026-03-04 10:00 goal purchase worth "500 RUB""#]
    );
    assert_eq!(goal(&[first.clone(), bought("p1", "16T10:00")]).len(), 1, "the last instant still counts");
    assert_eq!(goal(&[first, bought("p1", "17T10:00")]), Vec::<String>::new());
}

#[test]
fn a_goal_without_a_time_counts_during_the_run() {
    let funnel = r#"funnel f { goal on purchase  exit on purchase  on visit -> wait 3d -> send sms "come again" }"#;
    let bought = |time: &str| event_at("purchase", time).data(json!({"id": "p1", "amount": "500 RUB"}));
    assert_eq!(results(funnel, &[visit("v1", "02T10:00"), bought("04T10:00")]), ["2026-03-04 10:00 goal purchase"]);
    let late = results(funnel, &[visit("v1", "02T10:00"), bought("06T10:00")]);
    assert_eq!(late, ["2026-03-05 10:00 send sms: come again"]);
}

#[test]
fn consent_is_checked_at_sending_time_and_its_entry_is_recorded() {
    let funnel = r#"funnel f { purpose marketing news  on visit -> wait 1d -> send email { subject: "s" text: "t" } }"#;
    let subscribed = event_at("subscription", "01T12:00")
        .data(json!({"channel": "email", "topic": "news", "text": "yes, news", "source": "site"}));
    let unsubscribed = event_at("unsubscribed", "04T12:00").data(json!({"channel": "email"}));
    let events = [visit("v0", "01T10:00"), subscribed, visit("v1", "02T10:00"), visit("v2", "04T10:00"), unsubscribed];
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let lines = story(funnel).lines(&events);
    let sent: Vec<_> = lines
        .iter()
        .filter_map(|line| match &line.kind {
            funnelc::engine::LineKind::Send { evidence, .. } => Some(evidence.clone()),
            funnelc::engine::LineKind::NotSent { reason, .. } => Some(Some(reason.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(sent.len(), 3);
    assert!(sent[0].as_ref().is_some_and(|id| id.starts_with("consent-")), "{sent:?}");
    assert_eq!(sent[0], sent[1], "one entry allows both");
    assert_eq!(sent[2].as_deref(), Some("no consent"));
}

#[test]
fn the_latest_consent_counts_for_a_topic_and_for_a_channel() {
    let funnel = r#"funnel f { purpose marketing news  on visit -> send sms "news" }
        funnel g { purpose marketing birthday  on order -> send sms "birthday" }"#;
    let unsubscribed = event_at("unsubscribed", "02T10:00").data(json!({}));
    let again = event_at("subscription", "03T10:00").data(json!({"channel": "sms", "topic": "news"}));
    let other = event_at("unsubscribed", "04T10:00").data(json!({"channel": "sms", "topic": "birthday"}));
    let last = |events: &[String]| results(funnel, events).pop().unwrap_or_default();
    assert_eq!(last(&[visit("v1", "05T10:00")]), "2026-03-05 10:00 send sms: news", "the whole channel was agreed to");
    assert_eq!(last(&[unsubscribed.clone(), visit("v1", "05T10:00")]), "2026-03-05 10:00 not sent sms: no consent");
    let back = [unsubscribed, again, other, visit("v1", "05T10:00")];
    assert_eq!(last(&back), "2026-03-05 10:00 send sms: news");
    // A consent list in a client event withdraws the channels that it omits.
    let only_email = event_at("client", "04T00:00").data(json!({"consent": ["email"]}));
    assert_eq!(last(&[only_email, visit("v1", "05T10:00")]), "2026-03-05 10:00 not sent sms: no consent");
}

#[test]
fn exits_and_waits_react_to_changes_of_the_client() {
    let funnel = r#"funnel f { exit on client.city
        on visit -> wait for client.phone up to 5d { send sms "new number" } else { send sms "same number" } }"#;
    let number = event_at("client", "04T10:00").data(json!({"phone": "+79990000001"}));
    let city = event_at("client", "03T10:00").data(json!({"city": "Omsk"}));
    assert_eq!(
        results(funnel, &[visit("v1", "02T10:00"), number]),
        ["2026-03-04 10:00 send sms +79990000001: new number"]
    );
    assert_eq!(results(funnel, &[visit("v1", "02T10:00"), city]), Vec::<String>::new());
    assert_eq!(results(funnel, &[visit("v1", "02T10:00")]), ["2026-03-07 10:00 send sms: same number"]);
}
