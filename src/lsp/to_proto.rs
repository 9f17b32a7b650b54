//! Converts findings, edits and spans to protocol types.

use super::encoding::Encoding;
use super::open_project::OpenProject;
use super::state::State;
use crate::diagnostic::{Code, Diagnostic as Finding, Edit, Fix, Phrase, Severity};
use crate::say;
use crate::source::{FileId, SourceFile, Span, line_end, with_line_ends};
use gen_lsp_types::{
    Code as ProtocolCode, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, DocumentChange,
    Location, Message, OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextDocumentIdentifier,
    TextEdit, Uri, WorkspaceEdit,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// The source of diagnostics, shown by editors.
const SOURCE: &str = "funnelc";

/// The context of a conversion: the server and one project.
#[derive(Clone, Copy)]
pub(super) struct ProtoContext<'s> {
    /// The state of the server.
    pub(super) state: &'s State,
    /// The project or standalone file.
    pub(super) project: &'s OpenProject,
}

impl ProtoContext<'_> {
    fn source(&self, file: FileId) -> Option<&SourceFile> {
        self.project.workspace.sources.get(file)
    }

    fn encoding(&self) -> Encoding {
        self.state.encoding
    }

    /// Returns the range of a span.
    pub(super) fn range(&self, span: Span) -> Range {
        self.source(span.file).map(|file| self.encoding().range(file, span)).unwrap_or_default()
    }

    /// Returns the location of a span; `None` if it is not in a file, such as in the prelude.
    pub(super) fn location(&self, span: Span) -> Option<Location> {
        let uri = self.state.uri(self.project, span.file)?;
        Some(Location { uri, range: self.range(span) })
    }

    /// Renders a phrase in the language of the editor.
    pub(super) fn localize(&self, phrase: &Phrase) -> String {
        phrase.in_language(self.state.language).into_owned()
    }

    /// Converts a finding.
    pub(super) fn diagnostic(&self, finding: &Finding) -> Diagnostic {
        let mut message = self.localize(&finding.message);
        for help in &finding.help {
            message += &format!("\n{}: {}", self.localize(&say!("help")), self.localize(help));
        }
        let related = finding.related.iter().filter_map(|label| {
            let location = self.location(label.span)?;
            Some(DiagnosticRelatedInformation { location, message: self.localize(&label.text) })
        });
        let related: Vec<_> = related.collect();
        Diagnostic {
            range: self.range(finding.span),
            severity: Some(severity(finding.severity)),
            code: Some(ProtocolCode::String(finding.code.number().to_owned())),
            code_description: None,
            source: Some(SOURCE.to_owned()),
            message: Message::String(message),
            tags: is_unnecessary(finding.code).then(|| vec![DiagnosticTag::Unnecessary]),
            related_information: (!related.is_empty()).then_some(related),
            data: self.fixes(finding),
        }
    }

    /// The fixes of a finding as data, for editors without code actions.
    fn fixes(&self, finding: &Finding) -> Option<Value> {
        let edit = |edit: &Edit| {
            let location = self.location(edit.span)?;
            Some(json!({ "uri": location.uri, "range": location.range, "newText": self.text(edit) }))
        };
        let fix = |fix: &Fix| {
            let edits: Option<Vec<Value>> = fix.edits.iter().map(edit).collect();
            Some(json!({ "title": self.title(fix), "guess": fix.guess, "edits": edits? }))
        };
        let fixes: Vec<Value> = finding.fixes.iter().filter_map(fix).collect();
        (!fixes.is_empty()).then(|| json!({ "slug": finding.code.slug(), "fixes": fixes }))
    }

    /// Returns the title of a fix.
    pub(super) fn title(&self, fix: &Fix) -> String {
        self.localize(&fix.title)
    }

    /// The new text of an edit, with the line endings of its file.
    fn text(&self, edit: &Edit) -> String {
        self.source(edit.span.file)
            .map_or_else(|| edit.text.clone(), |file| with_line_ends(&edit.text, line_end(&file.text)))
    }

    /// Converts an edit.
    pub(super) fn text_edit(&self, edit: &Edit) -> TextEdit {
        TextEdit { range: self.range(edit.span), new_text: self.text(edit) }
    }

    /// Converts edits in any files; `None` if one of them cannot be changed.
    pub(super) fn workspace_edit<'e>(&self, edits: impl IntoIterator<Item = &'e Edit>) -> Option<WorkspaceEdit> {
        let mut files: BTreeMap<FileId, Vec<TextEdit>> = BTreeMap::new();
        for edit in edits {
            files.entry(edit.span.file).or_default().push(self.text_edit(edit));
        }
        let files = files.into_iter().map(|(file, edits)| Some((self.state.uri(self.project, file)?, edits)));
        let files: Option<Vec<(Uri, Vec<TextEdit>)>> = files.collect();
        Some(self.edits(files?))
    }

    /// Creates a workspace edit from edits grouped by file.
    pub(super) fn edits(&self, files: Vec<(Uri, Vec<TextEdit>)>) -> WorkspaceEdit {
        if !self.state.client.versioned_edits {
            let changes: HashMap<Uri, Vec<TextEdit>> = files.into_iter().collect();
            return WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() };
        }
        // An editor rejects an edit for a version that it does not have.
        let change = |(uri, edits): (Uri, Vec<TextEdit>)| {
            let text_document = OptionalVersionedTextDocumentIdentifier {
                version: self.state.version(&uri),
                text_document_identifier: TextDocumentIdentifier { uri },
            };
            DocumentChange::from(TextDocumentEdit { text_document, edits: edits.into_iter().map(Into::into).collect() })
        };
        WorkspaceEdit { document_changes: Some(files.into_iter().map(change).collect()), ..WorkspaceEdit::default() }
    }
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Note => DiagnosticSeverity::Information,
    }
}

/// Whether the code can be removed, so that editors show it faded.
fn is_unnecessary(code: Code) -> bool {
    matches!(code, Code::Unused | Code::UnusedLabel | Code::Unreachable | Code::DoesNothing)
}
