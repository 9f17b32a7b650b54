//! Arithmetic. In: two typed operands whose values are known. Out: the result, by the table of [`result`].

use super::compare::{Side, in_first_year, is_anniversary, is_present};
use crate::check::checker::Checker;
use crate::check::program::{Arithmetic, Expr};
use crate::check::types::{Typed, type_name};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::value::{Type, Value};

impl Checker<'_> {
    /// `left op right`, where `op` is one of `+ - * /`.
    pub(in crate::check) fn arithmetic(
        &mut self,
        kind: Arithmetic,
        left: Side,
        right: Side,
        span: Span,
    ) -> Option<Typed> {
        let Some(ty) = result(kind, &left.0, &right.0) else {
            let finding = self.wrong_operands(kind, &left, &right, span);
            return self.fail(finding);
        };
        if matches!(kind, Arithmetic::Add | Arithmetic::Subtract)
            || (&left.0.ty, &right.0.ty) == (&Type::Money, &Type::Money)
        {
            self.one_currency(&left.0, &right.0, span)?;
        }
        if matches!(kind, Arithmetic::Add | Arithmetic::Subtract) {
            self.reject_percent(&left, &right)?;
        }
        self.reject_near_first_day(kind, &left.0, &right.0, span)?;
        self.zone_of_arithmetic(&left.0, &right.0, &ty, span);
        Some(left.0.joined(right.0, ty, |a, b| Expr::Arithmetic(kind, a, b)))
    }

    /// Reports `client.birthday + 7d` and `client.birthday - today`, which mean the original year. A step of years, such
    /// as `client.birthday + 18y`, is meant.
    fn reject_near_first_day(&mut self, kind: Arithmetic, left: &Typed, right: &Typed, span: Span) -> Option<()> {
        let is_short =
            |typed: &Typed| matches!(typed.expr, Expr::Value(Value::Duration(length)) if length.months.abs() < 12);
        let reject = match kind {
            Arithmetic::Add => {
                (is_anniversary(&left.expr) && is_short(right)) || (is_short(left) && is_anniversary(&right.expr))
            }
            Arithmetic::Subtract => is_anniversary(&left.expr) && (is_short(right) || is_present(&right.expr)),
            Arithmetic::Multiply | Arithmetic::Divide => false,
        };
        if !reject {
            return Some(());
        }
        let date = if is_anniversary(&left.expr) { &left.expr } else { &right.expr };
        let finding = in_first_year(span, self.slice(span), date);
        self.fail(finding)
    }

    /// Reports an anniversary as a moment, which means the original date.
    pub(in crate::check) fn reject_first_day(&mut self, moment: &Expr, span: Span) -> Option<()> {
        if !is_anniversary(moment) {
            return Some(());
        }
        let finding = in_first_year(span, self.slice(span), moment);
        self.fail(finding)
    }

    fn zone_of_arithmetic(&mut self, left: &Typed, right: &Typed, ty: &Type, span: Span) {
        let dated = left.ty == Type::Date || right.ty == Type::Date;
        if dated && matches!(ty, Type::DateTime | Type::Duration) {
            self.needs_zone(span, say!("the start of a day"));
        } else if *ty == Type::DateTime && (is_calendar(&left.expr) || is_calendar(&right.expr)) {
            self.needs_zone(span, say!("a duration in days or months"));
        }
    }

    fn wrong_operands(&self, op: Arithmetic, left: &Side, right: &Side, span: Span) -> Diagnostic {
        let (what, other) = (type_name(&left.0.ty), type_name(&right.0.ty));
        let message = match op {
            Arithmetic::Add => say!("cannot add {other} to {what}", what, other),
            Arithmetic::Subtract => say!("cannot subtract {other} from {what}", what, other),
            Arithmetic::Multiply => say!("cannot multiply {what} by {other}", what, other),
            Arithmetic::Divide => say!("cannot divide {what} by {other}", what, other),
        };
        let finding = Diagnostic::new(Code::WrongOperands, span, message, say!("incompatible types"))
            .related(left.1, say!("is {what}", what = type_name(&left.0.ty)))
            .related(right.1, say!("is {what}", what = type_name(&right.0.ty)));
        match (op, &left.0.ty, &right.0.ty) {
            (Arithmetic::Add, one, _) if one.is_textual() => {
                finding.help(say!("join texts with placeholders: `\"{{{{ a }}}} {{{{ b }}}}\"`"))
            }
            (Arithmetic::Add | Arithmetic::Subtract, Type::DateTime | Type::Date | Type::Duration, Type::Number) => {
                let number = self.slice(right.1);
                finding.help(say!("add a unit: `{number}h` or `{number}d`", number))
            }
            (Arithmetic::Multiply | Arithmetic::Divide, Type::Money | Type::Duration, Type::Money | Type::Duration) => {
                let first = self.slice(left.1);
                finding.help(say!("one of the two must be a number: `{first} {sign} 2`", first, sign = sign(op)))
            }
            (Arithmetic::Add | Arithmetic::Subtract, Type::Money, Type::Number) => {
                let currency = self.context.currency.as_deref().unwrap_or("EUR");
                finding.help(say!("add a currency: `{written} {currency}`", written = self.slice(right.1), currency))
            }
            _ => finding,
        }
    }
}

/// The type of the result; `None` if the operands do not fit.
fn result(op: Arithmetic, left: &Typed, right: &Typed) -> Option<Type> {
    use Type::{Date, DateTime, Duration, Money, Number};
    match (op, &left.ty, &right.ty) {
        (Arithmetic::Add | Arithmetic::Subtract, Number, Number) => Some(Number),
        (Arithmetic::Add | Arithmetic::Subtract, Money, Money) => Some(Money),
        (Arithmetic::Add | Arithmetic::Subtract, Duration, Duration) => Some(Duration),
        (Arithmetic::Add | Arithmetic::Subtract, DateTime, Duration) => Some(DateTime),
        (Arithmetic::Add, Duration, DateTime) => Some(DateTime),
        (Arithmetic::Add | Arithmetic::Subtract, Date, Duration) => Some(date_step(&right.expr)),
        (Arithmetic::Add, Duration, Date) => Some(date_step(&left.expr)),
        (Arithmetic::Subtract, DateTime | Date, DateTime | Date) => Some(Duration),
        (Arithmetic::Multiply | Arithmetic::Divide, Number, Number) => Some(Number),
        (Arithmetic::Multiply | Arithmetic::Divide, Money, Number) => Some(Money),
        (Arithmetic::Multiply, Number, Money) => Some(Money),
        (Arithmetic::Divide, Money, Money) => Some(Number),
        (Arithmetic::Multiply, Duration, Number) | (Arithmetic::Multiply, Number, Duration) => Some(Duration),
        _ => None,
    }
}

/// The sign of an operation.
fn sign(op: Arithmetic) -> &'static str {
    match op {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
    }
}

/// A date plus whole days or months is a date; plus hours it is a moment.
fn date_step(duration: &Expr) -> Type {
    let whole_days = matches!(duration, Expr::Value(Value::Duration(length)) if length.ms == 0);
    if whole_days { Type::Date } else { Type::DateTime }
}

/// Whether a duration has calendar parts, as far as it is constant.
fn is_calendar(expr: &Expr) -> bool {
    let calendar = matches!(expr, Expr::Value(Value::Duration(length)) if length.is_calendar());
    calendar || expr.children().into_iter().any(is_calendar)
}
