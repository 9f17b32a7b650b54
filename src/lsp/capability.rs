//! The server's capabilities: the answer to `initialize`, and the registration for file changes.

use super::state::State;
use super::{command, completion, semantic_tokens};
use crate::project::PROJECT_FILE;
use gen_lsp_types::{
    ChangeNotifications, CodeActionKind, CodeActionOptions, CodeLensOptions, DidChangeWatchedFilesRegistrationOptions,
    DocumentLinkOptions, ExecuteCommandOptions, FileOperationFilter, FileOperationOptions, FileOperationPattern,
    FileOperationRegistrationOptions, FileSystemWatcher, GlobPattern, InitializeResult, Registration,
    RegistrationParams, RenameOptions, SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSyncKind,
    TextDocumentSyncOptions, WatchKind, WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};
use lsp_server::{Message, Request, RequestId};
use std::path::Path;

/// The kind of the code action that applies all safe fixes in a file.
pub(super) const FIX_ALL: &str = "source.fixAll.funnelc";

/// The extensions of watched files: funnels, and the texts of messages.
const WATCHED_EXTENSIONS: [&str; 5] = ["funnel", "mjml", "html", "htm", "txt"];

/// Every file and folder: when a folder is created or deleted as a whole, its files are not reported.
const ANYTHING: &str = "**";

/// The result of `initialize`.
pub(super) fn result(state: &State) -> InitializeResult {
    let version = Some(env!("CARGO_PKG_VERSION").to_owned());
    let server_info = Some(ServerInfo { name: "funnelc".to_owned(), version });
    InitializeResult { capabilities: capabilities(state), server_info }
}

fn capabilities(state: &State) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::Incremental),
        save: Some(SaveOptions { include_text: Some(false) }.into()),
        ..TextDocumentSyncOptions::default()
    };
    let kinds = [CodeActionKind::QuickFix, CodeActionKind::from(FIX_ALL)];
    let actions = CodeActionOptions { code_action_kinds: Some(kinds.into()), ..CodeActionOptions::default() };
    let rename = RenameOptions { prepare_provider: Some(true), ..RenameOptions::default() };
    let commands = command::ALL.iter().map(|name| (*name).to_owned()).collect();
    let folders = WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(ChangeNotifications::Bool(true)),
    };
    let all = FileOperationPattern { glob: ANYTHING.to_owned(), matches: None, options: None };
    let watched = FileOperationRegistrationOptions {
        filters: vec![FileOperationFilter { scheme: Some("file".to_owned()), pattern: all }],
    };
    let file_operations = FileOperationOptions {
        did_create: Some(watched.clone()),
        did_rename: Some(watched.clone()),
        did_delete: Some(watched),
        ..FileOperationOptions::default()
    };
    ServerCapabilities {
        position_encoding: Some(state.encoding.kind()),
        text_document_sync: Some(sync.into()),
        completion_provider: Some(completion::options()),
        hover_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        references_provider: Some(true.into()),
        document_highlight_provider: Some(true.into()),
        document_symbol_provider: Some(true.into()),
        workspace_symbol_provider: Some(true.into()),
        code_action_provider: Some(actions.into()),
        code_lens_provider: Some(CodeLensOptions::default()),
        document_link_provider: Some(DocumentLinkOptions::default()),
        rename_provider: Some(rename.into()),
        folding_range_provider: Some(true.into()),
        selection_range_provider: Some(true.into()),
        semantic_tokens_provider: Some(semantic_tokens::options().into()),
        inlay_hint_provider: Some(true.into()),
        document_formatting_provider: Some(true.into()),
        document_range_formatting_provider: Some(true.into()),
        execute_command_provider: Some(ExecuteCommandOptions { commands, ..ExecuteCommandOptions::default() }),
        workspace: Some(WorkspaceOptions {
            workspace_folders: Some(folders),
            file_operations: Some(file_operations),
            ..WorkspaceOptions::default()
        }),
        ..ServerCapabilities::default()
    }
}

/// Whether a file is watched.
pub(super) fn is_watched(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    path.ends_with(PROJECT_FILE) || extension.is_some_and(|extension| WATCHED_EXTENSIONS.contains(&extension))
}

/// The registration for watched files, if the editor supports it.
pub(super) fn registrations(state: &State) -> Vec<Message> {
    if !state.client.watches {
        return Vec::new();
    }
    let watcher = |pattern: String, kind| FileSystemWatcher { glob_pattern: GlobPattern::Pattern(pattern), kind };
    let extensions = WATCHED_EXTENSIONS.iter().map(|extension| watcher(format!("**/*.{extension}"), None));
    let project = watcher(format!("**/{PROJECT_FILE}"), None);
    let anything = watcher(ANYTHING.to_owned(), Some(WatchKind::Create | WatchKind::Delete));
    let watchers = extensions.chain([project, anything]).collect();
    let options = DidChangeWatchedFilesRegistrationOptions { watchers };
    let registration = Registration {
        id: "files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    let params = RegistrationParams { registrations: vec![registration] };
    vec![Request::new(RequestId::from(0), "client/registerCapability".to_owned(), params).into()]
}
