//! Go to definition. In: a position on a name or the path of a file. Out: its declarations.

use crate::ide::view::{Place, View, touches};
use crate::source::{IncludeTarget, Span};

/// A declaration of a symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The name or path at the position.
    pub origin: Span,
    /// The declared name, or the start of a file.
    pub target: Span,
}

impl View<'_> {
    /// Returns the declarations of the symbol at a position; there are several if declarations extend one another.
    #[must_use]
    pub fn definition(&self, place: Place) -> Vec<Definition> {
        if let Some(path) = self.path_at(place) {
            return vec![path];
        }
        let Some((origin, named)) = self.named_at(place) else { return Vec::new() };
        self.declarations(&named).into_iter().map(|target| Definition { origin, target }).collect()
    }

    /// The file that a path refers to.
    fn path_at(&self, place: Place) -> Option<Definition> {
        let mut paths = self.sources.includes(place.file);
        let (origin, attached) = paths.find(|(span, _)| touches(*span, place))?;
        let IncludeTarget::Text(file) = attached else { return None };
        Some(Definition { origin, target: Span::new(*file, 0, 0) })
    }
}
