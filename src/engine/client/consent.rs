//! Consent. In: what a client says about receiving messages. Out: entries of an append-only log, and the present state:
//! whether a marketing message may be sent, and which entry allows it.

use super::ClientTurn;
use crate::engine::decode::consent::{FIELD, Statement, list, parts, statement};
use crate::engine::model::{Client, Consent, ConsentEntry, Event, Message, consent_id};
use crate::value::Timestamp;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Every channel, or every topic.
const ALL: &str = "*";

impl ClientTurn<'_> {
    /// Appends what a `subscription` or `unsubscribed` event says about consent to the log.
    pub(in crate::engine) fn record_consent(&mut self, event: &Event) {
        let Some(statement) = statement(self.world.catalog, &event.name, &event.data) else { return };
        let entry = match statement {
            Statement::Granted(channel, topic) => entry(event, Some(channel), topic, true),
            Statement::Withdrawn(channel, topic) => entry(event, channel, topic, false),
        };
        let text = |name: &str| event.data.get(name).and_then(Json::as_str).map(str::to_owned);
        self.append(ConsentEntry { text: text("text"), source: text("source"), ..entry }, event.at);
        self.update_consent_field();
    }

    /// Compares a new consent list of the client with the present state: missing items are revoked, then new ones
    /// granted. An item about a topic is not missing where the list has its whole channel. A list that is older than
    /// another one grants nothing. Returns whether it is.
    pub(super) fn record_consent_list(&mut self, event: &Event) -> bool {
        let Some(list) = list(&event.data) else { return false };
        let listed: BTreeSet<(String, Option<String>)> = list.entries.into_iter().collect();
        let is_missing = |item: &&(String, Option<String>)| !listed.contains(&(item.0.clone(), None));
        for (channel, topic) in granted(self.client).difference(&listed).filter(is_missing) {
            // Of two statements with one date, the withdrawal counts, so those of a list are older than its grants.
            let as_of = event.at.plus_ms(-1);
            self.append(entry(event, Some(channel.clone()), topic.clone(), false), as_of);
        }
        for (channel, topic) in listed.difference(&granted(self.client)).filter(|_| list.grants) {
            self.append(entry(event, Some(channel.clone()), topic.clone(), true), event.at);
        }
        let listed_at = &mut self.client.memory.consents_listed_at;
        let older = listed_at.is_some_and(|listed_at| event.at < listed_at);
        *listed_at = (*listed_at).max(Some(event.at));
        self.effects.memory = true;
        self.update_consent_field();
        older
    }

    /// Appends an entry to the log, whose statement counts as of a date. A withdrawal always becomes the present state, a
    /// grant unless a newer statement is known, which nothing was withdrawn since, or a newer list, which decides about
    /// everything.
    fn append(&mut self, entry: ConsentEntry, as_of: Timestamp) {
        let topic = entry.topic.as_deref();
        let key = key(entry.channel.as_deref(), topic.unwrap_or(ALL));
        let consents = &mut self.client.memory.consents;
        let known = consents.get(&key);
        let withdrawn_since = |grant: &Consent| consents.values().any(|by| !by.granted && by.no > grant.no);
        let counts = known.is_none_or(|known| known.at <= as_of || (known.granted && withdrawn_since(known)));
        let listed_since = self.client.memory.consents_listed_at.is_some_and(|listed_at| as_of < listed_at);
        if (counts && !listed_since) || !entry.granted {
            // Two withdrawals count as of the later one.
            let at = known.filter(|known| !known.granted).map_or(as_of, |known| known.at.max(as_of));
            let no = consents.values().map(|consent| consent.no).max().unwrap_or_default() + 1;
            consents.insert(key, Consent { granted: entry.granted, at, evidence: entry.id.clone(), no });
        }
        self.effects.memory = true;
        self.effects.consents.push(entry);
    }

    /// Merges the consents of another id of the client. A withdrawal under one id also counts against what was granted
    /// under the other, unless consent was given again under the same id.
    pub(super) fn absorb_consents(&mut self, other: &Client, event: &Event) {
        let own = beaten(self.client, other);
        let theirs = beaten(other, self.client);
        let memory = &mut self.client.memory;
        let offset = other.memory.consents.values().map(|consent| consent.no).max().unwrap_or_default();
        memory.consents.retain(|key, _| !own.contains(key));
        memory.consents.values_mut().for_each(|consent| consent.no += offset);
        for (key, consent) in other.memory.consents.iter().filter(|(key, _)| !theirs.contains(*key)) {
            let keeps = memory.consents.get(key).is_some_and(|known| {
                if known.granted == consent.granted { known.at >= consent.at } else { !known.granted }
            });
            if !keeps {
                memory.consents.insert(key.clone(), consent.clone());
            }
        }
        memory.consents_listed_at = memory.consents_listed_at.max(other.memory.consents_listed_at);
        for key in own.iter().chain(&theirs) {
            let Some((channel, topic)) = parts(key) else { continue };
            let named = |name: String| Some(name).filter(|name| name != ALL);
            self.effects.consents.push(entry(event, named(channel), topic.and_then(named), false));
        }
        self.update_consent_field();
    }

    /// Writes the present state into the client's own field.
    fn update_consent_field(&mut self) {
        let list = granted(self.client).into_iter().map(|(channel, topic)| {
            let topic = topic.map(|topic| format!(" {topic}")).unwrap_or_default();
            Json::String(format!("{channel}{topic}"))
        });
        let list = Json::Array(list.collect());
        if self.client.fields.get(FIELD) != Some(&list) {
            self.client.fields.insert(FIELD.to_owned(), list);
            self.effects.client = true;
        }
    }
}

/// Returns the entry that allows a message on a channel about a topic; `None` when there is no consent. The latest
/// entry decides, whether it is about this channel and topic or about all; but a withdrawal that was received after a
/// grant always counts, because dates can be wrong.
pub(in crate::engine) fn evidence<'c>(client: &'c Client, channel: &str, topic: Option<&str>) -> Option<&'c str> {
    let topics = std::iter::once(ALL).chain(topic);
    let keys = topics.flat_map(|topic| [key(Some(channel), topic), key(None, topic)]);
    let said = keys.filter_map(|key| client.memory.consents.get(&key));
    let (granted, withdrawn): (Vec<_>, Vec<_>) = said.partition(|consent| consent.granted);
    let counts = |grant: &&Consent| !withdrawn.iter().any(|by: &&Consent| by.at >= grant.at || by.no > grant.no);
    granted.into_iter().filter(counts).max_by_key(|grant| grant.at).map(|grant| grant.evidence.as_str())
}

/// Whether a client still agrees to a message that was decided on.
#[must_use]
pub fn still_consents(client: &Client, message: &Message) -> bool {
    message.evidence.is_none() || evidence(client, &message.channel, message.topic.as_deref()).is_some()
}

/// The grants of one id that something withdrawn under another id counts against.
fn beaten(of: &Client, by: &Client) -> BTreeSet<String> {
    let is_beaten = |about: &str, grant: &Consent| {
        let Some((channel, topic)) = parts(about) else { return false };
        let topic = topic.as_deref().filter(|topic| *topic != ALL);
        let covers = |topic: &str| [key(Some(&channel), topic), key(None, topic)];
        let said = std::iter::once(ALL).chain(topic).flat_map(covers).filter_map(|key| by.memory.consents.get(&key));
        let withdrawn = said.into_iter().any(|said| !said.granted);
        let unlisted = by.memory.consents_listed_at.is_some_and(|listed_at| grant.at < listed_at);
        (withdrawn || unlisted) && evidence(by, &channel, topic).is_none()
    };
    let granted = of.memory.consents.iter().filter(|(key, consent)| consent.granted && is_beaten(key, consent));
    granted.map(|(key, _)| key.clone()).collect()
}

fn entry(event: &Event, channel: Option<String>, topic: Option<String>, granted: bool) -> ConsentEntry {
    let about = key(channel.as_deref(), topic.as_deref().unwrap_or(ALL));
    let said = if granted { "given" } else { "taken back" };
    let id = consent_id(&event.client, event.at, event.id.as_deref().unwrap_or_default(), &about, said);
    let (client, at) = (event.client.clone(), event.at);
    let event = event.id.clone();
    ConsentEntry { id, client, at, channel, topic, granted, text: None, source: None, event }
}

/// The granted consents, by channel and topic.
fn granted(client: &Client) -> BTreeSet<(String, Option<String>)> {
    let named = client.memory.consents.keys().filter_map(|key| parts(key));
    let wanted = |(channel, topic): &(String, Option<String>)| {
        channel != ALL && evidence(client, channel, topic.as_deref()).is_some()
    };
    named.map(|(channel, topic)| (channel, topic.filter(|topic| topic != ALL))).filter(wanted).collect()
}

fn key(channel: Option<&str>, topic: &str) -> String {
    format!("{} {topic}", channel.unwrap_or(ALL))
}
