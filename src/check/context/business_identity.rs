//! The identity of the business. In: its settings, and the addresses that its channels use. Out: whether an address, a
//! phone number or a host belongs to it.

use crate::diagnostic::suggest::nearest;
use crate::source::Span;
use crate::value::{Type, Value, json};

/// Hosts that many share: public mail, social networks, site builders and booking services.
const SHARED: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "mail.ru",
    "bk.ru",
    "list.ru",
    "inbox.ru",
    "internet.ru",
    "yandex.ru",
    "yandex.com",
    "ya.ru",
    "rambler.ru",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "icloud.com",
    "me.com",
    "yahoo.com",
    "proton.me",
    "gmx.de",
    "gmx.net",
    "web.de",
    "t-online.de",
    "google.com",
    "goo.gl",
    "g.page",
    "business.site",
    "instagram.com",
    "facebook.com",
    "vk.com",
    "vk.ru",
    "t.me",
    "wa.me",
    "whatsapp.com",
    "taplink.cc",
    "linktr.ee",
    "tilda.ws",
    "wixsite.com",
    "wordpress.com",
    "blogspot.com",
    "squarespace.com",
    "myshopify.com",
    "github.io",
    "dikidi.net",
    "yclients.com",
    "fresha.com",
    "treatwell.de",
    "2gis.ru",
];

/// Second-level domains under which names are registered: `salon.co.uk`.
const UNDER_COUNTRIES: &[&str] = &["co", "com", "net", "org", "ac", "gov", "edu", "or", "ne", "msk", "spb"];

/// The minimum length of names that are compared for similarity.
const LETTERS: usize = 5;

/// The minimum number of digits in a phone number with its country code.
pub(in crate::check) const PHONE_DIGITS: usize = 10;

/// What belongs to the business. Without settings nothing is foreign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusinessIdentity {
    mails: Vec<IdentityMarker>,
    hosts: Vec<IdentityMarker>,
    phones: Vec<IdentityMarker>,
    /// The hosts of channels: not foreign, but no sign of the brand either.
    senders: Vec<String>,
}

/// An address, host or phone number of the business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityMarker {
    /// The normalized form: the registered domain of a host, the digits of a number.
    form: String,
    /// As written in the project file.
    pub written: String,
    /// Its span in the project file.
    pub span: Span,
}

impl BusinessIdentity {
    /// Adds a setting of `[business]`: an email address, a site, a phone number, or something else, which is ignored.
    pub fn add(&mut self, written: &str, span: Span) {
        let marker = |form: String| IdentityMarker { form, written: written.to_owned(), span };
        if let Some(host) = host_of_mail(written) {
            self.mails.push(marker(written.to_lowercase()));
            self.hosts.extend(brand(host).map(marker));
        } else if let Some(host) = host_of_link(written) {
            self.hosts.extend(brand(host).map(marker));
        } else if let Some(digits) = digits(written) {
            self.phones.push(marker(digits));
        }
    }

    /// Adds the sender address of a channel: `Lumen <hello@lumen.example>`.
    pub fn add_sender(&mut self, mailbox: &str) {
        self.senders.extend(host_of_mail(bare(mailbox)).map(registered));
    }

    /// The address that the business has instead of a foreign email address; `None` if it is not foreign.
    #[must_use]
    pub fn foreign_mail(&self, mailbox: &str) -> Option<&IdentityMarker> {
        let address = bare(mailbox).to_lowercase();
        let host = registered(host_of_mail(&address)?);
        let own = self.mails.iter().any(|marker| marker.form == address)
            || self.hosts.iter().any(|marker| marker.form == host)
            || self.senders.contains(&host);
        if own { None } else { self.mails.first().or(self.hosts.first()) }
    }

    /// The number that the business has instead of a foreign phone number; `None` if it is not foreign.
    pub(in crate::check) fn foreign_phone(&self, written: &str) -> Option<&IdentityMarker> {
        let number = digits(written)?;
        if self.phones.iter().any(|marker| marker.form == number) { None } else { self.phones.first() }
    }

    /// The host of the business that another host resembles, with its span. Links may lead anywhere, so only lookalikes
    /// are foreign.
    pub(in crate::check) fn lookalike_of(&self, host: &str) -> Option<(&str, Span)> {
        let host = registered(host);
        if self.hosts.iter().any(|marker| marker.form == host) || self.senders.contains(&host) {
            return None;
        }
        let name = label(&host);
        let similar = self.hosts.iter().find(|marker| {
            let own = label(&marker.form);
            let long = own.chars().count() >= LETTERS && name.chars().count() >= LETTERS;
            own == name || (long && nearest(name, [own]).is_some())
        });
        similar.map(|marker| (marker.form.as_str(), marker.span))
    }
}

/// The host of an email address.
fn host_of_mail(text: &str) -> Option<&str> {
    let (name, host) = text.split_once('@')?;
    let plain = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    (!name.is_empty() && name.chars().all(plain) && is_host(host)).then_some(host)
}

/// The host of a web address.
fn host_of_link(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    is_host(host).then_some(host)
}

/// Whether a text is a valid host name of at least two parts.
pub(in crate::check) fn is_host(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-');
    text.contains('.') && text.split('.').all(part) && !text.ends_with(|c: char| c.is_ascii_digit())
}

/// The address in `Name <address>`.
fn bare(mailbox: &str) -> &str {
    mailbox.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(mailbox).trim()
}

/// The registered domain of a host, unless many share it.
fn brand(host: &str) -> Option<String> {
    Some(registered(host)).filter(|host| !SHARED.contains(&host.as_str()))
}

/// The registered domain: `lumen.example` of `www.lumen.example`.
fn registered(host: &str) -> String {
    let lower = host.to_lowercase();
    let parts: Vec<&str> = lower.split('.').collect();
    let count = match parts.as_slice() {
        [_, .., under, country] if country.len() == 2 && UNDER_COUNTRIES.contains(under) => 3,
        _ => 2,
    };
    parts.get(parts.len().saturating_sub(count)..).unwrap_or_default().join(".")
}

/// The first part of a domain: `lumen` of `lumen.example`.
fn label(registered: &str) -> &str {
    registered.split('.').next().unwrap_or(registered)
}

/// The digits of a phone number with its country code; `None` if it is not one. `8 495 ..` is `+7 495 ..`.
fn digits(written: &str) -> Option<String> {
    if let Ok(Value::Text(number)) = json::read(&written.into(), &Type::Phone, json::Locale::default()) {
        return Some(number.trim_start_matches('+').to_owned());
    }
    let fits = |c: char| c.is_ascii_digit() || " +-()\u{a0}".contains(c);
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    if !written.chars().all(fits) || !(PHONE_DIGITS..=15).contains(&digits.len()) {
        return None;
    }
    match digits.strip_prefix('8').filter(|rest| rest.len() == 10 && !written.starts_with('+')) {
        Some(rest) => Some(format!("7{rest}")),
        None => Some(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::BusinessIdentity;
    use crate::source::Span;

    fn own(words: &[&str]) -> BusinessIdentity {
        let mut own = BusinessIdentity::default();
        words.iter().for_each(|word| own.add(word, Span::default()));
        own
    }

    #[test]
    fn a_mail_address_is_foreign_at_another_host() {
        let lumen = own(&["hello@lumen.example", "Tverskaya 1"]);
        for (address, foreign) in [
            ("hello@lumen.example", false),
            ("Lumen <news@mail.lumen.example>", false),
            ("hello@glow.example", true),
            ("lumen@gmail.com", true),
        ] {
            assert_eq!(lumen.foreign_mail(address).is_some(), foreign, "{address}");
        }
        assert!(own(&["+74950000000"]).foreign_mail("hello@glow.example").is_none());
        assert!(own(&["https://instagram.com/lumen"]).foreign_mail("hello@glow.example").is_none());
        assert!(own(&["lumen@gmail.com"]).foreign_mail("lumen@gmail.com").is_none());
        assert!(own(&["lumen@gmail.com"]).foreign_mail("glow@gmail.com").is_some());
        assert!(own(&["https://lumen.co.uk"]).foreign_mail("hello@glow.co.uk").is_some());
        let mut sent = own(&["https://lumen.example"]);
        sent.add_sender("Lumen <news@lumen-mail.example>");
        assert!(sent.foreign_mail("x@lumen-mail.example").is_none());
    }

    #[test]
    fn a_number_is_compared_by_its_digits() {
        let lumen = own(&["8 (495) 120-45-67"]);
        assert!(lumen.foreign_phone("+7 495 120 45 67").is_none());
        assert!(lumen.foreign_phone("+7 495 120 45 68").is_some());
        assert!(lumen.foreign_phone("+7 (0)495 120-45-67").is_none());
        assert!(own(&["Lumen"]).foreign_phone("+7 495 120 45 68").is_none());
    }

    #[test]
    fn only_a_host_that_looks_like_the_own_one_is_foreign() {
        let lumen = own(&["https://www.lumen.example/start"]);
        for (host, foreign) in [
            ("lumen.example", false),
            ("book.lumen.example", false),
            ("lumen.ru", true),
            ("lumenn.example", true),
            ("glow.example", false),
            ("maps.google.com", false),
        ] {
            assert_eq!(lumen.lookalike_of(host).is_some(), foreign, "{host}");
        }
    }
}
