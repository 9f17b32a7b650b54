//! Two parsers, one language: our parser finds nothing in a text exactly when tree-sitter finds neither `ERROR` nor `MISSING`.
//!
//! What counts is what lexer and parser find, codes F0001 to F0108; names, types and all that the checker knows do not. What
//! a grammar cannot say is named below, each with its reason: `EXCUSED`, `HABITS`, `JOINING`, `on_one_line`.

use super::tree::refuses;
use crate::support::generate;
use crate::support::program::package;
use funnelc::diagnostic::{Code, Diagnostic};
use funnelc::source::{FileId, Sources};
use funnelc::syntax;
use proptest::prelude::*;
use std::fmt::Write;

/// Codes that tree-sitter may not share.
const EXCUSED: &[(Code, &str)] = &[
    (Code::NestedTooDeep, "how deep a text may nest is a limit, not a rule of the grammar"),
    (Code::FileTooLarge, "so is how large it may be"),
    (
        Code::BadNumber,
        "so are digits; and whether `1,000` is a number or two, and `1.000 EUR` a thousand, is what was meant",
    ),
];

/// Names like any other, which our parser takes for what they are elsewhere: F0106 and F0108.
const HABITS: &[&str] = &["null", "nil", "undefined", "none", "nothing", "True", "TRUE", "False", "FALSE"];

/// Words that may be a name, but not when what follows shows that they join: F0101.
const JOINING: &[&str] = &["for", "per", "within", "as", "where", "is"];

/// What is said of units that are known, each by itself: F0003.
const ORDER: &[&str] = &["one unit, two counts", "the wrong way round"];

/// What lexer and parser find.
pub(super) fn ours(text: &str) -> Vec<Diagnostic> {
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text);
    syntax::parse(&sources, file).diagnostics
}

/// Whether a word was taken for one that joins.
fn joins(text: &str, found: &Diagnostic) -> bool {
    found.code == Code::Expected && JOINING.contains(&&text[found.span.range()])
}

/// Whether tree-sitter may read a text in which all this is found; what follows on the line of a word that joins is its consequence.
fn are_excused(text: &str, found: &[Diagnostic]) -> bool {
    let follows = |one: &Diagnostic, first: &Diagnostic| {
        let between = text.get(first.span.end as usize..one.span.start as usize);
        joins(text, first) && between.is_some_and(|between| !between.contains('\n'))
    };
    found.iter().all(|one| is_excused(text, one) || found.iter().any(|first| follows(one, first)))
}

fn is_excused(text: &str, found: &Diagnostic) -> bool {
    let words = &text[found.span.range()];
    let last = words.rsplit(' ').next().unwrap_or("");
    EXCUSED.iter().any(|(code, _)| *code == found.code)
        || (matches!(found.code, Code::MisspeltKeyword | Code::UnexpectedToken) && HABITS.contains(&last))
        || joins(text, found)
        // How often and in which order units come is no rule of the grammar.
        || (found.code == Code::BadUnit && ORDER.contains(&&*found.label))
        // A keyword with a letter of another alphabet is a name that nobody means.
        || (found.code == Code::MisspeltKeyword && !words.is_ascii())
}

/// A text without its comments and the breaks of its lines. Where a line ends our parser closes a hole and begins to read a
/// keyword as one, and a unit belongs to the number before it on the line; with a blank after it, a dot asks for no keyword.
/// Tree-sitter knows no lines and no blanks.
fn on_one_line(text: &str) -> String {
    let tokens = syntax::tokens(text, FileId::default());
    let mut out = String::new();
    let mut at = 0;
    for token in tokens {
        let gap = &text[at.min(token.span.start as usize)..token.span.start as usize];
        let blank = if gap.contains('\n') || gap.contains('#') { " " } else { gap };
        out += if out.ends_with('.') && !out.ends_with("..") { "" } else { blank };
        out += token.text;
        at = token.span.end as usize;
    }
    out
}

/// How the two differ about a text, if they do and nothing excuses it.
fn difference(text: &str) -> Option<String> {
    let told = plain_difference(text)?;
    plain_difference(&on_one_line(text)).is_some().then_some(told)
}

fn plain_difference(text: &str) -> Option<String> {
    let found = ours(text);
    let refused = refuses(text);
    if found.is_empty() != refused || (!found.is_empty() && are_excused(text, &found)) {
        return None;
    }
    let told = found.iter().map(|found| {
        let line = text[..found.span.start as usize].matches('\n').count() + 1;
        format!("{} in line {line}: {}", found.code.number(), &*found.message)
    });
    let told: Vec<String> = told.collect();
    Some(if refused { "only tree-sitter refuses it".to_owned() } else { told.join("; ") })
}

/// Every text that is there: with its place, and whether our parser reads it.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for folder in ["examples", "tests", "grammar/reference", "src/diagnostic/explain"] {
        for entry in ignore::Walk::new(package(folder)) {
            let path = entry.unwrap().into_path();
            let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let name = path.strip_prefix(package("")).unwrap().display().to_string();
            match extension {
                "funnel" => texts.push((name, text)),
                "md" => texts.extend(blocks(&text).into_iter().map(|block| (name.clone(), block))),
                _ => {}
            }
        }
    }
    texts
}

/// The funnels in a page.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```funnel") {
            let body = lines.by_ref().take_while(|line| !line.starts_with("```"));
            blocks.push(body.fold(String::new(), |text, line| text + line + "\n"));
        }
    }
    blocks
}

#[test]
fn every_text_that_is_there_is_read_by_both_or_by_neither() {
    let texts = texts();
    let mut faults = String::new();
    for (name, text) in &texts {
        if let Some(difference) = difference(text) {
            let _ = writeln!(faults, "{name}: {difference}\n{text}");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    let wrong = texts.iter().filter(|(_, text)| refuses(text)).count();
    assert!(texts.len() > 500 && wrong > 20, "only {} texts are there, {wrong} of them wrong", texts.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn made_up_programs_are_read_by_both(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        gaps in proptest::collection::vec(any::<u8>(), 1..97),
    ) {
        const GAPS: [&str; 8] = [" ", " ", " ", "\n", "\r\n", "\t", "\u{a0}", " # aside\n"];
        let tokens = generate::program(&bytes);
        let gap = |at: usize| GAPS[usize::from(gaps[at % gaps.len()]) % GAPS.len()];
        let text: String = tokens.iter().enumerate().map(|(at, token)| format!("{token}{}", gap(at))).collect();
        prop_assert!(!refuses(&text), "{}", text);
        prop_assert_eq!(difference(&text), None, "{}", text);
    }
}

/// A source of choices that is the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// A text with one token dropped, doubled, changed for another or put before another.
fn damaged(text: &str, words: &[String], chance: &mut Chance) -> Option<String> {
    let tokens = syntax::tokens(text, FileId::default());
    let tokens: Vec<_> = tokens.iter().filter(|token| !token.text.is_empty()).collect();
    if tokens.is_empty() {
        return None;
    }
    let token = tokens[chance.below(tokens.len())];
    let (before, after) = (&text[..token.span.start as usize], &text[token.span.end as usize..]);
    let word = &words[chance.below(words.len())];
    Some(match chance.below(4) {
        0 => format!("{before} {after}"),
        1 => format!("{before}{0} {0}{after}", token.text),
        2 => format!("{before}{word}{after}"),
        _ => format!("{before}{word} {}{after}", token.text),
    })
}

/// How many damaged texts are tried; `FUNNELC_DAMAGED` is another number.
const DAMAGED: usize = 3000;

#[test]
fn damaged_texts_are_read_by_both_or_by_neither() {
    let count = std::env::var("FUNNELC_DAMAGED").ok().and_then(|n| n.parse().ok()).unwrap_or(DAMAGED);
    let right: Vec<_> = texts().into_iter().filter(|(_, text)| text.len() < 2000 && ours(text).is_empty()).collect();
    let words = right.iter().flat_map(|(_, text)| syntax::tokens(text, FileId::default()));
    let mut words: Vec<String> = words.map(|token| token.text.to_owned()).filter(|word| !word.is_empty()).collect();
    words.sort();
    words.dedup();
    let mut chance = Chance(count as u64);
    let (mut faults, mut differ, mut wrong) = (String::new(), 0, 0);
    for _ in 0..count {
        let (name, text) = &right[chance.below(right.len())];
        let Some(text) = damaged(text, &words, &mut chance) else { continue };
        wrong += usize::from(refuses(&text));
        if let Some(difference) = difference(&text) {
            differ += 1;
            let _ = writeln!(faults, "{name}: {difference}\n{text}\n----");
        }
    }
    assert!(faults.is_empty(), "\n{faults}{differ} of {count} differ; {wrong} are wrong");
}
