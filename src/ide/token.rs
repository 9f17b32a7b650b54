//! Tokens by position. In: a position. Out: the token there.

use super::view::{Place, View, touches};
use crate::source::Span;
use crate::syntax::token::{Kind, Token};
use std::collections::BTreeSet;

impl<'v> View<'v> {
    /// Returns the token at a position. Between two adjacent tokens, a word wins, then the one that begins there.
    pub(super) fn token_at(&self, place: Place) -> Option<Token<'v>> {
        let tokens = self.tokens(place.file);
        let at = tokens.into_iter().filter(|token| touches(token.span, place) && !token.span.is_empty());
        at.min_by_key(|token| (!token.kind.is_word(), token.span.end as usize == place.offset))
    }

    /// Returns the word around a position.
    pub(super) fn word_at(&self, place: Place) -> Option<(Span, &'v str)> {
        let text = self.text(place.file);
        let (before, after) = (text.get(..place.offset)?, text.get(place.offset..)?);
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let start = before.len() - before.chars().rev().take_while(|c| is_part(*c)).map(char::len_utf8).sum::<usize>();
        let end = place.offset + after.chars().take_while(|c| is_part(*c)).map(char::len_utf8).sum::<usize>();
        (start < end).then(|| (Span::new(place.file, start, end), text.get(start..end).unwrap_or("")))
    }
}

/// The `end` of each `{{ end }}`, which is a name everywhere else.
pub(in crate::ide) fn end_tags(tokens: &[Token<'_>]) -> BTreeSet<Span> {
    let is_tag = |window: &&[Token<'_>]| {
        let kinds = window.iter().map(|token| token.kind);
        kinds.eq([Kind::PlaceholderOpen, Kind::Name, Kind::PlaceholderClose])
            && window.get(1).is_some_and(|token| token.text == "end")
    };
    tokens.windows(3).filter(is_tag).filter_map(|window| window.get(1)).map(|token| token.span).collect()
}
