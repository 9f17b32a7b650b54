//! A hardened HTTP client: no redirects, no private targets, short timeouts, bounded responses. A [`Failure`] shows
//! whether the request may have been sent.

use super::Failure;
use super::egress::{EgressPolicy, GuardedResolver, PrivateTarget};
use crate::value::Timestamp;
use reqwest::header::{DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// The timeout for connecting to a server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Limit: the maximum number of response bytes that are read.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// Limit: the longest pause that a provider can ask for, in seconds.
const MAX_RETRY_AFTER_S: u64 = 24 * 3600;

/// The response of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HttpResponse {
    /// The status code.
    pub(super) status: u16,
    /// The pause that the server asks for.
    pub(super) retry_after: Option<Duration>,
    /// The target of a redirect.
    pub(super) location: Option<String>,
    /// The body.
    pub(super) body: Body,
}

/// The body of a response, as far as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// It is larger than this many bytes.
    TooLarge {
        /// The limit.
        most: usize,
    },
    /// The connection was lost before its end.
    Broken,
}

impl Body {
    /// All of it; `None` when it is incomplete or larger than the limit.
    pub(super) fn whole(&self) -> Option<&[u8]> {
        match self {
            Self::Whole(bytes) => Some(bytes),
            Self::TooLarge { .. } | Self::Broken => None,
        }
    }
}

/// Builds a client that follows the policy; without `tls`, for plain HTTP only.
pub(super) fn client(tls: bool, egress: &EgressPolicy, timeout: Duration) -> Result<Client, String> {
    install_tls_provider();
    let mut builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT.min(timeout))
        .timeout(timeout)
        .pool_idle_timeout(Duration::from_secs(30))
        .user_agent(concat!("funnelc/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(GuardedResolver(Arc::new(egress.clone())));
    if !tls {
        // A machine without CA certificates can still talk to its own gateway.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|e| root_cause(&e))
}

/// Sends a request and reads the response. Redirects are not followed.
pub(super) async fn send(request: RequestBuilder) -> Result<HttpResponse, Failure> {
    let response = request.send().await.map_err(|e| failure(&e))?;
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers());
    let location = text(response.headers(), &LOCATION).map(str::to_owned);
    Ok(HttpResponse { status, retry_after, location, body: body(response).await })
}

async fn body(mut response: Response) -> Body {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_RESPONSE_BYTES => {
                return Body::TooLarge { most: MAX_RESPONSE_BYTES };
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Body::Whole(body),
            Err(_) => return Body::Broken,
        }
    }
}

/// The requested pause. A date is relative to the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let requested = text(headers, &RETRY_AFTER)?;
    let seconds = requested.parse().ok().or_else(|| {
        let ms = http_date(requested)?.0 - text(headers, &DATE).and_then(http_date)?.0;
        u64::try_from(ms / 1000).ok()
    })?;
    Some(Duration::from_secs(seconds.min(MAX_RETRY_AFTER_S)))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Parses `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let words: Vec<_> = text.split(' ').collect();
    let [_, day, month, year, time, "GMT"] = words[..] else { return None };
    let month = MONTHS.find(month).filter(|at| month.len() == 3 && at % 3 == 0)? / 3 + 1;
    Timestamp::parse(&format!("{year}-{month:02}-{day}T{time}Z"))
}

/// Classifies a request without a response.
fn failure(error: &reqwest::Error) -> Failure {
    if sources(error).any(|e| e.is::<PrivateTarget>()) {
        return Failure::Permanent { reason: PrivateTarget.to_string() };
    }
    let reason = root_cause(error);
    if error.is_connect() {
        return Failure::Retry { reason: format!("cannot reach the server: {reason}"), after: None };
    }
    if error.is_builder() {
        return Failure::Permanent { reason: format!("invalid request: {reason}") };
    }
    if error.is_timeout() {
        return Failure::Unknown { reason: "timed out waiting for a response".to_owned() };
    }
    Failure::Unknown { reason: format!("connection lost before the response: {reason}") }
}

/// The innermost cause, which is the most specific; the outer ones repeat the URL, which may contain secrets.
fn root_cause(error: &reqwest::Error) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |e: &&(dyn Error + 'static)| (*e).source())
}

/// Invariant: a TLS provider is installed before any client is built. Installing a second one fails harmlessly: a
/// program that embeds this crate may have chosen its own.
pub(super) fn install_tls_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_in_seconds_or_a_date() {
        let pause = |requested: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, requested.parse().unwrap());
            headers.insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
            retry_after(&headers).map(|pause| pause.as_secs())
        };
        assert_eq!(pause("7"), Some(7));
        assert_eq!(pause("Sun, 06 Nov 1994 08:51:37 GMT"), Some(120));
        assert_eq!(pause("99999999"), Some(MAX_RETRY_AFTER_S));
        for odd in ["soon", "-1", "Sun, 06 Nov 1994 08:49:00 GMT", "Sun, 06 ovD 1994 08:51:37 GMT"] {
            assert_eq!(pause(odd), None, "{odd}");
        }
    }
}
