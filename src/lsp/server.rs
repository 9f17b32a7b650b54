//! The main loop: answers requests in order and publishes findings when no message is waiting. A panic fails one
//! request, not the server.

use super::inbox::Inbox;
use super::publish::Published;
use super::request_error::RequestError;
use super::state::{Folder, State};
use super::{End, Options, capability, client, notification, panic_guard, request};
use gen_lsp_types::{InitializeParams, LogMessageParams, MessageType};
use lsp_server::{Connection, Message, Notification, Request, Response};
use serde::Serialize;
use std::time::Duration;

/// How long to wait for the first open document before all workspace folders are scanned.
const GRACE: Duration = Duration::from_millis(300);

/// Serves an editor until the session ends.
#[must_use]
pub fn serve(connection: &Connection, options: Options<'_>) -> End {
    let Ok((id, params)) = connection.initialize_start() else { return End::Abrupt };
    let mut server = Server {
        connection,
        options,
        state: State::default(),
        published: Published::default(),
        findings_pending: false,
        shutting_down: false,
    };
    // Invalid parameters count as absent.
    let params: InitializeParams = serde_json::from_value(params).unwrap_or_default();
    server.begin(&params);
    server.send(Response::new_ok(id, capability::result(&server.state)));
    server.run()
}

struct Server<'c> {
    connection: &'c Connection,
    options: Options<'c>,
    state: State,
    published: Published,
    /// Whether anything happened since findings were last published.
    findings_pending: bool,
    /// Whether `shutdown` was requested.
    shutting_down: bool,
}

impl Server<'_> {
    fn begin(&mut self, params: &InitializeParams) {
        self.state.encoding = client::encoding(params);
        self.state.language = client::language(&self.options, params);
        self.state.client = client::Client::of(params);
        self.state.folders = client::folders(params).into_iter().map(|folder| (folder, Folder::default())).collect();
    }

    fn run(&mut self) -> End {
        let mut inbox = Inbox::new(self.connection);
        loop {
            let grace = if self.state.needs_sync { GRACE } else { Duration::ZERO };
            if self.findings_pending && inbox.is_idle(grace) {
                self.publish();
            }
            match inbox.next() {
                None => return End::Abrupt,
                Some(Message::Notification(note)) if note.method == "exit" => {
                    return if self.shutting_down { End::Orderly } else { End::Abrupt };
                }
                Some(Message::Notification(note)) => self.handle_notification(note),
                Some(Message::Request(request)) => self.handle_request(request),
                // The only request of the server is the registration for file changes; an editor that rejects it logs
                // the reason itself.
                Some(Message::Response(_)) => {}
            }
        }
    }

    /// Compiles what changed and publishes changed findings.
    fn publish(&mut self) {
        self.state.compile(self.options.probe);
        self.findings_pending = false;
        for params in self.published.changes(&self.state) {
            self.notify("textDocument/publishDiagnostics", params);
        }
        self.flush();
    }

    fn handle_notification(&mut self, note: Notification) {
        let Notification { method, params } = note;
        self.findings_pending = true;
        if method == "initialized" {
            self.send_all(capability::registrations(&self.state));
        }
        match panic_guard::catch_panic(|| notification::handle(&mut self.state, &method, params)) {
            Ok(Ok(())) => {}
            Ok(Err(why)) => self.state.log.push(format!("ignored `{method}`: {why}")),
            Err(panic) => self.state.log.push(format!("funnelc panicked in `{method}`: {panic}")),
        }
        self.flush();
    }

    fn handle_request(&mut self, request: Request) {
        let Request { id, method, params } = request;
        if method == "shutdown" {
            self.shutting_down = true;
            return self.send(Response::new_ok(id, ()));
        }
        if self.shutting_down {
            return self.send(RequestError::ShuttingDown.response(id));
        }
        self.state.compile(self.options.probe);
        let outcome = panic_guard::catch_panic(|| {
            (self.options.probe)(&method);
            request::answer(&mut self.state, &method, params)
        });
        match outcome {
            Ok(Ok(result)) => self.send(Response { id, response_result: Ok(result) }),
            Ok(Err(refusal)) => self.send(refusal.response(id)),
            Err(panic) => {
                self.state.log.push(format!("funnelc panicked in `{method}`: {panic}"));
                self.send(RequestError::Internal(panic).response(id));
            }
        }
        self.flush();
        if self.findings_pending {
            // Everything is compiled at this point.
            self.publish();
        }
    }

    /// Sends pending log messages.
    fn flush(&mut self) {
        for message in std::mem::take(&mut self.state.log) {
            self.notify("window/logMessage", LogMessageParams { kind: MessageType::Error, message });
        }
    }

    fn notify(&self, method: &str, params: impl Serialize) {
        self.send(Notification::new(method.to_owned(), params));
    }

    fn send_all(&self, messages: Vec<Message>) {
        messages.into_iter().for_each(|message| self.send(message));
    }

    fn send(&self, message: impl Into<Message>) {
        // A closed connection is detected when receiving.
        let _ = self.connection.sender.send(message.into());
    }
}
