//! Handles one input of one client. In: the client's state and an input. Out: the new state and effects: runs that end,
//! move on or begin, in this order.

use super::client::ClientTurn;
use super::model::{
    Client, Effects, Event, Fields, FollowUp, Input, Line, LineKind, Message, Now, Outcome, RecordChange, Subject,
    World,
};
use super::run::Wake;
use crate::value::Timestamp;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Limit: how many emitted events and started funnels may follow from one input. Without it, funnels that start each
/// other would never stop.
const MAX_FOLLOW_UPS: usize = 1000;

/// Handles one input of one client at an instant.
///
/// It is deterministic: the same state, input and time produce the same effects on every host. Runs are visited in the
/// order of their ids, entries in source order.
pub fn handle(world: &World<'_>, client: &mut Client, input: Input, now: impl Into<Now>) -> Effects {
    let Now { wall: now, ahead_ms } = now.into();
    let mut effects = Effects::default();
    let asked_at = match &input {
        Input::Event(event) | Input::Receive(event, _) | Input::Merge(_, event) => event.at.min(now),
        Input::RunTimer(_)
        | Input::ClientTimer
        | Input::Drain
        | Input::ClockSet
        | Input::Backfill(_)
        | Input::Release(..)
        | Input::Leave
        | Input::Outcome(..) => now,
    };
    let mut turn = ClientTurn { world: *world, client, effects: &mut effects, now, ahead_ms, asked_at };
    turn.sync_plan(if let Input::Backfill(past) = &input { past } else { &[] });
    match input {
        Input::Backfill(_) => {}
        Input::ClockSet => turn.move_exact_waits(),
        Input::Event(event) => turn.event(&event),
        Input::Release(record, to) => turn.release_record(&record, &to),
        Input::Receive(event, record) => turn.receive_record(&event, record),
        Input::Leave => turn.leave(),
        Input::Merge(other, event) => {
            turn.absorb(*other, &event);
            turn.end_lapsed();
            turn.fields_changed(false);
            turn.enter_by_all_conditions();
        }
        Input::RunTimer(id) => turn.wake(&id, Wake::Timer),
        Input::ClientTimer | Input::Drain => {
            turn.end_lapsed();
            turn.fire_due(input == Input::Drain);
            turn.enter_by_due_conditions();
            turn.reevaluate_segments(false);
        }
        Input::Outcome(message, outcome) => {
            turn.effects.lines.extend(outcome_line(&message, &outcome, now));
            if matches!(outcome, Outcome::NotSent { .. }) {
                turn.uncount(&message.id);
            }
            turn.wake(&message.run, Wake::Outcome(&message.id, &outcome));
        }
    }
    turn.run_follow_ups();
    effects
}

impl ClientTurn<'_> {
    /// Handles what runs have set off, in order, until nothing more follows.
    fn run_follow_ups(&mut self) {
        for _ in 0..MAX_FOLLOW_UPS {
            match self.effects.follow_ups.pop_front() {
                Some(FollowUp::Event(event)) => {
                    self.event(&event);
                    self.effects.emitted.push(event);
                }
                Some(FollowUp::FieldChanged(field)) => self.field_set_by_run(field),
                Some(FollowUp::StopFunnel { funnel, by }) => self.stop_funnel(&funnel, &by),
                Some(FollowUp::RunsChanged) => self.history_changed(),
                Some(FollowUp::Start { funnel, subjects }) => self.enter_funnel(&funnel, &subjects),
                None => return,
            }
        }
        if !self.effects.follow_ups.is_empty() {
            self.effects.follow_ups.clear();
            self.log_halt();
        }
    }

    /// Logs why nothing more follows, at the element that set off the last follow-up.
    fn log_halt(&mut self) {
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
        let enters = |line: &&Line| matches!(line.kind, LineKind::Enter { .. });
        let lines = || self.effects.lines.iter().rev();
        let last = lines().find(sets_off).or_else(|| lines().find(enters)).cloned();
        let reason =
            format!("funnels triggered each other {MAX_FOLLOW_UPS} times at one instant; the rest was dropped");
        self.effects.lines.extend(last.map(|line| Line { kind: LineKind::Halt { reason }, ..line }));
    }

    /// Handles an event of the client.
    pub(in crate::engine) fn event(&mut self, event: &Event) {
        if event.name == "client" {
            let change = self.merge_client_fields(event);
            self.propagate(&change, false);
            return;
        }
        self.record_consent(event);
        let Some(change) = self.merge_record(event) else { return };
        let history_changed = self.update_tallies(&change);
        self.on_event(&change);
        self.propagate(&change, history_changed);
        self.log_late_answers(&change);
    }

    /// Applies the change of a client field that a run has set.
    fn field_set_by_run(&mut self, field: String) {
        let turned_true = self.client.fields.get(&field) == Some(&Json::Bool(true));
        let (id, name, client) = (None, "client".to_owned(), self.client.id.clone());
        let (key, imported) = (None, false);
        let event = Event { id, name, client, at: self.now, key, imported, data: Fields::new() };
        let subject = Subject::Event { event: event.name.clone(), fields: Fields::new() };
        let turned_true = turned_true.then(|| field.clone()).into_iter().collect();
        let is_default = self.answers(None).get(&field).is_some_and(Option::is_none);
        if is_default && !self.client.fields.get(&field).is_none_or(Json::is_null) {
            return self.fields_changed(false);
        }
        let changed = BTreeSet::from([field]);
        let change = RecordChange {
            event: &event,
            subject,
            created: false,
            turned_true,
            changed,
            by_run: true,
            imported: false,
            crossing: None,
        };
        self.propagate(&change, false);
    }

    /// Reevaluates everything that reads the client's own fields. If the values are only `imported`, no run begins.
    fn fields_changed(&mut self, imported: bool) {
        self.reschedule();
        self.wake_all(Wake::FieldsChanged);
        if imported {
            self.follow_segments_silently();
        } else {
            self.reevaluate_segments(true);
        }
    }

    /// Reevaluates everything that asks about the client's past, or about the funnels that they are in.
    pub(in crate::engine) fn history_changed(&mut self) {
        self.end_lapsed();
        self.wake_all(Wake::FieldsChanged);
        self.enter_by_all_conditions();
        self.reevaluate_segments(true);
    }

    /// Passes a change on to everything it may concern: goals, runs that it ends, runs that wait, funnels that it
    /// starts, segments.
    fn propagate(&mut self, change: &RecordChange<'_>, history_changed: bool) {
        if change.imported {
            // Runs follow the new values, but nothing has happened.
            self.exit_runs(change);
            self.end_lapsed();
            self.fields_changed(true);
            return self.enter_by_conditions(change);
        }
        self.reach_goals(change);
        self.exit_runs(change);
        self.end_lapsed();
        if change.event.name == "client" {
            self.fields_changed(false);
        }
        self.wake_all(Wake::Event(change, None));
        if history_changed {
            self.wake_all(Wake::FieldsChanged);
        }
        self.enter_runs(change);
        self.enter_by_conditions(change);
        self.reevaluate_segments(true);
    }
}

fn outcome_line(message: &Message, outcome: &Outcome, now: Timestamp) -> Option<Line> {
    let (channel, to) = (message.channel.clone(), message.to.clone());
    let kind = match outcome {
        Outcome::Sent | Outcome::Answered { .. } => return None,
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
