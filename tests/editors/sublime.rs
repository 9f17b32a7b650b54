//! The colours of Sublime Text and bat are made of the TextMate grammar. In: its JSON. Out: the same rules as a
//! `.sublime-syntax`, which `FUNNELC_BLESS=1` writes.

use crate::support::program::package;
use serde_json::{Map, Value};
use std::fmt::Write;

const TARGET: &str = "editors/sublime/Funnel.sublime-syntax";
const HEADER: &str =
    "%YAML 1.2\n---\n# Made of grammar/textmate/funnel.tmLanguage.json; the rule is in tests/editors/sublime.rs.\n";

/// What is in other languages' contexts, too: the end of the text that they are in, and its holes.
const WITHIN: &str = "hole";

#[test]
fn the_colours_of_sublime_are_those_of_textmate() {
    let grammar = std::fs::read_to_string(package("grammar/textmate/funnel.tmLanguage.json")).unwrap();
    let made = converted(&serde_json::from_str(&grammar).unwrap());
    if std::env::var_os("FUNNELC_BLESS").is_some() {
        std::fs::write(package(TARGET), &made).unwrap();
    }
    let present = std::fs::read_to_string(package(TARGET)).unwrap_or_default();
    assert!(present == made, "{TARGET} is not what the TextMate grammar gives; FUNNELC_BLESS=1 writes it");
}

fn converted(grammar: &Value) -> String {
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
    // What holds line by line needs no such help there: another language ends with the text that it is in.
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

/// What has a beginning and an end is a context of its own.
fn span(out: &mut String, rule: &Map<String, Value>, indent: usize) {
    let pad = " ".repeat(indent);
    let field = |name: &str| rule.get(name).and_then(Value::as_str);
    let (begin, end) = (field("begin").unwrap(), field("end").unwrap());
    let other = foreign(&rule["patterns"]);
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
        rule["patterns"].as_array().unwrap().iter().filter(|pattern| !is_foreign(pattern)).cloned().collect();
    rules(out, &Value::Array(own), indent + 4);
    if let Some(scope) = other {
        // The other language does not know that it ends with the text, nor what a hole is.
        let _ = writeln!(out, "{pad}    - match: (?=\\S)\n{pad}      push: scope:{scope}\n{pad}      with_prototype:");
        let ahead = if end.starts_with("(?=") { end.to_owned() } else { format!("(?={end})") };
        let _ = writeln!(out, "{pad}        - match: {}\n{pad}          pop: true", quoted(&ahead));
        let _ = writeln!(out, "{pad}        - include: {WITHIN}");
    }
}

fn is_foreign(pattern: &Value) -> bool {
    pattern["include"].as_str().is_some_and(|include| !include.starts_with('#'))
}

fn foreign(patterns: &Value) -> Option<&str> {
    patterns.as_array()?.iter().find(|pattern| is_foreign(pattern))?["include"].as_str()
}

fn captures(out: &mut String, captures: Option<&Value>, indent: usize) {
    let Some(captures) = captures.and_then(Value::as_object) else { return };
    let pad = " ".repeat(indent);
    let _ = writeln!(out, "{pad}  captures:");
    for (number, capture) in captures {
        // A capture cannot have rules of its own there; the first of them names what most of it is.
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
