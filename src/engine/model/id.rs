//! Ids, derived from what they identify, so that every host and every restart derives the same ones.

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
    /// The id of a client, as events give it.
    ClientId;
    /// The id of a run, derived from funnel, client, key and the number of earlier entries.
    RunId;
    /// The id of a message, derived from (run, element, occurrence); the idempotency key for the provider.
    MessageId;
    /// The fingerprint of a graph: a hash of its meaning.
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

impl ClientId {
    /// The id of a withdrawal of consent whose own `id` belongs to another event.
    pub(in crate::engine) fn withdrawal_id(&self, id: &str, data: &str) -> String {
        format!("withdrawal-{}", digest(&[&self.0, id, data]))
    }
}

impl MessageId {
    /// Whether a text has the form of such an id.
    pub(in crate::engine) fn is_derived(text: &str) -> bool {
        let digits = text.strip_prefix("msg-").unwrap_or_default();
        digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    }
}

/// The id of a statement of consent in an event, `about` a channel and a topic.
pub(in crate::engine) fn consent_id(client: &ClientId, at: Timestamp, event: &str, about: &str, said: &str) -> String {
    format!("consent-{}", digest(&[&client.0, &at.0.to_string(), event, about, said]))
}

/// The number of hex digits in an id.
const DIGITS: usize = 20;

/// An 80-bit hash. It includes the lengths of the parts, so that ("a", "bc") and ("ab", "c") differ.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize(), DIGITS)
}
