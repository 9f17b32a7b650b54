//! A source: what its requests mean. In: a request. Out: its events, and what was left out.

use super::condition::Condition;
use super::request::Request;
use super::signature::Check;
use super::value::Rule;
use crate::check::program::Catalog;
use crate::diagnostic::Phrase;
use crate::say;
use crate::value::Type;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// A source: `[sources.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// How its requests prove where they come from; without it, they need a token of the service.
    pub check: Option<Check>,
    /// Requests that are answered and mean nothing, such as the test of a new webhook.
    pub ping: Option<Condition>,
    /// The id of a request, so that its events count once.
    pub id: Option<Rule>,
    /// The client's id.
    pub client: Option<Rule>,
    /// When it happened.
    pub at: Option<Rule>,
    /// The events, in order.
    pub events: Vec<EventRule>,
}

/// An event that a request may mean: `[[sources.NAME.events]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRule {
    /// `client`, or a declared event.
    pub event: String,
    /// When it applies.
    pub when: Condition,
    /// The same as for the source, for this event.
    pub id: Option<Rule>,
    /// The same as for the source, for this event.
    pub client: Option<Rule>,
    /// The same as for the source, for this event.
    pub at: Option<Rule>,
    /// Its fields.
    pub data: BTreeMap<String, Rule>,
}

/// What a rule made of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Mapped {
    /// An event.
    Event(Json),
    /// Nothing, for this reason.
    Skipped(Phrase),
}

impl Source {
    /// Whether a request only tests the webhook.
    #[must_use]
    pub fn is_ping(&self, request: &Request) -> bool {
        self.ping.as_ref().is_some_and(|ping| ping.holds(request))
    }

    /// The events of a request.
    #[must_use]
    pub fn events(&self, request: &Request, catalog: &Catalog) -> Vec<Mapped> {
        request.objects().iter().flat_map(|request| self.of_object(request, catalog)).collect()
    }

    fn of_object(&self, request: &Request, catalog: &Catalog) -> Vec<Mapped> {
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        let applies = self.events.iter().filter(|rule| rule.when.holds(request));
        applies
            .map(|rule| {
                let seen = count.entry(&rule.event).and_modify(|count| *count += 1).or_insert(1);
                self.event(rule, *seen, request, catalog)
            })
            .collect()
    }

    fn event(&self, rule: &EventRule, seen: usize, request: &Request, catalog: &Catalog) -> Mapped {
        let local = catalog.local();
        let text = |own: &Option<Rule>, of_source: &Option<Rule>| {
            own.as_ref().or(of_source.as_ref()).and_then(|rule| rule.text(request, local))
        };
        let event = rule.event.as_str();
        let Some(client) = text(&rule.client, &self.client) else {
            return Mapped::Skipped(say!("no `{event}`: the request has no client", event));
        };
        let mut data = Map::new();
        for (name, rule) in &rule.data {
            if let Some(value) = rule.read(request, local) {
                data.insert(name.clone(), fitting(value, declared(catalog, event, name)));
            }
        }
        let mut made = json!({"type": event, "client": client});
        if let Some(id) = text(&rule.id, &self.id) {
            // The events of a request share its id, so each has a source of its own.
            let again = if seen > 1 { format!("/{seen}") } else { String::new() };
            made["source"] = format!("{}/{event}{again}", self.name).into();
            made["id"] = id.into();
        }
        if let Some(at) = text(&rule.at, &self.at) {
            made["at"] = at.into();
        }
        made["data"] = Json::Object(data);
        Mapped::Event(made)
    }
}

/// The declared type of a field.
pub(super) fn declared<'c>(catalog: &'c Catalog, event: &str, field: &str) -> Option<&'c Type> {
    let of_event = || catalog.events.get(event).map(|event| &event.fields);
    let fields = if event == "client" { Some(&catalog.client) } else { of_event() };
    fields?.get(field).map(|field| &field.ty)
}

/// A value as its field needs it: ids are often numbers, and fields of type `text` are not.
pub(super) fn fitting(value: Json, ty: Option<&Type>) -> Json {
    match (ty, value) {
        (Some(Type::Text | Type::Literals(_)), Json::Number(number)) => number.to_string().into(),
        (Some(Type::List(of)), Json::Array(items)) => {
            items.into_iter().map(|item| fitting(item, Some(of))).collect::<Vec<_>>().into()
        }
        (Some(Type::List(of)), value @ (Json::String(_) | Json::Number(_))) => {
            Json::Array(vec![fitting(value, Some(of))])
        }
        (_, value) => value,
    }
}
