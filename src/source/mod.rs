//! Source texts, byte spans, and line and column lookup.
//!
//! In: the text of files. Out: [`Sources`], the table that spans of every stage refer to.

mod escape;
mod hex;
mod include;
mod lines;
mod span;

pub use escape::escape_xml;
pub use hex::hex;
pub use include::IncludeTarget;
pub use lines::{LineIndex, Position, line_end, with_line_ends};
pub use span::{FileId, Span, Spanned};

use std::collections::BTreeMap;

/// A source text with its name and line table.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The name shown to people: the path as given, `<stdin>` or `<prelude>`.
    pub name: String,
    /// The whole text, UTF-8.
    pub text: String,
    /// Where its lines begin.
    pub lines: LineIndex,
    /// The length of the byte-order mark before the text in the file.
    pub text_offset: usize,
    /// A number that changes whenever the text does.
    pub revision: u64,
}

/// All source texts of one compilation; a [`FileId`] is an index into it.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    includes: BTreeMap<Span, IncludeTarget>,
}

impl Sources {
    /// Makes an empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and returns its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.add_part(name, 1, text)
    }

    /// Adds a part of a file that is too large to keep, such as one line of an event log; `first` is the number of
    /// its first line.
    pub fn add_part(&mut self, name: impl Into<String>, first: usize, text: impl Into<String>) -> FileId {
        let text = text.into();
        let lines = LineIndex::new(&text).numbered_from(first);
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { name: name.into(), text, lines, text_offset: 0, revision: 0 });
        id
    }

    /// The file of an id; `None` if the id belongs to another table.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Replaces the text of a file; returns whether it changed. If so, its includes are forgotten.
    pub fn replace(&mut self, id: FileId, text: impl Into<String>) -> bool {
        let (Some(file), text) = (self.files.get_mut(id.0 as usize), text.into()) else { return false };
        if file.text == text {
            return false;
        }
        (file.lines, file.text, file.revision) = (LineIndex::new(&text), text, file.revision + 1);
        self.includes.retain(|place, _| place.file != id);
        true
    }

    /// Sets the offset in the file at which its text begins.
    pub fn set_text_offset(&mut self, id: FileId, offset: usize) {
        if let Some(file) = self.files.get_mut(id.0 as usize) {
            file.text_offset = offset;
        }
    }

    /// Records what the path at `place` refers to.
    pub fn set_include(&mut self, place: Span, target: IncludeTarget) {
        self.includes.insert(place, target);
    }

    /// What the path at `place` refers to; `None` if it was not looked up.
    #[must_use]
    pub fn include(&self, place: Span) -> Option<&IncludeTarget> {
        self.includes.get(&place)
    }

    /// What the paths in a file refer to, in source order.
    pub fn includes(&self, id: FileId) -> impl Iterator<Item = (Span, &IncludeTarget)> {
        let place = |offset| Span { file: id, start: offset, end: offset };
        self.includes.range(place(0)..=place(u32::MAX)).map(|(place, target)| (*place, target))
    }

    /// All files with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(u32::try_from(i).unwrap_or(u32::MAX)), f))
    }

    /// The text of a span; empty if the span is outside the file.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).and_then(|f| f.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }
}
