//! Expressions. In: an expression and what is in scope. Out: a checked expression with its type, or nothing where
//! a fault was reported: one fault never makes a second one further out.

use super::checker::Checker;
use super::elapse::known_before;
use super::names::{Scope, Site};
use super::program::{Arithmetic, Day, Expr};
use super::types::{Missing, Typed, a, fits};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, ExprKind, UnaryOp};
use crate::value::{CivilDateTime, Decimal, Money, Type, Value, json};

impl Checker<'_> {
    /// Any expression, whose value may be missing.
    pub(super) fn expr(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Typed> {
        self.note_scope(expr.span, scope);
        let typed = self.judged(scope, expr);
        self.note_type(expr.span, typed.as_ref());
        typed
    }

    fn judged(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Typed> {
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
                self.needs_zone(span, say!("a date and time without a zone"));
                let reading = CivilDateTime { date: *date, time: *time };
                Some(Typed::literal(Value::Civil(reading), Type::DateTime))
            }
            ExprKind::Now => self.moment_of_run(scope, span, Expr::Now, Type::DateTime),
            ExprKind::Day { day, at } => self.day(scope, span, *day, at.as_ref()),
            ExprKind::Text(text) => self.text(scope, text),
            ExprKind::File(file) => self.stray_file(file),
            ExprKind::List(items) => self.list(scope, items, span),
            ExprKind::Name(name) => self.name(scope, name, span),
            ExprKind::Field { of, name } => self.path(scope, of, name),
            ExprKind::History(history) => self.history(scope, history, None, span),
            ExprKind::Unary { op: UnaryOp::Not, expr } => {
                Some(self.condition_part(scope, expr)?.made(Type::Bool, Expr::Not))
            }
            ExprKind::Unary { op: UnaryOp::Minus, expr } => self.negate(scope, expr),
            ExprKind::Binary { op, left, right } => self.binary(scope, op.node, left, right, span),
            ExprKind::Is { expr, known } => self.is_known(scope, expr, *known),
            ExprKind::Paren(inner) => self.expr(scope, inner),
            ExprKind::Error => self.poison(),
        }
    }

    /// An expression whose value must be there.
    pub(super) fn value(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Typed> {
        let typed = self.expr(scope, expr)?;
        self.present_at(scope, typed, expr.span)
    }

    /// An expression of a type, whose value must be there.
    pub(super) fn value_of(&mut self, scope: &Scope, expr: &ast::Expr, wanted: &Type, place: &Phrase) -> Option<Typed> {
        let typed = self.expr(scope, expr)?;
        let typed = self.typed_as(typed, expr.span, wanted, place)?;
        self.present_at(scope, typed, expr.span)
    }

    /// Whether a value fits the type asked for at `place`; a text literal may stand for any kind of text.
    pub(super) fn typed_as(&mut self, typed: Typed, span: Span, wanted: &Type, place: &Phrase) -> Option<Typed> {
        if let (Type::Literals(known), Some(text)) = (wanted, typed.literal_text())
            && !known.iter().any(|one| one == text)
        {
            let finding = super::compare::impossible(place, span, text, known);
            return self.fail(finding);
        }
        if fits(&typed.ty, wanted) || (wanted.is_textual() && typed.literal_text().is_some()) {
            return Some(typed);
        }
        let message = say!("{place} is {what}, and this is {other}", place, what = a(wanted), other = a(&typed.ty));
        let finding = Diagnostic::new(Code::TypeMismatch, span, message, say!("is {what}", what = a(&typed.ty)));
        let finding = self.other_form(&typed, span, wanted, finding);
        self.fail(finding)
    }

    /// Adds how a value is written as the type that is wanted.
    fn other_form(&self, typed: &Typed, span: Span, wanted: &Type, finding: Diagnostic) -> Diagnostic {
        let written = self.slice(span);
        match (&typed.ty, wanted) {
            (Type::List(_), _) => finding,
            (_, wanted) if wanted.is_textual() && typed.constant => {
                finding.help(say!("write it in quotes: `\"{written}\"`", written))
            }
            (_, Type::Text) => finding.help(say!("put it into a text: `\"{{{{ {written} }}}}\"`", written)),
            (Type::Number, Type::Money) if typed.constant => {
                let currency = self.context.currency.clone().unwrap_or_else(|| "EUR".to_owned());
                finding.help(say!("say the currency: `{written} {currency}`", written, currency))
            }
            (Type::Number, Type::Duration) if typed.constant => {
                finding.help(say!("give the number a unit: `{number}h` or `{number}d`", number = written))
            }
            (Type::Money, Type::Number) if typed.constant => {
                let number = written.split_whitespace().next().unwrap_or(written);
                finding.help(say!("write the number: `{plain}`", plain = number))
            }
            _ => match typed.literal_text().filter(|text| is_form_of(text, wanted)) {
                Some(text) => finding.help(say!("write it without quotes: `{text}`", text)).fix(
                    say!("write `{word}` instead", word = text),
                    span,
                    text,
                ),
                None => finding,
            },
        }
    }

    /// A value that must be there, with a help for a place where no `if` can stand.
    fn present_at(&mut self, scope: &Scope, typed: Typed, span: Span) -> Option<Typed> {
        let beside = scope.asking || scope.site == Site::Setting;
        if typed.missing != Missing::Optional || !beside {
            return self.present(typed, span);
        }
        let name = self.slice(span);
        let finding =
            Diagnostic::new(Code::MaybeMissing, span, say!("`{name}` may be missing", name), say!("may be missing"));
        let finding = match self.since(&finding, &typed.expr) {
            Some(wait) => finding.related(wait, say!("it may change during this")),
            None => finding,
        };
        self.fail(if scope.asking {
            finding.help(say!("ask first: `{name} is known and ..`", name))
        } else {
            finding.help(say!("let in only where it is known: `where {name} is known`", name))
        })
    }

    /// A value that must be there.
    pub(super) fn present(&mut self, typed: Typed, span: Span) -> Option<Typed> {
        let name = self.slice(span);
        match typed.missing {
            Missing::Never => Some(typed),
            Missing::Optional => {
                let finding = Diagnostic::new(
                    Code::MaybeMissing,
                    span,
                    say!("`{name}` may be missing", name),
                    say!("may be missing"),
                );
                self.fail(match self.since(&finding, &typed.expr) {
                    Some(wait) => known_before(finding, wait, name),
                    None => finding.help(say!("ask first: `if {name} is known {{ .. }}`", name)),
                })
            }
            Missing::Untold => {
                let message = say!("`{name}` may not be told yet", name);
                let finding = Diagnostic::new(Code::MaybeMissing, span, message, say!("is told later"));
                self.fail(
                    finding
                        .help(say!("ask first: `if {name} is known {{ .. }}`; a condition on it waits for it", name)),
                )
            }
        }
    }

    /// A whole condition: of type bool, waiting for `later` fields.
    pub(super) fn condition(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Expr> {
        Some(self.condition_part(&scope.asking(true), expr)?.expr)
    }

    /// A part of a condition. A `bool?` that is missing counts as false.
    pub(super) fn condition_part(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Typed> {
        let typed = self.expr(scope, expr)?;
        if typed.ty != Type::Bool {
            let finding = self.not_a_condition(expr, &typed);
            return self.fail(finding);
        }
        self.asked.insert(expr.span, &typed.expr);
        match typed.missing {
            Missing::Never => Some(typed),
            Missing::Optional => Some(Typed { missing: Missing::Never, ..typed }),
            Missing::Untold => self.present(typed, expr.span),
        }
    }

    fn not_a_condition(&self, expr: &ast::Expr, typed: &Typed) -> Diagnostic {
        let name = self.slice(expr.span);
        let message = say!("a condition is true or false, and `{name}` is {what}", name, what = a(&typed.ty));
        let finding = Diagnostic::new(Code::NotACondition, expr.span, message, say!("is {what}", what = a(&typed.ty)));
        if typed.missing == Missing::Optional {
            return finding.help(say!("did you mean `{name} is known`?", name)).fix(
                say!("ask `{name} is known`", name),
                expr.span.after(),
                " is known",
            );
        }
        match &typed.ty {
            Type::Literals(texts) => {
                let first = texts.first().map_or("", String::as_str);
                finding.help(say!("did you mean `{name} == \"{first}\"`?", name, first))
            }
            Type::Text | Type::Phone | Type::Email | Type::Url => {
                finding.help(say!("did you mean `{name} == \"..\"`?", name))
            }
            Type::Date | Type::DateTime => finding.help(say!("compare it: `{name} < now`", name)),
            Type::List(_) => finding.help(say!("did you mean `{name} contains \"..\"`?", name)),
            Type::Number | Type::Money | Type::Time | Type::Duration | Type::Bool => {
                finding.help(say!("compare it: `{name} > ..`", name))
            }
        }
    }

    /// The length of a duration literal; nothing where it is damaged.
    pub(super) fn duration(&mut self, written: &ast::DurationLit) -> Option<crate::value::Duration> {
        if written.parts.is_empty() { self.poison() } else { Some(written.value()) }
    }

    fn moment_of_run(&mut self, scope: &Scope, span: Span, expr: Expr, ty: Type) -> Option<Typed> {
        if let Some(what) = scope.site.fixed() {
            let message = say!("{what} cannot depend on `{written}`", what, written = self.slice(span));
            return self.fail(Diagnostic::new(Code::NotConstant, span, message, say!("differs from run to run")));
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
        };
        self.needs_zone(span, say!("a day of the calendar"));
        let ty = if at.is_some() { Type::DateTime } else { Type::Date };
        self.moment_of_run(scope, span, Expr::Day { day, at: at.map(|at| at.node) }, ty)
    }

    fn list(&mut self, scope: &Scope, items: &[ast::Expr], span: Span) -> Option<Typed> {
        let typed: Vec<Option<Typed>> = items.iter().map(|item| self.value(scope, item)).collect();
        let typed: Vec<Typed> = typed.into_iter().collect::<Option<_>>()?;
        let Some(first) = typed.first() else {
            let finding =
                Diagnostic::new(Code::WrongOperands, span, say!("an empty list holds nothing"), say!("empty"));
            return self.fail(finding.help(say!("write at least one item: `[\"a\", \"b\"]`")));
        };
        let ty = if first.ty.is_textual() { Type::Text } else { first.ty.clone() };
        for (one, written) in typed.iter().zip(items) {
            let place = say!("the first item of the list is {what}, so every item", what = a(&first.ty));
            self.typed_as(one.clone(), written.span, &ty, &place)?;
        }
        let constant = typed.iter().all(|one| one.constant);
        let expr = Expr::List(typed.into_iter().map(|one| one.expr).collect());
        Some(Typed { expr, ty: Type::List(Box::new(ty)), missing: Missing::Never, constant })
    }

    fn negate(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<Typed> {
        let inner = self.value(scope, expr)?;
        if !matches!(inner.ty, Type::Number | Type::Money | Type::Duration) {
            let message = say!("`-` goes before a number, an amount or a duration, not {what}", what = a(&inner.ty));
            return self.fail(Diagnostic::new(
                Code::WrongOperands,
                expr.span,
                message,
                say!("is {what}", what = a(&inner.ty)),
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
            && (is_client || self.segments.contains_key(name))
        {
            return self.member_of(left, &ast::Name::new(name.clone(), right.span));
        }
        match op {
            BinaryOp::And | BinaryOp::Or => self.both(scope, op, left, right),
            BinaryOp::Add => self.computed(scope, Arithmetic::Add, left, right, span),
            BinaryOp::Subtract => self.computed(scope, Arithmetic::Subtract, left, right, span),
            BinaryOp::Multiply => self.computed(scope, Arithmetic::Multiply, left, right, span),
            BinaryOp::Divide => self.computed(scope, Arithmetic::Divide, left, right, span),
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
                let (a, b) = (self.expr(scope, left), self.expr(scope, right));
                let items = items(if op == BinaryOp::In { right } else { left });
                self.question(op, (a?, left.span), (b?, right.span), &items, span)
            }
        }
    }

    fn computed(
        &mut self,
        scope: &Scope,
        op: Arithmetic,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Typed> {
        let (a, b) = (self.value(scope, left), self.value(scope, right));
        self.arithmetic(op, (a?, left.span), (b?, right.span), span)
    }

    /// `a and b`: the right side is read only where the left one leaves it open, so it may use what that tells.
    fn both(&mut self, scope: &Scope, op: BinaryOp, left: &ast::Expr, right: &ast::Expr) -> Option<Typed> {
        let and = op == BinaryOp::And;
        let first = self.condition_part(scope, left);
        let facts = first.as_ref().map(|first| {
            if and { super::narrow::when_true(&first.expr) } else { super::narrow::when_false(&first.expr) }
        });
        let second = self.condition_part(&scope.knowing(facts), right);
        Some(first?.joined(second?, Type::Bool, if and { Expr::And } else { Expr::Or }))
    }
}

/// Whether a text would be a value of a type if it stood without its quotes.
fn is_form_of(text: &str, ty: &Type) -> bool {
    match ty {
        Type::Date | Type::Time | Type::Duration | Type::Money => {
            let local = json::Locale { currency: None, country: None };
            json::read(&serde_json::Value::from(text), ty, local).is_ok()
        }
        Type::Number => text.parse::<Decimal>().is_ok(),
        Type::Bool => ["true", "false"].contains(&text),
        Type::Text | Type::DateTime | Type::Phone | Type::Email | Type::Url | Type::Literals(_) | Type::List(_) => {
            false
        }
    }
}

/// Where the items of a list stand that is written out.
fn items(list: &ast::Expr) -> Vec<Span> {
    match &list.kind {
        ExprKind::Paren(inner) => items(inner),
        ExprKind::List(items) => items.iter().map(|item| item.span).collect(),
        _ => Vec::new(),
    }
}
