//! Answers that arrive after a run had to decide without them. In: a change of a record. Out: lines of the trace.

use super::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{Line, LineKind, RecordChange, RunId, Waiting};
use crate::graph::ElementId;
use std::collections::BTreeMap;

impl ClientTurn<'_> {
    /// Logs each `later` field that was known in time, but whose deadline was over when it arrived.
    pub(in crate::engine) fn log_late_answers(&mut self, change: &RecordChange<'_>) {
        let Some(declared) = self.world.catalog.events.get(&change.event.name) else { return };
        let about = |subjects: &BTreeMap<_, _>| subjects.values().any(|subject| *subject == change.subject);
        let open = |waiting: &Waiting| *waiting == Waiting::Answer;
        let runs = || self.client.runs.values().filter(|run| about(&run.subjects));
        // A run that still waits decides with the answer.
        if runs().any(|run| run.positions.iter().any(|position| open(&position.waiting))) {
            return;
        }
        let Some((_, graph)) = self.world.graphs.current().next() else { return };
        let subjects = BTreeMap::from([(change.event.name.clone(), change.subject.clone())]);
        let scope = Scope::new(&self.world, graph, self.client, &subjects, self.now);
        let is_late = |name: &&String| {
            let by =
                declared.fields.get(*name).and_then(|field| field.later.as_ref()).and_then(|later| later.by.as_ref());
            let deadline = by.and_then(|by| scope.value(by)).and_then(|value| scope.instant(&value));
            deadline.is_some_and(|deadline| change.event.at < deadline && deadline <= self.now)
        };
        let late: Vec<&String> = change.changed.iter().filter(is_late).collect();
        let (run, funnel) = runs()
            .next()
            .map_or_else(|| (RunId(String::new()), String::new()), |run| (run.id.clone(), run.funnel.clone()));
        let happened = scope.zone.rfc3339(change.event.at);
        let lines = late.into_iter().map(|name| Line {
            at: self.now,
            zone: scope.zone.name().to_owned(),
            client: self.client.id.clone(),
            run: run.clone(),
            funnel: funnel.clone(),
            element: ElementId(String::new()),
            kind: LineKind::Decide {
                result: false,
                reason: Some(format!("`{name}` was known at {happened}, but arrived after the deadline")),
            },
        });
        let lines: Vec<Line> = lines.collect();
        self.effects.lines.extend(lines);
    }
}
