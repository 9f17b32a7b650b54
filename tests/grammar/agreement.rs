//! Two parsers, one language: our parser accepts a text exactly when tree-sitter reports neither `ERROR` nor `MISSING`.
//!
//! Only the findings of the lexer and the parser count, codes F0001 to F0108, not those of the checker. What a grammar cannot
//! express is listed below, with reasons: `EXCUSED`, `FOREIGN_NAMES`, `JOINING`, `on_one_line`, `calls_file`.

use super::tree::rejects;
use crate::support::generate;
use crate::support::program::package;
use funnelc::diagnostic::{Code, Diagnostic};
use funnelc::source::{FileId, Sources};
use funnelc::syntax;
use funnelc::syntax::token::{Keyword, Kind};
use proptest::prelude::*;
use std::fmt::Write;

/// Codes that tree-sitter need not report, with the reason.
const EXCUSED: &[(Code, &str)] = &[
    (Code::NestedTooDeep, "how deep a text may nest is a limit, not a rule of the grammar"),
    (Code::FileTooLarge, "so is how large it may be"),
    (
        Code::BadNumber,
        "so are digits; and whether `1,000` is one number or two, and `1.000 EUR` a thousand, depends on what was meant",
    ),
];

/// Ordinary names that our parser reads as words of other languages: F0106 and F0108.
const FOREIGN_NAMES: &[&str] = &["null", "nil", "undefined", "none", "nothing", "True", "TRUE", "False", "FALSE"];

/// Words that can be names, unless the next token shows that they join two parts: F0101.
const JOINING: &[&str] = &["for", "per", "within", "as", "where", "while", "is"];

/// Labels for valid units that are repeated or in the wrong order: F0003.
const ORDER: &[&str] = &["duplicate unit", "wrong order"];

/// The findings of our lexer and parser.
pub(super) fn ours(text: &str) -> Vec<Diagnostic> {
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text);
    syntax::parse(&sources, file).diagnostics
}

/// Whether a name was read as a joining word.
fn joins(text: &str, found: &Diagnostic) -> bool {
    found.code == Code::Expected && JOINING.contains(&&text[found.span.range()])
}

/// Whether tree-sitter may accept a text with these findings; later findings on the line of a joining word are its
/// consequence.
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
        || (matches!(found.code, Code::MisspelledKeyword | Code::UnexpectedToken) && FOREIGN_NAMES.contains(&last))
        || joins(text, found)
        // The number and the order of units are not rules of the grammar.
        || (found.code == Code::BadUnit && ORDER.contains(&&*found.label))
        // For tree-sitter, a range that is written with a dash is a difference.
        || (found.code == Code::UnexpectedToken && words == "-" && *found.label == *"expected `..`")
        // A keyword with a letter of another alphabet is a valid name, though a mistake.
        || (found.code == Code::MisspelledKeyword && !words.is_ascii())
}

/// A text without comments and line breaks. In our parser, the end of a line closes a placeholder and lets a keyword start a
/// new item, a unit belongs to the number before it on the line, and a dot before a space does not expect a keyword.
/// Tree-sitter ignores lines and spaces.
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

/// How the two parsers disagree about a text, if they do and nothing excuses it.
fn difference(text: &str) -> Option<String> {
    let findings = plain_difference(text)?;
    plain_difference(&on_one_line(text)).is_some().then_some(findings)
}

/// Whether a text calls `file` like a function. Our parser leaves unknown functions to the checker; for tree-sitter, `file` is
/// always the keyword.
fn calls_file(text: &str) -> bool {
    let tokens = syntax::tokens(text, FileId::default());
    tokens.windows(2).any(|pair| pair[0].kind == Kind::Key(Keyword::File) && pair[1].kind == Kind::ParenOpen)
}

fn plain_difference(text: &str) -> Option<String> {
    let found = ours(text);
    let rejected = rejects(text);
    if rejected && calls_file(text) {
        return None;
    }
    if found.is_empty() != rejected || (!found.is_empty() && are_excused(text, &found)) {
        return None;
    }
    let findings = found.iter().map(|found| {
        let line = text[..found.span.start as usize].matches('\n').count() + 1;
        format!("{} in line {line}: {}", found.code.number(), &*found.message)
    });
    let findings: Vec<String> = findings.collect();
    Some(if rejected { "only tree-sitter refuses it".to_owned() } else { findings.join("; ") })
}

/// Every funnel text of the repository, with its path.
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

/// The funnel blocks of a page.
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
fn both_parsers_agree_on_every_text_of_the_repository() {
    let texts = texts();
    let mut faults = String::new();
    for (name, text) in &texts {
        if let Some(difference) = difference(text) {
            let _ = writeln!(faults, "{name}: {difference}\n{text}");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    let invalid = texts.iter().filter(|(_, text)| rejects(text)).count();
    assert!(texts.len() > 500 && invalid > 20, "only {} texts were found, {invalid} of them invalid", texts.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_parsers_accept_generated_programs(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        gaps in proptest::collection::vec(any::<u8>(), 1..97),
    ) {
        const GAPS: [&str; 8] = [" ", " ", " ", "\n", "\r\n", "\t", "\u{a0}", " # aside\n"];
        let tokens = generate::program(&bytes);
        let gap = |at: usize| GAPS[usize::from(gaps[at % gaps.len()]) % GAPS.len()];
        let text: String = tokens.iter().enumerate().map(|(at, token)| format!("{token}{}", gap(at))).collect();
        prop_assert!(!rejects(&text), "{}", text);
        prop_assert_eq!(difference(&text), None, "{}", text);
    }
}

/// A random number generator that is the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// A text with one token dropped, doubled, replaced or inserted.
fn damaged(text: &str, words: &[&str], random: &mut Random) -> Option<String> {
    let tokens = syntax::tokens(text, FileId::default());
    let tokens: Vec<_> = tokens.iter().filter(|token| !token.text.is_empty()).collect();
    if tokens.is_empty() {
        return None;
    }
    let token = tokens[random.below(tokens.len())];
    let (before, after) = (&text[..token.span.start as usize], &text[token.span.end as usize..]);
    let word = words[random.below(words.len())];
    Some(match random.below(4) {
        0 => format!("{before} {after}"),
        1 => format!("{before}{0} {0}{after}", token.text),
        2 => format!("{before}{word}{after}"),
        _ => format!("{before}{word} {}{after}", token.text),
    })
}

/// How often each text is damaged; `FUNNELC_DAMAGED` sets another number.
const DAMAGED: u64 = 2;

/// Tokens of other kinds than keywords that are put into a text.
const SYMBOLS: &[&str] = &[
    "->", "{", "}", "(", ")", "[", "]", "=", "==", ",", ":", ".", "..", "-", "+", "?", "|", "booking", "sms", "7",
    "3d", "10:00", "\"x\"",
];

/// The damage of a text depends on nothing but the text, so a change of one page cannot show a fault behind another page.
#[test]
fn both_parsers_agree_on_damaged_texts() {
    let count = std::env::var("FUNNELC_DAMAGED").ok().and_then(|n| n.parse().ok()).unwrap_or(DAMAGED);
    let words: Vec<&str> = Keyword::ALL.iter().map(|keyword| keyword.text()).chain(SYMBOLS.iter().copied()).collect();
    let (mut faults, mut differ, mut invalid) = (String::new(), 0, 0);
    for (name, text) in texts().into_iter().filter(|(_, text)| text.len() < 2000 && ours(text).is_empty()) {
        let mut random = Random(text.bytes().fold(count, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into())));
        for _ in 0..count {
            let Some(text) = damaged(&text, &words, &mut random) else { continue };
            invalid += usize::from(rejects(&text));
            if let Some(difference) = difference(&text) {
                differ += 1;
                let _ = writeln!(faults, "{name}: {difference}\n{text}\n----");
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}{differ} differ; {invalid} are invalid");
}
