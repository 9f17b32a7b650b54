//! `later` fields with an earliest moment: what is received before it is only a default, in conditions, triggers,
//! history and texts.

use crate::check::yields;
use crate::support::story::Story;

const ANNA: &str =
    r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:00Z","data":{"name":"Anna","phone":"+79990000000"}}"#;

/// An event of record `b1` at a time in March.
fn event(kind: &str, at: &str, data: &str) -> String {
    let at = if at.contains('T') { at.to_owned() } else { format!("{at}T12:00") };
    format!(r#"{{"type":"{kind}","client":"c1","at":"2026-03-{at}:00Z","data":{{"id":"b1"{data}}}}}"#)
}

fn booking(at: &str, data: &str) -> String {
    event("booking", at, data)
}

/// What happens without entries and exits, in UTC, from `03-05 10:00` on.
fn actions(funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let is_action = |line: &String| !line.contains(" enter") && !line.contains(" exit ");
    let lines = Story::new("UTC", funnel).results(&events).into_iter().filter(is_action);
    lines.map(|line| line.replace(" +79990000000", "").replacen("2026-", "", 1)).collect()
}

/// Whether the client comes, told by a message.
const ASKS: &str = r#"on booking -> if attended { send sms "came" } else if not attended { send sms "missed" }"#;
const MADE: &str = r#","starts_at":"2026-03-10T12:00:00Z","attended":false"#;

#[test]
fn a_default_written_with_the_booking_is_no_answer() {
    let funnel =
        r#"on booking -> if not attended -> wait 1h -> send sms "We missed you on {{ booking.starts_at | date }}.""#;
    let client = r#"{"type":"client","id":"k1","client":"c1","at":"2026-03-01T09:00:00+01:00","data":{"phone":"+491700000001"}}"#;
    let made = r#"{"type":"booking","id":"e1","client":"c1","at":"2026-03-01T10:00:00+01:00","data":{"id":"b1","starts_at":"2026-03-10T11:00:00+01:00","attended":false}}"#;
    let came = r#"{"type":"booking","id":"e2","client":"c1","at":"2026-03-10T11:05:00+01:00","data":{"id":"b1","attended":true}}"#;
    let lines = Story::new("Europe/Berlin", funnel).results(&[client, made, came]);
    assert_eq!(lines, ["2026-03-01 10:00 enter", "2026-03-10 11:05 exit finished"]);
}

#[test]
fn an_answer_arrives_at_the_moment_or_after_it_or_is_the_default_at_the_deadline() {
    let made = booking("01", MADE);
    let told =
        |at: &str, attended: bool| actions(ASKS, &[made.clone(), booking(at, &format!(r#","attended":{attended}"#))]);
    // The same value again is an answer, too.
    assert_eq!(told("10T12:30", false), ["03-10 12:30 send sms: missed"]);
    assert_eq!(told("10T12:00", true), ["03-10 12:00 send sms: came"]);
    assert_eq!(told("10T11:59", true), ["03-11 12:00 send sms: came"]);
    assert_eq!(told("05T12:00", false), ["03-11 12:00 send sms: missed"]);
    assert_eq!(actions(ASKS, &[made]), ["03-11 12:00 send sms: missed"]);
    let without_default = booking("01", r#","starts_at":"2026-03-10T12:00:00Z""#);
    assert_eq!(actions(ASKS, &[without_default]), [] as [&str; 0]);
}

#[test]
fn what_counts_is_when_the_event_happened() {
    // It happened before the appointment, and arrives afterwards.
    let visit = event("visit", "10T18:00", "");
    let late = booking("09T18:00", r#","attended":true"#);
    assert_eq!(actions(ASKS, &[booking("01", MADE), visit.clone(), late]), ["03-11 12:00 send sms: came"]);
    let answer = booking("10T13:00", r#","attended":true"#);
    assert_eq!(actions(ASKS, &[booking("01", MADE), visit, answer]), ["03-10 18:00 send sms: came"]);
}

#[test]
fn a_moved_appointment_asks_again() {
    let moved = |at: &str| booking(at, r#","starts_at":"2026-03-20T12:00:00Z""#);
    let told = booking("10T13:00", r#","attended":true"#);
    assert_eq!(
        actions(ASKS, &[booking("01", MADE), moved("08"), told.clone()]),
        ["03-21 12:00 send sms: came"],
        "told before the new appointment"
    );
    let funnel = r#"on booking -> wait until starts_at + 2h -> if attended { send sms "came" } else { send sms "no" }"#;
    assert_eq!(actions(funnel, &[booking("01", MADE), told.clone()]), ["03-10 14:00 send sms: came"]);
    // The answer was about the old appointment.
    assert_eq!(actions(funnel, &[booking("01", MADE), told, moved("10T13:30")]), ["03-21 12:00 send sms: came"]);
    // Moved into the past, the default becomes an answer at once.
    let earlier = booking("05", r#","starts_at":"2026-02-27T12:00:00Z""#);
    assert_eq!(actions(ASKS, &[booking("01", MADE), earlier]), ["03-05 12:00 send sms: missed"]);
}

#[test]
fn a_record_about_the_past_is_answered_at_once() {
    let recorded =
        |hours: &str| booking("10T18:00", &format!(r#","starts_at":"2026-03-{hours}:00:00Z","attended":false"#));
    assert_eq!(actions(ASKS, &[recorded("10T12")]), ["03-10 18:00 send sms: missed"]);
    assert_eq!(actions(ASKS, &[recorded("01T12")]), ["03-10 18:00 send sms: missed"]);
    assert_eq!(actions(ASKS, &[recorded("10T19")]), ["03-11 19:00 send sms: missed"]);
}

#[test]
fn triggers_and_waits_do_not_see_defaults() {
    let funnel = r#"funnel waiting { on booking -> wait for booking.attended up to 30d { send sms "waited" } else { stop } }
        funnel changed { on booking.attended -> send sms "attended" }
        funnel updated { on booking.updated where attended -> tag "updated" }"#;
    let with_default =
        |attended: bool| booking("01", &format!(r#","starts_at":"2026-03-10T12:00:00Z","attended":{attended}"#));
    let told = |at: &str, attended: bool| booking(at, &format!(r#","attended":{attended}"#));
    let answered = ["03-10 13:00 send sms: waited", "03-10 13:00 send sms: attended", "03-10 13:00 tag updated"];
    assert_eq!(actions(funnel, &[with_default(false), told("10T13:00", true)]), answered);
    assert_eq!(actions(funnel, &[with_default(true), told("10T13:00", true), told("10T14:00", true)]), answered);
    assert_eq!(actions(funnel, &[with_default(true)]), [] as [&str; 0]);
    assert_eq!(actions(funnel, &[with_default(true), told("09T13:00", true)]), [] as [&str; 0]);
    assert_eq!(actions(funnel, &[with_default(true), told("10T13:00", false)]), [] as [&str; 0]);
}

#[test]
fn exits_and_goals_do_not_see_defaults() {
    let funnel = |setting: &str| {
        format!(r#"funnel f {{ {setting} on booking -> wait until starts_at + 3h -> send sms "hello" }}"#)
    };
    let lines = |setting: &str, at: &str| {
        let events = [ANNA.to_owned(), booking("01", MADE), booking(at, r#","attended":true"#)];
        Story::new("UTC", &funnel(setting)).results(&events.each_ref().map(String::as_str))
    };
    let ends = |setting: &str, at: &str| lines(setting, at).last().unwrap().clone();
    assert_eq!(ends("exit on booking.attended", "10T13:00"), "2026-03-10 13:00 exit exit on booking.attended");
    assert_eq!(ends("exit on booking.attended", "10T11:00"), "2026-03-10 15:00 exit finished");
    assert_eq!(
        ends("exit on booking.updated where attended", "10T13:00"),
        "2026-03-10 13:00 exit exit on booking.updated where attended"
    );
    assert_eq!(ends("exit on booking.updated where attended", "10T11:00"), "2026-03-10 15:00 exit finished");
    // At entry, too.
    let at_once = |attended: bool, hour: &str| {
        let made = booking("10T13:00", &format!(r#","starts_at":"2026-03-10T{hour}:00:00Z","attended":{attended}"#));
        let lines = Story::new("UTC", &funnel("exit on booking.attended")).results(&[ANNA, &made]);
        lines.iter().any(|line| line.contains(" enter"))
    };
    assert_eq!((at_once(true, "12"), at_once(true, "14"), at_once(false, "12")), (false, true, true));
    let reached = |at: &str| lines("goal on booking.attended", at).iter().any(|line| line.contains(" goal "));
    assert_eq!((reached("10T13:00"), reached("10T11:00")), (true, false));
}

#[test]
fn texts_and_known_do_not_see_defaults() {
    let funnel = r#"event booking { result: text later from starts_at by starts_at + 1d }
        on booking -> wait until starts_at - 2h else skip
          -> send sms "{{ booking.result | default("open") }}"
          -> if booking.result is known { tag "known" } else { tag "open" }
          -> wait until starts_at + 2h
          -> send sms "{{ booking.result | default("open") }}"
          -> match booking.result { case "good" -> tag "good" otherwise -> tag "other" }"#;
    let made = booking("01", r#","starts_at":"2026-03-10T12:00:00Z","result":"good""#);
    let told = booking("10T13:00", r#","result":"bad""#);
    assert_eq!(
        actions(funnel, &[made.clone(), told]),
        ["03-10 10:00 send sms: open", "03-10 10:00 tag open", "03-10 14:00 send sms: bad", "03-10 14:00 tag other"]
    );
    assert_eq!(
        actions(funnel, &[made]),
        ["03-10 10:00 send sms: open", "03-10 10:00 tag open", "03-10 14:00 send sms: open", "03-11 12:00 tag good"]
    );
}

#[test]
fn a_field_of_another_kind_fires_only_for_new_answers() {
    let funnel = r#"event booking { result: text later from starts_at by starts_at + 1d }
        funnel f { enter always on booking.result -> tag "{{ booking.result | default("-") }}" }"#;
    let made = booking("01", r#","starts_at":"2026-03-10T12:00:00Z","result":"a""#);
    let told = |at: &str, result: &str| booking(at, &format!(r#","result":"{result}""#));
    assert_eq!(
        actions(funnel, &[made, told("02", "b"), told("10T13:00", "b"), told("10T14:00", "b"), told("10T15:00", "a")]),
        ["03-10 13:00 tag b", "03-10 15:00 tag a"]
    );
}

#[test]
fn history_does_not_count_defaults() {
    let funnel = r#"on visit -> if any(booking where attended == false) { tag "missed" } else { tag "none" }"#;
    let events = [
        booking("01", MADE),
        visit("02T09:00"),
        visit("10T12:30"),
        booking("10T13:00", r#","attended":false"#),
        visit("10T14:00"),
    ];
    assert_eq!(actions(funnel, &events), ["03-02 09:00 tag none", "03-10 12:30 tag none", "03-10 14:00 tag missed"]);
}

/// A visit at a time in March; each asks the questions of a funnel.
fn visit(at: &str) -> String {
    let id = at.replace([':', 'T'], "");
    format!(r#"{{"type":"visit","client":"c1","at":"2026-03-{at}:00Z","data":{{"id":"{id}"}}}}"#)
}

#[test]
fn values_of_the_past_are_no_defaults() {
    let declared = r#"event booking { fee: number later from starts_at by starts_at + 1d
      paid_at: datetime later from starts_at by starts_at + 1d }"#;
    let made = booking(
        "01",
        r#","starts_at":"2026-03-10T12:00:00Z","attended":true,"fee":5,"paid_at":"2026-03-02T09:00:00Z""#,
    );
    let told = booking("10T13:00", r#","attended":false,"fee":7,"paid_at":"2026-03-10T13:00:00Z""#);
    // Before the answer, with the answer, and without one after the deadline, when the default counts.
    let questions = [
        ("last(booking.attended) == true", [false, false, true]),
        ("last(booking.attended) == false", [false, true, false]),
        ("first(booking.attended) is known", [false, true, true]),
        ("last(booking.attended in last 30d) is known", [false, true, true]),
        ("sum(booking.fee) == 0", [true, false, false]),
        ("sum(booking.fee) == 7", [false, true, false]),
        ("sum(booking.fee where not cancelled) == 5", [false, false, true]),
        ("avg(booking.fee) == 7", [false, true, false]),
        ("min(booking.fee) == 5", [false, false, true]),
        ("max(booking.fee) == 7", [false, true, false]),
        ("last(booking.paid_at) > 2026-03-05 00:00", [false, true, false]),
        ("count(booking where attended) == 1", [false, false, true]),
        ("count(booking where not attended) == 1", [false, true, false]),
        ("any(booking where fee == 5)", [false, false, true]),
        ("none(booking where attended is known)", [true, false, false]),
        ("count(booking where paid_at > 2026-03-05 00:00) == 1", [false, true, false]),
        ("last(booking.starts_at where attended) is known", [false, false, true]),
        ("last(booking where attended).at is known", [false, false, true]),
    ];
    for (question, expected) in questions {
        let funnel = format!(r#"{declared} on visit -> if {question} {{ tag "yes" }} else {{ tag "no" }}"#);
        let answer = |events: &[String]| actions(&funnel, events).last().unwrap().ends_with("yes");
        let answers = [
            answer(&[made.clone(), visit("10T12:30")]),
            answer(&[made.clone(), told.clone(), visit("10T14:00")]),
            answer(&[made.clone(), visit("12T12:00")]),
        ];
        assert_eq!(answers, expected, "{question}");
    }
}

#[test]
fn a_segment_changes_with_the_answer_or_when_the_default_counts() {
    let made = booking("01", MADE);
    let told = booking("10T13:00", r#","attended":false"#);
    let came = booking("10T13:00", r#","attended":true"#);
    let conditions = [
        "last(booking.attended) == false",
        "any(booking where not attended)",
        "count(booking where not attended) == 1",
    ];
    for condition in conditions {
        let funnel = format!(r#"segment missing = {condition} on entering missing -> tag "missing""#);
        assert_eq!(actions(&funnel, &[made.clone(), told.clone()]), ["03-10 13:00 tag missing"], "{condition}");
        assert_eq!(actions(&funnel, &[made.clone(), came.clone()]), [""; 0], "{condition}");
        assert_eq!(actions(&funnel, std::slice::from_ref(&made)), ["03-11 12:00 tag missing"], "{condition}");
        let funnel = format!(r#"on visit while {condition} -> wait 1d -> tag "while""#);
        assert_eq!(actions(&funnel, &[made.clone(), visit("05T09:00")]), ["03-12 12:00 tag while"], "{condition}");
    }
}

#[test]
fn texts_filters_and_silences_read_answers_of_the_past() {
    let text = r#"event booking { result: text later from starts_at by starts_at + 1d }
      on visit -> send sms "{{ last(booking.result) | default("open") }}""#;
    let made = booking("01", r#","starts_at":"2026-03-10T12:00:00Z","result":"good""#);
    let told = booking("10T13:00", r#","result":"bad""#);
    assert_eq!(actions(text, &[made.clone(), visit("09T12:00")]), ["03-09 12:00 send sms: open"]);
    assert_eq!(actions(text, &[made.clone(), told, visit("10T14:00")]), ["03-10 14:00 send sms: bad"]);
    assert_eq!(actions(text, &[made, visit("12T12:00")]), ["03-12 12:00 send sms: good"]);
    let filter = r#"on visit where last(booking.attended) == false -> tag "filter""#;
    assert_eq!(actions(filter, &[booking("01", MADE), visit("09T12:00")]), [""; 0]);
    assert_eq!(actions(filter, &[booking("01", MADE), visit("12T12:00")]), ["03-12 12:00 tag filter"]);
    let silence = r#"on no visit for 5d where last(booking.attended) == false -> tag "silent""#;
    assert_eq!(actions(silence, &[booking("01", MADE), visit("04T12:00"), visit("20T12:00")]).len(), 1);
    let goal = r#"funnel f { goal on visit where last(booking.attended) == false on booking -> wait 30d }"#;
    let reached = |at: &str| {
        let events = [booking("01", MADE), visit(at)];
        actions(goal, &events).iter().any(|line| line.contains("goal"))
    };
    assert_eq!((reached("09T12:00"), reached("12T12:00")), (false, true));
}

#[test]
fn fields_of_the_client_have_an_earliest_moment_too() {
    let funnel = r#"client { trial_ends: datetime  converted: bool later from client.trial_ends by client.trial_ends + 7d }
        on visit -> if client.converted { send sms "yes" } else if not client.converted { send sms "no" }
        on client.converted -> tag "converted""#;
    let client = |at: &str, data: &str| {
        format!(r#"{{"type":"client","client":"c1","at":"2026-03-{at}:00Z","data":{{{data}}}}}"#)
    };
    let trial = client("02T09:00", r#""trial_ends":"2026-03-10T12:00:00Z","converted":true"#);
    let visit = event("visit", "03", "");
    let told = client("10T12:30", r#""converted":true"#);
    assert_eq!(
        actions(funnel, &[trial.clone(), visit.clone(), told]),
        ["03-10 12:30 send sms: yes", "03-10 12:30 tag converted"]
    );
    assert_eq!(actions(funnel, &[trial, visit]), ["03-17 12:00 send sms: yes"]);
}

#[test]
fn several_events_share_a_later_field_only_with_the_same_moments() {
    let lesson = |moments: &str| {
        format!(
            r#"event lesson {{ key id: text starts_at: datetime attended: bool later {moments} }}
               on booking or lesson as it -> if not it.attended -> send sms "missed""#
        )
    };
    let funnel = lesson("from starts_at by starts_at + 1d");
    assert_eq!(actions(&funnel, &[event("lesson", "01", MADE)]), ["03-11 12:00 send sms: missed"]);
    assert_eq!(actions(&funnel, &[booking("01", MADE)]), ["03-11 12:00 send sms: missed"]);
    yields(&funnel, &[]);
    yields(&lesson("by starts_at + 1d"), &["F0202"]);
}

#[test]
fn moments_that_no_value_can_follow_are_errors() {
    for (moments, code) in [
        ("key id: text a: datetime x: bool later from a by a + 1h", ""),
        ("key id: text a: datetime x: bool later from a - 1d by a", ""),
        ("key id: text a: datetime x: bool later from a + 1d by a", "F0402"),
        ("key id: text a: datetime x: bool later from a by a", "F0402"),
        ("a: datetime x: bool later from a", "F0402"),
        ("key id: text a: datetime? x: bool later from a", "F0302"),
        ("key id: text x: bool later from 5h", "F0301"),
        ("key id: text x: bool later from now", "F0416"),
    ] {
        yields(&format!("event e {{ {moments} }}"), &Vec::from_iter(Some(code).filter(|code| !code.is_empty())));
    }
}
