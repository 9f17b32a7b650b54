//! Comparisons, `in`, `contains`, `starts with` and `matches`. In: two typed operands. Out: a bool.
//!
//! A test whose meaning for a missing value is clear (`==`, `in`, `contains`, `starts with`, `matches`) is false for
//! it. Where it is ambiguous (`!=`, `<`), the value must be known.

use super::history::returns_money;
use crate::check::checker::{Checker, listed};
use crate::check::program::{Comparison, Expr};
use crate::check::types::{Missing, Typed, type_name};
use crate::diagnostic::{Code, Diagnostic, Phrase, suggest};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::BinaryOp;
use crate::value::{Type, Value};

/// An operand with its span.
pub(in crate::check) type Side = (Typed, Span);

impl Checker<'_> {
    /// `left op right`, where `op` tests something; `items` are the spans of the items of a list literal.
    pub(in crate::check) fn relation(
        &mut self,
        op: BinaryOp,
        left: Side,
        right: Side,
        items: &[Span],
        span: Span,
    ) -> Option<Typed> {
        match op {
            BinaryOp::Equal => self.comparison(Comparison::Equal, left, right, span),
            BinaryOp::NotEqual => self.comparison(Comparison::NotEqual, left, right, span),
            BinaryOp::Less => self.comparison(Comparison::Less, left, right, span),
            BinaryOp::LessEqual => self.comparison(Comparison::LessEqual, left, right, span),
            BinaryOp::Greater => self.comparison(Comparison::Greater, left, right, span),
            BinaryOp::GreaterEqual => self.comparison(Comparison::GreaterEqual, left, right, span),
            BinaryOp::In => self.member(right, left, items, span, |list, item| Expr::In(item, list)),
            BinaryOp::Contains if matches!(left.0.ty, Type::List(_)) => {
                self.member(left, right, items, span, Expr::Contains)
            }
            BinaryOp::Contains => self.text_part_test(op, left, right, span),
            BinaryOp::StartsWith => self.text_part_test(op, left, right, span),
            BinaryOp::Matches => self.matches(left, right),
            BinaryOp::Or
            | BinaryOp::And
            | BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide => self.poison(),
        }
    }

    fn comparison(&mut self, op: Comparison, left: Side, right: Side, span: Span) -> Option<Typed> {
        let orders = !matches!(op, Comparison::Equal | Comparison::NotEqual);
        if !orders && (is_first_day(&left.0.expr, &right.0.expr) || is_first_day(&right.0.expr, &left.0.expr)) {
            let first = [&left.0.expr, &right.0.expr].into_iter().find(|side| is_anniversary(side));
            let written = first.map(anniversary_name).unwrap_or_default();
            let message =
                say!("`{written}` is the original date, with its year, so it is never today", written = &written);
            let finding = Diagnostic::new(Code::WrongOperands, span, message, say!("never equal"));
            return self.fail(
                finding
                    .help(say!("use a date trigger: `on {written} at 10:00 -> ..`", written = &written))
                    .help(say!("or ask for this year's: `next({written}) == today`", written)),
            );
        }
        self.comparable(&left, &right, span)?;
        self.reject_percent(&left, &right)?;
        if orders && !has_order(&left.0.ty) {
            let message = say!("`{op}` cannot be applied to {what}", op = op.sign(), what = type_name(&left.0.ty));
            let finding =
                Diagnostic::new(Code::WrongOperands, span, message, say!("values of this type have no order"));
            return self.fail(finding.help(say!("compare it with `==` or `!=`")));
        }
        if let Some(finding) = self.boolean_inequality(op, [&left, &right], span) {
            return self.fail(finding);
        }
        let (left, right) = if op == Comparison::Equal {
            (left.0, right.0)
        } else {
            let (one, other) = (left.1, right.1);
            let (a, b) = (self.known_side(op, left, other, span), self.known_side(op, right, one, span));
            (a?, b?)
        };
        Some(guarded(left, right, |a, b| Expr::Compare(op, a, b)))
    }

    /// Reports a percentage compared with a plain number: `rating > 50%` is never meant. Computed numbers may be
    /// fractions.
    pub(in crate::check) fn reject_percent(&mut self, left: &Side, right: &Side) -> Option<()> {
        let is_share = |side: &Side| side.0.constant && self.slice(side.1).ends_with('%');
        let counts =
            |side: &Side| matches!(side.0.expr, Expr::Field(_) | Expr::History(_)) && side.0.ty == Type::Number;
        let mut sides = [(left, right), (right, left)].into_iter();
        let Some((share, other)) = sides.find(|(share, other)| is_share(share) && counts(other)) else {
            return Some(());
        };
        let (name, percent) = (self.slice(other.1), self.slice(share.1));
        let Expr::Value(Value::Number(number)) = &share.0.expr else { return Some(()) };
        let (plain, part) = (percent.trim_end_matches('%').trim_end().to_owned(), number.normalize().to_string());
        let message = say!("`{name}` is a number, but `{percent}` is a share", name, percent);
        let finding = Diagnostic::new(Code::WrongOperands, share.1, message, say!("is a share"));
        let finding = finding.related(other.1, say!("is a number"));
        self.fail(
            finding
                .help(say!("write the number: `{plain}`", plain = &plain))
                .help(say!("or the fraction: `{part}`", part = &part))
                .guess(say!("use `{word}` instead", word = &plain), share.1, plain.as_str()),
        )
    }

    /// An operand that must be known; `!=` has a help of its own. A comparison with missing history is always
    /// false.
    fn known_side(&mut self, op: Comparison, (typed, span): Side, other: Span, whole: Span) -> Option<Typed> {
        if matches!(typed.expr, Expr::History(_)) {
            return Some(typed);
        }
        if typed.missing != Missing::Optional {
            return self.require_known(typed, span);
        }
        let name = self.slice(span);
        let finding =
            Diagnostic::new(Code::MaybeMissing, span, say!("`{name}` may be missing", name), say!("may be missing"));
        let question = self.slice(whole);
        if op != Comparison::NotEqual {
            return self.fail(finding.help(say!("check first: `{name} is known and {question}`", name, question)));
        }
        let other = self.slice(other);
        let (equal, unequal) = (format!("{name} == {other}"), format!("{name} is known and {name} != {other}"));
        self.fail(
            finding
                .help(say!("to exclude missing values: `{right}`", right = unequal))
                .help(say!("to include missing values: `{right}`", right = format!("not ({equal})"))),
        )
    }

    /// `cancelled != true`: `not cancelled` says what is meant if the value is missing.
    fn boolean_inequality(&self, op: Comparison, sides: [&Side; 2], span: Span) -> Option<Diagnostic> {
        let [left, right] = sides;
        let constant = |side: &Side| match side.0.expr {
            Expr::Value(Value::Bool(value)) => Some(value),
            _ => None,
        };
        let (value, field) = constant(right).map(|value| (value, left)).or_else(|| Some((constant(left)?, right)))?;
        if op != Comparison::NotEqual || field.0.missing != Missing::Optional {
            return None;
        }
        let name = self.slice(field.1);
        let finding =
            Diagnostic::new(Code::MaybeMissing, field.1, say!("`{name}` may be missing", name), say!("may be missing"));
        let not = format!("not {name}");
        let equal = format!("{name} == false");
        Some(if value {
            finding
                .help(say!("write `{right}`, which is also true if the value is missing", right = &not))
                .help(say!("to exclude missing values: `{right}`", right = equal))
                .fix(say!("change it to `{right}`", right = &not), span, not.as_str())
        } else {
            finding
                .help(say!("to exclude missing values: `{right}`", right = name))
                .help(say!("to include missing values: `{right}`", right = format!("not ({equal})")))
        })
    }

    /// Reports two values that can never be equal.
    fn comparable(&mut self, left: &Side, right: &Side, span: Span) -> Option<()> {
        let impossible = self.impossible_side(left, right).or_else(|| self.impossible_side(right, left));
        if let Some(finding) = impossible {
            return self.fail(finding);
        }
        let fits = match (&left.0.ty, &right.0.ty) {
            (Type::List(_), _) | (_, Type::List(_)) => false,
            (Type::DateTime, Type::Date) | (Type::Date, Type::DateTime) => {
                self.needs_zone(span, say!("the date of a moment"));
                true
            }
            (Type::Literals(some), Type::Literals(others)) => some.iter().any(|text| others.contains(text)),
            (one, other) if one.is_textual() && other.is_textual() => {
                let free = |side: &Typed| side.ty == Type::Text || matches!(side.ty, Type::Literals(_));
                one == other || free(&left.0) || free(&right.0)
            }
            (one, other) => one == other,
        };
        if fits {
            return self.one_currency(&left.0, &right.0, span);
        }
        let message =
            say!("cannot compare {what} with {other}", what = type_name(&left.0.ty), other = type_name(&right.0.ty));
        let finding = Diagnostic::new(Code::WrongOperands, span, message, say!("incompatible types"))
            .related(left.1, say!("is {what}", what = type_name(&left.0.ty)))
            .related(right.1, say!("is {what}", what = type_name(&right.0.ty)));
        let finding = self.comparison_help(left, right, finding);
        self.fail(finding)
    }

    /// A string literal that is not one of the values of the other operand.
    fn impossible_side(&self, (union, place): &Side, (other, span): &Side) -> Option<Diagnostic> {
        let (Type::Literals(known), Some(text)) = (&union.ty, other.literal_text()) else { return None };
        let place = Phrase::verbatim(format!("`{}`", self.slice(*place)));
        (!known.iter().any(|one| one == text)).then(|| impossible(&place, *span, text, known))
    }

    fn comparison_help(&self, left: &Side, right: &Side, finding: Diagnostic) -> Diagnostic {
        let currency = || self.context.currency.clone().unwrap_or_else(|| "EUR".to_owned());
        match (&left.0.ty, &right.0.ty) {
            (Type::Money, Type::Number) => finding.help(say!(
                "add a currency: `{written} {currency}`",
                written = self.slice(right.1),
                currency = currency()
            )),
            (Type::Number, Type::Money) => finding.help(say!(
                "add a currency: `{written} {currency}`",
                written = self.slice(left.1),
                currency = currency()
            )),
            (Type::List(_), _) => {
                finding.help(say!("did you mean `{written} contains ..`?", written = self.slice(left.1)))
            }
            (_, Type::List(_)) => finding.help(say!("did you mean `{written} in ..`?", written = self.slice(left.1))),
            (ty, Type::Number) if ty.is_textual() => {
                finding.help(say!("write the text in quotes: `\"{written}\"`", written = self.slice(right.1)))
            }
            (Type::Bool, ty) | (ty, Type::Bool) if ty.is_textual() => {
                finding.help(say!("write `true` or `false` without quotes"))
            }
            (Type::Duration, Type::Number) => {
                finding.help(say!("add a unit: `{number}h` or `{number}d`", number = self.slice(right.1)))
            }
            (Type::Number, Type::Duration) => {
                finding.help(say!("add a unit: `{number}h` or `{number}d`", number = self.slice(left.1)))
            }
            (Type::Date | Type::DateTime, Type::Duration) => finding.help(say!(
                "did you mean `{written} < now + {other}`?",
                written = self.slice(left.1),
                other = self.slice(right.1)
            )),
            _ => finding,
        }
    }

    /// Reports two amounts in different currencies, if both are known here.
    pub(in crate::check) fn one_currency(&mut self, left: &Typed, right: &Typed, span: Span) -> Option<()> {
        match (currency(&left.expr), currency(&right.expr)) {
            (Some(one), Some(other)) if one != other => {
                let message = say!("`{one}` and `{other}` are different currencies", one, other);
                let finding = Diagnostic::new(Code::CurrencyMismatch, span, message, say!("two currencies"));
                self.fail(finding.help(say!("write both amounts in `{one}`", one)))
            }
            _ => Some(()),
        }
    }

    fn member(
        &mut self,
        list: Side,
        item: Side,
        places: &[Span],
        span: Span,
        make: fn(Box<Expr>, Box<Expr>) -> Expr,
    ) -> Option<Typed> {
        let Type::List(of) = &list.0.ty else {
            let message = say!("`in` expects a list, found {what}", what = type_name(&list.0.ty));
            let finding = Diagnostic::new(Code::WrongOperands, list.1, message, say!("not a list"));
            return self
                .fail(finding.help(say!("write a list: `{written} in [\"a\", \"b\"]`", written = self.slice(item.1))));
        };
        let of = Typed { ty: (**of).clone(), ..list.0.clone() };
        if let Expr::List(items) = &list.0.expr {
            let mut sound = true;
            for (at, one) in items.iter().enumerate() {
                let one = Typed { expr: one.clone(), ..of.clone() };
                sound &= match places.get(at) {
                    Some(place) => {
                        let one = (one, *place);
                        self.comparable(&item, &one, span).is_some() && self.reject_percent(&item, &one).is_some()
                    }
                    None => self.named_item(&item, (one, list.1), span).is_some(),
                };
            }
            if !sound {
                return None;
            }
        } else {
            self.comparable(&item, &(of, list.1), span)?;
        }
        Some(guarded(list.0, item.0, make))
    }

    /// An item of a list that is defined elsewhere: no edit here fixes it.
    fn named_item(&mut self, item: &Side, one: Side, span: Span) -> Option<()> {
        match self.impossible_side(item, &one) {
            Some(finding) => self.fail(Diagnostic { fixes: Vec::new(), ..finding }),
            None => self.comparable(item, &one, span),
        }
    }

    fn text_part_test(&mut self, op: BinaryOp, left: Side, right: Side, span: Span) -> Option<Typed> {
        let wrong = [&left, &right].into_iter().find(|side| !side.0.ty.is_textual());
        if let Some((typed, at)) = wrong {
            let message =
                say!("`{op}` needs a text operand, found {what}", op = op.text(), what = type_name(&typed.ty));
            let finding = Diagnostic::new(Code::WrongOperands, span, message, say!("needs two texts"));
            return self.fail(finding.related(*at, say!("is {what}", what = type_name(&typed.ty))));
        }
        let make = if op == BinaryOp::Contains { Expr::Contains } else { Expr::StartsWith };
        Some(guarded(left.0, right.0, make))
    }

    fn matches(&mut self, left: Side, right: Side) -> Option<Typed> {
        let Some(pattern) = right.0.literal_text().map(str::to_owned) else {
            let message = say!("a pattern must be the same in every run");
            let finding = Diagnostic::new(Code::NotConstant, right.1, message, say!("not a string literal"));
            return self.fail(finding.help(say!("use a string literal: `matches \"*@example.com\"`")));
        };
        if !left.0.ty.is_textual() {
            let message = say!("`matches` needs a text operand, found {what}", what = type_name(&left.0.ty));
            return self.fail(Diagnostic::new(Code::WrongOperands, left.1, message, say!("not a text")));
        }
        Some(guarded(left.0, right.0, |whole, _| Expr::Matches(whole, pattern)))
    }
}

/// Combines two operands; optional ones must be known for the result to be true.
fn guarded(left: Typed, right: Typed, make: impl FnOnce(Box<Expr>, Box<Expr>) -> Expr) -> Typed {
    let open = |side: &Typed| (side.missing == Missing::Optional).then(|| Box::new(side.expr.clone()));
    let open = [open(&right), open(&left)];
    let guard = |test, open| Expr::And(Box::new(Expr::IsKnown(open)), Box::new(test));
    left.joined(right, Type::Bool, |a, b| open.into_iter().flatten().fold(make(a, b), guard))
}

/// A diagnostic about a string that is not one of the possible values of `place`.
pub(super) fn impossible(place: &Phrase, span: Span, text: &str, known: &[String]) -> Diagnostic {
    let message = say!("{place} can never be `\"{text}\"`", place, text);
    let finding = Diagnostic::new(Code::ImpossibleLiteral, span, message, say!("not one of its values"));
    let finding = match suggest::nearest(text, known.iter().map(String::as_str)) {
        Some(near) => finding.help(say!("did you mean `\"{near}\"`?", near)).respell(
            say!("change `\"{text}\"` to `\"{near}\"`", text, near),
            (text, near),
            span,
            format!("\"{near}\""),
        ),
        None => finding,
    };
    let texts: Vec<String> = known.iter().map(|text| format!("\"{text}\"")).collect();
    finding.help(say!("possible values: {names}", names = listed(texts.iter().map(String::as_str))))
}

pub(in crate::check) fn has_order(ty: &Type) -> bool {
    match ty {
        Type::Number | Type::Money | Type::Date | Type::Anniversary | Type::Time | Type::DateTime | Type::Duration => {
            true
        }
        Type::Text | Type::Bool | Type::Phone | Type::Email | Type::Url | Type::List(_) | Type::Literals(_) => false,
    }
}

/// The currency of an amount, as far as it is constant.
fn currency(expr: &Expr) -> Option<&str> {
    if let Expr::Value(Value::Money(money)) = expr {
        return Some(&money.currency);
    }
    let Expr::History(history) = expr else { return expr.children().into_iter().find_map(currency) };
    // History over amounts has the currency of its filter, or else that of the project. A count has none.
    let filter = history.query.filter.as_deref();
    let amounts = returns_money(history);
    if amounts { filter.and_then(currency).or(history.currency.as_deref()) } else { None }
}

/// Whether the original date of an anniversary is compared with the present.
fn is_first_day(birthday: &Expr, now: &Expr) -> bool {
    is_anniversary(birthday) && is_present(now)
}

/// A diagnostic about a moment shortly after the original date, as it is written.
pub(super) fn in_first_year(span: Span, written: &str, date: &Expr) -> Diagnostic {
    let name = anniversary_name(date);
    let [next, last] = ["next", "last"].map(|which| written.replace(&name, &format!("{which}({name})")));
    let message = say!("`{name}` is the original date, with its year, so this is long past", name);
    Diagnostic::new(Code::WrongOperands, span, message, say!("in the original year")).help(say!(
        "write which one is meant: `{next}` or `{last}`",
        next,
        last
    ))
}

/// Whether an expression is an anniversary of the client.
pub(in crate::check) fn is_anniversary(expr: &Expr) -> bool {
    matches!(expr, Expr::Field(read) if read.ty == Type::Anniversary)
}

/// `client.birthday`
fn anniversary_name(expr: &Expr) -> String {
    match expr {
        Expr::Field(read) => format!("client.{}", read.name),
        _ => String::new(),
    }
}

/// Whether an expression is `now`, `today` or another day named by its distance from today.
pub(super) fn is_present(expr: &Expr) -> bool {
    matches!(expr, Expr::Now | Expr::Day { .. })
}
