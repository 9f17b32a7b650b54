//! Benchmarks of the checker: throughput, a project of a thousand files, and one keystroke in five thousand lines.
//!
//! `cargo bench --bench check`. A cold start on one small file is measured from outside: `perf stat -r 50
//! target/release/funnelc check examples/one-liner/thanks.funnel`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use funnelc::Incremental;
use funnelc::check::Context;
use funnelc::source::{FileId, Sources};
use std::hint::black_box;

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A typical file of two thousand bytes.
const FILE: &str = include_str!("salon.funnel");

fn context() -> Context {
    Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("EUR".to_owned()), ..Context::default() }
}

/// A project with a number of files.
fn project(files: usize) -> (Sources, Vec<FileId>) {
    let mut sources = Sources::new();
    let ids = (0..files).map(|at| sources.add(format!("f{at}.funnel"), FILE.replace("NUMBER", &at.to_string())));
    let ids = ids.collect();
    (sources, ids)
}

fn check(c: &mut Criterion) {
    let mut group = c.benchmark_group("check");
    group.sample_size(20);
    for (name, files) in [("one file", 1), ("1000 files", 1000)] {
        let (sources, ids) = project(files);
        let bytes: usize = sources.iter().map(|(_, file)| file.text.len()).sum();
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(format!("parse, {name}"), |b| {
            b.iter(|| ids.iter().for_each(|id| drop(black_box(funnelc::syntax::parse(&sources, *id)))));
        });
        group.bench_function(format!("whole, {name}"), |b| {
            b.iter_batched(
                || sources.clone(),
                |mut sources| black_box(funnelc::compile(&mut sources, &ids, &context())),
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// Inserts and removes a character in a message, in a project of five thousand lines.
fn keystroke(c: &mut Criterion) {
    let lines = FILE.lines().count();
    let (mut sources, ids) = project(5_000 / lines);
    let mut known = Incremental::default();
    black_box(known.compile(&mut sources, &ids, &context()));
    let middle = ids[ids.len() / 2];
    let text = sources.get(middle).unwrap().text.clone();
    let mut typed = false;
    c.bench_function("check/a keystroke in 5000 lines", |b| {
        b.iter(|| {
            typed = !typed;
            let next = if typed { text.replace("Thank you!", "Thank you!!") } else { text.clone() };
            sources.replace(middle, next);
            black_box(known.compile(&mut sources, &ids, &context()))
        });
    });
}

criterion_group!(benches, check, keystroke);
criterion_main!(benches);
