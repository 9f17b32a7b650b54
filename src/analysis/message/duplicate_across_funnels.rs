//! Duplicate messages across funnels. In: checked funnels. Out: a diagnostic for each message that two funnels send on
//! the same trigger, after the same waits.

use super::duplicate_in_run::same;
use super::send_paths::{PathElement, send_paths};
use crate::check::program::{Content, Entry, Expr, Funnel, Part, Program, Send, Step, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::parallel;
use crate::say;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Limit: the most earlier messages with the same first words that each message is compared with.
const MAX_COMPARED: usize = 8;

/// A send, its entry and the path to it.
struct SendSite<'p> {
    /// The index of the entry in the program.
    entry_index: usize,
    funnel: &'p Funnel,
    entry: &'p Entry,
    step: &'p Step,
    send: &'p Send,
    path: Vec<PathElement<'p>>,
}

/// Finds messages that two funnels send on the same trigger; `bytes` is the size of all sources.
pub(in crate::analysis) fn duplicates_across_funnels(program: &Program, bytes: usize) -> Vec<Diagnostic> {
    let entries = program.funnels.iter().flat_map(|funnel| funnel.entries.iter().map(move |entry| (&**funnel, entry)));
    let entries: Vec<(usize, &Funnel, &Entry)> =
        entries.enumerate().map(|(at, (funnel, entry))| (at, funnel, entry)).collect();
    let sites = parallel::map(&entries, bytes, |&(at, funnel, entry)| sites(at, funnel, entry));
    let sites: Vec<SendSite<'_>> = sites.into_iter().flatten().collect();
    // Duplicates share this key, so few pairs have to be compared.
    let mut alike: BTreeMap<(&str, &str, &str), Vec<&SendSite<'_>>> = BTreeMap::new();
    for site in &sites {
        for event in events(site.entry) {
            let known = alike.entry(key(event, site.send)).or_default();
            if known.len() < MAX_COMPARED {
                known.push(site);
            }
        }
    }
    // One duplicate per message is enough.
    let firsts = parallel::map(&sites, bytes, |site| {
        let known = events(site.entry).into_iter().filter_map(|event| alike.get(&key(event, site.send)));
        let mut earlier =
            known.flatten().copied().filter(|first| first.entry_index < site.entry_index).take(MAX_COMPARED);
        earlier.find(|first| is_duplicate(first, site))
    });
    let mut twice: BTreeSet<(usize, usize)> = BTreeSet::new();
    let found = sites.iter().zip(firsts).filter_map(|(site, first)| Some((first?, site)));
    found
        .filter(|(first, site)| twice.insert((first.entry_index, site.entry_index)))
        .map(|(first, site)| finding(first, site))
        .collect()
}

/// The sends of an entry, with the paths to them.
fn sites<'p>(entry_index: usize, funnel: &'p Funnel, entry: &'p Entry) -> Vec<SendSite<'p>> {
    let mut sites = Vec::new();
    send_paths(entry, |step, send, path| {
        sites.push(SendSite { entry_index, funnel, entry, step, send, path: path.to_vec() })
    });
    sites
}

fn finding(first: &SendSite<'_>, site: &SendSite<'_>) -> Diagnostic {
    let (a, b) = (&first.funnel.name, &site.funnel.name);
    let message = say!("`{a}` and `{b}` send the same message on the same event", a, b);
    let found = Diagnostic::new(Code::SameMessageTwice, site.step.span, message, say!("sent twice"));
    let help = say!("remove `{text}` here, or give each funnel its own `where`", text = &site.step.text);
    found.related(first.step.span, say!("`{a}` sends it here", a)).help(help)
}

/// The events that trigger an entry; an empty name if the trigger is not an event.
fn events(entry: &Entry) -> BTreeSet<&str> {
    match &entry.trigger {
        Trigger::Happened { patterns, .. } => patterns.iter().map(|pattern| pattern.event.as_str()).collect(),
        Trigger::Segment { .. }
        | Trigger::Silence { .. }
        | Trigger::Date(_)
        | Trigger::Started { .. }
        | Trigger::Every { .. } => BTreeSet::from([""]),
    }
}

/// The event, the channel and the first words of a message.
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

/// Whether one client can reach both sends on the same trigger and then gets the same message at the same time.
fn is_duplicate(one: &SendSite<'_>, other: &SendSite<'_>) -> bool {
    let (a, b) = (&one.funnel.settings, &other.funnel.settings);
    let is_timed = |site: &SendSite<'_>| !site.path.iter().all(PathElement::is_instant);
    // An exit that ends one of the runs may be what allows the other one to send.
    let exits = || {
        a.exits
            .iter()
            .map(|exit| (&exit.pattern, &exit.filter))
            .eq(b.exits.iter().map(|exit| (&exit.pattern, &exit.filter)))
            && one.entry.trigger.holds() == other.entry.trigger.holds()
    };
    one.funnel.name != other.funnel.name
        && a.enter == b.enter
        && share_trigger(&one.entry.trigger, &other.entry.trigger)
        && (refines(&one.path, &other.path) || refines(&other.path, &one.path))
        && same(one.send, other.send)
        && (!is_timed(one) || exits())
}

/// Whether both entries can have the same trigger.
fn share_trigger(one: &Trigger, other: &Trigger) -> bool {
    match (one, other) {
        (Trigger::Happened { patterns: a, .. }, Trigger::Happened { patterns: b, .. }) => {
            a.iter().any(|pattern| b.contains(pattern))
        }
        (one, other) => one == other,
    }
}

/// Whether one path contains all of the other, and otherwise only conditions that take no time.
fn refines(one: &[PathElement<'_>], other: &[PathElement<'_>]) -> bool {
    let segments = |path: &[PathElement<'_>]| path.split(|element| !element.is_instant()).count();
    let timed = |element: &&PathElement<'_>| !element.is_instant();
    // Conditions differ more often than waits, so they are compared first.
    (one.split(|element| !element.is_instant()).zip(other.split(|element| !element.is_instant())))
        .all(|(more, less)| less.iter().all(|element| more.contains(element)))
        && segments(one) == segments(other)
        && one.iter().filter(timed).eq(other.iter().filter(timed))
}
