//! `later` fields with an earliest moment. In: what an event changed. Out: the same, without values that were received
//! too early: these are only defaults, and no trigger sees them.

use super::ClientTurn;
use crate::check::program::{FieldRead, FieldType, Source};
use crate::engine::eval::Scope;
use crate::engine::model::{RecordChange, RecordId, Subject};
use crate::value::Value;
use std::collections::BTreeMap;

/// The answers to the `later` fields with an earliest moment, by field; `None` where there is none yet.
type Answers = BTreeMap<String, Option<Value>>;

impl ClientTurn<'_> {
    /// The answers that are known about a record, or with `None` about the client.
    pub(in crate::engine) fn answers(&self, record: Option<&RecordId>) -> Answers {
        let catalog = self.world.catalog;
        let (fields, source) = match record {
            Some(id) => match catalog.events.get(&id.event) {
                Some(declared) => (&declared.fields, Source::Event(id.event.clone())),
                None => return Answers::new(),
            },
            None => (&catalog.client, Source::Client),
        };
        let has_moment = |field: &FieldType| field.later.as_ref().is_some_and(|later| later.from.is_some());
        let asked: Vec<_> = fields.iter().filter(|(_, field)| has_moment(field)).collect();
        let Some((_, graph)) = self.world.graphs.current().next().filter(|_| !asked.is_empty()) else {
            return Answers::new();
        };
        let subjects = record.map(|id| (id.event.clone(), Subject::Record(id.clone()))).into_iter().collect();
        let scope = Scope::new(&self.world, graph, self.client, &subjects, self.now);
        let read = |name: &String, field: &FieldType| FieldRead {
            source: source.clone(),
            name: name.clone(),
            ty: field.ty.clone(),
            later: field.later.clone(),
        };
        asked.into_iter().map(|(name, field)| (name.clone(), scope.known_answer(&read(name, field)))).collect()
    }
}

impl RecordChange<'_> {
    /// Removes the fields whose new value is only a default, and adds those whose old value has become an answer: it was
    /// confirmed, or the earliest moment has moved.
    pub(super) fn count_answers(&mut self, before: &Answers, now: Answers) {
        for (name, answer) in now {
            let known = before.get(&name).and_then(Option::as_ref);
            let is_new = match &answer {
                Some(answer) => known != Some(answer),
                // An answer may be taken back.
                None => known.is_some() && self.event.data.get(&name).is_some_and(serde_json::Value::is_null),
            };
            if !is_new {
                self.turned_true.remove(&name);
                self.changed.remove(&name);
                continue;
            }
            if answer == Some(Value::Bool(true)) {
                self.turned_true.insert(name.clone());
            }
            self.changed.insert(name);
        }
    }
}
