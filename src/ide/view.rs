//! The input of all features. In: sources, their syntax trees and the last compilation. Out: the names, types and
//! tokens at positions, as indexed by the checker.

use crate::check::{Context, Reference, Symbol, SymbolIndex, TypedAt};
use crate::diagnostic::{Language, Phrase};
use crate::source::{FileId, IncludeTarget, Sources, Span};
use crate::syntax::ast::Item;
use crate::syntax::token::Token;
use crate::syntax::{self, Parsed, TextFormat};
use crate::{Compiled, Incremental};
use std::cell::OnceCell;
use std::sync::Arc;

/// A byte offset in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The offset.
    pub offset: usize,
}

/// The last compilation and its sources. It is created for each state of the sources.
#[derive(Debug)]
pub struct View<'v> {
    /// The sources.
    pub sources: &'v Sources,
    /// Their syntax trees, and the index of their names.
    pub incremental: &'v Incremental,
    /// The funnel files that were compiled together.
    pub files: &'v [FileId],
    /// The result of the compilation.
    pub compiled: &'v Compiled,
    /// The project.
    pub context: &'v Context,
    /// The project file, if there is one.
    pub project_file: Option<FileId>,
    /// The language of the documentation.
    pub language: Language,
    prelude: OnceCell<Option<Arc<SymbolIndex>>>,
}

impl<'v> View<'v> {
    /// Creates a view of the last compilation.
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

    /// Sets the language.
    #[must_use]
    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// Sets the project file, where names are renamed too.
    #[must_use]
    pub fn with_project_file(self, project_file: Option<FileId>) -> Self {
        Self { project_file, ..self }
    }

    /// Translates a phrase.
    pub(super) fn localized(&self, phrase: &Phrase) -> String {
        phrase.in_language(self.language).into_owned()
    }

    /// Translates a phrase and makes it a sentence.
    pub(super) fn sentence(&self, phrase: &Phrase) -> String {
        let words = phrase.in_language(self.language);
        let mut letters = words.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        format!("{}{}.", first.collect::<String>(), letters.as_str())
    }

    /// Returns the text of a file; empty if the file does not exist.
    #[must_use]
    pub fn text(&self, file: FileId) -> &'v str {
        self.sources.get(file).map_or("", |file| file.text.as_str())
    }

    /// Returns the syntax tree of a funnel file.
    #[must_use]
    pub fn tree(&self, file: FileId) -> Option<&'v Arc<Parsed>> {
        self.incremental.trees.get(file)
    }

    /// Returns the items of all files, those of the prelude last.
    pub(in crate::ide) fn items(&self) -> impl Iterator<Item = (FileId, &'v Parsed, &'v Item)> + '_ {
        let files = self.files.iter().copied().chain(self.incremental.prelude());
        let trees = files.filter_map(|file| Some((file, self.tree(file)?)));
        trees.flat_map(|(file, parsed)| parsed.file.items.iter().map(move |item| (file, &**parsed, item)))
    }

    /// Whether a file is the prelude, which cannot be edited.
    #[must_use]
    pub fn is_prelude(&self, file: FileId) -> bool {
        self.incremental.prelude() == Some(file)
    }

    /// Returns the tokens of a funnel file or of an included text file.
    pub(super) fn tokens(&self, file: FileId) -> Vec<Token<'v>> {
        let text = self.text(file);
        match self.kind_of_text(file) {
            Some(kind) => syntax::text_tokens(text, file, kind != TextFormat::Plain),
            None => syntax::tokens(text, file),
        }
    }

    /// Returns the kind of an included text file; `None` for any other file.
    pub(super) fn kind_of_text(&self, file: FileId) -> Option<TextFormat> {
        if self.files.contains(&file) || self.is_prelude(file) {
            return None;
        }
        TextFormat::of(&self.sources.get(file)?.name)
    }

    /// Returns the index of each file, the prelude last.
    pub(super) fn all_notes(&self) -> impl Iterator<Item = Arc<SymbolIndex>> + '_ {
        let files = self.files.iter().filter_map(|file| self.incremental.symbols(self.sources, *file));
        files.chain(self.prelude_notes())
    }

    /// Returns the index of a file; for an included text file, those of the funnel files that include it.
    pub(super) fn notes_about(&self, file: FileId) -> Vec<Arc<SymbolIndex>> {
        if self.is_prelude(file) {
            return self.prelude_notes().into_iter().collect();
        }
        let concerned = if self.files.contains(&file) { vec![file] } else { self.funnels_naming(file) };
        concerned.into_iter().filter_map(|file| self.incremental.symbols(self.sources, file)).collect()
    }

    /// Returns the funnel files that include a text file.
    pub(super) fn funnels_naming(&self, file: FileId) -> Vec<FileId> {
        let names = |funnel: &FileId| {
            self.sources
                .includes(*funnel)
                .any(|(_, attached)| matches!(attached, IncludeTarget::Text(id) if *id == file))
        };
        self.files.iter().copied().filter(names).collect()
    }

    fn prelude_notes(&self) -> Option<Arc<SymbolIndex>> {
        let noted = || {
            let file = self.incremental.prelude()?;
            let notes = self.incremental.symbols_of(self.sources, file, self.tree(file)?)?;
            Some(Arc::new(notes))
        };
        self.prelude.get_or_init(noted).clone()
    }

    /// Returns the names at a position. One span may refer to several symbols.
    pub(super) fn mentions_at(&self, place: Place) -> Vec<Reference> {
        let mut found: Vec<Reference> = Vec::new();
        for notes in self.notes_about(place.file) {
            found.extend(notes.references.iter().filter(|m| touches(m.span, place) && self.is_word(m)).cloned());
        }
        // Between two adjacent names the one that begins here wins, then the narrower one.
        let best = found.iter().map(|mention| rank(mention.span, place)).min();
        found.retain(|mention| Some(rank(mention.span, place)) == best);
        found.sort();
        found.dedup();
        found
    }

    /// Returns every occurrence of these symbols, by file and position.
    pub(super) fn mentions_of(&self, wanted: &[Symbol]) -> Vec<Reference> {
        let mut found: Vec<Reference> = Vec::new();
        for notes in self.all_notes() {
            found.extend(notes.references.iter().filter(|m| wanted.contains(&m.symbol) && self.is_word(m)).cloned());
        }
        found.sort();
        found.dedup();
        found
    }

    /// Whether an occurrence is a single word; a funnel without a name takes that of its file.
    pub(super) fn is_word(&self, mention: &Reference) -> bool {
        !matches!(mention.symbol, Symbol::Funnel(_)) || {
            let text = self.sources.slice(mention.span);
            !text.contains(|c: char| c.is_whitespace())
        }
    }

    /// Returns the type of the narrowest expression at a position.
    pub(super) fn type_at(&self, place: Place) -> Option<TypedAt> {
        let notes = self.notes_about(place.file);
        let at = notes.iter().flat_map(|notes| &notes.types).filter(|typed| touches(typed.span, place));
        at.min_by_key(|typed| rank(typed.span, place)).cloned()
    }
}

/// Whether a position is inside a span or at one of its ends.
pub(super) fn touches(span: Span, place: Place) -> bool {
    span.file == place.file && (span.start as usize..=span.end as usize).contains(&place.offset)
}

fn rank(span: Span, place: Place) -> (bool, usize) {
    (span.end as usize == place.offset, span.len())
}
