//! One list of tokens that every highlighter must match; `tests/highlight/README.md` describes its format.

use super::kind;
use super::queries::captures;
use crate::support::program::package;
use funnelc::source::{FileId, Sources};
use funnelc::syntax;
use std::fmt::Write;

/// A token of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Counted from 1.
    pub(super) line: usize,
    /// Characters, counted from 1.
    pub(super) column: usize,
    /// One of the kinds of the README.
    pub(super) kind: String,
    /// The source text, up to the end of its line.
    pub(super) text: String,
}

/// The texts of the list: name, source and tokens.
pub(super) fn tables() -> Vec<(&'static str, String, Vec<Row>)> {
    let read = |path: String| std::fs::read_to_string(package(&path)).unwrap();
    ["plain", "soft"]
        .map(|name| {
            let rows = read(format!("tests/highlight/{name}.tokens"));
            let text = read(format!("tests/highlight/{name}.funnel"));
            (name, text, rows.lines().map(|line| row(line).expect(line)).collect())
        })
        .into()
}

fn row(line: &str) -> Option<Row> {
    let (place, rest) = line.split_once(' ')?;
    let (line, column) = place.split_once(':')?;
    let (kind, text) = rest.split_once(' ')?;
    Some(Row { line: line.parse().ok()?, column: column.parse().ok()?, kind: kind.to_owned(), text: text.to_owned() })
}

/// The byte range of a row.
pub(super) fn place(text: &str, row: &Row) -> std::ops::Range<usize> {
    let line: usize = text.split_inclusive('\n').take(row.line - 1).map(str::len).sum();
    let start = text[line..].char_indices().nth(row.column - 1).map_or(text.len(), |(at, _)| line + at);
    start..start + row.text.len()
}

/// The tokens that the tree-sitter queries highlight.
fn highlighted(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for (range, capture) in captures("highlights", text) {
        let mut at = range.start;
        for piece in text[range].split_inclusive('\n') {
            let trimmed = piece.trim();
            let start = at + piece.len() - piece.trim_start().len();
            at += piece.len();
            if trimmed.is_empty() {
                continue;
            }
            let line = text[..start].matches('\n').count() + 1;
            let column = text[..start].chars().rev().take_while(|c| *c != '\n').count() + 1;
            rows.push(Row { line, column, kind: kind::of_capture(&capture).to_owned(), text: trimmed.to_owned() });
        }
    }
    rows.sort_by_key(|row| (row.line, row.column));
    rows
}

/// Compares the kinds that a highlighter finds at the first character of each row with the list.
pub(super) fn check_list(engine: &str, kinds_at: impl Fn(&str, &Row) -> Vec<String>) {
    let mut faults = String::new();
    for (name, text, rows) in tables() {
        for row in &rows {
            let found = kinds_at(&text, row);
            if !found.contains(&row.kind) {
                let (line, column) = (row.line, row.column);
                let _ =
                    writeln!(faults, "{name}.funnel:{line}:{column}: `{}` is {} and not {found:?}", row.text, row.kind);
            }
        }
    }
    assert!(faults.is_empty(), "{engine}:\n{faults}");
}

#[test]
fn the_queries_match_the_list() {
    for name in ["plain", "soft"] {
        let text = std::fs::read_to_string(package(&format!("tests/highlight/{name}.funnel"))).unwrap();
        let mut table = String::new();
        for row in highlighted(&text) {
            let _ = writeln!(table, "{}:{} {} {}", row.line, row.column, row.kind, row.text);
        }
        let path = package(&format!("tests/highlight/{name}.tokens"));
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&path, &table).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), table, "{}", path.display());
    }
}

#[test]
fn tokens_of_the_list_do_not_overlap() {
    for (name, _, rows) in tables() {
        for pair in rows.windows(2) {
            let apart = pair[0].line < pair[1].line || pair[0].column + pair[0].text.chars().count() <= pair[1].column;
            assert!(apart, "{name}: {:?} and {:?}", pair[0], pair[1]);
        }
        assert!(rows.len() > 100, "{name} has only {} tokens", rows.len());
    }
}

#[test]
fn the_lexer_matches_the_list() {
    check_list("the lexer", |text, row| {
        let range = place(text, row);
        let mut sources = Sources::new();
        let file = sources.add("a.funnel", text);
        let start = u32::try_from(range.start).unwrap();
        if let Some(comment) = syntax::parse(&sources, file).trivia.comments.iter().find(|c| c.span.start == start) {
            return vec![if comment.doc { "doc" } else { "comment" }.to_owned()];
        }
        let tokens = syntax::tokens(text, FileId::default());
        let token = tokens.iter().find(|t| t.span.start <= start && start < t.span.end);
        if token.is_some_and(|t| t.text == "end") {
            // For the lexer, the end of a condition in a text is a name.
            return vec!["keyword".to_owned()];
        }
        token.map_or(&[][..], |t| kind::of_token(t.kind)).iter().map(|kind| (*kind).to_owned()).collect()
    });
}

#[test]
fn the_list_has_every_token() {
    for (name, text, rows) in tables() {
        assert_eq!(super::agreement::ours(&text), Vec::new(), "{name}.funnel is valid");
        let starts: Vec<usize> = rows.iter().map(|row| place(&text, row).start).collect();
        for token in syntax::tokens(&text, FileId::default()) {
            let blanks = token.text.len() - token.text.trim_start().len();
            let listed = token.text.trim().is_empty() || starts.contains(&(token.span.start as usize + blanks));
            assert!(listed, "{name}.funnel: {token:?} is not in the list");
        }
    }
}
