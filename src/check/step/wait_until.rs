//! `wait until`. In: the moment as written. Out: the moment, and what happens if it has passed.

use super::{At, CheckedElement, Flow};
use crate::check::checker::Checker;
use crate::check::expr::{in_year_of_birth, is_birthday};
use crate::check::program::{Element, Expr, Moment, Past};
use crate::check::scope::{Scope, join};
use crate::check::types::type_name;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::syntax::ast;
use crate::value::{TimeOfDay, Type, Value};

impl Checker<'_> {
    /// `wait until moment else ..`
    pub(super) fn wait_until(
        &mut self,
        at: At<'_>,
        moment: &ast::Expr,
        otherwise: Option<&ast::PastElse>,
    ) -> CheckedElement {
        let checked = self.moment(at.scope, moment);
        let mut flow = Flow::to(Some(self.after_wait(at.scope, at.head).facts));
        let on_past = match otherwise {
            None => Past::GoOn,
            Some(ast::PastElse::Skip(_)) => {
                flow.skips = true;
                Past::Skip
            }
            Some(ast::PastElse::Stop(_)) => Past::Stop,
            Some(ast::PastElse::Block(block)) => {
                let path = self.block(at.scope, at.labels, Some(block));
                flow.end = join(flow.end, path.end);
                Past::Block(path.steps)
            }
        };
        (checked.map(|moment| Element::WaitUntil { moment, on_past }), flow)
    }

    fn moment(&mut self, scope: &Scope, written: &ast::Expr) -> Option<Moment> {
        let (named, time) = match &written.kind {
            ast::ExprKind::AtTime { of, at } => (&**of, Some(at)),
            _ => (written, None),
        };
        if let ast::ExprKind::Day { day: ast::Day::Weekday(day), at } = &named.kind
            && (at.is_none() || time.is_none())
        {
            self.needs_zone(written.span, say!("a day of the week"));
            let at = at.as_ref().or(time);
            return Some(Moment::Weekday(*day, at.map_or(TimeOfDay::MIDNIGHT, |at| at.node)));
        }
        let typed = self.value(scope, written)?;
        match (&typed.ty, &typed.expr) {
            (Type::Time, Expr::Value(Value::Time(time))) => {
                self.needs_zone(written.span, say!("a time of day"));
                Some(Moment::Time(*time))
            }
            (Type::Date, birthday) if is_birthday(birthday) => {
                let finding = in_year_of_birth(written.span, "client.birthday");
                self.fail(finding)
            }
            (Type::Date, _) => {
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
