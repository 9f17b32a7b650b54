//! `wait for`. In: the wait as written. Out: the events and the deadline, both paths, and the event that is in scope
//! after the wait.

use super::{At, CheckedElement, Flow, Labels, Path};
use crate::check::checker::Checker;
use crate::check::event::EventBinding;
use crate::check::program::{Arithmetic, Change, Element, Expr, Pattern, Source, Step, UpTo, WaitEvent};
use crate::check::scope::{Awaited, BoundEvent, ExprContext, Fact, Facts, Scope, join, when_true};
use crate::check::types::type_name;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Type, Value};
use std::sync::Arc;

impl Checker<'_> {
    /// `wait for booking as b where .. up to 3d { .. } else { .. }`
    pub(super) fn wait_event(&mut self, at: At<'_>, written: &ast::WaitEvent) -> CheckedElement {
        let up_to = written.up_to.as_ref().map(|up_to| self.deadline_of(at.scope, up_to));
        let scope = &self.after_wait(at.scope, at.head);
        let patterns = self.awaited_patterns(written, at.labels);
        let binding = patterns.as_ref().map(|patterns| self.event_binding(patterns, written.alias.as_ref()));
        self.new_name(scope, written.alias.as_ref());
        let (inside, filter) = self.on_arrival(scope, written, binding.as_ref());
        if let (Some(expr), Some(Some(checked)), Some([(pattern, _)])) = (&written.filter, &filter, patterns.as_deref())
            && pattern.change == Change::Created
        {
            self.asked_too_early(expr, checked, &pattern.event, written.alias.as_ref(), "wait for");
        }
        let on_event = self.block(&inside, at.labels, written.then.as_ref());
        let on_timeout = match &written.otherwise {
            None | Some(ast::WaitElse::Skip(_)) => self.block(scope, at.labels, None),
            Some(ast::WaitElse::Stop(span)) => stopped(*span),
            Some(ast::WaitElse::Block(block)) => self.block(scope, at.labels, Some(block)),
        };
        if let (Some(otherwise), None) = (&written.otherwise, &up_to) {
            self.never_missed(otherwise.span());
        }
        let skips = up_to.is_some() && matches!(written.otherwise, Some(ast::WaitElse::Skip(_)));
        let (timeout_end, skipped) = match on_timeout.end.filter(|_| up_to.is_some()) {
            end if skips => (None, end),
            end => (end, None),
        };
        let binds = match (&written.alias, &binding, &timeout_end) {
            (Some(alias), Some(binding), None) => Some(BoundEvent {
                name: alias.node.clone(),
                event: binding.event.clone(),
                bare: false,
                declared: vec![alias.span],
            }),
            (Some(_) | None, Some(_) | None, Some(_) | None) => None,
        };
        let awaited = binding.as_ref().filter(|_| binds.is_none());
        let awaited = awaited.and_then(|binding| awaited_without_name(written, &binding.event, timeout_end.is_none()));
        let flow = Flow { binds, awaited, skips: skipped, ..Flow::to(join(on_event.end, timeout_end)) };
        let patterns = patterns.map(|patterns| {
            let mut patterns: Vec<Pattern> = patterns.into_iter().map(|(pattern, _)| pattern).collect();
            let filter = filter.as_ref().and_then(Option::as_ref);
            self.filtered(&mut patterns, filter, binding.as_ref().map(|binding| binding.name.as_str()));
            patterns
        });
        let wait = (!matches!(up_to, Some(None)) && !matches!(filter, Some(None))).then_some(patterns).flatten().map(
            |patterns| WaitEvent {
                patterns,
                binding: self.binding_name(written, binding),
                filter: filter.flatten(),
                up_to: up_to.flatten(),
            },
        );
        let element = wait.map(|wait| Element::WaitEvent {
            wait: Arc::new(wait),
            on_event: on_event.steps,
            on_timeout: on_timeout.steps,
            skips,
        });
        (element, flow)
    }

    /// What is waited for, with what is known of each event; `None` if any of it is wrong.
    fn awaited_patterns(&mut self, written: &ast::WaitEvent, labels: &Labels) -> Option<Vec<(Pattern, Facts)>> {
        let patterns: Vec<_> = written.events.iter().map(|event| self.awaited(event, labels)).collect();
        let patterns = patterns.into_iter().collect::<Option<Vec<_>>>().filter(|patterns| !patterns.is_empty())?;
        let places: Vec<Span> = written.events.iter().map(ast::Happening::span).collect();
        let about_client = self.all_about_client(&places, &patterns)?;
        if let (true, Some(alias)) = (about_client, &written.alias) {
            let finding = self.nothing_to_name(alias);
            self.report(finding);
        }
        Some(patterns)
    }

    /// The name of the event in the filter and in what follows. Several events without an alias need one for the
    /// filter.
    fn binding_name(&self, written: &ast::WaitEvent, binding: Option<EventBinding>) -> Option<String> {
        if let Some(alias) = &written.alias {
            return Some(alias.node.clone());
        }
        let needs_name =
            |binding: &EventBinding| self.joined_events.contains_key(&binding.event) && written.filter.is_some();
        binding.filter(needs_name).map(|binding| binding.name)
    }

    /// What is known once the event has arrived, and the checked `where`.
    fn on_arrival(
        &mut self,
        scope: &Scope,
        written: &ast::WaitEvent,
        binding: Option<&EventBinding>,
    ) -> (Scope, Option<Option<Expr>>) {
        let Some(binding) = binding else {
            // The event has an error. Errors that follow from it are not reported.
            let unknown = Scope { incomplete: true, assume_known: true, ..scope.clone() };
            return (unknown, written.filter.as_ref().map(|_| None));
        };
        let of_client = binding.event == "client";
        let own = if of_client { Source::Client } else { Source::Event(binding.name.clone()) };
        let is_own =
            |fact: &Fact| matches!(fact, Fact::Known(source, _) | Fact::Excluded(source, ..) if *source == own);
        let others = scope.facts.iter().filter(|fact| !is_own(fact)).cloned();
        let mut in_filter = Scope::empty(ExprContext::Chain);
        if !of_client {
            let alias = written.alias.as_ref().map(|alias| alias.span);
            in_filter = in_filter.with(&binding.name, &binding.event, true).named_at(alias);
        }
        in_filter.facts = others.clone().chain(binding.facts.clone()).collect();
        (in_filter.incomplete, in_filter.assume_known) = (scope.incomplete, scope.assume_known);
        for bound in scope.bound.iter().filter(|bound| bound.name != binding.name) {
            in_filter = in_filter.with_bound(bound);
        }
        let filter = written.filter.as_ref().map(|filter| self.condition(&in_filter, filter));
        let mut inside = scope.clone();
        let mut facts = binding.facts.clone();
        match &filter {
            Some(Some(filter)) => facts.extend(when_true(filter)),
            Some(None) => inside.assume_known = true,
            None => {}
        }
        inside.after_awaiting(awaited_without_name(written, &binding.event, true).filter(|_| written.alias.is_none()));
        if let Some(alias) = &written.alias {
            inside.facts = others.chain(facts).collect();
            inside = inside.with(&alias.node, &binding.event, false).named_at([alias.span]);
        } else {
            inside.facts.extend(facts.into_iter().filter(|fact| of_client || !is_own(fact)));
        }
        (inside, filter)
    }

    /// Checks that the name after `as` is not taken.
    fn new_name(&mut self, scope: &Scope, alias: Option<&ast::Name>) {
        self.alias(alias);
        if let Some(alias) = alias
            && let Some(taken) = scope.bound.iter().find(|bound| bound.name == alias.node)
        {
            let message = say!("the name `{alias}` is already in use", alias = alias.node);
            let mut finding = Diagnostic::new(Code::Duplicate, alias.span, message, say!("already in use"));
            for first in &taken.declared {
                finding = finding.related(*first, say!("first defined here"));
            }
            self.report(finding.help(say!("use a different name for the awaited event")));
        }
    }

    /// `up to 3d`, `up to booking.starts_at`
    fn deadline_of(&mut self, scope: &Scope, written: &ast::Expr) -> Option<UpTo> {
        let typed = self.value(scope, written)?;
        match (&typed.ty, typed.expr) {
            (Type::Duration, Expr::Value(Value::Duration(duration))) => {
                if duration.is_calendar() {
                    self.needs_zone(written.span, say!("a duration in days or months"));
                }
                Some(UpTo::Duration(duration))
            }
            (Type::Duration, expr) => {
                self.needs_zone(written.span, say!("a duration in days or months"));
                Some(UpTo::Moment(Expr::Arithmetic(Arithmetic::Add, Box::new(Expr::Now), Box::new(expr))))
            }
            (Type::DateTime, expr) => Some(UpTo::Moment(expr)),
            (Type::Date, expr) => {
                self.reject_first_day(&expr, written.span)?;
                self.needs_zone(written.span, say!("the start of a day"));
                Some(UpTo::Moment(expr))
            }
            (ty, _) => {
                let message = say!("`up to` expects a duration or a moment, found {what}", what = type_name(ty));
                let finding =
                    Diagnostic::new(Code::TypeMismatch, written.span, message, say!("is {what}", what = type_name(ty)));
                let written = self.slice(written.span);
                self.fail(match ty {
                    Type::Time => finding.help(say!("add a day: `up to tomorrow {written}`", written)),
                    _ => finding.help(say!("write `up to 3d`, or a field such as `booking.starts_at`")),
                })
            }
        }
    }

    /// Warns about an `else` of a wait that never times out.
    fn never_missed(&mut self, span: Span) {
        let message = say!("unreachable: this wait has no time limit");
        let finding = Diagnostic::new(Code::Unreachable, span, message, say!("never reached"));
        self.report(finding.help(say!("add a time limit: `wait for .. up to 3d {{ .. }} else {{ .. }}`")));
    }
}

/// The path of `else stop`.
fn stopped(span: Span) -> Path {
    let stop = Step { label: None, element: Element::Stop, text: "stop".to_owned(), span, whole: span };
    Path { steps: vec![stop], end: None }
}

/// The single event of a wait, where it has no name.
fn awaited_without_name(written: &ast::WaitEvent, event: &str, certain: bool) -> Option<Awaited> {
    let [awaited] = written.events.as_slice() else { return None };
    let alias = written.alias.as_ref().map(|alias| alias.node.clone());
    (event != "client").then(|| Awaited { event: event.to_owned(), alias, span: awaited.span(), certain })
}
