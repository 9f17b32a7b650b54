//! Findings for editors. In: what the last compilations gave. Out: for each file whose findings are others now, all of them.

use super::state::State;
use super::to_proto::ProtoContext;
use crate::diagnostic::Diagnostic as Finding;
use gen_lsp_types::{Diagnostic, PublishDiagnosticsParams, Uri};
use std::collections::BTreeMap;

/// What was told last of a file.
type Told = (Option<i32>, Vec<Diagnostic>);

/// What was told last.
#[derive(Debug, Default)]
pub(super) struct Published {
    files: BTreeMap<String, Told>,
}

impl Published {
    /// What is to be told now: of open texts whenever they are another version, of others when the findings differ. A file
    /// that has none any more is told once with none.
    pub(super) fn news(&mut self, state: &State) -> Vec<PublishDiagnosticsParams> {
        let mut now: BTreeMap<String, Told> = BTreeMap::new();
        for document in state.documents.values() {
            now.insert(document.uri.0.clone(), (Some(document.version), Vec::new()));
        }
        for held in state.held.values() {
            let context = ProtoContext { state, held };
            let place = held.place().map(|path| state.uri_of(&path));
            for finding in &held.compiled.diagnostics {
                let Some(uri) = told_at(context, finding, place.as_ref()) else { continue };
                let (_, told) = now.entry(uri.0).or_default();
                let diagnostic = context.diagnostic(finding);
                // Two lone funnels may be sent by the same text.
                if !told.contains(&diagnostic) {
                    told.push(diagnostic);
                }
            }
        }
        let gone = self.files.iter().filter(|(uri, (_, told))| !now.contains_key(*uri) && !told.is_empty());
        let mut news: Vec<_> = gone.map(|(uri, _)| params(uri, &(None, Vec::new()))).collect();
        let silent = (None, Vec::new());
        let others = now.iter().filter(|(uri, told)| self.files.get(*uri).unwrap_or(&silent) != *told);
        news.extend(others.map(|(uri, told)| params(uri, told)));
        self.files = now;
        news
    }
}

fn params(uri: &str, (version, diagnostics): &Told) -> PublishDiagnosticsParams {
    PublishDiagnosticsParams { uri: Uri::from(uri), version: *version, diagnostics: diagnostics.clone() }
}

/// The file that a finding is told at. What a lone file uses belongs to others: of it, errors are told, and only where
/// nobody checks it by itself.
fn told_at(context: ProtoContext<'_>, finding: &Finding, place: Option<&Uri>) -> Option<Uri> {
    let (state, held) = (context.state, context.held);
    let file = finding.span.file;
    if held.lone && held.workspace.attached.used.contains(&file) {
        let path = held.workspace.path(file)?;
        let own = state.held.values().any(|other| other.workspace.funnels().any(|(_, real)| real == path));
        if own || !finding.is_error() {
            return None;
        }
    }
    state.uri(held, file).or_else(|| place.cloned())
}
