//! Real time: events as they arrive, timers as they become due. Timers that were missed while no process ran fire
//! first, oldest first, at the present instant.

use super::host::{Host, span};
use super::inbox::{IncomingEvent, Submission, Woken};
use super::processor::Admission;
use super::{BATCH, Mode, RunError, Verdict};
use crate::value::Timestamp;
use std::time::Duration;

/// The longest sleep. After it the host reads the wall clock again, because it may have been set.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);

impl Host {
    /// Runs until the host is asked to stop or, unless it is a service, nothing more can happen.
    pub(super) fn live(&mut self) -> Result<(), RunError> {
        while self.stopping.is_none() && !self.is_done() {
            let woken = self.wait(true, Some(self.pause()));
            let mut submissions = Vec::new();
            match woken {
                Woken::Submission(submission) => submissions.push(submission),
                Woken::Notice(notice) => self.notice(notice)?,
                Woken::Timeout => {}
            }
            self.process_notices()?;
            self.collect(&mut submissions);
            let now = self.clock.now();
            self.fire_due(now.plus_ms(-1), now)?;
            for submission in submissions {
                self.accept_submission(submission, now)?;
            }
            self.fire_due(now, now)?;
            self.flush()?;
        }
        Ok(())
    }

    /// Whether nothing more can happen.
    fn is_done(&self) -> bool {
        let asleep = self.processor.timers.first().is_some() || self.processor.timers.wants_more();
        self.mode == Mode::RealTime && self.source_ended && !asleep && self.outbox.is_empty()
    }

    /// How long the host may sleep.
    fn pause(&self) -> Duration {
        let now = self.clock.now();
        let timer = self.processor.timers.first().map(|timer| span(now, timer.wake_at));
        timer.into_iter().chain(self.until_delivery()).min().unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP)
    }

    /// Collects what has arrived meanwhile, so that it shares a commit.
    fn collect(&mut self, submissions: &mut Vec<Submission>) {
        let size = |submission: &Submission| match submission {
            Submission::Events(events, _) => events.len(),
            Submission::Ended(_) => 0,
        };
        let mut events: usize = submissions.iter().map(size).sum();
        while events < BATCH {
            let Some(submission) = self.outlet.submission() else { break };
            events += size(&submission);
            submissions.push(submission);
        }
    }

    /// Fires the timers that are due at `until`, at most a batch of them.
    fn fire_due(&mut self, until: Timestamp, now: Timestamp) -> Result<(), RunError> {
        for _ in 0..BATCH {
            if self.processor.timers.first().is_none_or(|timer| timer.wake_at > until) {
                break;
            }
            let messages = self.processor.fire_next(now, self.clock.steady())?;
            self.enqueue(messages);
        }
        Ok(())
    }

    fn accept_submission(&mut self, submission: Submission, now: Timestamp) -> Result<(), RunError> {
        let (events, reply) = match submission {
            Submission::Events(events, reply) => (events, reply),
            Submission::Ended(end) => {
                self.end_source(end);
                return Ok(());
            }
        };
        let mut verdicts = Vec::with_capacity(if reply.is_some() { events.len() } else { 0 });
        for incoming in events {
            let verdict = self.accept_incoming(incoming, now)?;
            self.count(&verdict);
            if reply.is_some() {
                verdicts.push(verdict);
            }
        }
        self.replies.extend(reply.map(|reply| (reply, verdicts)));
        Ok(())
    }

    fn accept_incoming(&mut self, incoming: IncomingEvent, now: Timestamp) -> Result<Verdict, RunError> {
        Ok(match self.processor.admit(incoming, now)? {
            Admission::New(event, left_out) => {
                let messages = self.processor.accept(event, now, self.clock.steady())?;
                self.enqueue(messages);
                Verdict::Accepted(left_out)
            }
            Admission::Duplicate => Verdict::Duplicate,
            Admission::Rejected(rejected) => Verdict::Rejected(rejected),
        })
    }
}
