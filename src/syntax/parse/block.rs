//! Blocks in braces, and the productions that all elements share.

use super::error::Expected;
use super::expr::Exprs;
use super::lookahead::{begins, peek_second};
use super::recover::{Delimiters, braces, fail, key};
use super::{Cursor, P, habit_setting};
use crate::diagnostic::Code;
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{Block, Chain, Element};
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};
use chumsky::prelude::*;

use Keyword as K;

pub(super) const BLOCK: Expected =
    Expected::new(|| say!("`{{`"), || say!("expected `{{`")).habits(&[habit_setting::OPEN]);
pub(super) const BLOCK_END: Expected =
    Expected::new(|| say!("`->` or `}}`"), || say!("expected `}}`")).code(Code::UnexpectedToken);

/// An element with the span of its head.
pub(super) type ElementWithHead = (Element, Span);

/// The productions for chains and what is in them.
pub(super) struct Productions<'a> {
    pub(super) exprs: Exprs<'a>,
    pub(super) chain: P<'a, Chain>,
    pub(super) block: P<'a, Block>,
}

/// `{ chain }` where it is required.
pub(super) fn required_block<'a>(p: &Productions<'a>, open: &'static Expected) -> P<'a, Block> {
    let inside = |t: Token<'a>| begins(t, ELEMENTS) || t.kind == Kind::Label;
    braces(p.chain.clone(), Delimiters { open, close: &BLOCK_END }, inside, |span| Chain { steps: Vec::new(), span })
        .map_with(|chain, e| Block { chain, span: e.span() })
        .boxed()
}

/// `else { chain }`
pub(super) fn else_block<'a>(p: &Productions<'a>) -> P<'a, Option<Block>> {
    let no_path = custom(|inp: &mut Cursor<'a, '_>| if begins_otherwise(inp) { fail() } else { Ok(()) });
    no_path.ignore_then(key(K::Else)).ignore_then(required_block(p, &BLOCK)).or_not().boxed()
}

/// Whether `otherwise` comes next under another name, with its arrow.
pub(super) fn begins_otherwise(inp: &mut Cursor<'_, '_>) -> bool {
    let word = |t: Token<'_>| t.kind == Kind::Key(K::Else) || ["default", "rest", "others"].contains(&t.text);
    inp.peek().is_some_and(word) && peek_second(inp).is_some_and(|t| t.kind == Kind::Arrow)
}
