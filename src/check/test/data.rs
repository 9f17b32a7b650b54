//! Test data. In: records as written, and the catalog. Out: JSON as in a real event, so that the same decoder reads it.

use crate::check::checker::{Checker, duplicate, listed};
use crate::check::funnel::unknown_zone;
use crate::check::program::{Arithmetic, Expr};
use crate::check::scope::{ExprContext, Scope};
use crate::check::symbol::Role;
use crate::check::types::{type_name, written_form};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{CivilDate, CivilDateTime, TimeOfDay, Timestamp, Type, Value, Zone, json};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

impl Checker<'_> {
    /// The fields of an event or of the client, as JSON.
    pub(in crate::check) fn record_data(
        &mut self,
        zone: Zone,
        of: &str,
        record: &ast::Record,
    ) -> Option<Map<String, Json>> {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let mut data = Map::new();
        let mut whole = true;
        for entry in &record.entries {
            if let Some(first) = seen.insert(&entry.name.node, entry.name.span) {
                self.report(duplicate(say!("field"), &entry.name, first));
            }
            match self.field_data(zone, of, entry) {
                Some(json) => _ = data.insert(entry.name.node.clone(), json),
                None => whole = false,
            }
        }
        whole.then_some(data)
    }

    /// Values of a request, whose types nothing declares.
    pub(super) fn loose_data(&mut self, zone: Zone, entries: &[ast::RecordEntry]) -> Option<Map<String, Json>> {
        let value = |entry: &ast::RecordEntry| {
            Some((entry.name.node.clone(), in_zone(&self.constant_value(zone, &entry.value)?, zone)))
        };
        let values: Vec<Option<(String, Json)>> = entries.iter().map(value).collect();
        values.into_iter().collect()
    }

    fn field_data(&mut self, zone: Zone, of: &str, entry: &ast::RecordEntry) -> Option<Json> {
        let name = &entry.name.node;
        let Some(field) = self.fields(of).and_then(|fields| fields.get(name)).cloned() else {
            if self.decl.broken_fields.contains(&(of.to_owned(), name.clone())) {
                return self.poison();
            }
            let finding = self.unknown_field(of, name, entry.name.span);
            return self.fail(finding);
        };
        self.record_field(of, name, entry.name.span, Role::Uses);
        let (place, span) = (Phrase::verbatim(format!("`{of}.{name}`")), entry.value.span);
        if matches!((&field.ty, &entry.value.kind), (Type::List(_), ast::ExprKind::List(items)) if items.is_empty()) {
            return Some(Json::Array(Vec::new()));
        }
        let typed = self.expr(&Scope::empty(ExprContext::Test), &entry.value)?;
        let typed = self.expect_type(typed, span, &field.ty.of_values(), &place)?;
        let written = self.folded_value(zone, &typed.expr, span)?;
        let json = in_zone(&written, zone);
        if let Err(expected) = json::read(&json, &field.ty, self.decl.catalog.local()) {
            let message = say!("{place} must be {expected}", place, expected = written_form(expected));
            return self.fail(Diagnostic::new(
                Code::TypeMismatch,
                span,
                message,
                say!("not {what}", what = type_name(&field.ty)),
            ));
        }
        if of == "client" && name == "timezone" && json.as_str().and_then(Zone::named).is_none() {
            let finding = unknown_zone(json.as_str().unwrap_or_default(), span);
            return self.fail(finding);
        }
        Some(json)
    }

    /// Reports missing fields that an event or a client always has.
    pub(super) fn require_fields(&mut self, of: &str, given: &BTreeMap<&str, Span>, head: Span) -> Option<()> {
        let fields = self.fields(of)?;
        let needed = fields.iter().filter(|(_, field)| !field.optional && field.later.is_none());
        let missing: Vec<&str> =
            needed.map(|(name, _)| name.as_str()).filter(|name| !given.contains_key(name)).collect();
        if missing.is_empty() {
            return Some(());
        }
        let message = say!("`{of}` is missing {names}", of, names = listed(missing.iter().copied()));
        let finding = Diagnostic::new(Code::MaybeMissing, head, message, say!("missing here"));
        let form: Vec<String> = missing.iter().map(|name| format!("{name}: ..")).collect();
        self.fail(finding.help(say!("add it: `{of} {{ {form} }}`", of, form = form.join("  "))))
    }

    /// A constant value in a test; moments become instants.
    pub(super) fn constant_value(&mut self, zone: Zone, written: &ast::Expr) -> Option<Value> {
        let typed = self.expr(&Scope::empty(ExprContext::Test), written)?;
        self.folded_value(zone, &typed.expr, written.span)
    }

    fn folded_value(&mut self, zone: Zone, expr: &Expr, span: Span) -> Option<Value> {
        if let Some(value) = fold(expr, zone) {
            return Some(value);
        }
        let message = say!("`{written}` is not a constant value", written = self.slice(span));
        let finding = Diagnostic::new(Code::NotConstant, span, message, say!("must be computed"));
        self.fail(finding.help(say!("write the value itself, or a moment and a duration: `2026-03-01 10:00 + 2h`")))
    }
}

/// Evaluates a constant expression; only moments are computed.
fn fold(expr: &Expr, zone: Zone) -> Option<Value> {
    match expr {
        Expr::Value(Value::Civil(reading)) => Some(Value::DateTime(zone.resolve(*reading))),
        Expr::Value(value) => Some(value.clone()),
        Expr::List(items) => items.iter().map(|item| fold(item, zone)).collect::<Option<_>>().map(Value::List),
        Expr::Negate(of) => negated(fold(of, zone)?),
        Expr::Arithmetic(op, left, right) => moved(*op, fold(left, zone)?, fold(right, zone)?, zone),
        Expr::Field(_)
        | Expr::Now
        | Expr::Day { .. }
        | Expr::AtTime(..)
        | Expr::DateOf(..)
        | Expr::Text(_)
        | Expr::Not(_)
        | Expr::And(..)
        | Expr::Or(..)
        | Expr::Compare(..)
        | Expr::In(..)
        | Expr::Contains(..)
        | Expr::StartsWith(..)
        | Expr::Matches(..)
        | Expr::IsKnown(_)
        | Expr::InFunnel(_)
        | Expr::History(_)
        | Expr::Yearly(..)
        | Expr::Range(..) => None,
    }
}

/// A moment plus or minus a duration.
fn moved(op: Arithmetic, left: Value, right: Value, zone: Zone) -> Option<Value> {
    let (moment, Value::Duration(by)) = (left, right) else { return None };
    let by = match op {
        Arithmetic::Add => by,
        Arithmetic::Subtract => by.negated(),
        Arithmetic::Multiply | Arithmetic::Divide => return None,
    };
    if let Value::DateTime(at) = moment {
        return Some(Value::DateTime(zone.plus(at, by)));
    }
    let Value::Date(date) = moment else { return None };
    Some(match by.ms {
        0 => Value::Date(date.plus(by.months, by.days)),
        _ => Value::DateTime(zone.plus(midnight(date, zone), by)),
    })
}

/// A negated number or duration.
fn negated(value: Value) -> Option<Value> {
    if let Value::Number(number) = value {
        return Some(Value::Number(-number));
    }
    let Value::Duration(duration) = value else { return None };
    Some(Value::Duration(duration.negated()))
}

/// The start of a day.
pub(super) fn midnight(date: CivilDate, zone: Zone) -> Timestamp {
    zone.resolve(CivilDateTime { date, time: TimeOfDay::MIDNIGHT })
}

/// A value as JSON; instants have the offset of the zone.
fn in_zone(value: &Value, zone: Zone) -> Json {
    match value {
        Value::DateTime(at) => Json::String(zone.rfc3339(*at)),
        Value::List(items) => Json::Array(items.iter().map(|item| in_zone(item, zone)).collect()),
        Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Money(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Civil(_)
        | Value::Duration(_) => json::write(value),
    }
}
