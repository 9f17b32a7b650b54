//! The outbox of one channel. In: messages, and results of delivery attempts. Out: which messages to try now, and their
//! completions. It never blocks: a message that has to be retried later steps aside and lets the others pass.

use super::completion::{Completion, Retrying, ended, finished, interrupted, lapsed};
use super::health::LaneReport;
use super::retry::{Breaker, Retry};
use crate::channel::{Channel, Failure, Limits, OnUnknown, Receipt};
use crate::store::{MessageChange, MessageState, Queued};
use crate::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Semaphore;

/// Limit: messages of one channel in memory; the rest stay on disk until there is room.
const MAX_IN_MEMORY: usize = 2048;

/// How many attempts may be in flight or wait for a free connection, where an early start does no harm.
const MAX_IN_FLIGHT: usize = 512;

/// How many attempts may be in flight at first. Each success adds one, so that a provider that is down, or was, is not met
/// with hundreds of requests at once; a failure halves it.
const FIRST_PACE: usize = 8;

/// The outbox of one channel.
pub(super) struct Lane {
    pub(super) channel: Arc<dyn Channel>,
    /// One permit for each delivery that the provider accepts at the same time.
    pub(super) permits: Arc<Semaphore>,
    limits: Limits,
    on_unknown: OnUnknown,
    retry: Retry,
    ready: VecDeque<Queued>,
    /// Messages to retry, by due time and number.
    retrying: BTreeMap<(Timestamp, i64), Retrying>,
    in_flight: BTreeMap<i64, Retrying>,
    /// When recent attempts began, as far as the limit per second looks back.
    recent_starts: VecDeque<Timestamp>,
    breaker: Breaker,
    /// Whether the breaker is open, for attempts that wait for a free connection.
    pub(super) is_resting: Arc<AtomicBool>,
    /// How many attempts may be in flight by what the provider has accepted so far.
    pace: usize,
    /// Since when nothing has come back.
    silent_since: Timestamp,
    /// The number after which messages are only on disk; `None` when all are in memory.
    on_disk_after: Option<i64>,
    /// Whether time is virtual.
    is_virtual: bool,
    /// Messages whose last moment had passed when it was their turn.
    too_late: Vec<Retrying>,
}

impl Lane {
    pub(super) fn new(channel: Arc<dyn Channel>, retry: Retry, is_virtual: bool) -> Self {
        let (limits, on_unknown) = (channel.limits(), channel.on_unknown());
        let retry = Retry { age: channel.give_up().unwrap_or(retry.age), ..retry };
        Self {
            channel,
            permits: Arc::new(Semaphore::new(limits.concurrency.max(1))),
            limits,
            on_unknown,
            retry,
            ready: VecDeque::new(),
            retrying: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            recent_starts: VecDeque::new(),
            breaker: Breaker::default(),
            is_resting: Arc::default(),
            pace: FIRST_PACE,
            silent_since: Timestamp(0),
            on_disk_after: None,
            is_virtual,
            too_late: Vec::new(),
        }
    }

    /// Adds a new message; it is on disk with the next commit.
    pub(super) fn push(&mut self, queued: Queued) {
        if self.on_disk_after.is_some() {
            return;
        }
        if self.ready.len() >= MAX_IN_MEMORY {
            self.on_disk_after = Some(queued.no - 1);
            return;
        }
        self.ready.push_back(queued);
    }

    /// Drops messages that are not on disk.
    pub(super) fn forget(&mut self, numbers: &BTreeSet<i64>) {
        self.ready.retain(|queued| !numbers.contains(&queued.no));
        self.in_flight.retain(|no, _| !numbers.contains(no));
    }

    /// Notes that there are messages on disk after a number.
    pub(super) fn read_from_disk(&mut self, after: i64) {
        self.on_disk_after = Some(after);
    }

    /// After which number, and how many messages, to read from disk now.
    pub(super) fn wanted(&self) -> Option<(i64, usize)> {
        self.on_disk_after.filter(|_| self.ready.len() < MAX_IN_MEMORY / 4).map(|after| (after, MAX_IN_MEMORY / 2))
    }

    /// Adds messages that were read from disk.
    pub(super) fn refill(&mut self, rows: Vec<Queued>, limit: usize) {
        self.on_disk_after = if rows.len() < limit { None } else { rows.last().map(|row| row.no) };
        for row in rows {
            match row.retry_at {
                Some(at) => {
                    self.retrying.insert((at, row.no), Retrying { queued: row, failure: None });
                }
                None => self.ready.push_back(row),
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        let is_known = self.ready.is_empty() && self.retrying.is_empty() && self.too_late.is_empty();
        is_known && self.in_flight.is_empty() && self.on_disk_after.is_none()
    }

    /// Whether the store must show a crash in the middle of an attempt.
    pub(super) fn marks_sending(&self) -> bool {
        self.on_unknown != OnUnknown::Retry
    }

    /// Takes the messages to send now. `at` is the engine's time, `now` is steady.
    pub(super) fn take(&mut self, at: Timestamp, now: Timestamp) -> Vec<Queued> {
        let mut taken = Vec::new();
        while self.room(now) > 0 {
            let Some(next) = self.next(now) else { break };
            // An open breaker lets one attempt probe the provider.
            self.is_resting.store(false, Ordering::Relaxed);
            if self.lapses_at(&next.queued, at, now).is_some_and(|lapses| lapses <= now) {
                self.too_late.push(next);
                continue;
            }
            if self.in_flight.is_empty() {
                self.silent_since = now;
            }
            if self.limits.per_second.is_some() {
                self.recent_starts.push_back(now);
            }
            taken.push(next.queued.clone());
            self.in_flight.insert(next.queued.no, next);
        }
        taken
    }

    fn next(&mut self, now: Timestamp) -> Option<Retrying> {
        match self.retrying.first_entry() {
            Some(first) if first.key().0 <= now => Some(first.remove()),
            Some(_) | None => self.ready.pop_front().map(|queued| Retrying { queued, failure: None }),
        }
    }

    /// The steady time from which a message is too late. Virtual time stands still while a message is delivered, so only
    /// what a failing provider costs counts there: the message was as early as its run decided on it.
    fn lapses_at(&self, queued: &Queued, at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let latest = queued.message.latest?;
        if !self.is_virtual {
            return Some(now.plus_ms(latest.0.saturating_sub(at.0)));
        }
        let fails = queued.attempts > 0 || self.breaker.open_until().is_some();
        fails.then(|| queued.queued_at.plus_ms(latest.0.saturating_sub(queued.message.at.0)))
    }

    /// How many attempts may begin now.
    fn room(&mut self, now: Timestamp) -> usize {
        let rate = match self.limits.per_second {
            Some(rate) => {
                while self.recent_starts.front().is_some_and(|at| at.plus_ms(1_000) <= now) {
                    self.recent_starts.pop_front();
                }
                (rate.max(1) as usize).saturating_sub(self.recent_starts.len())
            }
            None => usize::MAX,
        };
        let window = self.window().saturating_sub(self.in_flight.len());
        window.min(rate).min(self.breaker.allows(now, self.in_flight.len()))
    }

    /// How many attempts may be in flight. Only those that are really being sent, where a crash would leave them
    /// unknown for good or a rate must be kept; otherwise more, so that the next one is ready when another comes back.
    fn window(&self) -> usize {
        let own = self.limits.concurrency.max(1);
        let window = if self.on_unknown == OnUnknown::Skip || self.limits.per_second.is_some() {
            own
        } else {
            own.max(MAX_IN_FLIGHT)
        };
        window.min(self.pace)
    }

    /// When the next attempt may begin that may not begin now; `None` when only a response can change that.
    pub(super) fn due_at(&self, at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let given_up = self.gives_up_at(at, now);
        if self.ready.is_empty() && self.retrying.is_empty() {
            return given_up;
        }
        let first = if self.ready.is_empty() { self.retrying.keys().next()?.0 } else { now };
        let rate = match self.limits.per_second {
            Some(rate) if self.recent_starts.len() >= rate.max(1) as usize => {
                self.recent_starts.front()?.plus_ms(1_000)
            }
            Some(_) | None => now,
        };
        let rest = self.breaker.open_until().unwrap_or(now);
        let resting = self.breaker.open_until().is_some() && !self.in_flight.is_empty();
        if resting || self.in_flight.len() >= self.window() {
            return given_up;
        }
        Some(first.max(rate).max(rest)).into_iter().chain(given_up).min()
    }

    /// Removes the messages whose time is up, so that nobody waits for their next attempt. While the breaker is open,
    /// these include messages that were never tried.
    pub(super) fn give_up(&mut self, at: Timestamp, now: Timestamp) -> Vec<Completion> {
        if self.gives_up_at(at, now).is_none_or(|first| first > now) {
            return Vec::new();
        }
        self.set_late_aside(at, now);
        let too_late = std::mem::take(&mut self.too_late);
        let mut completion: Vec<_> = too_late.into_iter().map(|late| lapsed(late, at)).collect();
        for (key, Retrying { queued, failure }) in std::mem::take(&mut self.retrying) {
            match failure {
                Some(failure) if self.retry.is_exhausted(queued.attempts, queued.queued_at, now) => {
                    completion.push(finished(queued, Err(failure), at));
                }
                failure => _ = self.retrying.insert(key, Retrying { queued, failure }),
            }
        }
        while self.breaker.open_until().is_some()
            && let Some(queued) = self.ready.pop_front()
        {
            if !self.retry.is_exhausted(queued.attempts, queued.queued_at, now) {
                self.ready.push_front(queued);
                break;
            }
            let reason = "skipped: circuit open".to_owned();
            completion.push(finished(queued, Err(Failure::Permanent { reason }), at));
        }
        completion
    }

    /// Sets aside the messages that are too late.
    fn set_late_aside(&mut self, at: Timestamp, now: Timestamp) {
        let is_late = |queued: &Queued| self.lapses_at(queued, at, now).is_some_and(|lapses| lapses <= now);
        let late: BTreeSet<i64> = self.waiting().filter(|queued| is_late(queued)).map(|queued| queued.no).collect();
        if late.is_empty() {
            return;
        }
        let retrying = std::mem::take(&mut self.retrying).into_iter();
        let (retried, retrying): (Vec<_>, Vec<_>) = retrying.partition(|(key, _)| late.contains(&key.1));
        self.retrying = retrying.into_iter().collect();
        self.too_late.extend(retried.into_iter().map(|(_, later)| later));
        let (late, ready) = std::mem::take(&mut self.ready).into_iter().partition(|queued| late.contains(&queued.no));
        self.ready = ready;
        let late: VecDeque<Queued> = late;
        self.too_late.extend(late.into_iter().map(|queued| Retrying { queued, failure: None }));
    }

    /// The messages in memory that wait for an attempt.
    fn waiting(&self) -> impl Iterator<Item = &Queued> {
        self.ready.iter().chain(self.retrying.values().map(|later| &later.queued))
    }

    /// When the first message is given up, or too late.
    fn gives_up_at(&self, at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        if !self.too_late.is_empty() {
            return Some(now);
        }
        let lapses = self.waiting().filter_map(|queued| self.lapses_at(queued, at, now));
        let age = i64::try_from(self.retry.age.as_millis()).unwrap_or(i64::MAX);
        let failed = self.retrying.values().filter(|later| later.failure.is_some()).map(|later| &later.queued);
        let untried = self.ready.front().filter(|_| self.breaker.open_until().is_some());
        failed.chain(untried).map(|queued| queued.queued_at.plus_ms(age)).chain(lapses).min()
    }

    /// Tries the waiting messages now, however long they were to wait. Returns how many there are in memory.
    pub(super) fn retry_now(&mut self, now: Timestamp) -> usize {
        self.breaker.on_response();
        self.is_resting.store(false, Ordering::Relaxed);
        self.pace = self.pace.max(FIRST_PACE);
        self.retrying = std::mem::take(&mut self.retrying)
            .into_iter()
            .map(|((at, no), later)| ((at.min(now), no), later))
            .collect();
        self.ready.len() + self.retrying.len()
    }

    /// What waits in it.
    pub(super) fn report(&self, name: &str, now: Timestamp) -> LaneReport {
        LaneReport {
            name: name.to_owned(),
            waiting: self.ready.len() + self.retrying.len(),
            more_on_disk: self.on_disk_after.is_some(),
            in_flight: self.in_flight.len(),
            is_paused: self.breaker.open_until().is_some(),
            silent_ms: if self.in_flight.is_empty() { 0 } else { now.0.saturating_sub(self.silent_since.0) },
        }
    }

    /// Puts back a message that was taken but never tried.
    pub(super) fn untried(&mut self, no: i64, at: Timestamp) -> Option<MessageChange> {
        let Retrying { queued, .. } = self.in_flight.remove(&no)?;
        let state = MessageState::Queued { retry_at: queued.retry_at, reason: None };
        let change = MessageChange { no, state, attempts: queued.attempts, at };
        // Those that waited behind others come back in any order.
        let place = self.ready.partition_point(|other| other.no < no);
        self.ready.insert(place, queued);
        Some(change)
    }

    /// Ends a message that was taken but never tried, because its last moment has passed.
    pub(super) fn too_late(&mut self, no: i64, at: Timestamp) -> Option<Completion> {
        Some(lapsed(self.in_flight.remove(&no)?, at))
    }

    /// Ends a message that was taken but never tried, because it is no longer wanted.
    pub(super) fn withdraw(&mut self, no: i64, reason: &str, at: Timestamp) -> Option<Completion> {
        Some(ended(self.in_flight.remove(&no)?, reason, at))
    }

    /// Holds a message that was taken but never tried until a steady time.
    pub(super) fn hold(&mut self, no: i64, until: Timestamp, at: Timestamp) -> Option<MessageChange> {
        let mut held = self.in_flight.remove(&no)?;
        held.queued.retry_at = Some(until);
        let state = MessageState::Queued { retry_at: Some(until), reason: None };
        let change = MessageChange { no, state, attempts: held.queued.attempts, at };
        self.retrying.insert((until, no), held);
        Some(change)
    }

    /// Decides on a message that was being sent when the last process ended.
    pub(super) fn interrupted(&self, queued: Queued, at: Timestamp, now: Timestamp) -> Completion {
        let is_late = self.lapses_at(&queued, at, now).is_some_and(|lapses| lapses <= now);
        interrupted(queued, self.on_unknown == OnUnknown::Skip || is_late, at)
    }

    /// Handles the result of an attempt. `at` is the engine's time, `now` is steady.
    pub(super) fn complete(
        &mut self,
        no: i64,
        result: Result<Receipt, Failure>,
        at: Timestamp,
        now: Timestamp,
    ) -> Option<Completion> {
        let Retrying { mut queued, .. } = self.in_flight.remove(&no)?;
        self.silent_since = now;
        queued.attempts = queued.attempts.saturating_add(1);
        let again = match &result {
            Ok(_) | Err(Failure::Permanent { .. } | Failure::OptedOut { .. }) => {
                self.breaker.on_response();
                self.pace = self.pace.saturating_add(1).min(MAX_IN_FLIGHT.max(self.limits.concurrency));
                false
            }
            Err(Failure::Retry { .. }) => true,
            Err(Failure::Unknown { .. }) => self.on_unknown != OnUnknown::Skip,
        };
        if matches!(result, Err(Failure::Retry { .. } | Failure::Unknown { .. })) {
            self.breaker.on_failure(now);
            self.pace = (self.pace / 2).max(1);
        }
        self.is_resting.store(self.breaker.open_until().is_some(), Ordering::Relaxed);
        match result {
            Err(failure) if again && !self.retry.is_exhausted(queued.attempts, queued.queued_at, now) => {
                Some(self.schedule_retry(queued, failure, at, now))
            }
            result => Some(finished(queued, result, at)),
        }
    }

    fn schedule_retry(&mut self, mut queued: Queued, failure: Failure, at: Timestamp, now: Timestamp) -> Completion {
        let asked = match &failure {
            Failure::Retry { after, .. } => *after,
            Failure::Permanent { .. } | Failure::OptedOut { .. } | Failure::Unknown { .. } => None,
        };
        let pause = self.retry.pause(&queued.message.id, queued.attempts, asked);
        if queued.attempts == 1 {
            let (lane, reason) = (queued.message.lane(), failure.reason());
            tracing::warn!("{lane}: {reason}; retrying, {} more waiting", self.in_flight.len() + self.retrying.len());
        }
        let retry_at = now.plus_ms(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        queued.retry_at = Some(retry_at);
        let state = MessageState::Queued { retry_at: Some(retry_at), reason: Some(failure.reason().to_owned()) };
        let change = MessageChange { no: queued.no, state, attempts: queued.attempts, at };
        self.retrying.insert((retry_at, queued.no), Retrying { queued, failure: Some(failure) });
        Completion { change, outcome: None, opted_out: false }
    }
}

#[cfg(test)]
#[path = "lane_tests.rs"]
pub(super) mod tests;
