//! Events. In: event names and paths such as `booking.cancelled`. Out: patterns, and what is known of the event.

use crate::check::checker::{Checker, listed, unknown};
use crate::check::prelude::RESERVED;
use crate::check::program::{Change, Crossing, EventType, Expr, FieldRead, FieldType, Later, Pattern, Source};
use crate::check::scope::{Fact, Facts, when_false, when_true};
use crate::check::symbol::{BuiltinKind, Role, Symbol};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Type;
use std::collections::BTreeMap;

/// An event, or several, under the name that refers to it in filters and chains.
pub(super) struct EventBinding {
    pub(super) name: String,
    pub(super) event: String,
    /// What is known of it once it has happened.
    pub(super) facts: Facts,
}

impl<'a> Checker<'a> {
    /// Checks a name after `as`.
    pub(super) fn alias(&mut self, alias: Option<&ast::Name>) {
        let Some(alias) = alias else { return };
        self.record_declaration(alias.span, || Symbol::Alias(alias.span));
        if RESERVED.contains(&alias.node.as_str()) {
            let message = say!("`{alias}` is a reserved name", alias = alias.node);
            let finding = Diagnostic::new(Code::Duplicate, alias.span, message, say!("reserved"));
            self.report(finding.help(say!("use a different name for the event")));
        }
    }

    /// What ends runs, reaches goals or is waited for, and what is known after it.
    pub(super) fn happening(&mut self, written: &ast::Happening) -> Option<(Pattern, Facts)> {
        match written {
            ast::Happening::Event(path) => self.pattern(path),
            ast::Happening::Segment { entering, name, .. } => self.crossing(*entering, name),
        }
    }

    /// `entering vip`, `leaving vip`: a change of the client, whose condition holds or does not hold after it.
    pub(super) fn crossing(&mut self, entering: bool, name: &ast::Name) -> Option<(Pattern, Facts)> {
        let segment = Box::new(self.named_segment(name)?);
        let facts = if entering { when_true(&segment.condition) } else { when_false(&segment.condition) };
        let change = Change::Crossed(Crossing { segment, entering });
        Some((Pattern { event: "client".to_owned(), change, message: None }, facts))
    }

    /// The change of a record that a path describes, and what is known after it.
    pub(super) fn pattern(&mut self, path: &ast::EventPath) -> Option<(Pattern, Facts)> {
        let event = &path.event;
        let is_client = event.node == "client";
        if is_client {
            self.record_use(event.span, || Symbol::Client);
        }
        let event = if is_client { event.node.clone() } else { self.event(event)? };
        let declared = if is_client {
            EventType { key: Some("id".to_owned()), fields: self.decl.catalog.client.clone() }
        } else {
            self.decl.catalog.events.get(&event).cloned()?
        };
        let pattern = |change| Pattern { event: event.clone(), change, message: None };
        let Some(member) = &path.member else { return Some((pattern(Change::Created), Facts::new())) };
        if declared.key.is_none() {
            let message = say!("`{event}` has no key, so its records never change", event);
            let finding = Diagnostic::new(Code::Unreachable, path.span(), message, say!("never happens"));
            self.report(finding.help(say!("add a key: `event {event} {{ key id: text }}`", event)));
        }
        if member.node == "updated" {
            self.record_builtin(BuiltinKind::Special, member);
            return Some((pattern(Change::Updated), Facts::new()));
        }
        if self.decl.broken_fields.contains(&(event.clone(), member.node.clone())) {
            return self.poison();
        }
        let Some(field) = declared.fields.get(&member.node) else {
            let finding = self.unknown_member(&event, declared.fields.keys().map(String::as_str), member);
            return self.fail(finding);
        };
        self.record_field(&event, &member.node, member.span, Role::Uses);
        if field.ty != Type::Bool {
            // The change may have removed the value.
            return Some((pattern(Change::FieldChanged(member.node.clone())), Facts::new()));
        }
        let source = if is_client { Source::Client } else { Source::Event(event.clone()) };
        let facts = Facts::from_iter([Fact::Known(source, member.node.clone())]);
        Some((pattern(Change::TurnedTrue(member.node.clone())), facts))
    }

    /// Patterns with their filter; `binding` is the name of the event in it.
    pub(super) fn filtered(&self, patterns: &mut [Pattern], filter: Option<&Expr>, binding: Option<&str>) {
        for pattern in patterns {
            let fields = match pattern.event.as_str() {
                "client" => Some(&self.decl.catalog.client),
                event => self.decl.catalog.events.get(event).map(|declared| &declared.fields),
            };
            let Change::FieldChanged(field) = &pattern.change else { continue };
            let ty = fields.and_then(|fields| fields.get(field)).map(|field| field.ty.clone());
            let binding = binding.filter(|_| pattern.event != "client");
            *pattern = pattern.clone().with_filter(filter, ty.as_ref(), binding);
        }
    }

    pub(super) fn unknown_member<'n>(
        &self,
        event: &str,
        fields: impl Iterator<Item = &'n str>,
        member: &ast::Name,
    ) -> Diagnostic {
        let known: Vec<&str> = fields.chain(["updated"]).collect();
        let message = say!("`{event}` has no field `{member}`", event, member = member.node);
        let finding = unknown(Code::UnknownField, member.span, &member.node, message, known.iter().copied());
        if finding.help.is_empty() {
            finding.help(say!("available fields of `{event}`: {names}", event, names = listed(known)))
        } else {
            finding
        }
    }

    /// The event that a name refers to. For an unknown name, the nearest event, so that what follows is still checked.
    pub(super) fn event(&mut self, name: &ast::Name) -> Option<String> {
        if self.decl.catalog.events.contains_key(&name.node) {
            self.record_use(name.span, || Symbol::Event(name.node.clone()));
            return Some(name.node.clone());
        }
        let near = suggest::nearest(&name.node, self.decl.catalog.events.keys().map(String::as_str)).map(str::to_owned);
        let finding = self.unknown_event(name);
        self.report(finding);
        near
    }

    /// A diagnostic about an unknown event.
    pub(super) fn unknown_event(&self, name: &ast::Name) -> Diagnostic {
        let known = || self.decl.catalog.events.keys().map(String::as_str);
        let message = say!("unknown event `{name}`", name = name.node);
        let finding = unknown(Code::UnknownEvent, name.span, &name.node, message, known());
        if !finding.help.is_empty() {
            return finding;
        }
        if self.decl.segments.contains_key(&name.node) {
            return finding.help(say!("`{name}` is a segment: write `on entering {name}`", name = &name.node));
        }
        if self
            .decl
            .catalog
            .client
            .get(&name.node)
            .is_some_and(|field| matches!(field.ty, Type::Date | Type::Anniversary))
        {
            return finding.help(say!("it is a field of the client: `on client.{name} at 10:00`", name = &name.node));
        }
        let of = self.decl.catalog.events.iter().find(|(_, event)| event.fields.contains_key(&name.node));
        if let Some((event, _)) = of {
            let right = format!("{event}.{}", name.node);
            return finding.help(say!("it is a field of `{event}`: write `{right}`", event, right));
        }
        finding
            .help(say!("available events: {names}", names = listed(known())))
            .help(say!("declare it: `event {name} {{ key id: text }}`", name = name.node))
    }

    /// Whether all of these are changes of the client (`true`) or none is (`false`); a mixture is an error.
    pub(super) fn all_about_client(&mut self, places: &[Span], patterns: &[(Pattern, Facts)]) -> Option<bool> {
        let of_client = |(pattern, _): &(Pattern, Facts)| pattern.event == "client";
        if patterns.iter().all(of_client) {
            return Some(true);
        }
        let Some(at) = patterns.iter().position(of_client) else { return Some(false) };
        let span = places.get(at).copied().unwrap_or_default();
        let message = say!("client changes and events have no fields in common");
        let finding = Diagnostic::new(Code::WrongTrigger, span, message, say!("not an event"));
        self.fail(finding.help(say!("list them separately")))
    }

    /// The binding of the events that happen: several events share the fields that all of them have.
    pub(super) fn event_binding(&mut self, patterns: &[(Pattern, Facts)], alias: Option<&ast::Name>) -> EventBinding {
        let mut events: Vec<&str> = Vec::new();
        for (pattern, _) in patterns {
            if !events.contains(&pattern.event.as_str()) {
                events.push(&pattern.event);
            }
        }
        let event = events.join(" or ");
        if events.len() > 1 {
            let fields = self.common_fields(&events);
            self.joined_events.insert(event.clone(), fields);
        }
        let name = alias.map_or_else(|| event.clone(), |alias| alias.node.clone());
        let named = |facts: &Facts| -> Facts {
            if event == "client" {
                return facts.clone();
            }
            let renamed = |fact: &Fact| match fact {
                Fact::Known(_, field) => Fact::Known(Source::Event(name.clone()), field.clone()),
                Fact::Excluded(_, field, value) => {
                    Fact::Excluded(Source::Event(name.clone()), field.clone(), value.clone())
                }
                Fact::History(..) | Fact::NoTimePassed => fact.clone(),
            };
            facts.iter().map(renamed).collect()
        };
        let facts = patterns.iter().map(|(_, facts)| named(facts));
        let facts = facts.reduce(|some, other| some.intersection(&other).cloned().collect()).unwrap_or_default();
        EventBinding { name, event, facts }
    }

    /// The fields that all of these events have with the same type. A field that one of them may lack is optional. A
    /// `later` field must become known at the same moments in all of them, so that a condition knows how long to wait.
    fn common_fields(&self, events: &[&str]) -> BTreeMap<String, FieldType> {
        let of = |event: &str, name: &str| self.fields(event).and_then(|fields| fields.get(name)).cloned();
        let (first, others) = events.split_first().map_or(("", &[][..]), |(first, others)| (*first, others));
        let mut fields = BTreeMap::new();
        for (name, field) in self.fields(first).into_iter().flatten() {
            let same: Vec<FieldType> =
                others.iter().filter_map(|event| of(event, name)).filter(|other| other.ty == field.ty).collect();
            let moments = later_of_any(field);
            if same.len() == others.len() && same.iter().all(|other| later_of_any(other) == moments) {
                let optional = std::iter::once(field).chain(&same).any(|field| field.optional);
                fields.insert(name.clone(), FieldType { optional, ..field.clone() });
            }
        }
        fields
    }

    /// A diagnostic about `as` where no event happens.
    pub(super) fn nothing_to_name(&self, alias: &ast::Name) -> Diagnostic {
        let message = say!("this trigger has no event to name");
        let finding = Diagnostic::new(Code::WrongTrigger, alias.span, message, say!("name not allowed here"));
        finding.help(say!("remove `as {alias}` and use `client`", alias = alias.node))
    }

    /// Warns about a `where` after `on` or `wait for` that reads a `later` field: its value is not available when the
    /// record is created.
    pub(super) fn asked_too_early(
        &mut self,
        written: &ast::Expr,
        filter: &Expr,
        event: &str,
        alias: Option<&ast::Name>,
        before: &str,
    ) {
        let own = Source::Event(alias.map_or(event, |alias| alias.node.as_str()).to_owned());
        let later = |read: &&FieldRead| read.later.is_some() && read.source == own;
        let Some(name) = filter.reads().into_iter().find(later).map(|read| read.name.clone()) else { return };
        let message = if event.starts_with(['a', 'e', 'i', 'o', 'u']) {
            say!("`{name}` is not available yet when an {event} is created", name, event)
        } else {
            say!("`{name}` is not available yet when a {event} is created", name, event)
        };
        let finding = Diagnostic::new(Code::AskedTooEarly, written.span, message, say!("available only later"));
        let condition = self.one_line(written.span);
        let alias = alias.map(|alias| format!(" as {}", alias.node)).unwrap_or_default();
        let better = format!("{before} {event}{alias} -> if {condition}");
        self.report(finding.help(say!("write `{better}`, which waits until it is available", better)));
    }
}

/// When a `later` field becomes known, whatever event it belongs to.
fn later_of_any(field: &FieldType) -> Option<Later> {
    let mut later = field.later.clone();
    let of_any = |read: &mut FieldRead| {
        if matches!(read.source, Source::Event(_)) {
            read.source = Source::Event(String::new());
        }
    };
    later.iter_mut().flat_map(Later::moments_mut).for_each(|moment| moment.change_reads(&of_any));
    later
}
