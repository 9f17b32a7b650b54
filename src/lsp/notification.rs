//! What an editor tells. In: a notification. Out: nothing; the texts are others afterwards.

use super::document::{Document, Outcome};
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

/// The name of the language in editors.
const LANGUAGE: &str = "funnel";

/// Takes a notification.
///
/// # Errors
/// Why nothing came of it.
pub(super) fn take(state: &mut State, method: &str, params: Value) -> Result<(), String> {
    match method {
        "initialized" => {
            // Which texts are open says what is to be looked at, and is told next.
            state.unsettled = true;
        }
        "textDocument/didOpen" => opened(state, read(params)?),
        "textDocument/didChange" => return changed(state, read(params)?),
        "textDocument/didSave" => saved(state, &read(params)?),
        "textDocument/didClose" => {
            let DidCloseTextDocumentParams { text_document } = read(params)?;
            state.close(&text_document.uri);
        }
        "workspace/didChangeWatchedFiles" => {
            let DidChangeWatchedFilesParams { changes } = read(params)?;
            files(state, &changes);
        }
        "workspace/didCreateFiles" => {
            let CreateFilesParams { files: created } = read(params)?;
            files(state, &events(created.into_iter().map(|file| (file.uri, FileChangeType::Created))));
        }
        "workspace/didRenameFiles" => {
            let RenameFilesParams { files: renamed } = read(params)?;
            let both =
                |file: FileRename| [(file.old_uri, FileChangeType::Deleted), (file.new_uri, FileChangeType::Created)];
            files(state, &events(renamed.into_iter().flat_map(both)));
        }
        "workspace/didDeleteFiles" => {
            let DeleteFilesParams { files: deleted } = read(params)?;
            files(state, &events(deleted.into_iter().map(|file| (file.uri, FileChangeType::Deleted))));
        }
        "workspace/didChangeWorkspaceFolders" => folders(state, &read(params)?),
        // What begins with a dollar may be left alone, and settings come with the project file.
        _ => {}
    }
    Ok(())
}

fn read<P: DeserializeOwned>(params: Value) -> Result<P, String> {
    serde_json::from_value(params).map_err(|fault| fault.to_string())
}

fn opened(state: &mut State, params: DidOpenTextDocumentParams) {
    let item = params.text_document;
    let named = uri::path(&item.uri).extension().is_some_and(|ending| ending == "funnel");
    let is_funnel = named || serde_json::to_value(&item.language_id).is_ok_and(|language| language == LANGUAGE);
    let text = Arc::from(item.text);
    state.open(Document { uri: item.uri, version: item.version, text, lost: false, is_funnel });
}

fn changed(state: &mut State, params: DidChangeTextDocumentParams) -> Result<(), String> {
    let uri = params.text_document.text_document_identifier.uri;
    let version = params.text_document.version;
    let encoding = state.encoding;
    let real = state.open_at(&uri).ok_or_else(|| format!("{uri} is not open"))?;
    let Some(document) = state.documents.get_mut(&real) else { return Ok(()) };
    let had = document.version;
    match document.change(version, params.content_changes, encoding) {
        Outcome::Stale => Err(format!("version {version} of {uri} comes after version {had}")),
        Outcome::Lost => Err(format!("version {version} of {uri} changes a place that its text does not have")),
        Outcome::Taken => {
            let text = Arc::clone(&document.text);
            state.edit(&real, Some(text));
            Ok(())
        }
    }
}

/// What is saved is on the disk, where programs find it that the editor does not tell us of.
fn saved(state: &mut State, params: &DidSaveTextDocumentParams) {
    let path = uri::path(&params.text_document.uri);
    if path.ends_with(project::PROJECT_FILE) || state.subject_at(&project::real(&path)).is_none() {
        state.look_again();
        state.settle();
    }
}

fn events(told: impl Iterator<Item = (Uri, FileChangeType)>) -> Vec<FileEvent> {
    told.map(|(uri, kind)| FileEvent { uri, kind }).collect()
}

/// Files and folders that changed, came or went. Of a folder its files are not told.
fn files(state: &mut State, changes: &[FileEvent]) {
    let mut settle = false;
    let read = state.read();
    for change in changes {
        let path = uri::path(&change.uri);
        let real = project::real(&path);
        let below: Vec<&PathBuf> = read.range(real.clone()..).take_while(|file| file.starts_with(&real)).collect();
        below.iter().for_each(|file| state.refresh(file));
        settle |= match change.kind {
            FileChangeType::Changed | FileChangeType::Custom(_) => path.ends_with(project::PROJECT_FILE),
            FileChangeType::Created | FileChangeType::Deleted => {
                !below.is_empty() || capability::is_watched(&path) || path.is_dir()
            }
        };
    }
    if settle {
        state.look_again();
        state.settle();
        // A path in a text may lead to something now, or to nothing.
        state.held.values_mut().for_each(|held| held.stale = true);
    }
}

fn folders(state: &mut State, params: &DidChangeWorkspaceFoldersParams) {
    for folder in &params.event.removed {
        state.folders.remove(&uri::path(&folder.uri));
    }
    for folder in &params.event.added {
        state.add_folder(uri::path(&folder.uri));
    }
    state.settle();
}
