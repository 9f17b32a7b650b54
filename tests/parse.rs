//! The parser: every text has a tree, and every mistake its own finding.

use funnelc::source::Sources;
use funnelc::syntax::{Parsed, parse};

fn parsed(text: &str) -> Parsed {
    let mut sources = Sources::new();
    let file = sources.add("t.funnel", text);
    parse(&sources, file)
}

fn messages(text: &str) -> Vec<String> {
    parsed(text)
        .diagnostics
        .iter()
        .map(|d| format!("{} {}: {}", d.code.number(), text.get(d.span.range()).unwrap_or("?"), d.message))
        .collect()
}

#[test]
fn the_whole_grammar_parses() {
    for text in [include_str!("parse/ok/tour.funnel"), include_str!("parse/ok/everything.funnel")] {
        assert_eq!(messages(text), Vec::<String>::new());
    }
}
