//! Steps. In: a step as written and what is known before it. Out: its element, and what is known after it.

use super::checker::Checker;
use super::flow::{Labels, Path, join};
use super::names::{Bound, Scope};
use super::narrow::{Facts, Place, when_false, when_true};
use super::note::{Named, Role};
use super::program::{Element, Source, Step};
use super::types::Missing;
use crate::diagnostic::{Code, Diagnostic, Phrase, suggest};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use std::sync::Arc;

/// How many conditions may stand one inside another; a gate holds the rest of its chain.
const MAX_DEPTH: usize = 100;

/// A checked step and what it does to the chain it stands in.
#[derive(Debug)]
pub(super) struct Done {
    /// The step; `None` where it has a fault.
    pub(super) step: Option<Step>,
    /// What is known after it; `None` when every run ends in it.
    pub(super) end: Option<Facts>,
    /// What has a name after it that it had not before.
    pub(super) binds: Option<Bound>,
    /// Whether the step after it may be left out.
    pub(super) skips: bool,
    /// Whether it holds the rest of the chain.
    pub(super) took_rest: bool,
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
            facts.retain(|place| !place.is_of_value());
        }
        match &step.element {
            ast::Element::If(written) => self.branch(scope, labels, written, Some(rest), span, done),
            ast::Element::WaitDuration { duration, at } => {
                done.end = Some(self.elapsed(scope, span).facts);
                self.wait(duration, at.as_ref(), span)
            }
            ast::Element::WaitUntil { moment, otherwise } => {
                self.wait_until(scope, labels, moment, otherwise.as_ref(), span, done)
            }
            ast::Element::Send(send) => {
                let checked = self.send(scope, send);
                let on_not_sent = self.on_not_sent(scope, labels, send.otherwise.as_ref(), span, done);
                if send.otherwise.is_none() && scope.holds {
                    // It leaves when its turn comes, and the run goes on then.
                    done.end = Some(self.elapsed(scope, span).facts);
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
                self.matching(scope, labels, subject, cases, otherwise.as_ref(), span, done)
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
                let call = self.request(scope, url, body.as_ref());
                let failed = self.on_not_sent(scope, labels, otherwise.as_ref(), span, done);
                Some(Element::Call { call: call?, on_failed: failed })
            }
            ast::Element::Do { action, args, otherwise } => {
                let call = self.act(scope, action, args, span);
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
        let after = self.elapsed(scope, otherwise.map(|_| span)?);
        let path = self.block(&after, labels, otherwise);
        done.end = join(Some(after.facts), path.end);
        Some(path.steps)
    }

    /// `if c { .. } else { .. }`, or a gate over `rest`; an `else if` has no rest to take.
    fn branch(
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
        let scope = &self.answered(scope, condition.as_ref(), head);
        let inside = self.told_by(scope, &written.condition, condition.as_ref().map(when_true));
        let outside = self.told_by(scope, &written.condition, condition.as_ref().map(when_false));
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

    fn wait(
        &mut self,
        duration: &ast::DurationLit,
        at: Option<&crate::source::Spanned<crate::value::TimeOfDay>>,
        span: Span,
    ) -> Option<Element> {
        let length = self.duration(duration)?;
        if length.is_calendar() {
            self.needs_zone(duration.span, say!("a step of days or months"));
        }
        if at.is_some() {
            self.needs_zone(span, say!("a time of day"));
            self.exact_day(duration, length);
        }
        Some(Element::WaitDuration { duration: length, at: at.map(|at| at.node) })
    }

    /// Warns of `wait 24h at 10:00`: hours are exact, so the next such time is another day later.
    fn exact_day(&mut self, written: &ast::DurationLit, length: crate::value::Duration) {
        const DAY_MS: i64 = 86_400_000;
        if length.is_calendar() || length.ms == 0 || length.ms % DAY_MS != 0 {
            return;
        }
        let (text, days) = (self.slice(written.span), format!("{}d", length.ms / DAY_MS));
        let message = say!("`{text}` is counted exactly, and the next such time comes after it", text);
        let finding = Diagnostic::new(Code::ExactDay, written.span, message, say!("hours, not days"));
        self.report(finding.help(say!("a time of day goes with days: write `{days}`", days)).guess(
            say!("write `{days}`", days),
            written.span,
            days,
        ));
    }

    /// `set client.city = "Berlin"`
    fn set(&mut self, scope: &Scope, target: &ast::Path, value: &ast::Expr, done: &mut Done) -> Option<Element> {
        let field = self.settable(target);
        let Some((field, ty)) = field else {
            self.value(scope, value);
            return None;
        };
        let place = Phrase::verbatim(format!("`client.{field}`"));
        let value = self.value_of(scope, value, &ty, &place)?;
        debug_assert!(value.missing == Missing::Never);
        if let Some(facts) = &mut done.end {
            facts.retain(|place| !(place.is_of_value() && place.is_about(&Source::Client, &field)));
            facts.insert(Place::Field(Source::Client, field.clone()));
        }
        Some(Element::Set { field, value: value.expr })
    }

    fn settable(&mut self, target: &ast::Path) -> Option<(String, crate::value::Type)> {
        let [of, field] = target.names.as_slice() else {
            let finding = Diagnostic::new(
                Code::ReadOnly,
                target.span,
                say!("`set` changes one field of the client"),
                say!("not a field"),
            );
            let finding = match target.names.as_slice() {
                [one] if self.catalog.client.contains_key(&one.node) => {
                    let path = format!("client.{}", one.node);
                    finding.help(say!("write `set {path} = ..`", path)).fix(
                        say!("change it to `{path}`", path),
                        target.span,
                        path,
                    )
                }
                _ => finding.help(say!("write `set client.city = \"Berlin\"`")),
            };
            return self.fail(finding);
        };
        if of.node != "client" {
            let message = say!("`{of}` cannot be changed, only the client can", of = of.node);
            let finding = Diagnostic::new(Code::ReadOnly, of.span, message, say!("not the client"));
            let finding = match suggest::nearest(&of.node, ["client"]) {
                Some(near) => {
                    finding.help(say!("did you mean `client`?")).fix(say!("change it to `client`"), of.span, near)
                }
                None => finding.help(say!("write `set client.city = ..`")),
            };
            return self.fail(finding);
        }
        self.note(of.span, || Named::Client);
        if self.broken_fields.contains(&("client".to_owned(), field.node.clone())) {
            return self.poison();
        }
        let Some(declared) = self.catalog.client.get(&field.node) else {
            let finding = self.unknown_field("client", &field.node, field.span);
            return self.fail(finding);
        };
        let ty = declared.ty.clone();
        self.note_field("client", &field.node, field.span, Role::Changes);
        if can_be_set(&field.node) {
            return Some((field.node.clone(), ty));
        }
        let help = match field.node.as_str() {
            "id" => say!("the events that come in give the client's id"),
            "tags" => say!("write `tag \"..\"` or `untag \"..\"`"),
            _ => say!("consent is the client's own: it comes with a `client` event"),
        };
        let message = say!("`client.{field}` cannot be set", field = field.node);
        self.fail(Diagnostic::new(Code::ReadOnly, target.span, message, say!("cannot be set")).help(help))
    }
}

/// Whether a `set` can give a field of the client another value.
#[must_use]
pub fn can_be_set(field: &str) -> bool {
    !["id", "tags", "consent"].contains(&field)
}
