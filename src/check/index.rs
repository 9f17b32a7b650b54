//! The symbol index of a file. In: a file, and what all files declare. Out: each name with what it refers to, the types
//! of expressions and what is in scope where, recorded by the same checks that report its errors.

use crate::check::checker::Checker;
use crate::check::context::Context;
use crate::check::declarations::Declarations;
use crate::check::declare::template_scope;
use crate::check::scope::{ExprContext, Scope};
use crate::check::symbol::{Role, Symbol, SymbolIndex};
use crate::source::{FileId, Sources};
use crate::syntax::Parsed;
use crate::syntax::ast::{self, ItemKind};
use std::sync::Arc;

/// Checks a file again to record its symbols.
pub(super) fn index_file(
    sources: &Sources,
    known: &Arc<Declarations<'static>>,
    id: FileId,
    tree: &Parsed,
    context: &Context,
) -> SymbolIndex {
    let mut checker = Checker::new(sources, context, Arc::<Declarations<'static>>::clone(known));
    checker.index = Some(SymbolIndex::default());
    for item in &tree.file.items {
        checker.index_item(&item.kind);
    }
    let funnels = checker.check_funnels(id, &tree.file);
    checker.check_tests(&tree.file, &funnels);
    checker.index.unwrap_or_default().settled()
}

impl Checker<'_> {
    /// Records the names in a declaration, without declaring it again.
    fn index_item(&mut self, kind: &ItemKind) {
        match kind {
            ItemKind::Const { name, value } => {
                self.record_declaration(name.span, || Symbol::Constant(name.node.clone()));
                self.expr(&Scope::empty(ExprContext::Constant), value);
            }
            ItemKind::Client(fields) => self.index_fields("client", fields),
            ItemKind::Event { name, fields } => {
                self.record_declaration(name.span, || Symbol::Event(name.node.clone()));
                self.index_fields(&name.node, fields);
            }
            ItemKind::Segment { name, condition } => {
                self.record_declaration(name.span, || Symbol::Segment(name.node.clone()));
                self.condition(&Scope::empty(ExprContext::Segment), condition);
            }
            ItemKind::Template { channel, name, params, body } => {
                params.iter().for_each(|param| self.index_event(param));
                let Some(channel) = self.channel(channel) else { return };
                let template = || Symbol::Template { channel: channel.to_owned(), name: name.node.clone() };
                self.record_declaration(name.span, template);
                let params: Vec<String> = params.iter().map(|param| param.node.clone()).collect();
                let scope = template_scope(self, &params);
                self.content(&scope, channel, body);
            }
            ItemKind::Action { name, params } => {
                self.record_declaration(name.span, || Symbol::Action(name.node.clone()));
                for param in params {
                    let named = || Symbol::Param { action: name.node.clone(), name: param.name.node.clone() };
                    self.record_declaration(param.name.span, named);
                    self.type_of(&param.ty);
                }
            }
            ItemKind::Use(_) | ItemKind::Funnel(_) | ItemKind::Test { .. } | ItemKind::Entry(_) | ItemKind::Error => {}
        }
    }

    fn index_event(&mut self, name: &ast::Name) {
        if self.decl.catalog.events.contains_key(&name.node) {
            self.record_use(name.span, || Symbol::Event(name.node.clone()));
        }
    }

    fn index_fields(&mut self, of: &str, fields: &[ast::Field]) {
        let scope =
            if of == "client" { Scope::empty(ExprContext::Later) } else { Scope::of_event(ExprContext::Later, of, of) };
        for field in fields {
            self.record_field(of, &field.name.node, field.name.span, Role::Declares);
            self.type_of(&field.ty);
            for moment in field.later.iter().flat_map(|later| [&later.from, &later.by]).flatten() {
                self.value(&scope, moment);
            }
        }
    }
}
