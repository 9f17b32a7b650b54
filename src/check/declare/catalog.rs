//! Client and event fields. In: the declarations of the prelude and the project. Out: the catalog.
//!
//! A project adds fields to those of the prelude. It may declare a field of the prelude again with the same type, to
//! change whether it may be missing or becomes known later; a different type is an error.

use crate::check::checker::{Checker, duplicate};
use crate::check::prelude::{BUSINESS, RESERVED};
use crate::check::program::{EventType, Expr, FieldType, Later};
use crate::check::scope::{ExprContext, Scope};
use crate::check::types::type_name;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Type;
use std::collections::BTreeMap;

impl<'a> Checker<'a> {
    /// Fills the catalog: the prelude first, then the files in order, then every deadline.
    pub(super) fn declare_fields(&mut self, prelude: Option<&'a ast::File>, files: &[&'a ast::File]) {
        self.declare_business();
        self.decl_mut().prelude = prelude.map(|prelude| prelude.span.file);
        let mut deadlines = Vec::new();
        for file in prelude.iter().chain(files) {
            for item in &file.items {
                if let ast::ItemKind::Client(fields) = &item.kind {
                    self.declare("client", fields, &mut deadlines);
                } else if let ast::ItemKind::Event { name, fields } = &item.kind {
                    self.declare_event(name, fields, &mut deadlines);
                }
            }
        }
        for (of, field) in deadlines {
            self.deadline(&of, field);
        }
    }

    fn declare_business(&mut self) {
        let field = |ty: &Type, optional| FieldType { ty: ty.clone(), optional, later: None, span: Span::default() };
        let known = BUSINESS.iter().map(|(name, ty)| ((*name).to_owned(), field(ty, true)));
        self.decl_mut().catalog.business = known.collect();
        let context = self.context;
        self.decl_mut().catalog.business.extend(context.business.clone());
        self.decl_mut().catalog.currency.clone_from(&context.currency);
        self.decl_mut().catalog.country.clone_from(&context.country);
        self.decl_mut().catalog.zone.clone_from(&context.zone);
    }

    fn declare_event(
        &mut self,
        name: &'a ast::Name,
        fields: &'a [ast::Field],
        deadlines: &mut Vec<(String, &'a ast::Field)>,
    ) {
        if RESERVED.contains(&name.node.as_str()) {
            let message = say!("`{name}` is a reserved name", name = name.node);
            let finding = Diagnostic::new(Code::Duplicate, name.span, message, say!("already in use"));
            return self
                .report(finding.help(say!("rename the event, or write `client {{ .. }}` to add client fields")));
        }
        self.decl_mut().catalog.events.entry(name.node.clone()).or_default();
        self.declare(&name.node, fields, deadlines);
    }

    fn declare(&mut self, of: &str, fields: &'a [ast::Field], deadlines: &mut Vec<(String, &'a ast::Field)>) {
        let mut here: BTreeMap<&str, Span> = BTreeMap::new();
        for field in fields {
            let name = field.name.node.as_str();
            if let Some(first) = here.insert(name, field.name.span) {
                self.report(duplicate(say!("field"), &field.name, first));
                continue;
            }
            if field.later.as_ref().is_some_and(|later| later.by.is_some()) {
                deadlines.push((of.to_owned(), field));
            }
            let Some((ty, optional)) = self.type_of(&field.ty) else {
                self.decl_mut().broken_fields.insert((of.to_owned(), name.to_owned()));
                continue;
            };
            if !self.agrees(of, field, &ty, optional) {
                continue;
            }
            if field.key {
                self.declare_key(of, field, &ty, optional);
            }
            let later = field.later.as_ref().map(|_| Later::default());
            let declared = FieldType { ty, optional, later, span: field.name.span };
            self.fields_mut(of).insert(name.to_owned(), declared);
        }
    }

    fn fields_mut(&mut self, of: &str) -> &mut BTreeMap<String, FieldType> {
        if of == "client" {
            return &mut self.decl_mut().catalog.client;
        }
        let event: &mut EventType = self.decl_mut().catalog.events.entry(of.to_owned()).or_default();
        &mut event.fields
    }

    /// Whether a repeated field agrees with the first declaration. Only the prelude's optionality can be overridden.
    fn agrees(&mut self, of: &str, field: &ast::Field, ty: &Type, optional: bool) -> bool {
        let name = &field.name;
        let Some(first) = self.fields(of).and_then(|fields| fields.get(&name.node)).cloned() else { return true };
        let same = first.optional == optional && first.later.is_some() == field.later.is_some();
        let (message, label) = if first.ty != *ty {
            (
                say!(
                    "field `{name}` of `{of}` is already declared as {what}",
                    name = name.node,
                    of,
                    what = type_name(&first.ty)
                ),
                say!("different type"),
            )
        } else if same || Some(first.span.file) == self.decl.prelude {
            return true;
        } else {
            (
                say!("field `{name}` of `{of}` has two different declarations", name = name.node, of),
                say!("differs from the first declaration"),
            )
        };
        let finding = Diagnostic::new(Code::Duplicate, field.ty.span, message, label)
            .related(first.span, say!("first declared here"))
            .help(say!("keep one declaration, or rename the field"));
        self.report(finding);
        false
    }

    fn declare_key(&mut self, of: &str, field: &ast::Field, ty: &Type, optional: bool) {
        let name = &field.name;
        let fault = if of == "client" {
            Some((say!("a client has no key: it is identified by `id`"), say!("not a key")))
        } else if optional || field.later.is_some() || !(ty.is_textual() || *ty == Type::Number) {
            Some((say!("key `{name}` must be a required text or number", name = name.node), say!("cannot be a key")))
        } else {
            None
        };
        if let Some((message, label)) = fault {
            return self.report(Diagnostic::new(Code::TypeMismatch, field.span, message, label));
        }
        let prelude = self.decl.prelude;
        let Some(event) = self.decl_mut().catalog.events.get_mut(of) else { return };
        if event.key.as_ref().is_none_or(|key| *key == name.node) {
            event.key = Some(name.node.clone());
            return;
        }
        let key = event.key.clone().unwrap_or_default();
        if event.fields.get(&key).is_some_and(|field| Some(field.span.file) == prelude) {
            // A project may replace the key field of the prelude.
            event.fields.remove(&key);
            event.key = Some(name.node.clone());
            return;
        }
        let first = event.fields.get(&key).map_or(name.span, |field| field.span);
        let message = say!("`{of}` already has the key `{key}`", of, key);
        let finding = Diagnostic::new(Code::Duplicate, name.span, message, say!("duplicate key"));
        self.report(finding.related(first, say!("the first key")).help(say!("remove `key` here")));
    }

    /// Warns about a deadline that moves as time passes.
    fn moving_deadline(&mut self, by: &Expr, span: Span) {
        let mut open = vec![by];
        while let Some(expr) = open.pop() {
            if matches!(expr, Expr::Now | Expr::Day { .. } | Expr::Yearly(..)) {
                let message = say!("this deadline moves with the current time, so it is never reached");
                let finding = Diagnostic::new(Code::EndlessWait, span, message, say!("never reached"));
                return self.report(finding.help(say!("make it relative to the record: `later by starts_at + 1d`")));
            }
            open.extend(expr.children());
        }
    }

    /// Checks the `later by ..` of a field, in the scope of its own record.
    fn deadline(&mut self, of: &str, field: &'a ast::Field) {
        let Some(by) = field.later.as_ref().and_then(|later| later.by.as_ref()) else { return };
        let scope = if of == "client" {
            Scope::empty(ExprContext::Deadline)
        } else {
            Scope::of_event(ExprContext::Deadline, of, of)
        };
        let (checked, passed, _) = self.isolated(|checker| {
            let typed = checker.value(&scope, by)?;
            checker.moving_deadline(&typed.expr, by.span);
            if typed.ty == Type::Date {
                return Some(typed);
            }
            checker.expect_type(typed, by.span, &Type::DateTime, &say!("a deadline"))
        });
        match checked.filter(|_| passed) {
            Some(typed) => {
                if let Some(declared) = self.fields_mut(of).get_mut(&field.name.node) {
                    declared.later = Some(Later { by: Some(Box::new(typed.expr)) });
                }
            }
            None => {
                self.decl_mut().broken_fields.insert((of.to_owned(), field.name.node.clone()));
            }
        }
    }
}
