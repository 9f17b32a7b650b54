//! Expressions: conditions, moments, amounts, history. [`mod@chumsky::pratt`] handles precedence.

use super::error::Expected;
use super::lookahead::{begins, peek_nth, peek_second};
use super::operator::binary;
use super::primitive::{EVENT, begins_construct, duration, name, time, time_of_day};
use super::recover::{enclosed, expect, fail, key, required, token};
use super::template::{self, Texts};
use super::{Cursor, Extent, P, compare, foreign, foreign_compare, foreign_filter, habit_table, is_known, named};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{BinaryOp, Day, DayWord, DurationLit, Expr, ExprKind, History, Name, UnaryOp};
use crate::syntax::foreign_syntax;
use crate::syntax::literal;
use crate::syntax::token::{Keyword, Kind, Token};
use crate::value::{TimeOfDay, Weekday};
use chumsky::pratt::{infix, left, postfix, prefix};
use chumsky::prelude::*;

use Keyword as K;

const EXPR: Expected =
    Expected::new(|| say!("a value such as `client.name`, `24h` or `\"text\"`"), || say!("expected a value"));
const FIELD: Expected = Expected::new(|| say!("a field name"), || say!("expected a field"));
const LAST: Expected = Expected::new(|| say!("`last`"), || say!("expected `last`")).keywords(&[K::Last]);
const LIST_END: Expected = Expected::new(|| say!("`,` or `]`"), || say!("expected `,` or `]`"));
const PAREN_END: Expected = Expected::new(|| say!("an operator or `)`"), || say!("expected `)`"))
    .keywords(&[K::And, K::Or, K::In, K::Is, K::Contains, K::Matches])
    .habits(&[habit_table::CONDITION]);
const HISTORY_END: Expected =
    Expected::new(|| say!("`in last`, `where` or `)`"), || say!("expected `)`")).keywords(&[K::In, K::Where]);

/// Keywords that join or end an expression, so none of them begins an operand.
const RESERVED: &[Keyword] = &[
    K::And,
    K::Or,
    K::Not,
    K::In,
    K::Is,
    K::Contains,
    K::Starts,
    K::Matches,
    K::Where,
    K::While,
    K::Else,
    K::As,
    K::To,
    K::At,
    K::For,
    K::Up,
    K::Within,
    K::Worth,
    K::On,
    K::Every,
    K::Case,
    K::Otherwise,
    K::Path,
    K::Containing,
];

/// The productions for expressions and for the strings inside them.
#[derive(Clone)]
pub(super) struct Exprs<'a> {
    /// An expression; never fails.
    pub(super) expr: P<'a, Expr>,
    /// An operand with its members, such as `client.phone`.
    pub(super) operand: P<'a, Expr>,
    /// Strings, records and files.
    pub(super) texts: Texts<'a>,
}

/// Builds the productions for expressions.
pub(super) fn exprs<'a>() -> Exprs<'a> {
    let mut expr = Recursive::declare();
    let texts = template::texts(expr.clone().boxed());
    let atom = atom(expr.clone().boxed(), &texts);
    let operand = members(atom.clone());
    expr.define(operators(atom));
    Exprs { expr: expr.boxed(), operand, texts }
}

/// `a or b and not c == d + e * -f.g`
fn operators<'a>(atom: P<'a, Expr>) -> P<'a, Expr> {
    let operator = |ops: &'static [(Kind, BinaryOp)]| {
        any().filter(|t: &Token<'a>| t.kind != Kind::Name).try_map(move |t: Token<'a>, _| {
            match ops.iter().find(|(kind, _)| *kind == t.kind) {
                Some((_, op)) => Ok(Spanned::new(*op, t.span)),
                None => fail(),
            }
        })
    };
    let or = operator(&[(Kind::Key(K::Or), BinaryOp::Or)]).or(custom(double_bar));
    members(atom.clone())
        .pratt((
            infix(left(1), or, |l, op, r, _| binary(l, op, r)),
            infix(left(2), operator(&[(Kind::Key(K::And), BinaryOp::And)]), |l, op, r, _| binary(l, op, r)),
            prefix(3, key(K::Not), |op: Token<'a>, e, _| unary(op, UnaryOp::Not, e)),
            infix(left(4), compare::comparison(atom), |l, op, r, e: &mut Extent<'a, '_>| {
                compare::build_comparison(l, op, r, e)
            }),
            postfix(4, compare::is(), |expr: Expr, is, e: &mut Extent<'a, '_>| compare::build_is(expr, is, e)),
            infix(
                left(5),
                operator(&[(Kind::Plus, BinaryOp::Add), (Kind::Minus, BinaryOp::Subtract)]),
                |l, op, r, e: &mut Extent<'a, '_>| is_known::build_arithmetic(l, op, r, e),
            ),
            infix(
                left(6),
                operator(&[(Kind::Star, BinaryOp::Multiply), (Kind::Slash, BinaryOp::Divide)]),
                |l, op, r, e: &mut Extent<'a, '_>| is_known::build_arithmetic(l, op, r, e),
            ),
            prefix(7, token(Kind::Minus), |op: Token<'a>, e, _| unary(op, UnaryOp::Minus, e)),
            postfix(8, custom(foreign_filter::misplaced_filters), |expr, filters, e: &mut Extent<'a, '_>| {
                foreign_filter::report(&expr, &filters, e)
            }),
        ))
        .boxed()
}

/// `a.b.c`, which binds tighter than any operator.
fn members<'a>(atom: P<'a, Expr>) -> P<'a, Expr> {
    let field = name(&FIELD);
    custom(move |inp: &mut Cursor<'a, '_>| {
        let mut of = inp.parse(&atom)?;
        while inp.peek().is_some_and(|t| t.kind == Kind::Dot) && foreign_compare::method_operator(inp).is_none() {
            inp.skip();
            let name = inp.parse(&field)?;
            let span = of.span.to(name.span);
            of = Expr { kind: ExprKind::Field { of: Box::new(of), name }, span };
        }
        Ok(of)
    })
    .boxed()
}

fn unary(token: Token<'_>, op: UnaryOp, expr: Expr) -> Expr {
    let span = token.span.to(expr.span);
    Expr { kind: ExprKind::Unary { op, expr: Box::new(expr) }, span }
}

fn atom<'a>(expr: P<'a, Expr>, texts: &Texts<'a>) -> P<'a, Expr> {
    let text = texts.text.clone().map(|text| Expr { span: text.span, kind: ExprKind::Text(text) });
    let day = day()
        .then(time_of_day().or_not())
        .map_with(|(day, at), e| Expr { kind: ExprKind::Day { day, at }, span: e.span() });
    let item = custom(reject_label).ignore_then(expr.clone());
    let items = item.separated_by(token(Kind::Comma)).allow_trailing().collect::<Vec<_>>();
    let list = enclosed(Kind::BracketOpen, empty_or(Kind::BracketClose, items.boxed()), Kind::BracketClose, &LIST_END)
        .map_with(|items, e| Expr { kind: ExprKind::List(items), span: e.span() });
    let paren = enclosed(Kind::ParenOpen, expr.clone(), Kind::ParenClose, &PAREN_END)
        .map_with(|inner, e| Expr { kind: ExprKind::Paren(Box::new(inner)), span: e.span() });
    let call = enclosed(Kind::ParenOpen, history(expr), Kind::ParenClose, &HISTORY_END);
    let name = custom(operand_name).then(call.or_not()).map_with(|(name, call), e| match call {
        Some((event, field, last, filter)) => Expr {
            kind: ExprKind::History(Box::new(History { function: named(name), event, field, last, filter })),
            span: e.span(),
        },
        None => Expr { kind: ExprKind::Name(name.text.to_owned()), span: name.span },
    });
    let missing = |place| Expr { kind: ExprKind::Error, span: place };
    let (text, list, paren) = (text.boxed(), list.boxed(), paren.boxed());
    let word = choice((literal_expr(), day, foreign_compare::truth(), name)).boxed();
    let any_of = custom(move |inp: &mut Cursor<'a, '_>| match inp.peek().map(|t| t.kind) {
        Some(Kind::TextOpen) => inp.parse(&text),
        Some(Kind::BracketOpen) => inp.parse(&list),
        Some(Kind::ParenOpen) => inp.parse(&paren),
        Some(_) => inp.parse(&word),
        None => fail(),
    });
    required(any_of, &EXPR, missing)
}

/// Fails at a label: it begins a new entry, so the list before it was not closed.
fn reject_label(inp: &mut Cursor<'_, '_>) -> Result<(), chumsky::error::EmptyErr> {
    if inp.peek().is_some_and(|t| t.kind == Kind::Label) { fail() } else { Ok(()) }
}

/// Nothing if the closing token follows.
fn empty_or<'a, O: 'a>(close: Kind, items: P<'a, Vec<O>>) -> P<'a, Vec<O>> {
    custom(
        move |inp: &mut Cursor<'a, '_>| {
            if inp.peek().is_some_and(|t| t.kind == close) { Ok(Vec::new()) } else { inp.parse(&items) }
        },
    )
    .boxed()
}

fn literal_expr<'a>() -> P<'a, Expr> {
    any()
        .try_map(|t: Token<'a>, _| literal_kind(t).map_or_else(fail, Ok))
        .map_with(|kind, e| Expr { kind, span: e.span() })
        .boxed()
}

/// The value of a literal token; `Error` if the lexer has reported it as malformed.
fn literal_kind(t: Token<'_>) -> Option<ExprKind> {
    let kind = match t.kind {
        Kind::Number => literal::number(t.text).map(ExprKind::Number),
        Kind::Percent => literal::percent(t.text).map(ExprKind::Percent),
        Kind::Money => literal::money(t.text).map(|(amount, currency)| {
            let place = if t.text.ends_with(currency) { t.span.end.saturating_sub(3) } else { t.span.start };
            let currency = Spanned::new(currency.to_owned(), Span { start: place, ..t.span });
            ExprKind::Money { amount, currency }
        }),
        Kind::Duration => {
            let value = literal::duration(t.text, t.span);
            (!value.parts.is_empty()).then_some(ExprKind::Duration(value))
        }
        Kind::Time => literal::time(t.text).map(ExprKind::Time),
        Kind::Date => literal::date(t.text).map(ExprKind::Date),
        Kind::DateTime => literal::date_time(t.text).map(|(date, time)| ExprKind::DateTime(date, time)),
        Kind::Key(K::True) => Some(ExprKind::Bool(true)),
        Kind::Key(K::False) => Some(ExprKind::Bool(false)),
        Kind::Key(K::Now) => Some(ExprKind::Now),
        _ => return None,
    };
    Some(kind.unwrap_or(ExprKind::Error))
}

fn day<'a>() -> P<'a, Day> {
    any()
        .try_map(|t: Token<'a>, _| match t.kind {
            Kind::Key(K::Today) => Ok(Day::Today),
            Kind::Key(K::Tomorrow) => Ok(Day::Tomorrow),
            Kind::Key(K::Weekday) => Ok(Day::Several(DayWord::Weekday)),
            Kind::Key(K::Weekend) => Ok(Day::Several(DayWord::Weekend)),
            Kind::Key(k) => Weekday::parse(k.text()).map_or_else(fail, |day| Ok(Day::Weekday(day))),
            _ => fail(),
        })
        .or(custom(foreign_day))
        .boxed()
}

/// `mon`, `понедельник` before a time of day: another spelling of a day.
fn foreign_day(inp: &mut Cursor<'_, '_>) -> Result<Day, chumsky::error::EmptyErr> {
    let Some(word) = inp.peek().filter(|t| t.kind == Kind::Name) else { return fail() };
    let Some(right) = foreign_syntax::days(word.text) else { return fail() };
    let day = match right {
        "weekday" => Day::Several(DayWord::Weekday),
        "weekend" => Day::Several(DayWord::Weekend),
        name => Weekday::parse(name).map_or_else(fail, |day| Ok(Day::Weekday(day)))?,
    };
    let is_day = |t: Token<'_>| matches!(t.kind, Kind::Time) || (begins(t, &[K::Or]) && !word.text.is_ascii());
    if !peek_second(inp).is_some_and(is_day) {
        return fail();
    }
    let message = say!("`{day}` is not a valid day", day = word.text);
    foreign::replace_with(inp, 1, message, say!("expected a day"), right);
    Ok(day)
}

/// Reads a word that can be an operand: neither an operator nor the beginning of the next construct.
fn operand_name<'a>(inp: &mut Cursor<'a, '_>) -> Result<Token<'a>, chumsky::error::EmptyErr> {
    let Some(t) = inp.peek().filter(|t| matches!(t.kind, Kind::Name | Kind::Key(_))) else { return fail() };
    if begins(t, RESERVED) || begins_construct(inp, t) {
        return fail();
    }
    inp.skip();
    Ok(t)
}

type HistoryArgs = (Name, Option<Name>, Option<DurationLit>, Option<Expr>);

/// `booking.field in last 90d where attended`
fn history<'a>(expr: P<'a, Expr>) -> P<'a, HistoryArgs> {
    let last = key(K::In).ignore_then(expect(Kind::Key(K::Last), &LAST)).ignore_then(duration());
    name(&EVENT)
        .then(token(Kind::Dot).ignore_then(name(&FIELD)).or_not())
        .then(last.or_not())
        .then(key(K::Where).ignore_then(expr).or_not())
        .map(|(((event, field), last), filter)| (event, field, last, filter))
        .boxed()
}

/// `booking.starts_at - 1d`, `booking.starts_at - 1d at 18:00`
pub(super) fn moment<'a>(expr: &P<'a, Expr>) -> P<'a, Expr> {
    let at = key(K::At).ignore_then(time()).or_not();
    let with_time = expr.clone().then(at).map_with(|(of, at), e| match at {
        Some(at) => Expr { kind: ExprKind::AtTime { of: Box::new(of), at }, span: e.span() },
        None => of,
    });
    let (moment, date) = (with_time.boxed(), expr.clone());
    custom(move |inp: &mut Cursor<'a, '_>| {
        listed_days(inp);
        let moment = inp.parse(&moment)?;
        let on = inp.peek().filter(|t| t.kind == Kind::Key(K::On) && !t.first);
        match (&moment.kind, on) {
            (ExprKind::Time(time), Some(on)) => {
                let at = Spanned::new(*time, moment.span);
                inp.skip();
                let of = inp.parse(&date)?;
                Ok(time_before_date(inp, at, on, of))
            }
            (_, _) => Ok(moment),
        }
    })
    .boxed()
}

/// `while expr`
pub(super) fn holds<'a>(expr: &P<'a, Expr>) -> P<'a, Option<Expr>> {
    key(K::While).ignore_then(expr.clone()).or_not().boxed()
}

/// `where expr`
pub(super) fn filter<'a>(expr: &P<'a, Expr>) -> P<'a, Option<Expr>> {
    key(K::Where).ignore_then(expr.clone()).or_not().boxed()
}

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// Reports `monday, thursday 10:00` and `monday..friday 10:00` where one of these days is waited for, up to the last day.
fn listed_days(inp: &mut Cursor<'_, '_>) {
    let is_day = |t: &Token<'_>| Weekday::parse(t.text).is_some() && matches!(t.kind, Kind::Key(_));
    let is_sign = |t: &Token<'_>| matches!(t.kind, Kind::Comma | Kind::DotDot);
    let mut days = Vec::new();
    let mut next = 0;
    while let Some(day) = peek_nth(inp, next).filter(is_day) {
        days.push(day);
        if !peek_nth(inp, next + 1).as_ref().is_some_and(is_sign) {
            break;
        }
        next += 2;
    }
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return };
    if days.len() < 2 || !peek_nth(inp, next).as_ref().is_some_and(is_day) {
        return;
    }
    let span = first.span.to(last.span);
    let is_range = peek_nth(inp, 1).is_some_and(|t| t.kind == Kind::DotDot);
    let named: Vec<&str> = match (is_range, first.text, last.text) {
        (true, "monday", "friday") => vec!["weekday"],
        (true, from, to) => {
            let week = Weekday::ALL.iter().map(|day| day.name()).cycle().skip_while(|day| *day != from);
            let mut named: Vec<&str> = week.take_while(|day| *day != to).take(7).collect();
            named.push(to);
            named
        }
        (false, ..) => days.iter().map(|day| day.text).collect(),
    };
    let right = named.join(" or ");
    let message = say!("a wait is for the next of several days");
    let finding = Diagnostic::new(Code::UnexpectedToken, span, message, say!("join the days with `or`"));
    let finding = finding.help(say!("write `{right}`", right = &right));
    inp.state().add(finding.fix(say!("write `{right}`", right = &right), span, right));
    (0..next).for_each(|_| inp.skip());
}

/// `18:00 on starts_at - 1d` instead of `starts_at - 1d at 18:00`.
fn time_before_date<'a>(inp: &mut Cursor<'a, '_>, at: Spanned<TimeOfDay>, on: Token<'a>, of: Expr) -> Expr {
    let span = at.span.to(of.span);
    let state = inp.state();
    let right = format!("{} at {}", state.slice(of.span), state.slice(at.span));
    let message = say!("`on` begins a new entry here");
    let finding = Diagnostic::new(Code::UnexpectedToken, on.span, message, say!("not allowed after a time of day"));
    let finding = finding.help(say!("write the date first: `{right}`", right = &right));
    state.add(finding.fix(say!("write `{right}`", right = &right), span, right));
    Expr { kind: ExprKind::AtTime { of: Box::new(of), at }, span }
}

/// `where expr` where no `while` may follow.
pub(super) fn filter_only<'a>(expr: &P<'a, Expr>) -> P<'a, Option<Expr>> {
    let misplaced = key(K::While).map_with(|_, e: &mut Extent<'a, '_>| {
        let span = e.span();
        let message = say!("`while` is only allowed after a trigger");
        let finding = Diagnostic::new(Code::UnexpectedToken, span, message, say!("not allowed here"));
        e.state().add(finding.help(say!("write `where`, which is evaluated when the event occurs")));
    });
    filter(expr).then(misplaced.then(expr.clone()).or_not()).map(|(filter, _)| filter).boxed()
}

/// `||` or `|` instead of `or`.
fn double_bar(inp: &mut Cursor<'_, '_>) -> Result<Spanned<BinaryOp>, chumsky::error::EmptyErr> {
    let Some(bar) = inp.peek().filter(|t| t.kind == Kind::Bar) else { return fail() };
    let Some(second) = peek_second(inp) else { return fail() };
    let count = if second.kind == Kind::Bar && second.span.start == bar.span.end { 2 } else { 1 };
    let joins = second.kind.is_word() && !second.first && foreign::foreign_arrow_len(inp).is_none();
    if count == 1 && (!joins || inp.state().is_in_placeholder(bar.span.start)) {
        return fail();
    }
    let wrong = if count == 2 { "||" } else { "|" };
    foreign::replace_with(inp, count, say!("unknown operator `{wrong}`", wrong), say!("use `or` instead"), "or");
    Ok(Spanned::new(BinaryOp::Or, bar.span))
}
