//! Tokens by position. In: a position. Out: the token there.

use super::view::{Place, View, touches};
use crate::source::Span;
use crate::syntax::token::Token;

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
