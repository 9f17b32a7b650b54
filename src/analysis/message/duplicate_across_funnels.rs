//! The same words from two funnels. In: checked funnels. Out: a finding for each message that two funnels send when the same
//! thing happens, after the same waits.

use super::duplicate_in_run::same;
use super::send_paths::{PathElement, send_paths};
use crate::check::program::{Content, Entry, Expr, Funnel, Part, Program, Send, Step, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::parallel;
use crate::say;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Limit: of messages with the same words, each is compared with so many of those before it.
const MOST_COMPARED: usize = 8;

/// A send, the way to it and the entry that it is behind.
struct SendSite<'p> {
    /// The how manyth entry of the program it is.
    entry_index: usize,
    funnel: &'p Funnel,
    entry: &'p Entry,
    step: &'p Step,
    send: &'p Send,
    path: Vec<PathElement<'p>>,
}

/// Looks for messages that two funnels send when the same thing happens; the texts have so many bytes.
pub(in crate::analysis) fn duplicates_across_funnels(program: &Program, bytes: usize) -> Vec<Diagnostic> {
    let entries = program.funnels.iter().flat_map(|funnel| funnel.entries.iter().map(move |entry| (&**funnel, entry)));
    let entries: Vec<(usize, &Funnel, &Entry)> =
        entries.enumerate().map(|(at, (funnel, entry))| (at, funnel, entry)).collect();
    let sites = parallel::map(&entries, bytes, |&(at, funnel, entry)| sites(at, funnel, entry));
    let sites: Vec<SendSite<'_>> = sites.into_iter().flatten().collect();
    // What is the same has the same in each of these, so that few have to be compared.
    let mut alike: BTreeMap<(&str, &str, &str), Vec<&SendSite<'_>>> = BTreeMap::new();
    for site in &sites {
        for event in events(site.entry) {
            let known = alike.entry(key(event, site.send)).or_default();
            if known.len() < MOST_COMPARED {
                known.push(site);
            }
        }
    }
    // One of those that say the same is enough to be told of.
    let firsts = parallel::map(&sites, bytes, |site| {
        let known = events(site.entry).into_iter().filter_map(|event| alike.get(&key(event, site.send)));
        let mut earlier =
            known.flatten().copied().filter(|first| first.entry_index < site.entry_index).take(MOST_COMPARED);
        earlier.find(|first| is_duplicate(first, site))
    });
    let mut twice: BTreeSet<(usize, usize)> = BTreeSet::new();
    let found = sites.iter().zip(firsts).filter_map(|(site, first)| Some((first?, site)));
    found
        .filter(|(first, site)| twice.insert((first.entry_index, site.entry_index)))
        .map(|(first, site)| finding(first, site))
        .collect()
}

/// The sends of an entry, with the ways to them.
fn sites<'p>(entry_index: usize, funnel: &'p Funnel, entry: &'p Entry) -> Vec<SendSite<'p>> {
    let mut sites = Vec::new();
    send_paths(entry, |step, send, path| {
        sites.push(SendSite { entry_index, funnel, entry, step, send, path: path.to_vec() })
    });
    sites
}

fn finding(first: &SendSite<'_>, site: &SendSite<'_>) -> Diagnostic {
    let (a, b) = (&first.funnel.name, &site.funnel.name);
    let message = say!("`{a}` and `{b}` send the same message when the same thing happens", a, b);
    let found = Diagnostic::new(Code::SameMessageTwice, site.step.span, message, say!("comes twice"));
    let help = say!("remove `{text}` here, or let each funnel have a `where` of its own", text = &site.step.text);
    found.related(first.step.span, say!("`{a}` sends it here", a)).help(help)
}

/// The events that start an entry; one without a name for what is no event.
fn events(entry: &Entry) -> BTreeSet<&str> {
    match &entry.trigger {
        Trigger::Happened { patterns, .. } => patterns.iter().map(|pattern| pattern.event.as_str()).collect(),
        Trigger::Segment { .. } | Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Every { .. } => {
            BTreeSet::from([""])
        }
    }
}

/// An event, the channel of a message and its first words.
fn key<'p>(event: &'p str, send: &'p Send) -> (&'p str, &'p str, &'p str) {
    let (Content::Text(text) | Content::Email { subject: text, .. }) = &send.content;
    let words = match text {
        Expr::Value(Value::Text(words)) => Some(words),
        Expr::Text(parts) => {
            parts.iter().find_map(|part| if let Part::Text(words) = part { Some(words) } else { None })
        }
        _ => None,
    };
    (event, &send.channel, words.map_or("", String::as_str))
}

/// Whether a client can come to both when the same thing happens, and then gets the same at the same time.
fn is_duplicate(one: &SendSite<'_>, other: &SendSite<'_>) -> bool {
    let (a, b) = (&one.funnel.settings, &other.funnel.settings);
    let is_timed = |site: &SendSite<'_>| !site.path.iter().all(PathElement::is_instant);
    // What ends one of the two runs meanwhile may be what lets the other one write.
    let exits = || {
        a.exits
            .iter()
            .map(|exit| (&exit.pattern, &exit.filter))
            .eq(b.exits.iter().map(|exit| (&exit.pattern, &exit.filter)))
    };
    one.funnel.name != other.funnel.name
        && a.enter == b.enter
        && share_trigger(&one.entry.trigger, &other.entry.trigger)
        && (refines(&one.path, &other.path) || refines(&other.path, &one.path))
        && same(one.send, other.send)
        && (!is_timed(one) || exits())
}

/// Whether the same thing can start both.
fn share_trigger(one: &Trigger, other: &Trigger) -> bool {
    match (one, other) {
        (Trigger::Happened { patterns: a, .. }, Trigger::Happened { patterns: b, .. }) => {
            a.iter().any(|pattern| b.contains(pattern))
        }
        (one, other) => one == other,
    }
}

/// Whether on one way everything lies that lies on another, and nothing more but questions that are answered at once.
fn refines(one: &[PathElement<'_>], other: &[PathElement<'_>]) -> bool {
    let segments = |path: &[PathElement<'_>]| path.split(|element| !element.is_instant()).count();
    let timed = |element: &&PathElement<'_>| !element.is_instant();
    // What is asked differs more often than how long is waited.
    (one.split(|element| !element.is_instant()).zip(other.split(|element| !element.is_instant())))
        .all(|(more, less)| less.iter().all(|element| more.contains(element)))
        && segments(one) == segments(other)
        && one.iter().filter(timed).eq(other.iter().filter(timed))
}
