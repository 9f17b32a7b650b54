//! What can be done with a part of a file. In: a file. Out: its funnels, which can be looked at, and its tests, which can be
//! run.

use crate::check::{Named, Role};
use crate::ide::view::View;
use crate::source::{FileId, Span};
use crate::syntax::ast::ItemKind;

/// Something that can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLens {
    /// What it is done with: a name, a title, or a first trigger.
    pub span: Span,
    /// What is done.
    pub action: CodeLensAction,
}

/// What can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeLensAction {
    /// A funnel is shown as a picture.
    OpenFunnel(String),
    /// A test is run, by its title.
    RunTest(String),
}

impl View<'_> {
    /// What can be done with the parts of a file, by their places.
    #[must_use]
    pub fn code_lenses(&self, file: FileId) -> Vec<CodeLens> {
        let mut lenses: Vec<CodeLens> = Vec::new();
        for notes in self.notes_about(file) {
            for mention in notes.mentions.iter().filter(|mention| mention.span.file == file) {
                if let (Named::Funnel(name), Role::Declares) = (&mention.named, mention.role) {
                    lenses.push(CodeLens { span: mention.span, action: CodeLensAction::OpenFunnel(name.clone()) });
                }
            }
        }
        for item in self.tree(file).iter().flat_map(|parsed| &parsed.file.items) {
            if let ItemKind::Test { title, .. } = &item.kind
                && let Some(name) = title.plain()
            {
                lenses.push(CodeLens { span: title.span, action: CodeLensAction::RunTest(name) });
            }
        }
        lenses.sort_by_key(|lens| lens.span);
        lenses
    }
}
