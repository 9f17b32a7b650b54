//! `set`. In: the field and the value as written. Out: a field of the client and a value of its type.

use super::{CheckedElement, Flow};
use crate::check::checker::Checker;
use crate::check::program::{Arithmetic, Element, Expr, FieldRead, Source};
use crate::check::scope::{Fact, Scope};
use crate::check::symbol::{Role, Symbol};
use crate::check::types::{Missing, Typed, type_name};
use crate::diagnostic::{Code, Diagnostic, Phrase, suggest};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, ExprKind, SetOp};
use crate::value::Type;

impl Checker<'_> {
    /// `set client.city = "Berlin"`
    pub(super) fn set(&mut self, scope: &Scope, target: &ast::Path, op: SetOp, value: &ast::Expr) -> CheckedElement {
        let mut flow = Flow::on(scope);
        let guessed = self.guess(scope, value).or((op != SetOp::Assign).then_some(Type::Number));
        let Some((field, ty)) = self.suggesting(guessed, |checker| checker.settable(target)) else {
            self.value(scope, value);
            return (None, flow);
        };
        let value = match op {
            SetOp::Assign => {
                let place = Phrase::verbatim(format!("`client.{field}`"));
                if self.reports_missing_counter(scope, target, (&field, &ty), value) {
                    return (None, flow);
                }
                self.suggesting(Some(ty.clone()), |checker| checker.value_of(scope, value, &ty, &place))
            }
            SetOp::Add => self.counted(scope, target, (&field, &ty), Arithmetic::Add, value),
            SetOp::Subtract => self.counted(scope, target, (&field, &ty), Arithmetic::Subtract, value),
        };
        let Some(value) = value else { return (None, flow) };
        debug_assert!(value.missing == Missing::Never);
        if let Some(facts) = &mut flow.end {
            facts.retain(|fact| !(fact.is_exclusion() && fact.is_about(&Source::Client, &field)));
            facts.insert(Fact::Known(Source::Client, field.clone()));
        }
        (Some(Element::Set { field, value: value.expr, from_zero: op != SetOp::Assign }), flow)
    }

    /// Reports `set client.bonus = client.bonus + 500` where the field may be missing, which `+=` is for. Returns `false`
    /// if it is something else.
    fn reports_missing_counter(
        &mut self,
        scope: &Scope,
        target: &ast::Path,
        (field, ty): (&str, &Type),
        value: &ast::Expr,
    ) -> bool {
        let ExprKind::Binary { op, left, right } = &value.kind else { return false };
        let sign = match op.node {
            BinaryOp::Add => SetOp::Add.sign(),
            BinaryOp::Subtract => SetOp::Subtract.sign(),
            _ => return false,
        };
        let written = self.slice(left.span);
        let counts = is_countable(ty) && written == format!("client.{field}");
        let is_known = scope.is_known(&Source::Client, field)
            || self.decl.catalog.client.get(field).is_none_or(|declared| !declared.optional);
        if !counts || is_known {
            return false;
        }
        let by = self.slice(right.span);
        let message = say!("`{name}` may be missing", name = written);
        let finding = Diagnostic::new(Code::MaybeMissing, left.span, message, say!("may be missing"));
        let title = say!("write `set {path} {sign} {by}`: a missing value counts as 0", path = written, sign, by);
        let between = Span { start: target.span.end, end: right.span.start, ..target.span };
        self.report(finding.help(title.clone()).fix(title, between, format!(" {sign} ")));
        true
    }

    /// The sum that `+=` or `-=` sets a field to.
    fn counted(
        &mut self,
        scope: &Scope,
        target: &ast::Path,
        (field, ty): (&str, &Type),
        op: Arithmetic,
        by: &ast::Expr,
    ) -> Option<Typed> {
        let added = self.suggesting(Some(ty.clone()), |checker| checker.value(scope, by));
        if !is_countable(ty) {
            let message = say!("`client.{field}` cannot be counted: it is {what}", field, what = type_name(ty));
            let finding =
                Diagnostic::new(Code::WrongOperands, target.span, message, say!("is {what}", what = type_name(ty)));
            return self.fail(finding.help(say!("`+=` and `-=` need a number, an amount or a duration")));
        }
        let added = added?;
        let read = FieldRead { source: Source::Client, name: field.to_owned(), ty: ty.clone(), later: None };
        let of = Typed { expr: Expr::Field(read), ty: ty.clone(), missing: Missing::Never, constant: false };
        let sum = self.arithmetic(op, (of, target.span), (added, by.span), target.span.to(by.span))?;
        self.expect_type(sum, by.span, ty, &Phrase::verbatim(format!("`client.{field}`")))
    }

    /// The field of the client that a path names, if `set` may change it.
    fn settable(&mut self, target: &ast::Path) -> Option<(String, Type)> {
        let [of, field] = target.names.as_slice() else {
            let finding = Diagnostic::new(
                Code::ReadOnly,
                target.span,
                say!("`set` can only change a client field"),
                say!("not a field"),
            );
            let finding = match target.names.as_slice() {
                [one] if self.decl.catalog.client.contains_key(&one.node) => {
                    let path = format!("client.{}", one.node);
                    finding.help(say!("write `set {path} = ..`", path)).fix(
                        say!("change it to `{path}`", path),
                        target.span,
                        path,
                    )
                }
                _ => finding.help(say!("write `set client.city = \"Berlin\"`")),
            };
            return self.fail(finding);
        };
        if of.node != "client" {
            let message = say!("`{of}` cannot be changed; only client fields can", of = of.node);
            let finding = Diagnostic::new(Code::ReadOnly, of.span, message, say!("not the client"));
            let finding = match suggest::nearest(&of.node, ["client"]) {
                Some(near) => finding.help(say!("did you mean `client`?")).respell(
                    say!("change it to `client`"),
                    (of.node.as_str(), near),
                    of.span,
                    near,
                ),
                None => finding.help(say!("write `set client.city = ..`")),
            };
            return self.fail(finding);
        }
        self.record_use(of.span, || Symbol::Client);
        if self.decl.broken_fields.contains(&("client".to_owned(), field.node.clone())) {
            return self.poison();
        }
        let Some(declared) = self.decl.catalog.client.get(&field.node) else {
            let finding = self.unknown_field("client", &field.node, field.span);
            return self.fail(finding);
        };
        let ty = declared.ty.of_values();
        self.record_field("client", &field.node, field.span, Role::Changes);
        if can_be_set(&field.node) {
            return Some((field.node.clone(), ty));
        }
        let help = match field.node.as_str() {
            "id" => say!("the client's id comes from incoming events"),
            "tags" => say!("write `tag \"..\"` or `untag \"..\"`"),
            _ => say!("consent is given by the client: it arrives with a `client` event"),
        };
        let message = say!("`client.{field}` cannot be set", field = field.node);
        self.fail(Diagnostic::new(Code::ReadOnly, target.span, message, say!("cannot be set")).help(help))
    }
}

/// Whether `+=` can count values of a type.
fn is_countable(ty: &Type) -> bool {
    matches!(ty, Type::Number | Type::Money | Type::Duration)
}

/// Whether `set` may change a field of the client.
#[must_use]
pub fn can_be_set(field: &str) -> bool {
    !["id", "tags", "consent"].contains(&field)
}
