//! Questions to a running host. In: what somebody asks. Out: the answer, from what is on disk.

use super::RunError;
use super::host::Host;
use super::inbox::Question;
use super::processor::Processor;
use crate::engine::{Client, ClientId};
use crate::store::Error;

impl Host {
    /// Answers what was asked; only allowed after a commit, so that every answer is on disk.
    pub(super) fn answer_questions(&mut self) -> Result<(), RunError> {
        for question in std::mem::take(&mut self.questions) {
            // Whoever asked may be gone.
            match question {
                Question::Client(id, reply) => _ = reply.send(self.processor.client(&id)?.map(Box::new)),
                Question::RetryLane(name, reply) => {
                    let now = self.clock.steady();
                    _ = reply.send(self.outbox.known_lane(&name).map(|lane| lane.retry_now(now)));
                }
            }
        }
        Ok(())
    }

    /// Reports how it is going.
    pub(super) fn report(&self) {
        let next = self.processor.timers.first().map(|timer| timer.wake_at);
        self.health.report(next, (&self.summary).into(), self.outbox.reports(self.clock.steady()));
    }
}

impl Processor {
    /// A client as they are on disk.
    fn client(&mut self, id: &ClientId) -> Result<Option<Client>, Error> {
        let id = self.merged.present(id);
        match self.clients.get(&id) {
            // A client without any event is not on disk.
            Some(client) if *client == Client::new(id.clone()) => Ok(None),
            Some(client) => Ok(Some(client.clone())),
            None => self.store.client(&id),
        }
    }
}
