//! `match`. In: the subject and cases as written. Out: the paths. Impossible, duplicate and missing
//! values are reported.

use super::chain::Path;
use super::{At, CheckedElement, Flow};
use crate::check::checker::{Checker, listed};
use crate::check::expr::has_order;
use crate::check::program::{Case, Element, Expr};
use crate::check::scope::{
    Facts, Scope, enumerable_values, excluded, field_values, join, known_fact, value_name, when_known,
};
use crate::check::types::{Missing, Typed, type_name};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Money, Value};
use std::cmp::Ordering;

/// The values of the cases so far, and where they are written.
type Taken = Vec<(Expr, Span)>;

/// The subject of a `match`.
struct Subject<'a> {
    scope: &'a Scope,
    written: &'a ast::Expr,
    /// `None` if it has an error.
    typed: Option<Typed>,
}

impl Checker<'_> {
    /// `match subject { case a, b -> .. otherwise -> .. }`
    pub(super) fn match_(
        &mut self,
        at: At<'_>,
        subject: &ast::Expr,
        cases: &[ast::MatchCase],
        otherwise: Option<&ast::Chain>,
    ) -> CheckedElement {
        let typed = self.expr(&at.scope.in_condition(true), subject);
        let scope = &self.after_condition(at.scope, typed.as_ref().map(|typed| &typed.expr), at.head);
        let subject = Subject { scope, written: subject, typed };
        let known = scope.with_facts(subject.typed.as_ref().map(|typed| when_known(&typed.expr)));
        let (mut taken, mut checked, mut sound) = (Taken::new(), Vec::new(), true);
        let mut end = None;
        for case in cases {
            let values: Vec<Option<Expr>> =
                case.values.iter().map(|value| self.case_value(&subject, value, &mut taken)).collect();
            sound &= values.iter().all(Option::is_some);
            let here = |value: &String| values.iter().flatten().any(|taken| value_name(taken).as_ref() == Some(value));
            let inside = known.with_facts(Some(not_among(subject.typed.as_ref(), here)));
            let path = self.chain(&inside, at.labels, &case.chain.steps);
            end = join(end, path.end);
            checked.push(Case { values: values.into_iter().flatten().collect(), chain: path.steps });
        }
        let rest = |value: &String| !taken.iter().any(|(taken, _)| value_name(taken).as_ref() == Some(value));
        let beside = scope.with_facts(Some(not_among(subject.typed.as_ref(), rest)));
        let other = match otherwise {
            Some(chain) => self.chain(&beside, at.labels, &chain.steps),
            None => {
                let falls_through = subject.typed.as_ref().is_none_or(|typed| may_pass_deadline(scope, typed));
                Path { steps: Vec::new(), end: falls_through.then(|| scope.facts.clone()) }
            }
        };
        let flow = Flow::to(join(end, other.end));
        let complete = sound && self.covers_all_values(&subject, cases, &taken, otherwise, at.head);
        let element = subject.typed.filter(|_| complete).map(|typed| Element::Match {
            subject: typed.expr,
            cases: checked,
            otherwise: other.steps,
        });
        (element, flow)
    }

    /// Whether each value of the subject has a path; warns about an `otherwise` that is never taken.
    fn covers_all_values(
        &mut self,
        subject: &Subject<'_>,
        cases: &[ast::MatchCase],
        taken: &Taken,
        otherwise: Option<&ast::Chain>,
        head: Span,
    ) -> bool {
        let Some(typed) = &subject.typed else { return false };
        let Some(other) = otherwise else { return self.exhaustive(subject, typed, cases, taken, head).is_some() };
        let all_taken = left_out(subject.scope, typed, taken).is_some_and(|left| left.is_empty());
        let always_taken = typed.missing == Missing::Never && !may_pass_deadline(subject.scope, typed);
        if all_taken && always_taken && !subject.scope.unreachable {
            self.never_otherwise(other.span, head);
        }
        true
    }

    /// Warns about an `otherwise` that no value reaches.
    fn never_otherwise(&mut self, other: Span, head: Span) {
        let message = say!("unreachable `otherwise`: the cases before it cover every value");
        let finding = Diagnostic::new(Code::ConstantCondition, other, message, say!("never reached"));
        self.report(finding.related(head, say!("matches every value")).help(say!("remove `otherwise -> ..`")));
    }

    /// One value or range of a case: constant, of the subject's type, and not in an earlier case.
    fn case_value(&mut self, subject: &Subject<'_>, written: &ast::Expr, taken: &mut Taken) -> Option<Expr> {
        let value = match &written.kind {
            ast::ExprKind::Range { from, to } => self.case_range(subject, written.span, from, to)?,
            _ => self.case_constant(subject, written)?.expr,
        };
        if let Some((_, first)) = taken.iter().find(|(known, _)| *known == value) {
            let message = say!("duplicate case `{written}`", written = self.slice(written.span));
            let finding = Diagnostic::new(Code::Duplicate, written.span, message, say!("repeated here"));
            return self.fail(finding.related(*first, say!("the first case")).help(say!("remove one of them")));
        }
        if let Some((_, first)) = taken.iter().find(|(known, _)| overlap(known, &value)) {
            let (text, other) = (self.slice(written.span), self.slice(*first));
            let message = say!("`{text}` overlaps `{other}`", text, other);
            let finding = Diagnostic::new(Code::Duplicate, written.span, message, say!("has values of both"))
                .related(*first, say!("the first case"))
                .help(say!("change one of them, so that each value has one case; both ends of a range belong to it"));
            return self.fail(finding);
        }
        self.asked.insert(written.span, &Expr::case_condition(&subject.typed.as_ref()?.expr, &value));
        taken.push((value.clone(), written.span));
        Some(value)
    }

    /// A constant of the subject's type.
    fn case_constant(&mut self, subject: &Subject<'_>, written: &ast::Expr) -> Option<Typed> {
        let value = self.value(subject.scope, written);
        let (of, value) = (subject.typed.as_ref()?, value?);
        let name = Phrase::verbatim(format!("`{}`", self.slice(subject.written.span)));
        let value = self.expect_type(value, written.span, &of.ty, &name)?;
        if !value.constant {
            let message = say!("a case must be the same in every run");
            let finding = Diagnostic::new(Code::NotConstant, written.span, message, say!("differs between runs"));
            return self.fail(finding.help(say!("compare them with `if`, or write a literal value")));
        }
        Some(value)
    }

    /// `9..10`: two constants of a type with an order, the smaller one first.
    fn case_range(&mut self, subject: &Subject<'_>, span: Span, from: &ast::Expr, to: &ast::Expr) -> Option<Expr> {
        let (first, last) = (self.case_constant(subject, from), self.case_constant(subject, to));
        let (first, last) = (first?, last?);
        let text = self.slice(span);
        if !has_order(&first.ty) {
            let message = say!("`{text}` is a range, but {what} has no order", text, what = type_name(&first.ty));
            let finding =
                Diagnostic::new(Code::WrongOperands, span, message, say!("values of this type have no order"));
            return self.fail(finding.help(say!("list the values: `case a, b -> ..`")));
        }
        self.one_currency(&first, &last, span)?;
        if order(&first.expr, &last.expr) == Some(Ordering::Greater) {
            let turned = format!("{}..{}", self.slice(to.span), self.slice(from.span));
            let message = say!("the range `{text}` is empty", text);
            let finding = Diagnostic::new(Code::WrongOperands, span, message, say!("starts after its end"))
                .help(say!("write the smaller value first: `{turned}`", turned = &turned))
                .fix(say!("change it to `{right}`", right = &turned), span, turned.as_str());
            return self.fail(finding);
        }
        Some(Expr::Range(Box::new(first.expr), Box::new(last.expr)))
    }

    /// Reports values that a `match` without `otherwise` leaves without a path.
    fn exhaustive(
        &mut self,
        subject: &Subject<'_>,
        typed: &Typed,
        cases: &[ast::MatchCase],
        taken: &Taken,
        head: Span,
    ) -> Option<()> {
        let name = self.slice(subject.written.span);
        let Some(last) = cases.last() else {
            let finding =
                Diagnostic::new(Code::NothingToDo, head, say!("this `match` has no `case`"), say!("has no effect"));
            return self.fail(finding.help(say!("add a case: `match {name} {{ case .. -> .. }}`", name)));
        };
        let Some(left_out) = left_out(subject.scope, typed, taken) else {
            let message = say!("`{name}` may have a value that no case covers", name);
            let finding = Diagnostic::new(Code::NotExhaustive, head, message, say!("has no `otherwise`"))
                .help(say!("add a fallback: `otherwise -> ..`"))
                .guess(say!("end the run in that case"), last.span.after(), " otherwise -> stop");
            return self.fail(finding);
        };
        if !left_out.is_empty() {
            let message =
                say!("not covered by any `case`: {names}", names = listed(left_out.iter().map(String::as_str)));
            let values = left_out.join(", ");
            let finding = Diagnostic::new(Code::NotExhaustive, head, message, say!("not all values are covered"))
                .help(say!("add `case {values} -> ..`, or `otherwise -> ..`", values))
                .guess(say!("end the run for {values}", values), last.span.after(), format!(" case {values} -> stop"));
            return self.fail(finding);
        }
        if typed.missing == Missing::Optional {
            let message = say!("`{name}` may be missing, and no case covers that", name);
            let finding = Diagnostic::new(Code::MaybeMissing, subject.written.span, message, say!("may be missing"))
                .help(say!("add a fallback: `otherwise -> ..`; or check first: `if {name} is known {{ .. }}`", name))
                .guess(say!("end the run in that case"), last.span.after(), " otherwise -> stop");
            return self.fail(finding);
        }
        Some(())
    }
}

/// Whether two values or ranges of cases have values in common, as far as that can be computed.
fn overlap(one: &Expr, other: &Expr) -> bool {
    let not_after = |a: &Expr, b: &Expr| order(a, b).is_some_and(Ordering::is_le);
    let ((from, to), (other_from, other_to)) = (ends(one), ends(other));
    not_after(from, other_to) && not_after(other_from, to)
}

fn ends(value: &Expr) -> (&Expr, &Expr) {
    match value {
        Expr::Range(from, to) => (from, to),
        value => (value, value),
    }
}

/// The order of two constants; `None` where it depends on a time zone.
fn order(one: &Expr, other: &Expr) -> Option<Ordering> {
    match (constant(one)?, constant(other)?) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(&b)),
        (Value::Money(a), Value::Money(b)) => (a.currency == b.currency).then(|| a.amount.cmp(&b.amount)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(&b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(&b)),
        (Value::Civil(a), Value::Civil(b)) => Some(a.cmp(&b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.nominal_ms().cmp(&b.nominal_ms())),
        _ => None,
    }
}

/// The value of a constant, which may be negative.
fn constant(expr: &Expr) -> Option<Value> {
    match expr {
        Expr::Value(value) => Some(value.clone()),
        Expr::Negate(of) => match constant(of)? {
            Value::Number(number) => Some(Value::Number(-number)),
            Value::Money(money) => Some(Value::Money(Money { amount: -money.amount, ..money })),
            Value::Duration(duration) => Some(Value::Duration(duration.negated())),
            _ => None,
        },
        _ => None,
    }
}

/// Where the subject has one of the values that `here` accepts, the others are excluded.
fn not_among(subject: Option<&Typed>, here: impl Fn(&String) -> bool) -> Facts {
    let Some((read, all)) = subject.and_then(|subject| field_values(&subject.expr)) else { return Facts::new() };
    all.into_iter().filter(|value| !here(value)).map(|value| excluded(read, value)).collect()
}

/// The possible values of the subject that no case matches, as written; `None` if its type has too many to list.
fn left_out(scope: &Scope, subject: &Typed, taken: &Taken) -> Option<Vec<String>> {
    let all = enumerable_values(&subject.ty)?;
    let ruled_out = |value: &Value| {
        let place = field_values(&subject.expr).zip(value_name(&Expr::Value(value.clone())));
        place.is_some_and(|((read, _), value)| scope.facts.contains(&excluded(read, value)))
    };
    let taken = |value: &Value| taken.iter().any(|(known, _)| matches!(known, Expr::Value(known) if known == value));
    let open = |value: &Value| !taken(value) && !ruled_out(value);
    let written = |value: Value| match value {
        Value::Text(text) => Some(format!("\"{text}\"")),
        other => value_name(&Expr::Value(other)),
    };
    Some(all.into_iter().filter(open).filter_map(written).collect())
}

/// Whether the value may still be unknown at its deadline: then no case matches.
fn may_pass_deadline(scope: &Scope, typed: &Typed) -> bool {
    typed.expr.reads().into_iter().any(|read| read.later.is_some() && !scope.facts.contains(&known_fact(read)))
}
