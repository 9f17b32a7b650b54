//! What expressions can read: the client, the records of a run, the business, the time.

use crate::check::program::{Clock, Expr, FieldRead, Source};
use crate::engine::model::{Client, Fields, Subject, World};
use crate::graph::Graph;
use crate::value::{Timestamp, Value, Wording, Zone, json};
use std::cell::Cell;
use std::collections::BTreeMap;

/// The view of one evaluation. `pending` collects the earliest deadline of the `later` fields that were read before
/// they were known, `recheck` the earliest moment at which time alone may change the result.
pub(in crate::engine) struct Scope<'a> {
    pub(in crate::engine) business: &'a Fields,
    pub(in crate::engine) language: &'a str,
    pub(in crate::engine) local: json::Locale<'a>,
    pub(in crate::engine) client: &'a Client,
    pub(in crate::engine) subjects: &'a BTreeMap<String, Subject>,
    pub(in crate::engine) zone: Zone,
    /// The time zone of the business, as far as the funnel knows it: the first of its zones that is not the client's.
    pub(in crate::engine) home: Option<Zone>,
    pub(in crate::engine) now: Timestamp,
    /// The moment by which deadlines of `later` fields are judged; never after `now`.
    pub(in crate::engine) asked_at: Timestamp,
    pub(in crate::engine) pending: Cell<Option<Timestamp>>,
    pub(in crate::engine) recheck: Cell<Option<Timestamp>>,
    /// The funnel of the run that asks.
    pub(in crate::engine) inside: Option<&'a str>,
    /// Whether a `later` field was read that did not become known by its deadline.
    pub(in crate::engine) unanswered: Cell<bool>,
}

impl<'a> Scope<'a> {
    /// Creates a view at an instant. Its zone is the first known one of the funnel's zones, or UTC.
    pub(in crate::engine) fn new(
        world: &World<'a>,
        graph: &Graph,
        client: &'a Client,
        subjects: &'a BTreeMap<String, Subject>,
        now: Timestamp,
    ) -> Self {
        let mut scope = Self {
            business: world.business,
            language: world.language,
            local: world.catalog.local(),
            client,
            subjects,
            zone: Zone::UTC,
            home: None,
            now,
            asked_at: now,
            pending: Cell::new(None),
            recheck: Cell::new(None),
            inside: None,
            unanswered: Cell::new(false),
        };
        let zones = &graph.settings.zones;
        scope.zone = zones.iter().find_map(|zone| scope.zone_of(zone)).unwrap_or(Zone::UTC);
        scope.home = zones.iter().filter(|zone| !is_client_zone(zone)).find_map(|zone| scope.zone_of(zone));
        scope
    }

    /// The same view of other subjects, with nothing noted yet.
    pub(super) fn about<'b>(&'b self, subjects: &'b BTreeMap<String, Subject>) -> Scope<'b> {
        Scope { subjects, pending: Cell::new(None), recheck: Cell::new(None), unanswered: Cell::new(false), ..*self }
    }

    /// Evaluates by another clock; what the evaluation notes is noted here.
    pub(super) fn elsewhere<T>(&self, zone: Zone, evaluate: impl FnOnce(&Self) -> T) -> T {
        let (pending, recheck, unanswered) = (self.pending.clone(), self.recheck.clone(), self.unanswered.clone());
        let there = Self { zone, pending, recheck, unanswered, ..*self };
        let value = evaluate(&there);
        self.pending.set(there.pending.get());
        self.recheck.set(there.recheck.get());
        self.unanswered.set(there.unanswered.get());
        value
    }

    /// The JSON of a field; `None` when it is missing or null.
    pub(in crate::engine) fn json(&self, read: &FieldRead) -> Option<&'a serde_json::Value> {
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

    /// When a field got its value.
    pub(in crate::engine) fn received_at(&self, read: &FieldRead) -> Option<Timestamp> {
        match &read.source {
            Source::Client => self.client.memory.field_times.of(&self.client.fields, &read.name),
            Source::Business => None,
            Source::Event(binding) => match self.subjects.get(binding)? {
                Subject::Record(id) => {
                    let record = self.client.records.get(id)?;
                    record.times.of(&record.fields, &read.name)
                }
                // An event without a key never changes.
                Subject::Event { .. } => None,
            },
        }
    }

    /// The value of a field. It counts as missing when its JSON no longer has the declared type.
    pub(in crate::engine) fn field(&self, read: &FieldRead) -> Option<Value> {
        if read.source == Source::Client && read.name == "id" {
            return Some(Value::Text(self.client.id.0.clone()));
        }
        json::read(self.json(read)?, &read.ty, json::Locale::default()).ok()
    }

    /// Whether the client has a run in a funnel, such as the one that asks.
    pub(super) fn is_in_funnel(&self, funnel: &str) -> bool {
        self.inside == Some(funnel) || self.client.runs.values().any(|run| run.funnel == funnel)
    }

    /// How dates, amounts and numbers are written: in the client's language if it is known, else in the project's.
    pub(in crate::engine) fn wording(&self) -> Wording {
        let own = self.client.fields.get("language").and_then(serde_json::Value::as_str);
        Wording::of(own.filter(|own| Wording::knows(own)).unwrap_or(self.language))
    }

    /// The zone of a clock. Every place that asks whose clock shows a moment asks here.
    pub(in crate::engine) fn clock(&self, clock: &Clock) -> Zone {
        let named = |zone: &Expr| self.zone_of(zone);
        match clock {
            Clock::Named(zone) => named(zone).unwrap_or(self.zone),
            Clock::Place(zone) => zone.as_ref().and_then(named).or(self.home).unwrap_or(self.zone),
        }
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

/// Whether a zone is that of the client.
fn is_client_zone(zone: &Expr) -> bool {
    matches!(zone, Expr::Field(read) if read.source == Source::Client)
}
