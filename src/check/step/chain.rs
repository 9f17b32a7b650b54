//! Chains. In: steps in order. Out: checked steps, and what is known after them.

use super::StepResult;
use super::goto::Labels;
use crate::check::checker::{Checker, duplicate};
use crate::check::program::{END, NEXT, Step};
use crate::check::scope::{Facts, Scope, join};
use crate::check::symbol::Role;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::syntax::ast;
use std::sync::Arc;

/// A checked path.
#[derive(Debug, Default)]
pub(in crate::check) struct Path {
    /// Its steps.
    pub(in crate::check) steps: Vec<Step>,
    /// What is known at its end; `None` if it is unreachable.
    pub(in crate::check) end: Option<Facts>,
}

impl Checker<'_> {
    /// Checks a chain, starting with what `scope` knows.
    pub(in crate::check) fn chain(&mut self, scope: &Scope, labels: &mut Labels, steps: &[ast::Step]) -> Path {
        let assume_known = scope.assume_known;
        let mut scope = scope.clone();
        let mut path = Path::default();
        // What is known at each `goto next`.
        let mut left: Option<Facts> = None;
        // What is known if `else skip` skipped the step before.
        let mut skipped: Option<Facts> = None;
        // Whether the last name in scope is that of an event without which `else skip` skips the next step.
        let mut for_next_only = false;
        for (at, step) in steps.iter().enumerate() {
            labels.jumps.merge_arrivals(&mut scope, step, assume_known);
            let rest = steps.get(at + 1..).unwrap_or_default();
            if !scope.unreachable && matches!(&step.element, ast::Element::Goto(to) if to.node == NEXT) {
                left = join(left, Some(scope.facts.clone()));
            }
            self.record_scope(step.span, &scope);
            let StepResult { step: checked, flow } = self.step(&scope, labels, step, rest);
            let left_out = skipped.take();
            if std::mem::take(&mut for_next_only) {
                Arc::make_mut(&mut scope.bound).pop();
            }
            skipped = flow.skips;
            scope.after_awaiting(flow.awaited);
            scope.incomplete |= flow.unclear;
            path.steps.extend(checked);
            if flow.took_rest {
                path.end = join(join(flow.end, left_out), left);
                return path;
            }
            let binds = flow.binds.filter(|_| left_out.is_none());
            match join(flow.end, left_out) {
                Some(facts) => {
                    scope.facts = facts;
                    if let Some(binds) = binds {
                        Arc::make_mut(&mut scope.bound).push(binds);
                        for_next_only = skipped.is_some();
                    }
                }
                None if scope.unreachable => {}
                None => {
                    // Unreachable steps are still checked, but nothing has to be known there.
                    (scope.unreachable, scope.assume_known) = (true, true);
                    self.unreachable(labels, step, rest);
                }
            }
        }
        self.record_scope_after(steps, &scope);
        path.steps.shrink_to_fit();
        path.end = join((!scope.unreachable).then_some(scope.facts), left);
        path
    }

    /// Records what is in scope after the last of some steps.
    fn record_scope_after(&mut self, steps: &[ast::Step], scope: &Scope) {
        if let Some(last) = steps.last() {
            self.record_scope(last.span.after(), scope);
        }
    }

    /// Checks a path of its own: `goto end` in it leads to its end.
    pub(in crate::check) fn closed_path(&mut self, scope: &Scope, labels: &mut Labels, steps: &[ast::Step]) -> Path {
        let outside = labels.end.take();
        let mut path = self.chain(scope, labels, steps);
        path.end = join(path.end, std::mem::replace(&mut labels.end, outside));
        path
    }

    /// Checks a block; without one the path is empty.
    pub(super) fn block(&mut self, scope: &Scope, labels: &mut Labels, block: Option<&ast::Block>) -> Path {
        match block {
            Some(block) => self.chain(scope, labels, &block.chain.steps),
            None => Path { steps: Vec::new(), end: Some(scope.facts.clone()) },
        }
    }

    /// Declares the label of a step.
    pub(in crate::check) fn label(&mut self, labels: &mut Labels, label: Option<&ast::Name>) -> Option<String> {
        let label = label?;
        self.record_label(label, Role::Declares);
        if [NEXT, END].contains(&label.node.as_str()) {
            let message = say!("`{label}` is a reserved name", label = label.node);
            let finding = Diagnostic::new(Code::Duplicate, label.span, message, say!("already in use"));
            self.report(finding.help(say!("use a different label")));
        }
        match labels.elements.get(&label.node) {
            Some(first) => self.report(duplicate(say!("label"), label, *first)),
            None => {
                labels.elements.insert(label.node.clone(), label.span);
            }
        }
        Some(label.node.clone())
    }

    fn unreachable(&mut self, labels: &Labels, last: &ast::Step, rest: &[ast::Step]) {
        let reached = rest.iter().position(|step| labels.jumps.reach_into(step));
        let rest = rest.get(..reached.unwrap_or(rest.len())).unwrap_or_default();
        let (Some(first), Some(end)) = (rest.first(), rest.last()) else { return };
        let span = first.span.to(end.span);
        let finding = Diagnostic::new(Code::Unreachable, span, say!("this is unreachable"), say!("never reached"))
            .related(last.head, say!("every run ends here"))
            .help(say!("remove it, or move it before the end"));
        self.report(finding);
    }
}
