//! Processes inputs: events, timers and outcomes, one at a time. Out: their effects, written as one transaction.

use super::cache::Cache;
use super::completion::Completion;
use super::duplicate::Seen;
use super::health::Health;
use super::inbox::IncomingEvent;
use super::pending::Pending;
use super::set_aside::Committed;
use super::timers::Timers;
use super::{MAX_TIMERS, Rejected};
use crate::check::program::Catalog;
use crate::diagnostic::Code;
use crate::engine::{
    Client, ClientId, Event, EventDigest, Fields, Fingerprint, Graphs, Input, Merged, Message, Now, Outcome, Received,
    Record, Rejection, RunId, UndeclaredFields, World, digest_as_received, handle, receive, receive_withdrawal,
    received_id,
};
use crate::store::{AcceptedEvent, Batch, DeadLetter, Error, Queued, Store, Timer};
use crate::value::Timestamp;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Limit: clients in memory (at most twice as many).
const MAX_CLIENTS: usize = 20_000;

/// What the engine needs of a project.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The declarations of events and clients.
    pub catalog: Catalog,
    /// The graphs that clients enter.
    pub graphs: Graphs,
    /// The fields of `business`.
    pub business: Fields,
    /// The language for dates and amounts (ISO 639-1).
    pub language: String,
}

/// Processes inputs and keeps their effects until the next commit.
pub(super) struct Processor {
    pub(super) store: Box<dyn Store>,
    pub(super) timers: Timers,
    pub(super) pending: Pending,
    pub(super) project: Project,
    pub(super) clients: Cache,
    /// Clients whose timers are not fired until the next start, because what follows cannot be written.
    pub(super) resting: BTreeSet<ClientId>,
    last_message: i64,
    /// The plan that every client on disk is synced with.
    plan: Option<Fingerprint>,
    /// The clients that are others now.
    pub(super) merged: Merged,
    /// Whether virtual time is past the last event.
    pub(super) draining: bool,
    /// Fields of accepted events that no declaration knows.
    pub(super) undeclared: UndeclaredFields,
    /// Whether such a field is logged when it first comes.
    pub(super) logs_undeclared: bool,
    pub(super) health: Health,
    /// Whether the clock is real, so that nothing can have happened after now.
    live: bool,
}

/// The result of checking an incoming event.
#[derive(Debug)]
pub(super) enum Admission {
    /// It is new and to be processed, without these parts.
    New(AcceptedEvent, Vec<Rejected>),
    /// It was accepted before.
    Duplicate,
    /// It is rejected.
    Rejected(Rejected),
}

/// What one input led to.
#[derive(Debug, Default)]
struct Applied {
    /// The messages that were decided.
    messages: Vec<Queued>,
    /// The record that was taken away from the client.
    record: Option<Record>,
    /// Everything of the client, who is another one now.
    left: Option<Box<Client>>,
}

impl Processor {
    /// Reports the triggers that fire once, and whose moment is past in every time zone.
    pub(super) fn report_past_campaigns(&self, now: Timestamp) {
        for (_, graph) in self.project.graphs.current() {
            for at in graph.entries.iter().filter_map(|entry| entry.trigger.once()) {
                if at.instants().1 < now {
                    tracing::warn!("`{}`: {at} is past, so no further client enters", graph.funnel);
                }
            }
        }
    }

    pub(super) fn new(
        store: Box<dyn Store>,
        mut project: Project,
        start: crate::store::Start,
        live: bool,
        health: Health,
    ) -> Self {
        let mut pending = Pending::default();
        let current = project.graphs.current().map(|(fingerprint, graph)| (fingerprint.clone(), graph.clone()));
        pending.batch.graphs.extend(current);
        for (fingerprint, graph) in start.graphs {
            if project.graphs.get(&fingerprint).is_none() {
                tracing::warn!("active runs continue on an older version of `{}`", graph.funnel);
            }
            project.graphs.add(fingerprint, graph);
        }
        Self {
            store,
            timers: Timers::new(MAX_TIMERS),
            pending,
            project,
            clients: Cache::new(MAX_CLIENTS),
            resting: BTreeSet::new(),
            last_message: start.last_message,
            plan: start.plan,
            merged: Merged::new(start.merged),
            draining: false,
            undeclared: UndeclaredFields::default(),
            logs_undeclared: false,
            health,
            live,
        }
    }

    /// Checks an incoming event. A rejected one becomes a dead letter with the next commit.
    pub(super) fn admit(&mut self, incoming: IncomingEvent, now: Timestamp) -> Result<Admission, Error> {
        let IncomingEvent { mut source, line, fallback_id, body } = incoming;
        let (json, torn) = match body {
            Ok(json) => (json, None),
            Err(malformed) => {
                let refusal = Rejection::new(malformed.code, malformed.message, malformed.help);
                match malformed.readable {
                    Some(json) => (json, Some(refusal)),
                    None => return Ok(self.reject(refusal, source, line, None, malformed.raw, now)),
                }
            }
        };
        let own_id = || received_id(&json);
        let digest = digest_as_received(&json);
        let seen = self.look_up(&json, &source, fallback_id.as_deref(), digest)?;
        if seen == Seen::Same {
            return Ok(Admission::Duplicate);
        }
        let catalog = &self.project.catalog;
        let received = match torn {
            Some(refusal) => receive_withdrawal(catalog, &json, now, refusal),
            None => receive(catalog, &json, now),
        };
        let received = received.and_then(|received| if self.live { received.happened_by(now) } else { Ok(received) });
        let (event, dated, mut left_out) = match received {
            Ok(Received { event, source: own, dated, left_out }) => {
                source = own.unwrap_or(source);
                (event, dated, left_out)
            }
            Err(refusal) => return Ok(self.reject(refusal, source, line, own_id(), cut(json.to_string()), now)),
        };
        let withdrawal = event.withdrawal();
        let mut event = accepted_event(event, source, fallback_id, (digest, now));
        let known = if seen.is_new(&event) { None } else { self.is_known(&event, dated)? };
        match known {
            Some(true) => return Ok(Admission::Duplicate),
            Some(false) => {
                let refusal = Rejection::duplicate_id(event.id.as_deref().unwrap_or_default());
                let Some(withdrawal) = withdrawal else {
                    return Ok(self.reject(refusal, event.source, line, event.id, cut(json.to_string()), now));
                };
                event = accepted_event(withdrawal, event.source, None, (digest, now));
                if self.is_known(&event, dated)?.is_some() {
                    return Ok(Admission::Duplicate);
                }
                left_out.push(refusal.except_withdrawal());
            }
            None => {}
        }
        let left_out = self.leave_out(left_out, &event, line, &json, now);
        Ok(Admission::New(event, left_out))
    }

    fn reject(
        &mut self,
        refusal: Rejection,
        source: String,
        line: Option<u64>,
        id: Option<String>,
        body: String,
        now: Timestamp,
    ) -> Admission {
        let Rejection { code, message, help } = refusal;
        let letter =
            DeadLetter { source: source.clone(), line, code, message: message.to_string(), body, received_at: now };
        self.pending.batch.dead_letters.push(letter);
        Admission::Rejected(Rejected { source, line, id, code, message, help, partial: false })
    }

    /// Keeps what was left out of an accepted event: one dead letter for each rule that it breaks.
    fn leave_out(
        &mut self,
        left_out: Vec<Rejection>,
        event: &AcceptedEvent,
        line: Option<u64>,
        json: &Json,
        now: Timestamp,
    ) -> Vec<Rejected> {
        let mut messages: BTreeMap<Code, Vec<String>> = BTreeMap::new();
        for part in &left_out {
            messages.entry(part.code).or_default().push(part.message.to_string());
        }
        let letters = messages.into_iter().map(|(code, messages)| DeadLetter {
            source: event.source.clone(),
            line,
            code,
            message: messages.join("; "),
            body: cut(json.to_string()),
            received_at: now,
        });
        self.pending.batch.dead_letters.extend(letters);
        let rejected = |Rejection { code, message, help }| Rejected {
            source: event.source.clone(),
            line,
            id: event.id.clone(),
            code,
            message,
            help,
            partial: true,
        };
        left_out.into_iter().map(rejected).collect()
    }

    /// Processes an admitted event.
    pub(super) fn accept(
        &mut self,
        mut accepted: AcceptedEvent,
        now: Now,
        steady: Timestamp,
    ) -> Result<Vec<Queued>, Error> {
        accepted.received_at = now.wall;
        let mut event = event(&accepted);
        for report in self.undeclared.add(&self.project.catalog, &event) {
            if self.logs_undeclared {
                tracing::warn!("{report}");
            }
        }
        self.pending.add_event(accepted);
        event.client = self.merged.present(&event.client);
        if let Some(into) = event.merges_into() {
            return self.merge(event, &into, now, steady);
        }
        let Some(owner) = self.other_owner(&event)? else {
            let client = event.client.clone();
            return Ok(self.apply(&client, Input::Event(event), now, steady)?.messages);
        };
        self.load(&owner)?;
        let record = event.record();
        let known = self.clients.get(&owner).zip(record.as_ref()).and_then(|(client, id)| client.records.get(id));
        let Some(record) = record.filter(|_| known.is_some_and(|known| known.moves_with(&event))) else {
            // An older event about a record that has moved on belongs to its present client.
            event.client = owner.clone();
            return Ok(self.apply(&owner, Input::Event(event), now, steady)?.messages);
        };
        let client = event.client.clone();
        let released = self.apply(&owner, Input::Release(record, client.clone()), now, steady)?;
        let input = match released.record {
            Some(record) => Input::Receive(event, record),
            None => Input::Event(event),
        };
        let received = self.apply(&client, input, now, steady)?;
        Ok(released.messages.into_iter().chain(received.messages).collect())
    }

    /// Moves everything of a client to the other one that they really are.
    fn merge(&mut self, event: Event, into: &ClientId, now: Now, steady: Timestamp) -> Result<Vec<Queued>, Error> {
        let (from, into) = (event.client.clone(), self.merged.present(into));
        if from == into {
            return Ok(Vec::new());
        }
        let left = self.apply(&from, Input::Leave, now, steady)?.left;
        self.merged.insert(from.clone(), into.clone());
        self.pending.batch.merged.push((from, into.clone(), event.at));
        let Some(left) = left else { return Ok(Vec::new()) };
        Ok(self.apply(&into, Input::Merge(left, event), now, steady)?.messages)
    }

    /// The client who has the record of an event, if it is another one.
    fn other_owner(&mut self, event: &Event) -> Result<Option<ClientId>, Error> {
        let Some(record) = event.record() else { return Ok(None) };
        self.load(&event.client)?;
        if self.clients.get(&event.client).is_some_and(|client| client.records.contains_key(&record)) {
            return Ok(None);
        }
        let owner = match self.pending.owner(&record) {
            Some(owner) => Some(owner.clone()),
            None => self.store.owner(&record)?,
        };
        Ok(owner.filter(|owner| *owner != event.client))
    }

    /// Fires the next timer.
    pub(super) fn fire_next(&mut self, now: Now, steady: Timestamp) -> Result<Vec<Queued>, Error> {
        let Some(timer) = self.timers.pop().filter(|timer| !self.resting.contains(&timer.client)) else {
            return Ok(Vec::new());
        };
        let input = match timer.run {
            Some(run) => Input::RunTimer(run),
            None if self.draining => Input::Drain,
            None => Input::ClientTimer,
        };
        Ok(self.apply(&timer.client, input, now, steady)?.messages)
    }

    /// Moves the ends of the exact waits after `after`, after the wall clock was set; a batch of them. Returns where to go
    /// on. Only allowed after a commit.
    pub(super) fn move_exact_waits(&mut self, after: Option<&Timer>, now: Now) -> Result<Option<Timer>, Error> {
        let timers = self.store.timers(after, super::BATCH)?;
        for timer in timers.iter().filter(|timer| timer.run.is_some()) {
            self.apply(&timer.client, Input::ClockSet, now, now.wall)?;
        }
        Ok(timers.last().filter(|_| timers.len() == super::BATCH).cloned())
    }

    /// Syncs the memory of every client with what the graphs need; does nothing when that has not changed since the
    /// last start. Each batch is committed, so that the next start continues after an interruption.
    pub(super) fn backfill_clients(&mut self, now: Now, clock: Option<Timestamp>) -> Result<(), Error> {
        let plan = self.project.graphs.plan_id().cloned();
        if plan == self.plan {
            return Ok(());
        }
        let mut past = self.keyless_history()?;
        let mut done = 0;
        loop {
            let clients = self.store.clients(done, super::BATCH)?;
            if clients.is_empty() {
                break;
            }
            done += clients.len();
            for client in clients {
                if self.merged.present(&client) != client {
                    continue;
                }
                let past = past.remove(&client).unwrap_or_default();
                self.apply(&client, Input::Backfill(past), now, now.wall)?;
            }
            self.commit(clock, now, now.wall)?;
        }
        self.pending.batch.plan = plan;
        Ok(())
    }

    /// The past events without a key that the graphs query, by client.
    fn keyless_history(&mut self) -> Result<HashMap<ClientId, Vec<Event>>, Error> {
        let catalog = &self.project.catalog;
        let keyless = |name: &&str| catalog.events.get(*name).is_some_and(|event| event.key.is_none());
        let names: Vec<&str> = self.project.graphs.queried_events().into_iter().filter(keyless).collect();
        let mut past: HashMap<ClientId, Vec<Event>> = HashMap::new();
        if !names.is_empty() {
            for accepted in self.store.keyless_events(&names)? {
                past.entry(self.merged.present(&accepted.client)).or_default().push(event(&accepted));
            }
        }
        Ok(past)
    }

    /// Processes a completion.
    pub(super) fn apply_completion(
        &mut self,
        completion: Completion,
        now: Now,
        steady: Timestamp,
    ) -> Result<Vec<Queued>, Error> {
        self.pending.batch.changes.push(completion.change);
        let Some((message, outcome)) = completion.outcome else { return Ok(Vec::new()) };
        if !message.outcome_expected && outcome == Outcome::Sent {
            return Ok(Vec::new());
        }
        let client = self.merged.present(&message.client);
        Ok(self.apply(&client, Input::Outcome(message, outcome), now, steady)?.messages)
    }

    /// Lets the engine handle one input.
    fn apply(&mut self, id: &ClientId, input: Input, now: Now, steady: Timestamp) -> Result<Applied, Error> {
        self.load(id)?;
        let Self { project, clients, .. } = self;
        let Some(client) = clients.get(id) else { return Ok(Applied::default()) };
        let Project { catalog, graphs, business, language } = project;
        let is_client_timer = matches!(input, Input::ClientTimer | Input::Drain);
        let mut effects = handle(&World { catalog, graphs, business, language, edge_counts: None }, client, input, now);
        let mut wake = |run: Option<RunId>, wake_at: Option<Timestamp>| match wake_at {
            Some(wake_at) => self.timers.set(Timer { wake_at, run, client: id.clone() }),
            None => self.timers.clear(&(id.clone(), run)),
        };
        effects.ended.iter().for_each(|run| wake(Some(run.id.clone()), None));
        for run in &effects.runs {
            wake(Some(run.clone()), client.runs.get(run).and_then(|run| run.wake_at()));
        }
        if effects.memory || is_client_timer {
            wake(None, if self.draining { client.memory.drain_wake_at() } else { client.memory.wake_at() });
        }
        let messages = std::mem::take(&mut effects.messages);
        let (record, left) = (effects.released.take(), effects.left.take());
        let owned = effects.records.iter().filter(|record| client.records.contains_key(*record));
        self.pending.set_owner(id, owned.cloned());
        self.pending.add_effects(id, effects, now.wall);
        let messages = messages.into_iter().map(|message| self.queue(message, steady)).collect();
        Ok(Applied { messages, record, left })
    }

    pub(super) fn load(&mut self, id: &ClientId) -> Result<(), Error> {
        if self.clients.get(id).is_some() {
            return Ok(());
        }
        let client = self.store.client(id)?;
        if client.is_none() {
            self.pending.new_client(id);
        }
        self.clients.insert(client.unwrap_or_else(|| Client::new(id.clone())));
        Ok(())
    }

    fn queue(&mut self, message: Message, steady: Timestamp) -> Queued {
        self.last_message += 1;
        let queued = Queued { no: self.last_message, message, attempts: 0, queued_at: steady, retry_at: None };
        self.pending.batch.messages.push(queued.clone());
        queued
    }

    /// Writes everything since the last commit. Returns its lines, which may now be shown, and what was left out.
    pub(super) fn commit(&mut self, clock: Option<Timestamp>, now: Now, steady: Timestamp) -> Result<Committed, Error> {
        let mut batch = self.take_batch();
        batch.clock = clock;
        let committed = self.write(batch, now, steady)?;
        self.clients.age();
        Ok(committed)
    }

    /// Takes what is to be written.
    pub(super) fn take_batch(&mut self) -> Batch {
        std::mem::take(&mut self.pending).into_batch(&mut self.clients)
    }

    /// Reads the next timers from disk when there may be some; only allowed after a commit.
    pub(super) fn refill_timers(&mut self) -> Result<(), Error> {
        if self.timers.wants_more() {
            let (after, limit) = self.timers.wanted();
            let timers = self.store.timers(after, limit)?;
            self.timers.refill(timers);
        }
        Ok(())
    }
}

fn event(accepted: &AcceptedEvent) -> Event {
    Event {
        id: accepted.id.clone(),
        name: accepted.name.clone(),
        client: accepted.client.clone(),
        at: accepted.at,
        key: accepted.key.clone(),
        imported: accepted.imported,
        data: accepted.data.clone(),
    }
}

fn accepted_event(
    event: Event,
    source: String,
    fallback_id: Option<String>,
    (digest, now): (EventDigest, Timestamp),
) -> AcceptedEvent {
    let Event { id, name, client, at, key, imported, data } = event;
    let id = id.or(fallback_id);
    let digest = id.is_some().then_some(digest);
    AcceptedEvent { source, id, name, client, key, at, received_at: now, imported, data, digest }
}

/// Limit: how many bytes of a rejected event are kept.
const KEPT_BYTES: usize = 64 << 10;

fn cut(mut text: String) -> String {
    let mut end = text.len().min(KEPT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}
