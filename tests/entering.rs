//! Who enters a funnel and who does not, as stories: a state that is there already, conditions that stop holding,
//! imported clients.

use super::support::event::{Event, event};
use super::support::story::Story;
use serde_json::json;

mod again;
mod cancelled;
mod dates;
mod exits;
mod imports;
mod inside;
mod lasting;
mod record_moments;
mod segments;
mod started;

const ANNA: &str =
    r#"{"type":"client","id":"k1","client":"c1","at":"2026-03-01T09:00:00+01:00","data":{"phone":"+491700000001"}}"#;

/// An event of Anna in March 2026 in Berlin, at a day and a time such as `02T10:00`.
fn event_at(kind: &str, time: &str) -> Event {
    event(kind).at(&format!("2026-03-{time}:00+01:00"))
}

/// The results of a funnel for Anna, without entries and the phone number.
fn results(funnel: &str, events: &[String]) -> Vec<String> {
    let events: Vec<&str> = std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect();
    let lines = Story::new("Europe/Berlin", funnel).results(&events);
    let lines = lines.into_iter().filter(|line| !line.ends_with(" enter") && !line.ends_with(" exit finished"));
    lines.map(|line| line.replace(" +491700000001", "")).collect()
}
