//! `call .. as reply`, `do .. as reply`. In: the request, the name of its answer, and its `else`. Out: the request with
//! the event that describes the answer, which is in scope after it.

use super::{At, CheckedElement, Flow};
use crate::check::checker::{Checker, listed, unknown};
use crate::check::program::{Call, Element, FieldType, Source};
use crate::check::scope::{BoundEvent, Fact, Scope, join};
use crate::check::symbol::Symbol;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::say;
use crate::syntax::ast;

impl Checker<'_> {
    /// A request whose answer is read. Nobody can promise what another system answers, so each field may be missing.
    pub(super) fn read_answer(
        &mut self,
        at: At<'_>,
        call: Option<Call>,
        answer: &ast::Name,
        otherwise: Option<&ast::Block>,
    ) -> CheckedElement {
        let event = self.answer_event(at.scope, answer);
        let mut after = self.after_wait(at.scope, at.head);
        let own = Source::Event(answer.node.clone());
        let is_own =
            |fact: &Fact| matches!(fact, Fact::Known(source, _) | Fact::Excluded(source, ..) if *source == own);
        after.facts.retain(|fact| !is_own(fact));
        let on_failed = otherwise.map(|block| self.block(&after, at.labels, Some(block)));
        let end = match &on_failed {
            Some(path) => join(Some(after.facts), path.end.clone()),
            None => Some(after.facts),
        };
        let bound = |event: &String| BoundEvent {
            name: event.clone(),
            event: event.clone(),
            bare: false,
            declared: Vec::new(),
        };
        let flow = Flow { binds: event.as_ref().map(bound), unclear: event.is_none(), ..Flow::to(end) };
        let element = call.zip(event).map(|(call, event)| {
            let call = Call { answer: Some(event), ..call };
            Element::Call { call, on_failed: on_failed.map(|path| path.steps) }
        });
        (element, flow)
    }

    /// The event that describes the answer: declared, without a key, and not in scope yet.
    fn answer_event(&mut self, scope: &Scope, answer: &ast::Name) -> Option<String> {
        let name = &answer.node;
        let Some(declared) = self.decl.catalog.events.get(name).cloned() else {
            let message = say!("no event describes the answer `{name}`", name);
            let known = self.decl.catalog.events.iter().filter(|(_, event)| event.key.is_none());
            let known = known.map(|(name, _)| name.as_str());
            let finding = unknown(Code::UnknownEvent, answer.span, name, message, known);
            return self.fail(
                finding.help(say!("declare what the answer contains: `event {name} {{ score: number? }}`", name)),
            );
        };
        if declared.key.is_some() {
            let message = say!("`{name}` has a key, so it is a record and not an answer", name);
            let finding = Diagnostic::new(Code::TypeMismatch, answer.span, message, say!("is a record"));
            return self.fail(finding.help(say!("declare an event without a `key` for the answer")));
        }
        self.record_use(answer.span, || Symbol::Event(name.clone()));
        if let Some(taken) = scope.bound.iter().find(|bound| bound.name == *name) {
            let message = say!("the name `{alias}` is already in use", alias = name);
            let mut finding = Diagnostic::new(Code::Duplicate, answer.span, message, say!("already in use"));
            for first in &taken.declared {
                finding = finding.related(*first, say!("first defined here"));
            }
            return self.fail(finding.help(say!("declare an event of another name for this answer")));
        }
        let later = declared.fields.iter().find(|(_, field)| field.later.is_some());
        if let Some((field, FieldType { span, .. })) = later {
            let message = say!("`{field}` of an answer cannot be `later`: nothing comes after the answer", field);
            let finding = Diagnostic::new(Code::TypeMismatch, answer.span, message, say!("has a `later` field"));
            return self.fail(finding.related(*span, say!("declared here")).help(say!("remove `later` and write `?`")));
        }
        let required: Vec<(&String, &FieldType)> =
            declared.fields.iter().filter(|(_, field)| !field.optional).collect();
        if required.is_empty() {
            return Some(name.clone());
        }
        let names = listed(required.iter().map(|(field, _)| field.as_str()));
        let message = say!("an answer may lack {names}: another system decides what it sends", names);
        let mut finding = Diagnostic::new(Code::MaybeMissing, answer.span, message, say!("has required fields"));
        for (_, field) in &required {
            finding = finding.related(field.span, say!("declared here"));
        }
        let (first, declared) = required.first().map(|(name, field)| (name.as_str(), field.ty.to_string()))?;
        finding = finding.help(say!("declare it with `?`: `{first}: {declared}?`", first, declared));
        let edit = |(_, field): &(&String, &FieldType)| Edit { span: field.type_span.after(), text: "?".to_owned() };
        let edits = required.iter().map(edit).collect();
        finding.fixes.push(Fix { title: say!("add `?` to these fields"), edits, guess: false });
        // What follows is checked as if the fields were declared so.
        self.fail(finding)
    }
}
