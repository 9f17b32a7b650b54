//! Publishes findings: determines the files whose findings changed since the last time.

use super::open_project::OpenProject;
use super::state::State;
use super::to_proto::ProtoContext;
use crate::diagnostic::Diagnostic as Finding;
use crate::say;
use crate::source::Span;
use gen_lsp_types::{Diagnostic, PublishDiagnosticsParams, Uri};
use std::collections::BTreeMap;

/// The findings of a file, with its version.
type FileFindings = (Option<i32>, Vec<Diagnostic>);

/// The findings that were published last.
#[derive(Debug, Default)]
pub(super) struct Published {
    files: BTreeMap<String, FileFindings>,
}

impl Published {
    /// Returns the findings to publish: of open documents when their version changed, of other files when their
    /// findings differ. A file whose last finding is gone is published once more without any.
    pub(super) fn changes(&mut self, state: &State) -> Vec<PublishDiagnosticsParams> {
        let mut now: BTreeMap<String, FileFindings> = BTreeMap::new();
        for document in state.documents.values() {
            now.insert(document.uri.0.clone(), (Some(document.version), Vec::new()));
        }
        for project in state.projects.values() {
            let context = ProtoContext { state, project };
            let place = project.place().map(|path| state.uri_of(&path));
            for finding in project.compiled.diagnostics.iter().chain(&hidden_by_damage(project)) {
                let Some(uri) = file_of(context, finding, place.as_ref()) else { continue };
                let (_, findings) = now.entry(uri.0).or_default();
                let diagnostic = context.diagnostic(finding);
                // Two standalone funnels may use the same text.
                if !findings.contains(&diagnostic) {
                    findings.push(diagnostic);
                }
            }
        }
        let cleared = self.files.iter().filter(|(uri, (_, findings))| !now.contains_key(*uri) && !findings.is_empty());
        let mut changes: Vec<_> = cleared.map(|(uri, _)| params(uri, &(None, Vec::new()))).collect();
        let none = (None, Vec::new());
        let changed = now.iter().filter(|(uri, findings)| self.files.get(*uri).unwrap_or(&none) != *findings);
        changes.extend(changed.map(|(uri, findings)| params(uri, findings)));
        self.files = now;
        changes
    }
}

fn params(uri: &str, (version, diagnostics): &FileFindings) -> PublishDiagnosticsParams {
    PublishDiagnosticsParams { uri: Uri::from(uri), version: *version, diagnostics: diagnostics.clone() }
}

/// For each file with errors that damage in another file hides, a finding that names the damage.
fn hidden_by_damage(project: &OpenProject) -> Vec<Finding> {
    let (compiled, sources) = (&project.compiled, &project.workspace.sources);
    let hidden = project.workspace.incremental().withheld().filter_map(|(damaged, file)| {
        let error = compiled.diagnostics.iter().find(|found| found.span.file == damaged && found.is_error())?;
        let name = sources.get(damaged)?.name.as_str();
        let message = say!("this file cannot be fully checked because of an error in `{name}`", name);
        let place = Span { file, start: 0, end: 0 };
        let found = Finding::new(error.code, place, message, say!("not fully checked"));
        Some(found.related(error.span, error.message.clone()))
    });
    hidden.collect()
}

/// The file at which a finding is shown. A file that a standalone file uses belongs to others: only its errors are
/// shown, and only if it is not checked on its own.
fn file_of(context: ProtoContext<'_>, finding: &Finding, place: Option<&Uri>) -> Option<Uri> {
    let (state, project) = (context.state, context.project);
    let file = finding.span.file;
    if project.lone && project.workspace.includes.used.contains(&file) {
        let path = project.workspace.path(file)?;
        let own =
            state.projects.values().any(|other| other.workspace.funnels().any(|(_, canonical)| canonical == path));
        if own || !finding.is_error() {
            return None;
        }
    }
    state.uri(project, file).or_else(|| place.cloned())
}
