//! Outbound-request policy: which hosts and addresses requests may go to.
//!
//! A name is resolved once per connection, and the connection uses exactly the addresses that were checked.

use crate::diagnostic::Phrase;
use crate::say;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The hosts that requests may go to: the public internet, and what the project adds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EgressPolicy {
    allow_all: bool,
    hosts: Vec<String>,
    networks: Vec<Network>,
}

impl EgressPolicy {
    /// Allows every host when `allow_private`, otherwise only the public internet.
    #[must_use]
    pub fn new(allow_private: bool) -> Self {
        Self { allow_all: allow_private, ..Self::default() }
    }

    /// Adds a host name (`crm.internal`), an address (`10.0.0.7`) or a network (`10.0.0.0/8`).
    ///
    /// # Errors
    /// The entry is invalid.
    pub fn allow(&mut self, entry: &str) -> Result<(), Phrase> {
        if let Some(network) = Network::parse(entry) {
            self.networks.push(network);
            return Ok(());
        }
        let is_label =
            |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
        // A numeric last label is a malformed address, not a name.
        let numeric = entry.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if numeric || !entry.split('.').all(is_label) {
            return Err(say!("is neither a host, such as `crm.internal`, nor a network, such as `10.0.0.0/8`"));
        }
        self.hosts.push(entry.to_lowercase());
        Ok(())
    }

    /// Whether requests may go to an address.
    fn allows(&self, ip: IpAddr) -> bool {
        self.allow_all || !is_private(ip) || self.networks.iter().any(|network| network.contains(ip))
    }

    /// Whether a host is internal, so that plain HTTP is acceptable.
    fn is_internal(&self, host: &str) -> bool {
        let private = literal(host).filter(|ip| is_private(*ip));
        self.allow_all
            || self.hosts.iter().any(|own| own == host)
            || private.is_some_and(|ip| ip.to_canonical().is_loopback() || self.allows(ip))
            || is_this_machine(host)
    }

    /// Whether requests may go to a host, as far as can be decided before it is resolved.
    fn allows_host(&self, host: &str) -> bool {
        match literal(host) {
            Some(ip) => self.allows(ip),
            None if is_this_machine(host) => {
                self.allow_all
                    || self.hosts.iter().any(|own| own == host)
                    || self.allows(IpAddr::V4(Ipv4Addr::LOCALHOST))
                    || self.allows(IpAddr::V6(Ipv6Addr::LOCALHOST))
            }
            None => true,
        }
    }
}

/// Why a URL is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlFault {
    /// It is not a valid URL.
    Invalid,
    /// It uses plain HTTP to an external host.
    PlainHttp,
    /// It uses neither HTTP nor HTTPS.
    UnsupportedScheme,
    /// It contains a user name or a password.
    Credentials,
    /// It leads into a private network.
    Private,
}

impl UrlFault {
    /// Describes the fault, as a predicate that follows the name of the setting.
    #[must_use]
    pub fn phrase(self) -> Phrase {
        match self {
            Self::Invalid => say!("is not a web address"),
            Self::PlainHttp => say!("is not encrypted; use `https://`"),
            Self::UnsupportedScheme => say!("does not start with `https://`"),
            Self::Credentials => say!("contains a user name or password"),
            Self::Private => say!("is a private network address"),
        }
    }
}

impl fmt::Display for UrlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}

/// Checks a URL: it must use HTTPS, or HTTP where the host is internal or `insecure` is set, and must not lead into a
/// private network unless that is allowed. Names are checked again whenever they are resolved.
///
/// # Errors
/// The URL is not allowed.
pub fn check_url(text: &str, insecure: bool, egress: &EgressPolicy) -> Result<Url, UrlFault> {
    let url = Url::parse(text).map_err(|_| UrlFault::Invalid)?;
    let host = url.host_str().unwrap_or("");
    match url.scheme() {
        "https" => {}
        "http" if insecure || egress.is_internal(host) => {}
        "http" => return Err(UrlFault::PlainHttp),
        _ => return Err(UrlFault::UnsupportedScheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlFault::Credentials);
    }
    if !egress.allows_host(host) {
        return Err(UrlFault::Private);
    }
    Ok(url)
}

/// A DNS resolver that rejects names which resolve to addresses that are not allowed.
pub(super) struct GuardedResolver(pub(super) Arc<EgressPolicy>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let listed = egress.hosts.iter().any(|host| host == name.as_str());
            // One private address among public ones is reason enough: which of them will be used is not under our
            // control.
            if !listed && addresses.iter().any(|addr| !egress.allows(addr.ip())) {
                return Err(Box::new(PrivateTarget) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// A name resolved to an address in a private network.
#[derive(Debug)]
pub(super) struct PrivateTarget;

impl fmt::Display for PrivateTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address resolves to a private network, which the project file does not allow")
    }
}

impl Error for PrivateTarget {}

/// A block of addresses (RFC 4632, RFC 4291).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Parses `10.0.0.0/8`, `fd00::/8` or a single address.
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let written = literal(address)?;
        let address = written.to_canonical();
        let widest: u32 = if written.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(widest), |bits| bits.parse().ok()).filter(|bits| *bits <= widest)?;
        // An IPv4-mapped address has 96 more prefix bits.
        let mapped_prefix = if written == address { 0 } else { 96 };
        Some(Self { address, bits: bits.checked_sub(mapped_prefix)? })
    }

    /// Whether the network contains an address; an IPv4-mapped address is compared as IPv4.
    fn contains(self, ip: IpAddr) -> bool {
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => (own.to_bits() ^ ip.to_bits()).leading_zeros() >= self.bits,
            (IpAddr::V6(own), IpAddr::V6(ip)) => (own.to_bits() ^ ip.to_bits()).leading_zeros() >= self.bits,
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Parses a URL host that is an address.
fn literal(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

/// Whether a host name is reserved for this machine (RFC 6761, 6.3).
fn is_this_machine(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host == "localhost" || host.ends_with(".localhost")
}

/// Whether an address is outside of the public internet (RFC 6890 and its updates).
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => is_private_v6(ip),
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, d] = ip.octets();
    ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        // The metadata service of a cloud provider, although the address is public.
        || [a, b, c, d] == [168, 63, 129, 16]
}

/// Public are the addresses of 2000::/3 except for reserved ranges, and public IPv4 addresses in their two IPv6 forms.
fn is_private_v6(ip: Ipv6Addr) -> bool {
    let [first, second, third, fourth, fifth, sixth, high, low] = ip.segments();
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    // RFC 4291, 2.5.5.2, and RFC 6052, 2.1.
    let translated = [first, second, third, fourth, fifth, sixth] == [0x64, 0xff9b, 0, 0, 0, 0];
    if ip.to_ipv4_mapped().is_some() || translated {
        return is_private_v4(Ipv4Addr::new(a, b, c, d));
    }
    let global = (first & 0xe000) == 0x2000;
    // Protocol assignments with Teredo, documentation, 6to4, documentation.
    let set_aside = (first == 0x2001 && (second < 0x200 || second == 0xdb8))
        || first == 0x2002
        || (first == 0x3fff && second < 0x1000);
    !global || set_aside
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: &[&str] = &[
        "127.0.0.1",
        "127.255.255.254",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "::1",
        "::7f00:1",
        "fd00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "100::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
    ];

    const PUBLIC: &[&str] = &[
        "8.8.8.8",
        "100.128.0.1",
        "100.63.255.255",
        "172.32.0.1",
        "172.15.255.255",
        "169.253.0.1",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ];

    #[test]
    fn private_and_public_addresses_are_distinguished() {
        for private in PRIVATE {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in PUBLIC {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn every_spelling_of_a_private_address_is_rejected() {
        let host = |ip: &str| if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() };
        let disguised =
            ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "a.localhost", "localhost.", "LOCALHOST"];
        for written in PRIVATE.iter().map(|ip| host(ip)).chain(disguised.map(str::to_owned)) {
            let fault =
                check_url(&format!("https://{written}/"), true, &EgressPolicy::default()).map(|_| ()).unwrap_err();
            assert_eq!(fault, UrlFault::Private, "{written}");
            assert!(check_url(&format!("https://{written}/"), false, &EgressPolicy::new(true)).is_ok(), "{written}");
        }
        for written in PUBLIC.iter().map(|ip| host(ip)) {
            assert!(check_url(&format!("https://{written}/"), false, &EgressPolicy::default()).is_ok(), "{written}");
        }
    }

    #[test]
    fn urls_are_checked_before_use() {
        let public = EgressPolicy::default();
        let fault = |url| check_url(url, false, &public).map(|_| ()).unwrap_err().to_string();
        assert!(check_url("https://gate.example/send?to=1", false, &public).is_ok());
        assert!(check_url("http://gate.example/", true, &public).is_ok());
        assert!(check_url("http://127.0.0.1:9/", false, &EgressPolicy::new(true)).is_ok());
        assert_eq!(fault("http://gate.example/"), "is not encrypted; use `https://`");
        assert_eq!(fault("http://10.0.0.1/"), "is not encrypted; use `https://`");
        assert_eq!(fault("http://127.0.0.1/"), "is a private network address");
        assert_eq!(fault("ftp://gate.example/"), "does not start with `https://`");
        assert_eq!(fault("https://me:pw@gate.example/"), "contains a user name or password");
        assert_eq!(fault("gate.example"), "is not a web address");
    }

    fn allowing(entries: &[&str]) -> EgressPolicy {
        let mut egress = EgressPolicy::default();
        for entry in entries {
            egress.allow(entry).unwrap();
        }
        egress
    }

    #[test]
    fn a_project_allows_only_the_hosts_that_it_names() {
        let egress = allowing(&["10.0.0.0/8", "::ffff:192.168.1.7", "CRM.internal", "fd00::/8"]);
        for own in ["http://10.255.0.1/", "http://192.168.1.7:80/", "http://crm.internal/x", "http://[fd00::9]/"] {
            assert!(check_url(own, false, &egress).is_ok(), "{own}");
        }
        for other in ["https://11.0.0.1.nip.example/", "https://8.8.8.8/"] {
            assert!(check_url(other, false, &egress).is_ok(), "{other}");
        }
        for closed in ["https://192.168.1.8/", "https://127.0.0.1/", "https://[fe80::1]/", "https://localhost/"] {
            assert!(check_url(closed, false, &egress).is_err(), "{closed}");
        }
        assert!(check_url("http://localhost:3000/", false, &allowing(&["localhost"])).is_ok());
        assert!(check_url("http://localhost:3000/", false, &allowing(&["127.0.0.1"])).is_ok());
    }

    #[test]
    fn an_entry_that_is_neither_host_nor_network_is_rejected() {
        for wrong in
            ["", "http://crm.internal", "crm.internal:80", "10.0.0.0/33", "10.0.0", "a b", "*.internal", "fd00::/x"]
        {
            assert!(EgressPolicy::default().allow(wrong).is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_name_is_checked_by_its_addresses() {
        let addresses =
            async |egress: EgressPolicy| GuardedResolver(Arc::new(egress)).resolve("localhost".parse().unwrap()).await;
        assert!(addresses(EgressPolicy::default()).await.err().is_some_and(|e| e.is::<PrivateTarget>()));
        assert!(addresses(allowing(&["10.0.0.0/8"])).await.is_err());
        assert!(addresses(allowing(&["localhost"])).await.is_ok());
        assert!(addresses(allowing(&["127.0.0.0/8", "::1"])).await.is_ok());
        assert!(addresses(EgressPolicy::new(true)).await.is_ok());
    }
}
