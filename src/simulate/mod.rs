//! The engine in memory and virtual time. In: a world and events. Out: every line, in order of time.
//!
//! Every message is taken as sent at once. The order is the one that all hosts keep: inputs in order of time; at
//! the same instant events before timers; timers in order of wake-up time and run id.

mod align;
mod coverage;
mod diff_view;
mod matches;
mod test;

pub use align::{Mark, Row};
pub use coverage::{Coverage, Gap, Reached, coverage};
pub use diff_view::diff_view;
pub use test::{Fault, Verdict, run_test};

use crate::engine::{
    Client, ClientId, DRAIN_HORIZON_MS, Effects, Event, Input, Line, LineKind, Message, Outcome, Rejection, Run, RunId,
    World, handle,
};
use crate::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How a simulation ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Events taken.
    pub events: u64,
    /// Events whose id had been taken before; they changed nothing.
    pub duplicates: u64,
    /// Messages sent.
    pub messages: u64,
    /// Runs begun.
    pub runs: u64,
    /// Runs still inside at the end.
    pub inside: u64,
    /// The virtual time at the end; `None` when nothing happened.
    pub end: Option<Timestamp>,
}

/// A simulated installation: clients, their timers, and the virtual clock.
pub struct Simulation<'a, F: FnMut(&Line)> {
    world: World<'a>,
    on_line: F,
    on_message: Option<OnMessage<'a>>,
    clients: BTreeMap<ClientId, Client>,
    timers: BTreeSet<Timer>,
    wakes: BTreeMap<(ClientId, Option<RunId>), Timestamp>,
    /// The events that were taken by their ids, each as a hash of what it says.
    seen: BTreeMap<String, u64>,
    now: Option<Timestamp>,
    until: Option<Timestamp>,
    last_event: Option<Timestamp>,
    /// Whether it is past the last event, so that nothing comes round any more.
    draining: bool,
    summary: Summary,
}

/// Whoever looks at messages.
type OnMessage<'a> = Box<dyn FnMut(&Message) + 'a>;

/// When something wakes: what comes with time for a client before runs, each in order of ids.
type Timer = (Timestamp, Option<RunId>, ClientId);

impl<'a, F: FnMut(&Line)> Simulation<'a, F> {
    /// Makes one where nothing has happened. Nothing after `until` will, or else after ten years without an event;
    /// `on_line` gets every line.
    pub fn new(world: World<'a>, until: Option<Timestamp>, on_line: F) -> Self {
        Self {
            world,
            on_line,
            on_message: None,
            clients: BTreeMap::new(),
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

    /// Shows every message too, with all its parts, just after the line about it.
    #[must_use]
    pub fn showing_messages(mut self, on_message: impl FnMut(&Message) + 'a) -> Self {
        self.on_message = Some(Box::new(on_message));
        self
    }

    /// The virtual time: that of the last input, `None` before the first.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// Takes the next event, after all that falls due before it. One that happened before now is taken now; one
    /// after the end of the simulation is left out.
    ///
    /// # Errors
    /// A [`Rejection`] when its id was that of another event; the same event again is no error and changes nothing.
    pub fn event(&mut self, event: Event) -> Result<(), Rejection> {
        if self.until.is_some_and(|until| event.at > until) {
            return Ok(());
        }
        if let Some(id) = &event.id {
            let said = hash(&event);
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
        self.advance(at, false);
        self.now = Some(at);
        self.last_event = Some(at);
        self.summary.events += 1;
        let client = event.client.clone();
        self.input(&client, Input::Event(event), at);
        Ok(())
    }

    /// Lets time pass up to a moment, with all that comes round until then.
    pub fn advance_to(&mut self, moment: Timestamp) {
        self.advance(self.until.map_or(moment, |until| until.min(moment)), true);
    }

    /// Lets time pass until nothing is left to happen, and says how it went. Without an end that was set, what comes
    /// round without end does so no more.
    pub fn finish(mut self) -> Summary {
        self.draining = self.until.is_none();
        let draining = || self.last_event.map(|at| at.plus_ms(DRAIN_HORIZON_MS));
        self.advance(self.until.or_else(draining).unwrap_or(Timestamp::MAX), true);
        Summary { inside: self.clients.values().map(|c| c.runs.len() as u64).sum(), end: self.now, ..self.summary }
    }

    /// Fires the timers before `end`, in order; with `inclusive`, also those at it.
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

    /// Takes one input, and the outcomes that runs wait for, in the order in which their messages were decided.
    fn input(&mut self, id: &ClientId, input: Input, now: Timestamp) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let client = self.clients.entry(id.clone()).or_insert_with(|| Client::new(id.clone()));
            let is_client_timer = matches!(input, Input::ClientTimer | Input::Drain);
            let effects = handle(&self.world, client, input, now);
            self.schedule(id, &effects, is_client_timer);
            for line in &effects.lines {
                if matches!(line.kind, LineKind::Enter { .. }) {
                    self.summary.runs += 1;
                    if let Some(edge_counts) = self.world.edge_counts {
                        edge_counts.enter(&line.funnel, &line.element);
                    }
                }
                (self.on_line)(line);
            }
            self.summary.messages += effects.messages.len() as u64;
            if let Some(show) = &mut self.on_message {
                effects.messages.iter().for_each(show);
            }
            let outcome_expected = effects.messages.into_iter().filter(|message| message.outcome_expected);
            inputs.extend(outcome_expected.map(|message| Input::Outcome(message, Outcome::Sent)));
        }
    }

    /// Sets the timers of what moved, and drops those of the runs that ended.
    fn schedule(&mut self, id: &ClientId, effects: &Effects, is_client_timer: bool) {
        let client = self.clients.get(id);
        let mut moved: Vec<(Option<RunId>, Option<Timestamp>)> = Vec::new();
        for run in effects.runs.iter().chain(effects.ended.iter().map(|run| &run.id)) {
            moved.push((Some(run.clone()), client.and_then(|client| client.runs.get(run)).and_then(Run::wake_at)));
        }
        if effects.memory || is_client_timer {
            let next =
                |client: &Client| if self.draining { client.memory.drain_wake_at() } else { client.memory.wake_at() };
            moved.push((None, client.and_then(next)));
        }
        for (run, wake_at) in moved {
            let sleeper = (id.clone(), run.clone());
            if let Some(at) = self.wakes.remove(&sleeper) {
                self.timers.remove(&(at, run.clone(), id.clone()));
            }
            if let Some(at) = wake_at {
                self.timers.insert((at, run, id.clone()));
                self.wakes.insert(sleeper, at);
            }
        }
    }
}

/// A hash of all that an event says, to tell a repeat from another event under its id.
fn hash(event: &Event) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&event.name, &event.client, event.at, &event.key, &event.data).hash(&mut hasher);
    hasher.finish()
}
