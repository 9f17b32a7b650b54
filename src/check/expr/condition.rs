//! Conditions. In: an expression that something depends on. Out: a checked expression of type bool.

use crate::check::checker::Checker;
use crate::check::program::Expr;
use crate::check::scope::{Scope, when_false, when_true};
use crate::check::types::{Missing, Typed, type_name};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::syntax::ast::{self, BinaryOp, ExprKind};
use crate::value::Type;

impl Checker<'_> {
    /// A whole condition, which waits for `later` fields.
    pub(in crate::check) fn condition(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Expr> {
        Some(self.condition_part(&scope.in_condition(true), expr)?.expr)
    }

    /// An operand of a condition. A missing `bool?` counts as false.
    pub(super) fn condition_part(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Typed> {
        let typed = self.suggesting(Some(Type::Bool), |checker| checker.expr(scope, expr))?;
        if typed.ty != Type::Bool {
            let finding = self.not_a_condition(expr, &typed);
            return self.fail(finding);
        }
        self.asked.insert(expr.span, &typed.expr);
        match typed.missing {
            Missing::Never => Some(typed),
            Missing::Optional => Some(Typed { missing: Missing::Never, ..typed }),
            Missing::NotYet => self.require_known(typed, expr.span),
        }
    }

    /// `a and b`, `a or b`: the right side is evaluated only if the left one does not decide, so it may rely on that.
    pub(in crate::check) fn and_or(
        &mut self,
        scope: &Scope,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Option<Typed> {
        let and = op == BinaryOp::And;
        let first = self.condition_part(scope, left);
        if !and && let Some(finding) = self.another_value(left, right) {
            return self.fail(finding);
        }
        let facts = first.as_ref().map(|first| if and { when_true(&first.expr) } else { when_false(&first.expr) });
        let second = self.condition_part(&scope.with_facts(facts), right);
        Some(first?.joined(second?, Type::Bool, if and { Expr::And } else { Expr::Or }))
    }

    /// `city == "a" or "b"`: the second value is compared with nothing.
    fn another_value(&self, left: &ast::Expr, right: &ast::Expr) -> Option<Diagnostic> {
        let is_value = matches!(right.kind, ExprKind::Text(_) | ExprKind::Number(_) | ExprKind::Money { .. });
        let ExprKind::Binary { op, left: of, right: one } = &left.kind else { return None };
        if !is_value || op.node != BinaryOp::Equal {
            return None;
        }
        let (name, one, other) = (self.slice(of.span), self.slice(one.span), self.slice(right.span));
        let (fixed, whole) = (format!("{name} in [{one}, {other}]"), left.span.to(right.span));
        let message = say!("`{other}` is not compared with anything", other);
        Some(
            Diagnostic::new(Code::NotACondition, right.span, message, say!("not a condition"))
                .help(say!("write `{right}`", right = &fixed))
                .fix(say!("change it to `{right}`", right = &fixed), whole, fixed.as_str()),
        )
    }

    fn not_a_condition(&self, expr: &ast::Expr, typed: &Typed) -> Diagnostic {
        let name = self.slice(expr.span);
        let message = say!("expected a condition, but `{name}` is {what}", name, what = type_name(&typed.ty));
        let finding =
            Diagnostic::new(Code::NotACondition, expr.span, message, say!("is {what}", what = type_name(&typed.ty)));
        if typed.missing == Missing::Optional {
            let finding = finding.help(say!("did you mean `{name} is known`?", name));
            let (title, place) = (say!("write `{name} is known`", name), expr.span.after());
            // In other languages, 0 and an empty list are false.
            let may_be_empty = matches!(typed.ty, Type::Number | Type::Money | Type::Duration | Type::List(_));
            return if may_be_empty {
                finding.guess(title, place, " is known")
            } else {
                finding.fix(title, place, " is known")
            };
        }
        match &typed.ty {
            Type::Literals(texts) => {
                let first = texts.first().map_or("", String::as_str);
                finding.help(say!("did you mean `{name} == \"{first}\"`?", name, first))
            }
            Type::Text | Type::Phone | Type::Email | Type::Url => {
                finding.help(say!("did you mean `{name} == \"..\"`?", name))
            }
            Type::Date | Type::Anniversary | Type::DateTime => finding.help(say!("compare it: `{name} < now`", name)),
            Type::List(_) => finding.help(say!("did you mean `{name} contains \"..\"`?", name)),
            Type::Number | Type::Money | Type::Time | Type::Duration | Type::Bool => {
                finding.help(say!("compare it: `{name} > ..`", name))
            }
        }
    }
}
