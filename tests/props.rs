//! What `check` guarantees at run time: a funnel that passes never meets a value of the wrong type, whichever values are
//! missing, late or cleared. In test builds the engine panics on such a value.

use crate::support::funnels::funnels;
use crate::support::lives::life;
use funnelc::check::Context;
use funnelc::diagnostic::Diagnostic;
use funnelc::engine::{Fields, Graphs, Line, World, decode};
use funnelc::simulate::Simulation;
use funnelc::source::Sources;
use funnelc::value::Timestamp;
use proptest::prelude::*;
use serde_json::Value as Json;

/// An event with some of its fields removed or set to `null`.
fn damaged(event: &str, bytes: &[u8]) -> Json {
    let mut event: Json = serde_json::from_str(event).unwrap();
    if let Some(data) = event.get_mut("data").and_then(Json::as_object_mut) {
        let names: Vec<String> = data.keys().cloned().collect();
        for (name, byte) in names.into_iter().zip(bytes.iter().chain(std::iter::repeat(&0))) {
            match byte % 6 {
                4 => drop(data.remove(&name)),
                5 => drop(data.insert(name, Json::Null)),
                _ => {}
            }
        }
    }
    event
}

fn simulate(text: &str, log: &[String], bytes: &[u8]) -> Result<usize, String> {
    let mut sources = Sources::new();
    let file = sources.add("made-up.funnel", text);
    let context =
        Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("RUB".to_owned()), ..Context::default() };
    let compiled = funnelc::compile(&mut sources, &[file], &context);
    if let Some(error) = compiled.diagnostics.iter().find(|finding| Diagnostic::is_error(finding)) {
        return Err(format!("{} in\n{text}", error.message));
    }
    let (graphs, business) = (Graphs::new(compiled.graphs), Fields::new());
    let catalog = &compiled.program.catalog;
    let world = World { catalog, graphs: &graphs, business: &business, language: "en", edge_counts: None };
    let mut lines = 0;
    let mut simulation = Simulation::new(world, None, |_: &Line| lines += 1);
    for (n, event) in log.iter().enumerate() {
        let event = damaged(event, bytes.get(n % bytes.len().max(1)..).unwrap_or_default());
        // An event without a required field is rejected on arrival.
        if let Ok(event) = decode(catalog, &event, Timestamp(0)) {
            let _ = simulation.event(event);
        }
    }
    simulation.finish();
    Ok(lines)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_funnel_that_passes_never_meets_a_wrong_type(
        funnel in proptest::collection::vec(any::<u8>(), 0..160),
        events in proptest::collection::vec(any::<u8>(), 0..200),
        gaps in proptest::collection::vec(any::<u8>(), 1..64),
    ) {
        simulate(&funnels(&funnel), &life(&events), &gaps).map_err(TestCaseError::fail)?;
    }
}

#[test]
#[should_panic(expected = "the checker let through")]
fn a_wrong_type_panics() {
    // A graph that the checker never produces: it adds a duration to a text.
    let text = "on booking -> set client.city = \"a\" -> wait until starts_at + 1h else stop";
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text);
    let mut compiled = funnelc::compile(&mut sources, &[file], &Context::default());
    let mut json = serde_json::to_string(&compiled.graphs[0]).unwrap();
    json = json.replace(r#""name":"starts_at","ty":"date_time""#, r#""name":"service","ty":"text""#);
    compiled.graphs[0] = serde_json::from_str(&json).unwrap();
    let (graphs, business) = (Graphs::new(compiled.graphs), Fields::new());
    let catalog = &compiled.program.catalog;
    let world = World { catalog, graphs: &graphs, business: &business, language: "en", edge_counts: None };
    let mut simulation = Simulation::new(world, None, |_: &Line| {});
    let event = r#"{"type":"booking","id":"1","client":"c","at":"2026-03-01T10:00:00Z","data":{"id":"b","service":"x","starts_at":"2026-03-02T10:00:00Z"}}"#;
    let event = decode(catalog, &serde_json::from_str(event).unwrap(), Timestamp(0))
        .unwrap_or_else(|e| panic!("{}", e.message));
    let _ = simulation.event(event);
    simulation.finish();
}
