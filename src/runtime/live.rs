//! Real time: events as they arrive, timers as they become due. After an outage, what was missed happens in its order,
//! at the present instant: a timer that was due fires before the events that happened after it, and after those that
//! happened before.

use super::host::{Answer, Host, Moving, span};
use super::inbox::{IncomingEvent, Submission, Woken};
use super::processor::Admission;
use super::{BATCH, Mode, RunError, Verdict};
use crate::engine::Now;
use crate::store::Timer;
use crate::value::{self, Timestamp};
use std::time::Duration;

/// The longest sleep. After it the host reads the wall clock again, because it may have been set.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);

impl Host {
    /// Runs until the host is asked to stop or, unless it is a service, nothing more can happen.
    pub(super) fn live(&mut self) -> Result<(), RunError> {
        self.health.set_running(true);
        while self.stopping.is_none() && !self.is_done() {
            self.follow_clock()?;
            self.set_aside.clear();
            let woken = self.wait(true, Some(self.pause()));
            let mut submissions = Vec::new();
            match woken {
                Woken::Submission(submission) => submissions.push(submission),
                Woken::Notice(notice) => self.notice(notice)?,
                Woken::Timeout => {}
            }
            self.process_notices()?;
            self.collect(&mut submissions);
            let now = self.clock.engine_now();
            self.accept_submissions(submissions, now)?;
            if !self.is_reading_file() {
                self.fire_due(now.wall, now)?;
            }
            self.flush()?;
        }
        Ok(())
    }

    /// After the wall clock was set, moves the ends of exact waits on it, a batch at a time.
    fn follow_clock(&mut self) -> Result<(), RunError> {
        if let Some(ahead_ms) = self.clock.unmoved()
            && self.moving.as_ref().is_none_or(|moving| moving.ahead_ms != ahead_ms)
        {
            let forward_ms = self.clock.set_forward_ms();
            let by = value::Duration::exact(forward_ms.abs() / 1_000 * 1_000);
            let direction = if forward_ms > 0 { "forward" } else { "back" };
            tracing::warn!("the clock of the machine was set {direction} by {by}; exact waits keep their length");
            self.moving = Some(Moving { ahead_ms, after: None });
        }
        if let Some(Moving { ahead_ms, after }) = self.moving.take() {
            let now = self.clock.engine_now();
            match self.processor.move_exact_waits(after.as_ref(), now)? {
                after @ Some(_) => self.moving = Some(Moving { ahead_ms, after }),
                None => self.clock.moved(ahead_ms),
            }
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
        if self.moving.is_some() {
            return Duration::ZERO;
        }
        let now = self.clock.now();
        let timer = self.processor.timers.first().filter(|_| !self.is_reading_file());
        let timer = timer.map(|timer| span(now, timer.wake_at));
        timer.into_iter().chain(self.until_delivery()).min().unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP)
    }

    /// Collects what has arrived meanwhile, so that it shares a commit.
    fn collect(&mut self, submissions: &mut Vec<Submission>) {
        let size = |submission: &Submission| match submission {
            Submission::Events(events, _) => events.len(),
            Submission::Ended(_) | Submission::Question(_) => 0,
        };
        let mut events: usize = submissions.iter().map(size).sum();
        while events < BATCH {
            let Some(submission) = self.outlet.submission() else { break };
            events += size(&submission);
            submissions.push(submission);
        }
    }

    /// Fires the timers that are due at `until`, at most a batch of them.
    fn fire_due(&mut self, until: Timestamp, now: Now) -> Result<(), RunError> {
        for _ in 0..BATCH {
            if self.processor.timers.first().is_none_or(|timer| timer.wake_at > until) {
                break;
            }
            let messages = self.processor.fire_next(now, self.clock.steady())?;
            self.enqueue(messages);
        }
        Ok(())
    }

    /// Whether a file of events is not read to its end: it may say what happened before a timer was due.
    fn is_reading_file(&self) -> bool {
        self.has_file && !self.source_ended
    }

    /// Accepts what has arrived. If timers are overdue, events are accepted in order of time, each after the timers that
    /// were due before it happened.
    pub(super) fn accept_submissions(&mut self, submissions: Vec<Submission>, now: Now) -> Result<(), RunError> {
        let is_overdue = |timer: &Timer| timer.wake_at < now.wall;
        let catches_up = self.processor.timers.first().is_some_and(is_overdue);
        let (mut waiting, mut replies) = (Vec::new(), Vec::new());
        for submission in submissions {
            match submission {
                Submission::Events(events, reply) => {
                    let first = waiting.len();
                    waiting.extend(events);
                    replies.extend(reply.map(|reply| (reply, first..waiting.len())));
                }
                Submission::Ended(end) => self.end_source(end),
                Submission::Question(question) => self.questions.push(question),
            }
        }
        let moments: Vec<Timestamp> = waiting.iter().map(|event| happened_at(event, now.wall)).collect();
        let mut order: Vec<usize> = (0..waiting.len()).collect();
        if catches_up {
            order.sort_by_key(|index| moments.get(*index));
        }
        let mut waiting: Vec<_> = waiting.into_iter().map(Some).collect();
        let mut answers: Vec<Option<Answer>> = vec![None; waiting.len()];
        for index in order {
            let (Some(incoming), Some(at)) = (waiting.get_mut(index).and_then(Option::take), moments.get(index)) else {
                continue;
            };
            // While a file is read, only its events tell how far it has come.
            if !self.is_reading_file() || incoming.line.is_some() {
                self.fire_before(*at, now)?;
            }
            let answer = self.accept_incoming(incoming, now)?;
            if let Some(place) = answers.get_mut(index) {
                *place = Some(answer);
            }
        }
        for (reply, range) in replies {
            let answers = answers.get(range).unwrap_or_default().iter().flatten().cloned().collect();
            self.replies.push((reply, answers));
        }
        Ok(())
    }

    /// Fires all timers that were due before a moment.
    fn fire_before(&mut self, moment: Timestamp, now: Now) -> Result<(), RunError> {
        let until = moment.min(now.wall).plus_ms(-1);
        loop {
            if self.processor.timers.wants_more() {
                self.flush()?;
            }
            if self.processor.timers.first().is_none_or(|timer| timer.wake_at > until) {
                return Ok(());
            }
            self.fire_due(until, now)?;
            if self.processor.pending.len() >= BATCH {
                self.flush()?;
            }
        }
    }

    fn accept_incoming(&mut self, incoming: IncomingEvent, now: Now) -> Result<Answer, RunError> {
        let verdict = match self.processor.admit(incoming, now.wall)? {
            Admission::New(mut event, left_out) => {
                event.received_at = now.wall;
                self.count(&Verdict::Accepted(left_out.clone()));
                let answer = Answer::Accepted(Box::new(event.clone()), left_out);
                let messages = self.processor.accept(event, now, self.clock.steady())?;
                self.enqueue(messages);
                return Ok(answer);
            }
            Admission::Duplicate => Verdict::Duplicate,
            Admission::Rejected(rejected) => Verdict::Rejected(rejected),
        };
        self.count(&verdict);
        Ok(Answer::Final(verdict))
    }
}

/// When an event happened, as far as it says so.
fn happened_at(event: &IncomingEvent, now: Timestamp) -> Timestamp {
    let at = event.body.as_ref().ok().and_then(|body| body.get("at")).and_then(|at| at.as_str());
    at.and_then(Timestamp::parse).map_or(now, |at| at.min(now))
}
