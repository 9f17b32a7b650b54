//! Comparison operators, and binary expressions.

use crate::source::Spanned;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Name};
use crate::syntax::token::{Keyword, Kind};

use Keyword as K;

/// The comparison operators, with their tokens.
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

/// A comparison whose right side is not read yet.
pub(super) struct PendingComparison {
    pub(super) op: Spanned<BinaryOp>,
    pub(super) form: ComparisonForm,
}

/// How a comparison is written.
pub(super) enum ComparisonForm {
    /// Correctly, or already reported.
    Plain,
    /// `a not in b`
    NotIn,
    /// `a between b and c`; holds the lower bound
    Between(Box<Expr>),
    /// `2h before a`, `a before b`
    Words(String),
    /// `a.in(b)`
    Method,
}

/// What follows `is`.
#[derive(Clone)]
pub(super) enum IsTest {
    Known(bool),
    /// `is true`, `is not false`
    Bool {
        truth: bool,
        negated: bool,
    },
    /// `in reminder`, `not in reminder`
    In {
        negated: bool,
        funnel: Name,
    },
}

/// The expression `left op right`.
pub(super) fn binary(left: Expr, op: Spanned<BinaryOp>, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    Expr { kind: ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) }, span }
}
