//! Messages that wait. In: those of the editor, in order. Out: the next one; a request that is taken back while it waits is
//! answered at once.

use super::request_error::RequestError;
use gen_lsp_types::{CancelParams, Id};
use lsp_server::{Connection, Message, RequestId};
use std::collections::VecDeque;
use std::time::Duration;

/// Messages that wait.
pub(super) struct Inbox<'c> {
    connection: &'c Connection,
    waiting: VecDeque<Message>,
}

impl<'c> Inbox<'c> {
    /// Receives from a connection.
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, waiting: VecDeque::new() }
    }

    /// Whether nothing waits, nor comes for so long.
    pub(super) fn is_idle(&mut self, grace: Duration) -> bool {
        self.fill();
        if self.waiting.is_empty()
            && !grace.is_zero()
            && let Ok(message) = self.connection.receiver.recv_timeout(grace)
        {
            self.accept(message);
        }
        self.waiting.is_empty()
    }

    /// The next message, however long it takes; `None` when the editor is gone.
    pub(super) fn next(&mut self) -> Option<Message> {
        self.fill();
        // A message that takes another back leaves nothing.
        while self.waiting.is_empty() {
            let message = self.connection.receiver.recv().ok()?;
            self.accept(message);
            self.fill();
        }
        self.waiting.pop_front()
    }

    fn fill(&mut self) {
        while let Ok(message) = self.connection.receiver.try_recv() {
            self.accept(message);
        }
    }

    fn accept(&mut self, message: Message) {
        match message {
            Message::Notification(note) if note.method == "$/cancelRequest" => {
                if let Ok(params) = serde_json::from_value::<CancelParams>(note.params) {
                    self.cancel(&match params.id {
                        Id::Int(id) => RequestId::from(id),
                        Id::String(id) => RequestId::from(id),
                    });
                }
            }
            message => self.waiting.push_back(message),
        }
    }

    /// Answers a request that waits; one that was answered already is left alone.
    fn cancel(&mut self, id: &RequestId) {
        let same = |message: &Message| matches!(message, Message::Request(request) if request.id == *id);
        if let Some(at) = self.waiting.iter().position(same) {
            self.waiting.remove(at);
            // An editor that is gone needs no answer.
            let _ = self.connection.sender.send(RequestError::Cancelled.response(id.clone()).into());
        }
    }
}
