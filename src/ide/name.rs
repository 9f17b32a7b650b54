//! Names as things. In: a place. Out: what the name there stands for, where all its names stand, and how it is called.

use super::view::{Place, View};
use crate::check::{Reference, Role, Symbol};
use crate::source::Span;

impl View<'_> {
    /// What the name at a place stands for, with the place of the name.
    pub(super) fn named_at(&self, place: Place) -> Option<(Span, Vec<Symbol>)> {
        let mentions = self.mentions_at(place);
        let span = mentions.first()?.span;
        Some((span, mentions.into_iter().map(|mention| mention.symbol).collect()))
    }

    /// These and whatever shares a name with one of them somewhere: what cannot be called otherwise alone.
    pub(super) fn together(&self, mut named: Vec<Symbol>) -> (Vec<Symbol>, Vec<Reference>) {
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

    /// Where something is declared.
    pub(super) fn declarations(&self, named: &[Symbol]) -> Vec<Span> {
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
