//! `task`, `emit` and `start`. In: the element as written. Out: what others get to do: people, funnels that wait for
//! the event, the funnel that is named.

use super::checker::{Checker, listed, unknown};
use super::known::Started;
use super::names::Scope;
use super::note::{Named, Role};
use super::program::{Element, Expr, Task};
use super::types::Missing;
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Checker<'_> {
    /// `task "Call" for "manager" due 4h`
    pub(super) fn task(
        &mut self,
        scope: &Scope,
        text: &ast::Text,
        assignee: Option<&ast::Text>,
        due: Option<&ast::DurationLit>,
    ) -> Option<Element> {
        let text = self.text(scope, text);
        let assignee = assignee.map(|assignee| self.text(scope, assignee));
        let length = due.map(|due| {
            let length = self.duration(due)?;
            if length.is_calendar() {
                self.needs_zone(due.span, say!("a step of days or months"));
            }
            Some(length)
        });
        let assignee = match assignee {
            Some(assignee) => Some(assignee?.expr),
            None => None,
        };
        let due = match length {
            Some(length) => Some(length?),
            None => None,
        };
        Some(Element::Task(Arc::new(Task { text: text?.expr, assignee, due })))
    }

    /// `emit won_back { id: booking.id }`
    pub(super) fn emit(
        &mut self,
        scope: &Scope,
        name: &ast::Name,
        data: Option<&ast::Record>,
        head: Span,
    ) -> Option<Element> {
        let entries = data.map_or(&[][..], |data| data.entries.as_slice());
        let Some(event) = self.event(name) else {
            entries.iter().for_each(|entry| _ = self.expr(scope, &entry.value));
            return None;
        };
        let mut given: BTreeMap<&str, Span> = BTreeMap::new();
        let mut values = Vec::new();
        for entry in entries {
            if let Some(first) = given.insert(&entry.name.node, entry.name.span) {
                self.report(super::constant::duplicate(say!("field"), &entry.name, first));
            }
            values.push(self.datum(scope, &event, entry));
        }
        // What a misspelt event lacks is not for certain lacking.
        if event == name.node {
            self.given_whole(&event, &given, head)?;
        }
        let data = values.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Element::Emit { event, data })
    }

    /// One field of an event that is emitted. What may be missing in the event may be missing here.
    fn datum(&mut self, scope: &Scope, event: &str, entry: &ast::RecordEntry) -> Option<(String, Expr)> {
        let field = self.fields(event).and_then(|fields| fields.get(&entry.name.node)).cloned();
        let name = &entry.name.node;
        if field.is_some() {
            self.note_field(event, name, entry.name.span, Role::Uses);
        }
        let Some(field) = field else {
            self.expr(scope, &entry.value);
            if self.broken_fields.contains(&(event.to_owned(), name.clone())) {
                return self.poison();
            }
            let finding = self.unknown_field(event, name, entry.name.span);
            return self.fail(finding);
        };
        let place = Phrase::verbatim(format!("`{event}.{name}`"));
        let typed = self.expr(scope, &entry.value)?;
        let typed = self.typed_as(typed, entry.value.span, &field.ty, &place)?;
        let may_miss = field.optional || field.later.is_some();
        if typed.missing != Missing::Never && !may_miss {
            self.present(typed.clone(), entry.value.span)?;
        }
        Some((name.clone(), typed.expr))
    }

    /// Whether every field is given that the event always has.
    fn given_whole(&mut self, event: &str, given: &BTreeMap<&str, Span>, head: Span) -> Option<()> {
        let fields = self.fields(event)?;
        let needed = fields.iter().filter(|(_, field)| !field.optional && field.later.is_none());
        let missing: Vec<&str> =
            needed.map(|(name, _)| name.as_str()).filter(|name| !given.contains_key(name)).collect();
        if missing.is_empty() {
            return Some(());
        }
        let message = say!("`{event}` always has {names}", event, names = listed(missing.iter().copied()));
        let finding = Diagnostic::new(Code::MaybeMissing, head, message, say!("not given here"));
        let form: Vec<String> = missing.iter().map(|name| format!("{name}: ..")).collect();
        self.fail(finding.help(say!("add it: `emit {event} {{ {form} }}`", event, form = form.join("  "))))
    }

    /// `start other`
    pub(super) fn start(&mut self, scope: &Scope, funnel: &ast::Name) -> Option<Element> {
        let name = &funnel.node;
        if self.starts.contains_key(name) {
            self.note(funnel.span, || Named::Funnel(name.clone()));
        }
        let Some((events, _)) = self.starts.get(name) else {
            let message = say!("there is no funnel `{name}`", name);
            let known: Vec<String> = self.starts.keys().cloned().collect();
            let known = || known.iter().map(String::as_str);
            let finding = unknown(Code::UnknownName, funnel.span, name, message, known());
            let finding = if finding.help.is_empty() {
                finding.help(say!("the funnels are {names}", names = listed(known())))
            } else {
                finding
            };
            return self.fail(finding);
        };
        let events = match events.clone() {
            Started::About(events) => events,
            Started::Anyone => return Some(Element::Start { funnel: name.clone() }),
            Started::Unknown => return self.poison(),
        };
        if !scope.open && !scope.bound.iter().any(|bound| events.contains(&bound.event)) {
            let wanted = listed(events.iter().map(String::as_str));
            let message = say!("`{name}` is about {wanted}, and this run is not", name, wanted);
            let finding = Diagnostic::new(Code::UnknownName, funnel.span, message, say!("cannot start from here"));
            let finding = match scope.bound.as_slice() {
                [] => finding,
                bound => finding
                    .help(say!("this run is about {names}", names = listed(bound.iter().map(|b| b.event.as_str())))),
            };
            let first = events.first().map_or("", String::as_str);
            return self.fail(finding.help(say!("make the event happen: `emit {first} {{ .. }}`", first)));
        }
        Some(Element::Start { funnel: name.clone() })
    }
}
