//! `wait for`. In: the wait as written. Out: what is waited for and until when, the two paths, and the name that what
//! came has in what follows.

use super::Done;
use super::goto::Labels;
use crate::check::checker::Checker;
use crate::check::event::EventBinding;
use crate::check::program::{Arithmetic, Change, Element, Expr, Source, UpTo, WaitEvent};
use crate::check::scope::{BoundEvent, ExprContext, Fact, Scope, join, when_true};
use crate::check::types::a;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Type, Value};
use std::sync::Arc;

impl Checker<'_> {
    /// `wait for booking as b where .. up to 3d { .. } else { .. }`
    pub(super) fn wait_event(
        &mut self,
        scope: &Scope,
        labels: &mut Labels,
        written: &ast::WaitEvent,
        span: Span,
        done: &mut Done,
    ) -> Option<Element> {
        let up_to = written.up_to.as_ref().map(|up_to| self.deadline_of(scope, up_to));
        let scope = &self.after_wait(scope, span);
        let patterns: Vec<_> = written.events.iter().map(|event| self.pattern(event)).collect();
        let patterns = patterns.into_iter().collect::<Option<Vec<_>>>().filter(|patterns| !patterns.is_empty());
        let one_kind = patterns.as_ref().and_then(|patterns| self.all_about_client(&written.events, patterns));
        let patterns = patterns.filter(|_| one_kind.is_some());
        if let (Some(true), Some(alias)) = (one_kind, &written.alias) {
            let finding = self.nothing_to_name(alias);
            self.report(finding);
        }
        let awaited = patterns.as_ref().map(|patterns| self.event_binding(patterns, written.alias.as_ref()));
        self.new_name(scope, written.alias.as_ref());
        let (inside, filter) = self.on_arrival(scope, written, awaited.as_ref());
        if let (Some(expr), Some(Some(checked)), Some([(pattern, _)])) = (&written.filter, &filter, patterns.as_deref())
            && pattern.change == Change::Created
        {
            self.asked_too_early(expr, checked, &pattern.event, written.alias.as_ref(), "wait for");
        }
        let on_event = self.block(&inside, labels, written.then.as_ref());
        let on_timeout = self.block(scope, labels, written.otherwise.as_ref());
        if let (Some(block), None) = (&written.otherwise, &up_to) {
            self.never_missed(block.span);
        }
        let missed_end = on_timeout.end.filter(|_| up_to.is_some());
        if let (Some(alias), Some(awaited), None) = (&written.alias, &awaited, &missed_end) {
            done.binds = Some(BoundEvent {
                name: alias.node.clone(),
                event: awaited.event.clone(),
                bare: false,
                declared: vec![alias.span],
            });
        }
        done.end = join(on_event.end, missed_end);
        let up_to = match up_to {
            Some(up_to) => Some(up_to?),
            None => None,
        };
        let several =
            |awaited: &EventBinding| self.joined_events.contains_key(&awaited.event) && written.filter.is_some();
        let hidden = awaited.as_ref().filter(|awaited| several(awaited)).map(|awaited| awaited.name.clone());
        let filter = match filter {
            Some(filter) => Some(filter?),
            None => None,
        };
        let patterns = patterns?.into_iter().map(|(pattern, _)| pattern).collect();
        let binding = written.alias.as_ref().map(|alias| alias.node.clone()).or(hidden);
        Some(Element::WaitEvent {
            wait: Arc::new(WaitEvent { patterns, binding, filter, up_to }),
            on_event: on_event.steps,
            on_timeout: on_timeout.steps,
        })
    }

    /// What is known when the event has come, and the checked `where`.
    fn on_arrival(
        &mut self,
        scope: &Scope,
        written: &ast::WaitEvent,
        awaited: Option<&EventBinding>,
    ) -> (Scope, Option<Option<Expr>>) {
        let Some(awaited) = awaited else {
            // Nobody knows what comes, so nothing that is said about it is wrong.
            let open = Scope { incomplete: true, assume_known: true, ..scope.clone() };
            return (open, written.filter.as_ref().map(|_| None));
        };
        let of_client = awaited.event == "client";
        let own = if of_client { Source::Client } else { Source::Event(awaited.name.clone()) };
        let is_own =
            |place: &Fact| matches!(place, Fact::Known(source, _) | Fact::Excluded(source, ..) if *source == own);
        let others = scope.facts.iter().filter(|place| !is_own(place)).cloned();
        let mut asked = Scope::empty(ExprContext::Chain);
        if !of_client {
            let alias = written.alias.as_ref().map(|alias| alias.span);
            asked = asked.with(&awaited.name, &awaited.event, true).named_at(alias);
        }
        asked.facts = others.clone().chain(awaited.facts.clone()).collect();
        (asked.incomplete, asked.assume_known) = (scope.incomplete, scope.assume_known);
        for bound in scope.bound.iter().filter(|bound| bound.name != awaited.name) {
            asked = asked.with_bound(bound);
        }
        let filter = written.filter.as_ref().map(|filter| self.condition(&asked, filter));
        let mut inside = scope.clone();
        let mut told = awaited.facts.clone();
        match &filter {
            Some(Some(filter)) => told.extend(when_true(filter)),
            Some(None) => inside.assume_known = true,
            None => {}
        }
        if let Some(alias) = &written.alias {
            inside.facts = others.chain(told).collect();
            inside = inside.with(&alias.node, &awaited.event, false).named_at([alias.span]);
        } else {
            inside.facts.extend(told.into_iter().filter(|place| !is_own(place)));
        }
        (inside, filter)
    }

    /// Whether the name after `as` is free.
    fn new_name(&mut self, scope: &Scope, alias: Option<&ast::Name>) {
        self.alias(alias);
        if let Some(alias) = alias
            && scope.bound.iter().any(|bound| bound.name == alias.node)
        {
            let message = say!("`{alias}` is something else here already", alias = alias.node);
            let finding = Diagnostic::new(Code::Duplicate, alias.span, message, say!("taken already"));
            self.report(finding.help(say!("give what is waited for another name")));
        }
    }

    /// `up to 3d`, `up to booking.starts_at`
    fn deadline_of(&mut self, scope: &Scope, written: &ast::Expr) -> Option<UpTo> {
        let typed = self.value(scope, written)?;
        match (&typed.ty, typed.expr) {
            (Type::Duration, Expr::Value(Value::Duration(duration))) => {
                if duration.is_calendar() {
                    self.needs_zone(written.span, say!("a step of days or months"));
                }
                Some(UpTo::Duration(duration))
            }
            (Type::Duration, expr) => {
                self.needs_zone(written.span, say!("a step of days or months"));
                Some(UpTo::Moment(Expr::Arithmetic(Arithmetic::Add, Box::new(Expr::Now), Box::new(expr))))
            }
            (Type::DateTime, expr) => Some(UpTo::Moment(expr)),
            (Type::Date, expr) => {
                self.needs_zone(written.span, say!("the midnight of a day"));
                Some(UpTo::Moment(expr))
            }
            (ty, _) => {
                let message = say!("`up to` takes a duration or a moment, and this is {what}", what = a(ty));
                let finding =
                    Diagnostic::new(Code::TypeMismatch, written.span, message, say!("is {what}", what = a(ty)));
                let written = self.slice(written.span);
                self.fail(match ty {
                    Type::Time => finding.help(say!("say the day: `up to tomorrow {written}`", written)),
                    _ => finding.help(say!("write `up to 3d`, or a field such as `booking.starts_at`")),
                })
            }
        }
    }

    fn never_missed(&mut self, span: Span) {
        let message = say!("nothing comes here, as this wait has no end");
        let finding = Diagnostic::new(Code::Unreachable, span, message, say!("never reached"));
        self.report(finding.help(say!("say how long to wait: `wait for .. up to 3d {{ .. }} else {{ .. }}`")));
    }
}
