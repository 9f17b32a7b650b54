//! What holds for a whole funnel, told as stories: limits, goals and consent.

use super::support::story::Story;

const ANNA: &str = r#"{"type":"client","id":"e0","client":"c1","at":"2026-03-01T00:00:00Z","data":{"name":"Anna","phone":"+79990000000","email":"anna@example.com","consent":["sms"]}}"#;

fn event(kind: &str, at: &str, data: &str) -> String {
    format!(r#"{{"type":"{kind}","client":"c1","at":"2026-03-{at}:00Z","data":{{{data}}}}}"#)
}

fn visit(id: &str, at: &str) -> String {
    event("visit", at, &format!(r#""id":"{id}""#))
}

fn story(funnel: &str) -> Story {
    Story::new("UTC", funnel)
}

/// What left and what was done, without entries and exits.
fn done_by(story: &Story, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let moved = |line: &String| !line.contains(" enter") && !line.contains(" exit ");
    let lines = story.results(&events);
    lines.into_iter().filter(moved).map(|line| line.replace(" +79990000000", "")).collect()
}

fn done(funnel: &str, events: &[String]) -> Vec<String> {
    done_by(&story(funnel), events)
}

#[test]
fn a_reached_limit_skips_and_says_so() {
    let funnel = r#"funnel f { limit 2 sms per 7d else skip  on visit -> send sms "{{ id }}" else { tag "quiet" } }"#;
    let events = [visit("v1", "02T10:00"), visit("v2", "03T10:00"), visit("v3", "04T10:00"), visit("v4", "09T10:00")];
    assert_eq!(
        done(funnel, &events),
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
fn a_reached_limit_defers_until_there_is_room() {
    let funnel = |up_to: &str| {
        format!(r#"funnel f {{ limit 1 sms per 7d else defer up to {up_to}  on visit -> send sms "{{{{ id }}}}" }}"#)
    };
    let events = [visit("v1", "02T10:00"), visit("v2", "03T10:00"), visit("v3", "04T10:00")];
    assert_eq!(
        done(&funnel("10d"), &events),
        [
            "2026-03-02 10:00 send sms: v1",
            "2026-03-04 10:00 not sent sms: limit of 1 sms per 7d, and no room within 10d",
            "2026-03-09 10:00 send sms: v2"
        ],
        "two wait for one place: the second would wait longer than it may"
    );
    assert_eq!(
        done(&funnel("2d"), &events[..2])[1],
        "2026-03-03 10:00 not sent sms: limit of 1 sms per 7d, and no room within 2d"
    );
}

#[test]
fn who_waits_longest_for_room_goes_first_and_no_room_is_wasted() {
    let funnel = r#"funnel f { limit 1 sms per 1d else defer up to 3d  on visit -> send sms "{{ id }}" }"#;
    let events: Vec<String> = (1..=5).map(|n| visit(&format!("v{n}"), &format!("02T{:02}:00", 7 + n))).collect();
    assert_eq!(
        done(funnel, &events),
        [
            "2026-03-02 08:00 send sms: v1",
            "2026-03-02 12:00 not sent sms: limit of 1 sms per 1d, and no room within 3d",
            "2026-03-03 08:00 send sms: v2",
            "2026-03-04 08:00 send sms: v3",
            "2026-03-05 08:00 send sms: v4"
        ]
    );
    let two = funnel.replace("limit 1", "limit 2");
    let at = |n: usize| done(&two, &events)[n].clone();
    assert_eq!(
        (at(2), at(3)),
        ("2026-03-03 08:00 send sms: v3".to_owned(), "2026-03-03 09:00 send sms: v4".to_owned())
    );
}

#[test]
fn a_deferred_message_still_keeps_to_the_hours_and_nothing_overtakes_it() {
    let funnel = r#"funnel f { hours 09:00..21:00  limit 1 sms per 12h else defer up to 3d
        on visit -> send sms "{{ id }}" -> tag "{{ id }}" }"#;
    let events = [visit("v1", "02T12:00"), visit("v2", "02T13:00")];
    assert_eq!(
        done(funnel, &events),
        [
            "2026-03-02 12:00 send sms: v1",
            "2026-03-02 12:00 tag v1",
            "2026-03-03 09:00 send sms: v2",
            "2026-03-03 09:00 tag v2"
        ]
    );
}

#[test]
fn limits_count_a_funnel_and_a_channel_by_itself() {
    let funnel = r#"
        funnel a { limit 1 sms per 7d  on visit -> send sms "a" -> send email { subject: "s" text: "t" } }
        funnel b { limit 1 messages per 7d  on visit -> send sms "b" -> send email { subject: "s" text: "t" } }"#;
    assert_eq!(
        done(funnel, &[visit("v1", "02T10:00")]),
        [
            "2026-03-02 10:00 send sms: a",
            "2026-03-02 10:00 send email anna@example.com: s / t",
            "2026-03-02 10:00 send sms: b",
            "2026-03-02 10:00 not sent email: limit of 1 messages per 7d"
        ]
    );
}

#[test]
fn a_limit_of_the_project_counts_the_marketing_of_every_funnel() {
    let funnel = r#"
        funnel a { purpose marketing  on visit -> send sms "a" }
        funnel b { purpose marketing  on visit -> send sms "b" }
        funnel c { on visit -> send sms "c" }"#;
    let story = story(funnel).limited("1 sms per 7d");
    assert_eq!(
        done_by(&story, &[visit("v1", "02T10:00")]),
        [
            "2026-03-02 10:00 send sms: a",
            "2026-03-02 10:00 not sent sms: limit of 1 sms per 7d",
            "2026-03-02 10:00 send sms: c"
        ],
        "a service message is never held back by it"
    );
}

#[test]
fn a_goal_is_reached_once_in_its_time_also_after_the_run() {
    let funnel = r#"funnel f { goal on purchase where purchase.items is missing within 14d worth purchase.amount
        on visit -> send sms "come again" }"#;
    let bought =
        |id: &str, at: &str, more: &str| event("purchase", at, &format!(r#""id":"{id}","amount":"500 RUB"{more}"#));
    let goal =
        |events: &[String]| done(funnel, events).into_iter().filter(|line| line.contains("goal")).collect::<Vec<_>>();
    let first = visit("v1", "02T10:00");
    assert_eq!(
        goal(&[
            first.clone(),
            bought("p0", "03T10:00", r#","items":["soap"]"#),
            bought("p1", "04T10:00", ""),
            bought("p2", "05T10:00", "")
        ]),
        [r#"2026-03-04 10:00 goal purchase worth "500 RUB""#]
    );
    assert_eq!(goal(&[first.clone(), bought("p1", "16T10:00", "")]).len(), 1, "the last instant still counts");
    assert_eq!(goal(&[first, bought("p1", "17T10:00", "")]), Vec::<String>::new());
}

#[test]
fn a_goal_without_a_time_counts_while_the_run_lasts() {
    let funnel = r#"funnel f { goal on purchase  exit on purchase  on visit -> wait 3d -> send sms "come again" }"#;
    let bought = |at: &str| event("purchase", at, r#""id":"p1","amount":"500 RUB""#);
    assert_eq!(done(funnel, &[visit("v1", "02T10:00"), bought("04T10:00")]), ["2026-03-04 10:00 goal purchase"]);
    let late = done(funnel, &[visit("v1", "02T10:00"), bought("06T10:00")]);
    assert_eq!(late, ["2026-03-05 10:00 send sms: come again"]);
}

#[test]
fn consent_is_asked_when_the_message_leaves_and_its_entry_is_named() {
    let funnel = r#"funnel f { purpose marketing news  on visit -> wait 1d -> send email { subject: "s" text: "t" } }"#;
    let agreed =
        event("subscription", "01T12:00", r#""channel":"email","topic":"news","text":"yes, news","source":"site""#);
    let taken_back = event("unsubscribed", "04T12:00", r#""channel":"email""#);
    let events = [visit("v0", "01T10:00"), agreed, visit("v1", "02T10:00"), visit("v2", "04T10:00"), taken_back];
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
fn what_was_said_last_counts_for_a_topic_and_for_all() {
    let funnel = r#"funnel f { purpose marketing news  on visit -> send sms "news" }"#;
    let no_more = event("unsubscribed", "02T10:00", "");
    let again = event("subscription", "03T10:00", r#""channel":"sms","topic":"news""#);
    let other = event("unsubscribed", "04T10:00", r#""channel":"sms","topic":"birthday""#);
    let ask = |events: &[String]| done(funnel, events).pop().unwrap_or_default();
    assert_eq!(ask(&[visit("v1", "05T10:00")]), "2026-03-05 10:00 send sms: news", "the whole channel was agreed to");
    assert_eq!(ask(&[no_more.clone(), visit("v1", "05T10:00")]), "2026-03-05 10:00 not sent sms: no consent");
    let back = [no_more, again, other, visit("v1", "05T10:00")];
    assert_eq!(ask(&back), "2026-03-05 10:00 send sms: news");
    // A list told by the client's own event that leaves the channel out takes it back.
    let told = r#"{"type":"client","client":"c1","at":"2026-03-04T00:00:00Z","data":{"consent":["email"]}}"#.to_owned();
    assert_eq!(ask(&[told, visit("v1", "05T10:00")]), "2026-03-05 10:00 not sent sms: no consent");
}

#[test]
fn a_run_is_left_and_waits_for_what_happens_to_the_client() {
    let funnel = r#"funnel f { exit on client.city
        on visit -> wait for client.phone up to 5d { send sms "new number" } else { send sms "same number" } }"#;
    let told = |at: &str, data: &str| {
        format!(r#"{{"type":"client","client":"c1","at":"2026-03-{at}:00Z","data":{{{data}}}}}"#)
    };
    let number = told("04T10:00", r#""phone":"+79990000001""#);
    assert_eq!(
        done(funnel, &[visit("v1", "02T10:00"), number]),
        ["2026-03-04 10:00 send sms +79990000001: new number"]
    );
    assert_eq!(done(funnel, &[visit("v1", "02T10:00"), told("03T10:00", r#""city":"Omsk""#)]), Vec::<String>::new());
    assert_eq!(done(funnel, &[visit("v1", "02T10:00")]), ["2026-03-07 10:00 send sms: same number"]);
}
