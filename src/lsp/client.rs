//! The editor's capabilities, read from the parameters of `initialize`.

use super::encoding::Encoding;
use super::{Options, uri};
use crate::diagnostic::Language;
use gen_lsp_types::{InitializeParams, WorkspaceFolders};
use std::path::PathBuf;

/// The capabilities of the editor that matter here.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Client {
    /// It supports dynamic registration for watched files.
    pub(super) watches: bool,
    /// It supports edits with document versions.
    pub(super) versioned_edits: bool,
    /// It supports snippets in completion items.
    pub(super) snippets: bool,
    /// It has a studio that shows funnels.
    pub(super) has_studio: bool,
}

impl Client {
    /// Reads the capabilities.
    pub(super) fn of(params: &InitializeParams) -> Self {
        let own = params.initialization_options.as_ref();
        let text = params.capabilities.text_document.as_ref();
        let item = text.and_then(|text| text.completion.as_ref()?.completion_item.as_ref());
        let workspace = params.capabilities.workspace.as_ref();
        let watched = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        let edit = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        Self {
            watches: watched.and_then(|watched| watched.dynamic_registration).unwrap_or_default(),
            snippets: item.and_then(|item| item.snippet_support).unwrap_or_default(),
            has_studio: own.and_then(|own| own.get("studio")?.as_bool()).unwrap_or_default(),
            versioned_edits: edit.and_then(|edit| edit.document_changes).unwrap_or_default(),
        }
    }
}

/// The negotiated position encoding.
pub(super) fn encoding(params: &InitializeParams) -> Encoding {
    let general = params.capabilities.general.as_ref();
    Encoding::choose(general.and_then(|general| general.position_encodings.as_deref()).unwrap_or_default())
}

/// The language of findings: the one from the command line, or else the editor's locale.
pub(super) fn language(options: &Options<'_>, params: &InitializeParams) -> Language {
    let own = || params.locale.as_deref().map_or(options.fallback, Language::of_locale);
    options.language.unwrap_or_else(own)
}

/// The workspace folders.
pub(super) fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    if let Some(WorkspaceFolders::WorkspaceFolderList(folders)) =
        &params.workspace_folders_initialize_params.workspace_folders
    {
        return folders.iter().map(|folder| uri::path(&folder.uri)).collect();
    }
    #[allow(deprecated, reason = "older editors say no more")]
    let root = params.root_uri.as_ref().map(uri::path);
    root.into_iter().collect()
}
