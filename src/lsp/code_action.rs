//! Code actions: quick fixes for the findings in a range, and one action that applies all safe fixes in a file.

use super::capability::FIX_ALL;
use super::document_features::span_of_range;
use super::formatting;
use super::request_error::RequestError;
use super::state::{State, Subject};
use super::to_proto::ProtoContext;
use crate::diagnostic::Diagnostic as Finding;
use crate::project::Workspace;
use crate::project::fix::{FixTarget, apply_fixes};
use crate::say;
use crate::source::{FileId, Span};
use gen_lsp_types::{CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, CodeActionTriggerKind, Uri};

/// Returns the code actions for a range.
pub(super) fn code_actions(
    state: &State,
    params: &CodeActionParams,
) -> Result<Option<Vec<CodeActionResponse>>, RequestError> {
    let uri = &params.text_document.uri;
    let Some(subject) = state.subject(uri)? else { return Ok(None) };
    let Some(place) = span_of_range(state, subject, params.range) else { return Ok(None) };
    let context = &params.context;
    let requested =
        |kind: &str| context.only.as_ref().is_none_or(|only| only.iter().any(|only| includes_kind(only, kind)));
    let mut actions = Vec::new();
    if requested("quickfix") {
        let here = subject.project.compiled.diagnostics.iter().filter(|finding| concerns(finding, place));
        actions.extend(here.flat_map(|finding| quick_fixes(ProtoContext { state, project: subject.project }, finding)));
    }
    // Computing all fixes compiles repeatedly, so it is not done on every cursor movement.
    let automatic = context.only.is_none() && context.trigger_kind == Some(CodeActionTriggerKind::Automatic);
    if requested(FIX_ALL) && !automatic {
        actions.extend(fix_all(state, subject, uri));
    }
    Ok(Some(actions.into_iter().map(CodeActionResponse::CodeAction).collect()))
}

/// Whether a kind is the requested one or a subkind of it.
fn includes_kind(requested: &CodeActionKind, kind: &str) -> bool {
    let requested = serde_json::to_value(requested).ok();
    let requested = requested.as_ref().and_then(|requested| requested.as_str()).unwrap_or_default();
    kind.strip_prefix(requested).is_some_and(|rest| requested.is_empty() || rest.is_empty() || rest.starts_with('.'))
}

/// Whether a finding, or an edit of its fixes, touches a range.
fn concerns(finding: &Finding, place: Span) -> bool {
    let meets = |span: Span| span.file == place.file && span.start <= place.end && place.start <= span.end;
    meets(finding.span) || finding.fixes.iter().flat_map(|fix| &fix.edits).any(|edit| meets(edit.span))
}

fn quick_fixes(context: ProtoContext<'_>, finding: &Finding) -> Vec<CodeAction> {
    let fixes = finding.fixes.iter().filter_map(|fix| {
        Some(CodeAction {
            title: context.title(fix),
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: Some(vec![context.diagnostic(finding)]),
            // An editor applies preferred actions without asking, so an unsafe fix is not preferred.
            is_preferred: Some(!fix.guess),
            edit: Some(context.workspace_edit(&fix.edits)?),
            ..CodeAction::default()
        })
    });
    fixes.collect()
}

/// Applies all safe fixes in a file, as `check --fix` does.
fn fix_all(state: &State, subject: Subject<'_>, uri: &Uri) -> Option<CodeAction> {
    let old = subject.project.workspace.sources.get(subject.file)?;
    let mut one = OneFile { workspace: subject.project.workspace.clone(), file: subject.file };
    apply_fixes(&mut one, false);
    let edits = formatting::difference(old, &one.workspace.sources.get(subject.file)?.text, state.encoding);
    let context = ProtoContext { state, project: subject.project };
    (!edits.is_empty()).then(|| CodeAction {
        title: context.localize(&say!("apply all safe fixes")),
        kind: Some(CodeActionKind::from(FIX_ALL)),
        edit: Some(context.edits(vec![(uri.clone(), edits)])),
        ..CodeAction::default()
    })
}

/// Restricts fixes to one file of a workspace.
struct OneFile {
    workspace: Workspace,
    file: FileId,
}

impl FixTarget for OneFile {
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    fn workspace_mut(&mut self) -> &mut Workspace {
        &mut self.workspace
    }

    fn relevant(&mut self, found: Vec<Finding>) -> Vec<Finding> {
        found
    }

    fn is_writable(&self, file: FileId) -> bool {
        file == self.file
    }
}
