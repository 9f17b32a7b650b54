//! `starts_at - 1d at 18:00`. In: a date or a moment, and a time of day. Out: the moment of that time on that date.

use crate::check::checker::Checker;
use crate::check::program::Expr;
use crate::check::scope::Scope;
use crate::check::types::{Typed, type_name};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast;
use crate::value::{CivilDateTime, TimeOfDay, Type, Value};

impl Checker<'_> {
    /// The time of day on the date of a moment. The date is that of the place to which the moment belongs, the time of
    /// day is by the clock of the run.
    pub(super) fn at_time(&mut self, scope: &Scope, of: &ast::Expr, at: &Spanned<TimeOfDay>) -> Option<Typed> {
        let typed = self.value(scope, of)?;
        let written = self.slice(of.span);
        if has_time_of_day(&typed.expr) {
            let message = say!("`{written}` already has a time of day", written);
            let finding = Diagnostic::new(Code::TypeMismatch, at.span, message, say!("a second time of day"));
            return self.fail(finding.help(say!("keep one of the two times")));
        }
        self.reject_first_day(&typed.expr, of.span)?;
        if !matches!(typed.ty, Type::Date | Type::DateTime) {
            return self.no_date(&typed, of.span, at);
        }
        self.needs_zone(at.span, say!("a time of day"));
        let ty = Type::DateTime;
        Some(match typed.expr {
            Expr::Day { day, at: None } => Typed { expr: Expr::Day { day, at: Some(at.node) }, ty, ..typed },
            Expr::Value(Value::Date(date)) => {
                let reading = CivilDateTime { date, time: at.node };
                Typed { expr: Expr::Value(Value::Civil(reading)), ty, ..typed }
            }
            expr => {
                let place = self.clock_of_place(scope, &expr);
                // The date is the one that a text would show.
                let dated = if place.is_some() { Expr::DateOf(Box::new(expr), place.map(Box::new)) } else { expr };
                Typed { expr: Expr::AtTime(Box::new(dated), at.node), ty, ..typed }
            }
        })
    }

    /// Reports `at` after something that has no date.
    fn no_date<T>(&mut self, typed: &Typed, span: Span, at: &Spanned<TimeOfDay>) -> Option<T> {
        let what = type_name(&typed.ty);
        let message =
            say!("`at {time}` expects a date or a moment before it, found {what}", time = at.node.to_string(), what);
        let finding =
            Diagnostic::new(Code::TypeMismatch, span, message, say!("is {what}", what = type_name(&typed.ty)));
        self.fail(match typed.ty {
            Type::Duration => {
                let written = self.slice(span.to(at.span));
                finding.help(say!("write `wait {written}`, or a moment: `wait until starts_at - {written}`", written))
            }
            _ => finding.help(say!("write a date, or a field such as `booking.starts_at - 1d`")),
        })
    }
}

/// Whether a moment was written with a time of day.
fn has_time_of_day(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(Value::Civil(_)) | Expr::Day { at: Some(_), .. } | Expr::AtTime(..))
}
