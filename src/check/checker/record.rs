//! Records references, types and scopes while files are checked, when an index is requested.

use super::Checker;
use crate::check::program::Source;
use crate::check::scope::{BoundEvent, Scope};
use crate::check::symbol::{BuiltinKind, Reference, Role, ScopeAt, ScopeEvent, Symbol, TypedAt};
use crate::check::types::{Missing, Typed};
use crate::source::Span;
use crate::syntax::ast;
use std::sync::Arc;

impl Checker<'_> {
    /// Records a use of a symbol.
    pub(in crate::check) fn record_use(&mut self, span: Span, symbol: impl FnOnce() -> Symbol) {
        self.record(span, Role::Uses, symbol);
    }

    /// Records the declaration of a symbol.
    pub(in crate::check) fn record_declaration(&mut self, span: Span, symbol: impl FnOnce() -> Symbol) {
        self.record(span, Role::Declares, symbol);
    }

    /// Records a built-in name.
    pub(in crate::check) fn record_builtin(&mut self, kind: BuiltinKind, name: &ast::Name) {
        self.record_use(name.span, || Symbol::Builtin(kind, name.node.clone()));
    }

    /// Records a field; for several events, the field of each.
    pub(in crate::check) fn record_field(&mut self, of: &str, name: &str, span: Span, role: Role) {
        for of in of.split(" or ") {
            self.record(span, role, || Symbol::Field { of: of.to_owned(), name: name.to_owned() });
        }
    }

    fn record(&mut self, span: Span, role: Role, symbol: impl FnOnce() -> Symbol) {
        if let Some(index) = &mut self.index
            && !span.is_empty()
        {
            index.references.push(Reference { span, symbol: symbol(), role });
        }
    }

    /// Records an event by its name in this scope.
    fn record_event_name(&mut self, bound: &BoundEvent, span: Span) {
        if self.index.is_none() {
            return;
        }
        if bound.declared.is_empty() {
            bound.event.split(" or ").for_each(|event| self.record_use(span, || Symbol::Event(event.to_owned())));
        }
        bound.declared.iter().for_each(|place| self.record_use(span, || Symbol::Alias(*place)));
    }

    /// Records a label or a reference to one.
    pub(in crate::check) fn record_label(&mut self, label: &ast::Name, role: Role) {
        let funnel = self.index.as_ref().map(|index| index.funnel).unwrap_or_default();
        self.record(label.span, role, || Symbol::Label { funnel, name: label.node.clone() });
    }

    /// Records the funnel that is checked from here on.
    pub(in crate::check) fn record_funnel(&mut self, name: &str, span: Span) {
        if let Some(index) = &mut self.index {
            index.funnel = span;
        }
        self.record_declaration(span, || Symbol::Funnel(name.to_owned()));
    }

    /// Records the type of an expression.
    pub(in crate::check) fn record_type(&mut self, span: Span, typed: Option<&Typed>) {
        if let (Some(index), Some(typed)) = (&mut self.index, typed) {
            index.types.push(TypedAt { span, ty: typed.ty.clone(), missing: typed.missing != Missing::Never });
        }
    }

    /// Records what is in scope in a part of the source.
    pub(in crate::check) fn record_scope(&mut self, span: Span, scope: &Scope) {
        let Some(index) = &mut self.index else { return };
        let same = |last: &&ScopeAt| {
            let pairs = || last.events.iter().zip(scope.bound.iter());
            last.events.len() == scope.bound.len() && pairs().all(|(seen, bound)| *seen == ScopeEvent::of(bound))
        };
        let events = match index.scopes.last().filter(same) {
            Some(last) => Arc::clone(&last.events),
            None => scope.bound.iter().map(ScopeEvent::of).collect(),
        };
        let fixed = scope.context.fixed().is_some();
        index.scopes.push(ScopeAt { span, events, fixed, in_email_body: scope.in_email_body });
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

    /// Records a reference to a declared template.
    pub(in crate::check) fn record_template(&mut self, channel: &str, name: &ast::Name) {
        if self.index.is_some() && self.decl.templates.contains_key(&(channel.to_owned(), name.node.clone())) {
            self.record_use(name.span, || Symbol::Template { channel: channel.to_owned(), name: name.node.clone() });
        }
    }
}
