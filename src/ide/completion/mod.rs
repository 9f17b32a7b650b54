//! What can be written next. In: a place, in whatever state the text is. Out: words and pieces of text that fit there, with
//! what they mean.

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

/// Something that can be written at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What is shown, and what is looked for.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words beside it.
    pub detail: String,
    /// What it means, in Markdown.
    pub docs: String,
    /// What is put in the place of `replace`.
    pub insert: String,
    /// Whether `insert` has places to fill: `${1:name}`, `$0`.
    pub is_snippet: bool,
    /// What it takes the place of: the word that is begun.
    pub replace: Span,
    /// How near it is to what is meant; the least comes first.
    pub rank: u8,
}

/// A kind of completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompletionKind {
    /// A word of the grammar.
    Keyword,
    /// A piece of text with places to fill.
    Snippet,
    /// An event.
    Event,
    /// A field.
    Field,
    /// A name that stands for a value or a record.
    Variable,
    /// A constant.
    Constant,
    /// A segment.
    Segment,
    /// A template.
    Template,
    /// An action, a filter, a question about the past.
    Function,
    /// A funnel.
    Funnel,
    /// The name of an element.
    Label,
    /// One of a few words.
    Choice,
    /// A type.
    Type,
    /// A value.
    Value,
    /// A unit of time.
    Unit,
}

impl View<'_> {
    /// What can be written at a place.
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
        // Inside of a number nothing is known to begin.
        let cut = before.last().filter(|last| last.span.end > word.start);
        if cut.is_some_and(|last| !matches!(last.kind, Kind::Chunk)) {
            return Vec::new();
        }
        let frames = frame::frames(&before, self.kind_of_text(place.file).is_some());
        let mut completer = Completer::new(self, place, word, &before, frames);
        completer.all();
        completer.found
    }

    /// The word that is begun before a place; empty where none is.
    fn begun_word(&self, place: Place) -> Span {
        let text = self.text(place.file).get(..place.offset).unwrap_or("");
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let length: usize = text.chars().rev().take_while(|c| is_part(*c)).map(char::len_utf8).sum();
        Span::new(place.file, place.offset - length, place.offset)
    }

    /// Whether a token is the end that a text or a hole lacks on the line where something is written: it is still to come.
    fn is_missing(&self, token: Token<'_>, word: Span) -> bool {
        let between = self.text(word.file).get(token.span.end as usize..word.start as usize).unwrap_or("");
        token.span.is_empty() && !between.contains('\n')
    }

    fn is_comment(&self, place: Place) -> bool {
        let Some(parsed) = self.tree(place.file) else { return false };
        // Blanks at its end are no part of a comment, and what is written behind them is.
        let rest = |from: usize| self.text(place.file).get(from..place.offset);
        let within =
            |span: Span| rest(span.start as usize).is_some_and(|text| !text.is_empty() && !text.contains('\n'));
        parsed.trivia.comments.iter().any(|comment| within(comment.span))
    }
}
