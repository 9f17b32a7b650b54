//! `on booking.starts_at - 1d at 18:00 where ..`: a moment of a record as a trigger. In: the trigger as written. Out: the
//! creation of the record and each change of the moment, and the steps that wait for it and ask the `where`.

use super::trigger::TriggerEvent;
use crate::check::checker::Checker;
use crate::check::program::{Change, Pattern, Trigger as Kind};
use crate::check::types::type_name;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, BinaryOp, DurationLit, Element, EventPath, Expr, ExprKind, TriggerKind, WaitElse};
use crate::value::{TimeOfDay, Type};
use std::borrow::Cow;

/// A moment of a record, as a trigger.
#[derive(Clone, Copy)]
pub(super) struct RecordMoment<'t> {
    path: &'t EventPath,
    field: &'t ast::Name,
    shift: Option<&'t (Spanned<BinaryOp>, DurationLit)>,
    at: Option<&'t Spanned<TimeOfDay>>,
}

impl<'t> RecordMoment<'t> {
    /// The moment of a trigger; `None` if it is about something else.
    pub(super) fn of(trigger: &'t ast::Trigger) -> Option<Self> {
        let TriggerKind::Date { path, shift, at } = &trigger.kind else { return None };
        let field = path.member.as_ref().filter(|_| path.event.node != "client")?;
        Some(Self { path, field, shift: shift.as_ref(), at: at.as_ref() })
    }

    /// The moment without the name of the record: `starts_at - 1d at 18:00`.
    fn expr(&self) -> Expr {
        let mut expr = Expr { kind: ExprKind::Name(self.field.node.clone()), span: self.field.span };
        if let Some((op, duration)) = self.shift {
            let span = expr.span.to(duration.span);
            let right = Expr { kind: ExprKind::Duration(duration.clone()), span: duration.span };
            let kind = ExprKind::Binary { op: op.clone(), left: Box::new(expr), right: Box::new(right) };
            expr = Expr { kind, span };
        }
        if let Some(at) = self.at {
            let span = expr.span.to(at.span);
            expr = Expr { kind: ExprKind::AtTime { of: Box::new(expr), at: at.clone() }, span };
        }
        expr
    }
}

impl Checker<'_> {
    /// The record is waited for from its creation, and again when its moment changes. While a run waits, it follows the
    /// record, so that no second one begins.
    pub(super) fn on_moment(&mut self, moment: RecordMoment<'_>, alias: Option<&ast::Name>) -> Option<TriggerEvent> {
        let keyed = self.decl.catalog.events.get(&moment.path.event.node).is_none_or(|event| event.key.is_some());
        let whole = EventPath { event: moment.path.event.clone(), member: None };
        let changed = self.pattern(if keyed { moment.path } else { &whole })?;
        let event = changed.0.event.clone();
        let ty = self.fields(&event).and_then(|fields| fields.get(&moment.field.node)).map(|field| field.ty.clone());
        match ty {
            Some(Type::DateTime) => {}
            Some(Type::Date) if moment.at.is_some() => {}
            Some(Type::Date) => {
                let span = moment.path.span().to(moment.shift.map_or(moment.field.span, |(_, length)| length.span));
                let finding = self.at_what_time(span);
                return self.fail(finding);
            }
            Some(ty) => return self.no_date_field(moment.path.span(), moment.field.span, &ty),
            None => {
                let fields = self.fields(&event).into_iter().flatten().map(|(name, _)| name.as_str());
                let finding = self.unknown_member(&event, fields, moment.field);
                return self.fail(finding);
            }
        }
        let created = Pattern { change: Change::Created, ..changed.0.clone() };
        let patterns = if keyed { vec![(created, changed.1.clone()), changed] } else { vec![changed] };
        let binding = self.event_binding(&patterns, alias);
        let patterns = patterns.into_iter().map(|(pattern, _)| pattern).collect();
        let kind = Kind::Happened { patterns, binding: Some(binding.name), holds: None };
        Some(TriggerEvent { kind, event: Some(binding.event), facts: binding.facts })
    }

    /// A diagnostic about a day without a time of day.
    pub(super) fn at_what_time(&self, span: Span) -> Diagnostic {
        let written = self.slice(span).to_owned();
        let message = say!("`on {written}` needs a time of day", written = &written);
        let finding = Diagnostic::new(Code::WrongTrigger, span, message, say!("at what time?"));
        let right = format!("{written} at 10:00");
        let finding = finding.guess(say!("change it to `{right}`", right), span, &right);
        finding.help(say!("write `on {written} at 10:00`", written))
    }

    fn no_date_field<T>(&mut self, path: Span, field: Span, ty: &Type) -> Option<T> {
        let message = say!("`{written}` is {what}, not a date", written = self.slice(path), what = type_name(ty));
        let finding = Diagnostic::new(Code::WrongTrigger, field, message, say!("is {what}", what = type_name(ty)));
        self.fail(finding.help(say!("use a field of type `datetime` or `date`, such as `booking.starts_at`")))
    }

    /// The steps of an entry. A moment of a record is waited for first, then its `where` is asked.
    pub(super) fn steps_of<'e>(&self, entry: &'e ast::Entry) -> Cow<'e, [ast::Step]> {
        let Some(moment) = RecordMoment::of(&entry.trigger) else { return Cow::Borrowed(&entry.chain.steps) };
        let step = |element, span| ast::Step { label: None, element, head: span, span };
        let gate = |condition: Expr, span| {
            step(Element::If(Box::new(ast::If { condition, then: None, otherwise: None })), span)
        };
        let expr = moment.expr();
        let declared = self.fields(&moment.path.event.node).and_then(|fields| fields.get(&moment.field.node));
        let mut steps = Vec::new();
        if declared.is_some_and(|field| field.optional || field.later.is_some()) {
            let span = moment.field.span;
            let name = Expr { kind: ExprKind::Name(moment.field.node.clone()), span };
            steps.push(gate(Expr { kind: ExprKind::Is { expr: Box::new(name), known: true }, span }, span));
        }
        let span = expr.span;
        steps.push(step(Element::WaitUntil { moment: expr, otherwise: Some(WaitElse::Stop(span)) }, span));
        steps.extend(entry.trigger.filter.iter().map(|filter| gate(filter.clone(), filter.span)));
        steps.extend(entry.chain.steps.iter().cloned());
        Cow::Owned(steps)
    }

    /// The trigger on one line, without what [`steps_of`](Self::steps_of) makes steps.
    pub(super) fn text_of_trigger(&self, trigger: &ast::Trigger) -> String {
        let Some(RecordMoment { path, field, .. }) = RecordMoment::of(trigger) else {
            return self.one_line(trigger.span);
        };
        let event = &path.event.node;
        let alias = trigger.alias.as_ref().map_or_else(String::new, |alias| format!(" as {}", alias.node));
        format!("on {event} or {event}.{field}{alias}", field = field.node)
    }
}
