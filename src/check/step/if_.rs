//! `if`. In: the condition and its branches as written. Out: the checked condition and both paths.

use super::chain::Path;
use super::{At, CheckedElement, Flow};
use crate::check::checker::Checker;
use crate::check::program::{Element, Step};
use crate::check::scope::{join, when_false, when_true};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;

/// How deep conditions may nest; an `if` without a block contains the rest of its chain.
const MAX_DEPTH: usize = 100;

impl Checker<'_> {
    /// `if c { .. } else { .. }`, or `if c -> ..` over `rest`; an `else if` has no `rest`.
    pub(super) fn if_(&mut self, at: At<'_>, written: &ast::If, rest: Option<&[ast::Step]>) -> CheckedElement {
        if self.depth == MAX_DEPTH {
            let message = say!("more than {most} nested conditions", most = MAX_DEPTH);
            let finding = Diagnostic::new(Code::NestedTooDeep, at.head, message, say!("exceeds the limit"));
            self.report(finding.help(say!("combine conditions with `and`, or split the funnel in two")));
            return (None, Flow { took_rest: true, ..Flow::on(at.scope) });
        }
        self.depth += 1;
        let checked = self.nested_if(at, written, rest);
        self.depth -= 1;
        checked
    }

    fn nested_if(&mut self, at: At<'_>, written: &ast::If, rest: Option<&[ast::Step]>) -> CheckedElement {
        let condition = self.condition(at.scope, &written.condition);
        let scope = &self.after_condition(at.scope, condition.as_ref(), at.head);
        let inside = self.narrowed_by(scope, &written.condition, condition.as_ref().map(when_true));
        let outside = self.narrowed_by(scope, &written.condition, condition.as_ref().map(when_false));
        let (then, took_rest) = match (&written.then, rest) {
            (Some(block), _) => (self.chain(&inside, at.labels, &block.chain.steps), false),
            (None, Some(rest)) => {
                let damaged = matches!(written.condition.kind, ast::ExprKind::Error);
                if rest.is_empty() && !damaged {
                    self.report_empty_if(at.head);
                }
                (self.chain(&inside, at.labels, rest), true)
            }
            (None, None) => {
                let finding = Diagnostic::new(
                    Code::NothingToDo,
                    at.head,
                    say!("missing block after `else if`"),
                    say!("missing block"),
                );
                self.report(finding.help(say!("write `else if .. {{ .. }}`")));
                (Path::default(), false)
            }
        };
        let otherwise = match &written.otherwise {
            Some(ast::Otherwise::Block(block)) => self.chain(&outside, at.labels, &block.chain.steps),
            Some(ast::Otherwise::If(inner, span)) => {
                let head = Span { end: inner.condition.span.end, ..*span };
                self.else_if(At { scope: &outside, labels: at.labels, head }, inner, *span)
            }
            None => self.block(&outside, at.labels, None),
        };
        let flow = Flow { took_rest, ..Flow::to(join(then.end, otherwise.end)) };
        let (then, otherwise) = (then.steps, otherwise.steps);
        (condition.map(|condition| Element::If { condition, then, otherwise }), flow)
    }

    fn report_empty_if(&mut self, head: Span) {
        let finding = Diagnostic::new(Code::NothingToDo, head, say!("this `if` has no steps"), say!("has no effect"));
        self.report(finding.help(say!("add a step: `if .. -> send sms`")));
    }

    fn else_if(&mut self, at: At<'_>, written: &ast::If, span: Span) -> Path {
        let head = at.head;
        let (element, flow) = self.if_(at, written, None);
        let text = self.one_line(head);
        let step = element.map(|element| Step { label: None, element, text, span: head, whole: span });
        Path { steps: step.into_iter().collect(), end: flow.end }
    }
}
