//! Entries, and what happens to records. In: `booking.cancelled`, and a trigger with its chain. Out: a pattern, a checked
//! entry.

use super::checker::{Checker, listed, unknown};
use super::flow::{Labels, Path};
use super::jump::Jumps;
use super::narrow::{Facts, Place};
use super::note::{Named, Role, Word};
use super::program::{Change, Entry, EventType, Pattern, Source};
use super::trigger::Trigger;
use super::written::folded;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::say;
use crate::syntax::ast;
use crate::value::Type;

impl Checker<'_> {
    /// Whether a name after `as` may be one.
    pub(super) fn alias(&mut self, alias: Option<&ast::Name>) {
        let Some(alias) = alias else { return };
        self.note_declared(alias.span, || Named::Alias(alias.span));
        if super::names::RESERVED.contains(&alias.node.as_str()) {
            let message = say!("`{alias}` is a name of the language", alias = alias.node);
            let finding = Diagnostic::new(Code::Duplicate, alias.span, message, say!("taken already"));
            self.report(finding.help(say!("give the event another name")));
        }
    }

    /// What must happen to a record, and what is known when it has.
    pub(super) fn pattern(&mut self, path: &ast::EventPath) -> Option<(Pattern, Facts)> {
        let event = &path.event;
        let is_client = event.node == "client";
        if is_client {
            self.note(event.span, || Named::Client);
        }
        let event = if is_client { event.node.clone() } else { self.event(event)? };
        let declared = if is_client {
            EventType { key: Some("id".to_owned()), fields: self.catalog.client.clone() }
        } else {
            self.catalog.events.get(&event).cloned()?
        };
        let pattern = |change| Pattern { event: event.clone(), change };
        let Some(member) = &path.member else { return Some((pattern(Change::Created), Facts::new())) };
        if declared.key.is_none() {
            let message = say!("`{event}` has no key, so it never changes", event);
            let finding = Diagnostic::new(Code::Unreachable, path.span(), message, say!("never happens"));
            self.report(finding.help(say!("give it one: `event {event} {{ key id: text }}`", event)));
        }
        if member.node == "updated" {
            self.note_word(Word::Special, member);
            return Some((pattern(Change::Updated), Facts::new()));
        }
        if self.broken_fields.contains(&(event.clone(), member.node.clone())) {
            return self.poison();
        }
        let Some(field) = declared.fields.get(&member.node) else {
            let finding = self.unknown_member(&event, declared.fields.keys().map(String::as_str), member);
            return self.fail(finding);
        };
        self.note_field(&event, &member.node, member.span, Role::Uses);
        if field.ty != Type::Bool {
            // It may have changed by going missing.
            return Some((pattern(Change::FieldChanged(member.node.clone())), Facts::new()));
        }
        let source = if is_client { Source::Client } else { Source::Event(event.clone()) };
        let facts = Facts::from_iter([Place::Field(source, member.node.clone())]);
        Some((pattern(Change::TurnedTrue(member.node.clone())), facts))
    }

    fn unknown_member<'n>(&self, event: &str, fields: impl Iterator<Item = &'n str>, member: &ast::Name) -> Diagnostic {
        let known: Vec<&str> = fields.chain(["updated"]).collect();
        let message = say!("`{event}` has no field `{member}`", event, member = member.node);
        let finding = unknown(Code::UnknownField, member.span, &member.node, message, known.iter().copied());
        if finding.help.is_empty() {
            finding.help(say!("`{event}` has {names}", event, names = listed(known)))
        } else {
            finding
        }
    }

    /// The event that a name stands for; for one that is not declared the nearest, so that what follows is still judged.
    pub(super) fn event(&mut self, name: &ast::Name) -> Option<String> {
        if self.catalog.events.contains_key(&name.node) {
            self.note(name.span, || Named::Event(name.node.clone()));
            return Some(name.node.clone());
        }
        let near = suggest::nearest(&name.node, self.catalog.events.keys().map(String::as_str)).map(str::to_owned);
        let finding = self.unknown_event(name);
        self.report(finding);
        near
    }

    /// A finding about an event that is not declared.
    pub(super) fn unknown_event(&self, name: &ast::Name) -> Diagnostic {
        let known = || self.catalog.events.keys().map(String::as_str);
        let message = say!("there is no event `{name}`", name = name.node);
        let finding = unknown(Code::UnknownEvent, name.span, &name.node, message, known());
        if !finding.help.is_empty() {
            return finding;
        }
        finding
            .help(say!("the events are {names}", names = listed(known())))
            .help(say!("declare it: `event {name} {{ key id: text }}`", name = name.node))
    }

    /// The chains after triggers. Where there are gotos they are looked at until what is known at each label holds
    /// whichever way a run comes there: each look takes in what the one before has seen.
    pub(super) fn entries(&mut self, written: &[&ast::Entry], triggers: &[Trigger]) -> Vec<Entry> {
        let jumps = Jumps::of(written.iter().map(|entry| entry.chain.steps.as_slice()));
        let mut labels = Labels { jumps, ..Labels::default() };
        let told = self.findings.len();
        let paths = loop {
            let before = labels.jumps.clone();
            labels = Labels { jumps: labels.jumps, ..Labels::default() };
            self.withdraw(told);
            let chains = written.iter().zip(triggers);
            let paths: Vec<Path> =
                chains.map(|(entry, trigger)| self.closed(&trigger.scope, &mut labels, &entry.chain.steps)).collect();
            if labels.jumps.settled(&before) {
                break paths;
            }
        };
        if !self.broken {
            self.loops(&paths.iter().map(|path| path.steps.as_slice()).collect::<Vec<_>>());
        }
        let entries = written.iter().zip(triggers).zip(paths).filter_map(|((written, trigger), path)| {
            Some(Entry {
                trigger: trigger.kind.clone()?,
                filter: trigger.filter.clone(),
                chain: path.steps,
                text: folded(self.slice(written.trigger.span)),
                span: written.trigger.span,
            })
        });
        entries.collect()
    }
}
