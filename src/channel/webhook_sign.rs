//! Webhook signatures according to Standard Webhooks 1.0.0.
#![allow(
    clippy::disallowed_methods,
    reason = "a signature contains the real time of the request, regardless of the engine's clock"
)]

use super::secret::Secret;
use crate::diagnostic::Phrase;
use crate::say;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{self, HMAC_SHA256, Key};
use std::ops::RangeInclusive;
use std::time::{SystemTime, UNIX_EPOCH};

/// The prefix of a signing secret.
const PREFIX: &str = "whsec_";

/// The length of a secret, in bytes.
const BYTES: RangeInclusive<usize> = 24..=64;

/// A signing key. It is never shown.
#[derive(Debug, Clone)]
pub struct SigningKey {
    key: Key,
    secret: Secret,
}

impl SigningKey {
    /// Parses a secret: `whsec_` and 24 to 64 bytes in base64.
    ///
    /// # Errors
    /// The secret is invalid; the error does not repeat it.
    pub fn parse(secret: &Secret) -> Result<Self, Phrase> {
        let encoded = secret.reveal().strip_prefix(PREFIX).ok_or_else(|| say!("does not start with `whsec_`"))?;
        let bytes = STANDARD.decode(encoded).map_err(|_| say!("is not valid base64 after `whsec_`"))?;
        if !BYTES.contains(&bytes.len()) {
            return Err(say!("is not 24 to 64 bytes long"));
        }
        Ok(Self { key: Key::new(HMAC_SHA256, &bytes), secret: Secret::new(encoded) })
    }

    /// The secret, for redaction.
    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Signs one request.
    fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> String {
        let mut signed = hmac::Context::with_key(&self.key);
        signed.update(format!("{id}.{timestamp}.").as_bytes());
        signed.update(body);
        format!("v1,{}", STANDARD.encode(signed.sign()))
    }
}

/// Decodes a text in base64.
#[must_use]
pub fn from_base64(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

/// Encodes bytes in base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Returns the headers of a request that is sent now; without a key it is not signed.
pub(super) fn headers(keys: &[SigningKey], id: &str, body: &[u8]) -> Vec<(&'static str, String)> {
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut headers = vec![("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp.to_string())];
    if !keys.is_empty() {
        let signatures: Vec<_> = keys.iter().map(|key| key.sign(id, timestamp, body)).collect();
        headers.push(("webhook-signature", signatures.join(" ")));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> Result<SigningKey, Phrase> {
        SigningKey::parse(&Secret::new(secret))
    }

    #[test]
    fn signatures_match_the_published_examples() {
        let cases = [
            (
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#),
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
            (
                "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
                (
                    "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                    1_649_367_553,
                    r#"{"email":"test@example.com","username":"test_user"}"#,
                ),
                "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
            ),
        ];
        for (secret, (id, timestamp, body), signature) in cases {
            assert_eq!(key(secret).unwrap().sign(id, timestamp, body.as_bytes()), signature);
        }
    }

    #[test]
    fn an_invalid_secret_is_rejected_and_never_shown() {
        for wrong in ["", "hunter2", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_aGk=", "whsec_not base64!"] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
        assert!(key(&format!("whsec_{}", STANDARD.encode([7; 65]))).is_err());
        assert!(key(&format!("whsec_{}", STANDARD.encode([7; 64]))).is_ok());
        let shown = format!("{:?}", key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        assert!(!shown.contains("MfKQ"), "{shown}");
    }

    #[test]
    fn a_second_key_adds_a_second_signature() {
        let (one, other) = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
        let headers = headers(&[key(one).unwrap(), key(other).unwrap()], "msg-1", b"{}");
        let (name, signatures) = &headers[2];
        assert_eq!((*name, signatures.split(' ').count()), ("webhook-signature", 2));
        assert_eq!(super::headers(&[], "msg-1", b"{}").len(), 2);
    }
}
