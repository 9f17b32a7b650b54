//! From source text to an abstract syntax tree. In: the text of a file. Out: [`ast::File`] and diagnostics.

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
pub use read::{merge_conflict, read, reread};
pub use trivia::{Comment, Trivia};

use crate::diagnostic::{Diagnostic, Phrase};
use crate::say;
use crate::source::{FileId, Sources, Span};
use parse::Grammar;

/// The message for an unmatched `}`.
fn stray_brace() -> Phrase {
    say!("unmatched `}}`")
}

/// Whether a word may stand for a keyword: as it is, misspelled, or as other languages write it.
#[must_use]
pub fn may_mean(word: &str, keyword: token::Keyword) -> bool {
    word == keyword.text() || parse::is_misspelling(word, &[keyword])
}

/// A parsed file: there is always a tree, even for damaged text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The tree, with `Error` nodes where the text is damaged.
    pub file: ast::File,
    /// Comments and blank lines.
    pub trivia: Trivia,
    /// The files it refers to.
    pub includes: Vec<Include>,
    /// The diagnostics, in source order.
    pub diagnostics: Vec<Diagnostic>,
    /// What later stages cannot trust because of syntax errors.
    pub damage: Damage,
}

/// Parses a file; an id unknown to `sources` counts as an empty file.
#[must_use]
pub fn parse(sources: &Sources, file: FileId) -> Parsed {
    let text = sources.get(file).map_or("", |f| f.text.as_str());
    match lex_checked(text, file) {
        Ok(lexed) => parse_lexed(&Grammar::new(), text, &lexed.tokens, (lexed.trivia, lexed.diagnostics), file),
        Err(unparsed) => *unparsed,
    }
}

/// Parses many files with one grammar, which takes as long to build as a short file takes to parse.
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

/// Splits a file into tokens, unless it is rejected.
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
    let parse::Tree { file: tree, diagnostics: found, respelled } =
        grammar.parse(text, tokens, Span::new(file, 0, text.len()));
    let tokens = respelled.as_deref().unwrap_or(tokens);
    let includes = include::find(tokens);
    cascade::merge(text, &mut diagnostics, found);
    diagnostics.sort_by_key(|d| d.span.start);
    indent::add_hint(text, tokens, &mut diagnostics);
    let damage = Damage::from_errors(text, &tree, tokens, &diagnostics);
    Parsed { file: tree, trivia, includes, diagnostics, damage }
}

/// A parsed file that is one string with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedText {
    /// The content.
    pub text: ast::Text,
    /// The diagnostics, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a file that is one string with placeholders, such as the body of a message. Its characters are literal:
/// `\{{` is the only escape. In `markup`, which is HTML or MJML, comments have no placeholders.
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
    let conflict = read::text_conflict(text, file);
    let (text, diagnostic) = parse::parse_text(text, &lexed.tokens, whole);
    let mut diagnostics = lexed.diagnostics;
    diagnostics.extend(conflict);
    diagnostics.extend(diagnostic);
    diagnostics.sort_by_key(|d| d.span.start);
    ParsedText { text, diagnostics }
}

/// Returns the tokens of a funnel file.
#[must_use]
pub fn tokens(text: &str, file: FileId) -> Vec<token::Token<'_>> {
    lex::lex(text, file).tokens
}

/// Returns the tokens of a file that is one string with placeholders; see [`parse_text`].
#[must_use]
pub fn text_tokens(text: &str, file: FileId, markup: bool) -> Vec<token::Token<'_>> {
    lex::lex_text(text, file, markup).tokens
}

/// Parses a single duration literal.
#[must_use]
pub fn duration(text: &str) -> Option<ast::DurationLit> {
    let length = literal::duration(text, Span::default());
    (!length.parts.is_empty()).then_some(length)
}

/// Whether a text is a single word that can be a label.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let lexed = lex::lex(text, FileId::default());
    let word =
        |token: &token::Token<'_>| matches!(token.kind, token::Kind::Name | token::Kind::Key(_)) && token.text == text;
    lexed.diagnostics.is_empty() && lexed.tokens.first().is_some_and(word)
}

/// The result for a file that was not parsed: one `Error` item.
fn unparsed(whole: Span, trivia: Trivia, diagnostics: Vec<Diagnostic>) -> Parsed {
    let item = ast::Item { kind: ast::ItemKind::Error, span: whole };
    let file = ast::File { items: vec![item], span: whole };
    let damage = Damage::from_errors("", &file, &[], &diagnostics);
    Parsed { file, trivia, includes: Vec::new(), diagnostics, damage }
}
