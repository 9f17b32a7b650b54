//! The lexer: in, the text of a file; out, its tokens, its trivia and what cannot be read.
//!
//! A text literal becomes several tokens, `TextOpen (Chunk | HoleOpen .. HoleClose)* TextClose`, so that holes are
//! parsed by the grammar of expressions. Openers and closers of texts and holes always pair up, also in damaged text.

mod text;

use super::literal;
use super::token::{Keyword, Kind, Raw, Token};
use super::trivia::{Comment, Trivia};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use logos::Logos;

/// The outcome of lexing a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Lexed<'a> {
    /// The tokens, in order.
    pub(super) tokens: Vec<Token<'a>>,
    /// Comments and blank lines.
    pub(super) trivia: Trivia,
    /// What could not be read.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Cuts a file into tokens.
pub(super) fn lex(text: &str, file: FileId) -> Lexed<'_> {
    let mut lexer = Lexer::new(text, file);
    lexer.run();
    lexer.out
}

/// Cuts a file that is one text with holes into tokens; `markup` says whether it is HTML or MJML.
pub(super) fn lex_text(text: &str, file: FileId, markup: bool) -> Lexed<'_> {
    let mut lexer = Lexer::new(text, file);
    lexer.open_text(0..0, text::FrameKind::File { markup });
    lexer.run();
    lexer.out
}

/// What has been seen on the current line.
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
    /// The texts that are open, outermost first; each but perhaps the last has an open hole.
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
                Err(()) => self.unknown(range),
            }
        }
        self.end_of_file();
        self.flush_unknown();
    }

    fn raw_token(&mut self, raw: Raw, range: std::ops::Range<usize>) {
        match raw {
            Raw::Newline => self.newline(range.start),
            Raw::Comment => self.comment(range),
            Raw::Word => self.word(range),
            Raw::Number => self.literal(literal::kind_of_number(self.slice(&range)), range),
            Raw::Time => self.literal(Kind::Time, range),
            Raw::Date => self.literal(Kind::Date, range),
            Raw::BlockQuote => self.quote(range, true),
            Raw::Quote => self.quote(range, false),
            Raw::BraceClose => self.brace_close(range),
            other => self.push(punctuation(other), range),
        }
    }

    fn slice(&self, range: &std::ops::Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or("")
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn push(&mut self, kind: Kind, range: std::ops::Range<usize>) {
        let token =
            Token { kind, text: self.slice(&range), span: self.span(range.start, range.end), first: self.first };
        self.out.tokens.push(token);
        self.first = false;
        self.line.content = true;
    }

    fn newline(&mut self, at: usize) {
        if self.close_holes_at_line_end(at) {
            return;
        }
        if !self.line.content && !self.line.after_blank {
            let start = u32::try_from(self.line.start).unwrap_or(u32::MAX);
            self.out.trivia.blank_lines.push(start);
        }
        self.line = LineState { start: at + 1, content: false, after_blank: !self.line.content };
        self.first = true;
    }

    fn comment(&mut self, range: std::ops::Range<usize>) {
        if !self.frames.is_empty() {
            // Inside a hole the mark is a stray character: a comment would hide the end of the text.
            self.unknown(range.start..range.start + 1);
            self.go_to(range.start + 1);
            return;
        }
        let text = self.slice(&range).trim_end();
        let span = self.span(range.start, range.start + text.len());
        let comment = Comment { span, doc: text.starts_with("##"), own_line: !self.line.content };
        self.out.trivia.comments.push(comment);
        self.line.content = true;
    }

    /// Goes on cutting at another place.
    fn go_to(&mut self, offset: usize) {
        self.raw = Raw::lexer(self.text);
        self.raw.bump(offset.min(self.text.len()));
    }

    fn word(&mut self, range: std::ops::Range<usize>) {
        let word = self.slice(&range);
        let labels = self.text.get(range.end..).unwrap_or("").trim_start_matches([' ', '\t']).starts_with(':');
        let last = self.out.tokens.last().filter(|_| !self.first).map(|t| t.kind);
        match last {
            Some(Kind::Number) if !labels && super::ast::Unit::parse(word).is_some() => {
                self.merge(Kind::Duration, range.end);
            }
            Some(Kind::Number) if literal::is_currency(word) => self.merge(Kind::Money, range.end),
            _ if self.out.tokens.last().is_some_and(|t| t.kind == Kind::Dot) => self.push(Kind::Name, range),
            _ if labels && last.is_none_or(may_precede_label) => self.push(Kind::Label, range),
            _ => self.push(Keyword::parse(word).map_or(Kind::Name, Kind::Key), range),
        }
    }

    /// Makes the last token reach up to `end`, and one with a duration before it when both are durations.
    fn merge(&mut self, kind: Kind, end: usize) {
        let Some(last) = self.out.tokens.pop() else { return };
        let mut start = last.span.start as usize;
        self.first = last.first;
        let before = self.out.tokens.last().filter(|t| t.kind == Kind::Duration && kind == Kind::Duration);
        if let Some(before) = before
            && !last.first
        {
            start = before.span.start as usize;
            self.first = before.first;
            self.out.tokens.pop();
        }
        self.push(kind, start..end);
        self.judge(kind, start..end);
    }

    fn literal(&mut self, kind: Kind, range: std::ops::Range<usize>) {
        let last = self.out.tokens.last().filter(|_| !self.first).map(|t| t.kind);
        let joined = match (last, kind) {
            (Some(Kind::Date), Kind::Time) => Some(Kind::DateTime),
            (Some(Kind::Duration), Kind::Duration) => Some(Kind::Duration),
            _ => None,
        };
        let start = match self.out.tokens.last() {
            Some(last) if joined.is_some() => last.span.start as usize,
            _ => range.start,
        };
        // The halves were judged one by one, so what is joined needs no judgement of its own.
        self.judge(kind, range.clone());
        if joined.is_some() {
            self.first = self.out.tokens.pop().is_some_and(|t| t.first);
        }
        self.push(joined.unwrap_or(kind), start..range.end);
    }

    fn judge(&mut self, kind: Kind, range: std::ops::Range<usize>) {
        let span = self.span(range.start, range.end);
        self.out.diagnostics.extend(literal::fault(kind, self.slice(&range), span));
    }

    fn unknown(&mut self, range: std::ops::Range<usize>) {
        let span = self.span(range.start, range.end);
        self.unknown = match self.unknown {
            Some(run) if run.end == span.start => Some(run.to(span)),
            earlier => {
                self.unknown = earlier;
                self.flush_unknown();
                Some(span)
            }
        };
        self.line.content = true;
    }

    fn flush_unknown(&mut self) {
        let Some(span) = self.unknown.take() else { return };
        let text = self.slice(&span.range());
        let message = match text.chars().count() {
            1 => format!("unknown character `{}`", text.escape_debug()),
            _ => format!("unknown characters `{}`", text.escape_debug()),
        };
        let found = Diagnostic::new(Code::UnknownCharacter, span, message, "not part of the language");
        self.out.diagnostics.push(match replacement(text) {
            Some(right) => {
                found.help(format!("write `{right}`")).fix(format!("change `{text}` to `{right}`"), span, right)
            }
            None => found,
        });
    }
}

/// What people who write `text` from habit mean.
fn replacement(text: &str) -> Option<&'static str> {
    let known = [("&&", "and"), ("&", "and"), ("!", "not"), ("→", "->"), ("“", "\""), ("”", "\""), ("'", "\"")];
    known.iter().find(|(wrong, _)| *wrong == text).map(|(_, right)| *right)
}

/// Whether a word before a colon names something when it comes after this: otherwise the colon is the mistake.
fn may_precede_label(kind: Kind) -> bool {
    use Keyword as K;
    !matches!(
        kind,
        Kind::Key(
            K::If
                | K::Until
                | K::Where
                | K::And
                | K::Or
                | K::Not
                | K::On
                | K::In
                | K::Match
                | K::Case
                | K::Send
                | K::To
        ) | Kind::Plus
            | Kind::Minus
            | Kind::Star
            | Kind::Slash
            | Kind::Equal
            | Kind::NotEqual
            | Kind::Less
            | Kind::LessEqual
            | Kind::GreaterEqual
            | Kind::HoleOpen
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
        // These have arms of their own before punctuation is asked for.
        Raw::Newline
        | Raw::Comment
        | Raw::Word
        | Raw::Number
        | Raw::Time
        | Raw::Date
        | Raw::BlockQuote
        | Raw::Quote => Kind::Name,
    }
}
