//! Chains and steps.

use super::block::{BLOCK_END, ElementWithHead, Productions, begins_otherwise};
use super::error::{Expected, is_misspelling, is_suppressed, report_habit, report_with};
use super::expr::Exprs;
use super::lookahead::{ITEMS, PATHS, SETTINGS, begins, item_follows, peek_second};
use super::primitive::missing_arrow;
use super::recover::{by_keyword, enclosed, fail, required, skip_unexpected, token};
use super::{Cursor, P, action, branch, foreign, foreign_case, habit_table, named, shrink, wait};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{Block, Chain, Element, Name, Step};
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

const ELEMENT: Expected = Expected::new(|| say!("an element such as `send` or `wait`"), || say!("expected an element"))
    .code(Code::MissingElement)
    .keywords(ELEMENTS)
    .habits(&[habit_table::STEP]);
const NEXT: Expected = Expected::new(|| say!("`->` or the end of the path"), || say!("expected `->`"))
    .code(Code::UnexpectedToken)
    .keywords(&[
        K::Else,
        K::At,
        K::Where,
        K::While,
        K::As,
        K::To,
        K::Before,
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
    ])
    .habits(&[habit_table::AFTER_STEP, habit_table::CONDITION]);

/// `step -> step`; never fails.
pub(super) fn chain<'a>(exprs: &Exprs<'a>) -> P<'a, Chain> {
    let mut chain = Recursive::declare();
    let body = chain.clone().boxed();
    let block = enclosed(Kind::BraceOpen, body.clone(), Kind::BraceClose, &BLOCK_END)
        .map_with(|chain, e| Block { chain, span: e.span() })
        .boxed();
    let parts = Productions { exprs: exprs.clone(), chain: body, block };
    chain.define(steps(step(element(&parts))));
    chain.boxed()
}

/// `label: element`; fails if no step begins here.
fn step<'a>(element: P<'a, ElementWithHead>) -> P<'a, Step> {
    let missing = |span| (Element::Error, span);
    let label = token(Kind::Label).map(named).then_ignore(token(Kind::Colon)).or(custom(label_without_colon));
    let labeled = label.map(Some).then(required(element.clone(), &ELEMENT, missing));
    labeled
        .or(element.map(|element| (None, element)))
        .map_with(|(label, (element, head)), e| Step { label, element, head, span: e.span() })
        .boxed()
}

/// Steps up to a token that cannot continue the chain; a missing arrow is reported and assumed.
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
                    say!("`{wrong}` does not end a block; a brace does", wrong),
                    say!("not needed"),
                    "",
                );
            } else {
                skip_unexpected(inp, &NEXT, resumes);
            }
        }
        Ok(Chain { span: span_of_steps(&steps), steps: shrink(steps) })
    })
    .boxed()
}

fn span_of_steps(steps: &[Step]) -> Span {
    match steps {
        [first, .., last] => first.span.to(last.span),
        [only] => only.span,
        [] => Span::default(),
    }
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

/// Whether the next token ends the chain and belongs to the enclosing construct.
fn ends_chain(inp: &mut Cursor<'_, '_>) -> bool {
    let Some(next) = inp.peek() else { return true };
    match next.kind {
        Kind::BraceClose => true,
        Kind::Key(K::Else) | Kind::Name if begins_otherwise(inp) => true,
        Kind::Key(K::Case | K::Otherwise | K::Path | K::On | K::Every) => true,
        Kind::Key(_) if next.first && begins(next, SETTINGS) => true,
        _ => foreign_case::begins_share(inp) || item_follows(inp),
    }
}

/// Whether a chain can resume at a token.
fn resumes(t: Token<'_>) -> bool {
    t.kind == Kind::Arrow
        || begins(t, PATHS)
        || (t.first && (begins(t, ITEMS) || begins(t, SETTINGS) || begins(t, ELEMENTS)))
}

fn element<'a>(p: &Productions<'a>) -> P<'a, ElementWithHead> {
    let flow = (&[K::If, K::Match, K::Split, K::Parallel, K::Repeat][..], branch::branching(p));
    let others = (&[][..], choice((action::client(p), action::outward(p), action::jump())).boxed());
    by_keyword([(&[K::Wait], wait::wait(p)), (&[K::Send], action::send(p)), flow, others])
}

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// A label without its colon: a name that an element follows on its line.
fn label_without_colon<'a>(inp: &mut Cursor<'a, '_>) -> Result<Name, EmptyErr> {
    let Some(name) = inp.peek().filter(|t| t.kind == Kind::Name) else { return fail() };
    let names = peek_second(inp).is_some_and(|t| begins(t, ELEMENTS) && !t.first);
    if !names || is_misspelling(name.text, ELEMENTS) || foreign::foreign_arrow_len(inp).is_some() || is_suppressed(inp)
    {
        return fail();
    }
    let (label, place) = (name.text, name.span.after());
    report_habit(inp, &[habit_table::STEP]);
    report_with(inp, || {
        // The word may be a verb that reverses the element: `remove tag`, `cancel task`, `dont send`.
        Diagnostic::new(Code::Expected, name.span, say!("expected `:` after `{label}`", label), say!("this is a label"))
            .help(say!("a label needs a colon: `{label}:`", label))
            .help(say!("a word before an element does not change it: `untag \"vip\"` removes a tag"))
            .guess(say!("add `:`"), place, ":")
    });
    inp.skip();
    Ok(named(name))
}

/// Words that end a block in other languages.
fn ends_block(word: &str) -> bool {
    ["endif", "end", "fi", "done", "endwhile", "endfor", "endloop", "esac"].contains(&word)
}
