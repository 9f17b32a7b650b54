//! HTTP out, with its dangers bounded: no redirects, no private targets, short timeouts, small answers.
//! In: a request. Out: what was answered, or a [`Failure`] that knows whether the request had left.

use super::Failure;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, RequestBuilder, Response, Url};
use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// The longest time to reach a server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Limit: the most bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Limit: the longest pause that a provider can ask for.
const MAX_RETRY_AFTER_S: u64 = 24 * 3600;

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status code.
    pub(super) status: u16,
    /// The pause it asks for (`Retry-After` in seconds).
    pub(super) retry_after: Option<Duration>,
    /// The body; `None` when it broke off or was larger than the limit.
    pub(super) body: Option<Vec<u8>>,
}

/// Builds a client for one address.
pub(super) fn client(url: &Url, allow_private: bool, timeout: Duration) -> Result<Client, String> {
    install_tls_provider();
    let mut builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT.min(timeout))
        .timeout(timeout)
        .pool_idle_timeout(Duration::from_secs(30))
        .user_agent(concat!("funnelc/", env!("CARGO_PKG_VERSION")));
    if url.scheme() == "http" {
        // A machine without CA certificates can still talk to its own gateway.
        builder = builder.tls_certs_only([]);
    }
    if !allow_private {
        builder = builder.dns_resolver(PublicOnly);
    }
    builder.build().map_err(|e| chain(&e))
}

/// Checks an address that requests may go to: https, or http where that was asked for; no private target unless
/// that was asked for. The name behind it is checked again whenever it is resolved.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_url(text: &str, allow_http: bool, allow_private: bool) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "is not a web address".to_owned())?;
    match url.scheme() {
        "https" => {}
        "http" if allow_http || allow_private => {}
        "http" => return Err("is sent in the open; use `https://`".to_owned()),
        _ => return Err("does not begin with `https://`".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user or password".to_owned());
    }
    let host = url.host_str().unwrap_or("");
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    if !allow_private && (host == "localhost" || host.ends_with(".localhost") || ip.is_some_and(is_private)) {
        return Err("is an address inside this network".to_owned());
    }
    Ok(url)
}

/// Sends a request and reads the answer. Redirects are answers.
pub(super) async fn send(request: RequestBuilder) -> Result<Answer, Failure> {
    let response = request.send().await.map_err(|e| failure(&e))?;
    let status = response.status().as_u16();
    let retry_after = retry_after(&response);
    Ok(Answer { status, retry_after, body: body(response).await })
}

async fn body(mut response: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: u64 = response.headers().get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(MAX_RETRY_AFTER_S)))
}

/// What a request that got no answer means for the message.
fn failure(error: &reqwest::Error) -> Failure {
    if sources(error).any(|e| e.is::<PrivateTarget>()) {
        return Failure::Permanent { reason: PrivateTarget.to_string() };
    }
    let reason = chain(error);
    if error.is_connect() {
        return Failure::Retry { reason: format!("cannot reach the server: {reason}"), after: None };
    }
    if error.is_builder() {
        return Failure::Permanent { reason: format!("the request cannot be written: {reason}") };
    }
    if error.is_timeout() {
        return Failure::Unknown { reason: "no answer in time".to_owned() };
    }
    Failure::Unknown { reason: format!("the connection broke before the answer: {reason}") }
}

/// The innermost cause, which says most; the outer ones repeat the address with whatever secrets are in it.
fn chain(error: &reqwest::Error) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |e: &&(dyn Error + 'static)| (*e).source())
}

/// Invariant: a TLS provider is installed before any client is built. A second one is refused by rustls, which is
/// fine: a program that embeds this crate may have chosen its own.
pub(super) fn install_tls_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Resolves names, and refuses those that lead into private networks.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One private address among public ones is reason enough: which of them is taken is not ours to say.
            if found.iter().any(|addr| is_private(addr.ip())) {
                return Err(Box::new(PrivateTarget) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[derive(Debug)]
struct PrivateTarget;

impl fmt::Display for PrivateTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address leads into a private network; `allow_private = true` allows that")
    }
}

impl Error for PrivateTarget {}

/// Whether an address is not one of the public internet (RFC 6890 and its updates).
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => is_private_v6(ip),
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b))
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let [first, second, .., high, low] = ip.segments();
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    let embeds_v4 = ip.to_ipv4_mapped().is_some() || (first == 0x64 && second == 0xff9b);
    ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || (first & 0xfe00) == 0xfc00
        || (first & 0xffc0) == 0xfe80
        || (embeds_v4 && is_private_v4(Ipv4Addr::new(a, b, c, d)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
        ] {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_into_a_private_network_is_refused() {
        let found = PublicOnly.resolve("localhost".parse().unwrap()).await;
        assert!(found.err().is_some_and(|e| e.is::<PrivateTarget>()));
    }

    #[test]
    fn addresses_are_checked_before_use() {
        let fault = |url| check_url(url, false, false).map(|_| ()).unwrap_err();
        assert!(check_url("https://gate.example/send?to=1", false, false).is_ok());
        assert!(check_url("http://gate.example/", true, false).is_ok());
        assert!(check_url("http://127.0.0.1:9/", false, true).is_ok());
        assert_eq!(fault("http://gate.example/"), "is sent in the open; use `https://`");
        assert_eq!(fault("https://[::1]/"), "is an address inside this network");
        // The number 2130706433 is 127.0.0.1 in disguise, and the parser sees through it.
        assert_eq!(fault("https://2130706433/"), "is an address inside this network");
        assert_eq!(fault("https://localhost/"), "is an address inside this network");
        assert_eq!(fault("ftp://gate.example/"), "does not begin with `https://`");
        assert_eq!(fault("https://me:pw@gate.example/"), "holds a user or password");
        assert_eq!(fault("gate.example"), "is not a web address");
    }
}
