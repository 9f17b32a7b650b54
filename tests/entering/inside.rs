//! Whether a client is in another funnel, in every kind of condition.

use super::super::check::yields;
use super::{event_at, json, results};

fn visit(id: &str, time: &str) -> String {
    event_at("visit", time).data(json!({"id": id}))
}

fn purchase(id: &str, time: &str) -> String {
    event_at("purchase", time).data(json!({"id": id, "amount": "5 EUR"}))
}

const BUSY: &str = "funnel busy { on visit -> wait 2d -> tag \"done\" }\n";

fn with_busy(funnels: &str, events: &[String]) -> Vec<String> {
    results(&format!("{BUSY}{funnels}"), events)
}

#[test]
fn a_where_and_an_if_ask_at_their_moment() {
    let funnels = "funnel a { on purchase where client is in busy -> tag \"in\" }
        funnel b { on purchase where client is not in busy -> tag \"out\" }
        funnel c { on purchase -> if not (client is in busy) { tag \"free\" } else { wait 2d -> if client is in busy { stop } else { tag \"later\" } } }";
    let events = [purchase("p1", "01T10:00"), visit("v1", "02T10:00"), purchase("p2", "03T10:00")];
    assert_eq!(
        with_busy(funnels, &events),
        [
            "2026-03-01 10:00 tag out",
            "2026-03-01 10:00 tag free",
            "2026-03-03 10:00 tag in",
            "2026-03-04 10:00 tag done",
            "2026-03-05 10:00 tag later",
        ]
    );
}

#[test]
fn with_several_runs_it_holds_until_the_last_has_ended() {
    let funnels = "funnel a { on purchase where client is in busy -> tag \"in\" }";
    let events =
        [visit("v1", "01T10:00"), visit("v2", "02T10:00"), purchase("p1", "03T11:00"), purchase("p2", "04T11:00")];
    assert_eq!(
        with_busy(funnels, &events),
        ["2026-03-03 10:00 tag done", "2026-03-03 11:00 tag in", "2026-03-04 10:00 tag done"]
    );
}

#[test]
fn a_while_and_a_segment_follow_runs_that_begin_and_end() {
    let funnels = "segment resting = client is not in busy
        funnel a { on purchase while client is not in busy -> wait 5d -> send sms \"undisturbed\" }
        funnel b { on entering resting -> tag \"rests\" }
        funnel c { on leaving resting -> tag \"works\" }
        funnel d { exit on entering resting  on visit -> wait 9d -> tag \"never\" }";
    let events = [purchase("p1", "01T10:00"), visit("v1", "02T10:00")];
    assert_eq!(
        with_busy(funnels, &events),
        [
            "2026-03-01 09:00 tag rests",
            "2026-03-02 10:00 tag works",
            "2026-03-02 10:00 exit while client is not in busy",
            "2026-03-04 10:00 tag done",
            "2026-03-04 10:00 exit exit on entering resting",
            "2026-03-04 10:00 tag rests",
            "2026-03-09 10:00 send sms: undisturbed",
        ]
    );
}

#[test]
fn funnels_that_keep_each_other_out_end_together() {
    let funnels = "funnel a { enter always  on visit while client is not in b -> wait 2d -> tag \"a\" }
        funnel b { enter always  on visit while client is in a -> wait 1d -> tag \"b\" }";
    assert_eq!(
        results(funnels, &[visit("v1", "01T10:00")]),
        ["2026-03-01 10:00 exit while client is not in b", "2026-03-01 10:00 exit while client is in a"]
    );
}

#[test]
fn its_own_funnel_is_asked_for_other_runs_before_it_begins() {
    let funnel = "funnel one { enter always  on visit where client is not in one -> wait 2d -> send sms \"{{ id }}\" }";
    let events = [visit("v1", "01T10:00"), visit("v2", "02T10:00"), visit("v3", "04T10:00")];
    assert_eq!(results(funnel, &events), ["2026-03-03 10:00 send sms: v1", "2026-03-06 10:00 send sms: v3"]);
}

#[test]
fn names_and_places_are_checked() {
    let of = |text: &str, codes: &[&str]| {
        yields(
            &format!("segment vip = client.city == \"Berlin\"\n{BUSY}on leaving vip -> untag \"vip\"\n{text}"),
            codes,
        )
    };
    of("on booking -> if client is in busy -> tag \"a\"", &[]);
    let unknown = of("on booking -> if client is in bussy -> tag \"a\"", &["F0201"]).remove(0);
    assert_eq!(unknown.fixes[0].edits[0].text, "busy");
    let segment = of("on booking -> if client is not in vip -> tag \"a\"", &["F0303"]);
    assert_eq!(segment[0].fixes[0].edits[0].text, "not client in vip");
    let funnel = of("on booking -> if client in busy -> tag \"a\"", &["F0215"]);
    assert_eq!(funnel[0].fixes[0].edits[0].text, "client is in busy");
    let help = of("on entering busy -> tag \"a\"", &["F0215"]).remove(0).help;
    assert!(help.iter().any(|help| help.to_string().contains("segment in_busy = client is in busy")), "{help:?}");
    of("on booking -> if booking is in busy -> tag \"a\"", &["F0303"]);
    of("on booking -> if count(visit where client is in busy) > 2 -> tag \"a\"", &["F0309"]);
    of("funnel own { on booking -> if client is in own -> wait 1d -> tag \"a\" }", &["F0414"]);
    of("funnel own { on booking where client is not in own -> wait 1d -> tag \"a\" }", &[]);
    of("on booking -> if client is in busy -> if client is not in busy -> tag \"a\"", &["F0414"]);
    of("on booking -> if client is in busy -> wait 1h -> if client is in busy -> tag \"a\"", &[]);
}

#[test]
fn another_funnel_is_stopped_with_all_its_runs() {
    let funnels = "funnel later { on purchase -> stop busy -> tag \"stopped\" }
        funnel asks { on purchase -> wait 1h -> if client is in busy { tag \"busy\" } else { tag \"free\" } }";
    let events =
        [visit("v1", "01T10:00"), visit("v2", "01T11:00"), purchase("p1", "02T10:00"), purchase("p2", "02T12:00")];
    assert_eq!(
        with_busy(funnels, &events),
        [
            "2026-03-02 10:00 tag stopped",
            "2026-03-02 10:00 exit stopped by funnel later",
            "2026-03-02 10:00 exit stopped by funnel later",
            "2026-03-02 11:00 tag free",
            "2026-03-02 12:00 tag stopped",
            "2026-03-02 13:00 tag free",
        ]
    );
}

#[test]
fn a_funnel_is_stopped_and_started_again_in_order() {
    let funnels = "funnel again { on purchase -> stop long -> start long }
        funnel long { enter always  on client.updated -> wait 2d -> send sms \"late\" }";
    let client = event_at("client", "01T10:00").data(json!({"city": "Berlin"}));
    assert_eq!(
        results(funnels, &[client, purchase("p1", "02T10:00")]),
        [
            "2026-03-02 10:00 start long",
            "2026-03-02 10:00 exit stopped by funnel again",
            "2026-03-04 10:00 send sms: late",
        ]
    );
}

#[test]
fn stopping_a_funnel_is_checked() {
    let of = |text: &str, codes: &[&str]| yields(&format!("{BUSY}{text}"), codes);
    of("on booking -> stop busy", &[]);
    let unknown = of("on booking -> stop bussy", &["F0201"]).remove(0);
    assert_eq!(unknown.fixes[0].edits[0].text, "busy");
    let own = of("funnel own { on booking -> wait 1d -> stop own }", &["F0201"]);
    assert_eq!((own[0].fixes[0].edits[0].text.as_str(), own[0].fixes[0].edits[0].span.range().len()), ("", 4));
    of("funnel quick { on visit -> tag \"a\" }  on booking -> stop quick", &["F0418"]);
    of("funnel held { hours 09:00..20:00  on visit -> send sms \"a\" }  on booking -> stop held", &[]);
    let forever = "funnel a { enter always  on visit -> start b -> wait 2d -> tag \"a\" }
        funnel b { enter always  on visit -> stop a -> start a }";
    let found = yields(forever, &["F0419"]);
    assert!(found[0].is_error(), "{found:?}");
}
