//! `set`. In: the field and the value as written. Out: a field of the client and a value of its type.

use super::{CheckedElement, Flow};
use crate::check::checker::Checker;
use crate::check::program::{Element, Source};
use crate::check::scope::{Fact, Scope};
use crate::check::symbol::{Role, Symbol};
use crate::check::types::Missing;
use crate::diagnostic::{Code, Diagnostic, Phrase, suggest};
use crate::say;
use crate::syntax::ast;

impl Checker<'_> {
    /// `set client.city = "Berlin"`
    pub(super) fn set(&mut self, scope: &Scope, target: &ast::Path, value: &ast::Expr) -> CheckedElement {
        let mut flow = Flow::on(scope);
        let Some((field, ty)) = self.settable(target) else {
            self.value(scope, value);
            return (None, flow);
        };
        let place = Phrase::verbatim(format!("`client.{field}`"));
        let Some(value) = self.value_of(scope, value, &ty, &place) else { return (None, flow) };
        debug_assert!(value.missing == Missing::Never);
        if let Some(facts) = &mut flow.end {
            facts.retain(|fact| !(fact.is_exclusion() && fact.is_about(&Source::Client, &field)));
            facts.insert(Fact::Known(Source::Client, field.clone()));
        }
        (Some(Element::Set { field, value: value.expr }), flow)
    }

    /// The field of the client that a path names, if `set` may change it.
    fn settable(&mut self, target: &ast::Path) -> Option<(String, crate::value::Type)> {
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
        let ty = declared.ty.clone();
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

/// Whether `set` may change a field of the client.
#[must_use]
pub fn can_be_set(field: &str) -> bool {
    !["id", "tags", "consent"].contains(&field)
}
