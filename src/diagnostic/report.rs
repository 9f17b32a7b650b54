//! Entries for the reports about a whole run: each diagnostic with its path, its range, and a fingerprint that does
//! not depend on line numbers.

use super::{Diagnostic, Language, render};
use crate::source::{Position, SourceFile, Sources, Span, hex};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The diagnostics of files that were checked together.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The sources.
    pub sources: &'a Sources,
    /// The diagnostics.
    pub findings: &'a [Diagnostic],
    /// The names of the files that were checked.
    pub files: Vec<&'a str>,
    /// How paths are written.
    pub base: &'a PathBase,
}

/// The directory that paths in reports are relative to: the root of the repository, so that CI finds the files.
#[derive(Debug, Clone, Default)]
pub struct PathBase {
    here: PathBuf,
    root: PathBuf,
}

impl PathBase {
    /// Makes paths in `here` relative to `root`; both are absolute.
    #[must_use]
    pub fn new(here: PathBuf, root: PathBuf) -> Self {
        Self { here, root }
    }

    /// The path of a file with forward slashes, relative to the root; unchanged if it is outside.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        let mut whole = PathBuf::new();
        for part in self.here.join(name).components() {
            match part {
                Component::ParentDir => _ = whole.pop(),
                Component::CurDir => {}
                Component::Prefix(_) | Component::RootDir | Component::Normal(_) => whole.push(part),
            }
        }
        let below = whole.strip_prefix(&self.root).ok().filter(|_| self.root != Path::new(""));
        let shown = below.map_or_else(|| name.to_owned(), |below| below.to_string_lossy().into_owned());
        shown.strip_prefix("./").unwrap_or(&shown).replace('\\', "/")
    }
}

/// A diagnostic with what reports need about it.
pub(super) struct Entry<'a> {
    pub(super) diagnostic: &'a Diagnostic,
    pub(super) sources: &'a Sources,
    pub(super) base: &'a PathBase,
    /// The file it is in, if any.
    pub(super) file: Option<&'a SourceFile>,
    /// The path of that file.
    pub(super) path: Option<String>,
    /// An id that is unique in a report and does not change when lines move.
    pub(super) fingerprint: String,
}

/// All diagnostics of a run, in order.
pub(super) fn entries<'a>(batches: &[Batch<'a>]) -> Vec<Entry<'a>> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    for batch in batches {
        for diagnostic in render::sorted(batch.findings) {
            let file = batch.sources.get(diagnostic.span.file);
            let path = file.map(|file| batch.base.path(&file.name));
            let about = identity(diagnostic, file, path.as_deref().unwrap_or(""));
            let times = seen.entry(about.clone()).or_default();
            let fingerprint = hash(&format!("{about}\0{times}"));
            *times += 1;
            entries.push(Entry { diagnostic, sources: batch.sources, base: batch.base, file, path, fingerprint });
        }
    }
    entries
}

/// What identifies a diagnostic regardless of its line number.
fn identity(diagnostic: &Diagnostic, file: Option<&SourceFile>, path: &str) -> String {
    let line = file.map_or("", |file| file.lines.text(&file.text, diagnostic.span.start as usize).trim());
    let text = file.and_then(|file| file.text.get(diagnostic.span.range())).unwrap_or("");
    let fields = [diagnostic.code.number(), path, line, text];
    fields.map(|field| format!("{}:{field}", field.len())).concat()
}

/// The first 32 hexadecimal digits of the hash.
fn hash(text: &str) -> String {
    hex(&Sha256::digest(text), 32)
}

impl Entry<'_> {
    /// The first and last position.
    pub(super) fn range(&self) -> Option<(Position, Position)> {
        Some(range(self.file?, self.diagnostic.span, false))
    }

    /// The message and all helps, one per line.
    pub(super) fn text(&self, language: Language) -> String {
        let lines = std::iter::once(&self.diagnostic.message).chain(&self.diagnostic.help);
        let lines: Vec<_> = lines.map(|line| line.in_language(language)).collect();
        lines.join("\n")
    }
}

/// The first and last position of a span.
pub(super) fn range(file: &SourceFile, span: Span, utf16: bool) -> (Position, Position) {
    let place = |offset: u32| {
        let offset = offset as usize;
        if utf16 { file.lines.position_utf16(&file.text, offset) } else { file.lines.position(&file.text, offset) }
    };
    (place(span.start), place(span.end))
}

#[cfg(test)]
mod tests {
    use super::PathBase;

    #[test]
    fn paths_are_relative_to_the_repository() {
        let base = PathBase::new("/srv/salon/city".into(), "/srv/salon".into());
        let shown = |name| base.path(name);
        assert_eq!(shown("./a.funnel"), "city/a.funnel");
        assert_eq!(shown("../b.funnel"), "b.funnel");
        assert_eq!(shown("/srv/salon/c.funnel"), "c.funnel");
        assert_eq!(shown("../../other/d.funnel"), "../../other/d.funnel");
        assert_eq!(shown("/var/e.funnel"), "/var/e.funnel");
    }
}
