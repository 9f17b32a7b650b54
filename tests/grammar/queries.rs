//! The tree-sitter queries: each is valid for the grammar and captures what it should.

use super::tree::{FOLDER, language, tree};
use crate::support::program::package;
use std::ops::Range;
use tree_sitter::{Query, QueryCursor, StreamingIterator};

const EVERYTHING: &str = include_str!("../parse/ok/everything.funnel");

/// A query with the standard names.
fn query(name: &str) -> Query {
    let path = package(FOLDER).join("queries").join(name).with_extension("scm");
    let text = std::fs::read_to_string(&path).unwrap();
    Query::new(language(), &text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

/// The captures of a query in a text, with their names; without those that only its conditions need.
pub(super) fn captures(name: &str, text: &str) -> Vec<(Range<usize>, String)> {
    let (query, tree) = (query(name), tree(text));
    let mut cursor = QueryCursor::new();
    let mut matches = cursor.matches(&query, tree.root_node(), text.as_bytes());
    let mut found = Vec::new();
    while let Some(one) = matches.next() {
        for capture in one.captures() {
            let name = query.capture_names()[capture.index as usize];
            if !name.starts_with('_') {
                found.push((capture.node.byte_range(), name.to_owned()));
            }
        }
    }
    found
}

/// The texts captured under one name.
fn captured<'a>(query: &str, name: &str, text: &'a str) -> Vec<&'a str> {
    captures(query, text).into_iter().filter(|(_, n)| n == name).map(|(range, _)| &text[range]).collect()
}

#[test]
fn every_query_is_valid_for_the_grammar() {
    let mut count = 0;
    for folder in ["queries", "queries-helix"] {
        for entry in std::fs::read_dir(package(FOLDER).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            if let Err(fault) = Query::new(language(), &text) {
                panic!("{}: {fault}", path.display());
            }
            count += 1;
        }
    }
    assert!(count >= 13, "only {count} queries were found");
}

#[test]
fn tags_name_declarations_and_references() {
    let mut names = captured("tags", "name", EVERYTHING);
    names.sort_unstable();
    for name in ["all", "order", "sync_crm", "big", "receipt", "limit", "everything", "ping", "other"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
}

#[test]
fn html_and_json_strings_are_injected() {
    let text = r#"
        on b -> send email { subject: "x < y", html: "<p>{{ name }}</p>", text: "<mjml><mj-body>" }
          -> emit e { data: """ { "a": [1] } """, words: """ { a } """ }"#;
    let found = captured("injections", "injection.content", text);
    assert_eq!(found, ["<p>", "</p>", "<mjml><mj-body>", " { \"a\": [1] } "], "each once");
}

#[test]
fn folds_text_objects_indents_and_locals_are_captured() {
    assert_eq!(captured("folds", "fold", "on b -> if a {\n stop\n}").len(), 2);
    let funnel = "funnel a {\n  on b -> stop\n}";
    assert_eq!(captured("textobjects", "function.outer", funnel), [funnel]);
    assert_eq!(captured("indents", "indent.branch", funnel), ["}"]);
    let defined = captured("locals", "local.definition", "on booking as b -> x: stop");
    assert_eq!(defined, ["b", "x"]);
}
