//! The one-line funnel on the event log of a real clinic: 2,999 bookings, of which 2,411 were attended.

use crate::support::program::{run_funnelc, shared};
use funnelc::value::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const ONE_LINE: &str = "on booking -> if attended -> wait 24h -> send sms\n";
const DAY_MS: i64 = 86_400_000;

#[test]
fn each_attended_visit_gets_one_message_a_day_after_its_outcome() {
    let Some(log) = shared("data/clinic/events.ndjson") else { return };
    let folder = tempfile::tempdir().unwrap();
    let funnel = folder.path().join("came.funnel");
    std::fs::write(&funnel, ONE_LINE).unwrap();
    let (funnel, log) = (funnel.to_str().unwrap(), log.to_str().unwrap());

    let simulated = run_funnelc(["simulate", funnel, "--events", log, "--format", "json"]);
    assert_eq!(simulated.code, Some(0), "{}", simulated.err);
    let store = folder.path().join("store.db");
    let run = ["run", funnel, "--events", log, "--format", "json", "--fast-forward", "--store"];
    let ran = run_funnelc(run.into_iter().chain([store.to_str().unwrap()]));
    assert_eq!(ran.code, Some(0), "{}", ran.err);

    assert_messages(&simulated.out, &outcomes(Path::new(log)));
    assert!(
        simulated.out == ran.out,
        "`simulate` and `run` write different lines: {}",
        first_difference(&simulated.out, &ran.out)
    );
}

/// Asserts that each attended booking has one message, a day after the outcome was known, and no other booking has one.
fn assert_messages(lines: &str, outcomes: &BTreeMap<String, (bool, Timestamp)>) {
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_kind = |kind: &'static str| lines.iter().filter(move |line| line["kind"] == kind);
    let bookings: BTreeMap<&str, &str> = of_kind("enter").map(|line| (text(line, "run"), text(line, "key"))).collect();
    let mut sent = BTreeMap::new();
    for line in of_kind("send") {
        let booking = bookings[text(line, "run")];
        assert_eq!(sent.insert(booking, text(line, "at")), None, "booking {booking} has two messages");
        let (came, known_at) = outcomes[booking];
        assert!(came, "booking {booking} was not attended but has a message");
        let at = Timestamp::parse(text(line, "at")).unwrap();
        assert_eq!(at, known_at.plus_ms(DAY_MS), "booking {booking}: not a day after the outcome");
    }
    assert_eq!(sent.len(), 2411);
    assert_eq!(outcomes.values().filter(|(came, _)| *came).count(), 2411, "the log has changed");
}

/// For each booking, whether the patient came, and when that became known.
fn outcomes(log: &Path) -> BTreeMap<String, (bool, Timestamp)> {
    let text_of_log = std::fs::read_to_string(log).unwrap();
    let events = text_of_log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let outcomes = events.filter_map(|event| {
        let came = event["data"]["attended"].as_bool()?;
        Some((text(&event["data"], "id").to_owned(), (came, Timestamp::parse(text(&event, "at"))?)))
    });
    outcomes.collect()
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_else(|| panic!("`{name}` is not a text in {object}"))
}

fn first_difference(a: &str, b: &str) -> String {
    let differs = a.lines().zip(b.lines()).enumerate().find(|(_, (a, b))| a != b);
    match differs {
        Some((at, (a, b))) => format!("line {}:\n  {a}\n  {b}", at + 1),
        None => format!("{} and {} lines", a.lines().count(), b.lines().count()),
    }
}
