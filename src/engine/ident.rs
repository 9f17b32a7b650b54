//! Ids made from what they name, so that every host and every restart makes the same ones.

use super::state::{ClientId, MessageId, RunId};
use crate::graph::ElementId;
use crate::source::hex;
use crate::value::Timestamp;
use sha2::{Digest, Sha256};

/// The id of the `count`th run (from 1) of a client under an entry key.
pub(super) fn run(funnel: &str, client: &ClientId, key: &str, count: u32) -> RunId {
    RunId(format!("run-{}", digest(&[funnel, &client.0, key, &count.to_string()])))
}

/// The id of the message that an element sends when a run reaches it for the `occurrence`th time (from 1).
pub(super) fn message(run: &RunId, element: &ElementId, occurrence: u32) -> MessageId {
    MessageId(format!("msg-{}", digest(&[&run.0, &element.0, &occurrence.to_string()])))
}

/// The id of what a client said about consent, `about` a channel and a topic, in an event.
pub(super) fn consent(client: &ClientId, at: Timestamp, event: &str, about: &str, said: &str) -> String {
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
