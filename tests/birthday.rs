//! Dates of the client that recur every year: `next(client.birthday)` and `last(client.birthday)`.

use crate::check::yields;
use crate::support::story::Story;
use funnelc::value::{CivilDate, last_yearly, next_yearly};

fn client(birthday: &str) -> String {
    let data = format!(r#"{{"phone":"+79990000000","birthday":"{birthday}","created_at":"2020-01-01T00:00:00Z"}}"#);
    format!(r#"{{"type":"client","client":"c1","at":"2025-01-01T00:00:00Z","data":{data}}}"#)
}

/// What happens to a client with a birthday who visits at a moment in UTC.
fn lines(zone: &str, funnel: &str, birthday: &str, visit: &str) -> Vec<String> {
    let visit = format!(r#"{{"type":"visit","client":"c1","at":"{visit}:00Z","data":{{"id":"v1"}}}}"#);
    let all = Story::new(zone, funnel).results(&[&client(birthday), &visit]).into_iter();
    all.filter(|line| !line.contains(" enter") && !line.contains(" exit "))
        .map(|line| line.replace(" sms +79990000000", ""))
        .collect()
}

#[test]
fn next_and_last_find_the_nearest_day_on_each_side() {
    let day = |text: &str| CivilDate::parse(text).unwrap();
    for (date, today, next, last) in [
        ("1990-03-20", "2026-03-19", "2026-03-20", "2025-03-20"),
        ("1990-03-20", "2026-03-20", "2026-03-20", "2026-03-20"),
        ("1990-03-20", "2026-03-21", "2027-03-20", "2026-03-20"),
        ("1990-12-31", "2026-01-01", "2026-12-31", "2025-12-31"),
        ("1990-01-01", "2026-12-31", "2027-01-01", "2026-01-01"),
        ("2000-02-29", "2026-02-27", "2026-02-28", "2025-02-28"),
        ("2000-02-29", "2026-03-01", "2027-02-28", "2026-02-28"),
        ("2000-02-29", "2028-02-28", "2028-02-29", "2027-02-28"),
        ("2000-02-29", "2028-02-29", "2028-02-29", "2028-02-29"),
        // It recurs from its own year on.
        ("2030-05-01", "2026-03-01", "2030-05-01", "2030-05-01"),
        ("2026-05-01", "2026-03-01", "2026-05-01", "2026-05-01"),
    ] {
        assert_eq!(next_yearly(day(date), day(today)), Some(day(next)), "next of {date} on {today}");
        assert_eq!(last_yearly(day(date), day(today)), day(last), "last of {date} on {today}");
    }
}

#[test]
fn texts_conditions_and_waits_say_which_birthday() {
    let known = |rest: &str| format!("on visit -> if client.birthday is known -> {rest}");
    let text = known(r#"send sms "{{ next(client.birthday) + 7d | date }}, {{ last(client.birthday) | date }}""#);
    assert_eq!(
        lines("UTC", &text, "1990-03-20", "2026-03-10T12:00"),
        ["2026-03-10 12:00 send: 27 March 2026, 20 March 2025"]
    );
    let soon = known(r#"if next(client.birthday) <= today + 7d { tag "soon" } else { tag "later" }"#);
    assert_eq!(lines("UTC", &soon, "1990-03-20", "2026-03-10T12:00"), ["2026-03-10 12:00 tag later"]);
    assert_eq!(lines("UTC", &soon, "1990-03-20", "2026-03-13T12:00"), ["2026-03-13 12:00 tag soon"]);
    let today = known(r#"if next(client.birthday) == today -> tag "congratulate""#);
    assert_eq!(lines("UTC", &today, "1990-03-20", "2026-03-20T12:00").len(), 1);
    assert_eq!(lines("UTC", &today, "1990-03-20", "2026-03-21T12:00").len(), 0);
    let waits = known(r#"wait until next(client.birthday) - 3d else stop -> tag "near""#);
    assert_eq!(lines("UTC", &waits, "1990-03-20", "2026-03-10T12:00"), ["2026-03-17 00:00 tag near"]);
    assert_eq!(lines("UTC", &waits, "1990-03-20", "2026-03-18T12:00"), [] as [&str; 0]);
    // Half a year after the last birthday.
    let half = known(r#"wait until last(client.birthday) + 6mo else stop -> tag "half""#);
    assert_eq!(lines("UTC", &half, "1990-03-20", "2026-03-25T12:00"), ["2026-09-20 00:00 tag half"]);
}

#[test]
fn the_day_is_that_of_the_run() {
    let funnel = r#"on visit -> if client.birthday is known -> if next(client.birthday) == today -> tag "today""#;
    // Half past nine in the evening in UTC is the next day in Vladivostok.
    assert_eq!(lines("Asia/Vladivostok", funnel, "1990-03-20", "2026-03-19T21:30").len(), 1);
    assert_eq!(lines("UTC", funnel, "1990-03-20", "2026-03-19T21:30").len(), 0);
}

#[test]
fn a_segment_follows_the_calendar() {
    let funnel = r#"segment soon = client.birthday is known and next(client.birthday) <= today + 7d
        on entering soon -> tag "in"
        on leaving soon -> tag "out""#;
    let visits = ["2026-03-01T00:00", "2026-04-01T00:00"].map(|at| {
        let id = at.replace([':', '-'], "");
        format!(r#"{{"type":"visit","client":"c1","at":"{at}:00Z","data":{{"id":"{id}"}}}}"#)
    });
    let events = [client("1990-03-20"), visits[0].clone(), visits[1].clone()];
    let all = Story::new("UTC", funnel).results(&events.each_ref().map(String::as_str));
    let tags: Vec<_> = all.iter().filter(|line| line.contains(" tag ") && line.starts_with("2026")).collect();
    assert_eq!(tags, ["2026-03-13 00:00 tag in", "2026-03-21 00:00 tag out"]);
}

#[test]
fn only_dates_of_the_client_recur() {
    let known = |rest: &str| format!("on visit -> if client.birthday is known -> {rest}");
    yields(&known("tag \"{{ next(client.birthday) }}\""), &[]);
    yields("client { wedding: anniversary } on visit -> tag \"{{ last(client.wedding) + 1mo | date }}\"", &[]);
    yields("on visit -> tag \"{{ next(client.birthday) }}\"", &["F0302"]);
    yields("on visit -> tag \"{{ next(client.birthday) | default(\"-\") }}\"", &[]);
    for wrong in ["next(client.created_at)", "next(client)", "next(visit.id)", "next(client.birthday in last 3d)"] {
        yields(&known(&format!("tag \"{{{{ {wrong} | default(\"-\") }}}}\"")), &["F0303"]);
    }
    yields(&known("tag \"{{ next(client.birthdy) }}\""), &["F0202"]);
    // What is long past names what may be meant.
    let found = yields(&known("wait until client.birthday + 6mo -> stop"), &["F0303"]);
    let help: Vec<String> = found[0].help.iter().map(ToString::to_string).collect();
    assert_eq!(help, ["write which one is meant: `next(client.birthday) + 6mo` or `last(client.birthday) + 6mo`"]);
    // A date that moves with time is no deadline.
    yields("client { x: bool later by next(client.wedding) wedding: anniversary }", &["F0416"]);
}

#[test]
fn a_plain_date_comes_once_and_again_when_it_is_moved() {
    let funnel = "client { until: date? }\non client.until - 30d at 10:00 -> tag \"soon\"";
    let client = |at: &str, until: &str| {
        format!(
            r#"{{"type":"client","client":"c1","at":"{at}T00:00:00Z","data":{{"until":"{until}","created_at":"2020-01-01T00:00:00Z"}}}}"#
        )
    };
    let story = |zone: &str, events: &[String]| {
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let lines = Story::new(zone, funnel).results(&events);
        lines.into_iter().filter(|line| line.ends_with("soon")).collect::<Vec<_>>()
    };
    let later = |at: &str| format!(r#"{{"type":"visit","client":"c1","at":"{at}T00:00:00Z","data":{{"id":"{at}"}}}}"#);
    // Once, however long one waits; on the client's own calendar.
    let once = [client("2026-01-01", "2026-06-10"), later("2029-01-01")];
    assert_eq!(story("UTC", &once), ["2026-05-11 10:00 tag soon"]);
    assert_eq!(story("Asia/Vladivostok", &once), ["2026-05-11 10:00 tag soon"]);
    // Moved before and after it has come.
    let moved =
        [client("2026-01-01", "2026-06-10"), client("2026-02-01", "2026-08-10"), client("2026-09-01", "2036-08-10")];
    assert_eq!(story("UTC", &moved), ["2026-07-11 10:00 tag soon", "2036-07-11 10:00 tag soon"]);
    // The same date again, and one that is past already.
    let same =
        [client("2026-01-01", "2026-06-10"), client("2026-09-01", "2026-06-10"), client("2026-10-01", "2026-10-05")];
    assert_eq!(story("UTC", &same), ["2026-05-11 10:00 tag soon"]);
}

#[test]
fn the_type_says_whether_a_date_returns() {
    yields("client { until: date } on visit -> tag \"{{ next(client.until) | date }}\"", &["F0303"]);
    yields("client { wedding: anniversary } on visit -> wait until client.wedding -> stop", &["F0303"]);
    yields("client { wedding: anniversary } on visit -> if client.wedding == today -> tag \"x\"", &["F0303"]);
    yields("client { wedding: anniversary } on client.wedding at 10:00 -> tag \"x\"", &[]);
    yields("client { child_birthday: date } on client.child_birthday at 10:00 -> tag \"x\"", &["F0403"]);
    yields("client { child_birthday: anniversary } on client.child_birthday at 10:00 -> tag \"x\"", &[]);
    yields("client { until: date } on client.until at 10:00 -> tag \"x\"", &[]);
    yields("client { birthday: date } on client.birthday at 10:00 -> tag \"x\"", &["F0206"]);
    yields("client { birthday: anniversary } on client.birthday at 10:00 -> tag \"x\"", &[]);
    yields("event order { key id: text day: anniversary } on order -> tag \"x\"", &["F0208"]);
    yields("client { days: list<anniversary> } on visit -> tag \"x\"", &["F0208"]);
    yields("action remind(day: anniversary) on visit -> tag \"x\"", &["F0208"]);
    let declared = yields("client { birthday: date? } on visit -> tag \"x\"", &["F0206"]);
    assert_eq!(declared[0].fixes[0].edits[0].text, "anniversary?");
}

#[test]
fn the_original_date_is_no_moment_to_wait_for() {
    let client = "client { wedding: anniversary  done: bool? }";
    for wrong in [
        "wait until client.wedding else stop -> tag \"x\"",
        "wait until client.wedding at 10:00 else stop -> tag \"x\"",
        "wait until client.wedding + 7d else stop -> tag \"x\"",
        "wait for visit up to client.wedding { tag \"x\" }",
        "send sms \"x\" before client.wedding",
        "if client.wedding - today < 7d -> tag \"x\"",
    ] {
        let found = yields(&format!("{client} on form -> {wrong}"), &["F0303"]);
        let help = found[0].help[0].to_string();
        assert!(help.contains("next(client.wedding)"), "{wrong}: {help}");
    }
    yields("client { wedding: anniversary  x: bool later by client.wedding }", &["F0303"]);
    // With `next`, each of them is a moment.
    yields(&format!("{client} on form -> wait until next(client.wedding) at 10:00 else stop -> tag \"x\""), &[]);
    // A date is written, set, compared and imported as a date.
    yields(
        &format!("{client} on form -> set client.wedding = 2020-05-01 -> tag \"{{{{ client.wedding | day }}}}\""),
        &[],
    );
    yields(&format!("{client} on form -> if client.wedding <= today - 25y -> tag \"silver\""), &[]);
}
