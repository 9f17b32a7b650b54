//! Paths of `split`, `match` and `parallel` in other shapes: in braces, with the name of a variant, with the shares before
//! the braces. Each is reported with the right line, and read as what was meant where that is certain.

use super::block::begins_otherwise;
use super::error::{gap, report_with};
use super::lookahead::{PATHS, begins, peek_nth};
use super::recover::fail;
use super::{Cursor, foreign};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::say;
use crate::source::Span;
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};
use chumsky::error::EmptyErr;

use Keyword as K;

/// Words for one alternative of a test.
const VARIANTS: &[&str] =
    &["variant", "version", "option", "branch", "group", "arm", "when", "вариант", "группа", "ветка"];

/// Other words for `otherwise`.
const RESTS: &[&str] = &["default", "rest", "others"];

/// Limit: how many tokens the name of a variant has.
const MAX_NAME: usize = 8;

/// How many tokens before a share name its variant: `case A 50%`, `variant "a": 50%`, `a: 50%`, `path 50%`; `None` if
/// nothing does.
pub(super) fn named_share_len(inp: &mut Cursor<'_, '_>) -> Option<usize> {
    let first = inp.peek()?;
    let is_word = begins(first, &[K::Case, K::Path]) || (first.kind == Kind::Name && VARIANTS.contains(&first.text));
    let mut count = usize::from(is_word);
    match peek_nth(inp, count)?.kind {
        Kind::Name | Kind::Label => count += 1,
        Kind::TextOpen => {
            let closes = |n: &usize| peek_nth(inp, *n).is_some_and(|t| t.kind == Kind::TextClose);
            count = (count + 1..count + MAX_NAME).find(closes)? + 1;
        }
        _ => {}
    }
    if count > 0 && matches!(peek_nth(inp, count)?.kind, Kind::Colon | Kind::Assign) {
        count += 1;
    }
    let is_right = count == usize::from(begins(first, &[K::Case]));
    (!is_right && peek_nth(inp, count)?.kind == Kind::Percent).then_some(count)
}

/// Whether a share begins a path here without `case`: `50% -> ..`, `50% { .. }`, `a: 50% -> ..`.
pub(super) fn begins_share(inp: &mut Cursor<'_, '_>) -> bool {
    let Some(first) = inp.peek() else { return false };
    match first.kind {
        Kind::Percent => peek_nth(inp, 1).is_some_and(|t| matches!(t.kind, Kind::Arrow | Kind::BraceOpen)),
        Kind::Name | Kind::Label | Kind::TextOpen => named_share_len(inp).is_some(),
        _ => false,
    }
}

/// Whether `otherwise` comes next under another name, with its arrow or its braces.
pub(super) fn begins_rest(inp: &mut Cursor<'_, '_>) -> bool {
    let opens = inp.peek().is_some_and(|t| begins(t, &[K::Else]) || RESTS.contains(&t.text))
        && peek_nth(inp, 1).is_some_and(|t| t.kind == Kind::BraceOpen);
    opens || begins_otherwise(inp)
}

/// `case A 50%` instead of `case 50%`.
pub(super) fn named_share(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(count) = named_share_len(inp) else { return fail() };
    let (Some(span), Some(share)) = (foreign::span_of_next(inp, count + 1), peek_nth(inp, count)) else {
        return fail();
    };
    let share = share.text;
    report_with(inp, || {
        Diagnostic::new(
            Code::UnexpectedToken,
            span,
            say!("a path of a `split` begins with `case` and its share, without a name"),
            say!("written differently here"),
        )
        .help(say!("write `case {share} -> ..`", share))
        .fix(say!("change it to `case {share}`", share), span, format!("case {share}"))
    });
    (0..count).for_each(|_| inp.skip());
    Ok(())
}

/// Reports `50% -> ..` instead of `case 50% -> ..`.
pub(super) fn share_without_case(inp: &mut Cursor<'_, '_>, share: Token<'_>) {
    let place = gap(inp);
    let text = share.text;
    report_with(inp, || {
        let message = say!("expected `{word}`, found `{text}`", word = "case", text);
        Diagnostic::new(Code::Expected, share.span, message, say!("expected `{word}`", word = "case"))
            .help(say!("write `case {share} -> ..`", share = text))
            .fix(say!("add `{word}`", word = "case"), Span { end: share.span.start, ..place }, " case ")
    });
}

/// Whether a path is in braces, as after `case 50%` or `case 50% ->`.
pub(super) fn path_in_braces(inp: &mut Cursor<'_, '_>) -> bool {
    let opens = |t: Option<Token<'_>>| t.is_some_and(|t| t.kind == Kind::BraceOpen);
    match inp.peek() {
        Some(t) if t.kind == Kind::Arrow => opens(peek_nth(inp, 1)),
        next => opens(next),
    }
}

/// Reports the braces around a path, and skips the arrow before them.
pub(super) fn braces_around(inp: &mut Cursor<'_, '_>) {
    let has_arrow = inp.peek().is_some_and(|t| t.kind == Kind::Arrow);
    let (Some(open), Some(step)) = (peek_nth(inp, usize::from(has_arrow)), peek_nth(inp, 1 + usize::from(has_arrow)))
    else {
        return;
    };
    let head = head_of_path(inp);
    let close = matching_brace(inp, open);
    let before_close = close.map(|close| before(inp, close));
    let text = inp.state().text;
    report_with(inp, || {
        let finding = Diagnostic::new(
            Code::UnexpectedToken,
            open.span,
            say!("a path is written after `->`, without braces"),
            say!("not needed"),
        )
        .help(say!("write `{head} -> {step} ..`", head, step = step.text));
        let Some((close, last)) = close.zip(before_close) else { return finding };
        let opening = Span { end: step.span.start, ..open.span };
        let opening = Edit { span: opening, text: if has_arrow { String::new() } else { "-> ".to_owned() } };
        // A comment before the brace stays where it is.
        let blank = Span { start: last.end, ..close.span };
        let is_blank =
            text.get(blank.start as usize..close.span.start as usize).is_some_and(|gap| gap.trim().is_empty());
        let closing = Edit { span: if is_blank { blank } else { close.span }, text: String::new() };
        let title = say!("remove the braces");
        Diagnostic { fixes: vec![Fix { title, edits: vec![opening, closing], guess: false }], ..finding }
    });
    if has_arrow {
        inp.skip();
    }
}

/// The words before a path: `case 50%`, `otherwise`.
fn head_of_path(inp: &mut Cursor<'_, '_>) -> String {
    let end = gap(inp).end;
    let state = inp.state();
    let at = state.tokens.partition_point(|t| t.span.start < end);
    let earlier = state.tokens.get(..at).unwrap_or_default().iter().rev().take(MAX_NAME);
    let within: Vec<&Token<'_>> =
        earlier.take_while(|t| !matches!(t.kind, Kind::BraceOpen | Kind::BraceClose | Kind::Arrow)).collect();
    match within.iter().find(|t| begins(***t, PATHS)).or(within.last()) {
        Some(first) if begins(**first, PATHS) => state.slice(Span { end, ..first.span }).to_owned(),
        Some(first) if begins(**first, &[K::Else]) || RESTS.contains(&first.text) => "otherwise".to_owned(),
        Some(first) => format!("case {}", state.slice(Span { end, ..first.span })),
        None => "case 50%".to_owned(),
    }
}

/// The brace that closes another one.
fn matching_brace<'a>(inp: &mut Cursor<'a, '_>, open: Token<'a>) -> Option<Token<'a>> {
    let tokens = inp.state().tokens;
    let at = tokens.partition_point(|t| t.span.start < open.span.start);
    let mut depth: usize = 0;
    tokens.get(at..)?.iter().copied().find(|t| {
        match t.kind {
            Kind::BraceOpen => depth += 1,
            Kind::BraceClose => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })
}

/// The end of the token before another one.
fn before(inp: &mut Cursor<'_, '_>, token: Token<'_>) -> Span {
    let tokens = inp.state().tokens;
    let at = tokens.partition_point(|t| t.span.start < token.span.start);
    at.checked_sub(1).and_then(|at| tokens.get(at)).map_or(token.span, |t| t.span)
}

/// A path after the head of a split: the tokens before its brace, and its braces.
struct Braced<'a> {
    head: Span,
    /// `case 50%` or `otherwise`.
    word: String,
    open: Token<'a>,
    close: Token<'a>,
}

/// `split 50/50 { .. }`, `split 50% { .. } else { .. }`: shares before the braces. Skips what belongs to the split.
pub(super) fn shares_before_braces(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some((count, shares)) = shares_ahead(inp) else { return fail() };
    let Some(span) = foreign::span_of_next(inp, count) else { return fail() };
    let place = Span { start: gap(inp).end, ..span };
    (0..count).for_each(|_| inp.skip());
    let paths = braced_paths(inp, span);
    let edits = match paths.as_slice() {
        [only] => cases_with_shares(inp, only, &shares).map(|mut edits| {
            edits.insert(0, Edit { span: place, text: String::new() });
            edits
        }),
        [] => None,
        several => Some(paths_as_cases(several, &shares)),
    };
    let cases: Vec<String> = shares.iter().map(|share| format!("case {share} -> ..")).collect();
    let rest = if shares.len() == 1 { " otherwise -> .." } else { "" };
    let right = format!("split {{ {}{rest} }}", cases.join(" "));
    let mut finding = Diagnostic::new(
        Code::UnexpectedToken,
        span,
        say!("the shares of a `split` are written in its cases"),
        say!("belongs in a `case`"),
    )
    .help(say!("write `{right}`", right));
    if let Some(edits) = edits {
        finding.fixes.push(Fix { title: say!("move the shares into the cases"), edits, guess: false });
    }
    inp.state().add(finding);
    if let Some(last) = paths.last() {
        while inp.peek().is_some_and(|t| t.span.start <= last.close.span.start) {
            inp.skip();
        }
    }
    Ok(())
}

/// `50/50`, `50% / 50%`: how many tokens, and the shares.
fn shares_ahead(inp: &mut Cursor<'_, '_>) -> Option<(usize, Vec<String>)> {
    let share = |t: Token<'_>| match t.kind {
        Kind::Percent => Some(t.text.to_owned()),
        Kind::Number => Some(format!("{}%", t.text)),
        _ => None,
    };
    let mut shares = vec![share(inp.peek()?)?];
    let mut count = 1;
    let joins = |t: Token<'_>| matches!(t.kind, Kind::Slash | Kind::Comma | Kind::Minus | Kind::Colon | Kind::Bar);
    while peek_nth(inp, count).is_some_and(joins)
        && let Some(next) = peek_nth(inp, count + 1).and_then(share)
    {
        shares.push(next);
        count += 2;
    }
    // `split 2 { .. }` says how many paths there are.
    if shares.len() == 1 && inp.peek()?.kind == Kind::Number {
        shares = vec!["50%".to_owned(); 2];
    }
    Some((count, shares))
}

/// The paths in braces that follow: `{ .. } else { .. }`, `{ .. } 50% { .. }`.
fn braced_paths<'a>(inp: &mut Cursor<'a, '_>, head: Span) -> Vec<Braced<'a>> {
    let tokens = inp.state().tokens;
    let mut at = tokens.partition_point(|t| t.span.start < head.end);
    let (mut paths, mut head, mut word) = (Vec::new(), head, String::new());
    while let Some(open) = tokens.get(at).filter(|t| t.kind == Kind::BraceOpen).copied() {
        let Some(close) = matching_brace(inp, open) else { break };
        paths.push(Braced { head, word, open, close });
        at = tokens.partition_point(|t| t.span.start <= close.span.start);
        let Some(next) = tokens.get(at) else { break };
        word = match next.kind {
            Kind::Percent => format!("case {}", next.text),
            Kind::Key(K::Else | K::Otherwise) => "otherwise".to_owned(),
            _ => break,
        };
        head = next.span;
        at += 1;
    }
    paths
}

/// The edits that put the shares into the cases of a body; `None` if it has others, or none.
fn cases_with_shares(inp: &mut Cursor<'_, '_>, body: &Braced<'_>, shares: &[String]) -> Option<Vec<Edit>> {
    let tokens = inp.state().tokens;
    let within = |t: &&Token<'_>| t.span.start > body.open.span.start && t.span.start < body.close.span.start;
    let inner: Vec<&Token<'_>> = tokens.iter().filter(within).collect();
    let (mut depth, mut edits) = (0_usize, Vec::new());
    for (at, token) in inner.iter().enumerate() {
        match token.kind {
            Kind::BraceOpen => depth += 1,
            Kind::BraceClose => depth = depth.saturating_sub(1),
            Kind::Key(K::Case | K::Path) if depth == 0 => {
                let rest = inner.get(at..)?.iter().take(MAX_NAME);
                let ends = |t: &Token<'_>| {
                    matches!(t.kind, Kind::Arrow | Kind::BraceOpen | Kind::Colon) || begins(*t, ELEMENTS)
                };
                let label: Vec<_> = rest.take_while(|t| !ends(t)).collect();
                if label.iter().any(|t| t.kind == Kind::Percent) {
                    // Its cases have their shares already.
                    return Some(Vec::new());
                }
                let share = shares.get(edits.len())?;
                edits.push(Edit { span: token.span.to(label.last()?.span), text: format!("case {share}") });
            }
            _ => {}
        }
    }
    (edits.len() == shares.len()).then_some(edits)
}

/// The edits that make paths in braces the cases of a split.
fn paths_as_cases(paths: &[Braced<'_>], shares: &[String]) -> Vec<Edit> {
    let first = shares.first().map_or("50%", String::as_str);
    let mut edits = Vec::new();
    let mut closed: Option<Span> = None;
    for path in paths {
        let (start, text) = match closed {
            None => (path.head.start, format!("{{ case {first} ->")),
            Some(close) => (close.start, format!("{} ->", path.word)),
        };
        edits.push(Edit { span: Span { start, end: path.open.span.end, ..path.head }, text });
        closed = Some(path.close.span);
    }
    edits
}
