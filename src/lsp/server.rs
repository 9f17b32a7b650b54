//! The loop. In: messages in their order. Out: an answer to each request, and findings whenever nothing waits. A fault of
//! our own is an answer too, and the loop goes on.

use super::inbox::Inbox;
use super::publish::Published;
use super::refusal::Refusal;
use super::state::{Folder, State};
use super::{End, Options, capability, client, guard, notification, request};
use gen_lsp_types::{InitializeParams, LogMessageParams, MessageType};
use lsp_server::{Connection, Message, Notification, Request, Response};
use serde::Serialize;
use std::time::Duration;

/// How long an editor that has just begun has to say which text is open, before all of its folders are looked at.
const GRACE: Duration = Duration::from_millis(300);

/// Serves an editor until it leaves.
#[must_use]
pub fn serve(connection: &Connection, options: Options<'_>) -> End {
    let Ok((id, params)) = connection.initialize_start() else { return End::Abrupt };
    let mut server = Server {
        connection,
        options,
        state: State::default(),
        published: Published::default(),
        untold: false,
        ending: false,
    };
    // What cannot be understood of it is as if it were not said.
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
    /// Whether something was told since the findings were.
    untold: bool,
    /// Whether the editor has asked for the shut-down.
    ending: bool,
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
            let grace = if self.state.unsettled { GRACE } else { Duration::ZERO };
            if self.untold && inbox.is_idle(grace) {
                self.tell();
            }
            match inbox.next() {
                None => return End::Abrupt,
                Some(Message::Notification(note)) if note.method == "exit" => {
                    return if self.ending { End::Orderly } else { End::Abrupt };
                }
                Some(Message::Notification(note)) => self.notified(note),
                Some(Message::Request(request)) => self.answer(request),
                // The server only asks to be told of files; whoever refuses says so in its own log.
                Some(Message::Response(_)) => {}
            }
        }
    }

    /// Compiles what changed, and tells the findings that are others now.
    fn tell(&mut self) {
        self.state.compile(self.options.probe);
        self.untold = false;
        for params in self.published.news(&self.state) {
            self.notify("textDocument/publishDiagnostics", params);
        }
        self.flush();
    }

    fn notified(&mut self, note: Notification) {
        let Notification { method, params } = note;
        self.untold = true;
        if method == "initialized" {
            self.send_all(capability::registrations(&self.state));
        }
        match guard::guarded(|| notification::take(&mut self.state, &method, params)) {
            Ok(Ok(())) => {}
            Ok(Err(why)) => self.state.log.push(format!("`{method}` is left alone: {why}")),
            Err(said) => self.state.log.push(format!("a fault of funnelc in `{method}`: {said}")),
        }
        self.flush();
    }

    fn answer(&mut self, request: Request) {
        let Request { id, method, params } = request;
        if method == "shutdown" {
            self.ending = true;
            return self.send(Response::new_ok(id, ()));
        }
        if self.ending {
            return self.send(Refusal::Ended.response(id));
        }
        self.state.compile(self.options.probe);
        let answered = guard::guarded(|| {
            (self.options.probe)(&method);
            request::answer(&mut self.state, &method, params)
        });
        match answered {
            Ok(Ok(result)) => self.send(Response { id, response_result: Ok(result) }),
            Ok(Err(refusal)) => self.send(refusal.response(id)),
            Err(said) => {
                self.state.log.push(format!("a fault of funnelc in `{method}`: {said}"));
                self.send(Refusal::Fault(said).response(id));
            }
        }
        self.flush();
        if self.untold {
            // All of it is compiled now.
            self.tell();
        }
    }

    /// Sends what is to be logged.
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
        // An editor that is gone is noticed where its messages are awaited.
        let _ = self.connection.sender.send(message.into());
    }
}
