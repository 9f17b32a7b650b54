//! What can be done with a part of a file. In: a file. Out: its funnels, which can be looked at, and its tests, which can be
//! run.

use super::view::View;
use crate::check::{Role, Symbol};
use crate::source::{FileId, Span};
use crate::syntax::ast::ItemKind;

/// Something that can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lens {
    /// What it is done with: a name, a title, or a first trigger.
    pub span: Span,
    /// What is done.
    pub action: LensAction,
}

/// What can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LensAction {
    /// A funnel is shown as a picture.
    OpenFunnel(String),
    /// A test is run, by its title.
    RunTest(String),
}

impl View<'_> {
    /// What can be done with the parts of a file, by their places.
    #[must_use]
    pub fn lenses(&self, file: FileId) -> Vec<Lens> {
        let mut lenses: Vec<Lens> = Vec::new();
        for notes in self.notes_about(file) {
            for mention in notes.references.iter().filter(|mention| mention.span.file == file) {
                if let (Symbol::Funnel(name), Role::Declares) = (&mention.symbol, mention.role) {
                    lenses.push(Lens { span: mention.span, action: LensAction::OpenFunnel(name.clone()) });
                }
            }
        }
        for item in self.tree(file).iter().flat_map(|parsed| &parsed.file.items) {
            if let ItemKind::Test { title, .. } = &item.kind
                && let Some(name) = title.plain()
            {
                lenses.push(Lens { span: title.span, action: LensAction::RunTest(name) });
            }
        }
        lenses.sort_by_key(|lens| lens.span);
        lenses
    }
}
