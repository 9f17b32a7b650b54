//! Names in scope as completions. In: a cursor. Out: events, fields, constants and everything else that has a value.

use super::completer::Completer;
use super::{Completion, CompletionKind as Kind};
use crate::check::can_be_set;
use crate::check::{BuiltinKind, ScopeEvent, Symbol};
use crate::say;

impl Completer<'_, '_> {
    /// Returns the events in scope.
    pub(super) fn events_in_scope(&mut self) -> Vec<ScopeEvent> {
        self.trial().visible().map(|visible| visible.events.to_vec()).unwrap_or_default()
    }

    /// Offers everything that has a value here.
    pub(super) fn values(&mut self) {
        let visible = self.trial().visible().cloned();
        let (fixed, in_email) =
            visible.as_ref().map_or((false, false), |visible| (visible.fixed, visible.in_email_body));
        let events = visible.map(|visible| visible.events.to_vec()).unwrap_or_default();
        if !fixed {
            for event in &events {
                self.bound_event(event);
            }
            self.record("client", 2);
            self.record("business", 4);
            self.functions();
            for word in ["now", "today", "tomorrow"] {
                self.keyword(word, 6);
            }
        }
        for name in self.declared_names(&|named| matches!(named, Symbol::Constant(_))) {
            self.named(&name, Kind::Constant, 3);
        }
        if in_email {
            self.word(BuiltinKind::Special, "unsubscribe_url", Kind::Variable, 3);
        }
        for word in ["true", "false"] {
            self.keyword(word, 7);
        }
    }

    /// An event by its name here, and its fields if they can be used without it.
    fn bound_event(&mut self, event: &ScopeEvent) {
        let docs = event.event.split(" or ").filter_map(|name| self.view.about(&Symbol::Event(name.to_owned())));
        let docs: Vec<String> = docs.collect();
        if !event.name.contains(' ') {
            let item = self.item(&event.name, Kind::Variable, 1);
            self.push(Completion { detail: event.event.clone(), docs: docs.join("\n\n"), ..item });
        }
        if event.bare {
            self.fields(&event.event, 0);
        }
    }

    fn record(&mut self, name: &str, rank: u8) {
        let item = self.item(name, Kind::Variable, rank);
        let docs =
            self.view.about(&if name == "client" { Symbol::Client } else { Symbol::Business }).unwrap_or_default();
        self.push(Completion { docs, ..item });
    }

    /// Offers the fields of an event, of several events joined by `or`, of `client` or of `business`.
    pub(super) fn fields(&mut self, of: &str, rank: u8) {
        self.fields_that(of, rank, |_| true);
    }

    /// Offers the client fields that `set` can change.
    pub(super) fn settable(&mut self) {
        self.fields_that("client", 0, can_be_set);
    }

    fn fields_that(&mut self, of: &str, rank: u8, fits: impl Fn(&str) -> bool) {
        for (name, _) in self.view.fields_of(of).into_iter().filter(|(name, _)| fits(name)) {
            let detail = self.view.field_line(of, name).unwrap_or_default();
            let event = of.split(" or ").next().unwrap_or(of);
            let docs = self.view.docs(&Symbol::Field { of: event.to_owned(), name: name.clone() });
            let item = self.item(name, Kind::Field, rank);
            self.push(Completion { detail, docs, ..item });
        }
    }

    /// Offers history functions.
    fn functions(&mut self) {
        for name in BuiltinKind::Function.all() {
            let item = self.item(name, Kind::Function, 5);
            let docs = self.meaning(BuiltinKind::Function, name);
            let detail = self.view.localized(&say!("history function"));
            let insert = format!("{name}(${{1:visit}})");
            self.push(Completion { docs, insert, is_snippet: true, detail, ..item });
        }
    }

    /// Offers the declared events.
    pub(super) fn events(&mut self, rank: u8) {
        let names: Vec<String> = self.view.compiled.program.catalog.events.keys().cloned().collect();
        for name in names {
            self.named(&Symbol::Event(name), Kind::Event, rank);
        }
    }

    /// Returns the declared names that match.
    pub(super) fn declared_names(&self, fits: &dyn Fn(&Symbol) -> bool) -> Vec<Symbol> {
        let declared = self.view.items().filter_map(|(_, _, item)| crate::ide::docs::declared_by(&item.kind));
        let mut found: Vec<Symbol> = declared.filter(|named| fits(named)).collect();
        found.sort();
        found.dedup();
        found
    }
}
