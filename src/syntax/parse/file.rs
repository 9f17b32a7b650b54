//! The top level of a file: its items.

use super::declare::{action, client, definition, event};
use super::error::{Expected, report_with, suppress};
use super::expr::{Exprs, exprs};
use super::funnel::{funnel, setting, setting_outside_funnel};
use super::lookahead::{ITEMS, SETTINGS, begins};
use super::primitive::{NAME, assign, name};
use super::recover::{enclosed, key, skip_unexpected, token};
use super::step::chain;
use super::test::test;
use super::trigger::entry;
use super::{Cursor, P, habit_table, shrink};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::syntax::ast::{Item, ItemKind};
use crate::syntax::stray_brace;
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};
use chumsky::prelude::*;

use Keyword as K;

const ITEM: Expected = Expected::new(
    || say!("an entry such as `on booking -> ..`, a `funnel` or a declaration"),
    || say!("expected an entry or a declaration"),
)
.code(Code::UnexpectedToken)
.keywords(ITEMS)
.habits(&[habit_table::ITEM, habit_table::CONDITION]);
const CHANNEL: Expected = Expected::new(|| say!("a channel such as `sms` or `email`"), || say!("expected a channel"))
    .habits(&[habit_table::CHANNEL]);
const PARAMS_END: Expected = Expected::new(|| say!("`,` or `)`"), || say!("expected `)`"));

/// All items up to the end of the file; never fails.
pub(super) fn items<'a>() -> P<'a, Vec<Item>> {
    let exprs = exprs();
    let (item, setting) = (item(&exprs), setting(&exprs));
    custom(move |inp: &mut Cursor<'a, '_>| {
        let mut items = Vec::new();
        // After the first unexpected item, the rest up to the next item is a consequence of it, as is one extra `}`.
        let mut strayed = false;
        while let Some(next) = inp.peek() {
            if begins(next, ITEMS) {
                strayed &= next.kind == Kind::Key(K::On) || next.kind == Kind::Key(K::Every);
                items.push(inp.parse(&item)?);
                continue;
            }
            if strayed {
                suppress(inp);
            }
            let start = inp.cursor();
            if begins(next, SETTINGS) {
                setting_outside_funnel(inp, next);
                inp.parse(&setting)?;
            } else {
                report_unexpected_item(inp, next);
            }
            strayed = next.kind != Kind::BraceClose;
            items.push(Item { kind: ItemKind::Error, span: inp.span_since(&start) });
        }
        Ok(shrink(items))
    })
    .boxed()
}

fn item<'a>(exprs: &Exprs<'a>) -> P<'a, Item> {
    let chain = chain(exprs);
    let used = key(K::Use).ignore_then(exprs.texts.required()).map(ItemKind::Use);
    let constant = key(K::Const).ignore_then(definition(exprs)).map(|(name, value)| ItemKind::Const { name, value });
    let segment =
        key(K::Segment).ignore_then(definition(exprs)).map(|(name, condition)| ItemKind::Segment { name, condition });
    choice((
        entry(exprs, &chain).map(ItemKind::Entry),
        funnel(exprs, &chain).map(ItemKind::Funnel),
        template(exprs),
        event(exprs),
        client(exprs),
        constant,
        segment,
        used,
        action(exprs),
        test(exprs),
    ))
    .map_with(|kind, e| Item { kind, span: e.span() })
    .boxed()
}

/// `template CHANNEL NAME (params) = body`
fn template<'a>(exprs: &Exprs<'a>) -> P<'a, ItemKind> {
    let params = name(&NAME).separated_by(token(Kind::Comma)).collect().boxed();
    let params = enclosed(Kind::ParenOpen, params, Kind::ParenClose, &PARAMS_END).or_not();
    key(K::Template)
        .ignore_then(name(&CHANNEL))
        .then(name(&NAME))
        .then(params.map(Option::unwrap_or_default))
        .then_ignore(assign())
        .then(exprs.texts.body())
        .map(|(((channel, name), params), body)| ItemKind::Template { channel, name, params, body })
        .boxed()
}

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// Reports and skips what is not allowed at the top level.
fn report_unexpected_item(inp: &mut Cursor<'_, '_>, next: Token<'_>) {
    if next.kind == Kind::BraceClose {
        report_with(inp, || {
            Diagnostic::new(Code::UnexpectedToken, next.span, stray_brace(), say!("no open brace here"))
        });
        inp.skip();
        return;
    }
    if begins(next, ELEMENTS) {
        report_with(inp, || {
            let message = say!("missing trigger before `{next}`", next = next.text);
            Diagnostic::new(Code::UnexpectedToken, next.span, message, say!("expected a trigger"))
                .help(say!("start with a trigger: `on booking -> ..`"))
        });
    }
    skip_unexpected(inp, &ITEM, |t| t.first && (begins(t, ITEMS) || begins(t, SETTINGS)));
}
