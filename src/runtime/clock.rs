//! The only reader of time. Out: the engine's time, and a steady time that nobody can set, for the outbox and for exact
//! waits.
#![allow(clippy::disallowed_methods, reason = "this is the one reader of the time")]

use crate::engine::Now;
use crate::store::SteadyClock;
use crate::value::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// How far the wall clock may drift before it counts as set, in milliseconds.
const STEP_MS: i64 = 1_000;

/// What the system's clocks show at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock, which can be set.
    pub wall: Timestamp,
    /// The milliseconds since the machine or the process started, also while it was suspended. Nobody can set it.
    pub uptime_ms: i64,
}

/// The clocks of the system.
pub trait System: Send + Sync {
    /// Reads the clocks.
    fn read(&self) -> Reading;

    /// The start of the machine since which `uptime_ms` counts; `None` when it only counts for this process.
    fn boot(&self) -> Option<String>;
}

/// A clock that follows real time, or a virtual one that only moves when it is advanced.
pub struct Clock {
    /// The time of a virtual clock; `None` inside before it is first set.
    stopped_at: Option<Option<Timestamp>>,
    system: Arc<dyn System>,
    /// Steady time is counted from here.
    origin: SteadyClock,
    /// Whether the store has the origin.
    is_stored: bool,
}

impl Clock {
    /// A clock that follows real time. Steady time continues from what the store has.
    #[must_use]
    pub fn real(system: Box<dyn System>, stored: Option<SteadyClock>) -> Self {
        let Reading { wall, uptime_ms } = system.read();
        let boot = system.boot();
        let is_same_boot = |before: &SteadyClock| before.boot.is_some() && before.boot == boot;
        let waits_ahead_ms = stored.as_ref().map_or(0, |before| before.waits_ahead_ms);
        let ahead_ms = stored.as_ref().map_or(0, SteadyClock::ahead_ms);
        let steady = stored.map_or(wall, |before| {
            let elapsed = if is_same_boot(&before) && uptime_ms >= before.uptime_ms {
                uptime_ms - before.uptime_ms
            } else {
                // The machine was restarted: only the wall clock shows how long that took.
                wall.0.saturating_sub(before.wall.0).max(0)
            };
            before.steady.plus_ms(elapsed)
        });
        // Both clocks are read one after the other, which must not look as if one was set.
        let was_set = (steady.0 - wall.0 - ahead_ms).abs() > STEP_MS;
        let steady = if was_set { steady } else { wall.plus_ms(ahead_ms) };
        let origin = SteadyClock { steady, wall, uptime_ms, boot, waits_ahead_ms };
        Self { stopped_at: None, system: Arc::from(system), origin, is_stored: false }
    }

    /// The clock of this machine.
    #[must_use]
    pub fn of_machine() -> Self {
        Self::real(Box::new(Machine::new()), None)
    }

    /// A virtual clock that is stopped at an instant until it is advanced.
    #[must_use]
    pub fn stopped_at(at: Option<Timestamp>, system: Box<dyn System>, stored: Option<SteadyClock>) -> Self {
        Self { stopped_at: Some(at), ..Self::real(system, stored) }
    }

    /// The wall clock of the engine. A virtual clock that was never set returns real time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.engine_now().wall
    }

    /// The engine's time. A virtual clock that was never set returns real time.
    #[must_use]
    pub fn engine_now(&self) -> Now {
        match self.stopped_at {
            Some(at) => {
                let wall = at.unwrap_or_else(|| self.system.read().wall);
                Now { wall, ahead_ms: self.origin.waits_ahead_ms }
            }
            None => {
                let reading = self.system.read();
                let origin = self.set_origin(&reading);
                let ahead_ms = origin.as_ref().unwrap_or(&self.origin).ahead_ms();
                Now { wall: reading.wall, ahead_ms }
            }
        }
    }

    /// The wall clock, for tasks of other threads; `None` for a virtual clock.
    #[must_use]
    pub(super) fn wall(&self) -> Option<WallClock> {
        self.stopped_at.is_none().then(|| WallClock(Arc::clone(&self.system)))
    }

    /// The new origin, if the wall clock was set.
    fn set_origin(&self, reading: &Reading) -> Option<SteadyClock> {
        let Reading { wall, uptime_ms } = *reading;
        let steady = self.steady_at(reading);
        let was_set = (steady.0 - wall.0 - self.origin.ahead_ms()).abs() > STEP_MS;
        was_set.then(|| SteadyClock { steady, wall, uptime_ms, ..self.origin.clone() })
    }

    /// By how much steady time is ahead of the wall clock, if that changed since the ends of exact waits were moved.
    pub fn unmoved(&mut self) -> Option<i64> {
        if self.stopped_at.is_some() {
            return None;
        }
        self.notice_setting();
        let ahead_ms = self.origin.ahead_ms();
        (ahead_ms != self.origin.waits_ahead_ms).then_some(ahead_ms)
    }

    /// By how many milliseconds the wall clock was set forward since the ends of exact waits were moved.
    #[must_use]
    pub fn set_forward_ms(&self) -> i64 {
        self.origin.waits_ahead_ms - self.origin.ahead_ms()
    }

    fn notice_setting(&mut self) {
        if let Some(origin) = self.set_origin(&self.system.read()) {
            self.origin = origin;
            self.is_stored = false;
        }
    }

    /// Notes that the ends of all exact waits were moved.
    pub fn moved(&mut self, ahead_ms: i64) {
        self.origin.waits_ahead_ms = ahead_ms;
        self.is_stored = false;
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

    /// Steady time: it started as real time when the store was created, and goes on with the time that passes, also
    /// while the machine is suspended or nothing runs. Setting the wall clock does not change it.
    #[must_use]
    pub fn steady(&self) -> Timestamp {
        self.steady_at(&self.system.read())
    }

    fn steady_at(&self, reading: &Reading) -> Timestamp {
        self.origin.steady.plus_ms(reading.uptime_ms.saturating_sub(self.origin.uptime_ms).max(0))
    }

    /// What the store must have so that a later process continues steady time; `None` while it has it. It changes when
    /// the wall clock is set.
    pub fn unstored(&mut self) -> Option<SteadyClock> {
        self.notice_setting();
        (!std::mem::replace(&mut self.is_stored, true)).then(|| self.origin.clone())
    }
}

/// Reads the wall clock.
#[derive(Clone)]
pub(super) struct WallClock(Arc<dyn System>);

impl WallClock {
    /// The time on the wall clock.
    pub(super) fn now(&self) -> Timestamp {
        self.0.read().wall
    }
}

/// The clocks of this machine.
#[derive(Debug)]
pub struct Machine {
    /// Where the system has no clock that counts while it is suspended, time counts from here.
    started: Instant,
}

impl Machine {
    /// The clocks of this machine.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it reads a clock")]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl System for Machine {
    fn read(&self) -> Reading {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall = Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)).plus_ms(0);
        Reading { wall, uptime_ms: uptime_ms(self.started) }
    }

    #[cfg(target_os = "linux")]
    fn boot(&self) -> Option<String> {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(id.trim().to_owned()).filter(|id| !id.is_empty())
    }

    #[cfg(not(target_os = "linux"))]
    fn boot(&self) -> Option<String> {
        None
    }
}

#[cfg(target_os = "linux")]
fn uptime_ms(_: Instant) -> i64 {
    use rustix::time::{ClockId, clock_gettime};
    let since = clock_gettime(ClockId::Boottime);
    since.tv_sec.saturating_mul(1_000).saturating_add(since.tv_nsec / 1_000_000)
}

#[cfg(not(target_os = "linux"))]
fn uptime_ms(started: Instant) -> i64 {
    i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX)
}

/// Clocks for tests: those of the machine, moved by hand. Clones are the same clocks.
#[derive(Debug, Clone)]
pub struct FakeSystem {
    machine: Arc<Machine>,
    moved: Arc<Mutex<Moved>>,
}

/// By how much clocks were moved, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Moved {
    wall_ms: i64,
    uptime_ms: i64,
    boots: u32,
}

impl FakeSystem {
    /// The clocks of the machine.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it reads a clock")]
    pub fn new() -> Self {
        Self { machine: Arc::new(Machine::new()), moved: Arc::default() }
    }

    /// Sets the wall clock forward, or back.
    pub fn set_forward(&self, ms: i64) {
        self.change(|moved| moved.wall_ms += ms);
    }

    /// Lets time pass, as while the machine is suspended.
    pub fn pass(&self, ms: i64) {
        self.change(|moved| {
            moved.wall_ms += ms;
            moved.uptime_ms += ms;
        });
    }

    /// Restarts the machine, which takes this long.
    pub fn reboot(&self, ms: i64) {
        let uptime_ms = self.read().uptime_ms;
        self.change(|moved| {
            moved.wall_ms += ms;
            moved.uptime_ms -= uptime_ms;
            moved.boots += 1;
        });
    }

    fn change(&self, change: impl FnOnce(&mut Moved)) {
        change(&mut self.moved.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn moved(&self) -> Moved {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl System for FakeSystem {
    fn read(&self) -> Reading {
        let (real, moved) = (self.machine.read(), self.moved());
        Reading { wall: real.wall.plus_ms(moved.wall_ms), uptime_ms: real.uptime_ms + moved.uptime_ms }
    }

    fn boot(&self) -> Option<String> {
        Some(format!("boot {}", self.moved().boots))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    /// Continues on what a clock would have stored.
    fn restarted(clock: &mut Clock, system: &FakeSystem) -> Clock {
        clock.is_stored = false;
        Clock::real(Box::new(system.clone()), clock.unstored())
    }

    /// Asserts that this much steady time has passed, up to what the test itself takes.
    fn assert_passed(clock: &Clock, since: Timestamp, ms: i64) {
        let passed = clock.steady().0 - since.0;
        assert!((ms..ms + 5_000).contains(&passed), "{passed} ms instead of {ms} ms");
    }

    #[test]
    fn steady_time_counts_what_passes_and_not_what_is_set() {
        let system = FakeSystem::new();
        let mut clock = Clock::real(Box::new(system.clone()), None);
        let start = clock.steady();
        system.set_forward(72 * HOUR_MS);
        assert_passed(&clock, start, 0);
        system.pass(8 * HOUR_MS);
        system.set_forward(-100 * HOUR_MS);
        assert_passed(&clock, start, 8 * HOUR_MS);
        let clock = restarted(&mut clock, &system);
        assert_passed(&clock, start, 8 * HOUR_MS);
        assert!(clock.now() < start, "the wall clock is 20 hours behind");
    }

    #[test]
    fn steady_time_goes_on_while_nothing_runs() {
        let system = FakeSystem::new();
        let mut clock = Clock::real(Box::new(system.clone()), None);
        let start = clock.steady();
        let stored = clock.unstored();
        system.pass(2 * HOUR_MS);
        // Set while nothing runs: the uptime of the machine tells that no time has passed.
        system.set_forward(-HOUR_MS);
        let clock = Clock::real(Box::new(system.clone()), stored);
        assert_passed(&clock, start, 2 * HOUR_MS);
    }

    #[test]
    fn steady_time_never_goes_back_when_the_machine_starts_anew() {
        let system = FakeSystem::new();
        let mut clock = Clock::real(Box::new(system.clone()), None);
        let start = clock.steady();
        let stored = clock.unstored();
        system.reboot(3 * HOUR_MS);
        let mut clock = Clock::real(Box::new(system.clone()), stored);
        assert_passed(&clock, start, 3 * HOUR_MS);
        // A machine without a battery begins with an old date.
        let stored = clock.unstored();
        system.reboot(-10_000 * HOUR_MS);
        let clock = Clock::real(Box::new(system), stored);
        assert_passed(&clock, start, 3 * HOUR_MS);
    }

    #[test]
    fn what_is_stored_changes_only_when_the_clock_is_set() {
        let system = FakeSystem::new();
        let mut clock = Clock::real(Box::new(system.clone()), None);
        assert!(clock.unstored().is_some());
        assert_eq!(clock.unstored(), None);
        system.pass(HOUR_MS);
        assert_eq!(clock.unstored(), None, "the wall clock and the uptime agree");
        system.set_forward(-5_000);
        assert!(clock.unstored().is_some());
        assert_eq!(clock.unstored(), None);
    }
}
