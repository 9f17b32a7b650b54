//! Every request at every word of every example: each is answered without an error.

use crate::support::editor::{Editor, uri};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Requests about a place.
const AT_A_PLACE: [&str; 7] = [
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/selectionRange",
];

/// Requests about a file.
const ABOUT_A_FILE: [&str; 8] = [
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/documentLink",
    "textDocument/codeLens",
    "textDocument/semanticTokens/full",
    "textDocument/semanticTokens/range",
    "textDocument/inlayHint",
    "textDocument/rangeFormatting",
];

/// The places at which words begin, and the ends of lines.
fn places(text: &str) -> Vec<Value> {
    let kind = |c: char| if c.is_alphanumeric() || c == '_' { 0 } else { u32::from(c) };
    let mut places = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut before = u32::from('\n');
        let mut column = 0;
        for c in line.chars() {
            if kind(c) != before && !c.is_whitespace() {
                places.push(json!({ "line": number, "character": column }));
            }
            before = kind(c);
            column += c.len_utf16();
        }
        places.push(json!({ "line": number, "character": column }));
    }
    places
}

/// Parameters that fit every request.
fn params(uri: &str, place: &Value) -> Value {
    json!({
        "textDocument": { "uri": uri }, "position": place, "positions": [place],
        "range": { "start": { "line": 0, "character": 0 }, "end": place },
        "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 },
        "options": { "tabSize": 2, "insertSpaces": true },
    })
}

#[track_caller]
fn ask(editor: &mut Editor, method: &str, uri: &str, place: &Value) -> Value {
    let answer = editor.ask(method, params(uri, place));
    answer.unwrap_or_else(|fault| panic!("{method} at {place} of {uri}: {fault:?}"))
}

fn funnels(folder: &Path) -> Vec<PathBuf> {
    funnelc::project::files(&[folder.to_owned()]).unwrap()
}

#[test]
fn every_request_is_answered_at_every_word_of_the_examples() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut editor = Editor::memory(&[&examples], &["utf-16"]);
    let (mut words, mut answered) = (0, [0; AT_A_PLACE.len()]);
    for path in funnels(&examples) {
        let (uri, text) = (uri(&path), std::fs::read_to_string(&path).unwrap());
        editor.open(&uri, 1, &text);
        let places = places(&text);
        for place in &places {
            for (kind, method) in AT_A_PLACE.iter().enumerate() {
                let answer = ask(&mut editor, method, &uri, place);
                answered[kind] += usize::from(!answer.is_null() && answer != json!([]));
            }
        }
        words += places.len();
        let last = places.last().unwrap();
        for method in ABOUT_A_FILE {
            assert!(!ask(&mut editor, method, &uri, last).is_null(), "{method} of {uri}");
        }
        ask(&mut editor, "textDocument/formatting", &uri, last);
        ask(&mut editor, "textDocument/codeAction", &uri, last);
    }
    let found = editor.ask("workspace/symbol", json!({ "query": "" })).unwrap();
    assert!(found.as_array().unwrap().len() > 20, "{found}");
    assert!(words > 3000 && answered.iter().all(|answered| *answered > 20), "{words} words, {answered:?}");
    assert!(editor.log.is_empty(), "{:?}", editor.log);
    assert_eq!(editor.leave(), 0);
}
