//! What a field is made of. In: a request. Out: a value of an event; nothing, if there is none in the request.

use super::path::{Path, is_blank, text_of};
use super::request::Request;
use crate::value::json::{self, Locale};
use crate::value::{Decimal, Timestamp, Type, Value, Zone};
use serde_json::Value as Json;
use std::str::FromStr;

/// Currencies whose smallest unit is the whole one, by ISO 4217.
const WHOLE: &[&str] =
    &["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];

/// Currencies with a thousand smallest units.
const THOUSANDTHS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// What a value is made of, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Where it comes from.
    pub input: Input,
    /// What is done with it, in this order.
    pub steps: Vec<Step>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// It is always the same.
    Literal(Json),
    /// The value at a place.
    Read(Path),
    /// A text with places in it.
    Text(Template),
    /// The first of several that there is.
    First(Vec<Rule>),
    /// All values at a place.
    List(Path),
    /// Their sum.
    Sum(Path),
}

/// A text with places in it: texts and places by turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub Vec<(String, Option<Path>)>);

/// What is done with a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// These values mean that there is none.
    Missing(Vec<String>),
    /// A text becomes a list.
    Split(String),
    /// Each value becomes another one; all others are missing.
    Map(Vec<(String, Json)>),
    /// True, because there is a value.
    Present,
    /// A text in small letters.
    Lower,
    /// The part after the last `/`.
    LastSegment,
    /// A moment in this form.
    Moment(MomentForm),
    /// A moment, and so much later: a number in units of so many milliseconds.
    Plus(Box<Rule>, i64),
    /// An amount in a currency, in whole or in smallest units.
    Money {
        /// The currency.
        currency: Box<Rule>,
        /// Whether it is in cents.
        is_minor: bool,
    },
    /// A phone number, written as in this country.
    Phone(Option<Box<Rule>>),
}

/// How a moment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MomentForm {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// A date and a time in a zone, without its offset.
    In(Zone),
}

impl Rule {
    /// Its value in a request.
    pub(super) fn read(&self, request: &Request, local: Locale<'_>) -> Option<Json> {
        let mut value = match &self.input {
            Input::Literal(value) => Some(value.clone()),
            Input::Read(path) => path.first(request),
            Input::Text(template) => template.fill(request).map(Json::String),
            Input::First(rules) => rules.iter().find_map(|rule| rule.read(request, local)),
            Input::List(path) => Some(path.all(request)).filter(|items| !items.is_empty()).map(Json::Array),
            Input::Sum(path) => sum(&path.all(request)),
        };
        for step in &self.steps {
            value = value.filter(|value| !is_blank(value)).and_then(|value| step.apply(value, request, local));
        }
        value.filter(|value| !is_blank(value))
    }

    /// Its value as text.
    pub(super) fn text(&self, request: &Request, local: Locale<'_>) -> Option<String> {
        text_of(&self.read(request, local)?)
    }
}

impl Template {
    /// The text; `None` if none of its places has a value.
    fn fill(&self, request: &Request) -> Option<String> {
        let (mut text, mut is_any) = (String::new(), false);
        for (before, path) in &self.0 {
            text += before;
            if let Some(value) = path.as_ref().and_then(|path| request.text(path)) {
                is_any = true;
                text += &value;
            }
        }
        is_any.then(|| text.trim().to_owned())
    }
}

impl Step {
    fn apply(&self, value: Json, request: &Request, local: Locale<'_>) -> Option<Json> {
        let text = || text_of(&value);
        match self {
            Self::Missing(missing) => {
                let is_missing = text().is_some_and(|text| missing.contains(&text));
                (!is_missing).then_some(value)
            }
            Self::Split(by) => {
                let text = text()?;
                let parts = text.split(by.as_str()).map(str::trim).filter(|part| !part.is_empty());
                let parts: Vec<Json> = parts.map(Json::from).collect();
                (!parts.is_empty()).then_some(Json::Array(parts))
            }
            Self::Map(map) => {
                let text = text()?;
                map.iter().find(|(from, _)| *from == text).map(|(_, to)| to.clone())
            }
            Self::Present => Some(true.into()),
            Self::Lower => Some(text()?.to_lowercase().into()),
            Self::LastSegment => text()?.trim_end_matches('/').rsplit('/').next().map(Json::from),
            Self::Moment(form) => {
                let moment = match form {
                    MomentForm::Seconds => epoch(&text()?, 1_000)?,
                    MomentForm::Milliseconds => epoch(&text()?, 1)?,
                    MomentForm::In(zone) => moment(&value, Locale { zone: Some(*zone), ..local })?,
                };
                Some(Zone::UTC.rfc3339(moment).into())
            }
            Self::Plus(rule, unit) => {
                let by = Decimal::from_str(&rule.text(request, local)?).ok()?;
                let by = i64::try_from(by.checked_mul(Decimal::from(*unit))?.trunc()).ok()?;
                Some(Zone::UTC.rfc3339(moment(&value, local)?.plus_ms(by)).into())
            }
            Self::Money { currency, is_minor } => {
                let currency = currency.text(request, local)?.to_ascii_uppercase();
                let amount = Decimal::from_str(&text()?).ok()?;
                let digits = match is_minor {
                    false => 0,
                    true if WHOLE.contains(&currency.as_str()) => 0,
                    true if THOUSANDTHS.contains(&currency.as_str()) => 3,
                    true => 2,
                };
                let amount = amount.checked_mul(Decimal::new(1, digits))?;
                Some(format!("{amount} {currency}").into())
            }
            Self::Phone(country) => {
                let written = country.as_ref().and_then(|rule| rule.text(request, local));
                let country = written.as_deref().map(str::to_ascii_uppercase);
                let local = Locale { country: country.as_deref().or(local.country), ..local };
                match json::read(&text()?.into(), &Type::Phone, local) {
                    Ok(Value::Text(number)) => Some(number.into()),
                    Ok(_) | Err(_) => None,
                }
            }
        }
    }
}

fn epoch(text: &str, unit: i64) -> Option<Timestamp> {
    let number = Decimal::from_str(text).ok()?.checked_mul(Decimal::from(unit))?;
    i64::try_from(number.trunc()).ok().map(Timestamp)
}

fn moment(value: &Json, local: Locale<'_>) -> Option<Timestamp> {
    match json::read(value, &Type::DateTime, local) {
        Ok(Value::DateTime(at)) => Some(at),
        Ok(_) | Err(_) => None,
    }
}

fn sum(items: &[Json]) -> Option<Json> {
    if items.is_empty() {
        return None;
    }
    let mut sum = Decimal::ZERO;
    for item in items {
        sum = sum.checked_add(Decimal::from_str(&text_of(item)?).ok()?)?;
    }
    Some(sum.to_string().into())
}
