//! What the checker claims about moments holds in every run: generated chains of waits are checked, then simulated for
//! clients whose bookings start at many different times.

use super::support::choices::{Choices, cases};
use funnelc::Compiled;
use funnelc::check::Context;
use funnelc::diagnostic::Code;
use funnelc::engine::{Fields, Graphs, Line, LineKind, World, decode};
use funnelc::simulate::Simulation;
use funnelc::source::Sources;
use funnelc::value::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A step of a chain. Each `wait until` is numbered, and its paths set tags with that number.
fn step(choices: &mut Choices<'_>, waits: &mut usize, with_else: bool) -> String {
    let sign = ["-", "+"][choices.pick(2)];
    let length = ["1h", "2h", "5h", "1d", "2d", "26h"][choices.pick(6)];
    match choices.pick(10) {
        0 => format!("wait {length}"),
        1 => "wait 1d at 10:00".to_owned(),
        2 => "wait until 18:00".to_owned(),
        3 => format!("if starts_at < now + {length}"),
        4 => format!("if now + {length} < starts_at"),
        5 => format!("if starts_at {sign} {length} >= now"),
        6 => {
            *waits += 1;
            let otherwise = if with_else { format!(" else {{ tag \"past{waits}\" }}") } else { String::new() };
            let time = ["00:00", "02:30", "18:00"][choices.pick(3)];
            format!("wait until starts_at {sign} {length} at {time}{otherwise} -> tag \"after{waits}\"")
        }
        _ => {
            *waits += 1;
            let otherwise = if with_else { format!(" else {{ tag \"past{waits}\" }}") } else { String::new() };
            format!("wait until starts_at {sign} {length}{otherwise} -> tag \"after{waits}\"")
        }
    }
}

/// A chain, with or without paths for moments in the past, and its number of `wait until`.
fn funnel(bytes: &[u8], with_else: bool) -> (String, usize) {
    let (mut choices, mut waits) = (Choices::new(bytes), 0);
    let mut steps = Vec::new();
    while choices.more() && steps.len() < 8 {
        steps.push(step(&mut choices, &mut waits, with_else));
    }
    steps.push("tag \"end\"".to_owned());
    (format!("on booking -> {}\n", steps.join(" -> ")), waits)
}

fn compiled(text: &str) -> Compiled {
    let mut sources = Sources::new();
    let file = sources.add("made-up.funnel", text);
    let context = Context { zone: Some("Europe/Berlin".to_owned()), ..Context::default() };
    let compiled = funnelc::compile(&mut sources, &[file], &context);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?} in\n{text}");
    compiled
}

/// The tags of each of many clients after a simulation.
fn tags(compiled: &Compiled) -> BTreeMap<String, BTreeSet<String>> {
    let (graphs, business) = (Graphs::new(compiled.graphs.clone()), Fields::new());
    let catalog = &compiled.program.catalog;
    let world = World { catalog, graphs: &graphs, business: &business, language: "en", edge_counts: None };
    let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut simulation = Simulation::new(world, None, |line: &Line| {
        if let LineKind::Tag { tag } = &line.kind {
            tags.entry(line.client.0.clone()).or_default().insert(tag.clone());
        }
    });
    for client in 0..60_i64 {
        // Around the change to daylight saving time on 2026-03-29, from a day and a half before to five days after.
        let at = Timestamp::parse("2026-03-27T16:30:00Z").expect("a moment");
        let starts = at.plus_ms((client * 157 - 2_160) * 60_000 + client % 3);
        let starts = funnelc::value::Zone::UTC.rfc3339(starts);
        // The runs are in Berlin, the places also elsewhere.
        let place = [None, Some("Asia/Vladivostok"), Some("America/Los_Angeles")][client as usize % 3];
        let data = json!({ "id": format!("b{client}"), "starts_at": starts, "timezone": place });
        let event =
            json!({ "type": "booking", "client": format!("c{client}"), "at": "2026-03-27T16:30:00Z", "data": data });
        simulation.event(decode(catalog, &event, at).expect("a good event")).expect("a new event");
    }
    simulation.finish();
    tags
}

/// The numbers of the waits at which a code is reported.
fn found_at(compiled: &Compiled, text: &str, code: Code) -> BTreeSet<usize> {
    let findings = compiled.diagnostics.iter().filter(|finding| finding.code == code);
    findings.map(|finding| text[..finding.span.start as usize].matches("wait until starts_at").count() + 1).collect()
}

/// A claim about a wait of a chain that the simulated clients contradict.
fn contradiction(bytes: &[u8]) -> Option<String> {
    let (text, waits) = funnel(bytes, false);
    let checked = compiled(&text);
    let (always, maybe) = (found_at(&checked, &text, Code::AlwaysPast), found_at(&checked, &text, Code::PastMoment));
    let tagged = tags(&compiled(&funnel(bytes, true).0));
    for wait in 1..=waits {
        let (past, after) = (format!("past{wait}"), format!("after{wait}"));
        let was_ahead = tagged.values().any(|tags| tags.contains(&after) && !tags.contains(&past));
        let was_past = tagged.values().any(|tags| tags.contains(&past));
        if always.contains(&wait) && was_ahead {
            return Some(format!("wait {wait} is not always past in\n{text}"));
        }
        if !always.contains(&wait) && !maybe.contains(&wait) && was_past {
            return Some(format!("wait {wait} may be past in\n{text}"));
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(60), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn claims_about_past_moments_hold_in_every_run(bytes in proptest::collection::vec(any::<u8>(), 0..32)) {
        let contradiction = contradiction(&bytes);
        prop_assert!(contradiction.is_none(), "{}", contradiction.unwrap_or_default());
    }
}

#[test]
fn generated_chains_have_enough_decided_moments() {
    let mut seed = 5_u32;
    let (mut always, mut never) = (0, 0);
    for _ in 0..80 {
        let bytes: Vec<u8> = (0..30)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        let (text, waits) = funnel(&bytes, false);
        let checked = compiled(&text);
        let count = |code| found_at(&checked, &text, code).len();
        always += count(Code::AlwaysPast);
        never += waits - count(Code::AlwaysPast) - count(Code::PastMoment);
    }
    assert!(always > 20 && never > 10, "{always} always past and {never} never");
}
