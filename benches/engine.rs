//! Benchmarks of the engine alone: a long chain, a clinic's event log, a million clients, a thousand tests.
//!
//! `FUNNELC_SHARED` names the folder with the clinic's log; without it that benchmark is skipped. The million clients
//! take minutes and gigabytes, so they only run on request: `cargo bench --bench engine -- million`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench stops at the first surprise")]
#![allow(clippy::disallowed_methods, reason = "a bench reads its data")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use funnelc::Compiled;
use funnelc::check::Context;
use funnelc::engine::{Client, Effects, Event, Fields, Graphs, Input, Outcome, World, decode, handle};
use funnelc::simulate::{Simulation, run_test};
use funnelc::source::Sources;
use funnelc::value::{Timestamp, Zone};
use std::hint::black_box;
use std::path::PathBuf;

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Ten elements, all of which a run of [`booked`] passes.
const TEN: &str = r#"
funnel ten {
  hours 08:00..22:00
  exit on booking.cancelled

  on booking where service == "massage"
    -> if client.name is known
    -> wait until booking.starts_at - 2h else skip
    -> send sms "{{ client.name }}, we expect you at {{ booking.starts_at | time }}"
    -> if attended
    -> wait 1d at 10:00
    -> set client.city = "Berlin"
    -> match booking.branch { case "north" -> tag "north" otherwise -> tag "south" }
    -> send sms "Thank you!" else { tag "unreached" }
    -> tag "done"
}
"#;
const ELEMENTS: u64 = 10;

const ONE_LINER: &str = "on booking -> if attended -> wait 24h -> send sms";

const START_MS: i64 = 1_772_323_200_000;

fn compiled(text: &str) -> Compiled {
    let mut sources = Sources::new();
    let file = sources.add("bench.funnel", text);
    let context = Context { zone: Some("Europe/Berlin".to_owned()), ..Context::default() };
    let compiled = funnelc::compile(&mut sources, &[file], &context);
    assert!(!compiled.diagnostics.iter().any(funnelc::diagnostic::Diagnostic::is_error), "{:?}", compiled.diagnostics);
    compiled
}

fn world<'a>(compiled: &'a Compiled, graphs: &'a Graphs, business: &'a Fields) -> World<'a> {
    World { catalog: &compiled.program.catalog, graphs, business, language: "en", edge_counts: None }
}

fn event(world: &World<'_>, kind: &str, client: i64, at: i64, data: &str) -> Event {
    let at = Zone::UTC.rfc3339(Timestamp(at));
    let text = format!(r#"{{"type":"{kind}","client":"c{client}","at":"{at}","data":{{{data}}}}}"#);
    decode(world.catalog, &serde_json::from_str(&text).unwrap(), Timestamp(0)).unwrap()
}

/// The events of a client: who they are, a booking, and that they attended.
fn booked(world: &World<'_>, client: i64, at: i64) -> [Event; 3] {
    let starts = Zone::UTC.rfc3339(Timestamp(at + 86_400_000));
    let booking = format!(r#""id":"{client}","service":"massage","branch":"south","starts_at":"{starts}""#);
    [
        event(world, "client", client, at, r#""name":"Anna","phone":"+79990000000""#),
        event(world, "booking", client, at, &booking),
        event(world, "booking", client, at + 90_000_000, &format!(r#""id":"{client}","attended":true"#)),
    ]
}

/// Handles an input and all timers that are due before the next one.
fn advance_client(world: &World<'_>, client: &mut Client, input: Input, now: Timestamp, until: Timestamp) -> u64 {
    let mut ended = 0;
    let mut count = |effects: Effects, client: &mut Client, now| {
        ended += effects.ended.len() as u64;
        for message in effects.messages.into_iter().filter(|message| message.outcome_expected) {
            let effects = handle(world, client, Input::Outcome(message, Outcome::Sent), now);
            ended += effects.ended.len() as u64;
        }
    };
    let effects = handle(world, client, input, now);
    count(effects, client, now);
    let due = |client: &Client| {
        let wakes = client.runs.values().filter_map(|run| Some((run.wake_at()?, run.id.clone())));
        wakes.min().filter(|(at, _)| *at < until)
    };
    while let Some((at, run)) = due(client) {
        let effects = handle(world, client, Input::RunTimer(run), at);
        count(effects, client, at);
    }
    ended
}

fn advance(c: &mut Criterion) {
    let compiled = compiled(TEN);
    let (graphs, business) = (Graphs::new(compiled.graphs.clone()), Fields::new());
    let world = world(&compiled, &graphs, &business);
    let lives: Vec<[Event; 3]> = (0..1000).map(|client| booked(&world, client, START_MS + client * 60_000)).collect();
    let mut group = c.benchmark_group("advance");
    group.throughput(Throughput::Elements(ELEMENTS * lives.len() as u64));
    group.bench_function("elements", |b| {
        b.iter(|| {
            let mut ended = 0;
            for life in &lives {
                let mut client = Client::new(life[0].client.clone());
                for (no, event) in life.iter().enumerate() {
                    let until = life.get(no + 1).map_or(Timestamp::MAX, |next| next.at);
                    ended += advance_client(&world, &mut client, Input::Event(event.clone()), event.at, until);
                }
            }
            assert_eq!(ended, lives.len() as u64);
        });
    });
    group.finish();
}

fn clinic(c: &mut Criterion) {
    let folder = std::env::var_os("FUNNELC_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let Ok(log) = std::fs::read_to_string(folder.join("data/clinic/events.ndjson")) else { return };
    let compiled = compiled(ONE_LINER);
    let (graphs, business) = (Graphs::new(compiled.graphs.clone()), Fields::new());
    let world = world(&compiled, &graphs, &business);
    let mut group = c.benchmark_group("simulate");
    group.throughput(Throughput::Elements(log.lines().count() as u64)).sample_size(20);
    group.bench_function("clinic", |b| {
        b.iter(|| {
            let mut simulation = Simulation::new(world, None, |line| _ = black_box(line));
            for line in log.lines() {
                let json = serde_json::from_str(line).unwrap();
                simulation.event(decode(world.catalog, &json, Timestamp(0)).unwrap()).unwrap();
            }
            assert_eq!(simulation.finish().messages, 2411);
        });
    });
    group.finish();
}

/// One booking per second for eleven days, attended a day later; events are generated on the fly.
fn million(c: &mut Criterion) {
    if !std::env::args().any(|argument| argument == "million") {
        return;
    }
    let compiled = compiled(ONE_LINER);
    let (graphs, business) = (Graphs::new(compiled.graphs.clone()), Fields::new());
    let world = world(&compiled, &graphs, &business);
    let (clients, delay): (i64, i64) = (1_000_000, 90_000);
    let mut group = c.benchmark_group("simulate");
    group.throughput(Throughput::Elements(3 * clients.unsigned_abs())).sample_size(10);
    group.bench_function("million", |b| {
        b.iter(|| {
            let mut simulation = Simulation::new(world, None, |line| _ = black_box(line));
            for second in 0..clients + delay {
                if second >= delay {
                    let client = second - delay;
                    let [.., came] = booked(&world, client, START_MS + client * 1000);
                    simulation.event(came).unwrap();
                }
                if second < clients {
                    let [profile, booking, _] = booked(&world, second, START_MS + second * 1000);
                    simulation.event(profile).unwrap();
                    simulation.event(booking).unwrap();
                }
            }
            assert_eq!(simulation.finish().messages, clients.unsigned_abs());
        });
    });
    group.finish();
}

fn tests(c: &mut Criterion) {
    let test = |no: usize| {
        format!(
            r#"
test "a client who came is thanked, {no}" {{
  client {{ id: "c{no}", name: "Anna", phone: "+79990000000" }}
  at 2026-03-01 10:00 booking {{ id: "b{no}", service: "massage", starts_at: 2026-03-02 12:00 }}
  at 2026-03-02 13:00 booking {{ id: "b{no}", attended: true }}
  expect at 2026-03-02 10:00 send sms containing "Anna"
  expect at 2026-03-03 10:00 send sms containing "Thank you"
}}
"#
        )
    };
    let text: String = std::iter::once(TEN.to_owned()).chain((0..1000).map(test)).collect();
    let compiled = compiled(&text);
    let (graphs, business) = (Graphs::new(compiled.graphs.clone()), Fields::new());
    let world = world(&compiled, &graphs, &business);
    let mut group = c.benchmark_group("test");
    group.throughput(Throughput::Elements(compiled.program.tests.len() as u64)).sample_size(20);
    group.bench_function("blocks", |b| {
        b.iter(|| {
            for test in &compiled.program.tests {
                assert!(run_test(world, test).passed());
            }
        });
    });
    group.finish();
}

criterion_group!(benches, advance, clinic, million, tests);
criterion_main!(benches);
