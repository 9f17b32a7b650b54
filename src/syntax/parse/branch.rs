//! Elements that branch or repeat: `if`, `match`, `split`, `parallel`, `repeat`.

use super::block::{BLOCK, ElementWithHead, Productions, required_block};
use super::error::{Expected, is_suppressed, report_with};
use super::lookahead::{PATHS, SETTINGS, begins, peek_nth, peek_second};
use super::primitive::{arrow, foreign_dots, number, percent};
use super::recover::{Delimiters, at_end, braces, expect, fail, key, skip_unexpected, token};
use super::{Cursor, Extent, P, foreign, foreign_case, habit_table};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, Chain, Element, Expr, ExprKind, If, MatchCase, Otherwise, SplitCase, UnaryOp};
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

const ELSE_IF: Expected = Expected::new(|| say!("`{{` or `if`"), || say!("expected a block")).keywords(&[K::If]);
const CASES_END: Expected = Expected::new(|| say!("`case`, `otherwise` or `}}`"), || say!("expected `case`"))
    .code(Code::UnexpectedToken)
    .keywords(&[K::Case, K::Otherwise]);
const PATHS_END: Expected = Expected::new(|| say!("`path` or `}}`"), || say!("expected `path`"))
    .code(Code::UnexpectedToken)
    .keywords(&[K::Path])
    .habits(&[habit_table::PARALLEL]);
const ARROW: Expected = Expected::new(|| say!("`->`"), || say!("expected `->`"));
const TIMES: Expected =
    Expected::new(|| say!("`times`"), || say!("expected `times`")).keywords(&[K::Times]).habits(&[habit_table::REPEAT]);

/// `if`, `match`, `split`, `parallel`, `repeat`
pub(super) fn branching<'a>(p: &Productions<'a>) -> P<'a, ElementWithHead> {
    let otherwise = otherwise(p);
    let match_head = key(K::Match).ignore_then(p.exprs.expr.clone()).map_with(|subject, e| (subject, e.span()));
    let values = case_value(p).separated_by(token(Kind::Comma)).at_least(1).collect::<Vec<_>>();
    let case = custom(foreign_case::named_share).or(key(K::Case).ignored()).or(custom(missing_case)).boxed();
    let match_case = case
        .clone()
        .ignore_then(values)
        .then(path(p))
        .map_with(|(values, chain), e| MatchCase { values, chain, span: e.span() })
        .boxed();
    let matching = match_head
        .then(cases(match_case, otherwise.clone(), &CASES_END))
        .map(|((subject, head), (cases, otherwise))| (Element::Match { subject, cases, otherwise }, head));
    let split_head =
        key(K::Split).ignore_then(p.exprs.texts.text.clone().or_not()).map_with(|name, e| (name, e.span()));
    let split_case = case
        .ignore_then(percent())
        .then(path(p))
        .map_with(|(percent, chain), e| SplitCase { percent, chain, span: e.span() })
        .boxed();
    let wrong = custom(foreign_case::shares_before_braces).to(None);
    let split =
        split_head.then(wrong.or(cases(split_case, otherwise, &CASES_END).map(Some))).map(|((name, head), body)| {
            let Some((cases, otherwise)) = body else { return (Element::Error, head) };
            (Element::Split { name, cases, otherwise }, head)
        });
    let no_otherwise = custom(|_: &mut Cursor<'a, '_>| fail::<Chain>()).boxed();
    let parallel = key(K::Parallel)
        .map_with(|_, e| e.span())
        .then(cases(key(K::Path).ignore_then(path(p)).boxed(), no_otherwise, &PATHS_END))
        .map(|(head, (paths, _))| (Element::Parallel { paths }, head));
    let repeat = key(K::Repeat)
        .ignore_then(number())
        .then_ignore(expect(Kind::Key(K::Times), &TIMES))
        .map_with(|times, e| (times, e.span()))
        .then(required_block(p, &BLOCK))
        .map(|((times, head), body)| (Element::Repeat { times, body }, head));
    let branch = if_(p).map(|(branch, head)| (Element::If(Box::new(branch)), head));
    choice((branch, matching, split, parallel, repeat)).boxed()
}

/// `9`, `9..10`
fn case_value<'a>(p: &Productions<'a>) -> P<'a, Expr> {
    let expr = p.exprs.expr.clone();
    let dots = token(Kind::DotDot).ignored().or(custom(foreign_dots)).boxed();
    custom(move |inp: &mut Cursor<'a, '_>| {
        let from = inp.parse(&expr)?;
        let from = match dash_for_dots(inp, from) {
            Ok(range) => return Ok(range),
            Err(from) => from,
        };
        if inp.parse(dots.clone().or_not())?.is_none() {
            return Ok(from);
        }
        let to = inp.parse(&expr)?;
        Ok(range(from, to))
    })
    .boxed()
}

fn range(from: Expr, to: Expr) -> Expr {
    let span = from.span.to(to.span);
    Expr { kind: ExprKind::Range { from: Box::new(from), to: Box::new(to) }, span }
}

/// `if expr [ { chain } [ else ( { chain } | if .. ) ] ]`
fn if_<'a>(p: &Productions<'a>) -> P<'a, (If, Span)> {
    let (condition, block, needed) = (p.exprs.expr.clone(), p.block.clone(), required_block(p, &ELSE_IF));
    let then = foreign::skip_redundant(&["then"], |next| {
        next.is_some_and(|t| matches!(t.kind, Kind::BraceOpen | Kind::Arrow))
    });
    recursive(move |nested| {
        let nested = nested.map_with(|(branch, _): (If, Span), e| Otherwise::If(Box::new(branch), e.span())).boxed();
        let other = nested.clone().or(needed.clone().map(Otherwise::Block)).boxed();
        let joined = any().filter(|t: &Token<'a>| ELSE_IFS.contains(&t.text)).rewind().ignore_then(nested);
        let word = key(K::Else).ignored().or(custom(otherwise_for_else));
        let blocks = block.then(joined.or(word.ignore_then(other)).or_not());
        key(K::If)
            .to(None)
            .or(custom(else_if).to(None))
            .or(custom(unless).map(Some))
            .then(condition)
            .map_with(|(unless, condition), e| {
                let condition = match unless {
                    Some(word) => negated(condition, word, e),
                    None => condition,
                };
                (condition, e.span())
            })
            .then_ignore(then)
            .then(blocks.or_not())
            .map(|((condition, head), blocks)| {
                let (then, otherwise) = blocks.map_or((None, None), |(then, otherwise)| (Some(then), otherwise));
                (If { condition, then, otherwise }, head)
            })
            .boxed()
    })
    .boxed()
}

/// `otherwise -> chain`
fn otherwise<'a>(p: &Productions<'a>) -> P<'a, Chain> {
    key(K::Otherwise).ignored().or(custom(else_for_otherwise)).ignore_then(path(p)).boxed()
}

/// `-> chain`
fn path<'a>(p: &Productions<'a>) -> P<'a, Chain> {
    let braces = custom(|inp: &mut Cursor<'a, '_>| {
        if !foreign_case::path_in_braces(inp) {
            return fail();
        }
        foreign_case::braces_around(inp);
        Ok(())
    });
    let more = token(Kind::Arrow).ignore_then(p.chain.clone()).or_not();
    let braced = braces.ignore_then(p.block.clone()).then(more).map(|(block, more)| {
        let mut chain = block.chain;
        chain.steps.extend(more.into_iter().flat_map(|more| more.steps));
        chain
    });
    braced.or(arrow(&ARROW).ignore_then(p.chain.clone())).boxed()
}

/// `{ case .. otherwise -> chain }`
fn cases<'a, O: 'a>(
    case: P<'a, O>,
    otherwise: P<'a, Chain>,
    want: &'static Expected,
) -> P<'a, (Vec<O>, Option<Chain>)> {
    let inside = custom(move |inp: &mut Cursor<'a, '_>| {
        let (mut cases, mut last) = (Vec::new(), None);
        loop {
            match inp.peek() {
                Some(t)
                    if begins(t, &[K::Case, K::Path]) || begins_bare_case(inp) || foreign_case::begins_share(inp) =>
                {
                    match inp.parse(case.clone().or_not())? {
                        Some(case) => cases.push(case),
                        None => skip_unexpected(inp, want, |t| begins(t, PATHS)),
                    }
                }
                Some(t) if last.is_none() && (begins(t, &[K::Otherwise]) || foreign_case::begins_rest(inp)) => {
                    match inp.parse(otherwise.clone().or_not())? {
                        Some(chain) => last = Some(chain),
                        None => skip_unexpected(inp, want, |t| begins(t, PATHS)),
                    }
                }
                Some(t) if t.kind != Kind::BraceClose && !at_end(inp) && !begins(t, SETTINGS) => {
                    skip_unexpected(inp, want, |t| begins(t, PATHS));
                }
                Some(_) | None => return Ok((cases, last)),
            }
        }
    });
    let wanted = Delimiters { open: &BLOCK, close: want };
    braces(inside.boxed(), wanted, |t| begins(t, PATHS), |_| (Vec::new(), None))
}

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// `else`, `default` and the like instead of `otherwise`.
fn else_for_otherwise(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    if !foreign_case::begins_rest(inp) {
        return fail();
    }
    let wrong = inp.peek().map_or("", |t| t.text);
    let message = say!("`{wrong}` cannot start a path here", wrong);
    foreign::replace_with(inp, 1, message, say!("use `otherwise` instead"), "otherwise");
    Ok(())
}

/// Whether a path starts with its value, without `case`.
fn begins_bare_case(inp: &mut Cursor<'_, '_>) -> bool {
    let Some(first) = inp.peek() else { return false };
    let arrow_follows = |inp: &mut Cursor<'_, '_>| {
        // Limit: a value of this many tokens.
        (1..12)
            .map_while(|n| peek_nth(inp, n))
            .take_while(|t| !t.kind.opens() || t.kind == Kind::TextOpen)
            .any(|t| t.kind == Kind::Arrow)
    };
    match first.kind {
        Kind::Percent if peek_second(inp).is_some_and(|t| t.kind == Kind::BraceOpen) => true,
        Kind::Percent
        | Kind::Number
        | Kind::TextOpen
        | Kind::Money
        | Kind::Duration
        | Kind::Time
        | Kind::Date
        | Kind::DateTime => arrow_follows(inp),
        _ => false,
    }
}

/// Reports a value without `case` before it.
fn missing_case(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    if !begins_bare_case(inp) {
        return fail();
    }
    match inp.peek().filter(|t| t.kind == Kind::Percent) {
        Some(share) => foreign_case::share_without_case(inp, share),
        None => foreign::report_missing_word(inp, "case"),
    }
    Ok(())
}

/// Reads `9-10` as a range, which a difference of two numbers in a `case` is meant to be.
fn dash_for_dots(inp: &mut Cursor<'_, '_>, value: Expr) -> Result<Expr, Expr> {
    let ExprKind::Binary { op, left, right } = &value.kind else { return Err(value) };
    let is_number = |expr: &Expr| matches!(expr.kind, ExprKind::Number(_) | ExprKind::Money { .. } | ExprKind::Time(_));
    if op.node != BinaryOp::Subtract || !is_number(left) || !is_number(right) {
        return Err(value);
    }
    let between = Span { end: right.span.start, start: left.span.end, ..op.span };
    let op = op.span;
    report_with(inp, || {
        Diagnostic::new(
            Code::UnexpectedToken,
            op,
            say!("use `..` for a range, not `{wrong}`", wrong = "-"),
            say!("expected `..`"),
        )
        .fix(say!("change it to `..`"), between, "..")
    });
    Ok(range((**left).clone(), (**right).clone()))
}

/// `else if` in other languages.
const ELSE_IFS: &[&str] = &["elseif", "elif", "elsif", "elseIf"];

/// Reads `elif` and the like as `else if`.
fn else_if(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(word) = inp.peek().filter(|t| ELSE_IFS.contains(&t.text)) else { return fail() };
    let wrong = word.text;
    report_with(inp, || {
        Diagnostic::new(
            Code::UnexpectedToken,
            word.span,
            say!("unknown word `{wrong}`", wrong),
            say!("must be two words"),
        )
        .help(say!("write `else if`"))
        .fix(say!("change it to `else if`"), word.span, "else if")
    });
    inp.skip();
    Ok(())
}

/// `unless` instead of `if not`; reported once its condition is read.
fn unless<'a>(inp: &mut Cursor<'a, '_>) -> Result<Token<'a>, EmptyErr> {
    let Some(word) = inp.peek().filter(|t| t.kind == Kind::Name && t.text == "unless") else { return fail() };
    if !peek_second(inp).is_some_and(|t| !t.first && (t.kind.is_word() || t.kind.opens())) || is_suppressed(inp) {
        return fail();
    }
    inp.skip();
    Ok(word)
}

/// Reports `unless a`, and returns `not a`.
fn negated<'a>(condition: Expr, word: Token<'a>, e: &mut Extent<'a, '_>) -> Expr {
    let joins =
        matches!(&condition.kind, ExprKind::Binary { op, .. } if matches!(op.node, BinaryOp::And | BinaryOp::Or));
    let written = e.state().slice(condition.span);
    let right = if joins { format!("if not ({written})") } else { format!("if not {written}") };
    let (wrong, whole) = (word.text, word.span.to(condition.span));
    let diagnostic =
        Diagnostic::new(Code::UnexpectedToken, word.span, say!("unknown word `{wrong}`", wrong), say!("use `if not`"))
            .help(say!("write `{right}`", right = &right))
            .fix(say!("change it to `{right}`", right = &right), whole, right.as_str());
    e.state().add(diagnostic);
    let span = condition.span;
    Expr { kind: ExprKind::Unary { op: UnaryOp::Not, expr: Box::new(condition) }, span }
}

/// `otherwise` or `then` instead of `else`.
fn otherwise_for_else(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let is_meant = |t: &Token<'_>| t.kind == Kind::Key(K::Otherwise) || t.text == "then";
    let Some(next) = inp.peek().filter(is_meant) else { return fail() };
    if !peek_second(inp).is_some_and(|t| t.kind == Kind::BraceOpen) {
        return fail();
    }
    let message = if next.text == "then" {
        say!("`then` does not begin a second path")
    } else {
        say!("`otherwise` is only allowed in `match` or `split`")
    };
    foreign::replace_with(inp, 1, message, say!("use `else` instead"), "else");
    Ok(())
}
