//! Runs the engine in memory and virtual time. In: a world and events. Out: every line, in order of time.
//!
//! Every message counts as sent immediately, unless a test says otherwise. All hosts keep the same order:
//! inputs in order of time; at one instant events before timers; timers in order of time and run id.

mod align;
mod coverage;
mod diff_view;
mod matches;
mod test;
mod variants;

pub use align::{Fault, Mark, Row};
pub use coverage::{Coverage, Gap, Reached, coverage};
pub use diff_view::diff_view;
pub use test::{Verdict, run_test};
pub use variants::{PathResult, SplitResult, Variants};

use crate::engine::{
    Client, ClientId, DRAIN_HORIZON_MS, Effects, Event, EventDigest, Input, Line, LineKind, Merged, Message, Outcome,
    RecordId, Rejection, RunId, Silences, World, digest_of_values, handle,
};
use crate::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The result of a simulation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Handled events.
    pub events: u64,
    /// Duplicate events; they changed nothing.
    pub duplicates: u64,
    /// Events that happened before one that was handled earlier.
    pub late: u64,
    /// Sent messages.
    pub messages: u64,
    /// Tasks for people.
    pub tasks: u64,
    /// Requests to other systems.
    pub calls: u64,
    /// Why messages were not sent.
    pub silences: Silences,
    /// Runs that began.
    pub runs: u64,
    /// Runs still active at the end.
    pub inside: u64,
    /// Records that still lack a required field at the end.
    pub incomplete: u64,
    /// The virtual time at the end; `None` when nothing happened.
    pub end: Option<Timestamp>,
}

/// A simulated installation: clients, their timers, and the virtual clock.
pub struct Simulation<'a, F: FnMut(&Line)> {
    world: World<'a>,
    on_line: F,
    on_message: Option<OnMessage<'a>>,
    outcome: Option<OutcomeOf<'a>>,
    clients: BTreeMap<ClientId, Client>,
    /// The clients of records.
    owners: BTreeMap<RecordId, ClientId>,
    /// The clients that are others now.
    merged: Merged,
    timers: BTreeSet<Timer>,
    wakes: BTreeMap<(ClientId, Option<RunId>), Timestamp>,
    /// The ids of handled events, with a hash of the content of each.
    seen: BTreeMap<String, EventDigest>,
    now: Option<Timestamp>,
    until: Option<Timestamp>,
    last_event: Option<Timestamp>,
    /// Whether time is past the last event, so that recurring triggers no longer fire.
    draining: bool,
    summary: Summary,
}

/// A callback for messages.
type OnMessage<'a> = Box<dyn FnMut(&Message) + 'a>;

/// The outcome of a message at a moment; `None` if it is sent.
type OutcomeOf<'a> = Box<dyn Fn(&Message, Timestamp) -> Option<Outcome> + 'a>;

/// Outcomes that are not handled yet.
type Outcomes = VecDeque<(Message, Outcome)>;

/// A timer: a client's own timers precede those of runs, each in order of ids.
type Timer = (Timestamp, Option<RunId>, ClientId);

impl<'a, F: FnMut(&Line)> Simulation<'a, F> {
    /// Creates a simulation in which nothing has happened yet. It ends at `until`, or ten years after the last event;
    /// `on_line` is called with every line.
    pub fn new(world: World<'a>, until: Option<Timestamp>, on_line: F) -> Self {
        Self {
            world,
            on_line,
            on_message: None,
            outcome: None,
            clients: BTreeMap::new(),
            owners: BTreeMap::new(),
            merged: Merged::default(),
            timers: BTreeSet::new(),
            wakes: BTreeMap::new(),
            seen: BTreeMap::new(),
            now: None,
            until,
            last_event: None,
            draining: false,
            summary: Summary::default(),
        }
    }

    /// Also reports every message with all its parts, just after the line about it.
    #[must_use]
    pub fn showing_messages(mut self, on_message: impl FnMut(&Message) + 'a) -> Self {
        self.on_message = Some(Box::new(on_message));
        self
    }

    /// Lets providers refuse or answer some messages.
    #[must_use]
    pub fn with_outcomes(mut self, outcome: impl Fn(&Message, Timestamp) -> Option<Outcome> + 'a) -> Self {
        self.outcome = Some(Box::new(outcome));
        self
    }

    /// The virtual time: that of the last input, `None` before the first.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// Whether an event with this id was handled before.
    pub fn has_handled(&self, event: &Event) -> bool {
        event.id.as_ref().is_some_and(|id| self.seen.contains_key(id))
    }

    /// Handles the next event, after all timers that are due before it. An event in the past is handled now; one after
    /// the end of the simulation is ignored.
    ///
    /// # Errors
    /// A [`Rejection`] when its id belongs to another event. The same event again is not an error and changes nothing.
    pub fn event(&mut self, event: Event) -> Result<(), Rejection> {
        if self.until.is_some_and(|until| event.at > until) {
            return Ok(());
        }
        if let Some(id) = &event.id {
            let said = digest_of_values(self.world.catalog, &event);
            match self.seen.get(id) {
                Some(before) if *before == said => {
                    self.summary.duplicates += 1;
                    return Ok(());
                }
                Some(_) => return Err(Rejection::duplicate_id(id)),
                None => _ = self.seen.insert(id.clone(), said),
            }
        }
        let at = self.now.map_or(event.at, |now| now.max(event.at));
        // What happened before a timer was due counts, even if it arrives late.
        self.advance(event.at, false);
        self.now = Some(at);
        self.last_event = Some(at);
        self.summary.events += 1;
        self.summary.late += u64::from(event.at < at);
        self.accept(event, at);
        Ok(())
    }

    /// Advances the time to a moment; recurring triggers fire until then.
    pub fn advance_to(&mut self, moment: Timestamp) {
        self.advance(self.until.map_or(moment, |until| until.min(moment)), true);
    }

    /// Advances the time until nothing more can happen, and returns a summary. Without a fixed end, recurring triggers
    /// no longer fire.
    pub fn finish(mut self) -> Summary {
        self.draining = self.until.is_none();
        let draining = || self.last_event.map(|at| at.plus_ms(DRAIN_HORIZON_MS));
        self.advance(self.until.or_else(draining).unwrap_or(Timestamp::MAX), true);
        let inside = self.clients.values().map(|client| client.runs.len() as u64).sum();
        let records = self.clients.values().flat_map(|client| client.records.values());
        let incomplete = records.filter(|record| !record.complete).count() as u64;
        Summary { inside, incomplete, end: self.now, ..self.summary }
    }

    /// Fires the timers before `end`, in order; with `inclusive` also those at it.
    fn advance(&mut self, end: Timestamp, inclusive: bool) {
        while let Some((at, run, client)) = self.timers.first().cloned() {
            if at > end || (at == end && !inclusive) {
                return;
            }
            let now = self.now.map_or(at, |now| now.max(at));
            self.timers.pop_first();
            self.wakes.remove(&(client.clone(), run.clone()));
            let input = match run {
                Some(run) => Input::RunTimer(run),
                None if self.draining => Input::Drain,
                None => Input::ClientTimer,
            };
            self.now = Some(now);
            self.input(&client, input, now);
        }
    }

    /// Handles an event, and before it that its record belongs to another client now.
    fn accept(&mut self, mut event: Event, now: Timestamp) {
        let mut outcomes = VecDeque::new();
        event.client = self.merged.present(&event.client);
        if let Some(into) = event.merges_into() {
            self.merge(event, &into, now, &mut outcomes);
            return self.settle(outcomes, now);
        }
        let record = event.record();
        let own = self.clients.get(&event.client).zip(record.as_ref());
        let has_it = own.is_some_and(|(client, id)| client.records.contains_key(id));
        let owner = record.as_ref().filter(|_| !has_it).and_then(|id| self.owners.get(id)).cloned();
        let owner = owner.filter(|owner| *owner != event.client);
        let mut moved = None;
        if let (Some(owner), Some(id)) = (owner, record) {
            let known = self.clients.get(&owner).and_then(|client| client.records.get(&id));
            if known.is_some_and(|known| known.moves_with(&event)) {
                let to = event.client.clone();
                moved = self.handle(&owner, Input::Release(id, to), now, &mut outcomes).released;
            } else {
                // An older event about a record that has moved on belongs to its present client.
                event.client = owner;
            }
        }
        let client = event.client.clone();
        let input = match moved {
            Some(record) => Input::Receive(event, record),
            None => Input::Event(event),
        };
        self.handle(&client, input, now, &mut outcomes);
        self.settle(outcomes, now);
    }

    /// Moves everything of a client to the other one that they really are.
    fn merge(&mut self, event: Event, into: &ClientId, now: Timestamp, outcomes: &mut Outcomes) {
        let (from, into) = (event.client.clone(), self.merged.present(into));
        if from == into {
            return;
        }
        let left = self.handle(&from, Input::Leave, now, outcomes).left;
        self.merged.insert(from, into.clone());
        if let Some(left) = left {
            self.handle(&into, Input::Merge(left, event), now, outcomes);
        }
    }

    /// Handles one input and the outcomes that runs wait for.
    fn input(&mut self, id: &ClientId, input: Input, now: Timestamp) {
        let mut outcomes = VecDeque::new();
        self.handle(id, input, now, &mut outcomes);
        self.settle(outcomes, now);
    }

    /// Handles the outcomes of messages, in the order in which the messages were decided.
    fn settle(&mut self, mut outcomes: Outcomes, now: Timestamp) {
        while let Some((message, outcome)) = outcomes.pop_front() {
            let client = self.merged.present(&message.client);
            self.handle(&client, Input::Outcome(message, outcome), now, &mut outcomes);
        }
    }

    /// Lets the engine handle one input, and adds the messages whose outcomes runs wait for. Returns the other effects.
    fn handle(&mut self, id: &ClientId, input: Input, now: Timestamp, outcomes: &mut Outcomes) -> Effects {
        let client = self.clients.entry(id.clone()).or_insert_with(|| Client::new(id.clone()));
        let is_client_timer = matches!(input, Input::ClientTimer | Input::Drain);
        let mut effects = handle(&self.world, client, input, now);
        let owned = effects.records.iter().filter(|record| client.records.contains_key(*record));
        self.owners.extend(owned.map(|record| (record.clone(), id.clone())));
        self.schedule(id, &effects, is_client_timer);
        for line in &effects.lines {
            if matches!(line.kind, LineKind::Enter { .. }) {
                self.summary.runs += 1;
                if let Some(edge_counts) = self.world.edge_counts {
                    edge_counts.enter(&line.funnel, &line.element);
                }
            }
            self.summary.silences.add(&line.kind);
            (self.on_line)(line);
        }
        for message in &effects.messages {
            *match message.channel.as_str() {
                "task" => &mut self.summary.tasks,
                "call" | "do" => &mut self.summary.calls,
                _ => &mut self.summary.messages,
            } += 1;
        }
        if let Some(show) = &mut self.on_message {
            effects.messages.iter().for_each(show);
        }
        let messages = std::mem::take(&mut effects.messages);
        for message in messages {
            match self.outcome.as_ref().and_then(|outcome| outcome(&message, now)) {
                Some(outcome) => outcomes.push_back((message, outcome)),
                None if message.outcome_expected => outcomes.push_back((message, Outcome::Sent)),
                None => {}
            }
        }
        effects
    }

    /// Updates the timers of what changed, and clears those of ended runs.
    fn schedule(&mut self, id: &ClientId, effects: &Effects, is_client_timer: bool) {
        let client = self.clients.get(id);
        let mut moved: Vec<(Option<RunId>, Option<Timestamp>)> = Vec::new();
        for run in effects.runs.iter().chain(effects.ended.iter().map(|run| &run.id)) {
            moved.push((
                Some(run.clone()),
                client.and_then(|client| client.runs.get(run)).and_then(|run| run.wake_at()),
            ));
        }
        if effects.memory || is_client_timer {
            let next =
                |client: &Client| if self.draining { client.memory.drain_wake_at() } else { client.memory.wake_at() };
            moved.push((None, client.and_then(next)));
        }
        for (run, wake_at) in moved {
            let owner = (id.clone(), run.clone());
            if let Some(at) = self.wakes.remove(&owner) {
                self.timers.remove(&(at, run.clone(), id.clone()));
            }
            if let Some(at) = wake_at {
                self.timers.insert((at, run, id.clone()));
                self.wakes.insert(owner, at);
            }
        }
    }
}
