//! The values and conditions of `[sources.NAME]`: `"/payload/uid"`, `"{/a} {/b}"`, `{ from = "/created", as = "seconds" }`.

use super::table::{Entry, Table};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::inbound::{Condition, Expected, Input, MomentForm, Path, Rule, Step, Template};
use crate::say;
use crate::source::Span;
use crate::value::Zone;
use serde_json::Value as Json;
use toml::de::DeValue;

/// How a value may be read.
const FORMS: &[&str] = &["seconds", "milliseconds", "utc", "local", "lower", "last-segment", "phone", "present"];

/// The units of what is added to a moment, in milliseconds.
const UNITS: &[(&str, i64)] = &[("seconds", 1_000), ("minutes", 60_000), ("hours", 3_600_000)];

/// Reads a value.
pub(super) fn rule(table: &Table<'_>, key: &str, value: &Entry<'_>) -> Option<Rule> {
    let span = table.span_of(value);
    let input = match value.get_ref() {
        DeValue::String(text) => text_input(table, span, text)?,
        DeValue::Integer(_) | DeValue::Boolean(_) => Input::Literal(literal(value)?),
        DeValue::Array(items) => Input::First(items.iter().filter_map(|item| rule(table, key, item)).collect()),
        DeValue::Table(entries) => {
            let inner = Table::new(table.findings, table.child_title(key), span, entries);
            let rule = detailed(&inner);
            inner.report_unknown_keys();
            return rule;
        }
        DeValue::Float(_) | DeValue::Datetime(_) => {
            return table.wrong_type(value, key, say!("a place such as \"/payload/id\", or a table"));
        }
    };
    Some(Rule { input, steps: Vec::new() })
}

fn text_input(table: &Table<'_>, span: Span, text: &str) -> Option<Input> {
    let read = if text.contains('{') { template(text).map(Input::Text) } else { Path::parse(text).map(Input::Read) };
    match read {
        Ok(input) => Some(input),
        Err(_) if !text.contains('{') && !Path::is_meant(text) => {
            let message = say!("`\"{text}\"` is not a place in a request", text);
            let finding =
                Diagnostic::new(Code::BadSetting, span, message, say!("begins with none of `/`, `header:`, `query:`"));
            let help = say!("write `{{ value = \"{text}\" }}` for the same text always", text);
            table.findings.push(finding.help(help));
            None
        }
        Err(why) => {
            table.findings.bad_setting(span, why, say!("not a place in a request"));
            None
        }
    }
}

/// Reads `{/name} {/surname}`.
fn template(text: &str) -> Result<Template, Phrase> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((path, after)) = after.split_once('}') else { return Err(say!("`{{` has no `}}`")) };
        parts.push((before.to_owned(), Some(Path::parse(path.trim())?)));
        rest = after;
    }
    parts.push((rest.to_owned(), None));
    Ok(Template(parts))
}

/// Reads a value with settings.
fn detailed(table: &Table<'_>) -> Option<Rule> {
    let inputs = ["from", "value", "list", "sum"];
    let given: Vec<&str> = inputs.into_iter().filter(|key| table.has(key)).collect();
    if given.len() != 1 {
        let message = say!("a value needs one of `from`, `value`, `list` and `sum`");
        let label =
            if given.is_empty() { say!("nothing says where it comes from") } else { say!("more than one is here") };
        table.findings.bad_setting(table.span, message, label);
        inputs.into_iter().for_each(|key| _ = table.get(key));
        return None;
    }
    let mut rule = input(table)?;
    steps(table, &mut rule.steps)?;
    Some(rule)
}

/// Reads where a value comes from.
fn input(table: &Table<'_>) -> Option<Rule> {
    let path = |key: &'static str| {
        let text = table.text(key)?;
        let parsed = Path::parse(&text.node);
        parsed.map_err(|why| table.findings.bad_setting(text.span, why, say!("not a place in a request"))).ok()
    };
    let input = if let Some(value) = table.get("value") {
        Input::Literal(
            literal(value).or_else(|| table.wrong_type(value, "value", say!("a text, a number, true or false")))?,
        )
    } else if table.has("list") {
        Input::List(path("list")?)
    } else if table.has("sum") {
        Input::Sum(path("sum")?)
    } else {
        return table.get("from").and_then(|from| rule(table, "from", from));
    };
    Some(Rule { input, steps: Vec::new() })
}

/// Reads what is done with a value.
fn steps(table: &Table<'_>, steps: &mut Vec<Step>) -> Option<()> {
    let own = |key: &'static str| table.get(key).and_then(|value| rule(table, key, value));
    if let Some(value) = table.get("missing") {
        let items = value.get_ref().as_array().map_or_else(|| vec![value], |items| items.iter().collect());
        steps
            .push(Step::Missing(items.into_iter().filter_map(|item| literal(item).as_ref().and_then(plain)).collect()));
    }
    if let Some(by) = table.text("split") {
        steps.push(Step::Split(by.node));
    }
    if let Some(map) = table.table("map") {
        let pairs = map.entries().filter_map(|(name, value)| Some((name.node.to_owned(), literal(value)?)));
        steps.push(Step::Map(pairs.collect()));
    }
    let zone = table.text("timezone").and_then(|name| {
        let zone = Zone::named(&name.node);
        if zone.is_none() {
            let message = say!("`{name}` is not a time zone", name = name.node.clone());
            table.findings.bad_setting(name.span, message, say!("not an IANA time zone"));
        }
        zone
    });
    match table.choice("as", FORMS) {
        Some("seconds") => steps.push(Step::Moment(MomentForm::Seconds)),
        Some("milliseconds") => steps.push(Step::Moment(MomentForm::Milliseconds)),
        Some("utc") => steps.push(Step::Moment(MomentForm::In(Zone::UTC))),
        Some("local") => {
            if !table.has("timezone") {
                table.require::<()>("timezone", None);
            }
            steps.extend(zone.map(|zone| Step::Moment(MomentForm::In(zone))));
        }
        Some("present") => steps.push(Step::Present),
        Some("lower") => steps.push(Step::Lower),
        Some("last-segment") => steps.push(Step::LastSegment),
        Some("phone") => steps.push(Step::Phone(own("country").map(Box::new))),
        Some(_) | None => {}
    }
    if let Some(by) = own("plus") {
        let units: Vec<&'static str> = UNITS.iter().map(|(name, _)| *name).collect();
        let unit = table.require("unit", table.choice("unit", &units))?;
        let unit = UNITS.iter().find(|(name, _)| *name == unit).map_or(1_000, |(_, unit)| *unit);
        steps.push(Step::Plus(Box::new(by), unit));
    }
    let is_minor = table.flag("minor");
    if let Some(currency) = table.get("currency") {
        // A currency is three letters, unlike any place.
        let code =
            currency.get_ref().as_str().filter(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()));
        let currency = match code {
            Some(code) => Some(Rule { input: Input::Literal(code.into()), steps: Vec::new() }),
            None => rule(table, "currency", currency),
        };
        steps.extend(currency.map(|currency| Step::Money { currency: Box::new(currency), is_minor }));
    } else if is_minor {
        table.require::<()>("currency", None);
    }
    Some(())
}

/// Reads a condition: a table of places and what is expected there.
pub(super) fn condition(table: &Table<'_>, key: &str, value: &Entry<'_>) -> Condition {
    let DeValue::Table(entries) = value.get_ref() else {
        table.wrong_type::<()>(value, key, say!("a table such as {{ \"/event\" = \"order.created\" }}"));
        return Condition::default();
    };
    let inner = Table::new(table.findings, table.child_title(key), table.span_of(value), entries);
    let mut parts = Vec::new();
    for (place, expected) in inner.entries() {
        match Path::parse(place.node) {
            Ok(path) => parts.extend(expectation(&inner, place.node, expected).map(|expected| (path, expected))),
            Err(why) => table.findings.bad_setting(place.span, why, say!("not a place in a request")),
        }
    }
    Condition(parts)
}

fn expectation(table: &Table<'_>, place: &str, value: &Entry<'_>) -> Option<Expected> {
    if let DeValue::Table(entries) = value.get_ref() {
        let inner = Table::new(table.findings, table.child_title(place), table.span_of(value), entries);
        let found = match (inner.get("not"), inner.has("present")) {
            (Some(unwanted), _) => Some(Expected::NoneOf(values(&inner, unwanted)?)),
            (None, true) => Some(Expected::Present(inner.flag("present"))),
            (None, false) => {
                let message = say!("expected a value, a list of values, `{{ not = .. }}` or `{{ present = true }}`");
                table.findings.bad_setting(inner.span, message, say!("says nothing about the value"));
                None
            }
        };
        inner.report_unknown_keys();
        return found;
    }
    values(table, value).map(Expected::OneOf)
}

/// One value or a list of them, as texts.
fn values(table: &Table<'_>, value: &Entry<'_>) -> Option<Vec<String>> {
    let items = value.get_ref().as_array().map_or_else(|| vec![value], |items| items.iter().collect());
    let text = |item: &Entry<'_>| literal(item).as_ref().and_then(plain);
    let texts: Option<Vec<String>> = items.into_iter().map(text).collect();
    texts.or_else(|| table.wrong_type(value, "when", say!("a text, a number, true or false")))
}

/// A literal value as JSON.
fn literal(value: &Entry<'_>) -> Option<Json> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.as_ref().into()),
        DeValue::Boolean(is) => Some((*is).into()),
        DeValue::Integer(number) => {
            i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok().map(Json::from)
        }
        DeValue::Float(number) => serde_json::from_str(number.as_str()).ok(),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.trim().to_owned()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(is) => Some(is.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}
