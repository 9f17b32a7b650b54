//! What expressions can see: the client, the records of a run, the business, the time. Read-only.

use super::graphs::Graphs;
use super::passage::Passages;
use super::state::{Client, Fields, Subject};
use crate::check::program::{Catalog, Expr, FieldRead, Source};
use crate::graph::Graph;
use crate::value::{Timestamp, Value, Zone, json};
use std::cell::Cell;
use std::collections::BTreeMap;

/// What is the same for every client: the program's declarations, its graphs and the business.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// What events and clients look like.
    pub catalog: &'a Catalog,
    /// The graphs that runs are on.
    pub graphs: &'a Graphs,
    /// The fields of `business`, as JSON.
    pub business: &'a Fields,
    /// The project's language (ISO 639-1), for dates and amounts in texts.
    pub language: &'a str,
    /// Who counts the steps of runs, if anyone does.
    pub passages: Option<&'a Passages>,
}

/// One evaluation's view. `pending` collects the earliest deadline of the `later` fields that were read untold, `recheck`
/// the earliest moment at which time alone may change what was computed.
pub(super) struct Scope<'a> {
    pub(super) business: &'a Fields,
    pub(super) language: &'a str,
    pub(super) client: &'a Client,
    pub(super) subjects: &'a BTreeMap<String, Subject>,
    pub(super) zone: Zone,
    pub(super) now: Timestamp,
    pub(super) pending: Cell<Option<Timestamp>>,
    pub(super) recheck: Cell<Option<Timestamp>>,
}

impl<'a> Scope<'a> {
    /// Opens a view at an instant; the zone is the first of the funnel's that is known, else UTC.
    pub(super) fn new(
        world: &World<'a>,
        graph: &Graph,
        client: &'a Client,
        subjects: &'a BTreeMap<String, Subject>,
        now: Timestamp,
    ) -> Self {
        let mut scope = Self {
            business: world.business,
            language: world.language,
            client,
            subjects,
            zone: Zone::UTC,
            now,
            pending: Cell::new(None),
            recheck: Cell::new(None),
        };
        scope.zone = graph.settings.zones.iter().find_map(|zone| scope.zone_of(zone)).unwrap_or(Zone::UTC);
        scope
    }

    /// The JSON of a field; `None` when it is missing or null.
    pub(super) fn json(&self, read: &FieldRead) -> Option<&'a serde_json::Value> {
        let fields = match &read.source {
            Source::Client => &self.client.fields,
            Source::Business => self.business,
            Source::Event(binding) => match self.subjects.get(binding)? {
                Subject::Record(id) => &self.client.records.get(id)?.fields,
                Subject::Event { fields, .. } => fields,
            },
        };
        fields.get(&read.name).filter(|json| !json.is_null())
    }

    /// The value of a field. One whose JSON does not fit its type any more counts as missing.
    pub(super) fn field(&self, read: &FieldRead) -> Option<Value> {
        if read.source == Source::Client && read.name == "id" {
            return Some(Value::Text(self.client.id.0.clone()));
        }
        json::read(self.json(read)?, &read.ty, json::Locale::default()).ok()
    }

    /// The language to write dates and amounts in: the client's, else the project's.
    pub(super) fn language(&self) -> &str {
        self.client.fields.get("language").and_then(serde_json::Value::as_str).unwrap_or(self.language)
    }

    fn zone_of(&self, zone: &Expr) -> Option<Zone> {
        match self.value(zone)? {
            Value::Text(name) => Zone::named(&name),
            Value::Bool(_)
            | Value::Number(_)
            | Value::Money(_)
            | Value::Date(_)
            | Value::Time(_)
            | Value::Civil(_)
            | Value::DateTime(_)
            | Value::Duration(_)
            | Value::List(_) => None,
        }
    }
}
