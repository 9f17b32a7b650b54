//! `if`. In: the branches as written. Out: the checked condition and both paths.

use super::Done;
use super::chain::Path;
use super::goto::Labels;
use crate::check::checker::Checker;
use crate::check::program::{Element, Step};
use crate::check::scope::{Scope, join, when_false, when_true};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;

/// How many conditions may stand one inside another; a gate holds the rest of its chain.
const MAX_DEPTH: usize = 100;

impl Checker<'_> {
    /// `if c { .. } else { .. }`, or a gate over `rest`; an `else if` has no rest to take.
    pub(super) fn branch(
        &mut self,
        scope: &Scope,
        labels: &mut Labels,
        written: &ast::If,
        rest: Option<&[ast::Step]>,
        head: Span,
        done: &mut Done,
    ) -> Option<Element> {
        if self.depth == MAX_DEPTH {
            done.took_rest = true;
            let message = say!("more than {most} conditions stand one inside another", most = MAX_DEPTH);
            let finding = Diagnostic::new(Code::NestedTooDeep, head, message, say!("one too many"));
            return self.fail(finding.help(say!("join conditions with `and`, or split the funnel in two")));
        }
        self.depth += 1;
        let element = self.shallow_branch(scope, labels, written, rest, head, done);
        self.depth -= 1;
        element
    }

    fn shallow_branch(
        &mut self,
        scope: &Scope,
        labels: &mut Labels,
        written: &ast::If,
        rest: Option<&[ast::Step]>,
        head: Span,
        done: &mut Done,
    ) -> Option<Element> {
        let condition = self.condition(scope, &written.condition);
        let scope = &self.after_condition(scope, condition.as_ref(), head);
        let inside = self.narrowed_by(scope, &written.condition, condition.as_ref().map(when_true));
        let outside = self.narrowed_by(scope, &written.condition, condition.as_ref().map(when_false));
        let then = match (&written.then, rest) {
            (Some(block), _) => self.chain(&inside, labels, &block.chain.steps),
            (None, Some(rest)) => {
                done.took_rest = true;
                let damaged = matches!(written.condition.kind, ast::ExprKind::Error);
                self.gate(&inside, labels, rest, head, damaged)
            }
            (None, None) => {
                let finding =
                    Diagnostic::new(Code::NothingToDo, head, say!("`else if` has nothing to do"), say!("no block"));
                self.report(finding.help(say!("write `else if .. {{ .. }}`")));
                Path::default()
            }
        };
        let otherwise = match &written.otherwise {
            Some(ast::Otherwise::Block(block)) => self.chain(&outside, labels, &block.chain.steps),
            Some(ast::Otherwise::If(inner, span)) => self.else_if(&outside, labels, inner, *span),
            None => self.block(&outside, labels, None),
        };
        done.end = join(then.end, otherwise.end);
        Some(Element::If { condition: condition?, then: then.steps, otherwise: otherwise.steps })
    }

    fn gate(&mut self, scope: &Scope, labels: &mut Labels, rest: &[ast::Step], head: Span, damaged: bool) -> Path {
        if rest.is_empty() && !damaged {
            let finding =
                Diagnostic::new(Code::NothingToDo, head, say!("nothing follows this `if`"), say!("decides nothing"));
            self.report(finding.help(say!("say what to do: `if .. -> send sms`")));
        }
        self.chain(scope, labels, rest)
    }

    fn else_if(&mut self, scope: &Scope, labels: &mut Labels, written: &ast::If, span: Span) -> Path {
        let head = Span { end: written.condition.span.end, ..span };
        let mut done = Done { step: None, end: Some(scope.facts.clone()), binds: None, skips: false, took_rest: false };
        let element = self.branch(scope, labels, written, None, head, &mut done);
        let made = |element| Step { label: None, element, text: self.head(head), span: head, whole: span };
        let step = element.map(made);
        Path { steps: step.into_iter().collect(), end: done.end }
    }
}
