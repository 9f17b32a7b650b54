//! Events that arrive again. In: an event. Out: whether one with its id was accepted before, and whether it was the same.

use super::processor::Processor;
use crate::check::program::Catalog;
use crate::engine::{EventDigest, received_id};
use crate::store::{AcceptedEvent, Error};
use crate::value::json;
use serde_json::Value as Json;

/// What was accepted before under the id of an event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It has no id.
    WithoutId,
    /// Nothing, under this id.
    Never {
        /// The source.
        source: String,
        /// Its id within the source.
        id: String,
    },
    /// Exactly the same.
    Same,
    /// Something that was written in another way.
    Different,
}

impl Seen {
    /// Whether nothing was accepted before under the id of this event.
    pub(super) fn is_new(&self, event: &AcceptedEvent) -> bool {
        match self {
            Self::Never { source, id } => *source == event.source && event.id.as_ref() == Some(id),
            Self::WithoutId | Self::Same | Self::Different => false,
        }
    }
}

impl Processor {
    /// Looks up an event by its id, as it was received: declarations may have changed since then.
    pub(super) fn look_up(
        &mut self,
        json: &Json,
        source: &str,
        fallback_id: Option<&str>,
        digest: EventDigest,
    ) -> Result<Seen, Error> {
        let id = received_id(json).or_else(|| fallback_id.map(str::to_owned));
        let Some(id) = id else { return Ok(Seen::WithoutId) };
        let source = json.get("source").and_then(Json::as_str).unwrap_or(source);
        let before = match self.pending.find_event(source, &id) {
            Some(before) => Some(before.digest),
            None => self.store.event(source, &id)?.map(|before| before.digest),
        };
        Ok(match before {
            None => Seen::Never { source: source.to_owned(), id },
            Some(before) if before == Some(digest) => Seen::Same,
            Some(_) => Seen::Different,
        })
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
