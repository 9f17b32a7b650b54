//! When to retry. In: how often a delivery failed and what the provider asked for. Out: a pause, or the end of retries.

use crate::engine::MessageId;
use crate::value::Timestamp;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How failed deliveries are retried. Pauses double and are spread over their whole length (full jitter), so that
/// messages which failed together do not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The longest first pause.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// The maximum number of attempts.
    pub attempts: u32,
    /// How long a message is retried.
    pub age: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(2),
            longest: Duration::from_secs(15 * 60),
            attempts: 100,
            age: Duration::from_secs(24 * 3600),
        }
    }
}

impl Retry {
    /// The pause after the `failed`th failure, at least what the provider asked for.
    #[must_use]
    pub fn pause(&self, message: &MessageId, failed: u32, asked: Option<Duration>) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(failed.saturating_sub(1)).unwrap_or(u32::MAX));
        let mut hash = DefaultHasher::new();
        (&message.0, failed).hash(&mut hash);
        let share = hash.finish() % 1000 + 1;
        let spread = doubled.min(self.longest).saturating_mul(u32::try_from(share).unwrap_or(1)) / 1000;
        spread.max(asked.unwrap_or_default())
    }

    /// Whether a message that was queued then and failed this often is given up.
    #[must_use]
    pub fn is_exhausted(&self, failed: u32, queued_at: Timestamp, now: Timestamp) -> bool {
        let age = u128::try_from(now.0.saturating_sub(queued_at.0)).unwrap_or(0);
        failed >= self.attempts || age >= self.age.as_millis()
    }
}

/// A circuit breaker: stops attempts on a channel whose provider keeps failing, and lets one message probe it now and
/// then.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failed: u32,
    open_until: Option<Timestamp>,
}

/// Consecutive failures after which the breaker opens.
const FAILURES_BEFORE_OPEN: u32 = 10;

/// How long it stays open at first, and at most.
const OPEN_MS: (i64, i64) = (1_000, 60_000);

impl Breaker {
    /// How many more deliveries may begin.
    pub(super) fn allows(&self, now: Timestamp, in_flight: usize) -> usize {
        match self.open_until {
            None => usize::MAX,
            Some(until) if now < until => 0,
            Some(_) => 1_usize.saturating_sub(in_flight),
        }
    }

    /// Until when it is open, if it is.
    pub(super) fn open_until(&self) -> Option<Timestamp> {
        self.open_until
    }

    /// The provider answered, with an acceptance or a definite refusal.
    pub(super) fn on_response(&mut self) {
        *self = Self::default();
    }

    /// The provider refused for now, or did not answer.
    pub(super) fn on_failure(&mut self, now: Timestamp) {
        self.failed = self.failed.saturating_add(1);
        if self.failed >= FAILURES_BEFORE_OPEN {
            let doubled = OPEN_MS.0 << (self.failed - FAILURES_BEFORE_OPEN).min(6);
            self.open_until = Some(now.plus_ms(doubled.min(OPEN_MS.1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest_and_obey_the_provider() {
        let retry = Retry::default();
        let id = MessageId("m".into());
        for failed in 1..40 {
            let most = retry.first.saturating_mul(1 << (failed - 1).min(20)).min(retry.longest);
            let pause = retry.pause(&id, failed, None);
            assert!(pause > Duration::ZERO && pause <= most, "{failed}: {pause:?} of {most:?}");
        }
        let asked = Duration::from_secs(3600);
        assert_eq!(retry.pause(&id, 1, Some(asked)), asked);
    }

    #[test]
    fn pauses_of_messages_that_failed_together_differ() {
        let pauses: std::collections::BTreeSet<_> =
            (0..100).map(|n| Retry::default().pause(&MessageId(format!("m{n}")), 3, None)).collect();
        assert!(pauses.len() > 90, "{} different pauses", pauses.len());
    }

    #[test]
    fn the_breaker_opens_after_ten_failures_and_closes_on_a_response() {
        let mut breaker = Breaker::default();
        let now = Timestamp(0);
        (0..9).for_each(|_| breaker.on_failure(now));
        assert_eq!(breaker.allows(now, 3), usize::MAX);
        breaker.on_failure(now);
        assert_eq!(breaker.allows(now, 0), 0);
        assert_eq!(breaker.allows(now.plus_ms(1_000), 0), 1);
        assert_eq!(breaker.allows(now.plus_ms(1_000), 1), 0);
        breaker.on_response();
        assert_eq!(breaker.allows(now, 3), usize::MAX);
    }
}
