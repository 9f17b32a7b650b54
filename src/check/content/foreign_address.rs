//! Addresses of others. In: the text of a message. Out: diagnostics about email addresses and phone numbers that do not
//! belong to the business, and about links that only resemble its own.

use crate::check::checker::Checker;
use crate::check::context::{BusinessIdentity, PHONE_DIGITS, is_host};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use std::ops::Range;

/// An address that does not belong to the business.
struct ForeignAddress<'o> {
    place: Range<usize>,
    message: Phrase,
    label: Phrase,
    help: Phrase,
    /// The replacement, if there is one.
    replacement: Option<&'o str>,
    /// Where the project file declares it.
    declared: Span,
}

impl Checker<'_> {
    /// Reports addresses of others in a text, except in the ranges that have a diagnostic already.
    pub(in crate::check) fn foreign_addresses(&mut self, words: Span, reported: &[Range<usize>]) {
        let raw = self.slice(words);
        let context = self.context;
        let identity = &context.messages.identity;
        let found = mails(identity, raw).into_iter().chain(phones(identity, raw)).chain(links(identity, raw));
        let found: Vec<ForeignAddress<'_>> = found.collect();
        for one in found {
            if reported.iter().any(|range| range.start < one.place.end && one.place.start < range.end) {
                continue;
            }
            let at = |offset| words.start + u32::try_from(offset).unwrap_or(0);
            let place = Span { start: at(one.place.start), end: at(one.place.end), ..words };
            let finding = Diagnostic::new(Code::ForeignAddress, place, one.message, one.label)
                .related(one.declared, say!("the business uses this"))
                .help(one.help)
                .help(say!("if it is yours too, add it under `[business]` in funnel.toml"));
            self.report(match one.replacement {
                Some(replacement) => {
                    finding.guess(say!("change it to `{right}`", right = replacement), place, replacement)
                }
                None => finding,
            });
        }
    }
}

/// `hello@glow.example`, also after `mailto:`.
fn mails<'o>(identity: &'o BusinessIdentity, text: &str) -> Vec<ForeignAddress<'o>> {
    let found = text.match_indices('@').filter_map(|(at, _)| {
        let (before, after) = (text.get(..at)?, text.get(at + 1..)?);
        let begins = |c: char| !(c.is_ascii_alphanumeric() || "._%+-".contains(c));
        let start = before
            .rfind(begins)
            .map_or(0, |end| end + before.get(end..).and_then(|c| c.chars().next()).map_or(1, char::len_utf8));
        let host = host_in(after);
        let place = start..at + 1 + host.len();
        let address = text.get(place.clone()).filter(|_| start < at && is_host(host))?;
        let marker = identity.foreign_mail(address)?;
        let help = if marker.written.contains('@') {
            say!("write `{right}`", right = &marker.written)
        } else {
            say!("use an address at `{own}`", own = &marker.written)
        };
        Some(ForeignAddress {
            place,
            message: say!("`{address}` does not belong to this business", address),
            label: say!("replies go elsewhere"),
            help,
            replacement: Some(marker.written.as_str()).filter(|own| own.contains('@')),
            declared: marker.span,
        })
    });
    found.collect()
}

/// `+7 495 120-45-67`, also after `tel:`.
fn phones<'o>(identity: &'o BusinessIdentity, text: &str) -> Vec<ForeignAddress<'o>> {
    let found = text.match_indices('+').filter_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let end = rest.find(|c: char| !(c.is_ascii_digit() || " -()\u{a0}".contains(c))).unwrap_or(rest.len());
        let written = rest.get(..end)?.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number = text.get(at..at + 1 + written.len())?;
        let count = written.chars().filter(char::is_ascii_digit).count();
        let marker = identity.foreign_phone(number).filter(|_| count >= PHONE_DIGITS)?;
        Some(ForeignAddress {
            place: at..at + 1 + written.len(),
            message: say!("`{number}` does not belong to this business", number),
            label: say!("not your number"),
            help: say!("write `{right}`", right = &marker.written),
            replacement: Some(&marker.written),
            declared: marker.span,
        })
    });
    found.collect()
}

/// `https://lumen.ru` where the business has `lumen.example`.
fn links<'o>(identity: &'o BusinessIdentity, text: &str) -> Vec<ForeignAddress<'o>> {
    let found = text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let host = host_in(text.get(start..)?);
        let (own, declared) = identity.lookalike_of(host).filter(|_| is_host(host))?;
        Some(ForeignAddress {
            place: start..start + host.len(),
            message: say!("`{host}` looks like the site of this business but is a different one", host),
            label: say!("different site"),
            help: say!("the business uses `{own}`", own),
            replacement: Some(own),
            declared,
        })
    });
    found.collect()
}

/// The host name at the start of a text.
fn host_in(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-')).unwrap_or(text.len());
    text.get(..end).unwrap_or("").trim_end_matches(['.', '-'])
}
