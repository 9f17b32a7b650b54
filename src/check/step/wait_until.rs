//! `wait until`. In: the moment as written. Out: the moment, and what happens if it has passed.

use super::{At, CheckedElement, Flow};
use crate::check::checker::Checker;
use crate::check::program::{Element, Expr, Moment, Past};
use crate::check::scope::{Scope, join};
use crate::check::types::type_name;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast;
use crate::value::{TimeOfDay, Type, Value, Weekday};
use std::collections::BTreeSet;

impl Checker<'_> {
    /// `wait until moment else ..`
    pub(super) fn wait_until(
        &mut self,
        at: At<'_>,
        moment: &ast::Expr,
        otherwise: Option<&ast::WaitElse>,
    ) -> CheckedElement {
        let checked = self.moment(at.scope, moment);
        let mut flow = Flow::to(Some(self.after_wait(at.scope, at.head).facts));
        let on_past = match otherwise {
            None => Past::GoOn,
            Some(ast::WaitElse::Skip(_)) => {
                flow.skips = Some(at.scope.facts.clone());
                Past::Skip
            }
            Some(ast::WaitElse::Stop(_)) => Past::Stop,
            Some(ast::WaitElse::Block(block)) => {
                let path = self.block(at.scope, at.labels, Some(block));
                flow.end = join(flow.end, path.end);
                Past::Block(path.steps)
            }
        };
        (checked.map(|moment| Element::WaitUntil { moment, on_past }), flow)
    }

    /// `monday or thursday 10:00`
    fn next_of(&mut self, span: Span, NamedDays { days, times }: NamedDays) -> Option<Moment> {
        self.needs_zone(span, say!("a day of the week"));
        let last = times.last().map(|at| at.node);
        if let Some(other) = times.first().filter(|at| last.is_some_and(|last| last != at.node)) {
            let message = say!("all days of a wait have one time of day");
            let finding = Diagnostic::new(Code::TypeMismatch, other.span, message, say!("another time of day"));
            return self.fail(finding.help(say!("write the time after the last day: `monday or thursday 10:00`")));
        }
        Some(Moment::Weekdays(days.into_iter().collect(), last.unwrap_or(TimeOfDay::MIDNIGHT)))
    }

    fn moment(&mut self, scope: &Scope, written: &ast::Expr) -> Option<Moment> {
        if let Some(named) = weekdays(written) {
            return self.next_of(written.span, named);
        }
        let typed = self.value(scope, written)?;
        match (&typed.ty, &typed.expr) {
            (Type::Time, Expr::Value(Value::Time(time))) => {
                self.needs_zone(written.span, say!("a time of day"));
                Some(Moment::Time(*time))
            }
            (Type::Date, _) => {
                self.reject_first_day(&typed.expr, written.span)?;
                self.asked.insert(written.span, &typed.expr);
                self.needs_zone(written.span, say!("the start of a day"));
                Some(Moment::At(typed.expr))
            }
            (Type::DateTime, _) => {
                self.asked.insert(written.span, &typed.expr);
                Some(Moment::At(typed.expr))
            }
            (ty, _) => {
                let message = say!("`wait until` expects a moment, found {what}", what = type_name(ty));
                let finding =
                    Diagnostic::new(Code::TypeMismatch, written.span, message, say!("is {what}", what = type_name(ty)));
                self.fail(match ty {
                    Type::Duration => {
                        finding.help(say!("did you mean `wait {written}`?", written = self.slice(written.span)))
                    }
                    _ => finding.help(say!("write a date, a time, or a field such as `booking.starts_at - 2h`")),
                })
            }
        }
    }
}

/// Days of the week as written in a wait.
struct NamedDays {
    /// In the order of the week.
    days: BTreeSet<Weekday>,
    times: Vec<Spanned<TimeOfDay>>,
}

/// The days of `monday or thursday 10:00`; `None` if this is something else.
fn weekdays(written: &ast::Expr) -> Option<NamedDays> {
    match &written.kind {
        ast::ExprKind::AtTime { of, at } => {
            let mut named = weekdays(of)?;
            named.times.push(at.clone());
            Some(named)
        }
        ast::ExprKind::Binary { op, left, right } if op.node == ast::BinaryOp::Or => {
            let (mut named, right) = (weekdays(left)?, weekdays(right)?);
            named.days.extend(right.days);
            named.times.extend(right.times);
            Some(named)
        }
        ast::ExprKind::Day { day: ast::Day::Weekday(day), at } => {
            Some(NamedDays { days: BTreeSet::from([*day]), times: at.iter().cloned().collect() })
        }
        ast::ExprKind::Day { day: ast::Day::Several(word), at } => {
            Some(NamedDays { days: word.days().iter().copied().collect(), times: at.iter().cloned().collect() })
        }
        _ => None,
    }
}
