//! Collects completions. In: the cursor and the tokens before it. Out: a list of completions.

use super::frame::{Frame, Opened};
use super::trial::Trial;
use super::{Completion, CompletionKind};
use crate::check::{BuiltinKind, Symbol};
use crate::diagnostic::Phrase;
use crate::ide::docs::{builtin_docs, keyword_docs};
use crate::ide::view::{Place, View};
use crate::source::Span;
use crate::syntax::token::{Keyword, Token};
use std::cell::OnceCell;

/// The completions at a cursor.
pub(super) struct Completer<'o, 'v> {
    pub(super) view: &'o View<'v>,
    pub(super) place: Place,
    /// The word at the cursor.
    pub(super) word: Span,
    /// The tokens before it.
    pub(super) before: &'o [Token<'v>],
    /// The open constructs around it, outermost first; at least one.
    pub(super) frames: Vec<Frame<'v>>,
    pub(super) found: Vec<Completion>,
    trial: OnceCell<Trial>,
}

impl<'o, 'v> Completer<'o, 'v> {
    pub(super) fn new(
        view: &'o View<'v>,
        place: Place,
        word: Span,
        before: &'o [Token<'v>],
        frames: Vec<Frame<'v>>,
    ) -> Self {
        Self { view, place, word, before, frames, found: Vec::new(), trial: OnceCell::new() }
    }

    /// Collects everything that fits.
    pub(super) fn all(&mut self) {
        let Some(frame) = self.frames.last().cloned() else { return };
        match frame.opened {
            Opened::Text => self.path_in_text(),
            Opened::Placeholder => self.in_placeholder(&frame),
            Opened::Fields => self.in_fields(&frame),
            Opened::Record => self.in_record(&frame),
            Opened::Arguments => self.in_arguments(&frame),
            Opened::Group | Opened::List => self.value_or_operator(&frame),
            Opened::File => self.in_file(&frame),
            Opened::Funnel => self.in_funnel(&frame),
            Opened::Test => self.in_test(&frame),
            Opened::Block | Opened::Cases | Opened::Shares | Opened::Paths => self.in_chain(&frame),
        }
    }

    /// Returns what is in scope at the cursor, computed on first use.
    pub(super) fn trial(&self) -> &Trial {
        self.trial.get_or_init(|| Trial::of(self.view, self.word))
    }

    /// Returns the n-th frame outside of the innermost one.
    pub(super) fn outside(&self, n: usize) -> Option<&Frame<'v>> {
        self.frames.len().checked_sub(n + 1).and_then(|at| self.frames.get(at))
    }

    /// Whether only whitespace precedes the word on its line.
    pub(super) fn begins_line(&self) -> bool {
        let text = self.view.text(self.place.file);
        let before = text.get(..self.word.start as usize).unwrap_or("");
        before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty())
    }

    pub(super) fn item(&self, label: &str, kind: CompletionKind, rank: u8) -> Completion {
        Completion {
            label: label.to_owned(),
            kind,
            detail: String::new(),
            docs: String::new(),
            insert: label.to_owned(),
            is_snippet: false,
            replace: self.word,
            rank,
        }
    }

    /// Adds a completion unless it is already there.
    pub(super) fn push(&mut self, completion: Completion) {
        let same = |known: &Completion| known.label == completion.label && known.kind == completion.kind;
        // A declaration with a syntax error may have no name.
        if !completion.label.is_empty() && !self.found.iter().any(same) {
            self.found.push(completion);
        }
    }

    /// Offers a keyword with its docs.
    pub(super) fn keyword(&mut self, text: &str, rank: u8) {
        let (docs, item) = (self.page(text), self.item(text, CompletionKind::Keyword, rank));
        self.push(Completion { docs, ..item });
    }

    pub(super) fn keywords(&mut self, words: &[&str], rank: u8) {
        words.iter().for_each(|word| self.keyword(word, rank));
    }

    /// Offers a built-in name.
    pub(super) fn word(&mut self, kind: BuiltinKind, name: &str, shown: CompletionKind, rank: u8) {
        let item = self.item(name, shown, rank);
        let (docs, detail) = (self.meaning(kind, name), self.view.localized(&builtin_docs::kind_name(kind)));
        self.push(Completion { docs, detail, ..item });
    }

    /// Returns the docs of a built-in name.
    pub(super) fn meaning(&self, kind: BuiltinKind, name: &str) -> String {
        builtin_docs::meaning(kind, name, self.view.language).to_owned()
    }

    /// The docs of the first keyword among some words; empty if there is none.
    fn page(&self, words: &str) -> String {
        let keyword = words.split(' ').find_map(Keyword::parse);
        keyword.map(|keyword| keyword_docs(keyword, self.view.language).to_owned()).unwrap_or_default()
    }

    pub(super) fn words(&mut self, kind: BuiltinKind, shown: CompletionKind, rank: u8) {
        kind.all().into_iter().for_each(|name| self.word(kind, name, shown, rank));
    }

    /// Offers a declared name with its docs.
    pub(super) fn named(&mut self, named: &Symbol, kind: CompletionKind, rank: u8) {
        let (Symbol::Event(name)
        | Symbol::Constant(name)
        | Symbol::Segment(name)
        | Symbol::Template { name, .. }
        | Symbol::Action(name)
        | Symbol::Funnel(name)
        | Symbol::Label { name, .. }) = named
        else {
            return;
        };
        let item = self.item(name, kind, rank);
        let detail = self.view.signature(named).unwrap_or_default();
        let detail = detail.lines().next().unwrap_or("").trim_end_matches('{').trim_end().to_owned();
        let docs = self.view.about(named).unwrap_or_default();
        self.push(Completion { detail, docs, ..item });
    }

    /// Offers a snippet.
    pub(super) fn snippet(&mut self, label: &str, detail: &Phrase, insert: &str, rank: u8) {
        let (docs, item) = (self.page(label), self.item(label, CompletionKind::Snippet, rank));
        let (detail, insert) = (self.view.localized(detail), insert.to_owned());
        self.push(Completion { detail, insert, docs, is_snippet: true, ..item });
    }

    /// Offers a literal.
    pub(super) fn value(&mut self, text: &str, detail: &Phrase, rank: u8) {
        let item = self.item(text, CompletionKind::Value, rank);
        self.push(Completion { detail: self.view.localized(detail), ..item });
    }
}
