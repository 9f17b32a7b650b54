//! Triggers and entries. In: `on booking as b where ..`. Out: what starts a run, and what is in scope after it.

use super::checker::{Checker, listed, unknown};
use super::flow::Labels;
use super::jump::Jumps;
use super::names::{Scope, Site};
use super::narrow::{Facts, when_true};
use super::not_yet::Construct;
use super::program::{Change, Entry, Expr, FieldRead, Pattern, Source};
use super::written::folded;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::syntax::ast;
use crate::value::Type;

/// A checked trigger.
pub(super) struct Trigger {
    /// What happens; `None` where it is wrong or not run yet.
    pattern: Option<(Pattern, String)>,
    /// Only when this holds.
    filter: Option<Expr>,
    /// What can be named after it.
    pub(super) scope: Scope,
}

impl Checker<'_> {
    /// What starts a run.
    pub(super) fn trigger(&mut self, written: &ast::Trigger) -> Trigger {
        let mut scope = Scope::empty(Site::Chain);
        let Some((pattern, known)) = self.triggering(written) else {
            scope.open = true;
            return Trigger { pattern: None, filter: None, scope };
        };
        let event = &pattern.event.clone();
        // A misspelt event is called what it was meant to be, so that the chain is judged by that.
        let binding = written.alias.as_ref().map_or(event, |alias| &alias.node);
        let mut scope = scope.with(binding, event, true);
        self.alias(written.alias.as_ref());
        let own = |(source, field)| match source {
            Source::Event(_) => (Source::Event(binding.clone()), field),
            Source::Client | Source::Business => (source, field),
        };
        scope.facts = known.into_iter().map(own).collect();
        let filter = written.filter.as_ref().map(|filter| self.condition(&scope, filter));
        if let (Some(expr), Some(Some(checked)), Change::Created) = (&written.filter, &filter, &pattern.change) {
            self.asked_too_early(expr, checked, event, written.alias.as_ref());
        }
        if let (Some(written), Some(filter)) = (&written.filter, &filter) {
            scope = self.told_by(&scope, written, filter.as_ref().map(when_true));
        }
        Trigger { pattern: Some((pattern, binding.clone())), filter: filter.flatten(), scope }
    }

    /// Warns of a filter that asks for what is told only later: when the record is made, nobody knows it yet.
    fn asked_too_early(&mut self, written: &ast::Expr, filter: &Expr, event: &str, alias: Option<&ast::Name>) {
        let later = |read: &&FieldRead| read.later.is_some() && matches!(read.source, Source::Event(_));
        let Some(name) = filter.reads().into_iter().find(later).map(|read| read.name.clone()) else { return };
        let article = if event.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        let message = format!("`{name}` is not told yet when {article} {event} is made");
        let finding = Diagnostic::new(Code::AskedTooEarly, written.span, message, "told only later");
        let condition = folded(self.slice(written.span));
        let alias = alias.map(|alias| format!(" as {}", alias.node)).unwrap_or_default();
        let better = format!("on {event}{alias} -> if {condition}");
        self.report(finding.help(format!("write `{better}`, which waits until it is told")));
    }

    pub(super) fn alias(&mut self, alias: Option<&ast::Name>) {
        let Some(alias) = alias else { return };
        if super::names::RESERVED.contains(&alias.node.as_str()) {
            let message = format!("`{}` is a name of the language", alias.node);
            let finding = Diagnostic::new(Code::Duplicate, alias.span, message, "taken already");
            self.report(finding.help("give the event another name"));
        }
    }

    /// The one event that starts a run.
    fn triggering(&mut self, written: &ast::Trigger) -> Option<(Pattern, Facts)> {
        match &written.kind {
            ast::TriggerKind::Events(paths) => match paths.as_slice() {
                [path] if path.event.node == "client" => self.not_yet(Construct::ClientTrigger, written.span),
                [path] => self.pattern(path),
                [] => self.poison(),
                _ => self.not_yet(Construct::EitherTrigger, written.span),
            },
            ast::TriggerKind::Segment { .. } => self.not_yet(Construct::SegmentTrigger, written.span),
            ast::TriggerKind::Silence { .. } => self.not_yet(Construct::SilenceTrigger, written.span),
            ast::TriggerKind::Date { .. } => self.not_yet(Construct::DateTrigger, written.span),
            ast::TriggerKind::Every { .. } => self.not_yet(Construct::EveryTrigger, written.span),
            ast::TriggerKind::Error => self.poison(),
        }
    }

    /// What must happen to a record, and what is known when it has.
    pub(super) fn pattern(&mut self, path: &ast::EventPath) -> Option<(Pattern, Facts)> {
        let event = &path.event;
        let event = self.event(event)?;
        let declared = self.catalog.events.get(&event).cloned()?;
        let pattern = |change| Pattern { event: event.clone(), change };
        let Some(member) = &path.member else { return Some((pattern(Change::Created), Facts::new())) };
        if declared.key.is_none() {
            let message = format!("`{}` has no key, so it never changes", event);
            let finding = Diagnostic::new(Code::Unreachable, path.span(), message, "never happens");
            self.report(finding.help(format!("give it one: `event {} {{ key id: text }}`", event)));
        }
        if member.node == "updated" {
            return Some((pattern(Change::Updated), Facts::new()));
        }
        if self.broken_fields.contains(&(event.clone(), member.node.clone())) {
            return self.poison();
        }
        let Some(field) = declared.fields.get(&member.node) else {
            let finding = self.unknown_member(&event, declared.fields.keys().map(String::as_str), member);
            return self.fail(finding);
        };
        let facts = Facts::from([(Source::Event(event.clone()), member.node.clone())]);
        let turned = field.ty == Type::Bool;
        let change = if turned { Change::TurnedTrue } else { Change::FieldChanged };
        Some((pattern(change(member.node.clone())), facts))
    }

    fn unknown_member<'n>(&self, event: &str, fields: impl Iterator<Item = &'n str>, member: &ast::Name) -> Diagnostic {
        let known: Vec<&str> = fields.chain(["updated"]).collect();
        let message = format!("`{event}` has no field `{}`", member.node);
        let finding = unknown(Code::UnknownField, member.span, &member.node, message, known.iter().copied());
        if finding.help.is_empty() { finding.help(format!("`{event}` has {}", listed(known))) } else { finding }
    }

    /// The event that a name stands for; for one that is not declared the nearest, so that what follows is still judged.
    pub(super) fn event(&mut self, name: &ast::Name) -> Option<String> {
        if self.catalog.events.contains_key(&name.node) {
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
        let message = format!("there is no event `{}`", name.node);
        let finding = unknown(Code::UnknownEvent, name.span, &name.node, message, known());
        if !finding.help.is_empty() {
            return finding;
        }
        finding
            .help(format!("the events are {}", listed(known())))
            .help(format!("declare it: `event {} {{ key id: text }}`", name.node))
    }

    /// The chain after a trigger. Where there are gotos it is looked at until what is known at each label holds
    /// whichever way a run comes there: each look takes in what the one before has seen.
    pub(super) fn entry(&mut self, labels: &mut Labels, written: &ast::Entry, trigger: &Trigger) -> Option<Entry> {
        let steps = &written.chain.steps;
        labels.jumps = Jumps::of(steps);
        let fresh = labels.clone();
        let path = loop {
            let before = labels.clone();
            labels.elements.clone_from(&fresh.elements);
            labels.splits.clone_from(&fresh.splits);
            let path = self.chain(&trigger.scope, labels, steps);
            if labels.jumps.settled(&before.jumps) {
                break path;
            }
        };
        if !self.broken {
            self.loops(&path.steps);
        }
        let (pattern, binding) = trigger.pattern.clone()?;
        Some(Entry {
            pattern,
            binding,
            filter: trigger.filter.clone(),
            chain: path.steps,
            text: folded(self.slice(written.trigger.span)),
            span: written.trigger.span,
        })
    }
}
