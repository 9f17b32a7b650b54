//! Clients that turned out to be other clients. In: merges. Out: who an id stands for now.

use super::id::ClientId;
use std::collections::HashMap;

/// The ids that stand for other clients.
#[derive(Debug, Clone, Default)]
pub struct Merged(HashMap<ClientId, ClientId>);

impl Merged {
    /// Creates the set from earlier merges, in order.
    #[must_use]
    pub fn new(merges: Vec<(ClientId, ClientId)>) -> Self {
        Self(merges.into_iter().collect())
    }

    /// Remembers that one client is another one. That one must stand for itself.
    pub fn insert(&mut self, from: ClientId, into: ClientId) {
        self.0.insert(from, into);
    }

    /// The client that an id stands for now.
    #[must_use]
    pub fn present(&self, id: &ClientId) -> ClientId {
        let mut present = id;
        // Invariant: a client is only merged into one that stands for itself, so there are no cycles.
        while let Some(into) = self.0.get(present) {
            present = into;
        }
        present.clone()
    }
}
