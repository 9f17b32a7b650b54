//! Find references. In: a position on a name. Out: all occurrences, in every file.

use crate::check::Role;
use crate::ide::view::{Place, View};
use crate::source::Span;

/// An occurrence of a symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The location of the occurrence.
    pub span: Span,
    /// Whether it declares the symbol.
    pub declares: bool,
}

impl View<'_> {
    /// Returns every occurrence of the symbol at a position, including its declarations.
    #[must_use]
    pub fn references(&self, place: Place) -> Vec<Reference> {
        let Some((_, named)) = self.named_at(place) else { return Vec::new() };
        let mut found: Vec<Reference> = Vec::new();
        for mention in self.mentions_of(&named) {
            let reference = Reference { span: mention.span, declares: mention.role == Role::Declares };
            if found.last().is_none_or(|last| last.span != reference.span) {
                found.push(reference);
            }
        }
        found
    }
}
