//! The host's main thread, which owns store, clock and outbox. In: submissions and notices. Out: commits, and after
//! each commit its lines, verdicts and deliveries.

use super::clock::{Clock, Machine, System};
use super::completion::Completion;
use super::dispatch::{self, Delivery, Outbox};
use super::event_reader::Tables;
use super::health::Health;
use super::inbox::{self, Inbox, IncomingEvent, Notice, Outlet, Question, Submission, Woken};
use super::outcome_order::OutcomeSequencer;
use super::processor::Processor;
use super::set_aside::Committed;
use super::{Mode, Rejected, RunConfig, RunError, Source, Summary, Verdict, ingest, signals};
use crate::engine::{Line, LineKind};
use crate::store::{AcceptedEvent, Delivered, MessageState, Queued, Start, Timer};
use crate::value::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::{mpsc, oneshot};

/// How long deliveries in flight may take to finish when the host shuts down.
const GRACE: Duration = Duration::from_secs(5);

/// How often, and at what interval, to look whether somebody still waits for an answer when the host ends.
const LAST_ANSWERS: u32 = 40;
const ANSWER_PAUSE: Duration = Duration::from_millis(50);

/// A project opened on a store, ready to run.
pub struct Host {
    pub(super) processor: Processor,
    pub(super) outbox: Outbox,
    pub(super) outlet: Outlet,
    pub(super) clock: Clock,
    pub(super) mode: Mode,
    /// Events that were received but not checked yet, in fast forward.
    pub(super) incoming: VecDeque<IncomingEvent>,
    /// The next event, in fast forward.
    pub(super) next: Option<AcceptedEvent>,
    /// In virtual time, when the last event was handled; before the first one, the time at the start.
    pub(super) last_event: Option<Timestamp>,
    /// The outcomes that virtual time waits for, in fast forward.
    pub(super) outcomes: OutcomeSequencer,
    /// Whether the source is a file, which is read to its end at once.
    pub(super) has_file: bool,
    pub(super) source_ended: bool,
    pub(super) summary: Summary,
    /// The verdicts to return after the next commit.
    pub(super) replies: Vec<(oneshot::Sender<Vec<Verdict>>, Vec<Answer>)>,
    /// Accepted events of this round that were set aside after all.
    pub(super) set_aside: Vec<(AcceptedEvent, Rejected)>,
    pub(super) rejected: Vec<Rejected>,
    /// The questions to answer after the next commit.
    pub(super) questions: Vec<Question>,
    pub(super) health: Health,
    pub(super) stopping: Option<Stop>,
    /// After the wall clock was set: the ends of exact waits are being moved on it.
    pub(super) moving: Option<Moving>,
    inbox: Inbox,
    notify: mpsc::UnboundedSender<Notice>,
    tasks: Runtime,
    source_error: Option<RunError>,
    on_line: Box<dyn FnMut(&Line)>,
    on_rejected: Box<dyn FnMut(&Rejected)>,
}

/// The ends of exact waits are being moved, in order, up to a timer.
#[derive(Debug)]
pub(super) struct Moving {
    pub(super) ahead_ms: i64,
    pub(super) after: Option<Timer>,
}

/// What is said about an event that somebody waits for.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// It is accepted once it is on disk.
    Accepted(Box<AcceptedEvent>, Vec<Rejected>),
    /// Any other verdict.
    Final(Verdict),
}

/// How the host is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Graceful,
    Immediate,
}

/// Asks a running host to shut down. When asked twice, the host does not wait for deliveries.
#[derive(Debug, Clone)]
pub struct Stopper {
    notify: mpsc::UnboundedSender<Notice>,
    health: Health,
    was_asked: bool,
}

impl Stopper {
    /// Asks the host to shut down.
    pub fn stop(&mut self) {
        let notice = if self.was_asked { Notice::StopNow } else { Notice::Stop };
        self.was_asked = true;
        self.health.ask_to_stop();
        // Nobody listens when the host has already ended.
        let _ = self.notify.send(notice);
    }
}

impl Host {
    /// Opens a project on its store and reads what an earlier run left.
    ///
    /// # Errors
    /// When the store, the source or the system fails.
    pub fn new(config: RunConfig) -> Result<Self, RunError> {
        Self::with_clocks(config, Box::new(Machine::new()))
    }

    /// Like [`Self::new`], with other clocks than those of the machine.
    ///
    /// # Errors
    /// When the store, the source or the system fails.
    pub fn with_clocks(mut config: RunConfig, clocks: Box<dyn System>) -> Result<Self, RunError> {
        let system = |error: std::io::Error| RunError::System(error.to_string());
        let start = config.store.start()?;
        let tasks = dispatch::start_tasks().map_err(system)?;
        let (inbox, notify, outlet) = inbox::open();
        let has_file = config.source.as_ref().is_some_and(Source::is_file);
        if let Some(source) = config.source.take() {
            let zone = config.project.catalog.local().zone;
            let sorts = (config.mode == Mode::FastForward).then_some(zone);
            let tables = Tables { catalog: config.project.catalog.clone(), maps: Vec::new() };
            ingest::spawn(source, sorts, tables, inbox.clone()).map_err(|error| RunError::of_source(&error))?;
        } else {
            // Without a source, there is only what the store contains.
            inbox.push(Submission::Ended(Ok(false))).map_err(|_| RunError::System("the inbox is closed".to_owned()))?;
        }
        if config.signals {
            let stopper = Stopper { notify: notify.clone(), health: inbox.health().clone(), was_asked: false };
            signals::listen(stopper).map_err(system)?;
        }
        let clock = match config.mode {
            Mode::FastForward => Clock::stopped_at(start.clock, clocks, start.steady.clone()),
            Mode::RealTime | Mode::Service => Clock::real(clocks, start.steady.clone()),
        };
        let outbox = Outbox::new(config.channels, config.retry, tasks.handle().clone(), notify.clone(), clock.wall());
        let processor = Processor::new(
            config.store,
            config.project,
            Start { lanes: Vec::new(), ..start.clone() },
            config.mode != Mode::FastForward,
            inbox.health().clone(),
        );
        let mut host = Self {
            outbox,
            outlet,
            clock,
            mode: config.mode,
            incoming: VecDeque::new(),
            next: None,
            last_event: None,
            outcomes: OutcomeSequencer::default(),
            has_file,
            source_ended: false,
            summary: Summary::default(),
            replies: Vec::new(),
            set_aside: Vec::new(),
            rejected: Vec::new(),
            questions: Vec::new(),
            health: inbox.health().clone(),
            stopping: None,
            moving: None,
            inbox,
            notify,
            tasks,
            source_error: None,
            on_line: config.on_line,
            on_rejected: config.on_rejected,
            processor,
        };
        host.processor.logs_undeclared = host.mode == Mode::Service;
        for lane in &start.lanes {
            host.outbox.lane(lane).read_from_disk(0);
        }
        Ok(host)
    }

    /// The inbox for events from elsewhere, such as HTTP; not read in fast forward.
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// The runtime for tasks that end with the host.
    #[must_use]
    pub fn tasks(&self) -> &Handle {
        self.tasks.handle()
    }

    /// A handle to ask the host to shut down.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper { notify: self.notify.clone(), health: self.health.clone(), was_asked: false }
    }

    /// Runs until the work is done or the host is asked to stop.
    ///
    /// # Errors
    /// When the store or the source fails. What was acknowledged is on disk.
    pub fn run(mut self) -> Result<Summary, RunError> {
        self.processor.backfill_clients(self.clock.engine_now(), self.clock.virtual_now())?;
        self.recover()?;
        match self.mode {
            Mode::FastForward => self.fast_forward()?,
            Mode::RealTime | Mode::Service => {
                self.processor.report_past_campaigns(self.clock.now());
                self.live()?;
            }
        }
        self.shut_down()?;
        self.summary.undeclared = std::mem::take(&mut self.processor.undeclared);
        match self.source_error.take() {
            Some(error) => Err(error),
            None => Ok(self.summary),
        }
    }

    /// Decides what happens to messages that were being sent when the last process ended.
    fn recover(&mut self) -> Result<(), RunError> {
        let (at, steady) = (self.clock.now(), self.clock.steady());
        let sending = self.processor.store.sending()?;
        if self.mode == Mode::FastForward {
            self.outcomes.expect(&sending);
            self.expect_queued()?;
        }
        for queued in sending {
            let completion = self.outbox.lane(&queued.message.lane()).interrupted(queued, at, steady);
            self.complete_in_order(completion)?;
        }
        self.flush()
    }

    /// Registers the messages of an earlier host whose outcomes runs wait for.
    fn expect_queued(&mut self) -> Result<(), RunError> {
        for (channel, mut after, limit) in self.outbox.wanted() {
            loop {
                let rows = self.processor.store.queued(&channel, after, limit)?;
                self.outcomes.expect(&rows);
                match rows.last() {
                    Some(last) if rows.len() == limit => after = last.no,
                    Some(_) | None => break,
                }
            }
        }
        Ok(())
    }

    /// Handles a notice from one of the host's own tasks.
    pub(super) fn notice(&mut self, notice: Notice) -> Result<(), RunError> {
        match notice {
            Notice::Delivered(delivery) => self.delivered(delivery),
            Notice::Stop => {
                self.stopping = self.stopping.or(Some(Stop::Graceful));
                self.summary.interrupted = true;
                Ok(())
            }
            Notice::StopNow => {
                self.stopping = Some(Stop::Immediate);
                self.summary.interrupted = true;
                Ok(())
            }
        }
    }

    /// Handles the notices that have arrived, up to a batch of them.
    pub(super) fn process_notices(&mut self) -> Result<(), RunError> {
        while self.processor.pending.len() < super::BATCH {
            let Some(notice) = self.outlet.notice() else { break };
            self.notice(notice)?;
        }
        for completion in self.outbox.give_up(self.clock.now(), self.clock.steady()) {
            self.complete_in_order(completion)?;
        }
        Ok(())
    }

    fn delivered(&mut self, delivery: Delivery) -> Result<(), RunError> {
        let (at, steady) = (self.clock.now(), self.clock.steady());
        let completion = self.outbox.complete(delivery, at, steady);
        completion.map_or(Ok(()), |completion| self.complete_in_order(completion))
    }

    /// Applies a completion after those that must come before it.
    pub(super) fn complete_in_order(&mut self, completion: Completion) -> Result<(), RunError> {
        if let Some(completion) = self.outcomes.hold(completion) {
            self.apply_completion(completion)?;
        }
        while let Some(completion) = self.outcomes.next() {
            self.apply_completion(completion)?;
        }
        Ok(())
    }

    fn apply_completion(&mut self, completion: Completion) -> Result<(), RunError> {
        match &completion.change.state {
            MessageState::Queued { .. } | MessageState::Sending => {}
            MessageState::Ended(done @ (Delivered::Sent { .. } | Delivered::Printed)) => {
                let channel = completion.outcome.as_ref().map(|(message, _)| message.channel.as_str());
                *match channel {
                    Some("task") => &mut self.summary.tasks,
                    Some("call" | "do") => &mut self.summary.calls,
                    _ if matches!(done, Delivered::Printed) => &mut self.summary.printed,
                    _ => &mut self.summary.sent,
                } += 1;
            }
            MessageState::Ended(Delivered::NotSent { .. }) => self.summary.not_sent += 1,
            MessageState::Ended(Delivered::Unknown { .. }) => self.summary.unknown += 1,
        }
        let (now, steady) = (self.clock.engine_now(), self.clock.steady());
        self.accept_opt_out(&completion)?;
        let messages = self.processor.apply_completion(completion, now, steady)?;
        self.enqueue(messages);
        Ok(())
    }

    /// Adds new messages to the outbox.
    pub(super) fn enqueue(&mut self, messages: Vec<Queued>) {
        if self.mode == Mode::FastForward {
            self.outcomes.expect(&messages);
        }
        for queued in messages {
            let name = queued.message.lane();
            self.outbox.lane(&name).push(queued);
        }
    }

    /// Marks the source as finished.
    pub(super) fn end_source(&mut self, end: Result<bool, RunError>) {
        self.source_ended = true;
        match end {
            Ok(sorted) => self.summary.sorted |= sorted,
            Err(error) => {
                self.source_error = Some(error);
                self.stopping = self.stopping.or(Some(Stop::Graceful));
            }
        }
    }

    /// Counts the verdict on an event.
    pub(super) fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Accepted(left_out) => {
                self.summary.events += 1;
                self.leave_out(left_out);
            }
            Verdict::Duplicate => self.summary.duplicates += 1,
            Verdict::Rejected(rejected) => {
                self.summary.rejected += 1;
                self.rejected.push(rejected.clone());
            }
        }
    }

    /// Counts what was left out of an event, to report it after the next commit.
    pub(super) fn leave_out(&mut self, left_out: &[Rejected]) {
        self.summary.left_out += left_out.len() as u64;
        self.rejected.extend_from_slice(left_out);
    }

    /// Commits the batch, then reports its lines and verdicts, then starts the deliveries.
    pub(super) fn flush(&mut self) -> Result<(), RunError> {
        let mut jobs = if self.stopping.is_none() { self.take_jobs()? } else { Vec::new() };
        let mut committed = Committed::default();
        if !self.processor.pending.is_empty() {
            self.processor.pending.batch.steady = self.clock.unstored();
            let (clock, now, steady) = (self.clock.virtual_now(), self.clock.engine_now(), self.clock.steady());
            committed = self.processor.commit(clock, now, steady)?;
            self.summary.commits += 1;
        }
        jobs.retain(|job| !committed.unwritten.contains(&job.no));
        let lines = std::mem::take(&mut committed.lines);
        self.take_back(committed);
        self.publish(&lines);
        self.outbox.send(jobs);
        self.processor.refill_timers()?;
        for (channel, after, limit) in self.outbox.wanted() {
            let rows = self.processor.store.queued(&channel, after, limit)?;
            self.outbox.lane(&channel).refill(rows, limit);
        }
        self.answer_questions()?;
        self.health.works();
        Ok(())
    }

    /// Takes back what was not written, and goes on with what was decided again.
    fn take_back(&mut self, committed: Committed) {
        if committed.count == 0 && committed.unwritten.is_empty() && committed.messages.is_empty() {
            return;
        }
        self.outbox.forget(&committed.unwritten);
        self.outcomes.forget(&committed.unwritten);
        self.enqueue(committed.messages);
        self.health.add_set_aside(committed.count);
        for (_, rejected) in &committed.set_aside {
            self.summary.events = self.summary.events.saturating_sub(1);
            self.count(&Verdict::Rejected(rejected.clone()));
        }
        self.set_aside.extend(committed.set_aside);
    }

    /// The verdict on an event, after the commit.
    fn verdict(&self, answer: Answer) -> Verdict {
        let (event, left_out) = match answer {
            Answer::Final(verdict) => return verdict,
            Answer::Accepted(event, left_out) => (event, left_out),
        };
        let set_aside = self.set_aside.iter().find(|(other, _)| *other == *event);
        set_aside.map_or(Verdict::Accepted(left_out), |(_, rejected)| Verdict::Rejected(rejected.clone()))
    }

    fn publish(&mut self, lines: &[Line]) {
        for line in lines {
            self.summary.silences.add(&line.kind);
            self.summary.entered += u64::from(matches!(line.kind, LineKind::Enter { .. }));
            (self.on_line)(line);
        }
        for rejected in self.rejected.drain(..) {
            (self.on_rejected)(&rejected);
        }
        for (reply, answers) in std::mem::take(&mut self.replies) {
            let verdicts = answers.into_iter().map(|answer| self.verdict(answer)).collect();
            // The submitter may be gone; the events are accepted anyway.
            let _ = reply.send(verdicts);
        }
    }

    /// Waits for something to happen, at most for `timeout`.
    pub(super) fn wait(&mut self, take: bool, timeout: Option<Duration>) -> Woken {
        self.report();
        self.health.rests();
        let woken = self.tasks.block_on(self.outlet.wait(take, timeout));
        self.health.works();
        woken
    }

    /// How long it takes until a message may be sent that may not be sent now.
    pub(super) fn until_delivery(&self) -> Option<Duration> {
        let (at, now) = (self.clock.now(), self.clock.steady());
        self.outbox.due_at(at, now).map(|due| span(now, due))
    }

    /// Accepts nothing more, waits for deliveries in flight, and writes their outcomes.
    fn shut_down(&mut self) -> Result<(), RunError> {
        self.health.set_running(false);
        self.outlet.close();
        // Whoever submitted events before that waits for the verdicts.
        let submissions: Vec<_> = std::iter::from_fn(|| self.outlet.submission()).collect();
        if self.mode == Mode::Service {
            let now = self.clock.engine_now();
            self.accept_submissions(submissions, now)?;
        }
        self.outbox.close();
        self.stopping = self.stopping.or(Some(Stop::Graceful));
        self.flush()?;
        let until = self.clock.steady().plus_ms(i64::try_from(GRACE.as_millis()).unwrap_or(0));
        while self.outbox.in_flight() > 0 && self.stopping != Some(Stop::Immediate) {
            let left = span(self.clock.steady(), until);
            match self.wait(false, Some(left)) {
                Woken::Notice(notice) => self.notice(notice)?,
                Woken::Submission(_) => {}
                Woken::Timeout => break,
            }
            self.process_notices()?;
            self.flush()?;
        }
        if self.mode == Mode::Service {
            // Gives the last answers time to reach those who wait for them.
            let health = self.health.clone();
            self.tasks.block_on(async {
                for _ in 0..LAST_ANSWERS {
                    tokio::time::sleep(ANSWER_PAUSE).await;
                    if !health.has_open_requests() {
                        break;
                    }
                }
                tokio::time::sleep(ANSWER_PAUSE).await;
            });
        }
        if let Err(error) = self.processor.store.close() {
            tracing::warn!(%error, "checkpoint on close failed; no data is lost");
        }
        Ok(())
    }
}

/// The time from one instant to a later one; zero when it is earlier.
pub(super) fn span(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0))
}
