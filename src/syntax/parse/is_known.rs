//! Operators and members after `is known`, as in `a is known + 1`: reported with the likely intent, and left out of
//! the tree.

use super::foreign_compare::method_operator;
use super::lookahead::peek_second;
use super::operator::binary;
use super::{Cursor, Extent, named};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Name};
use crate::syntax::token::Kind;

/// Whether an expression is an `is` test without parentheses.
fn is_answer(expr: &Expr) -> bool {
    tested(expr).is_some()
}

/// What an `is` test without parentheses is about.
fn tested(expr: &Expr) -> Option<&Expr> {
    let (ExprKind::Is { expr, .. } | ExprKind::InFunnel { expr, .. }) = &expr.kind else { return None };
    Some(expr)
}

/// Builds `left op right`; an `is` test on the left takes no operator.
pub(super) fn build_arithmetic<'a>(left: Expr, op: Spanned<BinaryOp>, right: Expr, e: &mut Extent<'a, '_>) -> Expr {
    let Some(expr) = tested(&left) else { return binary(left, op, right) };
    let sign = op.node.text();
    if right.kind == ExprKind::Error {
        return left;
    }
    let (asked, rest) = (slice(expr.span, e), slice(right.span, e));
    let is = slice(Span { start: expr.span.end, ..left.span }, e);
    let meant = format!("{asked} {sign} {rest} {}", is.trim_start());
    report_continuation(left, op.span.to(right.span), say!("`{sign}` cannot follow `is ..`", sign), meant, e)
}

/// Members of an `is` test: `.b.c`.
pub(super) struct MemberChain {
    /// Where the first dot is.
    pub(super) dot: u32,
    name: Name,
}

/// Reads the members after an `is` test.
pub(super) fn fields(inp: &mut Cursor<'_, '_>) -> Option<MemberChain> {
    let mut fields: Option<MemberChain> = None;
    while let Some(dot) = inp.peek().filter(|t| t.kind == Kind::Dot)
        && let Some(field) = peek_second(inp).filter(|t| t.kind.is_word() && !t.first)
        && method_operator(inp).is_none()
    {
        inp.skip();
        inp.skip();
        fields = Some(match fields {
            Some(MemberChain { dot, name }) => {
                let span = name.span.to(field.span);
                MemberChain { dot, name: Name { node: format!("{}.{}", name.node, field.text), span } }
            }
            None => MemberChain { dot: dot.span.start, name: named(field) },
        });
    }
    fields
}

/// Reports `a is known.b`.
pub(super) fn report_member<'a>(of: Expr, MemberChain { name, .. }: &MemberChain, e: &mut Extent<'a, '_>) -> Expr {
    let Some(expr) = tested(&of) else { return of };
    let is = slice(Span { start: expr.span.end, ..of.span }, e);
    let meant = format!("{}.{}{}", slice(expr.span, e), name.node, is.trim_end());
    report_continuation(of, name.span, say!("the result of `is` has no field `{name}`", name = name.node), meant, e)
}

/// Builds `a is known`; reports a second `is` after an `is` test.
pub(super) fn build_is_known<'a>(of: Expr, known: bool, whole: Span, e: &mut Extent<'a, '_>) -> Expr {
    if !is_answer(&of) {
        return Expr { kind: ExprKind::Is { expr: Box::new(of), known }, span: whole };
    }
    let meant = slice(of.span, e);
    let rest = Span { start: of.span.end, ..whole };
    report_continuation(of, rest, say!("the result of `is` is always known"), meant, e)
}

/// Builds `client is in reminder`.
pub(super) fn build_in_funnel<'a>(
    of: Expr,
    (negated, funnel): (bool, Name),
    span: Span,
    e: &mut Extent<'a, '_>,
) -> Expr {
    if is_answer(&of) {
        let meant = slice(of.span, e);
        let rest = Span { start: of.span.end, ..span };
        return report_continuation(of, rest, say!("the result of `is` is in no funnel"), meant, e);
    }
    Expr { kind: ExprKind::InFunnel { expr: Box::new(of), negated, funnel }, span }
}

fn slice<'a>(span: Span, e: &mut Extent<'a, '_>) -> String {
    e.state().slice(span).to_owned()
}

/// Reports what follows an `is` test, and returns the test alone.
fn report_continuation<'a>(answer: Expr, rest: Span, message: Phrase, right: String, e: &mut Extent<'a, '_>) -> Expr {
    let whole = answer.span.to(rest);
    let diagnostic = Diagnostic::new(Code::UnexpectedToken, rest, message, say!("the condition ends before this"))
        .help(say!("write `{right}`", right))
        .guess(say!("change it to `{right}`", right), whole, right);
    e.state().add(diagnostic);
    Expr { span: whole, ..answer }
}
