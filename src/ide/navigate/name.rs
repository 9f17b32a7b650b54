//! Symbol lookup. In: a position. Out: the symbol there, its occurrences and its declarations.

use crate::check::{Reference, Role, Symbol};
use crate::ide::view::{Place, View};
use crate::source::Span;

impl View<'_> {
    /// Returns the symbol at a position, with the span of its name.
    pub(in crate::ide) fn named_at(&self, place: Place) -> Option<(Span, Vec<Symbol>)> {
        let mentions = self.mentions_at(place);
        let span = mentions.first()?.span;
        Some((span, mentions.into_iter().map(|mention| mention.symbol).collect()))
    }

    /// Returns these symbols and all that share an occurrence with one of them, so that they can only be renamed
    /// together.
    pub(super) fn linked_names(&self, mut named: Vec<Symbol>) -> (Vec<Symbol>, Vec<Reference>) {
        loop {
            let mentions = self.mentions_of(&named);
            let before = named.len();
            for notes in self.all_notes() {
                let at = |span: Span| mentions.binary_search_by_key(&span, |mention| mention.span).is_ok();
                for mention in notes.references.iter().filter(|mention| at(mention.span)) {
                    if !named.contains(&mention.symbol) {
                        named.push(mention.symbol.clone());
                    }
                }
            }
            if named.len() == before {
                return (named, mentions);
            }
        }
    }

    /// Returns the declarations of a symbol.
    pub(in crate::ide) fn declarations(&self, named: &[Symbol]) -> Vec<Span> {
        let declares = |mention: &Reference| mention.role == Role::Declares;
        let mut places: Vec<Span> = self.mentions_of(named).into_iter().filter(declares).map(|m| m.span).collect();
        for named in named {
            if let Symbol::Field { of, name } = named
                && of == "business"
            {
                let field = self.compiled.program.catalog.business.get(name);
                places.extend(field.map(|field| field.span).filter(|span| *span != Span::default()));
            }
            if let Symbol::Funnel(name) = named
                && places.is_empty()
            {
                let own = self.compiled.program.funnels.iter().find(|funnel| funnel.name == *name);
                places.extend(own.map(|funnel| funnel.span));
            }
        }
        places
    }
}
