//! From text to tree: tokens, trivia and the abstract syntax tree. In: a file's text. Out: [`ast::File`] and findings.

pub mod ast;
mod block_quote;
mod cascade;
mod damage;
mod foreign_syntax;
mod include;
mod indent;
mod lex;
mod limits;
mod literal;
mod parse;
mod parse_cache;
mod read;
pub mod token;
mod trivia;
mod unescape;

pub use damage::Damage;
pub use include::{Include, IncludeKind, TextFormat};
pub use limits::{MAX_FILE_BYTES, MAX_TEXT_BYTES};
pub use parse_cache::ParseCache;
pub use read::{read, reread};
pub use trivia::{Comment, Trivia};

use crate::diagnostic::{Diagnostic, Phrase};
use crate::say;
use crate::source::{FileId, Sources, Span};
use parse::Grammar;

/// What is said of a brace too many.
fn stray_brace() -> Phrase {
    say!("`}}` closes nothing")
}

/// A file as it was read: always a tree, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The tree, with `Error` nodes where the text is damaged.
    pub file: ast::File,
    /// Comments and blank lines.
    pub trivia: Trivia,
    /// The files that it names.
    pub includes: Vec<Include>,
    /// What was found, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// What later stages cannot judge because of it.
    pub damage: Damage,
}

/// Parses a file; the text of an id that `sources` does not have is empty.
#[must_use]
pub fn parse(sources: &Sources, file: FileId) -> Parsed {
    let text = sources.get(file).map_or("", |f| f.text.as_str());
    match lex_checked(text, file) {
        Ok(lexed) => parse_lexed(&Grammar::new(), text, &lexed.tokens, (lexed.trivia, lexed.diagnostics), file),
        Err(unparsed) => *unparsed,
    }
}

/// Parses files, which goes quicker for many at once: the grammar is made once.
pub(crate) fn parse_all(sources: &Sources, files: &[FileId]) -> Vec<Parsed> {
    let text = |file: FileId| sources.get(file).map_or("", |f| f.text.as_str());
    let (mut tokens, mut rest) = (Vec::new(), Vec::new());
    for file in files {
        let (own, beside) = match lex_checked(text(*file), *file) {
            Ok(lexed) => (lexed.tokens, Ok((lexed.trivia, lexed.diagnostics))),
            Err(unparsed) => (Vec::new(), Err(unparsed)),
        };
        tokens.push(own);
        rest.push(beside);
    }
    let grammar = Grammar::new();
    let all = files.iter().zip(&tokens).zip(rest);
    all.map(|((file, tokens), rest)| match rest {
        Ok(beside) => parse_lexed(&grammar, text(*file), tokens, beside, *file),
        Err(unparsed) => *unparsed,
    })
    .collect()
}

/// Cuts a file into tokens, unless it is refused.
fn lex_checked(text: &str, file: FileId) -> Result<lex::Lexed<'_>, Box<Parsed>> {
    let whole = Span::new(file, 0, text.len());
    if let Some(refused) = read::reject(text, file) {
        return Err(Box::new(unparsed(whole, Trivia::default(), vec![refused])));
    }
    let mut lexed = lex::lex(text, file);
    if let Some(deep) = limits::check_nesting(&lexed.tokens) {
        lexed.diagnostics.push(deep);
        return Err(Box::new(unparsed(whole, lexed.trivia, lexed.diagnostics)));
    }
    Ok(lexed)
}

fn parse_lexed<'a>(
    grammar: &Grammar<'a>,
    text: &'a str,
    tokens: &'a [token::Token<'a>],
    (trivia, mut diagnostics): (Trivia, Vec<Diagnostic>),
    file: FileId,
) -> Parsed {
    let parse::Tree { file: tree, found, respelled } = grammar.parse(text, tokens, Span::new(file, 0, text.len()));
    let tokens = respelled.as_deref().unwrap_or(tokens);
    let includes = include::find(tokens);
    cascade::merge(text, &mut diagnostics, found);
    diagnostics.sort_by_key(|d| d.span.start);
    indent::add_hint(text, tokens, &mut diagnostics);
    let damage = Damage::from_errors(text, &tree, tokens, &diagnostics);
    Parsed { file: tree, trivia, includes, diagnostics, damage }
}

/// A file that is one text with holes, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedText {
    /// What it says.
    pub text: ast::Text,
    /// What was found, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a file that is one text with holes, such as the template of a message. Its characters stand for themselves:
/// `\{{` alone is an escape. In `markup`, which is HTML or MJML, comments have no holes.
#[must_use]
pub fn parse_text(sources: &Sources, file: FileId, markup: bool) -> ParsedText {
    let text = sources.get(file).map_or("", |f| f.text.as_str());
    let whole = Span::new(file, 0, text.len());
    let mut lexed = lex::lex_text(text, file, markup);
    if let Some(deep) = limits::check_nesting(&lexed.tokens) {
        lexed.diagnostics.push(deep);
        let text = ast::Text { parts: Vec::new(), block: false, span: whole };
        return ParsedText { text, diagnostics: lexed.diagnostics };
    }
    let (text, found) = parse::parse_text(text, &lexed.tokens, whole);
    let mut diagnostics = lexed.diagnostics;
    diagnostics.extend(found);
    diagnostics.sort_by_key(|d| d.span.start);
    ParsedText { text, diagnostics }
}

/// The tokens of a funnel, in order.
#[must_use]
pub fn tokens(text: &str, file: FileId) -> Vec<token::Token<'_>> {
    lex::lex(text, file).tokens
}

/// The tokens of a file that is one text with holes; see [`parse_text`].
#[must_use]
pub fn text_tokens(text: &str, file: FileId, markup: bool) -> Vec<token::Token<'_>> {
    lex::lex_text(text, file, markup).tokens
}

/// A duration literal by itself.
#[must_use]
pub fn duration(text: &str) -> Option<ast::DurationLit> {
    let length = literal::duration(text, Span::default());
    (!length.parts.is_empty()).then_some(length)
}

/// Whether a text is a word that can name an element.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let lexed = lex::lex(text, FileId::default());
    let word =
        |token: &token::Token<'_>| matches!(token.kind, token::Kind::Name | token::Kind::Key(_)) && token.text == text;
    lexed.diagnostics.is_empty() && lexed.tokens.first().is_some_and(word)
}

/// A tree that says nothing but that there was something.
fn unparsed(whole: Span, trivia: Trivia, diagnostics: Vec<Diagnostic>) -> Parsed {
    let item = ast::Item { kind: ast::ItemKind::Error, span: whole };
    let file = ast::File { items: vec![item], span: whole };
    let damage = Damage::from_errors("", &file, &[], &diagnostics);
    Parsed { file, trivia, includes: Vec::new(), diagnostics, damage }
}
