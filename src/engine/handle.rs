//! One input of one client. In: the client's state and what happened. Out: the new state and effects: runs that
//! end, move on or begin, in this order.

use super::advance::{Nudge, Turn};
use super::effect::{Effects, Follow, Line, LineKind, Message};
use super::input::{Event, Input, Outcome};
use super::scope::{Scope, World};
use super::state::{Client, EndReason, Fields, Record, RecordId, Run, RunId, Subject, Waiting};
use super::{consent, enter, goal, history, limit, watch};
use crate::check::program::{Change, Exit, Pattern};
use crate::graph::Graph;
use crate::value::{Timestamp, Zone};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Takes one input of one client at an instant.
///
/// It is deterministic: the same state, input and time give the same effects on every host. Runs are visited in the
/// order of their ids, entries in the order of the text.
pub fn handle(world: &World<'_>, client: &mut Client, input: Input, now: Timestamp) -> Effects {
    let mut effects = Effects::default();
    let past = if let Input::Recall(past) = &input { past.as_slice() } else { &[] };
    watch::arm(world, client, past, now, &mut effects);
    match input {
        Input::Recall(_) => {}
        Input::Event(event) => take_event(world, client, &event, now, &mut effects),
        Input::Timer(id) => nudge(world, client, &id, Nudge::Timer, now, &mut effects),
        Input::Alarm | Input::Echo => {
            watch::ring(world, client, input == Input::Echo, now, &mut effects);
            watch::look(world, client, false, now, &mut effects);
        }
        Input::Outcome(message, outcome) => {
            effects.lines.extend(outcome_line(&message, &outcome, now));
            if matches!(outcome, Outcome::NotSent { .. }) {
                limit::forget(client, &message.id, &mut effects);
            }
            nudge(world, client, &message.run, Nudge::Outcome(&message.id, &outcome), now, &mut effects);
        }
    }
    follow(world, client, now, &mut effects);
    effects
}

/// Limit: so many emitted events and started funnels follow from one input; more would be funnels that start each
/// other for ever.
const MOST_FOLLOWERS: usize = 1000;

/// Takes what runs set off, in order, until nothing follows.
fn follow(world: &World<'_>, client: &mut Client, now: Timestamp, effects: &mut Effects) {
    for _ in 0..MOST_FOLLOWERS {
        match effects.follow.pop_front() {
            Some(Follow::Event(event)) => {
                take_event(world, client, &event, now, effects);
                effects.emitted.push(event);
            }
            Some(Follow::Changed(field)) => field_changed(world, client, field, now, effects),
            Some(Follow::Start { funnel, subjects }) => {
                enter::enter_funnel(world, client, &funnel, &subjects, now, effects);
            }
            None => return,
        }
    }
    if !effects.follow.is_empty() {
        effects.follow.clear();
        halt(effects);
    }
}

/// Says why nothing more follows, where the last thing was set off.
fn halt(effects: &mut Effects) {
    let sets_off = |line: &&Line| {
        matches!(
            line.kind,
            LineKind::Emit { .. }
                | LineKind::Start { .. }
                | LineKind::Set { .. }
                | LineKind::Tag { .. }
                | LineKind::Untag { .. }
        )
    };
    let last = effects.lines.iter().rev().find(sets_off).cloned();
    let reason = format!("funnels set each other off {MOST_FOLLOWERS} times in one instant, the rest is left out");
    effects.lines.extend(last.map(|line| Line { kind: LineKind::Halt { reason }, ..line }));
}

/// What an event did to the client's state.
pub(super) struct Happening<'e> {
    pub(super) event: &'e Event,
    /// The event as expressions see it.
    pub(super) subject: Subject,
    created: bool,
    turned_true: BTreeSet<String>,
    changed: BTreeSet<String>,
    /// Whether a run did it: that changes a field, and is no news of the record or the client.
    by_run: bool,
}

impl Happening<'_> {
    /// Whether a record came into being, or an event without a key happened.
    pub(super) fn created(&self) -> bool {
        self.created
    }

    /// Whether this is what a trigger or an `exit` is about.
    pub(super) fn fits(&self, pattern: &Pattern) -> bool {
        self.event.name == pattern.event
            && match &pattern.change {
                Change::Created => self.created,
                Change::Updated => !self.created && !self.changed.is_empty() && !self.by_run,
                Change::TurnedTrue(field) => self.turned_true.contains(field),
                Change::FieldChanged(field) => !self.created && self.changed.contains(field),
            }
    }

    /// Whether what a pattern asks for, and that it fits, concerns a run: any event of the client does, but of changes
    /// to the run's own kind of record only those to its own. `exit on booking` in a run about one booking is the next.
    pub(super) fn concerns(&self, subjects: &BTreeMap<String, Subject>, pattern: &Pattern) -> bool {
        let Subject::Record(happened) = &self.subject else { return true };
        if pattern.change == Change::Created {
            return true;
        }
        let of_kind = subjects.values().filter_map(|subject| match subject {
            Subject::Record(id) if id.event == happened.event => Some(id),
            Subject::Record(_) | Subject::Event { .. } => None,
        });
        let mut own = of_kind.peekable();
        own.peek().is_none() || own.any(|id| id == happened)
    }
}

fn take_event(world: &World<'_>, client: &mut Client, event: &Event, now: Timestamp, effects: &mut Effects) {
    let is_client = event.name == "client";
    let happening = if is_client { merge_client(client, event, effects) } else { note(client, event, effects) };
    let mut past_changed = false;
    if is_client {
        client_changed(world, client, now, effects);
    } else {
        consent::hear(client, event, effects);
        past_changed = history::remember(world, client, &happening, now, effects);
        watch::heard(world, client, &happening, now, effects);
    }
    happened(world, client, &happening, past_changed, now, effects);
}

/// Lets everything take part that an event or a change concerns: goals, runs that it ends, runs that wait, funnels that
/// it starts, segments.
fn happened(
    world: &World<'_>,
    client: &mut Client,
    happening: &Happening<'_>,
    past_changed: bool,
    now: Timestamp,
    effects: &mut Effects,
) {
    goal::reach(world, client, happening, now, effects);
    exit_runs(world, client, happening, now, effects);
    nudge_all(world, client, Nudge::Happened(happening), now, effects);
    if past_changed {
        nudge_all(world, client, Nudge::Changed, now, effects);
    }
    enter::enter_runs(world, client, happening, now, effects);
    watch::look(world, client, true, now, effects);
}

/// Lets a change that a run made to a field of the client's take effect.
fn field_changed(world: &World<'_>, client: &mut Client, field: String, now: Timestamp, effects: &mut Effects) {
    client_changed(world, client, now, effects);
    let turned_true = client.fields.get(&field) == Some(&Json::Bool(true));
    let (id, key) = (None, None);
    let event = Event { id, name: "client".to_owned(), client: client.id.clone(), at: now, key, data: Fields::new() };
    let subject = Subject::Event { event: event.name.clone(), fields: Fields::new() };
    let turned_true = turned_true.then(|| field.clone()).into_iter().collect();
    let changed = BTreeSet::from([field]);
    let happening = Happening { event: &event, subject, created: false, turned_true, changed, by_run: true };
    happened(world, client, &happening, false, now, effects);
}

/// Lets everything look anew that reads the client's own fields.
fn client_changed(world: &World<'_>, client: &mut Client, now: Timestamp, effects: &mut Effects) {
    watch::moved(world, client, now, effects);
    nudge_all(world, client, Nudge::Changed, now, effects);
    watch::look(world, client, true, now, effects);
}

/// Writes what is told of the client into their fields, and says what it changed. The first time they are told of, they
/// come into being.
fn merge_client<'e>(client: &mut Client, event: &'e Event, effects: &mut Effects) -> Happening<'e> {
    let created = !client.fields.contains_key(CREATED_AT) && !is_old(event);
    let (mut turned_true, mut changed) = (BTreeSet::new(), BTreeSet::new());
    for (name, value) in event.data.iter().filter(|(name, _)| *name != consent::FIELD) {
        let before = client.fields.get(name).filter(|value| !value.is_null());
        if before == Some(value) || (before.is_none() && value.is_null()) {
            continue;
        }
        if *value == Json::Bool(true) {
            turned_true.insert(name.clone());
        }
        changed.insert(name.clone());
        client.fields.insert(name.clone(), value.clone());
    }
    client.fields.entry(CREATED_AT).or_insert_with(|| Json::String(Zone::UTC.rfc3339(event.at)));
    consent::hear_list(client, event, effects);
    effects.client = true;
    let subject = Subject::Event { event: event.name.clone(), fields: Fields::new() };
    Happening { event, subject, created, turned_true, changed, by_run: false }
}

/// Whether a client who is told of for the first time has been known elsewhere for more than a day: they are read in from
/// another system, and nobody registers.
fn is_old(event: &Event) -> bool {
    let since = event.data.get(CREATED_AT).and_then(Json::as_str).and_then(Timestamp::parse);
    since.is_some_and(|since| since < event.at.plus_ms(-86_400_000))
}

/// The client's field that says since when they are known.
const CREATED_AT: &str = "created_at";

/// Writes an event into the client's records and says what it changed.
///
/// An event that happened before the record's last one only fills in what is missing: late news do not undo newer.
fn note<'e>(client: &mut Client, event: &'e Event, effects: &mut Effects) -> Happening<'e> {
    let is_true = |value: &Json| *value == Json::Bool(true);
    let Some(key) = &event.key else {
        let subject = Subject::Event { event: event.name.clone(), fields: event.data.clone() };
        let turned_true = event.data.iter().filter(|(_, v)| is_true(v)).map(|(name, _)| name.clone()).collect();
        return Happening { event, subject, created: true, turned_true, changed: BTreeSet::new(), by_run: false };
    };
    let id = RecordId { event: event.name.clone(), key: key.clone() };
    let created = !client.records.contains_key(&id);
    let record = client.records.entry(id.clone()).or_insert_with(|| Record {
        fields: serde_json::Map::new(),
        created_at: event.at,
        updated_at: event.at,
    });
    let late = event.at < record.updated_at;
    let (mut turned_true, mut changed) = (BTreeSet::new(), BTreeSet::new());
    for (name, value) in &event.data {
        let before = record.fields.get(name).filter(|v| !v.is_null());
        if before == Some(value) || (late && before.is_some()) || (before.is_none() && value.is_null()) {
            continue;
        }
        if is_true(value) {
            turned_true.insert(name.clone());
        }
        changed.insert(name.clone());
        record.fields.insert(name.clone(), value.clone());
    }
    record.updated_at = record.updated_at.max(event.at);
    record.created_at = record.created_at.min(event.at);
    effects.records.insert(id.clone());
    Happening { event, subject: Subject::Record(id), created, turned_true, changed, by_run: false }
}

fn exit_runs(world: &World<'_>, client: &mut Client, happening: &Happening<'_>, now: Timestamp, effects: &mut Effects) {
    let leaving = |run: &Run| {
        let graph = world.graphs.get(&run.graph)?;
        let exit = graph.settings.exits.iter().find(|exit| exits(world, graph, client, run, exit, happening, now))?;
        Some((run.id.clone(), graph.clone(), exit.text.clone()))
    };
    for (id, graph, text) in client.runs.values().filter_map(leaving).collect::<Vec<_>>() {
        with_run(world, client, &id, &graph, now, effects, |turn, run| turn.end(run, EndReason::Exited(text)));
    }
}

fn exits(
    world: &World<'_>,
    graph: &Graph,
    client: &Client,
    run: &Run,
    exit: &Exit,
    happening: &Happening<'_>,
    now: Timestamp,
) -> bool {
    if !happening.fits(&exit.pattern) || !happening.concerns(&run.subjects, &exit.pattern) {
        return false;
    }
    let Some(filter) = &exit.filter else { return true };
    let mut subjects = run.subjects.clone();
    subjects.insert(happening.event.name.clone(), happening.subject.clone());
    Scope::new(world, graph, client, &subjects, now).holds(filter)
}

/// Lets the runs that wait for such a thing look at what changed.
fn nudge_all(world: &World<'_>, client: &mut Client, what: Nudge<'_>, now: Timestamp, effects: &mut Effects) {
    let listening: Vec<_> = client.runs.values().filter(|run| listens(run, what)).map(|run| run.id.clone()).collect();
    for id in listening {
        nudge(world, client, &id, what, now, effects);
    }
}

/// Whether a run may have to do something about a change. A client has few runs that do, and may have thousands that
/// only let time pass.
fn listens(run: &Run, what: Nudge<'_>) -> bool {
    run.positions.iter().any(|position| match (&position.waiting, what) {
        (Waiting::Event, Nudge::Happened(_)) => true,
        (Waiting::Answer | Waiting::Moment, Nudge::Happened(happening)) => {
            run.subjects.values().any(|subject| *subject == happening.subject)
        }
        (Waiting::Answer | Waiting::Moment | Waiting::Event, Nudge::Changed) => true,
        (Waiting::Duration | Waiting::Hours | Waiting::Limit | Waiting::Outcome(_), _)
        | (_, Nudge::Enter(_) | Nudge::Timer | Nudge::Outcome(..)) => false,
    })
}

fn nudge(world: &World<'_>, client: &mut Client, id: &RunId, nudge: Nudge<'_>, now: Timestamp, effects: &mut Effects) {
    let Some(run) = client.runs.get(id) else { return };
    let Some(graph) = world.graphs.get(&run.graph).cloned() else { return };
    with_run(world, client, id, &graph, now, effects, |turn, run| turn.advance(run, nudge));
}

/// Takes a run out of the client, gives it a turn, and puts it back unless it ended.
fn with_run(
    world: &World<'_>,
    client: &mut Client,
    id: &RunId,
    graph: &Arc<Graph>,
    now: Timestamp,
    effects: &mut Effects,
    turn: impl FnOnce(&mut Turn<'_>, &mut Run),
) {
    let Some(mut run) = client.runs.remove(id) else { return };
    turn(&mut Turn { world: *world, graph, client, effects, now }, &mut run);
    put_back(client, run, effects);
}

/// Keeps a run that goes on with its client, and one that ended with the effects.
pub(super) fn put_back(client: &mut Client, run: Run, effects: &mut Effects) {
    if run.ended.is_some() {
        effects.runs.remove(&run.id);
        effects.ended.push(run);
        if client.runs.is_empty() {
            // An emptied map would keep room for eleven runs, for each of many clients who have none.
            client.runs = BTreeMap::new();
        }
    } else {
        client.runs.insert(run.id.clone(), run);
    }
}

fn outcome_line(message: &Message, outcome: &Outcome, now: Timestamp) -> Option<Line> {
    let (channel, to) = (message.channel.clone(), message.to.clone());
    let kind = match outcome {
        Outcome::Sent => return None,
        Outcome::NotSent { reason } => {
            LineKind::NotSent { message: Some(message.id.clone()), channel, to: Some(to), reason: reason.clone() }
        }
        Outcome::Unknown { reason } => {
            LineKind::Unknown { message: message.id.clone(), channel, to, reason: reason.clone() }
        }
    };
    Some(Line {
        at: now,
        zone: message.zone.clone(),
        client: message.client.clone(),
        run: message.run.clone(),
        funnel: message.funnel.clone(),
        element: message.element.clone(),
        kind,
    })
}
