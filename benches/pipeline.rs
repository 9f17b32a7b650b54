//! Benchmarks of the pipeline stages: parse, compile, simulate.
//!
//! `cargo bench` prints bytes or events per second for each. The text is one funnel repeated many times; the events are
//! generated deterministically, so that every run measures the same work.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use funnelc::check::Context;
use funnelc::engine::{Event, Fields, Graphs, World, decode};
use funnelc::simulate::Simulation;
use funnelc::source::Sources;
use funnelc::value::{Timestamp, Zone};
use std::hint::black_box;

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ONE_LINER: &str = "on booking -> if attended -> wait 24h -> send sms";

const FUNNEL: &str = r#"
## Asks those who came, and calls back those who did not.
funnel rescue_NUMBER "No-show rescue" {
  hours 09:00..21:00
  exit on booking.cancelled

  on booking where service == "massage"
    -> wait until booking.starts_at - 2h else skip
    -> send sms "{{ client.name | default("friend") }}, we expect you at {{ booking.starts_at | time }}"
    -> if attended {
         wait 1d at 10:00 -> send sms "Thank you!"
       } else {
         wait 1h -> send sms "We missed you" else { tag "unreached" }
       }
}
"#;

fn project(funnels: usize) -> String {
    (0..funnels).map(|i| FUNNEL.replace("NUMBER", &i.to_string())).collect()
}

fn context() -> Context {
    Context { zone: Some("Europe/Berlin".to_owned()), ..Context::default() }
}

/// `clients` clients with a booking each and the result a day later; every fourth one does not attend.
fn events(world: &World<'_>, clients: i64) -> Vec<Event> {
    let text = |ms: i64| Zone::UTC.rfc3339(Timestamp(ms));
    let start = 1_772_323_200_000;
    let mut lines = Vec::new();
    for i in 0..clients {
        let at = start + i * 1000;
        let client = format!("c{i}");
        lines.push((
            at,
            serde_json::json!({"type": "client", "id": format!("k{i}"), "client": client, "at": text(at),
            "data": {"name": "Anna", "phone": "+79990000000"}}),
        ));
        lines.push((
            at,
            serde_json::json!({"type": "booking", "id": format!("b{i}"), "client": client, "at": text(at),
            "data": {"id": format!("{i}"), "service": "massage", "starts_at": text(at + 86_400_000)}}),
        ));
        let end = at + 90_000_000;
        lines.push((
            end,
            serde_json::json!({"type": "booking", "id": format!("e{i}"), "client": client, "at": text(end),
            "data": {"id": format!("{i}"), "attended": i % 4 != 0}}),
        ));
    }
    lines.sort_by_key(|(at, _)| *at);
    lines.into_iter().map(|(_, json)| decode(world.catalog, &json, Timestamp(0)).unwrap()).collect()
}

fn text(c: &mut Criterion) {
    let mut group = c.benchmark_group("text");
    let text = project(400);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |b| {
        let mut sources = Sources::new();
        let file = sources.add("bench.funnel", text.as_str());
        b.iter(|| black_box(funnelc::syntax::parse(&sources, file)));
    });
    group.bench_function("compile", |b| {
        b.iter(|| {
            let mut sources = Sources::new();
            let file = sources.add("bench.funnel", text.as_str());
            black_box(funnelc::compile(&mut sources, &[file], &context()))
        });
    });
    group.finish();
}

fn simulate(c: &mut Criterion) {
    let mut group = c.benchmark_group("simulate");
    group.sample_size(10);
    for (name, text) in [("one-liner", ONE_LINER), ("rescue", FUNNEL)] {
        let mut sources = Sources::new();
        let file = sources.add("bench.funnel", text);
        let compiled = funnelc::compile(&mut sources, &[file], &context());
        let (graphs, business) = (Graphs::new(compiled.graphs), Fields::new());
        let world = World {
            catalog: &compiled.program.catalog,
            graphs: &graphs,
            business: &business,
            language: "en",
            edge_counts: None,
        };
        let events = events(&world, 10_000);
        group.throughput(Throughput::Elements(events.len() as u64));
        group.bench_with_input(BenchmarkId::new("events", name), &events, |b, events| {
            b.iter(|| {
                let mut simulation = Simulation::new(world, None, |line| _ = black_box(line));
                for event in events {
                    simulation.event(event.clone()).unwrap();
                }
                assert!(simulation.finish().messages >= 7_500);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, text, simulate);
criterion_main!(benches);
