//! What features look at. In: the texts, their trees and what was compiled of them. Out: the names, types and tokens at
//! places, each looked up in what the checker noted.

use crate::check::{Context, Mention, Named, Notes, TypedAt};
use crate::diagnostic::{Language, Phrase};
use crate::source::{FileId, IncludeTarget, Sources, Span};
use crate::syntax::token::Token;
use crate::syntax::{self, Parsed, TextFormat};
use crate::{Compiled, Incremental};
use std::cell::OnceCell;
use std::sync::Arc;

/// A place in a text: an offset in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The text.
    pub file: FileId,
    /// The offset.
    pub offset: usize,
}

/// What was compiled last, and the texts that it was made of. It is made anew for each state of the texts.
#[derive(Debug)]
pub struct View<'v> {
    /// The texts.
    pub sources: &'v Sources,
    /// What is remembered of them: their trees, and what their names stand for.
    pub incremental: &'v Incremental,
    /// The funnel files that were compiled together.
    pub files: &'v [FileId],
    /// What they say, and what is wrong with it.
    pub compiled: &'v Compiled,
    /// The project around them.
    pub context: &'v Context,
    /// The project file, where there is one.
    pub project_file: Option<FileId>,
    /// The language in which words and names are explained.
    pub language: Language,
    prelude: OnceCell<Option<Arc<Notes>>>,
}

impl<'v> View<'v> {
    /// Looks at what was compiled last.
    #[must_use]
    pub fn new(
        sources: &'v Sources,
        incremental: &'v Incremental,
        files: &'v [FileId],
        compiled: &'v Compiled,
        context: &'v Context,
    ) -> Self {
        let (project_file, language) = (None, Language::English);
        Self { sources, incremental, files, compiled, context, project_file, language, prelude: OnceCell::new() }
    }

    /// The same in another language.
    #[must_use]
    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// The same with the project file, in which names are changed too.
    #[must_use]
    pub fn with_project_file(self, project_file: Option<FileId>) -> Self {
        Self { project_file, ..self }
    }

    /// A few words in the language.
    pub(super) fn said(&self, phrase: &Phrase) -> String {
        phrase.in_language(self.language).into_owned()
    }

    /// The same as a sentence.
    pub(super) fn sentence(&self, phrase: &Phrase) -> String {
        let words = phrase.in_language(self.language);
        let mut letters = words.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        format!("{}{}.", first.collect::<String>(), letters.as_str())
    }

    /// The text of a file; empty where there is none.
    #[must_use]
    pub fn text(&self, file: FileId) -> &'v str {
        self.sources.get(file).map_or("", |file| file.text.as_str())
    }

    /// The tree of a funnel file.
    #[must_use]
    pub fn tree(&self, file: FileId) -> Option<&'v Arc<Parsed>> {
        self.incremental.trees.get(file)
    }

    /// Whether a file is the prelude, which nobody can change.
    #[must_use]
    pub fn is_prelude(&self, file: FileId) -> bool {
        self.incremental.prelude() == Some(file)
    }

    /// The tokens of a file: of a funnel, or of a text that a funnel names.
    pub(super) fn tokens(&self, file: FileId) -> Vec<Token<'v>> {
        let text = self.text(file);
        match self.kind_of_text(file) {
            Some(kind) => syntax::text_tokens(text, file, kind != TextFormat::Plain),
            None => syntax::tokens(text, file),
        }
    }

    /// The kind of a file that is the words of a message.
    pub(super) fn kind_of_text(&self, file: FileId) -> Option<TextFormat> {
        if self.files.contains(&file) || self.is_prelude(file) {
            return None;
        }
        TextFormat::of(&self.sources.get(file)?.name)
    }

    /// What was noted of each file, the prelude last.
    pub(super) fn all_notes(&self) -> impl Iterator<Item = Arc<Notes>> + '_ {
        let files = self.files.iter().filter_map(|file| self.incremental.notes(self.sources, *file));
        files.chain(self.prelude_notes())
    }

    /// What was noted of a file; of a text that funnels name, what was noted of these.
    pub(super) fn notes_about(&self, file: FileId) -> Vec<Arc<Notes>> {
        if self.is_prelude(file) {
            return self.prelude_notes().into_iter().collect();
        }
        let concerned = if self.files.contains(&file) { vec![file] } else { self.funnels_naming(file) };
        concerned.into_iter().filter_map(|file| self.incremental.notes(self.sources, file)).collect()
    }

    /// The funnel files that name a text.
    pub(super) fn funnels_naming(&self, file: FileId) -> Vec<FileId> {
        let names = |funnel: &FileId| {
            self.sources
                .includes(*funnel)
                .any(|(_, attached)| matches!(attached, IncludeTarget::Text(id) if *id == file))
        };
        self.files.iter().copied().filter(names).collect()
    }

    fn prelude_notes(&self) -> Option<Arc<Notes>> {
        let noted = || {
            let file = self.incremental.prelude()?;
            let notes = self.incremental.notes_of(self.sources, file, self.tree(file)?)?;
            Some(Arc::new(notes))
        };
        self.prelude.get_or_init(noted).clone()
    }

    /// The names at a place: of one place in the text, where it may have several meanings.
    pub(super) fn mentions_at(&self, place: Place) -> Vec<Mention> {
        let mut found: Vec<Mention> = Vec::new();
        for notes in self.notes_about(place.file) {
            found.extend(notes.mentions.iter().filter(|m| touches(m.span, place) && self.is_word(m)).cloned());
        }
        // Between two names that touch, the one that begins here is meant; a narrower one is what stands there.
        let best = found.iter().map(|mention| rank(mention.span, place)).min();
        found.retain(|mention| Some(rank(mention.span, place)) == best);
        found.sort();
        found.dedup();
        found
    }

    /// Every place where one of these is named, in the order of files and places.
    pub(super) fn mentions_of(&self, wanted: &[Named]) -> Vec<Mention> {
        let mut found: Vec<Mention> = Vec::new();
        for notes in self.all_notes() {
            found.extend(notes.mentions.iter().filter(|m| wanted.contains(&m.named) && self.is_word(m)).cloned());
        }
        found.sort();
        found.dedup();
        found
    }

    /// Whether a name stands there as one word; a funnel without a name of its own is called like its file.
    pub(super) fn is_word(&self, mention: &Mention) -> bool {
        !matches!(mention.named, Named::Funnel(_)) || {
            let text = self.sources.slice(mention.span);
            !text.contains(|c: char| c.is_whitespace())
        }
    }

    /// The type of the narrowest expression at a place.
    pub(super) fn type_at(&self, place: Place) -> Option<TypedAt> {
        let notes = self.notes_about(place.file);
        let at = notes.iter().flat_map(|notes| &notes.types).filter(|typed| touches(typed.span, place));
        at.min_by_key(|typed| rank(typed.span, place)).cloned()
    }
}

/// Whether a place is in a span or at one of its ends.
pub(super) fn touches(span: Span, place: Place) -> bool {
    span.file == place.file && (span.start as usize..=span.end as usize).contains(&place.offset)
}

fn rank(span: Span, place: Place) -> (bool, usize) {
    (span.end as usize == place.offset, span.len())
}
