//! Declarations: events, client fields, actions, and their types.

use super::error::Expected;
use super::expr::Exprs;
use super::lookahead::peek_second;
use super::primitive::{NAME, assign, name};
use super::recover::{Delimiters, at_end, braces, enclosed, expect, fail, key, required, skip_unexpected, token};
use super::template::Texts;
use super::{Cursor, P, habit_setting, named};
use crate::diagnostic::Code;
use crate::say;
use crate::syntax::ast::{Expr, Field, ItemKind, Later, Param, TypeAtom, TypeExpr};
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::prelude::*;

use Keyword as K;

const EVENT_NAME: Expected = Expected::new(|| say!("an event name"), || say!("expected a name")).plain_name();
const OPEN: Expected = Expected::new(|| say!("`{{`"), || say!("expected `{{`")).habits(&[habit_setting::OPEN]);
const PAREN: Expected = Expected::new(|| say!("`(`"), || say!("expected `(`"));
const FIELDS_END: Expected =
    Expected::new(|| say!("a field such as `starts_at: datetime`, or `}}`"), || say!("expected a field"))
        .code(Code::UnexpectedToken)
        .keywords(&[K::Later, K::From, K::By, K::Key]);
const PARAMS_END: Expected = Expected::new(|| say!("a parameter such as `id: text`, or `)`"), || say!("expected `)`"));
const COLON: Expected = Expected::new(|| say!("`:` and a type"), || say!("expected `:`"));
const TYPE: Expected = Expected::new(|| say!("a type such as `text` or `datetime?`"), || say!("expected a type"));
const LESS: Expected = Expected::new(|| say!("`<`"), || say!("expected `<`"));
const GREATER: Expected = Expected::new(|| say!("`>`"), || say!("expected `>`"));

/// `client { field.. }`
pub(super) fn client<'a>(exprs: &Exprs<'a>) -> P<'a, ItemKind> {
    key(K::Client).ignore_then(fields(exprs)).map(ItemKind::Client).boxed()
}

/// `event NAME { field.. }`
pub(super) fn event<'a>(exprs: &Exprs<'a>) -> P<'a, ItemKind> {
    key(K::Event)
        .ignore_then(name(&EVENT_NAME))
        .then(fields(exprs))
        .map(|(name, fields)| ItemKind::Event { name, fields })
        .boxed()
}

/// `action NAME (param: type, ..)`
pub(super) fn action<'a>(exprs: &Exprs<'a>) -> P<'a, ItemKind> {
    let label = custom(|inp: &mut Cursor<'a, '_>| {
        let Some(word) = inp.peek().filter(|t| t.kind.is_word()) else { return fail() };
        if word.kind != Kind::Label && !type_follows(inp) {
            return fail();
        }
        inp.skip();
        Ok(named(word))
    });
    let param = label.then_ignore(expect(Kind::Colon, &COLON)).then(ty(&exprs.texts));
    let param = param.map(|(name, ty)| Param { name, ty });
    let params = param.separated_by(token(Kind::Comma)).allow_trailing().collect().boxed();
    let params = enclosed(Kind::ParenOpen, params, Kind::ParenClose, &PARAMS_END);
    key(K::Action)
        .ignore_then(name(&NAME))
        .then(required(params, &PAREN, |_| Vec::new()))
        .map(|(name, params)| ItemKind::Action { name, params })
        .boxed()
}

fn fields<'a>(exprs: &Exprs<'a>) -> P<'a, Vec<Field>> {
    let field = field(exprs);
    let inside = custom(move |inp: &mut Cursor<'a, '_>| {
        let mut fields = Vec::new();
        loop {
            match inp.peek() {
                Some(t) if matches!(t.kind, Kind::Label | Kind::Key(K::Key)) => fields.push(inp.parse(&field)?),
                Some(t) if t.kind == Kind::Name && is_field_without_colon(inp) => fields.push(inp.parse(&field)?),
                Some(t) if t.kind == Kind::Comma && !fields.is_empty() => inp.skip(),
                Some(_) if !at_end(inp) => {
                    skip_unexpected(inp, &FIELDS_END, |t| matches!(t.kind, Kind::Label | Kind::Key(K::Key)) || t.first);
                }
                Some(_) | None => return Ok(fields),
            }
        }
    });
    let wanted = Delimiters { open: &OPEN, close: &FIELDS_END };
    braces(inside.boxed(), wanted, |t| matches!(t.kind, Kind::Label | Kind::Key(K::Key)), |_| Vec::new())
}

/// Whether a name at the beginning of a line is a field without its colon.
fn is_field_without_colon(inp: &mut Cursor<'_, '_>) -> bool {
    inp.peek().is_some_and(|t| t.first) && type_follows(inp)
}

/// Whether a type follows the next word on its line.
fn type_follows(inp: &mut Cursor<'_, '_>) -> bool {
    peek_second(inp).is_some_and(|t| (t.kind.is_word() || t.kind == Kind::TextOpen) && !t.first)
}

/// `key id: text`, `attended: bool later from starts_at by starts_at + 1d`
fn field<'a>(exprs: &Exprs<'a>) -> P<'a, Field> {
    let from = key(K::From).ignore_then(exprs.expr.clone()).or_not();
    let by = key(K::By).ignore_then(exprs.expr.clone()).or_not();
    let moments = key(K::Later).ignore_then(from).then(by);
    let later = moments.map_with(|(from, by), e| Later { from, by, span: e.span() }).or_not();
    let label = any().filter(|t: &Token<'a>| matches!(t.kind, Kind::Label | Kind::Name)).map(named);
    let named_field = required(label, &NAME, super::empty_name);
    let word = any().filter(|t: &Token<'a>| matches!(t.kind, Kind::Key(K::Key) | Kind::Label | Kind::Name)).rewind();
    word.ignore_then(key(K::Key).or_not())
        .then(named_field)
        .then_ignore(expect(Kind::Colon, &COLON))
        .then(ty(&exprs.texts))
        .then(later)
        .map_with(|(((key, name), ty), later), e| Field { key: key.is_some(), name, ty, later, span: e.span() })
        .boxed()
}

/// `text?`, `"new" | "paid"`, `list<text>`; never fails.
fn ty<'a>(texts: &Texts<'a>) -> P<'a, TypeExpr> {
    let texts = texts.clone();
    recursive(move |ty| {
        let of = expect(Kind::Less, &LESS).ignore_then(ty).then_ignore(expect(Kind::Greater, &GREATER));
        let list = key(K::List).ignore_then(of).map_with(|of, e| TypeAtom::List(Box::new(of), e.span()));
        let plain = any().filter(|t: &Token<'a>| matches!(t.kind, Kind::Name | Kind::Key(_))).map(named);
        let literal = texts.text.clone().map(TypeAtom::Literal);
        let atom = required(choice((list, literal, plain.map(TypeAtom::Name))).boxed(), &TYPE, TypeAtom::Error);
        atom.separated_by(token(Kind::Bar))
            .at_least(1)
            .collect()
            .then(token(Kind::Question).or_not())
            .map_with(|(atoms, question), e| TypeExpr { atoms, optional: question.is_some(), span: e.span() })
    })
    .boxed()
}

/// `const NAME = expr` and `segment NAME = expr`, after the keyword.
pub(super) fn definition<'a>(exprs: &Exprs<'a>) -> P<'a, (crate::syntax::ast::Name, Expr)> {
    name(&NAME).then_ignore(assign()).then(exprs.expr.clone()).boxed()
}
