//! Authenticates requests. In: the headers of a request and what it wants to do. Out: permission, or why it is rejected.

use crate::channel::from_base64;
use axum::http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// What a request wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Send events.
    Ingest,
    /// Read clients, states and metrics.
    Read,
    /// Change what the service does.
    Operate,
}

impl Scope {
    /// All scopes, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Read, Self::Operate];

    /// Its name in the project file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Operate => "operate",
        }
    }
}

/// The tokens, each with the scope that it opens. A token may be listed for several scopes.
pub type Tokens = Vec<(Scope, String)>;

/// What requests must present.
#[derive(Debug)]
pub(super) struct Auth {
    /// The hashes of the tokens, so that a comparison takes the same time for every guess.
    tokens: Vec<(Scope, [u8; 32])>,
}

/// Why a request is rejected.
pub(super) type Denied = (StatusCode, String);

impl Auth {
    pub(super) fn new(tokens: &Tokens) -> Self {
        Self { tokens: tokens.iter().map(|(scope, token)| (*scope, hash(token))).collect() }
    }

    /// Checks a request.
    ///
    /// # Errors
    /// The status and the reason to reject it with.
    pub(super) fn check(&self, scope: Scope, headers: &HeaderMap) -> Result<(), Denied> {
        if self.tokens.is_empty() {
            return check_local(headers);
        }
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(given) = given.and_then(bearer) else {
            return Err((StatusCode::UNAUTHORIZED, "missing token: send `Authorization: Bearer ..`".to_owned()));
        };
        self.check_token(scope, given)
    }

    /// Checks a request of Segment's libraries, which send the token as the user name of `Authorization: Basic ..`, or as
    /// `writeKey` in the body.
    ///
    /// # Errors
    /// The status and the reason to reject it with.
    pub(super) fn check_key(&self, scope: Scope, headers: &HeaderMap, write_key: Option<&str>) -> Result<(), Denied> {
        if self.tokens.is_empty() {
            return check_local(headers);
        }
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let user = given.and_then(user_name);
        match user.as_deref().or(given.and_then(bearer)).or(write_key) {
            Some(given) => self.check_token(scope, given),
            None => Err((StatusCode::UNAUTHORIZED, "missing token: use it as the write key".to_owned())),
        }
    }

    fn check_token(&self, scope: Scope, given: &str) -> Result<(), Denied> {
        let given = hash(given);
        // Every token is compared, whichever fits.
        let (mut is_known, mut is_allowed) = (false, false);
        for (own, token) in &self.tokens {
            let fits = is_same(token, &given);
            is_known |= fits;
            is_allowed |= fits && *own == scope;
        }
        match (is_known, is_allowed) {
            (_, true) => Ok(()),
            (true, false) => {
                let why = format!("this token is not one of `server.tokens.{}`", scope.name());
                Err((StatusCode::FORBIDDEN, why))
            }
            (false, false) => Err((StatusCode::UNAUTHORIZED, "invalid token".to_owned())),
        }
    }
}

/// Without tokens, only programs on this machine may send requests. A web page in a browser on this machine could do so
/// too: it shows its origin, or the name of another host that it has redirected here.
fn check_local(headers: &HeaderMap) -> Result<(), Denied> {
    if headers.contains_key(header::ORIGIN) {
        return Err((StatusCode::FORBIDDEN, "a token is required for browser requests".to_owned()));
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match host.is_none_or(is_this_machine) {
        true => Ok(()),
        false => {
            Err((StatusCode::FORBIDDEN, "a token is required for requests to other hosts than localhost".to_owned()))
        }
    }
}

/// Whether a `Host` header names this machine.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The user name of `Basic ..`.
fn user_name(value: &str) -> Option<String> {
    let (scheme, encoded) = value.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| from_base64(encoded.trim()))??;
    let (user, _) = decoded.split_once(':')?;
    Some(user.to_owned())
}

/// The hash of a token.
pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Compares in constant time.
pub(super) fn is_same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_header_names_this_machine_by_name_or_address() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:8080", "127.8.9.1:1", "[::1]:8080", "[::1]"]
        {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["evil.example", "evil.example:8080", "localhost.evil.example", "10.0.0.1:8080", "[fe80::1]:80", ""]
        {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
