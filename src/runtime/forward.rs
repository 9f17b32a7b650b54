//! Fast forward: a virtual clock that jumps to the next event or timer. Time advances only when no run waits for the
//! outcome of a message, so fast and slow machines write the same lines.

use super::host::Host;
use super::inbox::{Submission, Woken};
use super::processor::Admission;
use super::{BATCH, RunError, Verdict};
use crate::engine::DRAIN_HORIZON_MS;
use crate::value::Timestamp;

/// What must happen before the next input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A commit, because the batch is full or the next timers are on disk.
    Commit,
    /// An event must arrive, or the source must end.
    Event,
    /// An outcome must arrive.
    Outcome,
    /// Nothing: there are no events and no timers left.
    Nothing,
}

/// When the next event happens.
enum Peek {
    At(Timestamp),
    Unknown,
    Never,
}

impl Host {
    /// Runs until nothing more can happen or the host is asked to stop.
    pub(super) fn fast_forward(&mut self) -> Result<(), RunError> {
        // Messages of an earlier start go first, because a run may wait for one of them.
        let mut catching_up = true;
        self.last_event = self.clock.virtual_now();
        loop {
            self.process_notices()?;
            if self.stopping.is_some() {
                return Ok(());
            }
            catching_up = catching_up && !self.outbox.is_empty();
            let next = if catching_up { Next::Outcome } else { self.fill()? };
            self.flush()?;
            match next {
                Next::Commit => {}
                Next::Event => self.wait_forward(true)?,
                Next::Nothing if self.outbox.is_empty() => return Ok(()),
                Next::Outcome | Next::Nothing => self.wait_forward(false)?,
            }
        }
    }

    fn wait_forward(&mut self, take: bool) -> Result<(), RunError> {
        match self.wait(take, self.until_delivery()) {
            Woken::Submission(submission) => self.receive(submission),
            Woken::Notice(notice) => self.notice(notice)?,
            Woken::Timeout => {}
        }
        Ok(())
    }

    fn receive(&mut self, submission: Submission) {
        match submission {
            Submission::Events(events, _) => self.incoming.extend(events),
            Submission::Ended(end) => self.end_source(end),
            Submission::Question(question) => self.questions.push(question),
        }
    }

    /// Handles inputs in order of time until something else must happen first.
    fn fill(&mut self) -> Result<Next, RunError> {
        while self.processor.pending.len() < BATCH {
            if !self.outcomes.is_empty() {
                return Ok(Next::Outcome);
            }
            if self.processor.timers.wants_more() {
                if !self.processor.pending.is_empty() {
                    return Ok(Next::Commit);
                }
                self.processor.refill_timers()?;
            }
            let wake_at = self.processor.timers.first().map(|timer| timer.wake_at);
            match (wake_at, self.peek()?) {
                (_, Peek::Unknown) => return Ok(Next::Event),
                (None, Peek::Never) => return Ok(Next::Nothing),
                (Some(wake_at), Peek::Never) if self.is_beyond_horizon(wake_at) => return Ok(Next::Nothing),
                (Some(wake_at), Peek::Never) => {
                    self.processor.draining = true;
                    self.fire_at(wake_at)?;
                }
                (Some(wake_at), Peek::At(at)) if wake_at < at => self.fire_at(wake_at)?,
                (_, Peek::At(_)) => self.accept_next()?,
            }
        }
        Ok(Next::Commit)
    }

    /// Whether a timer is too long after the last event for virtual time to reach it.
    fn is_beyond_horizon(&self, wake_at: Timestamp) -> bool {
        self.last_event.is_some_and(|at| wake_at > at.plus_ms(DRAIN_HORIZON_MS))
    }

    fn fire_at(&mut self, at: Timestamp) -> Result<(), RunError> {
        self.clock.advance(at);
        let messages = self.processor.fire_next(self.clock.engine_now(), self.clock.steady())?;
        self.enqueue(messages);
        Ok(())
    }

    fn accept_next(&mut self) -> Result<(), RunError> {
        if let Some(event) = self.next.take() {
            self.clock.advance(event.at);
            let at = self.clock.now();
            self.last_event = Some(at);
            self.summary.late += u64::from(event.at < at);
            let messages = self.processor.accept(event, self.clock.engine_now(), self.clock.steady())?;
            self.count(&Verdict::Accepted(Vec::new()));
            self.enqueue(messages);
        }
        Ok(())
    }

    /// Returns when the next event happens. Skips duplicate and rejected events.
    fn peek(&mut self) -> Result<Peek, RunError> {
        loop {
            if let Some(event) = &self.next {
                // What happened before a timer was due counts, even if it arrives late.
                return Ok(Peek::At(event.at));
            }
            let Some(incoming) = self.incoming.pop_front() else {
                match self.outlet.submission() {
                    Some(submission) => self.receive(submission),
                    // A source that was cut off may still have events before the next timer.
                    None if self.source_ended && self.stopping.is_none() => return Ok(Peek::Never),
                    None => return Ok(Peek::Unknown),
                }
                continue;
            };
            match self.processor.admit(incoming, self.clock.now())? {
                Admission::New(event, left_out) => {
                    self.next = Some(event);
                    self.leave_out(&left_out);
                }
                Admission::Duplicate => self.count(&Verdict::Duplicate),
                Admission::Rejected(rejected) => self.count(&Verdict::Rejected(rejected)),
            }
        }
    }
}
