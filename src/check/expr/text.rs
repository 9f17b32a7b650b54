//! Strings with placeholders. In: a string and its scope. Out: a text expression whose filters fit their values.

use super::missing::known_before_wait;
use crate::check::checker::Checker;
use crate::check::program::{Clock, ConditionalText, Expr, Filter, Part, TextBranch};
use crate::check::scope::{ExprContext, Scope, when_false, when_true};
use crate::check::types::{Missing, Typed};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Type, Value};

/// The value of a placeholder after some of its filters.
pub(super) struct PlaceholderValue {
    pub(super) ty: Type,
    pub(super) missing: Missing,
    /// The clock of the place that it belongs to.
    pub(super) place: Option<Clock>,
    /// Whether a `default` mixed text with a value of another type.
    pub(super) mixed: bool,
}

impl Checker<'_> {
    /// `"Hello {{ client.name | default("friend") }}"`
    pub(in crate::check) fn text(&mut self, scope: &Scope, text: &ast::Text) -> Option<Typed> {
        self.record_scope(text.span, scope);
        if let Some(plain) = text.plain() {
            return Some(Typed::literal(Value::Text(plain), Type::Text));
        }
        // A placeholder shows the value at the time of sending; it does not wait for `later` fields.
        let scope = scope.in_text();
        let parts = self.text_parts(&scope, &text.parts)?;
        if scope.context == ExprContext::Template {
            self.record_conditions(&scope, text.span, &parts);
        }
        let constant = parts.iter().all(|part| matches!(part, Part::Text(_)));
        Some(Typed { expr: Expr::Text(parts), ty: Type::Text, missing: Missing::Never, constant })
    }

    fn text_parts(&mut self, scope: &Scope, parts: &[ast::TextPart]) -> Option<Vec<Part>> {
        let checked = parts.iter().map(|part| match part {
            ast::TextPart::Text(text) => Some(Part::Text(text.node.clone())),
            ast::TextPart::Placeholder(placeholder) => self.placeholder(scope, placeholder),
            ast::TextPart::If(choice) => self.text_if(scope, choice),
        });
        // All parts are checked, also after one with an error.
        checked.collect::<Vec<Option<Part>>>().into_iter().collect()
    }

    /// Records the conditions of a text that is in a template or a file.
    pub(in crate::check) fn record_conditions(&mut self, scope: &Scope, span: Span, parts: &[Part]) {
        if !parts.iter().any(|part| matches!(part, Part::If { .. })) {
            return;
        }
        let bound = scope.bound.iter().map(|bound| (bound.name.clone(), bound.event.clone())).collect();
        let text = Expr::Text(parts.to_vec());
        self.conditional.insert(span, ConditionalText { text, span, bound });
    }

    /// `{{ if client.name is known }} .. {{ else }} .. {{ end }}`
    fn text_if(&mut self, scope: &Scope, choice: &ast::TextIf) -> Option<Part> {
        let mut outside = scope.clone();
        let mut branches = Vec::new();
        for branch in &choice.branches {
            let (condition, inside, others) = self.text_condition(&outside, &branch.condition);
            let parts = self.text_parts(&inside, &branch.parts);
            branches.push(condition.zip(parts).map(|(condition, parts)| TextBranch { condition, parts }));
            outside = others;
        }
        let otherwise = self.text_parts(&outside, &choice.otherwise);
        Some(Part::If { branches: branches.into_iter().collect::<Option<_>>()?, otherwise: otherwise? })
    }

    /// The condition of a branch, and the scopes in the branch and after it.
    pub(in crate::check) fn text_condition(
        &mut self,
        scope: &Scope,
        written: &ast::Expr,
    ) -> (Option<Expr>, Scope, Scope) {
        let around = std::mem::replace(&mut self.in_text_condition, true);
        let condition = self.condition(scope, written);
        self.in_text_condition = around;
        let inside = self.narrowed_by(scope, written, condition.as_ref().map(when_true));
        let outside = self.narrowed_by(scope, written, condition.as_ref().map(when_false));
        (condition, inside, outside)
    }

    /// `{{ client.name | default("friend") }}`
    pub(in crate::check) fn placeholder(&mut self, scope: &Scope, placeholder: &ast::Placeholder) -> Option<Part> {
        if let Some(finding) = self.or_for_default(&placeholder.expr) {
            return self.fail(finding);
        }
        let value = self.expr(scope, &placeholder.expr);
        let mut held = value.as_ref().map(|v| PlaceholderValue {
            ty: v.ty.clone(),
            missing: v.missing,
            place: self.clock_of_place(scope, &v.expr),
            mixed: false,
        });
        let mut checked = Vec::new();
        for filter in &placeholder.filters {
            checked.push(self.filter(scope, filter, &mut held));
        }
        let (value, held) = (value?, held?);
        let checked: Vec<Vec<Filter>> = checked.into_iter().collect::<Option<_>>()?;
        let mut filters = checked.concat();
        if held.missing != Missing::Never {
            let finding = self.missing_in_placeholder(placeholder, &held, &value.expr);
            return self.fail(finding);
        }
        if held.ty == Type::DateTime {
            self.needs_zone(placeholder.span, say!("a date and time in text"));
            if let Some(clock) = held.place {
                if placeholder.filters.is_empty() {
                    let name = self.slice(placeholder.expr.span);
                    let named = format!("{name} | date(@) }}}} {{{{ {name} | time(@)");
                    self.warn_whose_clock(&clock, placeholder.expr.span, &named);
                }
                filters.push(Filter::Clock(clock));
            }
        }
        Some(Part::Placeholder(value.expr, filters))
    }

    /// `{{ client.name or "friend" }}`: `or` is the `default` of other languages.
    fn or_for_default(&self, written: &ast::Expr) -> Option<Diagnostic> {
        let ast::ExprKind::Binary { op, left, right } = &written.kind else { return None };
        if op.node != ast::BinaryOp::Or || !matches!(right.kind, ast::ExprKind::Text(_)) {
            return None;
        }
        let (value, other) = (self.slice(left.span), self.slice(right.span));
        let right = format!("{value} | default({other})");
        let message = say!("`or` joins conditions; it does not provide a default");
        let finding = Diagnostic::new(Code::NotACondition, written.span, message, say!("did you mean `default`?"));
        let finding = finding.help(say!("write `{right}`", right));
        Some(finding.fix(say!("change it to `{right}`", right), written.span, right))
    }

    fn missing_in_placeholder(
        &self,
        placeholder: &ast::Placeholder,
        held: &PlaceholderValue,
        value: &Expr,
    ) -> Diagnostic {
        let name = self.slice(placeholder.expr.span);
        let (message, label) = match held.missing {
            Missing::NotYet => (say!("`{name}` may not be available yet", name), say!("available later")),
            Missing::Optional | Missing::Never => (say!("`{name}` may be missing", name), say!("may be missing")),
        };
        let finding = Diagnostic::new(Code::MaybeMissing, placeholder.expr.span, message, label)
            .help(say!("add a default value: `{{{{ {name} | default(\"..\") }}}}`", name));
        match self.invalidated_by(&finding, value) {
            Some(wait) => known_before_wait(finding, wait, name),
            None => finding.help(say!("or check first: `{{{{ if {name} is known }}}} .. {{{{ end }}}}`", name)),
        }
    }

    /// The characters of a string that must not have placeholders.
    pub(in crate::check) fn literal(&mut self, text: &ast::Text) -> Option<String> {
        if let Some(plain) = text.plain() {
            return Some(plain);
        }
        let finding = Diagnostic::new(
            Code::NotConstant,
            text.span,
            say!("this string must not contain placeholders"),
            say!("contains a placeholder"),
        );
        self.fail(finding.help(say!("write it without `{{{{ }}}}`")))
    }
}
