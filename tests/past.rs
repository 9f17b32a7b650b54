//! Questions about the past are answered by the records as they are when the question is asked, the clock included.

mod replay;

use super::check::yields;
use super::support::event::event;
use super::support::program::{package, run_funnelc};
use super::support::story::Story;
use serde_json::json;

const ANNA: &str = r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:00Z","data":{"phone":"+79990000000"}}"#;

/// A booking in March 2026: when the event happens and when the booking starts, such as `05T11:00`.
fn booking(id: &str, at: &str, starts_at: &str) -> String {
    change(id, at, json!({"starts_at": format!("2026-03-{starts_at}:00Z")}))
}

fn change(id: &str, at: &str, mut data: serde_json::Value) -> String {
    data["id"] = json!(id);
    event("booking").at(&format!("2026-03-{at}:00Z")).data(data)
}

fn visit(id: &str, at: &str) -> String {
    event("visit").at(&format!("2026-03-{at}:00Z")).data(json!({"id": id}))
}

fn results(funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let is_action = |line: &String| !line.ends_with(" enter") && !line.contains(" exit ");
    let lines = Story::new("UTC", funnel).results(&events);
    lines.into_iter().filter(is_action).map(|line| line.replace(" +79990000000", "")).collect()
}

const AHEAD: &str = r#"
    on visit -> wait 2h -> if any(booking where starts_at > now and not cancelled) {
        tag "booked ahead"
      } else {
        send sms "Shall we book the next visit?"
      }"#;

#[test]
fn a_booking_that_has_begun_is_not_ahead() {
    let file = |name: &str| package(&format!("tests/cases/no-booking-ahead/{name}")).display().to_string();
    let store = std::env::temp_dir().join(format!("no-booking-ahead-{}.db", std::process::id())).display().to_string();
    let (funnel, events) = (file("a.funnel"), file("e.ndjson"));
    let simulated = run_funnelc(["simulate", &funnel, "--events", &events, "--format", "json"]);
    let ran =
        run_funnelc(["run", &funnel, "--events", &events, "--store", &store, "--fast-forward", "--format", "json"]);
    for found in [&simulated, &ran] {
        assert_eq!(found.code, Some(0), "{}", found.err);
        let sends: Vec<_> = found.out.lines().filter(|line| line.contains("Shall we book")).collect();
        assert!(sends.len() == 1 && sends[0].contains("2026-03-05T13:00:00+01:00"), "{}", found.out);
        assert!(!found.out.contains("booked ahead"), "{}", found.out);
    }
    let _ = std::fs::remove_file(store);
}

#[test]
fn a_booking_counts_as_it_is_when_the_question_is_asked() {
    let made = booking("b1", "01T10:00", "05T11:00");
    let came = visit("v1", "05T11:00");
    let asks = ["2026-03-05 13:00 send sms: Shall we book the next visit?"];
    let ahead = ["2026-03-05 13:00 tag booked ahead"];
    assert_eq!(results(AHEAD, &[made.clone(), came.clone()]), asks);
    // Another one is ahead, until it is cancelled, or moved into the past.
    let next = booking("b2", "05T11:30", "20T11:00");
    assert_eq!(results(AHEAD, &[made.clone(), came.clone(), next.clone()]), ahead);
    let cancelled = change("b2", "05T12:00", json!({"cancelled": true}));
    assert_eq!(results(AHEAD, &[made.clone(), came.clone(), next.clone(), cancelled]), asks);
    let moved = booking("b2", "05T12:00", "05T12:30");
    assert_eq!(results(AHEAD, &[made.clone(), came.clone(), next, moved]), asks);
    // The same booking is moved ahead.
    let moved = booking("b1", "05T12:00", "09T11:00");
    assert_eq!(results(AHEAD, &[made, came, moved]), ahead);
}

#[test]
fn every_function_and_a_text_read_the_clock() {
    let funnel = r#"
        on visit -> wait 2h
          -> tag "{{ count(booking where starts_at > now) }} of {{ count(booking) }}"
          -> tag "{{ last(booking.service where starts_at > now) | default("none") }}"
          -> tag "{{ min(booking.starts_at where starts_at > now) | default(now) | date }}"
          -> tag "{{ sum(booking.price where starts_at < today) | money }}""#;
    let priced = |id: &str, at: &str, starts_at: &str, price: &str| {
        let starts_at = format!("2026-03-{starts_at}:00Z");
        change(id, at, json!({"starts_at": starts_at, "service": id, "price": price}))
    };
    let events = [
        priced("b1", "01T10:00", "04T11:00", "10 RUB"),
        priced("b2", "01T11:00", "05T12:00", "20 RUB"),
        priced("b3", "01T12:00", "09T12:00", "40 RUB"),
        visit("v1", "05T11:00"),
    ];
    let tags: Vec<_> = results(funnel, &events).into_iter().map(|line| line.replace("2026-03-05 13:00 ", "")).collect();
    assert_eq!(tags[..3], ["tag 1 of 3", "tag b3", "tag 9 March 2026"]);
    assert_eq!(tags[3], "tag RUB 10");
}

#[test]
fn an_event_without_a_key_is_asked_about_with_the_clock_too() {
    let funnel = r#"
        event talk { starts_at: datetime }
        on visit -> if any(talk where starts_at > now) { tag "ahead" } else { tag "none" }"#;
    let talk = event("talk").at("2026-03-01T10:00:00Z").data(json!({"starts_at": "2026-03-05T11:00:00Z"}));
    let (before, after) = (visit("v1", "05T10:59"), visit("v2", "05T11:00"));
    assert_eq!(results(funnel, &[talk, before, after]), ["2026-03-05 10:59 tag ahead", "2026-03-05 11:00 tag none"]);
}

#[test]
fn a_segment_wakes_when_time_alone_changes_it() {
    let funnel = r#"
        segment booked = any(booking where starts_at > now and not cancelled)
        on entering booked -> tag "ahead"
        on leaving booked -> send sms "Shall we book the next visit?""#;
    let events = [booking("b1", "01T10:00", "20T11:30"), booking("b1", "10T10:00", "25T09:15")];
    assert_eq!(
        results(funnel, &events),
        ["2026-03-01 10:00 tag ahead", "2026-03-25 09:15 send sms: Shall we book the next visit?"]
    );
    let cancelled = change("b1", "12T10:00", json!({"cancelled": true}));
    assert_eq!(
        results(funnel, &[events[0].clone(), events[1].clone(), cancelled]),
        ["2026-03-01 10:00 tag ahead", "2026-03-12 10:00 send sms: Shall we book the next visit?"]
    );
}

#[test]
fn a_segment_wakes_in_time_whichever_side_the_clock_is_on() {
    // Both sides move, so they meet after half of the time between them.
    let funnel =
        |condition: &str| format!(r#"segment due = any(booking where {condition})  on entering due -> tag "due""#);
    let made = booking("b1", "01T00:00", "21T00:00");
    for (condition, due) in [
        ("now >= starts_at - 3h", "2026-03-20 21:00"),
        ("starts_at - now <= 36h", "2026-03-19 12:00"),
        ("now - starts_at >= 30m", "2026-03-21 00:30"),
        ("starts_at < today + 1d", "2026-03-21 00:00"),
        ("starts_at - now <= now - 2026-03-11 00:00", "2026-03-16 00:00"),
        ("now > starts_at + 1w", "2026-03-28 00:00"),
    ] {
        assert_eq!(results(&funnel(condition), std::slice::from_ref(&made)), [format!("{due} tag due")], "{condition}");
    }
}

#[test]
fn a_silence_asks_when_it_is_over() {
    let funnel = r#"
        on no visit for 10d where none(booking where starts_at > now) -> send sms "Come back""#;
    let came = visit("v1", "05T11:00");
    let soon = booking("b1", "05T11:30", "12T10:00");
    assert_eq!(results(funnel, &[came.clone(), soon]), ["2026-03-15 11:00 send sms: Come back"]);
    let later = booking("b1", "05T11:30", "20T10:00");
    assert_eq!(results(funnel, &[came, later]), [""; 0]);
}

#[test]
fn a_date_in_a_filter_is_read_in_the_zone_of_whoever_asks() {
    // Midnight in Berlin is still the day before in London.
    let funnel = r#"
        event talk { starts_at: datetime }
        funnel here { timezone "Europe/Berlin"  on visit -> tag "here {{ count(talk where starts_at >= 2026-03-08) }}" }
        funnel there { timezone "Europe/London"  on visit -> tag "there {{ count(talk where starts_at >= 2026-03-08) }}" }"#;
    let talk = event("talk").at("2026-03-01T10:00:00Z").data(json!({"starts_at": "2026-03-07T23:30:00Z"}));
    let tags = results(funnel, &[talk, visit("v1", "05T10:00")]);
    assert_eq!(tags.iter().map(|line| &line[17..]).collect::<Vec<_>>(), ["tag here 1", "tag there 0"]);
}

#[test]
fn what_is_known_about_records_may_be_missing_after_a_wait() {
    let after_wait =
        |asked: &str| format!(r#"on visit -> if {asked} is known -> wait 3d -> send sms "{{{{ {asked} | date }}}}""#);
    // Time passes, a booking is cancelled, and a record may lose an optional field.
    yields(&after_wait("last(booking.starts_at where starts_at > now)"), &["F0302"]);
    yields(&after_wait("min(booking.starts_at where not cancelled)"), &["F0302"]);
    yields(&after_wait("first(booking.ends_at)"), &["F0302"]);
    // There is still a first one, and it still has a start.
    yields(&after_wait("first(booking.starts_at)"), &[]);
    yields(&after_wait("last(booking).at"), &[]);
    // Before the wait everything is known.
    let funnel = r#"
        on visit -> if last(booking.starts_at where starts_at > now) is known
          -> send sms "{{ last(booking.starts_at where starts_at > now) | date }}""#;
    yields(funnel, &[]);
}

#[test]
fn a_question_with_the_clock_is_open_again_after_a_wait() {
    let funnel = r#"
        on visit
          -> if any(booking where starts_at > now) { stop }
          -> wait 3d
          -> if any(booking where starts_at > now) { stop }
          -> send sms "Shall we book?""#;
    yields(funnel, &[]);
}
