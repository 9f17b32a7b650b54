//! Whether a request comes from its source: a signature over its body, or a token in it. In: the request and the secrets.
//! Out: permission, or why it is refused. Comparisons take the same time for every guess.

use super::path::Path;
use super::request::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{self, HMAC_SHA256, Key};

/// The signatures of well-known systems, by name. The sources are their public documents:
/// Stripe: docs.stripe.com/webhooks; Calendly: developer.calendly.com, "Webhook signatures"; Shopify: shopify.dev, "Verify
/// webhooks"; WooCommerce: REST API docs, "Webhooks"; GitHub: docs.github.com, "Validating webhook deliveries"; Cal.com:
/// cal.com/docs, "Webhooks"; Square: developer.squareup.com, "Verify and validate"; Standard Webhooks 1.0.0.
pub const SCHEMES: &[(&str, Scheme<'static>)] = &[
    ("stripe", Scheme::new("stripe-signature", Encoding::Hex, Signed::TimestampAndBody, 300)),
    ("calendly", Scheme::new("calendly-webhook-signature", Encoding::Hex, Signed::TimestampAndBody, 180)),
    ("shopify", Scheme::new("x-shopify-hmac-sha256", Encoding::Base64, Signed::Body, 0)),
    ("woocommerce", Scheme::new("x-wc-webhook-signature", Encoding::Base64, Signed::Body, 0)),
    ("github", Scheme { prefix: "sha256=", ..Scheme::new("x-hub-signature-256", Encoding::Hex, Signed::Body, 0) }),
    ("cal.com", Scheme::new("x-cal-signature-256", Encoding::Hex, Signed::Body, 0)),
    ("square", Scheme::new("x-square-hmacsha256-signature", Encoding::Base64, Signed::UrlAndBody, 0)),
    ("standard-webhooks", Scheme::new("webhook-signature", Encoding::Base64, Signed::Standard, 300)),
];

/// How a request is signed, always with HMAC-SHA256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme<'s> {
    /// The header with the signature.
    pub header: &'s str,
    /// How it is written.
    pub encoding: Encoding,
    /// What is signed.
    pub signed: Signed,
    /// What stands before the signature in the header.
    pub prefix: &'s str,
    /// How many seconds the clocks may differ, where the time is signed.
    pub tolerance: i64,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// In hexadecimal digits.
    Hex,
    /// In base64.
    Base64,
}

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// The body.
    Body,
    /// The public address of the webhook, and the body.
    UrlAndBody,
    /// The time and the body: `t.body`; the header is `t=..,v1=..`, with one or more `v1`.
    TimestampAndBody,
    /// As by Standard Webhooks: `id.timestamp.body`; the header is `v1,.. v1,..`, and the key is base64 after `whsec_`.
    Standard,
}

/// Where a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPlace(pub Path);

/// How a source proves where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// By a signature; with the public address of the webhook, where that is signed.
    Signature {
        /// The header.
        header: String,
        /// What stands before the signature.
        prefix: String,
        /// How it is written.
        encoding: Encoding,
        /// What is signed.
        signed: Signed,
        /// How many seconds the clocks may differ.
        tolerance: i64,
        /// The public address.
        url: Option<String>,
    },
    /// By a token in the request.
    Token(TokenPlace),
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The header is missing.
    NoSignature(String),
    /// The header does not have the form of a signature.
    Malformed(String),
    /// It was signed too long ago, or in the future.
    OutOfTime,
    /// It was signed with another secret, or changed on its way.
    WrongSignature,
    /// There is no token, or another one.
    WrongToken,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSignature(header) => write!(f, "missing signature: the header `{header}` is not there"),
            Self::Malformed(header) => write!(f, "malformed signature in the header `{header}`"),
            Self::OutOfTime => f.write_str("the signature is too old, or the clocks differ too much"),
            Self::WrongSignature => f.write_str("wrong signature: check the secret of the source"),
            Self::WrongToken => f.write_str("missing or wrong token: check the secret of the source"),
        }
    }
}

impl<'s> Scheme<'s> {
    const fn new(header: &'s str, encoding: Encoding, signed: Signed, tolerance: i64) -> Self {
        Self { header, encoding, signed, prefix: "", tolerance }
    }
}

impl Check {
    /// Checks a request that arrives `now`, in seconds since 1970. One of the secrets must fit: there are two while one
    /// replaces the other.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify(&self, secrets: &[&str], request: &Request, raw: &[u8], now: i64) -> Result<(), Refusal> {
        let (header, prefix, encoding, signed, tolerance, url) = match self {
            Self::Token(TokenPlace(path)) => {
                let given = request.text(path).unwrap_or_default();
                let fits = secrets.iter().filter(|secret| is_same(secret, &given)).count();
                return if fits > 0 { Ok(()) } else { Err(Refusal::WrongToken) };
            }
            Self::Signature { header, prefix, encoding, signed, tolerance, url } => {
                (header, prefix, *encoding, *signed, *tolerance, url.as_deref().unwrap_or(""))
            }
        };
        let given = request.header(header).ok_or_else(|| Refusal::NoSignature(header.clone()))?;
        let malformed = || Refusal::Malformed(header.clone());
        let in_time = |at: &str| {
            let at: i64 = at.parse().map_err(|_| malformed())?;
            if now.abs_diff(at) > tolerance.unsigned_abs() { Err(Refusal::OutOfTime) } else { Ok(()) }
        };
        let (before, written): (Vec<u8>, Vec<&str>) = match signed {
            Signed::Body => (Vec::new(), vec![given]),
            Signed::UrlAndBody => (url.as_bytes().to_vec(), vec![given]),
            Signed::TimestampAndBody => {
                let fields: Vec<(&str, &str)> =
                    given.split(',').filter_map(|field| field.trim().split_once('=')).collect();
                let (_, at) = fields.iter().find(|(name, _)| *name == "t").ok_or_else(malformed)?;
                in_time(at)?;
                let versions = fields.iter().filter(|(name, _)| *name == "v1").map(|(_, value)| *value);
                (format!("{at}.").into_bytes(), versions.collect())
            }
            Signed::Standard => {
                let id = request.header("webhook-id").ok_or_else(|| Refusal::NoSignature("webhook-id".to_owned()))?;
                let at = request.header("webhook-timestamp").ok_or_else(malformed)?;
                in_time(at)?;
                let versions = given.split_whitespace().filter_map(|version| version.strip_prefix("v1,"));
                (format!("{id}.{at}.").into_bytes(), versions.collect())
            }
        };
        let decoded = |text: &&str| {
            let text = text.strip_prefix(prefix.as_str())?;
            match encoding {
                Encoding::Hex => hex(text),
                Encoding::Base64 => STANDARD.decode(text).ok(),
            }
        };
        let given: Vec<Vec<u8>> = written.iter().filter_map(decoded).collect();
        if given.is_empty() {
            return Err(malformed());
        }
        let message = [before.as_slice(), raw].concat();
        let keys = secrets.iter().filter_map(|secret| key(signed, secret));
        let fits = |key: &Key| given.iter().any(|tag| hmac::verify(key, &message, tag).is_ok());
        if keys.filter(fits).count() > 0 { Ok(()) } else { Err(Refusal::WrongSignature) }
    }
}

/// The key that a secret stands for.
fn key(signed: Signed, secret: &str) -> Option<Key> {
    match signed {
        Signed::Standard => {
            let bytes = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok()?;
            Some(Key::new(HMAC_SHA256, &bytes))
        }
        Signed::Body | Signed::UrlAndBody | Signed::TimestampAndBody => Some(Key::new(HMAC_SHA256, secret.as_bytes())),
    }
}

/// Compares by keyed hashes, which takes the same time for every guess.
fn is_same(secret: &str, given: &str) -> bool {
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, b"token", hmac::sign(&Key::new(HMAC_SHA256, given.as_bytes()), b"token").as_ref()).is_ok()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.trim().chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    digits.chunks(2).map(|pair| u8::try_from(pair.iter().fold(0, |sum, digit| sum * 16 + digit)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    fn check(name: &str, url: Option<&str>) -> Check {
        let (_, scheme) = SCHEMES.iter().find(|(own, _)| *own == name).unwrap();
        let Scheme { header, prefix, encoding, signed, tolerance } = *scheme;
        let (header, prefix, url) = (header.to_owned(), prefix.to_owned(), url.map(str::to_owned));
        Check::Signature { header, prefix, encoding, signed, tolerance, url }
    }

    #[test]
    fn signatures_are_those_of_the_published_examples() {
        // docs.github.com, "Validating webhook deliveries": the secret, the payload and the signature to test with.
        let tag = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let request = Request::new([("X-Hub-Signature-256", tag)], "", Json::Null);
        let github = check("github", None);
        let secret = ["It's a Secret to Everybody"];
        assert_eq!(github.verify(&secret, &request, b"Hello, World!", 0), Ok(()));
        assert_eq!(github.verify(&["other", secret[0]], &request, b"Hello, World!", 0), Ok(()));
        assert_eq!(github.verify(&secret, &request, b"Hello, World", 0), Err(Refusal::WrongSignature));
        assert_eq!(github.verify(&["other"], &request, b"Hello, World!", 0), Err(Refusal::WrongSignature));
        let bare = Request::new([("X-Hub-Signature-256", tag.trim_start_matches("sha256="))], "", Json::Null);
        assert_eq!(
            github.verify(&secret, &bare, b"Hello, World!", 0),
            Err(Refusal::Malformed("x-hub-signature-256".into()))
        );
        // The test vector of Standard Webhooks 1.0.0.
        let headers = [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,bad v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ];
        let request = Request::new(headers, "", Json::Null);
        let standard = check("standard-webhooks", None);
        let (secret, body) = (["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], br#"{"test": 2432232314}"#);
        assert_eq!(standard.verify(&secret, &request, body, 1_614_265_330), Ok(()));
        assert_eq!(standard.verify(&secret, &request, body, 1_614_265_631), Err(Refusal::OutOfTime));
        assert_eq!(standard.verify(&secret, &request, body, 1_614_265_029), Err(Refusal::OutOfTime));
    }

    #[test]
    fn a_request_without_its_proof_is_refused() {
        let none = Request::default();
        assert_eq!(
            check("stripe", None).verify(&["s"], &none, b"", 0),
            Err(Refusal::NoSignature("stripe-signature".into()))
        );
        let odd = Request::new([("Stripe-Signature", "t=x,v1=00")], "", Json::Null);
        assert_eq!(
            check("stripe", None).verify(&["s"], &odd, b"", 0),
            Err(Refusal::Malformed("stripe-signature".into()))
        );
        let token = Check::Token(TokenPlace(Path::parse("query:key").unwrap()));
        assert_eq!(token.verify(&["s"], &none, b"", 0), Err(Refusal::WrongToken));
        assert_eq!(token.verify(&["s"], &Request::new([], "key=s", Json::Null), b"", 0), Ok(()));
        assert_eq!(token.verify(&["s"], &Request::new([], "key=t", Json::Null), b"", 0), Err(Refusal::WrongToken));
    }
}
