//! Fields of events that no declaration knows. In: events. Out: each field once, with how often it came and what it
//! probably means.

use super::rejection::brief;
use crate::check::program::Catalog;
use crate::diagnostic::{Phrase, suggest};
use crate::engine::model::Event;
use crate::say;
use std::collections::BTreeMap;

/// Limit: how many fields are remembered. Other systems may put values into names.
const MAX_FIELDS: usize = 1000;

/// Limit: how many fields are listed.
const MAX_LISTED: usize = 20;

/// The undeclared fields of the events so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndeclaredFields {
    fields: BTreeMap<String, BTreeMap<String, Field>>,
    known: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    /// In how many events it came.
    count: u64,
    /// The declared field that it probably means.
    near: Option<String>,
}

impl UndeclaredFields {
    /// Adds the fields of an event. Returns a report about each that is new.
    pub fn add(&mut self, catalog: &Catalog, event: &Event) -> Vec<Phrase> {
        let declared = match event.name.as_str() {
            "client" => &catalog.client,
            name => match catalog.events.get(name) {
                Some(declared) => &declared.fields,
                None => return Vec::new(),
            },
        };
        let mut new = Vec::new();
        for name in event.data.keys().filter(|name| !declared.contains_key(*name)) {
            if let Some(field) = self.fields.get_mut(&event.name).and_then(|fields| fields.get_mut(name)) {
                field.count += 1;
            } else if self.known < MAX_FIELDS {
                self.known += 1;
                let others = declared.keys().map(String::as_str).filter(|known| !event.data.contains_key(*known));
                let near = suggest::nearest_field(name, others).map(str::to_owned);
                let field = Field { count: 1, near };
                new.push(field.report(&event.name, name));
                self.fields.entry(event.name.clone()).or_default().insert(name.clone(), field);
            }
        }
        new
    }

    /// One line about each field: first those that are probably misspelt, then by how often they came.
    #[must_use]
    pub fn report(&self) -> Vec<Phrase> {
        let all =
            self.fields.iter().flat_map(|(event, fields)| fields.iter().map(move |(name, field)| (event, name, field)));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(_, _, field)| (field.near.is_none(), std::cmp::Reverse(field.count)));
        let mut lines: Vec<Phrase> =
            all.iter().take(MAX_LISTED).map(|(event, name, field)| field.report(event, name)).collect();
        match all.len().saturating_sub(MAX_LISTED) {
            0 => {}
            1 => lines.push(say!("1 more undeclared field")),
            count => lines.push(say!("{count} more undeclared fields", count)),
        }
        lines
    }
}

impl Field {
    fn report(&self, event: &str, name: &str) -> Phrase {
        let count = match self.count {
            1 => say!("1 event"),
            count => say!("{count} events", count),
        };
        let name = brief(name);
        match &self.near {
            Some(near) => {
                say!("undeclared field `{event}.{name}` in {count}: did you mean `{near}`?", event, name, count, near)
            }
            None => say!("undeclared field `{event}.{name}` in {count}", event, name, count),
        }
    }
}
