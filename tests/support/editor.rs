//! An editor for tests of the language server, in memory or with the real program: it sends requests and notifications,
//! and collects the responses and the published findings.

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

/// The maximum time to wait for a message.
const PATIENCE: Duration = Duration::from_secs(60);

/// The findings last published for a file, and the version they are for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Published {
    pub(crate) version: Option<i64>,
    pub(crate) findings: Vec<Value>,
}

/// An editor connected to a server.
pub(crate) struct Editor {
    wire: Wire,
    next: i32,
    /// The response to `initialize`.
    pub(crate) initialize_result: Value,
    /// The findings of each file, by its URI.
    pub(crate) published: BTreeMap<String, Published>,
    /// How often findings were published.
    pub(crate) publish_count: usize,
    /// The log messages.
    pub(crate) log: Vec<String>,
    /// The requests from the server.
    pub(crate) server_requests: Vec<Request>,
}

enum Wire {
    Memory(Connection, Option<JoinHandle<lsp::End>>),
    Process(Child, Option<BufWriter<ChildStdin>>, Receiver<Message>),
}

/// An error response: its code and its message.
pub(crate) type Fault = (i32, String);

/// The URI of a path.
pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// The capabilities of an editor that supports everything the tests use.
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
    /// Connects to a server in this process whose work a probe observes.
    pub(crate) fn probed(folders: &[&Path], encodings: &[&str], probe: impl Fn(&str) + Send + 'static) -> Self {
        let (ours, theirs) = Connection::memory();
        let server = std::thread::spawn(move || lsp::serve(&theirs, Options { probe: &probe, ..Options::default() }));
        Self::begin(Wire::Memory(ours, Some(server)), folders, capabilities(encodings), Value::Null)
    }

    /// Connects to a server in this process.
    pub(crate) fn memory(folders: &[&Path], encodings: &[&str]) -> Self {
        Self::probed(folders, encodings, |_| ())
    }

    /// Connects to a server in this process with initialization options.
    pub(crate) fn with(folders: &[&Path], capabilities: Value, options: Value) -> Self {
        let (ours, theirs) = Connection::memory();
        let server = std::thread::spawn(move || lsp::serve(&theirs, Options::default()));
        Self::begin(Wire::Memory(ours, Some(server)), folders, capabilities, options)
    }

    /// Connects to the real program.
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
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            while let Ok(Some(message)) = Message::read(&mut stdout) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self::begin(Wire::Process(child, stdin, receiver), folders, capabilities(encodings), Value::Null)
    }

    /// Connects to a server in this process and opens a text before the server has read the project, as an editor
    /// started with a file does.
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
        let (published, log, server_requests) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut editor = Self {
            wire,
            next: 1000,
            initialize_result: Value::Null,
            published,
            publish_count: 0,
            log,
            server_requests,
        };
        let folders: Vec<Value> = folders.iter().map(|path| json!({ "uri": uri(path), "name": "x" })).collect();
        let params = json!({
            "processId": null, "rootUri": null, "capabilities": capabilities, "workspaceFolders": folders, "initializationOptions": options,
        });
        editor.initialize_result = editor.ask("initialize", params).unwrap();
        editor.notify("initialized", json!({}));
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
            Wire::Process(_, _, receiver) => receiver.recv_timeout(PATIENCE).unwrap(),
        }
    }

    /// Sends a notification.
    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(Notification { method: method.to_owned(), params });
    }

    /// Sends a request without waiting for its response.
    pub(crate) fn put(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.send(Request { id: id.clone(), method: method.to_owned(), params });
        id
    }

    /// Sends a request and waits for its response.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Result<Value, Fault> {
        let id = self.put(method, params);
        self.answer(&id)
    }

    /// Waits for the response to a request.
    pub(crate) fn answer(&mut self, id: &RequestId) -> Result<Value, Fault> {
        loop {
            match self.receive() {
                Message::Response(Response { id: own, response_result }) => {
                    assert_eq!(own, *id, "responses are in the order of requests");
                    return response_result.map_err(|fault| (fault.code, fault.message));
                }
                Message::Notification(notification) => self.handle(notification),
                Message::Request(request) => {
                    self.send(Response::new_ok(request.id.clone(), Value::Null));
                    self.server_requests.push(request);
                }
            }
        }
    }

    fn handle(&mut self, Notification { method, mut params }: Notification) {
        match method.as_str() {
            "textDocument/publishDiagnostics" => {
                let Value::Array(findings) = params["diagnostics"].take() else { panic!("{params}") };
                let published = Published { version: params["version"].as_i64(), findings };
                self.published.insert(params["uri"].as_str().unwrap().to_owned(), published);
                self.publish_count += 1;
            }
            "window/logMessage" => self.log.push(params["message"].as_str().unwrap().to_owned()),
            "window/showMessage" => {}
            other => panic!("{other}: {params}"),
        }
    }

    /// Waits until the server has processed every message and published the findings.
    pub(crate) fn settle(&mut self) {
        // Findings are published after the first response at the latest, so before the second one.
        for _ in 0..2 {
            assert_eq!(self.ask("funnelc/nothing", Value::Null).unwrap_err().0, -32601);
        }
    }

    /// Opens a text.
    pub(crate) fn open(&mut self, uri: &str, version: i32, text: &str) {
        let item = json!({ "uri": uri, "languageId": "funnel", "version": version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Replaces all of a text.
    pub(crate) fn replace(&mut self, uri: &str, version: i32, text: &str) {
        self.change(uri, version, json!([{ "text": text }]));
    }

    /// Changes a text.
    pub(crate) fn change(&mut self, uri: &str, version: i32, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Closes a text.
    pub(crate) fn close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }

    /// Reports files that were created (1), changed (2) or deleted (3).
    pub(crate) fn watched(&mut self, changes: &[(&str, u8)]) {
        let changes: Vec<Value> = changes.iter().map(|(uri, kind)| json!({ "uri": uri, "type": kind })).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    }

    /// The codes of the findings last published for a file.
    pub(crate) fn codes(&mut self, uri: &str) -> Vec<String> {
        self.settle();
        let published = self.published.get(uri).cloned().unwrap_or_default();
        published.findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Requests the shutdown, then exits; returns the exit code.
    pub(crate) fn leave(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", Value::Null), Ok(Value::Null));
        self.exit()
    }

    /// Exits without a shutdown request.
    pub(crate) fn exit(mut self) -> i32 {
        self.notify("exit", Value::Null);
        self.end()
    }

    /// Disconnects without `exit`.
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
