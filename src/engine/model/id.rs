//! Ids made from what they name, so that every host and every restart makes the same ones.

use crate::graph::ElementId;
use crate::source::hex;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_ids! {
    /// A client's id, as the events name it.
    ClientId;
    /// A run's id: stable, made of funnel, client, key and how many times before.
    RunId;
    /// A message's id: made of (run, element, occurrence); the idempotency key towards the provider.
    MessageId;
    /// A graph's fingerprint: a hash of its meaning.
    Fingerprint;
}

impl RunId {
    /// The id of the `count`th run (from 1) of a client under an entry key.
    pub(in crate::engine) fn derive(funnel: &str, client: &ClientId, key: &str, count: u32) -> Self {
        Self(format!("run-{}", digest(&[funnel, &client.0, key, &count.to_string()])))
    }
}

impl MessageId {
    /// The id of the message that an element sends when a run reaches it for the `occurrence`th time (from 1).
    pub(in crate::engine) fn derive(run: &RunId, element: &ElementId, occurrence: u32) -> Self {
        Self(format!("msg-{}", digest(&[&run.0, &element.0, &occurrence.to_string()])))
    }
}

/// The id of what a client said about consent, `about` a channel and a topic, in an event.
pub(in crate::engine) fn consent_id(client: &ClientId, at: Timestamp, event: &str, about: &str, said: &str) -> String {
    format!("consent-{}", digest(&[&client.0, &at.0.to_string(), event, about, said]))
}

/// 80 bits over parts whose lengths are hashed too, so that ("a", "bc") and ("ab", "c") differ.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize(), 20)
}
