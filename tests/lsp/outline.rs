//! Requests about files and names: symbols, renaming, semantic tokens, hints, folds, links, lenses and completion.

use super::{at, project, range, write};
use crate::support::editor::{Editor, capabilities, uri};
use serde_json::{Value, json};

fn request(editor: &mut Editor, method: &str, file: &str) -> Value {
    let whole = range((0, 0), (99, 0));
    editor.ask(method, json!({ "textDocument": { "uri": file }, "range": whole })).unwrap()
}

#[test]
fn a_name_is_renamed_in_every_file() {
    let folder = project();
    let (words, ask) = (at(&folder, "words.funnel"), at(&folder, "ask.funnel"));
    let mut editor = Editor::memory(&[folder.path()], &["utf-16"]);
    editor.open(&ask, 4, "on visit -> tag \"😀\" -> send sms hello\n");
    let place = |column: u32| json!({ "textDocument": { "uri": ask }, "position": { "line": 0, "character": column } });
    assert_eq!(editor.ask("textDocument/prepareRename", place(34)).unwrap(), range((0, 33), (0, 38)));
    assert_eq!(editor.ask("textDocument/prepareRename", place(10)).unwrap(), Value::Null);
    let mut to = place(34);
    to["newName"] = json!("greeting");
    let edit = editor.ask("textDocument/rename", to.clone()).unwrap();
    let changes = edit["documentChanges"].as_array().unwrap();
    let of = |uri: &str| changes.iter().find(|change| change["textDocument"]["uri"] == uri).unwrap();
    assert_eq!(of(&ask)["textDocument"]["version"], 4);
    assert_eq!(of(&ask)["edits"], json!([{ "range": range((0, 33), (0, 38)), "newText": "greeting" }]));
    assert_eq!(of(&words)["textDocument"]["version"], Value::Null);
    assert_eq!(of(&words)["edits"], json!([{ "range": range((0, 13), (0, 18)), "newText": "greeting" }]));
    // For an invalid name, the error says why.
    to["newName"] = json!("two words");
    let (code, why) = editor.ask("textDocument/rename", to).unwrap_err();
    assert!(code == -32803 && why.contains("two words"), "{why}");
}

#[test]
fn symbols_are_listed_by_file_and_by_query() {
    let folder = project();
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    let listed = request(&mut editor, "textDocument/documentSymbol", &at(&folder, "words.funnel"));
    assert_eq!((&listed[0]["name"], &listed[0]["selectionRange"]), (&json!("hello"), &range((0, 13), (0, 18))));
    let found = editor.ask("workspace/symbol", json!({ "query": "helo" })).unwrap();
    assert_eq!(found[0]["name"], "hello", "{found}");
    assert_eq!(found[0]["location"]["uri"], at(&folder, "words.funnel"));
    assert_eq!(editor.ask("workspace/symbol", json!({ "query": "nothing" })).unwrap(), json!([]));
}

/// The encoded tokens of a response.
fn numbers(answer: &Value) -> Vec<u64> {
    answer["data"].as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}

#[test]
fn semantic_tokens_are_sent_in_full_by_range_and_as_deltas() {
    let folder = project();
    let file = at(&folder, "words.funnel");
    for encoding in ["utf-8", "utf-16"] {
        let mut editor = Editor::memory(&[folder.path()], &[encoding]);
        editor.open(&file, 1, "# é 😀\ntemplate sms hello = \"Hé {{ client.name }}\" # 😀\nconst x = 1\n");
        let first = request(&mut editor, "textDocument/semanticTokens/full", &file);
        let before = numbers(&first);
        let comment = if encoding == "utf-8" { 9 } else { 6 };
        assert_eq!(before[..3], [0, 0, comment], "{encoding}");
        let part = request(&mut editor, "textDocument/semanticTokens/range", &file);
        assert_eq!(numbers(&part), before);
        let one = json!({ "textDocument": { "uri": file }, "range": range((2, 0), (2, 5)) });
        assert_eq!(numbers(&editor.ask("textDocument/semanticTokens/range", one).unwrap())[..3], [2, 0, 5]);
        editor.change(&file, 2, json!([{ "range": range((2, 0), (2, 0)), "text": "const y = 2\n" }]));
        let mut params = json!({ "textDocument": { "uri": file }, "previousResultId": first["resultId"] });
        let change = editor.ask("textDocument/semanticTokens/full/delta", params.clone()).unwrap();
        let mut patched = before.clone();
        for edit in change["edits"].as_array().unwrap() {
            let number = |key: &str| usize::try_from(edit[key].as_u64().unwrap()).unwrap();
            patched.splice(number("start")..number("start") + number("deleteCount"), numbers(edit));
        }
        assert!(change["edits"][0]["data"].as_array().unwrap().len() < before.len());
        assert_eq!(patched, numbers(&request(&mut editor, "textDocument/semanticTokens/full", &file)));
        // For an unknown result id, all tokens are sent.
        params["previousResultId"] = json!("long ago");
        let whole = editor.ask("textDocument/semanticTokens/full/delta", params).unwrap();
        assert_eq!(numbers(&whole), patched);
    }
}

#[test]
fn hints_folds_links_and_lenses_have_their_ranges() {
    let folder = project();
    let text = "# one\n# two\nfunnel a {\n  on visit\n    -> wait 1d\n    -> send sms file \"long.txt\"\n}\n\
                test \"é\" {\n  client { phone: \"+79990000000\" }\n  at 2026-03-01 10:00 visit { id: \"v\" }\n  expect send sms\n}\n";
    let file = uri(&write(&folder, "outline.funnel", text));
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    let folds = request(&mut editor, "textDocument/foldingRange", &file);
    let folds = folds.as_array().unwrap();
    assert!(folds.iter().any(|fold| fold["startLine"] == 0 && fold["endLine"] == 1 && fold["kind"] == "comment"));
    assert!(folds.iter().any(|fold| fold["startLine"] == 2), "{folds:?}");
    let links = request(&mut editor, "textDocument/documentLink", &file);
    let link = json!({ "range": range((5, 22), (5, 30)), "target": at(&folder, "long.txt") });
    assert_eq!(links, json!([link]));
    let lenses = request(&mut editor, "textDocument/codeLens", &file);
    let command =
        json!({ "title": "run test", "command": "funnelc.runTest", "arguments": [{ "uri": file, "title": "é" }] });
    assert_eq!(lenses, json!([{ "range": range((7, 5), (7, 9)), "command": command }]));
    let arguments = lenses[0]["command"]["arguments"].clone();
    let run = json!({ "command": "funnelc.runTest", "arguments": arguments });
    assert!(editor.ask("workspace/executeCommand", run).unwrap()["passed"].is_boolean());
    let hints = request(&mut editor, "textDocument/inlayHint", &file);
    let lines: Vec<u64> =
        hints.as_array().unwrap().iter().map(|hint| hint["position"]["line"].as_u64().unwrap()).collect();
    assert!(lines.contains(&2), "{hints}");
    // Only hints in the visible range.
    let visible = json!({ "textDocument": { "uri": file }, "range": range((0, 0), (1, 0)) });
    assert_eq!(editor.ask("textDocument/inlayHint", visible).unwrap(), json!([]));
    let places = json!({ "textDocument": { "uri": file }, "positions": [{ "line": 4, "character": 13 }] });
    let parts = editor.ask("textDocument/selectionRange", places).unwrap();
    let mut part = &parts[0];
    let mut depth = 0;
    while !part["parent"].is_null() {
        part = &part["parent"];
        depth += 1;
    }
    assert!(depth > 2 && part["range"]["start"] == json!({ "line": 0, "character": 0 }), "{parts}");
}

#[test]
fn funnels_open_in_the_studio_when_there_is_one() {
    let folder = project();
    let file = uri(&write(&folder, "a.funnel", "funnel a { on visit -> stop }\n"));
    let mut editor = Editor::with(&[folder.path()], capabilities(&["utf-8"]), json!({ "studio": true }));
    let lenses = request(&mut editor, "textDocument/codeLens", &file);
    let arguments = json!([{ "uri": file, "funnel": "a" }]);
    assert_eq!(lenses[0]["command"]["command"], "funnelc.openStudio");
    assert_eq!(lenses[0]["command"]["arguments"], arguments);
}

#[test]
fn completions_are_offered_and_documented() {
    let folder = project();
    let file = at(&folder, "words.funnel");
    let mut editor = Editor::memory(&[folder.path()], &["utf-16"]);
    editor.open(&file, 1, "template sms hello = \"😀 {{ client.na }}\"\n");
    let place = json!({ "textDocument": { "uri": file }, "position": { "line": 0, "character": 37 } });
    let offered = editor.ask("textDocument/completion", place).unwrap();
    let name = offered.as_array().unwrap().iter().find(|item| item["label"] == "name").unwrap();
    assert_eq!(name["textEdit"], json!({ "range": range((0, 35), (0, 37)), "newText": "name" }));
    let docs = editor.ask("completionItem/resolve", name.clone()).unwrap();
    assert_eq!((&docs["label"], docs["documentation"]["kind"].is_null()), (&json!("name"), name["data"].is_null()));
    // Snippets are offered only to editors that support them.
    let begins = json!({ "textDocument": { "uri": file }, "position": { "line": 1, "character": 0 } });
    let snippets = |offered: &Value| offered.as_array().unwrap().iter().any(|item| item["insertTextFormat"] == 2);
    assert!(snippets(&editor.ask("textDocument/completion", begins.clone()).unwrap()));
    let mut plain = Editor::with(&[folder.path()], json!({}), Value::Null);
    let offered = plain.ask("textDocument/completion", begins).unwrap();
    assert!(!snippets(&offered) && !offered.as_array().unwrap().is_empty(), "{offered}");
}
