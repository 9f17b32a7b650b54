//! Holds answers of the service against its own description, `openapi.json`: path, method, status, headers, content type
//! and every member of the body.

use serde_json::{Value, json};

/// Asserts that the description has this answer.
pub(crate) fn check(what: &str, status: u16, head: &str, body: &str) {
    let document: Value = serde_json::from_str(funnelc::server::OPENAPI).unwrap();
    let (method, target) = what.split_once(' ').unwrap();
    let path = target.split('?').next().unwrap();
    let content_type = header(head, "content-type").unwrap_or_default();
    let media = content_type.split(';').next().unwrap();
    let Some(operation) = operation(&document, path, method) else {
        // What is not described is an error, with a reason.
        assert!([404, 405, 503].contains(&status), "{what}: {status} is not described");
        let body: Value = serde_json::from_str(body).unwrap();
        return fits(&document, &json!({"$ref": "#/components/schemas/Error"}), &body).unwrap();
    };
    let response = &operation["responses"][status.to_string()];
    assert!(response.is_object(), "{what}: the status {status} is not described: {body}");
    for name in response["headers"].as_object().into_iter().flatten().map(|(name, _)| name) {
        assert!(header(head, name).is_some(), "{what}: {status} without `{name}`");
    }
    let schema = &response["content"][media]["schema"];
    assert!(schema.is_object(), "{what}: {status} with `{media}` is not described");
    let body = if media == "application/json" { serde_json::from_str(body).unwrap() } else { Value::from(body) };
    fits(&document, schema, &body).unwrap_or_else(|fault| panic!("{what}: {status}: {fault} in {body}"));
}

/// The value of a header.
pub(crate) fn header(head: &str, name: &str) -> Option<String> {
    let line = |line: &str| line.split_once(": ").map(|(key, value)| (key.to_lowercase(), value.to_owned()));
    head.lines().filter_map(line).find(|(key, _)| *key == name.to_lowercase()).map(|(_, value)| value)
}

fn operation<'d>(document: &'d Value, path: &str, method: &str) -> Option<&'d Value> {
    let fits = |pattern: &str| {
        let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
        pattern.len() == path.len() && pattern.iter().zip(&path).all(|(p, part)| p.starts_with('{') || p == part)
    };
    let item = document["paths"].as_object().unwrap().iter().find(|(pattern, _)| fits(pattern))?.1;
    item.get(method.to_lowercase())
}

/// Whether a value fits a schema; the keywords are those that the document uses.
fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let schema = match schema["$ref"].as_str() {
        Some(place) => document.pointer(&place[1..]).ok_or_else(|| format!("{place} does not exist"))?,
        None => schema,
    };
    for (keyword, rule) in schema.as_object().ok_or("not a schema")? {
        match keyword.as_str() {
            "type" => {
                let types = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                if !types.iter().any(|name| is_a(value, name.as_str().unwrap())) {
                    return Err(format!("{value} is not of type {rule}"));
                }
            }
            "enum" if !rule.as_array().unwrap().contains(value) => return Err(format!("{value} is not one of {rule}")),
            "oneOf" => {
                let fitting = rule.as_array().unwrap().iter().filter(|one| fits(document, one, value).is_ok()).count();
                if fitting != 1 {
                    return Err(format!("{fitting} of the alternatives fit {value}"));
                }
            }
            "required" => {
                for name in rule.as_array().unwrap() {
                    value.get(name.as_str().unwrap()).ok_or_else(|| format!("{name} is missing"))?;
                }
            }
            "properties" => {
                for (name, schema) in rule.as_object().unwrap() {
                    value.get(name).map_or(Ok(()), |member| fits(document, schema, member))?;
                }
            }
            "additionalProperties" if rule == false => {
                let known = schema["properties"].as_object().unwrap();
                if let Some(name) = value.as_object().and_then(|map| map.keys().find(|name| !known.contains_key(*name)))
                {
                    return Err(format!("`{name}` is not described"));
                }
            }
            "items" => value.as_array().into_iter().flatten().try_for_each(|item| fits(document, rule, item))?,
            "minItems" if value.as_array().is_some_and(Vec::is_empty) => return Err("empty".to_owned()),
            "enum" | "additionalProperties" | "minItems" | "maxItems" | "description" | "format" => {}
            other => return Err(format!("the keyword `{other}` is not known here")),
        }
    }
    Ok(())
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the type `{other}` is not known here"),
    }
}
