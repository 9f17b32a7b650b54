//! Records what each name refers to, the types of expressions and what is in scope, when an index is asked for.

use super::Checker;
use crate::check::program::Source;
use crate::check::scope::{BoundEvent, Scope};
use crate::check::symbol::{BuiltinKind, Reference, Role, ScopeAt, ScopeEvent, Symbol, TypedAt};
use crate::check::types::{Missing, Typed};
use crate::source::Span;
use crate::syntax::ast;
use std::sync::Arc;

impl Checker<'_> {
    /// Notes what a name uses.
    pub(in crate::check) fn record_use(&mut self, span: Span, symbol: impl FnOnce() -> Symbol) {
        self.record(span, Role::Uses, symbol);
    }

    /// Notes what a name declares.
    pub(in crate::check) fn record_declaration(&mut self, span: Span, symbol: impl FnOnce() -> Symbol) {
        self.record(span, Role::Declares, symbol);
    }

    /// Notes a word of the language.
    pub(in crate::check) fn record_builtin(&mut self, word: BuiltinKind, name: &ast::Name) {
        self.record_use(name.span, || Symbol::Builtin(word, name.node.clone()));
    }

    /// Notes a field of something; of several events it is a field of each.
    pub(in crate::check) fn record_field(&mut self, of: &str, name: &str, span: Span, role: Role) {
        for of in of.split(" or ") {
            self.record(span, role, || Symbol::Field { of: of.to_owned(), name: name.to_owned() });
        }
    }

    fn record(&mut self, span: Span, role: Role, symbol: impl FnOnce() -> Symbol) {
        if let Some(notes) = &mut self.index
            && !span.is_empty()
        {
            notes.references.push(Reference { span, symbol: symbol(), role });
        }
    }

    /// Notes an event by the name that it has here.
    fn record_event_name(&mut self, bound: &BoundEvent, span: Span) {
        if self.index.is_none() {
            return;
        }
        if bound.declared.is_empty() {
            bound.event.split(" or ").for_each(|event| self.record_use(span, || Symbol::Event(event.to_owned())));
        }
        bound.declared.iter().for_each(|place| self.record_use(span, || Symbol::Alias(*place)));
    }

    /// Notes a label, or the name of one.
    pub(in crate::check) fn record_label(&mut self, label: &ast::Name, role: Role) {
        let funnel = self.index.as_ref().map(|notes| notes.funnel).unwrap_or_default();
        self.record(label.span, role, || Symbol::Label { funnel, name: label.node.clone() });
    }

    /// Notes which funnel is checked from here on.
    pub(in crate::check) fn record_funnel(&mut self, name: &str, span: Span) {
        if let Some(notes) = &mut self.index {
            notes.funnel = span;
        }
        self.record_declaration(span, || Symbol::Funnel(name.to_owned()));
    }

    /// Notes the type of an expression.
    pub(in crate::check) fn record_type(&mut self, span: Span, typed: Option<&Typed>) {
        if let (Some(notes), Some(typed)) = (&mut self.index, typed) {
            notes.types.push(TypedAt { span, ty: typed.ty.clone(), missing: typed.missing != Missing::Never });
        }
    }

    /// Notes what can be named in a part of the text.
    pub(in crate::check) fn record_scope(&mut self, span: Span, scope: &Scope) {
        let Some(notes) = &mut self.index else { return };
        let same = |visible: &&ScopeAt| {
            let pairs = || visible.events.iter().zip(scope.bound.iter());
            visible.events.len() == scope.bound.len() && pairs().all(|(seen, bound)| *seen == ScopeEvent::of(bound))
        };
        let events = match notes.scopes.last().filter(same) {
            Some(last) => Arc::clone(&last.events),
            None => scope.bound.iter().map(ScopeEvent::of).collect(),
        };
        let fixed = scope.context.fixed().is_some();
        notes.scopes.push(ScopeAt { span, events, fixed, in_email_body: scope.in_email_body });
    }

    pub(in crate::check) fn record_source(&mut self, scope: &Scope, source: &Source, name: &str, span: Span) {
        match source {
            Source::Client => self.record_use(span, || Symbol::Client),
            Source::Business => self.record_use(span, || Symbol::Business),
            Source::Event(_) => {
                scope
                    .bound
                    .iter()
                    .filter(|bound| bound.name == name)
                    .for_each(|bound| self.record_event_name(bound, span));
            }
        }
    }

    /// Notes the name of a template that there is.
    pub(in crate::check) fn record_template(&mut self, channel: &str, name: &ast::Name) {
        if self.index.is_some() && self.decl.templates.contains_key(&(channel.to_owned(), name.node.clone())) {
            self.record_use(name.span, || Symbol::Template { channel: channel.to_owned(), name: name.node.clone() });
        }
    }
}
