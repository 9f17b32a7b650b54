//! What a host reports about itself while it runs. In: what its thread just did. Out: readings for other threads, which
//! never wait for it, so that they tell when it is stuck.

use super::Summary;
use super::clock::{Machine, System};
use crate::value::Timestamp;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// No moment.
const NEVER: i64 = i64::MAX;

/// What a host reports about itself; clones are the same report.
#[derive(Debug, Clone)]
pub struct Health(Arc<State>);

#[derive(Debug)]
struct State {
    machine: Machine,
    is_running: AtomicBool,
    stops_asked: AtomicU32,
    open_requests: AtomicU32,
    set_aside: AtomicU64,
    /// Since when the host's thread has worked without a commit or a rest, by the uptime; `NEVER` while it rests.
    busy_since_ms: AtomicI64,
    /// When the next timer is due, by the wall clock.
    next_timer_at: AtomicI64,
    /// Since when another program has held the store, by the uptime; `NEVER` while none does.
    store_held_since_ms: AtomicI64,
    counts: Mutex<Counts>,
    lanes: Mutex<Vec<LaneReport>>,
}

/// What happened since the host started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accepted events.
    pub events: u64,
    /// Duplicate events.
    pub duplicates: u64,
    /// Rejected events.
    pub rejected: u64,
    /// Values that were left out of accepted events.
    pub left_out: u64,
    /// Runs that began.
    pub entered: u64,
    /// Messages that their providers accepted.
    pub sent: u64,
    /// Messages that were printed instead of sent.
    pub printed: u64,
    /// Messages that were not sent.
    pub not_sent: u64,
    /// Messages whose outcome is unknown.
    pub unknown: u64,
    /// Committed transactions.
    pub commits: u64,
}

impl From<&Summary> for Counts {
    fn from(summary: &Summary) -> Self {
        Self {
            events: summary.events,
            duplicates: summary.duplicates,
            rejected: summary.rejected,
            left_out: summary.left_out,
            entered: summary.entered,
            sent: summary.sent,
            printed: summary.printed,
            not_sent: summary.not_sent,
            unknown: summary.unknown,
            commits: summary.commits,
        }
    }
}

/// What waits in one lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneReport {
    /// Its name.
    pub name: String,
    /// Messages that wait, in memory.
    pub waiting: usize,
    /// Whether more of them are only on disk.
    pub more_on_disk: bool,
    /// Messages that are being sent.
    pub in_flight: usize,
    /// Whether the provider keeps failing, so that only one message tries it now and then.
    pub is_paused: bool,
    /// For how long nothing has come back from the provider, if something is being sent, in milliseconds.
    pub silent_ms: i64,
}

/// Somebody waits for an answer.
#[derive(Debug)]
pub struct OpenRequest(Health);

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.0.0.open_requests.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Health {
    /// The report of a host that has not started.
    pub(super) fn new() -> Self {
        Self(Arc::new(State {
            machine: Machine::new(),
            is_running: AtomicBool::new(false),
            stops_asked: AtomicU32::new(0),
            open_requests: AtomicU32::new(0),
            set_aside: AtomicU64::new(0),
            busy_since_ms: AtomicI64::new(NEVER),
            next_timer_at: AtomicI64::new(NEVER),
            store_held_since_ms: AtomicI64::new(NEVER),
            counts: Mutex::default(),
            lanes: Mutex::default(),
        }))
    }

    /// Whether the host handles events and timers: it has started and is not shutting down.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.0.is_running.load(Ordering::Relaxed)
    }

    /// How often the host was asked to stop, also before it notices and after it has ended.
    #[must_use]
    pub fn stops_asked(&self) -> u32 {
        self.0.stops_asked.load(Ordering::Relaxed)
    }

    /// Says that somebody waits for an answer until the guard is dropped. The host does not end before, for a while.
    #[must_use]
    pub fn request(&self) -> OpenRequest {
        self.0.open_requests.fetch_add(1, Ordering::Relaxed);
        OpenRequest(self.clone())
    }

    /// Whether somebody waits for an answer.
    pub(super) fn has_open_requests(&self) -> bool {
        self.0.open_requests.load(Ordering::Relaxed) > 0
    }

    /// How many inputs could not be written since the host started, and were set aside.
    #[must_use]
    pub fn set_aside(&self) -> u64 {
        self.0.set_aside.load(Ordering::Relaxed)
    }

    /// For how long the host's thread has worked without a commit or a rest, in milliseconds.
    #[must_use]
    pub fn busy_ms(&self) -> i64 {
        self.passed_since(&self.0.busy_since_ms)
    }

    /// For how long another program has held the store, in milliseconds, since that was noticed.
    #[must_use]
    pub fn store_held_ms(&self) -> Option<i64> {
        let is_held = self.0.store_held_since_ms.load(Ordering::Relaxed) != NEVER;
        is_held.then(|| self.passed_since(&self.0.store_held_since_ms))
    }

    /// By how much the next timer is overdue, in milliseconds.
    #[must_use]
    pub fn timer_lag_ms(&self) -> i64 {
        let next = self.0.next_timer_at.load(Ordering::Relaxed);
        self.0.machine.read().wall.0.saturating_sub(next).max(0)
    }

    /// What happened since the host started.
    #[must_use]
    pub fn counts(&self) -> Counts {
        *self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits in each lane.
    #[must_use]
    pub fn lanes(&self) -> Vec<LaneReport> {
        self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts inputs that were set aside.
    pub(super) fn add_set_aside(&self, count: u64) {
        self.0.set_aside.fetch_add(count, Ordering::Relaxed);
    }

    /// The host is asked to stop.
    pub(super) fn ask_to_stop(&self) {
        self.0.stops_asked.fetch_add(1, Ordering::Relaxed);
    }

    /// The host has started, or is shutting down.
    pub(super) fn set_running(&self, runs: bool) {
        self.0.is_running.store(runs, Ordering::Relaxed);
    }

    /// The host's thread begins to work, or has just committed.
    pub(super) fn works(&self) {
        self.0.busy_since_ms.store(self.0.machine.read().uptime_ms, Ordering::Relaxed);
    }

    /// The host's thread rests until something happens.
    pub(super) fn rests(&self) {
        self.0.busy_since_ms.store(NEVER, Ordering::Relaxed);
    }

    /// Another program holds the store, or no longer does.
    pub(super) fn set_store_held(&self, is_held: bool) {
        let since = if is_held { self.0.machine.read().uptime_ms } else { NEVER };
        self.0.store_held_since_ms.store(since, Ordering::Relaxed);
    }

    /// Says when the next timer is due, what was counted, and what waits.
    pub(super) fn report(&self, next_timer: Option<Timestamp>, counts: Counts, lanes: Vec<LaneReport>) {
        self.0.next_timer_at.store(next_timer.map_or(NEVER, |at| at.0), Ordering::Relaxed);
        *self.0.counts.lock().unwrap_or_else(PoisonError::into_inner) = counts;
        *self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner) = lanes;
    }

    fn passed_since(&self, since_ms: &AtomicI64) -> i64 {
        match since_ms.load(Ordering::Relaxed) {
            NEVER => 0,
            since_ms => self.0.machine.read().uptime_ms.saturating_sub(since_ms).max(0),
        }
    }
}
