//! Entry into funnels: what starts a run, and who may enter again. In: a change or a trigger. Out: new runs.

use super::at_entry::Entering;
use crate::check::program::{Enter, Trigger};
use crate::engine::client::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{
    Entered, Fingerprint, LastingEntry, LineKind, Progress, RecordChange, RecordId, Run, RunId, Subject,
};
use crate::engine::run::Wake;
use crate::graph::{Entry, Graph};
use crate::value::{Timestamp, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An entry of a current graph.
type GraphEntry<'g> = (&'g Fingerprint, &'g Arc<Graph>, &'g Entry);

impl ClientTurn<'_> {
    /// Starts a run in each funnel that is triggered by the change and lets the client enter.
    pub(in crate::engine) fn enter_runs(&mut self, change: &RecordChange<'_>) {
        let starts = |trigger: &Trigger| match trigger {
            Trigger::Happened { patterns, holds: None, .. } => patterns.iter().any(|pattern| change.matches(pattern)),
            Trigger::Happened { holds: Some(_), .. } => false,
            Trigger::Segment { .. }
            | Trigger::Silence { .. }
            | Trigger::Date(_)
            | Trigger::Started { .. }
            | Trigger::Every { .. } => false,
        };
        self.enter_by(starts, Some(&change.subject));
    }

    /// Starts a run by each trigger that fires now, in source order.
    pub(super) fn enter_by(&mut self, starts: impl Fn(&Trigger) -> bool, subject: Option<&Subject>) {
        let graphs = self.world.graphs;
        for (fingerprint, graph) in graphs.current() {
            for entry in graph.entries.iter().filter(|entry| starts(&entry.trigger)) {
                self.enter((fingerprint, graph, entry), subject);
            }
        }
    }

    /// Starts a run in a named funnel for the subject of another run: by an entry about such a subject, else by one
    /// about the client alone. If it has `on start`, only these entries count.
    pub(in crate::engine) fn enter_funnel(&mut self, funnel: &str, subjects: &BTreeMap<String, Subject>) {
        let graphs = self.world.graphs;
        for (fingerprint, graph) in graphs.current().filter(|(_, graph)| graph.funnel == funnel) {
            let is_start = |entry: &&Entry| matches!(entry.trigger, Trigger::Started { .. });
            let only_starts = graph.entries.iter().any(|entry| is_start(&entry));
            let entries = || graph.entries.iter().filter(|entry| !only_starts || is_start(entry));
            let about = entries().find_map(|entry| {
                let subject = subjects.values().find(|subject| entry.trigger.is_about(subject.event()))?;
                Some((entry, Some(subject)))
            });
            let alone = || entries().find(|entry| entry.trigger.binding().is_none()).map(|entry| (entry, None));
            if let Some((entry, subject)) = about.or_else(alone) {
                self.enter((fingerprint, graph, entry), subject);
            }
        }
    }

    /// Starts a run by an entry if the client may enter.
    fn enter(&mut self, (fingerprint, graph, entry): GraphEntry<'_>, subject: Option<&Subject>) {
        let bound = entry.trigger.binding().zip(subject);
        let subjects = bound.map(|(name, subject)| (name.to_owned(), subject.clone())).into_iter().collect();
        let Some(mut run) = self.new_run((fingerprint, graph, entry), subjects) else { return };
        self.effects.entered.insert((run.funnel.clone(), run.key.clone()));
        self.open_goal(graph, &run);
        let key = record(entry, &run.subjects).map(|record| record.key.clone());
        self.run_turn(graph).log(&run, &entry.id, LineKind::Enter { key });
        self.reach_goal_at_entry(entry, graph, &run);
        let mut turn = self.run_turn(graph);
        turn.advance(&mut run, Wake::Enter(entry.start));
        self.runs_changed(&run.funnel);
        self.store_run(run);
    }

    /// Creates a run if the entry's filter holds, `enter` allows it and no exit already applies, and remembers the
    /// entry.
    fn new_run(
        &mut self,
        (fingerprint, graph, entry): GraphEntry<'_>,
        subjects: BTreeMap<String, Subject>,
    ) -> Option<Run> {
        let scope = Scope::new(&self.world, graph, self.client, &subjects, self.now);
        if !filter_holds(&scope, entry) {
            return None;
        }
        let about = record(entry, &subjects).cloned();
        let record = about.as_ref().map(|id| format!("{}:{}", id.event, id.key));
        // Without a record, two events can only be told apart when the trigger binds them.
        let may_double = record.is_none() && entry.trigger.binding().is_some();
        let once = campaign(graph, entry);
        let key = match &graph.settings.enter {
            Enter::OncePerRecord | Enter::Always => record.as_ref().or(once.as_ref()).cloned().unwrap_or_default(),
            Enter::Once | Enter::Again(_) => String::new(),
            Enter::OncePer(expr) => key_text(&scope.value(expr)?),
        };
        let place = (graph.funnel.clone(), key.clone());
        let before = self.client.entered.get(&place);
        let counted_at = before.and_then(|before| self.client.memory.counted_at(&place, before.last_at));
        let inside = self.client.runs.values().any(|run| {
            run.funnel == graph.funnel
                && match (&graph.settings.enter, &about) {
                    // The key is the same for all records.
                    (Enter::Again(_), Some(about)) => {
                        run.subjects.values().any(|subject| matches!(subject, Subject::Record(id) if id == about))
                    }
                    (Enter::Again(_), None) => true,
                    (Enter::OncePerRecord | Enter::Always | Enter::Once | Enter::OncePer(_), _) => run.key == key,
                }
        });
        // Each change is told, unless the funnel says otherwise.
        let each_time = graph.settings.enter == Enter::OncePerRecord && entry.trigger.is_change();
        let allowed = match &graph.settings.enter {
            Enter::OncePerRecord | Enter::Always if once.is_some() => !inside && counted_at.is_none(),
            Enter::OncePerRecord if record.is_some() && !each_time => !inside && counted_at.is_none(),
            Enter::OncePerRecord | Enter::Always => may_double || !inside,
            Enter::Once | Enter::OncePer(_) => !inside && counted_at.is_none(),
            Enter::Again(after) => {
                (may_double || !inside) && counted_at.is_none_or(|last| scope.zone.plus(last, *after) <= self.now)
            }
        };
        if !allowed {
            return None;
        }
        let count = before.map_or(0, |b| b.count) + 1;
        let exit = self.exit_at_entry(&Entering { graph, entry, subjects: &subjects }).map(|exit| exit.text.clone());
        let holds = entry.trigger.holds();
        if holds.is_some_and(|holds| !scope.holds(holds)) {
            return None;
        }
        let lasting = holds.map(|_| LastingEntry { entry: entry.id.clone(), counted_before: counted_at });
        let run = Run {
            id: RunId::derive(&graph.funnel, &self.client.id, &key, count),
            funnel: graph.funnel.clone(),
            graph: fingerprint.clone(),
            client: self.client.id.clone(),
            subjects,
            key,
            entered_at: self.now,
            positions: Vec::new(),
            progress: Progress { lasting, ..Progress::default() },
            ended: None,
        };
        if let Some(reason) = exit {
            let kind = LineKind::NotEntered { key: about.map(|record| record.key), reason };
            self.run_turn(graph).log(&run, &entry.id, kind);
            return None;
        }
        self.remember_entry(place, count, (each_time && record.is_some()).then_some(counted_at));
        Some(run)
    }

    /// Remembers an entry. One that does not count leaves `uncounted` as the last that does.
    fn remember_entry(&mut self, place: (String, String), count: u32, uncounted: Option<Option<Timestamp>>) {
        if let Some(counted_at) = uncounted {
            self.client.memory.uncounted.entry(place.0.clone()).or_default().insert(place.1.clone(), counted_at);
            self.effects.memory = true;
        } else {
            self.effects.memory |= self.client.memory.count_entry(&place);
        }
        self.client.entered.insert(place, Entered { count, last_at: self.now });
    }
}

/// The record that a run by an entry is about.
fn record<'s>(entry: &Entry, subjects: &'s BTreeMap<String, Subject>) -> Option<&'s RecordId> {
    match subjects.get(entry.trigger.binding()?) {
        Some(Subject::Record(record)) => Some(record),
        Some(Subject::Event { .. }) | None => None,
    }
}

/// The key of a trigger that fires once: its date, and its number among those of the funnel on that date. So it is the
/// same if its time of day is edited, or if the client's clock changes on that day.
fn campaign(graph: &Graph, entry: &Entry) -> Option<String> {
    let date = entry.trigger.once()?.date;
    let before = graph.entries.iter().take_while(|other| other.id != entry.id);
    let before = before.filter(|other| other.trigger.once().is_some_and(|at| at.date == date)).count();
    Some(if before == 0 { date.to_string() } else { format!("{date} {}", before + 1) })
}

/// Whether an entry's filter holds and the client is in the segment of its schedule.
fn filter_holds(scope: &Scope<'_>, entry: &Entry) -> bool {
    let segment = match &entry.trigger {
        Trigger::Every { segment, .. } => segment.as_ref().map(|segment| &segment.condition),
        Trigger::Happened { .. }
        | Trigger::Segment { .. }
        | Trigger::Silence { .. }
        | Trigger::Date(_)
        | Trigger::Started { .. } => None,
    };
    segment.into_iter().chain(&entry.filter).all(|condition| scope.holds(condition))
}

/// A value as an entry key: its JSON, without quotes for a text.
fn key_text(value: &Value) -> String {
    match json::write(value) {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}
