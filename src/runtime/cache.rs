//! Clients in memory. In: clients read from the store. Out: recently used ones; the others are read again.

use crate::engine::{Client, ClientId};
use std::collections::HashMap;

/// The recently used clients, in two generations: when the younger one is full, the older one is dropped.
#[derive(Debug)]
pub(super) struct Cache {
    // Growing a map moves its values.
    young: HashMap<ClientId, Box<Client>>,
    old: HashMap<ClientId, Box<Client>>,
    limit: usize,
}

impl Cache {
    pub(super) fn new(limit: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), limit }
    }

    /// A client in memory.
    pub(super) fn get(&mut self, id: &ClientId) -> Option<&mut Client> {
        if let Some(client) = self.old.remove(id) {
            self.young.insert(id.clone(), client);
        }
        self.young.get_mut(id).map(Box::as_mut)
    }

    /// Adds a client.
    pub(super) fn insert(&mut self, client: Client) {
        self.young.insert(client.id.clone(), Box::new(client));
    }

    /// Drops a client, so that it is read from disk again.
    pub(super) fn remove(&mut self, id: &ClientId) {
        self.young.remove(id);
        self.old.remove(id);
    }

    /// Drops clients that have not been used for long. Only allowed when everything in memory is also on disk.
    pub(super) fn age(&mut self) {
        if self.young.len() > self.limit {
            self.old = std::mem::take(&mut self.young);
        }
    }
}
