//! Conditions reported as always true or always false are so in every run: generated conditions, checked and then
//! evaluated with many values.

use super::support::choices::{Choices, cases};
use funnelc::Compiled;
use funnelc::check::Context;
use funnelc::diagnostic::{Code, Diagnostic};
use funnelc::engine::{Fields, Graphs, Line, LineKind, World, decode};
use funnelc::simulate::Simulation;
use funnelc::source::Sources;
use funnelc::value::Timestamp;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const DECLARED: &str = r#"event e {
  key id: text  a: number  o: number  b: number?  c: "x" | "y" | "z"  f: bool  g: bool?  h: text?
  m: datetime  t: bool later by m + 1h
}
"#;

fn atom(choices: &mut Choices<'_>) -> String {
    let op = ["<", "<=", ">", ">=", "==", "!="][choices.pick(6)];
    let number = choices.pick(4);
    let text = ["x", "y", "z"][choices.pick(3)];
    match choices.pick(16) {
        0 | 1 => format!("a {op} {number}"),
        2 => format!("(b is known and b {op} {number})"),
        3 => format!("b == {number}"),
        4 => "b is known".to_owned(),
        5 => "b is missing".to_owned(),
        6 => format!("c == \"{text}\""),
        7 => format!("c != \"{text}\""),
        8 => format!("c in [\"x\", \"{text}\"]"),
        9 => "f".to_owned(),
        10 => "g".to_owned(),
        11 => format!("h == \"{text}\""),
        12 => format!("a - o {op} {number}"),
        13 => format!("o + 1 {op} a"),
        14 => "t".to_owned(),
        _ => format!("m {op} now + {number}h"),
    }
}

fn condition(choices: &mut Choices<'_>, depth: usize) -> String {
    if depth == 0 || !choices.more() {
        return atom(choices);
    }
    match choices.pick(5) {
        0 => atom(choices),
        1 => format!("not ({})", condition(choices, depth - 1)),
        2 => format!("({} or {})", condition(choices, depth - 1), condition(choices, depth - 1)),
        _ => format!("({} and {})", condition(choices, depth - 1), condition(choices, depth - 1)),
    }
}

/// A funnel that tags each client with the branches they took.
fn funnel(choices: &mut Choices<'_>) -> (String, [(String, String); 3]) {
    let [first, held, failed] = [0, 1, 2].map(|_| condition(choices, 3));
    let between = ["", "set client.city = \"b\" -> ", "wait 10m -> "][choices.pick(3)];
    let body = format!(
        "on e -> if {first} {{ tag \"y\" -> {between}if {held} {{ tag \"yy\" }} else {{ tag \"yn\" }} }} \
         else {{ tag \"n\" -> {between}if {failed} {{ tag \"ny\" }} else {{ tag \"nn\" }} }}"
    );
    let conditions = [(first, String::new()), (held, "y".to_owned()), (failed, "n".to_owned())];
    (format!("{DECLARED}{body}\n"), conditions)
}

struct Checked {
    findings: Vec<Diagnostic>,
    tags: BTreeMap<String, Vec<String>>,
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

/// The findings of a funnel, and the tags of every client who went through it.
fn check_and_run(text: &str) -> Checked {
    let compiled = compiled(text);
    let (graphs, business) = (Graphs::new(compiled.graphs), Fields::new());
    let world = World {
        catalog: &compiled.program.catalog,
        graphs: &graphs,
        business: &business,
        language: "en",
        edge_counts: None,
    };
    let mut tags: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut simulation = Simulation::new(world, None, |line: &Line| {
        if let LineKind::Tag { tag } = &line.kind {
            tags.entry(line.client.0.clone()).or_default().push(tag.clone());
        }
    });
    for event in events() {
        simulation.event(decode(world.catalog, &event, Timestamp(0)).expect("a good event")).expect("a new event");
    }
    simulation.finish();
    Checked { findings: compiled.diagnostics, tags }
}

/// Events of many clients with different values.
fn events() -> Vec<Json> {
    let mut seed = 7_u64;
    let mut pick = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    // Each record has two events, with different values.
    let each = ["10:00", "10:05"].into_iter().flat_map(|at| (0..60).map(move |client| (at, client)));
    each.map(|(at, client)| {
        let mut data = json!({ "id": format!("e{client}"), "a": pick(4), "o": pick(4), "f": pick(2) == 0 });
        data["c"] = json!(["x", "y", "z"][pick(3) as usize]);
        data["b"] = if pick(3) == 0 { Json::Null } else { json!(pick(4)) };
        data["g"] = [Json::Null, json!(true), json!(false)][pick(3) as usize].clone();
        data["h"] = [Json::Null, json!("x"), json!("q")][pick(3) as usize].clone();
        data["m"] = json!(format!("2026-03-02T{:02}:00:00Z", 8 + pick(8)));
        match pick(3) {
            0 => {}
            answer => data["t"] = json!(answer == 1),
        }
        json!({ "type": "e", "client": format!("c{client}"), "at": format!("2026-03-02T{at}:00Z"), "data": data })
    })
    .collect()
}

/// Whether the funnel does something else after a fix that only removes text.
fn fix_changes_behavior(text: &str, before: &Checked, finding: &Diagnostic) -> bool {
    let Some(fix) = finding.fixes.iter().find(|fix| fix.edits.iter().all(|edit| edit.text.is_empty())) else {
        return false;
    };
    let mut fixed = text.to_owned();
    fix.edits.iter().for_each(|edit| fixed.replace_range(edit.span.range(), ""));
    check_and_run(&fixed).tags != before.tags
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decided_conditions_hold_in_every_run(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let (text, conditions) = funnel(&mut Choices::new(&bytes));
        let checked = check_and_run(&text);
        for finding in checked.findings.iter().filter(|finding| finding.code == Code::ConstantCondition) {
            prop_assert!(!fix_changes_behavior(&text, &checked, finding), "{} changes\n{}", finding.message, text);
            let place = text.get(finding.span.range()).expect("a place in the text");
            let after_if = text.get(..finding.span.start as usize).is_some_and(|before| before.ends_with("if "));
            let whole = conditions.iter().find(|(condition, _)| condition == place).filter(|_| after_if);
            let Some((_, path)) = whole else { continue };
            let wrong = if finding.message.contains("always true") { "n" } else { "y" };
            let wrong = format!("{path}{wrong}");
            // The same condition may occur in both branches; then a finding about one does not hold for the other.
            if conditions.iter().filter(|(condition, _)| condition == place).count() == 1 {
                let went = checked.tags.iter().find(|(_, tags)| tags.contains(&wrong));
                prop_assert!(went.is_none(), "{} but {:?} in\n{}", finding.message, went, text);
            }
        }
    }
}

/// A funnel with an exit on updates of its record, and the condition of that exit.
fn funnel_with_exit(choices: &mut Choices<'_>) -> (String, String) {
    let [came, leaves] = [0, 1].map(|_| condition(choices, 3));
    let body =
        format!("exit on e.updated where {leaves}\n  on e where {came} -> tag \"in\" -> wait 10m -> tag \"out\"");
    (format!("{DECLARED}funnel f {{\n  {body}\n}}\n"), leaves)
}

/// For an exit condition reported as decided: the funnel, whether it is always true, and how many entered and stayed.
fn exits(bytes: &[u8]) -> Option<(String, bool, usize, usize)> {
    let (text, leaves) = funnel_with_exit(&mut Choices::new(bytes));
    let checked = check_and_run(&text);
    let decided = checked.findings.iter().find(|finding| {
        finding.code == Code::ConstantCondition
            && text.get(..finding.span.start as usize).is_some_and(|before| before.ends_with("updated where "))
            && text.get(finding.span.range()) == Some(&*leaves)
    })?;
    let has = |tag: &str| checked.tags.values().filter(|tags| tags.iter().any(|other| other == tag)).count();
    Some((text, decided.message.contains("always true"), has("in"), has("out")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(128), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decided_exits_hold_in_every_run(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Some((text, always, came, stayed)) = exits(&bytes) {
            prop_assert_eq!(stayed, if always { 0 } else { came }, "{}", text);
        }
    }
}

#[test]
fn generated_conditions_are_decided_often_enough() {
    let mut seed = 11_u32;
    let (mut found, mut left) = (0, 0);
    for _ in 0..100 {
        let bytes: Vec<u8> = (0..60)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        let (text, _) = funnel(&mut Choices::new(&bytes));
        found += compiled(&text).diagnostics.iter().filter(|finding| finding.code == Code::ConstantCondition).count();
        left += usize::from(exits(&bytes).is_some_and(|(_, _, came, _)| came > 0));
    }
    assert!(left > 1, "only {left} exits in a hundred funnels");
    assert!(found > 20, "only {found} findings in a hundred funnels");
}
