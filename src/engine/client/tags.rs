//! Tags. In: tags that funnels add and remove, and lists of tags received from outside. Out: one list, the client's field
//! `tags`. The two are stored apart, so that neither side undoes what the other said.

use super::ClientTurn;
use crate::engine::model::{Client, Tags};
use crate::value::{Timestamp, Type, json};
use serde_json::Value as Json;

/// The client field with the list of tags.
pub(super) const FIELD: &str = "tags";

impl ClientTurn<'_> {
    /// Adds or removes a tag for a run. Returns whether that changes the list.
    pub(in crate::engine) fn set_tag(&mut self, tag: &str, add: bool) -> bool {
        let own = self.own_tags();
        let tags = self.client.memory.tags.get_or_insert(own);
        let is_received = is_in(&tags.received, tag);
        match tags.set.iter_mut().find(|(known, _)| known == tag) {
            Some((_, on)) => *on = add,
            None => tags.set.push((tag.to_owned(), add)),
        }
        // Removing a tag that nobody received needs no memory.
        tags.set.retain(|(known, on)| *on || known != tag || is_received);
        self.effects.client = true;
        self.read_tags()
    }

    /// Takes over a list received from outside. Tags that funnels added stay on. A tag that a funnel removed stays off
    /// as long as the received lists contain it. Returns `None` when a newer list is known, else whether the client's
    /// list changes.
    pub(super) fn receive_tags(&mut self, list: &Json, at: Timestamp) -> Option<bool> {
        let tags = self.client.memory.tags.as_mut()?;
        if tags.received_at.is_some_and(|known| at < known) {
            return (tags.received == *list).then_some(false);
        }
        tags.received_at = Some(at);
        tags.set.retain(|(tag, on)| *on || is_in(list, tag));
        tags.received.clone_from(list);
        Some(self.read_tags())
    }

    /// Merges the tags of another id of the client: the later received list, and everything that funnels added.
    pub(super) fn absorb_tags(&mut self, other: &Client) {
        let times = &other.memory.field_times;
        let (received, received_at, set) = match &other.memory.tags {
            Some(tags) => (Some(&tags.received), tags.received_at, tags.set.as_slice()),
            None => (other.fields.get(FIELD), times.of(&other.fields, FIELD), Default::default()),
        };
        if self.client.memory.tags.is_none() && !set.is_empty() {
            self.client.memory.tags = Some(self.own_tags());
        }
        if let (Some(list), Some(at)) = (received, received_at) {
            self.merge_client_field(FIELD, list, at);
        }
        let Some(tags) = &mut self.client.memory.tags else { return };
        for (tag, on) in set {
            match tags.set.iter_mut().find(|(known, _)| known == tag) {
                Some((_, known)) => *known |= on,
                None => tags.set.push((tag.clone(), *on)),
            }
        }
        self.read_tags();
    }

    /// The tags of a client before a funnel sets one.
    fn own_tags(&self) -> Tags {
        let Client { fields, memory, .. } = &*self.client;
        let received = fields.get(FIELD).cloned().unwrap_or_default();
        Tags { received, received_at: memory.field_times.of(fields, FIELD), set: Vec::new() }
    }

    /// Writes both sides into the client's field, as one list. Returns whether that changes it.
    fn read_tags(&mut self) -> bool {
        let Some(tags) = &self.client.memory.tags else { return false };
        let is_off = |item: &&Json| tags.set.iter().any(|(tag, on)| !on && item.as_str() == Some(tag.as_str()));
        let mut list: Vec<Json> = items(&tags.received).iter().filter(|item| !is_off(item)).cloned().collect();
        let set = tags.set.iter().filter(|(tag, on)| *on && !is_in(&tags.received, tag));
        list.extend(set.map(|(tag, _)| Json::String(tag.clone())));
        let list = Json::Array(list);
        let before = self.client.fields.insert(FIELD.to_owned(), list.clone()).unwrap_or_default();
        let nothing = |json: &Json| items(json).is_empty();
        let same = json::is_same(&before, &list, Some(&Type::List(Box::new(Type::Text))));
        !(same || (nothing(&before) && nothing(&list)))
    }
}

fn items(list: &Json) -> &[Json] {
    list.as_array().map_or(&[], Vec::as_slice)
}

fn is_in(list: &Json, tag: &str) -> bool {
    items(list).iter().any(|item| item.as_str() == Some(tag))
}
