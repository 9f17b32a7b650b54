//! The batch under construction: what changed since the last commit. A client that changes often is written once.

use super::cache::Cache;
use crate::engine::{ClientId, Effects, RecordId, Run, RunId};
use crate::store::{AcceptedEvent, Batch, EMITTED, SavedClient, SavedRun};
use crate::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What changed since the last commit.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The part that does not depend on the state of clients.
    pub(super) batch: Batch,
    /// The places of events, by source and id.
    by_id: HashMap<String, HashMap<String, usize>>,
    clients: BTreeSet<ClientId>,
    records: BTreeSet<(ClientId, RecordId)>,
    /// The clients of the records that changed.
    owners: HashMap<RecordId, ClientId>,
    runs: BTreeMap<RunId, ChangedRun>,
    entered: BTreeSet<(ClientId, String, String)>,
    inputs: usize,
}

#[derive(Debug)]
enum ChangedRun {
    Live(ClientId),
    // Maps with large values are slow.
    Ended(Box<Run>, Timestamp),
}

impl Pending {
    /// How many inputs it contains.
    pub(super) fn len(&self) -> usize {
        self.inputs + self.batch.changes.len() + self.batch.dead_letters.len()
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0 && self.batch.graphs.is_empty() && self.batch.plan.is_none()
    }

    /// Finds an event of this batch by its source and id.
    pub(super) fn find_event(&self, source: &str, id: &str) -> Option<&AcceptedEvent> {
        let index = self.by_id.get(source)?.get(id)?;
        self.batch.events.get(*index)
    }

    /// Adds an accepted event.
    pub(super) fn add_event(&mut self, event: AcceptedEvent) {
        if let Some(id) = &event.id {
            if !self.by_id.contains_key(&event.source) {
                self.by_id.insert(event.source.clone(), HashMap::new());
            }
            if let Some(of_source) = self.by_id.get_mut(&event.source) {
                of_source.insert(id.clone(), self.batch.events.len());
            }
        }
        self.batch.events.push(event);
    }

    /// Adds a client that is new.
    pub(super) fn new_client(&mut self, id: &ClientId) {
        self.clients.insert(id.clone());
    }

    /// The client of a record that has changed.
    pub(super) fn owner(&self, record: &RecordId) -> Option<&ClientId> {
        self.owners.get(record)
    }

    /// Adds records that a client has now.
    pub(super) fn set_owner(&mut self, client: &ClientId, records: impl Iterator<Item = RecordId>) {
        self.owners.extend(records.map(|record| (record, client.clone())));
    }

    /// Adds the effects of one input, except its messages.
    pub(super) fn add_effects(&mut self, client: &ClientId, effects: Effects, at: Timestamp) {
        self.inputs += 1;
        if effects.client || effects.memory {
            self.clients.insert(client.clone());
        }
        self.batch.consents.extend(effects.consents);
        self.batch.events.extend(effects.emitted.into_iter().map(|event| AcceptedEvent {
            source: EMITTED.to_owned(),
            id: event.id,
            name: event.name,
            client: event.client,
            key: event.key,
            at: event.at,
            received_at: at,
            imported: event.imported,
            data: event.data,
            digest: None,
        }));
        self.records.extend(effects.records.into_iter().map(|record| (client.clone(), record)));
        self.entered.extend(effects.entered.into_iter().map(|(funnel, key)| (client.clone(), funnel, key)));
        self.runs.extend(effects.runs.into_iter().map(|run| (run, ChangedRun::Live(client.clone()))));
        self.runs.extend(effects.ended.into_iter().map(|run| (run.id.clone(), ChangedRun::Ended(Box::new(run), at))));
        self.batch.lines.extend(effects.lines);
    }

    /// Builds the batch from the present state of the clients.
    pub(super) fn into_batch(self, clients: &mut Cache) -> Batch {
        let mut batch = self.batch;
        for id in self.clients {
            let client = clients.get(&id);
            let saved = client.map(|client| (client.fields.clone(), client.memory.clone()));
            batch.clients.extend(saved.map(|(fields, memory)| SavedClient { id, fields, memory }));
        }
        for (id, record) in self.records {
            match clients.get(&id).and_then(|client| client.records.get(&record)) {
                Some(found) => batch.records.push((id, record, found.clone())),
                None => batch.released.push((id, record)),
            }
        }
        for (id, touched) in self.runs {
            let saved = match touched {
                ChangedRun::Ended(run, at) => Some(SavedRun { run: *run, ended_at: Some(at) }),
                ChangedRun::Live(client) => clients
                    .get(&client)
                    .and_then(|client| client.runs.get(&id))
                    .map(|run| SavedRun { run: Run::clone(run), ended_at: None }),
            };
            batch.runs.extend(saved);
        }
        for (id, funnel, key) in self.entered {
            let place = (funnel, key);
            let found = clients.get(&id).and_then(|client| client.entered.get(&place)).copied();
            batch.entered.extend(found.map(|entered| (id, place.0, place.1, entered)));
        }
        batch
    }
}
