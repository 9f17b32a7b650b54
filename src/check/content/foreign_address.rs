//! Addresses of others. In: the words of a message as written. Out: findings about mail addresses and phone numbers that are not
//! those of the business, and about links that only look like its own.

use crate::check::checker::Checker;
use crate::check::context::{BusinessIdentity, PHONE_DIGITS, is_host};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use std::ops::Range;

/// Something foreign in a text.
struct ForeignAddress<'o> {
    place: Range<usize>,
    message: Phrase,
    label: Phrase,
    help: Phrase,
    /// What can stand in its place.
    right: Option<&'o str>,
    /// Where the project file tells of what the business has.
    told: Span,
}

impl Checker<'_> {
    /// Reports addresses of others in words; what `told` covers has its finding already.
    pub(in crate::check) fn foreign_addresses(&mut self, words: Span, told: &[Range<usize>]) {
        let raw = self.slice(words);
        let context = self.context;
        let own = &context.reach.identity;
        let found = mails(own, raw).into_iter().chain(phones(own, raw)).chain(links(own, raw));
        let found: Vec<ForeignAddress<'_>> = found.collect();
        for one in found {
            if told.iter().any(|told| told.start < one.place.end && one.place.start < told.end) {
                continue;
            }
            let at = |offset| words.start + u32::try_from(offset).unwrap_or(0);
            let place = Span { start: at(one.place.start), end: at(one.place.end), ..words };
            let finding = Diagnostic::new(Code::ForeignAddress, place, one.message, one.label)
                .related(one.told, say!("the business has this"))
                .help(one.help)
                .help(say!("where it is yours too, say so in funnel.toml under `[business]`"));
            self.report(match one.right {
                Some(right) => finding.guess(say!("change it to `{right}`", right), place, right),
                None => finding,
            });
        }
    }
}

/// `hello@glow.example`, also behind `mailto:`.
fn mails<'o>(own: &'o BusinessIdentity, text: &str) -> Vec<ForeignAddress<'o>> {
    let found = text.match_indices('@').filter_map(|(at, _)| {
        let (before, after) = (text.get(..at)?, text.get(at + 1..)?);
        let begins = |c: char| !(c.is_ascii_alphanumeric() || "._%+-".contains(c));
        let start = before
            .rfind(begins)
            .map_or(0, |end| end + before.get(end..).and_then(|c| c.chars().next()).map_or(1, char::len_utf8));
        let host = host_in(after);
        let place = start..at + 1 + host.len();
        let address = text.get(place.clone()).filter(|_| start < at && is_host(host))?;
        let mark = own.foreign_mail(address)?;
        let help = if mark.written.contains('@') {
            say!("write `{right}`", right = &mark.written)
        } else {
            say!("write an address of `{own}`", own = &mark.written)
        };
        Some(ForeignAddress {
            place,
            message: say!("`{address}` is not an address of this business", address),
            label: say!("answers go elsewhere"),
            help,
            right: Some(mark.written.as_str()).filter(|own| own.contains('@')),
            told: mark.span,
        })
    });
    found.collect()
}

/// `+7 495 120-45-67`, also behind `tel:`.
fn phones<'o>(own: &'o BusinessIdentity, text: &str) -> Vec<ForeignAddress<'o>> {
    let found = text.match_indices('+').filter_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let end = rest.find(|c: char| !(c.is_ascii_digit() || " -()\u{a0}".contains(c))).unwrap_or(rest.len());
        let written = rest.get(..end)?.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number = text.get(at..at + 1 + written.len())?;
        let count = written.chars().filter(char::is_ascii_digit).count();
        let mark = own.foreign_phone(number).filter(|_| count >= PHONE_DIGITS)?;
        Some(ForeignAddress {
            place: at..at + 1 + written.len(),
            message: say!("`{number}` is not a phone number of this business", number),
            label: say!("others answer it"),
            help: say!("write `{right}`", right = &mark.written),
            right: Some(&mark.written),
            told: mark.span,
        })
    });
    found.collect()
}

/// `https://lumen.ru` where the business has `lumen.example`.
fn links<'o>(own: &'o BusinessIdentity, text: &str) -> Vec<ForeignAddress<'o>> {
    let found = text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let host = host_in(text.get(start..)?);
        let (own, told) = own.lookalike_of(host).filter(|_| is_host(host))?;
        Some(ForeignAddress {
            place: start..start + host.len(),
            message: say!("`{host}` looks like the site of this business, and is another", host),
            label: say!("another site"),
            help: say!("the business has `{own}`", own),
            right: Some(own),
            told,
        })
    });
    found.collect()
}

/// The name of a host at the beginning of a text.
fn host_in(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-')).unwrap_or(text.len());
    text.get(..end).unwrap_or("").trim_end_matches(['.', '-'])
}
