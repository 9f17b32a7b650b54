//! The keywords that begin each construct, and lookahead.

use super::Cursor;
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};

use Keyword as K;

/// Keywords that begin a top-level item.
pub(super) const ITEMS: &[Keyword] =
    &[K::Use, K::Const, K::Client, K::Event, K::Segment, K::Template, K::Action, K::Funnel, K::Test, K::On, K::Every];
/// Keywords that begin a setting.
pub(super) const SETTINGS: &[Keyword] =
    &[K::Purpose, K::Timezone, K::Hours, K::Enter, K::Limit, K::Exit, K::Goal, K::Upgrade];
/// Keywords that begin a line of a test.
pub(super) const LINES: &[Keyword] = &[K::Client, K::Given, K::At, K::Expect, K::Until];
/// Keywords that begin a path of `match`, `split` and `parallel`.
pub(super) const PATHS: &[Keyword] = &[K::Case, K::Otherwise, K::Path];

/// Whether a token is one of `keywords`.
pub(super) fn begins(token: Token<'_>, keywords: &[Keyword]) -> bool {
    matches!(token.kind, Kind::Key(k) if keywords.contains(&k))
}

/// Whether a token begins a line with the keyword of a construct, so that anything open before it was not closed.
pub(super) fn begins_line(token: Token<'_>) -> bool {
    token.first && [ITEMS, SETTINGS, ELEMENTS, LINES, PATHS].iter().any(|set| begins(token, set))
}

/// The token after the next one.
pub(super) fn peek_second<'a>(inp: &mut Cursor<'a, '_>) -> Option<Token<'a>> {
    peek_nth(inp, 1)
}

/// The token after the next `count` tokens.
pub(super) fn peek_nth<'a>(inp: &mut Cursor<'a, '_>, count: usize) -> Option<Token<'a>> {
    let start = inp.save();
    (0..count).for_each(|_| inp.skip());
    let token = inp.peek();
    inp.rewind(start);
    token
}

/// Whether a top-level item begins here on its own line.
pub(super) fn at_item(inp: &mut Cursor<'_, '_>) -> bool {
    inp.peek().is_some_and(|t| t.first) && item_follows(inp)
}

/// Whether the keyword of a top-level item comes next, with a fitting token after it on its line.
pub(super) fn item_follows(inp: &mut Cursor<'_, '_>) -> bool {
    let Some(token) = inp.peek().filter(|t| begins(*t, ITEMS)) else { return false };
    let Some(next) = peek_second(inp).filter(|t| !t.first) else { return false };
    match token.kind {
        Kind::Key(K::On) => next.kind.is_word() || matches!(next.kind, Kind::Date | Kind::DateTime),
        Kind::Key(K::Every) => next.kind.is_word() || matches!(next.kind, Kind::Duration | Kind::TextOpen),
        Kind::Key(K::Client) => next.kind == Kind::BraceOpen,
        Kind::Key(K::Use | K::Test) => next.kind == Kind::TextOpen,
        // A name in quotes is a mistake of its own.
        Kind::Key(K::Funnel | K::Segment | K::Event) => next.kind.is_word() || next.kind == Kind::TextOpen,
        _ => next.kind.is_word(),
    }
}
