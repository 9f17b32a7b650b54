//! Chains, steps and elements: what flows.

use super::error::{Fault, Want, gap, hush, is_quiet, misspells, report_as};
use super::expr::{self, Exprs, duration, name, number, optional_name, percent};
use super::recover::{
    ELEMENTS, ITEMS, PATHS, SETTINGS, Wanted, begins, braces, by_keyword, enclosed, expect, fail, item_follows, junk,
    key, required, second, token,
};
use super::template::entries;
use super::{Cursor, P, foreign, named, tight, wait};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{Block, Body, Chain, Element, If, MatchCase, Name, Otherwise, Path, Send, SplitCase, Step};
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

const ELEMENT: Want = Want::new(|| say!("an element such as `send` or `wait`"), || say!("expected an element"))
    .code(Code::MissingElement)
    .keywords(ELEMENTS);
const NEXT: Want = Want::new(|| say!("`->` or the end of the path"), || say!("expected `->`"))
    .code(Code::UnexpectedToken)
    .keywords(&[
        K::Else,
        K::At,
        K::Where,
        K::As,
        K::To,
        K::For,
        K::Due,
        K::Up,
        K::Case,
        K::Otherwise,
        K::Path,
        K::And,
        K::Or,
        K::Is,
        K::Contains,
        K::Matches,
        K::On,
        K::Every,
    ]);
const BLOCK: Want = Want::new(|| say!("`{{`"), || say!("expected `{{`"));
const ELSE_IF: Want = Want::new(|| say!("`{{` or `if`"), || say!("expected a block")).keywords(&[K::If]);
const BLOCK_END: Want = Want::new(|| say!("`->` or `}}`"), || say!("expected `}}`")).code(Code::UnexpectedToken);
const CASES_END: Want = Want::new(|| say!("`case`, `otherwise` or `}}`"), || say!("expected `case`"))
    .code(Code::UnexpectedToken)
    .keywords(&[K::Case, K::Otherwise]);
const PATHS_END: Want =
    Want::new(|| say!("`path` or `}}`"), || say!("expected `path`")).code(Code::UnexpectedToken).keywords(&[K::Path]);
const ARROW: Want = Want::new(|| say!("`->`"), || say!("expected `->`"));
const TIMES: Want = Want::new(|| say!("`times`"), || say!("expected `times`")).keywords(&[K::Times]);
const ASSIGN: Want = Want::new(|| say!("`=`"), || say!("expected `=`"));
const CHANNEL: Want = Want::new(|| say!("a channel such as `sms` or `email`"), || say!("expected a channel"));
const TARGET: Want = Want::new(|| say!("a field such as `client.city`"), || say!("expected a field"));
const PAREN: Want = Want::new(|| say!("`(`"), || say!("expected `(`"));
const ARGS_END: Want = Want::new(|| say!("an argument such as `id: client.id`, or `)`"), || say!("expected `)`"));

/// Words that follow a `send` and so cannot name its template.
const AFTER_SEND: &[&[Keyword]] =
    &[ITEMS, SETTINGS, ELEMENTS, &[K::To, K::Else, K::Case, K::Otherwise, K::Path, K::At, K::Expect]];

/// An element, and the place of its head.
pub(super) type Headed = (Element, Span);

/// The productions of chains.
pub(super) struct Parts<'a> {
    pub(super) exprs: Exprs<'a>,
    chain: P<'a, Chain>,
    pub(super) block: P<'a, Block>,
}

/// `step -> step`; never fails.
pub(super) fn chain<'a>(exprs: &Exprs<'a>) -> P<'a, Chain> {
    let mut chain = Recursive::declare();
    let body = chain.clone().boxed();
    let block = enclosed(Kind::BraceOpen, body.clone(), Kind::BraceClose, &BLOCK_END)
        .map_with(|chain, e| Block { chain, span: e.span() })
        .boxed();
    let parts = Parts { exprs: exprs.clone(), chain: body, block };
    chain.define(steps(step(element(&parts))));
    chain.boxed()
}

/// `label: element`; fails where no step begins.
fn step<'a>(element: P<'a, Headed>) -> P<'a, Step> {
    let missing = |span| (Element::Error, span);
    let label = token(Kind::Label).map(named).then_ignore(token(Kind::Colon)).or(custom(label_without_colon));
    let labelled = label.map(Some).then(required(element.clone(), &ELEMENT, missing));
    labelled
        .or(element.map(|element| (None, element)))
        .map_with(|(label, (element, head)), e| Step { label, element, head, span: e.span() })
        .boxed()
}

/// Reads a name that an element follows on its line, with a finding: it is a label.
fn label_without_colon<'a>(inp: &mut Cursor<'a, '_>) -> Result<Name, EmptyErr> {
    let Some(name) = inp.peek().filter(|t| t.kind == Kind::Name) else { return fail() };
    let names = second(inp).is_some_and(|t| begins(t, ELEMENTS) && !t.first);
    if !names || misspells(name, ELEMENTS) || foreign::stands_for_arrow(inp).is_some() || is_quiet(inp) {
        return fail();
    }
    let (label, place) = (name.text, name.span.after());
    report_as(inp, || {
        Diagnostic::new(Code::Expected, name.span, say!("expected `:` after `{label}`", label), say!("names the step"))
            .help(say!("a step gets its name with a colon: `{label}:`", label))
            .fix(say!("add `:`"), place, ":")
    });
    inp.skip();
    Ok(named(name))
}

/// Steps up to what cannot go on a chain; an arrow that was forgotten is reported and read over.
fn steps<'a>(step: P<'a, Step>) -> P<'a, Chain> {
    let needed =
        required(step.clone(), &ELEMENT, |span| Step { label: None, element: Element::Error, head: span, span });
    custom(move |inp: &mut Cursor<'a, '_>| {
        let mut steps = vec![inp.parse(&needed)?];
        loop {
            if ends_chain(inp) {
                break;
            }
            let Some(next) = inp.peek() else { break };
            if next.kind == Kind::Arrow {
                inp.skip();
                steps.push(inp.parse(&needed)?);
            } else if begins(next, ELEMENTS) || (next.kind == Kind::Label && labels_step(inp)) {
                missing_arrow(inp, next);
                steps.push(inp.parse(&needed)?);
            } else if foreign::arrow(inp) {
                steps.push(inp.parse(&needed)?);
            } else if next.kind == Kind::Name && ends_block(next.text) && !labels_step(inp) {
                let wrong = next.text;
                foreign::replace_with(
                    inp,
                    1,
                    say!("`{wrong}` ends nothing: a brace does", wrong),
                    say!("not needed"),
                    "",
                );
            } else {
                junk(inp, &NEXT, resumes);
            }
        }
        Ok(Chain { span: covered(&steps), steps: tight(steps) })
    })
    .boxed()
}

fn covered(steps: &[Step]) -> Span {
    match steps {
        [first, .., last] => first.span.to(last.span),
        [only] => only.span,
        [] => Span::default(),
    }
}

/// Words that end a block in other languages.
fn ends_block(word: &str) -> bool {
    ["endif", "end", "fi", "done", "endwhile", "endfor", "endloop", "esac"].contains(&word)
}

/// Whether an element follows the label, as in `rebook: wait 1h`.
fn labels_step(inp: &mut Cursor<'_, '_>) -> bool {
    let start = inp.save();
    inp.skip();
    inp.skip();
    let element = inp.peek().is_some_and(|t| begins(t, ELEMENTS));
    inp.rewind(start);
    element
}

/// Whether what comes next ends a chain and belongs to what is around it.
fn ends_chain(inp: &mut Cursor<'_, '_>) -> bool {
    let Some(next) = inp.peek() else { return true };
    match next.kind {
        Kind::BraceClose => true,
        Kind::Key(K::Else) | Kind::Name if stands_for_otherwise(inp) => true,
        Kind::Key(K::Case | K::Otherwise | K::Path | K::On | K::Every) => true,
        Kind::Key(_) if next.first && begins(next, SETTINGS) => true,
        _ => item_follows(inp),
    }
}

/// Whether reading a chain can go on at a token.
fn resumes(t: Token<'_>) -> bool {
    t.kind == Kind::Arrow
        || begins(t, PATHS)
        || (t.first && (begins(t, ITEMS) || begins(t, SETTINGS) || begins(t, ELEMENTS)))
}

fn missing_arrow(inp: &mut Cursor<'_, '_>, next: Token<'_>) {
    if is_quiet(inp) {
        return;
    }
    hush(inp);
    let place = gap(inp);
    let message = say!("expected `->` before `{next}`", next = next.text);
    let diagnostic = Diagnostic::new(Code::Expected, next.span, message, say!("a new element begins here"))
        .help(say!("elements are joined by `->`"))
        .fix(say!("add `->`"), Span { end: next.span.start, ..place }, " -> ");
    inp.state().found.push(Fault { diagnostic, respell: None });
}

/// `{ chain }` where it must be.
pub(super) fn needed_block<'a>(p: &Parts<'a>, open: &'static Want) -> P<'a, Block> {
    let inside = |t: Token<'a>| begins(t, ELEMENTS) || t.kind == Kind::Label;
    braces(p.chain.clone(), Wanted { open, close: &BLOCK_END }, inside, |span| Chain { steps: Vec::new(), span })
        .map_with(|chain, e| Block { chain, span: e.span() })
        .boxed()
}

/// `else { chain }`
pub(super) fn else_block<'a>(p: &Parts<'a>) -> P<'a, Option<Block>> {
    let no_path = custom(|inp: &mut Cursor<'a, '_>| if stands_for_otherwise(inp) { fail() } else { Ok(()) });
    no_path.ignore_then(key(K::Else)).ignore_then(needed_block(p, &BLOCK)).or_not().boxed()
}

fn element<'a>(p: &Parts<'a>) -> P<'a, Headed> {
    let flow = (&[K::If, K::Match, K::Split, K::Parallel, K::Repeat][..], flow(p));
    let others = (&[][..], choice((client(p), outward(p), jump())).boxed());
    by_keyword([(&[K::Wait], wait::wait(p)), (&[K::Send], send(p)), flow, others])
}

/// Elements that hold paths.
fn flow<'a>(p: &Parts<'a>) -> P<'a, Headed> {
    let otherwise = otherwise(p);
    let match_head = key(K::Match).ignore_then(p.exprs.expr.clone()).map_with(|subject, e| (subject, e.span()));
    let values = p.exprs.expr.clone().separated_by(token(Kind::Comma)).at_least(1).collect::<Vec<_>>();
    let match_case = key(K::Case)
        .ignore_then(values)
        .then(path(p))
        .map_with(|(values, chain), e| MatchCase { values, chain, span: e.span() })
        .boxed();
    let matching = match_head
        .then(cases(match_case, otherwise.clone(), &CASES_END))
        .map(|((subject, head), (cases, otherwise))| (Element::Match { subject, cases, otherwise }, head));
    let split_head =
        key(K::Split).ignore_then(p.exprs.texts.text.clone().or_not()).map_with(|name, e| (name, e.span()));
    let split_case = key(K::Case)
        .ignore_then(percent())
        .then(path(p))
        .map_with(|(percent, chain), e| SplitCase { percent, chain, span: e.span() })
        .boxed();
    let split = split_head
        .then(cases(split_case, otherwise, &CASES_END))
        .map(|((name, head), (cases, otherwise))| (Element::Split { name, cases, otherwise }, head));
    let no_otherwise = custom(|_: &mut Cursor<'a, '_>| fail::<Chain>()).boxed();
    let parallel = key(K::Parallel)
        .map_with(|_, e| e.span())
        .then(cases(key(K::Path).ignore_then(path(p)).boxed(), no_otherwise, &PATHS_END))
        .map(|(head, (paths, _))| (Element::Parallel { paths }, head));
    let repeat = key(K::Repeat)
        .ignore_then(number())
        .then_ignore(expect(Kind::Key(K::Times), &TIMES))
        .map_with(|times, e| (times, e.span()))
        .then(needed_block(p, &BLOCK))
        .map(|((times, head), body)| (Element::Repeat { times, body }, head));
    let branch = if_(p).map(|(branch, head)| (Element::If(Box::new(branch)), head));
    choice((branch, matching, split, parallel, repeat)).boxed()
}

/// `otherwise -> chain`, also where `else` or `default` stands for it.
fn otherwise<'a>(p: &Parts<'a>) -> P<'a, Chain> {
    let word = custom(|inp: &mut Cursor<'a, '_>| {
        if !stands_for_otherwise(inp) {
            return fail();
        }
        let wrong = inp.peek().map_or("", |t| t.text);
        let message = say!("`{wrong}` begins no path here", wrong);
        foreign::replace_with(inp, 1, message, say!("called `otherwise` here"), "otherwise");
        Ok(())
    });
    key(K::Otherwise).ignored().or(word).ignore_then(path(p)).boxed()
}

fn stands_for_otherwise(inp: &mut Cursor<'_, '_>) -> bool {
    let word = |t: Token<'_>| t.kind == Kind::Key(K::Else) || ["default", "rest", "others"].contains(&t.text);
    inp.peek().is_some_and(word) && second(inp).is_some_and(|t| t.kind == Kind::Arrow)
}

/// `-> chain`
fn path<'a>(p: &Parts<'a>) -> P<'a, Chain> {
    arrow(&ARROW).ignore_then(p.chain.clone()).boxed()
}

/// `->` that must be there, also as other languages write it.
pub(super) fn arrow<'a>(want: &'static Want) -> P<'a, ()> {
    let missing = custom(|inp: &mut Cursor<'a, '_>| {
        let Some(next) = inp.peek() else { return fail() };
        if foreign::arrow(inp) {
            return Ok(());
        }
        // A brace may open the path: then it is another mistake.
        if !begins(next, ELEMENTS) {
            return fail();
        }
        missing_arrow(inp, next);
        Ok(())
    });
    token(Kind::Arrow).ignored().or(missing).or(expect(Kind::Arrow, want)).boxed()
}

/// `{ case .. otherwise -> chain }`
fn cases<'a, O: 'a>(case: P<'a, O>, otherwise: P<'a, Chain>, want: &'static Want) -> P<'a, (Vec<O>, Option<Chain>)> {
    let inside = custom(move |inp: &mut Cursor<'a, '_>| {
        let (mut cases, mut last) = (Vec::new(), None);
        loop {
            match inp.peek() {
                Some(t) if begins(t, &[K::Case, K::Path]) => match inp.parse(case.clone().or_not())? {
                    Some(case) => cases.push(case),
                    None => junk(inp, want, |t| begins(t, PATHS)),
                },
                Some(t) if last.is_none() && (begins(t, &[K::Otherwise]) || stands_for_otherwise(inp)) => {
                    match inp.parse(otherwise.clone().or_not())? {
                        Some(chain) => last = Some(chain),
                        None => junk(inp, want, |t| begins(t, PATHS)),
                    }
                }
                Some(t) if t.kind != Kind::BraceClose && !super::recover::at_end(inp) && !begins(t, SETTINGS) => {
                    junk(inp, want, |t| begins(t, PATHS));
                }
                Some(_) | None => return Ok((cases, last)),
            }
        }
    });
    let wanted = Wanted { open: &BLOCK, close: want };
    braces(inside.boxed(), wanted, |t| begins(t, PATHS), |_| (Vec::new(), None))
}

/// `if expr [ { chain } [ else ( { chain } | if .. ) ] ]`
fn if_<'a>(p: &Parts<'a>) -> P<'a, (If, Span)> {
    let (condition, block, needed) = (p.exprs.expr.clone(), p.block.clone(), needed_block(p, &ELSE_IF));
    let then =
        foreign::needless(&["then"], |next| next.is_some_and(|t| matches!(t.kind, Kind::BraceOpen | Kind::Arrow)));
    recursive(move |nested| {
        let nested = nested.map_with(|(branch, _): (If, Span), e| Otherwise::If(Box::new(branch), e.span())).boxed();
        let other = nested.clone().or(needed.clone().map(Otherwise::Block)).boxed();
        let joined = any().filter(|t: &Token<'a>| ELSE_IFS.contains(&t.text)).rewind().ignore_then(nested);
        let blocks = block.then(joined.or(else_word().ignore_then(other)).or_not());
        key(K::If)
            .ignored()
            .or(custom(else_if))
            .ignore_then(condition)
            .map_with(|condition, e| (condition, e.span()))
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

/// Words that are `else if` elsewhere.
const ELSE_IFS: &[&str] = &["elseif", "elif", "elsif", "elseIf"];

/// Reads a word that is `else if` elsewhere, with a finding.
fn else_if(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let Some(word) = inp.peek().filter(|t| ELSE_IFS.contains(&t.text)) else { return fail() };
    let wrong = word.text;
    report_as(inp, || {
        Diagnostic::new(Code::UnexpectedToken, word.span, say!("unknown word `{wrong}`", wrong), say!("two words here"))
            .help(say!("write `else if`"))
            .fix(say!("change it to `else if`"), word.span, "else if")
    });
    inp.skip();
    Ok(())
}

/// `else`, also where `otherwise` stands for it.
fn else_word<'a>() -> P<'a, ()> {
    let otherwise = custom(|inp: &mut Cursor<'a, '_>| {
        let next = inp.peek().filter(|t| t.kind == Kind::Key(K::Otherwise));
        if next.is_none() || !second(inp).is_some_and(|t| t.kind == Kind::BraceOpen) {
            return fail();
        }
        let message = say!("`otherwise` is a path of `match` or `split`");
        foreign::replace_with(inp, 1, message, say!("called `else` here"), "else");
        Ok(())
    });
    key(K::Else).ignored().or(otherwise).boxed()
}

fn send<'a>(p: &Parts<'a>) -> P<'a, Headed> {
    let written = p.exprs.texts.written();
    let template = optional_name(AFTER_SEND).map(|name| name.map(Body::Template));
    let body = written.map(Some).or(template).boxed();
    let to = key(K::To).ignore_then(p.exprs.expr.clone()).or_not();
    let colon = custom(|inp: &mut Cursor<'a, '_>| {
        let marks = |t: Token<'a>| matches!(t.kind, Kind::Colon | Kind::Comma | Kind::Assign);
        if inp.peek().is_some_and(marks)
            && second(inp).is_some_and(|t| matches!(t.kind, Kind::TextOpen | Kind::BraceOpen))
        {
            let wrong = inp.peek().map_or("", |t| t.text);
            foreign::replace_with(inp, 1, say!("no `{wrong}` stands before a body", wrong), say!("not needed"), "");
        }
        Ok(())
    });
    key(K::Send)
        .ignored()
        .then_ignore(foreign::twice(K::Send))
        .or(custom(bare_channel))
        .ignore_then(name(&CHANNEL))
        .then_ignore(colon)
        .then(body)
        .then(to)
        .map_with(|parts, e| (parts, e.span()))
        .then(else_block(p))
        .map(|((((channel, body), to), head), otherwise)| {
            (Element::Send(Box::new(Send { channel, body, to, otherwise })), head)
        })
        .boxed()
}

/// Reports that `send` stands before no letter. A text alone is none, so how it is written whole is told here, once.
fn bare_letter(inp: &mut Cursor<'_, '_>) {
    let Some(channel) = inp.peek() else { return };
    report_as(inp, || {
        let (word, text) = (K::Send.text(), channel.text);
        let message = say!("expected `{word}`, found `{text}`", word, text);
        Diagnostic::new(Code::Expected, channel.span, message, say!("expected `{word}`", word))
            .help(say!("write `send email {{ subject: \"..\" text: \"..\" }}`"))
    });
}

/// Looks for a channel that no `send` stands before.
fn bare_channel(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    let channel = |t: Token<'_>| t.kind == Kind::Name && ["sms", "email", "telegram", "whatsapp"].contains(&t.text);
    let body = |t: Token<'_>| matches!(t.kind, Kind::TextOpen | Kind::BraceOpen | Kind::Name | Kind::Arrow);
    if inp.peek().is_some_and(channel) && second(inp).is_none_or(|t| t.first || body(t)) {
        let bare = second(inp).is_some_and(|t| t.kind == Kind::TextOpen && !t.first);
        if bare && inp.peek().is_some_and(|t| t.text == "email") {
            bare_letter(inp);
        } else {
            foreign::left_out(inp, "send");
        }
        Ok(())
    } else {
        fail()
    }
}

/// Elements that change the client.
fn client<'a>(p: &Parts<'a>) -> P<'a, Headed> {
    let names = name(&TARGET)
        .then(token(Kind::Dot).ignore_then(name(&TARGET)).repeated().collect::<Vec<_>>())
        .map_with(|(first, rest), e| Path { names: std::iter::once(first).chain(rest).collect(), span: e.span() });
    let set = key(K::Set)
        .then(foreign::twice(K::Set))
        .ignore_then(names)
        .then_ignore(foreign::assign().or(expect(Kind::Assign, &ASSIGN)))
        .then(p.exprs.expr.clone())
        .map(|(target, value)| Element::Set { target, value });
    let tag = key(K::Tag).ignore_then(p.exprs.texts.needed()).map(Element::Tag);
    let untag = key(K::Untag).ignore_then(p.exprs.texts.needed()).map(Element::Untag);
    choice((set, tag, untag)).map_with(|element, e| (element, e.span())).boxed()
}

/// Elements that ask others to do something.
fn outward<'a>(p: &Parts<'a>) -> P<'a, Headed> {
    let texts = &p.exprs.texts;
    let task = key(K::Task)
        .ignore_then(texts.needed())
        .then(key(K::For).ignore_then(texts.needed()).or_not())
        .then(key(K::Due).ignore_then(duration()).or_not())
        .map_with(|((text, assignee), due), e| (Element::Task { text, assignee, due }, e.span()));
    let call = key(K::Call)
        .ignore_then(texts.needed())
        .then(texts.record.clone().or_not())
        .map_with(|parts, e| (parts, e.span()))
        .then(else_block(p))
        .map(|(((url, body), head), otherwise)| (Element::Call { url, body, otherwise }, head));
    let args = enclosed(Kind::ParenOpen, entries(p.exprs.expr.clone(), Kind::ParenClose), Kind::ParenClose, &ARGS_END);
    let run = key(K::Do)
        .then(foreign::twice(K::Do))
        .ignore_then(name(&expr::NAME))
        .then(required(args, &PAREN, |_| Vec::new()))
        .map_with(|parts, e| (parts, e.span()))
        .then(else_block(p))
        .map(|(((action, args), head), otherwise)| (Element::Do { action, args, otherwise }, head));
    let emit = key(K::Emit)
        .then(foreign::twice(K::Emit))
        .ignore_then(name(&expr::EVENT))
        .then(texts.record.clone().or_not())
        .map_with(|(event, data), e| (Element::Emit { event, data }, e.span()));
    choice((task, call, run, emit)).boxed()
}

/// Elements that go elsewhere.
fn jump<'a>() -> P<'a, Headed> {
    choice((
        key(K::Start).then(foreign::twice(K::Start)).ignore_then(name(&expr::NAME)).map(Element::Start),
        key(K::Goto).then(foreign::twice(K::Goto)).ignore_then(name(&expr::NAME)).map(Element::Goto),
        key(K::Stop).to(Element::Stop),
    ))
    .map_with(|element, e| (element, e.span()))
    .boxed()
}
