//! What keeps some files of a project from running. In: a compilation, and the selected files. Out: the errors that they
//! depend on; errors in files beside them do not matter otherwise.

use super::Workspace;
use crate::Compiled;
use crate::diagnostic::{Code, Diagnostic};
use crate::incremental::may_be_funnel;
use crate::say;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Item, ItemKind};
use std::collections::BTreeSet;

impl Workspace {
    /// Returns the errors that keep the selected files from running. Those in a file beside them count if the meaning of a
    /// selected file depends on them: they hide its errors, a funnel or test of it was left out because of them, or the data
    /// that it reads is unclear.
    #[must_use]
    pub fn obstacles(&self, compiled: &Compiled, is_selected: impl Fn(FileId) -> bool) -> Vec<Diagnostic> {
        let errors = compiled.diagnostics.iter().filter(|finding| finding.is_error()).cloned();
        let (beside, own): (Vec<_>, Vec<_>) = errors.partition(|error| self.is_beside(error.span.file, &is_selected));
        if !own.is_empty() {
            // What an unreadable file declares is unknown in all others.
            let unreadable = beside.into_iter().filter(|error| error.code == Code::NotUtf8);
            return unreadable.chain(own).collect();
        }
        if beside.is_empty() {
            return beside;
        }
        let withheld: Vec<_> = self.incremental().withheld().filter(|(_, hidden)| is_selected(*hidden)).collect();
        let damaged: BTreeSet<FileId> = withheld.iter().map(|(damaged, _)| *damaged).collect();
        let hidden = withheld.first().map(|(_, hidden)| *hidden);
        let affected = hidden.or_else(|| self.incomplete(compiled, &is_selected));
        let Some(file) = affected.or_else(|| self.receiver(&beside, &is_selected)) else { return Vec::new() };
        let mut causes = beside;
        causes.retain(|error| damaged.is_empty() || damaged.contains(&error.span.file));
        let name = self.sources.get(file).map(|source| source.name.clone()).unwrap_or_default();
        if let Some(last) = causes.last_mut() {
            last.help.push(say!("`{file}` depends on a file with errors, which must be fixed first", file = name));
        }
        causes
    }

    /// Returns a selected file that reads data which one of the errors makes unclear: the fields of the client, or those of
    /// an event that it names.
    fn receiver(&self, errors: &[Diagnostic], is_selected: &impl Fn(FileId) -> bool) -> Option<FileId> {
        let declared = errors.iter().flat_map(|error| {
            let tree = self.incremental().trees.get(error.span.file);
            let items = tree.into_iter().flat_map(|tree| &tree.file.items);
            items.filter(|item| item.span.touches(error.span)).map(|item| &item.kind)
        });
        let declared: Vec<&ItemKind> = declared.collect();
        self.files().filter(|file| is_selected(*file)).find(|file| {
            let text = self.sources.get(*file).map_or("", |source| source.text.as_str());
            let words: BTreeSet<&str> = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
            declared.iter().any(|kind| match kind {
                ItemKind::Client(_) => true,
                ItemKind::Event { name, .. } => words.contains(name.node.as_str()),
                ItemKind::Funnel(_)
                | ItemKind::Entry(_)
                | ItemKind::Use(_)
                | ItemKind::Const { .. }
                | ItemKind::Segment { .. }
                | ItemKind::Template { .. }
                | ItemKind::Action { .. }
                | ItemKind::Test { .. }
                | ItemKind::Error => false,
            })
        })
    }

    /// Whether a file is a funnel beside the selected ones, or only such funnels use it.
    fn is_beside(&self, file: FileId, is_selected: &impl Fn(FileId) -> bool) -> bool {
        match self.includes.texts.get(&file) {
            Some(funnels) => funnels.iter().all(|funnel| self.is_funnel(*funnel) && !is_selected(*funnel)),
            None => self.is_funnel(file) && !is_selected(file),
        }
    }

    /// Returns a selected file of which a funnel or a test was left out, or which has only tests: these are of funnels in
    /// other files.
    fn incomplete(&self, compiled: &Compiled, is_selected: &impl Fn(FileId) -> bool) -> Option<FileId> {
        let program = &compiled.program;
        let entries = program.funnels.iter().flat_map(|funnel| &funnel.entries).map(|entry| entry.span);
        let sound: Vec<Span> = entries.chain(program.tests.iter().map(|test| test.span)).collect();
        let is_left_out = |item: &Item| {
            let counts = may_be_funnel(item) || matches!(item.kind, ItemKind::Test { .. });
            counts && !sound.iter().any(|span| item.span.touches(*span))
        };
        let mut selected = self.files().filter(|file| is_selected(*file));
        selected.find(|file| {
            let items = self.incremental().trees.get(*file).map_or(&[][..], |tree| &tree.file.items);
            let has_tests = items.iter().any(|item| matches!(item.kind, ItemKind::Test { .. }));
            items.iter().any(is_left_out) || has_tests && !items.iter().any(may_be_funnel)
        })
    }
}
