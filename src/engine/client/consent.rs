//! Consent. In: what a client says about being written to. Out: entries of a log that only grows, and the present state:
//! whether a marketing message may leave, and which entry says so.

use crate::engine::model::{Client, Consent, ConsentEntry, Effects, Event, Fields, consent_id};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The event by which a client agrees, and the one by which they take it back.
const GRANT_EVENT: &str = "subscription";
const REVOKE_EVENT: &str = "unsubscribed";

/// The client's own field that lists what they agreed to: `sms`, `email news`.
pub(in crate::engine) const FIELD: &str = "consent";

/// Every channel, or every topic.
const ALL: &str = "*";

/// Takes what an event says about consent into the log.
pub(in crate::engine) fn record_event(client: &mut Client, event: &Event, effects: &mut Effects) {
    let granted = match event.name.as_str() {
        GRANT_EVENT => true,
        REVOKE_EVENT => false,
        _ => return,
    };
    let text = |name: &str| event.data.get(name).and_then(Json::as_str).map(str::to_owned);
    let entry = entry(event, text("channel"), text("topic"), granted);
    append(client, ConsentEntry { text: text("text"), source: text("source"), ..entry }, effects);
    update_field(client, effects);
}

/// Takes a new list of what the client agreed to into the log: what is new is given, what is gone is taken back.
pub(in crate::engine) fn record_list(client: &mut Client, event: &Event, effects: &mut Effects) {
    let Some(list) = event.data.get(FIELD) else { return };
    let listed: BTreeSet<(String, Option<String>)> =
        list.as_array().into_iter().flatten().filter_map(Json::as_str).filter_map(parts).collect();
    let before = granted(client);
    for (channel, topic) in listed.difference(&before) {
        append(client, entry(event, Some(channel.clone()), topic.clone(), true), effects);
    }
    for (channel, topic) in before.difference(&listed) {
        append(client, entry(event, Some(channel.clone()), topic.clone(), false), effects);
    }
    update_field(client, effects);
}

/// The entry that allows a message on a channel about a topic; `None` when it may not leave. What was said last counts,
/// be it about this channel and topic or about all.
pub(in crate::engine) fn evidence<'c>(client: &'c Client, channel: &str, topic: Option<&str>) -> Option<&'c str> {
    let topics = std::iter::once(ALL).chain(topic);
    let keys = topics.flat_map(|topic| [key(Some(channel), topic), key(None, topic)]);
    let said = keys.filter_map(|key| client.memory.consents.get(&key));
    let last = said.max_by_key(|consent| (consent.at, !consent.granted))?;
    last.granted.then_some(last.evidence.as_str())
}

fn entry(event: &Event, channel: Option<String>, topic: Option<String>, granted: bool) -> ConsentEntry {
    let about = key(channel.as_deref(), topic.as_deref().unwrap_or(ALL));
    let said = if granted { "given" } else { "taken back" };
    let id = consent_id(&event.client, event.at, event.id.as_deref().unwrap_or_default(), &about, said);
    let (client, at) = (event.client.clone(), event.at);
    let event = event.id.clone();
    ConsentEntry { id, client, at, channel, topic, granted, text: None, source: None, event }
}

/// Adds an entry to the log; the present state changes unless something newer is known.
fn append(client: &mut Client, entry: ConsentEntry, effects: &mut Effects) {
    let key = key(entry.channel.as_deref(), entry.topic.as_deref().unwrap_or(ALL));
    if client.memory.consents.get(&key).is_none_or(|known| known.at <= entry.at) {
        let consent = Consent { granted: entry.granted, at: entry.at, evidence: entry.id.clone() };
        client.memory.consents.insert(key, consent);
    }
    effects.memory = true;
    effects.consents.push(entry);
}

/// Lets the client's own field show the present state.
fn update_field(client: &mut Client, effects: &mut Effects) {
    let list = granted(client).into_iter().map(|(channel, topic)| {
        let topic = topic.map(|topic| format!(" {topic}")).unwrap_or_default();
        Json::String(format!("{channel}{topic}"))
    });
    let list = Json::Array(list.collect());
    let fields: &mut Fields = &mut client.fields;
    if fields.get(FIELD) != Some(&list) {
        fields.insert(FIELD.to_owned(), list);
        effects.client = true;
    }
}

/// What the client agrees to at present, by channel and topic.
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

/// `sms`, `email news`
fn parts(text: &str) -> Option<(String, Option<String>)> {
    let mut words = text.split_whitespace().map(str::to_owned);
    Some((words.next()?, words.next()))
}
