//! The engine in memory and virtual time. In: a world and events. Out: every line, in order of time.
//!
//! Every message is taken as sent at once. The order is the one that all hosts keep: inputs in order of time; at
//! the same instant events before timers; timers in order of wake-up time and run id.

mod align;
mod coverage;
mod fits;
mod side_by_side;
mod test;

pub use align::{Mark, Row};
pub use coverage::{Coverage, Gap, Reached, coverage};
pub use side_by_side::side_by_side;
pub use test::{Fault, Verdict, run_test};

use crate::engine::{
    Client, ClientId, Effects, Event, Input, LONGEST_ECHO_MS, Line, LineKind, Message, Outcome, Refusal, Run, RunId,
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
    pub repeats: u64,
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
    echo: bool,
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
            echo: false,
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
    /// A [`Refusal`] when its id was that of another event; the same event again is no error and changes nothing.
    pub fn event(&mut self, event: Event) -> Result<(), Refusal> {
        if self.until.is_some_and(|until| event.at > until) {
            return Ok(());
        }
        if let Some(id) = &event.id {
            let said = hash(&event);
            match self.seen.get(id) {
                Some(before) if *before == said => {
                    self.summary.repeats += 1;
                    return Ok(());
                }
                Some(_) => return Err(Refusal::duplicate_id(id)),
                None => _ = self.seen.insert(id.clone(), said),
            }
        }
        let at = self.now.map_or(event.at, |now| now.max(event.at));
        self.pass(at, false);
        self.now = Some(at);
        self.last_event = Some(at);
        self.summary.events += 1;
        let client = event.client.clone();
        self.input(&client, Input::Event(event), at);
        Ok(())
    }

    /// Lets time pass up to a moment, with all that comes round until then.
    pub fn pass_to(&mut self, moment: Timestamp) {
        self.pass(self.until.map_or(moment, |until| until.min(moment)), true);
    }

    /// Lets time pass until nothing is left to happen, and says how it went. Without an end that was set, what comes
    /// round without end does so no more.
    pub fn finish(mut self) -> Summary {
        self.echo = self.until.is_none();
        let echo = || self.last_event.map(|at| at.plus_ms(LONGEST_ECHO_MS));
        self.pass(self.until.or_else(echo).unwrap_or(Timestamp::MAX), true);
        Summary { inside: self.clients.values().map(|c| c.runs.len() as u64).sum(), end: self.now, ..self.summary }
    }

    /// Fires the timers before `end`, in order; with `inclusive`, also those at it.
    fn pass(&mut self, end: Timestamp, inclusive: bool) {
        while let Some((at, run, client)) = self.timers.first().cloned() {
            if at > end || (at == end && !inclusive) {
                return;
            }
            let now = self.now.map_or(at, |now| now.max(at));
            self.timers.pop_first();
            self.wakes.remove(&(client.clone(), run.clone()));
            let input = match run {
                Some(run) => Input::Timer(run),
                None if self.echo => Input::Echo,
                None => Input::Alarm,
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
            let is_alarm = matches!(input, Input::Alarm | Input::Echo);
            let effects = handle(&self.world, client, input, now);
            self.schedule(id, &effects, is_alarm);
            for line in &effects.lines {
                if matches!(line.kind, LineKind::Enter { .. }) {
                    self.summary.runs += 1;
                    if let Some(passages) = self.world.passages {
                        passages.enter(&line.funnel, &line.element);
                    }
                }
                (self.on_line)(line);
            }
            self.summary.messages += effects.messages.len() as u64;
            if let Some(show) = &mut self.on_message {
                effects.messages.iter().for_each(show);
            }
            let awaited = effects.messages.into_iter().filter(|message| message.awaited);
            inputs.extend(awaited.map(|message| Input::Outcome(message, Outcome::Sent)));
        }
    }

    /// Sets the timers of what moved, and drops those of the runs that ended.
    fn schedule(&mut self, id: &ClientId, effects: &Effects, is_alarm: bool) {
        let client = self.clients.get(id);
        let mut moved: Vec<(Option<RunId>, Option<Timestamp>)> = Vec::new();
        for run in effects.runs.iter().chain(effects.ended.iter().map(|run| &run.id)) {
            moved.push((Some(run.clone()), client.and_then(|client| client.runs.get(run)).and_then(Run::wake_at)));
        }
        if effects.memory || is_alarm {
            let next = |client: &Client| if self.echo { client.memory.echo_at() } else { client.memory.wake_at() };
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
