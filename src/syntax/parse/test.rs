//! `test` blocks: clients, events at given times, and expectations.

use super::error::{Expected, gap, report, report_with};
use super::expr::Exprs;
use super::lookahead::{LINES, begins, peek_second};
use super::primitive::{EVENT, duration, name, optional_name, time};
use super::recover::{Delimiters, at_end, braces, enclosed, expect, fail, key, required, skip_unexpected, token};
use super::template::{ENTRY, entries};
use super::{Cursor, Extent, P, empty_name, foreign, habit_setting, named};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{Due, ExpectClause, Expectation, Given, GivenDoes, ItemKind, Record, TestStep, TestStepKind};
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

const OPEN: Expected = Expected::new(|| say!("`{{`"), || say!("expected `{{`"));
const LINE: Expected =
    Expected::new(|| say!("`client`, `given`, `at`, `expect`, `until` or `}}`"), || say!("expected a line of a test"))
        .code(Code::UnexpectedToken)
        .keywords(&[K::Client, K::Given, K::At, K::Expect, K::Until, K::Containing, K::To])
        .habits(&[habit_setting::TEST_LINE]);
const PROVIDER: Expected =
    Expected::new(|| say!("a channel such as `sms`, `call`, or `do` and an action"), || say!("expected a channel"));
const FAILS: Expected = Expected::new(|| say!("`fails` or `answers`"), || say!("expected `fails` or `answers`"))
    .keywords(&[K::Fails, K::Answers])
    .habits(&[habit_setting::GIVEN]);
/// Keywords that follow a provider, so none of them names its action.
const AFTER_PROVIDER: &[&[Keyword]] = &[LINES, &[K::Fails, K::Answers]];
const RECORD: Expected = Expected::new(|| say!("a record such as `{{ id: \"b1\" }}`"), || say!("expected a record"));
const KIND: Expected = Expected::new(|| say!("an expectation such as `send sms`"), || say!("missing expectation"));
const ELSE: Expected = Expected::new(|| say!("`else`"), || say!("expected `else`")).keywords(&[K::Else]);
/// Keywords that follow the parts of an expectation, so none of them names one.
const AFTER: &[&[Keyword]] = &[LINES, &[K::To, K::For, K::Due, K::Containing]];
const FIELD: Expected = Expected::new(|| say!("a field name"), || say!("expected a field"));
const FUNNEL: Expected = Expected::new(|| say!("a funnel, or `anything`"), || say!("expected a funnel"));
const ARGS_END: Expected = Expected::new(|| say!("an argument such as `id: \"b1\"`, or `)`"), || say!("expected `)`"));

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
        .then(record.clone())
        .map_with(|(((at, when), event), data), e: &mut Extent<'a, '_>| {
            missing_expect(e, at, &data);
            TestStepKind::At { when, event, data }
        });
    let when = key(K::At).ignore_then(exprs.expr.clone()).or_not().boxed();
    let text = &exprs.texts.text;
    let answers = key(K::Answers).ignore_then(record).map(GivenDoes::Answers);
    let fails = expect(Kind::Key(K::Fails), &FAILS).ignore_then(text.clone().or_not()).map(GivenDoes::Fails);
    let provider = any().filter(|t: &Token<'a>| t.kind.is_word() && !begins(*t, &[K::Fails, K::Answers])).map(named);
    // A text is an address only if the word follows; otherwise the word is missing before a text.
    let written = text.clone();
    let address = custom(move |inp: &mut Cursor<'a, '_>| {
        let start = inp.save();
        let address = inp.parse(&written)?;
        if inp.peek().is_some_and(|t| begins(t, &[K::Fails, K::Answers])) {
            return Ok(address);
        }
        inp.rewind(start);
        fail()
    });
    let given = key(K::Given)
        .ignore_then(when.clone())
        .then(required(provider, &PROVIDER, empty_name))
        .then(optional_name(AFTER_PROVIDER))
        .then(address.or_not())
        .then(answers.or(fails))
        .map(|((((when, kind), action), url), does)| TestStepKind::Given(Given { when, kind, action, url, does }));
    let expected = key(K::Expect)
        .ignore_then(when)
        .then(expectation(exprs))
        .map(|(when, what)| TestStepKind::Expect { when, what });
    let until = key(K::Until).ignore_then(exprs.expr.clone()).map(TestStepKind::Until);
    choice((client, given, at, expected, until)).map_with(|kind, e| TestStep { kind, span: e.span() }).boxed()
}

/// `nothing else [from NAME]`, or `[no] KIND [target [template]] ["text"] [{ .. }] {clause}`
fn expectation<'a>(exprs: &Exprs<'a>) -> P<'a, Expectation> {
    let nothing = key(K::Nothing)
        .then(expect(Kind::Key(K::Else), &ELSE))
        .ignore_then(key(K::From).ignore_then(name(&FUNNEL)).or_not())
        .map(|from| Expectation::NothingElse { from });
    let texts = &exprs.texts;
    let args = enclosed(Kind::ParenOpen, entries(exprs.expr.clone(), Kind::ParenClose), Kind::ParenClose, &ARGS_END);
    let at = custom(due_time).ignore_then(time()).or_not();
    let clause = choice((
        key(K::To).ignore_then(exprs.expr.clone()).map(ExpectClause::To),
        key(K::For).ignore_then(texts.required()).map(ExpectClause::For),
        key(K::Due).ignore_then(duration()).then(at).map(|(duration, at)| ExpectClause::Due(Due { duration, at })),
        token(Kind::Assign).ignored().or(custom(foreign_is)).ignore_then(exprs.expr.clone()).map(ExpectClause::Is),
        key(K::Containing)
            .ignored()
            .or(custom(missing_containing))
            .ignore_then(texts.required())
            .map(ExpectClause::Containing),
    ));
    // The kind is the keyword of an element, which begins nothing here.
    let happening = any().filter(|t: &Token<'a>| t.kind.is_word() && !begins(*t, LINES)).map(named);
    let dot = token(Kind::Dot).then_ignore(custom(field_follows));
    let owner = custom(client_prefix).ignore_then(any().map(named)).then_ignore(dot);
    let line = key(K::No)
        .or_not()
        .then(required(happening, &KIND, empty_name))
        .then(owner.or_not())
        .then(optional_name(AFTER))
        .then(optional_name(AFTER))
        .then(texts.text.clone().or_not())
        .then(args.or_not())
        .then(texts.record.clone().or_not())
        .then(clause.repeated().collect())
        .map(|((((((((no, kind), owner), target), template), text), args), data), clauses)| Expectation::Line {
            negated: no.is_some(),
            kind,
            owner,
            target,
            template,
            text,
            data,
            args,
            clauses,
        });
    nothing.or(line).boxed()
}

/// Succeeds before `client.`, which names no line of the test.
fn client_prefix(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let is_client = inp.peek().is_some_and(|t| begins(t, &[K::Client]));
    if is_client && peek_second(inp).is_some_and(|t| t.kind == Kind::Dot) { Ok(()) } else { fail() }
}

/// Reports `client.` without a field.
fn field_follows(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    if !inp.peek().is_some_and(|t| t.kind.is_word()) {
        report(inp, &FIELD);
    }
    Ok(())
}

/// Skips the `at` of `due 1d at 10:00`; one on a line of its own begins an event.
fn due_time(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let is_at = inp.peek().is_some_and(|t| begins(t, &[K::At]) && !t.first);
    if !is_at || !peek_second(inp).is_some_and(|t| t.kind == Kind::Time) {
        return fail();
    }
    inp.skip();
    Ok(())
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

/// `+=` of the action, which an expectation about the value cannot have, or `==`.
fn foreign_is(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let wrong = |t: &Token<'_>| matches!(t.kind, Kind::PlusAssign | Kind::MinusAssign | Kind::Equal);
    let Some(sign) = inp.peek().filter(wrong) else { return fail() };
    let message = say!("use `=` and the value that the field has then, not `{wrong}`", wrong = sign.text);
    foreign::replace_with(inp, 1, message, say!("expected `=`"), "=");
    Ok(())
}
