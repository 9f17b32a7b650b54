//! The language server. In: the messages of an editor, from standard input or memory. Out: answers, and findings as they
//! change. It knows the protocol and nothing of the language: that is in `ide`, in bytes and words.
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

/// How a server behaves.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// The language of findings; without one, that of the editor.
    pub language: Option<Language>,
    /// The language where the editor says nothing of its own.
    pub fallback: Language,
    /// Is told the name of each request before it is answered, and `compile` before each compilation. A panic in it is
    /// one in the server's own work.
    pub probe: &'o dyn Fn(&str),
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { language: None, fallback: Language::English, probe: &|_| () }
    }
}

/// How an editor left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It asked for the shut-down before.
    Orderly,
    /// It ended the server, or is gone, without having asked.
    Abrupt,
}
