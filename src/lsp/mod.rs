//! The language server. It implements the protocol on top of `ide`, which knows the language and works with byte
//! offsets.
#![allow(clippy::disallowed_methods, reason = "the outer ring")]

mod capability;
mod client;
mod code_action;
mod command;
mod completion;
mod document;
mod document_features;
mod encoding;
mod formatting;
mod frame;
mod inbox;
mod notification;
mod open_project;
mod panic_guard;
mod position_features;
mod prelude;
mod publish;
mod request;
mod request_error;
mod semantic_tokens;
mod server;
mod state;
mod stdio;
mod to_proto;
mod uri;

pub use lsp_server::Connection;
pub use server::serve;
pub use stdio::stdio;

use crate::diagnostic::Language;

/// The options of a server.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// The language of findings; `None` for the editor's locale.
    pub language: Option<Language>,
    /// The language when the editor has no locale.
    pub fallback: Language,
    /// Called with the method of each request before it is answered, and with `compile` before each compilation. A
    /// panic in it is handled like one of the server.
    pub probe: &'o dyn Fn(&str),
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { language: None, fallback: Language::English, probe: &|_| () }
    }
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// After a `shutdown` request.
    Orderly,
    /// Without a `shutdown` request, or because the connection was closed.
    Abrupt,
}
