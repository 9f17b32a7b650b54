//! The only reader of time. Out: the engine's time, and a monotonic time for the outbox.
#![allow(clippy::disallowed_methods, reason = "this is the one reader of the time")]

use crate::value::Timestamp;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A clock that follows real time, or a virtual one that only moves when it is advanced.
#[derive(Debug)]
pub struct Clock {
    /// The time of a virtual clock; `None` inside before it is first set.
    stopped_at: Option<Option<Timestamp>>,
    started: Instant,
    started_at: Timestamp,
}

impl Clock {
    /// A clock that follows real time.
    #[must_use]
    pub fn real() -> Self {
        Self { stopped_at: None, started: Instant::now(), started_at: wall() }
    }

    /// A virtual clock that is stopped at an instant until it is advanced.
    #[must_use]
    pub fn stopped_at(at: Option<Timestamp>) -> Self {
        Self { stopped_at: Some(at), ..Self::real() }
    }

    /// The engine's time. A virtual clock that was never set returns real time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.stopped_at.flatten().unwrap_or_else(wall)
    }

    /// The time of a virtual clock; `None` for real time, or before it is first set.
    #[must_use]
    pub fn virtual_now(&self) -> Option<Timestamp> {
        self.stopped_at.flatten()
    }

    /// Advances a virtual clock; it never goes back.
    pub fn advance(&mut self, to: Timestamp) {
        if let Some(at) = &mut self.stopped_at {
            *at = Some(at.map_or(to, |at| at.max(to)));
        }
    }

    /// Real time that never jumps, even when the system clock is set; for pauses between attempts.
    #[must_use]
    pub fn monotonic(&self) -> Timestamp {
        let ms = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.started_at.plus_ms(ms)
    }
}

fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)).plus_ms(0)
}
