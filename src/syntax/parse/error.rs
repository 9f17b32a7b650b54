//! Syntax errors: what was expected, what was found, and at most one report per token.
//!
//! Invariant: at most one error is reported at a token. What fails there afterwards is a consequence of the first.

use super::habit::{self, Habit};
use super::lookahead::{ITEMS, PATHS, SETTINGS, begins_line, peek_second};
use super::{Cursor, Input};
use crate::diagnostic::suggest::{self, nearest};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::{FileId, Span};
use crate::syntax::foreign_syntax;
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};
use chumsky::input::{Checkpoint, Cursor as Place};
use chumsky::inspector::Inspector;

/// What the grammar expects at some point.
#[derive(Debug)]
pub(super) struct Expected {
    /// For the message: "an element such as `send` or `wait`".
    pub(super) text: fn() -> Phrase,
    /// For the label: "expected an element".
    pub(super) label: fn() -> Phrase,
    /// The code, unless a misspelling is found.
    pub(super) code: Code,
    /// The keywords that a word may be a misspelling of.
    pub(super) keywords: &'static [Keyword],
    /// What people write from habit instead.
    pub(super) habits: &'static [&'static [Habit]],
    /// Whether a name is expected that people write in quotes or with hyphens.
    pub(super) is_plain_name: bool,
}

impl Expected {
    pub(super) const fn new(text: fn() -> Phrase, label: fn() -> Phrase) -> Self {
        Self { text, label, code: Code::Expected, keywords: &[], habits: &[], is_plain_name: false }
    }

    pub(super) const fn keywords(self, keywords: &'static [Keyword]) -> Self {
        Self { keywords, ..self }
    }

    pub(super) const fn code(self, code: Code) -> Self {
        Self { code, ..self }
    }

    pub(super) const fn habits(self, habits: &'static [&'static [Habit]]) -> Self {
        Self { habits, ..self }
    }

    pub(super) const fn plain_name(self) -> Self {
        Self { is_plain_name: true, ..self }
    }
}

/// The errors of one parse. They are truncated when the parser backtracks.
#[derive(Debug)]
pub(super) struct ParseErrors<'a> {
    file: FileId,
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token<'a>],
    /// The errors, in the order they were reported.
    pub(super) errors: Vec<ParseError>,
    /// The start of the token at which the last error was reported.
    suppressed_at: Option<u32>,
    /// The end of the last habit that was reported: an error before it is a consequence.
    suppressed_to: u32,
}

/// A diagnostic, and the keyword that the token would be if it were spelled correctly.
#[derive(Debug)]
pub(super) struct ParseError {
    /// The diagnostic.
    pub(super) diagnostic: Diagnostic,
    /// The start of the misspelled word, and the keyword.
    pub(super) respell: Option<(u32, Keyword)>,
}

impl<'a> ParseErrors<'a> {
    pub(super) fn new(file: FileId, text: &'a str, tokens: &'a [Token<'a>]) -> Self {
        Self { file, text, tokens, errors: Vec::new(), suppressed_at: None, suppressed_to: 0 }
    }

    /// The source text of a span.
    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Adds a diagnostic about something already read.
    pub(super) fn add(&mut self, diagnostic: Diagnostic) {
        self.errors.push(ParseError { diagnostic, respell: None });
    }

    /// The text of the last token before an offset.
    pub(super) fn last_word(&self, offset: u32) -> Option<&'a str> {
        let index = self.tokens.partition_point(|t| t.span.start < offset);
        index.checked_sub(1).and_then(|i| self.tokens.get(i)).map(|t| t.text)
    }

    /// The diagnostic for a habit at an offset.
    fn habit(&self, offset: u32, habits: &[&[Habit]]) -> Option<ParseError> {
        let at = self.tokens.partition_point(|t| t.span.start < offset);
        habits.iter().find_map(|habits| habit::find(self.text, self.tokens, at, habits))
    }

    /// The tokens before an offset, the last one first, up to the beginning of the construct.
    pub(super) fn before_on_line(&self, offset: u32) -> impl Iterator<Item = Token<'a>> + use<'a> {
        let index = self.tokens.partition_point(|t| t.span.start < offset);
        let tokens: &'a [Token<'a>] = self.tokens;
        let mut ended = false;
        tokens.iter().take(index).rev().copied().take_while(move |t| !std::mem::replace(&mut ended, begins_line(*t)))
    }

    /// Whether an offset is inside a placeholder, as far as the construct shows.
    pub(super) fn is_in_placeholder(&self, offset: u32) -> bool {
        let mut strings: usize = 0;
        for token in self.before_on_line(offset) {
            match token.kind {
                Kind::TextClose => strings += 1,
                Kind::TextOpen => strings = strings.saturating_sub(1),
                Kind::PlaceholderOpen if strings == 0 => return true,
                Kind::Arrow | Kind::BraceOpen | Kind::Assign if strings == 0 => return false,
                _ => {}
            }
        }
        false
    }

    /// The empty span after the last token before an offset.
    fn before(&self, offset: u32) -> Span {
        let index = self.tokens.partition_point(|t| t.span.start < offset);
        let last = index.checked_sub(1).and_then(|i| self.tokens.get(i));
        last.map_or(Span::new(self.file, 0, 0), |t| t.span.after())
    }
}

impl<'a> Inspector<'a, Input<'a>> for ParseErrors<'a> {
    type Checkpoint = (usize, Option<u32>, u32);

    fn on_token(&mut self, _: &Token<'a>) {}

    fn on_save<'parse>(&self, _: &Place<'a, 'parse, Input<'a>>) -> Self::Checkpoint {
        (self.errors.len(), self.suppressed_at, self.suppressed_to)
    }

    fn on_rewind<'parse>(&mut self, to: &Checkpoint<'a, 'parse, Input<'a>, Self::Checkpoint>) {
        let (count, suppressed_at, suppressed_to) = *to.inspector();
        self.errors.truncate(count);
        (self.suppressed_at, self.suppressed_to) = (suppressed_at, suppressed_to);
    }
}

/// Where a token begins; the end of the file is after all tokens.
fn place_of(token: Option<Token<'_>>) -> u32 {
    token.map_or(u32::MAX, |t| t.span.start)
}

/// The empty span after the last token read.
pub(super) fn gap(inp: &mut Cursor<'_, '_>) -> Span {
    let at = place_of(inp.peek());
    inp.state().before(at)
}

/// Whether an error was reported at the next token, so that further errors there are suppressed.
pub(super) fn is_suppressed(inp: &mut Cursor<'_, '_>) -> bool {
    let at = place_of(inp.peek());
    let state = inp.state();
    state.suppressed_at == Some(at) || at < state.suppressed_to
}

/// Skips the rest of a habit that was reported.
pub(super) fn skip_habit(inp: &mut Cursor<'_, '_>) {
    while inp.peek().is_some_and(|t| t.span.start < inp.state().suppressed_to) {
        inp.skip();
    }
}

/// Suppresses further errors at the next token.
pub(super) fn suppress(inp: &mut Cursor<'_, '_>) {
    let at = place_of(inp.peek());
    inp.state().suppressed_at = Some(at);
}

/// Reports at the next token that something else was expected, once; returns the empty span before it.
pub(super) fn report(inp: &mut Cursor<'_, '_>, want: &Expected) -> Span {
    let gap = gap(inp);
    if is_suppressed(inp) {
        return gap;
    }
    suppress(inp);
    let (token, next) = (inp.peek(), peek_second(inp));
    let habit = token.and_then(|t| inp.state().habit(t.span.start, want.habits));
    if let Some(habit) = &habit {
        inp.state().suppressed_to = habit.diagnostic.span.end;
    }
    let error = habit
        .or_else(|| misspelled_keyword(token, next, want))
        .or_else(|| unmatched_closer(inp, token))
        .unwrap_or_else(|| {
            let message = say!("expected {want}, found {found}", want = (want.text)(), found = describe(token));
            // Something missing at the end of a line is shown there, not at the beginning of the next line.
            let begins = |t: &Token<'_>| !t.first || gap.end == 0;
            let span = token.filter(begins).filter(|t| !t.span.is_empty()).map_or(gap, |t| t.span);
            ParseError { diagnostic: Diagnostic::new(want.code, span, message, (want.label)()), respell: None }
        });
    inp.state().errors.push(error);
    gap
}

/// Reports a habit at the next token, unless errors there are suppressed; returns whether there is one.
pub(super) fn report_habit(inp: &mut Cursor<'_, '_>, habits: &[&[Habit]]) -> bool {
    let Some(token) = inp.peek().filter(|_| !is_suppressed(inp)) else { return false };
    let Some(error) = inp.state().habit(token.span.start, habits) else { return false };
    suppress(inp);
    inp.state().suppressed_to = error.diagnostic.span.end;
    inp.state().errors.push(error);
    true
}

/// Reports a diagnostic at the next token, unless errors there are suppressed.
pub(super) fn report_with(inp: &mut Cursor<'_, '_>, make: impl FnOnce() -> Diagnostic) {
    if !is_suppressed(inp) {
        suppress(inp);
        let diagnostic = make();
        inp.state().add(diagnostic);
    }
}

/// Reports a `)` or `]` whose opener is missing somewhere in the same construct.
fn unmatched_closer(inp: &mut Cursor<'_, '_>, token: Option<Token<'_>>) -> Option<ParseError> {
    let close = token.filter(|t| matches!(t.kind, Kind::ParenClose | Kind::BracketClose))?;
    let (mark, opener) = (close.text, if close.kind == Kind::ParenClose { "(" } else { "[" });
    let begins = |t: &&Token<'_>| t.first || matches!(t.kind, Kind::Arrow | Kind::BraceOpen | Kind::Assign);
    let before = inp.state().tokens.iter().rev().skip_while(|t| t.span.start >= close.span.start);
    let start = before.clone().find(begins).map_or(close.span, |t| t.span);
    let diagnostic =
        Diagnostic::new(Code::UnexpectedToken, close.span, say!("unmatched `{mark}`", mark), say!("nothing to close"))
            .related(Span { end: close.span.start, ..start }, say!("no opening `{opener}` here", opener))
            .help(say!("remove it or add `{opener}`", opener));
    Some(ParseError { diagnostic, respell: None })
}

/// Whether a word is probably one of some keywords, misspelled or from another language.
pub(in crate::syntax) fn is_misspelling(word: &str, keywords: &[Keyword]) -> bool {
    foreign_syntax::keyword_for(word, keywords).is_some() || nearest(word, keywords.iter().map(|k| k.text())).is_some()
}

/// Reports a word that is probably one of the expected keywords.
fn misspelled_keyword(token: Option<Token<'_>>, next: Option<Token<'_>>, want: &Expected) -> Option<ParseError> {
    let token = token.filter(|t| t.kind.is_word())?;
    let named = matches!(token.kind, Kind::Name | Kind::Label);
    // `else` where `else` may follow is misplaced, not misspelled.
    let is_expected = Keyword::parse(token.text).is_some_and(|keyword| want.keywords.contains(&keyword));
    let known = foreign_syntax::keyword_for(token.text, want.keywords)
        .filter(|_| named || (!token.first && !is_expected))
        .map(Keyword::text);
    if known.is_none() && !named {
        return None;
    }
    let near = |keywords: &[Keyword]| nearest(token.text, keywords.iter().map(|k| k.text()));
    // At the beginning of a line, a new construct may have begun.
    let begun = || {
        let follows = next.is_some_and(|t| !t.first && (t.kind.is_word() || t.kind.opens() || is_literal(t)));
        let opens = [ITEMS, SETTINGS, ELEMENTS, PATHS];
        let foreign = |keywords: &&[Keyword]| foreign_syntax::keyword_for(token.text, keywords).map(Keyword::text);
        let word = || {
            opens
                .iter()
                .find_map(foreign)
                .or_else(|| near(&opens.concat()).filter(|word| suggest::is_misspelling(token.text, word)))
        };
        (token.first && token.kind == Kind::Name && follows).then(word).flatten()
    };
    let word = known.or_else(|| near(want.keywords)).or_else(begun)?;
    let wrong = token.text;
    let diagnostic =
        Diagnostic::new(Code::MisspelledKeyword, token.span, say!("unknown word `{wrong}`", wrong), (want.label)())
            .help(say!("did you mean `{word}`?", word));
    let title = say!("change `{wrong}` to `{word}`", wrong, word);
    // `exit welcome` does not end this run, nor does `pause funnel` wait.
    let is_alone = next.is_none_or(|t| t.first || !(t.kind.is_word() || t.kind == Kind::TextOpen));
    let is_funnel = next.is_some_and(|t| !t.first && t.kind == Kind::Key(Keyword::Funnel));
    let diagnostic = if known.is_some() {
        if foreign_syntax::is_certain(wrong) && !is_funnel && (word != Keyword::Stop.text() || is_alone) {
            diagnostic.fix(title, token.span, word)
        } else {
            diagnostic.guess(title, token.span, word)
        }
    } else {
        diagnostic.respell(title, (wrong, word), token.span, word)
    };
    Some(ParseError { diagnostic, respell: Keyword::parse(word).map(|k| (token.span.start, k)) })
}

/// Whether a token is a value that can follow a keyword.
fn is_literal(token: Token<'_>) -> bool {
    matches!(token.kind, Kind::Number | Kind::Percent | Kind::Money | Kind::Duration | Kind::Time | Kind::Date)
}

/// Describes a token for a message.
pub(super) fn describe(token: Option<Token<'_>>) -> Phrase {
    let Some(token) = token else { return say!("the end of the file") };
    match token.kind {
        Kind::TextOpen => say!("a string"),
        Kind::TextClose | Kind::Chunk => say!("the end of the string"),
        Kind::PlaceholderClose => say!("the end of the placeholder"),
        _ => Phrase::verbatim(format!("`{}`", token.text)),
    }
}
