//! Comparisons as other languages and plain English write them. Each is reported with a fix and read as what was
//! meant.

use super::error::{ParseError, report_with};
use super::lookahead::{begins, peek_nth, peek_second};
use super::operator::{COMPARISONS, ComparisonForm, IsTest, PendingComparison, binary};
use super::recover::fail;
use super::trigger::DAYS;
use super::{Cursor, Extent, P, foreign};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Phrase};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::syntax::foreign_syntax;
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

fn plain<T>(op: BinaryOp, span: Span) -> Result<PendingComparison, T> {
    Ok(PendingComparison { op: Spanned::new(op, span), form: ComparisonForm::Plain })
}

/// `=`, `===`, `=>`, `=<`, `<>` and `!==`.
pub(super) fn foreign_signs<'a>() -> P<'a, PendingComparison> {
    custom(|inp: &mut Cursor<'a, '_>| {
        let (Some(first), next) = (inp.peek(), peek_second(inp)) else { return fail() };
        let joined = next.filter(|t| t.span.start == first.span.end).map(|t| t.kind);
        let (op, right, count) = match (first.kind, joined) {
            (Kind::Assign, Some(Kind::Greater)) => (BinaryOp::GreaterEqual, ">=", 2),
            (Kind::Assign, Some(Kind::Less)) => (BinaryOp::LessEqual, "<=", 2),
            (Kind::Less, Some(Kind::Greater)) => (BinaryOp::NotEqual, "!=", 2),
            (Kind::NotEqual, Some(Kind::Assign)) => (BinaryOp::NotEqual, "!=", 2),
            (Kind::Assign | Kind::Equal, Some(Kind::Equal | Kind::Assign)) => (BinaryOp::Equal, "==", 2),
            (Kind::Assign, _) => (BinaryOp::Equal, "==", 1),
            _ => return fail(),
        };
        // Before an element it is a foreign arrow.
        if foreign::foreign_arrow_len(inp).is_some() {
            return fail();
        }
        let span = foreign::span_of_next(inp, count).unwrap_or(first.span);
        let wrong = inp.state().slice(span);
        let (message, label) = if wrong == "=" {
            (say!("`=` is assignment, not comparison"), say!("compare with `==`"))
        } else {
            (say!("unknown comparison operator `{wrong}`", wrong), say!("compare with `{right}`", right))
        };
        foreign::replace_with(inp, count, message, label, right);
        plain(op, span)
    })
    .boxed()
}

/// `not in`, `is in`, `is "x"`, `.in(x)`, `before`, `equals`, `greater than` and the like.
pub(super) fn foreign_words<'a>() -> P<'a, PendingComparison> {
    custom(|inp: &mut Cursor<'a, '_>| {
        let Some(first) = inp.peek() else { return fail() };
        let next = peek_second(inp);
        match (first.kind, next.map(|t| t.kind)) {
            (Kind::Key(K::Not), Some(Kind::Key(K::In))) => {
                inp.skip();
                inp.skip();
                let span = next.map_or(first.span, |t| t.span);
                Ok(PendingComparison { op: Spanned::new(BinaryOp::In, span), form: ComparisonForm::NotIn })
            }
            (Kind::Key(K::Is), _) => is_operator(inp, first),
            (Kind::Dot, _) => {
                let Some(op) = method_operator(inp) else { return fail() };
                inp.skip();
                inp.skip();
                Ok(PendingComparison {
                    op: Spanned::new(op, next.map_or(first.span, |t| t.span)),
                    form: ComparisonForm::Method,
                })
            }
            (Kind::Name | Kind::Key(K::After | K::Before), _) => word_operator(inp, first, 0),
            _ => fail(),
        }
    })
    .boxed()
}

/// The operator that is written like a method call: `.in(vip)`.
pub(super) fn method_operator(inp: &mut Cursor<'_, '_>) -> Option<BinaryOp> {
    let name = peek_second(inp).filter(|_| peek_nth(inp, 2).is_some_and(|t| t.kind == Kind::ParenOpen))?;
    match name.text {
        "in" => Some(BinaryOp::In),
        "contains" | "includes" | "has" => Some(BinaryOp::Contains),
        _ => None,
    }
}

/// The operator that `is` stands for unless `known`, `missing` or a synonym follows, how it is written here, and its
/// length in tokens.
pub(super) fn is_comparison(inp: &mut Cursor<'_, '_>) -> Option<(BinaryOp, &'static str, usize)> {
    let (next, third) = (peek_second(inp), peek_nth(inp, 2));
    let says = |t: Option<Token<'_>>| {
        t.is_none_or(|t| {
            matches!(t.kind, Kind::Key(K::Known | K::Missing | K::True | K::False))
                || foreign_syntax::known_or_missing(t.text).is_some()
        })
    };
    match next.map(|t| t.kind) {
        // `is in reminder` is a test of its own.
        Some(Kind::Key(K::In)) if !third.is_some_and(|t| t.kind.is_word() && !t.first) => Some((BinaryOp::In, "in", 2)),
        // `is one of [..]`
        Some(Kind::Name)
            if next.is_some_and(|t| ["one", "any"].contains(&t.text)) && third.is_some_and(|t| t.text == "of") =>
        {
            Some((BinaryOp::In, "in", 3))
        }
        // `is tagged "vip"` asks for an item of a list, and `is Known` is a keyword in another case.
        Some(Kind::Name)
            if next.is_some_and(|t| t.text == "tagged" || foreign_syntax::respelled(t.text, None).is_some()) =>
        {
            None
        }
        // `client is vip`
        Some(Kind::Name) if is_client(inp) => Some((BinaryOp::In, "in", 1)),
        Some(Kind::Key(K::After)) => Some((BinaryOp::Greater, ">", 2)),
        // `is not more than` is no `!=`.
        Some(Kind::Key(K::Not))
            if third.is_some_and(|t| begins_operand(t) && operator_of_word(t.text).is_none()) && !says(third) =>
        {
            Some((BinaryOp::NotEqual, "!=", 2))
        }
        _ if next.is_some_and(begins_operand) && !says(next) => Some((BinaryOp::Equal, "==", 1)),
        _ => None,
    }
}

/// Whether the operand before the next token is the client, and not a field.
fn is_client(inp: &mut Cursor<'_, '_>) -> bool {
    let Some(next) = inp.peek() else { return false };
    let mut before = inp.state().before_on_line(next.span.start);
    before.next().is_some_and(|t| t.text == "client") && before.next().is_none_or(|t| t.kind != Kind::Dot)
}

fn is_operator<'a>(inp: &mut Cursor<'a, '_>, is: Token<'a>) -> Result<PendingComparison, EmptyErr> {
    if peek_second(inp).is_some_and(|t| operator_of_word(t.text).is_some()) {
        return word_operator(inp, is, 1);
    }
    let Some((op, right, count)) = is_comparison(inp) else { return fail() };
    let span = foreign::span_of_next(inp, count).unwrap_or(is.span);
    let wrong = inp.state().slice(span);
    let message = say!("unknown comparison operator `{wrong}`", wrong);
    foreign::replace_with(inp, count, message, say!("compare with `{right}`", right), right);
    plain(op, span)
}

fn begins_operand(token: Token<'_>) -> bool {
    match token.kind {
        Kind::TextOpen | Kind::Number | Kind::Percent | Kind::Money | Kind::Duration => true,
        Kind::Time | Kind::Date | Kind::DateTime | Kind::BracketOpen => true,
        Kind::Key(_) => begins(token, DAYS),
        Kind::Name => !token.first,
        _ => false,
    }
}

/// `greater than`, `before`, `equals`, after `skipped` tokens such as `is`.
fn word_operator<'a>(
    inp: &mut Cursor<'a, '_>,
    first: Token<'a>,
    skipped: usize,
) -> Result<PendingComparison, EmptyErr> {
    let Some(word) = peek_nth(inp, skipped) else { return fail() };
    let Some((op, right)) = operator_of_word(word.text) else { return fail() };
    let is_at =
        |inp: &mut Cursor<'a, '_>, n: usize, words: &[&str]| peek_nth(inp, n).is_some_and(|t| words.contains(&t.text));
    let count = skipped + 1 + usize::from(is_at(inp, skipped + 1, &["than", "to"]));
    // `has no "vip"` means the opposite, and `has tag "vip"` asks for an item of a list.
    if is_at(inp, count, &["no", "not", "tag"]) {
        return fail();
    }
    let or_equal = is_at(inp, count, &["or"]) && is_at(inp, count + 1, &["equal", "equals"]);
    let wider = [(BinaryOp::Less, BinaryOp::LessEqual, "<="), (BinaryOp::Greater, BinaryOp::GreaterEqual, ">=")];
    let (op, right, count) = match wider.into_iter().find(|(strict, ..)| or_equal && *strict == op) {
        Some((_, op, right)) => (op, right, count + 2 + usize::from(is_at(inp, count + 2, &["to", "than"]))),
        None => (op, right, count),
    };
    let span = foreign::span_of_next(inp, count).unwrap_or(first.span);
    (0..count).for_each(|_| inp.skip());
    Ok(PendingComparison { op: Spanned::new(op, span), form: ComparisonForm::Words(right.to_owned()) })
}

fn operator_of_word(word: &str) -> Option<(BinaryOp, &'static str)> {
    let pair = match word {
        "before" | "earlier" | "less" | "fewer" | "below" | "under" | "lt" => (BinaryOp::Less, "<"),
        "after" | "later" | "greater" | "more" | "above" | "over" | "gt" => (BinaryOp::Greater, ">"),
        "equals" | "equal" | "eq" => (BinaryOp::Equal, "=="),
        "includes" | "include" | "contain" | "has" => (BinaryOp::Contains, "contains"),
        _ => return None,
    };
    Some(pair)
}

/// `a before b`, and `2h before a`, which is a moment.
pub(super) fn build_word_comparison<'a>(
    left: Expr,
    op: Spanned<BinaryOp>,
    sign: &str,
    right: Expr,
    e: &mut Extent<'a, '_>,
) -> Expr {
    let word = e.state().slice(op.span).to_owned();
    if matches!(left.kind, ExprKind::Duration(_)) && matches!(op.node, BinaryOp::Less | BinaryOp::Greater) {
        let whole = left.span.to(right.span);
        let shift = if op.node == BinaryOp::Less { BinaryOp::Subtract } else { BinaryOp::Add };
        let (length, moment) = (e.state().slice(left.span).to_owned(), e.state().slice(right.span).to_owned());
        let fixed = format!("{moment} {} {length}", shift.text());
        // Whether the moment can be in the past is checked once the fixed form is written.
        let diagnostic = Diagnostic::new(
            Code::UnexpectedToken,
            whole,
            say!("`{word}` cannot shift a moment", word),
            say!("use `+` or `-` with a moment"),
        );
        e.state().add(diagnostic.help(say!("write `{fixed}`", fixed)));
        return binary(right, Spanned::new(shift, op.span), left);
    }
    report_replacement(e, op.span, say!("unknown comparison operator `{word}`", word), sign.to_owned());
    build_null_comparison(left, op, right, e)
}

/// `a == null` means `a is missing`.
pub(super) fn build_null_comparison<'a>(
    left: Expr,
    op: Spanned<BinaryOp>,
    right: Expr,
    e: &mut Extent<'a, '_>,
) -> Expr {
    let asks = matches!(op.node, BinaryOp::Equal | BinaryOp::NotEqual);
    let name = match &right.kind {
        ExprKind::Name(name) if asks && foreign_syntax::is_null_word(name) => name.clone(),
        _ => {
            check_chained(&left, &right, &op, e);
            return binary(left, op, right);
        }
    };
    let known = op.node == BinaryOp::NotEqual;
    let fixed = if known { "is known" } else { "is missing" };
    report_replacement(e, op.span.to(right.span), say!("`{name}` is not part of the language", name), fixed.to_owned());
    let span = left.span.to(right.span);
    Expr { kind: ExprKind::Is { expr: Box::new(left), known }, span }
}

/// Reports `a < b < c`, which has no obvious meaning.
fn check_chained<'a>(left: &Expr, right: &Expr, op: &Spanned<BinaryOp>, e: &mut Extent<'a, '_>) {
    let compares = |e: &Expr| match &e.kind {
        ExprKind::Binary { op, .. } => {
            !matches!(op.node, BinaryOp::Or | BinaryOp::And) && COMPARISONS.iter().any(|(_, c)| *c == op.node)
                || op.node == BinaryOp::StartsWith
        }
        ExprKind::Is { .. } | ExprKind::InFunnel { .. } => true,
        _ => false,
    };
    if compares(left) || compares(right) {
        let message = say!("`{op}` cannot compare the result of a comparison", op = op.node.text());
        e.state().add(
            Diagnostic::new(Code::UnexpectedToken, op.span, message, say!("comparisons cannot be chained"))
                .help(say!("join two comparisons with `and`: `a < b and b < c`")),
        );
    }
}

/// Reports something already read that is written as `right` here.
pub(super) fn report_replacement<'a>(e: &mut Extent<'a, '_>, span: Span, message: Phrase, right: String) {
    let diagnostic = Diagnostic::new(Code::UnexpectedToken, span, message, say!("written differently here"))
        .help(say!("write `{right}`", right))
        .fix(say!("change it to `{right}`", right), span, right);
    e.state().errors.push(ParseError { diagnostic, respell: None });
}

/// `not missing`, `set`, `true` and the like after `is`.
pub(super) fn foreign_is(inp: &mut Cursor<'_, '_>) -> Result<IsTest, EmptyErr> {
    let (first, second) = (inp.peek(), peek_second(inp));
    let negated = first.is_some_and(|t| t.kind == Kind::Key(K::Not));
    let Some(word) = (if negated { second } else { first }).filter(|t| t.kind.is_word()) else { return fail() };
    let says = match word.kind {
        Kind::Key(K::Known) if negated => IsTest::Known(true),
        Kind::Key(K::Missing) if negated => IsTest::Known(false),
        Kind::Key(K::True) => IsTest::Bool { truth: true, negated },
        Kind::Key(K::False) => IsTest::Bool { truth: false, negated },
        _ => IsTest::Known(foreign_syntax::known_or_missing(word.text).ok_or_else(EmptyErr::default)?),
    };
    let count = 1 + usize::from(negated);
    match says {
        IsTest::Known(known) => {
            let right = if known == negated { "missing" } else { "known" };
            let wrong = foreign::span_of_next(inp, count).map_or("", |span| inp.state().slice(span));
            let message = say!("unexpected `{wrong}` after `is`", wrong);
            foreign::replace_with(inp, count, message, say!("`known` or `missing`"), right);
            Ok(IsTest::Known(known != negated))
        }
        IsTest::Bool { .. } => {
            (0..count).for_each(|_| inp.skip());
            Ok(says)
        }
        IsTest::In { .. } => Ok(says),
    }
}

/// `a is true`: a condition needs no comparison. `a is false` compares a field, because `not a` also holds for a missing
/// value.
pub(super) fn is_bool<'a>(expr: Expr, truth: bool, negated: bool, span: Span, e: &mut Extent<'a, '_>) -> Expr {
    let place = Span { start: expr.span.end, ..expr.span.after().to(span.after()) };
    let name = e.state().slice(expr.span);
    let is_field = matches!(expr.kind, ExprKind::Name(_) | ExprKind::Field { .. });
    let message = say!("`is` does not test for true or false");
    if !truth && is_field {
        let op = if negated { BinaryOp::NotEqual } else { BinaryOp::Equal };
        let right = format!("{name} {} false", op.text());
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, span, message, say!("use a comparison instead"));
        let diagnostic = if negated {
            diagnostic.help(say!("write `{right}`", right = &right))
        } else {
            diagnostic.help(say!(
                "write `{right}`; or `not {name}`, which is also true if the value is missing",
                right = &right,
                name
            ))
        };
        e.state().add(diagnostic.fix(say!("change it to `{right}`", right = &right), span, right.as_str()));
        let constant = Expr { kind: ExprKind::Bool(false), span: place };
        return binary(expr, Spanned::new(op, place), constant);
    }
    let holds = truth != negated;
    let right = if holds { name.to_owned() } else { format!("not {name}") };
    let mut edits = vec![Edit { span: place, text: String::new() }];
    if !holds {
        edits.insert(0, Edit { span: Span { end: expr.span.start, ..expr.span }, text: "not ".to_owned() });
    }
    let mut diagnostic =
        Diagnostic::new(Code::UnexpectedToken, span, message, say!("redundant")).help(say!("write `{right}`", right));
    diagnostic.fixes.push(Fix { title: say!("change it to `{right}`", right), edits, guess: false });
    e.state().add(diagnostic);
    if holds {
        return expr;
    }
    Expr { kind: ExprKind::Unary { op: UnaryOp::Not, expr: Box::new(expr) }, span }
}

/// `True` and the like.
pub(super) fn truth<'a>() -> P<'a, Expr> {
    custom(|inp: &mut Cursor<'a, '_>| {
        let Some(word) = inp.peek().filter(|t| t.kind == Kind::Name) else { return fail() };
        let Some(truth) = foreign_syntax::bool_literal(word.text) else { return fail() };
        let right = if truth { "true" } else { "false" };
        let wrong = word.text;
        report_with(inp, || {
            Diagnostic::new(
                Code::MisspelledKeyword,
                word.span,
                say!("unknown word `{wrong}`", wrong),
                say!("must be lowercase"),
            )
            .help(say!("did you mean `{word}`?", word = right))
            .fix(say!("change `{wrong}` to `{word}`", wrong, word = right), word.span, right)
        });
        inp.skip();
        Ok(Expr { kind: ExprKind::Bool(truth), span: word.span })
    })
    .boxed()
}
