//! The same words from two funnels. In: checked funnels. Out: a finding for each message that two funnels send when the same
//! thing happens, after the same waits.

use super::duplicate_in_run::same;
use super::send_paths::{Mark, approaches};
use crate::check::program::{Content, Entry, Expr, Funnel, Part, Program, Send, Step, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::parallel;
use crate::say;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Limit: of messages with the same words, each is compared with so many of those before it.
const MOST_COMPARED: usize = 8;

/// A send, the way to it and the entry that it is behind.
struct Place<'p> {
    /// The how manyth entry of the program it is.
    at: usize,
    funnel: &'p Funnel,
    entry: &'p Entry,
    step: &'p Step,
    send: &'p Send,
    way: Vec<Mark<'p>>,
}

/// Looks for messages that two funnels send when the same thing happens; the texts have so many bytes.
pub(in crate::analysis) fn duplicates_across_funnels(program: &Program, bytes: usize) -> Vec<Diagnostic> {
    let entries = program.funnels.iter().flat_map(|funnel| funnel.entries.iter().map(move |entry| (&**funnel, entry)));
    let entries: Vec<(usize, &Funnel, &Entry)> =
        entries.enumerate().map(|(at, (funnel, entry))| (at, funnel, entry)).collect();
    let places = parallel::map(&entries, bytes, |&(at, funnel, entry)| places(at, funnel, entry));
    let places: Vec<Place<'_>> = places.into_iter().flatten().collect();
    // What is the same has the same in each of these, so that few have to be compared.
    let mut alike: BTreeMap<(&str, &str, &str), Vec<&Place<'_>>> = BTreeMap::new();
    for place in &places {
        for event in events(place.entry) {
            let known = alike.entry(kind(event, place.send)).or_default();
            if known.len() < MOST_COMPARED {
                known.push(place);
            }
        }
    }
    // One of those that say the same is enough to be told of.
    let firsts = parallel::map(&places, bytes, |place| {
        let known = events(place.entry).into_iter().filter_map(|event| alike.get(&kind(event, place.send)));
        let mut earlier = known.flatten().copied().filter(|first| first.at < place.at).take(MOST_COMPARED);
        earlier.find(|first| meet(first, place))
    });
    let mut twice: BTreeSet<(usize, usize)> = BTreeSet::new();
    let found = places.iter().zip(firsts).filter_map(|(place, first)| Some((first?, place)));
    found.filter(|(first, place)| twice.insert((first.at, place.at))).map(|(first, place)| told(first, place)).collect()
}

/// The sends of an entry, with the ways to them.
fn places<'p>(at: usize, funnel: &'p Funnel, entry: &'p Entry) -> Vec<Place<'p>> {
    let mut places = Vec::new();
    approaches(entry, |step, send, way| places.push(Place { at, funnel, entry, step, send, way: way.to_vec() }));
    places
}

fn told(first: &Place<'_>, place: &Place<'_>) -> Diagnostic {
    let (a, b) = (&first.funnel.name, &place.funnel.name);
    let message = say!("`{a}` and `{b}` send the same message when the same thing happens", a, b);
    let found = Diagnostic::new(Code::SameMessageTwice, place.step.span, message, say!("comes twice"));
    let help = say!("remove `{text}` here, or let each funnel have a `where` of its own", text = &place.step.text);
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
fn kind<'p>(event: &'p str, send: &'p Send) -> (&'p str, &'p str, &'p str) {
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
fn meet(one: &Place<'_>, other: &Place<'_>) -> bool {
    let (a, b) = (&one.funnel.settings, &other.funnel.settings);
    let is_timed = |place: &Place<'_>| !place.way.iter().all(Mark::is_at_once);
    // What ends one of the two runs meanwhile may be what lets the other one write.
    let exits = || {
        a.exits
            .iter()
            .map(|exit| (&exit.pattern, &exit.filter))
            .eq(b.exits.iter().map(|exit| (&exit.pattern, &exit.filter)))
    };
    one.funnel.name != other.funnel.name
        && a.enter == b.enter
        && starts_too(&one.entry.trigger, &other.entry.trigger)
        && (asks_more(&one.way, &other.way) || asks_more(&other.way, &one.way))
        && same(one.send, other.send)
        && (!is_timed(one) || exits())
}

/// Whether the same thing can start both.
fn starts_too(one: &Trigger, other: &Trigger) -> bool {
    match (one, other) {
        (Trigger::Happened { patterns: a, .. }, Trigger::Happened { patterns: b, .. }) => {
            a.iter().any(|pattern| b.contains(pattern))
        }
        (one, other) => one == other,
    }
}

/// Whether on one way everything lies that lies on another, and nothing more but questions that are answered at once.
fn asks_more(one: &[Mark<'_>], other: &[Mark<'_>]) -> bool {
    let stretches = |way: &[Mark<'_>]| way.split(|mark| !mark.is_at_once()).count();
    let timed = |mark: &&Mark<'_>| !mark.is_at_once();
    // What is asked differs more often than how long is waited.
    (one.split(|mark| !mark.is_at_once()).zip(other.split(|mark| !mark.is_at_once())))
        .all(|(more, less)| less.iter().all(|mark| more.contains(mark)))
        && stretches(one) == stretches(other)
        && one.iter().filter(timed).eq(other.iter().filter(timed))
}
