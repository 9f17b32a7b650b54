//! Elements that act: on the client (`send`, `set`, `tag`), on other systems (`task`, `call`, `do`, `emit`), and on the
//! run itself (`start`, `goto`, `stop`).

use super::block::{ElementWithHead, Productions, else_block};
use super::error::{Expected, report_with};
use super::expr::moment;
use super::lookahead::{ITEMS, PATHS, SETTINGS, peek_nth, peek_second};
use super::primitive::{EVENT, NAME, assign, duration, name, optional_name, time};
use super::recover::{enclosed, fail, key, required, token};
use super::template::entries;
use super::{Cursor, Extent, P, foreign, habit, habit_table};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{Body, Due, Element, Path, Send, SetOp};
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

const CHANNEL: Expected = Expected::new(|| say!("a channel such as `sms` or `email`"), || say!("expected a channel"))
    .habits(&[habit_table::CHANNEL]);
const TARGET: Expected = Expected::new(|| say!("a field such as `client.city`"), || say!("expected a field"));
const PAREN: Expected = Expected::new(|| say!("`(`"), || say!("expected `(`"));
const ARGS_END: Expected =
    Expected::new(|| say!("an argument such as `id: client.id`, or `)`"), || say!("expected `)`"));
/// Keywords that may follow a `send`, so none of them names its template.
const AFTER_SEND: &[&[Keyword]] =
    &[ITEMS, SETTINGS, ELEMENTS, &[K::To, K::Before, K::Else, K::Case, K::Otherwise, K::Path, K::At, K::Expect]];

/// `send CHANNEL body to expr before expr else { chain }`
pub(super) fn send<'a>(p: &Productions<'a>) -> P<'a, ElementWithHead> {
    let written = p.exprs.texts.message_body();
    let template = optional_name(AFTER_SEND).map(|name| name.map(Body::Template));
    let body = written.map(Some).or(template).boxed();
    let (operand, expr) = (p.exprs.operand.clone(), p.exprs.expr.clone());
    // In an expression, `before` would be a comparison.
    let recipient = custom(
        move |inp: &mut Cursor<'a, '_>| {
            if precedes_before(inp) { inp.parse(&operand) } else { inp.parse(&expr) }
        },
    );
    let to = key(K::To).ignore_then(recipient).map_with(|to, e| (to, e.span()));
    let late = p.exprs.texts.message_body().map_with(|body, e| (body, e.span())).boxed();
    let late = custom(move |inp: &mut Cursor<'a, '_>| {
        if inp.peek().is_some_and(|t| t.kind == Kind::TextOpen) { inp.parse(&late).map(Some) } else { Ok(None) }
    });
    let before = key(K::Before).ignore_then(moment(&p.exprs.expr)).or_not();
    key(K::Send)
        .ignored()
        .then_ignore(foreign::skip_repeated(K::Send))
        .or(custom(missing_send))
        .then_ignore(foreign::skip_redundant(&["a", "an", "the", "one"], |next| {
            next.is_some_and(|t| habit::is_channel(t.text))
        }))
        .ignore_then(name(&CHANNEL))
        .then_ignore(foreign::skip_redundant(&["template", "named", "called", "using", "campaign"], |next| {
            next.is_some_and(|t| !t.first && matches!(t.kind, Kind::Name | Kind::TextOpen))
        }))
        .then_ignore(foreign::skip_redundant(&["with", "message", "saying", "text"], |next| {
            next.is_some_and(|t| !t.first && t.kind == Kind::TextOpen)
        }))
        .then_ignore(custom(colon_before_body))
        .then(body)
        .then(to.then(late).or_not())
        .map_with(|((channel, body), to), e| match to {
            Some((to, late)) => ((channel, text_first(body, to.1, late, e)), Some(to.0)),
            None => ((channel, body), None),
        })
        .then(before)
        .map_with(|parts, e| (parts, e.span()))
        .then(else_block(p))
        .map(|(((((channel, body), to), before), head), otherwise)| {
            (Element::Send(Box::new(Send { channel, body, to, before, otherwise })), head)
        })
        .boxed()
}

/// Reports a text that is written after the recipient, and takes it for the body.
fn text_first(body: Option<Body>, recipient: Span, late: Option<(Body, Span)>, e: &mut Extent<'_, '_>) -> Option<Body> {
    let Some((text, span)) = late else { return body };
    let diagnostic =
        Diagnostic::new(Code::UnexpectedToken, span, say!("the text of a message comes before `to`"), say!("too late"));
    let mut diagnostic = diagnostic.help(say!("write `send sms \"..\" to ..`"));
    if body.is_none() {
        let gap = Span { start: recipient.end, ..span };
        let moved = format!("{} ", e.state().slice(span));
        let edits = vec![
            Edit { span: Span { end: recipient.start, ..recipient }, text: moved },
            Edit { span: gap, text: String::new() },
        ];
        diagnostic.fixes.push(Fix { title: say!("move the text before `to`"), edits, guess: false });
    }
    e.state().add(diagnostic);
    body.or(Some(text))
}

/// Whether `before` follows the next operand.
fn precedes_before(inp: &mut Cursor<'_, '_>) -> bool {
    let Some(first) = inp.peek() else { return false };
    let mut next = 1;
    if first.kind == Kind::TextOpen {
        while peek_nth(inp, next).is_some_and(|t| t.kind != Kind::TextClose) {
            next += 1;
        }
        next += 1;
    } else {
        while peek_nth(inp, next).is_some_and(|t| t.kind == Kind::Dot) {
            next += 2;
        }
    }
    peek_nth(inp, next).is_some_and(|t| t.kind == Kind::Key(K::Before))
}

/// `set`, `tag`, `untag`
pub(super) fn client<'a>(p: &Productions<'a>) -> P<'a, ElementWithHead> {
    let names = name(&TARGET)
        .then(token(Kind::Dot).ignore_then(name(&TARGET)).repeated().collect::<Vec<_>>())
        .map_with(|(first, rest), e| Path { names: std::iter::once(first).chain(rest).collect(), span: e.span() });
    let set = key(K::Set)
        .then(foreign::skip_repeated(K::Set))
        .ignore_then(names)
        .then(choice((
            token(Kind::PlusAssign).to(SetOp::Add),
            token(Kind::MinusAssign).to(SetOp::Subtract),
            assign().to(SetOp::Assign),
        )))
        .then(p.exprs.expr.clone())
        .map(|((target, op), value)| Element::Set { target, op, value });
    let tag = key(K::Tag).ignore_then(p.exprs.texts.required()).map(Element::Tag);
    let untag = key(K::Untag).ignore_then(p.exprs.texts.required()).map(Element::Untag);
    choice((set, tag, untag)).map_with(|element, e| (element, e.span())).boxed()
}

/// `task`, `call`, `do`, `emit`
pub(super) fn outward<'a>(p: &Productions<'a>) -> P<'a, ElementWithHead> {
    let texts = &p.exprs.texts;
    let task = key(K::Task)
        .ignore_then(texts.required())
        .then(key(K::For).ignore_then(texts.required()).or_not())
        .then(key(K::Due).ignore_then(duration().then(key(K::At).ignore_then(time()).or_not())).or_not())
        .map_with(|((text, assignee), due), e| {
            let due = due.map(|(duration, at)| Due { duration, at });
            (Element::Task { text, assignee, due }, e.span())
        });
    let answer = key(K::As).ignore_then(name(&EVENT)).or_not().boxed();
    let call = key(K::Call)
        .ignore_then(texts.required())
        .then(texts.record.clone().or_not())
        .then(answer.clone())
        .map_with(|parts, e| (parts, e.span()))
        .then(else_block(p))
        .map(|((((url, body), answer), head), otherwise)| (Element::Call { url, body, answer, otherwise }, head));
    let args = enclosed(Kind::ParenOpen, entries(p.exprs.expr.clone(), Kind::ParenClose), Kind::ParenClose, &ARGS_END);
    let run = key(K::Do)
        .then(foreign::skip_repeated(K::Do))
        .ignore_then(name(&NAME))
        .then(required(args, &PAREN, |_| Vec::new()))
        .then(answer)
        .map_with(|parts, e| (parts, e.span()))
        .then(else_block(p))
        .map(|((((action, args), answer), head), otherwise)| (Element::Do { action, args, answer, otherwise }, head));
    let emit = key(K::Emit)
        .then(foreign::skip_repeated(K::Emit))
        .ignore_then(name(&EVENT))
        .then(texts.record.clone().or_not())
        .map_with(|(event, data), e| (Element::Emit { event, data }, e.span()));
    choice((task, call, run, emit)).boxed()
}

/// `start`, `goto`, `stop`
pub(super) fn jump<'a>() -> P<'a, ElementWithHead> {
    choice((
        key(K::Start).then(foreign::skip_repeated(K::Start)).ignore_then(name(&NAME)).map(Element::Start),
        key(K::Goto).then(foreign::skip_repeated(K::Goto)).ignore_then(name(&NAME)).map(Element::Goto),
        key(K::Stop)
            .ignore_then(optional_name(&[ITEMS, SETTINGS, ELEMENTS, PATHS]))
            .map(|funnel| funnel.map_or(Element::Stop, Element::StopFunnel)),
    ))
    .map_with(|element, e| (element, e.span()))
    .boxed()
}

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// Skips `:`, `,` or `=` between the channel and the body.
fn colon_before_body(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(mark) = inp.peek().filter(|t| matches!(t.kind, Kind::Colon | Kind::Comma | Kind::Assign)) else {
        return Ok(());
    };
    if peek_second(inp).is_some_and(|t| matches!(t.kind, Kind::TextOpen | Kind::BraceOpen)) {
        let message = say!("unexpected `{wrong}` before the message body", wrong = mark.text);
        foreign::replace_with(inp, 1, message, say!("not needed"), "");
    }
    Ok(())
}

/// Reports a channel without `send` before it.
fn missing_send(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let channel = |t: Token<'_>| t.kind == Kind::Name && habit::is_channel(t.text);
    let body = |t: Token<'_>| matches!(t.kind, Kind::TextOpen | Kind::BraceOpen | Kind::Name | Kind::Arrow);
    if inp.peek().is_some_and(channel) && peek_second(inp).is_none_or(|t| t.first || body(t)) {
        let bare = peek_second(inp).is_some_and(|t| t.kind == Kind::TextOpen && !t.first);
        if bare && inp.peek().is_some_and(|t| t.text == "email") {
            report_bare_email(inp);
        } else {
            foreign::report_missing_word(inp, "send");
        }
        Ok(())
    } else {
        fail()
    }
}

/// Reports a missing `send` before an email with a bare string. The string alone is not an email body either, so the
/// help shows the whole element.
fn report_bare_email(inp: &mut Cursor<'_, '_>) {
    let Some(channel) = inp.peek() else { return };
    report_with(inp, || {
        let (word, text) = (K::Send.text(), channel.text);
        let message = say!("expected `{word}`, found `{text}`", word, text);
        Diagnostic::new(Code::Expected, channel.span, message, say!("expected `{word}`", word))
            .help(say!("write `send email {{ subject: \"..\" text: \"..\" }}`"))
    });
}
