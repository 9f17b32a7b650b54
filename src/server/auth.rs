//! Authenticates requests. In: the headers of a request. Out: permission, or the status to reject it with.

use axum::http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};

/// What a request must present.
#[derive(Clone)]
pub(super) struct Auth {
    /// The hash of the token, so that a comparison takes the same time for every guess.
    token: Option<[u8; 32]>,
}

impl Auth {
    pub(super) fn new(token: Option<&str>) -> Self {
        Self { token: token.map(hash) }
    }

    /// Checks a request.
    ///
    /// # Errors
    /// The status and the reason to reject it with.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
        let Some(token) = &self.token else {
            // Any web page in a browser on this machine could post here, so browser requests are rejected.
            return match headers.get(header::ORIGIN) {
                Some(_) => Err((StatusCode::FORBIDDEN, "a token is required for browser requests")),
                None => Ok(()),
            };
        };
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match given.and_then(bearer) {
            Some(given) if same(token, &hash(given)) => Ok(()),
            Some(_) => Err((StatusCode::UNAUTHORIZED, "invalid token")),
            None => Err((StatusCode::UNAUTHORIZED, "missing token: send `Authorization: Bearer ..`")),
        }
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Compares in constant time.
fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
