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
            "2026-03-02 10:00 exit while client is not in busy",
            "2026-03-02 10:00 tag works",
            "2026-03-04 10:00 tag done",
            "2026-03-04 10:00 exit exit on entering resting",
            "2026-03-04 10:00 tag rests",
            "2026-03-09 10:00 send sms: undisturbed",
        ]
    );
}

#[test]
fn funnels_that_keep_each_other_out_for_ever_are_stopped() {
    let funnels = "funnel a { enter always  on visit while client is not in b -> wait 2d -> tag \"a\" }
        funnel b { enter always  on visit while client is in a -> wait 1d -> tag \"b\" }";
    let lines = results(funnels, &[visit("v1", "01T10:00")]);
    assert!(lines.iter().any(|line| line.contains("triggered each other 1000 times")), "{:?}", &lines[..9]);
}

#[test]
fn its_own_funnel_is_asked_for_other_runs_before_it_begins() {
    let funnel = "funnel one { enter always  on visit where client is not in one -> wait 2d -> send sms \"{{ id }}\" }";
    let events = [visit("v1", "01T10:00"), visit("v2", "02T10:00"), visit("v3", "04T10:00")];
    assert_eq!(results(funnel, &events), ["2026-03-03 10:00 send sms: v1", "2026-03-06 10:00 send sms: v3"]);
}

#[test]
fn names_and_places_are_checked() {
    let of =
        |text: &str, codes: &[&str]| yields(&format!("segment vip = client.city == \"Berlin\"\n{BUSY}{text}"), codes);
    of("on booking -> if client is in busy -> tag \"a\"", &[]);
    let unknown = of("on booking -> if client is in bussy -> tag \"a\"", &["F0201"]).remove(0);
    assert_eq!(unknown.fixes[0].edits[0].text, "busy");
    let segment = of("on booking -> if client is not in vip -> tag \"a\"", &["F0309"]);
    assert_eq!(segment[0].fixes[0].edits[0].text, "not client in vip");
    let funnel = of("on booking -> if client in busy -> tag \"a\"", &["F0215"]);
    assert_eq!(funnel[0].fixes[0].edits[0].text, "client is in busy");
    let help = of("on entering busy -> tag \"a\"", &["F0215"]).remove(0).help;
    assert!(help.iter().any(|help| help.to_string().contains("segment in_busy = client is in busy")), "{help:?}");
    of("on booking -> if booking is in busy -> tag \"a\"", &["F0309"]);
    of("on booking -> if count(visit where client is in busy) > 2 -> tag \"a\"", &["F0309"]);
    of("funnel own { on booking -> if client is in own -> wait 1d -> tag \"a\" }", &["F0414"]);
    of("funnel own { on booking where client is not in own -> wait 1d -> tag \"a\" }", &[]);
    of("on booking -> if client is in busy -> if client is not in busy -> tag \"a\"", &["F0414"]);
    of("on booking -> if client is in busy -> wait 1h -> if client is in busy -> tag \"a\"", &[]);
}
