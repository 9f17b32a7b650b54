//! The TextMate grammar: its rules are complete, and the engine of VS Code matches the shared list when node has it.

use super::kind;
use super::position::{self, tables};
use crate::support::program::package;
use serde_json::Value;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

/// The grammar file.
fn grammar() -> Value {
    let text = std::fs::read_to_string(package("grammar/textmate/funnel.tmLanguage.json")).unwrap();
    serde_json::from_str(&text).expect("the grammar is JSON")
}

#[test]
fn every_rule_is_defined_and_included() {
    let grammar = grammar();
    let mut included = Vec::new();
    includes(&grammar, &mut included);
    let rules = grammar["repository"].as_object().unwrap();
    for name in included.iter().filter_map(|name| name.strip_prefix('#')) {
        assert!(rules.contains_key(name), "`#{name}` is not defined");
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

/// A token of the engine of VS Code.
struct Token {
    /// Counted from 0.
    line: usize,
    /// Columns in UTF-16.
    columns: Range<usize>,
    /// Outermost first.
    scopes: String,
}

/// The tokens of a text by the engine of VS Code; `None` when it is not installed.
fn vscode(text: &Path) -> Option<Vec<Token>> {
    let modules = package("target/peers/node_modules");
    if ["vscode-textmate", "vscode-oniguruma", "tm-grammars"].iter().any(|module| !modules.join(module).exists()) {
        let required =
            std::env::var_os("FUNNELC_REQUIRE_PEERS").is_some() && Command::new("npm").arg("-v").output().is_ok();
        assert!(!required, "the engine of VS Code is not in {}", modules.display());
        eprintln!("skipped: the engine of VS Code is not in {}", modules.display());
        return None;
    }
    let output = Command::new("node")
        .arg(package("tests/grammar/textmate.mjs"))
        .arg(&modules)
        .arg(package("grammar/textmate/funnel.tmLanguage.json"))
        .arg(text)
        .output()
        .expect("node runs where its modules are");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let out = String::from_utf8(output.stdout).unwrap();
    let token = |line: &str| {
        let mut parts = line.splitn(4, '\t');
        let mut number = || parts.next().unwrap().parse().unwrap();
        let (line, start, end) = (number(), number(), number());
        Token { line, columns: start..end, scopes: parts.next().unwrap().to_owned() }
    };
    Some(out.lines().map(token).collect())
}

/// The scopes at a line and a column, both from 0.
fn scopes(tokens: &[Token], line: usize, column: usize) -> &str {
    let token = tokens.iter().find(|token| token.line == line && token.columns.contains(&column));
    token.map_or("", |token| &token.scopes)
}

#[test]
fn vs_code_matches_the_list() {
    let mut found = Vec::new();
    for (name, text, _) in tables() {
        let Some(tokens) = vscode(&package(&format!("tests/highlight/{name}.funnel"))) else { return };
        found.push((text, tokens));
    }
    position::check_list("the engine of VS Code", |text, row| {
        let (_, tokens) = found.iter().find(|(other, _)| other == text).unwrap();
        let line = text.lines().nth(row.line - 1).unwrap();
        let at: usize = line.chars().take(row.column - 1).map(char::len_utf16).sum();
        vec![kind::of_scopes(scopes(tokens, row.line - 1, at).split(' ')).to_owned()]
    });
}

/// An email in MJML, a page in HTML and data in JSON, each with placeholders inside and funnel code after it.
const EMBEDDED: &str = r#"template email letter(booking) = {
  html: """
    <mj-section css-class="a">
      <mj-button href="{{ booking.rebook_url }}">Dear {{ client.name | default("friend") }}</mj-button>
    </mj-section>
    """
  subject: "Hi {{ client.city }}"
}
template email page = """
  <!doctype html>
  <style>p { color: red }</style>
  <p>{{ client.phone }}</p>
  """
on booking -> call "https://example.org/" {
  data: """
    { "who": "{{ client.name }}", "many": 5, "so": [true, "x\n"] }
    """
  id: booking.id
} -> stop
"#;

/// Embedded languages that are incomplete at the end of their string.
const UNFINISHED: &str = r#"template email letter(booking) = {
  html: """
    <mj-button href="a
    """
  subject: "Hi"
}
template email page = """
  <style>p { color: red
  """
on booking -> call "https://example.org/" {
  data: """
    { "many": [5
    """
  id: booking.id
}
template email short = { html: """<p>one</p>""" subject: "x" }
template email tail = """
  <p>two</p>"""
const five = 5
"#;

/// Compares the scopes of some words of a text: their line, the word, an outer scope, and the prefix of the innermost one.
fn compare(text: &str, expected: &[(usize, &str, &str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inside.funnel");
    std::fs::write(&file, text).unwrap();
    let Some(tokens) = vscode(&file) else { return };
    let mut faults = String::new();
    for (line, word, outer, inner) in expected {
        let text = text.lines().nth(line - 1).unwrap();
        let column = text.find(word).unwrap_or_else(|| panic!("{line}: no {word}"));
        let found = scopes(&tokens, line - 1, column);
        let last = found.split(' ').next_back().unwrap_or_default();
        let not_embedded = *outer != "source.funnel" || !found.contains("meta.embedded.block");
        if !found.contains(outer) || !last.starts_with(inner) || !not_embedded {
            faults += &format!("{line}: `{word}` is {found} and not {outer} .. {inner}\n");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn embedded_languages_are_highlighted_and_end_with_their_string() {
    let expected = [
        (3, "mj-section", "meta.embedded.block.html", "entity.name.tag"),
        (3, "css-class", "meta.embedded.block.html", "entity.other.attribute-name"),
        (4, "href", "meta.embedded.block.html", "entity.other.attribute-name"),
        (4, "{{ booking", "meta.embedded.block.html", "punctuation.section.interpolation.begin.funnel"),
        (4, "rebook_url", "meta.interpolation.funnel", "variable.other.member.funnel"),
        (4, "}}\"", "meta.embedded.block.html", "punctuation.section.interpolation.end.funnel"),
        (4, "Dear", "meta.embedded.block.html", "meta.embedded.block.html.funnel"),
        (4, "{{ client", "meta.embedded.block.html", "punctuation.section.interpolation.begin.funnel"),
        (4, "default", "meta.interpolation.funnel", "support.function.funnel"),
        (4, "friend", "meta.interpolation.funnel", "string.quoted.double.funnel"),
        (4, "/mj-button", "meta.embedded.block.html", "punctuation.definition.tag"),
        (6, "\"\"\"", "source.funnel", "punctuation.definition.string.end.funnel"),
        (7, "subject", "source.funnel", "variable.other.property.funnel"),
        (7, "Hi", "source.funnel", "string.quoted.double.funnel"),
        (7, "city", "meta.interpolation.funnel", "variable.other.member.funnel"),
        (10, "doctype", "meta.embedded.block.html", "entity.name.tag"),
        (11, "color", "source.css", "support.type.property-name"),
        (12, "p>", "meta.embedded.block.html", "entity.name.tag"),
        (12, "phone", "meta.interpolation.funnel", "variable.other.member.funnel"),
        (14, "booking", "source.funnel", "entity.name.type.funnel"),
        (14, "call", "source.funnel", "keyword.control.funnel"),
        (16, "who", "meta.embedded.block.json", "support.type.property-name.json"),
        (16, "{{", "meta.embedded.block.json", "punctuation.section.interpolation.begin.funnel"),
        (16, "name }", "meta.interpolation.funnel", "variable.other.member.funnel"),
        (16, "5", "meta.embedded.block.json", "constant.numeric.json"),
        (16, "true", "meta.embedded.block.json", "constant.language.json"),
        (18, "id", "source.funnel", "variable.other.property.funnel"),
        (19, "stop", "source.funnel", "keyword.control.funnel"),
    ];
    compare(EMBEDDED, &expected);
}

#[test]
fn incomplete_embedded_languages_end_with_their_string() {
    let expected = [
        (3, "mj-button", "meta.embedded.block.html", "entity.name.tag"),
        (4, "\"\"\"", "source.funnel", "punctuation.definition.string.end.funnel"),
        (5, "subject", "source.funnel", "variable.other.property.funnel"),
        (8, "color", "source.css", "support.type.property-name"),
        (10, "call", "source.funnel", "keyword.control.funnel"),
        (12, "5", "meta.embedded.block.json", "constant.numeric.json"),
        (14, "id", "source.funnel", "variable.other.property.funnel"),
        (16, "p>", "meta.embedded.block.html", "entity.name.tag"),
        (16, "subject", "source.funnel", "variable.other.property.funnel"),
        (18, "p>", "meta.embedded.block.html", "entity.name.tag"),
        (19, "const", "source.funnel", "storage.type.funnel"),
    ];
    compare(UNFINISHED, &expected);
}
