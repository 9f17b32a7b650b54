//! The queue of incoming messages. Cancels requests that are still waiting.

use super::request_error::RequestError;
use gen_lsp_types::{CancelParams, Id};
use lsp_server::{Connection, Message, RequestId};
use std::collections::VecDeque;
use std::time::Duration;

/// The queue of incoming messages.
pub(super) struct Inbox<'c> {
    connection: &'c Connection,
    waiting: VecDeque<Message>,
}

impl<'c> Inbox<'c> {
    /// Creates a queue for a connection.
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, waiting: VecDeque::new() }
    }

    /// Returns whether no message is waiting or arrives within `grace`.
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

    /// Waits for the next message; `None` when the connection is closed.
    pub(super) fn next(&mut self) -> Option<Message> {
        self.fill();
        // A cancellation leaves the queue empty.
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

    /// Cancels a waiting request; one that has been answered is ignored.
    fn cancel(&mut self, id: &RequestId) {
        let same = |message: &Message| matches!(message, Message::Request(request) if request.id == *id);
        if let Some(at) = self.waiting.iter().position(same) {
            self.waiting.remove(at);
            // If the editor is gone, it needs no answer.
            let _ = self.connection.sender.send(RequestError::Cancelled.response(id.clone()).into());
        }
    }
}
