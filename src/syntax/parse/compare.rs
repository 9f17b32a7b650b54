//! Comparisons: the operator after an operand, and the tree once both sides are read. Foreign forms of an operator
//! are in [`super::foreign_compare`].

use super::error::Expected;
use super::foreign_compare::{
    build_null_comparison, build_word_comparison, foreign_is, foreign_signs, foreign_words, is_bool, is_comparison,
    report_replacement,
};
use super::is_known::MemberChain;
use super::lookahead::peek_nth;
use super::operator::{COMPARISONS, ComparisonForm, IsTest, PendingComparison, binary};
use super::primitive::name;
use super::recover::{expect, fail, key, required};
use super::{Cursor, Extent, P, habit_table, is_known};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::prelude::*;

use Keyword as K;

const WITH: Expected = Expected::new(|| say!("`with`"), || say!("expected `with`")).keywords(&[K::With]);
const KNOWN: Expected = Expected::new(|| say!("`known` or `missing`"), || say!("expected `known` or `missing`"))
    .keywords(&[K::Known, K::Missing])
    .habits(&[habit_table::CONDITION]);
const FUNNEL: Expected = Expected::new(|| say!("a funnel"), || say!("expected a funnel"));

/// A comparison operator.
pub(super) fn comparison<'a>(atom: P<'a, Expr>) -> P<'a, PendingComparison> {
    let plain = any().filter(|t: &Token<'a>| t.kind != Kind::Name).try_map(move |t: Token<'a>, _| {
        match COMPARISONS.iter().find(|(kind, _)| *kind == t.kind) {
            Some((_, op)) => Ok(PendingComparison { op: Spanned::new(*op, t.span), form: ComparisonForm::Plain }),
            None => fail(),
        }
    });
    let starts = key(K::Starts).then_ignore(expect(Kind::Key(K::With), &WITH)).map_with(|_, e| PendingComparison {
        op: Spanned::new(BinaryOp::StartsWith, e.span()),
        form: ComparisonForm::Plain,
    });
    let between = any()
        .filter(|t: &Token<'a>| t.kind == Kind::Name && t.text == "between")
        .then(atom)
        .then_ignore(key(K::And))
        .map(|(word, from)| PendingComparison {
            op: Spanned::new(BinaryOp::GreaterEqual, word.span),
            form: ComparisonForm::Between(Box::new(from)),
        });
    let any_of = choice((foreign_signs(), plain, starts, between, foreign_words())).boxed();
    // Most values are not compared with anything.
    custom(
        move |inp: &mut Cursor<'a, '_>| {
            if inp.peek().is_some_and(begins_comparison) { inp.parse(&any_of) } else { fail() }
        },
    )
    .boxed()
}

/// Whether a token can begin a comparison operator, here or in another language.
fn begins_comparison(t: Token<'_>) -> bool {
    match t.kind {
        Kind::Name | Kind::Dot | Kind::Assign => true,
        Kind::Key(K::Starts | K::Not | K::Is | K::After | K::Before) => true,
        kind => COMPARISONS.iter().any(|(own, _)| *own == kind),
    }
}

/// Builds a comparison from both sides, and reports a foreign form.
pub(super) fn build_comparison<'a>(
    left: Expr,
    compare: PendingComparison,
    right: Expr,
    e: &mut Extent<'a, '_>,
) -> Expr {
    let PendingComparison { op, form } = compare;
    let written = |span: Span, e: &mut Extent<'a, '_>| e.state().slice(span).to_owned();
    match form {
        ComparisonForm::Plain => build_null_comparison(left, op, right, e),
        ComparisonForm::NotIn => {
            let whole = left.span.to(right.span);
            let (a, b) = (written(left.span, e), written(right.span, e));
            let fixed = format!("not {a} in {b}");
            report_replacement(e, whole, say!("`not` must precede the whole comparison"), fixed);
            let inner = binary(left, op, right);
            Expr { kind: ExprKind::Unary { op: UnaryOp::Not, expr: Box::new(inner) }, span: whole }
        }
        ComparisonForm::Between(from) => {
            let whole = left.span.to(right.span);
            let (value, low, high) = (written(left.span, e), written(from.span, e), written(right.span, e));
            report_replacement(
                e,
                whole,
                say!("`between` is not supported: use two comparisons"),
                format!("{value} >= {low} and {value} <= {high}"),
            );
            let place = op.span;
            let above = binary(left.clone(), op, *from);
            let below = binary(left, Spanned::new(BinaryOp::LessEqual, place), right);
            binary(above, Spanned::new(BinaryOp::And, place), below)
        }
        ComparisonForm::Method => {
            let whole = Span { end: right.span.end, ..left.span };
            let inner = match right.kind {
                ExprKind::Paren(inner) => *inner,
                _ => right,
            };
            let (a, b) = (written(left.span, e), written(inner.span, e));
            report_replacement(e, whole, say!("values have no methods"), format!("{a} {} {b}", op.node.text()));
            binary(left, op, inner)
        }
        ComparisonForm::Words(sign) => build_word_comparison(left, op, &sign, right, e),
    }
}

/// `is known`, `is missing`, `is in reminder`
pub(super) fn is<'a>() -> P<'a, (IsTest, Option<MemberChain>)> {
    let plain = key(K::Known).to(IsTest::Known(true)).or(key(K::Missing).to(IsTest::Known(false)));
    let is = custom(|inp: &mut Cursor<'a, '_>| {
        let is = inp.peek().is_some_and(|t| t.kind == Kind::Key(K::Is));
        if !is || is_comparison(inp).is_some() {
            return fail();
        }
        inp.skip();
        Ok(())
    });
    let funnel = name(&FUNNEL);
    let inside = custom(move |inp: &mut Cursor<'a, '_>| {
        let negated = inp.peek().is_some_and(|t| t.kind == Kind::Key(K::Not));
        let place = usize::from(negated);
        let named = peek_nth(inp, place + 1).is_some_and(|t| t.kind.is_word() && !t.first);
        if !named || !peek_nth(inp, place).is_some_and(|t| t.kind == Kind::Key(K::In)) {
            return fail();
        }
        (0..=place).for_each(|_| inp.skip());
        Ok(IsTest::In { negated, funnel: inp.parse(&funnel)? })
    });
    let word = plain.or(inside).or(custom(foreign_is)).boxed();
    let answer = custom(move |inp: &mut Cursor<'a, '_>| match inp.parse(&word)? {
        known @ IsTest::Known(_) => Ok((known, is_known::fields(inp))),
        other @ (IsTest::Bool { .. } | IsTest::In { .. }) => Ok((other, None)),
    });
    is.ignore_then(required(answer, &KNOWN, |_| (IsTest::Known(true), None))).boxed()
}

/// Builds the test of `is`.
pub(super) fn build_is<'a>(expr: Expr, (is, fields): (IsTest, Option<MemberChain>), e: &mut Extent<'a, '_>) -> Expr {
    let mut span: Span = e.span();
    match is {
        IsTest::Known(known) => {
            // The tested expression ends before the dot.
            span.end = fields.as_ref().map_or(span.end, |fields| fields.dot);
            let answer = is_known::build_is_known(expr, known, span, e);
            match fields {
                Some(fields) => is_known::report_member(answer, &fields, e),
                None => answer,
            }
        }
        IsTest::Bool { truth, negated } => is_bool(expr, truth, negated, span, e),
        IsTest::In { negated, funnel } => is_known::build_in_funnel(expr, (negated, funnel), span, e),
    }
}
