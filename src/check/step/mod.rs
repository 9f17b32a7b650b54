//! Steps. In: a step as written, and what is known before it. Out: the checked step, and how the run continues after it.

mod answer;
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
mod read_answer;
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
use crate::check::program::{Call, Element, Step};
use crate::check::scope::{Awaited, BoundEvent, Facts, Scope, join};
use crate::source::Span;
use crate::syntax::ast;
use std::sync::Arc;

/// The context of a step: what is known before it, the labels of its funnel, and its head in the source.
struct At<'a> {
    scope: &'a Scope,
    labels: &'a mut Labels,
    head: Span,
}

/// A checked step.
struct StepResult {
    /// The step; `None` if it has an error, which is reported by then.
    step: Option<Step>,
    /// How the run continues. It is known even where the step has an error, so that what follows is checked as well.
    flow: Flow,
}

/// How a run continues after a step.
struct Flow {
    /// What is known after the step; `None` if every run ends in it.
    end: Option<Facts>,
    /// The event that is in scope from here on.
    binds: Option<BoundEvent>,
    /// The event that was waited for and has no name from here on.
    awaited: Option<Awaited>,
    /// What is known if the step skips the next one; `None` if it does not.
    skips: Option<Facts>,
    /// Whether the step contains the rest of its chain.
    took_rest: bool,
    /// Whether what it brings into scope has an error, so that its name is not reported again.
    unclear: bool,
}

impl Flow {
    /// Continues with the next step, or ends.
    fn to(end: Option<Facts>) -> Self {
        Self { end, binds: None, awaited: None, skips: None, took_rest: false, unclear: false }
    }

    /// Continues with what was known before the step.
    fn on(scope: &Scope) -> Self {
        Self::to(Some(scope.facts.clone()))
    }
}

/// What a step does, and how the run continues after it; the element is `None` if it has an error.
type CheckedElement = (Option<Element>, Flow);

impl Checker<'_> {
    /// Checks one step. An `if` without a block takes `rest`, the steps after it.
    fn step(&mut self, scope: &Scope, labels: &mut Labels, step: &ast::Step, rest: &[ast::Step]) -> StepResult {
        let label = self.label(labels, step.label.as_ref());
        let (element, flow) = self.element(At { scope, labels, head: step.head }, step, rest);
        let text = self.text_of(step);
        let step = element.map(|element| Step { label, element, text, span: step.head, whole: step.span });
        StepResult { step, flow }
    }

    /// A step on one line. The steps of a trigger such as `on booking.starts_at - 2h where paid` have its words, but not
    /// their own.
    fn text_of(&self, step: &ast::Step) -> String {
        let text = self.one_line(step.head);
        match &step.element {
            ast::Element::WaitUntil { .. } if !text.starts_with("wait") => format!("wait until {text} else stop"),
            ast::Element::If(written) if written.condition.span == step.head => match &written.condition.kind {
                ast::ExprKind::Is { expr, .. } if expr.span == step.head => format!("if {text} is known"),
                _ => format!("if {text}"),
            },
            _ => text,
        }
    }

    fn element(&mut self, at: At<'_>, step: &ast::Step, rest: &[ast::Step]) -> CheckedElement {
        let (scope, head) = (at.scope, at.head);
        match &step.element {
            ast::Element::If(written) => self.if_(at, written, Some(rest)),
            ast::Element::Match { subject, cases, otherwise } => self.match_(at, subject, cases, otherwise.as_ref()),
            ast::Element::Split { name, cases, otherwise } => self.split(at, name.as_ref(), cases, otherwise.as_ref()),
            ast::Element::Parallel { paths } => self.parallel(at, paths),
            ast::Element::Repeat { times, body } => self.repeat(at, times, body),
            ast::Element::WaitDuration { duration, at: time } => self.wait_duration(at, duration, time.as_ref()),
            ast::Element::WaitUntil { moment, otherwise } => self.wait_until(at, moment, otherwise.as_ref()),
            ast::Element::WaitEvent(wait) => self.wait_event(at, wait),
            ast::Element::Send(send) => self.send_step(at, send),
            ast::Element::Call { url, body, answer, otherwise } => {
                let call = self.call(scope, url, body.as_ref());
                self.call_step(at, call, answer.as_ref(), otherwise.as_ref())
            }
            ast::Element::Do { action, args, answer, otherwise } => {
                let call = self.do_action(scope, action, args, head);
                self.call_step(at, call, answer.as_ref(), otherwise.as_ref())
            }
            ast::Element::Set { target, op, value } => self.set(scope, target, *op, value),
            ast::Element::Tag(tag) => (self.tag(scope, tag, true), Flow::on(scope)),
            ast::Element::Untag(tag) => (self.tag(scope, tag, false), Flow::on(scope)),
            ast::Element::Task { text, assignee, due } => {
                (self.task(scope, text, assignee.as_ref(), due.as_ref()), Flow::on(scope))
            }
            ast::Element::Emit { event, data } => {
                (self.emit(scope, event, data.as_ref(), head), after_reactions(scope))
            }
            ast::Element::Start(funnel) => (self.start(scope, funnel), after_reactions(scope)),
            ast::Element::StopFunnel(funnel) => (self.stop_funnel(funnel), after_reactions(scope)),
            ast::Element::Goto(to) => self.goto(at, to, step.label.as_ref()),
            ast::Element::Stop => (Some(Element::Stop), Flow::to(None)),
            ast::Element::Error => (self.poison(), Flow::on(scope)),
        }
    }

    fn send_step(&mut self, at: At<'_>, send: &ast::Send) -> CheckedElement {
        let (scope, head) = (at.scope, at.head);
        let checked = self.send(scope, send);
        let (on_not_sent, flow) = self.failure_path(at, send.otherwise.as_ref());
        let flow = if send.otherwise.is_none() && scope.sends_wait {
            // The message is sent when it is due, and the run continues then.
            Flow::to(Some(self.after_wait(scope, head).facts))
        } else {
            flow
        };
        (checked.map(|send| Element::Send { send: Arc::new(send), on_not_sent }), flow)
    }

    fn call_step(
        &mut self,
        at: At<'_>,
        call: Option<Call>,
        answer: Option<&ast::Name>,
        otherwise: Option<&ast::Block>,
    ) -> CheckedElement {
        if let Some(answer) = answer {
            return self.read_answer(at, call, answer, otherwise);
        }
        let (on_failed, flow) = self.failure_path(at, otherwise);
        (call.map(|call| Element::Call { call, on_failed }), flow)
    }

    /// The `else` path of a send or a call; `None` if there is no `else`.
    fn failure_path(&mut self, at: At<'_>, otherwise: Option<&ast::Block>) -> (Option<Vec<Step>>, Flow) {
        let Some(block) = otherwise else { return (None, Flow::on(at.scope)) };
        // The run waits for the outcome only if there is an `else`.
        let after = self.after_wait(at.scope, at.head);
        let path = self.block(&after, at.labels, Some(block));
        (Some(path.steps), Flow::to(join(Some(after.facts), path.end)))
    }

    fn tag(&mut self, scope: &Scope, tag: &ast::Text, add: bool) -> Option<Element> {
        Some(Element::Tag { tag: self.text(scope, tag)?.expr, add })
    }
}

/// The flow after something that other runs react to at the same moment: they may change values.
fn after_reactions(scope: &Scope) -> Flow {
    let mut facts = scope.facts.clone();
    facts.retain(|fact| !fact.is_exclusion());
    Flow::to(Some(facts))
}
