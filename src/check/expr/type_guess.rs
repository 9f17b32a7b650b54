//! Guesses the type of an undeclared field from what it is used with. In: the other side, as written. Out: the type that
//! a help offers to declare.

use super::resolve::Resolved;
use crate::check::checker::Checker;
use crate::check::scope::Scope;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::value::Type;

impl Checker<'_> {
    /// Checks a part whose undeclared fields would be of a type.
    pub(in crate::check) fn suggesting<T>(&mut self, ty: Option<Type>, check: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.suggested, ty);
        let checked = check(self);
        self.suggested = outer;
        checked
    }

    /// The type of an operand, by the operator and the other operand.
    pub(super) fn guess_operand(&self, scope: &Scope, op: BinaryOp, other: &Expr) -> Option<Type> {
        let of_other = self.guess(scope, other);
        match (op, of_other) {
            (BinaryOp::Or | BinaryOp::And, _) => Some(Type::Bool),
            (BinaryOp::In, Some(Type::List(of))) => Some(*of),
            (BinaryOp::In | BinaryOp::Contains | BinaryOp::StartsWith | BinaryOp::Matches, _) => None,
            (BinaryOp::Multiply | BinaryOp::Divide, _) => Some(Type::Number),
            (BinaryOp::Add | BinaryOp::Subtract, Some(Type::Duration)) => Some(Type::DateTime),
            (BinaryOp::Add, Some(Type::Date | Type::DateTime)) => Some(Type::Duration),
            (BinaryOp::Add | BinaryOp::Subtract, None) => Some(Type::Number),
            (_, of_other) => of_other,
        }
    }

    /// The type of an expression, as far as its form and the declared fields say it.
    pub(in crate::check) fn guess(&self, scope: &Scope, expr: &Expr) -> Option<Type> {
        match &expr.kind {
            ExprKind::Bool(_)
            | ExprKind::Is { .. }
            | ExprKind::InFunnel { .. }
            | ExprKind::Unary { op: UnaryOp::Not, .. } => Some(Type::Bool),
            ExprKind::Number(_) | ExprKind::Percent(_) => Some(Type::Number),
            ExprKind::Money { .. } => Some(Type::Money),
            ExprKind::Duration(_) => Some(Type::Duration),
            ExprKind::Time(_) => Some(Type::Time),
            ExprKind::Date(_) | ExprKind::Day { at: None, .. } => Some(Type::Date),
            ExprKind::DateTime(..) | ExprKind::Now | ExprKind::AtTime { .. } | ExprKind::Day { at: Some(_), .. } => {
                Some(Type::DateTime)
            }
            ExprKind::Text(_) => Some(Type::Text),
            ExprKind::List(items) => self.guess(scope, items.first()?).map(|of| Type::List(Box::new(of))),
            ExprKind::Name(name) => {
                let bare = scope.bound.iter().filter(|bound| bound.bare);
                bare.filter_map(|bound| self.fields(&bound.event)?.get(name)).map(|field| field.ty.of_values()).next()
            }
            ExprKind::Field { of, name } => {
                let ExprKind::Name(of) = &of.kind else { return None };
                let Resolved::Record(_, of) = self.resolve(scope, of) else { return None };
                self.fields(&of)?.get(&name.node).map(|field| field.ty.of_values())
            }
            ExprKind::Unary { op: UnaryOp::Minus, expr }
            | ExprKind::Paren(expr)
            | ExprKind::Range { from: expr, .. } => self.guess(scope, expr),
            ExprKind::Binary { op, left, right } => match op.node {
                BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide => {
                    let guessed = self.guess(scope, left).or_else(|| self.guess(scope, right));
                    Some(guessed.unwrap_or(Type::Number))
                }
                BinaryOp::Or
                | BinaryOp::And
                | BinaryOp::Equal
                | BinaryOp::NotEqual
                | BinaryOp::Less
                | BinaryOp::LessEqual
                | BinaryOp::Greater
                | BinaryOp::GreaterEqual
                | BinaryOp::In
                | BinaryOp::Contains
                | BinaryOp::StartsWith
                | BinaryOp::Matches => Some(Type::Bool),
            },
            ExprKind::File(_) | ExprKind::History(_) | ExprKind::Error => None,
        }
    }
}
