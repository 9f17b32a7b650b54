//! `emit`. In: the event and its data as written. Out: the event with every field of its type.

use crate::check::checker::{Checker, duplicate, listed, unknown};
use crate::check::prelude::CHANNELS;
use crate::check::program::{Element, Expr};
use crate::check::scope::Scope;
use crate::check::symbol::Role;
use crate::check::types::Missing;
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Value;
use std::collections::BTreeMap;

impl Checker<'_> {
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
                self.report(duplicate(say!("field"), &entry.name, first));
            }
            values.push(self.datum(scope, &event, entry));
        }
        // Missing fields of a misspelled event are not reported.
        if event == name.node {
            self.require_event_fields(&event, &given, head)?;
        }
        let data = values.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Element::Emit { event, data })
    }

    /// One field of the event. It may be missing if the declared field may be.
    fn datum(&mut self, scope: &Scope, event: &str, entry: &ast::RecordEntry) -> Option<(String, Expr)> {
        let field = self.fields(event).and_then(|fields| fields.get(&entry.name.node)).cloned();
        let name = &entry.name.node;
        if field.is_some() {
            self.record_field(event, name, entry.name.span, Role::Uses);
        }
        let Some(field) = field else {
            self.expr(scope, &entry.value);
            if self.decl.broken_fields.contains(&(event.to_owned(), name.clone())) {
                return self.poison();
            }
            let finding = self.unknown_field(event, name, entry.name.span);
            return self.fail(finding);
        };
        let place = Phrase::verbatim(format!("`{event}.{name}`"));
        let typed = self.expr(scope, &entry.value)?;
        let typed = self.expect_value(typed, entry.value.span, &field.ty, &place)?;
        self.consent_channel(event, name, &typed.expr, entry.value.span)?;
        let may_miss = field.optional || field.later.is_some();
        if typed.missing != Missing::Never && !may_miss {
            self.require_known(typed.clone(), entry.value.span)?;
        }
        Some((name.clone(), typed.expr))
    }

    /// The channel of a consent must exist: an unknown one would give no consent, or withdraw every one.
    fn consent_channel(&mut self, event: &str, field: &str, value: &Expr, span: Span) -> Option<()> {
        let Expr::Value(Value::Text(text)) = value else { return Some(()) };
        let is_known = CHANNELS.iter().any(|(channel, _)| channel == text);
        if !["subscription", "unsubscribed"].contains(&event) || field != "channel" || is_known {
            return Some(());
        }
        let known = CHANNELS.iter().map(|(channel, _)| *channel);
        let message = say!("unknown channel `{name}`", name = text);
        let mut finding = unknown(Code::UnknownChannel, span, text, message, known);
        if finding.help.is_empty() {
            finding = finding.help(say!("available channels: sms, email, telegram and whatsapp"));
        }
        finding.fixes.clear();
        self.fail(finding)
    }

    /// Reports missing fields that the event always has.
    fn require_event_fields(&mut self, event: &str, given: &BTreeMap<&str, Span>, head: Span) -> Option<()> {
        let fields = self.fields(event)?;
        let needed = fields.iter().filter(|(_, field)| !field.optional && field.later.is_none());
        let missing: Vec<&str> =
            needed.map(|(name, _)| name.as_str()).filter(|name| !given.contains_key(name)).collect();
        if missing.is_empty() {
            return Some(());
        }
        let message = say!("`{event}` is missing {names}", event, names = listed(missing.iter().copied()));
        let finding = Diagnostic::new(Code::MaybeMissing, head, message, say!("missing here"));
        let form: Vec<String> = missing.iter().map(|name| format!("{name}: ..")).collect();
        self.fail(finding.help(say!("add it: `emit {event} {{ {form} }}`", event, form = form.join("  "))))
    }
}
