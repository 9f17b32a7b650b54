//! Records what each name refers to, the types of expressions and what is in scope, when an index is asked for.

use super::Checker;
use crate::check::program::Source;
use crate::check::scope::{Bound, Scope};
use crate::check::symbol::{Mention, Named, Role, TypedAt, Visible, VisibleEvent, Word};
use crate::check::types::{Missing, Typed};
use crate::source::Span;
use crate::syntax::ast;
use std::sync::Arc;

impl Checker<'_> {
    /// Notes what a name uses.
    pub(in crate::check) fn note(&mut self, span: Span, named: impl FnOnce() -> Named) {
        self.note_as(span, Role::Uses, named);
    }

    /// Notes what a name declares.
    pub(in crate::check) fn note_declared(&mut self, span: Span, named: impl FnOnce() -> Named) {
        self.note_as(span, Role::Declares, named);
    }

    /// Notes a word of the language.
    pub(in crate::check) fn note_word(&mut self, word: Word, name: &ast::Name) {
        self.note(name.span, || Named::Word(word, name.node.clone()));
    }

    /// Notes a field of something; of several events it is a field of each.
    pub(in crate::check) fn note_field(&mut self, of: &str, name: &str, span: Span, role: Role) {
        for of in of.split(" or ") {
            self.note_as(span, role, || Named::Field { of: of.to_owned(), name: name.to_owned() });
        }
    }

    fn note_as(&mut self, span: Span, role: Role, named: impl FnOnce() -> Named) {
        if let Some(notes) = &mut self.notes
            && !span.is_empty()
        {
            notes.mentions.push(Mention { span, named: named(), role });
        }
    }

    /// Notes an event by the name that it has here.
    fn note_bound(&mut self, bound: &Bound, span: Span) {
        if self.notes.is_none() {
            return;
        }
        if bound.declared.is_empty() {
            bound.event.split(" or ").for_each(|event| self.note(span, || Named::Event(event.to_owned())));
        }
        bound.declared.iter().for_each(|place| self.note(span, || Named::Alias(*place)));
    }

    /// Notes a label, or the name of one.
    pub(in crate::check) fn note_label(&mut self, label: &ast::Name, role: Role) {
        let funnel = self.notes.as_ref().map(|notes| notes.funnel).unwrap_or_default();
        self.note_as(label.span, role, || Named::Label { funnel, name: label.node.clone() });
    }

    /// Notes which funnel is checked from here on.
    pub(in crate::check) fn note_funnel(&mut self, name: &str, span: Span) {
        if let Some(notes) = &mut self.notes {
            notes.funnel = span;
        }
        self.note_declared(span, || Named::Funnel(name.to_owned()));
    }

    /// Notes the type of an expression.
    pub(in crate::check) fn note_type(&mut self, span: Span, typed: Option<&Typed>) {
        if let (Some(notes), Some(typed)) = (&mut self.notes, typed) {
            notes.types.push(TypedAt { span, ty: typed.ty.clone(), missing: typed.missing != Missing::Never });
        }
    }

    /// Notes what can be named in a part of the text.
    pub(in crate::check) fn note_scope(&mut self, span: Span, scope: &Scope) {
        let Some(notes) = &mut self.notes else { return };
        let same = |visible: &&Visible| {
            let pairs = || visible.events.iter().zip(scope.bound.iter());
            visible.events.len() == scope.bound.len() && pairs().all(|(seen, bound)| *seen == VisibleEvent::of(bound))
        };
        let events = match notes.visible.last().filter(same) {
            Some(last) => Arc::clone(&last.events),
            None => scope.bound.iter().map(VisibleEvent::of).collect(),
        };
        let fixed = scope.site.fixed().is_some();
        notes.visible.push(Visible { span, events, fixed, in_letter: scope.in_letter });
    }

    pub(in crate::check) fn note_thing(&mut self, scope: &Scope, source: &Source, name: &str, span: Span) {
        match source {
            Source::Client => self.note(span, || Named::Client),
            Source::Business => self.note(span, || Named::Business),
            Source::Event(_) => {
                scope.bound.iter().filter(|bound| bound.name == name).for_each(|bound| self.note_bound(bound, span));
            }
        }
    }

    /// Notes the name of a template that there is.
    pub(in crate::check) fn note_template(&mut self, channel: &str, name: &ast::Name) {
        if self.notes.is_some() && self.templates.contains_key(&(channel.to_owned(), name.node.clone())) {
            self.note(name.span, || Named::Template { channel: channel.to_owned(), name: name.node.clone() });
        }
    }
}
