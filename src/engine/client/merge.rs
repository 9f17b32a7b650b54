//! Two ids are one person. In: everything that was stored under one id. Out: the client of the other id with both.

use super::{ClientTurn, record, tags};
use crate::check::program::Enter;
use crate::engine::decode::consent;
use crate::engine::model::{
    Client, ClientId, EndReason, Entered, Event, Lapsed, LineKind, OpenGoal, Record, RecordId, Run, RunId, Subject,
    Tally, TriggerTimer,
};
use crate::value::{Timestamp, Zone};
use serde_json::Value as Json;
use std::collections::BTreeMap;

impl ClientTurn<'_> {
    /// Gives up everything that is stored of the client.
    pub(in crate::engine) fn leave(&mut self) {
        let nobody = Client::new(self.client.id.clone());
        let left = std::mem::replace(self.client, nobody);
        self.effects.runs.extend(left.runs.keys().cloned());
        self.effects.records.extend(left.records.keys().cloned());
        self.effects.client = true;
        self.effects.memory = true;
        self.effects.left = Some(Box::new(left));
    }

    /// Takes over everything that was stored under another id of the same person. Nothing is triggered by that: it
    /// happened before.
    pub(in crate::engine) fn absorb(&mut self, mut other: Client, event: &Event) {
        let from = other.id.clone();
        self.log_about_client(LineKind::Merge { from: from.clone() });
        self.absorb_conditions(&other);
        self.absorb_fields(&other);
        for (id, record) in std::mem::take(&mut other.records) {
            self.absorb_record(id, record);
        }
        for (place, entered) in std::mem::take(&mut other.entered) {
            let counted_at = other.memory.counted_at(&place, entered.last_at);
            self.absorb_entered(place, entered, counted_at);
        }
        self.absorb_past(&mut other);
        self.absorb_consents(&other, event);
        self.absorb_runs(std::mem::take(&mut other.runs), &from);
        self.effects.client = true;
        self.effects.memory = true;
    }

    /// Adds up how often the client entered under a key, and when they last did as far as that counts for `enter`.
    fn absorb_entered(&mut self, place: (String, String), entered: Entered, counted_at: Option<Timestamp>) {
        self.effects.entered.insert(place.clone());
        let memory = &mut self.client.memory;
        let own = self.client.entered.get(&place);
        let counted_at = own.and_then(|own| memory.counted_at(&place, own.last_at)).max(counted_at);
        let nothing = Entered { count: 0, last_at: entered.last_at };
        let known = self.client.entered.entry(place.clone()).or_insert(nothing);
        known.count = known.count.saturating_add(entered.count);
        known.last_at = known.last_at.max(entered.last_at);
        memory.count_entry(&place);
        if counted_at != Some(known.last_at) {
            memory.uncounted.entry(place.0).or_default().insert(place.1, counted_at);
        }
    }

    /// A condition after `while` has held for a record if it has held under one of the ids.
    fn absorb_conditions(&mut self, other: &Client) {
        let held = |client: &Client, lapsed: &Lapsed, record: &RecordId| {
            let is_known = match record.event.as_str() {
                "client" => client.fields.contains_key(record::CREATED_AT),
                _ => client.records.get(record).is_some_and(|record| record.complete),
            };
            is_known && !lapsed.records.contains(record)
        };
        let mut conditions = std::mem::take(&mut self.client.memory.conditions);
        for (id, theirs) in &other.memory.conditions {
            let Some(own) = conditions.get_mut(id) else { continue };
            let records = own.records.union(&theirs.records);
            let both = records.filter(|id| !held(self.client, own, id) && !held(other, theirs, id)).cloned();
            own.records = both.collect();
        }
        self.client.memory.conditions = conditions;
    }

    /// Merges the fields: the value with the later time wins.
    fn absorb_fields(&mut self, other: &Client) {
        let derived = [consent::FIELD, tags::FIELD, record::CREATED_AT];
        for (name, value) in other.fields.iter().filter(|(name, _)| !derived.contains(&name.as_str())) {
            let at = other.memory.field_times.of(&other.fields, name).unwrap_or(Timestamp::MIN);
            self.merge_client_field(name, value, at);
        }
        self.absorb_tags(other);
        let created_at = other.fields.get(record::CREATED_AT);
        match other.memory.field_times.of(&other.fields, record::CREATED_AT) {
            Some(at) if other.memory.created_at_received => {
                let created_at = created_at.cloned().unwrap_or_default();
                self.merge_client_field(record::CREATED_AT, &created_at, at);
            }
            Some(_) | None => {
                let at = created_at.and_then(Json::as_str).and_then(Timestamp::parse);
                at.into_iter().for_each(|at| self.derive_created_at(at));
            }
        }
    }

    fn absorb_record(&mut self, id: RecordId, other: Record) {
        self.effects.records.insert(id.clone());
        let declared = self.world.catalog.events.get(&id.event).map(|declared| &declared.fields);
        let Some(record) = self.client.records.get_mut(&id) else {
            self.client.records.insert(id, other);
            return;
        };
        for (name, value) in &other.fields {
            let at = other.times.of(&other.fields, name).unwrap_or(Timestamp::MIN);
            let ty = declared.and_then(|declared| declared.get(name)).map(|field| &field.ty);
            record::merge_field(&mut record.fields, &mut record.times, (name, value), at, ty);
        }
        record.created_at = record.created_at.min(other.created_at);
        record.updated_at = record.updated_at.max(other.updated_at);
        record.complete |= other.complete;
    }

    /// Merges what is stored of the past: tallies, silences, segments, counted messages, goals.
    fn absorb_past(&mut self, other: &mut Client) {
        let memory = &mut self.client.memory;
        for (query, tally) in std::mem::take(&mut other.memory.tallies) {
            match memory.tallies.get_mut(&query) {
                Some(known) => known.absorb(tally),
                None => _ = memory.tallies.insert(query, tally),
            }
        }
        for (id, timer) in std::mem::take(&mut other.memory.timers) {
            let happened = |timer: &TriggerTimer| timer.last.as_ref().map(|(at, _)| *at);
            match memory.timers.get_mut(&id) {
                Some(known) if happened(&*known) >= happened(&timer) => {}
                Some(known) => *known = timer,
                None => _ = memory.timers.insert(id, timer),
            }
        }
        memory.sent.append(&mut other.memory.sent);
        memory.sent.sort_by_key(|sent| sent.at);
        let goals: BTreeMap<RunId, OpenGoal> = std::mem::take(&mut other.memory.goals);
        memory.goals.extend(goals);
        for (id, known) in &other.memory.segments {
            self.absorb_membership(id, known.inside);
        }
    }

    /// Who was in a segment under one id only is in it or not from now on, without entering or leaving.
    fn absorb_membership(&mut self, id: &str, inside: bool) {
        let graphs = self.world.graphs;
        let Some(segment) = graphs.plan().segments.iter().find(|segment| segment.id == id) else { return };
        let differs = self.client.memory.segments.get(id).is_none_or(|known| known.inside != inside);
        if differs {
            let membership = self.membership(segment);
            self.client.memory.segments.insert(id.to_owned(), membership);
        }
    }

    /// Takes over active runs. Where the client is already in the same funnel about the same, theirs goes on.
    fn absorb_runs(&mut self, runs: BTreeMap<RunId, Box<Run>>, from: &ClientId) {
        for (id, mut run) in runs {
            let is_double = |known: &Run| known.funnel == run.funnel && known.key == run.key;
            let double = self.client.runs.values().any(|known| is_double(known)) && !self.may_double(&run);
            self.effects.runs.insert(id.clone());
            run.client.clone_from(&self.client.id);
            self.client.runs.insert(id.clone(), run);
            if double {
                self.end_run(&id, EndReason::Merged { from: from.clone() });
            }
        }
    }

    /// Whether a client may be in the funnel of a run twice under the same key: for each event without a key.
    fn may_double(&self, run: &Run) -> bool {
        let enter = self.world.graphs.get(&run.graph).map(|graph| &graph.settings.enter);
        match enter {
            Some(Enter::OncePerRecord | Enter::Always) => {
                run.key.is_empty() && run.subjects.values().any(|subject| matches!(subject, Subject::Event { .. }))
            }
            Some(Enter::Once | Enter::OncePer(_) | Enter::Again(_)) | None => false,
        }
    }
}

impl Tally {
    fn absorb(&mut self, other: Self) {
        self.past.absorb(&other.past, Zone::UTC);
        for item in other.items {
            let known = item.key.as_deref().is_some_and(|key| self.contains(key));
            if !known {
                self.insert(item);
            }
        }
    }
}
