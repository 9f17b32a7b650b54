//! The outbox of one channel. In: messages, and results of delivery attempts. Out: which messages to try now, and their
//! completions. It never blocks: a message that has to be retried later steps aside and lets the others pass.

use super::health::LaneReport;
use super::retry::{Breaker, Retry};
use crate::channel::{Channel, Failure, Limits, OnUnknown, Receipt};
use crate::engine::{Message, Outcome};
use crate::store::{Delivered, MessageChange, MessageState, Queued};
use crate::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Limit: messages of one channel in memory; the rest stay on disk until there is room.
const MAX_IN_MEMORY: usize = 2048;

/// How many attempts may be in flight or wait for a free connection, where an early start does no harm.
const MAX_IN_FLIGHT: usize = 512;

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
    in_flight: BTreeMap<i64, Queued>,
    /// When recent attempts began, as far as the limit per second looks back.
    recent_starts: VecDeque<Timestamp>,
    breaker: Breaker,
    /// Since when nothing has come back.
    silent_since: Timestamp,
    /// The number after which messages are only on disk; `None` when all are in memory.
    on_disk_after: Option<i64>,
}

/// A message to retry, and its last failure, unless an earlier process saw it.
struct Retrying {
    queued: Queued,
    failure: Option<Failure>,
}

/// The result of a finished attempt.
pub(super) struct Completion {
    /// The change to write.
    pub(super) change: MessageChange,
    /// The outcome for the engine; `None` while the message is retried.
    pub(super) outcome: Option<(Message, Outcome)>,
}

impl Lane {
    pub(super) fn new(channel: Arc<dyn Channel>, retry: Retry) -> Self {
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
            silent_since: Timestamp(0),
            on_disk_after: None,
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
        self.ready.is_empty() && self.retrying.is_empty() && self.in_flight.is_empty() && self.on_disk_after.is_none()
    }

    /// Whether the store must show a crash in the middle of an attempt.
    pub(super) fn marks_sending(&self) -> bool {
        self.on_unknown != OnUnknown::Retry
    }

    /// Takes the messages to send now.
    pub(super) fn take(&mut self, now: Timestamp) -> Vec<Queued> {
        let mut taken = Vec::new();
        while self.room(now) > 0 {
            let Some(queued) = self.next(now) else { break };
            if self.in_flight.is_empty() {
                self.silent_since = now;
            }
            if self.limits.per_second.is_some() {
                self.recent_starts.push_back(now);
            }
            self.in_flight.insert(queued.no, queued.clone());
            taken.push(queued);
        }
        taken
    }

    fn next(&mut self, now: Timestamp) -> Option<Queued> {
        match self.retrying.first_entry() {
            Some(first) if first.key().0 <= now => Some(first.remove().queued),
            Some(_) | None => self.ready.pop_front(),
        }
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
        if self.on_unknown == OnUnknown::Skip || self.limits.per_second.is_some() {
            own
        } else {
            own.max(MAX_IN_FLIGHT)
        }
    }

    /// When the next attempt may begin that may not begin now; `None` when only a response can change that.
    pub(super) fn due_at(&self, now: Timestamp) -> Option<Timestamp> {
        let first = if self.ready.is_empty() { self.retrying.keys().next()?.0 } else { now };
        let rate = match self.limits.per_second {
            Some(rate) if self.recent_starts.len() >= rate.max(1) as usize => {
                self.recent_starts.front()?.plus_ms(1_000)
            }
            Some(_) | None => now,
        };
        let rest = self.breaker.open_until().unwrap_or(now);
        let resting = self.breaker.open_until().is_some() && !self.in_flight.is_empty();
        let given_up = self.gives_up_at();
        if resting || self.in_flight.len() >= self.window() {
            return given_up;
        }
        Some(first.max(rate).max(rest)).into_iter().chain(given_up).min()
    }

    /// Removes the messages whose time is up, so that nobody waits for their next attempt. While the breaker is open,
    /// these include messages that were never tried.
    pub(super) fn give_up(&mut self, at: Timestamp, now: Timestamp) -> Vec<Completion> {
        if self.gives_up_at().is_none_or(|first| first > now) {
            return Vec::new();
        }
        let mut completion = Vec::new();
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

    /// When the first message is given up.
    fn gives_up_at(&self) -> Option<Timestamp> {
        let age = i64::try_from(self.retry.age.as_millis()).unwrap_or(i64::MAX);
        let failed = self.retrying.values().filter(|later| later.failure.is_some()).map(|later| &later.queued);
        let untried = self.ready.front().filter(|_| self.breaker.open_until().is_some());
        failed.chain(untried).map(|queued| queued.queued_at.plus_ms(age)).min()
    }

    /// Tries the waiting messages now, however long they were to wait. Returns how many there are in memory.
    pub(super) fn retry_now(&mut self, now: Timestamp) -> usize {
        self.breaker.on_response();
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
        let queued = self.in_flight.remove(&no)?;
        let state = MessageState::Queued { retry_at: queued.retry_at, reason: None };
        let change = MessageChange { no, state, attempts: queued.attempts, at };
        self.ready.push_front(queued);
        Some(change)
    }

    /// Handles the result of an attempt. `at` is the engine's time, `now` is steady.
    pub(super) fn complete(
        &mut self,
        no: i64,
        result: Result<Receipt, Failure>,
        at: Timestamp,
        now: Timestamp,
    ) -> Option<Completion> {
        let mut queued = self.in_flight.remove(&no)?;
        self.silent_since = now;
        queued.attempts = queued.attempts.saturating_add(1);
        let again = match &result {
            Ok(_) | Err(Failure::Permanent { .. }) => {
                self.breaker.on_response();
                false
            }
            Err(Failure::Retry { .. }) => true,
            Err(Failure::Unknown { .. }) => self.on_unknown != OnUnknown::Skip,
        };
        if matches!(result, Err(Failure::Retry { .. } | Failure::Unknown { .. })) {
            self.breaker.on_failure(now);
        }
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
            Failure::Permanent { .. } | Failure::Unknown { .. } => None,
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
        Completion { change, outcome: None }
    }
}

fn finished(queued: Queued, result: Result<Receipt, Failure>, at: Timestamp) -> Completion {
    let delivered = match result {
        Ok(Receipt { printed: true, .. }) => Delivered::Printed,
        Ok(receipt) => Delivered::Sent { provider_id: receipt.provider_id },
        Err(Failure::Permanent { reason }) => Delivered::NotSent { reason },
        Err(Failure::Retry { reason, .. }) => {
            Delivered::NotSent { reason: format!("given up after {} attempts: {reason}", queued.attempts) }
        }
        Err(Failure::Unknown { reason }) => Delivered::Unknown { reason },
    };
    let outcome = match &delivered {
        // A run goes on as if the message had been sent.
        Delivered::Sent { .. } | Delivered::Printed => Outcome::Sent,
        Delivered::NotSent { reason } => Outcome::NotSent { reason: reason.clone() },
        Delivered::Unknown { reason } => Outcome::Unknown { reason: reason.clone() },
    };
    let change = MessageChange { no: queued.no, state: MessageState::Ended(delivered), attempts: queued.attempts, at };
    Completion { change, outcome: Some((queued.message, outcome)) }
}

/// What happens to a message that was being sent when the last process ended.
pub(super) fn interrupted(queued: Queued, on_unknown: OnUnknown, at: Timestamp) -> Completion {
    match on_unknown {
        OnUnknown::Skip => {
            let reason = "the process ended while the message was being sent".to_owned();
            finished(queued, Err(Failure::Unknown { reason }), at)
        }
        OnUnknown::Retry | OnUnknown::Resend => {
            let state = MessageState::Queued { retry_at: None, reason: None };
            Completion { change: MessageChange { no: queued.no, state, attempts: queued.attempts, at }, outcome: None }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::channel::fake::Fake;
    use crate::engine::{ClientId, MessageId, Rendered, RunId};
    use crate::graph::ElementId;
    use std::time::Duration;

    /// A message in the outbox.
    pub(in crate::runtime) fn queued(no: i64) -> Queued {
        let message = Message {
            id: MessageId(no.to_string()),
            run: RunId("r".into()),
            zone: "UTC".into(),
            client: ClientId("c".into()),
            funnel: "f".into(),
            element: ElementId("e".into()),
            channel: "sms".into(),
            to: "+1".into(),
            content: Rendered::Text(String::new()),
            marketing: false,
            topic: None,
            evidence: None,
            at: Timestamp(0),
            outcome_expected: false,
        };
        Queued { no, message, attempts: 0, queued_at: Timestamp(0), retry_at: None }
    }

    fn lane(limits: Limits, messages: i64) -> Lane {
        let channel = Fake::new([]).on_unknown(OnUnknown::Skip).limits(limits);
        let mut lane = Lane::new(Arc::new(channel), Retry::default());
        (1..=messages).for_each(|no| lane.push(queued(no)));
        lane
    }

    fn take(lane: &mut Lane, now: i64) -> Vec<i64> {
        lane.take(Timestamp(now)).into_iter().map(|queued| queued.no).collect()
    }

    fn busy(after: Option<Duration>) -> Result<Receipt, Failure> {
        Err(Failure::Retry { reason: "busy".into(), after })
    }

    #[test]
    fn attempts_per_second_stay_within_the_limit_of_the_provider() {
        let mut lane = lane(Limits { concurrency: 2, per_second: Some(3) }, 9);
        assert_eq!(take(&mut lane, 0), [1, 2]);
        assert_eq!(lane.due_at(Timestamp(0)), None, "only an answer makes room");
        for no in [1, 2] {
            lane.complete(no, Ok(Receipt::default()), Timestamp(0), Timestamp(0));
        }
        assert_eq!(take(&mut lane, 500), [3]);
        assert_eq!(lane.due_at(Timestamp(500)), Some(Timestamp(1_000)));
        assert!(take(&mut lane, 999).is_empty());
        assert_eq!(take(&mut lane, 1_000), [4]);
    }

    #[test]
    fn a_message_waits_for_as_long_as_the_provider_asks_and_others_pass_it() {
        let mut lane = lane(Limits { concurrency: 1, per_second: None }, 2);
        assert_eq!(take(&mut lane, 0), [1]);
        let minute = Some(Duration::from_secs(60));
        let completion = lane.complete(1, busy(minute), Timestamp(0), Timestamp(0)).unwrap();
        let retry_at = Some(Timestamp(60_000));
        assert_eq!(completion.change.state, MessageState::Queued { retry_at, reason: Some("busy".into()) });
        assert!(completion.outcome.is_none());
        assert_eq!(take(&mut lane, 1), [2]);
        lane.complete(2, Ok(Receipt::default()), Timestamp(1), Timestamp(1));
        assert_eq!(lane.due_at(Timestamp(1)), retry_at);
        assert!(take(&mut lane, 59_999).is_empty());
        assert_eq!(take(&mut lane, 60_000), [1]);
    }

    #[test]
    fn a_message_is_given_up_when_it_is_too_old() {
        let mut lane = lane(Limits { concurrency: 1, per_second: None }, 1);
        let day = 24 * 3_600_000;
        assert_eq!(take(&mut lane, day - 1), [1]);
        assert!(lane.complete(1, busy(None), Timestamp(0), Timestamp(day - 1)).unwrap().outcome.is_none());
        assert_eq!(take(&mut lane, day + 60_000), [1]);
        let completion = lane.complete(1, busy(None), Timestamp(0), Timestamp(day + 60_000)).unwrap();
        let reason = "given up after 2 attempts: busy".to_owned();
        assert_eq!(completion.outcome.map(|(_, outcome)| outcome), Some(Outcome::NotSent { reason }));
        assert!(lane.is_empty());
    }

    #[test]
    fn a_message_is_given_up_when_its_time_is_up_without_another_attempt() {
        let mut lane = lane(Limits { concurrency: 20, per_second: None }, 20);
        lane.retry.age = Duration::from_secs(10);
        let hour = Some(Duration::from_secs(3600));
        // Ten fail, and the breaker opens; five more were never tried.
        assert_eq!(take(&mut lane, 0).len(), 20);
        (16..=20).for_each(|no| _ = lane.untried(no, Timestamp(0)));
        (1..=15).for_each(|no| _ = lane.complete(no, busy(hour), Timestamp(0), Timestamp(0)));
        assert!(lane.give_up(Timestamp(0), Timestamp(9_999)).is_empty());
        assert!(take(&mut lane, 10).is_empty());
        let given_up = lane.give_up(Timestamp(0), Timestamp(10_000));
        let reasons: Vec<_> =
            given_up.iter().filter_map(|completion| completion.outcome.clone()).map(|(_, outcome)| outcome).collect();
        assert_eq!(reasons.len(), 20);
        assert_eq!(reasons[0], Outcome::NotSent { reason: "given up after 1 attempts: busy".into() });
        assert_eq!(reasons[19], Outcome::NotSent { reason: "skipped: circuit open".into() });
        assert!(lane.is_empty());
    }

    #[test]
    fn messages_beyond_memory_stay_on_disk_and_none_is_lost() {
        let many = i64::try_from(MAX_IN_MEMORY).unwrap() * 3;
        let mut lane = lane(Limits { concurrency: 1, per_second: None }, many);
        let mut left = Vec::new();
        while !lane.is_empty() {
            if let Some((after, limit)) = lane.wanted() {
                lane.refill((after + 1..=many).take(limit).map(queued).collect(), limit);
            }
            for no in take(&mut lane, 0) {
                lane.complete(no, Ok(Receipt::default()), Timestamp(0), Timestamp(0));
                left.push(no);
            }
        }
        assert_eq!(left, (1..=many).collect::<Vec<_>>());
    }
}
