//! Steps. In: a step as written and what is known before it. Out: its element, and what is known after it.

mod call;
mod chain;
mod do_action;
mod emit;
mod goto;
mod if_;
mod invalidate;
mod loops;
mod match_;
mod parallel;
mod repeat;
mod send;
mod set;
mod split;
mod start;
mod task;
mod wait_duration;
mod wait_event;
mod wait_until;

pub(super) use chain::Path;
pub(super) use goto::{Jumps, Labels};
pub use set::can_be_set;

use crate::check::checker::Checker;
use crate::check::program::{Element, Step};
use crate::check::scope::{BoundEvent, Facts, Scope, join};
use crate::source::Span;
use crate::syntax::ast;
use std::sync::Arc;

/// A checked step and what it does to the chain it stands in.
#[derive(Debug)]
pub(super) struct Done {
    /// The step; `None` where it has a fault.
    pub(super) step: Option<Step>,
    /// What is known after it; `None` when every run ends in it.
    pub(super) end: Option<Facts>,
    /// What has a name after it that it had not before.
    binds: Option<BoundEvent>,
    /// Whether the step after it may be left out.
    skips: bool,
    /// Whether it holds the rest of the chain.
    took_rest: bool,
}

impl Checker<'_> {
    /// One step. A gate takes `rest`, the steps after it.
    pub(super) fn step(
        &mut self,
        scope: &Scope,
        labels: &mut Labels,
        step: &ast::Step,
        rest: &[ast::Step],
    ) -> Option<Done> {
        let label = self.label(labels, step.label.as_ref());
        let mut done = Done { step: None, end: Some(scope.facts.clone()), binds: None, skips: false, took_rest: false };
        let element = self.element(scope, labels, step, rest, &mut done);
        let made = |element| Step { label, element, text: self.head(step.head), span: step.head, whole: step.span };
        done.step = element.map(made);
        Some(done)
    }

    fn element(
        &mut self,
        scope: &Scope,
        labels: &mut Labels,
        step: &ast::Step,
        rest: &[ast::Step],
        done: &mut Done,
    ) -> Option<Element> {
        let span = step.head;
        if let (ast::Element::Emit { .. } | ast::Element::Start(_), Some(facts)) = (&step.element, &mut done.end) {
            // What others do about it happens at the same moment.
            facts.retain(|place| !place.is_exclusion());
        }
        match &step.element {
            ast::Element::If(written) => self.branch(scope, labels, written, Some(rest), span, done),
            ast::Element::WaitDuration { duration, at } => {
                done.end = Some(self.after_wait(scope, span).facts);
                self.wait(duration, at.as_ref(), span)
            }
            ast::Element::WaitUntil { moment, otherwise } => {
                self.wait_until(scope, labels, moment, otherwise.as_ref(), span, done)
            }
            ast::Element::Send(send) => {
                let checked = self.send(scope, send);
                let on_not_sent = self.on_not_sent(scope, labels, send.otherwise.as_ref(), span, done);
                if send.otherwise.is_none() && scope.sends_wait {
                    // It leaves when its turn comes, and the run goes on then.
                    done.end = Some(self.after_wait(scope, span).facts);
                }
                Some(Element::Send { send: Arc::new(checked?), on_not_sent })
            }
            ast::Element::Set { target, value } => self.set(scope, target, value, done),
            ast::Element::Tag(tag) => Some(Element::Tag { tag: self.text(scope, tag)?.expr, add: true }),
            ast::Element::Untag(tag) => Some(Element::Tag { tag: self.text(scope, tag)?.expr, add: false }),
            ast::Element::Stop => {
                done.end = None;
                Some(Element::Stop)
            }
            ast::Element::Match { subject, cases, otherwise } => {
                self.match_(scope, labels, subject, cases, otherwise.as_ref(), span, done)
            }
            ast::Element::Split { name, cases, otherwise } => {
                self.split(scope, labels, name.as_ref(), cases, otherwise.as_ref(), span, done)
            }
            ast::Element::Parallel { paths } => self.parallel(scope, labels, paths, span, done),
            ast::Element::Repeat { times, body } => self.repeat(scope, labels, times, body, done),
            ast::Element::Task { text, assignee, due } => self.task(scope, text, assignee.as_ref(), due.as_ref()),
            ast::Element::Emit { event, data } => self.emit(scope, event, data.as_ref(), span),
            ast::Element::Start(funnel) => self.start(scope, funnel),
            ast::Element::WaitEvent(wait) => self.wait_event(scope, labels, wait, span, done),
            ast::Element::Call { url, body, otherwise } => {
                let call = self.call(scope, url, body.as_ref());
                let failed = self.on_not_sent(scope, labels, otherwise.as_ref(), span, done);
                Some(Element::Call { call: call?, on_failed: failed })
            }
            ast::Element::Do { action, args, otherwise } => {
                let call = self.do_action(scope, action, args, span);
                let failed = self.on_not_sent(scope, labels, otherwise.as_ref(), span, done);
                Some(Element::Call { call: call?, on_failed: failed })
            }
            ast::Element::Goto(to) => {
                let jump = self.goto(scope, labels, to, step.label.as_ref());
                // Where one was meant to lead that leads nowhere cannot be said, so what follows counts as reached.
                done.end = done.end.take().filter(|_| jump.is_none());
                jump
            }
            ast::Element::Error => self.poison(),
        }
    }

    /// The `else` of what goes out; `None` when none is written.
    fn on_not_sent(
        &mut self,
        scope: &Scope,
        labels: &mut Labels,
        otherwise: Option<&ast::Block>,
        span: Span,
        done: &mut Done,
    ) -> Option<Vec<Step>> {
        // Only with an `else` the run waits for what becomes of it.
        let after = self.after_wait(scope, otherwise.map(|_| span)?);
        let path = self.block(&after, labels, otherwise);
        done.end = join(Some(after.facts), path.end);
        Some(path.steps)
    }
}
