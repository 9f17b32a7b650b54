//! Whether an event is the same as an earlier one with its id. In: an event as it was received, or its values. Out: a
//! digest; events with equal digests are the same.

use super::model::Event;
use crate::check::program::Catalog;
use crate::value::json;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// Identifies what an event says.
pub type EventDigest = [u8; 16];

/// The digest of an event as it was received. It depends on nothing that may change later, such as declarations; the
/// order of fields and the notation of numbers do not matter.
#[must_use]
pub fn digest_as_received(event: &Json) -> EventDigest {
    let mut hash = Sha256::new();
    feed(&mut hash, event);
    short(hash)
}

/// The digest of an event's values, in whatever notation they were written.
#[must_use]
pub fn digest_of_values(catalog: &Catalog, event: &Event) -> EventDigest {
    let declared = match event.name.as_str() {
        "client" => Some(&catalog.client),
        name => catalog.events.get(name).map(|event| &event.fields),
    };
    let canonical = |name: &str, value: &Json| {
        let field = declared.and_then(|fields| fields.get(name))?;
        json::read(value, &field.ty, catalog.local()).ok().map(|value| json::write(&value))
    };
    let mut hash = Sha256::new();
    feed_text(&mut hash, &event.name);
    feed_text(&mut hash, &event.client.0);
    hash.update(event.at.0.to_be_bytes());
    feed_sorted(&mut hash, &event.data, |hash, name, value| {
        feed(hash, canonical(name, value).as_ref().unwrap_or(value));
    });
    short(hash)
}

fn short(hash: Sha256) -> EventDigest {
    let mut digest = [0; 16];
    digest.copy_from_slice(&hash.finalize()[..16]);
    digest
}

fn feed(hash: &mut Sha256, value: &Json) {
    match value {
        Json::Null => hash.update(b"n"),
        Json::Bool(value) => hash.update(if *value { b"t" } else { b"f" }),
        Json::Number(number) => {
            hash.update(b"0");
            feed_text(hash, &json::canonical_number(number));
        }
        Json::String(text) => {
            hash.update(b"s");
            feed_text(hash, text);
        }
        Json::Array(items) => {
            hash.update(b"a");
            hash.update((items.len() as u64).to_be_bytes());
            items.iter().for_each(|item| feed(hash, item));
        }
        Json::Object(fields) => {
            hash.update(b"o");
            feed_sorted(hash, fields, |hash, _, value| feed(hash, value));
        }
    }
}

fn feed_sorted(
    hash: &mut Sha256,
    fields: &serde_json::Map<String, Json>,
    mut feed: impl FnMut(&mut Sha256, &str, &Json),
) {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_unstable_by_key(|(name, _)| *name);
    hash.update((fields.len() as u64).to_be_bytes());
    for (name, value) in fields {
        feed_text(hash, name);
        feed(hash, name, value);
    }
}

fn feed_text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> EventDigest {
        digest_as_received(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn the_order_of_fields_and_the_notation_of_numbers_do_not_matter() {
        let same = [
            (r#"{"a":1,"b":[true,null]}"#, r#"{ "b": [true, null], "a": 1.0 }"#),
            (r#"{"a":1e400}"#, r#"{"a":10E+399}"#),
            (r#"{"a":-0.00150}"#, r#"{"a":-15e-4}"#),
            (r#"{"a":0}"#, r#"{"a":-0.0e9}"#),
            (r#"{"a":"\u0041"}"#, r#"{"a":"A"}"#),
        ];
        for (one, other) in same {
            assert_eq!(digest(one), digest(other), "{one} {other}");
        }
    }

    #[test]
    fn different_events_have_different_digests() {
        let all = [
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":1e400}"#,
            r#"{"a":1e401}"#,
            r#"{"a":-1}"#,
            r#"{"a":100000000000000000000000000000000000001}"#,
            r#"{"a":100000000000000000000000000000000000002}"#,
            r#"{"a":null}"#,
            r#"{}"#,
            r#"{"a":[1]}"#,
            r#"{"a":[[1]]}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"ab":1}"#,
        ];
        let digests: std::collections::BTreeSet<_> = all.iter().map(|text| digest(text)).collect();
        assert_eq!(digests.len(), all.len());
    }
}
