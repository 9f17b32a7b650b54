//! Client and event fields. In: the declarations of the prelude and the project. Out: the catalog.
//!
//! A project adds fields to those of the prelude. It may declare a field of the prelude again with the same type, to
//! change whether it may be missing or becomes known later; a different type is an error.

use crate::check::checker::{Checker, duplicate};
use crate::check::prelude::{BUSINESS, RESERVED};
use crate::check::program::{Arithmetic, EventType, Expr, FieldType, Later};
use crate::check::scope::{ExprContext, Scope};
use crate::check::types::type_name;
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Type, Value};
use std::collections::BTreeMap;

impl<'a> Checker<'a> {
    /// Fills the catalog: the prelude first, then the files in order, then the moments of every `later` field.
    pub(super) fn declare_fields(&mut self, prelude: Option<&'a ast::File>, files: &[&'a ast::File]) {
        self.declare_business();
        self.decl_mut().prelude = prelude.map(|prelude| prelude.span.file);
        let mut later = Vec::new();
        for file in prelude.iter().chain(files) {
            for item in &file.items {
                if let ast::ItemKind::Client(fields) = &item.kind {
                    self.declare("client", fields, &mut later);
                } else if let ast::ItemKind::Event { name, fields } = &item.kind {
                    self.declare_event(name, fields, &mut later);
                }
            }
        }
        for (of, field) in later {
            self.moments(&of, field);
        }
    }

    fn declare_business(&mut self) {
        let nowhere = Span::default();
        let field = |ty: &Type, optional| FieldType {
            ty: ty.clone(),
            optional,
            later: None,
            span: nowhere,
            type_span: nowhere,
        };
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
        later: &mut Vec<(String, &'a ast::Field)>,
    ) {
        if RESERVED.contains(&name.node.as_str()) {
            let message = say!("`{name}` is a reserved name", name = name.node);
            let finding = Diagnostic::new(Code::Duplicate, name.span, message, say!("already in use"));
            return self
                .report(finding.help(say!("rename the event, or write `client {{ .. }}` to add client fields")));
        }
        self.decl_mut().catalog.events.entry(name.node.clone()).or_default();
        self.declare(&name.node, fields, later);
    }

    fn declare(&mut self, of: &str, fields: &'a [ast::Field], later: &mut Vec<(String, &'a ast::Field)>) {
        let mut here: BTreeMap<&str, Span> = BTreeMap::new();
        for field in fields {
            let name = field.name.node.as_str();
            if let Some(first) = here.insert(name, field.name.span) {
                self.report(duplicate(say!("field"), &field.name, first));
                continue;
            }
            if field.later.as_ref().is_some_and(|later| later.from.is_some() || later.by.is_some()) {
                later.push((of.to_owned(), field));
            }
            let Some((ty, optional)) = self.type_of(&field.ty) else {
                self.decl_mut().broken_fields.insert((of.to_owned(), name.to_owned()));
                continue;
            };
            if of != "client" && self.reject_anniversary(&ty, field.ty.span).is_none() {
                self.decl_mut().broken_fields.insert((of.to_owned(), name.to_owned()));
                continue;
            }
            if !self.agrees(of, field, &ty, optional) {
                continue;
            }
            if field.key {
                self.declare_key(of, field, &ty, optional);
            }
            let moments = field.later.as_ref().map(|_| Later::default());
            let declared = FieldType { ty, optional, later: moments, span: field.name.span, type_span: field.ty.span };
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
            .related(first.span, say!("first declared here"));
        let right = if optional { "anniversary?" } else { "anniversary" };
        self.report(match (&first.ty, ty) {
            (Type::Anniversary, Type::Date) => finding
                .help(say!("it returns every year: write `{name}: {right}`", name = &name.node, right))
                .fix(say!("change it to `{right}`", right), field.ty.span, right),
            (_, _) => finding.help(say!("keep one declaration, or rename the field")),
        });
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

    /// Warns about a moment that moves as time passes.
    fn moving_moment(&mut self, moment: &Expr, span: Span) {
        let mut open = vec![moment];
        while let Some(expr) = open.pop() {
            if matches!(expr, Expr::Now | Expr::Day { .. } | Expr::Yearly(..)) {
                let message = say!("this moment moves with the current time, so it is never reached");
                let finding = Diagnostic::new(Code::EndlessWait, span, message, say!("never reached"));
                return self.report(
                    finding.help(say!("make it relative to the record: `later from starts_at by starts_at + 1d`")),
                );
            }
            open.extend(expr.children());
        }
    }

    /// Checks the moments of a `later` field, in the scope of its own record.
    fn moments(&mut self, of: &str, field: &'a ast::Field) {
        let Some(later) = &field.later else { return };
        let from = later.from.as_ref().map(|from| self.moment_of(of, from, &say!("the earliest moment of a value")));
        let by = later.by.as_ref().map(|by| self.moment_of(of, by, &say!("a deadline")));
        if matches!(from, Some(None)) || matches!(by, Some(None)) {
            self.decl_mut().broken_fields.insert((of.to_owned(), field.name.node.clone()));
            return;
        }
        let checked = Later { from: from.flatten(), by: by.flatten() };
        if let Some(finding) = self.never_an_answer(of, later, &checked) {
            self.report(finding);
        }
        if let Some(declared) = self.fields_mut(of).get_mut(&field.name.node) {
            declared.later = Some(checked);
        }
    }

    /// A diagnostic about an earliest moment that no value can follow in time.
    fn never_an_answer(&self, of: &str, written: &ast::Later, checked: &Later) -> Option<Diagnostic> {
        let from = written.from.as_ref()?;
        let error = |message| Diagnostic::new(Code::Unreachable, from.span, message, say!("no value can be an answer"));
        if self.decl.catalog.events.get(of).is_some_and(|event| event.key.is_none()) {
            let message = say!("event `{event}` has no key, so no value can arrive later", event = of);
            return Some(error(message).help(say!("add a key: `event {event} {{ key id: text }}`", event = of)));
        }
        let ((from_base, from_ms), (by_base, by_ms)) =
            (offset(checked.from.as_deref()?), offset(checked.by.as_deref()?));
        if from_base != by_base || from_ms < by_ms {
            return None;
        }
        let message = say!("the deadline is not after the earliest moment");
        Some(error(message).help(say!("write an earlier moment after `from`, or a later one after `by`")))
    }

    /// Checks a moment of a `later` field; `None` if it has an error.
    fn moment_of(&mut self, of: &str, moment: &'a ast::Expr, what: &Phrase) -> Option<Box<Expr>> {
        let scope =
            if of == "client" { Scope::empty(ExprContext::Later) } else { Scope::of_event(ExprContext::Later, of, of) };
        let (checked, passed, _) = self.isolated(|checker| {
            let typed = checker.value(&scope, moment)?;
            checker.moving_moment(&typed.expr, moment.span);
            if typed.ty == Type::Date {
                checker.reject_first_day(&typed.expr, moment.span)?;
                return Some(typed);
            }
            checker.expect_type(typed, moment.span, &Type::DateTime, what)
        });
        checked.filter(|_| passed).map(|typed| Box::new(typed.expr))
    }
}

/// A moment as another one, and how many milliseconds it is after it, with nominal days.
fn offset(moment: &Expr) -> (&Expr, i64) {
    let Expr::Arithmetic(operation, base, step) = moment else { return (moment, 0) };
    let Expr::Value(Value::Duration(step)) = &**step else { return (moment, 0) };
    let (base, ms) = offset(base);
    let step = if *operation == Arithmetic::Subtract { -step.nominal_ms() } else { step.nominal_ms() };
    (base, ms.saturating_add(step))
}
