//! `match`. In: the subject and cases as written. Out: the paths. Impossible, duplicate and missing
//! values are reported.

use super::chain::Path;
use super::{At, CheckedElement, Flow};
use crate::check::checker::{Checker, listed};
use crate::check::program::{Case, Comparison, Element, Expr};
use crate::check::scope::{
    Facts, Scope, enumerable_values, excluded, field_values, join, known_fact, value_name, when_known,
};
use crate::check::types::{Missing, Typed};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Value;

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

    /// One value of a case: constant, of the subject's type, and not in an earlier case.
    fn case_value(&mut self, subject: &Subject<'_>, written: &ast::Expr, taken: &mut Taken) -> Option<Expr> {
        let value = self.value(subject.scope, written);
        let (of, value) = (subject.typed.as_ref()?, value?);
        let name = Phrase::verbatim(format!("`{}`", self.slice(subject.written.span)));
        let value = self.expect_type(value, written.span, &of.ty, &name)?;
        if !value.constant {
            let message = say!("a case must be the same in every run");
            let finding = Diagnostic::new(Code::NotConstant, written.span, message, say!("differs between runs"));
            return self.fail(finding.help(say!("compare them with `if`, or write a literal value")));
        }
        if let Some((_, first)) = taken.iter().find(|(known, _)| *known == value.expr) {
            let message = say!("duplicate case `{written}`", written = self.slice(written.span));
            let finding = Diagnostic::new(Code::Duplicate, written.span, message, say!("repeated here"));
            return self.fail(finding.related(*first, say!("the first case")).help(say!("remove one of them")));
        }
        let asked = Expr::Compare(Comparison::Equal, Box::new(of.expr.clone()), Box::new(value.expr.clone()));
        self.asked.insert(written.span, &asked);
        taken.push((value.expr.clone(), written.span));
        Some(value.expr)
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
