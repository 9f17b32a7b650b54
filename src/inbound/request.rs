//! What a webhook sent. In: headers, the query of the address, and the bytes of the body: JSON, or a form. Out: values by
//! name.

use super::path::Path;
use crate::diagnostic::Phrase;
use crate::say;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Limit: how deep the names of a form may nest.
const MAX_DEPTH: usize = 16;

/// The type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// A request, or one object of its body.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    pub(super) headers: BTreeMap<String, String>,
    pub(super) query: BTreeMap<String, String>,
    /// The body.
    pub body: Json,
}

impl Request {
    /// A request with these headers and this query.
    #[must_use]
    pub fn new<'h>(headers: impl IntoIterator<Item = (&'h str, &'h str)>, query: &str, body: Json) -> Self {
        let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        Self { headers: headers.collect(), query: query_of(query), body }
    }

    /// One request for each object of the body: most systems send one, some an array of them.
    pub(super) fn objects(&self) -> Vec<Self> {
        match &self.body {
            Json::Array(items) => items.iter().map(|item| Self { body: item.clone(), ..self.clone() }).collect(),
            _ => vec![self.clone()],
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// The text at a place.
    pub(super) fn text(&self, path: &Path) -> Option<String> {
        path.first(self).as_ref().and_then(super::path::text_of)
    }
}

/// The parameters of an address.
#[must_use]
pub fn query_of(query: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Reads a body. A form becomes an object: `a[b][0]=c` is `{"a":{"b":["c"]}}`.
///
/// # Errors
/// It is neither JSON nor a form.
pub fn body_of(content_type: Option<&str>, bytes: &[u8]) -> Result<Json, Phrase> {
    let media = content_type.unwrap_or("").split(';').next().unwrap_or("").trim();
    if media.eq_ignore_ascii_case(FORM) {
        return Ok(form(bytes));
    }
    if bytes.trim_ascii().is_empty() {
        return Ok(Json::Null);
    }
    serde_json::from_slice(bytes)
        .map_err(|error| say!("the body is neither JSON nor a form: {fault}", fault = error.to_string()))
}

fn form(bytes: &[u8]) -> Json {
    let mut body = Json::Object(Map::new());
    for (name, value) in form_urlencoded::parse(bytes) {
        let steps: Vec<&str> = name.split('[').map(|step| step.strip_suffix(']').unwrap_or(step)).collect();
        if steps.len() <= MAX_DEPTH {
            insert(&mut body, &steps, &value);
        }
    }
    numbered(body)
}

/// Inserts a value; an empty step, as in `a[]`, means the next number. A value that is there already stays.
fn insert(into: &mut Json, steps: &[&str], value: &str) {
    let (Json::Object(members), Some((step, rest))) = (into, steps.split_first()) else { return };
    let step = if step.is_empty() { members.len().to_string() } else { (*step).to_owned() };
    if rest.is_empty() {
        members.entry(step).or_insert_with(|| value.into());
    } else {
        insert(members.entry(step).or_insert_with(|| Json::Object(Map::new())), rest, value);
    }
}

/// Objects whose members are called 0, 1, 2 and so on become arrays.
fn numbered(value: Json) -> Json {
    let Json::Object(members) = value else { return value };
    let is_list = !members.is_empty() && (0..members.len()).all(|at| members.contains_key(&at.to_string()));
    if is_list {
        let mut items: Vec<(usize, Json)> =
            members.into_iter().filter_map(|(name, item)| Some((name.parse().ok()?, numbered(item)))).collect();
        items.sort_by_key(|(at, _)| *at);
        return Json::Array(items.into_iter().map(|(_, item)| item).collect());
    }
    Json::Object(members.into_iter().map(|(name, item)| (name, numbered(item))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_nests_as_its_names_say() {
        let bytes = b"Name=%D0%90+B&p[sys]=x&p[products][0][name]=a&p[products][1][name]=b&tags[]=u&tags[]=v&Name=2&=n";
        let expected = json!({
            "Name": "А B", "p": {"sys": "x", "products": [{"name": "a"}, {"name": "b"}]}, "tags": ["u", "v"], "2": "n",
        });
        let read = body_of(Some("application/x-www-form-urlencoded; charset=utf-8"), bytes).unwrap();
        // A pair without a name gets a number like an item of a list.
        assert_eq!(read["Name"], expected["Name"]);
        assert_eq!(read["p"], expected["p"]);
        assert_eq!(read["tags"], expected["tags"]);
        assert_eq!(body_of(Some("application/json"), b" ").unwrap(), Json::Null);
        assert!(body_of(None, b"a=b").is_err());
        let deep = format!("a{}=x", "[b]".repeat(40));
        assert_eq!(body_of(Some(FORM), deep.as_bytes()).unwrap(), json!({}));
        let odd = body_of(Some(FORM), b"a=1&a[b]=2&c[0]=x&c[2]=y").unwrap();
        assert_eq!(odd, json!({"a": "1", "c": {"0": "x", "2": "y"}}));
    }
}
