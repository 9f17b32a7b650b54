//! Code completion. In: a cursor in a source that may have syntax errors. Out: keywords, names and snippets that fit,
//! with docs.

mod chain;
mod completer;
mod declare;
mod expr;
mod frame;
mod scope;
mod snippet;
mod trial;

use super::view::{Place, View};
use crate::source::Span;
use crate::syntax::token::{Kind, Token};
use completer::Completer;

/// A completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The text to show and to filter by.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A short description next to the label.
    pub detail: String,
    /// The documentation, in Markdown.
    pub docs: String,
    /// The text that replaces `replace`.
    pub insert: String,
    /// Whether `insert` contains tab stops: `${1:name}`, `$0`.
    pub is_snippet: bool,
    /// The text to replace: the word before the cursor.
    pub replace: Span,
    /// The sort order; the lowest comes first.
    pub rank: u8,
}

/// A kind of completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompletionKind {
    /// A keyword.
    Keyword,
    /// A snippet.
    Snippet,
    /// An event.
    Event,
    /// A field.
    Field,
    /// A name of a value or record.
    Variable,
    /// A constant.
    Constant,
    /// A segment.
    Segment,
    /// A template.
    Template,
    /// An action, a filter or a history function.
    Function,
    /// A funnel.
    Funnel,
    /// A label.
    Label,
    /// One of a fixed set of words.
    Choice,
    /// A type.
    Type,
    /// A value.
    Value,
    /// A unit of time.
    Unit,
}

impl View<'_> {
    /// Returns the completions at a cursor.
    #[must_use]
    pub fn complete(&self, place: Place) -> Vec<Completion> {
        let text = self.text(place.file);
        if !text.is_char_boundary(place.offset) || self.is_comment(place) {
            return Vec::new();
        }
        let tokens = self.tokens(place.file);
        let word = self.begun_word(place);
        let before: Vec<_> = tokens
            .into_iter()
            .take_while(|token| token.span.start < word.start)
            .filter(|token| !self.is_missing(*token, word))
            .collect();
        // Inside of a number nothing can begin.
        let cut = before.last().filter(|last| last.span.end > word.start);
        if cut.is_some_and(|last| !matches!(last.kind, Kind::Chunk)) {
            return Vec::new();
        }
        let frames = frame::frames(&before, self.kind_of_text(place.file).is_some());
        let mut completer = Completer::new(self, place, word, &before, frames);
        completer.all();
        completer.found
    }

    /// The word before the cursor; empty if there is none.
    fn begun_word(&self, place: Place) -> Span {
        let text = self.text(place.file).get(..place.offset).unwrap_or("");
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let length: usize = text.chars().rev().take_while(|c| is_part(*c)).map(char::len_utf8).sum();
        Span::new(place.file, place.offset - length, place.offset)
    }

    /// Whether a token is the missing end of a string or placeholder that is still being typed on this line.
    fn is_missing(&self, token: Token<'_>, word: Span) -> bool {
        let between = self.text(word.file).get(token.span.end as usize..word.start as usize).unwrap_or("");
        token.span.is_empty() && !between.contains('\n')
    }

    fn is_comment(&self, place: Place) -> bool {
        let Some(parsed) = self.tree(place.file) else { return false };
        // Trailing whitespace is not part of a comment, but text typed after it is.
        let rest = |from: usize| self.text(place.file).get(from..place.offset);
        let within =
            |span: Span| rest(span.start as usize).is_some_and(|text| !text.is_empty() && !text.contains('\n'));
        parsed.trivia.comments.iter().any(|comment| within(comment.span))
    }
}
