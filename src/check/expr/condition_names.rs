//! Wrong conditions. In: a condition with an error. Out: the names in it, whose fields are then assumed to be known.

use crate::check::checker::Checker;
use crate::check::scope::{Facts, Scope};
use crate::diagnostic::suggest;
use crate::syntax::ast::{Expr, ExprKind, TextPiece, TextTag};

impl Checker<'_> {
    /// The scope after a condition that added `facts`. If the condition is wrong, the fields that it names are assumed
    /// to be known, or all fields if the names are unclear.
    pub(in crate::check) fn narrowed_by(&self, scope: &Scope, condition: &Expr, facts: Option<Facts>) -> Scope {
        let (None, Some(names)) = (&facts, names_in_condition(condition)) else { return scope.with_facts(facts) };
        let mut known = self.names_in(scope);
        let owners = scope.bound.iter().map(|bound| bound.event.as_str()).chain(["client", "business"]);
        known.extend(owners.filter_map(|owner| self.fields(owner)).flat_map(|fields| fields.keys().cloned()));
        let is_known =
            |name: &String| suggest::nearest(name, known.iter().map(String::as_str)).is_some() || known.contains(name);
        if !names.iter().all(is_known) {
            return scope.with_facts(None);
        }
        let mut scope = scope.clone();
        scope.assumed.extend(names);
        scope
    }
}

/// The field names in a condition; `None` if part of it is lost.
fn names_in_condition(condition: &Expr) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut open = vec![condition];
    while let Some(expr) = open.pop() {
        match &expr.kind {
            ExprKind::Error => return None,
            ExprKind::Name(name) => names.push(name.clone()),
            ExprKind::Field { of, name } => {
                names.push(name.node.clone());
                open.push(of);
            }
            ExprKind::History(history) => open.extend(&history.filter),
            ExprKind::Text(text) => open.extend(text.pieces().into_iter().filter_map(|piece| match piece {
                TextPiece::Placeholder(placeholder) => Some(&placeholder.expr),
                TextPiece::Tag(TextTag::If(condition) | TextTag::ElseIf(condition), _) => Some(condition),
                TextPiece::Text(_) | TextPiece::Tag(TextTag::Else | TextTag::End, _) => None,
            })),
            ExprKind::List(items) => open.extend(items),
            ExprKind::Unary { expr, .. }
            | ExprKind::Is { expr, .. }
            | ExprKind::InFunnel { expr, .. }
            | ExprKind::Paren(expr)
            | ExprKind::AtTime { of: expr, .. } => open.push(expr),
            ExprKind::Range { from: left, to: right } | ExprKind::Binary { left, right, .. } => {
                open.extend([left.as_ref(), right]);
            }
            ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Percent(_)
            | ExprKind::Money { .. }
            | ExprKind::Duration(_)
            | ExprKind::Time(_)
            | ExprKind::Date(_)
            | ExprKind::DateTime(..)
            | ExprKind::Now
            | ExprKind::File(_)
            | ExprKind::Day { .. } => {}
        }
    }
    Some(names)
}
