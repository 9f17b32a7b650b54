//! The outbox of one channel. In: messages, and what came of attempts. Out: which to try now, and what became of them.
//! It waits for nothing itself: a message that must be tried again later steps aside and lets the others pass.

use super::retry::{Breaker, Retry};
use crate::channel::{Channel, Failure, Limits, OnUnknown, Receipt};
use crate::engine::{Message, Outcome};
use crate::store::{Delivered, MessageChange, MessageState, Queued};
use crate::value::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Limit: messages of one channel in memory; the rest stay on disk until there is room.
const HELD: usize = 2048;

/// How many attempts may be under way or waiting for a free connection, where starting one early does no harm.
const AHEAD: usize = 512;

/// The outbox of one channel.
pub(super) struct Lane {
    pub(super) channel: Arc<dyn Channel>,
    /// As many as deliveries may be under way at the provider.
    pub(super) permits: Arc<Semaphore>,
    limits: Limits,
    on_unknown: OnUnknown,
    retry: Retry,
    ready: VecDeque<Queued>,
    /// Those that failed, by when and in what order they are tried again.
    later: BTreeMap<(Timestamp, i64), Queued>,
    under_way: BTreeMap<i64, Queued>,
    /// When the last attempts began, as far as the limit per second asks.
    begun: VecDeque<Timestamp>,
    breaker: Breaker,
    /// The number after which messages are on disk only; `None` when all are here.
    on_disk_after: Option<i64>,
}

/// An attempt that came to an end.
pub(super) struct Settled {
    /// What is to be written.
    pub(super) change: MessageChange,
    /// What the engine is to be told; nothing while the message is tried again.
    pub(super) outcome: Option<(Message, Outcome)>,
}

impl Lane {
    pub(super) fn new(channel: Arc<dyn Channel>, retry: Retry) -> Self {
        let (limits, on_unknown) = (channel.limits(), channel.on_unknown());
        Self {
            channel,
            permits: Arc::new(Semaphore::new(limits.concurrency.max(1))),
            limits,
            on_unknown,
            retry,
            ready: VecDeque::new(),
            later: BTreeMap::new(),
            under_way: BTreeMap::new(),
            begun: VecDeque::new(),
            breaker: Breaker::default(),
            on_disk_after: None,
        }
    }

    /// Takes a new message; it is on disk with the next commit.
    pub(super) fn push(&mut self, queued: Queued) {
        if self.on_disk_after.is_some() {
            return;
        }
        if self.ready.len() >= HELD {
            self.on_disk_after = Some(queued.no - 1);
            return;
        }
        self.ready.push_back(queued);
    }

    /// Says that there are messages on disk after a number.
    pub(super) fn look_on_disk(&mut self, after: i64) {
        self.on_disk_after = Some(after);
    }

    /// After which number, and how many, to read from disk now.
    pub(super) fn wanted(&self) -> Option<(i64, usize)> {
        self.on_disk_after.filter(|_| self.ready.len() < HELD / 4).map(|after| (after, HELD / 2))
    }

    /// Takes what was read from disk.
    pub(super) fn refill(&mut self, rows: Vec<Queued>, limit: usize) {
        self.on_disk_after = if rows.len() < limit { None } else { rows.last().map(|row| row.no) };
        for row in rows {
            match row.retry_at {
                Some(at) => {
                    self.later.insert((at, row.no), row);
                }
                None => self.ready.push_back(row),
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.later.is_empty() && self.under_way.is_empty() && self.on_disk_after.is_none()
    }

    /// Whether a crash in the middle of an attempt must be seen in the store.
    pub(super) fn marks_sending(&self) -> bool {
        self.on_unknown != OnUnknown::Retry
    }

    /// Takes the messages whose turn it is.
    pub(super) fn take(&mut self, now: Timestamp) -> Vec<Queued> {
        let mut taken = Vec::new();
        while self.room(now) > 0 {
            let Some(queued) = self.next(now) else { break };
            if self.limits.per_second.is_some() {
                self.begun.push_back(now);
            }
            self.under_way.insert(queued.no, queued.clone());
            taken.push(queued);
        }
        taken
    }

    fn next(&mut self, now: Timestamp) -> Option<Queued> {
        match self.later.first_entry() {
            Some(first) if first.key().0 <= now => Some(first.remove()),
            Some(_) | None => self.ready.pop_front(),
        }
    }

    /// How many attempts may begin now.
    fn room(&mut self, now: Timestamp) -> usize {
        let rate = match self.limits.per_second {
            Some(rate) => {
                while self.begun.front().is_some_and(|at| at.plus_ms(1_000) <= now) {
                    self.begun.pop_front();
                }
                (rate.max(1) as usize).saturating_sub(self.begun.len())
            }
            None => usize::MAX,
        };
        let window = self.window().saturating_sub(self.under_way.len());
        window.min(rate).min(self.breaker.allows(now, self.under_way.len()))
    }

    /// How many may be under way. Where a crash would leave them unknown for good, or a rate is to be kept, those
    /// that are really being sent; else more, so that the next is at hand when one comes back.
    fn window(&self) -> usize {
        let own = self.limits.concurrency.max(1);
        if self.on_unknown == OnUnknown::Skip || self.limits.per_second.is_some() { own } else { own.max(AHEAD) }
    }

    /// When something may begin that may not now; `None` when only an answer can change that.
    pub(super) fn due_at(&self, now: Timestamp) -> Option<Timestamp> {
        let first = if self.ready.is_empty() { self.later.keys().next()?.0 } else { now };
        let rate = match self.limits.per_second {
            Some(rate) if self.begun.len() >= rate.max(1) as usize => self.begun.front()?.plus_ms(1_000),
            Some(_) | None => now,
        };
        let rest = self.breaker.opens_at().unwrap_or(now);
        let resting = self.breaker.opens_at().is_some() && !self.under_way.is_empty();
        if resting || self.under_way.len() >= self.window() { None } else { Some(first.max(rate).max(rest)) }
    }

    /// Puts back a message that was taken but never tried.
    pub(super) fn untried(&mut self, no: i64, at: Timestamp) -> Option<MessageChange> {
        let queued = self.under_way.remove(&no)?;
        let state = MessageState::Queued { retry_at: queued.retry_at, reason: None };
        let change = MessageChange { no, state, attempts: queued.attempts, at };
        self.ready.push_front(queued);
        Some(change)
    }

    /// Takes what came of an attempt. `at` is the engine's time, `now` the steady one.
    pub(super) fn settle(
        &mut self,
        no: i64,
        result: Result<Receipt, Failure>,
        at: Timestamp,
        now: Timestamp,
    ) -> Option<Settled> {
        let mut queued = self.under_way.remove(&no)?;
        queued.attempts = queued.attempts.saturating_add(1);
        let again = match &result {
            Ok(_) | Err(Failure::Permanent { .. }) => {
                self.breaker.answered();
                false
            }
            Err(Failure::Retry { .. }) => true,
            Err(Failure::Unknown { .. }) => self.on_unknown != OnUnknown::Skip,
        };
        if matches!(result, Err(Failure::Retry { .. } | Failure::Unknown { .. })) {
            self.breaker.failed(now);
        }
        match result {
            Err(failure) if again && !self.retry.is_enough(queued.attempts, queued.queued_at, now) => {
                Some(self.put_off(queued, &failure, at, now))
            }
            result => Some(ended(queued, result, at)),
        }
    }

    fn put_off(&mut self, mut queued: Queued, failure: &Failure, at: Timestamp, now: Timestamp) -> Settled {
        let asked = match failure {
            Failure::Retry { after, .. } => *after,
            Failure::Permanent { .. } | Failure::Unknown { .. } => None,
        };
        let pause = self.retry.pause(&queued.message.id, queued.attempts, asked);
        let retry_at = now.plus_ms(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        queued.retry_at = Some(retry_at);
        let state = MessageState::Queued { retry_at: Some(retry_at), reason: Some(failure.reason().to_owned()) };
        let change = MessageChange { no: queued.no, state, attempts: queued.attempts, at };
        self.later.insert((retry_at, queued.no), queued);
        Settled { change, outcome: None }
    }
}

fn ended(queued: Queued, result: Result<Receipt, Failure>, at: Timestamp) -> Settled {
    let delivered = match result {
        Ok(receipt) => Delivered::Sent { provider_id: receipt.provider_id },
        Err(Failure::Permanent { reason }) => Delivered::NotSent { reason },
        Err(Failure::Retry { reason, .. }) => {
            Delivered::NotSent { reason: format!("given up after {} attempts: {reason}", queued.attempts) }
        }
        Err(Failure::Unknown { reason }) => Delivered::Unknown { reason },
    };
    let outcome = match &delivered {
        Delivered::Sent { .. } => Outcome::Sent,
        Delivered::NotSent { reason } => Outcome::NotSent { reason: reason.clone() },
        Delivered::Unknown { reason } => Outcome::Unknown { reason: reason.clone() },
    };
    let change = MessageChange { no: queued.no, state: MessageState::Ended(delivered), attempts: queued.attempts, at };
    Settled { change, outcome: Some((queued.message, outcome)) }
}

/// What becomes of a message that was being sent when the last process ended.
pub(super) fn interrupted(queued: Queued, on_unknown: OnUnknown, at: Timestamp) -> Settled {
    match on_unknown {
        OnUnknown::Skip => {
            let reason = "the process ended while the message was being sent".to_owned();
            ended(queued, Err(Failure::Unknown { reason }), at)
        }
        OnUnknown::Retry | OnUnknown::Resend => {
            let state = MessageState::Queued { retry_at: None, reason: None };
            Settled { change: MessageChange { no: queued.no, state, attempts: queued.attempts, at }, outcome: None }
        }
    }
}
