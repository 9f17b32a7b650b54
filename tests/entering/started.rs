//! Funnels that only other funnels start.

use super::super::check::yields;
use super::{event_at, json, results};

fn visit(id: &str, time: &str) -> String {
    event_at("visit", time).data(json!({"id": id, "service": "massage"}))
}

#[test]
fn a_started_funnel_knows_the_client_or_the_record_as_well() {
    let funnels = "funnel a { on visit -> wait 1h -> start alone -> start about }
        funnel alone { on start where client.phone is known -> send sms \"to {{ client.phone | default(\\\"?\\\") }}\" }
        funnel about { on visit where false -> tag \"never\"  on start with visit as v -> wait 1h -> send sms \"{{ v.service | default(\\\"?\\\") }}\" }";
    let lines = results(&funnels.replace("\\\"", "\""), &[visit("v1", "01T10:00")]);
    assert_eq!(
        lines,
        [
            "2026-03-01 11:00 start alone",
            "2026-03-01 11:00 start about",
            "2026-03-01 11:00 send sms: to",
            "2026-03-01 12:00 send sms: massage",
        ]
    );
}

#[test]
fn on_start_is_where_a_start_begins_and_keeps_to_enter() {
    let funnels = "funnel a { on purchase -> start b }
        funnel b { enter again after 10d  on client.updated -> tag \"updated\"  on start -> tag \"started\" }";
    let purchase = |id: &str, time: &str| event_at("purchase", time).data(json!({"id": id, "amount": "5 EUR"}));
    let lines = results(funnels, &[purchase("p1", "01T10:00"), purchase("p2", "02T10:00"), purchase("p3", "12T10:00")]);
    let tags: Vec<&String> = lines.iter().filter(|line| line.contains("tag")).collect();
    assert_eq!(tags, ["2026-03-01 10:00 tag started", "2026-03-12 10:00 tag started"]);
}

#[test]
fn who_starts_it_is_checked() {
    let of = |text: &str, codes: &[&str]| yields(text, codes);
    of("funnel a { on start -> tag \"a\" }  on visit -> start a", &[]);
    of("funnel a { on start -> tag \"a\" }", &["F0418"]);
    of("funnel a { on start with visit -> tag \"{{ visit.id }}\" }  on visit as v -> start a", &[]);
    of("funnel a { on start with visit -> tag \"a\" }  on purchase -> start a", &["F0201"]);
    of("funnel a { on start as s -> tag \"a\" }  on visit -> start a", &["F0412"]);
    of("funnel a { on start while client.city is known -> tag \"a\" }  on visit -> start a", &["F0412"]);
    of("funnel a { on start -> tag \"{{ visit.id }}\" }  on visit -> start a", &["F0201"]);
    of("funnel a { enter always  on start -> start a }", &["F0419"]);
}
