//! Messages that are held by `hours` or a limit: they follow their record, and none leaves at its last moment or later.

use crate::check::yields;
use crate::support::choices::cases;
use crate::support::story::Story;
use funnelc::engine::LineKind;
use funnelc::value::{Timestamp, Zone};
use proptest::prelude::*;

const ANNA: &str = r#"{"type":"client","client":"c1","at":"2026-02-01T00:00:00Z","data":{"name":"Anna","phone":"+79990000000","email":"anna@example.com"}}"#;

/// A change of a booking in March.
fn booking(at: &str, id: &str, data: &str) -> String {
    format!(r#"{{"type":"booking","client":"c1","at":"2026-03-{at}:00Z","data":{{"id":"{id}"{data}}}}}"#)
}

fn starts(at: &str) -> String {
    format!(r#","starts_at":"2026-03-{at}:00Z""#)
}

/// What happens without entries and exits, in UTC.
fn actions(funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let is_action = |line: &String| !line.contains(" enter") && !line.contains(" exit ");
    let lines = Story::new("UTC", funnel).results(&events).into_iter().filter(is_action);
    let shorten = |line: String| line.replace(" +79990000000", "").replace(" anna@example.com", "");
    lines.map(|line| shorten(line).replacen("2026-", "", 1)).collect()
}

/// A funnel that sends between nine and nine.
fn by_day(chain: &str) -> String {
    format!("funnel f {{ hours 09:00..21:00 on booking -> {chain} }}")
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_held_reminder_is_not_sent_after_the_start_and_moves_with_the_booking() {
    let funnel = r#"funnel reminder {
      hours 09:00..21:00
      on booking -> wait until starts_at - 2h else stop -> send sms "See you today at {{ starts_at | time }}!"
    }"#;
    let events = [
        r#"{"type":"client","id":"k1","client":"c1","at":"2026-03-01T09:00:00+01:00","data":{"phone":"+491700000001"}}"#,
        r#"{"type":"booking","id":"e1","client":"c1","at":"2026-03-01T10:00:00+01:00","data":{"id":"early","starts_at":"2026-03-10T08:00:00+01:00"}}"#,
        r#"{"type":"booking","id":"e2","client":"c1","at":"2026-03-01T10:00:00+01:00","data":{"id":"late","starts_at":"2026-03-12T23:30:00+01:00"}}"#,
        r#"{"type":"booking","id":"e3","client":"c1","at":"2026-03-01T10:00:00+01:00","data":{"id":"moved","starts_at":"2026-03-16T10:00:00+01:00"}}"#,
        r#"{"type":"booking","id":"e4","client":"c1","at":"2026-03-16T08:30:00+01:00","data":{"id":"moved","starts_at":"2026-03-23T15:00:00+01:00"}}"#,
    ];
    for before in ["", " before starts_at"] {
        let funnel = funnel.replace("time }}!\"", &format!("time }}}}!\"{before}"));
        let lines = Story::new("Europe/Berlin", &funnel).results(&events);
        let sends: Vec<_> = lines.iter().filter(|line| line.contains("send") || line.contains("not sent")).collect();
        assert_eq!(
            sends,
            [
                "2026-03-10 08:00 not sent sms: too late, only allowed before 2026-03-10 08:00",
                "2026-03-12 23:30 not sent sms: too late, only allowed before 2026-03-12 23:30",
                "2026-03-23 13:00 send sms +491700000001: See you today at 15:00!",
            ]
        );
    }
}

#[test]
fn the_wait_begins_again_also_when_other_elements_follow_it() {
    let made = booking("01T10:00", "b1", &starts("10T08:30"));
    let moved = booking("10T07:00", "b1", &starts("20T15:00"));
    let events = [made.clone(), moved.clone()];
    // Conditions are asked again.
    let funnel =
        by_day(r#"wait until starts_at - 2h else stop -> if not cancelled -> send sms "soon" before starts_at"#);
    assert_eq!(actions(&funnel, &events), ["03-20 13:00 send sms: soon"]);
    let cancelled = booking("12T10:00", "b1", r#","cancelled":true"#);
    assert_eq!(actions(&funnel, &[made.clone(), moved.clone(), cancelled]), NOTHING);
    // What has been done is not done again.
    let funnel = by_day(
        r#"wait until starts_at - 2h else stop -> tag "x" -> task "call" -> send sms "soon" before starts_at -> tag "y""#,
    );
    assert_eq!(
        actions(&funnel, &events),
        ["03-10 06:30 tag x", "03-10 06:30 task -: call", "03-20 13:00 send sms: soon", "03-20 13:00 tag y"]
    );
    // A wait in between delays the message again.
    let funnel = by_day(r#"wait until starts_at - 2h else stop -> wait 10m -> send sms "soon" before starts_at"#);
    assert_eq!(actions(&funnel, &events), ["03-20 13:10 send sms: soon"]);
    // The first booking stays where it is.
    assert_eq!(
        actions(&funnel, &[made.clone(), booking("10T07:00", "b2", &starts("20T15:00"))]),
        ["03-10 08:30 not sent sms: too late, only allowed before 2026-03-10 08:30", "03-20 13:10 send sms: soon"]
    );
    // Moved again while it waits again, and again while it is held again.
    let twice =
        [made, moved, booking("15T10:00", "b1", &starts("18T08:00")), booking("18T07:00", "b1", &starts("25T12:00"))];
    assert_eq!(actions(&funnel, &twice), ["03-25 10:10 send sms: soon"]);
}

#[test]
fn a_message_that_stays_due_is_held_as_before() {
    let made = booking("01T10:00", "b1", &starts("10T10:30"));
    let funnel =
        by_day(r#"wait until starts_at - 2h else stop -> send sms "at {{ starts_at | time }}" before starts_at"#);
    // The moment has passed for the new time, too.
    let moved = |to: &str| [made.clone(), booking("10T08:45", "b1", &starts(to))];
    assert_eq!(actions(&funnel, &moved("10T10:40")), ["03-10 09:00 send sms: at 10:40"]);
    assert_eq!(actions(&funnel, &moved("10T09:10")), ["03-10 09:00 send sms: at 09:10"]);
    assert_eq!(
        actions(&funnel, &moved("10T08:50")),
        ["03-10 08:50 not sent sms: too late, only allowed before 2026-03-10 08:50"]
    );
    assert_eq!(
        actions(&funnel, &moved("10T08:00")),
        ["03-10 08:45 not sent sms: too late, only allowed before 2026-03-10 08:00"]
    );
    // Moved from too early to early enough, but with less than two hours to go.
    let early = [booking("01T10:00", "b1", &starts("10T08:00")), booking("10T07:30", "b1", &starts("10T09:20"))];
    assert_eq!(actions(&funnel, &early), ["03-10 09:00 send sms: at 09:20"]);
}

#[test]
fn a_deferred_message_follows_its_record_too() {
    let funnel = r#"funnel f {
      limit 1 sms per 2d else defer up to 5d
      on visit -> send sms "thanks"
      on booking -> wait until starts_at - 2h else stop -> send sms "soon" before starts_at
    }"#;
    let visit = r#"{"type":"visit","client":"c1","at":"2026-03-10T06:00:00Z","data":{"id":"v1"}}"#.to_owned();
    let made = booking("01T10:00", "b1", &starts("10T10:00"));
    let thanks = "03-10 06:00 send sms: thanks";
    assert_eq!(
        actions(funnel, &[made.clone(), visit.clone()]),
        [thanks, "03-10 10:00 not sent sms: too late, only allowed before 2026-03-10 10:00"]
    );
    let moved = |to: &str| [made.clone(), visit.clone(), booking("10T09:00", "b1", &starts(to))];
    assert_eq!(actions(funnel, &moved("20T10:00")), [thanks, "03-20 08:00 send sms: soon"]);
    // It gets its slot once the booking is late enough.
    assert_eq!(actions(funnel, &moved("12T10:00")), [thanks, "03-12 08:00 send sms: soon"]);
    assert_eq!(
        actions(funnel, &moved("10T10:30")),
        [thanks, "03-10 10:30 not sent sms: too late, only allowed before 2026-03-10 10:30"]
    );
    // Its slot is free again when it moves away.
    let twice = format!("{funnel} funnel g {{ on visit -> wait 1m -> tag \"g\" }}");
    assert_eq!(actions(&twice, &moved("20T10:00")).len(), 3);
}

#[test]
fn an_else_is_taken_at_once_when_the_message_cannot_leave_in_time() {
    let funnel = by_day(
        r#"wait until starts_at - 2h else stop -> send sms "soon" before starts_at else { task "call" } -> tag "done""#,
    );
    let late = "too late, only allowed before 2026-03-10 08:00";
    assert_eq!(
        actions(&funnel, &[booking("01T10:00", "b1", &starts("10T08:00"))]),
        [format!("03-10 06:00 not sent sms: {late}"), "03-10 06:00 task -: call".into(), "03-10 06:00 tag done".into()]
    );
    let in_time = actions(&funnel, &[booking("01T10:00", "b1", &starts("10T10:00"))]);
    assert_eq!(in_time, ["03-10 09:00 send sms: soon", "03-10 09:00 tag done"]);
}

#[test]
fn a_last_moment_counts_without_being_held() {
    let made = |to: &str| [booking("01T10:00", "b1", &starts(to))];
    let funnel = r#"on booking -> send sms "hello" before starts_at - 1h"#;
    assert_eq!(actions(funnel, &made("01T12:00")), ["03-01 10:00 send sms: hello"]);
    let late = |before: &str| vec![format!("03-01 10:00 not sent sms: too late, only allowed before 2026-03-{before}")];
    assert_eq!(actions(funnel, &made("01T11:00")), late("01 10:00"));
    assert_eq!(actions(funnel, &made("01T10:30")), late("01 09:30"));
    // A date is its beginning, and a time of today counts in the run's zone.
    assert_eq!(actions(r#"on booking -> send sms "hello" before 2026-03-02"#, &made("05T10:00")).len(), 1);
    assert_eq!(actions(r#"on booking -> send sms "hello" before 2026-03-01"#, &made("05T10:00")), late("01 00:00"));
    assert_eq!(actions(r#"on booking -> send sms "hello" before today 09:00"#, &made("05T10:00")), late("01 09:00"));
}

#[test]
fn waiting_for_something_else_lifts_the_implied_last_moment() {
    let made = [booking("01T10:00", "b1", &starts("10T18:00"))];
    let funnel = by_day(r#"wait until starts_at - 2h else stop -> wait 4h -> send sms "How was it?""#);
    assert_eq!(actions(&funnel, &made), ["03-10 20:00 send sms: How was it?"]);
    let funnel = by_day(r#"wait until starts_at - 2h else stop -> wait 6h -> send sms "How was it?""#);
    assert_eq!(actions(&funnel, &made), ["03-11 09:00 send sms: How was it?"]);
    let funnel = by_day(r#"wait until starts_at + 4h -> send sms "How was it?""#);
    assert_eq!(actions(&funnel, &made), ["03-11 09:00 send sms: How was it?"]);
}

#[test]
fn paths_of_a_parallel_follow_on_their_own() {
    let funnel = by_day(
        r#"wait until starts_at - 2h else stop -> parallel {
             path -> send sms "soon" before starts_at -> tag "a"
             path -> tag "b" -> wait 1d -> tag "c"
           } -> tag "end""#,
    );
    let events = [booking("01T10:00", "b1", &starts("10T08:00")), booking("10T07:00", "b1", &starts("20T15:00"))];
    assert_eq!(
        actions(&funnel, &events),
        [
            "03-10 06:00 tag b",
            "03-11 06:00 tag c",
            "03-20 13:00 send sms: soon",
            "03-20 13:00 tag a",
            "03-20 13:00 tag end"
        ]
    );
}

#[test]
fn a_moment_of_the_client_is_followed_too() {
    let funnel = r#"client { trial_ends: datetime }
      funnel f { hours 09:00..21:00 on visit -> wait until client.trial_ends - 3h else stop -> send sms "ends soon" }"#;
    let client = |at: &str, ends: &str| {
        let data = format!(r#""trial_ends":"2026-03-{ends}:00Z""#);
        format!(r#"{{"type":"client","client":"c1","at":"2026-03-{at}:00Z","data":{{{data}}}}}"#)
    };
    let visit = r#"{"type":"visit","client":"c1","at":"2026-03-02T10:00:00Z","data":{"id":"v1"}}"#.to_owned();
    let first = client("01T10:00", "10T08:00");
    assert_eq!(
        actions(funnel, &[first.clone(), visit.clone()]),
        ["03-10 08:00 not sent sms: too late, only allowed before 2026-03-10 08:00"]
    );
    assert_eq!(actions(funnel, &[first, visit, client("10T07:00", "15T15:00")]), ["03-15 12:00 send sms: ends soon"]);
}

#[test]
fn check_finds_messages_that_can_be_held_too_long() {
    let reminder = |settings: &str, lead: &str, send: &str| {
        format!("funnel f {{ {settings} on booking -> wait until starts_at - {lead} else stop -> {send} }}")
    };
    for (settings, lead, send, found) in [
        ("hours 09:00..21:00", "2h", "send sms", true),
        ("hours 09:00..21:00", "12h", "send sms", true),
        ("hours 09:00..21:00", "13h", "send sms", false),
        ("hours 09:00..21:00", "1d", "send sms", false),
        ("hours monday..friday 09:00..21:00", "1d", "send sms", true),
        ("hours monday..friday 09:00..21:00", "3d", "send sms", false),
        ("", "2h", "send sms", false),
        ("limit 1 sms per 1d else defer up to 1d", "2h", "send sms", true),
        ("limit 1 sms per 1d else skip", "2h", "send sms", false),
        ("limit 1 email per 1d else defer up to 1d", "2h", "send sms", false),
        ("limit 1 sms per 1d else defer up to 1h", "2h", "send sms", false),
        ("hours 09:00..21:00", "2h", "send sms before starts_at", false),
        ("hours 09:00..21:00", "2h", "if not cancelled -> tag \"x\" -> send sms", true),
        ("hours 09:00..21:00", "2h", "wait 3h -> send sms", false),
        ("hours 09:00..21:00", "2h", "if attended -> send sms", false),
    ] {
        let text = reminder(settings, lead, send);
        let findings = yields(&text, if found { &["F0403"] } else { &[] });
        for finding in findings {
            let edit = &finding.fixes[0].edits[0];
            assert_eq!(edit.text, " before starts_at", "{text}");
            let mut fixed = text.clone();
            fixed.insert_str(edit.span.start as usize, &edit.text);
            yields(&fixed, &[]);
        }
    }
    // Each message behind the wait is found, and those behind an `else` that is taken at the last minute.
    yields(&reminder("hours 09:00..21:00", "2h", "send sms \"a\" -> send sms \"b\""), &["F0403", "F0403"]);
    yields(
        "funnel f { hours 09:00..21:00 on booking as b -> wait until b.starts_at - 3d else { send sms \"soon\" } -> tag \"x\" }",
        &["F0403"],
    );
}

#[test]
fn before_takes_a_moment_that_is_known() {
    yields("on booking -> send sms before starts_at", &[]);
    yields("on booking -> send sms to \"+4930901820\" before starts_at else { stop }", &[]);
    yields("client { work: phone } on booking -> send sms to client.work before starts_at - 1h", &[]);
    yields("on booking -> send sms before ends_at", &["F0302"]);
    yields("on booking -> send sms before 2h", &["F0301"]);
    yields("on booking -> send sms before 21:00", &["F0301"]);
    yields("on booking -> send sms before", &["F0101"]);
    yields("event e { before: datetime } on e -> send sms before before", &[]);
}

/// A booking's life: when it is made, and when it is moved to what, in minutes.
#[derive(Debug, Clone)]
struct Moves {
    hours: (u32, u32),
    lead: u32,
    moves: Vec<(i64, i64)>,
    limit: bool,
    explicit: bool,
    otherwise: bool,
}

fn moves() -> impl Strategy<Value = Moves> {
    let hours = (0_u32..24, 1_u32..24).prop_map(|(from, length)| (from, (from + length) % 24));
    let moves = proptest::collection::vec((0_i64..12_000, -600_i64..5000), 1..8).prop_map(|mut moves| {
        moves.sort_unstable();
        moves
    });
    (hours, 1_u32..3000, moves, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(hours, lead, moves, limit, explicit, otherwise)| Moves { hours, lead, moves, limit, explicit, otherwise },
    )
}

impl Moves {
    fn funnel(&self) -> String {
        let (from, to) = self.hours;
        let limit = if self.limit { "limit 1 sms per 1d else defer up to 3d" } else { "" };
        let before = if self.explicit { "before starts_at" } else { "" };
        let otherwise = if self.otherwise { "else { tag \"instead\" }" } else { "" };
        format!(
            "funnel f {{ hours {from:02}:00..{to:02}:00 {limit}
               on visit -> send sms \"thanks\"
               on booking -> wait until starts_at - {lead}m else stop
                 -> send email {{ subject: \"soon\" text: \"soon\" }} {before} -> tag \"x\"
                 -> send sms \"soon\" {before} {otherwise}
             }}",
            lead = self.lead
        )
    }

    fn start(minute: i64) -> Timestamp {
        Timestamp::parse("2026-03-01T00:00:00Z").unwrap().plus_ms(minute * 60_000)
    }

    /// Where the booking is at a moment.
    fn starts_at(&self, at: Timestamp) -> Timestamp {
        let known = self.moves.iter().rev().find(|(moved, _)| Self::start(*moved) <= at).unwrap();
        Self::start(known.0 + known.1)
    }

    fn events(&self) -> Vec<String> {
        let text = |at: Timestamp| Zone::UTC.rfc3339(at);
        let moved = self.moves.iter().map(|(at, ahead)| {
            let data = format!(r#"{{"id":"b1","starts_at":"{}"}}"#, text(Self::start(at + ahead)));
            (*at, format!(r#"{{"type":"booking","client":"c1","at":"{}","data":{data}}}"#, text(Self::start(*at))))
        });
        let visits = (0..12).map(|n| {
            let at = n * 900;
            let data = format!(r#"{{"id":"v{n}"}}"#);
            (at, format!(r#"{{"type":"visit","client":"c1","at":"{}","data":{data}}}"#, text(Self::start(at))))
        });
        let mut events: Vec<_> = moved.chain(visits).collect();
        events.sort_by_key(|(at, _)| *at);
        events.into_iter().map(|(_, event)| event).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(400), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_message_leaves_at_its_last_moment_or_later(moves in moves()) {
        let events = moves.events();
        let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
        let mut sent = Vec::new();
        for line in Story::new("UTC", &moves.funnel()).lines(&events) {
            let LineKind::Send { text, message, .. } = &line.kind else { continue };
            prop_assert!(!sent.contains(message), "sent twice");
            sent.push(message.clone());
            if text == "soon" {
                let (at, starts_at) = (line.at, moves.starts_at(line.at));
                prop_assert!(at < starts_at, "sent at {} for {}", Zone::UTC.civil(at), Zone::UTC.civil(starts_at));
                let due = starts_at.plus_ms(-i64::from(moves.lead) * 60_000);
                prop_assert!(at >= due, "sent at {}, due at {}", Zone::UTC.civil(at), Zone::UTC.civil(due));
            }
        }
    }
}
