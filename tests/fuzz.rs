//! The properties of `fuzz/` on randomly mutated inputs, on any toolchain: no panics, no hangs, and the property holds.
//!
//! `FUNNELC_FUZZ_SECONDS` sets the time for each property (default: 1 second), and `FUNNELC_FUZZ_SEED` the random seed.
//! Failing inputs are written to `target/fuzz/`.

#[path = "../fuzz/src/property.rs"]
#[allow(unreachable_pub, reason = "it is the library of the fuzz targets, too")]
pub(crate) mod property;

use crate::support::program::package;
use crate::support::{drawn, funnels, generate};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// The maximum time for one input, in an unoptimized build on a busy machine.
const SLOW: Duration = Duration::from_secs(8);

/// A random number generator, xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let count = self.below(most);
        (0..count).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }
}

fn env(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// Collects the files with the given extensions under a folder, except large ones.
fn seeds(folder: &Path, kinds: &[&str], found: &mut Vec<Vec<u8>>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            seeds(&path, kinds, found);
        } else if path.extension().is_some_and(|kind| kinds.iter().any(|known| kind == *known)) {
            found.extend(std::fs::read(&path).ok().filter(|bytes| bytes.len() < 6_000));
        }
    }
}

/// Splits a text into words, numbers, punctuation and whitespace.
fn tokens(text: &[u8]) -> Vec<&[u8]> {
    let class = |byte: &u8| match byte {
        b if b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80 => 0,
        b if b.is_ascii_whitespace() => 1,
        b => 2 + usize::from(*b),
    };
    text.chunk_by(|a, b| class(a) == class(b)).collect()
}

/// Tokens that are inserted into texts.
const WORDS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "->",
    "\"",
    "\"\"\"",
    "{{",
    "}}",
    "#",
    ":",
    ",",
    "|",
    "-",
    "goto",
    "if",
    "else",
    "send",
    "wait for",
    "up to",
    "parallel",
    "path",
    "repeat",
    "times",
    "match",
    "case",
    "otherwise",
    "split",
    "50%",
    "24h",
    "10:00",
    "2026-03-08",
    "2026-03-08 10:00",
    "5 RUB",
    "where",
    "as",
    "on",
    "every",
    "client",
    "later from",
    "later by",
    "is known",
    "null",
    "[",
    "]",
    "\u{0}",
    "é",
    "\r\n",
    "99999999999999999999999999999",
    "1000000y",
    "-",
    "0",
    "next",
    "end",
];

/// A text with a few random edits; some insert pieces of another text.
fn mutated(text: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let (mut own, others) = (tokens(text).into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>(), tokens(other));
    for _ in 0..=random.below(4) {
        let (at, len) = (random.below(own.len()), own.len());
        match random.below(8) {
            _ if own.is_empty() => own.push(random.bytes(8)),
            0 => drop(own.remove(at)),
            1 => own.insert(at, own[at].clone()),
            2 => own.swap(at, (at + 2) % len),
            3 => own.insert(at, WORDS[random.below(WORDS.len())].as_bytes().to_vec()),
            4 => own[at] = WORDS[random.below(WORDS.len())].as_bytes().to_vec(),
            5 if !others.is_empty() => own[at] = others[random.below(others.len())].to_vec(),
            6 => {
                let from = random.below(others.len());
                let until = (from + 1 + random.below(30)).min(others.len());
                let piece: Vec<Vec<u8>> =
                    others.get(from..until).unwrap_or_default().iter().map(|t| t.to_vec()).collect();
                own.splice(at..at, piece);
            }
            7 => drop(own.splice(at..(at + 1 + random.below(20)).min(len), std::iter::empty())),
            _ => own[at] = random.bytes(6),
        }
    }
    own.concat()
}

/// Tries a property on random inputs for the configured time.
fn holds(name: &str, texts: &[Vec<u8>], property: fn(&[u8]) -> Result<(), String>) {
    let until = Instant::now() + Duration::from_secs(env("FUNNELC_FUZZ_SECONDS", 1));
    let mut random = Random(env("FUNNELC_FUZZ_SEED", 88_172_645_463_325_252).max(1));
    let mut tried = 0;
    while Instant::now() < until {
        let (one, other) = (random.below(texts.len()), random.below(texts.len()));
        let text = match random.below(12) {
            0 => random.bytes(300),
            1 => generate::program(&random.bytes(200)).join(" ").into_bytes(),
            2 => funnels::funnels(&random.bytes(160)).into_bytes(),
            3 if tried < texts.len() => texts[tried].clone(),
            _ => mutated(&texts[one], &texts[other], &mut random),
        };
        let started = Instant::now();
        let fault = match catch_unwind(AssertUnwindSafe(|| property(&text))) {
            Err(panic) => {
                let words = panic.downcast_ref::<String>().cloned();
                Some(
                    words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned())).unwrap_or_default(),
                )
            }
            Ok(held) => held.err(),
        };
        let fault = fault.or_else(|| (started.elapsed() > SLOW).then(|| format!("it took {:?}", started.elapsed())));
        if let Some(fault) = fault {
            let folder = package("target/fuzz");
            std::fs::create_dir_all(&folder).unwrap();
            let path = folder.join(format!("{name}.bytes"));
            std::fs::write(&path, &text).unwrap();
            panic!("{name}: {fault}\nthe input is in {}", path.display());
        }
        tried += 1;
    }
    assert!(tried > 3, "only {tried} texts were tried");
    eprintln!("{name}: {tried} texts");
}

fn texts() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    seeds(&package("examples"), &["funnel"], &mut found);
    seeds(&package("tests"), &["funnel"], &mut found);
    seeds(&package("grammar/reference"), &["md"], &mut found);
    found
}

#[test]
fn parse_any_bytes() {
    holds("parse_any_bytes", &texts(), property::parse_any_bytes);
}

#[test]
fn format_is_idempotent() {
    holds("format_is_idempotent", &texts(), property::format_is_idempotent);
}

#[test]
fn check_and_draw_any_text() {
    holds("check_and_draw_any_text", &texts(), property::check_and_draw_any_text);
}

#[test]
fn graph_round_trip() {
    holds("graph_round_trip", &texts(), property::graph_round_trip);
}

#[test]
fn read_any_graph_json() {
    let mut found = Vec::new();
    seeds(&package("tests/errors"), &["json"], &mut found);
    let mut random = Random(7);
    for _ in 0..40 {
        found.push(serde_json::to_vec_pretty(&drawn::random(&random.bytes(120))).unwrap());
    }
    holds("read_any_graph_json", &found, property::read_any_graph_json);
}
