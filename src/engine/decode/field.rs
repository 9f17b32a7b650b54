//! The fields of an event. In: the data as received, and the declared fields. Out: the data with each declared field in
//! its canonical form.

use super::consent::GRANT_EVENT;
use super::rejection::{Rejection, shorten};
use crate::check::program::{Catalog, FieldType};
use crate::check::written_form;
use crate::diagnostic::{Code, Phrase};
use crate::engine::model::Fields;
use crate::say;
use crate::value::json::{self, Doubt, Locale};
use crate::value::{Timestamp, Type, Value, Zone};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Checks the declared fields and rewrites them in canonical form, so that equal values are stored alike. Leaves out
/// unusable values of fields that may be missing, and returns why.
///
/// # Errors
/// Why the event must be rejected.
pub(super) fn check(
    catalog: &Catalog,
    event: &str,
    declared: &BTreeMap<String, FieldType>,
    data: &mut Fields,
) -> Result<Vec<Rejection>, Rejection> {
    let (mut left_out, mut unusable) = (Vec::new(), Vec::new());
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
        match canonical(catalog, event, name, field, value) {
            Ok(canonical) => *value = canonical,
            Err(refusal) if may_be_missing && !narrows_consent(event, name) => {
                left_out.push(refusal.of_field());
                unusable.push(name.clone());
            }
            Err(refusal) => return Err(refusal),
        }
    }
    for name in unusable {
        data.remove(&name);
    }
    Ok(left_out)
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
    if event == "client" && name == "timezone" {
        return value.as_str().and_then(zone).map(|zone| zone.name().into()).ok_or_else(|| {
            let message = say!("`client.timezone` must be a time zone, not {found}", found = shorten(value));
            Rejection::new(Code::WrongFieldType, message, say!("use an IANA name such as \"Europe/Berlin\""))
        });
    }
    match json::read(value, &field.ty, catalog.local()) {
        // A datetime keeps its offset, and a number all its digits; every other value has one canonical form.
        Ok(Value::DateTime(at)) => Ok(offset_form(value, at, catalog)),
        Ok(read @ Value::Number(_)) => {
            let canonical = json::write(&read);
            let is_exact = value.is_string() || json::is_same(value, &canonical, None);
            Ok(if is_exact { canonical } else { value.clone() })
        }
        Ok(read) => Ok(json::write(&read)),
        Err(expected) => {
            let message = say!(
                "`{event}.{name}` must be {expected}, not {found}",
                event,
                name,
                expected = written_form(expected),
                found = shorten(value)
            );
            let help = match json::doubt(value, &field.ty) {
                Some(Doubt::Thousands) => say!(
                    "a comma or point before three digits may mean thousands: send a JSON number, or two or four decimal places"
                ),
                Some(Doubt::Currency) | None => {
                    missing_setting(value, &field.ty, catalog.local()).unwrap_or_else(|| {
                        say!("the field is declared as `{name}: {ty}`", name, ty = field.ty.to_string())
                    })
                }
            };
            Err(Rejection::new(Code::WrongFieldType, message, help))
        }
    }
}

/// The setting of the project without which a value cannot be read, and how to do without it.
fn missing_setting(value: &Json, ty: &Type, local: Locale<'_>) -> Option<Phrase> {
    let is_read_with = |local| json::read(value, ty, local).is_ok();
    match ty {
        Type::Phone if local.country.is_none() && value.as_str().is_some_and(is_national) => {
            Some(say!("set `country = \"RU\"` in funnel.toml, or write the country code: `+7..`"))
        }
        Type::DateTime if local.zone.is_none() && is_read_with(Locale { zone: Some(Zone::UTC), ..local }) => {
            Some(say!("set `timezone = \"Europe/Berlin\"` in funnel.toml, or write the UTC offset: `+01:00`"))
        }
        Type::Money if local.currency.is_none() && is_read_with(Locale { currency: Some("EUR"), ..local }) => {
            Some(say!("set `currency = \"EUR\"` in funnel.toml, or write the currency: `\"25 EUR\"`"))
        }
        Type::List(of) => value.as_array()?.iter().find_map(|item| missing_setting(item, of, local)),
        Type::Text
        | Type::Number
        | Type::Bool
        | Type::Money
        | Type::Date
        | Type::Anniversary
        | Type::Time
        | Type::DateTime
        | Type::Duration
        | Type::Phone
        | Type::Email
        | Type::Url
        | Type::Literals(_) => None,
    }
}

/// Whether a text is the digits of a phone number without a country code.
fn is_national(text: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_digit() || c.is_whitespace() || "-()./".contains(c);
    text.chars().all(is_sign) && text.chars().filter(char::is_ascii_digit).count() >= 5
}

/// A datetime in RFC 3339, with the offset that it was written with, else that of the project's zone.
fn offset_form(value: &Json, at: Timestamp, catalog: &Catalog) -> Json {
    if value.as_str().and_then(Timestamp::parse).is_some() {
        return value.clone();
    }
    Json::String(catalog.local().zone.unwrap_or(Zone::UTC).rfc3339(at))
}

/// The time zone that a text names, in any case: `europe/berlin`.
fn zone(text: &str) -> Option<Zone> {
    let name = text.trim().replace(' ', "_");
    Zone::named(&name).or_else(|| Zone::names().find(|known| known.eq_ignore_ascii_case(&name)).and_then(Zone::named))
}

/// Whether a consent would be given for more without this field.
fn narrows_consent(event: &str, field: &str) -> bool {
    event == GRANT_EVENT && field == "topic"
}
