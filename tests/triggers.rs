//! What starts runs beside one event: several events, the client, segments, silences, dates, schedules; and questions
//! about the past, which segments are made of. Told as stories.

use super::support::story::Story;

const ANNA: &str =
    r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:00Z","data":{"name":"Anna","phone":"+79990000000"}}"#;

fn event(kind: &str, at: &str, data: &str) -> String {
    format!(r#"{{"type":"{kind}","client":"c1","at":"2026-{at}:00Z","data":{{{data}}}}}"#)
}

fn visit(id: &str, at: &str) -> String {
    event("visit", at, &format!(r#""id":"{id}""#))
}

fn bought(id: &str, at: &str, amount: &str) -> String {
    event("purchase", at, &format!(r#""id":"{id}","amount":"{amount} RUB""#))
}

/// What left and what was done, without entries and exits.
fn done_in(zone: &str, funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let moved = |line: &String| !line.contains(" enter") && !line.contains(" exit ");
    let lines = Story::new(zone, funnel).results(&events);
    lines.into_iter().filter(moved).map(|line| line.replace(" +79990000000", "")).collect()
}

fn done(funnel: &str, events: &[String]) -> Vec<String> {
    done_in("UTC", funnel, events)
}

#[test]
fn either_of_two_events_starts_a_run_and_fields_that_both_have_are_known() {
    let funnel = r#"on booking or visit as it where service == "spa" -> send sms "{{ it.id }} {{ service }}""#;
    let booked = event("booking", "03-02T10:00", r#""id":"b1","service":"spa","starts_at":"2026-03-05T12:00:00Z""#);
    let came = event("visit", "03-03T10:00", r#""id":"v1","service":"spa""#);
    let other = event("visit", "03-04T10:00", r#""id":"v2","service":"nails""#);
    assert_eq!(
        done(funnel, &[booked, came, other]),
        ["2026-03-02 10:00 send sms: b1 spa", "2026-03-03 10:00 send sms: v1 spa"]
    );
}

#[test]
fn a_client_is_registered_once_and_changes_after_that() {
    let funnel = r#"
        funnel hello { on client -> send sms "hello" }
        funnel city { on client.city where client.city == "Omsk" -> send sms "how is {{ client.city }}?" }
        funnel any { on client.updated -> tag "changed" }"#;
    let again = r#"{"type":"client","client":"c1","at":"2026-03-02T00:00:00Z","data":{"city":"Omsk"}}"#.to_owned();
    assert_eq!(
        done(funnel, &[again.clone(), again]),
        ["2026-03-01 00:00 send sms: hello", "2026-03-02 00:00 send sms: how is Omsk?", "2026-03-02 00:00 tag changed"]
    );
}

#[test]
fn a_field_that_a_funnel_sets_is_a_change_too() {
    let funnel = r#"
        funnel moves { on visit -> set client.city = "Berlin" -> tag "moved" }
        funnel city { on client.city -> send sms "welcome to {{ client.city | default("town") }}" }
        funnel leaves { exit on client.updated  on visit -> wait 5d -> send sms "late" }"#;
    let lines = done(funnel, &[visit("v1", "03-02T10:00"), visit("v2", "03-03T10:00")]);
    let left = |line: &&String| line.contains("send");
    assert_eq!(
        lines.iter().filter(left).collect::<Vec<_>>(),
        [
            "2026-03-02 10:00 send sms: welcome to Berlin",
            "2026-03-07 10:00 send sms: late",
            "2026-03-08 10:00 send sms: late"
        ]
    );
}

#[test]
fn clients_who_are_read_in_from_elsewhere_do_not_register() {
    let hello = r#"on client -> send sms "hello""#;
    let told = |created_at: &str| {
        let event = format!(
            r#"{{"type":"client","client":"c2","at":"2026-03-05T10:00:00Z","data":{{"phone":"+79990000001","created_at":"{created_at}"}}}}"#
        );
        Story::new("UTC", hello).results(&[&event]).len()
    };
    assert_eq!(told("2025-01-01T00:00:00Z"), 0);
    assert_eq!(told("2026-03-05T09:59:00Z"), 3, "a run, a message, an end");
}

#[test]
fn a_segment_is_entered_and_left_by_what_happens() {
    let funnel = r#"
        segment vip = sum(purchase.amount) >= 1000 RUB
        funnel in { on entering vip -> send sms "welcome" }
        funnel out { on leaving vip -> send sms "bye" }"#;
    let refund = event("purchase", "03-04T10:00", r#""id":"p2","amount":"0 RUB""#);
    let events = [bought("p1", "03-02T10:00", "600"), bought("p2", "03-03T10:00", "400"), refund];
    assert_eq!(done(funnel, &events), ["2026-03-03 10:00 send sms: welcome", "2026-03-04 10:00 send sms: bye"]);
}

#[test]
fn time_alone_leads_out_of_a_segment() {
    let funnel = r#"
        segment regular = count(visit in last 10d) >= 2
        on leaving regular -> send sms "we miss you""#;
    let events = [visit("v1", "03-02T10:00"), visit("v2", "03-05T11:00"), visit("v3", "03-08T09:00")];
    // On the 15th only the visit of the 8th is younger than ten days.
    assert_eq!(done(funnel, &events), ["2026-03-15 11:00 send sms: we miss you"]);
}

#[test]
fn a_segment_that_reads_the_clock_is_entered_on_time() {
    let funnel = r#"
        segment settled = client.created_at is known and client.created_at <= now - 30d
        on entering settled -> send sms "a month with us""#;
    assert_eq!(done(funnel, &[]), ["2026-03-31 00:00 send sms: a month with us"]);
}

#[test]
fn silence_is_counted_from_the_last_event_and_comes_once() {
    let funnel =
        r#"on no visit for 60d where client.name is known -> send sms "we have not seen you since {{ visit.id }}""#;
    let events = [visit("v1", "03-02T10:00"), visit("v2", "04-20T10:00")];
    assert_eq!(done(funnel, &events), ["2026-06-19 10:00 send sms: we have not seen you since v2"]);
    // One who never came is not silent.
    assert_eq!(done(funnel, &[bought("p1", "03-02T10:00", "5")]), Vec::<String>::new());
}

#[test]
fn silence_that_was_over_before_it_was_known_is_not_noticed() {
    let funnel = r#"on no visit for 60d -> send sms "we miss you""#;
    let late = event("visit", "01-02T10:00", r#""id":"v0""#);
    assert_eq!(done(funnel, &[visit("v9", "06-01T10:00"), late.clone()]), ["2026-07-31 10:00 send sms: we miss you"]);
    let only_late = event("purchase", "06-01T10:00", r#""id":"p1","amount":"5 RUB""#);
    assert_eq!(done(funnel, &[only_late, late]), Vec::<String>::new());
}

#[test]
fn a_birthday_comes_every_year_in_the_clients_zone() {
    let funnel = r#"on client.birthday - 7d at 10:00 -> send sms "a week to go""#;
    let born = r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:00Z","data":{"birthday":"1990-03-20","timezone":"Asia/Vladivostok"}}"#;
    let last = visit("v1", "03-12T23:59");
    assert_eq!(
        done(funnel, &[born.to_owned(), last]),
        Vec::<String>::new(),
        "nothing comes round after the last event"
    );
    let years = event("visit", "04-01T00:00", r#""id":"v1""#).replace("2026", "2028");
    assert_eq!(
        done(funnel, &[born.to_owned(), years.clone()]),
        [
            "2026-03-13 10:00 send sms: a week to go",
            "2027-03-13 10:00 send sms: a week to go",
            "2028-03-13 10:00 send sms: a week to go"
        ]
    );
    // It moves when the date is told anew.
    let moved = born.replace("1990-03-20", "1990-06-20").replace("2026-03-01", "2026-03-02");
    assert_eq!(done(funnel, &[born.to_owned(), moved, years])[0], "2026-06-13 10:00 send sms: a week to go");
}

#[test]
fn a_schedule_starts_a_run_for_everyone_in_its_segment() {
    let funnel = r#"
        segment buyers = any(purchase)
        every monday 10:00 for buyers -> send sms "news""#;
    // 2 March 2026 is a Monday; at ten nobody has bought anything.
    let events = [bought("p1", "03-02T12:00", "5"), visit("v1", "03-16T11:00")];
    assert_eq!(done(funnel, &events), ["2026-03-09 10:00 send sms: news", "2026-03-16 10:00 send sms: news"]);
    let vladivostok = done_in("Asia/Vladivostok", funnel, &events);
    assert_eq!(vladivostok, ["2026-03-09 10:00 send sms: news", "2026-03-16 10:00 send sms: news"]);
}

#[test]
fn a_rule_of_the_calendar_starts_runs() {
    let funnel =
        r#"every "RRULE:FREQ=MONTHLY;BYDAY=1MO;BYHOUR=10;BYMINUTE=0;BYSECOND=0" -> send sms "the first monday""#;
    assert_eq!(
        done(funnel, &[visit("v1", "05-05T11:00")]),
        [
            "2026-03-02 10:00 send sms: the first monday",
            "2026-04-06 10:00 send sms: the first monday",
            "2026-05-04 10:00 send sms: the first monday"
        ]
    );
}

#[test]
fn the_past_answers_every_question() {
    let funnel = |condition: &str| format!(r#"on form -> if {condition} {{ tag "yes" }} else {{ tag "no" }}"#);
    let events = [
        bought("p1", "03-02T10:00", "600"),
        bought("p2", "03-03T10:00", "200"),
        event("purchase", "03-03T11:00", r#""id":"p2","status":"paid""#),
        visit("v1", "03-04T10:00"),
        event("form", "03-20T12:00", r#""name":"ask""#),
    ];
    let yes = |condition: &str| {
        let lines = done(&funnel(condition), &events);
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
fn a_wait_for_a_moment_of_the_past_moves_when_more_happens() {
    let funnel = r#"
        on form -> if last(visit).at is known { wait until last(visit).at + 10d } else { tag "never came" } -> tag "ten days after""#;
    let ask = event("form", "03-03T10:00", r#""name":"ask""#);
    let lines = done(funnel, &[visit("v1", "03-02T10:00"), ask.clone(), visit("v2", "03-05T10:00")]);
    assert_eq!(lines, ["2026-03-15 10:00 tag ten days after"]);
    assert_eq!(done(funnel, &[ask]), ["2026-03-03 10:00 tag never came", "2026-03-03 10:00 tag ten days after"]);
}

#[test]
fn a_record_that_changes_counts_as_it_is_now() {
    let funnel = r#"on form -> if count(booking where attended) == 1 { tag "once" } else { tag "else" }"#;
    let booked =
        |data: &str| event("booking", "03-02T10:00", &format!(r#""id":"b1","starts_at":"2026-03-05T12:00:00Z"{data}"#));
    let ask = |at: &str| event("form", at, r#""name":"ask""#);
    let lines = done(
        funnel,
        &[
            booked(""),
            ask("03-03T10:00"),
            event("booking", "03-06T10:00", r#""id":"b1","attended":true"#),
            ask("03-07T10:00"),
        ],
    );
    assert_eq!(lines, ["2026-03-03 10:00 tag else", "2026-03-07 10:00 tag once"]);
}
