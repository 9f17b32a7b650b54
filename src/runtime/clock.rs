//! The only reader of time. Out: the instant that the engine is told, and a steady real time for the outbox.
#![allow(clippy::disallowed_methods, reason = "this is the one reader of the time")]

use crate::value::Timestamp;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A clock that shows real time, or one that stands still until it is moved.
#[derive(Debug)]
pub struct Clock {
    /// Where the virtual clock stands; `None` inside when it was never set.
    stopped_at: Option<Option<Timestamp>>,
    started: Instant,
    started_at: Timestamp,
}

impl Clock {
    /// A clock that shows real time.
    #[must_use]
    pub fn real() -> Self {
        Self { stopped_at: None, started: Instant::now(), started_at: wall() }
    }

    /// A clock that stands at an instant until it is moved.
    #[must_use]
    pub fn stopped_at(at: Option<Timestamp>) -> Self {
        Self { stopped_at: Some(at), ..Self::real() }
    }

    /// What time it is for the engine. A virtual clock that was never set shows real time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.stopped_at.flatten().unwrap_or_else(wall)
    }

    /// Where the virtual clock stands; `None` for real time, or before it was set.
    #[must_use]
    pub fn virtual_now(&self) -> Option<Timestamp> {
        self.stopped_at.flatten()
    }

    /// Moves a virtual clock forward; it never goes back.
    pub fn advance(&mut self, to: Timestamp) {
        if let Some(at) = &mut self.stopped_at {
            *at = Some(at.map_or(to, |at| at.max(to)));
        }
    }

    /// Real time that never jumps, whatever is done to the system's clock; for pauses between attempts.
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
