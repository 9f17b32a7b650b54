//! Fast forward: a virtual clock that jumps to the next event or timer. Time moves on only when no run waits for the
//! outcome of a message, so a run on a fast machine and on a slow one give the same lines.

use super::host::Host;
use super::inbox::{Submission, Woken};
use super::writer::Examined;
use super::{BATCH, RunError, Verdict};
use crate::engine::LONGEST_ECHO_MS;
use crate::value::Timestamp;

/// What must happen before the next input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A commit; the batch is full, or the next timers are on disk.
    Commit,
    /// An event must come, or the source end.
    Event,
    /// An outcome must come back.
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
    /// Runs until nothing more can happen or it is asked to end.
    pub(super) fn fast_forward(&mut self) -> Result<(), RunError> {
        // Messages of an earlier start go first: a run may wait for one of them.
        let mut behind = true;
        self.last_event = self.clock.stood();
        loop {
            self.take_notices()?;
            if self.stopping.is_some() {
                return Ok(());
            }
            behind = behind && !self.outbox.is_empty();
            let next = if behind { Next::Outcome } else { self.fill()? };
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
            Submission::Events(events, _) => self.arrived.extend(events),
            Submission::Ended(end) => self.end_source(end),
        }
    }

    /// Takes inputs in order of time until something must happen first.
    fn fill(&mut self) -> Result<Next, RunError> {
        while self.writer.pending.len() < BATCH {
            if !self.awaited.is_empty() {
                return Ok(Next::Outcome);
            }
            if self.writer.timers.wants_more() {
                if !self.writer.pending.is_empty() {
                    return Ok(Next::Commit);
                }
                self.writer.refill_timers()?;
            }
            let wake_at = self.writer.timers.first().map(|timer| timer.wake_at);
            match (wake_at, self.peek()?) {
                (_, Peek::Unknown) => return Ok(Next::Event),
                (None, Peek::Never) => return Ok(Next::Nothing),
                (Some(wake_at), Peek::Never) if self.has_faded(wake_at) => return Ok(Next::Nothing),
                (Some(wake_at), Peek::Never) => {
                    self.writer.echo = true;
                    self.fire_at(wake_at)?;
                }
                (Some(wake_at), Peek::At(at)) if wake_at < at => self.fire_at(wake_at)?,
                (_, Peek::At(at)) => self.take_at(at)?,
            }
        }
        Ok(Next::Commit)
    }

    /// Whether a timer is so long after the last event that virtual time does not go on to it.
    fn has_faded(&self, wake_at: Timestamp) -> bool {
        self.last_event.is_some_and(|at| wake_at > at.plus_ms(LONGEST_ECHO_MS))
    }

    fn fire_at(&mut self, at: Timestamp) -> Result<(), RunError> {
        self.clock.advance(at);
        let messages = self.writer.fire(self.clock.now(), self.clock.steady())?;
        self.post(messages);
        Ok(())
    }

    fn take_at(&mut self, at: Timestamp) -> Result<(), RunError> {
        if let Some(event) = self.next.take() {
            self.clock.advance(at);
            self.last_event = Some(at);
            let messages = self.writer.take(event, self.clock.now(), self.clock.steady())?;
            self.count(&Verdict::Accepted);
            self.post(messages);
        }
        Ok(())
    }

    /// Looks at the next event; those that were taken before or are refused are passed over.
    fn peek(&mut self) -> Result<Peek, RunError> {
        loop {
            if let Some(event) = &self.next {
                let at = self.clock.stood().map_or(event.at, |now| now.max(event.at));
                return Ok(Peek::At(at));
            }
            let Some(arrived) = self.arrived.pop_front() else {
                match self.outlet.submission() {
                    Some(submission) => self.receive(submission),
                    // A source that broke off may hold events that come before the next timer.
                    None if self.source_ended && self.stopping.is_none() => return Ok(Peek::Never),
                    None => return Ok(Peek::Unknown),
                }
                continue;
            };
            match self.writer.examine(arrived, self.clock.now())? {
                Examined::New(event) => self.next = Some(event),
                Examined::Repeat => self.count(&Verdict::Repeat),
                Examined::Refused(refused) => self.count(&Verdict::Refused(refused)),
            }
        }
    }
}
