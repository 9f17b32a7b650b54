//! Notifications of the editor, which update the state of the server.

use super::document::{ChangeResult, Document};
use super::state::State;
use super::{capability, uri};
use crate::project;
use gen_lsp_types::{
    CreateFilesParams, DeleteFilesParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    FileChangeType, FileEvent, FileRename, RenameFilesParams, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// The language id of funnels.
const LANGUAGE: &str = "funnel";

/// Handles a notification.
///
/// # Errors
/// Why it was ignored.
pub(super) fn handle(state: &mut State, method: &str, params: Value) -> Result<(), String> {
    match method {
        "initialized" => {
            // The open documents, which determine what to compile, follow next.
            state.needs_sync = true;
        }
        "textDocument/didOpen" => did_open(state, parse(params)?),
        "textDocument/didChange" => return did_change(state, parse(params)?),
        "textDocument/didSave" => did_save(state, &parse(params)?),
        "textDocument/didClose" => {
            let DidCloseTextDocumentParams { text_document } = parse(params)?;
            state.close(&text_document.uri);
        }
        "workspace/didChangeWatchedFiles" => {
            let DidChangeWatchedFilesParams { changes } = parse(params)?;
            files_changed(state, &changes);
        }
        "workspace/didCreateFiles" => {
            let CreateFilesParams { files: created } = parse(params)?;
            files_changed(state, &file_events(created.into_iter().map(|file| (file.uri, FileChangeType::Created))));
        }
        "workspace/didRenameFiles" => {
            let RenameFilesParams { files: renamed } = parse(params)?;
            let both =
                |file: FileRename| [(file.old_uri, FileChangeType::Deleted), (file.new_uri, FileChangeType::Created)];
            files_changed(state, &file_events(renamed.into_iter().flat_map(both)));
        }
        "workspace/didDeleteFiles" => {
            let DeleteFilesParams { files: deleted } = parse(params)?;
            files_changed(state, &file_events(deleted.into_iter().map(|file| (file.uri, FileChangeType::Deleted))));
        }
        "workspace/didChangeWorkspaceFolders" => folders_changed(state, &parse(params)?),
        // Notifications that start with `$/` are optional, and all settings are in the project file.
        _ => {}
    }
    Ok(())
}

fn parse<P: DeserializeOwned>(params: Value) -> Result<P, String> {
    serde_json::from_value(params).map_err(|fault| fault.to_string())
}

fn did_open(state: &mut State, params: DidOpenTextDocumentParams) {
    let item = params.text_document;
    let named = uri::path(&item.uri).extension().is_some_and(|ending| ending == "funnel");
    let is_funnel = named || serde_json::to_value(&item.language_id).is_ok_and(|language| language == LANGUAGE);
    let text = Arc::from(item.text);
    state.open(Document { uri: item.uri, version: item.version, text, out_of_sync: false, is_funnel });
}

fn did_change(state: &mut State, params: DidChangeTextDocumentParams) -> Result<(), String> {
    let uri = params.text_document.text_document_identifier.uri;
    let version = params.text_document.version;
    let encoding = state.encoding;
    let canonical = state.open_at(&uri).ok_or_else(|| format!("{uri} is not open"))?;
    let Some(document) = state.documents.get_mut(&canonical) else { return Ok(()) };
    let current = document.version;
    match document.apply(version, params.content_changes, encoding) {
        ChangeResult::Stale => Err(format!("version {version} of {uri} is not newer than version {current}")),
        ChangeResult::OutOfSync => Err(format!("version {version} of {uri} changes a range outside of the text")),
        ChangeResult::Applied => {
            let text = Arc::clone(&document.text);
            state.edit(&canonical, Some(text));
            Ok(())
        }
    }
}

/// A save changes the file on disk, which may matter to documents that the editor does not report.
fn did_save(state: &mut State, params: &DidSaveTextDocumentParams) {
    let path = uri::path(&params.text_document.uri);
    if path.ends_with(project::PROJECT_FILE) || state.subject_at(&project::canonical_path(&path)).is_none() {
        state.rescan_folders();
        state.sync_projects();
    }
}

fn file_events(changes: impl Iterator<Item = (Uri, FileChangeType)>) -> Vec<FileEvent> {
    changes.map(|(uri, kind)| FileEvent { uri, kind }).collect()
}

/// Handles files and folders that were changed, created or deleted. The files in a folder are not reported
/// individually.
fn files_changed(state: &mut State, changes: &[FileEvent]) {
    let mut needs_sync = false;
    let read = state.read_files();
    for change in changes {
        let path = uri::path(&change.uri);
        let canonical = project::canonical_path(&path);
        let below: Vec<&PathBuf> =
            read.range(canonical.clone()..).take_while(|file| file.starts_with(&canonical)).collect();
        below.iter().for_each(|file| state.refresh(file));
        needs_sync |= match change.kind {
            FileChangeType::Changed | FileChangeType::Custom(_) => path.ends_with(project::PROJECT_FILE),
            FileChangeType::Created | FileChangeType::Deleted => {
                !below.is_empty() || capability::is_watched(&path) || path.is_dir()
            }
        };
    }
    if needs_sync {
        state.rescan_folders();
        state.sync_projects();
        // The target of a path in a funnel may have appeared or disappeared.
        state.projects.values_mut().for_each(|project| project.stale = true);
    }
}

fn folders_changed(state: &mut State, params: &DidChangeWorkspaceFoldersParams) {
    for folder in &params.event.removed {
        state.folders.remove(&uri::path(&folder.uri));
    }
    for folder in &params.event.added {
        state.add_folder(uri::path(&folder.uri));
    }
    state.sync_projects();
}
