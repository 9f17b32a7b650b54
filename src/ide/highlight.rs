//! The same name elsewhere in a file. In: a place on a name. Out: where else it stands, and what it does there.

use super::view::{Place, View};
use crate::check::Role;
use crate::source::Span;

/// A place that shows the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// Where it stands.
    pub span: Span,
    /// What it does.
    pub kind: HighlightKind,
}

/// What a name does to the thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HighlightKind {
    /// It reads it.
    Read,
    /// It declares or changes it.
    Write,
}

impl View<'_> {
    /// The names of the thing at a place that are in the same file.
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
