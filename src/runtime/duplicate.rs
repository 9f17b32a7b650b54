//! Events that arrive again. In: an event. Out: whether one with its id was accepted before, and whether it was the same.

use super::processor::Processor;
use crate::check::program::Catalog;
use crate::engine::{EventDigest, received_id};
use crate::store::{AcceptedEvent, Error};
use crate::value::json;
use serde_json::Value as Json;

impl Processor {
    /// Whether exactly this was received and accepted before, even if declarations have changed since then.
    pub(super) fn is_repeated(
        &mut self,
        json: &Json,
        source: &str,
        fallback_id: Option<&str>,
        digest: EventDigest,
    ) -> Result<bool, Error> {
        let id = received_id(json);
        let Some(id) = id.as_deref().or(fallback_id) else { return Ok(false) };
        let source = json.get("source").and_then(Json::as_str).unwrap_or(source);
        if let Some(before) = self.pending.find_event(source, id) {
            return Ok(before.digest == Some(digest));
        }
        Ok(self.store.event(source, id)?.is_some_and(|before| before.digest == Some(digest)))
    }

    /// Whether an event with this id was accepted before, and if so, whether it was the same.
    pub(super) fn is_known(&mut self, event: &AcceptedEvent, dated: bool) -> Result<Option<bool>, Error> {
        let Some(id) = &event.id else { return Ok(None) };
        if let Some(before) = self.pending.find_event(&event.source, id) {
            return Ok(Some(is_same(&self.project.catalog, before, event, dated)));
        }
        let before = self.store.event(&event.source, id)?;
        Ok(before.map(|before| is_same(&self.project.catalog, &before, event, dated)))
    }
}

/// Whether an event is the same as one that was accepted before, in whatever notation. An event without a date is taken
/// to have happened when that one did.
fn is_same(catalog: &Catalog, before: &AcceptedEvent, event: &AcceptedEvent, dated: bool) -> bool {
    let declared = |name: &str| match event.name.as_str() {
        "client" => catalog.client.get(name),
        event => catalog.events.get(event).and_then(|event| event.fields.get(name)),
    };
    let same = |(name, value): (&String, &Json)| {
        before.data.get(name).is_some_and(|before| json::is_same(before, value, declared(name).map(|field| &field.ty)))
    };
    before.name == event.name
        && before.client == event.client
        && before.data.len() == event.data.len()
        && event.data.iter().all(same)
        && (before.at == event.at || !dated)
}
