//! `exit`, `goal` and `upgrade`. In: settings as written. Out: checked settings; filters are checked in the scope of
//! every trigger of the funnel.

use super::trigger::CheckedTrigger;
use crate::check::checker::{Checker, unknown};
use crate::check::program::{Exit, Goal, Pattern, Upgrade};
use crate::check::scope::{ExprContext, Facts, Scope};
use crate::check::symbol::BuiltinKind;
use crate::check::types::{Typed, type_name};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Type;

/// An event from outside the run, under the name that refers to it in filters.
struct OutsideEvent<'o> {
    name: &'o str,
    event: &'o str,
    facts: &'o Facts,
}

impl Checker<'_> {
    /// One event of `exit on .. where ..`; the filter may also name what started the run.
    pub(super) fn exit(
        &mut self,
        event: &ast::Happening,
        filter: Option<&ast::Expr>,
        triggers: &[CheckedTrigger],
        span: Span,
    ) -> Option<Exit> {
        let (mut pattern, facts) = self.happening(event)?;
        let outside = OutsideEvent { name: &pattern.event, event: &pattern.event, facts: &facts };
        let filter = match filter {
            Some(filter) => self.in_each(triggers, &outside, |checker, scope| checker.condition(scope, filter))?,
            None => None,
        };
        let binding = pattern.event.clone();
        self.filtered(std::slice::from_mut(&mut pattern), filter.as_ref(), Some(&binding));
        Some(Exit { pattern, filter, text: self.one_line(span), span })
    }

    /// `goal on purchase where .. within 14d worth purchase.amount`
    pub(super) fn goal(
        &mut self,
        (events, filter): (&[ast::Happening], Option<&ast::Expr>),
        (within, worth): (Option<&ast::DurationLit>, Option<&ast::Expr>),
        triggers: &[CheckedTrigger],
        span: Span,
    ) -> Option<Goal> {
        let patterns: Vec<_> = events.iter().map(|event| self.happening(event)).collect();
        let patterns: Vec<(Pattern, Facts)> = patterns.into_iter().collect::<Option<_>>()?;
        let places: Vec<Span> = events.iter().map(ast::Happening::span).collect();
        self.all_about_client(&places, &patterns)?;
        let binding = self.event_binding(&patterns, None);
        let outside = OutsideEvent { name: &binding.name, event: &binding.event, facts: &binding.facts };
        let filter = match filter {
            Some(filter) => self.in_each(triggers, &outside, |checker, scope| checker.condition(scope, filter))?,
            None => None,
        };
        let worth = match worth {
            Some(worth) => self.in_each(triggers, &outside, |checker, scope| checker.worth(scope, worth))?,
            None => None,
        };
        let within = match within {
            Some(within) => Some(self.duration_in_zone(within)?),
            None => None,
        };
        let mut patterns: Vec<Pattern> = patterns.into_iter().map(|(pattern, _)| pattern).collect();
        self.filtered(&mut patterns, filter.as_ref(), Some(&binding.name));
        let worth = worth.map(|worth| worth.expr);
        Some(Goal { patterns, binding: binding.name, filter, within, worth, span })
    }

    /// An amount or a number. If it is missing, the worth of the goal is unknown.
    fn worth(&mut self, scope: &Scope, written: &ast::Expr) -> Option<Typed> {
        let typed = self.expr(scope, written)?;
        if matches!(typed.ty, Type::Money | Type::Number) {
            return Some(typed);
        }
        let message =
            say!("the value of a goal must be an amount or a number, found {what}", what = type_name(&typed.ty));
        let finding =
            Diagnostic::new(Code::TypeMismatch, written.span, message, say!("is {what}", what = type_name(&typed.ty)));
        self.fail(finding.help(say!("write `worth purchase.amount`, or `worth 1500 RUB`")))
    }

    /// Checks something in the scope of each trigger, with the outside event. Returns the result for the last trigger,
    /// `None` after an error, `Some(None)` without triggers.
    fn in_each<T>(
        &mut self,
        triggers: &[CheckedTrigger],
        outside: &OutsideEvent<'_>,
        mut check: impl FnMut(&mut Self, &Scope) -> Option<T>,
    ) -> Option<Option<T>> {
        let mut result = None;
        for trigger in triggers {
            let mut scope = Scope::empty(ExprContext::Setting);
            if outside.event != "client" {
                scope = scope.with(outside.name, outside.event, true);
            }
            scope.incomplete = trigger.scope.incomplete;
            scope.facts = outside.facts.clone();
            for bound in trigger.scope.bound.iter().filter(|bound| bound.name != outside.name) {
                scope = scope.with_bound(bound);
                scope.facts.extend(trigger.scope.facts.clone());
            }
            result = Some(check(self, &scope)?);
        }
        Some(result)
    }

    /// `upgrade migrate`
    pub(in crate::check) fn upgrade(&mut self, name: &ast::Name) -> Option<Upgrade> {
        if let Some((_, upgrade)) = Upgrade::NAMES.iter().find(|(known, _)| *known == name.node) {
            self.record_builtin(BuiltinKind::Choice, name);
            return Some(*upgrade);
        }
        let message = say!("unknown upgrade mode `{name}`", name = name.node);
        let known = Upgrade::NAMES.map(|(known, _)| known);
        let finding = unknown(Code::UnknownName, name.span, &name.node, message, known);
        self.fail(if finding.help.is_empty() {
            finding.help(say!("write `upgrade migrate`, `finish`, `restart` or `stop`"))
        } else {
            finding
        })
    }
}
