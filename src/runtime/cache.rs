//! Clients in memory. In: clients read from the store. Out: those that were used lately; the rest are read again.

use crate::engine::{Client, ClientId};
use std::collections::HashMap;

/// The clients used lately, in two generations: when the younger is full, the older is forgotten.
#[derive(Debug)]
pub(super) struct Cache {
    young: HashMap<ClientId, Client>,
    old: HashMap<ClientId, Client>,
    limit: usize,
}

impl Cache {
    pub(super) fn new(limit: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), limit }
    }

    /// A client that is in memory.
    pub(super) fn get(&mut self, id: &ClientId) -> Option<&mut Client> {
        if let Some(client) = self.old.remove(id) {
            self.young.insert(id.clone(), client);
        }
        self.young.get_mut(id)
    }

    /// Puts a client into memory.
    pub(super) fn insert(&mut self, client: Client) {
        self.young.insert(client.id.clone(), client);
    }

    /// Forgets who was not used for long; only when all that is in memory is also on disk.
    pub(super) fn age(&mut self) {
        if self.young.len() > self.limit {
            self.old = std::mem::take(&mut self.young);
        }
    }
}
