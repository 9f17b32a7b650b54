//! Where what is named is declared. In: a place on a name or on the path of a file. Out: the declarations.

use super::view::{Place, View, touches};
use crate::source::{IncludeTarget, Span};

/// A place where what is named begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The name, or the path, that was asked about.
    pub origin: Span,
    /// Where it is declared: a name, or an empty place at the beginning of a file.
    pub target: Span,
}

impl View<'_> {
    /// Where the thing at a place is declared; several places where declarations add to each other.
    #[must_use]
    pub fn definition(&self, place: Place) -> Vec<Definition> {
        if let Some(path) = self.path_at(place) {
            return vec![path];
        }
        let Some((origin, named)) = self.named_at(place) else { return Vec::new() };
        self.declarations(&named).into_iter().map(|target| Definition { origin, target }).collect()
    }

    /// The file that a path leads to.
    fn path_at(&self, place: Place) -> Option<Definition> {
        let mut paths = self.sources.includes(place.file);
        let (origin, attached) = paths.find(|(span, _)| touches(*span, place))?;
        match attached {
            IncludeTarget::Text(file) => Some(Definition { origin, target: Span::new(*file, 0, 0) }),
            IncludeTarget::Refused
            | IncludeTarget::TooLarge
            | IncludeTarget::Missing { .. }
            | IncludeTarget::Folder
            | IncludeTarget::Unreadable(_)
            | IncludeTarget::Outside
            | IncludeTarget::Absolute
            | IncludeTarget::Backslash => None,
        }
    }
}
