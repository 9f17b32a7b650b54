//! Conditional parts of strings. In: the pieces of a string, and tags such as `{{ if c }}`. Out: parts in which each
//! condition has its branches.

use super::error::{Expected, gap, is_suppressed, report, report_with};
use super::lookahead::{begins, peek_nth};
use super::recover::{fail, skip_until};
use super::{Cursor, P, foreign, shrink};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, TextBranch, TextIf, TextPart};
use crate::syntax::token::{Keyword, Kind, Token};
use crate::syntax::unescape::{Piece, Tag};
use chumsky::prelude::*;

use Keyword as K;

/// Limit: how deep conditional parts may nest.
const MAX_DEPTH: usize = 8;

const CONDITION_END: Expected =
    Expected::new(|| say!("an operator or `}}}}`"), || say!("expected `}}}}`")).code(Code::InvalidPlaceholder);
const TAG_END: Expected = Expected::new(|| say!("`}}}}`"), || say!("expected `}}}}`")).code(Code::InvalidPlaceholder);

/// What other template languages write for `else if` and `end`.
const ELSE_IFS: &[&str] = &["elif", "elsif", "elseif"];
const ENDS: &[&str] = &["endif", "endunless", "fi", "конец", "конецесли"];
/// Loops of other template languages, which texts do not have.
const LOOPS: &[&str] = &["for", "foreach", "each"];

/// What begins a tag.
struct TagStart {
    /// How many tokens name it.
    tokens: usize,
    kind: TagKind,
    /// What to write instead, if it is written as in another language.
    instead: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TagKind {
    If,
    ElseIf,
    Else,
    End,
    /// A loop, which is reported.
    Loop,
}

impl TagStart {
    fn new(tokens: usize, kind: TagKind) -> Option<Self> {
        Some(Self { tokens, kind, instead: None })
    }

    fn wrong(tokens: usize, kind: TagKind, instead: &'static str) -> Option<Self> {
        Some(Self { tokens, kind, instead: Some(instead) })
    }
}

/// `{{ if c }}`, `{{ else if c }}`, `{{ else }}` or `{{ end }}`; fails at anything else.
pub(super) fn tag<'a>(condition: P<'a, Expr>) -> P<'a, Piece> {
    custom(move |inp: &mut Cursor<'a, '_>| {
        let Some(open) = inp.peek().filter(|t| t.kind == Kind::PlaceholderOpen) else { return fail() };
        let Some(start) = tag_start(inp) else { return fail() };
        inp.skip();
        match start.instead {
            Some(right) => {
                let written = foreign::span_of_next(inp, start.tokens).map_or("", |span| inp.state().slice(span));
                let message = say!("write `{{{{ {right} }}}}`, not `{{{{ {written} }}}}`", right, written);
                foreign::replace_with(inp, start.tokens, message, say!("did you mean `{right}`?", right), right);
            }
            None if start.kind == TagKind::Loop => report_loop(inp),
            None => (0..start.tokens).for_each(|_| inp.skip()),
        }
        let tag = match start.kind {
            TagKind::If => Tag::If(inp.parse(&condition)?),
            TagKind::ElseIf => Tag::ElseIf(inp.parse(&condition)?),
            TagKind::Else => Tag::Else,
            TagKind::End => Tag::End,
            TagKind::Loop => Tag::If(Expr { kind: ExprKind::Error, span: gap(inp) }),
        };
        let has_condition = matches!(tag, Tag::If(_) | Tag::ElseIf(_));
        close(inp, start.kind, if has_condition { &CONDITION_END } else { &TAG_END });
        Ok(Piece::Tag(tag, open.span.to(gap(inp))))
    })
    .boxed()
}

/// The tag that begins here.
fn tag_start(inp: &mut Cursor<'_, '_>) -> Option<TagStart> {
    let (first, second) = (peek_nth(inp, 1)?, peek_nth(inp, 2));
    let closes = second.is_some_and(|t| t.kind == Kind::PlaceholderClose);
    let follows = second.is_some_and(|t| t.kind.is_word() || matches!(t.kind, Kind::ParenOpen | Kind::TextOpen));
    let is_if = |t: Option<Token<'_>>| t.is_some_and(|t| begins(t, &[K::If]));
    let (word, lower) = (first.text, first.text.to_lowercase());
    match first.kind {
        Kind::Key(K::If) => TagStart::new(1, TagKind::If),
        Kind::Key(K::Else) if is_if(second) => TagStart::new(2, TagKind::ElseIf),
        Kind::Key(K::Else) => TagStart::new(1, TagKind::Else),
        Kind::Slash if second.is_some_and(|t| t.text == "if" || t.text == "unless") => {
            TagStart::wrong(2, TagKind::End, "end")
        }
        _ if !first.kind.is_word() => None,
        _ if word == "end" && closes => TagStart::new(1, TagKind::End),
        _ if (word == "end" || lower == "конец") && (is_if(second) || second.is_some_and(|t| t.text == "если")) => {
            TagStart::wrong(2, TagKind::End, "end")
        }
        _ if closes && (ENDS.contains(&lower.as_str()) || lower == "end") => TagStart::wrong(1, TagKind::End, "end"),
        _ if closes && (lower == "else" || lower == "otherwise" || lower == "иначе") => {
            TagStart::wrong(1, TagKind::Else, "else")
        }
        _ if !follows => None,
        _ if ELSE_IFS.contains(&lower.as_str()) => TagStart::wrong(1, TagKind::ElseIf, "else if"),
        _ if lower == "иначе" && second.is_some_and(|t| t.text == "если") => {
            TagStart::wrong(2, TagKind::ElseIf, "else if")
        }
        _ if lower == "unless" => TagStart::wrong(1, TagKind::If, "if not"),
        _ if lower == "if" || lower == "если" => TagStart::wrong(1, TagKind::If, "if"),
        _ if LOOPS.contains(&word) => TagStart::new(1, TagKind::Loop),
        _ => None,
    }
}

fn report_loop(inp: &mut Cursor<'_, '_>) {
    let Some(word) = inp.peek() else { return };
    report_with(inp, || {
        let message = say!("texts have no loops");
        Diagnostic::new(Code::InvalidPlaceholder, word.span, message, say!("not supported"))
            .help(say!("write all items of a list with `join`: `{{{{ items | join(\", \") }}}}`"))
    });
}

/// Reads the `}}` of a tag, and skips what must not be before it.
fn close(inp: &mut Cursor<'_, '_>, kind: TagKind, want: &Expected) {
    if !inp.peek().is_some_and(|t| t.kind == Kind::PlaceholderClose) && kind != TagKind::Loop {
        match inp.peek() {
            _ if is_suppressed(inp) => {}
            Some(bar) if bar.kind == Kind::Bar => report_with(inp, || {
                let message = say!("a filter is not a part of a condition");
                Diagnostic::new(Code::InvalidPlaceholder, bar.span, message, say!("not allowed here")).help(say!(
                    "put the value and its filter into a string: `\"{{{{ client.city | lower }}}}\" == \"..\"`"
                ))
            }),
            Some(token) if token.kind == Kind::Colon || token.text == "then" => {
                let wrong = token.text;
                foreign::replace_with(inp, 1, say!("unexpected `{wrong}`", wrong), say!("not needed"), "");
            }
            Some(_) | None => _ = report(inp, want),
        }
    }
    while inp.peek().is_some_and(|t| t.kind != Kind::PlaceholderClose) {
        // An unmatched closer of another kind stops the skipping; it is skipped too.
        if skip_until(inp, |t| t.kind == Kind::PlaceholderClose) == 0 {
            inp.skip();
        }
    }
    inp.skip();
}

/// A conditional part whose end has not been read yet.
struct OpenIf {
    branches: Vec<TextBranch>,
    else_tag: Option<Span>,
    /// The parts before it.
    before: Vec<TextPart>,
    /// Whether it nests too deep and is left out.
    is_too_deep: bool,
}

impl OpenIf {
    fn start(&self) -> Span {
        self.branches.first().map_or_else(Span::default, |branch| branch.tag)
    }

    /// Ends the branch that is being read.
    fn end_branch(&mut self, parts: &mut Vec<TextPart>) {
        if let Some(branch) = self.branches.last_mut() {
            branch.parts = shrink(std::mem::take(parts));
        }
    }

    /// Ends the whole, and continues with what was before it.
    fn end(mut self, parts: &mut Vec<TextPart>, end_tag: Option<Span>, end: Span) {
        let otherwise = if self.else_tag.is_some() {
            shrink(std::mem::take(parts))
        } else {
            self.end_branch(parts);
            Vec::new()
        };
        let (else_tag, span) = (self.else_tag, self.start().to(end));
        *parts = self.before;
        if !self.is_too_deep {
            let branches = shrink(self.branches);
            parts.push(TextPart::If(TextIf { branches, else_tag, otherwise, end_tag, span }));
        }
    }
}

/// Puts pieces into the branches that their tags begin and end. `end` is the empty span at the end of the string.
pub(super) fn nest(inp: &mut Cursor<'_, '_>, pieces: Vec<Piece>, end: Span) -> Vec<TextPart> {
    let mut parts = Vec::new();
    let mut open: Vec<OpenIf> = Vec::new();
    let mut is_reported = false;
    for piece in pieces {
        let (tag, span) = match piece {
            Piece::Text(text) => {
                parts.push(TextPart::Text(text));
                continue;
            }
            Piece::Placeholder(placeholder) => {
                parts.push(TextPart::Placeholder(placeholder));
                continue;
            }
            Piece::Tag(tag, span) => (tag, span),
        };
        match (tag, open.last_mut()) {
            (Tag::If(condition), _) => {
                let is_too_deep = open.len() >= MAX_DEPTH;
                if is_too_deep && !std::mem::replace(&mut is_reported, true) {
                    inp.state().add(too_deep(span));
                }
                let branches = vec![TextBranch { condition, tag: span, parts: Vec::new() }];
                open.push(OpenIf { branches, else_tag: None, before: std::mem::take(&mut parts), is_too_deep });
            }
            (Tag::ElseIf(condition), Some(choice)) if choice.else_tag.is_none() => {
                choice.end_branch(&mut parts);
                choice.branches.push(TextBranch { condition, tag: span, parts: Vec::new() });
            }
            (Tag::Else, Some(choice)) if choice.else_tag.is_none() => {
                choice.end_branch(&mut parts);
                choice.else_tag = Some(span);
            }
            (Tag::End, Some(_)) => {
                if let Some(choice) = open.pop() {
                    choice.end(&mut parts, Some(span), span);
                }
            }
            (tag @ (Tag::ElseIf(_) | Tag::Else), Some(choice)) => {
                let first = choice.else_tag.unwrap_or(span);
                inp.state().add(after_else(&tag, span, first));
            }
            (tag @ (Tag::ElseIf(_) | Tag::Else | Tag::End), None) => {
                let condition = parts.iter().rev().find_map(shown_condition);
                inp.state().add(without_if(&tag, span, condition));
            }
        }
    }
    while let Some(choice) = open.pop() {
        let inner = parts.iter().rev().find_map(|part| if let TextPart::If(inner) = part { Some(inner) } else { None });
        let inner = inner.and_then(|inner| inner.branches.first()).map(|branch| branch.tag);
        inp.state().add(unclosed(choice.start(), inner, end));
        choice.end(&mut parts, None, end);
    }
    parts
}

fn too_deep(span: Span) -> Diagnostic {
    let message = say!("more than {most} nested conditions in a text", most = MAX_DEPTH);
    Diagnostic::new(Code::NestedTooDeep, span, message, say!("nested too deeply"))
        .help(say!("combine conditions with `and`, or write several messages"))
}

fn unclosed(tag: Span, inner: Option<Span>, end: Span) -> Diagnostic {
    let message = say!("`{{{{ if .. }}}}` without `{{{{ end }}}}`");
    let mut found = Diagnostic::new(Code::InvalidPlaceholder, tag, message, say!("opened here"));
    if let Some(inner) = inner {
        found = found.related(inner, say!("this `if` has an `{{{{ end }}}}`; did you mean `else if`?"));
    }
    found.help(say!("write `{{{{ end }}}}` after the text that depends on the condition")).guess(
        say!("add `{{{{ end }}}}` at the end"),
        end,
        "{{ end }}",
    )
}

fn name(tag: &Tag) -> &'static str {
    match tag {
        Tag::If(_) => "{{ if .. }}",
        Tag::ElseIf(_) => "{{ else if .. }}",
        Tag::Else => "{{ else }}",
        Tag::End => "{{ end }}",
    }
}

fn after_else(tag: &Tag, span: Span, first: Span) -> Diagnostic {
    let message = say!("`{tag}` after `{{{{ else }}}}`", tag = name(tag));
    Diagnostic::new(Code::UnexpectedToken, span, message, say!("not allowed here"))
        .related(first, say!("the `{{{{ else }}}}` is here"))
        .help(say!("`{{{{ else }}}}` is the last branch; `{{{{ end }}}}` ends it"))
}

/// The place of a condition whose value would be shown.
fn shown_condition(part: &TextPart) -> Option<Span> {
    let TextPart::Placeholder(placeholder) = part else { return None };
    let expr = &placeholder.expr;
    let is_condition = matches!(
        expr.kind,
        ExprKind::Binary { .. } | ExprKind::Unary { .. } | ExprKind::Is { .. } | ExprKind::InFunnel { .. }
    );
    is_condition.then_some(expr.span)
}

fn without_if(tag: &Tag, span: Span, condition: Option<Span>) -> Diagnostic {
    let message = say!("`{tag}` without `{{{{ if .. }}}}`", tag = name(tag));
    let found = Diagnostic::new(Code::UnexpectedToken, span, message, say!("no `if` before it"));
    let found = match condition {
        Some(condition) => found.related(condition, say!("to ask this, write `if` before it")),
        None => found,
    };
    let found = found.help(say!("write `{{{{ if client.name is known }}}}` before it, or remove it"));
    match tag {
        Tag::End => found
            .help(say!("to show a field with the name `end`, write its event: `{{{{ booking.end }}}}`"))
            .guess(say!("remove it"), span, ""),
        Tag::If(_) | Tag::ElseIf(_) | Tag::Else => found,
    }
}
