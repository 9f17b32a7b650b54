//! Completions as they are found. In: the place, and what stands before it. Out: the list.

use super::frame::{Frame, Opened};
use super::trial::Trial;
use super::{Completion, CompletionKind};
use crate::check::{BuiltinKind, Symbol};
use crate::diagnostic::Phrase;
use crate::ide::page::page;
use crate::ide::view::{Place, View};
use crate::ide::word;
use crate::source::Span;
use crate::syntax::token::{Keyword, Token};
use std::cell::OnceCell;

/// The completions of a place.
pub(super) struct Offer<'o, 'v> {
    pub(super) view: &'o View<'v>,
    pub(super) place: Place,
    /// The word that is begun.
    pub(super) word: Span,
    /// The tokens before it.
    pub(super) before: &'o [Token<'v>],
    /// What is open around it, outermost first; at least one.
    pub(super) frames: Vec<Frame<'v>>,
    pub(super) found: Vec<Completion>,
    trial: OnceCell<Trial>,
}

impl<'o, 'v> Offer<'o, 'v> {
    pub(super) fn new(
        view: &'o View<'v>,
        place: Place,
        word: Span,
        before: &'o [Token<'v>],
        frames: Vec<Frame<'v>>,
    ) -> Self {
        Self { view, place, word, before, frames, found: Vec::new(), trial: OnceCell::new() }
    }

    /// Finds what fits.
    pub(super) fn all(&mut self) {
        let Some(frame) = self.frames.last().cloned() else { return };
        match frame.opened {
            Opened::Text => self.path_in_text(),
            Opened::Hole => self.in_hole(&frame),
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

    /// What is known at the place; found when it is first asked for.
    pub(super) fn trial(&self) -> &Trial {
        self.trial.get_or_init(|| Trial::of(self.view, self.word))
    }

    /// The frame so many outside of the innermost.
    pub(super) fn outside(&self, n: usize) -> Option<&Frame<'v>> {
        self.frames.len().checked_sub(n + 1).and_then(|at| self.frames.get(at))
    }

    /// Whether nothing but blanks stands before the word on its line.
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

    /// Adds a completion, once.
    pub(super) fn push(&mut self, completion: Completion) {
        let same = |known: &Completion| known.label == completion.label && known.kind == completion.kind;
        // What is declared in a damaged text may have no name.
        if !completion.label.is_empty() && !self.found.iter().any(same) {
            self.found.push(completion);
        }
    }

    /// A keyword, with its page.
    pub(super) fn keyword(&mut self, text: &str, rank: u8) {
        let (docs, item) = (self.page(text), self.item(text, CompletionKind::Keyword, rank));
        self.push(Completion { docs, ..item });
    }

    pub(super) fn keywords(&mut self, words: &[&str], rank: u8) {
        words.iter().for_each(|word| self.keyword(word, rank));
    }

    /// A word that the language gives.
    pub(super) fn word(&mut self, kind: BuiltinKind, name: &str, shown: CompletionKind, rank: u8) {
        let item = self.item(name, shown, rank);
        let (docs, detail) = (self.meaning(kind, name), self.view.said(&word::kind(kind)));
        self.push(Completion { docs, detail, ..item });
    }

    /// What a word of the language means.
    pub(super) fn meaning(&self, kind: BuiltinKind, name: &str) -> String {
        word::meaning(kind, name, self.view.language).to_owned()
    }

    /// The page of the first keyword of some words; empty where none of them is one.
    fn page(&self, words: &str) -> String {
        let keyword = words.split(' ').find_map(Keyword::parse);
        keyword.map(|keyword| page(keyword, self.view.language).to_owned()).unwrap_or_default()
    }

    pub(super) fn words(&mut self, kind: BuiltinKind, shown: CompletionKind, rank: u8) {
        kind.all().into_iter().for_each(|name| self.word(kind, name, shown, rank));
    }

    /// Something that is declared, with its page.
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

    /// A piece of text with places to fill.
    pub(super) fn snippet(&mut self, label: &str, detail: &Phrase, insert: &str, rank: u8) {
        let (docs, item) = (self.page(label), self.item(label, CompletionKind::Snippet, rank));
        let (detail, insert) = (self.view.said(detail), insert.to_owned());
        self.push(Completion { detail, insert, docs, is_snippet: true, ..item });
    }

    /// A value as it is written.
    pub(super) fn value(&mut self, text: &str, detail: &Phrase, rank: u8) {
        let item = self.item(text, CompletionKind::Value, rank);
        self.push(Completion { detail: self.view.said(detail), ..item });
    }
}
