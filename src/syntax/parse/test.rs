//! `test` blocks: clients, events at given times, and expectations.

use super::error::{Expected, gap, report, report_with};
use super::expr::Exprs;
use super::lookahead::{LINES, begins};
use super::primitive::{EVENT, name, optional_name};
use super::recover::{Delimiters, at_end, braces, expect, fail, key, required, skip_unexpected};
use super::template::{ENTRY, entries};
use super::{Cursor, Extent, P, empty_name, named};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{Expectation, ItemKind, Record, TestStep, TestStepKind};
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

const OPEN: Expected = Expected::new(|| say!("`{{`"), || say!("expected `{{`"));
const LINE: Expected =
    Expected::new(|| say!("`client`, `at`, `expect`, `until` or `}}`"), || say!("expected a line of a test"))
        .code(Code::UnexpectedToken)
        .keywords(&[K::Client, K::At, K::Expect, K::Until, K::Containing, K::To]);
const RECORD: Expected = Expected::new(|| say!("a record such as `{{ id: \"b1\" }}`"), || say!("expected a record"));
const KIND: Expected = Expected::new(|| say!("an expectation such as `send sms`"), || say!("missing expectation"));
const ELSE: Expected = Expected::new(|| say!("`else`"), || say!("expected `else`")).keywords(&[K::Else]);
/// Keywords that follow the parts of an expectation, so none of them names one.
const AFTER: &[&[Keyword]] = &[LINES, &[K::To, K::Containing]];

/// `test "what" { line.. }`
pub(super) fn test<'a>(exprs: &Exprs<'a>) -> P<'a, ItemKind> {
    let line = line(exprs);
    let inside = custom(move |inp: &mut Cursor<'a, '_>| {
        let mut lines = Vec::new();
        loop {
            match inp.peek() {
                Some(t) if begins(t, LINES) => lines.push(inp.parse(&line)?),
                Some(_) if !at_end(inp) => skip_unexpected(inp, &LINE, |t| begins(t, LINES)),
                Some(_) | None => return Ok(lines),
            }
        }
    });
    let wanted = Delimiters { open: &OPEN, close: &LINE };
    let body = braces(inside.boxed(), wanted, |t| begins(t, LINES), |_| Vec::new());
    key(K::Test)
        .ignore_then(exprs.texts.required())
        .then(body)
        .map(|(title, steps)| ItemKind::Test { title, steps })
        .boxed()
}

fn line<'a>(exprs: &Exprs<'a>) -> P<'a, TestStep> {
    let wanted = Delimiters { open: &RECORD, close: &ENTRY };
    let entries = entries(exprs.expr.clone(), Kind::BraceClose);
    let record = braces(entries, wanted, |t| t.kind == Kind::Label, |_| Vec::new())
        .map_with(|entries, e| Record { entries, span: e.span() })
        .boxed();
    let client = key(K::Client).ignore_then(record.clone()).map(TestStepKind::Client);
    let at = key(K::At)
        .then(exprs.expr.clone())
        .then(name(&EVENT))
        .then_ignore(custom(missing_record))
        .then(record)
        .map_with(|(((at, when), event), data), e: &mut Extent<'a, '_>| {
            missing_expect(e, at, &data);
            TestStepKind::At { when, event, data }
        });
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
    let word = key(K::Containing).ignored().or(custom(missing_containing));
    let containing = word.ignore_then(exprs.texts.required()).repeated().collect();
    let late = custom(late_to).ignore_then(exprs.expr.clone()).or_not();
    // The kind is the keyword of an element, which begins nothing here.
    let happening = any().filter(|t: &Token<'a>| t.kind.is_word() && !begins(*t, LINES)).map(named);
    let line = key(K::No)
        .or_not()
        .then(required(happening, &KIND, empty_name))
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

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// Reports a missing record of the event.
fn missing_record(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    if !inp.peek().is_some_and(|t| t.kind == Kind::BraceOpen) {
        report(inp, &RECORD);
    }
    Ok(())
}

/// Adds to the error about a missing record that the line may be an expectation.
fn missing_expect<'a>(e: &mut Extent<'a, '_>, at: Token<'a>, data: &Record) {
    let missing = data.entries.is_empty() && data.span.is_empty();
    let last = e.state().errors.last_mut().filter(|_| missing);
    if let Some(last) = last.filter(|last| *last.diagnostic.label == *(RECORD.label)()) {
        let place = Span { end: at.span.start, ..at.span };
        last.diagnostic
            .related
            .push(crate::diagnostic::Label { span: place, text: say!("or `expect` is missing here") });
        last.diagnostic.help.push(say!("to add an expectation: `expect at ..`"));
    }
}

/// A string without `containing` before it.
fn missing_containing(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(text) = inp.peek().filter(|t| t.kind == Kind::TextOpen && !t.first) else { return fail() };
    let place = gap(inp);
    report_with(inp, || {
        Diagnostic::new(
            Code::Expected,
            text.span,
            say!("expected `containing` before the string"),
            say!("string without `containing`"),
        )
        .help(say!("write `containing \"..\"`"))
        .fix(say!("add `containing`"), Span { end: text.span.start, ..place }, " containing ")
    });
    Ok(())
}

/// `to` after the strings instead of before them.
fn late_to(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(to) = inp.peek().filter(|t| t.kind == Kind::Key(K::To) && !t.first) else { return fail() };
    report_with(inp, || {
        Diagnostic::new(
            Code::UnexpectedToken,
            to.span,
            say!("`to` must precede `containing`"),
            say!("must come earlier"),
        )
        .help(say!("write `to .. containing \"..\"`"))
    });
    inp.skip();
    Ok(())
}
