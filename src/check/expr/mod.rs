//! Expressions. In: an expression and its scope. Out: a checked expression with its type; `None` if an error was
//! reported.

mod arithmetic;
mod at_time;
mod clock;
mod compare;
mod condition;
mod condition_names;
mod expected_type;
mod filter;
mod history;
mod in_funnel;
mod missing;
mod resolve;
mod text;
mod type_guess;

pub(super) use compare::{has_order, is_anniversary};
pub(super) use expected_type::wrong_address;

use crate::check::checker::Checker;
use crate::check::program::{Arithmetic, Day, Expr};
use crate::check::scope::Scope;
use crate::check::types::{Missing, Typed, type_name};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, ExprKind, UnaryOp};
use crate::value::{CivilDateTime, Decimal, Duration, Money, Type, Value};

impl Checker<'_> {
    /// Checks an expression whose value may be missing.
    pub(super) fn expr(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Typed> {
        self.record_scope(expr.span, scope);
        self.expr_depth += 1;
        let typed = self.checked_expr(scope, expr);
        self.expr_depth -= 1;
        self.record_type(expr.span, typed.as_ref());
        typed
    }

    fn checked_expr(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Typed> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Bool(value) => Some(Typed::literal(Value::Bool(*value), Type::Bool)),
            ExprKind::Number(number) => Some(Typed::literal(Value::Number(*number), Type::Number)),
            ExprKind::Percent(number) => {
                Some(Typed::literal(Value::Number(number / Decimal::ONE_HUNDRED), Type::Number))
            }
            ExprKind::Money { amount, currency } => {
                let money = Money { amount: *amount, currency: currency.node.clone() };
                Some(Typed::literal(Value::Money(money), Type::Money))
            }
            ExprKind::Duration(duration) => {
                self.duration(duration).map(|d| Typed::literal(Value::Duration(d), Type::Duration))
            }
            ExprKind::Time(time) => Some(Typed::literal(Value::Time(*time), Type::Time)),
            ExprKind::Date(date) => Some(Typed::literal(Value::Date(*date), Type::Date)),
            ExprKind::DateTime(date, time) => {
                self.needs_zone(span, say!("a date and time without a time zone"));
                let reading = CivilDateTime { date: *date, time: *time };
                Some(Typed::literal(Value::Civil(reading), Type::DateTime))
            }
            ExprKind::Now => self.moment_of_run(scope, span, Expr::Now, Type::DateTime),
            ExprKind::Day { day, at } => self.day(scope, span, *day, at.as_ref()),
            ExprKind::AtTime { of, at } => self.at_time(scope, of, at),
            ExprKind::Text(text) => self.suggesting(None, |checker| checker.text(scope, text)),
            ExprKind::File(file) => self.misplaced_file(file),
            ExprKind::List(items) => self.list(scope, items, span),
            ExprKind::Name(name) => self.name(scope, name, span),
            ExprKind::Field { of, name } => self.path(scope, of, name),
            ExprKind::History(history) => self.suggesting(None, |checker| checker.history(scope, history, None, span)),
            ExprKind::Unary { op: UnaryOp::Not, expr } => {
                Some(self.condition_part(scope, expr)?.made(Type::Bool, Expr::Not))
            }
            ExprKind::Unary { op: UnaryOp::Minus, expr } => self.negate(scope, expr),
            ExprKind::Binary { op, left, right } => self.binary(scope, op.node, left, right, span),
            ExprKind::Is { expr, known } => self.suggesting(None, |checker| checker.is_known(scope, expr, *known)),
            ExprKind::InFunnel { expr, negated, funnel } => self.in_funnel(scope, expr, (*negated, funnel), span),
            ExprKind::Paren(inner) => self.expr(scope, inner),
            // The parser makes ranges only in a `case`, which checks its ends.
            ExprKind::Range { .. } | ExprKind::Error => self.poison(),
        }
    }

    /// Checks an expression whose value must be known.
    pub(super) fn value(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Typed> {
        let typed = self.expr(scope, expr)?;
        self.require_known_at(scope, typed, expr.span)
    }

    /// Checks an expression of a type whose value must be known.
    pub(super) fn value_of(&mut self, scope: &Scope, expr: &ast::Expr, wanted: &Type, place: &Phrase) -> Option<Typed> {
        let typed = self.expr(scope, expr)?;
        let typed = self.expect_value(typed, expr.span, wanted, place)?;
        self.require_known_at(scope, typed, expr.span)
    }

    /// The value of a duration literal; `None` where the parser reported it.
    pub(super) fn duration(&mut self, written: &ast::DurationLit) -> Option<Duration> {
        if written.parts.is_empty() { self.poison() } else { Some(written.value()) }
    }

    /// The value of a duration literal whose calendar parts are counted in the time zone of the run.
    pub(super) fn duration_in_zone(&mut self, written: &ast::DurationLit) -> Option<Duration> {
        let duration = self.duration(written)?;
        if duration.is_calendar() {
            self.needs_zone(written.span, say!("a duration in days or months"));
        }
        Some(duration)
    }

    fn moment_of_run(&mut self, scope: &Scope, span: Span, expr: Expr, ty: Type) -> Option<Typed> {
        if let Some(what) = scope.context.fixed() {
            let message = say!("{what} cannot depend on `{written}`", what, written = self.slice(span));
            return self.fail(Diagnostic::new(Code::NotConstant, span, message, say!("differs between runs")));
        }
        Some(Typed { expr, ty, missing: Missing::Never, constant: false })
    }

    fn day(
        &mut self,
        scope: &Scope,
        span: Span,
        day: ast::Day,
        at: Option<&crate::source::Spanned<crate::value::TimeOfDay>>,
    ) -> Option<Typed> {
        let day = match day {
            ast::Day::Today => Day::Today,
            ast::Day::Tomorrow => Day::Tomorrow,
            ast::Day::Weekday(weekday) => Day::Weekday(weekday),
            ast::Day::Several(word) => {
                let message = say!("`{word}` is several days, so it is not a value", word = word.name());
                let finding = Diagnostic::new(Code::TypeMismatch, span, message, say!("several days"));
                let named = word.name();
                return self.fail(
                    finding
                        .help(say!(
                            "it is allowed in a wait, `wait until {named} 10:00`, in `every` and in `hours`",
                            named
                        ))
                        .help(say!("compare with one day: `today == saturday or today == sunday`")),
                );
            }
        };
        self.needs_zone(span, say!("a calendar day"));
        let ty = if at.is_some() { Type::DateTime } else { Type::Date };
        self.moment_of_run(scope, span, Expr::Day { day, at: at.map(|at| at.node) }, ty)
    }

    fn list(&mut self, scope: &Scope, items: &[ast::Expr], span: Span) -> Option<Typed> {
        let typed: Vec<Option<Typed>> = items.iter().map(|item| self.value(scope, item)).collect();
        let typed: Vec<Typed> = typed.into_iter().collect::<Option<_>>()?;
        let Some(first) = typed.first() else {
            let finding = Diagnostic::new(Code::WrongOperands, span, say!("a list cannot be empty"), say!("empty"));
            return self.fail(finding.help(say!("write at least one item: `[\"a\", \"b\"]`")));
        };
        let ty = if first.ty.is_textual() { Type::Text } else { first.ty.clone() };
        for (one, written) in typed.iter().zip(items) {
            let place = say!("the first item of the list is {what}, so every item", what = type_name(&first.ty));
            self.expect_type(one.clone(), written.span, &ty, &place)?;
        }
        let constant = typed.iter().all(|one| one.constant);
        let expr = Expr::List(typed.into_iter().map(|one| one.expr).collect());
        Some(Typed { expr, ty: Type::List(Box::new(ty)), missing: Missing::Never, constant })
    }

    fn negate(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Typed> {
        let inner = self.suggesting(Some(Type::Number), |checker| checker.value(scope, expr))?;
        if !matches!(inner.ty, Type::Number | Type::Money | Type::Duration) {
            let message =
                say!("`-` expects a number, an amount or a duration, found {what}", what = type_name(&inner.ty));
            return self.fail(Diagnostic::new(
                Code::WrongOperands,
                expr.span,
                message,
                say!("is {what}", what = type_name(&inner.ty)),
            ));
        }
        let ty = inner.ty.clone();
        Some(inner.made(ty, Expr::Negate))
    }

    fn is_known(&mut self, scope: &Scope, expr: &ast::Expr, known: bool) -> Option<Typed> {
        let inner = self.expr(scope, expr)?;
        let is_known = inner.made(Type::Bool, Expr::IsKnown);
        Some(if known { is_known } else { is_known.made(Type::Bool, Expr::Not) })
    }

    fn binary(
        &mut self,
        scope: &Scope,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Typed> {
        let is_client = matches!(&left.kind, ExprKind::Name(name) if name == "client");
        if let (BinaryOp::In, ExprKind::Name(name)) = (op, &right.kind)
            && (is_client || self.decl.segments.contains_key(name))
        {
            return self.member_of(left, &ast::Name::new(name.clone(), right.span));
        }
        match op {
            BinaryOp::And | BinaryOp::Or => self.and_or(scope, op, left, right),
            BinaryOp::Add => self.computed(scope, (op, Arithmetic::Add), left, right, span),
            BinaryOp::Subtract => self.computed(scope, (op, Arithmetic::Subtract), left, right, span),
            BinaryOp::Multiply => self.computed(scope, (op, Arithmetic::Multiply), left, right, span),
            BinaryOp::Divide => self.computed(scope, (op, Arithmetic::Divide), left, right, span),
            BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual
            | BinaryOp::In
            | BinaryOp::Contains
            | BinaryOp::StartsWith
            | BinaryOp::Matches => {
                let (of_left, of_right) = (self.guess_operand(scope, op, right), self.guess_operand(scope, op, left));
                let a = self.suggesting(of_left, |checker| checker.expr(scope, left));
                let b = self.suggesting(of_right, |checker| checker.expr(scope, right));
                let items = items(if op == BinaryOp::In { right } else { left });
                let (a, b) = self.dated(scope, op, a?, b?);
                self.relation(op, (a, left.span), (b, right.span), &items, span)
            }
        }
    }

    fn computed(
        &mut self,
        scope: &Scope,
        (written, op): (BinaryOp, Arithmetic),
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Typed> {
        let (of_left, of_right) = (self.guess_operand(scope, written, right), self.guess_operand(scope, written, left));
        let a = self.suggesting(of_left, |checker| checker.value(scope, left));
        let b = self.suggesting(of_right, |checker| checker.value(scope, right));
        self.arithmetic(op, (a?, left.span), (b?, right.span), span)
    }

    /// Reports a file where none is allowed.
    fn misplaced_file<T>(&mut self, file: &ast::TextFile) -> Option<T> {
        let finding = Diagnostic::new(
            Code::WrongFile,
            file.span,
            say!("a file is only allowed as the content of a message"),
            say!("not message content"),
        );
        self.fail(finding.help(say!("use it in a template or a send: `send sms file \"reminder.txt\"`")))
    }
}

/// The spans of the items of a list literal.
fn items(list: &ast::Expr) -> Vec<Span> {
    match &list.kind {
        ExprKind::Paren(inner) => items(inner),
        ExprKind::List(items) => items.iter().map(|item| item.span).collect(),
        _ => Vec::new(),
    }
}
