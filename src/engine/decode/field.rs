//! The fields of an event. In: the data as received, and the declared fields. Out: the data with each declared field in
//! its canonical form.

use super::rejection::{Rejection, shorten};
use crate::check::program::{Catalog, FieldType};
use crate::check::written_form;
use crate::diagnostic::Code;
use crate::engine::model::Fields;
use crate::say;
use crate::value::{Value, Zone, json};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Checks the declared fields and rewrites them in canonical form, so that equal values are stored alike.
///
/// # Errors
/// Why the event must be rejected.
pub(super) fn check(
    catalog: &Catalog,
    event: &str,
    declared: &BTreeMap<String, FieldType>,
    data: &mut Fields,
) -> Result<Vec<Rejection>, Rejection> {
    for (name, value) in data.iter_mut() {
        let Some(field) = declared.get(name) else { continue };
        let may_be_missing = field.optional || field.later.is_some();
        // An empty box of a form is a text, too.
        if may_be_missing && value.as_str().is_some_and(|text| text.trim().is_empty()) {
            *value = Json::Null;
        }
        if value.is_null() && may_be_missing {
            continue;
        }
        *value = canonical(catalog, event, name, field, value)?;
    }
    Ok(Vec::new())
}

/// The canonical form of a value.
fn canonical(catalog: &Catalog, event: &str, name: &str, field: &FieldType, value: &Json) -> Result<Json, Rejection> {
    if value.is_null() {
        let help = say!(
            "the field is declared as `{name}: {ty}`, without `?`: omit it if nothing changed",
            name,
            ty = field.ty.to_string()
        );
        let message = say!("`{event}.{name}` must not be null", event, name);
        return Err(Rejection::new(Code::WrongFieldType, message, help));
    }
    if event == "client" && name == "timezone" && value.as_str().and_then(Zone::named).is_none() {
        let message = say!("`client.timezone` must be a time zone, not {found}", found = shorten(value));
        return Err(Rejection::new(Code::WrongFieldType, message, say!("use an IANA name such as \"Europe/Berlin\"")));
    }
    match json::read(value, &field.ty, catalog.local()) {
        // A datetime keeps its offset; every other value has one canonical form.
        Ok(Value::DateTime(_)) => Ok(value.clone()),
        Ok(read) => Ok(json::write(&read)),
        Err(expected) => {
            let message = say!(
                "`{event}.{name}` must be {expected}, not {found}",
                event,
                name,
                expected = written_form(expected),
                found = shorten(value)
            );
            let help = say!("the field is declared as `{name}: {ty}`", name, ty = field.ty.to_string());
            Err(Rejection::new(Code::WrongFieldType, message, help))
        }
    }
}
