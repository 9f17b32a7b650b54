//! An editor that talks to the language server, in memory or to the real program. In: requests and notifications. Out: the
//! answers, and the findings that were told.

use funnelc::lsp::{self, Connection, Options};
use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was told of a file last: for which version, and the findings.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Told {
    pub(crate) version: Option<i64>,
    pub(crate) findings: Vec<Value>,
}

/// An editor with a server.
pub(crate) struct Editor {
    wire: Wire,
    next: i32,
    /// What the server said when it began.
    pub(crate) begun: Value,
    /// The findings of each file, by its address.
    pub(crate) told: BTreeMap<String, Told>,
    /// How often findings were told.
    pub(crate) tellings: usize,
    /// What was logged.
    pub(crate) log: Vec<String>,
    /// The requests of the server.
    pub(crate) asked: Vec<Request>,
}

enum Wire {
    Memory(Connection, Option<JoinHandle<lsp::End>>),
    Process(Child, Option<BufWriter<ChildStdin>>, Receiver<Message>),
}

/// A fault that an answer told: its code and its words.
pub(crate) type Fault = (i32, String);

/// The address of a path.
pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// What an editor that counts in UTF-16 and knows all that the tests use says of itself.
pub(crate) fn capabilities(encodings: &[&str]) -> Value {
    json!({
        "general": { "positionEncodings": encodings },
        "workspace": {
            "workspaceEdit": { "documentChanges": true },
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "workspaceFolders": true,
        },
        "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } },
    })
}

impl Editor {
    /// Talks to a server in this process that is told of its work by a probe.
    pub(crate) fn probed(folders: &[&Path], encodings: &[&str], probe: impl Fn(&str) + Send + 'static) -> Self {
        let (ours, theirs) = Connection::memory();
        let server = std::thread::spawn(move || lsp::serve(&theirs, Options { probe: &probe, ..Options::default() }));
        Self::begin(Wire::Memory(ours, Some(server)), folders, capabilities(encodings), Value::Null)
    }

    /// Talks to a server in this process.
    pub(crate) fn memory(folders: &[&Path], encodings: &[&str]) -> Self {
        Self::probed(folders, encodings, |_| ())
    }

    /// The same with options of the server's own.
    pub(crate) fn with(folders: &[&Path], capabilities: Value, options: Value) -> Self {
        let (ours, theirs) = Connection::memory();
        let server = std::thread::spawn(move || lsp::serve(&theirs, Options::default()));
        Self::begin(Wire::Memory(ours, Some(server)), folders, capabilities, options)
    }

    /// Talks to the real program.
    pub(crate) fn process(folders: &[&Path], encodings: &[&str], arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_funnelc"))
            .arg("lsp")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().map(BufWriter::new);
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (tell, told) = channel();
        std::thread::spawn(move || {
            while let Ok(Some(message)) = Message::read(&mut stdout) {
                if tell.send(message).is_err() {
                    return;
                }
            }
        });
        Self::begin(Wire::Process(child, stdin, told), folders, capabilities(encodings), Value::Null)
    }

    /// Talks to a server in this process, and opens a text before that has looked at anything, as an editor does that was
    /// started with a file.
    pub(crate) fn with_file(folders: &[&Path], uri: &str, text: &str) -> Self {
        let (ours, theirs) = Connection::memory();
        let server = std::thread::spawn(move || lsp::serve(&theirs, Options::default()));
        let wire = Wire::Memory(ours, Some(server));
        let mut editor = Self::greet(wire, folders, capabilities(&[]), Value::Null);
        editor.open(uri, 1, text);
        editor.settle();
        editor
    }

    fn begin(wire: Wire, folders: &[&Path], capabilities: Value, options: Value) -> Self {
        let mut editor = Self::greet(wire, folders, capabilities, options);
        editor.settle();
        editor
    }

    fn greet(wire: Wire, folders: &[&Path], capabilities: Value, options: Value) -> Self {
        let (told, log, asked) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut editor = Self { wire, next: 1000, begun: Value::Null, told, tellings: 0, log, asked };
        let folders: Vec<Value> = folders.iter().map(|path| json!({ "uri": uri(path), "name": "x" })).collect();
        let params = json!({
            "processId": null, "rootUri": null, "capabilities": capabilities, "workspaceFolders": folders, "initializationOptions": options,
        });
        editor.begun = editor.ask("initialize", params).unwrap();
        editor.tell("initialized", json!({}));
        editor
    }

    pub(crate) fn send(&mut self, message: impl Into<Message>) {
        match &mut self.wire {
            Wire::Memory(connection, _) => connection.sender.send(message.into()).unwrap(),
            Wire::Process(_, stdin, _) => {
                use std::io::Write;
                let stdin = stdin.as_mut().unwrap();
                message.into().write(stdin).unwrap();
                stdin.flush().unwrap();
            }
        }
    }

    fn receive(&mut self) -> Message {
        match &self.wire {
            Wire::Memory(connection, _) => connection.receiver.recv_timeout(PATIENCE).unwrap(),
            Wire::Process(_, _, told) => told.recv_timeout(PATIENCE).unwrap(),
        }
    }

    /// Tells the server something.
    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.send(Notification { method: method.to_owned(), params });
    }

    /// Sends a request without awaiting its answer.
    pub(crate) fn put(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.send(Request { id: id.clone(), method: method.to_owned(), params });
        id
    }

    /// Asks the server something.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Result<Value, Fault> {
        let id = self.put(method, params);
        self.answer(&id)
    }

    /// Awaits the answer to a request.
    pub(crate) fn answer(&mut self, id: &RequestId) -> Result<Value, Fault> {
        loop {
            match self.receive() {
                Message::Response(Response { id: own, response_result }) => {
                    assert_eq!(own, *id, "answers come in the order of requests");
                    return response_result.map_err(|fault| (fault.code, fault.message));
                }
                Message::Notification(note) => self.noted(note),
                Message::Request(request) => {
                    self.send(Response::new_ok(request.id.clone(), Value::Null));
                    self.asked.push(request);
                }
            }
        }
    }

    fn noted(&mut self, Notification { method, mut params }: Notification) {
        match method.as_str() {
            "textDocument/publishDiagnostics" => {
                let Value::Array(findings) = params["diagnostics"].take() else { panic!("{params}") };
                let told = Told { version: params["version"].as_i64(), findings };
                self.told.insert(params["uri"].as_str().unwrap().to_owned(), told);
                self.tellings += 1;
            }
            "window/logMessage" => self.log.push(params["message"].as_str().unwrap().to_owned()),
            "window/showMessage" => {}
            other => panic!("{other}: {params}"),
        }
    }

    /// Waits until everything that was told has been taken, and its findings have come.
    pub(crate) fn settle(&mut self) {
        // Findings are told after the first answer at the latest, so before the second one.
        for _ in 0..2 {
            assert_eq!(self.ask("funnelc/nothing", Value::Null).unwrap_err().0, -32601);
        }
    }

    /// Opens a text.
    pub(crate) fn open(&mut self, uri: &str, version: i32, text: &str) {
        let item = json!({ "uri": uri, "languageId": "funnel", "version": version, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Replaces all of a text.
    pub(crate) fn replace(&mut self, uri: &str, version: i32, text: &str) {
        self.change(uri, version, json!([{ "text": text }]));
    }

    /// Changes a text.
    pub(crate) fn change(&mut self, uri: &str, version: i32, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Closes a text.
    pub(crate) fn close(&mut self, uri: &str) {
        self.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    /// Says that files changed (2), came (1) or went (3).
    pub(crate) fn watched(&mut self, changes: &[(&str, u8)]) {
        let changes: Vec<Value> = changes.iter().map(|(uri, kind)| json!({ "uri": uri, "type": kind })).collect();
        self.tell("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    }

    /// The codes of what was told of a file last.
    pub(crate) fn codes(&mut self, uri: &str) -> Vec<String> {
        self.settle();
        let told = self.told.get(uri).cloned().unwrap_or_default();
        told.findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Asks for the shut-down and leaves; gives the exit code.
    pub(crate) fn leave(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", Value::Null), Ok(Value::Null));
        self.exit()
    }

    /// Leaves without having asked.
    pub(crate) fn exit(mut self) -> i32 {
        self.tell("exit", Value::Null);
        self.end()
    }

    /// Is gone, without a word.
    pub(crate) fn end(self) -> i32 {
        match self.wire {
            Wire::Memory(connection, server) => {
                drop(connection);
                i32::from(server.unwrap().join().unwrap() == lsp::End::Abrupt)
            }
            Wire::Process(mut child, stdin, _) => {
                drop(stdin);
                child.wait().unwrap().code().unwrap()
            }
        }
    }
}
