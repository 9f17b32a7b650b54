//! Converts the TextMate grammar to the `.sublime-syntax` of Sublime Text and bat, which `FUNNELC_BLESS=1` writes.

use crate::support::program::package;
use serde_json::{Map, Value};
use std::fmt::Write;

const TARGET: &str = "editors/sublime/Funnel.sublime-syntax";
const HEADER: &str =
    "%YAML 1.2\n---\n# Made of grammar/textmate/funnel.tmLanguage.json; the rule is in tests/editors/sublime.rs.\n";

/// The rule for placeholders, which embedded languages include too.
const PLACEHOLDER: &str = "hole";

#[test]
fn the_sublime_syntax_is_up_to_date() {
    let grammar = std::fs::read_to_string(package("grammar/textmate/funnel.tmLanguage.json")).unwrap();
    let generated = convert(&serde_json::from_str(&grammar).unwrap());
    if std::env::var_os("FUNNELC_BLESS").is_some() {
        std::fs::write(package(TARGET), &generated).unwrap();
    }
    let current = std::fs::read_to_string(package(TARGET)).unwrap_or_default();
    assert!(current == generated, "{TARGET} is out of date; FUNNELC_BLESS=1 writes it");
}

fn convert(grammar: &Value) -> String {
    let mut out = HEADER.to_owned();
    let _ = writeln!(out, "name: {}", grammar["name"].as_str().unwrap());
    let _ = writeln!(out, "file_extensions: [funnel]\nscope: {}\nversion: 2\n\ncontexts:", text(grammar, "scopeName"));
    let _ = writeln!(out, "  main:");
    rules(&mut out, &grammar["patterns"], 4);
    for (name, rule) in grammar["repository"].as_object().unwrap() {
        let _ = writeln!(out, "\n  {name}:");
        if rule.get("begin").is_some() || rule.get("match").is_some() {
            self::rule(&mut out, rule, 4);
        } else {
            rules(&mut out, &rule["patterns"], 4);
        }
    }
    out
}

fn rules(out: &mut String, patterns: &Value, indent: usize) {
    // `while` rules are not needed there: an embedded language ends with its string anyway.
    for pattern in patterns.as_array().unwrap().iter().filter(|pattern| pattern.get("while").is_none()) {
        rule(out, pattern, indent);
    }
}

fn rule(out: &mut String, rule: &Value, indent: usize) {
    let pad = " ".repeat(indent);
    let rule = rule.as_object().unwrap();
    if let Some(include) = rule.get("include") {
        let include = include.as_str().unwrap();
        let _ = writeln!(out, "{pad}- include: {}", include.strip_prefix('#').unwrap_or(include));
    } else if let Some(matched) = rule.get("match") {
        let _ = writeln!(out, "{pad}- match: {}", quoted(matched.as_str().unwrap()));
        if let Some(name) = rule.get("name") {
            let _ = writeln!(out, "{pad}  scope: {}", name.as_str().unwrap());
        }
        captures(out, rule.get("captures"), indent);
    } else if rule.contains_key("begin") {
        span(out, rule, indent);
    } else {
        rules(out, &rule["patterns"], indent);
    }
}

/// Writes a rule with a beginning and an end as its own context.
fn span(out: &mut String, rule: &Map<String, Value>, indent: usize) {
    let pad = " ".repeat(indent);
    let field = |name: &str| rule.get(name).and_then(Value::as_str);
    let (begin, end) = (field("begin").unwrap(), field("end").unwrap());
    let language = embedded(&rule["patterns"]);
    let _ = writeln!(out, "{pad}- match: {}", quoted(begin));
    captures(out, rule.get("beginCaptures"), indent);
    let _ = writeln!(out, "{pad}  push:");
    for (key, name) in [("meta_scope", field("name")), ("meta_content_scope", field("contentName"))] {
        if let Some(name) = name {
            let _ = writeln!(out, "{pad}    - {key}: {name}");
        }
    }
    let _ = writeln!(out, "{pad}    - match: {}", quoted(end));
    captures(out, rule.get("endCaptures"), indent + 4);
    let _ = writeln!(out, "{pad}      pop: true");
    let own: Vec<_> =
        rule["patterns"].as_array().unwrap().iter().filter(|pattern| !is_embedded(pattern)).cloned().collect();
    rules(out, &Value::Array(own), indent + 4);
    if let Some(scope) = language {
        // The embedded language knows neither the end of the string nor placeholders.
        let _ = writeln!(out, "{pad}    - match: (?=\\S)\n{pad}      push: scope:{scope}\n{pad}      with_prototype:");
        let ahead = if end.starts_with("(?=") { end.to_owned() } else { format!("(?={end})") };
        let _ = writeln!(out, "{pad}        - match: {}\n{pad}          pop: true", quoted(&ahead));
        let _ = writeln!(out, "{pad}        - include: {PLACEHOLDER}");
    }
}

fn is_embedded(pattern: &Value) -> bool {
    pattern["include"].as_str().is_some_and(|include| !include.starts_with('#'))
}

fn embedded(patterns: &Value) -> Option<&str> {
    patterns.as_array()?.iter().find(|pattern| is_embedded(pattern))?["include"].as_str()
}

fn captures(out: &mut String, captures: Option<&Value>, indent: usize) {
    let Some(captures) = captures.and_then(Value::as_object) else { return };
    let pad = " ".repeat(indent);
    let _ = writeln!(out, "{pad}  captures:");
    for (number, capture) in captures {
        // A capture cannot have rules there; the name of its first rule fits most of it.
        let name = capture.get("name").or_else(|| capture["patterns"][0].get("name"));
        let _ = writeln!(out, "{pad}    {number}: {}", name.unwrap().as_str().unwrap());
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
