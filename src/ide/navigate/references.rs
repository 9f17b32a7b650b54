//! Where a thing is named. In: a place on one of its names. Out: all of them, in every file.

use crate::check::Role;
use crate::ide::view::{Place, View};
use crate::source::Span;

/// A name of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands.
    pub span: Span,
    /// Whether it declares the thing.
    pub declares: bool,
}

impl View<'_> {
    /// Every name of the thing at a place, its declarations among them.
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
