//! What the server can do. In: what was agreed with the editor. Out: the answer with which it begins, and what it asks to be
//! told of.

use super::state::State;
use super::{command, complete, token};
use crate::project::PROJECT_FILE;
use gen_lsp_types::{
    ChangeNotifications, CodeActionKind, CodeActionOptions, CodeLensOptions, DidChangeWatchedFilesRegistrationOptions,
    DocumentLinkOptions, ExecuteCommandOptions, FileSystemWatcher, GlobPattern, InitializeResult, Registration,
    RegistrationParams, RenameOptions, SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSyncKind,
    TextDocumentSyncOptions, WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};
use lsp_server::{Message, Request, RequestId};

/// The kind of action that mends all of a file that can be mended without a doubt.
pub(super) const FIX_ALL: &str = "source.fixAll.funnelc";

/// The files that are watched: funnels, project files, and the words of messages.
const WATCHED: [&str; 5] = ["**/*.funnel", "**/funnel.toml", "**/*.mjml", "**/*.{html,htm}", "**/*.txt"];

/// The answer with which the server begins.
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
    ServerCapabilities {
        position_encoding: Some(state.encoding.kind()),
        text_document_sync: Some(sync.into()),
        completion_provider: Some(complete::options()),
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
        semantic_tokens_provider: Some(token::options().into()),
        inlay_hint_provider: Some(true.into()),
        document_formatting_provider: Some(true.into()),
        document_range_formatting_provider: Some(true.into()),
        execute_command_provider: Some(ExecuteCommandOptions { commands, ..ExecuteCommandOptions::default() }),
        workspace: Some(WorkspaceOptions { workspace_folders: Some(folders), ..WorkspaceOptions::default() }),
        ..ServerCapabilities::default()
    }
}

/// What the server asks to be told of, if the editor lets it ask.
pub(super) fn registrations(state: &State) -> Vec<Message> {
    if !state.client.watches {
        return Vec::new();
    }
    debug_assert!(WATCHED.iter().any(|pattern| pattern.ends_with(PROJECT_FILE)));
    let watcher =
        |pattern: &&str| FileSystemWatcher { glob_pattern: GlobPattern::Pattern((*pattern).to_owned()), kind: None };
    let options = DidChangeWatchedFilesRegistrationOptions { watchers: WATCHED.iter().map(watcher).collect() };
    let registration = Registration {
        id: "files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    let params = RegistrationParams { registrations: vec![registration] };
    vec![Request::new(RequestId::from(0), "client/registerCapability".to_owned(), params).into()]
}
