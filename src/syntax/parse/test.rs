//! Tests written in the language: clients, events at times, and what is expected.

use super::error::{Want, gap, report, report_as};
use super::expr::Exprs;
use super::lookahead::{LINES, begins};
use super::primitive::{EVENT, name, optional_name};
use super::recover::{Wanted, at_end, braces, expect, fail, junk, key, required};
use super::template::{ENTRY, entries};
use super::{Cursor, Extent, P, named, unnamed};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{Expectation, ItemKind, Record, TestStep, TestStepKind};
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

const OPEN: Want = Want::new(|| say!("`{{`"), || say!("expected `{{`"));
const LINE: Want =
    Want::new(|| say!("`client`, `at`, `expect`, `until` or `}}`"), || say!("expected a line of a test"))
        .code(Code::UnexpectedToken)
        .keywords(&[K::Client, K::At, K::Expect, K::Until, K::Containing, K::To]);
const RECORD: Want = Want::new(|| say!("a record such as `{{ id: \"b1\" }}`"), || say!("expected a record"));
const KIND: Want = Want::new(|| say!("what is expected, such as `send sms`"), || say!("expected what happens"));
const ELSE: Want = Want::new(|| say!("`else`"), || say!("expected `else`")).keywords(&[K::Else]);
/// Words that follow the parts of an expectation and so name none of them.
const AFTER: &[&[Keyword]] = &[LINES, &[K::To, K::Containing]];

/// `test "what" { line.. }`
pub(super) fn test<'a>(exprs: &Exprs<'a>) -> P<'a, ItemKind> {
    let line = line(exprs);
    let inside = custom(move |inp: &mut Cursor<'a, '_>| {
        let mut lines = Vec::new();
        loop {
            match inp.peek() {
                Some(t) if begins(t, LINES) => lines.push(inp.parse(&line)?),
                Some(_) if !at_end(inp) => junk(inp, &LINE, |t| begins(t, LINES)),
                Some(_) | None => return Ok(lines),
            }
        }
    });
    let wanted = Wanted { open: &OPEN, close: &LINE };
    let body = braces(inside.boxed(), wanted, |t| begins(t, LINES), |_| Vec::new());
    key(K::Test)
        .ignore_then(exprs.texts.needed())
        .then(body)
        .map(|(title, steps)| ItemKind::Test { title, steps })
        .boxed()
}

fn line<'a>(exprs: &Exprs<'a>) -> P<'a, TestStep> {
    let wanted = Wanted { open: &RECORD, close: &ENTRY };
    let entries = entries(exprs.expr.clone(), Kind::BraceClose);
    let record = braces(entries, wanted, |t| t.kind == Kind::Label, |_| Vec::new())
        .map_with(|entries, e| Record { entries, span: e.span() })
        .boxed();
    let client = key(K::Client).ignore_then(record.clone()).map(TestStepKind::Client);
    let at =
        key(K::At).then(exprs.expr.clone()).then(name(&EVENT)).then_ignore(custom(no_record)).then(record).map_with(
            |(((at, when), event), data), e: &mut Extent<'a, '_>| {
                expect_left_out(e, at, &data);
                TestStepKind::At { when, event, data }
            },
        );
    let when = key(K::At).ignore_then(exprs.expr.clone()).or_not();
    let expected = key(K::Expect)
        .ignore_then(when)
        .then(expectation(exprs))
        .map(|(when, what)| TestStepKind::Expect { when, what });
    let until = key(K::Until).ignore_then(exprs.expr.clone()).map(TestStepKind::Until);
    choice((client, at, expected, until)).map_with(|kind, e| TestStep { kind, span: e.span() }).boxed()
}

/// `nothing else`, or `[no] KIND [target] [template] [to expr] {containing "text"}`
fn expectation<'a>(exprs: &Exprs<'a>) -> P<'a, Expectation> {
    let nothing = key(K::Nothing).then(expect(Kind::Key(K::Else), &ELSE)).to(Expectation::NothingElse);
    let to = key(K::To).ignore_then(exprs.expr.clone()).or_not();
    let word = key(K::Containing).ignored().or(custom(containing_left_out));
    let containing = word.ignore_then(exprs.texts.needed()).repeated().collect();
    let late = custom(to_too_late).ignore_then(exprs.expr.clone()).or_not();
    // What happens is named by the keyword of its element, which here begins nothing.
    let happening = any().filter(|t: &Token<'a>| t.kind.is_word() && !begins(*t, LINES)).map(named);
    let line = key(K::No)
        .or_not()
        .then(required(happening, &KIND, unnamed))
        .then(optional_name(AFTER))
        .then(optional_name(AFTER))
        .then(to)
        .then(containing)
        .then(late)
        .map(|((((((no, kind), target), template), to), containing), late)| Expectation::Line {
            negated: no.is_some(),
            kind,
            target,
            template,
            to: to.or(late),
            containing,
        });
    nothing.or(line).boxed()
}

// Mistakes: what people write instead. Each is reported, with a fix where one is certain, and read as what was meant.

/// Reports that what happened is not told, unless it is.
fn no_record(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    if !inp.peek().is_some_and(|t| t.kind == Kind::BraceOpen) {
        report(inp, &RECORD);
    }
    Ok(())
}

/// Adds to the finding about a record that is missing that the line may be an expectation.
fn expect_left_out<'a>(e: &mut Extent<'a, '_>, at: Token<'a>, data: &Record) {
    let missing = data.entries.is_empty() && data.span.is_empty();
    let last = e.state().found.last_mut().filter(|_| missing);
    if let Some(last) = last.filter(|last| *last.diagnostic.label == *(RECORD.label)()) {
        let place = Span { end: at.span.start, ..at.span };
        last.diagnostic
            .related
            .push(crate::diagnostic::Label { span: place, text: say!("or `expect` is missing here") });
        last.diagnostic.help.push(say!("to say what should happen: `expect at ..`"));
    }
}

/// Looks for a text that `containing` does not stand before.
fn containing_left_out(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(text) = inp.peek().filter(|t| t.kind == Kind::TextOpen && !t.first) else { return fail() };
    let place = gap(inp);
    report_as(inp, || {
        Diagnostic::new(
            Code::Expected,
            text.span,
            say!("what is in the text is said with `containing`"),
            say!("a bare text"),
        )
        .help(say!("write `containing \"..\"`"))
        .fix(say!("add `containing`"), Span { end: text.span.start, ..place }, " containing ")
    });
    Ok(())
}

/// Looks for `to` after the texts, where it does not stand.
fn to_too_late(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(to) = inp.peek().filter(|t| t.kind == Kind::Key(K::To) && !t.first) else { return fail() };
    report_as(inp, || {
        Diagnostic::new(Code::UnexpectedToken, to.span, say!("`to` stands after `containing`"), say!("stands too late"))
            .help(say!("write `to .. containing \"..\"`"))
    });
    inp.skip();
    Ok(())
}
