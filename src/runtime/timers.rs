//! Timers: near ones in memory, far ones on disk only. In: who wakes when. Out: who is next.

use crate::engine::{ClientId, RunId};
use crate::store::Timer;
use std::collections::{BTreeSet, HashMap};

/// What a timer belongs to: a run of a client, or the client itself.
pub(super) type TimerOwner = (ClientId, Option<RunId>);

fn owner(timer: &Timer) -> TimerOwner {
    (timer.client.clone(), timer.run.clone())
}

/// The timers up to a horizon, in order.
#[derive(Debug)]
pub(super) struct Timers {
    near: BTreeSet<Timer>,
    by_owner: HashMap<TimerOwner, Timer>,
    /// Invariant: every timer up to it is in `near`, later ones are on disk. `None`: all are in `near`.
    horizon: Option<Horizon>,
    limit: usize,
}

#[derive(Debug, Clone)]
enum Horizon {
    /// Nothing has been read yet.
    Start,
    After(Timer),
}

impl Timers {
    /// An empty set to be filled from disk, about `limit` timers at a time.
    pub(super) fn new(limit: usize) -> Self {
        Self { near: BTreeSet::new(), by_owner: HashMap::new(), horizon: Some(Horizon::Start), limit }
    }

    /// Sets the timer of a run or a client, replacing the previous one.
    pub(super) fn set(&mut self, timer: Timer) {
        self.clear(&owner(&timer));
        let near = match &self.horizon {
            None => true,
            Some(Horizon::Start) => false,
            Some(Horizon::After(last)) => timer <= *last,
        };
        if near {
            self.by_owner.insert(owner(&timer), timer.clone());
            self.near.insert(timer);
            self.shrink();
        }
    }

    /// Clears the timer of a run or a client.
    pub(super) fn clear(&mut self, owner: &TimerOwner) {
        if let Some(timer) = self.by_owner.remove(owner) {
            self.near.remove(&timer);
        }
    }

    /// The next timer; only valid while [`wants_more`](Self::wants_more) is false.
    pub(super) fn first(&self) -> Option<&Timer> {
        self.near.first()
    }

    /// Removes and returns the next timer.
    pub(super) fn pop(&mut self) -> Option<Timer> {
        let timer = self.near.pop_first()?;
        self.by_owner.remove(&owner(&timer));
        Some(timer)
    }

    /// Whether the next timer, if there is one, is on disk.
    pub(super) fn wants_more(&self) -> bool {
        self.near.is_empty() && self.horizon.is_some()
    }

    /// After which timer, and how many, to read from disk.
    pub(super) fn wanted(&self) -> (Option<&Timer>, usize) {
        match &self.horizon {
            Some(Horizon::After(timer)) => (Some(timer), self.limit),
            Some(Horizon::Start) | None => (None, self.limit),
        }
    }

    /// Adds timers read from disk, all of them committed.
    pub(super) fn refill(&mut self, timers: Vec<Timer>) {
        self.horizon = if timers.len() < self.limit { None } else { timers.last().cloned().map(Horizon::After) };
        for timer in timers {
            self.by_owner.insert(owner(&timer), timer.clone());
            self.near.insert(timer);
        }
    }

    /// Drops the farther half from memory when there are too many.
    fn shrink(&mut self) {
        if self.near.len() <= self.limit * 2 {
            return;
        }
        let Some(first_far) = self.near.iter().nth(self.limit).cloned() else { return };
        for far in self.near.split_off(&first_far) {
            self.by_owner.remove(&owner(&far));
        }
        self.horizon = self.near.last().cloned().map(Horizon::After);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Timestamp;

    fn timer(at: i64) -> Timer {
        Timer { wake_at: Timestamp(at), run: Some(RunId(format!("r{at}"))), client: ClientId("c".into()) }
    }

    #[test]
    fn far_timers_are_left_to_the_disk_and_come_back_in_order() {
        let mut disk = BTreeSet::new();
        let mut timers = Timers::new(4);
        timers.refill(Vec::new());
        for at in [50, 10, 90, 30, 70, 20, 80, 60, 40, 100] {
            timers.set(timer(at));
            disk.insert(timer(at));
        }
        let mut order = Vec::new();
        loop {
            if timers.wants_more() {
                let (after, limit) = timers.wanted();
                let rows = disk.iter().filter(|t| after.is_none_or(|a| *t > a)).take(limit).cloned().collect();
                timers.refill(rows);
            }
            let Some(next) = timers.pop() else { break };
            disk.remove(&next);
            order.push(next.wake_at.0);
        }
        assert_eq!(order, (1..=10).map(|n| n * 10).collect::<Vec<_>>());
    }

    #[test]
    fn a_moved_timer_is_there_once() {
        let mut timers = Timers::new(4);
        timers.refill(Vec::new());
        timers.set(timer(10));
        timers.set(Timer { wake_at: Timestamp(5), ..timer(10) });
        assert_eq!(timers.pop().map(|t| t.wake_at), Some(Timestamp(5)));
        assert_eq!(timers.pop(), None);
    }
}
