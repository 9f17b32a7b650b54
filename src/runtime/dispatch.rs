//! The outbox of all channels, and the tasks that deliver its messages. In: messages that are on disk. Out: notices.

use super::clock::WallClock;
use super::completion::Completion;
use super::health::LaneReport;
use super::inbox::Notice;
use super::lane::Lane;
use super::retry::Retry;
use crate::channel::{Channel, Channels, Failure, Receipt};
use crate::engine::Message;
use crate::parallel::processors;
use crate::store::{MessageChange, MessageState, Queued};
use crate::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Semaphore, mpsc};

/// Limit: threads for tasks.
const MAX_WORKERS: usize = 4;

/// Starts the threads that deliver messages and talk HTTP. One processor is left to the host's own thread, because
/// threads that take it away from each other only cost time; and it alone decides and writes, so many would wait for it.
pub(super) fn start_tasks() -> std::io::Result<Runtime> {
    let workers = processors().saturating_sub(1).clamp(1, MAX_WORKERS);
    Builder::new_multi_thread().worker_threads(workers).enable_all().build()
}

/// A finished delivery attempt.
#[derive(Debug)]
pub(super) struct Delivery {
    channel: String,
    no: i64,
    attempt: Attempt,
}

/// What came of an attempt.
#[derive(Debug)]
enum Attempt {
    /// The provider answered, or did not.
    Made(Result<Receipt, Failure>),
    /// It never began, because the host is shutting down, or the provider keeps failing.
    NotBegun,
    /// It never began, because the last moment passed while the message waited for a free connection.
    TooLate,
}

/// The lanes by name.
pub(super) struct Outbox {
    channels: Channels,
    retry: Retry,
    lanes: BTreeMap<String, Lane>,
    tasks: Handle,
    notify: mpsc::UnboundedSender<Notice>,
    /// The wall clock; `None` in virtual time.
    wall: Option<WallClock>,
    in_flight: usize,
}

impl Outbox {
    pub(super) fn new(
        channels: Channels,
        retry: Retry,
        tasks: Handle,
        notify: mpsc::UnboundedSender<Notice>,
        wall: Option<WallClock>,
    ) -> Self {
        Self { channels, retry, lanes: BTreeMap::new(), tasks, notify, wall, in_flight: 0 }
    }

    pub(super) fn lane(&mut self, name: &str) -> &mut Lane {
        let (channels, retry, is_virtual) = (&self.channels, self.retry, self.wall.is_none());
        self.lanes.entry(name.to_owned()).or_insert_with(|| Lane::new(channels.get(name), retry, is_virtual))
    }

    /// A lane that had messages since the host started.
    pub(super) fn known_lane(&mut self, name: &str) -> Option<&mut Lane> {
        self.lanes.get_mut(name)
    }

    /// What waits in each lane.
    pub(super) fn reports(&self, now: Timestamp) -> Vec<LaneReport> {
        self.lanes.iter().map(|(name, lane)| lane.report(name, now)).collect()
    }

    /// Whether nothing is queued or in flight.
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.values().all(Lane::is_empty)
    }

    /// How many attempts are in flight.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// When the next attempt may begin that may not begin now.
    pub(super) fn due_at(&self, at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        self.lanes.values().filter_map(|lane| lane.due_at(at, now)).min()
    }

    /// What to read from disk: lane, after which number, how many.
    pub(super) fn wanted(&self) -> Vec<(String, i64, usize)> {
        let wanted = |(name, lane): (&String, &Lane)| lane.wanted().map(|(after, limit)| (name.clone(), after, limit));
        self.lanes.iter().filter_map(wanted).collect()
    }

    /// Takes the messages to send now.
    pub(super) fn take(&mut self, at: Timestamp, now: Timestamp) -> Vec<Queued> {
        self.lanes.values_mut().flat_map(|lane| lane.take(at, now)).collect()
    }

    /// The mark that must be on disk before a message is sent.
    pub(super) fn mark(&mut self, job: &Queued, at: Timestamp) -> Option<MessageChange> {
        let state = MessageState::Sending;
        let marks = self.lane(&job.message.lane()).marks_sending();
        marks.then_some(MessageChange { no: job.no, state, attempts: job.attempts, at })
    }

    /// Starts the attempts of messages whose marks are on disk.
    pub(super) fn send(&mut self, jobs: Vec<Queued>) {
        for job in jobs {
            let name = job.message.lane();
            let lane = self.lane(&name);
            let (channel, permits) = (Arc::clone(&lane.channel), Arc::clone(&lane.permits));
            let is_resting = Arc::clone(&lane.is_resting);
            let (notify, wall) = (self.notify.clone(), self.wall.clone());
            self.in_flight += 1;
            self.tasks.spawn(async move {
                let mut report = Report { notify, channel: name, no: job.no, attempt: None };
                report.attempt = Some(deliver(channel, &permits, job.message, (wall, is_resting)).await);
            });
        }
    }

    /// Handles a finished attempt. `at` is the engine's time, `now` is steady.
    pub(super) fn complete(&mut self, delivery: Delivery, at: Timestamp, now: Timestamp) -> Option<Completion> {
        self.in_flight = self.in_flight.saturating_sub(1);
        let lane = self.lane(&delivery.channel);
        match delivery.attempt {
            Attempt::Made(result) => lane.complete(delivery.no, result, at, now),
            Attempt::NotBegun => {
                lane.untried(delivery.no, at).map(|change| Completion { change, outcome: None, opted_out: false })
            }
            Attempt::TooLate => lane.too_late(delivery.no, at),
        }
    }

    /// Drops messages that are not on disk.
    pub(super) fn forget(&mut self, numbers: &BTreeSet<i64>) {
        self.lanes.values_mut().for_each(|lane| lane.forget(numbers));
    }

    /// Removes the messages that are given up without another attempt.
    pub(super) fn give_up(&mut self, at: Timestamp, now: Timestamp) -> Vec<Completion> {
        self.lanes.values_mut().flat_map(|lane| lane.give_up(at, now)).collect()
    }

    /// Stops new attempts; those that wait for a free connection come back untried.
    pub(super) fn close(&self) {
        self.lanes.values().for_each(|lane| lane.permits.close());
    }
}

/// Makes one attempt.
async fn deliver(
    channel: Arc<dyn Channel>,
    permits: &Arc<Semaphore>,
    message: Message,
    (wall, is_resting): (Option<WallClock>, Arc<AtomicBool>),
) -> Attempt {
    let Ok(_permit) = permits.acquire().await else { return Attempt::NotBegun };
    if is_resting.load(Ordering::Relaxed) {
        return Attempt::NotBegun;
    }
    if let (Some(latest), Some(wall)) = (message.latest, wall)
        && latest <= wall.now()
    {
        return Attempt::TooLate;
    }
    Attempt::Made(channel.deliver(&message).await)
}

/// Reports an attempt when its task ends, also by a panic in a provider's code, which costs one message and not the host.
struct Report {
    notify: mpsc::UnboundedSender<Notice>,
    channel: String,
    no: i64,
    /// `None` until it is over.
    attempt: Option<Attempt>,
}

impl Drop for Report {
    fn drop(&mut self) {
        let crashed = || Failure::Unknown { reason: "the channel crashed while sending".to_owned() };
        let attempt = self.attempt.take().unwrap_or_else(|| Attempt::Made(Err(crashed())));
        let channel = std::mem::take(&mut self.channel);
        // Nobody listens when the host has ended; the store then knows which outcomes are unknown.
        let _ = self.notify.send(Notice::Delivered(Delivery { channel, no: self.no, attempt }));
    }
}
