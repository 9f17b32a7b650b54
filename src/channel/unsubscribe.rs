//! Signed unsubscribe URLs for marketing email (RFC 8058).

use super::fill::{Escape, fill, reject_dot_segments};
use super::secret::Secret;
use crate::engine::Message;
use crate::source::hex;
use ring::hmac::{self, HMAC_SHA256, Key, Tag};

/// The placeholders of an unsubscribe URL.
pub const UNSUBSCRIBE_PLACEHOLDERS: &[&str] = &["client", "message", "topic", "signature"];

/// The one-click unsubscribe settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// An https URL with `{client}`, `{message}`, `{topic}` and `{signature}`.
    pub url: String,
    /// The signing key; `None` when the URL is not signed.
    pub secret: Option<Secret>,
}

impl Unsubscribe {
    /// Returns the URL for one message. Without a topic, `{topic}` is empty.
    ///
    /// # Errors
    /// The client's id would lead to another place than the URL says.
    pub fn url_for(&self, message: &Message) -> Result<String, String> {
        let (client, id) = (message.client.0.as_str(), message.id.0.as_str());
        let topic = message.topic.as_deref().unwrap_or("");
        let signature = self.secret.as_ref().map(|secret| sign(secret, client, id, topic));
        let url = fill(&self.url, Escape::Percent, |name| match name {
            "client" => Some(client),
            "message" => Some(id),
            "topic" => Some(topic),
            "signature" => signature.as_deref(),
            _ => None,
        });
        reject_dot_segments(&url)?;
        Ok(url)
    }
}

/// Signs an unsubscribe URL: HMAC-SHA-256 over client, message and topic, joined by line feeds, in lowercase hex.
/// Message ids and topics contain no line feeds, so distinct triples have distinct inputs.
#[must_use]
pub fn sign(secret: &Secret, client: &str, message: &str, topic: &str) -> String {
    let text = format!("{client}\n{message}\n{topic}");
    hex(hmac_sha256(secret.reveal().as_bytes(), text.as_bytes()).as_ref(), 64)
}

/// HMAC-SHA-256 (RFC 2104).
fn hmac_sha256(key: &[u8], text: &[u8]) -> Tag {
    hmac::sign(&Key::new(HMAC_SHA256, key), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_matches_rfc_4231() {
        let cases: [(Vec<u8>, &[u8], &str); 4] = [
            (vec![0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (vec![0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, text, expected) in cases {
            assert_eq!(hex(hmac_sha256(&key, text).as_ref(), 64), expected);
        }
    }

    #[test]
    fn client_and_topic_change_the_signature() {
        let secret = Secret::new("s3cret");
        let signature = sign(&secret, "c1", "m1", "news");
        assert_ne!(signature, sign(&secret, "c2", "m1", "news"));
        assert_ne!(signature, sign(&secret, "c1", "m1", "offers"));
        assert_ne!(signature, sign(&Secret::new("other"), "c1", "m1", "news"));
    }
}
