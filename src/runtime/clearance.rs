//! Whether a message that has waited for its delivery may still leave. In: a message in the outbox, its client, its funnel.
//! Out: that it may, when it may, or why it may not any more.

use super::host::Host;
use super::processor::Processor;
use super::{Mode, RunError};
use crate::engine::still_consents;
use crate::store::{Error, Queued};
use crate::value::{Timestamp, Zone};

/// How long a message may be on its way to its first attempt before `hours` are asked again, in milliseconds.
const ON_ITS_WAY_MS: i64 = 60_000;

/// The reason of a message that its client no longer agrees to.
const WITHDRAWN: &str = "no consent";

/// The reason of a message whose run waited for its outcome, and ended meanwhile.
const ENDED: &str = "the run has ended";

/// Whether a message may leave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Clearance {
    /// Now.
    Free,
    /// When the funnel's hours begin again.
    Closed(Timestamp),
    /// Never, for this reason.
    Withdrawn(&'static str),
}

impl Host {
    /// Takes the messages to send now. Messages that waited are asked again whether they may leave; in virtual time none has
    /// waited.
    pub(super) fn take_jobs(&mut self) -> Result<Vec<Queued>, RunError> {
        let (at, steady) = (self.clock.now(), self.clock.steady());
        let mut jobs = Vec::new();
        for job in self.outbox.take(at, steady) {
            let clearance = match self.mode {
                Mode::FastForward => Clearance::Free,
                Mode::RealTime | Mode::Service => self.processor.clearance(&job, at, steady)?,
            };
            let lane = self.outbox.lane(&job.message.lane());
            match clearance {
                Clearance::Free => {
                    self.processor.pending.batch.changes.extend(self.outbox.mark(&job, at));
                    jobs.push(job);
                }
                Clearance::Closed(open) => {
                    let until = steady.plus_ms(open.0.saturating_sub(at.0));
                    self.processor.pending.batch.changes.extend(lane.hold(job.no, until, at));
                }
                Clearance::Withdrawn(reason) => {
                    if let Some(completion) = lane.withdraw(job.no, reason, at) {
                        self.complete_in_order(completion)?;
                    }
                }
            }
        }
        Ok(jobs)
    }
}

impl Processor {
    /// Asks again whether a message may leave: whether its client still agrees to it, and, when it was tried before or has
    /// waited, whether its run still waits for it and the hours of its funnel allow it. `at` is the engine's time, `now` is steady.
    pub(super) fn clearance(&mut self, job: &Queued, at: Timestamp, now: Timestamp) -> Result<Clearance, Error> {
        let message = &job.message;
        if message.evidence.is_some() {
            let id = self.merged.present(&message.client);
            self.load(&id)?;
            if self.clients.get(&id).is_some_and(|client| !still_consents(client, message)) {
                return Ok(Clearance::Withdrawn(WITHDRAWN));
            }
        }
        let has_waited = job.attempts > 0 || now.0.saturating_sub(job.queued_at.0) > ON_ITS_WAY_MS;
        if !has_waited || !message.is_to_client() {
            return Ok(Clearance::Free);
        }
        let id = self.merged.present(&message.client);
        self.load(&id)?;
        let run = self.clients.get(&id).and_then(|client| client.runs.get(&message.run));
        if message.outcome_expected && run.is_none() {
            return Ok(Clearance::Withdrawn(ENDED));
        }
        let graphs = &self.project.graphs;
        let own = run.and_then(|run| graphs.get(&run.graph));
        // A run that has ended leaves the current version of its funnel.
        let current = || graphs.current().map(|(_, graph)| graph).find(|graph| graph.funnel == message.funnel);
        let Some(graph) = own.or_else(current) else { return Ok(Clearance::Free) };
        let zone = Zone::named(&message.zone).unwrap_or(Zone::UTC);
        let open = zone.next_open(at, &graph.settings.hours).filter(|open| *open > at);
        Ok(open.map_or(Clearance::Free, Clearance::Closed))
    }
}
