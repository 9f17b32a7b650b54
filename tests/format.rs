//! The canonical layout: golden files, and what holds for every file: it is stable, means the same, keeps its comments.

use crate::support::generate;
use funnelc::source::{FileId, Sources};
use funnelc::{format, syntax};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// Lays a text out; `None` when it does not parse.
fn formatted(text: &str) -> Option<String> {
    let (sources, file) = source(text);
    format::format(text, &syntax::parse(&sources, file))
}

fn source(text: &str) -> (Sources, FileId) {
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text);
    (sources, file)
}

/// The tree of a text in words, without places.
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

/// Says what is wrong with the layout of a text that parses.
fn judge(text: &str, once: &str) -> Result<(), String> {
    let twice = formatted(once).ok_or_else(|| format!("the layout does not parse:\n{once}"))?;
    if twice != once {
        return Err(format!("the second time differs.\n--- source\n{text}\n--- once\n{once}\n--- twice\n{twice}"));
    }
    if tree(text) != tree(once) {
        return Err(format!("the meaning differs.\n--- source\n{text}\n--- layout\n{once}"));
    }
    if comments(text) != comments(once) {
        return Err(format!("comments differ.\n--- source\n{text}\n--- layout\n{once}"));
    }
    if !once.contains("\"\"\"") && once.lines().any(|line| line.trim_end() != line) {
        return Err(format!("a line ends with a blank.\n{once}"));
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
fn layouts_are_as_their_golden_files_say() {
    let mut faults = String::new();
    for input in files_below(&root().join("tests/format"), "funnel") {
        let text = std::fs::read_to_string(&input).expect("the input can be read");
        let output = input.with_extension("out");
        let Some(layout) = formatted(&text) else {
            faults += &format!("{}: does not parse\n", input.display());
            continue;
        };
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&output, &layout).expect("the golden file can be written");
        }
        if std::fs::read_to_string(&output).unwrap_or_default() != layout {
            faults += &format!("{}: is laid out as\n{layout}", input.display());
        }
        faults += &judge(&text, &layout).err().unwrap_or_default();
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
        let Some(layout) = formatted(&text) else { continue };
        tried += 1;
        if let Err(fault) = judge(&text, &layout) {
            faults += &format!("{}: {fault}\n", path.display());
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(tried >= 8, "only {tried} files were tried");
}

#[test]
fn the_examples_are_in_canonical_layout() {
    for path in files_below(&root().join("examples"), "funnel") {
        let text = std::fs::read_to_string(&path).expect("the example can be read");
        let layout = formatted(&text).expect("the example parses");
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&path, &layout).expect("the example can be written");
        } else {
            assert!(layout == text, "{}: should be\n{layout}", path.display());
        }
    }
}

#[test]
fn lines_end_as_the_first_one_does() {
    let text = "# One\non booking->send sms \"\"\"\n  Two\n  lines\n  \"\"\"\non visit -> stop";
    let plain = formatted(text).unwrap();
    let windows = text.replace('\n', "\r\n");
    let laid_out = formatted(&windows).unwrap();
    assert_eq!(laid_out, plain.replace('\n', "\r\n"));
    assert_eq!(formatted(&laid_out).unwrap(), laid_out);
    // The first one decides.
    assert_eq!(formatted(&windows.replacen("\r\n", "\n", 1)).unwrap(), plain);
    assert_eq!(formatted(&text.replacen('\n', "\r\n", 1)).unwrap(), laid_out);
}

#[test]
fn a_file_with_other_line_ends_is_laid_out_already() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.funnel");
    std::fs::write(&path, "on booking -> stop\r\n\r\non visit -> stop\r\n").unwrap();
    let looked = crate::support::program::ended(["fmt", "--check", path.to_str().unwrap()]);
    assert_eq!((looked.code, looked.out.as_str()), (Some(0), ""), "{looked:?}");
}

#[test]
fn a_file_that_does_not_parse_is_refused() {
    assert_eq!(formatted("on booking -> wait 24h -> {"), None);
}

/// Joins tokens with blanks, line breaks and comments as the bytes say.
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
    fn made_up_programs_parse(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = generate::program(&bytes).join(" ");
        let (sources, file) = source(&text);
        let findings = syntax::parse(&sources, file).diagnostics;
        prop_assert!(findings.is_empty(), "{}\n{}", text, funnelc::diagnostic::render::render(&sources, &findings, false));
    }

    #[test]
    fn layout_keeps_meaning_and_comments_and_is_stable(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        gaps in proptest::collection::vec(any::<u8>(), 0..97),
    ) {
        let text = joined(&generate::program(&bytes), &gaps);
        let layout = formatted(&text).ok_or_else(|| TestCaseError::fail(format!("does not parse:\n{text}")))?;
        judge(&text, &layout).map_err(TestCaseError::fail)?;
    }
}
