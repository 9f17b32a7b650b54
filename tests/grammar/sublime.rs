//! `.sublime-syntax`, which bat and Sublime Text read: in, the TextMate grammar; out, the same rules in that form.
//!
//! A rule of the repository becomes a context; `begin` and `end` become a push and a pop. Injections are left out: what they
//! add, the rules that they aim at include themselves.

use super::kind;
use super::position::{self, Row};
use super::textmate::grammar;
use crate::support::program::package;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::path::PathBuf;
use syntect::parsing::{ParseState, ScopeStack, SyntaxSet, SyntaxSetBuilder};

fn path() -> PathBuf {
    package("grammar/textmate/funnel.sublime-syntax")
}

/// The whole file.
fn sublime(grammar: &Value) -> String {
    let mut out =
        String::from("%YAML 1.2\n---\n# Made from funnel.tmLanguage.json; the rule is in tests/grammar/sublime.rs.\n");
    let _ = writeln!(out, "name: {}", grammar["name"].as_str().unwrap());
    let extensions = grammar["fileTypes"].as_array().unwrap();
    let _ = writeln!(out, "file_extensions: [{}]", words(extensions).join(", "));
    let _ = writeln!(out, "scope: {}\ncontexts:\n  main:", grammar["scopeName"].as_str().unwrap());
    patterns(&mut out, grammar, 4);
    for (name, rule) in grammar["repository"].as_object().unwrap() {
        let _ = writeln!(out, "  {name}:");
        match rule.get("patterns").filter(|_| rule.get("begin").is_none()) {
            Some(_) => patterns(&mut out, rule, 4),
            None => pattern(&mut out, rule, 4),
        }
    }
    out
}

fn words(list: &[Value]) -> Vec<&str> {
    list.iter().filter_map(Value::as_str).collect()
}

fn patterns(out: &mut String, rule: &Value, indent: usize) {
    for rule in rule["patterns"].as_array().into_iter().flatten() {
        pattern(out, rule, indent);
    }
}

fn pattern(out: &mut String, rule: &Value, indent: usize) {
    let blanks = " ".repeat(indent);
    if let Some(name) = rule["include"].as_str() {
        let context = name.strip_prefix('#').map_or_else(|| format!("scope:{name}"), str::to_owned);
        let _ = writeln!(out, "{blanks}- include: {context}");
        return;
    }
    let Some(begin) = rule["begin"].as_str() else {
        let _ = writeln!(out, "{blanks}- match: {}", quoted(rule["match"].as_str().unwrap()));
        if let Some(scope) = rule["name"].as_str() {
            let _ = writeln!(out, "{blanks}  scope: {scope}");
        }
        captures(out, rule.get("captures"), indent + 2);
        return;
    };
    let _ = writeln!(out, "{blanks}- match: {}", quoted(begin));
    captures(out, rule.get("beginCaptures"), indent + 2);
    let _ = writeln!(out, "{blanks}  push:");
    for (key, meta) in [("name", "meta_scope"), ("contentName", "meta_content_scope")] {
        if let Some(scope) = rule[key].as_str() {
            let _ = writeln!(out, "{blanks}    - {meta}: {scope}");
        }
    }
    let _ = writeln!(out, "{blanks}    - match: {}", quoted(rule["end"].as_str().unwrap()));
    captures(out, rule.get("endCaptures"), indent + 6);
    let _ = writeln!(out, "{blanks}      pop: true");
    patterns(out, rule, indent + 4);
}

fn captures(out: &mut String, captures: Option<&Value>, indent: usize) {
    let Some(captures) = captures.and_then(Value::as_object) else { return };
    let _ = writeln!(out, "{}captures:", " ".repeat(indent));
    for (number, capture) in captures {
        only_a_name(capture.as_object().unwrap());
        let _ = writeln!(out, "{}{number}: {}", " ".repeat(indent + 2), capture["name"].as_str().unwrap());
    }
}

/// Sublime has no patterns inside of captures.
fn only_a_name(capture: &Map<String, Value>) {
    assert!(capture.len() == 1 && capture.contains_key("name"), "{capture:?} says more than a name");
}

/// A text of YAML in which nothing but a quote is special.
fn quoted(regex: &str) -> String {
    format!("'{}'", regex.replace('\'', "''"))
}

#[test]
fn the_sublime_syntax_is_the_textmate_grammar() {
    let made = sublime(&grammar());
    if std::env::var_os("FUNNELC_BLESS").is_some() {
        std::fs::write(path(), &made).unwrap();
    }
    assert!(std::fs::read_to_string(path()).unwrap_or_default() == made, "FUNNELC_BLESS=1 writes {}", path().display());
}

/// The syntax, with nothing for the languages inside.
fn syntax() -> SyntaxSet {
    let text = std::fs::read_to_string(path()).unwrap();
    let definition =
        syntect::parsing::SyntaxDefinition::load_from_str(&text, true, None).expect("the syntax can be read");
    let mut builder = SyntaxSetBuilder::new();
    builder.add_plain_text_syntax();
    builder.add(definition);
    builder.build()
}

#[test]
fn bat_colours_the_list() {
    let set = syntax();
    let funnel = set.find_syntax_by_extension("funnel").expect("it is for these files");
    let scopes_of = |text: &str, row: &Row| {
        let (mut state, mut stack) = (ParseState::new(funnel), ScopeStack::new());
        let (mut scopes, mut at) = (String::new(), position::place(text, row).start);
        for line in text.split_inclusive('\n') {
            for (offset, change) in state.parse_line(line, &set).expect("a line can be coloured") {
                if offset > at {
                    break;
                }
                stack.apply(&change).expect("what is closed was opened");
            }
            if at < line.len() {
                scopes = stack.to_string();
                break;
            }
            at -= line.len();
        }
        vec![kind::of_scopes(scopes.split_whitespace()).to_owned()]
    };
    position::judge("syntect", scopes_of);
}
