//! The lexer: in, the text of a file; out, its tokens, its trivia and what cannot be read.
//!
//! A text literal becomes several tokens, `TextOpen (Chunk | HoleOpen .. HoleClose)* TextClose`, so that holes are
//! parsed by the grammar of expressions. Openers and closers of texts and holes always pair up, also in damaged text.

mod text;

use super::ast::Unit;
use super::foreign_syntax;
use super::literal;
use super::token::{Keyword, Kind, Raw, Token};
use super::trivia::{Comment, Trivia};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
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
        // What other writing makes of `->` may be cut in two.
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
            Raw::Number => self.literal(literal::kind_of_number(self.slice(&range)), range),
            Raw::Grouped => self.grouped(range),
            Raw::Time => self.literal(Kind::Time, range),
            Raw::Date | Raw::EverydayDate => self.literal(Kind::Date, range),
            Raw::ForeignComment => self.foreign_comment(range),
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

    /// A comment as other languages write it is read over.
    fn foreign_comment(&mut self, range: std::ops::Range<usize>) {
        if !self.frames.is_empty() {
            self.unknown(range.start..range.start + 1);
            self.go_to(range.start + 1);
            return;
        }
        let text = self.slice(&range).trim_end();
        let words = text.trim_start_matches(['/', '*']).trim_end_matches(['/', '*']).trim();
        let span = self.span(range.start, range.start + text.len());
        let rest = self.text.get(range.end..).unwrap_or("");
        let found = Diagnostic::new(
            Code::UnknownCharacter,
            span,
            say!("a comment begins with `#`"),
            say!("a comment of another language"),
        );
        let right = format!("# {words}");
        let ends_line = !words.contains('\n') && rest.split('\n').next().is_some_and(|rest| rest.trim().is_empty());
        self.out.diagnostics.push(if ends_line {
            found.help(say!("write `{right}`", right)).fix(say!("begin it with `#`"), span, right)
        } else {
            found.help(say!("write `#` before each line of it; a comment goes to the end of its line"))
        });
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
                let disguised =
                    foreign_syntax::disguised(word).map(|(keyword, letter)| self.disguised(&range, keyword, letter));
                self.push(Keyword::parse(word).or(disguised).map_or(Kind::Name, Kind::Key), range);
            }
        }
    }

    /// Whether a word is the member that a dot asks for. Apart from the dot, one that joins expressions is not.
    fn names_member(&self, range: &std::ops::Range<usize>) -> bool {
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
                    | K::Else
                    | K::To
                    | K::At
            )
        );
        let dot = self.out.tokens.last().filter(|t| t.kind == Kind::Dot);
        dot.is_some_and(|dot| !joins || dot.span.end as usize == range.start)
    }

    /// Reports a keyword with a letter of another alphabet, and gives the keyword.
    fn disguised(&mut self, range: &std::ops::Range<usize>, keyword: Keyword, letter: char) -> Keyword {
        let span = self.span(range.start, range.end);
        let word = keyword.text();
        let found = Diagnostic::new(
            Code::MisspeltKeyword,
            span,
            say!("a letter in `{word}` is of another alphabet", word),
            say!("`{letter}` is not a Latin letter", letter),
        );
        let found = found.help(say!("write `{word}` in Latin letters", word));
        self.out.diagnostics.push(found.fix(say!("write `{word}` in Latin letters", word), span, word));
        keyword
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
        // What was said of a part is said of the whole.
        self.out.diagnostics.retain(|found| (found.span.start as usize) < start);
        self.judge(kind, start..end);
    }

    /// `1,000` is one number, but two in a list.
    fn grouped(&mut self, range: std::ops::Range<usize>) {
        let listed = self.out.tokens.iter().rev().take_while(|t| !t.first);
        let in_list = listed
            .map(|t| t.kind)
            .find(|kind| matches!(kind, Kind::BracketOpen | Kind::BracketClose | Kind::ParenOpen | Kind::ParenClose));
        if matches!(in_list, Some(Kind::BracketOpen | Kind::ParenOpen)) {
            let first = self.slice(&range).find(',').map_or(range.end, |at| range.start + at);
            self.literal(Kind::Number, range.start..first);
            return self.go_to(first);
        }
        self.literal(Kind::Number, range);
    }

    /// Whether a number of three digits goes on with the one before it, as in `50 000`, or a currency stands before it.
    fn completes(&self, range: &std::ops::Range<usize>) -> Option<Kind> {
        let last = self.out.tokens.last().filter(|_| !self.first)?;
        let gap = self.text.get(last.span.end as usize..range.start)?;
        match last.kind {
            Kind::Number if gap.chars().count() == 1 && range.len() == 3 && last.text.len() <= 11 => Some(Kind::Number),
            Kind::Name if literal::is_currency(last.text) => Some(Kind::Money),
            _ => None,
        }
    }

    fn literal(&mut self, kind: Kind, range: std::ops::Range<usize>) {
        if let Some(kind) = self.completes(&range).filter(|_| kind == Kind::Number) {
            return self.merge(kind, range.end);
        }
        let last = self.out.tokens.last().filter(|_| !self.first).map(|t| t.kind);
        if last == Some(Kind::Duration) && kind == Kind::Duration {
            return self.merge(kind, range.end);
        }
        let joined = (last == Some(Kind::Date) && kind == Kind::Time).then_some(Kind::DateTime);
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
        if self.foreign_quote(&range) || self.money_sign(&range) {
            return;
        }
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

    /// Takes `%` after a number, and `€` before or after one.
    fn money_sign(&mut self, range: &std::ops::Range<usize>) -> bool {
        let sign = self.slice(range);
        let kind = if sign == "%" { Kind::Percent } else { Kind::Money };
        if kind == Kind::Money && foreign_syntax::currency(sign).is_none() {
            return false;
        }
        self.flush_unknown();
        if self.out.tokens.last().is_some_and(|t| t.kind == Kind::Number && !self.first) {
            self.merge(kind, range.end);
            return true;
        }
        let rest = self.text.get(range.end..).unwrap_or("");
        let number = rest.trim_start_matches(' ');
        let digits =
            number.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '_'))).unwrap_or(number.len());
        let amount = number.get(..digits).unwrap_or("").trim_end_matches(['.', ',']);
        if kind == Kind::Percent || !amount.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        let end = range.end + (rest.len() - number.len()) + amount.len();
        self.push(Kind::Money, range.start..end);
        self.judge(Kind::Money, range.start..end);
        self.go_to(end);
        true
    }

    fn flush_unknown(&mut self) {
        let Some(span) = self.unknown.take() else { return };
        let text = self.slice(&span.range());
        let shown = text.escape_debug().to_string();
        let message = match text.chars().count() {
            1 => say!("unknown character `{shown}`", shown),
            _ => say!("unknown characters `{shown}`", shown),
        };
        let found = Diagnostic::new(Code::UnknownCharacter, span, message, say!("not part of the language"));
        let sign = match foreign_syntax::sign(text) {
            Some("-" | "") if self.element_follows(span.end as usize) => Some("->"),
            sign => sign,
        };
        self.out.diagnostics.push(match sign {
            Some("") => {
                found.help(say!("leave out `{shown}`", shown)).fix(say!("leave out `{shown}`", shown), span, "")
            }
            Some(right) => {
                let blank = right.ends_with(char::is_alphabetic) && self.is_word_at(span.end as usize);
                let blank = if blank { " " } else { "" };
                let before = if right == "->" && !self.is_blank_before(span.start as usize) { " " } else { "" };
                let title = say!("change `{shown}` to `{right}`", shown, right);
                found.help(say!("write `{right}`", right)).fix(title, span, format!("{before}{right}{blank}"))
            }
            None => found,
        });
        if let Some(kind) = sign.and_then(kind_of_sign) {
            self.push(kind, span.range());
        }
    }

    /// Whether an element such as `send` comes next, so that what stands before it joins steps.
    fn element_follows(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or("").trim_start();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let word = rest.get(..end).and_then(Keyword::parse);
        self.frames.is_empty() && word.is_some_and(|word| super::parse::ELEMENTS.contains(&word))
    }

    fn is_blank_before(&self, at: usize) -> bool {
        self.text.get(..at).is_none_or(|before| before.ends_with(char::is_whitespace))
    }

    fn is_word_at(&self, at: usize) -> bool {
        self.text.get(at..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    }
}

/// The kind of a sign or word of the language.
fn kind_of_sign(text: &str) -> Option<Kind> {
    let kind = match text {
        "->" => Kind::Arrow,
        "-" => Kind::Minus,
        "*" => Kind::Star,
        "/" => Kind::Slash,
        ">=" => Kind::GreaterEqual,
        "<=" => Kind::LessEqual,
        "!=" => Kind::NotEqual,
        ".." => Kind::DotDot,
        _ => Kind::Key(Keyword::parse(text)?),
    };
    Some(kind)
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
        | Raw::Grouped
        | Raw::Time
        | Raw::Date
        | Raw::EverydayDate
        | Raw::ForeignComment
        | Raw::BlockQuote
        | Raw::Quote => Kind::Name,
    }
}
