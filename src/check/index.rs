//! The symbol index of a file. In: a file, and what all files declare. Out: each name with what it refers to, the types of
//! expressions and what is in scope where, recorded by the same checks that report its errors.

use crate::check::checker::Checker;
use crate::check::context::Context;
use crate::check::declarations::Known;
use crate::check::declare::template_scope;
use crate::check::scope::{Scope, Site};
use crate::check::symbol::{Named, Notes, Role};
use crate::source::{FileId, Sources};
use crate::syntax::Parsed;
use crate::syntax::ast::{self, ItemKind};
use std::sync::Arc;

/// Checks a file once more, with all that is declared, to note what its names stand for.
pub(super) fn notes(
    sources: &Sources,
    known: &Arc<Known<'static>>,
    id: FileId,
    tree: &Parsed,
    context: &Context,
) -> Notes {
    let mut checker = Checker::new(sources, context, Arc::<Known<'static>>::clone(known));
    checker.notes = Some(Notes::default());
    for item in &tree.file.items {
        checker.note_item(&item.kind);
    }
    let funnels = checker.funnels(id, &tree.file);
    checker.tests(&tree.file, &funnels);
    checker.notes.unwrap_or_default().settled()
}

impl Checker<'_> {
    /// Notes the names in a declaration, without declaring it again.
    fn note_item(&mut self, kind: &ItemKind) {
        match kind {
            ItemKind::Const { name, value } => {
                self.note_declared(name.span, || Named::Constant(name.node.clone()));
                self.expr(&Scope::empty(Site::Constant), value);
            }
            ItemKind::Client(fields) => self.note_fields("client", fields),
            ItemKind::Event { name, fields } => {
                self.note_declared(name.span, || Named::Event(name.node.clone()));
                self.note_fields(&name.node, fields);
            }
            ItemKind::Segment { name, condition } => {
                self.note_declared(name.span, || Named::Segment(name.node.clone()));
                self.condition(&Scope::empty(Site::Segment), condition);
            }
            ItemKind::Template { channel, name, params, body } => {
                params.iter().for_each(|param| self.note_event(param));
                let Some(channel) = self.channel(channel) else { return };
                let template = || Named::Template { channel: channel.to_owned(), name: name.node.clone() };
                self.note_declared(name.span, template);
                let params: Vec<String> = params.iter().map(|param| param.node.clone()).collect();
                let scope = template_scope(self, &params);
                self.content(&scope, channel, body);
            }
            ItemKind::Action { name, params } => {
                self.note_declared(name.span, || Named::Action(name.node.clone()));
                for param in params {
                    let named = || Named::Param { action: name.node.clone(), name: param.name.node.clone() };
                    self.note_declared(param.name.span, named);
                    self.type_of(&param.ty);
                }
            }
            ItemKind::Use(_) | ItemKind::Funnel(_) | ItemKind::Test { .. } | ItemKind::Entry(_) | ItemKind::Error => {}
        }
    }

    fn note_event(&mut self, name: &ast::Name) {
        if self.catalog.events.contains_key(&name.node) {
            self.note(name.span, || Named::Event(name.node.clone()));
        }
    }

    fn note_fields(&mut self, of: &str, fields: &[ast::Field]) {
        let scope = if of == "client" { Scope::empty(Site::Deadline) } else { Scope::of_event(Site::Deadline, of, of) };
        for field in fields {
            self.note_field(of, &field.name.node, field.name.span, Role::Declares);
            self.type_of(&field.ty);
            if let Some(by) = field.later.as_ref().and_then(|later| later.by.as_ref()) {
                self.value(&scope, by);
            }
        }
    }
}
