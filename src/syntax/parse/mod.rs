//! The parser. In: tokens. Out: the tree and syntax errors. The only user of chumsky.
//!
//! The next token decides every choice of the grammar. After its first token a production never fails: what is
//! missing is reported and replaced, so that every text has a tree.

mod action;
mod block;
mod branch;
mod compare;
mod declare;
mod error;
mod expr;
mod file;
mod foreign;
mod foreign_case;
mod foreign_compare;
mod foreign_filter;
mod foreign_name;
mod funnel;
mod habit;
mod habit_setting;
mod habit_table;
mod is_known;
mod lookahead;
mod operator;
mod primitive;
mod recover;
mod reword;
mod step;
mod template;
mod test;
mod text_if;
mod trigger;
mod wait;

use super::ast;
use super::token::{Keyword, Kind, Token};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span, Spanned};
use chumsky::error::EmptyErr;
use chumsky::input::{Input as _, InputRef, MapExtra, MappedInput};
use chumsky::prelude::*;
pub(super) use error::is_misspelling;
use error::{ParseError, ParseErrors};
pub(super) use habit::is_habit;

/// Tokens with their spans.
type Input<'a> = MappedInput<'a, Token<'a>, Span, &'a [Token<'a>]>;
/// Errors are collected in the state; chumsky's own errors are empty.
type Extra<'a> = extra::Full<EmptyErr, ParseErrors<'a>, ()>;
/// A production.
type P<'a, O> = Boxed<'a, 'a, Input<'a>, O, Extra<'a>>;
/// The parser's position in the input.
type Cursor<'a, 'p> = InputRef<'a, 'p, Input<'a>, Extra<'a>>;
/// The input just matched, in a map or a fold.
type Extent<'a, 'p> = MapExtra<'a, 'p, Input<'a>, Extra<'a>>;

impl chumsky::span::Span for Span {
    type Context = FileId;
    type Offset = u32;

    fn new(file: FileId, range: std::ops::Range<u32>) -> Self {
        // A production that read nothing gets the start of the next token and the end of the last.
        Self { file, start: range.start.min(range.end), end: range.end }
    }

    fn context(&self) -> FileId {
        self.file
    }

    fn start(&self) -> u32 {
        self.start
    }

    fn end(&self) -> u32 {
        self.end
    }
}

/// How often a file is parsed again with misspelled keywords corrected.
const MAX_RESPELLINGS: usize = 4;

/// A parsed file.
pub(super) struct Tree<'a> {
    pub(super) file: ast::File,
    /// The syntax errors.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The tokens with misspelled keywords corrected, if there were any.
    pub(super) respelled: Option<Vec<Token<'a>>>,
}

/// The productions of a file. Building them takes as long as parsing a short file.
pub(super) struct Grammar<'a>(P<'a, Vec<ast::Item>>);

impl<'a> Grammar<'a> {
    pub(super) fn new() -> Self {
        Self(file::items())
    }

    /// Parses the tokens of a file.
    pub(super) fn parse(&self, text: &'a str, tokens: &'a [Token<'a>], whole: Span) -> Tree<'a> {
        let (file, errors) = self.read(text, tokens, whole);
        if errors.is_empty() {
            Tree { file, diagnostics: Vec::new(), respelled: None }
        } else {
            reparse(text, tokens, file, errors)
        }
    }

    fn read(&self, text: &'a str, tokens: &'a [Token<'a>], whole: Span) -> (ast::File, Vec<ParseError>) {
        let mut errors = ParseErrors::new(whole.file, text, tokens);
        let split: fn(&'a Token<'a>) -> (&'a Token<'a>, &'a Span) = |t| (t, &t.span);
        let input = tokens.map(whole.after(), split);
        let items = self.0.parse_with_state(input, &mut errors).into_output();
        (ast::File { items: items.unwrap_or_default(), span: whole }, errors.errors)
    }
}

/// Parses a file with errors again, as long as reading some words differently yields fewer errors.
fn reparse<'a>(text: &'a str, tokens: &[Token<'a>], mut file: ast::File, mut errors: Vec<ParseError>) -> Tree<'a> {
    let whole = file.span;
    let mut best: Option<Vec<Token<'a>>> = None;
    let mut apart = tokens.to_vec();
    if split_keywords_after_dots(&mut apart) {
        let (again, rest) = Grammar::new().read(text, &apart, whole);
        if rest.len() < errors.len() {
            (file, errors) = (again, rest);
            best = Some(apart);
        }
    }
    let mut misspellings: Vec<Diagnostic> = Vec::new();
    if let Some(reworded) = reword_keywords(text, best.as_deref().unwrap_or(tokens), whole, &errors) {
        (file, errors) = (reworded.file, reworded.errors);
        misspellings.extend(reworded.words);
        best = Some(reworded.tokens);
    }
    for _ in 0..MAX_RESPELLINGS {
        let mut right = best.as_deref().unwrap_or(tokens).to_vec();
        if !respell(&mut right, &errors) {
            break;
        }
        let (again, rest) = Grammar::new().read(text, &right, whole);
        let misspelled = errors.iter().filter(|f| f.respell.is_some()).count();
        // A word that only looks misspelled causes more errors as a keyword than as a name.
        if misspelled + rest.len() > errors.len() {
            break;
        }
        misspellings.extend(errors.into_iter().filter(|f| f.respell.is_some()).map(|f| f.diagnostic));
        (file, errors) = (again, rest);
        best = Some(right);
    }
    misspellings.extend(errors.into_iter().map(|f| f.diagnostic));
    Tree { file, diagnostics: misspellings, respelled: best }
}

/// A file parsed again with some words as keywords.
struct Reworded<'a> {
    tokens: Vec<Token<'a>>,
    file: ast::File,
    errors: Vec<ParseError>,
    /// The diagnostics about these words.
    words: Vec<Diagnostic>,
}

/// Parses a file with errors again, with those words as keywords that are written differently: `If`, `если`.
fn reword_keywords<'a>(
    text: &'a str,
    tokens: &[Token<'a>],
    whole: Span,
    errors: &[ParseError],
) -> Option<Reworded<'a>> {
    let read = |words: &[(usize, Keyword)]| {
        let right = reword::with_keywords(tokens, words);
        let (file, errors) = Grammar::new().read(text, &right, whole);
        (right, file, errors)
    };
    let mut words = reword::candidates(tokens);
    if words.is_empty() {
        return None;
    }
    let (mut right, mut file, mut rest) = read(&words);
    if !reword::is_better(&rest, errors) {
        return None;
    }
    // A word that changes nothing is a name.
    for at in (0..words.len()).rev() {
        let mut fewer = words.clone();
        fewer.remove(at);
        let (tokens, again, errors) = read(&fewer);
        if !reword::is_better(&rest, &errors) {
            (words, right, file, rest) = (fewer, tokens, again, errors);
        }
    }
    let token = |at: usize| tokens.get(at).copied();
    let words = words.iter().filter_map(|(at, keyword)| Some(reword::report(token(*at)?, *keyword))).collect();
    Some(Reworded { tokens: right, file, errors: rest, words })
}

/// Parses the tokens of a file that is one string.
pub(super) fn parse_text(text: &str, tokens: &[Token<'_>], whole: Span) -> (ast::Text, Vec<Diagnostic>) {
    let mut errors = ParseErrors::new(whole.file, text, tokens);
    let split: for<'t, 'a> fn(&'t Token<'a>) -> (&'t Token<'a>, &'t Span) = |t| (t, &t.span);
    let input = tokens.map(whole.after(), split);
    let text = expr::exprs().texts.required().parse_with_state(input, &mut errors).into_output();
    let nothing = ast::Text { parts: Vec::new(), block: false, span: whole };
    (text.unwrap_or(nothing), errors.errors.into_iter().map(|error| error.diagnostic).collect())
}

/// Turns keywords at the beginning of a line back from field names, where a dot ends the line before. Returns whether
/// there were any.
fn split_keywords_after_dots(tokens: &mut [Token<'_>]) -> bool {
    let mut any = false;
    for at in 1..tokens.len() {
        let dot = tokens.get(at - 1).is_some_and(|t| t.kind == Kind::Dot);
        let Some(token) = tokens.get_mut(at).filter(|t| dot && t.first && t.kind == Kind::Name) else { continue };
        if let Some(keyword) = Keyword::parse(token.text) {
            token.kind = Kind::Key(keyword);
            any = true;
        }
    }
    any
}

/// Turns misspelled words into keywords. Returns whether there were any.
fn respell(tokens: &mut [Token<'_>], errors: &[ParseError]) -> bool {
    let mut any = false;
    for (start, keyword) in errors.iter().filter_map(|f| f.respell) {
        if let Some(token) =
            tokens.iter_mut().find(|t| t.span.start == start && matches!(t.kind, Kind::Name | Kind::Key(_)))
        {
            token.kind = Kind::Key(keyword);
            any = true;
        }
    }
    any
}

/// Drops a list's spare capacity: trees are kept, and it would be half of their size.
fn shrink<T>(mut list: Vec<T>) -> Vec<T> {
    list.shrink_to_fit();
    list
}

/// A token's text as a name.
fn named(token: Token<'_>) -> ast::Name {
    Spanned::new(token.text.to_owned(), token.span)
}

/// The name where none was written.
fn empty_name(place: Span) -> ast::Name {
    Spanned::new(String::new(), place)
}
