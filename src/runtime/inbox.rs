//! The inputs of the host's main thread: events from outside, and notices of its own tasks.

use super::health::Health;
use super::{Delivery, RunError, Verdict};
use crate::diagnostic::{Code, Phrase};
use crate::engine::{Client, ClientId};
use crate::say;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Limit: submissions in the queue; further submitters wait.
const MAX_WAITING: usize = 64;

/// An event as received, before it is checked.
#[derive(Debug, Clone)]
pub struct IncomingEvent {
    /// Where it came from; ids are unique within a source.
    pub source: String,
    /// Its line in the source, from 1.
    pub line: Option<u64>,
    /// The id to use when the event has none, so that an event read twice from the same file is accepted once.
    pub fallback_id: Option<String>,
    /// The JSON, or why it is malformed.
    pub body: Result<serde_json::Value, MalformedEvent>,
}

/// Input that is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedEvent {
    /// The rule that it breaks.
    pub code: Code,
    /// What is wrong.
    pub message: Phrase,
    /// What to do.
    pub help: Phrase,
    /// The input, truncated when it is very long.
    pub raw: String,
    /// In which line of it that is, from 0.
    pub line: u64,
    /// The beginning of an event that is too long. Only a withdrawal of consent is taken from it.
    pub readable: Option<serde_json::Value>,
}

impl MalformedEvent {
    /// An event that is no longer where it was read first.
    pub(super) fn changed() -> Self {
        Self {
            code: Code::BadEvent,
            message: say!("the file has changed while it was read"),
            help: say!("run the command again when the file is complete"),
            raw: String::new(),
            line: 0,
            readable: None,
        }
    }
}

/// The host has ended or is shutting down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// The way to submit events to a running host; clones share one queue.
#[derive(Debug, Clone)]
pub struct Inbox {
    sender: mpsc::Sender<Submission>,
    health: Health,
}

impl Inbox {
    /// Submits events and waits until they are on disk. Returns one verdict for each event, in order.
    ///
    /// # Errors
    /// [`Closed`] when the host accepted none of them, or ended before it could answer.
    pub async fn submit(&self, events: Vec<IncomingEvent>) -> Result<Vec<Verdict>, Closed> {
        let (reply, verdicts) = oneshot::channel();
        self.sender.send(Submission::Events(events, Some(reply))).await.map_err(|_| Closed)?;
        verdicts.await.map_err(|_| Closed)
    }

    /// Returns a client as they are on disk, under their present id; `None` for an unknown client.
    ///
    /// # Errors
    /// [`Closed`] when the host has ended or is shutting down.
    pub async fn client(&self, id: ClientId) -> Result<Option<Box<Client>>, Closed> {
        let (reply, client) = oneshot::channel();
        self.ask(Question::Client(id, reply)).await?;
        client.await.map_err(|_| Closed)
    }

    /// Lets a lane try its waiting messages now, however long it was to wait. Returns how many there are; `None` for an
    /// unknown lane.
    ///
    /// # Errors
    /// [`Closed`] when the host has ended or is shutting down.
    pub async fn retry_lane(&self, name: String) -> Result<Option<usize>, Closed> {
        let (reply, count) = oneshot::channel();
        self.ask(Question::RetryLane(name, reply)).await?;
        count.await.map_err(|_| Closed)
    }

    async fn ask(&self, question: Question) -> Result<(), Closed> {
        self.sender.send(Submission::Question(question)).await.map_err(|_| Closed)
    }

    /// Waits until the host accepts nothing more.
    pub async fn closed(&self) {
        self.sender.closed().await;
    }

    /// Whether the host accepts nothing more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// What the host reports about itself.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Submits events from a thread of its own; waits while the host is busy.
    pub(super) fn push(&self, submission: Submission) -> Result<(), Closed> {
        self.sender.blocking_send(submission).map_err(|_| Closed)
    }
}

/// What is submitted through an inbox.
#[derive(Debug)]
pub(super) enum Submission {
    /// Events, and where to send their verdicts once they are on disk.
    Events(Vec<IncomingEvent>, Option<oneshot::Sender<Vec<Verdict>>>),
    /// The source has ended, or could not be read further; and whether its events were sorted.
    Ended(Result<bool, RunError>),
    /// A question, answered after the next commit.
    Question(Question),
}

/// What somebody asks the host, and where to send the answer.
#[derive(Debug)]
pub(super) enum Question {
    /// A client as they are on disk.
    Client(ClientId, oneshot::Sender<Option<Box<Client>>>),
    /// To let a lane try its waiting messages now.
    RetryLane(String, oneshot::Sender<Option<usize>>),
}

/// What the host's own tasks report.
#[derive(Debug)]
pub(super) enum Notice {
    /// A delivery attempt has finished.
    Delivered(Delivery),
    /// A request to shut down.
    Stop,
    /// A second request: shut down without waiting for deliveries.
    StopNow,
}

/// The host's end of both queues.
#[derive(Debug)]
pub(super) struct Outlet {
    submissions: mpsc::Receiver<Submission>,
    notices: mpsc::UnboundedReceiver<Notice>,
}

/// What ended a wait.
#[derive(Debug)]
pub(super) enum Woken {
    Submission(Submission),
    Notice(Notice),
    Timeout,
}

pub(super) fn open() -> (Inbox, mpsc::UnboundedSender<Notice>, Outlet) {
    let (sender, submissions) = mpsc::channel(MAX_WAITING);
    let (notify, notices) = mpsc::unbounded_channel();
    (Inbox { sender, health: Health::new() }, notify, Outlet { submissions, notices })
}

impl Outlet {
    /// Waits for the next item; leaves submissions in their queue unless `take` is set.
    pub(super) async fn wait(&mut self, take: bool, timeout: Option<Duration>) -> Woken {
        let pause = async {
            match timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(notice) = self.notices.recv() => Woken::Notice(notice),
            Some(submission) = self.submissions.recv(), if take => Woken::Submission(submission),
            () = pause => Woken::Timeout,
        }
    }

    /// A notice that has already arrived.
    pub(super) fn notice(&mut self) -> Option<Notice> {
        self.notices.try_recv().ok()
    }

    /// A submission that has already arrived.
    pub(super) fn submission(&mut self) -> Option<Submission> {
        self.submissions.try_recv().ok()
    }

    /// Refuses further submissions.
    pub(super) fn close(&mut self) {
        self.submissions.close();
    }
}
