//! Strings with placeholders, records, and message bodies.

use super::error::{Expected, is_suppressed, report, report_with};
use super::lookahead::{SETTINGS, begins, begins_line, peek_second};
use super::primitive::name;
use super::recover::{enclosed, expect, fail, required, skip_unexpected, skip_until, token};
use super::{Cursor, P, foreign, habit_table, named, shrink, text_if};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Body, Expr, ExprKind, Filter, Placeholder, Record, RecordEntry, Text, TextFile, TextPart};
use crate::syntax::token::{Keyword, Kind, Token};
use crate::syntax::unescape::{self, Piece};
use chumsky::prelude::*;

const TEXT: Expected = Expected::new(|| say!("a string such as `\"hello\"`"), || say!("expected a string"));
const FILTER: Expected = Expected::new(|| say!("a filter such as `default(\"friend\")`"), || say!("expected a filter"));
const FILTER_END: Expected = Expected::new(|| say!("`,` or `)`"), || say!("expected `)`"));
const PLACEHOLDER_END: Expected = Expected::new(|| say!("an operator, `|` or `}}}}`"), || say!("expected `}}}}`"))
    .code(Code::InvalidPlaceholder)
    .habits(&[habit_table::PLACEHOLDER]);
pub(super) const ENTRY: Expected =
    Expected::new(|| say!("a name with a value such as `id: \"b1\"`"), || say!("expected an entry"));
const ENTRY_COLON: Expected = Expected::new(|| say!("`:`"), || say!("expected `:`"));
const BODY: Expected =
    Expected::new(|| say!("a string, a record or a file"), || say!("expected the content of the message"));

/// The productions for strings, and for what contains them.
#[derive(Clone)]
pub(super) struct Texts<'a> {
    /// `"Hello {{ client.name }}"`; fails at anything else.
    pub(super) text: P<'a, Text>,
    /// `{ name: expr, .. }`; fails at anything else.
    pub(super) record: P<'a, Record>,
    /// `file "emails/welcome.mjml"`; fails at anything else.
    pub(super) file: P<'a, TextFile>,
}

/// Builds the productions.
pub(super) fn texts<'a>(expr: P<'a, Expr>) -> Texts<'a> {
    let text = text(text_if::tag(expr.clone()), placeholder(expr.clone()));
    let file = file(&text);
    let value = file.clone().map(|file| Expr { span: file.span, kind: ExprKind::File(file) }).or(expr).boxed();
    Texts { text, record: record(value), file }
}

impl<'a> Texts<'a> {
    /// A required string.
    pub(super) fn required(&self) -> P<'a, Text> {
        required(self.text.clone().or(custom(unquoted)), &TEXT, |span| Text { parts: Vec::new(), block: false, span })
    }

    /// A string, a record or a file; fails at anything else.
    pub(super) fn message_body(&self) -> P<'a, Body> {
        let text = self.text.clone().map(Body::Text);
        choice((text, self.record.clone().map(Body::Record), self.file.clone().map(Body::File))).boxed()
    }

    /// A required string, record or file.
    pub(super) fn body(&self) -> P<'a, Body> {
        required(self.message_body(), &BODY, Body::Error)
    }
}

/// `file "emails/welcome.mjml"`. Without a string after it, `file` is a name; before a bare path the quotes are
/// missing.
fn file<'a>(text: &P<'a, Text>) -> P<'a, TextFile> {
    let path = text.clone().or(custom(bare_path)).boxed();
    custom(move |inp: &mut Cursor<'a, '_>| {
        let Some(word) = inp.peek().filter(|t| t.kind == Kind::Key(Keyword::File)) else { return fail() };
        let names_one = |t: Token<'a>| !t.first && matches!(t.kind, Kind::TextOpen | Kind::Name | Kind::DotDot);
        if !peek_second(inp).is_some_and(names_one) {
            return fail();
        }
        inp.skip();
        let path = inp.parse(&path)?;
        Ok(TextFile { span: word.span.to(path.span), path })
    })
    .boxed()
}

/// `"..{{ placeholder }}.."`; the lexer pairs the quotes, so the end is always found.
fn text<'a>(tag: P<'a, Piece>, placeholder: P<'a, Placeholder>) -> P<'a, Text> {
    let inside = tag.or(placeholder.map(Piece::Placeholder)).boxed();
    custom(move |inp: &mut Cursor<'a, '_>| {
        let Some(open) = inp.peek().filter(|t| t.kind == Kind::TextOpen) else { return fail() };
        inp.skip();
        let mut pieces = Vec::new();
        let mut end = open.span;
        while let Some(next) = inp.peek() {
            if next.kind == Kind::PlaceholderOpen {
                pieces.push(inp.parse(&inside)?);
                continue;
            }
            inp.skip();
            end = next.span;
            match next.kind {
                Kind::Chunk => pieces.push(Piece::Text(Spanned::new(next.text.to_owned(), next.span))),
                _ => break,
            }
        }
        let block = open.text.len() == 3;
        let pieces =
            if open.text.is_empty() { unescape::resolve_file(pieces) } else { unescape::resolve(pieces, block) };
        let parts = text_if::nest(inp, pieces, Span { end: end.start, ..end });
        Ok(Text { parts: shrink(parts), block, span: open.span.to(end) })
    })
    .boxed()
}

/// `{{ expr | filter | filter(arg) }}`
fn placeholder<'a>(expr: P<'a, Expr>) -> P<'a, Placeholder> {
    let args = expr.clone().separated_by(token(Kind::Comma)).collect::<Vec<_>>().boxed();
    let args = enclosed(Kind::ParenOpen, args, Kind::ParenClose, &FILTER_END).or_not();
    let filter = token(Kind::Bar)
        .ignore_then(name(&FILTER).then(args.map(Option::unwrap_or_default)).map_with(|(name, args), e| Filter {
            name,
            args,
            span: e.span(),
        }))
        .repeated()
        .collect::<Vec<_>>();
    let inside = custom(report_empty_placeholder).ignore_then(expr).then(filter).boxed();
    let inside = custom(move |inp: &mut Cursor<'a, '_>| {
        let (expr, filters) = inp.parse(&inside)?;
        report_colon(inp, &filters);
        report_inline_if(inp);
        Ok((expr, filters))
    });
    token(Kind::PlaceholderOpen)
        .ignore_then(inside)
        .then_ignore(custom(close_placeholder))
        .map_with(|(expr, filters), e| Placeholder { expr, filters, span: e.span() })
        .boxed()
}

/// Reports `{{ name | default: "friend" }}` and `{{ name : "friend" }}`: other template languages write the arguments of
/// a filter after a colon.
fn report_colon(inp: &mut Cursor<'_, '_>, filters: &[Filter]) {
    let Some(colon) = inp.peek().filter(|t| t.kind == Kind::Colon) else { return };
    let Some(args) = up_to_close(inp, colon.span.end) else { return };
    let Some(written) = inp.state().text.get(args.start as usize..args.end as usize).map(str::to_owned) else { return };
    let (span, right) = match filters.last() {
        Some(filter) if filter.args.is_empty() => {
            (Span { end: args.end, ..filter.name.span }, format!("{}({written})", filter.name.node))
        }
        Some(_) => return,
        None => (Span { end: args.end, ..colon.span }, format!("| default({written})")),
    };
    let is_sure = !filters.is_empty();
    report_with(inp, || {
        let message = say!("filters take parentheses, not a colon");
        let finding = Diagnostic::new(Code::InvalidPlaceholder, colon.span, message, say!("use parentheses"));
        let finding = finding.help(say!("write `{right}`", right = right.as_str()));
        let title = say!("change it to `{right}`", right = right.as_str());
        if is_sure { finding.fix(title, span, right) } else { finding.guess(title, span, right) }
    });
}

/// Reports `{{ a if c else b }}` and `{{ c ? a : b }}` of other languages.
fn report_inline_if(inp: &mut Cursor<'_, '_>) {
    let is_if = |t: &Token<'_>| t.kind == Kind::Key(Keyword::If) || t.kind == Kind::Question;
    let Some(next) = inp.peek().filter(is_if) else { return };
    report_with(inp, || {
        let message = say!("a condition has its own placeholder, before the text that depends on it");
        Diagnostic::new(Code::InvalidPlaceholder, next.span, message, say!("not allowed here")).help(say!(
            "write `{{{{ if client.name is known }}}}{{{{ client.name }}}}{{{{ else }}}}friend{{{{ end }}}}`"
        ))
    });
}

/// The span of what follows a position, up to the end of the placeholder there.
fn up_to_close(inp: &mut Cursor<'_, '_>, start: u32) -> Option<Span> {
    let tokens = inp.state().tokens;
    let rest = tokens.get(tokens.partition_point(|t| t.span.start < start)..)?;
    let mut depth = 0_u32;
    let own = rest.iter().take_while(|t| {
        match t.kind {
            Kind::PlaceholderOpen => depth += 1,
            Kind::PlaceholderClose if depth == 0 => return false,
            Kind::PlaceholderClose => depth -= 1,
            _ => {}
        }
        true
    });
    own.map(|t| t.span).reduce(Span::to)
}

fn close_placeholder(inp: &mut Cursor<'_, '_>) -> Result<(), chumsky::error::EmptyErr> {
    if !inp.peek().is_some_and(|t| t.kind == Kind::PlaceholderClose) && !is_suppressed(inp) {
        report(inp, &PLACEHOLDER_END);
    }
    while inp.peek().is_some_and(|t| t.kind != Kind::PlaceholderClose) {
        // An unmatched closer of another kind stops the skipping; it is skipped too.
        if skip_until(inp, |t| t.kind == Kind::PlaceholderClose) == 0 {
            inp.skip();
        }
    }
    inp.skip();
    Ok(())
}

/// `{ name: expr, name: expr }`, commas optional.
fn record<'a>(expr: P<'a, Expr>) -> P<'a, Record> {
    enclosed(Kind::BraceOpen, entries(expr, Kind::BraceClose), Kind::BraceClose, &ENTRY)
        .map_with(|entries, e| Record { entries, span: e.span() })
        .boxed()
}

/// `name: expr, name: expr` up to something that is not a name.
pub(super) fn entries<'a>(expr: P<'a, Expr>, close: Kind) -> P<'a, Vec<RecordEntry>> {
    let label = any().filter(|t: &Token<'a>| t.kind.is_word()).map(named);
    let entry = label
        .then_ignore(expect(Kind::Colon, &ENTRY_COLON))
        .then(expr)
        .map(|(name, value)| RecordEntry { name, value })
        .boxed();
    custom(move |inp: &mut Cursor<'a, '_>| {
        let mut entries = Vec::new();
        loop {
            match inp.peek() {
                Some(t) if t.kind == Kind::Label || (t.kind.is_word() && may_name_entry(t) && value_follows(inp)) => {
                    entries.push(inp.parse(&entry)?);
                }
                Some(t) if t.kind == Kind::Comma && !entries.is_empty() => inp.skip(),
                Some(t) if t.kind == close => return Ok(shrink(entries)),
                Some(_) | None => {
                    // Skip what cannot begin an entry, if another entry follows.
                    let stop = |t: Token<'a>| t.kind == Kind::Label || t.kind == close;
                    if !reaches_entry(inp, stop) {
                        return Ok(entries);
                    }
                    skip_unexpected(inp, &ENTRY, stop);
                }
            }
        }
    })
    .boxed()
}

fn reaches_entry<'a>(inp: &mut Cursor<'a, '_>, stop: impl Fn(Token<'a>) -> bool) -> bool {
    let start = inp.save();
    skip_until(inp, |t| stop(t) || t.kind == Kind::Arrow || begins_line(t));
    let found = inp.peek().is_some_and(stop);
    inp.rewind(start);
    found
}

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// A word instead of a string.
fn unquoted(inp: &mut Cursor<'_, '_>) -> Result<Text, chumsky::error::EmptyErr> {
    let Some(word) = inp.peek().filter(|t| t.kind == Kind::Name && !t.first) else { return fail() };
    let right = format!("\"{}\"", word.text);
    let message = say!("a string must be quoted");
    if peek_second(inp).is_some_and(|t| t.kind == Kind::Dot && t.span.start == word.span.end) {
        // `operation.doctor` is a value, not a text: quotes would change what it means.
        report_with(inp, || {
            let right = format!("\"{{{{ {}.. }}}}\"", word.text);
            Diagnostic::new(Code::UnexpectedToken, word.span, message, say!("needs quotes"))
                .help(say!("write `{right}`", right))
        });
        inp.skip();
    } else {
        // It may also be the name of a field.
        foreign::perhaps_replace_with(inp, 1, message, say!("needs quotes"), &right);
    }
    let part = TextPart::Text(Spanned::new(word.text.to_owned(), word.span));
    Ok(Text { parts: vec![part], block: false, span: word.span })
}

/// A path without quotes: the tokens up to the next blank.
fn bare_path(inp: &mut Cursor<'_, '_>) -> Result<Text, chumsky::error::EmptyErr> {
    let suppressed_at = is_suppressed(inp);
    let mut path = String::new();
    let mut span: Option<Span> = None;
    let joins = |kind: Kind| {
        kind.is_word() || matches!(kind, Kind::Slash | Kind::Dot | Kind::DotDot | Kind::Minus | Kind::Number)
    };
    while let Some(next) = inp.peek().filter(|t| joins(t.kind) && span.is_none_or(|span| span.end == t.span.start)) {
        path.push_str(next.text);
        span = Some(span.map_or(next.span, |span| span.to(next.span)));
        inp.skip();
    }
    let Some(span) = span else { return fail() };
    if !suppressed_at {
        let message = say!("path `{path}` must be quoted", path);
        let diagnostic = Diagnostic::new(Code::Expected, span, message, say!("needs quotes"));
        inp.state().add(diagnostic.help(say!("write `file \"{path}\"`", path)).fix(
            say!("put it in quotes"),
            span,
            format!("\"{path}\""),
        ));
    }
    Ok(Text { parts: Vec::new(), block: false, span: span.after() })
}

fn report_empty_placeholder(inp: &mut Cursor<'_, '_>) -> Result<(), chumsky::error::EmptyErr> {
    if let Some(close) = inp.peek().filter(|t| t.kind == Kind::PlaceholderClose) {
        report_with(inp, || {
            Diagnostic::new(Code::InvalidPlaceholder, close.span, say!("empty placeholder"), say!("missing value"))
                .help(say!("add a value: `{{{{ client.name }}}}`; to write two literal braces, use `\\{{{{`"))
        });
    }
    Ok(())
}

/// Whether a word followed by a value can only be the name of an entry. Settings cannot follow the entries of a
/// funnel, and the declaration `client` is followed by a brace, so both words are names here.
fn may_name_entry(word: Token<'_>) -> bool {
    !begins_line(word) || begins(word, SETTINGS) || begins(word, &[Keyword::Client])
}

/// Whether a value follows the word, so that it names an entry.
fn value_follows(inp: &mut Cursor<'_, '_>) -> bool {
    peek_second(inp).is_some_and(|t| {
        let literal = !t.kind.closes() && !matches!(t.kind, Kind::Comma | Kind::BraceOpen | Kind::Arrow | Kind::Dot);
        literal && !t.first
    })
}
