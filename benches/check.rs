//! Benches of the checker: bytes a second, a project of a thousand files, and one keystroke in five thousand lines.
//!
//! `cargo bench --bench check`. A cold process on one small file is measured from outside:
//! `perf stat -r 50 target/release/funnelc check examples/one-liner/thanks.funnel`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use funnelc::Incremental;
use funnelc::check::Context;
use funnelc::source::{FileId, Sources};
use std::hint::black_box;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Two thousand bytes, as a salon may write them.
const FILE: &str = r#"
template sms hello_NUMBER = "{{ client.name | default("friend") }}, we expect you at {{ business.address | default("our place") }}"

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

## Says thanks, and asks those who come often for a review.
funnel thanks_NUMBER {
  hours 09:00..21:00
  on purchase where amount > 50 EUR and client.spent is known
    -> if client.city == "Berlin" and amount > 100 EUR {
         wait 2d -> send email { subject: "Thank you, {{ client.name | default("friend") }}" text: "You spent {{ amount }}" }
       } else { send sms hello_NUMBER }
}

## Whoever was not seen for long.
funnel back_NUMBER {
  on booking
    -> wait for visit up to 30d { tag "came" } else {
         if count(visit in last 90d) > 2 { send sms "Come back, {{ client.name | default("friend") }}" }
         else { task "Call {{ client.id }}" }
       }
}
"#;

fn context() -> Context {
    Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("EUR".to_owned()), ..Context::default() }
}

/// A project of so many files.
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

/// A letter more and a letter less in a message, somewhere in five thousand lines.
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
