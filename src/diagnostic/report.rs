//! What a document about a whole run is made of. In: findings by the table of sources that they are about. Out: each
//! with the name of its file, its place, and a fingerprint that moved lines do not change.

use super::{Diagnostic, Language, render};
use crate::source::{Position, SourceFile, Sources, Span, hex};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The findings of files that were checked together.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// What was found.
    pub findings: &'a [Diagnostic],
    /// The names of the files that were checked.
    pub files: Vec<&'a str>,
}

/// A finding with what documents say of it.
pub(super) struct Entry<'a> {
    pub(super) finding: &'a Diagnostic,
    pub(super) sources: &'a Sources,
    /// The text that it is about, when it stands in one.
    pub(super) file: Option<&'a SourceFile>,
    /// What stays the same when lines move, and is found once in a document.
    pub(super) fingerprint: String,
}

/// Every finding of a run, in order.
pub(super) fn entries<'a>(batches: &[Batch<'a>]) -> Vec<Entry<'a>> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    for batch in batches {
        for finding in render::sorted(batch.findings) {
            let file = batch.sources.get(finding.span.file);
            let about = about(finding, file);
            let times = seen.entry(about.clone()).or_default();
            let fingerprint = hash(&format!("{about}\0{times}"));
            *times += 1;
            entries.push(Entry { finding, sources: batch.sources, file, fingerprint });
        }
    }
    entries
}

/// What a finding is about, whatever line it stands on.
fn about(finding: &Diagnostic, file: Option<&SourceFile>) -> String {
    let (name, line) = file
        .map_or(("", ""), |file| (path(&file.name), file.lines.text(&file.text, finding.span.start as usize).trim()));
    let text = file.and_then(|file| file.text.get(finding.span.range())).unwrap_or("");
    let fields = [finding.code.number(), name, line, text];
    fields.map(|field| format!("{}:{field}", field.len())).concat()
}

/// Thirty-two hexadecimal digits.
fn hash(text: &str) -> String {
    hex(&Sha256::digest(text), 32)
}

/// The path of a file as machines want it: with forward slashes, from the current folder.
pub(super) fn path(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

impl Entry<'_> {
    /// First and last place of the finding.
    pub(super) fn range(&self) -> Option<(Position, Position)> {
        Some(range(self.file?, self.finding.span, false))
    }

    /// The message and every way out, a line each.
    pub(super) fn words(&self, language: Language) -> String {
        let lines = std::iter::once(&self.finding.message).chain(&self.finding.help);
        let lines: Vec<_> = lines.map(|line| line.in_language(language)).collect();
        lines.join("\n")
    }
}

/// First and last place of a span.
pub(super) fn range(file: &SourceFile, span: Span, utf16: bool) -> (Position, Position) {
    let place = |offset: u32| {
        let offset = offset as usize;
        if utf16 { file.lines.position_utf16(&file.text, offset) } else { file.lines.position(&file.text, offset) }
    };
    (place(span.start), place(span.end))
}
