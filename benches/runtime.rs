//! Benchmarks of the durable host: event throughput for each store, and the cost of a commit by its size.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use funnelc::channel::Channels;
use funnelc::check::Context;
use funnelc::engine::{ClientId, Fields, Graphs};
use funnelc::runtime::{Host, Mode, Project, Retry, RunConfig, Source};
use funnelc::source::Sources;
use funnelc::store::{AcceptedEvent, Batch, MemoryStore, Sqlite, Store};
use funnelc::value::{Timestamp, Zone};
use std::hint::black_box;
use std::io::Cursor;

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ONE_LINER: &str = "on booking -> if attended -> wait 24h -> send sms";

fn project() -> Project {
    let mut sources = Sources::new();
    let file = sources.add("bench.funnel", ONE_LINER);
    let compiled = funnelc::compile(&mut sources, &[file], &Context::default());
    let graphs = Graphs::new(compiled.graphs);
    Project { catalog: compiled.program.catalog, graphs, business: Fields::new(), language: "en".into() }
}

/// Three events per client: who they are, a booking, and that they attended.
fn log(clients: i64) -> String {
    let event = |n: i64, kind: &str, id: &str, data: &str| {
        let at = Zone::UTC.rfc3339(Timestamp(1_772_323_200_000 + n * 1000));
        format!(r#"{{"type":"{kind}","id":"{id}{n}","client":"c{n}","at":"{at}","data":{{{data}}}}}"#) + "\n"
    };
    let of_client = |n: i64| {
        event(n, "client", "k", r#""name":"Anna","phone":"+79990000000""#)
            + &event(n, "booking", "b", &format!(r#""id":"{n}","starts_at":"2026-03-02T10:00:00Z""#))
            + &event(n, "booking", "a", &format!(r#""id":"{n}","attended":true"#))
    };
    (0..clients).map(of_client).collect()
}

fn run(store: Box<dyn Store>, project: Project, log: &str) -> u64 {
    let host = Host::new(RunConfig {
        project,
        store,
        channels: Channels::new(),
        retry: Retry::default(),
        source: Some(Source::Stream(Box::new(Cursor::new(log.as_bytes().to_vec())))),
        mode: Mode::FastForward,
        signals: false,
        on_line: Box::new(|line| _ = black_box(line)),
        on_rejected: Box::new(|_| {}),
    });
    host.unwrap().run().unwrap().sent
}

fn host(c: &mut Criterion) {
    let mut group = c.benchmark_group("run");
    let (project, clients) = (project(), 10_000);
    let log = log(clients);
    group.throughput(Throughput::Elements(clients.unsigned_abs() * 3)).sample_size(10);
    group.bench_function("memory", |b| {
        b.iter(|| assert_eq!(run(Box::new(MemoryStore::new()), project.clone(), &log), clients.unsigned_abs()));
    });
    group.bench_function("sqlite", |b| {
        b.iter_batched(
            || tempfile::tempdir().unwrap(),
            |folder| {
                let store = Sqlite::open(&folder.path().join("store.db")).unwrap();
                assert_eq!(run(Box::new(store), project.clone(), &log), clients.unsigned_abs());
                folder
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn commit(c: &mut Criterion) {
    let mut group = c.benchmark_group("commit");
    for size in [1, 32, 512] {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Sqlite::open(&folder.path().join("store.db")).unwrap();
        let mut made = 0_u64;
        group.throughput(Throughput::Elements(size));
        group.bench_function(BenchmarkId::new("sqlite", size), |b| {
            b.iter(|| {
                let events = (0..size).map(|n| event(made + n)).collect();
                made += size;
                store.commit(&Batch { events, ..Batch::default() }).unwrap();
            });
        });
    }
    group.finish();
}

fn event(n: u64) -> AcceptedEvent {
    AcceptedEvent {
        source: "events".into(),
        id: Some(format!("e{n}")),
        name: "booking".into(),
        client: ClientId(format!("c{n}")),
        key: Some(n.to_string()),
        at: Timestamp(0),
        received_at: Timestamp(0),
        imported: false,
        data: Fields::new(),
        digest: Some([0; 16]),
    }
}

criterion_group!(benches, host, commit);
criterion_main!(benches);
