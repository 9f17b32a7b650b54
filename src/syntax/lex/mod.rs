//! The lexer. In: the text of a file. Out: tokens, trivia and diagnostics.
//!
//! A string literal becomes several tokens, `TextOpen (Chunk
//! PlaceholderOpen .. PlaceholderClose)* TextClose`, so that the expression grammar parses its placeholders. Openers and closers
//! always pair up, even in damaged text.

mod foreign;
mod number;
mod text;

use super::ast::Unit;
use super::foreign_syntax;
use super::literal;
use super::token::{Keyword, Kind, Raw, Token};
use super::trivia::{Comment, Trivia};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use logos::Logos;
use std::ops::Range;

/// The result of lexing a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Lexed<'a> {
    /// The tokens, in order.
    pub(super) tokens: Vec<Token<'a>>,
    /// Comments and blank lines.
    pub(super) trivia: Trivia,
    /// What could not be read.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Splits a file into tokens.
pub(super) fn lex(text: &str, file: FileId) -> Lexed<'_> {
    let mut lexer = Lexer::new(text, file);
    lexer.run();
    lexer.out
}

/// Splits a file that is one string with placeholders; `markup` says whether it is HTML or MJML.
pub(super) fn lex_text(text: &str, file: FileId, markup: bool) -> Lexed<'_> {
    let mut lexer = Lexer::new(text, file);
    lexer.open_text(0..0, text::Delimiter::File { markup });
    lexer.run();
    lexer.out
}

/// The state of the current line.
#[derive(Debug, Clone, Copy, Default)]
struct LineState {
    start: usize,
    content: bool,
    after_blank: bool,
}

struct Lexer<'a> {
    text: &'a str,
    file: FileId,
    raw: logos::Lexer<'a, Raw>,
    out: Lexed<'a>,
    /// Whether the next token is the first on its line.
    first: bool,
    line: LineState,
    /// The open strings, outermost first; each but perhaps the last has an open placeholder.
    frames: Vec<text::Frame>,
    /// The run of unknown characters that ends here.
    unknown: Option<Span>,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, file: FileId) -> Self {
        Self {
            text,
            file,
            raw: Raw::lexer(text),
            out: Lexed::default(),
            first: true,
            line: LineState::default(),
            frames: Vec::new(),
            unknown: None,
        }
    }

    fn run(&mut self) {
        while let Some(raw) = self.raw.next() {
            let range = self.raw.span();
            match raw {
                Ok(raw) => self.raw_token(raw, range),
                Err(()) => self.unknown_character(range),
            }
        }
        self.end_of_file();
        self.flush_unknown();
    }

    fn raw_token(&mut self, raw: Raw, range: Range<usize>) {
        // An arrow in foreign characters may span an unknown character and a `>`.
        let run = self.unknown.filter(|run| raw == Raw::Greater && run.end as usize == range.start);
        if run.is_some_and(|run| foreign_syntax::sign(self.slice(&run.range())) == Some("-")) {
            self.unknown = run.map(|run| run.to(self.span(range.start, range.end)));
            return;
        }
        self.flush_unknown();
        match raw {
            Raw::Newline => self.newline(range.start),
            Raw::Comment => self.comment(range),
            Raw::Word => self.word(range),
            Raw::Number => self.push_literal(literal::kind_of_number(self.slice(&range)), range),
            Raw::Grouped => self.grouped_number(range),
            Raw::Time => self.push_literal(Kind::Time, range),
            Raw::Date | Raw::EverydayDate => self.push_literal(Kind::Date, range),
            Raw::ForeignComment => self.foreign_comment(range),
            Raw::BlockQuote => self.quote(range, true),
            Raw::Quote => self.quote(range, false),
            Raw::BraceClose => self.brace_close(range),
            Raw::Minus if self.is_dash(&range) => {}
            other => self.push(punctuation(other), range),
        }
    }

    fn slice(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or("")
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn push(&mut self, kind: Kind, range: Range<usize>) {
        let token =
            Token { kind, text: self.slice(&range), span: self.span(range.start, range.end), first: self.first };
        self.out.tokens.push(token);
        self.first = false;
        self.line.content = true;
    }

    fn newline(&mut self, at: usize) {
        if self.close_placeholders_at_line_end(at) {
            return;
        }
        if !self.line.content && !self.line.after_blank {
            let start = u32::try_from(self.line.start).unwrap_or(u32::MAX);
            self.out.trivia.blank_lines.push(start);
        }
        self.line = LineState { start: at + 1, content: false, after_blank: !self.line.content };
        self.first = true;
    }

    fn comment(&mut self, range: Range<usize>) {
        if !self.frames.is_empty() {
            // Inside a placeholder, `#` is a stray character: a comment would hide the end of the string.
            if !self.sharp_before_word(&range) {
                self.unknown_character(range.start..range.start + 1);
            }
            self.seek(range.start + 1);
            return;
        }
        let text = self.slice(&range).trim_end();
        let span = self.span(range.start, range.start + text.len());
        let comment = Comment { span, doc: text.starts_with("##"), own_line: !self.line.content };
        self.out.trivia.comments.push(comment);
        self.line.content = true;
    }

    /// Continues lexing at another offset.
    fn seek(&mut self, offset: usize) {
        self.raw = Raw::lexer(self.text);
        self.raw.bump(offset.min(self.text.len()));
    }

    fn word(&mut self, range: Range<usize>) {
        let word = self.slice(&range);
        let labels = self.text.get(range.end..).unwrap_or("").trim_start_matches([' ', '\t']).starts_with(':');
        let last = self.out.tokens.last().filter(|_| !self.first).map(|t| t.kind);
        match last {
            Some(Kind::Number) if !labels && (Unit::parse(word).is_some() || foreign_syntax::unit(word).is_some()) => {
                self.merge(Kind::Duration, range.end);
            }
            Some(Kind::Number) if literal::is_currency(word) || foreign_syntax::currency(word).is_some() => {
                self.merge(Kind::Money, range.end);
            }
            Some(Kind::Time) if foreign_syntax::twelve_hours(&format!("10 {word}")).is_some() => {
                self.merge(Kind::Time, range.end);
            }
            _ if self.names_member(&range) => self.push(Kind::Name, range),
            _ if labels && last.is_none_or(may_precede_label) => self.push(Kind::Label, range),
            _ => {
                let lookalike = foreign_syntax::lookalike_keyword(word)
                    .map(|(keyword, letter)| self.lookalike(&range, keyword, letter));
                self.push(Keyword::parse(word).or(lookalike).map_or(Kind::Name, Kind::Key), range);
            }
        }
    }

    /// Whether a word is the member after a dot. Separated from the dot, a keyword that joins expressions is not.
    fn names_member(&self, range: &Range<usize>) -> bool {
        use Keyword as K;
        let joins = matches!(
            Keyword::parse(self.slice(range)),
            Some(
                K::Is
                    | K::And
                    | K::Or
                    | K::In
                    | K::Contains
                    | K::Matches
                    | K::Starts
                    | K::Where
                    | K::While
                    | K::Else
                    | K::To
                    | K::Before
                    | K::At
            )
        );
        let dot = self.out.tokens.last().filter(|t| t.kind == Kind::Dot);
        dot.is_some_and(|dot| !joins || dot.span.end as usize == range.start)
    }
}

/// Whether a word before a colon is a label after this token; otherwise the colon is the mistake.
fn may_precede_label(kind: Kind) -> bool {
    use Keyword as K;
    !matches!(
        kind,
        Kind::Key(
            K::If
                | K::Until
                | K::Where
                | K::While
                | K::And
                | K::Or
                | K::Not
                | K::On
                | K::In
                | K::Is
                | K::Match
                | K::Case
                | K::Send
                | K::To
                | K::Before
        ) | Kind::Plus
            | Kind::Minus
            | Kind::Star
            | Kind::Slash
            | Kind::Equal
            | Kind::NotEqual
            | Kind::Less
            | Kind::LessEqual
            | Kind::GreaterEqual
            | Kind::PlaceholderOpen
    )
}

fn punctuation(raw: Raw) -> Kind {
    match raw {
        Raw::Arrow => Kind::Arrow,
        Raw::BraceOpen => Kind::BraceOpen,
        Raw::BraceClose => Kind::BraceClose,
        Raw::ParenOpen => Kind::ParenOpen,
        Raw::ParenClose => Kind::ParenClose,
        Raw::BracketOpen => Kind::BracketOpen,
        Raw::BracketClose => Kind::BracketClose,
        Raw::Colon => Kind::Colon,
        Raw::Comma => Kind::Comma,
        Raw::Dot => Kind::Dot,
        Raw::DotDot => Kind::DotDot,
        Raw::Assign => Kind::Assign,
        Raw::PlusAssign => Kind::PlusAssign,
        Raw::MinusAssign => Kind::MinusAssign,
        Raw::Bar => Kind::Bar,
        Raw::Question => Kind::Question,
        Raw::Equal => Kind::Equal,
        Raw::NotEqual => Kind::NotEqual,
        Raw::Less => Kind::Less,
        Raw::LessEqual => Kind::LessEqual,
        Raw::Greater => Kind::Greater,
        Raw::GreaterEqual => Kind::GreaterEqual,
        Raw::Plus => Kind::Plus,
        Raw::Minus => Kind::Minus,
        Raw::Star => Kind::Star,
        Raw::Slash => Kind::Slash,
        // Handled by the caller.
        Raw::Newline
        | Raw::Comment
        | Raw::Word
        | Raw::Number
        | Raw::Grouped
        | Raw::Time
        | Raw::Date
        | Raw::EverydayDate
        | Raw::ForeignComment
        | Raw::BlockQuote
        | Raw::Quote => Kind::Name,
    }
}
