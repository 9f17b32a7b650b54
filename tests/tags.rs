//! Tags of funnels and tags of other systems: stored apart, read as one list.

use super::runtime::workshop::{HostOutput, compiled, stream};
use super::support::case;
use super::support::event::event;
use super::support::story::Story;
use funnelc::channel::Channels;
use funnelc::engine::{ClientId, Line, LineKind};
use funnelc::runtime::{Host, Mode, Retry, RunConfig};
use funnelc::store::{MemoryStore, Store};
use serde_json::{Value, json};

/// Adds a tag by a form, removes it by a visit, tells all tags by a purchase.
const FUNNELS: &str = r#"
    event form { name: text? }
    funnel on_ { enter always on form -> tag "vip" }
    funnel off { enter always on visit -> untag "vip" }
    funnel says {
      enter always
      on purchase
        -> if "vip" in client.tags { task "vip" } else { task "not vip" }
        -> if "crm" in client.tags { task "crm" }
    }
    funnel changes { enter always on client.tags -> set client.city = "changed" }"#;

fn day(day: u32) -> String {
    format!("2026-03-{day:02}T09:00:00Z")
}

fn list(on: u32, tags: Value) -> String {
    event("client").at(&day(on)).data(json!({"tags": tags}))
}

fn add(on: u32) -> String {
    event("form").at(&day(on)).data(json!({}))
}

fn remove(on: u32) -> String {
    event("visit").at(&day(on)).data(json!({"id": day(on)}))
}

fn ask(on: u32) -> String {
    event("purchase").at(&day(on)).data(json!({"id": day(on), "amount": "1 RUB"}))
}

/// The answers of `ask`.
fn shown(events: &[String]) -> Vec<String> {
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let text = |line: &Line| match &line.kind {
        LineKind::Task { text, .. } => Some(text.clone()),
        _ => None,
    };
    Story::new("UTC", FUNNELS).lines(&events).iter().filter_map(text).collect()
}

#[test]
fn a_tag_is_on_after_null_was_received() {
    let results = case::results("tags-of-funnels");
    let sent = results.iter().find(|line| line.contains(" send ")).unwrap();
    assert_eq!(sent, "2026-03-03 09:00 +01:00 c1 send sms +491700000001 \"Welcome back\"", "{results:?}");
}

#[test]
fn a_received_list_replaces_received_tags_only() {
    for other in [json!(null), json!([]), json!(["crm"]), json!(["crm", "new"])] {
        let with_crm = other.to_string().contains("crm");
        let expected: &[&str] = if with_crm { &["vip", "crm"] } else { &["vip"] };
        assert_eq!(shown(&[list(1, json!(["crm"])), add(2), list(3, other.clone()), ask(4)]), expected, "{other}");
        assert_eq!(shown(&[add(1), list(2, json!(["crm"])), list(3, other.clone()), ask(4)]), expected, "{other}");
        assert_eq!(shown(&[list(3, other.clone()), list(1, json!(["crm"])), add(4), ask(5)]), expected, "{other}");
    }
}

#[test]
fn a_tag_that_both_sides_set_stays_on_when_one_drops_it() {
    assert_eq!(shown(&[list(1, json!(["vip"])), add(2), list(3, json!([])), ask(4)]), ["vip"]);
}

#[test]
fn untag_removes_a_tag_of_either_side() {
    assert_eq!(shown(&[add(1), remove(2), ask(3)]), ["not vip"]);
    assert_eq!(shown(&[list(1, json!(["vip", "crm"])), remove(2), ask(3)]), ["not vip", "crm"]);
    assert_eq!(shown(&[list(1, json!(["vip"])), add(2), remove(3), ask(4)]), ["not vip"]);
}

#[test]
fn a_removed_tag_comes_back_only_when_somebody_adds_it_again() {
    let vip = || json!(["vip"]);
    assert_eq!(shown(&[list(1, vip()), remove(2), list(3, json!(["vip", "crm"])), ask(4)]), ["not vip", "crm"]);
    assert_eq!(shown(&[list(1, vip()), remove(2), list(3, json!([])), list(4, vip()), ask(5)]), ["vip"]);
    assert_eq!(shown(&[list(1, vip()), remove(2), add(3), ask(4)]), ["vip"]);
    assert_eq!(shown(&[list(1, vip()), remove(2), add(3), remove(4), ask(5)]), ["not vip"]);
}

#[test]
fn an_older_list_changes_nothing() {
    assert_eq!(shown(&[list(3, json!([])), add(4), list(1, json!(["crm"])), ask(5)]), ["vip"]);
    assert_eq!(shown(&[add(1), list(3, json!(["crm"])), list(2, json!(null)), ask(4)]), ["vip", "crm"]);
    // A list is only older than another list, not than another field or a tag of a funnel.
    let named = event("client").at(&day(3)).data(json!({"city": "Ulm"}));
    assert_eq!(shown(&[named, add(4), list(1, json!(["crm"])), ask(5)]), ["vip", "crm"]);
}

#[test]
fn only_a_change_of_the_whole_list_triggers() {
    let changes = |events: &[String]| {
        let known = event("client").at("2026-02-28T09:00:00Z").data(json!({"name": "Anna"}));
        let events: Vec<&str> = std::iter::once(&known).chain(events).map(String::as_str).collect();
        let is_set = |line: &&Line| matches!(line.kind, LineKind::Set { .. });
        Story::new("UTC", FUNNELS).lines(&events).iter().filter(is_set).count()
    };
    assert_eq!(changes(&[add(1)]), 1);
    assert_eq!(changes(&[add(1), add(2)]), 1, "it was on");
    assert_eq!(changes(&[add(1), list(2, json!(["vip"]))]), 1, "it was on");
    assert_eq!(changes(&[add(1), list(2, json!(["vip"])), list(3, json!([]))]), 1, "it is still on");
    assert_eq!(changes(&[remove(1), list(2, json!(null)), list(3, json!([]))]), 0);
    assert_eq!(changes(&[add(1), list(2, json!(["crm"]))]), 2);
}

#[test]
fn both_sides_survive_a_restart() {
    let memory = MemoryStore::new();
    for log in [vec![list(1, json!(["crm"])), add(2)], vec![list(3, json!(["new"])), ask(4)]] {
        let output = HostOutput::default();
        let lines = output.lines.clone();
        let host = Host::new(RunConfig {
            project: compiled(FUNNELS),
            store: Box::new(memory.clone()),
            channels: Channels::new(),
            retry: Retry::default(),
            source: Some(stream(&(log.join("\n") + "\n"))),
            mode: Mode::FastForward,
            signals: false,
            on_line: Box::new(move |line: &Line| lines.borrow_mut().push(line.clone())),
            on_rejected: Box::new(|rejected| panic!("{rejected:?}")),
        });
        host.unwrap().run().unwrap();
    }
    let client = memory.clone().client(&ClientId("c1".into())).unwrap().unwrap();
    assert_eq!(client.fields["tags"], json!(["new", "vip"]));
}
