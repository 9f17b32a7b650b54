//! The TextMate grammar: its rules are whole, and the engine of VS Code colours the shared list with them where node has it.

use super::kind;
use super::position::{self, tables};
use crate::support::program::package;
use serde_json::Value;
use std::process::Command;

/// The grammar as it lies there.
fn grammar() -> Value {
    let text = std::fs::read_to_string(package("grammar/textmate/funnel.tmLanguage.json")).unwrap();
    serde_json::from_str(&text).expect("the grammar is JSON")
}

#[test]
fn every_rule_that_is_included_is_there_and_used() {
    let grammar = grammar();
    let mut included = Vec::new();
    includes(&grammar, &mut included);
    let rules = grammar["repository"].as_object().unwrap();
    for name in included.iter().filter_map(|name| name.strip_prefix('#')) {
        assert!(rules.contains_key(name), "`#{name}` is no rule");
    }
    for name in rules.keys() {
        assert!(included.contains(&format!("#{name}")), "`{name}` is never included");
    }
}

fn includes(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("include").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| includes(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| includes(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Every token of a text that the engine of VS Code gives: line, start and end in UTF-16, scopes.
fn vscode(name: &str) -> Option<Vec<(usize, usize, usize, String)>> {
    let modules = package("target/peers/node_modules");
    if !modules.join("vscode-textmate").exists() {
        let wanted =
            std::env::var_os("FUNNELC_REQUIRE_PEERS").is_some() && Command::new("npm").arg("-v").output().is_ok();
        assert!(!wanted, "the engine of VS Code is not in {}", modules.display());
        eprintln!("skipped: the engine of VS Code is not in {}", modules.display());
        return None;
    }
    let ran = Command::new("node")
        .arg(package("tests/grammar/textmate.mjs"))
        .arg(&modules)
        .arg(package("grammar/textmate/funnel.tmLanguage.json"))
        .arg(package(&format!("tests/highlight/{name}.funnel")))
        .output()
        .expect("node runs where its modules are");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let out = String::from_utf8(ran.stdout).unwrap();
    let token = |line: &str| {
        let mut parts = line.splitn(4, '\t');
        let mut number = || parts.next().unwrap().parse().unwrap();
        (number(), number(), number(), parts.next().unwrap().to_owned())
    };
    Some(out.lines().map(token).collect())
}

#[test]
fn vs_code_colours_the_list() {
    let mut given = Vec::new();
    for (name, text, _) in tables() {
        let Some(tokens) = vscode(name) else { return };
        given.push((text, tokens));
    }
    position::judge("the engine of VS Code", |text, row| {
        let (_, tokens) = given.iter().find(|(other, _)| other == text).unwrap();
        let line = text.lines().nth(row.line - 1).unwrap();
        let at: usize = line.chars().take(row.column - 1).map(char::len_utf16).sum();
        let token = tokens.iter().find(|(line, from, to, _)| *line + 1 == row.line && *from <= at && at < *to);
        vec![kind::of_scopes(token.map_or("", |(.., scopes)| scopes).split(' ')).to_owned()]
    });
}
