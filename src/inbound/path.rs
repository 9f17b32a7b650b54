//! Places in a request: `/payload/attendees/0/email`, `header:X-Shopify-Topic`, `query:shop`. In: a text. Out: the values
//! that are there.

use super::request::Request;
use crate::diagnostic::Phrase;
use crate::say;
use serde_json::Value as Json;

/// A place in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    root: Root,
    steps: Vec<PathStep>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Root {
    Body,
    /// A header, in lower case.
    Header(String),
    /// A parameter of the address.
    Query(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PathStep {
    /// A member of an object, or an item of an array by its number.
    Name(String),
    /// Every item: `*`.
    All,
    /// The items whose member has this value: `[question=Phone Number]`.
    Where(String, String),
}

impl Path {
    /// Reads a path: a JSON pointer (RFC 6901) with two more kinds of steps, or the name of a header or a parameter.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned()).ok_or_else(|| say!("a name is missing"));
        if let Some(name) = text.strip_prefix("header:") {
            return Ok(Self { root: Root::Header(named(name)?.to_ascii_lowercase()), steps: Vec::new() });
        }
        if let Some(name) = text.strip_prefix("query:") {
            return Ok(Self { root: Root::Query(named(name)?), steps: Vec::new() });
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(say!("a place begins with `/`, `header:` or `query:`"));
        };
        let steps = rest.split('/').map(step).collect::<Result<_, _>>()?;
        Ok(Self { root: Root::Body, steps })
    }

    /// Whether a text is meant to be a path.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        ["/", "header:", "query:"].iter().any(|begin| text.starts_with(begin))
    }

    /// The values at this place, without blank ones.
    pub(super) fn all(&self, request: &Request) -> Vec<Json> {
        let text = |text: &String| Json::String(text.clone());
        let found: Vec<Json> = match &self.root {
            Root::Header(name) => request.headers.get(name).map(text).into_iter().collect(),
            Root::Query(name) => request.query.get(name).map(text).into_iter().collect(),
            Root::Body => {
                let mut places = vec![&request.body];
                for step in &self.steps {
                    places = places.into_iter().flat_map(|place| step.of(place)).collect();
                }
                places.into_iter().cloned().collect()
            }
        };
        found.into_iter().filter(|value| !is_blank(value)).collect()
    }

    /// The first value at this place.
    pub(super) fn first(&self, request: &Request) -> Option<Json> {
        self.all(request).into_iter().next()
    }
}

impl PathStep {
    fn of<'j>(&self, place: &'j Json) -> Vec<&'j Json> {
        match (self, place) {
            (Self::Name(name), Json::Object(members)) => members.get(name).into_iter().collect(),
            (Self::Name(name), Json::Array(items)) => {
                name.parse::<usize>().ok().and_then(|at| items.get(at)).into_iter().collect()
            }
            (Self::All, Json::Array(items)) => items.iter().collect(),
            (Self::Where(member, wanted), Json::Array(items)) => {
                let fits = |item: &&Json| item.get(member).and_then(text_of).is_some_and(|text| text == *wanted);
                items.iter().filter(fits).collect()
            }
            (Self::Name(_) | Self::All | Self::Where(..), _) => Vec::new(),
        }
    }
}

fn step(text: &str) -> Result<PathStep, Phrase> {
    let plain = |text: &str| text.replace("~1", "/").replace("~0", "~");
    if text == "*" {
        return Ok(PathStep::All);
    }
    let Some(condition) = text.strip_prefix('[') else { return Ok(PathStep::Name(plain(text))) };
    let parts = condition.strip_suffix(']').and_then(|condition| condition.split_once('='));
    match parts {
        Some((member, wanted)) if !member.trim().is_empty() => {
            let unquoted = wanted.trim().trim_matches('"').trim_matches('\'');
            Ok(PathStep::Where(plain(member.trim()), plain(unquoted)))
        }
        Some(_) | None => Err(say!("write the items that have a value as `[name=value]`")),
    }
}

/// Whether there is nothing in a value.
pub(super) fn is_blank(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => false,
    }
}

/// A value as text; `None` for lists, objects and null.
pub(super) fn text_of(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.trim().to_owned()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(is) => Some(is.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn places_are_found_by_name_number_and_condition() {
        let body = json!({
            "a": {"b": [{"k": "x", "v": 1}, {"k": "y z", "v": 2}, {"k": "y z", "v": null}]}, "c/d": "e~", "blank": " "
        });
        let request = Request::new([("X-Topic", "orders/create")], "shop=7&empty=", body);
        let read = |text: &str| json!(Path::parse(text).unwrap().all(&request));
        for (path, expected) in [
            ("/a/b/0/v", json!([1])),
            ("/a/b/*/v", json!([1, 2])),
            ("/a/b/[k=y z]/v", json!([2])),
            ("/a/b/[k = \"x\"]/v", json!([1])),
            ("/c~1d", json!(["e~"])),
            ("/blank", json!([])),
            ("/a/b/9/v", json!([])),
            ("/a/*", json!([])),
            ("header:x-TOPIC", json!(["orders/create"])),
            ("query:shop", json!(["7"])),
            ("query:empty", json!([])),
        ] {
            assert_eq!(read(path), expected, "{path}");
        }
        for wrong in ["a", "", "header:", "/a/[b]", "/a/[=b]"] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }
}
