//! A store in memory: for tests, and for hosts that need no durable state. It can be made to fail.

use super::{AcceptedEvent, Batch, DeadLetter, Error, MessageState, Queued, Start, SteadyClock, Store, Timer};
use crate::engine::{Client, ClientId, ConsentEntry, Fingerprint, Line, RecordId, RunId};
use crate::graph::Graph;
use crate::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store in memory. Clones share one state, so a test can inspect it, and reopen it as after a restart.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Mutex<State>>,
}

/// What a timer belongs to: a client, or one of its runs.
type TimerOwner = (ClientId, Option<RunId>);

#[derive(Debug, Default)]
struct State {
    clock: Option<Timestamp>,
    steady: Option<SteadyClock>,
    graphs: BTreeMap<Fingerprint, Arc<Graph>>,
    events: Vec<AcceptedEvent>,
    by_id: BTreeMap<(String, String), usize>,
    clients: BTreeMap<ClientId, Client>,
    owners: BTreeMap<RecordId, ClientId>,
    merged: Vec<(ClientId, ClientId)>,
    plan: Option<Fingerprint>,
    known: Vec<ClientId>,
    consents: Vec<ConsentEntry>,
    timers: BTreeSet<Timer>,
    by_owner: BTreeMap<TimerOwner, Timer>,
    messages: BTreeMap<i64, (Queued, MessageState)>,
    lines: Vec<Line>,
    dead_letters: Vec<DeadLetter>,
    dead_digests: BTreeSet<String>,
    commits: u64,
    fail_after: Option<(u64, Error)>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets this many more commits succeed; those after it fail with `error` until [`heal`](Self::heal).
    pub fn fail_after(&self, commits: u64, error: Error) {
        let mut state = self.state();
        state.fail_after = Some((state.commits + commits, error));
    }

    /// Lets commits succeed again.
    pub fn heal(&self) {
        self.state().fail_after = None;
    }

    /// How many commits there were.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.state().commits
    }

    /// The accepted events, in order.
    #[must_use]
    pub fn events(&self) -> Vec<AcceptedEvent> {
        self.state().events.clone()
    }

    /// All messages with their states, in order.
    #[must_use]
    pub fn messages(&self) -> Vec<(Queued, MessageState)> {
        self.state().messages.values().cloned().collect()
    }

    /// A panicking test must not hide the state, so a poisoned lock is used anyway.
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_messages(&self, wanted: impl Fn(&Queued, &MessageState) -> bool) -> Vec<Queued> {
        self.state().messages.values().filter(|(queued, state)| wanted(queued, state)).map(|(q, _)| q.clone()).collect()
    }
}

impl State {
    fn client(&mut self, id: &ClientId) -> &mut Client {
        self.clients.entry(id.clone()).or_insert_with(|| Client::new(id.clone()))
    }

    fn write(&mut self, batch: &Batch) {
        self.clock = batch.clock.or(self.clock);
        self.steady = batch.steady.clone().or(self.steady.take());
        self.graphs.extend(batch.graphs.iter().cloned());
        for event in &batch.events {
            if let Some(id) = &event.id {
                let place = (event.source.clone(), id.clone());
                if self.by_id.contains_key(&place) {
                    self.add_dead_letter(&event.set_aside());
                    continue;
                }
                self.by_id.insert(place, self.events.len());
            }
            self.events.push(event.clone());
        }
        self.plan = batch.plan.clone().or(self.plan.take());
        self.write_clients(batch);
        for entry in &batch.consents {
            if !self.consents.iter().any(|known| known.id == entry.id) {
                self.consents.push(entry.clone());
            }
        }
        for queued in &batch.messages {
            let state = MessageState::Queued { retry_at: None, reason: None };
            self.messages.insert(queued.no, (queued.clone(), state));
        }
        self.write_changes(batch);
        self.lines.extend(batch.lines.iter().cloned());
        batch.dead_letters.iter().for_each(|letter| self.add_dead_letter(letter));
    }

    fn add_dead_letter(&mut self, letter: &DeadLetter) {
        if self.dead_digests.insert(letter.digest()) {
            self.dead_letters.push(letter.clone());
        }
    }

    fn write_clients(&mut self, batch: &Batch) {
        for saved in &batch.clients {
            if !self.clients.contains_key(&saved.id) {
                self.known.push(saved.id.clone());
            }
            let client = self.client(&saved.id);
            client.fields.clone_from(&saved.fields);
            client.memory.clone_from(&saved.memory);
            self.set_timer((saved.id.clone(), None), saved.memory.wake_at());
        }
        for (from, into, _) in &batch.merged {
            self.merged.push((from.clone(), into.clone()));
            let former = self.client(from);
            former.entered.clear();
            for run in std::mem::take(&mut former.runs).into_keys() {
                self.set_timer((from.clone(), Some(run)), None);
            }
        }
        for (id, record) in &batch.released {
            self.client(id).records.remove(record);
            if self.owners.get(record) == Some(id) {
                self.owners.remove(record);
            }
        }
        for (id, record_id, record) in &batch.records {
            self.owners.insert(record_id.clone(), id.clone());
            self.client(id).records.insert(record_id.clone(), record.clone());
        }
        for (id, funnel, key, entered) in &batch.entered {
            self.client(id).entered.insert((funnel.clone(), key.clone()), *entered);
        }
        for saved in &batch.runs {
            let run = &saved.run;
            let wake_at = run.wake_at().filter(|_| run.ended.is_none());
            self.set_timer((run.client.clone(), Some(run.id.clone())), wake_at);
            if run.ended.is_some() {
                self.client(&run.client).runs.remove(&run.id);
            } else {
                self.client(&run.client).runs.insert(run.id.clone(), Box::new(run.clone()));
            }
        }
    }

    fn set_timer(&mut self, owner: TimerOwner, wake_at: Option<Timestamp>) {
        if let Some(timer) = self.by_owner.remove(&owner) {
            self.timers.remove(&timer);
        }
        if let Some(wake_at) = wake_at {
            let timer = Timer { wake_at, run: owner.1.clone(), client: owner.0.clone() };
            self.timers.insert(timer.clone());
            self.by_owner.insert(owner, timer);
        }
    }

    fn write_changes(&mut self, batch: &Batch) {
        for change in &batch.changes {
            if let Some((queued, state)) = self.messages.get_mut(&change.no) {
                queued.attempts = change.attempts;
                queued.retry_at = match &change.state {
                    MessageState::Queued { retry_at, .. } => *retry_at,
                    MessageState::Sending | MessageState::Ended(_) => None,
                };
                *state = change.state.clone();
            }
        }
    }
}

impl Store for MemoryStore {
    fn commit(&mut self, batch: &Batch) -> Result<(), Error> {
        let mut state = self.state();
        if let Some((until, error)) = &state.fail_after
            && state.commits >= *until
        {
            return Err(error.clone());
        }
        state.commits += 1;
        state.write(batch);
        Ok(())
    }

    fn start(&mut self) -> Result<Start, Error> {
        let state = self.state();
        let open = state.messages.values().filter(|(_, state)| !matches!(state, MessageState::Ended(_)));
        let lanes: BTreeSet<String> = open.map(|(queued, _)| queued.message.lane()).collect();
        let used: BTreeSet<_> =
            state.clients.values().flat_map(|client| client.runs.values()).map(|run| run.graph.clone()).collect();
        let graphs = used.into_iter().filter_map(|id| state.graphs.get(&id).map(|graph| (id, graph.as_ref().clone())));
        Ok(Start {
            clock: state.clock,
            steady: state.steady.clone(),
            plan: state.plan.clone(),
            merged: state.merged.clone(),
            last_message: state.messages.keys().next_back().copied().unwrap_or(0),
            lanes: lanes.into_iter().collect(),
            graphs: graphs.collect(),
        })
    }

    fn client(&mut self, id: &ClientId) -> Result<Option<Client>, Error> {
        Ok(self.state().clients.get(id).cloned())
    }

    fn owner(&mut self, record: &RecordId) -> Result<Option<ClientId>, Error> {
        Ok(self.state().owners.get(record).cloned())
    }

    fn event(&mut self, source: &str, id: &str) -> Result<Option<AcceptedEvent>, Error> {
        let state = self.state();
        let index = state.by_id.get(&(source.to_owned(), id.to_owned()));
        Ok(index.and_then(|index| state.events.get(*index)).cloned())
    }

    fn clients(&mut self, skip: usize, limit: usize) -> Result<Vec<ClientId>, Error> {
        Ok(self.state().known.iter().skip(skip).take(limit).cloned().collect())
    }

    fn keyless_events(&mut self, types: &[&str]) -> Result<Vec<AcceptedEvent>, Error> {
        let wanted = |event: &&AcceptedEvent| event.key.is_none() && types.contains(&event.name.as_str());
        Ok(self.state().events.iter().filter(wanted).cloned().collect())
    }

    fn consents(&mut self, client: &ClientId) -> Result<Vec<ConsentEntry>, Error> {
        Ok(self.state().consents.iter().filter(|entry| entry.client == *client).cloned().collect())
    }

    fn timers(&mut self, after: Option<&Timer>, limit: usize) -> Result<Vec<Timer>, Error> {
        let state = self.state();
        Ok(state.timers.iter().filter(|timer| after.is_none_or(|after| *timer > after)).take(limit).cloned().collect())
    }

    fn queued(&mut self, lane: &str, after: i64, limit: usize) -> Result<Vec<Queued>, Error> {
        let mut found = self.open_messages(|queued, state| {
            queued.no > after && queued.message.lane() == lane && matches!(state, MessageState::Queued { .. })
        });
        found.truncate(limit);
        Ok(found)
    }

    fn sending(&mut self) -> Result<Vec<Queued>, Error> {
        Ok(self.open_messages(|_, state| *state == MessageState::Sending))
    }

    fn trace(&mut self, skip: usize, limit: usize) -> Result<Vec<Line>, Error> {
        Ok(self.state().lines.iter().skip(skip).take(limit).cloned().collect())
    }

    fn message_counts(&mut self) -> Result<BTreeMap<String, u64>, Error> {
        let mut counts = BTreeMap::new();
        for (_, state) in self.state().messages.values() {
            *counts.entry(state.name().to_owned()).or_default() += 1;
        }
        Ok(counts)
    }

    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, Error> {
        Ok(self.state().dead_letters.clone())
    }

    fn close(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
