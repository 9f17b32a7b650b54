//! What cannot be written. In: a batch that the store refuses because of one client. Out: everything else on disk, and
//! the events of that client set aside with the reason, one by one.

use super::processor::Processor;
use super::{MAX_TIMERS, Rejected};
use crate::diagnostic::Code;
use crate::engine::{ClientId, Line, Now, Rejection};
use crate::say;
use crate::store::{AcceptedEvent, Batch, DeadLetter, Error, Queued};
use crate::value::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long to wait before the store is tried again that another program is writing to.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// What a commit has led to.
#[derive(Debug, Default)]
pub(super) struct Committed {
    /// The lines that are on disk.
    pub(super) lines: Vec<Line>,
    /// The numbers of messages that are not on disk and must not be sent.
    pub(super) unwritten: BTreeSet<i64>,
    /// Messages that were decided again, and are on disk.
    pub(super) messages: Vec<Queued>,
    /// Accepted events that were set aside after all.
    pub(super) set_aside: Vec<(AcceptedEvent, Rejected)>,
    /// How many inputs were set aside.
    pub(super) count: u64,
}

impl Processor {
    /// Writes a batch. What concerns a client that the store refuses is left out, and then tried again alone.
    pub(super) fn write(&mut self, mut batch: Batch, now: Now, steady: Timestamp) -> Result<Committed, Error> {
        let mut left_out = Vec::new();
        loop {
            match self.commit_when_free(&batch) {
                Ok(()) => break,
                Err(Error::Unwritable { client, detail }) => {
                    let part = batch.take_client(&client);
                    if part == Batch::default() {
                        return Err(Error::Unwritable { client, detail });
                    }
                    left_out.push((client, detail, part));
                }
                Err(other) => return Err(other),
            }
        }
        let mut committed = Committed { lines: batch.lines, ..Committed::default() };
        for (client, detail, part) in left_out {
            self.try_alone(&mut committed, &client, &detail, part, (now, steady))?;
        }
        Ok(committed)
    }

    /// Writes a batch, waiting while another program writes to the store. Gives up only when the host is to stop.
    fn commit_when_free(&mut self, batch: &Batch) -> Result<(), Error> {
        let mut is_told = false;
        loop {
            let committed = self.store.commit(batch);
            match &committed {
                // The store itself waits for some seconds each time.
                Err(locked @ Error::Locked { .. }) if self.health.stops_asked() == 0 => {
                    if !is_told {
                        tracing::warn!("{locked}; waiting until it has finished");
                        self.health.set_store_held(true);
                        is_told = true;
                    }
                    std::thread::sleep(LOCK_PAUSE);
                }
                Ok(()) | Err(_) => {
                    if is_told {
                        self.health.set_store_held(false);
                        tracing::warn!("the store is free again");
                    }
                    return committed;
                }
            }
        }
    }

    /// Handles the events of a client again, each in a transaction of its own.
    fn try_alone(
        &mut self,
        committed: &mut Committed,
        client: &ClientId,
        detail: &str,
        part: Batch,
        (now, steady): (Now, Timestamp),
    ) -> Result<(), Error> {
        tracing::error!("{client}: not written: {detail}");
        committed.unwritten.extend(part.messages.iter().map(|queued| queued.no));
        self.forget(client);
        let received: Vec<_> = part.events.into_iter().filter(|event| !event.is_emitted()).collect();
        if received.is_empty() {
            // A timer or an outcome: it would be due again immediately, so the client rests until the next start.
            self.resting.insert(client.clone());
            committed.count += 1;
            return Ok(());
        }
        for event in received {
            let messages = self.accept(event.clone(), now, steady)?;
            let batch = self.take_batch();
            match self.commit_when_free(&batch) {
                Ok(()) => {
                    committed.lines.extend(batch.lines);
                    committed.messages.extend(messages);
                }
                Err(Error::Unwritable { detail, .. }) => {
                    self.forget(client);
                    let rejected = rejected(&event, &detail);
                    let dead_letters = vec![dead_letter(&event, &rejected)];
                    self.commit_when_free(&Batch { dead_letters, ..Batch::default() })?;
                    committed.set_aside.push((event, rejected));
                    committed.count += 1;
                }
                Err(other) => return Err(other),
            }
        }
        // The timers of the client are as they are on disk.
        self.forget(client);
        Ok(())
    }

    /// Forgets what is in memory of a client; the disk is right.
    fn forget(&mut self, client: &ClientId) {
        self.clients.remove(client);
        self.timers = super::timers::Timers::new(MAX_TIMERS);
    }
}

fn rejected(event: &AcceptedEvent, detail: &str) -> Rejected {
    let message = say!("the event cannot be written: {detail}", detail);
    let help = say!("the other events are not affected; report this");
    let Rejection { code, message, help } = Rejection::new(Code::BadEvent, message, help);
    Rejected { source: event.source.clone(), line: None, id: event.id.clone(), code, message, help, partial: false }
}

fn dead_letter(event: &AcceptedEvent, rejected: &Rejected) -> DeadLetter {
    DeadLetter { code: rejected.code, message: rejected.message.to_string(), ..event.set_aside() }
}
