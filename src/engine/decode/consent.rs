//! What events say about consent. In: the data of an event, and the channels and topics that exist. Out: what is granted
//! or withdrawn. What is not understood grants nothing and withdraws everything that it may mean.

use super::limit::MAX_ID_BYTES;
use super::rejection::{Rejection, brief, shorten};
use crate::check::CHANNELS;
use crate::check::program::Catalog;
use crate::diagnostic::{Code, Phrase, suggest};
use crate::engine::model::Fields;
use crate::say;
use serde_json::{Value as Json, json};

/// The event that grants consent.
pub(super) const GRANT_EVENT: &str = "subscription";

/// The event that withdraws consent.
pub(super) const REVOKE_EVENT: &str = "unsubscribed";

/// The client field that lists the granted consents: `sms`, `email news`.
pub(in crate::engine) const FIELD: &str = "consent";

/// The member of a consent list that only withdraws what it does not name.
pub(super) const ONLY: &str = "only";

/// Limit: the entries of a consent list.
const MAX_LISTED: usize = 256;

/// Other spellings of channels, as [`plain`] text.
const SPELLINGS: &[(&str, &str)] = &[
    ("смс", "sms"),
    ("емейл", "email"),
    ("имейл", "email"),
    ("телеграм", "telegram"),
    ("телеграмм", "telegram"),
    ("ватсап", "whatsapp"),
    ("вотсап", "whatsapp"),
];

/// Words for every channel, or every topic.
const EVERYTHING: &[&str] = &["", "all", "any", "every", "everything", "все", "всё"];

/// A statement about consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum Statement {
    /// The client agrees to a channel, for one topic or for all.
    Granted(String, Option<String>),
    /// The client no longer agrees; `None` is every channel, or every topic.
    Withdrawn(Option<String>, Option<String>),
}

/// A consent list of a client, as [`review`] leaves it.
pub(in crate::engine) struct List {
    /// The consents: a channel, and a topic or all.
    pub(in crate::engine) entries: Vec<(String, Option<String>)>,
    /// Whether consents that are new in the list are granted.
    pub(in crate::engine) grants: bool,
}

/// What an event says about consent.
pub(in crate::engine) fn statement(catalog: &Catalog, event: &str, data: &Fields) -> Option<Statement> {
    let text = |name: &str| data.get(name).and_then(Json::as_str).filter(|text| !text.trim().is_empty());
    match event {
        GRANT_EVENT => {
            let channel = channel(text("channel")?)?;
            let is_known = data.get("topic").is_none_or(|topic| topic.is_null() || topic.is_string());
            if !is_known || misspelt(catalog, data).is_some() {
                return None;
            }
            let topic = text("topic").map(|text| topic(catalog, text).or_else(|| new_topic(text)));
            Some(Statement::Granted(channel.to_owned(), topic.map_or(Some(None), |topic| topic.map(Some))?))
        }
        REVOKE_EVENT => {
            let channel = text("channel").and_then(channel).map(str::to_owned);
            Some(Statement::Withdrawn(channel, text("topic").and_then(|text| topic(catalog, text))))
        }
        _ => None,
    }
}

/// The consent list in the data of a client event.
pub(in crate::engine) fn list(data: &Fields) -> Option<List> {
    let list = data.get(FIELD)?;
    let (items, grants) = list.get(ONLY).map_or((list, true), |only| (only, false));
    let items = items.as_array().into_iter().flatten().filter_map(Json::as_str);
    Some(List { entries: items.filter_map(parts).collect(), grants })
}

/// Splits `sms` or `email news` into channel and topic.
pub(in crate::engine) fn parts(text: &str) -> Option<(String, Option<String>)> {
    let mut words = text.split_whitespace().map(str::to_owned);
    Some((words.next()?, words.next()))
}

/// Writes the channels and topics in the data of an event as they are declared. Returns what is not understood.
pub(super) fn review(catalog: &Catalog, event: &str, data: &mut Fields) -> Vec<Rejection> {
    match event {
        GRANT_EVENT | REVOKE_EVENT => {
            let fields = ["channel", "topic"];
            let mut found: Vec<_> = fields.iter().filter_map(|name| review_name(catalog, event, name, data)).collect();
            if let (GRANT_EVENT, Some((field, near))) = (event, misspelt(catalog, data)) {
                let message =
                    say!("`{event}` has no field `{field}`: no consent is given", event, field = brief(&field));
                found.push(not_understood(message, say!("did you mean `{near}`?", near)));
            }
            if event == GRANT_EVENT && data.get("channel").is_none_or(Json::is_null) {
                let message = say!("`{event}` names no channel: no consent is given", event);
                found.push(not_understood(
                    message,
                    say!("add \"channel\" to \"data\": one of {known}", known = channels()),
                ));
            }
            found
        }
        "client" => data.get_mut(FIELD).map(|list| review_list(catalog, list)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn review_name(catalog: &Catalog, event: &str, field: &str, data: &mut Fields) -> Option<Rejection> {
    let given = data.get(field)?.as_str()?.to_owned();
    let known = match field {
        "channel" => channel(&given).map(str::to_owned),
        _ => topic(catalog, &given),
    };
    if let Some(known) = known {
        data.insert(field.to_owned(), Json::String(known));
        return None;
    }
    let withdraws = event == REVOKE_EVENT;
    if given.trim().is_empty() || (withdraws && means_everything(&given)) {
        return None;
    }
    let shown = brief(&given);
    let (message, known) = match (field, withdraws) {
        ("channel", true) => {
            (say!("unknown channel `{shown}`: consent is withdrawn for every channel", shown), channel_help(&given))
        }
        ("channel", false) => (say!("unknown channel `{shown}`: no consent is given", shown), channel_help(&given)),
        (_, true) => {
            (say!("unknown topic `{shown}`: consent is withdrawn for every topic", shown), topic_help(catalog, &given))
        }
        (_, false) if new_topic(&given).is_none() => {
            (say!("unknown topic `{shown}`: no consent is given", shown), topic_help(catalog, &given))
        }
        (_, false) => {
            (say!("unknown topic `{shown}`: the consent counts for no funnel", shown), topic_help(catalog, &given))
        }
    };
    Some(not_understood(message, known))
}

/// Rewrites a consent list as `["sms", "email news"]`.
fn review_list(catalog: &Catalog, list: &mut Json) -> Vec<Rejection> {
    let mut found = Vec::new();
    let items: Vec<Json> = match &*list {
        Json::Null => return found,
        Json::Array(items) => items.clone(),
        Json::String(text) => text.split([',', ';']).filter(|item| !item.trim().is_empty()).map(Json::from).collect(),
        other @ (Json::Bool(_) | Json::Number(_) | Json::Object(_)) => vec![other.clone()],
    };
    let mut known: Vec<String> = Vec::new();
    for item in &items {
        let Some((channel, topic)) = item.as_str().and_then(|text| listed(catalog, text)) else {
            let message = say!("unknown consent {found}: it is not given", found = shorten(item));
            found.push(not_understood(
                message,
                say!("write a channel, or a channel and a topic: \"sms\", \"email news\""),
            ));
            continue;
        };
        if let Some(topic) = topic.as_ref().filter(|topic| !catalog.topics.contains(*topic)) {
            let message = say!("unknown topic `{shown}`: the consent counts for no funnel", shown = brief(topic));
            found.push(not_understood(message, topic_help(catalog, topic)));
        }
        let topic = topic.map(|topic| format!(" {topic}")).unwrap_or_default();
        let entry = format!("{channel}{topic}");
        if known.len() < MAX_LISTED && !known.contains(&entry) {
            known.push(entry);
        }
    }
    *list = json!(known);
    found
}

/// Reads an item of a consent list: the longest beginning that is a channel, and the rest as topic.
fn listed(catalog: &Catalog, text: &str) -> Option<(&'static str, Option<String>)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (channel, rest) = (1..=words.len()).rev().find_map(|count| {
        let (first, rest) = words.split_at(count);
        Some((channel(&first.join(" "))?, rest.join(" ")))
    })?;
    if rest.is_empty() {
        return Some((channel, None));
    }
    topic(catalog, &rest).or_else(|| new_topic(&rest)).map(|topic| (channel, Some(topic)))
}

/// The channel that a text names, in any case and usual spelling.
fn channel(text: &str) -> Option<&'static str> {
    let plain = plain(text);
    let other = SPELLINGS.iter().find(|(spelling, _)| *spelling == plain).map(|(_, channel)| *channel);
    CHANNELS.iter().map(|(name, _)| *name).find(|name| *name == plain).or(other)
}

/// The topic of a funnel that a text names, in any case and usual spelling.
fn topic(catalog: &Catalog, text: &str) -> Option<String> {
    if let Some(same) = catalog.topics.get(text.trim()) {
        return Some(same.clone());
    }
    let wanted = plain(text);
    let mut alike = catalog.topics.iter().filter(|topic| plain(topic) == wanted);
    alike.next().filter(|_| alike.next().is_none()).cloned()
}

/// A topic that no funnel has yet, as one word.
fn new_topic(text: &str) -> Option<String> {
    let word = text.split_whitespace().collect::<Vec<_>>().join("_");
    (!plain(&word).is_empty() && !means_everything(text) && word.len() <= MAX_ID_BYTES).then_some(word)
}

fn means_everything(text: &str) -> bool {
    EVERYTHING.contains(&plain(text).as_str())
}

/// Letters and digits only, in lower case: `E-Mail` is `email`.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// An undeclared field of a `subscription` that looks like its channel or its topic, with what it looks like.
fn misspelt(catalog: &Catalog, data: &Fields) -> Option<(String, &'static str)> {
    let declared = &catalog.events.get(GRANT_EVENT)?.fields;
    let near = |field: &String| suggest::nearest(field, ["channel", "topic"]);
    let mut unknown = data.keys().filter(|field| !declared.contains_key(*field));
    unknown.find_map(|field| Some((field.clone(), near(field)?)))
}

fn not_understood(message: Phrase, help: Phrase) -> Rejection {
    Rejection::new(Code::WrongFieldType, message, help)
}

fn channel_help(given: &str) -> Phrase {
    let known = CHANNELS.iter().map(|(name, _)| *name);
    suggest::nearest(given.trim(), known).map_or_else(
        || say!("the channels are {known}", known = channels()),
        |near| say!("did you mean `{near}`?", near),
    )
}

fn topic_help(catalog: &Catalog, given: &str) -> Phrase {
    let known = catalog.topics.iter().map(String::as_str);
    match suggest::nearest(given.trim(), known) {
        Some(near) => say!("did you mean `{near}`?", near),
        None if catalog.topics.is_empty() => say!("no funnel has a topic: write it as `purpose marketing TOPIC`"),
        None => {
            let known: Vec<&str> = catalog.topics.iter().take(4).map(String::as_str).collect();
            say!("the topics of the funnels are {known}", known = known.join(", "))
        }
    }
}

fn channels() -> String {
    CHANNELS.map(|(name, _)| name).join(", ")
}
