//! Operators that compare, and the tree of an operator with two sides.

use crate::source::Spanned;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};
use crate::syntax::token::{Keyword, Kind};

use Keyword as K;

/// The operators that compare, with the token that each is written as.
pub(super) const COMPARISONS: &[(Kind, BinaryOp)] = &[
    (Kind::Equal, BinaryOp::Equal),
    (Kind::NotEqual, BinaryOp::NotEqual),
    (Kind::Less, BinaryOp::Less),
    (Kind::LessEqual, BinaryOp::LessEqual),
    (Kind::Greater, BinaryOp::Greater),
    (Kind::GreaterEqual, BinaryOp::GreaterEqual),
    (Kind::Key(K::In), BinaryOp::In),
    (Kind::Key(K::Contains), BinaryOp::Contains),
    (Kind::Key(K::Matches), BinaryOp::Matches),
];

/// A comparison before its right side is read.
pub(super) struct PendingComparison {
    pub(super) op: Spanned<BinaryOp>,
    pub(super) form: ComparisonForm,
}

/// How it is written.
pub(super) enum ComparisonForm {
    /// As it should be, or what is wrong has been said.
    Plain,
    /// `a not in b`
    NotIn,
    /// `a between b and c`, up to the second bound
    Between(Box<Expr>),
    /// `2h before a`, `a before b`
    Words(String),
    /// `a.in(b)`
    Method,
}

/// What comes after `is`.
#[derive(Clone, Copy)]
pub(super) enum IsTest {
    Known(bool),
    Bool(bool),
}

/// The expression `left op right`.
pub(super) fn binary(left: Expr, op: Spanned<BinaryOp>, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    Expr { kind: ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) }, span }
}
