//! What reaches the host's one thread: events from outside, and notices of its own tasks.

use super::{Delivery, Verdict};
use crate::diagnostic::{Code, Phrase};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Limit: submissions that wait for the host; whoever submits more waits.
const WAITING: usize = 64;

/// One event as it came, before it is checked.
#[derive(Debug, Clone)]
pub struct IncomingEvent {
    /// Where it came from; ids are unique within it.
    pub source: String,
    /// Its line there, from 1.
    pub line: Option<u64>,
    /// The id to use when it brings none, so that reading the same file again takes it once.
    pub fallback_id: Option<String>,
    /// The JSON, or why it is none.
    pub body: Result<serde_json::Value, MalformedEvent>,
}

/// Input that is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedEvent {
    /// Which rule it breaks.
    pub code: Code,
    /// How.
    pub message: Phrase,
    /// What to do.
    pub help: Phrase,
    /// What came, cut when it is very long.
    pub raw: String,
}

/// The host has ended, or is about to, and takes no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// The way into a running host; clones lead to the same one.
#[derive(Debug, Clone)]
pub struct Inbox {
    sender: mpsc::Sender<Submission>,
}

impl Inbox {
    /// Hands events over and waits until they are on disk. Out: one verdict an event, in order.
    ///
    /// # Errors
    /// [`Closed`] when the host took none of them, or ended before it could say.
    pub async fn submit(&self, events: Vec<IncomingEvent>) -> Result<Vec<Verdict>, Closed> {
        let (reply, verdicts) = oneshot::channel();
        self.sender.send(Submission::Events(events, Some(reply))).await.map_err(|_| Closed)?;
        verdicts.await.map_err(|_| Closed)
    }

    /// Whether the host takes no more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Hands over what a file or standard input holds, from a thread of its own; waits while the host is busy.
    pub(super) fn push(&self, submission: Submission) -> Result<(), Closed> {
        self.sender.blocking_send(submission).map_err(|_| Closed)
    }
}

/// What comes through an inbox.
#[derive(Debug)]
pub(super) enum Submission {
    /// Events, and whom to tell when they are on disk.
    Events(Vec<IncomingEvent>, Option<oneshot::Sender<Vec<Verdict>>>),
    /// The source holds no more, or could not be read further.
    Ended(Result<(), String>),
}

/// What the host's own tasks tell it.
#[derive(Debug)]
pub(super) enum Notice {
    /// An attempt to deliver came back.
    Delivered(Delivery),
    /// Someone asks the host to end cleanly.
    Stop,
    /// Someone asks again: it ends without waiting for deliveries.
    StopNow,
}

/// The host's end of both.
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
    let (sender, submissions) = mpsc::channel(WAITING);
    let (notify, notices) = mpsc::unbounded_channel();
    (Inbox { sender }, notify, Outlet { submissions, notices })
}

impl Outlet {
    /// Waits for the next thing; leaves submissions where they are unless `take` is set.
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

    /// A notice that is there already.
    pub(super) fn notice(&mut self) -> Option<Notice> {
        self.notices.try_recv().ok()
    }

    /// A submission that is there already.
    pub(super) fn submission(&mut self) -> Option<Submission> {
        self.submissions.try_recv().ok()
    }

    /// Lets no more submissions in.
    pub(super) fn close(&mut self) {
        self.submissions.close();
    }
}
