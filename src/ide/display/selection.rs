//! Selection expansion. In: a position. Out: the ranges around it, narrowest first, each inside the next.

use crate::ide::node::parts;
use crate::ide::view::{Place, View, touches};
use crate::source::Span;

impl View<'_> {
    /// Returns the ranges around a position, narrowest first; the last is the whole file.
    #[must_use]
    pub fn selection(&self, place: Place) -> Vec<Span> {
        let whole = Span::new(place.file, 0, self.text(place.file).len());
        let mut around: Vec<Span> = vec![whole];
        if let Some(parsed) = self.tree(place.file) {
            let spans = parts(&parsed.file.items).into_iter().map(crate::ide::node::Node::span);
            around.extend(spans.filter(|span| touches(*span, place) && span.end <= whole.end));
        }
        around.extend(self.token_at(place).map(|token| token.span));
        around.extend(self.word_at(place).map(|(span, _)| span));
        around.sort_by_key(|span| (span.len(), span.start));
        around.dedup();
        let mut chain: Vec<Span> = Vec::new();
        for span in around {
            if chain.last().is_none_or(|inner| span.start <= inner.start && inner.end <= span.end) {
                chain.push(span);
            }
        }
        chain
    }
}
