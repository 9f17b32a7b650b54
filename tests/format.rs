//! The formatter: golden files, and properties of every file: formatting is idempotent and keeps meaning and comments.

use crate::support::generate;
use funnelc::source::{FileId, Sources};
use funnelc::{format, syntax};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// Formats a text; `None` when it does not parse.
fn formatted(text: &str) -> Option<String> {
    let (sources, file) = source(text);
    format::format(text, &syntax::parse(&sources, file))
}

fn source(text: &str) -> (Sources, FileId) {
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text);
    (sources, file)
}

/// The debug output of the syntax tree of a text, without spans.
fn tree(text: &str) -> String {
    let (sources, file) = source(text);
    let tree = format!("{:#?}", syntax::parse(&sources, file).file);
    let mut out = String::new();
    let mut depth = None;
    for line in tree.lines() {
        let indent = line.len() - line.trim_start().len();
        match depth {
            Some(start) if indent > start => {}
            Some(_) => depth = None,
            None if line.ends_with("Span {") => depth = Some(indent),
            None => out += &format!("{line}\n"),
        }
    }
    out
}

/// The comments of a text, sorted.
fn comments(text: &str) -> Vec<String> {
    let (sources, file) = source(text);
    let trivia = syntax::parse(&sources, file).trivia;
    let mut comments: Vec<String> =
        trivia.comments.iter().map(|c| text[c.span.range()].trim_end().to_owned()).collect();
    comments.sort();
    comments
}

/// Checks `once`, the formatted `text`.
fn check_formatted(text: &str, once: &str) -> Result<(), String> {
    let twice = formatted(once).ok_or_else(|| format!("the formatted text does not parse:\n{once}"))?;
    if twice != once {
        return Err(format!("formatting is not idempotent.\n--- source\n{text}\n--- once\n{once}\n--- twice\n{twice}"));
    }
    if tree(text) != tree(once) {
        return Err(format!("the meaning differs.\n--- source\n{text}\n--- formatted\n{once}"));
    }
    if comments(text) != comments(once) {
        return Err(format!("comments differ.\n--- source\n{text}\n--- formatted\n{once}"));
    }
    if !once.contains("\"\"\"") && once.lines().any(|line| line.trim_end() != line) {
        return Err(format!("a line has trailing whitespace.\n{once}"));
    }
    if !once.contains("\"\"\"") && once.contains("\n\n\n") {
        return Err(format!("there are two blank lines.\n{once}"));
    }
    Ok(())
}

fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let walk = ignore::Walk::new(folder).map(|entry| entry.expect("the tree can be walked").into_path());
    let mut files: Vec<PathBuf> = walk.filter(|path| path.extension().is_some_and(|e| e == extension)).collect();
    files.sort();
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn formatting_matches_the_golden_files() {
    let mut faults = String::new();
    for input in files_below(&root().join("tests/format"), "funnel") {
        let text = std::fs::read_to_string(&input).expect("the input can be read");
        let golden = input.with_extension("out");
        let Some(output) = formatted(&text) else {
            faults += &format!("{}: does not parse\n", input.display());
            continue;
        };
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&golden, &output).expect("the golden file can be written");
        }
        if std::fs::read_to_string(&golden).unwrap_or_default() != output {
            faults += &format!("{}: is formatted as\n{output}", input.display());
        }
        faults += &check_formatted(&text, &output).err().unwrap_or_default();
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn every_file_that_parses_keeps_its_meaning_and_its_comments() {
    let files = files_below(root(), "funnel");
    let mut tried = 0;
    let mut faults = String::new();
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let Some(output) = formatted(&text) else { continue };
        tried += 1;
        if let Err(fault) = check_formatted(&text, &output) {
            faults += &format!("{}: {fault}\n", path.display());
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(tried >= 8, "only {tried} files were tried");
}

#[test]
fn the_examples_are_formatted() {
    for path in files_below(&root().join("examples"), "funnel") {
        let text = std::fs::read_to_string(&path).expect("the example can be read");
        let output = formatted(&text).expect("the example parses");
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&path, &output).expect("the example can be written");
        } else {
            assert!(output == text, "{}: should be\n{output}", path.display());
        }
    }
}

#[test]
fn line_endings_follow_the_first_line() {
    let text = "# One\non booking->send sms \"\"\"\n  Two\n  lines\n  \"\"\"\non visit -> stop";
    let plain = formatted(text).unwrap();
    let windows = text.replace('\n', "\r\n");
    let formatted_crlf = formatted(&windows).unwrap();
    assert_eq!(formatted_crlf, plain.replace('\n', "\r\n"));
    assert_eq!(formatted(&formatted_crlf).unwrap(), formatted_crlf);
    // The first line decides.
    assert_eq!(formatted(&windows.replacen("\r\n", "\n", 1)).unwrap(), plain);
    assert_eq!(formatted(&text.replacen('\n', "\r\n", 1)).unwrap(), formatted_crlf);
}

#[test]
fn a_file_with_crlf_line_endings_is_formatted_already() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.funnel");
    std::fs::write(&path, "on booking -> stop\r\n\r\non visit -> stop\r\n").unwrap();
    let checked = crate::support::program::run_funnelc(["fmt", "--check", path.to_str().unwrap()]);
    assert_eq!((checked.code, checked.out.as_str()), (Some(0), ""), "{checked:?}");
}

#[test]
fn a_file_that_does_not_parse_is_rejected() {
    assert_eq!(formatted("on booking -> wait 24h -> {"), None);
}

/// Joins tokens with the spaces, line breaks and comments that the bytes pick.
fn joined(tokens: &[String], gaps: &[u8]) -> String {
    const GAPS: [&str; 8] = [" ", " ", "\n", "\n\n\n", " # trailing\n", "\n  ## of its own\n", "\n\n# far\n\n", "\t"];
    let mut text = String::new();
    for (i, token) in tokens.iter().enumerate() {
        text += token;
        text += GAPS[usize::from(gaps.get(i % gaps.len().max(1)).copied().unwrap_or(0)) % GAPS.len()];
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_programs_parse(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = generate::program(&bytes).join(" ");
        let (sources, file) = source(&text);
        let findings = syntax::parse(&sources, file).diagnostics;
        prop_assert!(findings.is_empty(), "{}\n{}", text, funnelc::diagnostic::render::render(&sources, &findings, false));
    }

    #[test]
    fn formatting_keeps_meaning_and_comments_and_is_idempotent(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        gaps in proptest::collection::vec(any::<u8>(), 0..97),
    ) {
        let text = joined(&generate::program(&bytes), &gaps);
        let output = formatted(&text).ok_or_else(|| TestCaseError::fail(format!("does not parse:\n{text}")))?;
        check_formatted(&text, &output).map_err(TestCaseError::fail)?;
    }
}
