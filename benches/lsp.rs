//! Benchmarks of the language server: a keystroke in a project of five thousand lines, until the findings and until a
//! completion arrives.
//!
//! `cargo bench --bench lsp`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench stops at the first surprise and sets up files"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use funnelc::lsp::{self, Connection, Options};
use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};
use std::fs::{create_dir, read_to_string, write};
use std::path::Path;

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A typical file of forty lines.
const FILE: &str = include_str!("salon.funnel");

/// The number of lines in the project.
const LINES: usize = 5_000;

struct Editor {
    connection: Connection,
    version: i32,
    uri: String,
    text: String,
    place: Value,
}

impl Editor {
    /// Opens a file in the middle of a project.
    fn new(folder: &Path) -> Self {
        let files = LINES / FILE.lines().count();
        write(folder.join("funnel.toml"), "timezone = \"Europe/Berlin\"\ncurrency = \"EUR\"\n").unwrap();
        create_dir(folder.join("funnels")).unwrap();
        let path = |at: usize| folder.join(format!("funnels/f{at}.funnel"));
        for at in 0..files {
            write(path(at), FILE.replace("NUMBER", &at.to_string())).unwrap();
        }
        let (connection, theirs) = Connection::memory();
        std::thread::spawn(move || lsp::serve(&theirs, Options::default()));
        let uri = format!("file://{}", path(files / 2).display());
        let text = read_to_string(path(files / 2)).unwrap();
        let (line, before) = text.lines().enumerate().find(|(_, line)| line.contains("client.city ==")).unwrap();
        let column = before.find("city").unwrap() + 2;
        let mut editor =
            Self { connection, version: 1, uri, text, place: json!({ "line": line, "character": column }) };
        let folders = json!([{ "uri": format!("file://{}", folder.display()), "name": "salon" }]);
        editor.ask("initialize", json!({ "processId": null, "capabilities": {}, "workspaceFolders": folders }));
        editor.tell("initialized", json!({}));
        let item = json!({ "uri": editor.uri, "languageId": "funnel", "version": 1, "text": editor.text });
        editor.tell("textDocument/didOpen", json!({ "textDocument": item }));
        editor.await_findings();
        editor
    }

    fn tell(&self, method: &str, params: Value) {
        self.connection.sender.send(Notification { method: method.to_owned(), params }.into()).unwrap();
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let request = Request { id: RequestId::from(self.version), method: method.to_owned(), params };
        self.connection.sender.send(request.into()).unwrap();
        loop {
            if let Message::Response(response) = self.connection.receiver.recv().unwrap() {
                return response.response_result.unwrap();
            }
        }
    }

    /// Inserts a character, or removes it again.
    fn type_character(&mut self) {
        self.version += 1;
        let offset = self.text.find("Thank you").unwrap();
        let line = self.text[..offset].matches('\n').count();
        let column = self.text[..offset].lines().last().unwrap().len();
        let end = if self.version % 2 == 0 { column } else { column + 1 };
        let text = if self.version % 2 == 0 { "x" } else { "" };
        let range = json!({
            "start": { "line": line, "character": column }, "end": { "line": line, "character": end },
        });
        let document = json!({ "uri": self.uri, "version": self.version });
        let changes = json!([{ "range": range, "text": text }]);
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Waits until the findings of the current version are published.
    fn await_findings(&mut self) {
        loop {
            let Message::Notification(note) = self.connection.receiver.recv().unwrap() else { continue };
            if note.params["version"] == self.version {
                return;
            }
        }
    }
}

fn keystroke(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let mut editor = Editor::new(folder.path());
    let mut group = c.benchmark_group("lsp, a keystroke in 5000 lines");
    group.bench_function("until the findings", |b| {
        b.iter(|| {
            editor.type_character();
            editor.await_findings();
        });
    });
    group.bench_function("until a completion", |b| {
        b.iter(|| {
            editor.type_character();
            let params = json!({ "textDocument": { "uri": editor.uri }, "position": editor.place });
            assert!(!editor.ask("textDocument/completion", params).is_null());
        });
    });
    group.finish();
}

criterion_group!(benches, keystroke);
criterion_main!(benches);
