//! Document highlights. In: a position on a name. Out: the other occurrences in the file.

use crate::check::Role;
use crate::ide::view::{Place, View};
use crate::source::Span;

/// An occurrence of the symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// The location of the occurrence.
    pub span: Span,
    /// Whether it reads or writes.
    pub kind: HighlightKind,
}

/// What an occurrence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HighlightKind {
    /// It reads the symbol.
    Read,
    /// It declares or changes the symbol.
    Write,
}

impl View<'_> {
    /// Returns the occurrences, in the same file, of the symbol at a position.
    #[must_use]
    pub fn highlight(&self, place: Place) -> Vec<Highlight> {
        let Some((_, named)) = self.named_at(place) else { return Vec::new() };
        let mut found: Vec<Highlight> = Vec::new();
        for notes in self.notes_about(place.file) {
            let here = notes.references.iter().filter(|m| m.span.file == place.file && named.contains(&m.symbol));
            for mention in here {
                let kind = match mention.role {
                    Role::Declares | Role::Changes => HighlightKind::Write,
                    Role::Uses => HighlightKind::Read,
                };
                found.push(Highlight { span: mention.span, kind });
            }
        }
        found.sort_by_key(|highlight| highlight.span);
        found.dedup_by_key(|highlight| highlight.span);
        found
    }
}
