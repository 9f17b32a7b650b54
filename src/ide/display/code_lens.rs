//! Code lenses. In: a file. Out: its funnels, which can be opened, and its tests, which can be run.

use crate::check::{Role, Symbol};
use crate::ide::view::View;
use crate::source::{FileId, Span};
use crate::syntax::ast::ItemKind;

/// An action above a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLens {
    /// What it applies to: a name, a title, or a first trigger.
    pub span: Span,
    /// The action.
    pub action: CodeLensAction,
}

/// The action of a code lens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeLensAction {
    /// Opens a funnel as a picture.
    OpenFunnel(String),
    /// Runs a test, by its title.
    RunTest(String),
}

impl View<'_> {
    /// Returns the code lenses of a file, by position.
    #[must_use]
    pub fn code_lenses(&self, file: FileId) -> Vec<CodeLens> {
        let mut lenses: Vec<CodeLens> = Vec::new();
        for notes in self.notes_about(file) {
            for mention in notes.references.iter().filter(|mention| mention.span.file == file) {
                if let (Symbol::Funnel(name), Role::Declares) = (&mention.symbol, mention.role) {
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
