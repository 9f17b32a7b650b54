//! What funnels do: a funnel and its events, and the messages and actions with their times.

use super::support::story::Story;

const ANNA: &str = r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:00Z","data":{"name":"Anna","phone":"+79990000000","email":"anna@example.com"}}"#;

fn booking(at: &str, data: &str) -> String {
    format!(r#"{{"type":"booking","client":"c1","at":"{at}","data":{{"id":"b1",{data}}}}}"#)
}

fn results(zone: &str, funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    Story::new(zone, funnel).results(&events)
}

/// The results without entries and exits.
fn messages(zone: &str, funnel: &str, events: &[String]) -> Vec<String> {
    let is_action = |line: &String| !line.contains(" enter") && !line.contains(" exit ");
    results(zone, funnel, events).into_iter().filter(is_action).collect()
}

const ONE_LINER: &str =
    r#"on booking -> if attended -> wait 24h -> send sms "Thanks, {{ client.name | default("friend") }}""#;

#[test]
fn the_one_liner_waits_until_its_condition_is_known() {
    let events = [
        booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#),
        booking("2026-03-05T12:40:00Z", r#""attended":true"#),
    ];
    assert_eq!(
        results("UTC", ONE_LINER, &events),
        [
            "2026-03-01 10:00 enter",
            "2026-03-06 12:40 send sms +79990000000: Thanks, Anna",
            "2026-03-06 12:40 exit finished"
        ]
    );
}

#[test]
fn false_and_missing_values_take_the_false_path() {
    let funnel = r#"on booking -> if attended { send sms "came" } else { send sms "missed" }"#;
    let made = booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#);
    let no = booking("2026-03-05T13:00:00Z", r#""attended":false"#);
    assert_eq!(messages("UTC", funnel, &[made.clone(), no]), ["2026-03-05 13:00 send sms +79990000000: missed"]);
    // The deadline of `attended` is a day after the start.
    assert_eq!(messages("UTC", funnel, &[made]), ["2026-03-06 12:00 send sms +79990000000: missed"]);
}

#[test]
fn a_deadline_moves_with_the_booking() {
    let funnel = r#"on booking -> if attended { stop } else { send sms "missed" }"#;
    let events = [
        booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#),
        booking("2026-03-02T10:00:00Z", r#""starts_at":"2026-03-10T12:00:00Z""#),
    ];
    assert_eq!(messages("UTC", funnel, &events), ["2026-03-11 12:00 send sms +79990000000: missed"]);
}

#[test]
fn a_value_at_the_exact_deadline_counts() {
    let funnel = r#"on booking -> if attended { send sms "came" } else { send sms "missed" }"#;
    let events = [
        booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#),
        booking("2026-03-06T12:00:00Z", r#""attended":true"#),
    ];
    assert_eq!(messages("UTC", funnel, &events), ["2026-03-06 12:00 send sms +79990000000: came"]);
}

#[test]
fn not_of_a_missing_value_is_false() {
    let funnel = r#"on booking -> if not attended { send sms "missed" } else { send sms "who knows" }"#;
    let made = booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#);
    assert_eq!(messages("UTC", funnel, &[made]), ["2026-03-06 12:00 send sms +79990000000: who knows"]);
}

const REMINDER: &str = r#"funnel reminder {
  exit on booking.cancelled
  on booking -> wait until booking.starts_at - 2h else skip -> send sms "At {{ booking.starts_at | time }}"
}"#;

#[test]
fn a_moved_booking_moves_its_reminder() {
    // Tuesday to Friday.
    let events = [
        booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-03T12:00:00Z""#),
        booking("2026-03-02T10:00:00Z", r#""starts_at":"2026-03-06T15:00:00Z""#),
    ];
    assert_eq!(messages("Europe/Berlin", REMINDER, &events), ["2026-03-06 14:00 send sms +79990000000: At 16:00"]);
}

#[test]
fn a_cancelled_booking_ends_the_run_during_a_wait() {
    let events = [
        booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-03T12:00:00Z""#),
        booking("2026-03-02T10:00:00Z", r#""cancelled":true"#),
    ];
    assert_eq!(
        results("UTC", REMINDER, &events),
        ["2026-03-01 10:00 enter", "2026-03-02 10:00 exit exit on booking.cancelled"]
    );
}

#[test]
fn a_change_of_another_booking_does_not_end_this_run() {
    let other = r#"{"type":"booking","client":"c1","at":"2026-03-02T10:00:00Z","data":{"id":"b2","starts_at":"2026-03-09T12:00:00Z","cancelled":true}}"#;
    let events = [booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-03T12:00:00Z""#), other.to_owned()];
    let sent = messages("UTC", REMINDER, &events);
    assert_eq!(sent.first().map(String::as_str), Some("2026-03-03 10:00 send sms +79990000000: At 12:00"));
}

#[test]
fn a_past_moment_takes_its_else() {
    let events = [booking("2026-03-03T11:00:00Z", r#""starts_at":"2026-03-03T12:00:00Z""#)];
    let with = |otherwise: &str| {
        let funnel = format!(
            r#"on booking -> wait until booking.starts_at - 2h{otherwise} -> send sms "soon" -> send email {{ subject: "s", text: "after" }}"#
        );
        messages("UTC", &funnel, &events)
    };
    let (soon, after) =
        ("2026-03-03 11:00 send sms +79990000000: soon", "2026-03-03 11:00 send email anna@example.com: s / after");
    assert_eq!(with(""), [soon, after]);
    assert_eq!(with(" else skip"), [after]);
    assert!(with(" else stop").is_empty());
    assert_eq!(with(r#" else { tag "late" }"#), ["2026-03-03 11:00 tag late", soon, after]);
}

#[test]
fn calendar_waits_keep_the_wall_clock_across_clock_changes() {
    let at = |day: &str| booking(day, r#""starts_at":"2027-01-01T12:00:00Z""#);
    let table = [
        ("Europe/Berlin", "2026-03-28T10:00:00+01:00", "1d", "2026-03-29 10:00"),
        ("Europe/Berlin", "2026-03-28T10:00:00+01:00", "24h", "2026-03-29 11:00"),
        ("Europe/Berlin", "2026-10-24T10:00:00+02:00", "1d", "2026-10-25 10:00"),
        ("Europe/Berlin", "2026-10-24T10:00:00+02:00", "24h", "2026-10-25 09:00"),
        ("Asia/Vladivostok", "2026-03-28T10:00:00+10:00", "1d", "2026-03-29 10:00"),
        ("Asia/Vladivostok", "2026-03-28T10:00:00+10:00", "24h", "2026-03-29 10:00"),
        ("Europe/Berlin", "2026-03-27T18:30:00+01:00", "1d at 10:00", "2026-03-28 10:00"),
        ("Europe/Berlin", "2026-03-27T18:30:00+01:00", "2h at 10:00", "2026-03-28 10:00"),
        ("Europe/Berlin", "2026-03-27T07:00:00+01:00", "2h at 10:00", "2026-03-27 10:00"),
        ("Europe/Berlin", "2026-03-31T18:30:00+02:00", "1mo", "2026-04-30 18:30"),
        ("Asia/Vladivostok", "2026-03-01T22:00:00Z", "until monday 10:00", "2026-03-02 10:00"),
        ("Europe/Berlin", "2026-03-02T11:00:00+01:00", "until monday 10:00", "2026-03-09 10:00"),
        ("Europe/Berlin", "2026-03-02T11:00:00+01:00", "until 10:00", "2026-03-03 10:00"),
        ("Europe/Berlin", "2026-03-02T11:00:00+01:00", "until tomorrow 10:00", "2026-03-03 10:00"),
        ("Europe/Berlin", "2026-03-02T11:00:00+01:00", "until 2026-03-08 10:00", "2026-03-08 10:00"),
    ];
    for (zone, start, wait, expected) in table {
        let sent = messages(zone, &format!("on booking -> wait {wait} -> send sms \"x\""), &[at(start)]);
        assert_eq!(sent, [format!("{expected} send sms +79990000000: x")], "wait {wait} from {start} in {zone}");
    }
}

#[test]
fn the_time_zone_of_the_client_takes_precedence() {
    let moved = r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:01Z","data":{"timezone":"Asia/Vladivostok"}}"#;
    let funnel = r#"funnel f {
  timezone client.timezone else "Europe/Berlin"
  on booking -> wait until monday 09:00 -> send sms "x"
}"#;
    let made = booking("2026-03-01T12:00:00Z", r#""starts_at":"2027-01-01T12:00:00Z""#);
    assert_eq!(
        messages("UTC", funnel, &[moved.to_owned(), made.clone()]),
        ["2026-03-02 09:00 send sms +79990000000: x"]
    );
    let sent = Story::new("UTC", funnel).lines(&[ANNA, moved, &made]);
    assert_eq!(
        sent.last().map(|line| line.at.0),
        Some(1_772_406_000_000),
        "Monday 09:00 in Vladivostok is Sunday 23:00 UTC"
    );
    assert_eq!(messages("UTC", funnel, &[made]), ["2026-03-02 09:00 send sms +79990000000: x"]);
}

#[test]
fn hours_delay_a_message_and_keep_the_order() {
    let funnel = r#"funnel f {
  hours 09:00..21:00
  on booking -> send sms "first" -> tag "told" -> send sms "second"
}"#;
    let night = [booking("2026-03-01T22:30:00+01:00", r#""starts_at":"2026-03-05T12:00:00Z""#)];
    assert_eq!(
        messages("Europe/Berlin", funnel, &night),
        [
            "2026-03-02 09:00 send sms +79990000000: first",
            "2026-03-02 09:00 tag told",
            "2026-03-02 09:00 send sms +79990000000: second"
        ]
    );
}

#[test]
fn a_message_without_an_address_takes_the_else_path() {
    let funnel = r#"on booking -> send telegram "hi" else { send sms "hi by sms" } -> send telegram "again""#;
    let events = [booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#)];
    assert_eq!(
        messages("UTC", funnel, &events),
        [
            "2026-03-01 10:00 not sent telegram: no address",
            "2026-03-01 10:00 send sms +79990000000: hi by sms",
            "2026-03-01 10:00 not sent telegram: no address"
        ]
    );
}

#[test]
fn marketing_needs_consent_for_channel_and_topic() {
    let funnel = r#"funnel f {
  purpose marketing news
  on booking -> send sms "sale" else { tag "asked" }
}"#;
    let made = booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#);
    let consent = |entry: &str| {
        let client = format!(
            r#"{{"type":"client","client":"c1","at":"2026-03-01T01:00:00Z","data":{{"consent":["{entry}"]}}}}"#
        );
        messages("UTC", funnel, &[client, made.clone()])
    };
    let refused = ["2026-03-01 10:00 not sent sms: no consent", "2026-03-01 10:00 tag asked"];
    assert_eq!(consent("sms"), ["2026-03-01 10:00 send sms +79990000000: sale"]);
    assert_eq!(consent("sms news"), ["2026-03-01 10:00 send sms +79990000000: sale"]);
    assert_eq!(consent("sms parties"), refused);
    assert_eq!(consent("email"), refused);
    assert_eq!(messages("UTC", funnel, &[made]), refused);
}

#[test]
fn enter_settings_control_who_enters_again() {
    let other = |id: &str, at: &str| {
        format!(
            r#"{{"type":"booking","client":"c1","at":"{at}","data":{{"id":"{id}","starts_at":"2027-01-01T12:00:00Z","service":"s-{id}"}}}}"#
        )
    };
    let events = [
        other("b1", "2026-03-01T10:00:00Z"),
        other("b1", "2026-03-02T10:00:00Z"),
        other("b2", "2026-03-03T10:00:00Z"),
        other("b3", "2026-04-05T10:00:00Z"),
    ];
    let entered = |setting: &str| {
        let funnel = format!("funnel f {{\n{setting}\non booking -> wait 1h -> tag \"x\"\n}}");
        let lines = results("UTC", &funnel, &events);
        lines.iter().filter(|line| line.ends_with("enter")).map(|line| line[..10].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(entered(""), ["2026-03-01", "2026-03-03", "2026-04-05"]);
    assert_eq!(entered("enter once"), ["2026-03-01"]);
    assert_eq!(entered("enter again after 30d"), ["2026-03-01", "2026-04-05"]);
    assert_eq!(entered("enter once per booking.starts_at"), ["2026-03-01"]);
    assert_eq!(entered("enter always"), ["2026-03-01", "2026-03-03", "2026-04-05"]);
}

#[test]
fn two_triggers_for_one_record_start_one_run() {
    let funnel = r#"funnel f {
  on booking -> wait 1h -> tag "a"
  on booking where service == "cut" -> wait 1h -> tag "b"
}"#;
    let events = [booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z","service":"cut""#)];
    assert_eq!(messages("UTC", funnel, &events), ["2026-03-01 11:00 tag a"]);
}

#[test]
fn an_older_update_does_not_undo_a_newer_one() {
    let events = [
        booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-03T12:00:00Z""#),
        booking("2026-03-02T10:00:00Z", r#""starts_at":"2026-03-06T15:00:00Z""#),
        booking("2026-03-01T11:00:00Z", r#""starts_at":"2026-03-04T15:00:00Z","service":"cut""#),
    ];
    assert_eq!(
        messages("UTC", REMINDER, &events),
        [
            r#"2026-03-02 10:00 ignored booking {"starts_at":"2026-03-04T15:00:00Z"}"#,
            "2026-03-06 13:00 send sms +79990000000: At 15:00"
        ]
    );
}

#[test]
fn later_steps_see_changed_fields_and_tags() {
    let funnel = r#"on booking
  -> set client.city = "Berlin"
  -> tag "new"
  -> if client.city == "Berlin" and "new" in client.tags { send sms "Hallo" } else { stop }
  -> untag "new"
  -> if "new" in client.tags { send sms "still new" }"#;
    let events = [booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#)];
    assert_eq!(
        messages("UTC", funnel, &events),
        [
            r#"2026-03-01 10:00 set city = "Berlin""#,
            "2026-03-01 10:00 tag new",
            "2026-03-01 10:00 send sms +79990000000: Hallo",
            "2026-03-01 10:00 untag new"
        ]
    );
}

#[test]
fn html_is_escaped_and_text_is_not() {
    let funnel = r#"on booking as b -> if b.service is known -> send email {
  subject: "Your {{ b.service }}"
  html: "<p>{{ b.service }}</p>"
}"#;
    let events =
        [booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z","service":"Cut & <b>dry</b>""#)];
    assert_eq!(
        messages("UTC", funnel, &events),
        ["2026-03-01 10:00 send email anna@example.com: Your Cut & <b>dry</b> / Cut & <b>dry</b>"]
    );
}

#[test]
fn the_same_events_produce_the_same_ids() {
    let events = [
        booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#),
        booking("2026-03-05T12:40:00Z", r#""attended":true"#),
    ];
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let twice = [0, 1].map(|_| Story::new("UTC", ONE_LINER).lines(&events));
    assert_eq!(twice[0], twice[1]);
    assert!(twice[0].len() > 3);
}

#[test]
fn a_condition_that_a_missed_deadline_decides_does_not_wait_longer() {
    let funnel = r#"event exam { key id: text
  due: datetime
  result: text later by due + 1d
  score: number later
}
on exam -> if result == "ok" and score > 3 { tag "passed" } else { tag "failed" }"#;
    let exam =
        |at: &str, data: &str| format!(r#"{{"type":"exam","client":"c1","at":"{at}","data":{{"id":"x",{data}}}}}"#);
    let made = exam("2026-03-01T10:00:00Z", r#""due":"2026-03-02T12:00:00Z""#);
    let answered = exam("2026-03-01T11:00:00Z", r#""score":4,"result":"ok""#);
    assert_eq!(messages("UTC", funnel, &[made.clone(), answered]), ["2026-03-01 11:00 tag passed"]);
    assert_eq!(messages("UTC", funnel, &[made]), ["2026-03-03 12:00 tag failed"]);
}

#[test]
fn a_field_set_by_one_run_moves_the_wait_of_another() {
    let funnel = r#"client { next_visit: datetime? }
funnel remind {
  on booking -> if client.next_visit is known -> wait until client.next_visit - 1h else skip -> send sms "soon"
}
funnel shift {
  on visit -> set client.next_visit = now + 24h
}"#;
    let client =
        r#"{"type":"client","client":"c1","at":"2026-03-01T01:00:00Z","data":{"next_visit":"2026-03-20T12:00:00Z"}}"#;
    let made = booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#);
    let visit = r#"{"type":"visit","client":"c1","at":"2026-03-02T10:00:00Z","data":{"id":"v1"}}"#;
    let sent = messages("UTC", funnel, &[client.to_owned(), made, visit.to_owned()]);
    assert_eq!(sent.last().map(String::as_str), Some("2026-03-03 09:00 send sms +79990000000: soon"), "{sent:?}");
}

#[test]
fn a_text_with_a_missing_value_is_not_sent_and_names_it() {
    let funnel = r#"
        client { nickname: text }
        on booking -> send sms "See you, {{ client.nickname }}!" else { send sms "See you soon!" }"#;
    let events = [booking("2026-03-01T10:00:00Z", r#""starts_at":"2026-03-05T12:00:00Z""#)];
    assert_eq!(
        messages("UTC", funnel, &events),
        [
            "2026-03-01 10:00 not sent sms: `client.nickname` is missing",
            "2026-03-01 10:00 send sms +79990000000: See you soon!"
        ]
    );
}

#[test]
fn two_waits_until_ten_are_a_day_apart() {
    let events = [booking("2026-03-01T10:30:00Z", r#""starts_at":"2027-01-01T12:00:00Z""#)];
    let funnel = r#"on booking -> wait until 10:00 -> tag "first" -> wait until 10:00 -> tag "second""#;
    assert_eq!(messages("UTC", funnel, &events), ["2026-03-02 10:00 tag first", "2026-03-03 10:00 tag second"]);
    let funnel = r#"on booking -> wait until monday 10:00 -> tag "first" -> wait until monday 10:00 -> tag "second""#;
    assert_eq!(messages("UTC", funnel, &events), ["2026-03-02 10:00 tag first", "2026-03-09 10:00 tag second"]);
}

#[test]
fn an_endless_loop_stops_ten_years_after_the_last_event() {
    let events = [booking("2026-03-01T10:30:00Z", r#""starts_at":"2027-01-01T12:00:00Z""#)];
    let sent = messages("UTC", r#"on booking -> again: wait 1y -> tag "another year" -> goto again"#, &events);
    assert_eq!(sent.len(), 10, "{sent:?}");
}

#[test]
fn a_key_may_be_a_number() {
    let funnel = r#"event order { key no: number }
on order -> tag "ordered""#;
    let order = r#"{"type":"order","client":"c1","at":"2026-03-01T10:30:00Z","data":{"no":17}}"#;
    assert_eq!(messages("UTC", funnel, &[order.to_owned(), order.to_owned()]), ["2026-03-01 10:30 tag ordered"]);
}
